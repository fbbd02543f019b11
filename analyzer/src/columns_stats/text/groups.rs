//! The table of the groups.

use super::super::group::GroupStats;
use super::super::object::Object;
use super::scale::Scale;
use crate::report::aligned;
use crate::report::{escape, format};
use crate::stats::quantile;

pub(super) fn table(object: &Object, scale: Scale) -> String {
    let titles = ["group", "n", "mean [95 %]", "median [95 %]", "sd", "min", "max", "p95", "flagged"];
    let mut rows = vec![titles.map(str::to_owned).to_vec()];
    rows.extend(object.groups.iter().map(|(name, group)| row(name, group, scale)));
    let mut text = aligned(&rows, 1);
    if object.groups.iter().any(|(_, group)| flagged(group) > 0) {
        text += "  flagged: beyond 1.5 interquartile ranges from the quartiles; none is left out\n";
    }
    text
}

fn row(name: &str, group: &GroupStats, scale: Scale) -> Vec<String> {
    let least = quantile::LEAST_N_OF_AN_INTERVAL;
    vec![
        escape::name(name),
        group.n.to_string(),
        scale.with(group.mean, group.t_ci, group.n, 2),
        scale.with(group.median, group.median_ci, group.n, least),
        super::or_needs(group.sd.map(|sd| scale.show(sd)), group.n, 2),
        scale.locate(group.min),
        scale.locate(group.max),
        super::or_needs((group.n >= least).then(|| scale.locate(group.quantiles.p95)), group.n, least),
        group.outliers.tukey_1_5.map_or_else(|| format::NONE.to_owned(), |count| count.to_string()),
    ]
}

fn flagged(group: &GroupStats) -> usize {
    group.outliers.tukey_1_5.unwrap_or(0)
}
