//! Random tables, written with random quotes and line ends, against the rules applied one row after the other.

use super::super::{Cell, Columns, ColumnsError, ExcludedRow, Group, Selection};
use super::{read_text, selection};
use proptest::prelude::*;

const WIDTH: usize = 5;
const HEADER: &str = "value,group,block,by,note";
const NAMES: [&str; 7] = ["a", "b,c", "d\"e", "f\r\ng", "", " ", "é"];

/// Cells of the value column with what becomes of them.
const VALUES: [(&str, Result<f64, &str>); 9] = [
    ("1.5", Ok(1.5)),
    (" 2\t", Ok(2.0)),
    ("-3e2", Ok(-300.0)),
    ("\n7", Ok(7.0)),
    ("", Err("value is blank")),
    ("NaN", Err("value is NaN")),
    ("-inf", Err("value is infinite")),
    ("1e200", Err("value is over 1e100 in magnitude: \"1e200\"")),
    ("1,5", Err("value is not a number: \"1,5\"")),
];

#[derive(Debug, Clone)]
struct Row {
    value: usize,
    names: Vec<usize>,
    /// Cells, mostly as many as the header has.
    cells: usize,
    quoted: bool,
    crlf: bool,
    blank_lines: usize,
}

impl Row {
    fn cells(&self) -> Vec<&'static str> {
        let names = self.names.iter().map(|&at| NAMES[at]);
        [VALUES[self.value].0].into_iter().chain(names).take(self.cells).collect()
    }

    fn text(&self) -> String {
        let write = |cell: &str| {
            let needed = cell.contains(['"', ',', '\r', '\n']) || self.cells == 1;
            if needed || self.quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
        };
        self.cells().into_iter().map(write).collect::<Vec<_>>().join(",")
    }

    fn line_end(&self) -> &'static str {
        if self.crlf { "\r\n" } else { "\n" }
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let names = prop::collection::vec(0..NAMES.len(), WIDTH);
    let cells = prop_oneof![9 => Just(WIDTH), 1 => 1..=WIDTH + 1];
    let row = (0..VALUES.len(), names, cells, prop::bool::weighted(0.2), any::<bool>(), 0usize..2);
    let row = row.prop_map(|(value, names, cells, quoted, crlf, blank_lines)| Row {
        value,
        names,
        cells,
        quoted,
        crlf,
        blank_lines,
    });
    prop::collection::vec(row, 0..40)
}

/// The table as text, and the line on which each row begins.
fn write(rows: &[Row]) -> (String, Vec<u64>) {
    let mut text = format!("{HEADER}\n");
    let mut lines = Vec::new();
    for row in rows {
        text += &row.line_end().repeat(row.blank_lines);
        lines.push(text.matches('\n').count() as u64 + 1);
        text += &row.text();
        text += row.line_end();
    }
    (text, lines)
}

/// The rules of [`super::super::read`], as they are documented.
fn model(rows: &[Row], lines: &[u64], selection: &Selection) -> Columns {
    let mut columns = Columns { cells: Vec::new(), excluded: Vec::new() };
    let mut taken: Vec<(Vec<&str>, &str, &str, u64)> = Vec::new();
    let mut block_order: Vec<&str> = Vec::new();
    for (row, &line) in rows.iter().zip(lines) {
        let cells = row.cells();
        let ragged = cells.len() != WIDTH;
        let exclude = |reason: String| ExcludedRow { line, reason };
        let wrong_length = || {
            let plural = if cells.len() == 1 { "" } else { "s" };
            format!("{} cell{plural}, the header has {WIDTH}", cells.len())
        };
        if ragged {
            columns.excluded.push(exclude(wrong_length()));
            continue;
        }
        let by: Vec<&str> = if selection.by.is_empty() { Vec::new() } else { vec![cells[3], cells[4]] };
        let at = columns.cells.iter().position(|cell| cell.by == by).unwrap_or_else(|| {
            let by = by.iter().map(|&name| name.to_owned()).collect();
            columns.cells.push(Cell {
                by,
                origin: None,
                groups: vec![],
                blocks: vec![],
                n_rows: 0,
                excluded: vec![],
            });
            columns.cells.len() - 1
        });
        let cell = &mut columns.cells[at];
        cell.n_rows += 1;
        let name = if selection.group.is_some() { cells[1] } else { "value" };
        if !name.trim().is_empty() && !cell.groups.iter().any(|group| group.name == name) {
            cell.groups.push(Group { name: name.to_owned(), values: vec![], blocks: vec![] });
        }
        let earlier = taken.iter().find(|(b, g, block, _)| (b, *g, *block) == (&by, name, cells[2]));
        let reason = match (VALUES[row.value].1, earlier) {
            _ if name.trim().is_empty() => Some("group is blank".to_owned()),
            (Err(reason), _) => Some(reason.to_owned()),
            _ if selection.block.is_some() && cells[2].trim().is_empty() => Some("block is blank".to_owned()),
            (_, Some((_, _, _, first))) if selection.block.is_some() => {
                Some(format!("repeats line {first}: one value per block and group"))
            }
            _ => None,
        };
        match (reason, VALUES[row.value].1) {
            (Some(reason), _) => cell.excluded.push(exclude(reason)),
            (None, value) => {
                let group = cell.groups.iter_mut().find(|group| group.name == name).unwrap();
                group.values.push(value.unwrap());
                if selection.block.is_some() {
                    if !block_order.contains(&cells[2]) {
                        block_order.push(cells[2]);
                    }
                    taken.push((by, name, cells[2], line));
                    // The file's number for now.
                    group
                        .blocks
                        .push(block_order.iter().position(|block| *block == cells[2]).unwrap() as u32);
                }
            }
        }
    }
    for cell in &mut columns.cells {
        cell.groups.retain(|group| !group.values.is_empty());
        let used = |number: &u32| cell.groups.iter().any(|group| group.blocks.contains(number));
        let numbers: Vec<u32> = (0..block_order.len() as u32).filter(used).collect();
        cell.blocks = numbers.iter().map(|&number| block_order[number as usize].to_owned()).collect();
        for block in cell.groups.iter_mut().flat_map(|group| &mut group.blocks) {
            *block = numbers.iter().position(|number| number == block).unwrap() as u32;
        }
    }
    if selection.by.is_empty() && columns.cells.len() == 1 {
        let cell = &mut columns.cells[0];
        cell.n_rows += columns.excluded.len();
        cell.excluded.append(&mut columns.excluded);
        cell.excluded.sort_by_key(|row| row.line);
    }
    columns
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn every_row_is_used_or_excluded_as_documented(
        rows in rows(),
        with_group in any::<bool>(),
        with_block in any::<bool>(),
        with_by in any::<bool>(),
        size in 1usize..400,
        threads in 1usize..4,
    ) {
        let (text, lines) = write(&rows);
        let by: &[&str] = if with_by { &["by", "note"] } else { &[] };
        let selection =
            selection("value", with_group.then_some("group"), with_block.then_some("block"), by);
        let expected = model(&rows, &lines, &selection);
        let has_value = expected.cells.iter().any(|cell| !cell.groups.is_empty());
        match read_text(text.as_bytes(), size, threads, &selection) {
            Ok(columns) => prop_assert_eq!(columns, expected),
            Err(ColumnsError::NoRows(_)) => prop_assert!(rows.is_empty()),
            Err(ColumnsError::NoUsableRow { n_rows, line, .. }) => {
                prop_assert!(!has_value && n_rows == rows.len() && line == lines[0]);
            }
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }
}
