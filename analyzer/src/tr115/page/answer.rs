//! The answer: sentences that are true of the data at hand, whatever they are.

use super::text::{down, ends, names, p_equals, tier_name, up, verdict_counts, within_pp};
use crate::report::{escape, format, words};
use crate::tr115::compare::Pair;
use crate::tr115::identity::disagreement;
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::{Run, Sharing, first_seen};

/// The sentences, plain text; the first is the shortest true answer, the others are its parts.
pub(in crate::tr115) fn answer(reading: &Reading) -> Vec<String> {
    let mut sentences = vec![headline(reading), what_it_measures(reading)];
    sentences.extend(serialised(reading));
    sentences.extend(ranking(reading));
    sentences.extend(order(reading));
    sentences.extend(lowest(reading));
    sentences.push(first_token(reading));
    sentences.extend(true_efficiency(reading));
    sentences
}

fn headline(reading: &Reading) -> String {
    let tiers = compared(reading);
    if tiers.is_empty() {
        return "These data compare no runtimes: no tier has two whose agents overlapped.".to_owned();
    }
    let runtimes = first_seen(tiers.iter().flat_map(|tier| tier.all.runtimes.iter().map(String::as_str)));
    let pairs = count_pairs(&tiers);
    let differing = differing(&tiers).len();
    let measure = if is_identity(reading) {
        "; the efficiency that they are compared by says how equally long the two agents of a run took, not what running \
         them together cost"
    } else {
        ""
    };
    let names = names(&runtimes);
    if differing == 0 {
        format!(
            "The data support no ranking of {names} by efficiency: of {pairs}, none is shown to differ{measure}."
        )
    } else {
        format!("Of {pairs} among {names}, {differing} differ in the published efficiency{measure}.")
    }
}

/// Tiers with something to compare.
fn compared<'a>(reading: &'a Reading<'a>) -> Vec<&'a TierReading<'a>> {
    reading.tiers.iter().filter(|tier| !tier.all.is_empty()).collect()
}

fn count_pairs(tiers: &[&TierReading]) -> String {
    format::plural(tiers.iter().map(|tier| tier.all.pairs.len()).sum(), "pair")
}

/// Pairs that differ by anything, over all runs or the unflagged ones, with their tier.
fn differing(tiers: &[&TierReading]) -> Vec<String> {
    let name = |pair: &Pair, tier: &TierReading| {
        format!("{} and {} ({})", escape::name(&pair.a), escape::name(&pair.b), tier_name(tier))
    };
    let mut found: Vec<String> = Vec::new();
    for tier in tiers {
        for pair in tier.all.differing().chain(tier.unflagged.differing()) {
            let said = name(pair, tier);
            if !found.contains(&said) {
                found.push(said);
            }
        }
    }
    found
}

fn runs_that<'a>(reading: &'a Reading, sharing: Sharing) -> Vec<&'a Run> {
    let runs = reading.tiers.iter().flat_map(|tier| &tier.tier.runs);
    runs.filter(|run| run.sharing() == sharing).collect()
}

/// Median and largest distance of the published number from the identity where the agents overlapped.
fn distance(reading: &Reading) -> Option<(f64, f64)> {
    disagreement(runs_that(reading, Sharing::Overlapping).into_iter()).ok().flatten()
}

/// Whether the published number is the identity to well within the margin.
fn is_identity(reading: &Reading) -> bool {
    distance(reading).is_some_and(|(_, largest)| largest < reading.margin / 2.0)
}

/// What the published number is.
fn what_it_measures(reading: &Reading) -> String {
    let all: usize = reading.tiers.iter().map(|tier| tier.tier.runs.len()).sum();
    let overlapping = runs_that(reading, Sharing::Overlapping).len();
    let Some((median, largest)) = distance(reading) else {
        return "In no run did the two agents overlap, so no efficiency of concurrent agents can be read from these data."
            .to_owned();
    };
    let formula = "50 (a + b) / max(a, b), a and b being the two agents' durations inside the same run";
    let begin = format!("In {overlapping} of {} the agents overlapped;", format::plural(all, "run"));
    let (median, largest) = (within_pp(median), within_pp(largest));
    if is_identity(reading) {
        format!(
            "{begin} there the published efficiency is {formula}, to within {largest} pp (median {median} pp). No agent's \
             duration alone enters into it."
        )
    } else {
        format!(
            "{begin} there the published efficiency is not in every run {formula}: it differs from that by up to {largest} \
             pp (median {median} pp)."
        )
    }
}

/// One sentence about the runtimes whose agents took turns.
fn serialised(reading: &Reading) -> Option<String> {
    let own = |tier: &'_ TierReading| -> Vec<String> {
        tier.tier.runtimes_that(Sharing::Serialised).into_iter().map(str::to_owned).collect()
    };
    let all: Vec<String> = reading.tiers.iter().flat_map(own).collect();
    let runtimes = first_seen(all.iter().map(String::as_str));
    let runs: Vec<&Run> = runs_that(reading, Sharing::Serialised)
        .into_iter()
        .filter(|run| runtimes.contains(&run.runtime.as_str()))
        .collect();
    let (low, high) = ends(runs.iter().map(|run| run.efficiency))?;
    let off = ends(runs.iter().map(|run| (run.durations().iter().sum::<f64>() / run.wall_s - 1.0).abs()))?.1;
    Some(format!(
        "On {} the agents took turns: {} lasted as long as both agents together (to within {} %), which is 50 % by \
         arithmetic, whatever the runtime does; published are {} to {} %.",
        names(&runtimes),
        format::plural(runs.len(), "run"),
        format::fixed(up(off * 100.0), 3),
        format::percent(low),
        format::percent(high),
    ))
}

/// Whether the data support a ranking.
fn ranking(reading: &Reading) -> Option<String> {
    let tiers = compared(reading);
    if tiers.is_empty() {
        return None;
    }
    let tests: Vec<String> = tiers.iter().filter_map(|tier| omnibus(tier)).collect();
    let tests =
        if tests.is_empty() { String::new() } else { format!("{}. ", capitalised(&tests.join("; "))) };
    let differing = differing(&tiers);
    let found = if differing.is_empty() {
        let g = tiers.iter().flat_map(|tier| &tier.all.pairs).filter_map(|pair| pair.hedges);
        let g = g.map(f64::abs).reduce(f64::max);
        let g = g.map_or(String::new(), |g| format!("; the largest Hedges' g is {}", format::fixed(g, 2)));
        format!(
            "Of {}, none differs by Welch's test (Holm), by the rank-sum interval, or by the rank-sum test within \
             configurations, with or without the runs flagged below{g}",
            count_pairs(&tiers)
        )
    } else {
        format!(
            "Of {}, {} by at least one of Welch's test (Holm), the rank-sum interval and the rank-sum test within \
             configurations, with or without the runs flagged below: {}",
            count_pairs(&tiers),
            if differing.len() == 1 {
                "one differs".to_owned()
            } else {
                format!("{} differ", differing.len())
            },
            format::listed(&differing),
        )
    };
    let verdicts = |flagged: bool| {
        let pairs =
            tiers.iter().flat_map(|tier| if flagged { &tier.all.pairs } else { &tier.unflagged.pairs });
        verdict_counts(pairs.map(|pair| pair.pooled.judgement.verdict))
    };
    Some(format!(
        "{tests}{found}. Against a margin of {}, which is ours: {}; without flagged runs: {}.",
        words::margin(reading.margin),
        verdicts(true),
        verdicts(false),
    ))
}

/// With a capital letter.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// `tier results_v2: Welch F(3, 59.59) = 0.663, p = 0.578, Kruskal-Wallis p = 0.762`.
fn omnibus(tier: &TierReading) -> Option<String> {
    let mut tests = Vec::new();
    if let Some(anova) = tier.all.anova {
        tests.push(format!(
            "Welch F({}, {}) = {}, p {}",
            format::fixed(anova.df1, 0),
            format::fixed(anova.df2, 2),
            format::fixed(anova.f, 3),
            p_equals(anova.p)
        ));
    }
    if let Some(kruskal) = tier.all.kruskal {
        tests.push(format!("Kruskal-Wallis p {}", p_equals(kruskal.p)));
    }
    (!tests.is_empty()).then(|| format!("tier {}: {}", escape::name(&tier.tier.name), tests.join(", ")))
}

/// That time and runtime cannot be told apart, where that is so.
fn order(reading: &Reading) -> Option<String> {
    let blocks: Vec<String> =
        reading.tiers.iter().filter(|tier| tier.order.in_blocks()).map(tier_name).collect();
    (!blocks.is_empty()).then(|| {
        format!(
            "In {} each runtime ran in one uninterrupted block: what changed on the machine meanwhile cannot be told from \
             the runtime.",
            format::listed(&blocks)
        )
    })
}

/// How many of the lowest efficiencies are flagged runs.
fn lowest(reading: &Reading) -> Option<String> {
    let mut parts = Vec::new();
    for tier in &reading.tiers {
        let mut runs: Vec<&Run> =
            tier.tier.runs.iter().filter(|run| run.sharing() == Sharing::Overlapping).collect();
        runs.sort_by(|a, b| a.efficiency.total_cmp(&b.efficiency));
        let flagged = runs.iter().filter(|run| tier.flags.any(run)).count();
        if flagged == 0 {
            continue;
        }
        let leading = runs.iter().take_while(|run| tier.flags.any(run)).count();
        let place = match leading {
            0 => "the run of lowest efficiency is not among them".to_owned(),
            1 => "the run of lowest efficiency is one of them".to_owned(),
            n => format!("the {} runs of lowest efficiency are all among them", format::count(n)),
        };
        parts.push(format!("{flagged} of {} in {}, where {place}", runs.len(), tier_name(tier)));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "Flagged are overlapping runs with a model reload, a response of unusual length or without an end, or a stall: \
             {}.",
            parts.join("; ")
        )
    })
}

/// The one difference between clients that the calls show, if they show one.
fn first_token(reading: &Reading) -> String {
    if reading.study.rows.1.is_none() {
        return "Times to the first token cannot be compared: no usable calls.csv stands beside the file of the runs."
            .to_owned();
    }
    let parts: Vec<String> = reading.tiers.iter().filter_map(later).collect();
    if parts.is_empty() {
        return "No overlapping runtime's first tokens are clearly later than those of all others in every stage of a tier."
            .to_owned();
    }
    format!(
        "What does differ is the first token. With loading and prompt taken off, it comes later than on every other \
         overlapping runtime, in every stage: {}.",
        parts.join("; ")
    )
}

/// `smol-1kb in tier results by 189 to 194 ms at the median, …`.
fn later(tier: &TierReading) -> Option<String> {
    let (runtime, unseen) = tier.latest.as_ref()?;
    let versus = || tier.stages.iter().flat_map(|stage| &stage.versus);
    let (low, high) = ends(versus().map(|v| v.medians))?;
    let cliffs = ends(versus().map(|v| v.cliffs))?.0;
    let seen = unseen.map_or(String::new(), |unseen| {
        format!(", which moves its published efficiency by {} pp", format::signed(unseen.change * 100.0, 3))
    });
    Some(format!(
        "{} in {} by {} to {} ms at the median (Cliff's delta at least {}){seen}",
        escape::name(runtime),
        tier_name(tier),
        format::fixed(low, 0),
        format::fixed(high, 0),
        format::fixed(down(cliffs), 3),
    ))
}

/// What the efficiency would have been against solo runs.
fn true_efficiency(reading: &Reading) -> Option<String> {
    let mut parts = Vec::new();
    for tier in &reading.tiers {
        let Some(decoding) = &tier.decoding else { continue };
        let estimate = decoding.by_rate.map_or(String::new(), |e| {
            format!(
                ", so against solo runs the efficiency would be near {} %",
                format::fixed(e.median * 100.0, 0)
            )
        });
        parts.push(format!(
            "{}, {} ms per token when one agent ran and {} ms when two did{estimate}",
            tier_name(tier),
            format::fixed(decoding.alone.0, 1),
            format::fixed(decoding.together.0, 1),
        ));
    }
    (!parts.is_empty()).then(|| {
        format!(
            "What running together cost shows in the decoding rate: {}. That is an estimate; no solo run was made.",
            parts.join("; ")
        )
    })
}
