//! Section: responses of unusual length and without an end.

use super::text::{NO_CALLS, USUAL, beside_usual, paragraph, run_name, tier_name};
use crate::report::{escape, format, words};
use crate::tr115::flags::{LENGTH_FACTOR, Length, Response};
use crate::tr115::reading::{Reading, TierReading};

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## Runaway, cut and unfinished responses\n\n".to_owned();
    if reading.study.rows.1.is_none() {
        return text + &paragraph(NO_CALLS);
    }
    let factor = format::trimmed(LENGTH_FACTOR);
    let counts: Vec<String> = reading
        .tiers
        .iter()
        .map(|tier| {
            let of = |length| tier.flags.responses.iter().filter(|r| r.length == length).count();
            format!(
                "{}: {} long, {} short, {} without a final record",
                tier_name(tier),
                of(Length::Long),
                of(Length::Short),
                of(Length::Unfinished)
            )
        })
        .collect();
    text += &paragraph(&format!(
        "Named are responses of over {factor} times or under 1/{factor} of the median tokens of their tier, stage and role, and \
         responses without a final record, whose tokens the files give as 0. {}.",
        counts.join("; ")
    ));
    let all: Vec<(&TierReading, &Response)> = reading
        .tiers
        .iter()
        .flat_map(|tier| tier.flags.responses.iter().map(move |response| (tier, response)))
        .collect();
    if all.is_empty() {
        return text;
    }
    let told = all.iter().filter_map(|(tier, r)| Some((r.call.tokens?, *tier, *r)));
    if let Some((tokens, tier, response)) = told.max_by_key(|(tokens, ..)| *tokens) {
        text += &paragraph(&format!(
            "The longest of these has {tokens} tokens (median {}): {}, {}, {}; its efficiency is {} %, usual {} %.",
            response.usual_tokens.map_or_else(none, |usual| format::fixed(usual, 0)),
            tier_name(tier),
            run_name(response.run),
            escape::name(&response.agent.role),
            format::percent(response.run.efficiency),
            beside_usual(tier, response.run)[0],
        ));
    }
    text += &words::head(
        &[
            "tier",
            "run",
            "role, stage",
            "what",
            "tokens",
            "median tokens",
            "characters",
            "call, s",
            "efficiency, %",
            "usual, %",
            "effect, pp",
        ],
        4,
    );
    for (tier, response) in &all {
        text += &row(tier, response);
    }
    text += "\n";
    text + &paragraph(USUAL)
}

fn row(tier: &TierReading, response: &Response) -> String {
    let what = match response.length {
        Length::Long => "long",
        Length::Short => "short",
        Length::Unfinished => "no final record",
    };
    let [usual, effect] = beside_usual(tier, response.run);
    words::row(&[
        escape::markdown(&tier.tier.name),
        escape::sentence(&run_name(response.run)),
        escape::sentence(&format!(
            "{}, {}",
            escape::name(&response.agent.role),
            escape::name(&response.call.stage)
        )),
        what.to_owned(),
        response.call.tokens.map_or_else(|| "not told".to_owned(), |tokens| tokens.to_string()),
        response.usual_tokens.map_or_else(none, |usual| format::fixed(usual, 0)),
        response.call.response_chars.map_or_else(none, |chars| format::fixed(chars, 0)),
        format::fixed(response.call.total_ms / 1000.0, 1),
        format::percent(response.run.efficiency),
        usual,
        effect,
    ])
}

fn none() -> String {
    format::NONE.to_owned()
}
