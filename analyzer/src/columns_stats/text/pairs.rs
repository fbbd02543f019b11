//! The table of the pairs, and their verdicts in words.

use super::super::bounds::Bounds;
use super::super::object::Object;
use super::super::pair::PairStats;
use super::scale::Scale;
use crate::report::aligned;
use crate::report::too_narrow;
use crate::report::{escape, format};
use crate::stats::verdict::{LEAST_N, Verdict};

/// A pair as its verdict sees it: within blocks where there are blocks.
struct Judged {
    n: usize,
    estimate: Option<f64>,
    ci: Bounds,
    p_t: Option<f64>,
    p_ranks: Option<f64>,
    holm: Option<f64>,
}

pub(super) fn table(object: &Object, scale: Scale) -> String {
    let blocked = object.dropped_blocks.is_some();
    let several = object.pairs.len() > 1;
    let (t, ranks) = if blocked { ("p paired t", "p Wilcoxon") } else { ("p Welch", "p Mann-Whitney") };
    let mut titles = vec!["a", "b", "b minus a [95 %]", "verdict", "Hedges g", "Cliff's delta", t];
    titles.extend(several.then_some("Holm"));
    titles.push(ranks);
    let mut rows = vec![titles.into_iter().map(str::to_owned).collect::<Vec<String>>()];
    for (index, pair) in object.pairs.iter().enumerate() {
        let judged = judged(object, index, pair);
        let p = |p: Option<f64>| p.map_or_else(|| format::NONE.to_owned(), format::p_value);
        let effect =
            |value: Option<f64>| value.map_or_else(|| format::NONE.to_owned(), |v| format::signed(v, 2));
        let difference = judged.estimate.map(|d| scale.difference(d, judged.ci, judged.n, LEAST_N));
        let mut row = vec![
            escape::name(&pair.a),
            escape::name(&pair.b),
            super::or_needs(difference, judged.n, LEAST_N),
            pair.verdict.replace('_', " "),
            effect(pair.hedges_g.g),
            effect(pair.cliffs_delta),
            p(judged.p_t),
        ];
        row.extend(several.then(|| p(judged.holm)));
        row.push(p(judged.p_ranks));
        rows.push(row);
    }
    let mut text = aligned(&rows, 2);
    if several {
        text += &format!(
            "  each of the {} pairs is judged by itself at 95 %; for all of them together: Holm\n",
            object.pairs.len()
        );
    }
    if blocked {
        text += "  Hedges g, Cliff's delta: over all values of both groups, not within blocks\n";
    }
    text
}

/// The sentence of each pair.
pub(super) fn sentences(object: &Object) -> String {
    let sentence = |pair: &PairStats| {
        let text = escape::plain(&pair.verdict_text);
        if pair.verdict == Verdict::NotAnalysable.as_str() {
            format!("  {} against {}: {text}\n", escape::name(&pair.b), escape::name(&pair.a))
        } else {
            let alike = pair.paired.as_ref().and_then(|paired| paired.alike);
            let beside = alike.map_or_else(String::new, |found| format!("; {}", too_narrow(found)));
            format!("  {text}{beside}\n")
        }
    };
    object.pairs.iter().map(sentence).collect()
}

fn judged(object: &Object, index: usize, pair: &PairStats) -> Judged {
    let n =
        |name: &str| object.groups.iter().find(|(other, _)| other == name).map_or(0, |(_, group)| group.n);
    match &pair.paired {
        Some(paired) => Judged {
            n: paired.n,
            estimate: pair.verdict_estimate,
            ci: pair.verdict_ci,
            p_t: paired.p,
            p_ranks: paired.wilcoxon.p_exact.or(paired.wilcoxon.p_asymptotic),
            holm: object.multiple.paired_adjusted.as_ref().and_then(|all| all.get(index)?.holm),
        },
        None => Judged {
            n: n(&pair.a).min(n(&pair.b)),
            estimate: pair.verdict_estimate,
            ci: pair.verdict_ci,
            p_t: pair.welch.p,
            p_ranks: pair.mann_whitney.p_exact.or(pair.mann_whitney.p_asymptotic),
            holm: object.multiple.welch_adjusted.get(index).and_then(|adjusted| adjusted.holm),
        },
    }
}
