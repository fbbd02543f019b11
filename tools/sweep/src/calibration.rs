//! The calibration of this machine, as `make calibrate` left it.

use crate::plan::Cell;
use std::io::ErrorKind;
use std::path::Path;
use tandem_records::{Calibration, Machine, SCHEMA_VERSION, regular_file};

/// Plan whose runs are what a calibration is made from.
const PLAN: &str = "calibration";
/// A trial is invalid when the simulator's 99th percentile of lateness exceeds this share of the token gap.
const LATE_SHARE_OF_GAP: f64 = 0.1;

/// The calibration in `file` if it speaks of this machine, else why there is none.
pub(crate) fn read(file: &Path, machine: &Machine) -> Result<Calibration, String> {
    let text = match regular_file::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return Err("the instrument is not calibrated on this machine".to_string());
        }
        Err(e) => return Err(format!("{} does not read: {e}", file.display())),
    };
    let calibration: Calibration =
        serde_json::from_str(&text).map_err(|e| format!("{} is no calibration: {e}", file.display()))?;
    if calibration.schema_version != SCHEMA_VERSION {
        return Err(format!("{} was written by another version", file.display()));
    }
    if !calibration.is_of(machine) {
        return Err(format!("{} speaks of another machine or kernel", file.display()));
    }
    Ok(calibration)
}

/// What the user should know before the first trial; none for the plan that calibrates.
pub(crate) fn warnings(found: &Result<Calibration, String>, plan: &str, cells: &[Cell]) -> Vec<String> {
    if plan == PLAN {
        return Vec::new();
    }
    let calibration = match found {
        Ok(calibration) => calibration,
        Err(why) => return vec![format!("note: {why}: make calibrate measures its own error (2 minutes)")],
    };
    let mut said = Vec::new();
    if !calibration.is_sound() {
        said.push(
            "warning: the last calibration of this machine did not recover every known effect; repeat make calibrate on a quiet machine"
                .to_string(),
        );
    }
    let late_ns = calibration.late_p99_ns.unwrap_or(0.0);
    let short = |cell: &&Cell| cell.gap_ns().is_some_and(|gap| late_ns > LATE_SHARE_OF_GAP * gap as f64);
    let names: Vec<&str> = cells.iter().filter(short).map(|cell| cell.name.as_str()).collect();
    if let Some(first) = names.first() {
        said.push(format!(
            "warning: {} cells ({first} …) have token gaps under {:.1} ms, ten times the calibrated lateness of the simulator: expect invalid trials",
            names.len(),
            late_ns / LATE_SHARE_OF_GAP / 1e6
        ));
    }
    said
}
