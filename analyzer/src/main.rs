//! `analyzer`: from the CSV files of a run to statistics, charts and a report.
//!
//! Exit codes: 0 ok; 1 internal error; 2 usage, plan or file error. Errors are one line on standard error.

mod cli;

use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{self, Settings};
use analyzer::report::{ReportError, ReportRequest};
use analyzer::stats::bootstrap::Resampling;
use analyzer::tr115::ImportRequest;
use analyzer::{glossary, summary};
use clap::Parser;
use cli::{Cli, Command, ImportTr115Args, ReportArgs, StatsArgs};
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Report(args) => report(args),
        Command::ImportTr115(args) => import_tr115(args),
        Command::Stats(args) => stats(args),
        Command::Glossary { write: None } => Ok(tandem_records::glossary_tables()),
        Command::Glossary { write: Some(path) } => glossary::write(&path).map(|()| String::new()),
    };
    match done {
        // A reader that closes the pipe early (`| head`) has seen what it wanted.
        Ok(text) => {
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("analyzer: {}", analyzer::report::plain(&error.to_string()));
            ExitCode::from(if error.is_users() { 2 } else { 1 })
        }
    }
}

fn report(args: ReportArgs) -> Result<String, ReportError> {
    analyzer::report::report(&ReportRequest {
        named: args.path.or(args.run),
        runs: args.runs_dir,
        out: args.out,
        baseline: args.baseline,
        margin: args.margin,
        seed: args.seed,
        hypotheses: args.hypotheses,
        command: args.command,
    })
}

fn import_tr115(args: ImportTr115Args) -> Result<String, ReportError> {
    analyzer::tr115::import(&ImportRequest { file: args.file, out: args.out, command: args.command })
}

fn stats(args: StatsArgs) -> Result<String, ReportError> {
    let selection = Selection { value: args.value, group: args.group, block: args.block, by: args.by };
    let columns = columns::read(&args.file, &selection)?;
    if args.summary {
        let summaries = summary::summarise(columns, &selection)?;
        return Ok(if args.json { summaries.json() } else { summaries.text() });
    }
    let resampling = Resampling { resamples: args.resamples, seed: args.seed };
    let settings = Settings { baseline: args.baseline, margin: args.margin, resampling };
    let analysis = columns_stats::analyse(&columns, &selection, &settings)?;
    for note in &analysis.notes {
        eprintln!("analyzer: note: {note}");
    }
    Ok(if args.json { analysis.json() } else { analysis.text() })
}
