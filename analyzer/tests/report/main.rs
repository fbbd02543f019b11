//! A report from made-up rows, end to end and in its parts.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

#[path = "../common/mod.rs"]
mod common;

mod browser;
mod calibration;
mod charts;
mod checks;
mod command;
mod differs;
mod elsewhere;
mod end_to_end;
mod exploratory;
mod factorial;
mod files;
mod fingerprints;
mod first_sentence;
mod floor;
mod formulas;
mod goodput;
mod hostile_text;
mod hypotheses;
mod many_cells;
mod micro;
mod odd_runs;
mod open_loop;
mod order_checks;
mod page;
mod power_section;
mod predictions;
mod report_workload;
mod runtime;
mod servers;
mod streams;
mod summary_json;
mod tags;
mod tokens;

use analyzer::analysis::{Analysis, Settings, analyse};
use analyzer::charts::draw_all;
use analyzer::load::{Run, load};
use analyzer::predictions::{embedded, judge_all};
use analyzer::report::{
    ReportRequest, caveats, first_sentence as sentence, own_error, render, verdict_table, what_differs,
};
use common::Synthetic;
use std::path::Path;

/// Writes the run to a folder and reads it back.
fn read_back(run: &Synthetic) -> Run {
    let folder = tempfile::tempdir().unwrap();
    load(&run.write(folder.path())).unwrap()
}

/// Runs everything that makes text on a data set and hands the analysis to the check.
fn with_analysis(run: &Synthetic, check: impl FnOnce(&Analysis)) {
    let run = read_back(run);
    let settings = Settings::new(&run.manifest, None, None, None).unwrap();
    let analysis = analyse(&run, settings).unwrap();
    let charts = draw_all(&analysis).unwrap();
    let page = page(&analysis);
    let texts = [
        sentence(&analysis),
        what_differs(&analysis),
        own_error(&analysis),
        caveats(&analysis).unwrap_or_default(),
        verdict_table(&analysis),
        page,
    ];
    for text in texts.iter().chain(charts.iter().map(|chart| &chart.svg)) {
        let words = text.split(|c: char| !c.is_alphanumeric());
        for word in words {
            assert!(!matches!(word, "NaN" | "inf" | "infinity" | "Some"), "{word} in:\n{text}");
        }
    }
    check(&analysis);
}

/// The page of an analysis, with the study's predictions.
fn page(analysis: &Analysis) -> String {
    let hypotheses = embedded().unwrap();
    let judged = judge_all(analysis, &hypotheses).unwrap();
    render(analysis, &judged, &draw_all(analysis).unwrap(), "analyzer report")
}

/// The page of a data set.
fn page_of(run: &Synthetic) -> String {
    let mut text = String::new();
    with_analysis(run, |analysis| text = page(analysis));
    text
}

/// Asserts that the page of a data set holds a text.
fn expect_on_page(run: &Synthetic, wanted: &str) {
    let page = page_of(run);
    let page = page.replace("&#58;", ":");
    assert!(page.contains(wanted), "wanted {wanted:?} in {page}");
}

fn request(runs: &Path, out: &Path) -> ReportRequest {
    ReportRequest {
        named: None,
        runs: runs.to_owned(),
        out: out.to_owned(),
        baseline: None,
        margin: None,
        seed: None,
        slo_ttft_ms: None,
        slo_itl_ms: None,
        hypotheses: None,
        command: None,
    }
}
