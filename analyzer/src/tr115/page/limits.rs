//! Section: what cannot be computed without solo runs.

use super::text::{paragraph, tier_heading};
use crate::report::{escape, format, words};
use crate::tr115::reading::Reading;

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## What cannot be computed without solo runs\n\n".to_owned();
    text += &paragraph(
        "Tandem's efficiency is E = (S_a + S_b) / 2W, S being each agent's duration alone. It is exactly balance × overlap × \
         isolation. These files hold the durations inside the run, C_a and C_b, and W, but no S.",
    );
    let estimated =
        reading.tiers.iter().any(|tier| tier.decoding.as_ref().is_some_and(|d| d.by_rate.is_some()));
    let estimate = if estimated { "no; the section above estimates it" } else { "no" };
    text += &words::head(&["quantity", "formula", "from these files"], 3);
    for (quantity, formula, answer) in [
        ("ratio_tr115", "(C_a + C_b) / 2W", "yes: the published efficiency"),
        ("overlap", "max C / W", "yes, in the table below"),
        ("balance", "(S_a + S_b) / (2 max S)", "no: whether the work was equal shows in S only"),
        ("isolation", "max S / max C", "no: the slowing by the other agent is what it measures"),
        ("efficiency E", "(S_a + S_b) / 2W", estimate),
        (
            "balance of the durations together",
            "(C_a + C_b) / (2 max C)",
            "yes, but it mixes balance and slowing, and is the ratio itself where overlap is 1",
        ),
    ] {
        text += &words::row(&[quantity, formula, answer].map(escape::sentence));
    }
    text += "\n";
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        text += &words::head(&["runtime", "runs", "overlap, least to largest"], 1);
        for entry in &tier.identities {
            text += &words::row(&[
                escape::markdown(&entry.runtime),
                entry.runs.iter().sum::<usize>().to_string(),
                format!(
                    "{} to {}",
                    format::fixed(entry.longer_to_wall.0, 4),
                    format::fixed(entry.longer_to_wall.1, 4)
                ),
            ]);
        }
        text += "\n";
    }
    text
}
