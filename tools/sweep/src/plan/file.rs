//! The plan file as it is written: TOML, every key known, every value of a closed set named.

use super::Levels;
use serde::Deserialize;
use tandem_records::{Api, Cache, Capacity, Connection, Endpoint, RequestOptions, Workload};

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
        /// reqwest on every arm.
        Reqwest = "reqwest",
        /// On each arm the client that the study gave it.
        AsDescribed = "as-described",
    }
}
named! {
    /// The simulator's pacing when no numbers are given.
    SimProfile {
        /// As fast as it can write.
        Instant = "instant",
        /// The study's numbers, ten times faster.
        Fast = "fast",
        /// The study's numbers.
        Tr115 = "tr115",
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
    /// Equivalence margin for efficiency, as a fraction.
    pub margin_efficiency: f64,
    /// Equivalence margin for times, on the log scale.
    pub margin_log_time: f64,
    /// The sets.
    pub sets: Vec<SetFile>,
}

/// A set: arms, crossed with the levels of its factors.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    /// Name, first part of the cells' names.
    pub name: String,
    /// Arms: folders in bins/.
    pub arms: Vec<String>,
    /// HTTP client (factor).
    pub client: Levels<ClientChoice>,
    /// Number of agents (factor).
    pub agents: Levels<u32>,
    /// What each agent does.
    pub workload: Workload,
    /// How the agents' options are set.
    pub scenario: Scenario,
    /// Response length in tokens: one value, or one for collectors and one for insights.
    pub tokens: Levels<u32>,
    /// Cap of one read in bytes, 0 = uncapped (factor); the arm's own when absent. hyper only.
    pub read_cap: Option<Levels<u32>>,
    /// Request options of the collectors.
    #[serde(default)]
    pub options_a: RequestOptions,
    /// Request options of the insights.
    #[serde(default)]
    pub options_b: RequestOptions,
    /// Agents that may work at the same time; all when absent.
    pub permits: Option<u32>,
    /// Whether connections are open before the release; `prepared` when absent.
    pub connection: Option<Connection>,
    /// How a real server's prompt cache is treated; `warm` when absent.
    pub cache: Option<Cache>,
    /// Dialect; `ollama` when absent.
    pub api: Option<Api>,
    /// Endpoint of the dialect; `generate` on ollama and `chat` on openai when absent.
    pub endpoint: Option<Endpoint>,
    /// Time limit of one request in milliseconds; 120000 when absent.
    pub timeout_ms: Option<u64>,
    /// Blocks of this set.
    pub blocks: Option<u32>,
    /// Number of servers; two simulator ports, or every server given, when absent.
    pub servers: Option<u32>,
    /// The simulator of this set; ignored on real servers.
    #[serde(default)]
    pub sim: SimFile,
}

/// A simulator as a set asks for it. What is absent is left to the profile.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SimFile {
    /// Pacing; `fast` when absent.
    pub profile: Option<SimProfile>,
    /// Time to first token in milliseconds.
    pub ttft_ms: Option<f64>,
    /// Time between two tokens in milliseconds.
    pub itl_ms: Option<f64>,
    /// Share of the gap by which tokens are late at random, 0 to 0.5.
    pub jitter: Option<f64>,
    /// What streams take from each other; `independent` when absent.
    pub capacity: Option<Capacity>,
    /// Slow-down of two streams at once under `shared`; the study's 2.6 when absent.
    pub factor: Option<f64>,
    /// Tokens per write (factor).
    pub coalesce: Option<Levels<u32>>,
}
