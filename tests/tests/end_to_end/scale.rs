//! Many streams at once: no thread and little memory for each, and a plain word where the system allows fewer.

use crate::spec::on_simulator;
use end_to_end::{ArmRun, Simulator, arms, binary, clients, run_arm, run_arm_with};
use std::path::Path;
use tandem_records::{Client, Phase, Status};

/// Threads of a runtime on this machine, whatever the number of agents: its workers, the reactor, the bridge's, a few idle
/// blocking ones.
fn few_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) + 12
}

#[test]
fn no_arm_has_a_thread_for_each_stream() {
    let simulator = Simulator::start(2, &["--ttft-ms", "20", "--itl-ms", "10"]);
    for arm in arms() {
        for &client in clients(&arm) {
            let mut spec = on_simulator(&simulator.urls, &[5]);
            (spec.client, spec.agents) = (Some(client), 256);
            let report = run_arm(&arm, &spec).report.expect("a report");
            assert_eq!((report.status, report.error.as_str()), (Status::Ok, ""), "{arm} {client}");
            let threads = report.thread_names;
            assert!(threads.len() <= few_threads(), "{arm} {client}: {} threads: {threads:?}", threads.len());
        }
    }
}

#[test]
fn a_thousand_streams_are_open_at_once() {
    const AGENTS: u32 = 1_000;
    let simulator = Simulator::start(2, &["--ttft-ms", "400", "--itl-ms", "200"]);
    let mut spec = on_simulator(&simulator.urls, &[3]);
    (spec.client, spec.agents) = (Some(Client::Hyper), AGENTS);
    let report = run_arm("tokio-localset", &spec).report.expect("a report");
    assert_eq!((report.status, report.error.as_str()), (Status::Ok, ""));
    let rows = || report.agents.iter().filter(|row| row.phase == Phase::Concurrent);
    assert_eq!(rows().count(), AGENTS as usize);
    let last_start = rows().filter_map(|row| row.start_ns).max();
    let first_end = rows().filter_map(|row| row.end_ns).min();
    assert!(last_start.is_some() && last_start < first_end, "all began before any ended");
    let (start, peak) = (report.start_rss_bytes.expect("read"), report.peak_rss_bytes.expect("read"));
    let per_stream = (peak - start) / u64::from(AGENTS);
    assert!((1_000..1_000_000).contains(&per_stream), "{per_stream} bytes a stream");
}

/// Runs an arm whose soft limit of open files is `soft` and whose hard limit is `hard`.
fn limited(arm: &str, agents: u32, urls: &[String], soft: u32, hard: u32) -> ArmRun {
    let mut spec = on_simulator(urls, &[4]);
    (spec.client, spec.agents) = (Some(clients(arm)[0]), agents);
    let mut line =
        vec!["-c".to_string(), format!("ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\""), "sh".into()];
    line.push(binary(arm).display().to_string());
    line.extend(spec.to_args());
    run_arm_with(Path::new("/bin/sh"), &line)
}

#[test]
fn the_limit_of_open_files_is_raised_or_said() {
    let simulator = Simulator::start(2, &["--ttft-ms", "20", "--itl-ms", "10"]);
    for arm in arms() {
        let run = limited(&arm, 200, &simulator.urls, 100, 300);
        assert_eq!(run.code, Some(0), "{arm} raises its soft limit: {}", run.stderr);
        let run = limited(&arm, 250, &simulator.urls, 100, 300);
        assert_eq!(run.code, Some(2), "{arm}: {}", run.stderr);
        let said = "error: --agents 250 needs 314 open files, the limit is 300: 236 agents fit; ";
        assert!(run.stderr.starts_with(said), "{arm}: {}", run.stderr);
        assert!(
            limited(&arm, 236, &simulator.urls, 100, 300).report.is_some_and(|r| r.status.is_ok()),
            "{arm}"
        );
    }
}
