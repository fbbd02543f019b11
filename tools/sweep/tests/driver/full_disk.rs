//! Folders that cannot be written, and disks that are full: one line with the remedy, nothing lost.

use crate::support::{Bench, Finished, Responder, plan_of_two};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[test]
fn a_disk_that_fills_up_keeps_what_was_written_and_the_run_goes_on_when_there_is_room() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(8, "{}"));
    // A limit on the size of files fails the same write as a full disk does. The driver must live to say so.
    let sweep = bench.sweep(&["--plan", "two", "--servers", &server.url, "--run", "r"]);
    let line: Vec<_> = std::iter::once(sweep.get_program()).chain(sweep.get_args()).collect();
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 12; exec \"$@\"", "bash"]).args(line);
    let done = Finished::of(limited.output().unwrap()).expect(1);
    let message = done.stderr.lines().last().unwrap();
    for part in [
        "error: trial ",
        " is lost, those before it are whole; ",
        "make sweep RUN=r: append to ",
        "File too large",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let before = bench.run(&["--run", "r"]).expect(0);
    assert!(before.stdout.contains("24 trials ok"), "{}", before.stdout);
    bench.assert_complete("r");
    assert!(bench.trials("r").iter().all(|row| row.attempt == 1), "a lost trial has left no row");
}

#[test]
fn a_folder_that_cannot_be_written_is_said_before_anything_is_measured() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(1, "{}"));
    // A file in its place stops root, too, for whom no folder is read-only.
    std::fs::remove_dir(bench.path("runs")).unwrap();
    std::fs::write(bench.path("runs"), "").unwrap();
    let done = bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(1);
    let wanted = format!("create the folder of runs {}: ", bench.path("runs").display());
    assert!(done.message().starts_with(&wanted), "{}", done.stderr);
}

#[test]
fn a_run_does_not_go_on_with_another_build_unless_it_is_told_to() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan(
        "two",
        &plan_of_two(1, "{ fake_status = { \"arm-b\" = \"no_done\" }, fake_failing_attempts = 1 }"),
    );
    bench.run(&["--plan", "two", "--servers", &server.url, "--run", "r"]).expect(4);
    // The same arm with another line in its receipt.
    let arm = bench.path("bin").join("arm-b");
    let fake = std::fs::canonicalize(&arm).unwrap();
    std::fs::remove_file(&arm).unwrap();
    let script = format!(
        "#!/bin/bash\n(exec -a arm-b {} \"$@\") | if [ \"$1\" = --version ]; then sed 's/^profile: .*/profile: other/'; else cat; fi\n",
        fake.display()
    );
    std::fs::write(&arm, script).unwrap();
    std::fs::set_permissions(&arm, PermissionsExt::from_mode(0o755)).unwrap();
    let done = bench.run(&["--run", "r"]).expect(2);
    let message = done.message();
    assert!(message.starts_with("run r was begun with another build of arm-b: "), "{message}");
    assert!(message.contains("start a new run") && message.contains("--mix-builds"), "{message}");
    let done = bench.run(&["--run", "r", "--mix-builds"]).expect(0);
    assert!(done.stderr.contains("warning: another build of arm-b than when run r began"), "{}", done.stderr);
    bench.assert_complete("r");
}
