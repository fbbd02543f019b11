//! The plan file as it is written: TOML, every key known, every value of a closed set named.

use super::{Levels, SimFile, SimProfile, SimScale};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use tandem_records::{
    Api, Arrivals, Cache, Client, Connection, Endpoint, Length, Pin, RequestField, RequestOptions, Workload,
};

macro_rules! named {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// The value as it is written.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }
    };
}

named! {
    /// How the agents' request options are set.
    Scenario {
        /// Collectors with the server's defaults, insights with `options_b`.
        BaselineVsChimera = "baseline_vs_chimera",
        /// All agents with `options_a`.
        ChimeraHomo = "chimera_homo",
        /// Collectors with `options_a`, insights with `options_b`.
        ChimeraHetero = "chimera_hetero",
    }
}
named! {
    /// The HTTP client of a set's arms.
    ClientChoice {
        /// hyper on every arm.
        Hyper = "hyper",
        /// lean on every arm.
        Lean = "lean",
        /// reqwest on every arm.
        Reqwest = "reqwest",
        /// On each arm the client that the study gave it.
        AsDescribed = "as-described",
    }
}
/// A whole plan file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// One line: what the plan is for.
    pub description: String,
    /// Blocks of every set that names no number of its own.
    pub blocks: u32,
    /// Master seed of order and work.
    pub seed: u64,
    /// Arm that the others are compared with; it runs twice in every cell.
    pub baseline: String,
    /// Arm without a runtime, which every other is shown as a ratio to: it runs once per block in every cell of workload
    /// `stream` or `flood`, with the client `epoll`, and is compared with none.
    pub floor: Option<String>,
    /// The set whose cell of two agents, or else first cell, is the primary one: its comparisons are a family of their own, so
    /// more cells cost them little certainty. Without a name the first set that is judged by efficiency.
    pub primary: Option<String>,
    /// Equivalence margin for efficiency, as a fraction.
    pub margin_efficiency: f64,
    /// Equivalence margin for times, on the log scale.
    pub margin_log_time: f64,
    /// Scenarios and options that sets refer to by name.
    #[serde(default)]
    pub configurations: Vec<Configuration>,
    /// How much simulators are scaled down unless the full scale is asked for.
    #[serde(default)]
    pub sim_scale: SimScale,
    /// The sets; those of micro workloads come last once a plan is read.
    #[serde(default)]
    pub sets: Vec<SetFile>,
    /// Sets of micro workloads.
    #[serde(default)]
    pub micro: Vec<MicroFile>,
}

/// A scenario with the options of its requests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Name, part of the cells' names; empty where a set has its own scenario.
    pub name: String,
    /// How the options are given to the agents.
    pub scenario: Scenario,
    /// Request options of the collectors.
    #[serde(default)]
    pub options_a: RequestOptions,
    /// Request options of the insights.
    #[serde(default)]
    pub options_b: RequestOptions,
}

/// A set: arms, crossed with the levels of its factors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    /// Name, first part of the cells' names.
    pub name: String,
    /// Arms: names of binaries.
    pub arms: Vec<String>,
    /// HTTP client (factor).
    pub client: Levels<ClientChoice>,
    /// Arms that use another client, with its name.
    #[serde(default)]
    pub client_of: BTreeMap<String, Client>,
    /// Number of agents (factor).
    pub agents: Levels<u32>,
    /// What each agent does.
    pub workload: Workload,
    /// Folder that the agents of workload `report` read; `data/sample` when absent.
    pub files: Option<PathBuf>,
    /// How the agents' options are set; absent where `configurations` are named.
    pub scenario: Option<Scenario>,
    /// Names of the plan's configurations (factor), in place of `scenario`, `options_a` and `options_b`.
    pub configurations: Option<Levels<String>>,
    /// Response length in tokens: one value, or one for collectors and one for insights.
    pub tokens: Levels<u32>,
    /// Who decides the length; `fixed` when absent. With `free`, `tokens` is what the plan expects.
    pub length: Option<Length>,
    /// Cap of one read in bytes, 0 = uncapped (factor); the arm's own when absent. hyper only.
    pub read_cap: Option<Levels<u32>>,
    /// Whether arms whose client can (hyper, lean) keep the kernel's receive stamps; when absent, those on real servers, which
    /// send no stamps of their own.
    pub receive_stamps: Option<bool>,
    /// Request options of the collectors.
    #[serde(default)]
    pub options_a: RequestOptions,
    /// Request options of the insights.
    #[serde(default)]
    pub options_b: RequestOptions,
    /// Fields that requests do without because the servers refuse them.
    #[serde(default)]
    pub leave_out: Vec<RequestField>,
    /// Agents that may work at the same time; all when absent.
    pub permits: Option<u32>,
    /// Open loop: requests that start per second over all agents together, in the concurrent phase (factor); closed loop
    /// when absent. Workloads `stream` and `flood` only.
    pub rate: Option<Levels<f64>>,
    /// How the starts of the open loop are spread; `poisson` when absent.
    pub arrivals: Option<Arrivals>,
    /// Whether connections are open before the release; `prepared` when absent.
    pub connection: Option<Connection>,
    /// How a real server's prompt cache is treated; when absent `warm`, and `cold` for workload `report`.
    pub cache: Option<Cache>,
    /// Dialect; `ollama` when absent.
    pub api: Option<Api>,
    /// Endpoint of the dialect; `generate` on ollama and `chat` on openai when absent.
    pub endpoint: Option<Endpoint>,
    /// Where arms and servers may run (factor); `none` when absent.
    pub pin: Option<Levels<Pin>>,
    /// Time limit of one request in milliseconds; 120000 when absent.
    pub timeout_ms: Option<u64>,
    /// Blocks of this set.
    pub blocks: Option<u32>,
    /// Number of servers; two simulator ports, or every server given, when absent.
    pub servers: Option<u32>,
    /// Whether its comparisons are shown without verdicts and count in no family.
    #[serde(default)]
    pub exploratory: bool,
    /// The simulator of this set; ignored on real servers.
    #[serde(default)]
    pub sim: SimFile,
}

/// A set of one micro workload: it has neither agents nor scenario nor lengths.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MicroFile {
    /// Name, first part of the cells' names; the workload's when absent.
    pub name: Option<String>,
    /// Arms: names of binaries.
    pub arms: Vec<String>,
    /// The micro workload.
    pub workload: Workload,
    /// HTTP client (factor); `hyper` when absent.
    pub client: Option<Levels<ClientChoice>>,
    /// Blocks of this set.
    pub blocks: Option<u32>,
    /// The simulator of this set; `instant` when it names no pacing.
    #[serde(default)]
    pub sim: SimFile,
}

impl MicroFile {
    /// The same as a set of one agent, which is what the driver carries out. Its lengths are the workload's own.
    pub fn as_set(&self) -> SetFile {
        let mut sim = self.sim.clone();
        if sim.ttft_ms.is_none() && sim.itl_ms.is_none() {
            sim.profile = sim.profile.or(Some(SimProfile::Instant));
        }
        SetFile {
            name: self.name.clone().unwrap_or_else(|| self.workload.to_string()),
            arms: self.arms.clone(),
            client: self.client.clone().unwrap_or(Levels(vec![ClientChoice::Hyper])),
            client_of: BTreeMap::new(),
            agents: Levels(vec![1]),
            workload: self.workload,
            files: None,
            scenario: Some(Scenario::ChimeraHomo),
            configurations: None,
            tokens: Levels(vec![2]),
            length: None,
            read_cap: None,
            receive_stamps: None,
            options_a: RequestOptions::new(),
            options_b: RequestOptions::new(),
            leave_out: Vec::new(),
            permits: None,
            rate: None,
            arrivals: None,
            connection: None,
            cache: None,
            api: None,
            endpoint: None,
            pin: None,
            timeout_ms: None,
            blocks: self.blocks,
            servers: Some(1),
            exploratory: false,
            sim,
        }
    }
}

impl Configuration {
    /// Request options of collectors and of insights.
    pub fn options(&self) -> (RequestOptions, RequestOptions) {
        let (a, b) = (self.options_a.clone(), self.options_b.clone());
        match self.scenario {
            Scenario::ChimeraHomo => (a.clone(), a),
            Scenario::BaselineVsChimera | Scenario::ChimeraHetero => (a, b),
        }
    }
}

impl SetFile {
    /// Who decides how long a response is.
    pub fn length(&self) -> Length {
        self.length.unwrap_or(Length::Fixed)
    }

    /// Whether its arms get verdicts by efficiency: a flood, an open loop and a micro workload are compared by other
    /// quantities, an exploratory set is only shown.
    pub fn is_judged(&self) -> bool {
        matches!(self.workload, Workload::Stream | Workload::Report)
            && self.rate.is_none()
            && !self.exploratory
    }

    /// The configurations of this set: those it names, or the one that its own scenario and options make.
    pub fn configurations(&self, plan: &PlanFile) -> Vec<Configuration> {
        match (&self.configurations, self.scenario) {
            (Some(names), _) => {
                let of_name = |name: &String| plan.configurations.iter().find(|c| c.name == *name).cloned();
                names.iter().filter_map(of_name).collect() // validation admits known names only
            }
            (None, Some(scenario)) => vec![Configuration {
                name: String::new(),
                scenario,
                options_a: self.options_a.clone(),
                options_b: self.options_b.clone(),
            }],
            (None, None) => Vec::new(), // validation admits no such set
        }
    }
}

pub(super) use named;
