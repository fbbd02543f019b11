//! The calibration as a table for the terminal.

use crate::report::{aligned, format};
use tandem_records::{Calibration, Injected};

/// The whole calibration.
pub fn text(calibration: &Calibration) -> String {
    let mut rows = vec![["what", "true", "read [95 %]", "recovered"].map(str::to_owned)];
    rows.extend(calibration.injected.iter().map(row));
    facts(calibration)
        .into_iter()
        .fold(aligned(&rows, 4), |text, (what, value)| text + &format!("  {what}: {value}\n"))
}

/// What else is known of the instrument, one line each: name and value.
pub(crate) fn facts(calibration: &Calibration) -> Vec<(&'static str, String)> {
    let micros = |ns: Option<f64>| ns.map_or_else(none, |ns| format!("{} µs", format::significant(ns / 1e3)));
    let mut facts = Vec::new();
    if let Some(costs) = calibration.costs {
        let ns = |ns: f64| format!("{} ns", format::significant(ns));
        facts.push(("reading the clock", ns(costs.clock_ns)));
        facts.push(("recording a token", ns(costs.record_ns)));
        facts.push(("reading a line up to its recorded token", ns(costs.line_ns)));
    }
    facts.push((
        "simulator late",
        format!(
            "{} at the median, {} at p99 (medians over trials), {} at most",
            micros(calibration.late_p50_ns),
            micros(calibration.late_p99_ns),
            micros(calibration.late_max_ns)
        ),
    ));
    let percent = |share: f64| format!("{} %", format::significant(share * 100.0));
    facts.push((
        "64 streams asked for at once, least open",
        calibration.least_concurrency.map_or_else(none, percent),
    ));
    facts.push(("baseline against itself, efficiency", range(calibration.aa_efficiency, 100.0, "pp")));
    facts.push(("baseline against itself, added delay", range(calibration.aa_delay_ns, 1e-3, "µs")));
    facts
}

fn none() -> String {
    format::NONE.to_owned()
}

fn range(pair: Option<(f64, f64)>, scale: f64, unit: &str) -> String {
    let number = |value: f64| format::significant(value * scale);
    pair.map_or_else(none, |(lo, hi)| format!("[{}, {}] {unit}", number(lo), number(hi)))
}

fn row(injected: &Injected) -> [String; 4] {
    let number = format::significant;
    let read = match (injected.estimate, injected.ci) {
        (None, _) => "no trial tells".to_owned(),
        (Some(estimate), None) => format!("{} (needs >= 6 blocks for an interval)", number(estimate)),
        (Some(estimate), Some((lo, hi))) => {
            format!("{} [{}, {}] {}", number(estimate), number(lo), number(hi), injected.unit)
        }
    };
    let recovered = if injected.is_recovered() { "yes" } else { "NO" };
    [
        injected.what.clone(),
        format!("{} {}", number(injected.truth), injected.unit),
        read,
        recovered.to_owned(),
    ]
}
