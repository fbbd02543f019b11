//! Section: what the published efficiency measures.

use super::text::{paragraph, tier_heading};
use crate::report::{escape, format, words};
use crate::tr115::reading::Reading;
use crate::tr115::study::{EQUAL_WALL, Sharing};

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## What the efficiency measured\n\n".to_owned();
    text += &paragraph(
        "The study's efficiency is (a + b) / 2W: a and b are the durations of the two agents inside the run, W is the \
         run's wall time. Tandem reports this number as ratio_tr115. When the agents overlap and W is the longer of \
         the two, it is 50 (a + b) / max(a, b) percent: 100 % for equal durations, 75 % when one agent takes twice as long, on any \
         runtime. When they take turns W is a + b, and it is 50 %.",
    );
    text += &paragraph(&format!(
        "Whether the agents overlapped is read from each run: W within {} % of max(a, b), or of a + b.",
        format::trimmed(EQUAL_WALL * 100.0)
    ));
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        text += &words::head(
            &[
                "runtime",
                "runs: overlapping / one by one / unclear",
                "max(a, b) / W",
                "(a + b) / W",
                "efficiency, median %",
                "from 50 (a + b) / max(a, b): median, largest, pp",
                "from 50 (a + b) / W: largest, pp",
            ],
            1,
        );
        for entry in &tier.identities {
            let [overlapping, serialised, unclear] = entry.runs;
            let ends =
                |(low, high): (f64, f64)| format!("{} to {}", format::fixed(low, 4), format::fixed(high, 4));
            text += &words::row(&[
                escape::markdown(&entry.runtime),
                format!("{overlapping} / {serialised} / {unclear}"),
                ends(entry.longer_to_wall),
                ends(entry.sum_to_wall),
                format::percent(entry.efficiency),
                format!("{}, {}", pp(entry.apart.0), pp(entry.apart.1)),
                pp(entry.from_ratio),
            ]);
        }
        text += "\n";
        for entry in &tier.identities {
            if tier.tier.sharing_of(&entry.runtime) == Sharing::Serialised {
                text += &paragraph(&format!(
                    "{}: the identity fails, by up to {} pp, because its agents did not overlap. W is the sum of their \
                     durations, so (a + b) / 2W is one half whatever they were.",
                    escape::name(&entry.runtime),
                    pp(entry.apart.1)
                ));
            }
        }
    }
    text
}

/// A size in percentage points, three decimals.
fn pp(value: f64) -> String {
    format::fixed(value * 100.0, 3)
}
