//! What the user should know before the first trial: each warning is one line.

use crate::enough_blocks::too_few_blocks;
use crate::estimate::{in_words, longest_block};
use crate::plan::{Cell, instead_of, only_other_simulators};
use crate::servers::Fleet;
use crate::settings::Settings;
use crate::terminal::say;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Says every warning that applies. A run that goes on has the blocks that it has.
pub(crate) fn warn(settings: &Settings, fleet: Option<&Fleet>) {
    let blocks = match settings.resumed {
        None => too_few_blocks(&settings.cells, &settings.plan.file),
        Some(_) => None,
    };
    let scheduling = fleet.filter(|fleet| fleet.is_paced_without_priority(&settings.cells)).map(|_| {
        "warning: the simulator has no real-time priority (needs CAP_SYS_NICE or ulimit -r): more trials will be late and invalid"
            .to_string()
    });
    let long = fleet.and_then(|fleet| long_blocks(settings, fleet));
    let warnings = [blocks, sets_left_out(settings), scheduling, far(settings), long];
    options_left_out(&settings.cells).iter().chain(warnings.iter().flatten()).for_each(|line| say(line));
}

/// A block that takes so long is worth a word before it begins: what is not whole is not compared.
const LONG_BLOCK: Duration = Duration::from_secs(600);

fn long_blocks(settings: &Settings, fleet: &Fleet) -> Option<String> {
    let longest = longest_block(&settings.trials, |trial| fleet.trial_time(trial))?;
    (longest > LONG_BLOCK).then(|| {
        format!(
            "warning: one block takes about {}, and only whole blocks are compared; a run that is stopped goes on with make sweep RUN={}",
            in_words(longest),
            settings.id
        )
    })
}

fn far(settings: &Settings) -> Option<String> {
    let far = settings.target.beyond_loopback();
    (!far.is_empty()).then(|| {
        format!(
            "warning: {} not on this machine: prompts cross the network in clear text, and its delays are measured, too",
            far.join(", ")
        )
    })
}

fn options_left_out(cells: &[Cell]) -> Vec<String> {
    let mut keys: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for key in cells.iter().flat_map(Cell::options_left_out) {
        keys.entry(instead_of(key)).or_default().insert(key);
    }
    let line = |(why, keys): (&str, BTreeSet<&str>)| {
        format!("warning: {} left out: {why}", keys.into_iter().collect::<Vec<_>>().join(", "))
    };
    keys.into_iter().map(line).collect()
}

fn sets_left_out(settings: &Settings) -> Option<String> {
    let sets: Vec<String> = only_other_simulators(&settings.plan.file, &settings.target)
        .iter()
        .map(|(set, as_set)| format!("set {set} left out: on real servers it measures the same as {as_set}"))
        .collect();
    (!sets.is_empty()).then(|| format!("warning: {}", sets.join("; ")))
}
