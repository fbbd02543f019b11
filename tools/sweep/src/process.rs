//! Runs one child to its end without using the CPU meanwhile: one blocking poll on its pipes, its end, the
//! interrupt and the time limit.

use crate::interrupt::Interrupt;
use crate::placement::{Cpus, spawn_on};
use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tandem_records::API_KEY_VARIABLE;

/// Largest output that is kept. A report of 10,000 agents is under 20 MB; more is not a report.
const MAX_OUTPUT_BYTES: usize = 256 << 20;

/// Variables that would change what is measured: proxies, and the size of a runtime's thread pool.
const REMOVED_VARIABLES: &[&str] = &[
    "http_proxy",
    "HTTP_PROXY",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
    "TOKIO_WORKER_THREADS",
    "SMOL_THREADS",
    "ASYNC_STD_THREAD_COUNT",
    "ASYNC_STD_THREAD_NAME",
    "BLOCKING_MAX_THREADS",
];

/// How a child ended.
#[derive(Debug)]
pub struct Ended {
    /// All it printed.
    pub stdout: Vec<u8>,
    /// Last meaningful line on its standard error; empty when there was none.
    pub last_words: String,
    /// Its exit status.
    pub exit: ExitStatus,
    /// From start to end.
    pub wall: Duration,
    /// Why it was killed, if it was.
    pub cut: Option<Cut>,
}

/// Why the driver killed a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The time limit passed.
    Timeout,
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

/// A command in a clean environment, which holds no key of servers, and a process group of its own: Ctrl-C in a terminal reaches the driver
/// alone, which then ends its children in order.
pub fn clean_command(program: &std::path::Path) -> Command {
    let mut command = Command::new(program);
    for variable in REMOVED_VARIABLES.iter().chain(&[API_KEY_VARIABLE]) {
        command.env_remove(variable);
    }
    command.env("RUST_BACKTRACE", "0").stdin(Stdio::null()).process_group(0);
    command
}

/// Runs `command` to its end on these CPUs or anywhere, or kills it at the time limit or on the interrupt. The command is
/// one of [`clean_command`]: its process group is its own.
///
/// # Errors
/// The program does not start, or the system fails.
pub fn run(
    mut command: Command,
    cpus: Option<&Cpus>,
    limit: Duration,
    interrupt: &Interrupt,
) -> anyhow::Result<Ended> {
    let program = command.get_program().to_string_lossy().into_owned();
    let began = Instant::now();
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = spawn_on(&mut command, cpus).with_context(|| format!("start {program}"))?;
    let waited = watch(&mut child, began + limit, interrupt);
    if !matches!(waited, Ok((_, _, None))) {
        // With all that it started: an arm may be a launcher of the program that does the work.
        kill_process_group(Pid::from_child(&child), Signal::KILL)
            .with_context(|| format!("kill {program}"))?;
    }
    let exit = child.wait().with_context(|| format!("wait for {program}"))?;
    let wall = began.elapsed();
    let (stdout, stderr, cut) = waited.with_context(|| format!("watch {program}"))?;
    Ok(Ended { stdout, last_words: last_words(&stderr), exit, wall, cut })
}

type Watched = (Vec<u8>, Vec<u8>, Option<Cut>);

fn watch(
    child: &mut std::process::Child,
    deadline: Instant,
    interrupt: &Interrupt,
) -> anyhow::Result<Watched> {
    let pid = Pid::from_child(child);
    let ended = pidfd_open(pid, PidfdFlags::empty()).context("pidfd_open")?;
    let mut stdout = Pipe::new(child.stdout.take())?;
    let mut stderr = Pipe::new(child.stderr.take())?;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok((stdout.kept, stderr.kept, Some(Cut::Timeout)));
        }
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let (over, interrupted) = {
            let mut fds = vec![
                PollFd::from_borrowed_fd(ended.as_fd(), PollFlags::IN),
                PollFd::from_borrowed_fd(interrupt.fd(), PollFlags::IN),
            ];
            fds.extend(stdout.poll_fd());
            fds.extend(stderr.poll_fd());
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e).context("poll"),
            }
            (!fds[0].revents().is_empty(), !fds[1].revents().is_empty())
        };
        stdout.read_what_is_there()?;
        stderr.read_what_is_there()?;
        if over {
            return Ok((stdout.kept, stderr.kept, None));
        }
        if interrupted {
            return Ok((stdout.kept, stderr.kept, Some(Cut::Interrupted)));
        }
    }
}

/// One output of the child and what it has said so far.
struct Pipe<R> {
    open: Option<R>,
    kept: Vec<u8>,
}

impl<R: Read + AsFd> Pipe<R> {
    fn new(pipe: Option<R>) -> anyhow::Result<Pipe<R>> {
        if let Some(pipe) = &pipe {
            let flags = fcntl_getfl(pipe).context("fcntl")?;
            fcntl_setfl(pipe, flags | OFlags::NONBLOCK).context("fcntl")?;
        }
        Ok(Pipe { open: pipe, kept: Vec::new() })
    }

    fn read_what_is_there(&mut self) -> anyhow::Result<()> {
        let Some(pipe) = &mut self.open else { return Ok(()) };
        let mut buffer = [0; 65536];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => {
                    self.open = None;
                    return Ok(());
                }
                Ok(_) if self.kept.len() > MAX_OUTPUT_BYTES => {
                    bail!("over {MAX_OUTPUT_BYTES} bytes of output")
                }
                Ok(n) => self.kept.extend_from_slice(&buffer[..n]),
                Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e).context("read from the child"),
            }
        }
    }
}

impl<R: AsFd> Pipe<R> {
    fn poll_fd(&self) -> Option<PollFd<'_>> {
        self.open.as_ref().map(|pipe| PollFd::from_borrowed_fd(pipe.as_fd(), PollFlags::IN))
    }
}

/// The last line with something to say: a panic's "note:" line is no reason.
fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("note:"));
    line.unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shell(script: &str, limit: Duration, interrupt: &Interrupt) -> Ended {
        let mut command = clean_command(Path::new("/bin/sh"));
        command.args(["-c", script]);
        run(command, None, limit, interrupt).unwrap()
    }

    #[test]
    fn output_last_words_and_exit_status_arrive() {
        let interrupt = Interrupt::new().unwrap();
        let script =
            "head -c 300000 /dev/zero; echo; echo first >&2; echo second >&2; echo 'note: x' >&2; exit 3";
        let ended = shell(script, Duration::from_secs(20), &interrupt);
        assert_eq!((ended.stdout.len(), ended.last_words.as_str()), (300_001, "second"));
        assert_eq!((ended.exit.code(), ended.cut), (Some(3), None));
    }

    #[test]
    fn the_time_limit_and_the_interrupt_kill() {
        let interrupt = Interrupt::new().unwrap();
        let ended = shell("echo early; sleep 30", Duration::from_millis(100), &interrupt);
        assert_eq!((ended.cut, ended.stdout.as_slice()), (Some(Cut::Timeout), &b"early\n"[..]));
        interrupt.raise();
        let ended = shell("sleep 30", Duration::from_secs(20), &interrupt);
        assert_eq!(ended.cut, Some(Cut::Interrupted));
        assert!(ended.wall < Duration::from_secs(15));
    }

    #[test]
    fn a_launchers_child_is_killed_with_it() {
        let interrupt = Interrupt::new().unwrap();
        let ended = shell("sleep 30 & echo $!; wait", Duration::from_millis(200), &interrupt);
        let child = String::from_utf8(ended.stdout).unwrap();
        let state = || std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        // Gone, or dead and not yet collected by its new parent.
        let is_over = || state().map_or(true, |stat| stat.contains(") Z "));
        let deadline = Instant::now() + Duration::from_secs(20);
        while !is_over() {
            assert!(Instant::now() < deadline, "the launcher's child lives on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn proxies_runtime_settings_and_the_key_do_not_reach_the_child() {
        let command = clean_command(Path::new("/bin/true"));
        let removed: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for variable in ["HTTP_PROXY", "TOKIO_WORKER_THREADS", "TANDEM_API_KEY"] {
            assert!(removed.contains(&variable.as_ref()), "{variable}");
        }
    }
}
