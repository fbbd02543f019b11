//! One simulator process: started for a run, asked before and after every trial, stopped at the end.

use super::http::{Asker, Failure, SHORT_LIMIT};
use crate::placement::{Cpus, as_list, spawn_on};
use crate::plan::SimConfig;
use crate::process::clean_command;
use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A simulator binds its ports at once; longer means that it never will.
const START_LIMIT: Duration = Duration::from_secs(10);
/// Time to end on SIGTERM before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// What a simulator calls the scheduling class that waits for busy clients.
const ORDINARY_SCHEDULING: &str = "normal";

/// A running simulator.
pub(super) struct Simulator {
    /// Base URLs, one per port.
    pub urls: Vec<String>,
    /// What it says its version is, the scheduling class of its pacing thread, and its CPUs where they are few.
    pub version: String,
    /// Whether it writes at its deadlines with real-time priority.
    pub has_priority: bool,
    /// Its command line without the program's folder.
    pub command: String,
    child: Child,
    asker: Asker,
}

/// The line it prints when its ports are open.
#[derive(Deserialize)]
struct Started {
    listening: Vec<String>,
    version: String,
    scheduling: String,
}

/// What it saw in a window of time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct SimReport {
    pub streams_open_max: u32,
    pub late_p50_ns: Option<u64>,
    pub late_p99_ns: Option<u64>,
    pub late_max_ns: Option<u64>,
}

impl Simulator {
    /// Starts `program`. Must be called on the thread that lives as long as the driver: the kernel ends the
    /// simulator with the thread that started it.
    pub fn start(
        program: &Path,
        config: &SimConfig,
        cpus: Option<&Cpus>,
        seed: u64,
        model: &str,
    ) -> anyhow::Result<Simulator> {
        let mut args: Vec<String> = Vec::new();
        for _ in 0..config.ports {
            args.extend(["--listen".to_string(), "127.0.0.1:0".to_string()]);
        }
        args.extend(config.flags.iter().cloned());
        args.extend([
            "--seed".into(),
            seed.to_string(),
            format!("--model={model}"), // which may look like a flag
            "--exit-with-parent".into(),
        ]);
        let command = format!("ollama-sim {}", args.join(" "));
        let mut to_start = clean_command(program);
        to_start.args(&args).stdout(Stdio::piped());
        let mut child =
            spawn_on(&mut to_start, cpus).with_context(|| format!("start {}", program.display()))?;
        let place = cpus.map_or(String::new(), |cpus| format!(", CPUs {}", as_list(cpus)));
        match first_line(&mut child).with_context(|| command.clone()) {
            Ok(started) => Ok(Simulator {
                urls: started.listening,
                has_priority: started.scheduling != ORDINARY_SCHEDULING,
                version: format!("{}, scheduling {}{place}", started.version, started.scheduling),
                command,
                child,
                asker: Asker::new(SHORT_LIMIT),
            }),
            Err(problem) => {
                let _ = child.kill();
                let _ = child.wait();
                Err(problem)
            }
        }
    }

    /// Forgets all streams so far.
    pub fn reset(&self) -> Result<(), Failure> {
        self.asker.post_empty(&format!("{}/sim/reset", self.urls[0]))
    }

    /// What it saw of the streams whose first action lies in the window of CLOCK_MONOTONIC.
    pub fn report(&self, from_ns: u64, to_ns: u64) -> Result<SimReport, Failure> {
        self.asker.get(&format!("{}/sim/report?from_ns={from_ns}&to_ns={to_ns}", self.urls[0]))
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline {
            if self.ended().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the start line. The pipe stays with the child: its last report fits a pipe's buffer unread.
fn first_line(child: &mut Child) -> anyhow::Result<Started> {
    let stdout = child.stdout.as_mut().context("no standard output")?;
    let timeout = Timespec { tv_sec: START_LIMIT.as_secs() as i64, tv_nsec: 0 };
    let ready = poll(&mut [PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::IN)], Some(&timeout))
        .context("poll")?;
    if ready == 0 {
        bail!("the simulator said nothing for {} s", START_LIMIT.as_secs());
    }
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line).context("read its first line")?;
    if line.is_empty() {
        bail!("the simulator ended at once; its message stands above");
    }
    let started: Started = serde_json::from_str(&line).with_context(|| format!("its first line {line:?}"))?;
    if started.listening.is_empty() {
        bail!("the simulator listens nowhere");
    }
    Ok(started)
}
