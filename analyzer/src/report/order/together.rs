//! The table of what is judged over the cells of the run together.

use super::sentence::by;
use super::{format, marked, words};
use crate::analysis::{Analysis, LEAST_BLOCKS, Of, Place, Tested, Together};
use crate::report::escape;

pub(super) fn table(analysis: &Analysis) -> String {
    let titles = [
        "over all cells together",
        "cells",
        "blocks",
        "drift: tau",
        "p",
        "step between blocks",
        "by",
        "p",
        "shown four in five times from",
    ];
    let rows = analysis.order.together.iter().map(|one| words::row(&row(analysis, one)));
    let table = rows.fold(words::head(&titles, 1), |table, row| table + &row);
    format!(
        "{table}\nA block runs through all cells before the next begins, so block k of all cells is one round. A round's score is the mean \
         over arms and cells of how far a value lies from the mean of its arm in its cell, in standard deviations, with values beyond \
         Tukey's inner fences set onto the fence. Drift: Kendall's tau of the scores. Step: the place at which two levels fit best \
         (Alexandersson 1986), at least two blocks on either side, p from series without a step; its size is the median difference \
         within arms and cells. The last column is a step in mid-run.\n\n"
    )
}

fn row(analysis: &Analysis, one: &Together) -> [String; 9] {
    let none = || format::NONE.to_owned();
    let name = match &one.of {
        Of::Efficiency => "efficiency".to_owned(),
        Of::TimeAlone => "time alone".to_owned(),
        Of::CpuPerToken => "CPU per token".to_owned(),
        Of::Difference(arm) => {
            format!("{} minus {}", escape::markdown(arm), escape::markdown(&analysis.settings.baseline))
        }
    };
    let p = |test: Tested| match test.p {
        None if one.blocks < LEAST_BLOCKS => format!("needs >= {LEAST_BLOCKS} blocks"),
        _ => marked(test),
    };
    let between = |place: &Place| match place.blocks {
        (before, after) if before == after => format!("in {before}"),
        (before, after) => format!("{before} and {after}"),
    };
    let [drift, step] = one.tests;
    [
        name,
        one.cells.to_string(),
        one.blocks.to_string(),
        one.tau.map_or_else(none, |tau| format::signed(tau, 2)),
        p(drift),
        one.place.as_ref().map_or_else(none, between),
        one.place.as_ref().map_or_else(none, |place| by(&one.of, place.size)),
        p(step),
        one.visible.map_or_else(none, |least| by(&one.of, least).trim_start_matches('+').to_owned()),
    ]
}
