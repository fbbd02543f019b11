//! Interrupted runs: kill -9, Ctrl-C, torn files, failed trials, a second driver.

use crate::support::{Bench, Finished, Responder, plan_of_two, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::io::{BufRead, BufReader};
use tandem_records::Status;

const SLOW: &str = "{ fake_sleep_ms = 40 }";

#[test]
fn a_run_whose_driver_was_killed_goes_on_and_repeats_nothing() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(4, SLOW));
    let mut driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    bench.wait_for_trials("r", 3);
    signal(&driver, Signal::KILL);
    driver.wait().unwrap();
    let before = bench.trials("r");
    assert!((3..12).contains(&before.len()));

    // What a kill in the middle of a commit and a power cut leave behind.
    let folder = bench.path("runs").join("r");
    let mut agents = fs::read_to_string(folder.join("agents.csv")).unwrap();
    let uncommitted = agents.lines().last().unwrap().replacen(
        &format!(",r,{},1,", before.last().unwrap().trial),
        &format!(",r,{},1,", before.len()),
        1,
    );
    agents.push_str(&format!("{uncommitted}\n{}", &uncommitted[..20]));
    fs::write(folder.join("agents.csv"), agents).unwrap();
    append(&folder.join("requests.csv"), b"1,r,9");
    append(&folder.join("trials.csv"), &[0; 100]);

    let plan = fs::read(folder.join("plan.csv")).unwrap();
    let done = bench.run(&["--run", "r"]).expect(0);
    assert!(done.stdout.starts_with("sweep goes on with two"), "{}", done.stdout);
    assert_eq!(fs::read(folder.join("plan.csv")).unwrap(), plan);
    bench.assert_complete("r");
    assert_eq!(bench.trials("r")[..before.len()], before[..]);

    // Nothing is left to do: the files stay as they are.
    let trials = fs::read(folder.join("trials.csv")).unwrap();
    bench.run(&["--run", "r"]).expect(0);
    assert_eq!(fs::read(folder.join("trials.csv")).unwrap(), trials);
}

fn append(path: &std::path::Path, bytes: &[u8]) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[test]
fn the_arm_of_a_killed_driver_does_not_live_on_in_the_resumed_run() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let run = format!("leftover-{}", std::process::id());
    // Only the first attempt is slow: its status fails it, should it ever report.
    bench.plan("two", &plan_of_two(1, r#"{ fake_sleep_ms = 700 }"#));
    let mut driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", &run]);
    wait_until("an arm runs", || arms_of(&run) == 1);
    signal(&driver, Signal::KILL);
    driver.wait().unwrap();
    assert_eq!(arms_of(&run), 1, "the arm outlives its driver");
    let resumed = bench.start(&["--run", &run]);
    wait_until("the resumed driver runs its first trial", || {
        let count = arms_of(&run);
        assert!(count <= 2);
        bench.path("runs").join(&run).join("trials.csv").exists() && count == 1
    });
    Finished::of(resumed.wait_with_output().unwrap()).expect(0);
    bench.assert_complete(&run);
}

/// Processes that are trials of a run.
fn arms_of(run: &str) -> usize {
    let entries =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    let wanted = format!("--run-id\0{run}\0");
    entries.filter(|line| line.windows(wanted.len()).any(|part| part == wanted.as_bytes())).count()
}

#[test]
fn ctrl_c_writes_an_aborted_row_and_the_run_goes_on_later() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(2, "{ fake_sleep_ms = 300 }"));
    for (run, with) in [("int", Signal::INT), ("term", Signal::TERM)] {
        let driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", run]);
        bench.wait_for_trials(run, 1);
        wait_until("the second trial runs", || arms_of(run) == 1);
        signal(&driver, with);
        let done = Finished::of(driver.wait_with_output().unwrap()).expect(130);
        assert!(done.stdout.trim_end().ends_with(&format!("next: make sweep RUN={run}")), "{}", done.stdout);
        assert_eq!(arms_of(run), 0, "the abandoned arm is gone");
        let rows = bench.trials(run);
        let last = rows.last().unwrap();
        assert_eq!((last.status, last.makespan_ns, rows.len()), (Status::Aborted, None, 2));
        bench.run(&["--run", run]).expect(0);
        bench.assert_complete(run);
        let again = bench.trials(run).into_iter().find(|row| row.trial == last.trial && row.attempt == 2);
        assert_eq!(again.unwrap().status, Status::Ok);
    }
}

#[test]
fn failed_trials_are_rows_with_precise_statuses_and_get_one_new_attempt() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let options = r#"{ fake_status = { "arm-b" = "no_done" }, fake_error = "stream ended", fake_failing_attempts = 1 }"#;
    bench.plan("two", &plan_of_two(2, options));
    let done = bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(4);
    assert!(done.stdout.contains("4 trials ok, 2 failed of 6"), "{}", done.stdout);
    let failed: Vec<_> = bench.trials("r").into_iter().filter(|row| !row.status.is_ok()).collect();
    assert!(
        failed
            .iter()
            .all(|row| row.runtime == "arm-b" && row.status == Status::NoDone && row.error == "stream ended")
    );
    assert_eq!(failed.len(), 2);
    bench.run(&["--run", "r"]).expect(0);
    bench.assert_complete("r");
    assert_eq!(bench.trials("r").iter().filter(|row| row.attempt == 2).count(), 2);
}

#[test]
fn arms_that_die_hang_or_lie_are_rows_too() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b", "arm-c"]), Responder::start(&["tiny"]));
    let text = plan_of_two(
        1,
        r#"{ fake_sleep_ms = { "arm-b" = 60000 }, fake_status = { "arm-c" = "arm_failed" }, fake_error = "thread panicked" }"#,
    );
    bench.plan("three", &text.replace(r#"["arm-a", "arm-b"]"#, r#"["arm-a", "arm-b", "arm-c", "liar"]"#));
    let liar = bench.path("bin").join("liar");
    fs::write(&liar, format!("#!/bin/sh\nexec {} \"$@\"\n", bench.path("bin").join("arm-a").display()))
        .unwrap();
    fs::set_permissions(&liar, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bench
        .run(&["--plan", "three", "--servers", &server.url, "--run", "r", "--trial-timeout-s", "1"])
        .expect(4);
    let rows = bench.trials("r");
    let of = |arm: &str| rows.iter().find(|row| row.arm == arm).unwrap();
    assert!(of("arm-a").status.is_ok() && of("arm-a#2").status.is_ok());
    assert_eq!(
        (of("arm-b").status, of("arm-b").error.as_str()),
        (Status::Timeout, "no report within 1 s; see --trial-timeout-s")
    );
    assert_eq!(
        (of("arm-c").status, of("arm-c").error.as_str()),
        (Status::ArmFailed, "no report, exit status: 1: thread panicked")
    );
    assert_eq!(
        (of("liar").status, of("liar").error.as_str()),
        (Status::ArmFailed, "binary liar reports runtime arm-a")
    );
}

#[test]
fn a_second_driver_stops_at_once_and_names_the_first() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(50, SLOW));
    let mut first = bench.start(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    bench.wait_for_trials("r", 1);
    let second = bench.run(&["--run", "r"]).expect(2);
    let wanted = format!("run r is being driven by process {}", first.id());
    assert!(second.message().starts_with(&wanted), "{}", second.stderr);
    signal(&first, Signal::INT);
    assert_eq!(first.wait().unwrap().code(), Some(130));
}

#[test]
fn a_run_goes_on_only_as_what_it_is() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(2, "{}"));
    bench.plan("other", &plan_of_two(2, "{ fake_efficiency = 0.5 }"));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r", "--blocks", "1"]).expect(0);
    for (args, why) in [
        (["--plan", "other"], "run r was made from another plan"),
        (["--servers", "sim"], "run r was measured on --servers http://127.0.0.1:"),
        (["--seed", "8"], "run r has seed 7, not 8"),
        (["--model", "big"], "run r measured model tiny:latest, not big"),
        (["--blocks", "2"], "run r has another plan.csv"),
    ] {
        let done = bench.run(&[&["--run", "r"], &args[..]].concat()).expect(2);
        assert!(done.message().starts_with(why), "{args:?}: {}", done.stderr);
    }
    bench
        .run(&["--run", "r", "--plan", "two", "--servers", &server.url, "--seed", "7", "--model", "tiny"])
        .expect(0);
    assert_eq!(bench.trials("r").len(), 3);

    let path = bench.path("runs").join("r/trials.csv");
    let text = fs::read_to_string(&path).unwrap();
    let version = tandem_records::SCHEMA_VERSION;
    fs::write(&path, text.replacen(&format!("\n{version},r,"), "\nx,r,", 1)).unwrap();
    let done = bench.run(&["--run", "r"]).expect(2);
    assert!(done.message().contains("trials.csv line 2: "), "{}", done.stderr);
}

#[test]
fn ctrl_c_before_the_first_trial_leaves_no_run() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    let slow = bench.path("bin").join("arm-b");
    fs::write(&slow, "#!/bin/sh\ntouch \"$0.asked\"\nexec sleep 30\n").unwrap();
    fs::set_permissions(&slow, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bench.plan("two", &plan_of_two(1, "{}"));
    let driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    wait_until("the receipt is asked for", || bench.path("bin").join("arm-b.asked").exists());
    signal(&driver, Signal::INT);
    let done = Finished::of(driver.wait_with_output().unwrap()).expect(130);
    assert_eq!(done.message(), "interrupted before the first trial");
    assert_eq!(fs::read_dir(bench.path("runs")).unwrap().count(), 0);
}

#[test]
fn a_second_ctrl_c_ends_at_once_also_while_a_server_does_not_answer() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("two", &plan_of_two(1, "{}"));
    let silent = crate::support::fixed_answer("");
    let mut driver = bench.start(&["--plan", "two", "--servers", &silent, "--run", "r"]);
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let asks = lines.take_while(|line| !line.starts_with("sweep checks")).count();
    assert_eq!(asks, 1, "signals are handled, and the server is asked");
    signal(&driver, Signal::INT);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(
        driver.try_wait().unwrap().is_none(),
        "the first one waits for the question to end, five seconds"
    );
    signal(&driver, Signal::INT);
    let asked = std::time::Instant::now();
    assert_eq!(driver.wait().unwrap().code(), Some(130));
    assert!(asked.elapsed() < std::time::Duration::from_secs(4), "{:?}", asked.elapsed());
}
