//! The chapter on open loops: latency from the intended start, and what the service view leaves out of it.

use super::{escape, format, words};
use crate::analysis::{Analysis, Arm, At, Cell, Latency, Metric, OpenContrast};
use crate::stats::verdict::Verdict;

/// The chapter; empty in a run without an open loop.
pub(super) fn section(analysis: &Analysis) -> String {
    let open: Vec<&Cell> = analysis.cells.iter().filter(|cell| !cell.facts.has_efficiency()).collect();
    if open.is_empty() {
        return String::new();
    }
    let mut text = "## Open loop\n\n\
        Requests start by a schedule, ready or not: there is no common release, so efficiency, speedup and makespan are not \
        defined here and nothing is judged by them.\n\n"
        .to_owned();
    let titles = [
        "cell",
        "arm",
        "n",
        "TTFT from the intended start p50 / p99, ms",
        "TTFT from the send p50 / p99, ms",
        "what a closed view would have hidden p50 / p99, ms",
        "e2e from the intended start p50 / p99, ms",
        "e2e from the send p50 / p99, ms",
        "start late p50 / p99, ms",
        "TTFT p99 to the baseline [interval]",
        "verdict",
    ];
    text += &words::head(&titles, 2);
    for cell in &open {
        for arm in &cell.arms {
            let (ratio, verdict) = judged(analysis, cell, arm);
            text += &words::row(&[
                escape::markdown(&cell.name),
                escape::markdown(&arm.label),
                arm.counted.len().to_string(),
                both(|at| median_ms(arm, Latency::TtftIntended, at)),
                both(|at| median_ms(arm, Latency::TtftService, at)),
                both(|at| {
                    Some(
                        median_ms(arm, Latency::TtftIntended, at)?
                            - median_ms(arm, Latency::TtftService, at)?,
                    )
                }),
                both(|at| median_ms(arm, Latency::E2eIntended, at)),
                both(|at| median_ms(arm, Latency::E2eService, at)),
                both(|at| median_ms(arm, Latency::StartLate, at)),
                ratio,
                verdict,
            ]);
        }
    }
    text += &format!(
        "\nQuantiles (type 7) over the requests of a trial, the concurrent phase pooled; medians over trials. From the intended \
         start: the client's own lateness (its timer, its executor, waiting for a permit) counts. From the send: the \
         service view, as a closed loop reports it. Hidden: the first minus the second. Verdicts: TTFT p99 from the intended \
         start, paired by block on the log scale, margin {} %, intervals at {} % for the family of {}.\n\n",
        format::trimmed(analysis.settings.margin_log_time * 100.0),
        format::level(analysis.families.open.level),
        format::plural(analysis.families.open.contrasts, "contrast"),
    );
    for cell in open {
        for contrast in cell.open.iter().filter(|contrast| !contrast.is_control) {
            let with_invalid = contrast.with_invalid.filter(|_| cell.invalid() > 0).map(|(blocks, ratio)| {
                let blocks = format::plural(blocks, "block");
                format!("; with invalid trials taken in × {} over {blocks}", format::significant(ratio))
            });
            let sentence = format!(
                "{}, {}: {} — {} ({}{}).",
                escape::name(&cell.name),
                escape::name(&contrast.arm),
                contrast.verdict.as_str().replace('_', " "),
                contrast.text,
                format::plural(contrast.n, "complete block"),
                with_invalid.unwrap_or_default(),
            );
            text += &format!("- {}\n", escape::sentence(&sentence));
        }
    }
    text + "\n"
}

/// Ratio and verdict of an arm's row.
pub(super) fn judged(analysis: &Analysis, cell: &Cell, arm: &Arm) -> (String, String) {
    let none = || format::NONE.to_owned();
    if arm.label == analysis.settings.baseline {
        return ("baseline".to_owned(), none());
    }
    let Some(contrast) = cell.open.iter().find(|contrast| contrast.arm == arm.label) else {
        return (none(), if cell.facts.exploratory { "exploratory".to_owned() } else { none() });
    };
    let verdict = contrast.verdict.as_str().replace('_', " ");
    let warned = if cell.is_biased() || cell.is_invalid() { " (!)" } else { "" };
    let verdict = match (contrast.is_control, contrast.is_biased()) {
        (true, true) => "A/A: biased".to_owned(),
        (true, false) => format!("A/A: {verdict}"),
        (false, _) => format!("{verdict}{warned}"),
    };
    (ratio(analysis, contrast), verdict)
}

/// `× 1.04 [1.01, 1.08]`.
pub(super) fn ratio(analysis: &Analysis, contrast: &OpenContrast) -> String {
    let least = if contrast.is_control { format::LEAST_N } else { analysis.families.open.least_blocks };
    match (contrast.ratio, contrast.ci) {
        (Some(ratio), None) => format!("× {} [needs >= {least}]", format::significant(ratio)),
        (Some(ratio), ci) => format!("× {}", format::significant_with(ratio, ci, 1.0)),
        (None, _) => format::NONE.to_owned(),
    }
}

/// Median over trials of a quantile over requests, ms.
pub(super) fn median_ms(arm: &Arm, latency: Latency, at: At) -> Option<f64> {
    arm.spread(Metric::Open(latency, at)).map(|spread| spread.median / 1e6)
}

fn both(value: impl Fn(At) -> Option<f64>) -> String {
    let shown = |at| value(at).map_or(format::NONE.to_owned(), format::significant);
    format!("{} / {}", shown(At::P50), shown(At::P99))
}

/// What the verdicts of one cell come to: `smol relevant (× 1.3 [1.2, 1.4]); tokio-localset and async-std inconclusive`.
pub(super) fn verdicts(analysis: &Analysis, cell: &Cell) -> String {
    let mut parts = Vec::new();
    let real = || cell.open.iter().filter(|contrast| !contrast.is_control);
    for verdict in [Verdict::Relevant, Verdict::Unresolved] {
        for contrast in real().filter(|contrast| contrast.verdict == verdict) {
            let word = if contrast.ratio.is_some_and(|ratio| ratio < 1.0) { "shorter" } else { "longer" };
            let arm = escape::name(&contrast.arm);
            parts.push(match &contrast.contradiction {
                Some(contradiction) => format!("of {arm}, {contradiction}"),
                None => format!("{word} for {arm}, {} ({})", ratio(analysis, contrast), verdict.as_str()),
            });
        }
    }
    for (verdict, words) in [
        (Verdict::Negligible, "different by less than the margin"),
        (Verdict::Equivalent, "equivalent within the margin"),
        (Verdict::Inconclusive, "undecided"),
        (Verdict::NotAnalysable, "not analysable for want of blocks"),
    ] {
        let arms: Vec<&str> = real().filter(|c| c.verdict == verdict).map(|c| c.arm.as_str()).collect();
        if !arms.is_empty() {
            parts.push(format!("{words} for {}", words::arms(arms)));
        }
    }
    if parts.is_empty() { "no other arm to compare".to_owned() } else { parts.join("; ") }
}

/// `1 relevant, 3 inconclusive` over all arms of some cells.
pub(super) fn counted(cells: &[&Cell]) -> String {
    let all = || cells.iter().flat_map(|cell| &cell.open).filter(|contrast| !contrast.is_control);
    let count = |verdict: Verdict| {
        let n = all().filter(|contrast| contrast.verdict == verdict).count();
        (n > 0).then(|| format!("{n} {}", verdict.as_str().replace('_', " ")))
    };
    let order = [
        Verdict::Relevant,
        Verdict::Unresolved,
        Verdict::Negligible,
        Verdict::Equivalent,
        Verdict::Inconclusive,
        Verdict::NotAnalysable,
    ];
    let counts: Vec<String> = order.into_iter().filter_map(count).collect();
    if counts.is_empty() { "no other arm to compare".to_owned() } else { counts.join(", ") }
}
