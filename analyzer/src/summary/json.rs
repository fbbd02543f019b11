//! The summary as one JSON object; what does not exist is null.

use super::{CellSummary, Summaries, Summary};
use crate::columns::{ExcludedRow, Location, Origin};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

impl Summaries {
    /// One object in one line: `{"groups", "n_rows", "excluded_rows"}`, with `by` columns
    /// `{"cells": [{"by", …}], "excluded_rows"}`.
    pub fn json(&self) -> String {
        let columns = &self.selection.by;
        let excluded_rows = excluded(&self.excluded);
        let mut cells: Vec<_> = self.cells.iter().map(|cell| CellObject::of(cell, columns)).collect();
        let text = match (columns.is_empty(), cells.pop()) {
            (true, Some(only)) => serde_json::to_string(&only),
            (_, last) => {
                cells.extend(last);
                serde_json::to_string(&FileObject { cells, excluded_rows })
            }
        };
        text.expect("names and finite numbers are always JSON") + "\n"
    }
}

#[derive(Serialize)]
struct FileObject<'a> {
    cells: Vec<CellObject<'a>>,
    excluded_rows: Vec<ExcludedObject<'a>>,
}

#[derive(Serialize)]
struct CellObject<'a> {
    #[serde(skip_serializing_if = "Map::is_empty")]
    by: Map<'a, &'a str>,
    groups: Map<'a, SummaryObject>,
    n_rows: usize,
    excluded_rows: Vec<ExcludedObject<'a>>,
}

/// A summary on the scale of its column.
#[derive(Serialize)]
struct SummaryObject {
    n: usize,
    mean: Location,
    sd: Option<f64>,
    min: Location,
    max: Location,
    median: Location,
    p95: Location,
}

impl SummaryObject {
    fn of(summary: &Summary, origin: Option<Origin>) -> SummaryObject {
        let at = |above| Location::new(origin, above);
        SummaryObject {
            n: summary.n,
            mean: at(summary.mean),
            sd: summary.sd,
            min: at(summary.min),
            max: at(summary.max),
            median: at(summary.median),
            p95: at(summary.p95),
        }
    }
}

#[derive(Serialize)]
struct ExcludedObject<'a> {
    line: u64,
    reason: &'a str,
}

impl<'a> CellObject<'a> {
    fn of(cell: &'a CellSummary, columns: &'a [String]) -> CellObject<'a> {
        CellObject {
            by: Map(columns.iter().zip(&cell.by).map(|(column, value)| (&**column, &**value)).collect()),
            groups: Map((cell.groups.iter())
                .map(|(name, s)| (&**name, SummaryObject::of(s, cell.origin)))
                .collect()),
            n_rows: cell.n_rows,
            excluded_rows: excluded(&cell.excluded),
        }
    }
}

fn excluded(rows: &[ExcludedRow]) -> Vec<ExcludedObject<'_>> {
    rows.iter().map(|row| ExcludedObject { line: row.line, reason: &row.reason }).collect()
}

/// An object whose keys keep their order.
struct Map<'a, V>(Vec<(&'a str, V)>);

impl<V> Map<'_, V> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V: Serialize> Serialize for Map<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            object.serialize_entry(key, value)?;
        }
        object.end()
    }
}
