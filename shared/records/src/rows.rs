//! The rows of a run: what was planned, and one row per trial, per agent and phase, and per request.

use crate::table::table;
use crate::{
    Api, Arrivals, Cache, Capacity, Client, Connection, Endpoint, Length, PhaseOrder, Pin, SCHEMA_VERSION,
    ServerKind, Stage, Status, TrialSpec, Workload,
};
use serde::{Deserialize, Serialize};

/// A part of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Opens connections and primes caches; kept in the files, never analysed.
    Warmup,
    /// One agent alone.
    Solo,
    /// All agents released together.
    Concurrent,
}

/// What an agent is for; decides its request options and, by default, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Agents 0, 2, 4 …
    Collector,
    /// Agents 1, 3, 5 …
    Insight,
}

/// Where the reference point of the client-added delay comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelaySource {
    /// The simulator's write stamp inside each line.
    Sim,
    /// The kernel's receive stamp.
    Kernel,
    /// Unknown: the delay cells are empty.
    None,
}

/// Who counted a response's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokensFrom {
    /// The server (`usage.completion_tokens`, `eval_count`).
    Server,
    /// The server does not tell: the client counted pieces, which may hold several tokens each.
    Pieces,
}

table! { "plan.csv",
    /// One planned trial. The rows stand in run order.
    PlanRow {
        /// Version of this schema.
        schema_version: u32,
        /// Name of the run.
        run_id: String,
        /// Number of the trial in run order, from 0.
        trial: u32,
        /// Number of the block, from 0.
        block: u32,
        /// Place inside the block and cell, from 0.
        position: u32,
        /// Name of the cell: one combination of factor levels.
        cell: String,
        /// Name of the plan's set that the cell comes from.
        set: String,
        /// Arm label; the A/A arm is the baseline's label with `#2`.
        arm: String,
        /// Binary that runs: the arm's folder name in bins/.
        runtime: String,
        /// HTTP client.
        client: Client,
        /// Cap of one read in bytes; 0 is uncapped; empty where the plan leaves it to the arm.
        read_cap_bytes: Option<u32>,
        /// What each agent does.
        workload: Workload,
        /// How the agents' options are set.
        scenario: String,
        /// Name of the plan's configuration that the options come from; empty where the set names none.
        configuration: String,
        /// Number of agents.
        agents: u32,
        /// Agents that may work at the same time.
        permits: u32,
        /// Response length in tokens, per role, joined by a comma.
        tokens: String,
        /// Who decides the length; where the server does, `tokens` is only what the plan expects.
        length: Length,
        /// Seed of the work, equal for all arms of the block and cell.
        seed: u64,
        /// Which phase comes first.
        phase_order: PhaseOrder,
        /// Whether connections are open before the release.
        connection: Connection,
        /// How the server's prompt cache is treated.
        cache: Cache,
        /// Dialect spoken to the servers.
        api: Api,
        /// Endpoint of the dialect.
        endpoint: Endpoint,
        /// Kind of server.
        server_kind: ServerKind,
        /// What the servers' streams take from each other; empty where the plan does not know.
        capacity: Option<Capacity>,
        /// Planned time between two tokens in ns; empty where the server is not paced by the plan.
        gap_ns: Option<u64>,
        /// Planned time of the longest response from request to last byte in ns; empty where the server is not paced
        /// by the plan.
        ideal_ns: Option<u64>,
        /// Tokens the simulator puts into one write; empty on other servers.
        coalesce: Option<u32>,
        /// Bytes of text in one token of the simulator; empty where they vary as in natural text, and on other servers.
        token_bytes: Option<u32>,
        /// Where arm and servers may run.
        pin: Pin,
        /// Open loop: requests started per second; empty in the closed loop.
        rate_per_s: Option<f64>,
        /// How the starts of the open loop are spread; empty in the closed loop.
        arrivals: Option<Arrivals>,
        /// Whether the arm reads through recvmsg and keeps the kernel's receive stamps.
        receive_stamps: bool,
    }
}

table! { "trials.csv",
    /// One trial and attempt; the last attempt counts.
    TrialRow {
        /// Version of this schema.
        schema_version: u32,
        /// Name of the run.
        run_id: String,
        /// Number of the trial in run order, from 0.
        trial: u32,
        /// Attempt, from 1; a resumed run repeats failed and unfinished trials.
        attempt: u32,
        /// Number of the block, from 0.
        block: u32,
        /// Place inside the block and cell, from 0.
        position: u32,
        /// Name of the cell.
        cell: String,
        /// Name of the plan's set that the cell comes from.
        set: String,
        /// Arm label; the A/A arm is the baseline's label with `#2`.
        arm: String,
        /// Binary that ran.
        runtime: String,
        /// HTTP client.
        client: Client,
        /// `via Tokio bridge` where the client runs on Tokio inside another runtime, else empty.
        bridge: String,
        /// Cap of one read in bytes that the arm had; 0 is uncapped; empty without a report of the arm.
        read_cap_bytes: Option<u32>,
        /// What each agent did.
        workload: Workload,
        /// How the agents' options were set.
        scenario: String,
        /// Name of the plan's configuration that the options came from; empty where the set names none.
        configuration: String,
        /// Number of agents.
        agents: u32,
        /// Agents that could work at the same time.
        permits: u32,
        /// Number of servers.
        servers: u32,
        /// Kind of server.
        server_kind: ServerKind,
        /// What the servers' streams take from each other; empty where the plan does not know.
        capacity: Option<Capacity>,
        /// Planned time between two tokens in ns; empty where the server is not paced by the plan.
        gap_ns: Option<u64>,
        /// Planned time of the longest response from request to last byte in ns; empty where the server is not paced
        /// by the plan.
        ideal_ns: Option<u64>,
        /// Tokens the simulator put into one write; empty on other servers.
        coalesce: Option<u32>,
        /// Bytes of text in one token of the simulator; empty where they varied as in natural text, and on other servers.
        token_bytes: Option<u32>,
        /// Where arm and servers could run.
        pin: Pin,
        /// Open loop: requests started per second; empty in the closed loop.
        rate_per_s: Option<f64>,
        /// How the starts of the open loop were spread; empty in the closed loop.
        arrivals: Option<Arrivals>,
        /// Whether the arm read through recvmsg and kept the kernel's receive stamps.
        receive_stamps: bool,
        /// Seed of the work.
        seed: u64,
        /// Which phase came first.
        phase_order: PhaseOrder,
        /// When the arm was started, UTC, RFC 3339.
        started_utc: String,
        /// How the trial ended: `ok`, or the first thing that went wrong.
        status: Status,
        /// What went wrong; empty when `ok`.
        error: String as "crate::text",
        /// Concurrent phase: last end minus release.
        makespan_ns: Option<u64>,
        /// From before the runtime is built to the first poll of a future on it.
        startup_ns: Option<u64>,
        /// CPU time of the arm's process in the concurrent phase, user and system.
        cpu_ns: Option<u64>,
        /// Voluntary context switches of the arm in the concurrent phase, all threads.
        voluntary_switches: Option<u64>,
        /// Involuntary context switches of the arm in the concurrent phase, all threads.
        involuntary_switches: Option<u64>,
        /// Moves of the arm's threads from one CPU to another in the concurrent phase; threads that had ended by then
        /// are not counted. Empty where the kernel does not tell.
        migrations: Option<u64>,
        /// Page faults without reading from a disk in the concurrent phase.
        minor_faults: Option<u64>,
        /// Page faults that read from a disk in the concurrent phase.
        major_faults: Option<u64>,
        /// CPUs that the arm was allowed to use, as the kernel lists them (`0-1`).
        cpus_allowed: String,
        /// Frequency of the first of these CPUs in MHz after the trial; empty where it cannot be read.
        cpu_mhz: Option<u32>,
        /// Tokio's worker threads; empty on other runtimes, like the next three.
        workers: Option<u32>,
        /// Time the workers were busy in the concurrent phase, summed.
        workers_busy_ns: Option<u64>,
        /// Times that a worker went to sleep in the concurrent phase, summed.
        worker_parks: Option<u64>,
        /// Largest depth of the runtime's global queue, seen at the release and after each agent's end in the concurrent
        /// phase.
        queue_depth_max: Option<u64>,
        /// Tokens of the concurrent phase, over all agents, whose delay is known; the quantiles below are over these.
        delay_tokens: Option<u64>,
        /// Median client-added delay of these tokens (type-7 quantile).
        delay_p50_ns: Option<u64>,
        /// 90th percentile of the delay.
        delay_p90_ns: Option<u64>,
        /// 99th percentile of the delay.
        delay_p99_ns: Option<u64>,
        /// 99.9th percentile of the delay.
        delay_p999_ns: Option<u64>,
        /// Largest delay.
        delay_max_ns: Option<u64>,
        /// 99th percentile over the same tokens of how far the gap that the agent saw is from the gap between the
        /// reference stamps.
        gap_error_p99_ns: Option<u64>,
        /// Where the reference stamps come from.
        delay_source: DelaySource,
        /// Threads of the arm at the end of the concurrent phase.
        threads: Option<u32>,
        /// Names of these threads, joined by a semicolon.
        thread_names: String,
        /// Largest resident memory of the arm (VmHWM) in bytes up to the end of the concurrent phase, before its tokens are
        /// summarised; of a trial without one, up to its end.
        peak_rss_bytes: Option<u64>,
        /// Resident memory of the arm in bytes before its first connection.
        start_rss_bytes: Option<u64>,
        /// Simulator: median lateness of its writes in the measured phases.
        server_late_p50_ns: Option<u64>,
        /// Simulator: 99th percentile of the lateness.
        server_late_p99_ns: Option<u64>,
        /// Simulator: largest lateness.
        server_late_max_ns: Option<u64>,
        /// Most streams open at once in the concurrent phase, seen at the servers (simulator) or from the requests.
        streams_open_max: Option<u32>,
        /// Smallest context length in tokens with which a server of the trial had loaded the model; empty where none tells.
        context_length: Option<u64>,
        /// From the start of the arm's process to its end, as the driver saw it.
        wall_ns: u64,
    }
}

table! { "agents.csv",
    /// One agent in one phase.
    AgentRow {
        /// Version of this schema.
        schema_version: u32,
        /// Name of the run.
        run_id: String,
        /// Number of the trial.
        trial: u32,
        /// Attempt of the trial.
        attempt: u32,
        /// Phase.
        phase: Phase,
        /// Number of the agent, from 0.
        agent: u32,
        /// Role of the agent.
        role: Role,
        /// Base URL of the agent's server.
        server: String,
        /// How the agent ended in this phase.
        status: Status,
        /// CLOCK_MONOTONIC when the phase released its agents.
        release_ns: u64,
        /// CLOCK_MONOTONIC after any permit and before the agent's first action; empty if it never started.
        start_ns: Option<u64>,
        /// CLOCK_MONOTONIC after the agent's last action; empty if it never ended.
        end_ns: Option<u64>,
        /// Part of start to end that the agent spent on work of its own (reading, parsing, writing files); empty
        /// where the workload has none.
        local_ns: Option<u64>,
        /// Files that the agent read; empty where the workload reads none.
        files_read: Option<u32>,
        /// Files that the agent skipped because they could not be read; empty where the workload reads none.
        files_skipped: Option<u32>,
        /// Whether the analysis came in the sections asked for; empty where none was asked for.
        structured: Option<bool>,
    }
}

table! { "requests.csv",
    /// One request of an agent.
    RequestRow {
        /// Version of this schema.
        schema_version: u32,
        /// Name of the run.
        run_id: String,
        /// Number of the trial.
        trial: u32,
        /// Attempt of the trial.
        attempt: u32,
        /// Phase.
        phase: Phase,
        /// Number of the agent, from 0.
        agent: u32,
        /// Number of the request inside agent and phase, from 0.
        call: u32,
        /// What the request is for.
        stage: Stage,
        /// Base URL of the server.
        server: String,
        /// How the request ended.
        status: Status,
        /// What went wrong; empty when `ok`.
        error: String as "crate::text",
        /// Open loop: CLOCK_MONOTONIC when the request was to start; empty in the closed loop.
        intended_ns: Option<u64>,
        /// CLOCK_MONOTONIC when the client was asked to send.
        start_ns: u64,
        /// Time to open the connection, where this request opened one and the client tells.
        connect_ns: Option<u64>,
        /// Send to first body chunk.
        ttfc_ns: Option<u64>,
        /// Send to the first piece of generated text, thinking or answer.
        ttft_ns: Option<u64>,
        /// Send to the first piece of the answer; empty where all pieces are thinking.
        first_answer_ns: Option<u64>,
        /// Send to the end of the stream: its end marker (`[DONE]`, `done: true`), or the last body byte where none comes.
        e2e_ns: Option<u64>,
        /// Body chunks as the HTTP client handed them out.
        chunks: Option<u64>,
        /// Pieces of generated text, thinking and answer, as they arrived; counted by the client. Gaps and delays are
        /// between these.
        pieces: Option<u64>,
        /// Pieces among these that are thinking.
        thinking_pieces: Option<u64>,
        /// Tokens generated, counted by whom `tokens_from` says.
        output_tokens: Option<u64>,
        /// Who counted the tokens; empty where there are none, and in runs of before schema version 4, which counted pieces.
        tokens_from: Option<TokensFrom>,
        /// Prompt tokens, told by the server.
        prompt_tokens: Option<u64>,
        /// XXH3-64 of the response text in hexadecimal, thinking included; empty where there was no text.
        digest: String,
        /// Why the server stopped (`stop`, `length`); empty where it did not say.
        done_reason: String as "crate::text",
        /// Time to load the model, told by the server.
        load_ns: Option<u64>,
        /// Time to read the prompt, told by the server.
        prompt_eval_ns: Option<u64>,
        /// Time to generate, told by the server.
        eval_ns: Option<u64>,
        /// Whole time, told by the server.
        server_total_ns: Option<u64>,
        /// Median gap between pieces (type-7 quantile); empty under 2 pieces.
        itl_p50_ns: Option<u64>,
        /// 99th percentile of the gaps.
        itl_p99_ns: Option<u64>,
        /// Largest gap.
        itl_max_ns: Option<u64>,
        /// Median client-added delay per piece: agent code saw it minus reference stamp.
        delay_p50_ns: Option<u64>,
        /// 90th percentile of the delay.
        delay_p90_ns: Option<u64>,
        /// 99th percentile of the delay.
        delay_p99_ns: Option<u64>,
        /// 99.9th percentile of the delay.
        delay_p999_ns: Option<u64>,
        /// Largest delay.
        delay_max_ns: Option<u64>,
        /// Where the reference stamp comes from.
        delay_source: DelaySource,
    }
}

table! { "footprint.csv",
    /// What the processes that live as long as a run hold, after each block and at the end of a sitting.
    FootprintRow {
        /// Version of this schema.
        schema_version: u32,
        /// Name of the run.
        run_id: String,
        /// Number of the last trial before.
        trial: u32,
        /// `driver`, or the first base URL of a simulator.
        process: String,
        /// Resident memory in bytes (VmRSS).
        rss_bytes: u64,
        /// Open file descriptors.
        open_files: u32,
    }
}

table! { "micro.csv",
    /// One batch of a micro workload. What a case does not measure is empty; figures are per batch, not per operation.
    MicroRow {
        /// Name of the run.
        run_id: String,
        /// Number of the trial.
        trial: u32,
        /// Attempt of the trial.
        attempt: u32,
        /// Number of the block, from 0.
        block: u32,
        /// Arm label; the A/A arm is the baseline's label with `#2`.
        arm: String,
        /// Binary that ran.
        runtime: String,
        /// Micro workload.
        workload: Workload,
        /// What was done, parts divided by `/`; `empty` is a batch of nothing, the harness's own cost.
        case: String,
        /// Number of the batch inside trial and case, from 0.
        batch: u32,
        /// Operations in the batch; a quantile, or a fact of workload `behaviour` that holds, is 1, one that does not is 0.
        operations: u64,
        /// Time that they took together, or the quantile of the lateness or delay that the case names.
        elapsed_ns: Option<u64>,
        /// CPU time of the process in the same time.
        cpu_ns: Option<u64>,
        /// Memory that they hold together: resident, or handed out by the allocator, as the case says.
        bytes: Option<u64>,
    }
}

impl AgentRow {
    /// The row of an agent that has not been released yet.
    pub fn of(spec: &TrialSpec, phase: Phase, agent: u32, role: Role, server: &str) -> Self {
        AgentRow {
            schema_version: SCHEMA_VERSION,
            run_id: spec.run_id.clone(),
            trial: spec.trial,
            attempt: spec.attempt,
            phase,
            agent,
            role,
            server: server.to_string(),
            status: Status::Ok,
            release_ns: 0,
            start_ns: None,
            end_ns: None,
            local_ns: None,
            files_read: None,
            files_skipped: None,
            structured: None,
        }
    }
}

impl RequestRow {
    /// The row of a request of this agent, with nothing measured yet.
    pub fn of(agent: &AgentRow, call: u32) -> Self {
        RequestRow {
            schema_version: agent.schema_version,
            run_id: agent.run_id.clone(),
            trial: agent.trial,
            attempt: agent.attempt,
            phase: agent.phase,
            agent: agent.agent,
            call,
            stage: Stage::Stream,
            server: agent.server.clone(),
            status: Status::Ok,
            error: String::new(),
            intended_ns: None,
            start_ns: 0,
            connect_ns: None,
            ttfc_ns: None,
            ttft_ns: None,
            first_answer_ns: None,
            e2e_ns: None,
            chunks: None,
            pieces: None,
            thinking_pieces: None,
            output_tokens: None,
            tokens_from: None,
            prompt_tokens: None,
            digest: String::new(),
            done_reason: String::new(),
            load_ns: None,
            prompt_eval_ns: None,
            eval_ns: None,
            server_total_ns: None,
            itl_p50_ns: None,
            itl_p99_ns: None,
            itl_max_ns: None,
            delay_p50_ns: None,
            delay_p90_ns: None,
            delay_p99_ns: None,
            delay_p999_ns: None,
            delay_max_ns: None,
            delay_source: DelaySource::None,
        }
    }
}
