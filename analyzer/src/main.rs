//! `analyzer`: from the CSV files of a run to statistics, charts and a report.
//!
//! Exit codes: 0 ok; 1 internal error, or a claim that `selfcheck` found wrong; 2 usage, plan or file error. Errors are one line on standard error.

mod cli;

use analyzer::glossary;
use analyzer::report::{ReportError, ReportRequest};
use analyzer::selfcheck::{self, Effort, Table};
use analyzer::tr115::ImportRequest;
use clap::Parser;
use cli::{Cli, Command, ImportTr115Args, ReportArgs, SelfcheckArgs};
use std::io::Write;
use std::num::NonZeroUsize;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut claims_stand = true;
    let done = match Cli::parse().command {
        Command::Report(args) => report(args),
        Command::ImportTr115(args) => import_tr115(args),
        Command::Glossary { write: None } => Ok(tandem_records::glossary_tables()),
        Command::Glossary { write: Some(path) } => glossary::write(&path).map(|()| String::new()),
        Command::Selfcheck(args) => check_claims(&args).map(|(table, text)| {
            claims_stand = table.passed;
            text
        }),
    };
    match done {
        // A reader that closes the pipe early (`| head`) has seen what it wanted.
        Ok(text) => {
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
            if claims_stand { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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

/// The table, and what of it goes to standard output. Claims that fail are named on standard error.
fn check_claims(args: &SelfcheckArgs) -> Result<(Table, String), ReportError> {
    let mut effort = if args.long { Effort::LONG } else { Effort::SHORT };
    effort.data_sets = args.data_sets.unwrap_or(effort.data_sets);
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let table = selfcheck::check(effort, args.seed, threads)?;
    for failed in table.failed() {
        eprintln!("analyzer: claim fails: {} ({})", failed.what, failed.data);
    }
    let text = match &args.write {
        Some(path) => selfcheck::MARKS.write(path, &table.markdown()).map(|()| String::new())?,
        None if args.json => table.json(),
        None => table.text(),
    };
    Ok((table, text))
}
