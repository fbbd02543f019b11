//! A cell: one combination of a set's factor levels.

use super::dialect::is_of_other_dialect;
use super::{ClientChoice, Configuration, Pacing, SetFile, SimConfig, study_client};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;
use tandem_records::{
    Api, Arrivals, Cache, Client, Connection, Endpoint, Pin, RequestOptions, ServerKind, Workload,
};

/// What the agents of workload `report` read when a set names no folder, relative to the working folder.
const SAMPLE_FILES: &str = "data/sample";

/// One combination of factor levels, with all that its trials have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// `<set>/<workload>/<scenario>/a<agents>`, with `/<configuration>` before the agents where the set names
    /// configurations, then `/<client>`, `/cap<bytes>`, `/co<tokens>`, `/tb<bytes>`, `/<capacity>`, `/r<rate>` where it
    /// has several of them, and `/apart` where it has that beside `none`.
    pub name: String,
    /// The set it comes from.
    pub set: SetFile,
    /// Level of the configuration factor: scenario and options.
    pub configuration: Configuration,
    /// The plan's floor, where it can do the workload.
    pub floor: Option<String>,
    /// Blocks that contain this cell.
    pub blocks: u32,
    /// Level of the client factor.
    pub client: ClientChoice,
    /// Level of the agents factor.
    pub agents: u32,
    /// Level of the rate factor, requests per second; closed loop when `None`.
    pub rate_per_s: Option<f64>,
    /// Level of the read-cap factor; the arm's own when `None`.
    pub read_cap: Option<u32>,
    /// Level of the placement factor.
    pub pin: Pin,
    /// Response length in tokens as it is asked for: one value, or one for collectors and one for insights.
    pub tokens: Vec<u32>,
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
        if self.is_floor(arm) {
            return Client::Epoll;
        }
        if let Some(client) = self.set.client_of.get(arm) {
            return *client;
        }
        match self.client {
            ClientChoice::Hyper => Client::Hyper,
            ClientChoice::Lean => Client::Lean,
            ClientChoice::Reqwest => Client::Reqwest,
            // Validation admits the study's arms only.
            ClientChoice::AsDescribed => study_client(arm).unwrap_or(Client::Reqwest),
        }
    }

    /// Whether this arm keeps the kernel's receive stamps here.
    pub fn receive_stamps(&self, arm: &str) -> bool {
        let wanted = self.set.receive_stamps.unwrap_or(self.server_kind != ServerKind::Sim);
        wanted && self.client_of(arm).keeps_receive_stamps()
    }

    /// The cap of one read that this arm is told; the floor has one buffer of its own.
    pub fn read_cap_of(&self, arm: &str) -> Option<u32> {
        self.read_cap.filter(|_| !self.is_floor(arm))
    }

    fn is_floor(&self, arm: &str) -> bool {
        self.floor.as_deref() == Some(arm)
    }

    /// Endpoint of the dialect.
    pub fn endpoint(&self) -> Endpoint {
        self.set.endpoint.unwrap_or(self.api.usual_endpoint())
    }

    /// Whether connections are open before the release.
    pub fn connection(&self) -> Connection {
        self.set.connection.unwrap_or(Connection::Prepared)
    }

    /// How the prompt cache is treated: a simulator keeps none, and the second prompt of a report depends on the
    /// first answer, so that it cannot be primed.
    pub fn cache(&self) -> Cache {
        let usual = if self.set.workload == Workload::Report { Cache::Cold } else { Cache::Warm };
        match self.server_kind {
            ServerKind::Sim => Cache::None,
            ServerKind::Ollama | ServerKind::Openai => self.set.cache.unwrap_or(usual),
        }
    }

    /// Folder that its agents read; `None` where the workload reads none.
    pub fn files(&self) -> Option<&Path> {
        let named = self.set.files.as_deref().unwrap_or(Path::new(SAMPLE_FILES));
        (self.set.workload == Workload::Report).then_some(named)
    }

    /// Requests that an agent makes in a measured phase.
    pub fn calls(&self) -> u32 {
        self.set.workload.calls()
    }

    /// Most agents that share a server: they go round the servers.
    pub fn agents_per_server(&self) -> u32 {
        self.agents.div_ceil(self.servers.max(1))
    }

    /// Agents that may work at the same time.
    pub fn permits(&self) -> u32 {
        self.set.permits.unwrap_or(self.agents)
    }

    /// How the starts of the open loop are spread; `None` in the closed loop.
    pub fn arrivals(&self) -> Option<Arrivals> {
        self.rate_per_s.map(|_| self.set.arrivals.unwrap_or(Arrivals::Poisson))
    }

    /// Planned time from the first to the last start of the concurrent phase: 0 in the closed loop, and the mean of what
    /// seeds give for Poisson arrivals.
    pub fn starts_span(&self) -> Duration {
        let gaps = f64::from(self.agents.saturating_sub(1));
        self.rate_per_s.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(gaps / rate))
    }

    /// Request options of collectors and of insights, as the dialect knows them.
    pub fn options(&self) -> (RequestOptions, RequestOptions) {
        let (mut a, mut b) = self.configuration.options();
        for options in [&mut a, &mut b] {
            options.retain(|key, _| !is_of_other_dialect(self.api, key));
        }
        (a, b)
    }

    /// Options that the dialect does not know.
    pub fn options_left_out(&self) -> BTreeSet<&str> {
        let Configuration { options_a, options_b, .. } = &self.configuration;
        let there = options_a.keys().chain(options_b.keys()).map(String::as_str);
        there.filter(|key| is_of_other_dialect(self.api, key)).collect()
    }

    /// The simulator, where what it paces is the plan's affair and not the workload's own.
    fn paced(&self) -> Option<&(SimConfig, Pacing)> {
        self.sim.as_ref().filter(|_| !self.set.workload.is_micro())
    }

    /// Planned time between two tokens in ns; `None` where the plan does not pace the server.
    pub fn gap_ns(&self) -> Option<u64> {
        self.paced().map(|(_, pacing)| pacing.itl_ns).filter(|gap| *gap > 0)
    }

    /// Planned time of the longest response in ns; `None` where the plan does not pace the server.
    pub fn ideal_ns(&self) -> Option<u64> {
        let (_, pacing) = self.paced().filter(|(_, pacing)| pacing.is_paced())?;
        self.tokens.iter().max().map(|&tokens| pacing.alone_ns(u64::from(tokens)))
    }
}
