//! kill -9 of driver, arm and simulator at random moments: what is resumed becomes the run that nothing disturbed.
//!
//! TANDEM_KILLS=200 kills more often, TANDEM_KILL_SEED=n at other moments.

use crate::simulators::{own_seed, simulators};
use crate::support::{Bench, Finished, plan_of_two, wait_until};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::time::{Duration, Instant};
use tandem_records::{PlanRow, Status, TrialRow};

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

/// Processes with this text in their command line.
fn processes(wanted: &str) -> Vec<i32> {
    let all =
        fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let has = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(wanted.len()).any(|part| part == wanted.as_bytes())
    };
    all.filter(has).collect()
}

/// What a run is, times aside: the trials in the order of their first attempts, each with its last status.
fn essence(planned: &[PlanRow], trials: &[TrialRow]) -> Vec<(u32, String, u32, String, Status)> {
    let mut seen = Vec::new();
    for row in trials {
        if !seen.contains(&row.trial) {
            seen.push(row.trial);
        }
    }
    let last = |trial: u32| trials.iter().rev().find(|row| row.trial == trial).unwrap();
    assert!(planned.iter().map(|row| row.trial).eq(seen.iter().copied()), "the order is the plan's");
    seen.into_iter()
        .map(last)
        .map(|row| (row.trial, row.cell.clone(), row.block, row.arm.clone(), row.status))
        .collect()
}

#[test]
fn a_run_that_is_killed_again_and_again_becomes_the_undisturbed_one() {
    let (kills, seed) = (number("TANDEM_KILLS", 20), number("TANDEM_KILL_SEED", 115));
    println!("{kills} kills, TANDEM_KILL_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (bench, sims) = (Bench::with_arms(&["arm-a", "arm-b"]).with_simulator(), own_seed(4));
    let plan = plan_of_two(kills as u32, "{ fake_sleep_ms = 20 }");
    bench.plan("one", &(plan + "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n"));
    let (whole, broken) = (format!("whole-{sims}"), format!("broken-{sims}"));
    let new = |run: &str| ["--plan", "one", "--seed", &sims, "--run", run].map(String::from);
    let goes_on = |run: &str| ["--run", run].map(String::from);
    let args = |line: &[String]| line.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let start = |line: String| bench.start(&line.split('\n').collect::<Vec<_>>());

    Finished::of(start(args(&new(&whole))).wait_with_output().unwrap()).expect(0);

    let mut killed = [0; 3];
    let manifest = bench.path("runs").join(&broken).join("manifest.json");
    let mut driver = start(args(&new(&broken)));
    while killed.iter().sum::<u64>() < kills {
        let until = Instant::now() + Duration::from_millis(random.random_range(0..150));
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        let victim = random.random_range(0..3);
        let pid = match victim {
            0 => Some(driver.id() as i32),
            1 => processes(&format!("--run-id\0{broken}\0")).first().copied(),
            _ => simulators(&sims).first().copied(),
        };
        // It may just have ended by itself.
        let hit = pid.and_then(Pid::from_raw).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok());
        killed[victim] += u64::from(hit);
        if victim == 0 || driver.try_wait().unwrap().is_some() {
            driver.wait().unwrap();
            wait_until("the simulators of the driver end", || simulators(&sims).is_empty());
            let line = if manifest.exists() { args(&goes_on(&broken)) } else { args(&new(&broken)) };
            driver = start(line);
        }
    }
    let code = driver.wait().unwrap().code();
    assert!(matches!(code, Some(0 | 3 | 4)), "{code:?}");
    Finished::of(start(args(&goes_on(&broken))).wait_with_output().unwrap()).expect(0);

    println!("killed: {} drivers, {} arms, {} simulators", killed[0], killed[1], killed[2]);
    let plans = [&whole, &broken].map(|run| bench.planned(run));
    let same = |rows: &[PlanRow]| {
        rows.iter().map(|row| PlanRow { run_id: String::new(), ..row.clone() }).collect::<Vec<_>>()
    };
    assert_eq!(same(&plans[0]), same(&plans[1]));
    assert_eq!(essence(&plans[0], &bench.trials(&whole)), essence(&plans[1], &bench.trials(&broken)));
    bench.assert_complete(&broken);
    assert!(processes(&format!("--run-id\0{broken}\0")).is_empty() && simulators(&sims).is_empty());
}
