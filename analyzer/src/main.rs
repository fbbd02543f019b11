//! `analyzer`: from the CSV files of a run to statistics, charts and a report.
//!
//! Exit codes: 0 ok; 1 internal error; 2 usage, plan or file error; 5 relevant regression
//! (`compare --fail-on-regression`, after its full output). Errors are one line on standard error.

mod cli;

use analyzer::compare::CompareRequest;
use analyzer::glossary;
use analyzer::report::{ReportError, ReportRequest};
use analyzer::tr115::ImportRequest;
use clap::Parser;
use cli::{Cli, Command, CompareArgs, ImportTr115Args, ReportArgs};
use std::io::Write;
use std::process::ExitCode;

/// Exit code of a relevant regression.
const REGRESSION: u8 = 5;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Report(args) => report(args),
        Command::Compare(args) => return compare(args),
        Command::ImportTr115(args) => import_tr115(args),
        Command::Glossary { write: None } => Ok(tandem_records::glossary_tables()),
        Command::Glossary { write: Some(path) } => glossary::write(&path).map(|()| String::new()),
    };
    match done {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

/// A reader that closes the pipe early (`| head`) has seen what it wanted.
fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

fn complain(line: &str) {
    eprintln!("analyzer: {}", analyzer::report::plain(line));
}

fn failed(error: &ReportError) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(if error.is_users() { 2 } else { 1 })
}

fn compare(args: CompareArgs) -> ExitCode {
    let request = CompareRequest {
        before: args.before,
        after: args.after,
        runs: args.runs_dir,
        out: args.out,
        margin: args.margin,
        margin_log_time: args.margin_log_time,
        quantities: args.quantities,
        allow_different: args.allow_different,
        json: args.json,
        command: args.command,
    };
    let done = match analyzer::compare::compare(&request) {
        Ok(done) => done,
        Err(error) => return failed(&error),
    };
    print(&done.text);
    if !args.fail_on_regression {
        return ExitCode::SUCCESS;
    }
    done.warnings.iter().for_each(|line| complain(line));
    done.regression.map_or(ExitCode::SUCCESS, |line| {
        complain(&line);
        ExitCode::from(REGRESSION)
    })
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
