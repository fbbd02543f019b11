//! The table of one cell, the verdicts in words, and what else was measured.

use super::{
    cost, escape, failures, fingerprints, format, goodput, omnibus, order, reading, runtime, streams, times,
    words,
};
use crate::analysis::{Analysis, Arm, Cell, Contrast, Exploratory, MeanView, Metric, Scale};
use tandem_records::Workload;

/// The section of a cell.
pub(super) fn section(analysis: &Analysis, cell: &Cell) -> String {
    let mut text = format!("## {}\n\n", escape::markdown(&cell.name));
    let fates = cell.fates();
    let incomplete = match fates.incomplete {
        0 => String::new(),
        n => format!(", {n} incomplete"),
    };
    text += &format!(
        "{} of {} count, {} failed, {} invalid{incomplete}; {}.{}{}\n\n",
        cell.counted(),
        format::plural(fates.finished, "trial"),
        fates.failures(),
        fates.invalid,
        escape::sentence(&words::circumstances(cell)),
        failures::of_cell(cell)
            .map_or(String::new(), |failed| format!(" **Failed: {}.**", escape::sentence(&failed))),
        warning(analysis, cell),
    );
    text += &main_table(analysis, cell);
    text += "\n";
    if !cell.facts.has_efficiency() {
        text += "Latencies and verdicts stand under Open loop.\n\n";
        let notes = streams::lines(cell);
        text += &notes;
        text += if notes.is_empty() { "" } else { "\n" };
        return text + &goodput::section(analysis, cell) + &details(analysis, cell);
    }
    if cell.facts.workload != Workload::Flood {
        text += "Efficiency, balance, overlap and isolation in %; medians over trials, so the factors do not multiply. ";
    } else {
        text += "Unpaced tokens: compare the cost per token, not the efficiency. ";
    }
    text += "ratio_tr115 is the published study's number, which looks at no solo run.\n\n";
    let mut notes = streams::lines(cell) + &fingerprints::lines(analysis, cell);
    if cell.reread.is_none() {
        cell.contrasts.iter().for_each(|contrast| notes += &verdict_line(analysis, cell, contrast));
    }
    text += &notes;
    if !notes.is_empty() {
        text += "\n";
    }
    text += &cost::section(analysis, cell);
    text += &goodput::section(analysis, cell);
    text + &details(analysis, cell)
}

fn warning(analysis: &Analysis, cell: &Cell) -> String {
    let mut text = String::new();
    if cell.facts.exploratory {
        text += " An exploratory set: shown without verdicts, as the plan fixed before the first trial.";
    }
    if let Some(why) = cell.why_invalid() {
        let causes = words::causes_of_invalid(analysis, cell);
        let causes = if causes.is_empty() { causes } else { format!(" ({})", escape::sentence(&causes)) };
        text += &format!(" **Invalid: {why}{causes}.**");
    }
    if cell.is_biased() {
        text += " **Biased: the A/A interval excludes 0; no verdict here speaks of the arms alone.**";
    }
    text
}

/// Columns of the main table that an open loop does not have.
const OF_EFFICIENCY: [usize; 7] = [3, 4, 5, 6, 7, 8, 12];

fn main_table(analysis: &Analysis, cell: &Cell) -> String {
    let titles = [
        "arm",
        "client",
        "n",
        "efficiency, median [95 %]",
        "difference, pp [interval]",
        "verdict",
        "balance",
        "overlap",
        "isolation",
        "added delay p50 / p99, µs",
        "CPU µs/token",
        "switches/token",
        "ratio_tr115, %",
    ];
    let kept = |at: usize| cell.facts.has_efficiency() || !OF_EFFICIENCY.contains(&at);
    let titles: Vec<&str> = (0..).zip(titles).filter(|(at, _)| kept(*at)).map(|(_, title)| title).collect();
    let mut table = words::head(&titles, 2);
    for arm in cell.described() {
        let (difference, verdict) = judged(analysis, cell, arm);
        let percent =
            |metric| arm.spread(metric).map_or(format::NONE.to_owned(), |s| format::percent(s.median));
        let micros =
            |metric| arm.spread(metric).map_or(format::NONE.to_owned(), |s| format::micros(s.median));
        let efficiency = arm.efficiency.map(|e| format::percent_with(e.median, e.median_ci));
        let row = [
            escape::markdown(&arm.label),
            escape::markdown(&words::client(arm)),
            arm.counted.len().to_string(),
            efficiency.unwrap_or_else(|| format::NONE.to_owned()),
            difference,
            verdict,
            percent(Metric::Balance),
            percent(Metric::Overlap),
            percent(Metric::Isolation),
            format!("{} / {}", micros(Metric::DelayP50), micros(Metric::DelayP99)),
            micros(Metric::CpuPerToken),
            arm.spread(Metric::SwitchesPerToken)
                .map_or(format::NONE.to_owned(), |s| format::significant(s.median)),
            percent(Metric::RatioTr115),
        ];
        let row: Vec<String> = (0..).zip(row).filter(|(at, _)| kept(*at)).map(|(_, cell)| cell).collect();
        table += &words::row(&row);
    }
    table
}

/// Difference and verdict of an arm's row.
pub(super) fn judged(analysis: &Analysis, cell: &Cell, arm: &Arm) -> (String, String) {
    if arm.label == analysis.settings.baseline {
        return ("baseline".to_owned(), format::NONE.to_owned());
    }
    if cell.floor.as_ref().is_some_and(|floor| floor.label == arm.label) {
        return ("floor".to_owned(), format::NONE.to_owned());
    }
    if let Some(control) = cell.control.as_ref().filter(|control| control.b == arm.label) {
        let reading = control.reading.as_str().replace('_', " ");
        return (
            format::difference_pp(control.estimate, control.ci, format::LEAST_N),
            format!("A/A: {reading}"),
        );
    }
    if let Some(shown) = explored(analysis, cell, arm) {
        return (shown, "exploratory".to_owned());
    }
    let Some(contrast) = cell.contrasts.iter().find(|contrast| contrast.arm == arm.label) else {
        return (format::NONE.to_owned(), format::NONE.to_owned());
    };
    let warned = if cell.is_biased() || cell.is_invalid() { " (!)" } else { "" };
    let verdict = match cell.reread {
        Some(_) => "none".to_owned(),
        None => contrast.verdict.as_str().replace('_', " "),
    };
    (
        format::difference_pp(contrast.estimate, contrast.ci, cell.family.least_blocks),
        format!("{verdict}{warned}"),
    )
}

/// The difference of efficiency of an arm in an exploratory set, which has no verdict.
fn explored(analysis: &Analysis, cell: &Cell, arm: &Arm) -> Option<String> {
    let same = |e: &&Exploratory| (&e.cell, &e.arm, e.metric) == (&cell.name, &arm.label, Metric::Efficiency);
    let found = analysis.exploratory.iter().find(same)?;
    Some(format::difference_pp(Some(found.estimate), found.ci, format::LEAST_N))
}

fn verdict_line(analysis: &Analysis, cell: &Cell, contrast: &Contrast) -> String {
    let disagree = if contrast.views_disagree() {
        " **Robust and mean view disagree on whether 0 is excluded: look at single trials in the run-order chart.**"
    } else {
        ""
    };
    let sentence = format!(
        "{}: {} — {} ({}).",
        escape::name(&contrast.arm),
        contrast.verdict.as_str().replace('_', " "),
        contrast.text,
        format::plural(contrast.n, "complete block"),
    );
    let alike = order::beside(analysis, &cell.name, &contrast.arm);
    let alike = alike.map_or(String::new(), |text| format!(" **But {}.**", escape::sentence(&text)));
    format!("- {}{alike}{disagree}\n", escape::sentence(&sentence))
}

fn details(analysis: &Analysis, cell: &Cell) -> String {
    let mut text =
        "<details><summary>Means, times and exploratory comparisons of this cell</summary>\n\n".to_owned();
    if cell.facts.has_efficiency() {
        text += &means(cell);
    }
    text += &omnibus::lines(cell);
    text += &times::section(cell);
    text += &runtime::section(analysis, cell);
    text += &reading::lines(analysis, cell);
    text += &with_invalid(cell);
    text += &exploratory(analysis, cell);
    text + "</details>\n\n"
}

fn means(cell: &Cell) -> String {
    let titles = [
        "arm",
        "mean efficiency, %",
        "95 % t",
        "95 % bootstrap-t",
        "mean difference, pp [95 % bootstrap-t]",
        "paired t p",
        "sign-flip p",
        "Wilcoxon p",
        "TOST p",
    ];
    let mut table = words::head(&titles, 1);
    for arm in cell.described() {
        let none = || format::NONE.to_owned();
        let ci = |ci: Option<crate::stats::Interval>| {
            ci.map_or_else(none, |ci| {
                format::interval(ci, 100.0, format::decimals_for(ci.half_width() * 100.0))
            })
        };
        let contrast = cell.contrasts.iter().find(|contrast| contrast.arm == arm.label).map(|c| c.mean);
        let p = |p: Option<f64>| p.map_or_else(none, format::p_value);
        table += &words::row(&[
            escape::markdown(&arm.label),
            arm.efficiency.map_or_else(none, |e| format::percent(e.mean)),
            ci(arm.efficiency.and_then(|e| e.t_ci)),
            ci(arm.efficiency.and_then(|e| e.bootstrap_ci)),
            contrast.map_or_else(none, |c| mean_difference(&c)),
            p(contrast.and_then(|c| c.t_p)),
            p(contrast.and_then(|c| c.permutation_p)),
            p(contrast.and_then(|c| c.wilcoxon_p)),
            p(contrast.and_then(|c| c.tost_p)),
        ]);
    }
    format!("{table}\np values of single tests, not adjusted: the verdicts rest on the intervals.\n\n")
}

/// What the differences would be if invalid trials counted: whether leaving them out matters.
fn with_invalid(cell: &Cell) -> String {
    if cell.invalid() == 0 || cell.contrasts.is_empty() {
        return String::new();
    }
    let mut table = words::head(&["arm", "blocks", "difference, pp [interval], invalid trials taken in"], 1);
    for contrast in &cell.contrasts {
        let Some((blocks, estimate)) = contrast.with_invalid else { continue };
        table += &words::row(&[
            escape::markdown(&contrast.arm),
            blocks.to_string(),
            format::difference_pp(Some(estimate.value), estimate.ci, cell.family.least_blocks),
        ]);
    }
    format!("{table}\nNo verdict rests on these: they show what leaving the invalid trials out changes.\n\n")
}

/// A mean without an interval comes from too few blocks or from blocks that hardly vary.
fn mean_difference(view: &MeanView) -> String {
    match (view.mean, view.bootstrap_ci) {
        (Some(mean), None) => format::signed(mean * 100.0, 2),
        (mean, ci) => format::difference_pp(mean, ci, format::LEAST_N),
    }
}

fn exploratory(analysis: &Analysis, cell: &Cell) -> String {
    let rows: Vec<_> = analysis.exploratory.iter().filter(|e| e.cell == cell.name).collect();
    if rows.is_empty() {
        return "No pair of trials for an exploratory comparison.\n\n".to_owned();
    }
    let titles = ["arm", "quantity", "blocks", "to the baseline [95 %]", "p", "p adjusted", "established"];
    let mut table = words::head(&titles, 2);
    for e in rows {
        let effect = match (e.metric, e.metric.scale()) {
            (Metric::Efficiency, _) => {
                format!("{} pp", format::difference_pp(Some(e.estimate), e.ci, format::LEAST_N))
            }
            (_, Scale::Ratio) => format!("× {}", format::significant_with(e.estimate, e.ci, 1.0)),
            (_, Scale::Difference) => format!("{} µs", format::significant_with(e.estimate, e.ci, 1e3)),
        };
        let established = match (e.is_control, e.is_established()) {
            (true, _) => "A/A",
            (false, true) if analysis.control_differs_too(e) => "yes, but the A/A arm differs, too",
            (false, true) => "yes",
            (false, false) => "no",
        };
        table += &words::row(&[
            escape::markdown(&e.arm),
            e.metric.name().to_owned(),
            e.n.to_string(),
            effect,
            e.p.map_or(format::NONE.to_owned(), format::p_value),
            e.p_adjusted.map_or(format::NONE.to_owned(), format::p_value),
            established.to_owned(),
        ]);
    }
    format!(
        "{table}\nExploratory: Hodges-Lehmann estimates paired by block, p by Wilcoxon, adjusted over the whole run by Benjamini-Hochberg.\n\n"
    )
}
