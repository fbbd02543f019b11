//! What the driver says on standard output: what it measures, what it would do, what it did.

use crate::estimate::{in_words, longest_block, trial_time};
use crate::placement;
use crate::plan::SimScale;
use crate::schedule::{AA_SUFFIX, PlannedTrial};
use crate::servers::Fleet;
use crate::settings::Settings;
use crate::target::Target;
use std::collections::BTreeSet;
use std::time::Duration;

/// The first line: what is measured, on what, how much of it. `ollama_answers` only matters on simulators.
pub(crate) fn first_line(settings: &Settings, ollama_answers: bool) -> String {
    let file = &settings.plan.file;
    let arms: BTreeSet<&str> =
        settings.cells.iter().flat_map(|cell| cell.set.arms.iter().map(String::as_str)).collect();
    let arms = arms.into_iter().collect::<Vec<_>>().join(", ");
    let floor = settings.cells.iter().find_map(|cell| cell.floor.as_ref());
    let floor = floor.map_or(String::new(), |floor| format!(" beside the floor {floor}"));
    let on = match &settings.target {
        Target::Sim { .. } => "simulators".to_string(),
        Target::Real { urls, .. } => urls.join(" and "),
    };
    let least = settings.cells.iter().map(|cell| cell.blocks).min().unwrap_or(0);
    let most = settings.cells.iter().map(|cell| cell.blocks).max().unwrap_or(0);
    let blocks =
        if least == most { counted(most as usize, "block") } else { format!("{least} to {most} blocks") };
    let time = match total(&settings.trials) {
        Some(time) => format!("about {}", in_words(time)),
        None if settings.target.is_real() => "time told after the check".to_string(),
        None => "time unknown".to_string(),
    };
    let hint = match &settings.target {
        Target::Sim { .. } if ollama_answers => {
            "; two Ollama servers answer at 127.0.0.1:11434 and 127.0.0.1:11435, --servers ollama measures those"
        }
        _ => "",
    };
    let (plan, baseline) = (&settings.plan.name, &file.baseline);
    let cells = counted(settings.cells.len(), "cell");
    let trials = counted(settings.trials.len(), "trial");
    let simulated = matches!(settings.target, Target::Sim { .. });
    let goes_on = if settings.resumed.is_some() { "goes on with" } else { "measures" };
    let scaled = scale_in_words(file.scale_on(&settings.target, settings.full_scale));
    let placed = placement::in_words(&settings.cells, settings.placement.as_ref(), simulated);
    format!(
        "sweep {goes_on} {plan}: {arms} and A/A ({baseline}{AA_SUFFIX}){floor} on {on}; {cells}, {blocks}, {trials}, {time}{scaled}{placed}{hint}"
    )
}

/// How long a run on real servers will take, by the check's own streams; `None` on simulators, whose first line says it.
pub(crate) fn time_line(settings: &Settings, fleet: &Fleet) -> Option<String> {
    if !settings.target.is_real() {
        return None;
    }
    let time = |trial: &PlannedTrial| fleet.trial_time(trial);
    let all: Duration = settings.trials.iter().map(time).sum::<Option<Duration>>()?;
    let block = longest_block(&settings.trials, time)?;
    Some(format!(
        "time by the check's own streams: about {}, one block about {}",
        in_words(all),
        in_words(block)
    ))
}

/// What simulators were made shorter by; empty at full scale.
fn scale_in_words(scale: SimScale) -> String {
    let parts = [("first token", scale.time, "sooner"), ("responses", scale.tokens, "shorter")];
    let words: Vec<String> = parts
        .into_iter()
        .filter(|(_, divisor, _)| *divisor != 1.0)
        .map(|(what, divisor, how)| format!("{what} {divisor} x {how}"))
        .collect();
    if words.is_empty() {
        return String::new();
    }
    format!("; simulators scaled down: {}; --full-scale for the plan's own", words.join(", "))
}

/// The lines of `--dry-run` below the first: every trial in order with its expected time, then the sum by set.
pub(crate) fn dry_run(settings: &Settings) -> String {
    let mut text = String::new();
    for trial in &settings.trials {
        let row = &trial.row;
        let time = trial_time(trial).map_or("?".to_string(), |time| format!("{} ms", time.as_millis()));
        text.push_str(&format!(
            "trial {} block {} position {} {} {} {} {time}\n",
            row.trial, row.block, row.position, row.cell, row.arm, row.phase_order
        ));
    }
    let mut sets: Vec<&str> = settings.trials.iter().map(|trial| trial.row.set.as_str()).collect();
    sets.sort_unstable();
    sets.dedup();
    for set in sets {
        let of_set = settings.trials.iter().filter(|trial| trial.row.set == set);
        let count = of_set.clone().count();
        let time: Option<Duration> = of_set.map(trial_time).sum();
        text.push_str(&format!(
            "set {set}: {}, {}\n",
            counted(count, "trial"),
            time.map_or("time unknown".to_string(), in_words)
        ));
    }
    let all = total(&settings.trials).map_or("time unknown on these servers".to_string(), in_words);
    text.push_str(&format!("all: {}, {all}", counted(settings.trials.len(), "trial")));
    text
}

/// The last line: what came of it and what to do next.
pub(crate) struct Summary<'a> {
    pub ok: u32,
    pub failed: u32,
    pub planned: usize,
    pub wall: Duration,
    /// Sum of the trials of this session.
    pub in_trials: Duration,
    pub path: &'a std::path::Path,
    pub id: &'a str,
    pub interrupted: bool,
}

impl std::fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Summary { ok, failed, planned, id, .. } = self;
        write!(f, "{} ok, {failed} failed of {planned}; ", counted(*ok as usize, "trial"))?;
        if !self.in_trials.is_zero() {
            let (wall, trials) = (self.wall.as_secs_f64(), self.in_trials.as_secs_f64());
            write!(f, "wall {wall:.1} s / trials {trials:.1} s = {:.3}; ", wall / trials)?;
        }
        let next =
            if self.interrupted { format!("make sweep RUN={id}") } else { format!("make report RUN={id}") };
        write!(f, "{}; next: {next}", self.path.display())
    }
}

fn total(trials: &[PlannedTrial]) -> Option<Duration> {
    trials.iter().map(trial_time).sum()
}

/// `1 cell`, `2 cells`.
fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::{counted, scale_in_words};
    use crate::plan::SimScale;

    #[test]
    fn only_what_is_scaled_is_said() {
        assert_eq!(scale_in_words(SimScale::FULL), "");
        assert_eq!(
            scale_in_words(SimScale { time: 10.0, tokens: 2.5 }),
            "; simulators scaled down: first token 10 x sooner, responses 2.5 x shorter; --full-scale for the plan's own"
        );
        assert_eq!(
            scale_in_words(SimScale { time: 1.0, tokens: 40.0 }),
            "; simulators scaled down: responses 40 x shorter; --full-scale for the plan's own"
        );
    }

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "block")), ["0 blocks", "1 block", "2 blocks"]);
    }
}
