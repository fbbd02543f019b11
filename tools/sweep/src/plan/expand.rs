//! From a plan to its cells: every combination of each set's factor levels.

use super::{
    Cell, ClientChoice, Configuration, Levels, Pacing, PlanFile, Scenario, SetFile, SimConfig, SimLevels,
    SimScale,
};
use crate::servers::LOAD_OPTIONS;
use crate::target::Target;
use std::fmt::Write as _;
use tandem_records::{Api, Cache, Length, Pin, Workload};

/// What a command line puts in place of the plan's own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Overrides {
    /// Blocks of every set.
    pub blocks: Option<u32>,
    /// Whether simulators keep the plan's full times and lengths.
    pub full_scale: bool,
    /// The one level of every set's placement factor.
    pub pin: Option<Pin>,
}

/// One level of every factor.
struct Combination {
    configuration: Configuration,
    agents: u32,
    client: ClientChoice,
    read_cap: Option<u32>,
    pin: Pin,
    sim: SimLevels,
    rate_per_s: Option<f64>,
}

/// All cells of a plan in file order.
///
/// # Errors
/// A set that does not fit the servers.
pub fn cells(plan: &PlanFile, target: &Target, overrides: Overrides) -> Result<Vec<Cell>, String> {
    let left_out = only_other_simulators(plan, target);
    let mut cells = Vec::new();
    for set in plan.sets.iter().filter(|set| left_out.iter().all(|(name, _)| *name != set.name)) {
        let of_set = set_cells(plan, set, target, overrides);
        cells.extend(of_set.map_err(|problem| format!("set {}: {problem}", set.name))?);
    }
    Ok(cells)
}

/// Sets that differ from an earlier one in their simulator only, each with that one's name. On real servers both would
/// measure the same: the later one is left out there.
pub fn only_other_simulators<'a>(plan: &'a PlanFile, target: &Target) -> Vec<(&'a str, &'a str)> {
    if matches!(target, Target::Sim { .. }) {
        return Vec::new();
    }
    let same = |a: &SetFile, b: &SetFile| {
        let (name, blocks, exploratory) = (a.name.clone(), a.blocks, a.exploratory);
        a.sim != b.sim && SetFile { name, blocks, exploratory, sim: a.sim.clone(), ..b.clone() } == *a
    };
    let earlier = |(at, set): (usize, &'a SetFile)| {
        let first = plan.sets[..at].iter().find(|first| same(first, set))?;
        Some((set.name.as_str(), first.name.as_str()))
    };
    plan.sets.iter().enumerate().filter_map(earlier).collect()
}

impl PlanFile {
    /// The scale of this plan's times and lengths: real servers always get the full ones.
    pub fn scale_on(&self, target: &Target, full_scale: bool) -> SimScale {
        match target {
            Target::Sim { .. } if !full_scale => self.sim_scale,
            Target::Sim { .. } | Target::Real { .. } => SimScale::FULL,
        }
    }
}

/// A cold prompt is new in each phase, and with it a length that the model decides: nothing could be compared.
fn no_free_length_from_cold_prompts(set: &SetFile) -> Result<(), String> {
    let cold = set.cache == Some(Cache::Cold) || set.workload == Workload::Report;
    if set.length() == Length::Free && cold {
        let remedy = "valid are length = \"fixed\", or cache = \"warm\" with workload stream";
        return Err(format!("length: free differs between the phases where prompts are cold; {remedy}"));
    }
    Ok(())
}

fn set_cells(
    plan: &PlanFile,
    set: &SetFile,
    target: &Target,
    overrides: Overrides,
) -> Result<Vec<Cell>, String> {
    let servers = target.server_count(set.servers)?;
    let api = target.api(set.api);
    let simulated = matches!(target, Target::Sim { .. });
    let configurations = set.configurations(plan);
    if !simulated && set.workload.is_micro() {
        return Err(format!(
            "workload {} measures the arms, on simulators alone; leave --servers out or say sim",
            set.workload
        ));
    }
    if !simulated {
        no_free_length_from_cold_prompts(set)?;
    }
    if !simulated && api == Api::Ollama {
        for configuration in &configurations {
            one_load_per_server(set, configuration, servers)?;
        }
    }
    let scale = plan.scale_on(target, overrides.full_scale);
    let of_set = set.pin.as_ref().map_or(vec![Pin::None], |pins| pins.0.clone());
    let pins = overrides.pin.map_or(of_set, |pin| vec![pin]);
    let cell = |levels: Combination| Cell {
        name: name(set, &levels, &pins, simulated),
        set: set.clone(),
        configuration: levels.configuration,
        floor: plan.floor.clone().filter(|_| matches!(set.workload, Workload::Stream | Workload::Flood)),
        blocks: overrides.blocks.or(set.blocks).unwrap_or(plan.blocks),
        client: levels.client,
        agents: levels.agents,
        rate_per_s: levels.rate_per_s,
        read_cap: levels.read_cap,
        pin: levels.pin,
        tokens: set.tokens.iter().map(|&tokens| scale.length(tokens)).collect(),
        servers,
        server_kind: target.kind(api),
        api,
        sim: simulated.then(|| {
            let config = SimConfig::new(set, levels.sim, scale, servers, levels.pin);
            (config, Pacing::of(&set.sim, levels.sim, scale))
        }),
    };
    Ok(combinations(set, configurations, &pins, simulated).into_iter().map(cell).collect())
}

fn combinations(
    set: &SetFile,
    configurations: Vec<Configuration>,
    pins: &[Pin],
    simulated: bool,
) -> Vec<Combination> {
    let caps: Vec<Option<u32>> =
        set.read_cap.as_ref().map_or(vec![None], |caps| caps.iter().copied().map(Some).collect());
    let of_sim = sim_levels(set, simulated);
    let rates: Vec<Option<f64>> =
        set.rate.as_ref().map_or(vec![None], |rates| rates.iter().copied().map(Some).collect());
    let mut all = Vec::new();
    for configuration in configurations {
        for &agents in set.agents.iter() {
            for &client in set.client.iter() {
                // reqwest has no read cap: of that factor only the level 0 exists for it.
                for &read_cap in
                    caps.iter().filter(|cap| client != ClientChoice::Reqwest || cap.unwrap_or(0) == 0)
                {
                    let with_rate = of_sim.iter().flat_map(|&sim| rates.iter().map(move |&rate| (sim, rate)));
                    let placed =
                        with_rate.flat_map(|(sim, rate)| pins.iter().map(move |&pin| (sim, rate, pin)));
                    all.extend(placed.map(|(sim, rate_per_s, pin)| {
                        let configuration = configuration.clone();
                        Combination { configuration, agents, client, read_cap, pin, sim, rate_per_s }
                    }));
                }
            }
        }
    }
    all
}

/// What real servers coalesce and share, and what their tokens are, is their own affair: there these factors have one
/// level.
fn sim_levels(set: &SetFile, simulated: bool) -> Vec<SimLevels> {
    fn levels<T: Copy>(of: &Option<Levels<T>>, simulated: bool) -> Vec<Option<T>> {
        of.as_ref()
            .filter(|_| simulated)
            .map_or(vec![None], |levels| levels.iter().copied().map(Some).collect())
    }
    let sim = &set.sim;
    let mut all = Vec::new();
    for coalesce in levels(&sim.coalesce, simulated) {
        for &token_bytes in &levels(&sim.token_bytes, simulated) {
            for &capacity in &levels(&sim.capacity, simulated) {
                all.push(SimLevels { coalesce: coalesce.unwrap_or(1), token_bytes, capacity });
            }
        }
    }
    all
}

/// Factors of one level leave no trace in the name, but for the configuration.
fn name(set: &SetFile, levels: &Combination, pins: &[Pin], simulated: bool) -> String {
    let Combination { configuration, agents, client, read_cap, pin, sim, rate_per_s } = levels;
    if set.workload.is_micro() {
        let client = if set.client.len() > 1 { format!("/{}", client.as_str()) } else { String::new() };
        return format!("{}/{}{client}", set.name, set.workload);
    }
    let mut name = format!("{}/{}/{}", set.name, set.workload, configuration.scenario.as_str());
    // Writing into a string cannot fail.
    if !configuration.name.is_empty() {
        let _ = write!(name, "/{}", configuration.name);
    }
    let _ = write!(name, "/a{agents}");
    if set.client.len() > 1 {
        let _ = write!(name, "/{}", client.as_str());
    }
    if let (true, Some(cap)) = (set.read_cap.as_ref().is_some_and(|caps| caps.len() > 1), read_cap) {
        let _ = write!(name, "/cap{cap}");
    }
    if simulated && set.sim.coalesce.as_ref().is_some_and(|levels| levels.len() > 1) {
        let _ = write!(name, "/co{}", sim.coalesce);
    }
    if let (true, Some(bytes)) =
        (set.sim.token_bytes.as_ref().is_some_and(|levels| levels.len() > 1), sim.token_bytes)
    {
        let _ = write!(name, "/tb{bytes}");
    }
    if let (true, Some(capacity)) =
        (set.sim.capacity.as_ref().is_some_and(|levels| levels.len() > 1), sim.capacity)
    {
        let _ = write!(name, "/{capacity}");
    }
    if let (true, Some(rate)) = (set.rate.as_ref().is_some_and(|rates| rates.len() > 1), rate_per_s) {
        let _ = write!(name, "/r{rate}");
    }
    if pins.len() > 1 && *pin != Pin::None {
        let _ = write!(name, "/{pin}");
    }
    name
}

/// Where both roles meet on a real server, different load options would load the model again at every turn.
fn one_load_per_server(set: &SetFile, configuration: &Configuration, servers: u32) -> Result<(), String> {
    let most = set.agents.iter().copied().max().unwrap_or(0);
    if servers.is_multiple_of(2) || most <= servers {
        return Ok(()); // agents go round, roles alternate: with an even number of servers each has one role
    }
    let Configuration { name, scenario, options_a, options_b } = configuration;
    for key in LOAD_OPTIONS {
        if *scenario != Scenario::ChimeraHomo && options_a.get(*key) != options_b.get(*key) {
            let of = if name.is_empty() { String::new() } else { format!("configuration {name}: ") };
            return Err(format!(
                "{of}options_a, options_b: both roles use each of {servers} servers, so {key} must be equal; valid are an even number of servers or equal load options ({})",
                LOAD_OPTIONS.join(", ")
            ));
        }
    }
    Ok(())
}
