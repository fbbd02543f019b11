//! From the rows of a run to statistics, charts and a report.
//!
//! ```text
//! load (CSV, manifest) -> metrics (one trial) -> analysis (cells, contrasts) -> predictions -> charts, report
//!                                                      stats (pure functions)
//! columns (any CSV) -> summary, columns_stats -> text, JSON
//! ```
//!
//! Every formula of the project lives here; the rows hold observations only.

pub mod analysis;
pub mod calibration;
pub mod charts;
pub mod columns;
pub mod columns_stats;
pub mod compare;
pub mod glossary;
pub mod load;
pub mod marks;
pub mod metrics;
pub mod micro;
mod parallel;
pub mod predictions;
mod quoting;
pub mod report;
pub mod selfcheck;
pub mod stats;
pub mod summary;
pub mod tokens;
pub mod tr115;
