//! What a person should know before a sweep on real servers: machine and servers looked at, each finding with its remedy.

mod effort;
mod finding;
mod machine;
mod servers;
mod slots;
mod steps;

pub use finding::{Finding, State};

use crate::SweepError;
use crate::target::Target;
use crate::terminal::tell_all;
use clap::Parser;
use std::path::PathBuf;
use std::time::Duration;
use steps::Steps;
use tandem_records::Api;

/// Exit code where something stands in the way of a sweep.
const EXIT_PROBLEM: u8 = 3;

/// Look at the machine and the servers before a sweep on real servers.
///
/// Exit codes: 0 nothing stands in the way (warnings may), 1 internal error, 2 usage, 3 a problem.
#[derive(Debug, Clone, Parser)]
#[command(name = "doctor", version)]
pub struct Args {
    /// Servers: ollama (127.0.0.1:11434 and 11435), base URLs separated by commas, or sim (the machine alone is looked at)
    #[arg(long, value_name = "ollama|URL,…|sim", default_value = "ollama")]
    pub servers: String,
    /// Dialect of the servers
    #[arg(long, value_enum, default_value_t = Api::Ollama)]
    pub api: Api,
    /// Model as the servers name it [default: the only one they have in common]
    #[arg(long)]
    pub model: Option<String>,
    /// Folder of runs, whose disk must have room
    #[arg(long, value_name = "DIR", default_value = "data/runs")]
    pub runs_dir: PathBuf,
    /// Time limit of all questions to the servers in seconds; where tokens are slow, fewer of them are asked for
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub limit_s: u64,
    /// The findings as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Looks, prints the findings and returns the exit code.
///
/// # Errors
/// The command line is wrong, or standard output cannot be written.
pub fn run(args: &Args) -> Result<u8, SweepError> {
    let target = Target::parse(&args.servers, Some(args.api)).map_err(SweepError::Usage)?;
    let mut findings = machine::findings(std::path::Path::new("/"), &args.runs_dir);
    if let Target::Real { urls, .. } = &target {
        findings.extend(target.beyond_loopback().into_iter().map(|url| {
            Finding::warning(
                format!("place of {url}"),
                "not on this machine",
                "prompts cross the network in clear text, and its delays are measured, too: fine where that is meant",
            )
        }));
        let steps = Steps::new(Duration::from_secs(args.limit_s));
        findings.extend(servers::findings(urls, args.api, args.model.as_deref(), &steps)?);
    }
    let worst = findings.iter().map(|finding| finding.state).max().unwrap_or(State::Ok);
    if args.json {
        tell_all([finding::json(&findings).as_str()])?;
    } else {
        tell_all(finding::lines(&findings).iter().map(String::as_str))?;
    }
    Ok(if worst == State::Problem { EXIT_PROBLEM } else { 0 })
}
