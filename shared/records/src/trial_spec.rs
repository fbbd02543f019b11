//! The command line of one trial: written by the driver, read by every arm, and easy to repeat by hand.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// Request options as a server's API names them, sent as they are (`{"num_ctx": 1024}`).
pub type RequestOptions = serde_json::Map<String, serde_json::Value>;

macro_rules! choices {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $text:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
        pub enum $name { $($(#[doc = $vdoc])+ #[serde(rename = $text)] #[value(name = $text)] $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Every value as it is written.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The value as it is written on command lines and in CSV cells.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choices! {
    /// The HTTP client of an arm.
    Client {
        /// hyper over the runtime's own sockets, polled in the agent's task.
        Hyper = "hyper",
        /// reqwest; on smol and async-std through async-compat.
        Reqwest = "reqwest",
        /// httparse and a chunk decoder of Tandem's own over the runtime's own sockets, polled in the agent's task.
        Lean = "lean",
        /// No HTTP library and no runtime: the bare loop of the arm epoll-floor alone.
        Epoll = "epoll",
        /// Python's httpx, of the arm python-httpx alone.
        Httpx = "httpx",
    }
}

choices! {
    /// What each agent does.
    Workload {
        /// One paced response of fixed length.
        Stream = "stream",
        /// One response as fast as the server can write: cost per token, not efficiency.
        Flood = "flood",
        /// The study's agent: read a folder, ask for an analysis, parse it, ask for a report, keep the report.
        Report = "report",
        /// Micro: start tasks and join them, in batches and one by one.
        Spawn = "spawn",
        /// Micro: a task lets the others go first.
        Yield = "yield",
        /// Micro: tasks and threads wake each other over a channel.
        Wake = "wake",
        /// Micro: memory of a task that sleeps.
        Memory = "memory",
        /// Micro: memory of an HTTP stream that waits.
        Streams = "streams",
        /// Micro: a process from its start to its end.
        Startup = "startup",
        /// Micro: lateness of deadlines, and what a time limit costs.
        Timer = "timer",
        /// Micro: requests over kept connections, as fast as they go.
        Http = "http",
        /// Micro: async work run by synchronous commands.
        Bridge = "bridge",
        /// Micro: a mixed load on more and more worker threads.
        Workers = "workers",
        /// Micro: one blocking call among agents that stream.
        Blocking = "blocking",
        /// Micro: what holds for tasks that panic, are cancelled, are shut down.
        Behaviour = "behaviour",
    }
}

impl Workload {
    /// Whether it measures the runtime itself, in batches, and has neither agents nor phases.
    pub fn is_micro(self) -> bool {
        !matches!(self, Workload::Stream | Workload::Flood | Workload::Report)
    }

    /// Requests that an agent makes in a measured phase.
    pub fn calls(self) -> u32 {
        match self {
            Workload::Report => 2,
            _ => 1,
        }
    }
}

choices! {
    /// What a request of an agent is for.
    Stage {
        /// The one response of the workloads stream and flood.
        Stream = "stream",
        /// The analysis of the files.
        Analysis = "analysis",
        /// The report written from the analysis.
        Report = "report",
    }
}
choices! {
    /// Who decides how long a response is.
    Length {
        /// The plan: `num_predict` is sent and checked.
        Fixed = "fixed",
        /// The model: no `num_predict` is sent. The length becomes part of the result, as it did in the study.
        Free = "free",
    }
}
choices! {
    /// What the streams of simulated servers take from each other.
    Capacity {
        /// Nothing.
        Independent = "independent",
        /// One GPU behind all servers.
        Shared = "shared",
        /// One stream at a time per server.
        Serial = "serial",
    }
}
choices! {
    /// The dialect spoken to the servers.
    Api {
        /// Ollama's own: newline-delimited JSON.
        Ollama = "ollama",
        /// OpenAI's: server-sent events.
        Openai = "openai",
    }
}
choices! {
    /// Endpoint of the dialect.
    Endpoint {
        /// `/api/generate` or `/v1/completions`.
        Generate = "generate",
        /// `/api/chat` or `/v1/chat/completions`.
        Chat = "chat",
    }
}
choices! {
    /// Kind of server, which decides the checks of each response.
    ServerKind {
        /// `ollama-sim`: equal seeds give equal text.
        Sim = "sim",
        /// A real Ollama server.
        Ollama = "ollama",
        /// Any other server with OpenAI's API.
        Openai = "openai",
    }
}
choices! {
    /// Which measured phase comes first; alternates by block.
    PhaseOrder {
        /// Each agent alone, then all together.
        SoloFirst = "solo-first",
        /// All together, then each alone.
        ConcurrentFirst = "concurrent-first",
    }
}
choices! {
    /// Whether connections are open before the release.
    Connection {
        /// Opened in the warm-up.
        Prepared = "prepared",
        /// Opened inside the measured time.
        Fresh = "fresh",
    }
}
choices! {
    /// Where arm and servers may run. Results under different values are never compared.
    Pin {
        /// Wherever the scheduler puts them.
        None = "none",
        /// Servers on the first half of the CPUs, the arm on the second.
        Apart = "apart",
    }
}
choices! {
    /// How the starts of an open loop are spread over time.
    Arrivals {
        /// Exponential gaps: a Poisson process.
        Poisson = "poisson",
        /// Equal gaps.
        Constant = "constant",
    }
}
choices! {
    /// How a real server's prompt cache is treated.
    Cache {
        /// The exact prompt is primed on its server before every phase.
        Warm = "warm",
        /// An equal-length nonce starts the prompt in every phase; digests are not compared.
        Cold = "cold",
        /// The server keeps no state (simulator).
        None = "none",
    }
}

choices! {
    /// A field of the request that a trial can do without.
    RequestField {
        /// Asks OpenAI-type servers for their token counts; without it, pieces are counted.
        StreamOptions = "stream_options",
        /// Makes responses repeatable where the server draws them at random.
        Seed = "seed",
        /// Without it the server's own default holds.
        Temperature = "temperature",
    }
}

/// Rates of an open loop that make sense, in requests per second: from one in a quarter of an hour to more than any
/// client sends.
pub const RATES_PER_S: RangeInclusive<f64> = 0.001..=1e6;

/// One trial: everything an arm has to know.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct TrialSpec {
    /// Name of the run, copied into the rows
    #[arg(long, default_value = "adhoc")]
    pub run_id: String,
    /// Number of the trial, copied into the rows
    #[arg(long, default_value_t = 0)]
    pub trial: u32,
    /// Attempt of the trial, copied into the rows
    #[arg(long, default_value_t = 1)]
    pub attempt: u32,
    /// Base URL of a server, http://host:port; repeat for more
    #[arg(long = "server", value_name = "URL", required = true)]
    pub servers: Vec<String>,
    /// Kind of these servers
    #[arg(long, value_enum, default_value_t = ServerKind::Ollama)]
    pub server_kind: ServerKind,
    /// Dialect
    #[arg(long, value_enum, default_value_t = Api::Ollama)]
    pub api: Api,
    /// Endpoint of the dialect; `generate` for ollama and `chat` for openai when not named
    #[arg(long, value_enum)]
    pub endpoint: Option<Endpoint>,
    /// Model name as the server knows it
    #[arg(long)]
    pub model: String,
    /// HTTP client; the arm's own default when not named
    #[arg(long, value_enum)]
    pub client: Option<Client>,
    /// Cap of one read in bytes, hyper only; 0 = uncapped; the arm's own default when not named
    #[arg(long, value_name = "BYTES")]
    pub read_cap: Option<u32>,
    /// What each agent does
    #[arg(long, value_enum, default_value_t = Workload::Stream)]
    pub workload: Workload,
    /// Number of agents
    #[arg(long, default_value_t = 2)]
    pub agents: u32,
    /// Agents that may work at the same time; the arm's own default, usually all of them, when not named
    #[arg(long)]
    pub permits: Option<u32>,
    /// Response length in tokens; two values set collector and insight apart
    #[arg(long, value_delimiter = ',', num_args = 1.., default_value = "64")]
    pub tokens: Vec<u32>,
    /// Who decides how long a response is; with free, --tokens is only the length expected
    #[arg(long, value_enum, default_value_t = Length::Fixed)]
    pub length: Length,
    /// Folder that the agents of workload report read
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Folder that keeps the reports of workload report; none are kept when not named
    #[arg(long, value_name = "DIR")]
    pub reports: Option<PathBuf>,
    /// Seed of the work
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Which measured phase comes first
    #[arg(long, value_enum, default_value_t = PhaseOrder::SoloFirst)]
    pub phase_order: PhaseOrder,
    /// Whether connections are open before the release
    #[arg(long, value_enum, default_value_t = Connection::Prepared)]
    pub connection: Connection,
    /// How a real server's prompt cache is treated
    #[arg(long, value_enum, default_value_t = Cache::Warm)]
    pub cache: Cache,
    /// Open loop: start so many requests per second in the concurrent phase, one an agent, ready or not
    #[arg(long, value_name = "PER_SECOND")]
    pub rate: Option<f64>,
    /// How the starts of the open loop are spread
    #[arg(long, value_enum, default_value_t = Arrivals::Poisson, requires = "rate")]
    pub arrivals: Arrivals,
    /// Read through recvmsg and keep the kernel's receive stamps, hyper only
    #[arg(long)]
    pub receive_stamps: bool,
    /// File that keeps the raw stamps of every token; none is written when not named
    #[arg(long, value_name = "FILE")]
    pub token_stamps: Option<PathBuf>,
    /// Time limit of one request in milliseconds
    #[arg(long, default_value_t = 120_000)]
    pub timeout_ms: u64,
    /// Request options of the collectors, a JSON object
    #[arg(long, value_name = "JSON", value_parser = parse_options, default_value = "{}")]
    pub options_a: RequestOptions,
    /// Field that requests leave out because the servers refuse it; repeat for more
    #[arg(long, value_enum, value_name = "FIELD")]
    pub leave_out: Vec<RequestField>,
    /// Request options of the insights, a JSON object
    #[arg(long, value_name = "JSON", value_parser = parse_options, default_value = "{}")]
    pub options_b: RequestOptions,
}

/// Files that a trial of so many agents may have open at once on either side: a connection an agent, and 64 for standard
/// streams, the poller, the servers' listeners and files that agents read.
pub fn files_needed(agents: u32) -> u64 {
    u64::from(agents) + 64
}

fn parse_options(text: &str) -> Result<RequestOptions, String> {
    serde_json::from_str(text)
        .map_err(|e| format!("not a JSON object ({e}); write it like {{\"num_ctx\": 1024}}"))
}

impl Client {
    /// Whether this client reads the arm's own sockets through code of ours, which can read receive stamps with the bytes.
    pub fn keeps_receive_stamps(self) -> bool {
        self.has_read_cap()
    }

    /// Whether the size of its reads can be capped, for the same reason.
    pub fn has_read_cap(self) -> bool {
        matches!(self, Client::Hyper | Client::Lean)
    }
}

impl Api {
    /// The endpoint that programs use most, for trials that name none.
    pub fn usual_endpoint(self) -> Endpoint {
        match self {
            Api::Ollama => Endpoint::Generate,
            Api::Openai => Endpoint::Chat,
        }
    }
}

impl TrialSpec {
    /// The command line that gives this trial, without the program's name.
    pub fn to_args(&self) -> Vec<String> {
        let mut args: Vec<String> = Vec::new();
        // A value may look like a flag: a model may have any name.
        let mut add = |flag: &str, value: String| match value.starts_with('-') {
            true => args.push(format!("--{flag}={value}")),
            false => args.extend([format!("--{flag}"), value]),
        };
        add("run-id", self.run_id.clone());
        add("trial", self.trial.to_string());
        add("attempt", self.attempt.to_string());
        for server in &self.servers {
            add("server", server.clone());
        }
        add("server-kind", self.server_kind.to_string());
        add("api", self.api.to_string());
        if let Some(endpoint) = self.endpoint {
            add("endpoint", endpoint.to_string());
        }
        add("model", self.model.clone());
        if let Some(client) = self.client {
            add("client", client.to_string());
        }
        if let Some(cap) = self.read_cap {
            add("read-cap", cap.to_string());
        }
        add("workload", self.workload.to_string());
        add("agents", self.agents.to_string());
        if let Some(permits) = self.permits {
            add("permits", permits.to_string());
        }
        add("tokens", self.tokens.iter().map(u32::to_string).collect::<Vec<_>>().join(","));
        add("length", self.length.to_string());
        for (flag, folder) in [("files", &self.files), ("reports", &self.reports)] {
            if let Some(folder) = folder {
                add(flag, folder.display().to_string());
            }
        }
        add("seed", self.seed.to_string());
        add("phase-order", self.phase_order.to_string());
        add("connection", self.connection.to_string());
        add("cache", self.cache.to_string());
        if let Some(rate) = self.rate {
            add("rate", rate.to_string());
            add("arrivals", self.arrivals.to_string());
        }
        if let Some(file) = &self.token_stamps {
            add("token-stamps", file.display().to_string());
        }
        add("timeout-ms", self.timeout_ms.to_string());
        for (flag, options) in [("options-a", &self.options_a), ("options-b", &self.options_b)] {
            if !options.is_empty() {
                add(flag, serde_json::Value::Object(options.clone()).to_string());
            }
        }
        for field in &self.leave_out {
            args.extend(["--leave-out".to_string(), field.to_string()]);
        }
        if self.receive_stamps {
            args.push("--receive-stamps".to_string());
        }
        args
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use proptest::prelude::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        spec: TrialSpec,
    }

    proptest! {
        #[test]
        fn a_written_command_line_reads_back_as_the_same_trial(
            trial in 0u32..1_000_000, agents in 1u32..10_000, permits in proptest::option::of(1u32..100),
            cap in proptest::option::of(0u32..100_000), seed: u64, a in 2u32..5_000, b in 2u32..5_000,
            model in "-{0,2}(help|version|[a-z0-9:._=-]{0,30})", ctx in proptest::option::of(1u32..9_000),
            rate in proptest::option::of(0.001f64..1e6), stamps: bool,
            fields in 0..RequestField::ALL.len(),
        ) {
            let named = format!("--model={model}");
            let line = Line::try_parse_from(["arm", "--server", "http://127.0.0.1:1", &named]).unwrap();
            let mut options = RequestOptions::new();
            if let Some(ctx) = ctx { options.insert("num_ctx".into(), ctx.into()); }
            let spec = TrialSpec {
                trial, agents, permits, read_cap: cap, seed, tokens: vec![a, b],
                servers: vec!["http://127.0.0.1:1".into(), "http://127.0.0.1:2".into()],
                client: Some(Client::Hyper), options_a: options, rate, receive_stamps: stamps,
                leave_out: RequestField::ALL[..fields].to_vec(), ..line.spec
            };
            let args = std::iter::once("arm".to_string()).chain(spec.to_args());
            prop_assert_eq!(Line::try_parse_from(args).unwrap().spec, spec);
        }
    }
}
