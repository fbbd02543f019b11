//! What a killed driver left behind: an arm that would disturb the first trial of the resumed run, and temporary files.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// A killed process is gone in milliseconds; longer means that it is not ours to wait for.
const LIMIT: Duration = Duration::from_secs(2);
/// Environment variable that says which run's folder an arm works for. Its descendants inherit it.
pub const RUN_VARIABLE: &str = "TANDEM_RUN_FOLDER";

/// What [`RUN_VARIABLE`] holds for a run: its folder by device and inode. A run of the same name in another checkout has
/// another one, and a folder keeps it when it is renamed.
///
/// # Errors
/// The folder cannot be looked at.
pub fn mark_of(folder: &Path) -> std::io::Result<String> {
    let meta = std::fs::metadata(folder)?;
    Ok(format!("{}:{}", meta.dev(), meta.ino()))
}

/// Kills the processes that work for the run in `folder`. The caller holds the run's lock: their driver is gone. Returns how
/// many there were.
pub fn end_leftover_trials(folder: &Path) -> usize {
    let Ok(mark) = mark_of(folder) else { return 0 };
    let left = processes_of(&mark);
    for process in &left {
        // It may have ended meanwhile, which is as good.
        let _ = pidfd_send_signal(process, Signal::KILL);
    }
    let deadline = Instant::now() + LIMIT;
    for process in &left {
        let wait = deadline.saturating_duration_since(Instant::now());
        let wait = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
        let _ = poll(&mut [PollFd::from_borrowed_fd(process.as_fd(), PollFlags::IN)], Some(&wait));
    }
    left.len()
}

/// Processes with this mark in their environment. Those of other users do not show theirs.
fn processes_of(mark: &str) -> Vec<OwnedFd> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let wanted = format!("{RUN_VARIABLE}={mark}");
    let marked = |pid: Pid| {
        // Held before it is looked at: the number may be given to another process meanwhile.
        let process = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        let environment = std::fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero())).ok()?;
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes()).then_some(process)
    };
    entries
        .filter_map(|entry| Pid::from_raw(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .filter_map(marked)
        .collect()
}

/// Removes files that a killed driver was about to move into place.
pub(super) fn remove_temporary(folder: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(prefix)) {
            // May fail without harm: nothing reads it.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}
