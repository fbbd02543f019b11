use crate::common::{RUN_ID, Recipe, Synthetic};
use crate::{page, page_of, read_back, request};
use analyzer::analysis::{Settings, analyse};
use analyzer::load::{LoadError, load};
use analyzer::metrics::Outcome;
use analyzer::report::report;
use std::fs;
use std::path::{Path, PathBuf};

fn change(path: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, change(text)).unwrap();
}

#[test]
fn a_sound_run_has_no_finding() {
    let run = read_back(&Synthetic::make(&Recipe::default()));
    assert_eq!(run.shown_findings(), []);
    assert_eq!((run.trials.len(), run.planned), (72, 72));
    assert!(run.is_complete());
}

#[test]
fn each_bad_line_is_named_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let run = Synthetic::make(&Recipe::default()).write(folder.path());
    change(&run.join("trials.csv"), |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[2] = lines[2].replace(",ok,", ",splendid,");
        lines[4] = "3,made-up,3".into();
        let repeated = lines[6].clone();
        lines.push(repeated);
        lines.push(lines[8].replacen(",made-up,7,", ",made-up,4000,", 1));
        lines.push(lines[9].replacen("made-up", "another", 1));
        lines[10] = lines[10].replace("5000000,", "NaN,");
        lines.join("\n")
    });
    let run = load(&run).unwrap();
    let found: Vec<(Option<u64>, &str)> = run
        .shown_findings()
        .iter()
        .filter(|f| f.file == "trials.csv")
        .map(|f| (f.line, f.reason.as_str()))
        .collect();
    let has = |line: u64, what: &str| {
        assert!(
            found.iter().any(|(at, reason)| *at == Some(line) && reason.contains(what)),
            "{line} {what}: {found:#?}"
        );
    };
    has(3, "column status");
    let columns = <tandem_records::TrialRow as tandem_records::Table>::COLUMNS.len();
    has(5, &format!("3 cells, the header has {columns}"));
    has(11, "column gap_ns");
    has(74, "repeats line 7");
    has(75, "trial 4000 is not planned");
    has(76, "belongs to run \"another\"");
    assert_eq!(run.trials.len(), 69);
    assert_eq!(run.missing().len(), 3);
    // The agents and requests of the three lost trials belong to nothing now.
    assert!(
        run.shown_findings().iter().any(|f| f.file == "agents.csv" && f.reason.contains("belong to no row"))
    );
}

/// What is said of a run that was changed and cannot be read now.
fn refused(spoil: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let run = Synthetic::make(&Recipe::default()).write(folder.path());
    spoil(&run);
    let error = report(&request(folder.path(), &folder.path().join("out"))).unwrap_err();
    assert!(error.is_users() && !folder.path().join("out").exists());
    error.to_string()
}

#[test]
fn a_missing_column_is_an_error_whatever_the_file() {
    for (file, column) in [
        ("trials.csv", "makespan_ns"),
        ("trials.csv", "cell"),
        ("agents.csv", "release_ns"),
        ("requests.csv", "output_tokens"),
        ("plan.csv", "block"),
    ] {
        let text = refused(|run| change(&run.join(file), |text| text.replacen(column, "spoilt", 1)));
        assert!(text.contains(&format!("{file}, line 1: column missing: {column}")), "{text}");
    }
    let text =
        refused(|run| change(&run.join("agents.csv"), |text| text.replacen("release_ns", "end_ns", 1)));
    assert!(text.contains("agents.csv, line 1: column missing: release_ns"), "{text}");
}

#[test]
fn a_run_without_trials_is_an_error_and_no_report() {
    let of = |spoil: fn(&Path)| refused(|run| spoil(&run.join("trials.csv")));
    let remedy = format!("finish the run with: make sweep RUN={RUN_ID}");
    let text = of(|path| fs::remove_file(path).unwrap());
    assert!(text.ends_with(&format!("trials.csv: missing; {remedy}")), "{text}");
    assert!(of(|path| fs::write(path, "").unwrap()).contains("trials.csv, line 1: empty"));
    let text = of(|path| change(path, |text| text.lines().next().unwrap_or_default().to_owned() + "\n"));
    assert!(text.ends_with(&format!("trials.csv: no trial has finished yet; {remedy}")), "{text}");
    let text = of(|path| change(path, |text| text.replace(",ok,", ",splendid,")));
    assert!(text.contains("trials.csv: no row can be used; line 2: column status"), "{text}");
    for file in ["agents.csv", "requests.csv"] {
        assert!(
            refused(|run| fs::remove_file(run.join(file)).unwrap()).contains(&format!("{file}: missing"))
        );
    }
}

#[test]
fn an_open_quote_in_a_run_file_is_an_error_with_its_line() {
    for file in ["plan.csv", "trials.csv", "agents.csv", "requests.csv"] {
        let text = refused(|run| {
            change(&run.join(file), |text| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                // After the first comma, so that the quote opens a cell; it never closes.
                lines[6] = lines[6].replacen(',', ",\"", 1);
                lines.join("\n") + "\n"
            })
        });
        assert!(text.contains(&format!("{file}, line 7: a quote opens here")), "{text}");
    }
}

#[test]
fn a_trial_without_a_request_of_an_agent_is_incomplete_and_moves_no_figure() {
    let folder = tempfile::tempdir().unwrap();
    type Damage = fn(&[&str]) -> Option<String>;
    let damages: [(Damage, &str); 2] = [
        (|_| None, "0 rows of requests of agent 1 in the concurrent phase in place of 1"),
        (|row| Some(row.join(",").replacen(",ok,", ",timeout,", 1)), "its request 0 ended with timeout"),
    ];
    for (damage, reason) in damages {
        let run = Synthetic::make(&Recipe::default()).write(folder.path());
        change(&run.join("requests.csv"), |text| {
            let at =
                |name| text.lines().next().unwrap().split(',').position(|column| column == name).unwrap();
            let (trial, phase, agent) = (at("trial"), at("phase"), at("agent"));
            let spoilt = |line: &str| {
                let row: Vec<&str> = line.split(',').collect();
                let is_meant = (row[trial], row[phase], row[agent]) == ("4", "concurrent", "1");
                if is_meant { damage(&row) } else { Some(line.to_owned()) }
            };
            text.lines().filter_map(spoilt).collect::<Vec<_>>().join("\n") + "\n"
        });
        let run = load(&run).unwrap();
        let outcomes: Vec<_> =
            run.trials.iter().map(|trial| analyzer::metrics::outcome(trial, None, false)).collect();
        assert!(
            matches!(&outcomes[4], Outcome::Incomplete(why) if why.contains(reason)),
            "{:?}",
            outcomes[4]
        );
        assert_eq!(outcomes.iter().filter(|outcome| outcome.counted().is_some()).count(), 71);
    }
}

#[test]
fn a_last_line_that_is_cut_off_inside_quotes_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let run = Synthetic::make(&Recipe::default()).write(folder.path());
    change(&run.join("requests.csv"), |text| text + "3,run,\"ha");
    let run = load(&run).unwrap();
    assert_eq!(run.shown_findings()[0].reason, "the line is cut off inside quotes");
}

#[test]
fn a_missing_plan_is_a_finding() {
    let folder = tempfile::tempdir().unwrap();
    let run = Synthetic::make(&Recipe::default()).write(folder.path());
    fs::remove_file(run.join("plan.csv")).unwrap();
    let run = load(&run).unwrap();
    assert_eq!((run.trials.len(), run.shown_findings()[0].file.as_str()), (72, "plan.csv"));
}

/// The same run as a driver of schema version 3 would have written it.
fn of_before(run: &mut Synthetic, folder: &Path) -> PathBuf {
    run.manifest.schema_version = 3;
    run.plan.iter_mut().for_each(|row| row.schema_version = 3);
    run.trials.iter_mut().for_each(|row| row.schema_version = 3);
    run.agents.iter_mut().for_each(|row| row.schema_version = 3);
    run.requests.iter_mut().for_each(|row| row.schema_version = 3);
    let run = run.write(folder);
    drop_columns(&run.join("trials.csv"), &["context_length"]);
    drop_columns(&run.join("requests.csv"), &["first_answer_ns", "pieces", "thinking_pieces", "tokens_from"]);
    run
}

fn drop_columns(path: &Path, names: &[&str]) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let kept = |row: &csv::StringRecord| -> csv::StringRecord {
        header.iter().zip(row).filter(|(name, _)| !names.contains(name)).map(|(_, cell)| cell).collect()
    };
    let mut writer = csv::Writer::from_path(path).unwrap();
    for row in std::iter::once(&header).chain(&rows) {
        writer.write_record(&kept(row)).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn a_run_of_before_the_newest_columns_reads_without_a_finding_and_says_the_same() {
    let mut made = Synthetic::make(&Recipe::default());
    let now = page_of(&made);
    let folder = tempfile::tempdir().unwrap();
    let path = of_before(&mut made, folder.path());
    let run = load(&path).unwrap();
    assert_eq!(run.shown_findings(), []);
    assert!(run.trials[0].requests[0].pieces.is_none());
    let settings = Settings::new(&run.manifest, None, None, None).unwrap();
    assert_eq!(page(&analyse(&run, settings).unwrap()), now);
    // A column that no run can do without is missed in every version.
    drop_columns(&path.join("agents.csv"), &["release_ns"]);
    let text = load(&path).unwrap_err().to_string();
    assert!(text.contains("column missing: release_ns"), "{text}");
}

#[test]
fn the_last_attempt_counts() {
    let mut made = Synthetic::make(&Recipe::default());
    let mut again = made.trials[5].clone();
    made.fail(5, tandem_records::Status::Refused, "connection refused");
    again.attempt = 2;
    let (mut agents, mut requests) = (made.agents.clone(), made.requests.clone());
    agents.retain(|r| r.trial == 5);
    requests.retain(|r| r.trial == 5);
    for row in &mut agents {
        (row.attempt, row.status) = (2, tandem_records::Status::Ok);
        row.end_ns = row.end_ns.or(row.start_ns.map(|start| start + 1_540_000_000));
    }
    requests.iter_mut().for_each(|row| row.attempt = 2);
    made.trials.push(again);
    made.agents.extend(agents);
    made.requests.extend(requests);
    let run = read_back(&made);
    let trial = run.trials.iter().find(|t| t.row.trial == 5).unwrap();
    assert_eq!((trial.row.attempt, trial.agents.len()), (2, 4));
    assert!(trial.agents.iter().all(|row| row.attempt == 2));
    assert_eq!(run.replaced.len(), 1);
    assert_eq!(run.shown_findings(), []);
}

#[test]
fn a_newer_schema_is_one_clear_error() {
    let folder = tempfile::tempdir().unwrap();
    let run = Synthetic::make(&Recipe::default()).write(folder.path());
    let version = tandem_records::SCHEMA_VERSION;
    change(&run.join("agents.csv"), |text| {
        text.replace(&format!("\n{version},made-up,2,"), "\n9,made-up,2,")
    });
    let error = load(&run).unwrap_err();
    assert!(matches!(error, LoadError::NewerSchema { found: 9, .. }), "{error}");
    assert!(error.to_string().contains("agents.csv, line 10"), "{error}");
    change(&run.join("manifest.json"), |text| {
        let known = format!("\"schema_version\": {version}");
        text.replacen(&known, "\"schema_version\": 99", 1)
    });
    assert!(
        load(&run).unwrap_err().to_string().contains("manifest.json, line 1: schema version 99 is newer")
    );
}

#[test]
fn errors_are_the_users_and_name_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("out"));
    let fails = |request: analyzer::report::ReportRequest| {
        let error = report(&request).unwrap_err();
        assert!(error.is_users());
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
        text
    };
    assert!(fails(request(&runs, &out)).contains("make sweep"));
    let run = Synthetic::make(&Recipe::default()).write(&runs);
    let mut named = request(&runs, &out);
    named.named = Some("another".into());
    assert!(fails(named).contains(&format!("valid: {RUN_ID}")));
    let mut baseline = request(&runs, &out);
    baseline.baseline = Some("smoll".into());
    assert!(fails(baseline).contains("valid: tokio-default#2, tokio-default, tokio-localset"));
    let mut margin = request(&runs, &out);
    margin.margin = Some(f64::NAN);
    assert!(fails(margin).contains("--margin"));
    fs::write(run.join("manifest.json"), "{").unwrap();
    assert!(fails(request(&runs, &out)).contains("manifest.json: not JSON"));
    assert!(!out.exists(), "a failed report leaves nothing");
}

#[test]
fn the_newest_run_is_the_one_whose_manifest_says_so() {
    let folder = tempfile::tempdir().unwrap();
    for (name, created) in [("b-older", "2026-11-20T10:00:00Z"), ("a-newer", "2026-11-21T10:00:00Z")] {
        let mut made = Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() });
        made.manifest.created_utc = created.into();
        fs::rename(made.write(folder.path()), folder.path().join(name)).unwrap();
    }
    let found = analyzer::load::locate(None, folder.path()).unwrap();
    assert!(found.ends_with("a-newer"));
    let by_path = folder.path().join("b-older");
    assert_eq!(analyzer::load::locate(by_path.to_str(), Path::new("nowhere")).unwrap(), by_path);
}
