//! The report of micro workloads, from made-up batches whose truth is known.

use crate::common::{RUN_ID, Recipe, Synthetic};
use crate::request;
use analyzer::report::report;
use std::fs;
use std::path::Path;
use tandem_records::{MicroRow, Status, Table, Workload};

/// What a batch of a case takes per operation in ns, by arm.
type Truth = fn(arm: &str, case: &str) -> Option<f64>;

const SPAWN: &str = "batch 10000/inside";

/// async-std twice as slow as the baseline, smol as fast, and smol-1kb with a case less.
fn usual(arm: &str, case: &str) -> Option<f64> {
    Some(match (arm, case) {
        ("smol-1kb", "serial/inside") => return None,
        ("async-std", _) => 400.0,
        _ => 200.0,
    })
}

/// A run of workload `spawn`: two cases of three batches, and the batch of nothing.
fn spawn_run(blocks: u32) -> Synthetic {
    let mut run = Synthetic::make(&Recipe { blocks, ..Recipe::default() });
    for row in &mut run.plan {
        row.workload = Workload::Spawn;
        row.cell = "spawn/spawn".to_owned();
    }
    for row in &mut run.trials {
        row.workload = Workload::Spawn;
        row.cell = "spawn/spawn".to_owned();
        row.makespan_ns = None;
    }
    run.agents.clear();
    run.requests.clear();
    run
}

/// The batches of every trial. A trial is off by a part in a thousand, a batch by less.
fn batches(run: &Synthetic, truth: Truth) -> Vec<MicroRow> {
    let mut rows = Vec::new();
    for trial in &run.trials {
        let row = |case: &str, batch, operations, ns: f64| MicroRow {
            run_id: RUN_ID.to_owned(),
            trial: trial.trial,
            attempt: 1,
            block: trial.block,
            arm: trial.arm.clone(),
            runtime: trial.runtime.clone(),
            workload: trial.workload,
            case: case.to_owned(),
            batch,
            operations,
            elapsed_ns: Some((ns * operations as f64) as u64),
            cpu_ns: Some((ns * operations as f64) as u64),
            bytes: None,
        };
        rows.extend((0..3).map(|batch| row("empty", batch, 1, 30.0)));
        for case in [SPAWN, "serial/inside"] {
            let Some(ns) = truth(&trial.arm, case) else { continue };
            let off = 1.0 + 0.001 * (f64::from(trial.trial * 7919 % 100) / 100.0 - 0.5);
            rows.extend((0..3).map(|batch| row(case, batch, 10_000, ns * off + 0.01 * f64::from(batch))));
        }
    }
    rows
}

/// The folder of the report of these rows, and what the terminal shows.
fn reported(run: &Synthetic, rows: &[MicroRow], folder: &Path) -> (String, String) {
    let (runs, out) = (folder.join("runs"), folder.join("reports"));
    let path = run.write(&runs).join(MicroRow::FILE);
    let mut file = csv::Writer::from_path(path).unwrap();
    if rows.is_empty() {
        file.write_record(MicroRow::COLUMNS.iter().map(|column| column.name)).unwrap();
    }
    rows.iter().for_each(|row| file.serialize(row).unwrap());
    file.flush().unwrap();
    let shown = report(&request(&runs, &out)).unwrap();
    (fs::read_to_string(out.join(RUN_ID).join("README.md")).unwrap(), shown)
}

/// The row of a table that begins with these words.
fn row<'a>(page: &'a str, first: &str) -> &'a str {
    page.lines().find(|line| line.starts_with(&format!("| {first} |"))).unwrap_or_else(|| panic!("{first}"))
}

#[test]
fn a_known_effect_is_relevant_and_equal_arms_are_equivalent() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(12);
    let (page, shown) = reported(&run, &batches(&run, usual), folder.path());
    let sentence = "Of 7 differences to tokio-default, 2 are larger than the margin of 5 %, 5 are smaller and 0 are not decided.";
    assert!(page.contains(sentence), "{page}");
    assert!(shown.starts_with(sentence), "{shown}");
    let cells: Vec<&str> = row(&page, SPAWN).split(" | ").collect();
    assert_eq!(cells.len(), 8, "case, six arms, the harness: {cells:?}");
    assert!(cells[1].starts_with("200 ns [200, 200]<br>CPU 200 ns"), "{cells:?}");
    assert!(cells[2].ends_with("equivalent"), "the A/A arm: {cells:?}");
    let slow = cells.iter().find(|cell| cell.starts_with("400 ns")).unwrap();
    assert!(slow.contains("× 2.00 [2.00, 2.00]") && slow.ends_with("relevant"), "{slow}");
    assert!(row(&page, "serial/inside").contains(" – "), "an arm without the case");
    // 30 ns of nothing in batches of 2 ms.
    assert!(cells[7].starts_with("< 0.01"), "{cells:?}");
    let own = "Own error: an empty batch takes at most 0.00150 % of a timed one (spawn, ";
    assert!(page.contains(own), "{page}");
    assert!(page.contains("tokio-default against itself differs in 0 of 2 cases, 0 expected by chance, and is shown equivalent in 2."));
    assert_eq!(
        row(&page, "Spawn"),
        "| Spawn | 2 | 2 | 0 | 0 | 0 | 0.0500 |".replace("0.0500", last(row(&page, "Spawn")))
    );
    let files: Vec<String> = names(&folder.path().join("reports").join(RUN_ID));
    assert_eq!(files, ["README.md", "index.html", "spawn.svg", "summary.json"]);
}

fn last(row: &str) -> &str {
    row.trim_end_matches(" |").rsplit(" | ").next().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn claims_are_confirmed_contradicted_by_a_factor_or_not_decidable() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(12);
    // The claims: 200 ns on Tokio, 150 ns on smol.
    let (page, shown) = reported(&run, &batches(&run, usual), folder.path());
    let ends = |claim: &str, outcome: &str| {
        let row = row(&page, claim);
        assert!(row.ends_with(&format!("| {outcome} |")), "{row}");
    };
    ends("Tokio spawns a task in 200 ns", "confirmed");
    ends(
        "smol spawns a task in 150 ns",
        "contradicted&#58; 1.33 × what is claimed".replace("&#58;", ":").as_str(),
    );
    ends("Tokio starts in 2 ms", "not decidable: this run has no such case of this arm");
    assert!(shown.contains("spawn-smol"), "{shown}");
    let summary =
        fs::read_to_string(folder.path().join("reports").join(RUN_ID).join("summary.json")).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
    let claim = |id: &str| {
        let claims = summary["claims"].as_array().unwrap();
        claims.iter().find(|claim| claim["id"] == id).unwrap().clone()
    };
    assert_eq!(claim("spawn-tokio")["outcome"], "confirmed");
    let factor = claim("spawn-smol")["factor"].as_f64().unwrap();
    assert!((factor - 200.0 / 150.0).abs() < 0.01, "{factor}");
    assert_eq!(claim("start-tokio")["measured"], serde_json::Value::Null);
    let spawn = &summary["cases"][0];
    assert_eq!((spawn["workload"].as_str(), spawn["unit"].as_str()), (Some("spawn"), Some("ns")));
    assert_eq!(spawn["arms"][1]["verdict"], "equivalent");
}

#[test]
fn too_few_blocks_say_so_and_decide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(4);
    let (page, _) = reported(&run, &batches(&run, usual), folder.path());
    assert!(
        page.contains("None of the 7 differences to tokio-default has an interval: 6 blocks are needed.")
    );
    assert!(row(&page, "Tokio spawns a task in 200 ns").contains("too few blocks for an interval"));
    assert!(!page.contains("relevant") && !page.contains("NaN"), "{page}");
}

#[test]
fn failed_trials_do_not_count_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = spawn_run(8);
    let mut rows = batches(&run, usual);
    let failed = run.trials.iter().find(|row| row.arm == "tokio-default").unwrap().trial;
    run.fail(failed, Status::Refused, "connect to 127.0.0.1 | refused");
    // What a failed trial measured may be anything.
    for row in rows.iter_mut().filter(|row| row.trial == failed) {
        row.elapsed_ns = row.elapsed_ns.map(|ns| ns * 1_000);
    }
    let (page, _) = reported(&run, &rows, folder.path());
    assert!(page.contains("48 trials, 1 failed"), "{page}");
    assert!(row(&page, SPAWN).contains("200 ns [200, 200]"), "{page}");
    assert!(page.contains("1 × connect to 127.0.0.1 &#124; refused"), "{page}");
}

#[test]
fn names_of_cases_are_text_whatever_they_hold() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(6);
    let mut rows = batches(&run, usual);
    for row in rows.iter_mut().filter(|row| row.case == SPAWN) {
        row.case = "<script>alert(1)</script>|x\u{1b}[31m".to_owned();
    }
    let (page, shown) = reported(&run, &rows, folder.path());
    let html = fs::read_to_string(folder.path().join("reports").join(RUN_ID).join("index.html")).unwrap();
    for text in [&page, &shown, &html] {
        assert!(!text.contains("<script>") && !text.contains('\u{1b}'), "{text}");
    }
    assert!(!row(&page, "serial/inside").is_empty());
}

#[test]
fn a_baseline_that_is_no_arm_is_a_typing_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(6);
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    run.write(&runs);
    let mut request = request(&runs, &out);
    request.baseline = Some("tokyo-default".to_owned());
    let error = report(&request).unwrap_err().to_string();
    assert!(
        error.starts_with("--baseline \"tokyo-default\" is no arm of this run; valid: tokio-default"),
        "{error}"
    );
}

#[test]
fn without_any_batch_the_report_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let run = spawn_run(6);
    let (page, _) = reported(&run, &[], folder.path());
    assert!(page.contains("This run holds nothing that can be compared with tokio-default."), "{page}");
    assert!(page.contains("no batch of nothing was timed"), "{page}");
}
