//! Every token, from the raw stamps of runs that keep them.

use super::Figure;
use super::sample::{Panel, Sample, source_in_words};
use crate::analysis::{Analysis, Cell};
use crate::report::format;
use crate::tokens::{Added, LogBins};
use std::collections::BTreeSet;

/// What the client added in the trials of one arm that keep stamps.
type Trials<'a> = (&'a str, Vec<&'a Added>);

/// The tokens of a cell's counted trials; none where an arm has no trial whose stamps tell delays: all arms are shown
/// by the same kind of data.
pub(super) fn figure<'a>(analysis: &'a Analysis, cell: &'a Cell) -> Option<Figure<'a>> {
    let of_trial = |place: &usize| analysis.run.trials.get(*place)?.tokens.as_ref()?.added.as_ref();
    let counted = || cell.arms.iter().filter(|arm| !arm.counted.is_empty());
    let arms: Vec<Trials> = counted()
        .map(|arm| (arm.label.as_str(), arm.counted.iter().filter_map(of_trial).collect()))
        .collect();
    if arms.is_empty() || arms.iter().any(|(_, trials)| trials.is_empty()) {
        return None;
    }
    let all: usize = counted().map(|arm| arm.counted.len()).sum();
    let there: usize = arms.iter().map(|(_, trials)| trials.len()).sum();
    let panel = |title, noun: &'static str, of: fn(&Added) -> &LogBins| {
        let trials = arms.iter().flat_map(|(_, trials)| trials);
        let sources: BTreeSet<&str> = trials.map(|added| source_in_words(added.source)).collect();
        let counted = |count| format::plural(count, noun);
        let without = (there < all).then(|| format!("{} of {all} trials without stamps", all - there));
        Panel::new(title, pooled(&arms, of), counted, sources, without)
    };
    let panels = vec![
        panel("Delay: every token", "token", |added| &added.delays),
        panel("Gap error: every gap", "gap", |added| &added.gap_errors),
    ];
    Some(Figure {
        most: panels[0].samples.iter().map(Sample::count).max().unwrap_or(0),
        labels: arms.iter().map(|(label, _)| *label).collect(),
        panels,
        unit: "token",
        caption: "Look for a curve to the right of the others (its tokens come later) and for one that bends right at \
                  the top (a slow tail). From the raw stamps that this run keeps: all tokens of the concurrent phase, \
                  pooled over agents and trials, each value to within 0.4 %. A gap error is how far a gap as the agent \
                  saw it is from the same gap between the stamps that the delays are counted from.",
    })
}

/// The trials of each arm as one sample.
fn pooled<'a>(arms: &[Trials<'a>], of: fn(&Added) -> &LogBins) -> Vec<Sample<'a>> {
    let pool = |(label, trials): &Trials<'a>| {
        let mut bins = LogBins::default();
        trials.iter().for_each(|added| bins.merge(of(added)));
        Sample::of_counts(label, bins.values())
    };
    arms.iter().filter_map(pool).collect()
}
