//! Checks in the order of the rows: drift and dependence make every interval above too narrow.

use super::super::group::GroupStats;
use super::super::object::Object;
use crate::report::aligned;
use crate::report::{escape, format};

/// Fewer values show no trend that a reader should act upon.
const LEAST_N: usize = 6;

/// Ljung and Box's test looks ten values back.
const LEAST_N_OF_LJUNG_BOX: usize = 11;

/// One row per group that is long enough.
pub(super) fn table(object: &Object) -> String {
    let long: Vec<_> = object.groups.iter().filter(|(_, group)| group.n >= LEAST_N).collect();
    if long.is_empty() {
        return String::new();
    }
    let titles = ["in row order", "trend tau", "p", "lag-1", "p Ljung-Box", "p runs"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    rows.extend(long.into_iter().map(|(name, group)| row(name, group)));
    format!("\n{}", aligned(&rows, 1))
}

fn row(name: &str, group: &GroupStats) -> Vec<String> {
    let series = &group.series;
    let none = || format::NONE.to_owned();
    let coefficient = |value: Option<f64>| value.map_or_else(none, |value| format::signed(value, 2));
    let p = |p: Option<f64>| p.map_or_else(none, format::p_value);
    vec![
        escape::name(name),
        coefficient(series.kendall_tau),
        p(series.kendall_p),
        coefficient(series.acf1),
        super::or_needs(series.ljung_box_p.map(format::p_value), group.n, LEAST_N_OF_LJUNG_BOX),
        p(series.runs_p),
    ]
}
