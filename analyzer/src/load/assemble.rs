//! Joins the rows of a run to trials: the last attempt counts, and what contradicts the rest is left out.

use super::table::Line;
use super::{Finding, Findings};
use crate::tokens::TokenSample;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tandem_records::{
    AgentRow, FootprintRow, Manifest, MicroRow, PlanRow, RequestRow, Table, TrialRow, Workload,
};

/// A run as far as its files can be read.
#[derive(Debug, Clone)]
pub struct Run {
    /// The folder.
    pub folder: PathBuf,
    /// Name of the folder, which is the name of the run.
    pub id: String,
    /// The circumstances.
    pub manifest: Manifest,
    /// Planned trials in run order; empty when plan.csv cannot be read.
    pub plan: Vec<PlanRow>,
    /// The last attempt of every trial that has one, in run order.
    pub trials: Vec<Trial>,
    /// Attempts that a later one replaced, in run order.
    pub replaced: Vec<TrialRow>,
    /// What the processes of the run held, in run order.
    pub footprint: Vec<FootprintRow>,
    /// Batches of micro workloads, of the attempts that count and ended well.
    pub micro: Vec<MicroRow>,
    /// Trials planned.
    pub planned: usize,
    /// What was left out.
    pub findings: Findings,
}

/// One trial: its row and those of its agents and requests, all of the same attempt.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The trial.
    pub row: TrialRow,
    /// Its agents, all phases.
    pub agents: Vec<AgentRow>,
    /// Its requests, all phases.
    pub requests: Vec<RequestRow>,
    /// Its tokens, where the run keeps their stamps and the trial ended well.
    pub tokens: Option<TokenSample>,
}

impl Run {
    /// Planned trials that have no row yet, in run order.
    pub fn missing(&self) -> Vec<&PlanRow> {
        let there: BTreeSet<u32> = self.trials.iter().map(|t| t.row.trial).collect();
        self.plan.iter().filter(|row| !there.contains(&row.trial)).collect()
    }

    /// True when the run measures runtimes by micro workloads, which have neither agents nor phases.
    pub fn is_micro(&self) -> bool {
        let trials = self.trials.iter().map(|trial| trial.row.workload);
        self.plan.iter().map(|row| row.workload).chain(trials).next().is_some_and(Workload::is_micro)
    }

    /// True when every planned trial has a row.
    pub fn is_complete(&self) -> bool {
        self.trials.len() >= self.planned
    }

    /// The findings one by one.
    pub fn shown_findings(&self) -> &[Finding] {
        self.findings.shown()
    }
}

pub(super) fn assemble(
    folder: &Path,
    manifest: Manifest,
    plan: Vec<Line<PlanRow>>,
    trials: Vec<Line<TrialRow>>,
    agents: Vec<Line<AgentRow>>,
    requests: Vec<Line<RequestRow>>,
    mut findings: Findings,
) -> Run {
    // Absolute first: `.` and `..` have no name.
    let absolute = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let id =
        absolute.file_name().map_or_else(|| "run".to_owned(), |name| name.to_string_lossy().into_owned());
    let known = &manifest.run_id;
    let plan = unique(plan, |row| (&row.run_id, row.trial), known, &mut findings);
    let trials = unique(trials, |row| (&row.run_id, (row.trial, row.attempt)), known, &mut findings);
    let agents =
        unique(agents, |r| (&r.run_id, (r.trial, r.attempt, r.phase, r.agent)), known, &mut findings);
    let requests = unique(
        requests,
        |r| (&r.run_id, (r.trial, r.attempt, r.phase, r.agent, r.call)),
        known,
        &mut findings,
    );

    let planned = if plan.is_empty() { manifest.trials as usize } else { plan.len() };
    if planned != manifest.trials as usize {
        let reason = format!("{planned} readable rows, the manifest plans {} trials", manifest.trials);
        findings.add(PlanRow::FILE, None, reason);
    }
    let (mut joined, replaced) = last_attempts(&plan, trials, &mut findings);
    attach(agents, &mut joined, |r| (r.trial, r.attempt), |t, row| t.agents.push(row), &mut findings);
    attach(requests, &mut joined, |r| (r.trial, r.attempt), |t, row| t.requests.push(row), &mut findings);
    Run {
        folder: folder.to_owned(),
        id,
        plan: plan.into_values().map(|line| line.row).collect(),
        trials: joined.into_values().collect(),
        replaced,
        footprint: Vec::new(),
        micro: Vec::new(),
        planned: planned.max(manifest.trials as usize),
        manifest,
        findings,
    }
}

/// Rows by key. Rows of another run are left out; of two rows with one key the later counts, because a
/// driver that was killed between two files writes the trial again.
fn unique<T, K>(
    lines: Vec<Line<T>>,
    key: impl Fn(&T) -> (&String, K),
    run_id: &str,
    findings: &mut Findings,
) -> BTreeMap<K, Line<T>>
where
    T: Table,
    K: Ord + Copy,
{
    let mut rows: BTreeMap<K, Line<T>> = BTreeMap::new();
    for line in lines {
        let (run, key) = key(&line.row);
        if run != run_id {
            findings.add(T::FILE, Some(line.number), format!("belongs to run {run:?}; not read"));
            continue;
        }
        let number = line.number;
        if let Some(earlier) = rows.insert(key, line) {
            let reason = format!("repeats line {}; this row counts", earlier.number);
            findings.add(T::FILE, Some(number), reason);
        }
    }
    rows
}

fn last_attempts(
    plan: &BTreeMap<u32, Line<PlanRow>>,
    rows: BTreeMap<(u32, u32), Line<TrialRow>>,
    findings: &mut Findings,
) -> (BTreeMap<u32, Trial>, Vec<TrialRow>) {
    let mut trials: BTreeMap<u32, Trial> = BTreeMap::new();
    let mut replaced = Vec::new();
    for ((trial, _), line) in rows {
        if let Some(reason) = contradiction(plan, &line.row) {
            findings.add(TrialRow::FILE, Some(line.number), format!("{reason}; not read"));
            continue;
        }
        // Rows come in the order of (trial, attempt), so a later insert is a later attempt.
        let joined = Trial { row: line.row, agents: Vec::new(), requests: Vec::new(), tokens: None };
        replaced.extend(trials.insert(trial, joined).map(|earlier| earlier.row));
    }
    (trials, replaced)
}

/// Why a trial's row cannot be the planned trial.
fn contradiction(plan: &BTreeMap<u32, Line<PlanRow>>, row: &TrialRow) -> Option<String> {
    if plan.is_empty() {
        return None;
    }
    let Some(planned) = plan.get(&row.trial).map(|line| &line.row) else {
        return Some(format!("trial {} is not planned", row.trial));
    };
    if (&planned.cell, &planned.arm, planned.block) != (&row.cell, &row.arm, row.block) {
        return Some(format!("trial {} differs from the plan in cell, arm or block", row.trial));
    }
    (row.agents == 0).then(|| format!("trial {} has no agents", row.trial))
}

/// Hands rows to their trials. Rows of replaced attempts are expected; rows of no trial at all are counted.
fn attach<T: Table, K>(
    rows: BTreeMap<K, Line<T>>,
    trials: &mut BTreeMap<u32, Trial>,
    owner: impl Fn(&T) -> (u32, u32),
    push: impl Fn(&mut Trial, T),
    findings: &mut Findings,
) {
    let mut orphans = 0usize;
    let mut first = None;
    for line in rows.into_values() {
        let (trial, attempt) = owner(&line.row);
        match trials.get_mut(&trial) {
            Some(owner) if owner.row.attempt == attempt => push(owner, line.row),
            Some(owner) if owner.row.attempt > attempt => {}
            _ => {
                orphans += 1;
                first = first.or(Some(line.number));
            }
        }
    }
    if orphans > 0 {
        findings.add(
            T::FILE,
            first,
            format!("{orphans} rows (this is the first) belong to no row of trials.csv"),
        );
    }
}
