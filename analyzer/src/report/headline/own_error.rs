//! The instrument's own error in one line.

use crate::analysis::Analysis;
use crate::metrics::median;
use crate::report::{calibration, format, open_loop};

/// A/A, simulator lateness, delivered concurrency or rate, blocks and the smallest difference this run could see,
/// each only where it was measured, as plain text.
pub fn own_error(analysis: &Analysis) -> String {
    let mut parts = vec![control(analysis)];
    let own = &analysis.instrument;
    if let (Some(p50), Some(p99), Some(worst)) = (own.late_p50_ns, own.late_p99_ns, own.late_p99_worst_ns) {
        let latest = own.late_max_ns.map(|max| format!(", latest write {} µs", format::micros(max)));
        parts.push(format!(
            "simulator late by {} µs at the median and {} µs at p99 (median over {}; worst trial {} µs{})",
            format::micros(p50),
            format::micros(p99),
            format::plural(own.trials_with_lateness, "trial"),
            format::micros(worst),
            latest.unwrap_or_default(),
        ));
    } else {
        parts.push("server lateness not measured".to_owned());
    }
    let concurrency = (own.concurrency_median, own.concurrency_least, own.trials_with_concurrency);
    parts.extend(share("delivered concurrency", concurrency));
    parts.extend(share("generated at once", at_once(analysis)));
    let rates: Vec<f64> =
        analysis.outcomes.iter().filter_map(|o| o.complete()?.open?.delivered_rate).collect();
    let least = rates.iter().copied().reduce(f64::min);
    parts.extend(share("delivered rate", (median(rates.iter().copied()), least, rates.len())));
    if own.trials_with_concurrency + rates.len() == 0 {
        parts.push("delivered concurrency not measured".to_owned());
    }
    let known = analysis.run.manifest.calibration.as_ref();
    parts.push(calibration::in_short(known));
    parts.extend(analysis.headline().and_then(|cell| calibration::recording(known, cell)));
    parts.push(sight(analysis));
    format!("{}.", parts.join("; "))
}

/// `delivered rate 99.9 % (least 98 %, 72 trials)`; none where no trial tells.
fn share(what: &str, (median, least, trials): (Option<f64>, Option<f64>, usize)) -> Option<String> {
    Some(format!(
        "{what} {} % (least {} %, {})",
        format::trimmed(round1(median?)),
        format::trimmed(round1(least?)),
        format::plural(trials, "trial"),
    ))
}

/// Streams generated at once as a share of those that could be: median, least, and trials. Nothing where no request was
/// queued, because then that is the delivered concurrency.
fn at_once(analysis: &Analysis) -> (Option<f64>, Option<f64>, usize) {
    if analysis.cells.iter().all(|cell| cell.queue.is_none()) {
        return (None, None, 0);
    }
    let shares: Vec<f64> = analysis.outcomes.iter().filter_map(|o| o.complete()?.generated_at_once).collect();
    (median(shares.iter().copied()), shares.iter().copied().reduce(f64::min), shares.len())
}

/// A share in percent with one decimal, rounded down: 94.99 % must not read as 95.
fn round1(share: f64) -> f64 {
    (share * 1000.0 + 1e-9).floor() / 10.0
}

fn control(analysis: &Analysis) -> String {
    if let Some(control) = analysis.headline().and_then(|cell| cell.open.iter().find(|c| c.is_control)) {
        let blocks = format::plural(control.n, "block");
        return format!(
            "A/A {} in time to first token at p99 ({blocks})",
            open_loop::ratio(analysis, control)
        );
    }
    let Some(control) = analysis.headline().and_then(|cell| cell.control.as_ref()) else {
        return "no A/A arm, so a bias of the instrument would not be seen".to_owned();
    };
    match control.estimate {
        Some(_) => format!(
            "A/A {} pp ({}, {})",
            format::difference_pp(control.estimate, control.ci, format::LEAST_N),
            control.reading.as_str().replace('_', " "),
            format::plural(control.n, "block"),
        ),
        None => "A/A without a complete block".to_owned(),
    }
}

fn sight(analysis: &Analysis) -> String {
    let open = analysis.headline().map(|cell| cell.open.as_slice()).unwrap_or_default();
    if let Some(most) = open.iter().map(|contrast| contrast.n).max() {
        return format::plural(most, "block");
    }
    let contrasts = analysis.headline().map(|cell| cell.contrasts.as_slice()).unwrap_or_default();
    let Some(most) = contrasts.iter().map(|c| c.n).max() else {
        return "no contrast, so no smallest visible difference".to_owned();
    };
    let least = contrasts.iter().map(|c| c.n).min().unwrap_or(most);
    let blocks =
        if least == most { format::plural(most, "block") } else { format!("{least} to {most} blocks") };
    // The widest interval: the claim has to hold for every arm.
    let seen: Vec<f64> = contrasts.iter().filter_map(|c| c.smallest_visible()).collect();
    let widest = seen.iter().copied().fold(0.0, f64::max) * 100.0;
    if seen.is_empty() {
        format!("{blocks}, too few for an interval of any contrast")
    } else if seen.len() < contrasts.len() {
        format!("{blocks}, too few for an interval of every contrast")
    } else if widest == 0.0 {
        format!("{blocks} without any variation, so no smallest visible difference")
    } else {
        let shown = format::fixed(widest, format::decimals_for(widest));
        format!("{blocks}, smallest difference this run could see: {shown} pp")
    }
}
