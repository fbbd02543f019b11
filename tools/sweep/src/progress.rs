//! Progress on standard error: a bar on a terminal, a line now and then elsewhere. It draws between trials
//! only: the driver uses no CPU while an arm measures.

use crate::estimate::in_words;
use crate::schedule::PlannedTrial;
use crate::terminal::{one_line, say};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
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
    /// Expected seconds of each trial.
    weights: HashMap<u32, f64>,
    /// Whether these are more than guesses.
    is_known: bool,
    /// Those of the trials that are over, and of those that are not.
    over: f64,
    left: f64,
}

impl Progress {
    /// Progress over these trials, whose expected times `time` knows; where it does not, all count alike.
    pub fn new(trials: &[&PlannedTrial], time: impl Fn(&PlannedTrial) -> Option<Duration>) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(trials.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let times: Option<Vec<Duration>> = trials.iter().map(|trial| time(trial)).collect();
        let weight = |at: usize| times.as_ref().map_or(1.0, |times| times[at].as_secs_f64());
        let weights: HashMap<u32, f64> =
            trials.iter().enumerate().map(|(at, trial)| (trial.row.trial, weight(at))).collect();
        Progress {
            bar,
            began: Instant::now(),
            last_line: None,
            total: trials.len() as u64,
            done: 0,
            failed: 0,
            is_known: times.is_some(),
            left: weights.values().sum(),
            weights,
            over: 0.0,
        }
    }

    /// Before a trial.
    pub fn begins(&mut self, trial: &PlannedTrial) {
        let mut text = format!("{} {}", trial.row.cell, trial.row.arm);
        if self.failed > 0 {
            text.push_str(&format!(", {} failed", self.failed));
        }
        // Until a trial is over, the estimate stands for the pace.
        let pace = match (self.over > 0.0, self.is_known) {
            (true, _) => Some(self.began.elapsed().as_secs_f64() / self.over),
            (false, true) => Some(1.0),
            (false, false) => None,
        };
        if let Some(pace) = pace {
            let left = pace * self.left;
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
        let weight = self.weights.get(&trial.row.trial).copied().unwrap_or(0.0);
        self.over += weight;
        self.left -= weight;
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
