//! The driver and its simulators: started, asked, restarted, stopped.

use crate::support::{Bench, plan_of_two, signal, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use tandem_records::{ServerKind, Status};

/// Simulators that serve a run with this seed.
pub fn simulators(seed: &str) -> Vec<i32> {
    let wanted = format!("--seed\0{seed}\0--model=sim\0--exit-with-parent\0");
    let processes =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    processes
        .filter(|pid: &i32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.windows(wanted.len()).any(|part| part == wanted.as_bytes())
        })
        .collect()
}

/// A seed that no other test's simulators have.
pub fn own_seed(n: u32) -> String {
    format!("{}{n}", std::process::id())
}

fn two_configurations(options: &str) -> String {
    let one = plan_of_two(2, options) + "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n";
    let second = one
        .find("[[sets]]")
        .map(|at| one[at..].replace("fakes", "more").replace("itl_ms = 1", "itl_ms = 2"))
        .unwrap();
    one.clone() + "\n" + &second + "\n" + &one[one.find("[[sets]]").unwrap()..].replace("fakes", "third")
}

#[test]
fn one_simulator_per_configuration_lives_as_long_as_the_run() {
    let (bench, seed) = (Bench::with_arms(&["arm-a", "arm-b"]).with_simulator(), own_seed(1));
    bench.plan("sims", &two_configurations("{ fake_sleep_ms = 20 }"));
    let driver = bench.start(&["--plan", "sims", "--run", "r", "--seed", &seed]);
    bench.wait_for_trials("r", 2);
    assert_eq!(simulators(&seed).len(), 2, "three sets, two configurations");
    let done = crate::support::Finished::of(driver.wait_with_output().unwrap()).expect(0);
    assert!(done.stdout.contains("18 trials ok"), "{}", done.stdout);
    assert_eq!(simulators(&seed).len(), 0, "simulators are stopped at the end");
    bench.assert_complete("r");
    let manifest = bench.manifest("r");
    assert_eq!(manifest.servers.len(), 6);
    assert!(
        manifest
            .servers
            .iter()
            .all(|s| s.kind == ServerKind::Sim && s.command.starts_with("ollama-sim --listen"))
    );
    // Fake arms open no streams: the window is asked for and empty.
    assert!(bench.trials("r").iter().all(|row| row.streams_open_max == Some(0) && row.gap_ns.is_some()));
}

#[test]
fn a_simulator_that_dies_fails_its_trial_and_is_started_again() {
    let (bench, seed) = (Bench::with_arms(&["arm-a", "arm-b"]).with_simulator(), own_seed(2));
    bench.plan("one", &(plan_of_two(3, "{ fake_sleep_ms = 250 }") + "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n"));
    let driver = bench.start(&["--plan", "one", "--run", "r", "--seed", &seed]);
    bench.wait_for_trials("r", 1);
    std::thread::sleep(std::time::Duration::from_millis(50)); // into the next trial
    let killed = simulators(&seed);
    kill_process(Pid::from_raw(killed[0]).unwrap(), Signal::KILL).unwrap();
    crate::support::Finished::of(driver.wait_with_output().unwrap()).expect(4);
    let failed: Vec<_> = bench.trials("r").into_iter().filter(|row| !row.status.is_ok()).collect();
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0].status, Status::ServerError);
    assert!(failed[0].error.contains("the simulator ended (signal: 9"), "{}", failed[0].error);
    bench.run(&["--run", "r"]).expect(0);
    bench.assert_complete("r");
}

#[test]
fn simulators_end_with_a_killed_driver() {
    let (bench, seed) = (Bench::with_arms(&["arm-a", "arm-b"]).with_simulator(), own_seed(3));
    bench.plan("one", &(plan_of_two(9, "{ fake_sleep_ms = 100 }") + "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n"));
    let mut driver = bench.start(&["--plan", "one", "--run", "r", "--seed", &seed]);
    bench.wait_for_trials("r", 1);
    signal(&driver, Signal::KILL);
    driver.wait().unwrap();
    wait_until("the simulator ends", || simulators(&seed).is_empty());
}

#[test]
fn a_paced_simulator_without_real_time_priority_is_said_in_one_line() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("paced", &(plan_of_two(6, "{}") + "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n"));
    bench.plan("unpaced", &(plan_of_two(6, "{}") + "[sets.sim]\nprofile = \"instant\"\n"));
    let simulator = crate::support::example("ollama-sim");
    for (class, plan, warnings) in [("normal", "paced", 1), ("fifo", "paced", 0), ("normal", "unpaced", 0)] {
        // The simulator itself, but for what it says of its scheduling: that depends on this machine.
        let said = format!("sed -u 's/\"scheduling\":\"[a-z]*\"/\"scheduling\":\"{class}\"/'");
        let program = bench.path("bin").join("ollama-sim");
        fs::write(&program, format!("#!/bin/sh\n{} \"$@\" | {said}\n", simulator.display())).unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let run = format!("{plan}-{class}");
        let done = bench.run(&["--plan", plan, "--run", &run]).expect(0);
        let said = "warning: the simulator has no real-time priority (needs CAP_SYS_NICE or ulimit -r): ";
        assert_eq!(done.stderr.matches(said).count(), warnings, "{run}: {}", done.stderr);
        assert!(
            bench.manifest(&run).servers[0]
                .version
                .as_ref()
                .unwrap()
                .ends_with(&format!("scheduling {class}"))
        );
    }
}
