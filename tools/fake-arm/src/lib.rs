//! The fake arm: it reads a trial as every arm does and prints a report whose times are known in closed form.
//!
//! Nothing is measured and no server is contacted, so drivers and analyzers can be tested end to end against
//! numbers that a reader can work out on paper. Its runtime name is the name it was started under: links to it
//! are further arms. What it does is chosen in the request options of the collectors, see [`Behaviour`]; the
//! times are those of [`report`].

mod behaviour;
mod book;
mod report;
mod stamps;

pub use behaviour::Behaviour;
pub use report::{CLOCK_START_NS, LOCAL_NS, TOKEN_NS, report};

use clap::Parser;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tandem_records::{Status, TrialSpec, output};

#[derive(Parser)]
#[command(about = "An arm whose times are known; it talks to no server")]
struct CommandLine {
    #[command(flatten)]
    spec: TrialSpec,
}

/// The whole program: exit 0 with an `ok` report, 4 with another one, 2 on a wrong command line, 1 without a report.
pub fn main() -> ExitCode {
    let mut args = std::env::args();
    let runtime = args
        .next()
        .as_deref()
        .map(Path::new)
        .and_then(Path::file_name)
        .map_or_else(|| "fake".to_string(), |name| name.to_string_lossy().into_owned());
    if args.any(|arg| arg == "--version") {
        let receipt = format!(
            "{}\narm: {runtime}\nruntime: none\nclient hyper: none\nclient reqwest: none\nclient httpx: none\nclient epoll: none\nprofile: fake\n",
            env!("CARGO_PKG_VERSION")
        );
        return ended(output::print(&receipt), ExitCode::SUCCESS);
    }
    let spec = CommandLine::parse().spec;
    let behaviour = match Behaviour::read(&spec, &runtime) {
        Ok(behaviour) => behaviour,
        Err(problem) => {
            output::say(&format!("error: {problem}"));
            return ExitCode::from(2);
        }
    };
    std::thread::sleep(Duration::from_millis(behaviour.sleep_ms));
    if behaviour.status == Status::ArmFailed {
        output::say(&format!("first line of a fake failure\n{}", behaviour.error));
        return ExitCode::from(1);
    }
    let report = report(&spec, &runtime, &behaviour);
    if let Some(path) = &spec.token_stamps
        && let Err(problem) = stamps::write(path, &spec, &report)
    {
        output::say(&format!("error: {}: {problem}", path.display()));
        return ExitCode::from(1);
    }
    let told = serde_json::to_string(&report).map_err(std::io::Error::other);
    let code = if report.status.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(4) };
    ended(told.and_then(|line| output::print(&(line + "\n"))), code)
}

fn ended(told: std::io::Result<()>, code: ExitCode) -> ExitCode {
    told.map_or_else(
        |problem| {
            output::say(&format!("error: {problem}"));
            ExitCode::from(1)
        },
        |()| code,
    )
}
