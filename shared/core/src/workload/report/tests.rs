//! The whole agent over a scripted server: what it asks, what it keeps, and how it fails.

use super::*;
use crate::http::{Hyper, Reading};
use crate::scripted::{self, Scripted};
use crate::workload::tests::agent;
use futures_lite::future;
use std::fs;
use std::time::Duration;
use tandem_records::{Api, Endpoint, Status};

const STRUCTURED: &str =
    "## Executive summary\nfine\n## Findings\n- one\n## Metrics\n- 1 ms\n## Recommendations\n- none\n";

const PROTOCOL: Protocol = Protocol {
    api: Api::Ollama,
    endpoint: Endpoint::Generate,
    path: "/api/generate",
    timeout: Duration::from_secs(60),
    reading: Reading { cap_bytes: 0, stamps: None },
};

fn spec(kind: &str, args: &[&str]) -> TrialSpec {
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        spec: TrialSpec,
    }
    let line = ["arm", "--server", "http://127.0.0.1:1", "--model", "m", "--server-kind", kind];
    <Line as clap::Parser>::parse_from(line.iter().chain(args)).spec
}

/// A response that holds `text` in one token.
fn answer(text: &str) -> Vec<Vec<u8>> {
    let body = serde_json::json!({"response": text, "done": true}).to_string();
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    vec![(head + &body).into_bytes()]
}

fn refusal() -> Vec<Vec<u8>> {
    vec![b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec()]
}

struct Trial {
    files: tempfile::TempDir,
    reports: tempfile::TempDir,
}

impl Trial {
    fn new() -> Self {
        let trial = Trial { files: tempfile::tempdir().unwrap(), reports: tempfile::tempdir().unwrap() };
        fs::write(trial.files.path().join("a.csv"), "arm,ms\nsmol,1\n").unwrap();
        fs::write(trial.files.path().join("bad.json"), "{").unwrap();
        trial
    }

    fn report(&self) -> Report {
        let [files, reports] = [&self.files, &self.reports].map(|folder| folder.path().to_str().unwrap());
        Report::of(&spec("sim", &["--files", files, "--reports", reports, "--trial", "4"])).unwrap()
    }

    /// Runs agent 1 against a server that gives these responses, one connection each, and returns what it was asked.
    fn run(&self, phase: Phase, limited: bool, responses: &[Vec<Vec<u8>>]) -> (Done, Vec<serde_json::Value>) {
        scripted::play(responses.iter().cloned());
        let agent = Arc::new(agent(1));
        let errand =
            Errand { agent: agent.clone(), phase, tokens: 8, limited, prepared: false, start_after_ns: None };
        let client = Hyper::new(&agent.target, Reading::default()).unwrap();
        let mut session = Session::<Scripted, Hyper<Scripted>>::new(client, PROTOCOL);
        let prepared = self.report().prepare(&errand, PROTOCOL);
        let done = future::block_on(Report::run(&mut session, prepared));
        let asked = scripted::sent();
        let bodies = asked.split("\r\n\r\n").filter_map(|part| {
            let end = part.rfind('}')? + 1;
            serde_json::from_str(&part[..end]).ok()
        });
        (done, bodies.collect())
    }

    fn kept(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.reports.path()).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap())
            })
            .collect()
    }
}

#[test]
fn an_agent_asks_for_an_analysis_then_for_a_report_from_it_and_keeps_that() {
    let trial = Trial::new();
    let (done, asked) = trial.run(Phase::Solo, true, &[answer(STRUCTURED), answer("# Report\nAll fine.")]);
    assert!(done.failure.is_none() && done.exchanges.iter().all(|e| e.error.is_none()));
    let stages: Vec<Stage> = done.exchanges.iter().map(|exchange| exchange.stage).collect();
    assert_eq!(stages, [Stage::Analysis, Stage::Report]);
    let own = done.own.unwrap();
    assert_eq!((own.files_read, own.files_skipped, own.structured), (1, 1, Some(true)));
    assert!(own.local_ns > 0);

    let prompts: Vec<&str> = asked.iter().map(|body| body["prompt"].as_str().unwrap()).collect();
    let [analysis, report] = prompts[..] else { panic!("{asked:?}") };
    for prompt in [analysis, report] {
        assert!(prompt.starts_with("Agent 00001. "), "{prompt}");
        assert!(
            prompt.contains("- a.csv: 1 row, 2 columns (arm, ms)") && prompt.contains("- bad.json: not JSON")
        );
    }
    assert!(report.contains("Metrics:\n1 ms\n"), "{report}");
    assert_eq!([&asked[0]["options"]["num_predict"], &asked[1]["options"]["num_predict"]], [8, 8]);
    assert_eq!(asked[0]["options"]["seed"], 7);
    assert_ne!(asked[0]["options"]["seed"], asked[1]["options"]["seed"]);

    let kept = trial.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].0, "trial-4-attempt-1-solo-agent-1.md");
    assert!(
        kept[0].1.starts_with(
            "# Report of agent 1, insight\n\n- trial: run adhoc, trial 4, attempt 1, phase solo\n"
        )
    );
    assert!(kept[0].1.ends_with("\n---\n\n# Report\nAll fine.\n"), "{}", kept[0].1);
    let (_, again) = trial.run(Phase::Concurrent, true, &[answer(STRUCTURED), answer("")]);
    assert_eq!(asked, again, "every phase asks the same");
}

#[test]
fn an_answer_without_structure_still_gives_a_report_marked_so() {
    let trial = Trial::new();
    let (done, asked) = trial.run(Phase::Concurrent, false, &[answer("No idea."), answer("A report.")]);
    assert_eq!(done.own.unwrap().structured, Some(false));
    assert!(asked[1]["prompt"].as_str().unwrap().contains("No idea."));
    assert!(asked.iter().all(|body| body["options"]["num_predict"].is_null()), "a free length");
    let kept = trial.kept();
    assert_eq!(kept[0].0, "trial-4-attempt-1-concurrent-agent-1.md");
    assert!(kept[0].1.contains("the answer had no structure") && kept[0].1.ends_with("A report.\n"));
}

#[test]
fn an_empty_folder_is_reported_on_all_the_same() {
    let trial = Trial::new();
    fs::remove_file(trial.files.path().join("a.csv")).unwrap();
    fs::remove_file(trial.files.path().join("bad.json")).unwrap();
    let (done, asked) = trial.run(Phase::Solo, true, &[answer("x"), answer("y")]);
    let own = done.own.unwrap();
    assert_eq!((done.exchanges.len(), own.files_read, own.files_skipped), (2, 0, 0));
    assert!(asked[0]["prompt"].as_str().unwrap().contains("Files read: none."));
}

#[test]
fn after_a_failed_call_there_is_no_further_one_and_no_report() {
    let trial = Trial::new();
    let (done, asked) = trial.run(Phase::Solo, true, &[refusal(), answer("never asked for")]);
    assert_eq!((done.exchanges.len(), asked.len()), (1, 1));
    assert_eq!(done.exchanges[0].outcome().0, Status::Busy);
    assert_eq!(done.own.unwrap().structured, None);
    let (done, _) = trial.run(Phase::Solo, true, &[answer(STRUCTURED), refusal()]);
    assert_eq!(done.exchanges.len(), 2);
    assert_eq!(done.exchanges[1].outcome().0, Status::Busy);
    assert!(trial.kept().is_empty());
}

#[test]
fn a_warm_up_keeps_nothing() {
    let trial = Trial::new();
    let (done, _) = trial.run(Phase::Warmup, true, &[answer("x"), answer("y")]);
    assert_eq!(done.exchanges.len(), 2);
    assert!(trial.kept().is_empty());
}

#[test]
fn a_report_that_cannot_be_kept_fails_its_agent() {
    let trial = Trial::new();
    fs::create_dir(trial.reports.path().join("trial-4-attempt-1-solo-agent-1.md")).unwrap();
    let (done, _) = trial.run(Phase::Solo, true, &[answer("x"), answer("y")]);
    let failure = done.failure.unwrap();
    assert_eq!(failure.status, Status::NotKept);
    assert!(failure.message.contains("agent-1.md: Is a directory"), "{failure}");
}

#[test]
fn a_specification_that_cannot_work_is_refused_with_its_remedy() {
    let trial = Trial::new();
    let (folder, taken) = (trial.files.path(), trial.reports.path().join("taken"));
    fs::write(&taken, "a file").unwrap();
    let (file, inside) = (folder.join("a.csv"), folder.join("new/reports"));
    let [folder, file, inside, taken] = [folder, &file, &inside, &taken].map(|path| path.to_str().unwrap());
    for (kind, args, words) in [
        ("sim", vec![], "--workload report needs --files DIR"),
        ("sim", vec!["--files", "/no/such"], "--files /no/such: no such folder; name the folder"),
        ("sim", vec!["--files", file], "not a folder; name the folder"),
        ("ollama", vec!["--files", folder], "--workload report needs --cache cold"),
        ("sim", vec!["--files", folder, "--reports", taken], "cannot make this folder: File exists"),
        ("sim", vec!["--files", folder, "--reports", inside], "lies inside --files"),
    ] {
        let error = Report::of(&spec(kind, &args)).err().unwrap_or_else(|| panic!("{args:?} is taken"));
        assert!(error.contains(words), "{args:?}: {error}");
    }
    assert!(Report::of(&spec("ollama", &["--files", folder, "--cache", "cold"])).is_ok());
    assert!(!trial.files.path().join("new").exists(), "a refused folder is not made");
}

#[test]
fn seeds_of_the_two_calls_differ_and_fit_into_31_bits() {
    for agent in [0, 1, u32::MAX >> 1] {
        assert_eq!(seed(agent, 0), agent);
        assert_ne!(seed(agent, 1), agent);
        assert!(seed(agent, 1) <= i32::MAX as u32);
    }
}

#[test]
fn a_paused_stopwatch_stands_still() {
    let mut watch = Stopwatch { since_ns: None, sum_ns: 5 };
    watch.pause();
    assert_eq!(watch.sum_ns, 5);
    watch.resume();
    watch.pause();
    assert!((5..5_000_000_000).contains(&watch.total_ns()));
}
