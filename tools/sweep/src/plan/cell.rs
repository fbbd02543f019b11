//! The cells of a plan: every combination of a set's factor levels.

use super::{ClientChoice, Pacing, PlanFile, Scenario, SetFile, SimConfig, study_client};
use crate::servers::LOAD_OPTIONS;
use crate::target::Target;
use std::fmt::Write as _;
use tandem_records::{Api, Cache, Client, Connection, Endpoint, RequestOptions, ServerKind};

/// One combination of factor levels, with all that its trials have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// `<set>/<workload>/<scenario>/a<agents>`, then `/<client>`, `/cap<bytes>`, `/co<tokens>` where the set
    /// has several of them.
    pub name: String,
    /// The set it comes from.
    pub set: SetFile,
    /// Blocks that contain this cell.
    pub blocks: u32,
    /// Level of the client factor.
    pub client: ClientChoice,
    /// Level of the agents factor.
    pub agents: u32,
    /// Level of the read-cap factor; the arm's own when `None`.
    pub read_cap: Option<u32>,
    /// Number of servers its agents use.
    pub servers: u32,
    /// Kind of these servers.
    pub server_kind: ServerKind,
    /// Dialect spoken to them.
    pub api: Api,
    /// The simulator, where servers are simulated.
    pub sim: Option<(SimConfig, Pacing)>,
}

impl Cell {
    /// The client that this arm uses here.
    pub fn client_of(&self, arm: &str) -> Client {
        match self.client {
            ClientChoice::Hyper => Client::Hyper,
            ClientChoice::Reqwest => Client::Reqwest,
            // Validation admits the study's arms only.
            ClientChoice::AsDescribed => study_client(arm).unwrap_or(Client::Reqwest),
        }
    }

    /// Endpoint of the dialect.
    pub fn endpoint(&self) -> Endpoint {
        self.set.endpoint.unwrap_or(self.api.usual_endpoint())
    }

    /// Whether connections are open before the release.
    pub fn connection(&self) -> Connection {
        self.set.connection.unwrap_or(Connection::Prepared)
    }

    /// How the prompt cache is treated: a simulator keeps none.
    pub fn cache(&self) -> Cache {
        match self.server_kind {
            ServerKind::Sim => Cache::None,
            ServerKind::Ollama | ServerKind::Openai => self.set.cache.unwrap_or(Cache::Warm),
        }
    }

    /// Agents that may work at the same time.
    pub fn permits(&self) -> u32 {
        self.set.permits.unwrap_or(self.agents)
    }

    /// Request options of collectors and of insights.
    pub fn options(&self) -> (RequestOptions, RequestOptions) {
        let (a, b) = (self.set.options_a.clone(), self.set.options_b.clone());
        match self.set.scenario {
            Scenario::ChimeraHomo => (a.clone(), a),
            Scenario::BaselineVsChimera | Scenario::ChimeraHetero => (a, b),
        }
    }

    /// Planned time between two tokens in ns; `None` where the plan does not pace the server.
    pub fn gap_ns(&self) -> Option<u64> {
        self.sim.as_ref().map(|(_, pacing)| pacing.itl_ns).filter(|gap| *gap > 0)
    }
}

/// All cells of a plan in file order. `blocks` overrides every number of blocks in the file.
///
/// # Errors
/// A set that needs more servers than were given.
pub fn cells(plan: &PlanFile, target: &Target, blocks: Option<u32>) -> Result<Vec<Cell>, String> {
    let mut cells = Vec::new();
    for set in &plan.sets {
        set_cells(plan, set, target, blocks, &mut cells)
            .map_err(|problem| format!("set {}: {problem}", set.name))?;
    }
    Ok(cells)
}

fn set_cells(
    plan: &PlanFile,
    set: &SetFile,
    target: &Target,
    blocks: Option<u32>,
    cells: &mut Vec<Cell>,
) -> Result<(), String> {
    let servers = target.server_count(set.servers)?;
    if matches!(target, Target::Real { .. }) {
        one_load_per_server(set, servers)?;
    }
    let api = target.api(set.api);
    let caps: Vec<Option<u32>> =
        set.read_cap.as_ref().map_or(vec![None], |caps| caps.iter().copied().map(Some).collect());
    // What a real server coalesces is its own affair: there the factor has one level.
    let coalesce: Vec<u32> = match (&set.sim.coalesce, target) {
        (Some(levels), Target::Sim { .. }) => levels.to_vec(),
        _ => vec![1],
    };
    for &agents in set.agents.iter() {
        for &client in set.client.iter() {
            // reqwest has no read cap: of that factor only the level 0 exists for it.
            for &cap in caps.iter().filter(|cap| client == ClientChoice::Hyper || cap.unwrap_or(0) == 0) {
                for &tokens in &coalesce {
                    let mut name =
                        format!("{}/{}/{}/a{agents}", set.name, set.workload, set.scenario.as_str());
                    if set.client.len() > 1 {
                        let _ = write!(name, "/{}", client.as_str());
                    }
                    if let (true, Some(cap)) = (caps.len() > 1, cap) {
                        let _ = write!(name, "/cap{cap}");
                    }
                    if coalesce.len() > 1 {
                        let _ = write!(name, "/co{tokens}");
                    }
                    let sim = matches!(target, Target::Sim { .. })
                        .then(|| (SimConfig::new(&set.sim, servers, tokens), Pacing::of(&set.sim)));
                    cells.push(Cell {
                        name,
                        set: set.clone(),
                        blocks: blocks.or(set.blocks).unwrap_or(plan.blocks),
                        client,
                        agents,
                        read_cap: cap,
                        servers,
                        server_kind: target.kind(api),
                        api,
                        sim,
                    });
                }
            }
        }
    }
    Ok(())
}

/// Where both roles meet on a real server, different load options would load the model again at every turn.
fn one_load_per_server(set: &SetFile, servers: u32) -> Result<(), String> {
    let most = set.agents.iter().copied().max().unwrap_or(0);
    if servers.is_multiple_of(2) || most <= servers {
        return Ok(()); // agents go round, roles alternate: with an even number of servers each has one role
    }
    for key in LOAD_OPTIONS {
        if set.scenario != Scenario::ChimeraHomo && set.options_a.get(*key) != set.options_b.get(*key) {
            return Err(format!(
                "options_a, options_b: both roles use each of {servers} servers, so {key} must be equal; valid are an even number of servers or equal load options ({})",
                LOAD_OPTIONS.join(", ")
            ));
        }
    }
    Ok(())
}
