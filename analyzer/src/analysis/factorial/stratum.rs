//! Trials that differ in nothing but the factors: those of a set under equal circumstances.

use super::factor::{ALL, COUNT, Level};
use crate::analysis::group::repeated;
use crate::load::{Run, Trial};
use crate::metrics::{Outcome, TrialMetrics};
use std::collections::{BTreeMap, BTreeSet};
use tandem_records::{Capacity, Pin, PlanRow, Workload};

/// Place of a combination: the number of its level in each factor.
pub(super) type At = [usize; COUNT];

/// One trial in its place.
#[derive(Debug)]
pub(super) struct Placed<'a> {
    pub(super) at: At,
    pub(super) block: u32,
    pub(super) trial: &'a Trial,
    /// Its numbers, if it counts.
    pub(super) counted: Option<&'a TrialMetrics>,
}

/// The trials of a set under equal circumstances.
#[derive(Debug)]
pub(super) struct Stratum<'a> {
    /// Name of the set, with the circumstances where they are special.
    pub(super) name: String,
    pub(super) workload: Workload,
    /// Levels of each factor in ascending order.
    pub(super) levels: [Vec<Level>; COUNT],
    pub(super) trials: Vec<Placed<'a>>,
}

/// The strata of a run in the order of their first trial. The repeated baseline and the floor are no levels of a factor.
pub(super) fn strata<'a>(run: &'a Run, outcomes: &'a [Outcome], arms: &[String]) -> Vec<Stratum<'a>> {
    let planned: BTreeMap<u32, &PlanRow> = run.plan.iter().map(|row| (row.trial, row)).collect();
    let mut found: Vec<(String, Vec<(&Trial, &Outcome)>)> = Vec::new();
    for (trial, outcome) in run.trials.iter().zip(outcomes) {
        let arm = &trial.row.arm;
        if repeated(arm).is_some() || run.manifest.floor.as_ref() == Some(arm) {
            continue;
        }
        let name = name(trial, planned.get(&trial.row.trial).copied());
        match found.iter_mut().find(|(there, _)| *there == name) {
            Some((_, trials)) => trials.push((trial, outcome)),
            None => found.push((name, vec![(trial, outcome)])),
        }
    }
    let place = |(name, trials): (String, Vec<(&'a Trial, &'a Outcome)>)| {
        let of = |trial: &Trial| {
            ALL.map(|factor| factor.level(&trial.row, planned.get(&trial.row.trial).copied(), arms))
        };
        let mut levels: [BTreeSet<Level>; COUNT] = Default::default();
        for (trial, _) in &trials {
            for (set, level) in levels.iter_mut().zip(of(trial)) {
                set.insert(level);
            }
        }
        let levels = levels.map(|set| set.into_iter().collect::<Vec<Level>>());
        let placed = trials.iter().map(|(trial, outcome)| {
            let own = of(trial);
            Placed {
                at: std::array::from_fn(|f| levels[f].binary_search(&own[f]).unwrap_or(0)),
                block: trial.row.block,
                trial,
                counted: outcome.counted(),
            }
        });
        Stratum { name, workload: trials[0].0.row.workload, trials: placed.collect(), levels }
    };
    found.into_iter().map(place).collect()
}

/// The set and whatever else may make two of its trials differ, each only where it is special.
fn name(trial: &Trial, planned: Option<&PlanRow>) -> String {
    let row = &trial.row;
    let mut name = row.set.clone();
    let mut add = |special: bool, text: String| {
        if special {
            name += &format!(", {text}");
        }
    };
    add(!row.configuration.is_empty(), format!("configuration {}", row.configuration));
    if let Some(capacity) = row.capacity {
        add(capacity != Capacity::Independent, format!("{capacity} servers"));
    }
    add(row.permits < row.agents, format!("{} permits", row.permits));
    add(row.pin != Pin::None, format!("pinned {}", row.pin));
    if let Some(rate) = row.rate_per_s {
        let arrivals = row.arrivals.map_or(String::new(), |arrivals| format!(" {arrivals}"));
        add(true, format!("{rate} requests/s{arrivals}"));
    }
    add(row.receive_stamps, "with receive stamps".to_owned());
    if let Some(planned) = planned {
        add(planned.tokens.contains(','), format!("{} tokens", planned.tokens));
    }
    name
}

impl Stratum<'_> {
    /// Blocks that have a trial.
    pub(super) fn blocks(&self) -> BTreeSet<u32> {
        self.trials.iter().map(|trial| trial.block).collect()
    }

    /// Combinations that count in more than half of the blocks.
    pub(super) fn present(&self) -> BTreeSet<At> {
        let mut counted = BTreeMap::<At, BTreeSet<u32>>::new();
        for trial in self.trials.iter().filter(|trial| trial.counted.is_some()) {
            counted.entry(trial.at).or_default().insert(trial.block);
        }
        let blocks = self.blocks().len();
        counted.into_iter().filter(|(_, there)| 2 * there.len() > blocks).map(|(at, _)| at).collect()
    }
}
