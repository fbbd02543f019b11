//! Every arm does the same work, prints its receipt, and refuses what it cannot do.

use crate::spec::on_simulator;
use end_to_end::{ArmRun, FLOOR, Simulator, arms, binary, clients, run_arm, run_arm_with, workspace};
use std::process::Command;
use tandem_records::{Api, Client, Endpoint, Phase, Status, VIA_TOKIO_BRIDGE};

fn version(arm: &str) -> String {
    let output = Command::new(binary(arm)).arg("--version").output().expect("the arm starts");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_receipt_names_arm_runtime_clients_revision_and_profile() {
    for arm in arms() {
        let text = version(&arm);
        let has = |start: &str| text.lines().any(|line| line.starts_with(start) && line.len() > start.len());
        let receipts = [
            (Client::Hyper, "client hyper: hyper 1."),
            (Client::Lean, "client lean: httparse 1."),
            (Client::Reqwest, "client reqwest: reqwest 0."),
            (Client::Epoll, "client epoll: httparse 1."),
        ];
        for start in [&format!("arm: {arm}"), "runtime: ", "revision: ", "profile: release"] {
            assert!(has(start) || text.contains(start), "{arm}: no line '{start}' in\n{text}");
        }
        for (client, start) in receipts {
            assert_eq!(has(start), clients(&arm).contains(&client), "{arm} {client}:\n{text}");
        }
        assert!(!text.contains("not in the lock file"), "{text}");
    }
}

#[test]
fn smol_1kb_links_no_tokio_runtime_or_network() {
    let tree = Command::new("cargo")
        .current_dir(workspace())
        .args(["tree", "--locked", "-p", "run-smol-1kb", "-e", "normal,features"])
        .args(["-f", "{p}"])
        .output()
        .expect("cargo tree");
    let tree = String::from_utf8(tree.stdout).expect("text");
    assert!(tree.contains("smol v2") && tree.contains("hyper v1"), "{tree}");
    // hyper itself takes Tokio's channels; a reactor, an executor or reqwest would be another program.
    for forbidden in
        ["reqwest", "async-compat", "hyper-util", "mio v", "tokio feature \"net\"", "tokio feature \"rt\""]
    {
        assert!(!tree.contains(forbidden), "smol-1kb depends on {forbidden}");
    }
}

#[test]
fn every_arm_and_client_reads_the_same_text_through_every_dialect() {
    let simulator = Simulator::start(2, &["--ttft-ms", "2", "--itl-ms", "1"]);
    let mut digests = std::collections::BTreeSet::new();
    for (api, endpoint) in [
        (Api::Ollama, Endpoint::Generate),
        (Api::Ollama, Endpoint::Chat),
        (Api::Openai, Endpoint::Generate),
        (Api::Openai, Endpoint::Chat),
    ] {
        let mut of_dialect = std::collections::BTreeSet::new();
        for arm in arms() {
            for &client in clients(&arm) {
                let mut spec = on_simulator(&simulator.urls, &[40]);
                (spec.api, spec.endpoint, spec.client, spec.agents) = (api, Some(endpoint), Some(client), 4);
                let run = run_arm(&arm, &spec);
                let name = format!("{arm} {client} {api} {endpoint}");
                assert_eq!(run.code, Some(0), "{name}: {}", run.stderr);
                let report = run.report.expect("a report");
                assert_eq!((report.status, report.runtime.as_str()), (Status::Ok, arm.as_str()), "{name}");
                let bridged = client == Client::Reqwest && !arm.starts_with("tokio");
                assert_eq!(report.bridge, if bridged { VIA_TOKIO_BRIDGE } else { "" }, "{name}");
                let together: Vec<_> =
                    report.requests.iter().filter(|r| r.phase == Phase::Concurrent).collect();
                assert_eq!(together.len(), 4, "{name}");
                assert_eq!(report.requests.iter().filter(|r| r.phase == Phase::Solo).count(), 2, "{name}");
                for row in &together {
                    assert_eq!(row.output_tokens, Some(40), "{name}");
                    assert!(row.delay_p50_ns.is_some_and(|ns| ns < 1_000_000_000), "{name}: {row:?}");
                    assert!(row.ttfc_ns <= row.ttft_ns && row.ttft_ns < row.e2e_ns, "{name}: {row:?}");
                }
                of_dialect.insert(together.iter().map(|r| r.digest.clone()).collect::<Vec<_>>());
                assert!(report.cpu_ns.is_some_and(|ns| ns > 0) && report.peak_rss_bytes.is_some(), "{name}");
            }
        }
        assert_eq!(of_dialect.len(), 1, "{api} {endpoint}: arms read different texts: {of_dialect:?}");
        digests.extend(of_dialect);
    }
}

#[test]
fn threads_are_those_of_the_runtime() {
    let simulator = Simulator::start(2, &["--ttft-ms", "2", "--itl-ms", "1"]);
    let threads = |arm: &str, client| {
        let mut spec = on_simulator(&simulator.urls, &[10]);
        spec.client = Some(client);
        run_arm(arm, &spec).report.expect("a report").thread_names
    };
    assert_eq!(threads(FLOOR, Client::Epoll).len(), 1, "one loop");
    assert_eq!(threads("tokio-localset", Client::Hyper).len(), 1, "one executor thread");
    assert!(threads("tokio-default", Client::Hyper).len() > 1, "a pool of workers");
    let smol = threads("smol", Client::Hyper);
    assert_eq!(smol.iter().filter(|name| name.starts_with("smol-")).count(), 1, "one worker: {smol:?}");
    assert!(
        threads("smol", Client::Reqwest).iter().any(|name| name.contains("compat")),
        "the bridge's hidden Tokio thread"
    );
}

#[test]
fn every_arm_counts_what_its_concurrent_phase_costs() {
    let simulator = Simulator::start(2, &["--ttft-ms", "2", "--itl-ms", "1"]);
    for arm in arms() {
        let mut spec = on_simulator(&simulator.urls, &[40]);
        spec.client = Some(clients(&arm)[0]);
        let report = run_arm(&arm, &spec).report.expect("a report");
        assert!(!report.cpus_allowed.is_empty(), "{arm}");
        assert!(report.start_rss_bytes.is_some() && report.start_rss_bytes <= report.peak_rss_bytes, "{arm}");
        assert!(report.minor_faults.is_some() && report.major_faults.is_some(), "{arm}");
        let scheduler_file = std::path::Path::new("/proc/self/sched").exists();
        assert_eq!(report.migrations.is_some(), scheduler_file, "{arm}");
        assert_eq!(report.workers.is_some(), arm.starts_with("tokio"), "{arm}: only Tokio counts");
        if let Some(workers) = report.workers {
            let cpus = std::thread::available_parallelism().map_or(1, usize::from) as u32;
            assert_eq!(workers, if arm == "tokio-localset" { 1 } else { cpus }, "{arm}");
            // Forty gaps of 1 ms in which nothing else is to be done.
            assert!(report.worker_parks.is_some_and(|parks| parks > 10), "{arm}: {:?}", report.worker_parks);
            let busy_ns = report.workers_busy_ns.expect("counted with the parks");
            let makespan_ns = report.makespan_ns.expect("a makespan");
            assert!(busy_ns > 0 && busy_ns <= makespan_ns * u64::from(workers) * 2, "{arm}: {busy_ns} ns");
            assert!(report.queue_depth_max.is_some_and(|depth| depth <= 2 * 2), "{arm}");
        }
    }
}

fn refused(arm: &str, args: &[&str]) -> ArmRun {
    let mut line = vec!["--server", "http://127.0.0.1:9", "--model", "m"];
    line.extend(args);
    run_arm_with(&binary(arm), &line.iter().map(ToString::to_string).collect::<Vec<_>>())
}

#[test]
fn a_wrong_command_line_names_the_remedy_and_exits_with_2() {
    for (arm, args, words) in [
        ("smol-1kb", vec!["--client", "reqwest"], vec!["smol-1kb", "reqwest", "valid values: hyper, lean"]),
        ("smol", vec!["--client", "curl"], vec!["curl", "hyper", "reqwest"]),
        ("smol", vec!["--client", "reqwest", "--read-cap", "512"], vec!["--read-cap", "--client hyper"]),
        ("smol", vec!["--tokens", "1"], vec!["--tokens", "at least 2"]),
        ("smol", vec!["--agents", "0"], vec!["--agents", "at least 1"]),
        ("smol", vec!["--server", "https://x"], vec!["https://x", "http://127.0.0.1:11434"]),
        ("smol", vec!["--options-a", "[1]"], vec!["options-a", "JSON object"]),
    ] {
        let run = refused(arm, &args);
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: no '{word}' in {}", run.stderr);
        }
        assert!(run.report.is_none());
    }
}

#[test]
fn a_failed_trial_is_a_report_with_its_status_and_exit_code_4() {
    let simulator = Simulator::start(1, &["--ttft-ms", "2", "--itl-ms", "1"]);
    for arm in arms() {
        let mut missing = on_simulator(&simulator.urls, &[4]);
        missing.model = "no-such-model".into();
        let mut nobody = on_simulator(&["http://127.0.0.1:9".to_string()], &[4]);
        nobody.agents = 1;
        let mut slow = on_simulator(&simulator.urls, &[5000]);
        slow.timeout_ms = 300;
        for (spec, expected) in
            [(missing, Status::ModelMissing), (nobody, Status::Refused), (slow, Status::Timeout)]
        {
            for &client in clients(&arm) {
                let run = run_arm(&arm, &tandem_records::TrialSpec { client: Some(client), ..spec.clone() });
                let report = run.report.expect("a report");
                assert_eq!(
                    (run.code, report.status),
                    (Some(4), expected),
                    "{arm} {client}: {}",
                    report.error
                );
                assert!(!report.error.is_empty() && !report.requests.is_empty());
            }
        }
    }
}
