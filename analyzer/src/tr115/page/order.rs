//! Section: the order of the runs, and model reloads.

use super::text::{USUAL, beside_usual, p_equals, paragraph, pp_with, run_name, tier_heading};
use crate::report::{escape, format, words};
use crate::stats::quantile::median;
use crate::tr115::flags::{self, RELOAD_MS, Reload};
use crate::tr115::order::{Order, Place};
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::{Run, Sharing, first_seen};
use jiff::Timestamp;

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## Order of the runs and model reloads\n\n".to_owned();
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        text += &paragraph(&order_sentence(&tier.order));
        text += &blocks(&tier.order);
        text += &paragraph(&places(&tier.order));
        text += &reloads(tier);
    }
    text
}

fn order_sentence(order: &Order) -> String {
    let blocks = order.blocks.len();
    let runtimes = first_seen(order.blocks.iter().map(|block| block.runtime.as_str())).len();
    let mut text = if order.in_blocks() {
        let same = if order.same_configs {
            ", and every block went through the same configurations in the same order"
        } else {
            ""
        };
        format!(
            "Each of the {runtimes} runtimes ran in one uninterrupted block{same}. Whatever changed on the machine \
             between blocks (temperature, other programs, what was loaded) is part of the difference between runtimes, \
             and no statistic can take it out again."
        )
    } else if runtimes < 2 {
        "All runs are of one runtime.".to_owned()
    } else {
        format!("The {runtimes} runtimes ran in {blocks} uninterrupted stretches.")
    };
    if order.rising {
        text += " Repeats of a configuration followed one another in rising order.";
    }
    text
}

fn blocks(order: &Order) -> String {
    let mut text = words::head(
        &["runtime", "first run saved (UTC)", "last", "runs", "configurations", "pause before it, min"],
        1,
    );
    // A file in which runtimes alternate has as many stretches as runs.
    const SHOWN: usize = 40;
    for block in order.blocks.iter().take(SHOWN) {
        text += &words::row(&[
            escape::markdown(&block.runtime),
            seconds(block.saved.0),
            seconds(block.saved.1),
            block.runs.to_string(),
            block.configs.len().to_string(),
            block.pause_s.map_or_else(|| format::NONE.to_owned(), |s| format::fixed(s / 60.0, 1)),
        ]);
    }
    text += "\n";
    if order.blocks.len() > SHOWN {
        text += &paragraph(&format!("The first {SHOWN} of {} stretches.", order.blocks.len()));
    }
    text
}

/// Without fractions of a second.
fn seconds(at: Timestamp) -> String {
    let text = at.to_string();
    let cut = text.split('.').next().unwrap_or_default().trim_end_matches('Z');
    cut.replace('T', " ")
}

fn places(order: &Order) -> String {
    let said = |what: &str, place: &Option<Place>| {
        place.map(|place| {
            format!("{what}, {} pp (95 %), p {}", pp_with(place.test.shift, place.ci), p_equals(place.test.p))
        })
    };
    let parts: Vec<String> = [
        said("the first run of a configuration minus its other runs", &order.first),
        said("among the other runs the later half minus the earlier half", &order.later),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        return "No configuration has several runs of one overlapping runtime, so drift cannot be looked for.".to_owned();
    }
    format!(
        "Does the place in the order show? Shift of the efficiency of overlapping runtimes, within runtime and \
         configuration: {}. Drift over a whole block cannot be told from the configurations, which followed one another.",
        parts.join("; ")
    )
}

fn reloads(tier: &TierReading) -> String {
    let found = &tier.flags.reloads;
    if found.is_empty() {
        return paragraph(&format!(
            "No run loaded a model for more than {} s.",
            format::trimmed(RELOAD_MS / 1000.0)
        ));
    }
    let firsts = found.iter().filter(|reload| is_first(tier, reload.run)).count();
    let configs: Vec<String> = first_seen(found.iter().map(|reload| reload.run.config.as_str()))
        .into_iter()
        .map(|config| {
            let of = |uneven: bool| {
                found.iter().filter(|r| r.run.config == config && (!uneven || r.is_uneven())).count()
            };
            format!("{} ({}, {} of them uneven)", escape::name(config), of(false), of(true))
        })
        .collect();
    let mut text = paragraph(&format!(
        "{} of {} runs loaded a model for more than {} s, {firsts} of them the first run of a configuration: {}. Uneven means \
         over {} s apart. By arithmetic the same time added to both durations moves the efficiency towards 100 %; time added to \
         one alone moves it either way.{}",
        found.len(),
        tier.tier.runs.len(),
        format::trimmed(RELOAD_MS / 1000.0),
        format::listed(&configs),
        format::trimmed(RELOAD_MS / 1000.0),
        effects(tier),
    ));
    text += "<details><summary>Run by run</summary>\n\n";
    text += &words::head(
        &[
            "run",
            "role: loading, ms",
            "role: loading, ms",
            "uneven",
            "efficiency, %",
            "usual, %",
            "effect, pp",
        ],
        1,
    );
    for reload in found {
        text += &row(tier, reload);
    }
    text += "\n";
    text += &paragraph(USUAL);
    text + "</details>\n\n"
}

/// What overlapping runs with nothing but a reload read more than usual, at the median.
fn effects(tier: &TierReading) -> String {
    let of = |uneven: bool| {
        let alone = tier.flags.reloads.iter().filter(|reload| {
            reload.is_uneven() == uneven
                && reload.run.sharing() == Sharing::Overlapping
                && !tier.flags.beyond_reload(reload.run)
        });
        let effects: Vec<f64> = alone
            .filter_map(|reload| {
                let usual = flags::usual(tier.tier, &tier.flags, reload.run).ok()??.0;
                Some(reload.run.efficiency - usual)
            })
            .collect();
        let effect = median(&effects).ok().flatten()?;
        let how = if uneven { "unevenly" } else { "alike" };
        let count = format::plural(effects.len(), "run");
        Some(format!("{count} loaded {how} {} pp", format::signed(effect * 100.0, 2)))
    };
    let parts: Vec<String> = [of(true), of(false)].into_iter().flatten().collect();
    if parts.is_empty() {
        return String::new();
    }
    format!(
        " Overlapping and otherwise unflagged, efficiency minus the usual at the median: {}.",
        parts.join(", ")
    )
}

fn row(tier: &TierReading, reload: &Reload) -> String {
    let load = |i: usize| {
        let ms = reload.load_ms[i].map_or_else(|| format::NONE.to_owned(), |ms| format::fixed(ms, 0));
        format!("{}: {ms}", escape::markdown(&reload.run.agents[i].role))
    };
    let [usual, effect] = beside_usual(tier, reload.run);
    words::row(&[
        escape::sentence(&run_name(reload.run)),
        load(0),
        load(1),
        if reload.is_uneven() { "yes" } else { "no" }.to_owned(),
        format::percent(reload.run.efficiency),
        usual,
        effect,
    ])
}

/// Whether a run is the first of its runtime and configuration.
fn is_first(tier: &TierReading, run: &Run) -> bool {
    let alike = |other: &&Run| other.runtime == run.runtime && other.config == run.config;
    tier.tier.runs.iter().find(alike).is_some_and(|first| std::ptr::eq(first, run))
}
