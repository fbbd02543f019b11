//! What the user may decide about an analysis; everything else comes from the manifest.

use crate::metrics::Slo;
use tandem_records::Manifest;

/// Baseline, margins and seed of one analysis.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Arm label that the others are compared with.
    pub baseline: String,
    /// Equivalence margin of efficiency, as a fraction.
    pub margin: f64,
    /// Equivalence margin of times, on the log scale.
    pub margin_log_time: f64,
    /// Seed of the resampling.
    pub seed: u64,
    /// What requests should meet; none where nobody named any.
    pub slo: Option<Slo>,
    /// What differs from the manifest, in words; empty when nothing does. A margin chosen after the
    /// data were seen must not look like one that was fixed before.
    pub overridden: Vec<String>,
}

impl Settings {
    /// The manifest's settings with what the user named in their place.
    ///
    /// # Errors
    /// When the margin is not above 0.
    pub fn new(
        manifest: &Manifest,
        baseline: Option<&str>,
        margin: Option<f64>,
        seed: Option<u64>,
    ) -> Result<Settings, String> {
        let mut overridden = Vec::new();
        if let Some(margin) = margin {
            if !(margin.is_finite() && margin > 0.0 && margin < 1.0) {
                return Err(format!(
                    "--margin is {margin}: name a fraction between 0 and 1, such as 0.005 for 0.5 pp"
                ));
            }
            if margin != manifest.margin_efficiency {
                overridden.push(format!("margin {margin} (the plan fixed {})", manifest.margin_efficiency));
            }
        }
        if let Some(baseline) = baseline.filter(|name| *name != manifest.baseline) {
            overridden.push(format!("baseline {baseline} (the plan names {})", manifest.baseline));
        }
        Ok(Settings {
            baseline: baseline.unwrap_or(&manifest.baseline).to_owned(),
            margin: margin.unwrap_or(manifest.margin_efficiency),
            margin_log_time: manifest.margin_log_time,
            seed: seed.unwrap_or(manifest.seed),
            slo: None,
            overridden,
        })
    }

    /// The same with objectives for the time to first token and the gaps between tokens, in milliseconds.
    ///
    /// # Errors
    /// When one is not above 0.
    pub fn with_slo(mut self, ttft_ms: Option<f64>, itl_ms: Option<f64>) -> Result<Settings, String> {
        let ns = |flag: &str, ms: Option<f64>| match ms {
            Some(ms) if !(ms.is_finite() && ms > 0.0) => {
                Err(format!("{flag} is {ms}: name milliseconds above 0, such as 200"))
            }
            ms => Ok(ms.map(|ms| ms * 1e6)),
        };
        let slo = Slo { ttft_ns: ns("--slo-ttft-ms", ttft_ms)?, itl_ns: ns("--slo-itl-ms", itl_ms)? };
        self.slo = Some(slo).filter(|slo| *slo != Slo::default());
        Ok(self)
    }
}
