//! What the user should know before the first trial: each warning is one line.

use crate::enough_blocks::too_few_blocks;
use crate::plan::{Cell, only_other_simulators};
use crate::servers::Fleet;
use crate::settings::Settings;
use crate::terminal::say;
use std::collections::BTreeSet;

/// Says every warning that applies. A run that goes on has the blocks that it has.
pub(crate) fn warn(settings: &Settings, fleet: Option<&Fleet>) {
    let blocks = match settings.resumed {
        None => too_few_blocks(&settings.cells, &settings.plan.file.baseline),
        Some(_) => None,
    };
    let scheduling = fleet.filter(|fleet| fleet.is_paced_without_priority(&settings.cells)).map(|_| {
        "warning: the simulator has no real-time priority (needs CAP_SYS_NICE or ulimit -r): more trials will be late and invalid"
            .to_string()
    });
    let warnings =
        [blocks, options_left_out(&settings.cells), sets_left_out(settings), scheduling, far(settings)];
    for warning in warnings.into_iter().flatten() {
        say(&warning);
    }
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

fn options_left_out(cells: &[Cell]) -> Option<String> {
    let keys: BTreeSet<&str> = cells.iter().flat_map(Cell::options_left_out).collect();
    (!keys.is_empty()).then(|| {
        let keys = keys.into_iter().collect::<Vec<_>>().join(", ");
        format!("warning: {keys} left out: OpenAI's API has no load options; set them where the servers are started")
    })
}

fn sets_left_out(settings: &Settings) -> Option<String> {
    let sets: Vec<String> = only_other_simulators(&settings.plan.file, &settings.target)
        .iter()
        .map(|(set, as_set)| format!("set {set} left out: on real servers it measures the same as {as_set}"))
        .collect();
    (!sets.is_empty()).then(|| format!("warning: {}", sets.join("; ")))
}
