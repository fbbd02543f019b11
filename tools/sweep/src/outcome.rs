//! From what a process left behind to the rows of a trial.

use crate::machine;
use crate::process::{Cut, Ended};
use crate::run::Tally;
use crate::schedule::PlannedTrial;
use crate::servers::Seen;
use crate::terminal::one_line;
use std::time::Duration;
use tandem_records::{
    AgentRow, ArmReport, MicroBatch, MicroRow, RequestRow, SCHEMA_VERSION, Status, TrialRow,
};

/// How a trial ended, and the arm's report where it counts.
pub(crate) struct Outcome {
    pub status: Status,
    pub error: String,
    pub report: Option<ArmReport>,
}

impl Outcome {
    fn without_report(status: Status, error: String) -> Outcome {
        Outcome { status, error, report: None }
    }
}

/// What an arm's process came to. A report counts when it is of this trial, by this arm, with the planned client.
pub(crate) fn outcome_of(trial: &PlannedTrial, attempt: u32, ended: &Ended, limit: Duration) -> Outcome {
    match ended.cut {
        Some(Cut::Interrupted) => return Outcome::without_report(Status::Aborted, "interrupted".into()),
        Some(Cut::Timeout) => {
            let error = format!("no report within {} s; see --trial-timeout-s", limit.as_secs());
            return Outcome::without_report(Status::Timeout, error);
        }
        None => {}
    }
    let failed = |why: &str| {
        let said =
            if ended.last_words.is_empty() { String::new() } else { format!(": {}", ended.last_words) };
        Outcome::without_report(Status::ArmFailed, format!("{why}{said}"))
    };
    let text = String::from_utf8_lossy(&ended.stdout);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    let Some(mut report) = last.and_then(|line| serde_json::from_str::<ArmReport>(line).ok()) else {
        return failed(&format!("no report, {}", ended.exit));
    };
    if let Some(difference) = differs(trial, attempt, &report) {
        return failed(&difference);
    }
    if report.status.is_ok() && !ended.exit.success() {
        return failed(&format!("ended with {} after its report", ended.exit));
    }
    if let Some(difference) = report.status.is_ok().then(|| Tally::of(&report).differs(trial)).flatten() {
        return failed(&format!("its report has {difference}"));
    }
    // A row is one line: every cell of free text is made one. Run, trial and attempt were compared above.
    let texts = (report.requests.iter_mut())
        .flat_map(|row| [&mut row.error, &mut row.done_reason, &mut row.server, &mut row.digest])
        .chain(report.agents.iter_mut().map(|row| &mut row.server))
        .chain([&mut report.bridge]);
    for cell in texts {
        *cell = one_line(cell);
    }
    Outcome { status: report.status, error: one_line(&report.error), report: Some(report) }
}

/// How a report is not the one that was asked for.
fn differs(trial: &PlannedTrial, attempt: u32, report: &ArmReport) -> Option<String> {
    let row = &trial.row;
    if report.runtime != row.runtime {
        return Some(format!("binary {} reports runtime {}", row.runtime, report.runtime));
    }
    if report.client != row.client {
        return Some(format!("ran client {} in place of {}", report.client, row.client));
    }
    if let Some(cap) = row.read_cap_bytes.filter(|&cap| cap != report.read_cap_bytes) {
        return Some(format!("read cap {} in place of {cap}", report.read_cap_bytes));
    }
    let of_agent = |agent: &AgentRow| (agent.run_id == row.run_id, agent.trial, agent.attempt);
    let of_request = |request: &RequestRow| (request.run_id == row.run_id, request.trial, request.attempt);
    let mut keys = report.agents.iter().map(of_agent).chain(report.requests.iter().map(of_request));
    (!keys.all(|key| key == (true, row.trial, attempt))).then(|| "its rows are of another trial".to_string())
}

/// The rows of a micro workload's batches; those of a trial that failed show how far it came.
pub(crate) fn micro_rows(trial: &PlannedTrial, attempt: u32, report: Option<&ArmReport>) -> Vec<MicroRow> {
    let row = &trial.row;
    let of = |batch: &MicroBatch| MicroRow {
        run_id: row.run_id.clone(),
        trial: row.trial,
        attempt,
        block: row.block,
        arm: row.arm.clone(),
        runtime: row.runtime.clone(),
        workload: row.workload,
        case: one_line(&batch.case),
        batch: batch.batch,
        operations: batch.operations,
        elapsed_ns: batch.elapsed_ns,
        cpu_ns: batch.cpu_ns,
        bytes: batch.bytes,
    };
    report.map_or_else(Vec::new, |report| report.micro.iter().map(of).collect())
}

/// The trial's row.
pub(crate) fn trial_row(
    trial: &PlannedTrial,
    attempt: u32,
    started_utc: String,
    wall: Duration,
    outcome: &Outcome,
    seen: &Seen,
) -> TrialRow {
    let (row, report) = (&trial.row, outcome.report.as_ref());
    let (status, error) = match (&seen.trouble, outcome.status) {
        (Some((trouble, message)), Status::Ok) => (*trouble, one_line(message)),
        (Some((_, message)), status) => (status, one_line(&format!("{}; {message}", outcome.error))),
        (None, status) => (status, one_line(&outcome.error)),
    };
    let delays = report.map(|report| report.delays).unwrap_or_default();
    TrialRow {
        schema_version: SCHEMA_VERSION,
        run_id: row.run_id.clone(),
        trial: row.trial,
        attempt,
        block: row.block,
        position: row.position,
        cell: row.cell.clone(),
        set: row.set.clone(),
        arm: row.arm.clone(),
        runtime: row.runtime.clone(),
        client: row.client,
        bridge: report.map_or(String::new(), |report| report.bridge.clone()),
        read_cap_bytes: report.map(|report| report.read_cap_bytes),
        workload: row.workload,
        scenario: row.scenario.clone(),
        configuration: row.configuration.clone(),
        agents: row.agents,
        permits: row.permits,
        servers: trial.cell.servers,
        server_kind: row.server_kind,
        capacity: row.capacity,
        gap_ns: row.gap_ns,
        ideal_ns: row.ideal_ns,
        coalesce: row.coalesce,
        token_bytes: row.token_bytes,
        pin: row.pin,
        rate_per_s: row.rate_per_s,
        arrivals: row.arrivals,
        receive_stamps: row.receive_stamps,
        seed: row.seed,
        phase_order: row.phase_order,
        started_utc,
        status,
        error,
        makespan_ns: report.and_then(|report| report.makespan_ns),
        startup_ns: report.and_then(|report| report.startup_ns),
        cpu_ns: report.and_then(|report| report.cpu_ns),
        voluntary_switches: report.and_then(|report| report.voluntary_switches),
        involuntary_switches: report.and_then(|report| report.involuntary_switches),
        migrations: report.and_then(|report| report.migrations),
        minor_faults: report.and_then(|report| report.minor_faults),
        major_faults: report.and_then(|report| report.major_faults),
        cpus_allowed: report.map_or(String::new(), |report| one_line(&report.cpus_allowed)),
        cpu_mhz: report.and_then(|report| machine::mhz_of_first(&report.cpus_allowed)),
        workers: report.and_then(|report| report.workers),
        workers_busy_ns: report.and_then(|report| report.workers_busy_ns),
        worker_parks: report.and_then(|report| report.worker_parks),
        queue_depth_max: report.and_then(|report| report.queue_depth_max),
        delay_tokens: delays.tokens,
        delay_p50_ns: delays.p50_ns,
        delay_p90_ns: delays.p90_ns,
        delay_p99_ns: delays.p99_ns,
        delay_p999_ns: delays.p999_ns,
        delay_max_ns: delays.max_ns,
        gap_error_p99_ns: delays.gap_error_p99_ns,
        delay_source: delays.source,
        threads: report.filter(|r| !r.thread_names.is_empty()).map(|report| report.thread_names.len() as u32),
        thread_names: report.map_or(String::new(), |report| one_line(&report.thread_names.join(";"))),
        peak_rss_bytes: report.and_then(|report| report.peak_rss_bytes),
        start_rss_bytes: report.and_then(|report| report.start_rss_bytes),
        server_late_p50_ns: seen.late_p50_ns,
        server_late_p99_ns: seen.late_p99_ns,
        server_late_max_ns: seen.late_max_ns,
        streams_open_max: seen.streams_open_max,
        context_length: seen.context_length,
        wall_ns: wall.as_nanos() as u64,
    }
}
