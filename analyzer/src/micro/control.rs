//! The baseline against itself: what the instrument sees where there is nothing to see.

use super::cases::Cases;
use super::topics::TOPICS;
use crate::report::{escape, format, words};
use crate::stats;
use crate::stats::verdict::{AaReading, aa_reading};
use tandem_records::Workload;

/// The A/A contrasts of a workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Workload.
    pub workload: Workload,
    /// Contrasts whose 90 % interval lies inside the margin.
    pub equivalent: usize,
    /// Contrasts whose 95 % interval excludes equality.
    pub biased: usize,
    /// Contrasts of which neither is true.
    pub underpowered: usize,
    /// Contrasts without an interval.
    pub not_analysable: usize,
    /// Widest half of a 95 % interval, on the log scale.
    pub widest: Option<f64>,
}

impl Control {
    /// Contrasts that have an interval.
    pub fn compared(&self) -> usize {
        self.equivalent + self.biased + self.underpowered
    }
}

/// One for each workload that has an A/A contrast.
///
/// # Errors
/// A value that cannot be analysed.
pub fn read(cases: &Cases) -> stats::Result<Vec<Control>> {
    let mut controls: Vec<Control> = Vec::new();
    for (case, _, contrast) in cases.contrasts(true) {
        let comparison = &contrast.comparison;
        let (n, margin) = (comparison.n.least(), cases.margin);
        let reading = aa_reading(n, comparison.ci, comparison.ci_within, margin)?;
        if controls.last().is_none_or(|last| last.workload != case.workload) {
            let workload = case.workload;
            let none = Control {
                workload,
                equivalent: 0,
                biased: 0,
                underpowered: 0,
                not_analysable: 0,
                widest: None,
            };
            controls.push(none);
        }
        let Some(control) = controls.last_mut() else { continue };
        match reading {
            AaReading::Equivalent => control.equivalent += 1,
            AaReading::Biased => control.biased += 1,
            AaReading::Underpowered => control.underpowered += 1,
            AaReading::NotAnalysable => control.not_analysable += 1,
        }
        let half = comparison.ci95.map(|ci| ci.half_width());
        control.widest = match (control.widest, half) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
    }
    Ok(controls)
}

pub(super) fn section(controls: &[Control], cases: &Cases) -> String {
    let mut text = "## The instrument against itself\n\n".to_owned();
    if controls.is_empty() {
        return text + "This run has no A/A arm: nothing shows what it would see between two equal arms.\n\n";
    }
    text += &format!(
        "{} ran twice in every block. *Equivalent*: the 90 % interval of the ratio lies inside ± {} %; *differs*: the 95 % interval \
         excludes 1, which one in twenty does by chance; *underpowered*: neither.\n\n",
        escape::markdown(&cases.baseline),
        format::trimmed(cases.margin * 100.0)
    );
    let titles = [
        "workload",
        "cases",
        "equivalent",
        "differs",
        "underpowered",
        "no interval",
        "widest half interval, %",
    ];
    text += &words::head(&titles, 1);
    for control in controls {
        let title =
            TOPICS.iter().find(|topic| topic.workload == control.workload).map_or("", |topic| topic.title);
        text += &words::row(&[
            title.to_owned(),
            (control.compared() + control.not_analysable).to_string(),
            control.equivalent.to_string(),
            control.biased.to_string(),
            control.underpowered.to_string(),
            control.not_analysable.to_string(),
            control
                .widest
                .map_or(format::NONE.to_owned(), |half| format::significant((half.exp() - 1.0) * 100.0)),
        ]);
    }
    text + "\n"
}
