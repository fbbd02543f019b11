//! Ends the arm that a killed driver left behind: it would disturb the first trial of the resumed run.

use rustix::process::{Pid, Signal, kill_process};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A killed process is gone in milliseconds; longer means that it is not ours to wait for.
const LIMIT: Duration = Duration::from_secs(2);

/// Kills trials of `run_id` whose driver is gone. The caller holds the run's lock. Returns how many there were.
pub fn end_leftover_trials(run_id: &str) -> usize {
    let left: Vec<i32> = trials_of(run_id).into_iter().filter(|&pid| !has_driver(pid)).collect();
    for pid in left.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        // It may have ended meanwhile, which is as good.
        let _ = kill_process(pid, Signal::KILL);
    }
    let deadline = Instant::now() + LIMIT;
    while left.iter().any(|pid| trials_of(run_id).contains(pid)) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    left.len()
}

/// Processes whose command line is a trial of this run.
fn trials_of(run_id: &str) -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let is_trial = |pid: i32| {
        let Ok(line) = std::fs::read(format!("/proc/{pid}/cmdline")) else { return false };
        let args: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        // Not at a fixed place: an arm in a scripting language has its interpreter and its script before.
        args.windows(3).any(|args| args == [b"--run-id".as_slice(), run_id.as_bytes(), b"--trial"])
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|&pid| is_trial(pid))
        .collect()
}

/// True when the parent is a driver: a run of the same name elsewhere has its own.
fn has_driver(pid: i32) -> bool {
    let parent = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok().and_then(|stat| {
        // After the name in parentheses: state, then the parent.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse::<i32>().ok()
    });
    let program = |pid: i32| -> Option<PathBuf> { std::fs::read_link(format!("/proc/{pid}/exe")).ok() };
    parent.and_then(program).is_some_and(|parent| Some(parent) == std::env::current_exe().ok())
}
