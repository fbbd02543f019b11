//! One chart of ratios per workload.

use super::cases::{Cases, Value};
use super::topics::{TOPICS, Topic};
use crate::charts::ratios::{Mark, Sheet, draw};
use crate::charts::{Chart, ChartError};
use tandem_records::Workload;

/// Draws those that the data support.
///
/// # Errors
/// When the drawing library fails, which no data should cause.
pub(super) fn draw_all(cases: &Cases) -> Result<Vec<Chart>, ChartError> {
    let drawn = TOPICS.iter().filter(|topic| topic.workload != Workload::Behaviour);
    drawn.filter_map(|topic| draw(&sheet(topic, cases)).transpose()).collect()
}

fn sheet<'a>(topic: &Topic, cases: &'a Cases) -> Sheet<'a> {
    let mark = |value: &'a Value| {
        let contrast = value.contrast.as_ref()?;
        Some(Mark { arm: &value.arm, ratio: contrast.ratio?, ci: contrast.ci })
    };
    let shown = cases.of(topic.workload).filter(|case| (topic.shows)(&case.name));
    let marks =
        shown.map(|case| (case.name.as_str(), case.values.iter().filter_map(mark).collect::<Vec<_>>()));
    Sheet {
        file: topic.chart,
        title: topic.title.to_owned(),
        right: topic.right,
        baseline: &cases.baseline,
        arms: &cases.arms,
        margin: cases.margin,
        cases: marks.filter(|(_, marks)| !marks.is_empty()).collect(),
    }
}
