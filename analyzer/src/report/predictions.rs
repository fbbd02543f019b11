//! The chapter on predictions: one row each, with what decided it and what would.

use super::{escape, format, words};
use crate::analysis::Analysis;
use crate::predictions::{Evidence, Hypothesis, Judgement, Prediction, Predictions, Question};
use crate::stats::Interval;

pub(super) fn section(analysis: &Analysis, predictions: &Predictions) -> String {
    let mut text = "## Predictions\n\n".to_owned();
    text += &format!("{}\n\n", escape::sentence(&summary(predictions)));
    let titles = ["prediction", "judgement", "estimate [interval]", "n", "cell", "decided by"];
    text += &words::head(&titles, 3).replace("---: | ---: |\n", "--- | --- |\n");
    for one in &predictions.all {
        text += &words::row(&[
            claim(one),
            format!("**{}**{}", one.judgement.as_str(), because(analysis, one)),
            one.evidence.as_ref().map_or(format::NONE.to_owned(), |evidence| shown(one, evidence)),
            one.evidence.as_ref().map_or(format::NONE.to_owned(), |evidence| n(evidence).to_string()),
            cell(one),
            command(analysis, one),
        ]);
    }
    text += "\n";
    text += &rule(analysis, predictions);
    text
}

fn summary(predictions: &Predictions) -> String {
    let count = |judgement| predictions.all.iter().filter(|one| one.judgement == judgement).count();
    let counts: Vec<String> = Judgement::ALL
        .into_iter()
        .filter(|judgement| count(*judgement) > 0)
        .map(|judgement| format!("{} {}", count(judgement), judgement.as_str()))
        .collect();
    format!("Claims made before the data: {}.", counts.join(", "))
}

fn claim(one: &Prediction) -> String {
    let Hypothesis { claim, source, .. } = one.hypothesis;
    format!("{} ({})", escape::markdown(claim), escape::markdown(source))
}

/// What stands behind the judgement.
fn because(analysis: &Analysis, one: &Prediction) -> String {
    let mut parts = Vec::new();
    if !one.why.is_empty() {
        parts.push(one.why.clone());
    }
    if one.judgement == Judgement::Equivalent {
        let margin = match one.hypothesis.question {
            Question::Ratio { .. } => {
                let percent = format::trimmed(analysis.settings.margin_log_time * 100.0);
                format!("±{percent} % on the log scale")
            }
            _ => words::margin(analysis.settings.margin),
        };
        let refuted = if is_missed(one) { ", so the size claimed is not there" } else { "" };
        parts.push(format!("the interval lies inside {margin}{refuted}"));
    }
    if one.clients_differ {
        parts.push("the arms' clients differ in this cell, or reach Tokio by a bridge".to_owned());
    }
    if parts.is_empty() { String::new() } else { format!(": {}", escape::sentence(&parts.join("; "))) }
}

/// True when the interval and the claim have no value in common.
fn is_missed(one: &Prediction) -> bool {
    matches!(&one.evidence, Some(Evidence::Estimate { ci: Some(ci), .. }) if one.hypothesis.region.misses(*ci))
}

fn shown(one: &Prediction, evidence: &Evidence) -> String {
    match evidence {
        Evidence::Estimate { estimate, ci, .. } => estimate_of(&one.hypothesis.question, *estimate, *ci),
        Evidence::Arms { inside, of, bound, .. } => {
            let end = if one.hypothesis.region.lo.is_some() { "highest lower" } else { "lowest upper" };
            let bound = bound.map_or(String::new(), |bound| {
                format!("; {end} end of an interval {} %", format::percent(bound))
            });
            format!("{inside} of {} wholly inside the claim{bound}", format::plural(*of, "arm"))
        }
        Evidence::Threads { least, most, names, .. } => {
            let number = if least == most {
                format::plural(*most as usize, "thread")
            } else {
                format!("{least} to {most} threads")
            };
            let names: Vec<String> = names.split(';').map(escape::name).collect();
            escape::markdown(&format!("{number}: {}", names.join(", ")))
        }
    }
}

fn estimate_of(question: &Question, estimate: Option<f64>, ci: Option<Interval>) -> String {
    let Some(value) = estimate else { return format::NONE.to_owned() };
    match (question, ci) {
        (Question::Difference { .. }, Some(_)) => {
            format!("{} pp", format::difference_pp(estimate, ci, format::LEAST_N))
        }
        (Question::Difference { .. }, None) => format!("{} pp", format::signed(value * 100.0, 2)),
        (Question::Ratio { .. }, Some(_)) => format!("× {}", format::significant_with(value, ci, 1.0)),
        (Question::Ratio { .. }, None) => format!("× {}", format::significant(value)),
        (_, Some(_)) => format!("{} %", format::percent_with(value, ci)),
        (_, None) => format!("{} %", format::percent(value)),
    }
}

fn n(evidence: &Evidence) -> usize {
    match evidence {
        Evidence::Estimate { n, .. } | Evidence::Arms { n, .. } | Evidence::Threads { n, .. } => *n,
    }
}

fn cell(one: &Prediction) -> String {
    let Some(name) = one.cell else { return format::NONE.to_owned() };
    let mut text = escape::markdown(name);
    if !one.elsewhere.is_empty() {
        let counts: Vec<String> =
            one.elsewhere.iter().map(|(judgement, n)| format!("{n} {}", judgement.as_str())).collect();
        text += &format!("; in other cells {}", counts.join(", "));
    }
    text
}

/// The command that decides it; more blocks where this plan's own were too few.
fn command(analysis: &Analysis, one: &Prediction) -> String {
    let manifest = &analysis.run.manifest;
    let plan = &one.hypothesis.plan;
    let too_few = one.judgement == Judgement::Undecided && one.cell.is_some() && *plan == manifest.plan.name;
    match one.more_blocks {
        _ if !too_few => format!("`make sweep PLAN={plan}`"),
        Some(more) => format!("`make sweep PLAN={plan} BLOCKS={}`", u64::from(manifest.blocks) + more),
        None => format!("`make sweep PLAN={plan} BLOCKS=…`, more than {}", manifest.blocks),
    }
}

fn rule(analysis: &Analysis, predictions: &Predictions) -> String {
    let intervals = match predictions.family {
        0 => "No prediction could be judged by an interval.".to_owned(),
        family => format!(
            "Intervals at {} %: 1 - .05/{family} over the {} that this run can judge by one; arms \
             that share a claim share its part.",
            format::level(predictions.level),
            format::plural(family, "prediction"),
        ),
    };
    format!(
        "{intervals} Supported: the interval lies inside the claim. Equivalent within the margin: the interval lies \
         inside {} (ratios: ±{} on the log scale). Contradicted: the interval and the claim have no value in common. The \
         deciding cell is the first of this report that has the arms, on one client where there is such a cell; the other \
         cells have no weight.\n\n",
        words::margin(analysis.settings.margin),
        analysis.settings.margin_log_time,
    )
}
