//! Section: the runtimes compared on the published efficiency.

use super::text::{names, p, paragraph, pp_with, tier_heading, verdict_counts};
use crate::report::{escape, format, words};
use crate::stats::verdict::Verdict;
use crate::tr115::compare::{Comparisons, Pair};
use crate::tr115::reading::{Reading, TierReading};

pub(super) fn section(reading: &Reading) -> String {
    let mut text = "## Which verdicts the data support\n\n".to_owned();
    text += &paragraph(&format!(
        "Compared is the published efficiency, one value per run, among the runtimes whose agents overlapped, in each \
         tier by itself. The files pair no runs of different runtimes, so the methods are those for independent groups; they \
         take runs as independent, which runs made one after the other need not be. Differences are \
         b minus a in percentage points. The shift is the Hodges-Lehmann estimate with the interval by inversion of the \
         rank-sum test, at 1 - .05/k for the k pairs of a tier; a verdict compares it with a margin of {}, Tandem's \
         default, and is equivalent when the 90 % interval lies inside it. The study named no margin: this one is ours, and chosen after its data were known. The Welch p values \
         are adjusted by Holm over the pairs of a tier. \"Within\" is the same comparison of runs of equal configurations \
         only: rank-sum statistics summed over configurations. Hedges' g stands without an interval: the interval of \
         the shift shows how certain a difference is.",
        words::margin(reading.margin)
    ));
    for tier in &reading.tiers {
        text += &tier_heading(reading, tier);
        if tier.all.is_empty() {
            text += &paragraph("Fewer than two runtimes had overlapping agents: nothing to compare.");
            continue;
        }
        text += &conclusion(tier);
        text += &omnibus(tier);
        text += "All runs:\n\n";
        text += &pairs(&tier.all);
        text += "<details><summary>The same without flagged runs</summary>\n\n";
        text += &pairs(&tier.unflagged);
        text += "</details>\n\n";
        text += &configurations(tier);
    }
    text
}

/// What the pairs of one tier say together.
fn conclusion(tier: &TierReading) -> String {
    let said = |what: &str, comparisons: &Comparisons| {
        let differing: Vec<String> = comparisons
            .differing()
            .map(|pair| format!("{} and {}", escape::name(&pair.a), escape::name(&pair.b)))
            .collect();
        let pooled = verdict_counts(comparisons.pairs.iter().map(|pair| pair.pooled.judgement.verdict));
        let within = verdict_counts(
            comparisons
                .pairs
                .iter()
                .filter_map(|pair| pair.within.as_ref())
                .map(|within| within.judgement.verdict),
        );
        let found = if comparisons.is_empty() {
            "nothing left to compare".to_owned()
        } else if differing.is_empty() {
            "no pair differs".to_owned()
        } else {
            format!("{} differ", format::listed(&differing))
        };
        format!("{what} ({}): {found}; verdicts {pooled}; within configurations {within}.", comparisons.n)
    };
    paragraph(&format!(
        "Compared: {}. {} {}",
        names(&tier.all.runtimes),
        said("All runs", &tier.all),
        said("Without flagged runs", &tier.unflagged)
    ))
}

fn omnibus(tier: &TierReading) -> String {
    let mut text = words::head(&["sample", "runs", "Welch's F", "p", "Kruskal-Wallis H", "p"], 1);
    for (what, compared) in [("all runs", &tier.all), ("without flagged runs", &tier.unflagged)] {
        text += &words::row(&[
            what.to_owned(),
            compared.n.to_string(),
            compared.anova.map_or_else(none, |a| {
                format!(
                    "F({}, {}) = {}",
                    format::fixed(a.df1, 0),
                    format::fixed(a.df2, 2),
                    format::fixed(a.f, 3)
                )
            }),
            p(compared.anova.map(|a| a.p)),
            compared
                .kruskal
                .map_or_else(none, |k| format!("H({}) = {}", format::fixed(k.df, 0), format::fixed(k.h, 3))),
            p(compared.kruskal.map(|k| k.p)),
        ]);
    }
    text + "\n"
}

fn pairs(compared: &Comparisons) -> String {
    let level = format::level(compared.level);
    let shift = format!("shift, pp [{level} %]");
    let mut text = words::head(
        &[
            "a",
            "b",
            "runs",
            "means, pp",
            "Welch p",
            "Holm p",
            &shift,
            "verdict",
            "within: shift, pp",
            "Holm p",
            "verdict",
            "Hedges' g",
            "Cliff's delta",
        ],
        2,
    );
    for pair in &compared.pairs {
        text += &row(pair);
    }
    text += "\n";
    // The sentence of an undecided pair says no more than its row.
    for pair in &compared.pairs {
        if pair.pooled.judgement.verdict != Verdict::Inconclusive {
            let (a, b) = (escape::name(&pair.a), escape::name(&pair.b));
            let sentence = format!("{a} and {b}: {}.", escape::plain(&pair.pooled.judgement.text));
            text += &format!("- {}\n", escape::sentence(&sentence));
        }
    }
    text + "\n"
}

fn row(pair: &Pair) -> String {
    let within = pair.within.as_ref();
    words::row(&[
        escape::markdown(&pair.a),
        escape::markdown(&pair.b),
        format!("{}, {}", pair.n.0, pair.n.1),
        pair.welch.map_or_else(none, |welch| format::signed(welch.diff * 100.0, 2)),
        p(pair.welch.and_then(|welch| welch.p)),
        p(pair.holm),
        pair.pooled.estimate.map_or_else(none, |shift| pp_with(shift, pair.pooled.ci)),
        word(pair.pooled.judgement.verdict),
        within.map_or_else(none, |within| pp_with(within.test.shift, within.ci)),
        p(within.map(|within| within.holm)),
        within.map_or_else(none, |within| word(within.judgement.verdict)),
        pair.hedges.map_or_else(none, |g| format::signed(g, 2)),
        pair.cliffs.map_or_else(none, |delta| format::signed(delta, 2)),
    ])
}

fn configurations(tier: &TierReading) -> String {
    let mut titles = vec!["configuration".to_owned()];
    titles.extend(tier.all.runtimes.iter().map(|r| escape::markdown(r)));
    titles.extend(["Kruskal-Wallis p", "Holm p", "verdicts on pairs"].map(str::to_owned));
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut text = words::head(&titles, 1);
    for entry in &tier.by_config {
        let mut cells = vec![escape::markdown(&entry.config)];
        for (n, median) in &entry.medians {
            cells.push(median.map_or_else(none, |median| format!("{} ({n})", format::percent(median))));
        }
        cells.push(p(entry.kruskal.map(|k| k.p)));
        cells.push(p(entry.holm));
        cells.push(verdict_counts(entry.verdicts.iter().copied()));
        text += &words::row(&cells);
    }
    text += "\n";
    text + &paragraph(
        "Median efficiency in % with the number of runs. A verdict on a pair needs six runs a side; with fewer it is \
         not analysable, and the test over all runtimes stands alone. Holm over the configurations.",
    )
}

fn word(verdict: Verdict) -> String {
    verdict.as_str().replace('_', " ")
}

fn none() -> String {
    format::NONE.to_owned()
}
