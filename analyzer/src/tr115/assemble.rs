//! Puts rows together: two agent rows are a run, calls go to their agent.

use super::StudyError;
use super::rows::{CallRow, RunRow, read};
use super::study::{Agent, Call, Run, Study, Tier};
use crate::load::Findings;
use std::collections::BTreeMap;
use std::path::Path;

/// What names a run: tier, runtime, configuration, repeat.
type Key = (String, String, String, u32);

/// Name of the calls' file, which stands beside that of the runs.
pub const CALLS: &str = "calls.csv";

/// Reads `runs.csv` and, where it stands beside it, `calls.csv`.
pub(super) fn read_study(path: &Path) -> Result<Study, StudyError> {
    let mut findings = Findings::default();
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let table = read::<RunRow>(path, &name, &mut findings)?;
    let mut columns = table.columns;
    let mut runs = runs(table.lines, &name, &mut findings);
    if runs.is_empty() {
        let first = findings.shown().first().map_or(String::new(), |found| {
            let line = found.line.map_or(String::new(), |line| format!("line {line}: "));
            format!(" ({line}{})", found.reason)
        });
        return Err(StudyError::NoRuns { path: path.to_owned(), first });
    }
    let beside = path.with_file_name(CALLS);
    let calls = match read::<CallRow>(&beside, CALLS, &mut findings) {
        Ok(calls) => {
            columns.extend(calls.columns);
            Some(add_calls(&mut runs, calls.lines, &mut findings))
        }
        Err(_) if !beside.exists() => {
            findings.add(
                CALLS,
                None,
                format!("not found beside {name}: what needs single calls is left out"),
            );
            None
        }
        // The runs are sound: what they tell is told.
        Err(StudyError::Columns { reason, .. } | StudyError::Unreadable { reason, .. }) => {
            findings.add(CALLS, Some(1), format!("{reason}: what needs single calls is left out"));
            None
        }
        Err(other) => return Err(other),
    };
    let rows = (2 * runs.len(), calls);
    Ok(Study { tiers: tiers(runs), rows, columns, findings })
}

fn runs(lines: Vec<(u64, RunRow)>, file: &str, findings: &mut Findings) -> BTreeMap<Key, Run> {
    let mut grouped: BTreeMap<Key, Vec<(u64, RunRow)>> = BTreeMap::new();
    for (line, row) in lines {
        let key = (row.tier.clone(), row.runtime.clone(), row.config.clone(), row.run_index);
        let rows = grouped.entry(key).or_default();
        if rows.iter().any(|(_, other)| other.role == row.role) {
            findings.add(file, Some(line), format!("run {} has role {:?} twice", row.run_index, row.role));
        } else if rows.len() == 2 {
            findings.add(file, Some(line), "a third agent of a run: only two are understood");
        } else {
            rows.push((line, row));
        }
    }
    let mut runs = BTreeMap::new();
    for (key, rows) in grouped {
        match <[(u64, RunRow); 2]>::try_from(rows) {
            Ok([(_, a), (line, b)]) => match run(a, b) {
                Some(run) => {
                    runs.insert(key, run);
                }
                None => findings.add(file, Some(line), "the two rows of its run disagree about the run"),
            },
            Err(rows) => {
                let line = rows.first().map(|(line, _)| *line);
                findings.add(file, line, "the row of the run's other agent is missing");
            }
        }
    }
    runs
}

/// Both rows repeat what they know of the run.
fn run(a: RunRow, b: RunRow) -> Option<Run> {
    let told = |row: &RunRow| Some((row.saved()?, row.concurrent_wall_s, row.efficiency_pct));
    let (saved, wall_s, efficiency_pct) = told(&a).filter(|a| Some(*a) == told(&b))?;
    Some(Run {
        runtime: a.runtime.clone(),
        config: a.config.clone(),
        index: a.run_index,
        saved,
        wall_s,
        efficiency: efficiency_pct / 100.0,
        agents: [agent(a), agent(b)],
    })
}

fn agent(row: RunRow) -> Agent {
    Agent {
        role: row.role,
        url: row.url,
        model: row.model,
        options: [row.num_gpu, row.num_ctx, row.temperature],
        wall_s: row.agent_wall_s,
        load_ms: row.load_ms,
        calls: Vec::new(),
    }
}

/// Gives the calls to their agents and returns how many found one.
fn add_calls(runs: &mut BTreeMap<Key, Run>, lines: Vec<(u64, CallRow)>, findings: &mut Findings) -> usize {
    let mut added = 0;
    for (line, row) in lines {
        let key = (row.tier, row.runtime, row.config, row.run_index);
        let agents = runs.get_mut(&key).map(|run| &mut run.agents);
        let Some(agent) = agents.and_then(|agents| agents.iter_mut().find(|a| a.role == row.role)) else {
            findings.add(CALLS, Some(line), "belongs to no agent of a run that is used");
            continue;
        };
        if agent.calls.iter().any(|call| call.index == row.call_index) {
            findings.add(CALLS, Some(line), format!("call {} of its agent stands twice", row.call_index));
            continue;
        }
        agent.calls.push(Call {
            index: row.call_index,
            stage: row.stage,
            ttft_ms: row.ttft_ms,
            total_ms: row.total_ms,
            tokens: row.eval_count.filter(|count| *count > 0),
            eval_ms: row.eval_ms,
            prompt_eval_ms: row.prompt_eval_ms,
            load_ms: row.load_ms,
            response_chars: row.response_chars,
        });
        agent.calls.sort_by_key(|call| call.index);
        added += 1;
    }
    added
}

/// Runs by tier, both in the order of time; the key decides between equal times.
fn tiers(runs: BTreeMap<Key, Run>) -> Vec<Tier> {
    let mut tiers: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    for ((tier, ..), run) in runs {
        tiers.entry(tier).or_default().push(run);
    }
    let mut tiers: Vec<Tier> = tiers
        .into_iter()
        .map(|(name, mut runs)| {
            runs.sort_by_key(|run| run.saved);
            Tier { name, runs }
        })
        .collect();
    tiers.sort_by_key(|tier| tier.runs.first().map(|run| run.saved));
    tiers
}
