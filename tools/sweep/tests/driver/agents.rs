//! Workload `report` through the driver: what the arms are told, what is kept, what its rows hold.

use crate::support::{Bench, Responder, plan_of_two};
use std::fs;
use tandem_records::{AgentRow, Client, Phase, RequestRow, Stage, Workload};

fn plan(files: &str) -> String {
    plan_of_two(1, "{ num_ctx = 512, top_k = 40 }")
        .replace("\"stream\"", &format!("\"report\"\nfiles = {files:?}"))
        .replace("client = \"hyper\"", "client = \"hyper\"\nclient_of = { arm-b = \"httpx\" }")
}

#[test]
fn a_report_reads_its_folder_keeps_its_reports_in_the_run_and_has_two_calls() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.noting_arm("arm-b");
    let files = bench.path("plans").display().to_string();
    bench.plan("reports", &plan(&files));
    bench.run(&["--plan", "reports", "--servers", &server.url, "--run", "r"]).expect(0);
    bench.assert_complete("r");

    let kept = bench.path("runs").join("r").join("agents");
    assert!(kept.is_dir());
    let lines = bench.command_lines("arm-b");
    assert_eq!(lines.len(), 1);
    for part in [
        format!("--files {files}"),
        format!("--reports {}", kept.display()),
        "--workload report".into(),
        "--client httpx".into(),
        "--cache cold".into(),
        "--length fixed".into(),
        r#"--options-a {"num_ctx":512,"top_k":40}"#.into(),
        r#"--options-b {"num_ctx":512,"top_k":40}"#.into(),
    ] {
        assert!(lines[0].contains(&part), "{part} is not in {}", lines[0]);
    }
    let trials = bench.trials("r");
    assert!(trials.iter().all(|row| row.workload == Workload::Report));
    assert!(trials.iter().all(|row| (row.client == Client::Httpx) == (row.arm == "arm-b")));

    let requests: Vec<RequestRow> = bench.rows("r");
    let measured = requests.iter().filter(|row| row.phase != Phase::Warmup);
    assert!(measured.clone().all(|row| row.stage == [Stage::Analysis, Stage::Report][row.call as usize]));
    let agents: Vec<AgentRow> = bench.rows("r");
    for row in agents.iter().filter(|row| row.phase != Phase::Warmup) {
        assert_eq!((row.local_ns, row.files_read, row.structured), (Some(4_000_000), Some(3), Some(true)));
    }
}

#[test]
fn a_folder_that_is_not_there_ends_before_anything_starts() {
    let (bench, server) = (Bench::with_arms(&[]), Responder::start(&["tiny"]));
    bench.plan("reports", &plan("no/such"));
    let done = bench.run(&["--plan", "reports", "--servers", &server.url, "--run", "r"]).expect(2);
    assert_eq!(
        done.message(),
        "plan reports: set fakes: files: there is no folder no/such; name one that exists, as seen from the working folder"
    );
    assert!(server.requests().is_empty());
    assert_eq!(fs::read_dir(bench.path("runs")).unwrap().count(), 0);
    // The default is a folder of the project.
    let default = plan("x").replace("files = \"x\"\n", "");
    bench.plan("reports", &default);
    let done = bench.run(&["--plan", "reports", "--servers", &server.url]).expect(2);
    assert!(done.message().contains("there is no folder data/sample"), "{}", done.stderr);
}

#[test]
fn options_that_openai_servers_do_not_know_are_said_once_and_not_sent() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.noting_arm("arm-b");
    bench.plan(
        "reports",
        &plan(&bench.path("plans").display().to_string()).replace("blocks = 1", "blocks = 6"),
    );
    let args = ["--plan", "reports", "--servers", &server.url, "--api", "openai", "--run", "r"];
    let done = bench.run(&args).expect(0);
    let said =
        "warning: num_ctx left out: OpenAI's API has no load options; set them where the servers are started";
    assert_eq!(done.stderr.lines().filter(|line| *line == said).count(), 1, "{}", done.stderr);
    assert_eq!(done.stderr.matches("warning").count(), 1, "{}", done.stderr);
    for line in bench.command_lines("arm-b") {
        assert!(line.contains(r#"--options-a {"top_k":40} --options-b {"top_k":40}"#), "{line}");
    }
}

#[test]
fn each_dialect_has_its_own_word_for_thinking() {
    let options = "{ think = false, reasoning_effort = \"none\" }";
    for (api, said, sent) in [
        (
            "openai",
            "warning: think left out: OpenAI's API has reasoning_effort in its place",
            r#"{"reasoning_effort":"none"}"#,
        ),
        (
            "ollama",
            "warning: reasoning_effort left out: Ollama's API has think in its place",
            r#"{"think":false}"#,
        ),
    ] {
        let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
        bench.noting_arm("arm-b");
        bench.plan("two", &plan_of_two(6, options));
        let done = bench.run(&["--plan", "two", "--servers", &server.url, "--api", api]).expect(0);
        assert!(done.stderr.lines().any(|line| line == said), "{}", done.stderr);
        let wanted = format!("--options-a {sent}");
        assert!(bench.command_lines("arm-b").iter().all(|line| line.contains(&wanted)));
        let (inside, key) = if api == "ollama" {
            ("\"think\":false}", "reasoning_effort")
        } else {
            ("\"reasoning_effort\":\"none\"", "think\"")
        };
        let streams: Vec<String> =
            server.requests().into_iter().filter(|head| head.contains("\"stream\":true")).collect();
        assert!(
            !streams.is_empty() && streams.iter().all(|head| head.contains(inside) && !head.contains(key)),
            "{streams:?}"
        );
    }
}

#[test]
fn free_text_of_an_arm_stays_one_line_a_row() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    // A fake arm whose rows hold a line break in every free text.
    let path = bench.path("bin").join("arm-b");
    let texts = r#"s/"server":"[^"]*"/"server":"a\\nb\\u001b[2J"/g; s/"digest":"[^"]*"/"digest":"c\\r\\nd"/g; s/"bridge":""/"bridge":"e\\nf"/"#;
    let fake = crate::support::example("fake");
    fs::write(&path, format!("#!/bin/bash\n(exec -a arm-b {} \"$@\") | sed -e '{texts}'\n", fake.display()))
        .unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bench.plan("two", &plan_of_two(1, "{}"));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(0);
    let requests: Vec<RequestRow> = bench.rows("r");
    let strange = requests.iter().filter(|row| row.server.starts_with('a')).collect::<Vec<_>>();
    assert_eq!(strange.len(), 6);
    assert!(strange.iter().all(|row| row.server == r"a b\u{1b}[2J" && row.digest == "c d"));
    let agents: Vec<AgentRow> = bench.rows("r");
    assert_eq!(agents.iter().filter(|row| row.server == r"a b\u{1b}[2J").count(), 6);
    assert!(bench.trials("r").iter().any(|row| row.bridge == "e f"));
    // The repair of a run reads it by lines.
    bench.run(&["--run", "r"]).expect(0);
    bench.assert_complete("r");
}
