//! Section: time to the first token.

use super::text::{NO_CALLS, paragraph, tier_heading};
use crate::report::{escape, format, words};
use crate::tr115::first_token::Stage;
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::Sharing;

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## Time to the first token\n\n".to_owned();
    if reading.study.rows.1.is_none() {
        return text + &paragraph(NO_CALLS);
    }
    text += &paragraph(
        "Calls with a final record. \"Unexplained\" is what is left of the time to the first token when the server's own \
         load and prompt times are taken off: connection, queue, and whatever the client adds. The first call of an agent also opens its connection. The latest is the overlapping \
         runtime with the largest median of it; the shift against each other runtime is the Hodges-Lehmann estimate with \
         its 95 % interval (exploratory, not adjusted).",
    );
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        for stage in &tier.stages {
            text += &table(stage);
        }
        text += &paragraph(&conclusion(tier));
    }
    text
}

fn table(stage: &Stage) -> String {
    let mut text = format!("Stage {}:\n\n", escape::markdown(&stage.name));
    text += &words::head(
        &[
            "runtime",
            "calls",
            "first token, median ms",
            "unexplained, median ms",
            "the latest minus it: medians, ms",
            "shift, ms [95 %]",
            "Cliff's delta",
        ],
        1,
    );
    for row in &stage.rows {
        let versus = stage.versus.iter().find(|v| v.other == row.runtime);
        let none = || format::NONE.to_owned();
        let mark = if row.sharing == Sharing::Serialised {
            " (agents took turns)"
        } else if Some(&row.runtime) == stage.latest.as_ref() {
            " (latest)"
        } else {
            ""
        };
        text += &words::row(&[
            format!("{}{mark}", escape::markdown(&row.runtime)),
            row.values.len().to_string(),
            format::fixed(row.ttft, 0),
            format::fixed(row.unexplained, 1),
            versus.map_or_else(none, |v| format::signed(v.medians, 1)),
            versus.map_or_else(none, |v| {
                let ci = v.shift.ci.map_or("[none]".to_owned(), |ci| format::interval(ci, 1.0, 1));
                format!("{} {ci}", format::signed(v.shift.value, 1))
            }),
            versus.map_or_else(none, |v| format::fixed(v.cliffs, 3)),
        ]);
    }
    text + "\n"
}

fn conclusion(tier: &TierReading) -> String {
    let Some((runtime, unseen)) = &tier.latest else {
        return "No runtime is clearly the latest in every stage.".to_owned();
    };
    let name = escape::name(runtime);
    let mut text = format!("{name} is clearly later than every other overlapping runtime in every stage.");
    let tokens: Vec<(f64, f64)> = tier.stages.iter().filter_map(Stage::in_tokens).collect();
    let low = tokens.iter().map(|t| t.0).reduce(f64::min);
    let high = tokens.iter().map(|t| t.1).reduce(f64::max);
    if let (Some(low), Some(high)) = (low, high) {
        text += &format!(
            " At the rate of the same stage, its delay is {} to {} tokens.",
            format::fixed(low, 1),
            format::fixed(high, 1)
        );
        // A range of a quarter is as constant as medians of some sixty calls can be.
        if tier.stages.len() > 1 && low > 1.0 && high < 1.25 * low {
            text += " About as many tokens in every stage is what a client gives that hands nothing on before it holds a \
                     fixed number of bytes; the files themselves do not tell the cause.";
        }
    }
    if let Some(unseen) = unseen {
        text += &format!(
            " The efficiency cannot see it: both agents of a run are delayed alike. Taking {} ms off both durations (median {} \
             ms) would change its efficiency by {} pp at the median.",
            format::fixed(unseen.delay_ms, 0),
            format::fixed(unseen.agent_ms, 0),
            format::signed(-unseen.change * 100.0, 3),
        );
    }
    text
}
