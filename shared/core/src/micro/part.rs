//! Parts of a trial that need a process of their own: the arm starts its own program again with the same command line.

use super::{Log, Measured};
use crate::http::RequestError;
use crate::now_ns;
use serde::{Deserialize, Serialize};
use std::process::{Command, Stdio};
use tandem_records::{MicroBatch, Status, output};

/// The command line's name for it.
pub(crate) const FLAG: &str = "part";

/// A part as its parent saw it.
pub(super) struct Ended {
    /// Just before the process was started.
    pub started_ns: u64,
    /// When its `main` began.
    pub main_ns: u64,
    /// Just before it ended itself.
    pub done_ns: u64,
    /// When the parent knew that it had ended.
    pub ended_ns: u64,
    /// What it measured.
    pub log: Log,
}

/// The one line that a part prints.
#[derive(Serialize, Deserialize)]
struct Told {
    main_ns: u64,
    done_ns: u64,
    batches: Vec<MicroBatch>,
}

/// Runs a part to its end, with a variable of the environment if one is named.
pub(super) fn run(part: &str, variable: Option<(&str, u32)>) -> Result<Ended, RequestError> {
    let failed = |what: &str| RequestError::new(Status::ArmFailed, format!("part {part}: {what}"));
    let program = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).arg(format!("--{FLAG}={part}")).stdin(Stdio::null());
    if let Some((name, value)) = variable {
        command.env(name, value.to_string());
    }
    let started_ns = now_ns();
    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    let ended_ns = now_ns();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(failed(&format!("{}: {}", output.status, said.trim())));
    }
    let told: Told = serde_json::from_slice(&output.stdout).map_err(|error| failed(&error.to_string()))?;
    let Told { main_ns, done_ns, batches } = told;
    Ok(Ended { started_ns, main_ns, done_ns, ended_ns, log: batches.into() })
}

/// Prints what a part measured; returns its exit code.
pub(super) fn tell(main_ns: u64, measured: Measured) -> i32 {
    let batches = match measured {
        Ok(log) => log.batches(),
        Err(error) => {
            output::say(&format!("error: {error}"));
            return 1;
        }
    };
    let told = serde_json::to_string(&Told { main_ns, done_ns: now_ns(), batches });
    let written = told.map_err(std::io::Error::other).and_then(|line| output::print(&(line + "\n")));
    i32::from(written.is_err())
}
