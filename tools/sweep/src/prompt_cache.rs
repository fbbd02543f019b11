//! Warm prompts need a slot for each agent: before a phase every agent's prompt is primed, and a slot keeps the last prompt
//! that it was given. Where agents outnumber slots, prompts are read anew together and not alone, and what differs is no
//! client's doing. Such cells are measured cold, which reads each prompt anew in every phase.

use crate::SweepError;
use crate::plan::Cell;
use std::collections::BTreeMap;
use tandem_records::{Api, Cache, Length, PlanRow};

/// Switches cells to cold prompts where their servers have too few slots. Returns a sentence for each.
///
/// # Errors
/// The plan asks for warm prompts in so many words, or for a length that only warm prompts keep.
pub(crate) fn suit_slots(
    cells: &mut [Cell],
    slots: impl Fn(&Cell) -> Option<u32>,
) -> Result<Vec<String>, SweepError> {
    let mut notes = Vec::new();
    for cell in cells.iter_mut().filter(|cell| cell.cache() == Cache::Warm) {
        let agents = cell.agents_per_server();
        let Some(slots) = slots(cell).filter(|slots| agents > *slots) else { continue };
        let why = format!("{agents} agents share a server with {}", in_words(slots));
        let refused = match (cell.set.cache, cell.set.length()) {
            (Some(Cache::Warm), _) => Some("cache = \"warm\" cannot hold"),
            (_, Length::Free) => Some("length = \"free\" needs warm prompts, which cannot hold"),
            _ => None,
        };
        if let Some(what) = refused {
            return Err(SweepError::Server(format!(
                "cell {}: {what}: {why}; {}",
                cell.name,
                remedy(cell, agents)
            )));
        }
        cell.set.cache = Some(Cache::Cold);
        notes.push(format!("cell {}: prompts are read anew in each phase (cache = cold): {why}", cell.name));
    }
    Ok(notes)
}

fn in_words(slots: u32) -> String {
    match slots {
        1 => "1 slot, whose prompt cache holds one prompt".to_string(),
        _ => format!("{slots} slots, whose prompt caches hold one prompt each"),
    }
}

fn remedy(cell: &Cell, agents: u32) -> String {
    let slots = match cell.api {
        Api::Ollama => format!("give the server {agents} slots (OLLAMA_NUM_PARALLEL={agents})"),
        Api::Openai => format!("start the server with {agents} slots"),
    };
    let set = &cell.set.name;
    match cell.set.length() {
        Length::Fixed => {
            format!("leave cache out of set {set} or say \"cold\", {slots}, or name more servers")
        }
        Length::Free => format!("{slots}, name more servers, or say length = \"fixed\" in set {set}"),
    }
}

/// Takes over what a run that goes on found out when it began: its plan.csv says which cells are cold.
pub(crate) fn as_written(cells: &mut [Cell], written: &[PlanRow]) {
    let caches: BTreeMap<&str, Cache> = written.iter().map(|row| (row.cell.as_str(), row.cache)).collect();
    for cell in cells.iter_mut().filter(|cell| cell.cache() == Cache::Warm && cell.set.cache.is_none()) {
        if caches.get(cell.name.as_str()) == Some(&Cache::Cold) {
            cell.set.cache = Some(Cache::Cold);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;
    use crate::plan::{Overrides, cells, parse_plan};

    /// One cell of two agents on one server.
    fn two_agents(keys: &str) -> Vec<Cell> {
        let plan = format!(
            r#"description = "d"
blocks = 1
seed = 7
baseline = "arm-a"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "s"
arms = ["arm-a"]
client = "hyper"
agents = 2
workload = "stream"
scenario = "chimera_homo"
tokens = 100
{keys}"#
        );
        let target = Target::parse("http://127.0.0.1:1", None).unwrap();
        cells(&parse_plan("p", &plan).unwrap(), &target, Overrides::default()).unwrap()
    }

    #[test]
    fn a_cell_turns_cold_where_agents_outnumber_slots() {
        for (slots, cache, notes) in
            [(Some(1), Cache::Cold, 1), (Some(2), Cache::Warm, 0), (None, Cache::Warm, 0)]
        {
            let mut cells = two_agents("");
            let told = suit_slots(&mut cells, |_| slots).unwrap();
            assert_eq!((cells[0].cache(), told.len()), (cache, notes), "{slots:?}");
        }
        let told = suit_slots(&mut two_agents(""), |_| Some(1)).unwrap();
        assert_eq!(
            told,
            [
                "cell s/stream/chimera_homo/a2: prompts are read anew in each phase (cache = cold): 2 agents share a server with 1 slot, whose prompt cache holds one prompt"
            ]
        );
    }

    #[test]
    fn what_the_plan_says_in_so_many_words_is_refused_and_not_changed() {
        for (keys, what, remedy) in [
            ("cache = \"warm\"", "cache = \"warm\" cannot hold", "leave cache out of set s"),
            ("length = \"free\"", "length = \"free\" needs warm prompts", "say length = \"fixed\" in set s"),
        ] {
            let error = suit_slots(&mut two_agents(keys), |_| Some(1)).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("cell s/stream/chimera_homo/a2: ") && text.contains(what), "{text}");
            assert!(text.contains(remedy) && text.contains("OLLAMA_NUM_PARALLEL=2"), "{text}");
            assert_eq!(error.exit_code(), 3);
        }
        let mut cold = two_agents("cache = \"cold\"");
        assert!(suit_slots(&mut cold, |_| Some(1)).unwrap().is_empty());
    }

    #[test]
    fn a_run_that_goes_on_is_as_cold_as_it_began() {
        let mut before = two_agents("");
        suit_slots(&mut before, |_| Some(1)).unwrap();
        let written: Vec<PlanRow> =
            crate::schedule(&before, "arm-a", 7, "r").into_iter().map(|trial| trial.row).collect();
        let mut after = two_agents("");
        as_written(&mut after, &written);
        assert_eq!(after, before);
        as_written(&mut after, &[]);
        assert_eq!(after, before, "what is cold stays so");
    }
}
