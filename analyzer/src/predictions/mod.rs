//! Predictions: claims made before the data, judged by them.
//!
//! The claims are data (`data/hypotheses.toml`). Each speaks of one quantity θ (a difference, the logarithm of a ratio,
//! a level) and says that it lies in a region R: between two bounds, above one or below one.
//!
//! # Which cell decides
//!
//! The first in the report's order, which rests on the plan alone: judged by efficiency, like for like, servers that
//! slow nobody, lengths asked for, two agents, most arms, the plan's first set. It has to hold the arms that the claim
//! names; cells in which both have the same client without a bridge come first, so that a claim on two runtimes is not
//! decided by two clients. Exploratory sets and floods decide nothing. The same rule is applied to every other cell
//! that could have decided, and the outcomes are counted beside the judgement without any weight in it.
//!
//! # The rule
//!
//! With CI the interval at level 1 - .05/k, k the predictions of the file that this run can judge by an interval
//! (Bonferroni: over all of them, at most one run in twenty judges something wrongly) and m the plan's margin; the first
//! row that holds:
//!
//! | # | condition | judgement |
//! |---|---|---|
//! | 1 | no such cell; over a tenth of its trials invalid; its A/A arm differs in this quantity; no interval at this n | not decidable here |
//! | 2 | CI inside R; not where row 3 holds and R begins or ends at 0 | supported |
//! | 3 | difference or ratio, CI inside (-m, m), and neither the mean nor single trials contradict it | equivalent within the margin |
//! | 4 | CI and R have no value in common | contradicted |
//! | 5 | otherwise | not decidable here |
//!
//! Row 3 stands before row 4 because "no difference that matters" says more than "not that one", and it holds a claim of
//! mere direction ("costs efficiency") to a difference that matters. A claim that is equivalent within the margin and
//! whose R lies beyond CI is refuted as well; the report says so. Levels have no null value, hence no row 3, and no A/A arm
//! can bias them.
//!
//! - *difference, ratio*: Hodges-Lehmann pseudo-median of the within-block differences (of logarithms), as in the verdicts.
//! - *level*: median over trials with its order-statistic interval, as in the tables.
//! - *reachable*: the median of each of a arms at 1 - .1/(k a): supported when the lower end of any of them is in R,
//!   contradicted when no arm's interval reaches R. One side of an interval supports and the other contradicts, and for one
//!   true value only one of both is an error: so each may take the whole .05/k, and the a arms share the one that supports.
//! - *threads*: counted, not estimated. Supported when every trial's number is in R, contradicted when none is.

mod decide;
mod evidence;
mod file;
mod hypothesis;
mod judge;

pub use decide::{Judgement, Region, decide};
pub use evidence::Evidence;
pub use file::{HypothesesError, embedded, read};
pub use hypothesis::{Hypothesis, Question};
pub use judge::{Prediction, Predictions, judge_all};
