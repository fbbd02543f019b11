//! What real servers do and the plain simulator does not: one slot with the prompt cache of that slot, a load_duration without a load,
//! thinking, several tokens a piece. Each is a simulator that the driver takes for a real server.

use crate::spec::on_simulator;
use analyzer::metrics::{Factors, factorise, times};
use end_to_end::{Simulator, binary, run_arm, workspace};
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tandem_records::{
    AgentRow, Api, Cache, Manifest, PlanRow, RequestRow, ServerKind, Status, Table, TokensFrom, TrialRow,
    TrialSpec,
};

/// One slot, and a prompt that takes as long to read as half of the response.
const ONE_SLOT: [&str; 8] = ["--slots", "1", "--prompt-eval-ms", "200", "--ttft-ms", "20", "--itl-ms", "20"];

/// 100 ms of 600, more than a busy scheduler takes.
const TOLERANCE: f64 = 0.08;

fn plan(set: &str) -> String {
    format!(
        "description = \"servers that are like real ones\"\nblocks = 1\nseed = 115\nbaseline = \"tokio-default\"\n\
         margin_efficiency = 0.005\nmargin_log_time = 0.05\n\n[[sets]]\nname = \"real\"\narms = [\"tokio-default\"]\n\
         client = \"hyper\"\nworkload = \"stream\"\nscenario = \"chimera_homo\"\ntokens = 20\n{set}\n"
    )
}

fn sweep(folder: &Path, set: &str, servers: &[String], more: &[&str]) -> Output {
    let file = folder.join("plan.toml");
    fs::write(&file, plan(set)).expect("a plan");
    let mut command = Command::new(binary("sweep"));
    command.current_dir(workspace()).arg("--plan").arg(&file).args([
        "--run",
        "real",
        "--servers",
        &servers.join(","),
    ]);
    command.arg("--runs-dir").arg(folder).args(more).output().expect("sweep")
}

fn rows<T: Table + DeserializeOwned>(folder: &Path) -> Vec<T> {
    let mut reader = csv::Reader::from_path(folder.join("real").join(T::FILE)).expect(T::FILE);
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn manifest(folder: &Path) -> Manifest {
    let text = fs::read_to_string(folder.join("real/manifest.json")).expect("the manifest");
    serde_json::from_str(&text).expect("a manifest")
}

/// The page that the analyzer makes of the run.
fn report(folder: &Path) -> String {
    let mut command = Command::new(binary("analyzer"));
    command.current_dir(workspace()).args(["report", "--run", "real", "--runs-dir"]).arg(folder);
    let reported = command.arg("--out").arg(folder.join("reports")).output().expect("analyzer");
    assert!(reported.status.success(), "{}", String::from_utf8_lossy(&reported.stderr));
    fs::read_to_string(folder.join("reports/real/README.md")).expect("the report")
}

fn factors(agents: &[AgentRow], count: u32) -> Factors {
    let times = times(agents, count).expect("complete rows");
    factorise(&times.solo, &times.concurrent, times.makespan).expect("sound durations")
}

/// Agents for whom one slot is too few read their prompts anew in each phase: half the time alone, not a fifth.
#[test]
fn one_slot_reads_half() {
    for (ports, agents) in [(1, 2), (2, 4)] {
        let folder = tempfile::tempdir().expect("a folder");
        let simulator = Simulator::start(ports, &ONE_SLOT);
        let swept = sweep(folder.path(), &format!("agents = {agents}"), &simulator.urls, &[]);
        let stderr = String::from_utf8_lossy(&swept.stderr);
        assert!(swept.status.success(), "{stderr}");
        assert!(stderr.contains("cache = cold"), "{stderr}");
        let manifest = manifest(folder.path());
        assert!(manifest.notes.iter().any(|note| note.contains("1 slot")), "{:?}", manifest.notes);
        assert!(manifest.servers.iter().all(|server| server.slots == Some(1)), "{:?}", manifest.servers);
        assert!(rows::<PlanRow>(folder.path()).iter().all(|row| row.cache == Cache::Cold));
        let agent_rows: Vec<AgentRow> = rows(folder.path());
        for trial in rows::<TrialRow>(folder.path()) {
            let of_trial: Vec<AgentRow> =
                agent_rows.iter().filter(|row| row.trial == trial.trial).cloned().collect();
            let efficiency = factors(&of_trial, agents).efficiency;
            assert!((efficiency - 0.5).abs() < TOLERANCE, "{agents} agents: {efficiency}");
        }
        let report = report(folder.path());
        assert!(report.contains("the server ran them one after the other (slots: 1)"), "{report}");
        assert!(report.contains("were queued"), "{report}");
    }
}

/// What the driver keeps a plan from: primed prompts push each other out of the slot, and are read anew together only.
#[test]
fn one_slot_for_two_warm_agents_would_read_less_and_is_refused() {
    let simulator = Simulator::start(1, &ONE_SLOT);
    let spec = TrialSpec {
        server_kind: ServerKind::Ollama,
        cache: Cache::Warm,
        ..on_simulator(&simulator.urls, &[20])
    };
    let report = run_arm("tokio-default", &spec).report.expect("a report");
    assert_eq!(report.status, Status::Ok, "{}", report.error);
    let efficiency = factors(&report.agents, 2).efficiency;
    assert!(efficiency < 0.5 - TOLERANCE, "{efficiency}");

    let folder = tempfile::tempdir().expect("a folder");
    let swept = sweep(folder.path(), "agents = 2\ncache = \"warm\"", &simulator.urls, &[]);
    let stderr = String::from_utf8_lossy(&swept.stderr);
    assert_eq!(swept.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("1 slot") && stderr.contains("cold"), "{stderr}");
}

/// A runner that takes its time to be assigned is no load of a model; one that is gone is.
#[test]
fn a_load_is_told_by_residency() {
    for (args, api, status) in [
        (&["--false-load-ms", "300"][..], "ollama", Status::Ok),
        (&["--keep-alive", "0s", "--load-ms", "50"], "openai", Status::Reloaded),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let simulator = Simulator::start(2, &[args, &["--ttft-ms", "10", "--itl-ms", "5"]].concat());
        let swept = sweep(folder.path(), "agents = 2", &simulator.urls, &["--api", api]);
        let stderr = String::from_utf8_lossy(&swept.stderr);
        let trials: Vec<TrialRow> = rows(folder.path());
        assert!(
            !trials.is_empty() && trials.iter().all(|row| row.status == status),
            "{args:?}: {trials:?}{stderr}"
        );
        assert_eq!(stderr.contains("OLLAMA_KEEP_ALIVE"), status == Status::Reloaded, "{stderr}");
    }
}

#[test]
fn thinking_and_joined_tokens_are_told_apart_from_pieces() {
    for (api, kind) in [(Api::Ollama, ServerKind::Ollama), (Api::Openai, ServerKind::Openai)] {
        for (think, thinking) in [("{}", 3), (r#"{"think":false,"reasoning_effort":"none"}"#, 0)] {
            let simulator = Simulator::start(
                2,
                &["--thinking", "6", "--tokens-per-piece", "2", "--ttft-ms", "10", "--itl-ms", "5"],
            );
            let options: tandem_records::RequestOptions = serde_json::from_str(think).expect("options");
            for arm in ["tokio-default", end_to_end::FLOOR] {
                let spec = TrialSpec {
                    api,
                    server_kind: kind,
                    client: Some(end_to_end::clients(arm)[0]),
                    options_a: options.clone(),
                    options_b: options.clone(),
                    ..on_simulator(&simulator.urls, &[20])
                };
                let report = run_arm(arm, &spec).report.expect("a report");
                assert_eq!(report.status, Status::Ok, "{arm} {api}: {}", report.error);
                let measured: Vec<&RequestRow> =
                    report.requests.iter().filter(|row| row.output_tokens == Some(20)).collect();
                assert_eq!(measured.len(), 4, "{arm} {api}: {:?}", report.requests);
                for row in measured {
                    assert_eq!(
                        (row.pieces, row.thinking_pieces),
                        (Some(10), Some(thinking)),
                        "{arm} {api} {think}"
                    );
                    assert_eq!(row.tokens_from, Some(TokensFrom::Server), "{arm} {api}");
                    let waits = row.first_answer_ns > row.ttft_ns;
                    assert_eq!(waits, thinking > 0, "{arm} {api}: the answer comes after the thinking");
                }
            }
        }
    }
}
