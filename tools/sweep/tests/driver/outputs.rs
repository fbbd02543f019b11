//! Standard output and standard error that nobody reads or that are full, and named pipes in the place of files.

use crate::support::{Bench, Finished, Responder, plan_of_two, wait_until};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Both programs write there.
const STREAMS: [&str; 4] = ["2>/dev/full", "2>&-", "2> >(true)", ">/dev/full 2>/dev/full"];

/// A shell that runs `command` with its streams led so.
fn led(command: &Command, streams: &str) -> Command {
    let line: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("\"$@\" {streams}"), "bash"]).args(line).stdin(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell
}

fn code(command: &Command, streams: &str) -> Option<i32> {
    led(command, streams).output().unwrap().status.code()
}

#[test]
fn a_run_goes_on_and_ends_with_its_own_code_whoever_reads_what_it_says() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{ fake_status = { \"arm-b\" = \"no_done\" } }"));
    for (number, streams) in STREAMS.iter().enumerate() {
        let run = format!("r{number}");
        let sweep = bench.sweep(&["--plan", "two", "--servers", &server.url, "--run", &run]);
        assert_eq!(code(&sweep, streams), Some(4), "{streams}");
        assert_eq!(bench.trials(&run).len(), 3, "{streams}");
        let wrong = bench.sweep(&["--plan", "none"]);
        assert_eq!(code(&wrong, streams), Some(2), "{streams}");
    }
    let piped = bench.sweep(&["--plan", "two", "--servers", &server.url, "--run", "piped"]);
    let done = Finished::of(led(&piped, "2>&1 | head -1; exit ${PIPESTATUS[0]}").output().unwrap());
    assert_eq!((done.code, done.stdout.lines().count()), (Some(4), 1), "{}", done.stdout);
    assert_eq!(bench.trials("piped").len(), 3);
}

#[test]
fn who_asked_for_text_alone_hears_that_it_is_lost() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("two", &plan_of_two(1, "{}"));
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_doctor"));
    doctor.args(["--servers", "sim"]).current_dir(bench.path("runs"));
    for command in [bench.sweep(&["--plan", "two", "--dry-run"]), doctor] {
        let done = Finished::of(led(&command, ">/dev/full").output().unwrap()).expect(1);
        let message = done.stderr.lines().last().unwrap();
        assert!(message.starts_with("error: standard output cannot be written: No space left"), "{message}");
        // Who has read enough has got what was wanted.
        let done = Finished::of(led(&command, "| head -1; exit ${PIPESTATUS[0]}").output().unwrap());
        assert!(matches!(done.code, Some(0 | 3)) && !done.stderr.contains("error: "), "{}", done.stderr);
    }
}

fn pipe_at(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Ends although nobody writes to the pipe.
fn ends(bench: &Bench, args: &[&str]) -> Finished {
    let mut child = bench.start(args);
    wait_until("the driver ends", || child.try_wait().unwrap().is_some());
    Finished::of(child.wait_with_output().unwrap())
}

#[test]
fn a_named_pipe_in_the_place_of_a_file_is_an_error_at_once() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    let new = ["--plan", "two", "--servers", &server.url, "--run", "r"];
    pipe_at(&bench.path("plans").join("pipe.toml"));
    for plan in ["pipe", "plans/pipe.toml"] {
        let done = ends(&bench, &["--plan", plan]).expect(2);
        assert!(
            done.message().contains("pipe.toml does not read: it is a named pipe; name a regular file"),
            "{}",
            done.stderr
        );
    }
    pipe_at(&bench.path("calibration.json"));
    let done = ends(&bench, &new).expect(0);
    assert!(done.stderr.contains("calibration.json does not read: it is a named pipe"), "{}", done.stderr);

    for (file, code) in [
        ("manifest.json", 2),
        ("plan.csv", 2),
        ("trials.csv", 1),
        ("agents.csv", 1),
        ("footprint.csv", 1),
        ("driver.lock", 1),
    ] {
        let (path, aside) = (bench.path("runs").join("r").join(file), bench.path("aside"));
        fs::rename(&path, &aside).unwrap();
        pipe_at(&path);
        let done = ends(&bench, &["--run", "r"]).expect(code);
        assert!(
            done.message().contains(file) && done.message().contains("it is a named pipe"),
            "{}",
            done.stderr
        );
        fs::rename(&aside, &path).unwrap();
    }
    ends(&bench, &["--run", "r"]).expect(0);
}
