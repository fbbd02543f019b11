//! From the rows of a run to statistics, charts and a report.

pub mod stats;
