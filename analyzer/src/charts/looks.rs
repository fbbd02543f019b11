//! Which arm looks how, the same in every chart of a report.

use super::canvas::{Anchor, Canvas};
use super::style::{Look, arm_look, baseline_look, style};
use super::text::fitted;
use crate::analysis::repeated;

/// The looks of all arms of a run.
pub(super) struct Looks {
    arms: Vec<(String, Look)>,
}

impl Looks {
    /// Looks by place: the baseline and its A/A arm are black circles, the others follow the palette.
    pub(super) fn new(labels: &[String], baseline: &str) -> Looks {
        let mut next = 0;
        let arms = labels
            .iter()
            .map(|label| {
                let again = repeated(label) == Some(baseline);
                let look = if label == baseline || again {
                    baseline_look(again)
                } else {
                    next += 1;
                    arm_look(next - 1)
                };
                (label.clone(), look)
            })
            .collect();
        Looks { arms }
    }

    /// The look of an arm.
    pub(super) fn of(&self, label: &str) -> Look {
        self.arms.iter().find(|(name, _)| name == label).map_or(baseline_look(true), |(_, look)| *look)
    }

    /// A column of marks with names; returns the y below it.
    pub(super) fn legend(&self, canvas: &Canvas, labels: &[&str], (x, y): (f64, f64)) -> f64 {
        let size = style().text_size;
        for (row, label) in labels.iter().enumerate() {
            let at = y + row as f64 * LEGEND_ROW;
            let look = self.of(label);
            canvas.mark(look.shape, (x + 6.0, at), style().mark_radius, look.ink, look.hollow);
            canvas.text(
                &fitted(label, size, f64::from(style().width) - x - 26.0),
                (x + 18.0, at),
                Anchor::Left,
                size,
                style().text,
            );
        }
        y + labels.len() as f64 * LEGEND_ROW
    }
}

const LEGEND_ROW: f64 = 20.0;

/// The y below a legend of so many names that begins at `y`.
pub(super) fn legend_end(names: usize, y: f64) -> f64 {
    y + names as f64 * LEGEND_ROW
}
