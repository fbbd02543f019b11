//! Which trials belong together: cells, and arms inside a cell.

use crate::load::Run;
use std::collections::{BTreeMap, BTreeSet};
use tandem_records::{
    Arrivals, Capacity, Client, Length, PlanRow, ServerKind, ServerRecord, TrialRow, Workload,
};

/// What the trials of one cell have in common, with the trials of each arm.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) facts: Facts,
    /// Its contrasts are the primary family.
    pub(super) is_primary: bool,
    /// Arms in the order of the report, each with the places of its trials in `run.trials`.
    pub(super) arms: Vec<(String, Vec<usize>)>,
    /// Places of the planned trials in `run.plan`, arms in the same order.
    pub(super) planned: Vec<Vec<usize>>,
    /// The arm that the plan names as the floor, apart from the others: nothing here compares it.
    pub(super) floor: Option<(String, Places)>,
}

/// Places of an arm's trials: in `run.plan`, and in `run.trials`.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) planned: Vec<usize>,
    pub(super) ran: Vec<usize>,
}

/// The factor levels of a cell, from the plan or, without one, from its first trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The plan's set.
    pub set: String,
    /// The plan fixed before the first trial that the set is shown without verdicts.
    pub exploratory: bool,
    /// What each agent does.
    pub workload: Workload,
    /// How options are set.
    pub scenario: String,
    /// Name of the plan's configuration; empty where the set names none.
    pub configuration: String,
    /// Number of agents.
    pub agents: u32,
    /// Agents that may work at the same time.
    pub permits: u32,
    /// Kind of server.
    pub server_kind: ServerKind,
    /// What the servers' streams take from each other; none where the plan does not know.
    pub capacity: Option<Capacity>,
    /// Who decides the length of a response; none without a plan.
    pub length: Option<Length>,
    /// Response lengths that the plan asks for, one per role, joined by a comma; empty without a plan.
    pub tokens: String,
    /// Planned time between two tokens.
    pub gap_ns: Option<u64>,
    /// Open loop: requests started per second; none in a closed loop.
    pub rate_per_s: Option<f64>,
    /// How the starts of the open loop are spread.
    pub arrivals: Option<Arrivals>,
}

impl Facts {
    /// True when the cell's arms are judged by efficiency: not in an exploratory set, not in a flood, whose pace is the
    /// client's own and not the server's, and not in an open loop.
    pub fn is_judged(&self) -> bool {
        !self.exploratory && self.workload != Workload::Flood && self.has_efficiency()
    }

    /// False in an open loop: efficiency compares agents that are released together.
    pub fn has_efficiency(&self) -> bool {
        self.rate_per_s.is_none()
    }

    /// True for a server that the cell's agents talk to, as far as the manifest tells.
    pub fn has_server(&self, server: &ServerRecord) -> bool {
        server.kind == self.server_kind && (server.set.is_empty() || server.set == self.set)
    }

    /// True when the plan asks the roles for different lengths.
    pub fn plans_unequal_lengths(&self) -> bool {
        let mut tokens = self.tokens.split(',');
        let first = tokens.next();
        tokens.any(|one| Some(one) != first)
    }
}

impl Group {
    /// The pair (baseline arm, the same arm under a second label), if the cell has one.
    pub(super) fn control(&self) -> Option<(&str, &str)> {
        self.arms.iter().find_map(|(label, _)| {
            let first = repeated(label)?;
            self.arms
                .iter()
                .find(|(other, _)| other == first)
                .map(|(first, _)| (first.as_str(), label.as_str()))
        })
    }

    /// Places of all trials that ran, the floor's among them.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let floor = self.floor.iter().flat_map(|(_, places)| &places.ran);
        self.arms.iter().flat_map(|(_, places)| places).chain(floor).copied()
    }

    /// True when all arms use hyper: the runtime is then the only difference between them.
    pub(super) fn is_like_for_like(&self, run: &Run) -> bool {
        self.arms.iter().zip(&self.planned).all(|((_, ran), planned)| {
            let planned = planned.first().map(|place| run.plan[*place].client);
            planned.or(ran.first().map(|place| run.trials[*place].row.client)) == Some(Client::Hyper)
        })
    }

    /// The arms judged against the baseline by efficiency: none where the baseline is missing or the cell is not
    /// judged.
    pub(super) fn contrasts(&self, baseline: &str) -> Vec<&str> {
        let there = self.arms.iter().any(|(label, _)| label == baseline);
        if !there || !self.facts.is_judged() {
            return Vec::new();
        }
        self.arms
            .iter()
            .map(|(label, _)| label.as_str())
            .filter(|l| *l != baseline && repeated(l).is_none())
            .collect()
    }
}

/// The arm that a label repeats: `tokio-default` for `tokio-default#2`; none for a label of its own.
pub(crate) fn repeated(label: &str) -> Option<&str> {
    let (arm, number) = label.rsplit_once('#')?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(arm)
}

/// Every arm label of the plan and the trials but the floor's: the baseline, repeated arms, then the others in the order
/// of the manifest, whose arms stand as in the plan (plan.csv is shuffled).
pub(crate) fn arms(run: &Run, baseline: &str) -> Vec<String> {
    let labels: BTreeSet<&str> = run
        .plan
        .iter()
        .map(|row| row.arm.as_str())
        .chain(run.trials.iter().map(|trial| trial.row.arm.as_str()))
        .filter(|label| Some(*label) != run.manifest.floor.as_deref())
        .collect();
    let place = |label: &str| {
        let known = run.manifest.arms.iter().position(|receipt| receipt.arm == label);
        known.unwrap_or(usize::MAX)
    };
    let mut labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
    labels.sort_by_key(|label| (label != baseline, repeated(label).is_none(), place(label), label.clone()));
    labels
}

/// The cells in the order of their names.
pub(super) fn cells(run: &Run, arms: &[String]) -> Vec<Group> {
    let mut found: BTreeMap<&str, (Facts, BTreeMap<&str, Places>)> = BTreeMap::new();
    for (place, row) in run.plan.iter().enumerate() {
        let cell = found.entry(&row.cell).or_insert_with(|| (planned_facts(run, row), BTreeMap::new()));
        cell.1.entry(&row.arm).or_default().planned.push(place);
    }
    for (place, trial) in run.trials.iter().enumerate() {
        let row = &trial.row;
        let cell = found.entry(&row.cell).or_insert_with(|| (facts(run, row), BTreeMap::new()));
        cell.1.entry(&row.arm).or_default().ran.push(place);
    }
    found
        .into_iter()
        .map(|(name, (facts, mut by_arm))| {
            let of_arm = |label: &String| {
                let places = by_arm.remove(label.as_str())?;
                Some(((label.clone(), places.ran), places.planned))
            };
            let (arms, planned) = arms.iter().filter_map(of_arm).unzip();
            let floor = run.manifest.floor.as_ref();
            let floor = floor.and_then(|label| Some((label.clone(), by_arm.remove(label.as_str())?)));
            Group { name: name.to_owned(), facts, is_primary: false, arms, planned, floor }
        })
        .collect()
}

fn planned_facts(run: &Run, row: &PlanRow) -> Facts {
    Facts {
        set: row.set.clone(),
        exploratory: is_exploratory(run, &row.set),
        workload: row.workload,
        scenario: row.scenario.clone(),
        configuration: row.configuration.clone(),
        agents: row.agents,
        permits: row.permits,
        server_kind: row.server_kind,
        capacity: row.capacity,
        length: Some(row.length),
        tokens: row.tokens.clone(),
        gap_ns: row.gap_ns,
        rate_per_s: row.rate_per_s,
        arrivals: row.arrivals,
    }
}

fn facts(run: &Run, row: &TrialRow) -> Facts {
    Facts {
        set: row.set.clone(),
        exploratory: is_exploratory(run, &row.set),
        workload: row.workload,
        scenario: row.scenario.clone(),
        configuration: row.configuration.clone(),
        agents: row.agents,
        permits: row.permits,
        server_kind: row.server_kind,
        capacity: row.capacity,
        length: None,
        tokens: String::new(),
        gap_ns: row.gap_ns,
        rate_per_s: row.rate_per_s,
        arrivals: row.arrivals,
    }
}

fn is_exploratory(run: &Run, set: &str) -> bool {
    run.manifest.plan.exploratory_sets.iter().any(|name| name == set)
}
