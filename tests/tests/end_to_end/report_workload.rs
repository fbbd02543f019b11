//! Workload `report` on every arm and client: two calls an agent, own work inside the agent's time, reports kept.

use crate::spec::on_simulator;
use analyzer::metrics::{Factors, factorise, times};
use end_to_end::{Simulator, binary, clients, run_arm, run_arm_with, runtimes, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use tandem_records::{
    AgentRow, Api, ArmReport, Cache, Client, Length, Phase, RequestRow, ServerKind, Stage, Status, TrialSpec,
    Workload,
};

/// Two calls of 12 tokens at 20 ms: half a second an agent, so that a busy machine moves a factor by some percent.
const PACED: [&str; 4] = ["--itl-ms", "20", "--ttft-ms", "20"];
const FAST: [&str; 4] = ["--itl-ms", "1", "--ttft-ms", "2"];

fn sample() -> PathBuf {
    workspace().join("data/sample")
}

fn report_spec(urls: &[String], tokens: u32, files: &Path) -> TrialSpec {
    TrialSpec { workload: Workload::Report, files: Some(files.into()), ..on_simulator(urls, &[tokens]) }
}

/// Every arm with every client that it links.
fn arms_and_clients() -> impl Iterator<Item = (String, Client)> {
    let of_arm = |arm: String| clients(&arm).iter().map(move |client| (arm.clone(), *client));
    runtimes().into_iter().flat_map(of_arm)
}

fn ok(arm: &str, spec: &TrialSpec) -> ArmReport {
    let run = run_arm(arm, spec);
    assert_eq!(run.code, Some(0), "{arm}: {} {:?}", run.stderr, run.report.map(|report| report.error));
    run.report.expect("a report")
}

fn factors(report: &ArmReport, agents: u32) -> Factors {
    let times = times(&report.agents, agents).expect("complete rows");
    factorise(&times.solo, &times.concurrent, times.makespan).expect("sound durations")
}

fn requests(report: &ArmReport, phase: Phase, agent: u32) -> Vec<&RequestRow> {
    report.requests.iter().filter(|row| (row.phase, row.agent) == (phase, agent)).collect()
}

fn agent(report: &ArmReport, phase: Phase, agent: u32) -> &AgentRow {
    report.agents.iter().find(|row| (row.phase, row.agent) == (phase, agent)).expect("a row")
}

#[test]
fn every_arm_and_client_reads_asks_twice_and_keeps_its_reports() {
    let simulator = Simulator::start(2, &PACED);
    for (arm, client) in arms_and_clients() {
        let name = format!("{arm} {client}");
        let kept = tempfile::tempdir().expect("a folder");
        let reports = kept.path().join("made/on/demand");
        let mut spec = report_spec(&simulator.urls, 12, &sample());
        (spec.client, spec.reports) = (Some(client), Some(reports.clone()));
        let report = ok(&arm, &spec);
        for phase in [Phase::Warmup, Phase::Solo, Phase::Concurrent] {
            for number in 0..2 {
                let rows = requests(&report, phase, number);
                let stages: Vec<(u32, Stage)> = rows.iter().map(|row| (row.call, row.stage)).collect();
                assert_eq!(stages, [(0, Stage::Analysis), (1, Stage::Report)], "{name} {phase:?}");
                let tokens = if phase == Phase::Warmup { 2 } else { 12 };
                assert!(rows.iter().all(|row| row.output_tokens == Some(tokens)), "{name} {phase:?}");
                assert_ne!(rows[0].digest, rows[1].digest, "{name} {phase:?}");

                let row = agent(&report, phase, number);
                let (start, end) = (row.start_ns.expect("a start"), row.end_ns.expect("an end"));
                let local = row.local_ns.expect("own work");
                let away: u64 = rows.iter().map(|row| row.e2e_ns.expect("an end")).sum();
                assert!(
                    local > 0 && local + away <= end - start,
                    "{name} {phase:?}: {row:?}, {away} ns away"
                );
                assert_eq!((row.files_read, row.files_skipped), (Some(7), Some(0)), "{name} {phase:?}");
                assert_eq!(row.structured, Some(false), "{name}: the simulator's words have no sections");
            }
        }
        for number in 0..2 {
            let digests = |phase| -> Vec<&String> {
                requests(&report, phase, number).iter().map(|row| &row.digest).collect()
            };
            assert_eq!(digests(Phase::Solo), digests(Phase::Concurrent), "{name}");
            for phase in ["solo", "concurrent"] {
                let path = reports.join(format!("trial-0-attempt-1-{phase}-agent-{number}.md"));
                let page =
                    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {}: {e}", path.display()));
                let (header, body) = page.split_once("\n---\n").expect("a line below the header");
                for part in [
                    "# Report of agent",
                    "- model: sim\n",
                    "files read: 7 (2 CSV, 2 JSON, 3 Markdown)",
                    "num\\_predict\":12",
                    "the answer had no structure",
                    "- written: 20",
                ] {
                    assert!(header.contains(part), "{name}: no '{part}' in {header}");
                }
                assert!(body.split_whitespace().count() > 3, "{name}: {body}");
            }
        }
        assert_eq!(fs::read_dir(&reports).expect("kept").count(), 4, "{name}: a warm-up keeps nothing");
        let efficiency = factors(&report, 2).efficiency;
        assert!(
            (0.85..1.15).contains(&efficiency),
            "{name}: two independent servers, efficiency {efficiency:.3}"
        );
    }
}

#[test]
fn one_permit_holds_the_whole_agent() {
    let simulator = Simulator::start(2, &PACED);
    for arm in runtimes() {
        let mut spec = report_spec(&simulator.urls, 12, &sample());
        spec.permits = Some(1);
        let report = ok(&arm, &spec);
        let overlap = factors(&report, 2).overlap;
        assert!((overlap - 0.5).abs() < 0.05, "{arm}: overlap {overlap:.3}");
        let [first, second] = [0, 1].map(|number| agent(&report, Phase::Concurrent, number));
        let (first, second) =
            if first.start_ns < second.start_ns { (first, second) } else { (second, first) };
        assert!(first.end_ns <= second.start_ns, "{arm}: files were read without the permit");
    }
}

#[test]
fn bad_files_are_counted_and_said_in_the_kept_report() {
    let simulator = Simulator::start(2, &FAST);
    let (files, kept) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let write = |name: &str, bytes: &[u8]| fs::write(files.path().join(name), bytes).expect(name);
    write("deep.json", &[b"[".repeat(1_000), b"]".repeat(1_000)].concat());
    write("latin.csv", b"name\nM\xfcller\n");
    write("huge.md", &vec![b'x'; 5 << 20]);
    write("ragged.csv", b"a,b\n1\n1,2,3\n");
    write("# *x*\n<b>.md", b"# fine\n");
    for arm in runtimes() {
        let mut spec = report_spec(&simulator.urls, 4, files.path());
        spec.reports = Some(kept.path().into());
        let row = agent(&ok(&arm, &spec), Phase::Concurrent, 1).clone();
        assert_eq!((row.files_read, row.files_skipped), (Some(2), Some(3)), "{arm}");
        let page =
            fs::read_to_string(kept.path().join("trial-0-attempt-1-concurrent-agent-1.md")).expect("kept");
        for line in [
            "- skipped: deep.json: nested over 127 levels deep\n",
            "- skipped: huge.md: over 4 MiB\n",
            "- skipped: latin.csv: not UTF-8 at byte 6\n",
        ] {
            assert!(page.contains(line), "{arm}: no '{line}' in {page}");
        }
    }
}

#[test]
fn an_empty_folder_and_a_cold_cache_are_no_trouble() {
    let simulator = Simulator::start(2, &FAST);
    let empty = tempfile::tempdir().expect("a folder");
    for arm in runtimes() {
        let mut spec = report_spec(&simulator.urls, 4, empty.path());
        spec.cache = Cache::Cold;
        let report = ok(&arm, &spec);
        let row = agent(&report, Phase::Solo, 0);
        assert_eq!((row.files_read, row.files_skipped), (Some(0), Some(0)), "{arm}");
        // A nonce of equal length in every phase: other words, as many prompt tokens for the first call.
        let [solo, together] = [Phase::Solo, Phase::Concurrent].map(|phase| requests(&report, phase, 0)[0]);
        assert_ne!(solo.digest, together.digest, "{arm}");
        assert_eq!(solo.prompt_tokens, together.prompt_tokens, "{arm}");
    }
}

#[test]
fn a_free_length_is_the_servers_in_every_phase_but_the_warm_up() {
    let simulator = Simulator::start(2, &[&FAST[..], &["--tokens", "17"]].concat());
    for (arm, client) in arms_and_clients() {
        for (api, workload) in [(Api::Ollama, Workload::Report), (Api::Openai, Workload::Stream)] {
            let mut spec = TrialSpec {
                workload,
                length: Length::Free,
                client: Some(client),
                api,
                agents: 4,
                ..on_simulator(&simulator.urls, &[5])
            };
            spec.files = (workload == Workload::Report).then(sample);
            let report = ok(&arm, &spec);
            let name = format!("{arm} {client} {workload}");
            for row in &report.requests {
                let expected = if row.phase == Phase::Warmup { 2 } else { 17 };
                assert_eq!(row.output_tokens, Some(expected), "{name}: {row:?}");
            }
            let alone = report.agents.iter().filter(|row| row.phase == Phase::Solo).count();
            assert_eq!(alone, 4, "{name}: no agent's length stands for another's");
        }
    }
}

#[test]
fn a_failed_first_call_is_the_agents_status_and_its_last_call() {
    let simulator = Simulator::start(2, &FAST);
    for arm in runtimes() {
        let mut spec = report_spec(&simulator.urls, 4, &sample());
        spec.model = "no-such-model".into();
        let run = run_arm(&arm, &spec);
        let report = run.report.expect("a report");
        assert_eq!((run.code, report.status), (Some(4), Status::ModelMissing), "{arm}: {}", report.error);
        for row in &report.requests {
            assert_eq!((row.call, row.stage), (0, Stage::Analysis), "{arm}");
        }
        assert!(
            report.agents.iter().all(|row| row.status == Status::ModelMissing && row.structured.is_none())
        );
    }
}

#[test]
fn a_report_that_cannot_be_kept_fails_the_trial() {
    let simulator = Simulator::start(2, &FAST);
    let kept = tempfile::tempdir().expect("a folder");
    fs::create_dir(kept.path().join("trial-0-attempt-1-concurrent-agent-1.md"))
        .expect("a folder in its place");
    for arm in runtimes() {
        let mut spec = report_spec(&simulator.urls, 4, &sample());
        spec.reports = Some(kept.path().into());
        let run = run_arm(&arm, &spec);
        let report = run.report.expect("a report");
        assert_eq!((run.code, report.status), (Some(4), Status::NotKept), "{arm}: {}", report.error);
        assert!(report.error.starts_with("agent 1 concurrent: cannot write "), "{arm}: {}", report.error);
        assert_eq!(agent(&report, Phase::Concurrent, 1).status, Status::NotKept, "{arm}");
        let last = requests(&report, Phase::Concurrent, 1)[1];
        assert_eq!((last.status, last.output_tokens), (Status::NotKept, Some(4)), "{arm}: its stamps stay");
        assert_eq!(agent(&report, Phase::Concurrent, 0).status, Status::Ok, "{arm}");
    }
}

#[test]
fn a_wrong_command_line_names_the_remedy_and_exits_with_2() {
    let sample = sample();
    let inside = sample.join("kept");
    let (sample, inside) = (sample.to_str().expect("UTF-8"), inside.to_str().expect("UTF-8"));
    for (args, words) in [
        (vec!["--workload", "report"], "--workload report needs --files DIR"),
        (vec!["--workload", "report", "--files", "/no/such"], "--files /no/such: no such folder"),
        (vec!["--workload", "report", "--files", "/proc/version"], "/proc/version: not a folder"),
        (vec!["--workload", "report", "--files", sample], "needs --cache cold"),
        (vec!["--files", sample], "--files and --reports are for --workload report"),
        (
            vec!["--workload", "report", "--cache", "cold", "--files", sample, "--reports", inside],
            "lies inside --files",
        ),
    ] {
        let kind = ServerKind::Ollama.as_str();
        let mut line = vec!["--server", "http://127.0.0.1:9", "--model", "m", "--server-kind", kind];
        line.extend(&args);
        let run = run_arm_with(&binary("smol"), &line.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: ") && run.stderr.contains(words), "{args:?}: {}", run.stderr);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
    assert!(!Path::new(inside).exists(), "a refused folder is not left behind");
}
