//! The study as tiers, runs, agents and calls.

use crate::load::Findings;
use jiff::Timestamp;

/// How far the wall time of a run may be from the sum (or the longer) of its agents' durations to count as equal to
/// it. Starting two tasks and joining them costs milliseconds of runs that last seconds; a hundredth is ample.
pub const EQUAL_WALL: f64 = 0.01;

/// Everything read from the study's files.
#[derive(Debug)]
pub struct Study {
    /// Tiers by their first run.
    pub tiers: Vec<Tier>,
    /// Rows of `runs.csv` and of `calls.csv` that are used; the latter none where the file cannot be used.
    pub rows: (usize, Option<usize>),
    /// Names of all columns of both files.
    pub columns: Vec<String>,
    /// Lines that were left out, and why.
    pub findings: Findings,
}

/// One tier of the study: a version of its agents, all runtimes and configurations.
#[derive(Debug)]
pub struct Tier {
    /// Its name in the files.
    pub name: String,
    /// Its runs in the order in which they were saved.
    pub runs: Vec<Run>,
}

/// One run: one process, two agents.
#[derive(Debug, Clone)]
pub struct Run {
    /// Async runtime.
    pub runtime: String,
    /// Configuration.
    pub config: String,
    /// Repeat, from 1.
    pub index: u32,
    /// When its summary was written.
    pub saved: Timestamp,
    /// Wall time of both agents, s.
    pub wall_s: f64,
    /// The study's efficiency, a fraction (its `efficiency_pct` / 100).
    pub efficiency: f64,
    /// Its agents in the order of the file.
    pub agents: [Agent; 2],
}

/// One agent of a run.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Its role, which names its server too.
    pub role: String,
    /// Its server.
    pub url: String,
    /// Its model.
    pub model: String,
    /// `num_gpu`, `num_ctx`, `temperature` as sent; none where not sent.
    pub options: [Option<f64>; 3],
    /// Its duration inside the run, s.
    pub wall_s: f64,
    /// Model loading, ms, summed over its calls.
    pub load_ms: Option<f64>,
    /// Its calls in order; empty without `calls.csv`.
    pub calls: Vec<Call>,
}

/// One LLM call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Place among the agent's calls, from 1.
    pub index: u32,
    /// What the call is for.
    pub stage: String,
    /// Time to first token, ms, by the client.
    pub ttft_ms: f64,
    /// Wall time, ms, by the client.
    pub total_ms: f64,
    /// Tokens by the server; none without a final record (the files say 0 then).
    pub tokens: Option<u64>,
    /// Decoding, ms, by the server.
    pub eval_ms: Option<f64>,
    /// Reading the prompt, ms, by the server.
    pub prompt_eval_ms: Option<f64>,
    /// Loading the model, ms, by the server.
    pub load_ms: Option<f64>,
    /// Characters received.
    pub response_chars: Option<f64>,
}

/// How the agents of a run shared its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// The run lasted as long as its longer agent.
    Overlapping,
    /// The run lasted as long as both agents together: one after the other.
    Serialised,
    /// Neither, or both because one agent hardly took any time.
    Unclear,
}

impl Run {
    /// Durations of the two agents, s.
    pub fn durations(&self) -> [f64; 2] {
        [self.agents[0].wall_s, self.agents[1].wall_s]
    }

    /// The study's number from the two durations and the wall time: (a + b) / 2W, a fraction.
    pub fn ratio(&self) -> f64 {
        let [a, b] = self.durations();
        (a + b) / (2.0 * self.wall_s)
    }

    /// The same from the durations alone: (a + b) / (2 max(a, b)), a fraction.
    pub fn identity(&self) -> f64 {
        identity(self.durations())
    }

    /// How its agents shared its time.
    pub fn sharing(&self) -> Sharing {
        let [a, b] = self.durations();
        let near = |time: f64| (time / self.wall_s - 1.0).abs() < EQUAL_WALL;
        match (near(a.max(b)), near(a + b)) {
            (true, false) => Sharing::Overlapping,
            (false, true) => Sharing::Serialised,
            _ => Sharing::Unclear,
        }
    }
}

/// (a + b) / (2 max(a, b)), a fraction.
pub fn identity([a, b]: [f64; 2]) -> f64 {
    (a + b) / (2.0 * a.max(b))
}

impl Call {
    /// Decoding time per token, ms; none without a final record and for a single token.
    pub fn ms_per_token(&self) -> Option<f64> {
        let tokens = self.tokens.filter(|tokens| *tokens > 1)?;
        Some(self.eval_ms? / tokens as f64)
    }

    /// The part of the time to the first token that neither loading nor reading the prompt explains, ms: connection,
    /// queue, and what the client adds. None without a final record, which carries the other two.
    pub fn unexplained_ms(&self) -> Option<f64> {
        self.tokens?;
        Some(self.ttft_ms - self.load_ms? - self.prompt_eval_ms?)
    }
}

impl Tier {
    /// Runtimes by their first run.
    pub fn runtimes(&self) -> Vec<&str> {
        first_seen(self.runs.iter().map(|run| run.runtime.as_str()))
    }

    /// Configurations by their first run.
    pub fn configs(&self) -> Vec<&str> {
        first_seen(self.runs.iter().map(|run| run.config.as_str()))
    }

    /// Stages in the order of an agent's calls.
    pub fn stages(&self) -> Vec<&str> {
        let mut stages: Vec<(u32, &str)> =
            self.calls().map(|(_, _, c)| (c.index, c.stage.as_str())).collect();
        stages.sort();
        first_seen(stages.into_iter().map(|(_, stage)| stage))
    }

    /// Every call with its run and agent.
    pub fn calls(&self) -> impl Iterator<Item = (&Run, &Agent, &Call)> {
        self.runs
            .iter()
            .flat_map(|run| run.agents.iter().flat_map(move |a| a.calls.iter().map(move |c| (run, a, c))))
    }

    /// Runs of one runtime.
    pub fn runs_of<'a>(&'a self, runtime: &'a str) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().filter(move |run| run.runtime == runtime)
    }

    /// How the agents of most of a runtime's runs shared their time.
    pub fn sharing_of(&self, runtime: &str) -> Sharing {
        let runs = self.runs_of(runtime).count();
        let most = |sharing| 2 * self.runs_of(runtime).filter(|run| run.sharing() == sharing).count() > runs;
        [Sharing::Overlapping, Sharing::Serialised]
            .into_iter()
            .find(|sharing| most(*sharing))
            .unwrap_or(Sharing::Unclear)
    }

    /// Runtimes whose agents mostly shared time in one way.
    pub fn runtimes_that(&self, sharing: Sharing) -> Vec<&str> {
        self.runtimes().into_iter().filter(|runtime| self.sharing_of(runtime) == sharing).collect()
    }
}

/// Each name once, in the order of its first appearance.
pub fn first_seen<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}
