//! The object of one cell.

use super::blocks::{Blocks, DroppedBlock};
use super::group::{GroupStats, describe};
use super::multiple::{Multiple, multiple};
use super::omnibus::{Omnibus, omnibus};
use super::pair::{PairStats, Sides, compare};
use super::settings::{MOST_GROUPS, Settings};
use super::{AnalyseError, notes};
use crate::columns::{Cell, Columns, ExcludedRow, Location, Selection};
use crate::report::escape;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// One cell with its place among the cells.
#[derive(Debug, Clone, Serialize)]
pub struct CellStats {
    /// Column and value of each `--by`.
    #[serde(serialize_with = "in_order")]
    pub by: Vec<(String, String)>,
    /// What was computed.
    #[serde(flatten)]
    pub object: Object,
}

/// Everything about one cell, in the order of the JSON.
#[derive(Debug, Clone, Serialize)]
pub struct Object {
    /// Name and numbers of each group, by first appearance, the baseline first.
    #[serde(serialize_with = "in_order")]
    pub groups: Vec<(String, GroupStats)>,
    /// All pairs of groups.
    pub pairs: Vec<PairStats>,
    /// All groups at once.
    pub omnibus: Omnibus,
    /// p values that answer for all pairs together.
    pub multiple: Multiple,
    /// Margin of equivalence in the unit of the column.
    pub margin: f64,
    /// Rows read, excluded ones among them.
    pub n_rows: usize,
    /// Rows that could not be analysed.
    pub excluded_rows: Vec<Excluded>,
    /// Blocks that lack a group; absent without blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped_blocks: Option<Vec<DroppedBlock>>,
    /// What was subtracted from every value before anything was computed; absent in nearly all files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Location>,
}

/// A row that could not be analysed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl From<&ExcludedRow> for Excluded {
    fn from(row: &ExcludedRow) -> Self {
        Self { line: row.line, reason: row.reason.clone() }
    }
}

/// The JSON with `--by`.
#[derive(Serialize)]
pub(super) struct Cells<'a> {
    pub cells: &'a [CellStats],
    pub excluded_rows: &'a [Excluded],
}

/// What must hold before anything is computed.
pub(super) fn check(
    columns: &Columns,
    selection: &Selection,
    settings: &Settings,
) -> Result<(), AnalyseError> {
    let Some(column) = &selection.group else { return Err(AnalyseError::NoGroupColumn) };
    let groups =
        notes::first_seen(columns.cells.iter().flat_map(|cell| &cell.groups).map(|g| g.name.as_str()));
    let most = columns.cells.iter().map(|cell| cell.groups.len()).max().unwrap_or(0);
    if most > MOST_GROUPS {
        return Err(AnalyseError::TooManyGroups { column: column.clone(), groups: most });
    }
    match &settings.baseline {
        Some(name) if !groups.contains(&name.as_str()) => Err(AnalyseError::NoSuchBaseline {
            name: name.clone(),
            groups: groups.into_iter().map(escape::name).collect(),
        }),
        _ => Ok(()),
    }
}

/// Everything about one cell.
pub(super) fn of_cell(
    cell: &Cell,
    selection: &Selection,
    settings: &Settings,
) -> Result<CellStats, AnalyseError> {
    let by = selection.by.iter().cloned().zip(cell.by.iter().cloned()).collect();
    let mut sorted = cell.clone();
    // Stable: the others keep the order of their first appearance.
    sorted.groups.sort_by_key(|group| settings.baseline.as_ref() != Some(&group.name));
    Ok(CellStats { by, object: object(&sorted, selection.block.is_some(), settings)? })
}

fn object(cell: &Cell, blocked: bool, settings: &Settings) -> Result<Object, AnalyseError> {
    let mut groups = Vec::with_capacity(cell.groups.len());
    for group in &cell.groups {
        if let Some(stats) = describe(&group.values, cell.origin, settings.resampling)? {
            groups.push((group.name.clone(), stats));
        }
    }
    let blocks = blocked.then(|| Blocks::of(cell));
    let design = blocks.as_ref().map(Blocks::complete).transpose()?;
    let values: Vec<&[f64]> = cell.groups.iter().map(|group| group.values.as_slice()).collect();
    let pairs = pairs(cell, blocks.as_ref(), settings)?;
    Ok(Object {
        omnibus: omnibus(&values, design.as_ref())?,
        multiple: multiple(&pairs, &values, design.as_ref())?,
        groups,
        pairs,
        margin: settings.margin(),
        n_rows: cell.n_rows,
        excluded_rows: cell.excluded.iter().map(Excluded::from).collect(),
        dropped_blocks: blocks.map(|blocks| blocks.dropped(cell)),
        origin: cell.origin.map(|origin| Location::new(Some(origin), 0.0)),
    })
}

/// All pairs, a before b.
fn pairs(cell: &Cell, blocks: Option<&Blocks>, settings: &Settings) -> Result<Vec<PairStats>, AnalyseError> {
    let mut pairs = Vec::new();
    for a in 0..cell.groups.len() {
        for b in a + 1..cell.groups.len() {
            let in_blocks = blocks.map(|blocks| blocks.pair(a, b));
            let sides = Sides {
                a: &cell.groups[a],
                b: &cell.groups[b],
                in_blocks,
                has_origin: cell.origin.is_some(),
            };
            pairs.push(compare(&sides, settings)?);
        }
    }
    Ok(pairs)
}

/// A map whose keys keep their order.
fn in_order<T: Serialize, S: Serializer>(entries: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}
