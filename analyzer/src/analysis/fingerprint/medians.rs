//! What the trials of one arm in one cell show at the median.

use crate::analysis::{Arm, Cell};
use crate::metrics::{Outcome, TrialMetrics, median};
use crate::stats::quantile;

/// Fewest trials whose median one bad moment cannot pull to its side.
const LEAST_TRIALS: usize = 3;

/// Medians over trials; factors are fractions, times in ns.
#[derive(Debug, Clone, PartialEq)]
pub struct Medians {
    /// Trials that count, or are invalid only because their streams were not open at once.
    pub trials: usize,
    /// sum S_i / (n max S_i).
    pub balance: f64,
    /// max C_i / W.
    pub overlap: f64,
    /// max S_i / max C_i.
    pub isolation: f64,
    /// The published study's number.
    pub ratio_tr115: f64,
    /// Delivered concurrency, where the servers tell.
    pub delivered: Option<f64>,
    /// CPU time / makespan.
    pub busy_cores: Option<f64>,
    /// Requests that were queued at their server / requests, where a server lets streams wait.
    pub queued: Option<f64>,
    /// Most streams that one server generated at once, where a server lets streams wait.
    pub at_once_per_server: Option<f64>,
    /// Send to first token.
    pub ttft_ns: Option<Quartiles>,
    /// Time between two pieces of text on average.
    pub piece_gap_ns: Option<f64>,
    /// Median gap between pieces.
    pub itl_p50_ns: Option<Quartiles>,
    /// 99th percentile of the gaps.
    pub itl_p99_ns: Option<f64>,
    /// Fewest and most tokens of an agent.
    pub tokens: Option<(f64, f64)>,
    /// How much later the first token comes than the baseline's.
    pub late: Option<Late>,
}

/// Median and quartiles (type 7) over trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quartiles {
    /// First quartile.
    pub low: f64,
    /// Median.
    pub median: f64,
    /// Third quartile.
    pub high: f64,
}

impl Quartiles {
    fn of(values: &[f64]) -> Option<Quartiles> {
        let found = quantile::quantiles(values, &[0.25, 0.5, 0.75]).ok()??;
        Some(Quartiles { low: found[0], median: found[1], high: found[2] })
    }
}

/// How much later the first token comes than the baseline's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Late {
    /// Difference of the median TTFTs, ns; below 0 where it comes earlier.
    pub ns: f64,
    /// The same in three of four trials of both: the arm's first quartile minus the baseline's third, ns.
    pub clear_ns: f64,
    /// Gap between pieces: the plan's, else the baseline's own, ns.
    pub gap_ns: f64,
}

impl Late {
    /// The difference of the medians in gaps.
    pub fn gaps(self) -> f64 {
        self.ns / self.gap_ns
    }
}

impl Medians {
    /// None where there are too few trials, and in an open loop.
    pub(super) fn gather(outcomes: &[Outcome], arm: &Arm) -> Option<Medians> {
        let trials: Vec<&TrialMetrics> = arm.on_time.iter().filter_map(|p| outcomes[*p].on_time()).collect();
        if trials.len() < LEAST_TRIALS {
            return None;
        }
        let over = |value: fn(&TrialMetrics) -> Option<f64>| median(trials.iter().filter_map(|t| value(t)));
        let quartiles = |value: fn(&TrialMetrics) -> Option<f64>| {
            Quartiles::of(&trials.iter().filter_map(|t| value(t)).collect::<Vec<f64>>())
        };
        let fewest = over(|t| t.requests.agent_tokens.first().map(|n| *n as f64));
        let most = over(|t| t.requests.agent_tokens.last().map(|n| *n as f64));
        Some(Medians {
            trials: trials.len(),
            balance: over(|t| Some(t.factors?.balance))?,
            overlap: over(|t| Some(t.factors?.overlap))?,
            isolation: over(|t| Some(t.factors?.isolation))?,
            ratio_tr115: over(|t| Some(t.factors?.ratio_tr115))?,
            delivered: over(|t| t.delivered_concurrency),
            busy_cores: over(|t| t.busy_cores),
            queued: over(|t| t.queueing.map(|queue| queue.queued as f64 / queue.requests as f64)),
            at_once_per_server: over(|t| t.queueing.map(|queue| f64::from(queue.at_once_per_server))),
            ttft_ns: quartiles(|t| t.requests.ttft_ns),
            piece_gap_ns: over(|t| t.requests.piece_gap_ns),
            itl_p50_ns: quartiles(|t| t.requests.itl_p50_ns),
            itl_p99_ns: over(|t| t.requests.itl_p99_ns),
            tokens: fewest.zip(most).filter(|(_, most)| *most > 0.0),
            late: None,
        })
    }

    pub(super) fn later_than(&self, reference: &Medians, cell: &Cell) -> Option<Late> {
        let planned = cell.facts.gap_ns.map(|ns| ns as f64);
        let gap_ns = planned.or(reference.piece_gap_ns).filter(|gap| *gap > 0.0)?;
        let (mine, other) = (self.ttft_ns?, reference.ttft_ns?);
        Some(Late { ns: mine.median - other.median, clear_ns: mine.low - other.high, gap_ns })
    }
}
