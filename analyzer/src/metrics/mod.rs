//! From the rows of one trial to its numbers: the formulas of the project, and whether a trial may count.

mod agents;
mod factors;
mod goodput;
mod open_loop;
mod outcome;
mod queueing;
mod requests;
mod times;
mod validity;

pub use agents::{AgentSummary, summarise_agents};
pub use factors::{Factors, factorise};
pub use goodput::{Goodput, Slo};
pub use open_loop::{OpenLoop, Tail, open_loop};
pub use outcome::{Outcome, TrialMetrics, outcome};
pub use queueing::{Queueing, may_queue};
pub use requests::{RequestSummary, summarise};
pub(crate) use requests::{pieces, time_per_output_token};
pub use times::{Times, times};
pub use validity::{Violation, at_once, delivered_concurrency, violations};

/// Type-7 median of a trial's own observations; none of none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    match n {
        0 => None,
        _ if n % 2 == 1 => Some(values[n / 2]),
        _ => Some((values[n / 2 - 1] + values[n / 2]) / 2.0),
    }
}
