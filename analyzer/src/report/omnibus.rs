//! All arms of a cell at once, and all pairs.

use super::{escape, format, words};
use crate::analysis::{Cell, Omnibus};
use crate::stats::verdict::LEAST_N;

/// Lines of a cell's details; none where fewer than two arms could be compared.
pub(super) fn lines(cell: &Cell) -> String {
    let Some(found) = &cell.omnibus else { return String::new() };
    format!("{}\n\n{}", escape::sentence(&sentence(found)), pairs(found))
}

fn sentence(found: &Omnibus) -> String {
    let blocks = format::plural(found.blocks, "complete block");
    let arms = format::plural(found.arms.len(), "arm");
    if found.blocks < LEAST_N {
        return format!("All {arms} at once: needs >= {LEAST_N} complete blocks, has {}.", found.blocks);
    }
    let variance = found.rcbd.map(|test| {
        format!(
            "randomised-block F({}, {}) = {}, p {}; without blocks the same precision would take {} times the trials",
            test.df1,
            test.df2,
            format::significant(test.f),
            equals(test.p),
            format::significant(test.relative_efficiency),
        )
    });
    let ranks = found.friedman.map(|test| {
        let form = test.iman_davenport.map(|form| {
            format!(
                ", in Iman and Davenport's form F({}, {}) = {}, p {}",
                form.df1,
                form.df2,
                format::significant(form.f),
                equals(form.p)
            )
        });
        format!(
            "Friedman's chi-squared({}) = {}, p {}{}",
            test.df,
            format::significant(test.chi2),
            equals(test.p),
            form.unwrap_or_default()
        )
    });
    let said: Vec<String> = variance.into_iter().chain(ranks).collect();
    let said = if said.is_empty() { "no variation to test".to_owned() } else { said.join("; ") };
    format!("All {arms} at once, over {blocks}: {said}.")
}

/// `= 0.012` or `< 0.0001`.
fn equals(p: f64) -> String {
    let text = format::p_value(p);
    if text.starts_with('<') { text } else { format!("= {text}") }
}

fn pairs(found: &Omnibus) -> String {
    if found.pairs.is_empty() {
        return String::new();
    }
    let titles = ["pair", "mean difference, pp [95 % for all pairs together]", "Tukey p"];
    let mut table = words::head(&titles, 1);
    for pair in &found.pairs {
        let name = |place: usize| found.arms.get(place).map(String::as_str).unwrap_or_default();
        table += &words::row(&[
            format!("{} minus {}", escape::markdown(name(pair.b)), escape::markdown(name(pair.a))),
            format::difference_pp(Some(pair.diff), Some(pair.ci), format::LEAST_N),
            format::p_value(pair.p),
        ]);
    }
    format!("{table}\nAll pairs by Tukey's test on the blocks: exploratory, no verdict rests on these.\n\n")
}
