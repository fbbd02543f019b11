//! What is known of the instrument on the machine that made the run.

use super::{escape, format, words};
use crate::analysis::{Arm, Cell, Metric};
use crate::calibration::facts;
use tandem_records::{Calibration, Injected};

/// The section of the checks.
pub(super) fn section(calibration: Option<&Calibration>) -> String {
    let mut text = "### Calibration\n\n".to_owned();
    let Some(calibration) = calibration else {
        return text
            + "The instrument was not calibrated on this machine before the run (`make calibrate`): no known effect was put in and read back here.\n\n";
    };
    text += &format!(
        "Effects of known size, put in and read back on this machine (run {}, {}):\n\n",
        escape::markdown(&calibration.run_id),
        escape::markdown(calibration.measured_utc.split('T').next().unwrap_or_default()),
    );
    text += &words::head(&["what was put in", "true", "read [95 %]", "recovered"], 1);
    for injected in &calibration.injected {
        text += &words::row(&[
            escape::markdown(&injected.what),
            format!("{} {}", format::significant(injected.truth), escape::markdown(&injected.unit)),
            read(injected),
            if injected.is_recovered() { "yes".to_owned() } else { "**no**".to_owned() },
        ]);
    }
    text += "\n";
    for (what, value) in facts(calibration) {
        text += &format!("- {what}: {value}\n");
    }
    text + "\n"
}

fn read(injected: &Injected) -> String {
    match (injected.estimate, injected.ci) {
        (Some(estimate), Some((lo, hi))) => {
            let ci = crate::stats::Interval { lo, hi };
            format!(
                "{} {}",
                format::significant_with(estimate, Some(ci), 1.0),
                escape::markdown(&injected.unit)
            )
        }
        (Some(estimate), None) => format!("{} (no interval)", format::significant(estimate)),
        (None, _) => format::NONE.to_owned(),
    }
}

/// What recording a token costs, as a share of the CPU time that the cheapest arm of a cell spends on one: of its figures
/// it is the largest part. None where either is unknown.
pub(super) fn recording(calibration: Option<&Calibration>, cell: &Cell) -> Option<String> {
    let record_ns = calibration?.costs?.record_ns;
    let per_token = |arm: &Arm| Some((arm.spread(Metric::CpuPerToken)?.median, arm.label.clone()));
    let (least_ns, arm) = cell.described().filter_map(per_token).min_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(format!(
        "recording a token costs {} ns, {} % of the CPU time that {} spends on one",
        format::significant(record_ns),
        format::significant(record_ns / least_ns * 100.0),
        escape::name(&arm),
    ))
}

/// What the first lines of the report say of it.
pub(super) fn in_short(calibration: Option<&Calibration>) -> String {
    let Some(calibration) = calibration else { return "not calibrated on this machine".to_owned() };
    let lost = calibration.injected.iter().filter(|injected| !injected.is_recovered()).count();
    let day = calibration.measured_utc.split('T').next().unwrap_or_default();
    if calibration.is_sound() {
        format!("calibrated on {day}: all {} effects of known size recovered", calibration.injected.len())
    } else {
        format!(
            "calibrated on {day}: {lost} of {} effects of known size NOT recovered",
            calibration.injected.len()
        )
    }
}
