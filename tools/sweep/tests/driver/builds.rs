//! The programs behind a run: an arm that was built anew, and an arm that a killed driver of another checkout left behind.

use crate::support::{Bench, Finished, Responder, plan_of_two, signal, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// The same program with another content, and so with the same receipt: bytes behind the end of a program change nothing.
fn build_anew(bench: &Bench, arm: &str) {
    let (path, beside) = (bench.path("bin").join(arm), bench.path("built"));
    fs::copy(fs::canonicalize(&path).unwrap(), &beside).unwrap();
    fs::OpenOptions::new().append(true).open(&beside).unwrap().write_all(b"anew").unwrap();
    fs::set_permissions(&beside, PermissionsExt::from_mode(0o755)).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn an_arm_built_anew_is_another_one_although_its_receipt_is_the_same() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    let options = r#"{ fake_status = { "arm-b" = "no_done" }, fake_failing_attempts = 1 }"#;
    bench.plan("two", &plan_of_two(1, options));
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(4);
    assert!(
        bench
            .manifest("r")
            .arms
            .iter()
            .all(|arm| arm.hash.as_ref().is_some_and(|hash| hash.starts_with("xxh3:")))
    );
    build_anew(&bench, "arm-b");
    let done = bench.run(&["--run", "r"]).expect(2);
    assert!(done.message().starts_with("run r was begun with another build of arm-b: "), "{}", done.stderr);

    // A run of before hashes were kept goes by the receipt alone.
    let path = bench.path("runs").join("r/manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for arm in manifest["arms"].as_array_mut().unwrap() {
        arm.as_object_mut().unwrap().remove("hash");
    }
    fs::write(&path, manifest.to_string()).unwrap();
    bench.run(&["--run", "r"]).expect(0);
}

#[test]
fn an_arm_built_anew_in_mid_run_stops_it_before_the_next_trial() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(40, "{ fake_sleep_ms = 50 }"));
    let driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    bench.wait_for_trials("r", 2);
    build_anew(&bench, "arm-a");
    let done = Finished::of(driver.wait_with_output().unwrap()).expect(2);
    let message = done.stderr.lines().last().unwrap();
    assert!(
        message
            .starts_with("error: arm arm-a was built anew while the run went on, which stops before trial "),
        "{message}"
    );
    let before = bench.trials("r");
    assert!(before.len() < 120 && before.iter().all(|row| row.status.is_ok()));
    bench.run(&["--run", "r"]).expect(2);
    let driver = bench.start(&["--run", "r", "--mix-builds"]);
    bench.wait_for_trials("r", before.len() + 1);
    build_anew(&bench, "arm-b");
    let rows = bench.trials("r").len();
    bench.wait_for_trials("r", rows + 5);
    signal(&driver, Signal::INT);
    let done = Finished::of(driver.wait_with_output().unwrap()).expect(130);
    assert!(done.stderr.contains("warning: arm arm-b was built anew before trial "), "{}", done.stderr);
}

/// Processes that are trials of a run, of whatever checkout.
fn arms_of(run: &str) -> Vec<i32> {
    let wanted = format!("--run-id\0{run}\0");
    let pids =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_of = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(wanted.len()).any(|part| part == wanted.as_bytes())
    };
    pids.filter(is_of).collect()
}

#[test]
fn a_resume_ends_its_own_leftover_arm_and_not_that_of_another_checkout() {
    let server = Responder::start(&["tiny"]);
    let run = format!("same-name-{}", std::process::id());
    let (ours, theirs) = (Bench::with_arms(&["arm-a", "arm-b"]), Bench::with_arms(&["arm-a", "arm-b"]));
    let args = ["--plan", "two", "--servers", &server.url, "--run", &run];
    let killed = |bench: &Bench| {
        let there = arms_of(&run);
        bench.plan("two", &plan_of_two(1, "{ fake_sleep_ms = 20000 }"));
        let mut driver = bench.start(&args);
        wait_until("an arm runs", || arms_of(&run).len() > there.len());
        signal(&driver, Signal::KILL);
        driver.wait().unwrap();
        arms_of(&run).into_iter().find(|pid| !there.contains(pid)).unwrap()
    };
    let (foreign, own) = (killed(&theirs), killed(&ours));
    let mut driver = ours.start(&["--run", &run]);
    wait_until("our arm is ended and the next one runs", || {
        let now = arms_of(&run);
        !now.contains(&own) && now.len() == 2
    });
    assert!(arms_of(&run).contains(&foreign), "the other checkout's arm lives");
    signal(&driver, Signal::INT);
    driver.wait().unwrap();
    assert_eq!(arms_of(&run), [foreign]);
    kill_process(Pid::from_raw(foreign).unwrap(), Signal::KILL).unwrap();
}
