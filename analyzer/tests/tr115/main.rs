//! The published study's data: the figures that are known of them, the committed report, and what the page says of
//! other data.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

mod altered;
mod charts;
mod command;
mod files;
mod known;

use analyzer::tr115::reading::{Reading, read};
use analyzer::tr115::study::Study;
use analyzer::tr115::{MARGIN, load, render};
use std::path::{Path, PathBuf};

/// The root of the workspace.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The published `runs.csv`.
fn published() -> PathBuf {
    workspace().join("data/reference/tr115/runs.csv")
}

/// The study's two files as tables that a test may change.
#[derive(Clone)]
struct Files {
    runs: Table,
    calls: Table,
}

/// A CSV file in memory.
#[derive(Clone)]
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Table {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let texts = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = texts(reader.headers().unwrap());
        Table { header, rows: reader.records().map(|record| texts(&record.unwrap())).collect() }
    }

    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap()
    }

    /// Changes the value of a column in every row that the condition picks by another column.
    fn set(&mut self, picked: &[(&str, &str)], column: &str, change: impl Fn(&str) -> String) {
        let picked: Vec<(usize, &str)> =
            picked.iter().map(|(name, value)| (self.column(name), *value)).collect();
        let column = self.column(column);
        let mut changed = 0;
        for row in &mut self.rows {
            if picked.iter().all(|(at, value)| row[*at] == *value) {
                row[column] = change(&row[column]);
                changed += 1;
            }
        }
        assert!(changed > 0, "nothing was changed");
    }

    fn keep(&mut self, column: &str, wanted: impl Fn(&str) -> bool) {
        let at = self.column(column);
        self.rows.retain(|row| wanted(&row[at]));
    }

    fn write(&self, path: &Path) {
        let mut writer = csv::Writer::from_path(path).unwrap();
        writer.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
    }
}

impl Files {
    fn published() -> Files {
        Files {
            runs: Table::read(&published()),
            calls: Table::read(&published().with_file_name("calls.csv")),
        }
    }

    /// Both tables changed alike.
    fn both(&mut self, change: impl Fn(&mut Table)) {
        change(&mut self.runs);
        change(&mut self.calls);
    }

    fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join("runs.csv");
        self.runs.write(&path);
        self.calls.write(&folder.join("calls.csv"));
        path
    }

    fn study(&self) -> Study {
        let folder = tempfile::tempdir().unwrap();
        load(&self.write(folder.path())).unwrap()
    }

    /// The page; nothing on it is a number gone wrong.
    fn page(&self) -> String {
        let study = self.study();
        page(&read(&study, MARGIN).unwrap())
    }
}

fn page(reading: &Reading) -> String {
    let charts = analyzer::charts::tr115::draw_all(reading).unwrap();
    let page = render(reading, &charts, "a test");
    // The list of lines left out quotes what they hold.
    let computed = page.split("### Left out").next().unwrap();
    for text in charts.iter().map(|chart| chart.svg.as_str()).chain([computed]) {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            assert!(!matches!(word, "NaN" | "inf" | "infinity" | "Some" | "None"), "{word} in:\n{text}");
        }
    }
    page
}

/// The sentences above the first section.
fn answer(page: &str) -> &str {
    page.split("\n## ").next().unwrap()
}
