//! Progress on standard error: a bar on a terminal, a line now and then elsewhere. It draws between trials
//! only: the driver uses no CPU while an arm measures.

use crate::estimate::{in_words, trial_time};
use crate::schedule::PlannedTrial;
use crate::terminal::{one_line, say};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// Progress of one session.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    last_line: Option<Instant>,
    total: u64,
    done: u64,
    failed: u64,
    /// Expected seconds of the trials that are over, and of those that are not.
    over: f64,
    left: f64,
}

impl Progress {
    /// Progress over these trials.
    pub fn new(trials: &[&PlannedTrial]) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(trials.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let left = trials.iter().map(|trial| weight(trial)).sum();
        let total = trials.len() as u64;
        Progress { bar, began: Instant::now(), last_line: None, total, done: 0, failed: 0, over: 0.0, left }
    }

    /// Before a trial.
    pub fn begins(&mut self, trial: &PlannedTrial) {
        let mut text = format!("{} {}", trial.row.cell, trial.row.arm);
        if self.failed > 0 {
            text.push_str(&format!(", {} failed", self.failed));
        }
        if self.over > 0.0 {
            let left = self.began.elapsed().as_secs_f64() / self.over * self.left;
            text.push_str(&format!(", {} left", in_words(Duration::from_secs_f64(left))));
        }
        match &self.bar {
            Some(bar) => bar.set_message(one_line(&text)),
            None if self.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) => {
                say(&format!("trial {} of {}: {text}", self.done + 1, self.total));
                self.last_line = Some(Instant::now());
            }
            None => {}
        }
    }

    /// After a trial.
    pub fn ends(&mut self, trial: &PlannedTrial, ok: bool) {
        self.done += 1;
        self.failed += u64::from(!ok);
        self.over += weight(trial);
        self.left -= weight(trial);
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }

    /// A line for the user, above the bar.
    pub fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(line)),
            None => say(line),
        }
    }

    /// No more trials.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Expected seconds; every trial counts alike where the plan does not know.
fn weight(trial: &PlannedTrial) -> f64 {
    trial_time(trial).map_or(1.0, |time| time.as_secs_f64())
}
