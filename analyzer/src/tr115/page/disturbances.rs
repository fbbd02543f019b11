//! Section: runs that something outside them slowed.

use super::text::{paragraph, run_name};
use crate::report::{escape, format, words};
use crate::tr115::flags::{Disturbed, SLOW_FACTOR, STALL_MS};
use crate::tr115::reading::Reading;

pub(super) fn section(reading: &Reading) -> String {
    let all: Vec<(&str, &Disturbed)> = reading
        .tiers
        .iter()
        .flat_map(|tier| tier.flags.disturbed.iter().map(|found| (tier.tier.name.as_str(), found)))
        .collect();
    if all.is_empty() {
        return String::new();
    }
    let mut text = "## Runs slowed from outside\n\n".to_owned();
    text += &paragraph(&format!(
        "{}: a first token that came over {} s late for no reason that the server tells, or, in a run whose agents took \
         turns, decoding that took over {} times the median per token of such runs. The rate is told by the server: where \
         nobody else of the run was there to share it, something outside the run used the server or its GPU.",
        format::plural(all.len(), "run"),
        format::trimmed(STALL_MS / 1000.0),
        format::trimmed(SLOW_FACTOR),
    ));
    text += &words::head(
        &[
            "tier",
            "run",
            "stalled calls",
            "longest stall, s",
            "slow calls",
            "slowest, ms/token",
            "efficiency, %",
        ],
        2,
    );
    for (tier, found) in all {
        let worst = |(calls, worst): (usize, f64), unit: f64, decimals: usize| {
            if calls == 0 { format::NONE.to_owned() } else { format::fixed(worst / unit, decimals) }
        };
        text += &words::row(&[
            escape::markdown(tier),
            escape::sentence(&run_name(found.run)),
            found.stalled.0.to_string(),
            worst(found.stalled, 1000.0, 1),
            found.slow.0.to_string(),
            worst(found.slow, 1.0, 1),
            format::percent(found.run.efficiency),
        ]);
    }
    text + "\n"
}
