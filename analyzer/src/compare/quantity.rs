//! What two runs are compared by.

use crate::analysis::Metric;
use crate::metrics::TrialMetrics;
use crate::stats::verdict::Unit;
use clap::ValueEnum;

/// One quantity of a trial that two runs are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Quantity {
    /// Efficiency, the primary quantity
    Efficiency,
    /// Time to first token
    Ttft,
    /// Time per output token after the first
    Tpot,
    /// 99th percentile of the gaps between tokens
    GapP99,
    /// CPU time per token
    CpuPerToken,
    /// Median client-added delay per token, without a verdict
    DelayP50,
    /// 99th percentile of the client-added delay, without a verdict
    DelayP99,
    /// Context switches per token, without a verdict
    SwitchesPerToken,
}

/// Equivalence margins, on the scales on which quantities are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Margins {
    /// Of efficiency, a fraction.
    pub efficiency: f64,
    /// Of times and costs, a difference of natural logarithms.
    pub log_time: f64,
}

impl Quantity {
    /// All of them, in the order of the report.
    pub const ALL: [Quantity; 8] = [
        Quantity::Efficiency,
        Quantity::Ttft,
        Quantity::Tpot,
        Quantity::GapP99,
        Quantity::CpuPerToken,
        Quantity::DelayP50,
        Quantity::DelayP99,
        Quantity::SwitchesPerToken,
    ];

    /// True when changes get a verdict; the others have no margin fixed by the plan.
    pub fn is_judged(self) -> bool {
        !matches!(self, Quantity::DelayP50 | Quantity::DelayP99 | Quantity::SwitchesPerToken)
    }

    /// True when it is compared by differences of logarithms.
    pub fn is_log(self) -> bool {
        !matches!(self, Quantity::Efficiency | Quantity::DelayP50 | Quantity::DelayP99)
    }

    /// Its value on the scale on which it is compared; none where the trial does not tell, or where it is not
    /// above 0 and has no logarithm.
    pub(super) fn scaled(self, trial: &TrialMetrics) -> Option<f64> {
        let value = self.metric().of(trial)?;
        if self.is_log() { (value > 0.0).then(|| value.ln()) } else { Some(value) }
    }

    /// From the scale on which it is compared back to its own unit.
    pub(super) fn unscaled(self, value: f64) -> f64 {
        if self.is_log() { value.exp() } else { value }
    }

    /// The margin of a judged quantity.
    pub fn margin(self, margins: Margins) -> f64 {
        if self == Quantity::Efficiency { margins.efficiency } else { margins.log_time }
    }

    /// How the sentence of a verdict writes changes.
    pub(super) fn unit(self) -> Unit {
        if self.is_log() { Unit::log_as_percent() } else { Unit::percentage_points() }
    }

    /// True when a change of this sign is for the worse: less efficiency, or more of anything else.
    pub fn is_worse(self, change: f64) -> bool {
        if self == Quantity::Efficiency { change < 0.0 } else { change > 0.0 }
    }

    /// Its name in running text.
    pub fn name(self) -> &'static str {
        self.metric().name()
    }

    /// Its name in files and on the command line.
    pub fn slug(self) -> &'static str {
        match self {
            Quantity::Efficiency => "efficiency",
            Quantity::Ttft => "ttft",
            Quantity::Tpot => "tpot",
            Quantity::GapP99 => "gap-p99",
            Quantity::CpuPerToken => "cpu-per-token",
            Quantity::DelayP50 => "delay-p50",
            Quantity::DelayP99 => "delay-p99",
            Quantity::SwitchesPerToken => "switches-per-token",
        }
    }

    fn metric(self) -> Metric {
        match self {
            Quantity::Efficiency => Metric::Efficiency,
            Quantity::Ttft => Metric::Ttft,
            Quantity::Tpot => Metric::Tpot,
            Quantity::GapP99 => Metric::ItlP99,
            Quantity::CpuPerToken => Metric::CpuPerToken,
            Quantity::DelayP50 => Metric::DelayP50,
            Quantity::DelayP99 => Metric::DelayP99,
            Quantity::SwitchesPerToken => Metric::SwitchesPerToken,
        }
    }
}
