//! `analyzer`: from the CSV files of a run to statistics, charts and a report.
//!
//! Exit codes: 0 ok; 1 internal error, a claim that `selfcheck` found wrong, or a known effect that `calibrate` did not recover; 2 usage, plan or file error; 5 relevant
//! regression or new failures (`compare --fail-on-regression`, after its full output). Errors are one line on standard error.

mod cli;

use analyzer::calibration::{self, CalibrateRequest};
use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{self, Settings};
use analyzer::compare::CompareRequest;
use analyzer::report::{ReportError, ReportRequest};
use analyzer::selfcheck::{self, Effort};
use analyzer::stats::bootstrap::Resampling;
use analyzer::tr115::ImportRequest;
use analyzer::{glossary, summary, tokens};
use clap::Parser;
use cli::{
    CalibrateArgs, Cli, Command, CompareArgs, ImportTr115Args, ReportArgs, SelfcheckArgs, StatsArgs,
    TokensArgs,
};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use tandem_records::output;

const INTERNAL: u8 = 1;
const CLAIM_FAILS: u8 = 1;
const USAGE: u8 = 2;
const REGRESSION: u8 = 5;

/// What a command has to say, and the exit code.
#[derive(Default)]
struct Done {
    /// For standard output.
    text: String,
    /// For standard error, after the text.
    lines: Vec<String>,
    code: u8,
}

impl From<String> for Done {
    fn from(text: String) -> Done {
        Done { text, ..Done::default() }
    }
}

fn main() -> ExitCode {
    let done = run(Cli::parse().command).unwrap_or_else(|error| Done {
        text: String::new(),
        lines: vec![error.to_string()],
        code: if error.is_users() { USAGE } else { INTERNAL },
    });
    let lost = output::print(&done.text).err().map(|error| error.to_string());
    for line in done.lines.iter().chain(&lost) {
        output::say(&format!("analyzer: {}", analyzer::report::plain(line)));
    }
    // Whoever asked for the text has not got it.
    ExitCode::from(if lost.is_some() { INTERNAL } else { done.code })
}

fn run(command: Command) -> Result<Done, ReportError> {
    match command {
        Command::Report(args) => report(args).map(Done::from),
        Command::Compare(args) => compare(args),
        Command::Stats(args) => stats(args),
        Command::ImportTr115(args) => import_tr115(args).map(Done::from),
        Command::Calibrate(args) => calibrate(args),
        Command::Selfcheck(args) => check_claims(&args),
        Command::Tokens(args) => show_tokens(&args),
        Command::Glossary { write: None } => Ok(Done::from(tandem_records::glossary_tables())),
        Command::Glossary { write: Some(path) } => glossary::write(&path).map(|()| Done::default()),
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
        slo_ttft_ms: args.slo_ttft_ms,
        slo_itl_ms: args.slo_itl_ms,
        hypotheses: args.hypotheses,
        command: args.command,
    })
}

fn compare(args: CompareArgs) -> Result<Done, ReportError> {
    let mut compared = analyzer::compare::compare(&CompareRequest {
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
    })?;
    let mut done = Done::from(compared.text);
    if args.fail_on_regression {
        done.lines.append(&mut compared.warnings);
        if let Some(worst) = compared.regression {
            done.lines.push(worst);
            done.code = REGRESSION;
        }
    }
    Ok(done)
}

fn stats(args: StatsArgs) -> Result<Done, ReportError> {
    let selection = Selection { value: args.value, group: args.group, block: args.block, by: args.by };
    let columns = columns::read(&args.file, &selection)?;
    if args.summary {
        let summaries = summary::summarise(columns, &selection)?;
        return Ok(Done::from(if args.json { summaries.json() } else { summaries.text() }));
    }
    let resampling = Resampling { resamples: args.resamples, seed: args.seed };
    let settings = Settings { baseline: args.baseline, margin: args.margin, resampling };
    let analysis = columns_stats::analyse(&columns, &selection, &settings)?;
    let text = if args.json { analysis.json() } else { analysis.text() };
    let lines = analysis.notes.iter().map(|note| format!("note: {note}")).collect();
    Ok(Done { text, lines, code: 0 })
}

fn import_tr115(args: ImportTr115Args) -> Result<String, ReportError> {
    analyzer::tr115::import(&ImportRequest { file: args.file, out: args.out, command: args.command })
}

/// What was recovered; effects that were not are named on standard error.
fn calibrate(args: CalibrateArgs) -> Result<Done, ReportError> {
    let found = calibration::calibrate(&CalibrateRequest {
        named: args.run,
        runs: args.runs_dir,
        costs: args.costs,
        write: args.write,
    })?;
    let lost = found.injected.iter().filter(|injected| !injected.is_recovered());
    let lines = lost
        .map(|injected| format!("not recovered: {}; repeat it on a quiet machine", injected.what))
        .collect();
    let code = if found.is_sound() { 0 } else { CLAIM_FAILS };
    Ok(Done { text: calibration::text(&found), lines, code })
}

/// The tokens go straight to standard output: they may be many. A file that does not read to its end is code 2.
fn show_tokens(args: &TokensArgs) -> Result<Done, ReportError> {
    let files = tokens::files(&args.named, &args.runs_dir)?;
    let (text, lines) = if args.csv {
        match tokens::csv(&files, std::io::stdout().lock()) {
            Err(error) if error.is_closed_pipe() => return Ok(Done::default()),
            told => (String::new(), told?),
        }
    } else {
        tokens::table(&files)
    };
    let code = if lines.is_empty() { 0 } else { USAGE };
    Ok(Done { text, lines, code })
}

/// The table of claims; those that fail are named on standard error.
fn check_claims(args: &SelfcheckArgs) -> Result<Done, ReportError> {
    let mut effort = if args.long { Effort::LONG } else { Effort::SHORT };
    effort.data_sets = args.data_sets.unwrap_or(effort.data_sets);
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let table = selfcheck::check(effort, args.seed, threads)?;
    let lines = table.failed().map(|claim| format!("claim fails: {} ({})", claim.what, claim.data)).collect();
    let code = if table.passed { 0 } else { CLAIM_FAILS };
    let text = match &args.write {
        Some(path) => selfcheck::MARKS.write(path, &table.markdown()).map(|()| String::new())?,
        None if args.json => table.json(),
        None => table.text(),
    };
    Ok(Done { text, lines, code })
}
