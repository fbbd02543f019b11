//! `analyzer calibrate`: what the instrument reads where the truth is known, from a run of the plan `calibration`.

mod compute;
mod text;

pub use compute::calibration;
pub(crate) use text::facts;
pub use text::text;

use crate::analysis::{Settings, analyse};
use crate::load;
use crate::report::ReportError;
use std::path::{Path, PathBuf};
use tandem_records::{Calibration, OwnCosts, regular_file};

/// Plan that a calibration is made from.
pub const PLAN: &str = "calibration";

/// Which run, and where the answer goes.
#[derive(Debug, Clone)]
pub struct CalibrateRequest {
    /// Name or path of the run; the newest when not named.
    pub named: Option<String>,
    /// Folder of runs.
    pub runs: PathBuf,
    /// JSON of the program own-cost; without it the costs stay unknown.
    pub costs: Option<PathBuf>,
    /// File that keeps the calibration for later runs; none is written when not named.
    pub write: Option<PathBuf>,
}

/// Computes the calibration, writes it if asked to, and returns it.
///
/// # Errors
/// The run or the costs cannot be read, the run is of another plan, or the file cannot be written.
pub fn calibrate(request: &CalibrateRequest) -> Result<Calibration, ReportError> {
    let folder = load::locate(request.named.as_deref(), &request.runs)?;
    let run = load::load(&folder)?;
    if run.manifest.plan.name != PLAN {
        return Err(ReportError::Setting(format!(
            "run {} is of plan {}; a calibration needs one of plan {PLAN}: make calibrate",
            run.id, run.manifest.plan.name
        )));
    }
    let costs = request.costs.as_deref().map(read_costs).transpose()?;
    let settings = Settings::new(&run.manifest, None, None, None).map_err(ReportError::Setting)?;
    let found = calibration(&analyse(&run, settings)?, costs)?;
    if let Some(path) = &request.write {
        let json = serde_json::to_string_pretty(&found)?;
        regular_file::check_writable(path)
            .and_then(|()| std::fs::write(path, json + "\n"))
            .map_err(|source| ReportError::Write { path: path.clone(), source })?;
    }
    Ok(found)
}

fn read_costs(path: &Path) -> Result<OwnCosts, ReportError> {
    let wrong = |reason: String| ReportError::Generated { path: path.to_owned(), reason };
    let text =
        regular_file::read_to_string(path).map_err(|e| wrong(format!("{e}; write it with own-cost")))?;
    serde_json::from_str(&text).map_err(|e| wrong(format!("not the JSON of own-cost ({e})")))
}
