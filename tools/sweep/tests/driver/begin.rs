//! How a run comes into being: by a plan, whole or not at all, under the user's umask, and with nothing left of earlier tries.

use crate::support::{Bench, Finished, Responder, plan_of_two, signal, wait_until};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command};

/// Names in the folder of runs, hidden ones too.
fn runs(bench: &Bench) -> Vec<String> {
    let entries = fs::read_dir(bench.path("runs")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A driver that has locked its place and waits for an arm's receipt.
fn stuck_in_its_check(bench: &Bench, args: &[&str]) -> Child {
    let slow = bench.path("bin").join("arm-b");
    let _ = fs::remove_file(&slow);
    fs::write(&slow, "#!/bin/sh\ntouch \"$0.asked\"\nexec sleep 60\n").unwrap();
    fs::set_permissions(&slow, PermissionsExt::from_mode(0o755)).unwrap();
    let driver = bench.start(args);
    wait_until("the receipt is asked for", || bench.path("bin").join("arm-b.asked").exists());
    driver
}

fn mend_arm_b(bench: &Bench) {
    let arm = bench.path("bin").join("arm-b");
    fs::remove_file(&arm).unwrap();
    std::os::unix::fs::symlink(crate::support::example("fake"), &arm).unwrap();
}

#[test]
fn a_name_alone_goes_on_with_a_run_and_never_begins_one() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{ fake_status = { \"arm-b\" = \"no_done\" } }"));
    bench.plan("quick", &plan_of_two(1, "{}"));
    let done = bench.run(&["--run", "mistyped"]).expect(2);
    let (there, remedy) = (
        format!("there is no run mistyped in {}; ", bench.path("runs").display()),
        "to begin a run of this name, name its plan, too: make sweep PLAN=quick RUN=mistyped",
    );
    assert_eq!(done.message(), format!("{there}none can go on; {remedy}"));

    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "failing"]).expect(4);
    bench.run(&["--plan", "quick", "--servers", &server.url, "--run", "whole"]).expect(0);
    let done = bench.run(&["--run", "failling", "--servers", &server.url]).expect(2);
    let wanted = there.replace("mistyped", "failling") + "those that can go on: failing; ";
    assert!(done.message().starts_with(&wanted), "{}", done.stderr);
    assert_eq!(runs(&bench), ["failing", "whole"]);

    // With its plan it begins one, and who meant another is told.
    let args = ["--plan", "two", "--servers", &server.url, "--run", "failling"];
    let done = bench.run(&args).expect(4);
    let note = "note: run failling is new; of this plan these can go on: failing (make sweep RUN=failing)\n";
    assert!(done.stderr.contains(note), "{}", done.stderr);
    let done = bench.run(&args).expect(4);
    assert!(done.stdout.starts_with("sweep goes on with two"), "{}", done.stdout);
}

#[test]
fn a_driver_that_is_killed_in_its_check_leaves_no_run_and_the_next_one_takes_its_leavings_away() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    let args = ["--plan", "two", "--servers", &server.url, "--run", "r"];
    let mut driver = stuck_in_its_check(&bench, &args);
    let second = bench.run(&args).expect(2);
    let wanted = format!("run r is being driven by process {}", driver.id());
    assert!(second.message().starts_with(&wanted), "{}", second.stderr);
    // Another run may begin meanwhile, and leaves the first alone.
    let asked = bench.path("bin").join("arm-b.asked");
    fs::remove_file(&asked).unwrap();
    let mut other = bench.start(&["--plan", "two", "--servers", &server.url, "--run", "other"]);
    wait_until("the other asks", || asked.exists());
    assert_eq!(runs(&bench), [".other.begin", ".r.begin"]);
    for driver in [&mut driver, &mut other] {
        signal(driver, Signal::KILL);
        driver.wait().unwrap();
    }
    let done = bench.run(&["--run", "r"]).expect(2);
    assert!(done.message().starts_with("there is no run r in "), "{}", done.stderr);
    mend_arm_b(&bench);
    bench.run(&args).expect(0);
    bench.assert_complete("r");
    assert_eq!(runs(&bench), ["r"]);
}

#[test]
fn a_folder_without_a_manifest_is_no_run_and_none_grows_in_it() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    let args = ["--plan", "two", "--servers", &server.url, "--run", "r"];
    bench.run(&args).expect(0);
    let folder = bench.path("runs").join("r");
    let rows = fs::read(folder.join("trials.csv")).unwrap();
    fs::rename(folder.join("manifest.json"), bench.path("manifest.json")).unwrap();
    for args in [&args[..], &["--run", "r"]] {
        let done = bench.run(args).expect(2);
        let wanted = format!(
            "{} holds no manifest.json: its run was stopped before it began, or lost that file; put the file back, remove \
             the folder, or name another run",
            folder.display()
        );
        assert_eq!(done.message(), wanted);
    }
    assert_eq!(fs::read(folder.join("trials.csv")).unwrap(), rows);
    fs::rename(bench.path("manifest.json"), folder.join("manifest.json")).unwrap();
    bench.run(&["--run", "r"]).expect(0);
    // An empty folder is as good as none.
    fs::create_dir(bench.path("runs").join("empty")).unwrap();
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "empty"]).expect(0);
}

#[test]
fn files_are_as_open_as_the_umask_says_and_temporary_ones_are_gone() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    for (umask, mode) in [("077", 0o600), ("002", 0o664)] {
        let run = format!("umask-{umask}");
        let sweep = bench.sweep(&["--plan", "two", "--servers", &server.url, "--run", &run]);
        let under = |sweep: &Command| {
            let line: Vec<_> = std::iter::once(sweep.get_program()).chain(sweep.get_args()).collect();
            let mut under = Command::new("sh");
            under.args(["-c", "umask $0; exec \"$@\"", umask]).args(line);
            Finished::of(under.current_dir(bench.path("")).output().unwrap()).expect(0)
        };
        under(&sweep);
        let folder = bench.path("runs").join(&run);
        // What a killed driver was about to move into place, and a file that needs a repair.
        fs::write(folder.join(".new-Xy12"), "half").unwrap();
        let requests = fs::read_to_string(folder.join("requests.csv")).unwrap();
        fs::write(folder.join("requests.csv"), requests.clone() + "torn").unwrap();
        under(&bench.sweep(&["--run", &run]));
        assert_eq!(fs::read_to_string(folder.join("requests.csv")).unwrap(), requests);
        let mut names = Vec::new();
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, mode, "{:?}", entry.path());
            names.push(entry.file_name().into_string().unwrap());
        }
        names.sort();
        let wanted = [
            "agents.csv",
            "driver.lock",
            "footprint.csv",
            "manifest.json",
            "plan.csv",
            "requests.csv",
            "trials.csv",
        ];
        assert_eq!(names, wanted);
    }
}

#[test]
fn the_second_ctrl_c_in_the_check_leaves_no_run_either() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    let mut driver = stuck_in_its_check(&bench, &["--plan", "two", "--servers", &server.url, "--run", "r"]);
    signal(&driver, Signal::INT);
    signal(&driver, Signal::INT);
    assert_eq!(driver.wait().unwrap().code(), Some(130));
    assert!(!Path::new(&bench.path("runs").join("r")).exists());
}

#[test]
fn the_command_in_the_manifest_begins_the_same_run_whatever_the_model_is_called() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["--help"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    let args = ["--plan", "two", "--servers", &server.url, "--model=--help"];
    bench.run(&[&args[..], &["--run", "first"]].concat()).expect(0);
    let command = bench.manifest("first").command;
    let again: Vec<&str> = command.split(' ').skip(1).collect();
    bench.run(&[&again[..], &["--run", "second"]].concat()).expect(0);
    assert_eq!(bench.manifest("second").command, command);
}
