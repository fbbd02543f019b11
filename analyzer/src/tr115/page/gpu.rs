//! Section: decoding alone and together, and the efficiency that it implies.

use super::text::{NO_CALLS, names, paragraph, tier_heading};
use crate::report::{escape, format, words};
use crate::tr115::gpu::Decoding;
use crate::tr115::reading::{Reading, TierReading};

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## What running together cost\n\n".to_owned();
    if reading.study.rows.1.is_none() {
        return text + &paragraph(NO_CALLS);
    }
    text += &paragraph(
        "In a run whose agents took turns, each was alone at its server: its rate of decoding (eval_ms / eval_count, told by \
         the server) is the rate without the other agent.",
    );
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        text += &tier.decoding.as_ref().map_or_else(
            || paragraph("This tier lacks calls of agents that took turns, or of agents that overlapped: nothing to compare."),
            |decoding| of_tier(tier, decoding),
        );
    }
    text
}

fn of_tier(tier: &TierReading, decoding: &Decoding) -> String {
    let factor = decoding.together.0 / decoding.alone.0;
    let hosts: Vec<&String> = decoding.hosts.iter().filter(|host| !host.is_empty()).collect();
    let mut text = format!(
        "Alone {} ms per token (median of {}{}), together {} ms (median of {}): {} times as long.",
        format::fixed(decoding.alone.0, 2),
        format::plural(decoding.alone.1, "call"),
        match decoding.slowed {
            0 => String::new(),
            n => format!("; {n} slowed from outside are left out"),
        },
        format::fixed(decoding.together.0, 2),
        format::plural(decoding.together.1, "call"),
        format::fixed(factor, 2),
    );
    text += " Servers that shared nothing would give 1.";
    match hosts.as_slice() {
        [] => {}
        [one] => text += &format!(" All servers were at {}.", escape::name(one)),
        several => text += &format!(" The servers were at {}.", names(several)),
    }
    let mut page = paragraph(&text);
    if let Some(estimate) = decoding.by_rate {
        let ci = estimate.ci.map_or(String::new(), |ci| format!(" {}", format::interval(ci, 100.0, 1)));
        let walls = decoding.by_wall.map_or(String::new(), |(configs, median)| {
            format!(
                " By another way, the wall of the runs whose agents took turns over twice the wall of the overlapping ones, \
                 configuration by configuration ({configs}), the median is {} %.",
                format::fixed(median * 100.0, 1)
            )
        });
        page += &paragraph(&format!(
            "Had each agent decoded its own tokens at the rate of an agent alone and all else stayed as it was, Tandem's \
             efficiency (solo durations over twice the wall time) would be {} %{ci} (median of {} unflagged \
             overlapping runs with its 95 % interval; quartiles {} and {} %).{walls} Both are estimates: the first leaves all but \
             decoding as it was together, the second averages over responses of free length.",
            format::fixed(estimate.median * 100.0, 1),
            estimate.runs,
            format::fixed(estimate.quartiles.0 * 100.0, 1),
            format::fixed(estimate.quartiles.1 * 100.0, 1),
        ));
        page += &words::head(
            &[
                "runtime",
                "unflagged overlapping runs",
                "estimated efficiency, median %",
                "published, median %",
            ],
            1,
        );
        for (runtime, runs, median) in &decoding.by_runtime {
            let published = tier.identities.iter().find(|entry| entry.runtime == *runtime);
            page += &words::row(&[
                escape::markdown(runtime),
                runs.to_string(),
                format::fixed(median * 100.0, 1),
                published.map_or_else(
                    || format::NONE.to_owned(),
                    |entry| format::fixed(entry.efficiency * 100.0, 1),
                ),
            ]);
        }
        page += "\n";
    }
    page
}
