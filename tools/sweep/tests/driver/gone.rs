//! Files of a run that somebody removes, replaces, cuts or writes to in mid-run: the driver says so and stops.

use crate::support::{Bench, Finished, Responder, plan_of_two};
use std::fs;
use std::io::Write;
use std::path::Path;

/// Does this to the folder of a run that goes on; returns how its driver ended.
fn disturbed(bench: &Bench, server: &Responder, run: &str, what: impl Fn(&Path)) -> Finished {
    let driver = bench.start(&["--plan", "two", "--servers", &server.url, "--run", run]);
    bench.wait_for_trials(run, 2);
    what(&bench.path("runs").join(run));
    Finished::of(driver.wait_with_output().unwrap()).expect(1)
}

fn bench() -> (Bench, Responder) {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(60, "{ fake_sleep_ms = 50 }"));
    (bench, server)
}

/// The same folder with other files: each is what it was, and none is the one that the driver writes.
fn replace(file: &Path) {
    let bytes = fs::read(file).unwrap();
    let beside = file.with_extension("copy");
    fs::write(&beside, bytes).unwrap();
    fs::rename(beside, file).unwrap();
}

/// Name of the run, the file, what is done to it, and what is said of that.
type Case<'a> = (&'a str, &'a str, &'a dyn Fn(&Path), &'a str);

#[test]
fn a_file_that_is_not_the_drivers_any_more_ends_the_run_with_its_name() {
    let (bench, server) = bench();
    let cut = |file: &Path| fs::OpenOptions::new().write(true).open(file).unwrap().set_len(10).unwrap();
    let append =
        |file: &Path| writeln!(fs::OpenOptions::new().append(true).open(file).unwrap(), "x").unwrap();
    let remove = |file: &Path| fs::remove_file(file).unwrap();
    let cases: [Case; 7] = [
        ("removed", "trials.csv", &remove, " was removed or renamed; put it back if you can, then "),
        ("cut", "agents.csv", &cut, " was changed: 10 bytes in place of the "),
        ("replaced", "requests.csv", &replace, " was replaced by another file; "),
        ("written", "trials.csv", &append, " was changed: "),
        ("plan", "plan.csv", &replace, " was replaced by another file"),
        ("manifest", "manifest.json", &remove, " was removed or renamed"),
        ("lock", "driver.lock", &remove, " was removed or renamed"),
    ];
    for (run, file, what, words) in cases {
        let done = disturbed(&bench, &server, run, |folder| what(&folder.join(file)));
        let message = done.stderr.lines().last().unwrap();
        let start =
            format!("error: the run stops: {}{words}", bench.path("runs").join(run).join(file).display());
        assert!(message.starts_with(&start), "{message}");
        assert!(
            message.ends_with(&format!("make sweep RUN={run} measures again what is missing")),
            "{message}"
        );
        assert!(!done.stdout.contains("trials ok"), "{}", done.stdout);
    }
}

#[test]
fn a_folder_that_is_gone_ends_the_run_and_goes_on_when_it_is_back() {
    let (bench, server) = bench();
    let away = bench.path("away");
    let done = disturbed(&bench, &server, "r", |folder| fs::rename(folder, &away).unwrap());
    let message = done.stderr.lines().last().unwrap();
    let start = format!(
        "error: the run stops: its folder {} was removed or renamed; when it is back, ",
        bench.path("runs").join("r").display()
    );
    assert!(message.starts_with(&start), "{message}");
    fs::rename(&away, bench.path("runs").join("r")).unwrap();
    let before = bench.trials("r").len();
    let driver = bench.start(&["--run", "r"]);
    bench.wait_for_trials("r", before + 1);
    crate::support::signal(&driver, rustix::process::Signal::INT);
    Finished::of(driver.wait_with_output().unwrap()).expect(130);

    let done = disturbed(&bench, &server, "s", |folder| fs::remove_dir_all(folder).unwrap());
    assert!(done.stderr.contains("error: the run stops: its folder "), "{}", done.stderr);
}

#[test]
fn what_happens_after_the_last_trial_but_before_the_summary_is_noticed_too() {
    let (bench, server) = (Bench::with_arms(&["arm-a"]), Responder::start(&["tiny"]));
    // The last arm removes the file while its own rows are not yet written; nothing is committed after them.
    let arm = bench.path("bin").join("arm-b");
    let trials = bench.path("runs").join("r/trials.csv");
    let script = format!(
        "#!/bin/bash\n[ \"$1\" = --version ] || rm -f {}\nexec -a arm-b {} \"$@\"\n",
        trials.display(),
        crate::support::example("fake").display()
    );
    fs::write(&arm, script).unwrap();
    fs::set_permissions(&arm, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    bench.plan("two", &plan_of_two(1, "{}"));
    let done = bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(1);
    let wanted = format!("error: the run stops: {} was removed or renamed", trials.display());
    assert!(done.stderr.lines().last().unwrap().starts_with(&wanted), "{}", done.stderr);
}
