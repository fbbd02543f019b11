//! The program around the server: command line, start line, signals, final report.

use crate::args::Args;
use crate::{Scheduling, Server, Shutdown, VERSION, base_urls, bind, raise_open_files};
use anyhow::{Context, Result};
use clap::Parser;
use std::process::ExitCode;
use tandem_records::output;

/// Streams at once that the simulator promises where the system lets it.
const WANTED_CONNECTIONS: u64 = 10_000;

/// `main` of `ollama-sim`: 0 after SIGINT or SIGTERM, 1 when it cannot serve, 2 for a wrong command line.
pub fn main() -> ExitCode {
    let args = Args::parse().check().unwrap_or_else(|wrong| wrong.exit());
    match serve(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("ollama-sim: {error:#}"));
            ExitCode::from(1)
        }
    }
}

fn serve(args: &Args) -> Result<()> {
    if args.exit_with_parent {
        let signal = Some(rustix::process::Signal::TERM);
        rustix::process::set_parent_process_death_signal(signal)
            .context("cannot tie itself to its parent process")?;
    }
    if let Some(connections) = raise_open_files().filter(|&fit| fit < WANTED_CONNECTIONS) {
        output::say(&format!(
            "ollama-sim: at most {connections} connections at once, set by the hard limit of open files; raise it (ulimit -Hn) for more"
        ));
    }
    let listeners = args.listen.iter().map(|&addr| bind(addr)).collect::<Result<Vec<_>, _>>()?;
    for addr in args.listen.iter().filter(|addr| !addr.ip().is_loopback()) {
        output::say(&format!(
            "ollama-sim: WARNING: {addr} is not loopback: other machines can connect; use 127.0.0.1 unless they should"
        ));
    }
    let shutdown = Shutdown::new()?;
    let handle = shutdown.clone();
    ctrlc::set_handler(move || handle.trigger()).context("cannot handle SIGINT and SIGTERM")?;
    let config = args.config();
    let paced = config.pacing.ttft_ns > 0 || config.pacing.itl_ns > 0;
    let scheduling = if paced { Scheduling::for_pacing() } else { Scheduling::Normal };
    let listening = base_urls(&listeners)?;
    // All that it needs is open before anybody is told that it listens.
    let server = Server::open(listeners, config, &shutdown)?;
    let started = serde_json::json!({
        "listening": listening,
        "version": VERSION,
        "scheduling": scheduling.to_string(),
    });
    print_line(&started.to_string())?;
    let report = server.serve()?;
    print_line(&report.to_json())
}

/// Prints and flushes: the driver waits for the line.
fn print_line(line: &str) -> Result<()> {
    Ok(output::print(&format!("{line}\n"))?)
}
