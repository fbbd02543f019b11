//! The tables of the report.

use super::cases::{Case, Cases, Contrast, Quantity, Value, contrast};
use super::topics::{TOPICS, Topic};
use crate::report::{escape, format, words};
use crate::stats::{self, Interval};
use tandem_records::Workload;

/// Line break inside a cell.
const BREAK: &str = "<br>";

/// A table of cases by arm: value, CPU time, ratio to the baseline and verdict.
pub(super) fn values(cases: &Cases, topic: &Topic, shown: &[&Case], cpus: u32) -> String {
    let arms: Vec<&String> =
        cases.arms.iter().filter(|arm| shown.iter().any(|case| case.value(arm).is_some())).collect();
    if arms.is_empty() {
        return String::new();
    }
    let has_own_cost = shown.iter().any(|case| case.overhead.is_some());
    let mut titles = vec!["case".to_owned()];
    titles.extend(arms.iter().map(|arm| title(cases, arm)));
    titles.extend(has_own_cost.then(|| "harness, % of a batch".to_owned()));
    let mut text = head(&titles);
    for case in shown {
        let mut row = vec![name(case, cpus)];
        row.extend(arms.iter().map(|arm| {
            let value = case.value(arm).map(|value| cell(topic, case, value));
            value.unwrap_or_else(|| format::NONE.to_owned())
        }));
        row.extend(has_own_cost.then(|| case.overhead.map_or_else(|| format::NONE.to_owned(), own_cost)));
        text += &words::row(&row);
    }
    text + "\n"
}

/// The key cases of all workloads.
pub(super) fn glance(cases: &Cases, cpus: u32) -> String {
    let mut titles = vec!["what".to_owned()];
    titles.extend(cases.arms.iter().map(|arm| title(cases, arm)));
    let row = |what: String, case: &Case| {
        let cells = cases.arms.iter().map(|arm| match case.value(arm) {
            Some(value) => short(case, value),
            None => format::NONE.to_owned(),
        });
        words::row(&[what].into_iter().chain(cells).collect::<Vec<_>>())
    };
    let mut rows = String::new();
    for topic in &TOPICS {
        for (name, what) in topic.glance {
            rows +=
                &cases.find(topic.workload, name).map_or(String::new(), |case| row((*what).to_owned(), case));
        }
    }
    // As many workers as processors.
    if let Some(case) = cases.find(Workload::Workers, &cpus.to_string()) {
        rows +=
            &row(format!("a request with some computing, {}", format::plural(cpus as usize, "worker")), case);
    }
    if rows.is_empty() { rows } else { format!("{}{rows}\n", head(&titles)) }
}

/// Cases over another case of the same arm; empty without any.
pub(super) fn within_arms<'a>(cases: &'a Cases, topic: &Topic, cpus: u32) -> stats::Result<String> {
    let Some(within) = &topic.within else { return Ok(String::new()) };
    let over = |case: &'a Case| Some((case, cases.find(topic.workload, &(within.over)(&case.name)?)?));
    let pairs: Vec<(&Case, &Case)> = cases.of(topic.workload).filter_map(over).collect();
    if pairs.is_empty() {
        return Ok(String::new());
    }
    let arms: Vec<&String> = cases.arms.iter().filter(|arm| !cases.is_control(arm)).collect();
    let mut titles = vec!["case".to_owned(), "over".to_owned()];
    titles.extend(arms.iter().map(|arm| escape::markdown(arm)));
    let mut text = format!("{}\n\n{}", within.words, head(&titles));
    for (case, reference) in pairs {
        let mut row = vec![name(case, cpus), name(reference, cpus)];
        for arm in &arms {
            row.push(match (case.value(arm), reference.value(arm)) {
                (Some(value), Some(of)) => {
                    let names = (reference.name.as_str(), case.name.as_str());
                    ratio(&contrast(&of.by_block, &value.by_block, cases.margin, names)?)
                }
                _ => format::NONE.to_owned(),
            });
        }
        text += &words::row(&row);
    }
    Ok(text + "\n")
}

/// Facts by arm.
pub(super) fn facts(cases: &Cases) -> String {
    let mut titles = vec!["fact".to_owned()];
    titles.extend(cases.arms.iter().map(|arm| escape::markdown(arm)));
    let mut text = head(&titles);
    for case in cases.of(Workload::Behaviour) {
        let mut row = vec![escape::markdown(&case.name)];
        row.extend(cases.arms.iter().map(|arm| match case.held.get(arm) {
            None => format::NONE.to_owned(),
            Some((0, _)) => "no".to_owned(),
            Some((held, of)) => {
                let after = case.value(arm).map(|value| amount(Quantity::Time, value.median));
                let yes = if held == of { "yes".to_owned() } else { format!("in {held} of {of} trials") };
                // A fact that is there from the beginning takes no time.
                match after.filter(|text| text != "0 ns") {
                    Some(after) => format!("{yes}, {after}"),
                    None => yes,
                }
            }
        }));
        text += &words::row(&row);
    }
    text + "\n"
}

/// Head of a table whose every column holds words.
fn head(titles: &[String]) -> String {
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    words::head(&titles, titles.len())
}

fn title(cases: &Cases, arm: &str) -> String {
    let words = if arm == cases.baseline {
        " (baseline)"
    } else if cases.is_control(arm) {
        " (A/A)"
    } else {
        ""
    };
    format!("{}{words}", escape::markdown(arm))
}

fn name(case: &Case, cpus: u32) -> String {
    let name = escape::markdown(&case.name);
    if case.workload != Workload::Workers {
        return name;
    }
    match case.name.parse::<u32>() {
        Ok(workers) if workers > cpus => format!("{workers} workers, oversubscribed"),
        Ok(workers) => format::plural(workers as usize, "worker"),
        Err(_) => name,
    }
}

/// Value with its interval, CPU time, ratio and verdict.
fn cell(topic: &Topic, case: &Case, value: &Value) -> String {
    let mut lines = vec![with_interval(case.quantity, value.median, value.ci)];
    if matches!(topic.workload, Workload::Http | Workload::Workers) {
        lines.push(format!("{} /s", format::significant(1e9 / value.median)));
    }
    lines.extend(value.cpu.map(|cpu| format!("CPU {}", amount(Quantity::Time, cpu))));
    lines.extend(value.contrast.as_ref().map(ratio));
    lines.extend(value.contrast.as_ref().map(verdict));
    lines.join(BREAK)
}

/// Value and ratio.
fn short(case: &Case, value: &Value) -> String {
    let mut lines = vec![amount(case.quantity, value.median)];
    lines.extend(
        value
            .contrast
            .as_ref()
            .and_then(|found| Some(format!("× {} {}", format::significant(found.ratio?), verdict(found)))),
    );
    lines.join(BREAK)
}

fn verdict(contrast: &Contrast) -> String {
    contrast.comparison.judgement.verdict.as_str().replace('_', " ")
}

fn ratio(contrast: &Contrast) -> String {
    let Some(ratio) = contrast.ratio else { return format::NONE.to_owned() };
    let ci =
        contrast.ci.map(|ci| format!(" [{}, {}]", format::significant(ci.lo), format::significant(ci.hi)));
    format!("× {}{}", format::significant(ratio), ci.unwrap_or_default())
}

/// The harness's share of a batch in percent; what is under a hundredth of one needs no digits.
fn own_cost(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 0.01 { "< 0.01".to_owned() } else { format::fixed(percent, 2) }
}

/// The length and name of the unit in which a quantity is read.
fn unit(quantity: Quantity, value: f64) -> (f64, &'static str) {
    match quantity {
        Quantity::Time | Quantity::Cpu => match value {
            v if v < 1e3 => (1.0, "ns"),
            v if v < 1e6 => (1e3, "µs"),
            v if v < 1e9 => (1e6, "ms"),
            _ => (1e9, "s"),
        },
        Quantity::Memory => match value {
            v if v < 1e3 => (1.0, "B"),
            v if v < 1e6 => (1e3, "kB"),
            _ => (1e6, "MB"),
        },
    }
}

/// `1.25 µs`.
pub(super) fn amount(quantity: Quantity, value: f64) -> String {
    let (length, name) = unit(quantity, value);
    let whole = value == 0.0 || (length == 1.0 && value >= 100.0);
    let number = if whole { format::fixed(value, 0) } else { format::significant(value / length) };
    format!("{number} {name}")
}

/// `1.25 µs [1.21, 1.30]`.
fn with_interval(quantity: Quantity, value: f64, ci: Option<Interval>) -> String {
    let (length, _) = unit(quantity, value);
    let bounds = ci.map(|ci| {
        format!(" [{}, {}]", format::significant(ci.lo / length), format::significant(ci.hi / length))
    });
    format!("{}{}", amount(quantity, value), bounds.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_their_unit() {
        let cases = [
            (Quantity::Time, 0.0, "0 ns"),
            (Quantity::Time, 57.25, "57.2 ns"),
            (Quantity::Time, 653.0, "653 ns"),
            (Quantity::Cpu, 1_250.0, "1.25 µs"),
            (Quantity::Time, 5.2e6, "5.20 ms"),
            (Quantity::Time, 2e9, "2.00 s"),
            (Quantity::Memory, 448.2, "448 B"),
            (Quantity::Memory, 27_500.0, "27.5 kB"),
            (Quantity::Memory, 1.5e6, "1.50 MB"),
        ];
        for (quantity, value, text) in cases {
            assert_eq!(amount(quantity, value), text);
        }
        let ci = Some(Interval { lo: 990.0, hi: 1_300.0 });
        assert_eq!(with_interval(Quantity::Time, 1_250.0, ci), "1.25 µs [0.990, 1.30]");
    }
}
