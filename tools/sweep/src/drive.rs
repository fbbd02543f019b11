//! A run from its first line to its last.

use crate::announce::{Summary, dry_run, first_line, time_line};
use crate::begin::{Begun, begin};
use crate::builds::Builds;
use crate::error::EXIT_INTERRUPTED;
use crate::estimate::{soloists, trial_time};
use crate::interrupt::Interrupt;
use crate::outcome::{micro_rows, outcome_of, trial_row};
use crate::progress::Progress;
use crate::run::{
    Attempt, CommitError, Done, RUN_VARIABLE, RunLog, end_leftover_trials, mark_of, repair, unfinished,
};
use crate::schedule::{PlannedTrial, REPORTS_FOLDER};
use crate::servers::{Fleet, ollama_answers};
use crate::settings::{Settings, plan_csv};
use crate::target::Target;
use crate::terminal::{say, tell, tell_all};
use crate::warnings::warn;
use crate::{Args, SweepError, arms, calibration, footprint, machine, process};
use anyhow::Context;
use jiff::Timestamp;
use std::path::Path;
use std::time::{Duration, Instant};
use tandem_records::{API_KEY_VARIABLE, Api, Client, STAMPS_FOLDER, Status, Workload, stamps_file};

/// Exit code of a finished run with failed trials.
const EXIT_FAILED_TRIALS: u8 = 4;
/// What a trial may take on top of what its requests may.
const SPARE: Duration = Duration::from_secs(30);

/// Carries out a plan, or goes on with a run. Returns the exit code: 0, 4 or 130.
///
/// # Errors
/// Nothing could be measured; [`SweepError::exit_code`] tells which kind of reason.
pub fn sweep(args: &Args) -> Result<u8, SweepError> {
    let began = Instant::now();
    let mut settings = Settings::read(args)?;
    tell(&first_line(&settings, matches!(settings.target, Target::Sim { .. }) && ollama_answers()));
    if args.dry_run {
        tell_all(dry_run(&settings).lines())?;
        warn(&settings, None);
        return Ok(0);
    }
    settings.check_files()?;
    settings.check_machine(machine::raise_open_files())?;
    let interrupt = Interrupt::new()?;
    interrupt.on_signals()?;
    let mut folder = settings.lock(args)?;
    let mut done = Done::default();
    if settings.resumed.is_some() {
        end_leftover_trials(&folder.path);
        let repaired = repair(&folder.path, &settings.trials)?;
        repaired.notes.iter().for_each(|note| say(&format!("note: {note}")));
        done = repaired.done;
    } else {
        hint_at_unfinished(args, &settings);
    }
    let Begun { fleet, builds, manifest } = begin(args, &mut settings, &interrupt)?;
    if interrupt.is_raised() {
        return Err(SweepError::Interrupted);
    }
    if settings.tokens {
        folder.make(STAMPS_FOLDER)?;
    }
    if let Some(manifest) = &manifest {
        folder.begin(&plan_csv(&settings.trials)?, manifest)?;
    }
    if settings.cells.iter().any(|cell| cell.set.workload == Workload::Report) {
        folder.make(REPORTS_FOLDER)?;
    }
    let has_micro = settings.cells.iter().any(|cell| cell.set.workload.is_micro());
    let log = RunLog::open(&folder.path, has_micro)?;
    if let Some(line) = time_line(&settings, &fleet) {
        tell(&line);
    }
    warn(&settings, Some(&fleet));
    warn_of_calibration(args, &settings);
    let session = Session {
        args,
        settings: &settings,
        folder: &folder.path,
        mark: mark_of(&folder.path).context("the run's folder")?,
        interrupt,
        fleet,
        builds,
        log,
        done,
        in_trials: Duration::ZERO,
    };
    session.carry_out(began)
}

/// A name that begins a run may have been meant to go on with one.
fn hint_at_unfinished(args: &Args, settings: &Settings) {
    let Some(id) = &args.run else { return };
    let there = unfinished(&args.runs_dir, Some(&settings.plan.name));
    if let Some(newest) = there.first() {
        say(&format!(
            "note: run {id} is new; of this plan these can go on: {} (make sweep RUN={newest})",
            there.join(", ")
        ));
    }
}

/// What the calibration of this machine, or its absence, means for a new run.
fn warn_of_calibration(args: &Args, settings: &Settings) {
    if settings.resumed.is_none() {
        let found = calibration::read(&args.calibration, &machine::describe());
        calibration::warnings(&found, &settings.plan.name, &settings.cells).iter().for_each(|line| say(line));
    }
}

/// One sitting of a driver over a run.
struct Session<'a> {
    args: &'a Args,
    settings: &'a Settings,
    folder: &'a Path,
    /// Says in an arm's environment whose it is.
    mark: String,
    interrupt: Interrupt,
    fleet: Fleet,
    builds: Builds,
    log: RunLog,
    done: Done,
    in_trials: Duration,
}

impl Session<'_> {
    fn carry_out(mut self, began: Instant) -> Result<u8, SweepError> {
        let is_open = |trial: &&PlannedTrial| {
            self.done.last_attempt(trial.row.trial).is_none_or(|(_, status)| !status.is_ok())
        };
        let open: Vec<&PlannedTrial> = self.settings.trials.iter().filter(is_open).collect();
        let mut progress = Progress::new(&open, |trial| self.fleet.trial_time(trial));
        let mut before: Option<&PlannedTrial> = None;
        for trial in open {
            if self.interrupt.is_raised() {
                break;
            }
            if before.is_some_and(|before| before.row.block != trial.row.block) {
                self.note_footprint(before)?;
            }
            before = Some(trial);
            progress.begins(trial);
            let (status, error) = self.attempt(trial)?;
            if !status.is_ok() {
                let row = &trial.row;
                progress.say(&format!("trial {} ({} {}) {status}: {error}", row.trial, row.cell, row.arm));
            }
            progress.ends(trial, status.is_ok());
        }
        progress.finish();
        self.note_footprint(before)?;
        self.log.check()?;
        let Session { settings, folder: path, interrupt, fleet, log, done, in_trials, .. } = self;
        drop((fleet, log));
        let (interrupted, failed) = (interrupt.is_raised(), done.count(|status| !status.is_ok()));
        let summary = Summary {
            ok: done.count(Status::is_ok),
            failed,
            planned: settings.trials.len(),
            wall: began.elapsed(),
            in_trials,
            path,
            id: &settings.id,
            interrupted,
        };
        tell(&summary.to_string());
        Ok(match (interrupted, failed) {
            (true, _) => EXIT_INTERRUPTED,
            (false, 0) => 0,
            (false, _) => EXIT_FAILED_TRIALS,
        })
    }

    /// Notes what driver and simulators hold after a trial, between two.
    fn note_footprint(&mut self, after: Option<&PlannedTrial>) -> Result<(), SweepError> {
        let Some(trial) = after else { return Ok(()) };
        let rows = footprint::rows(&self.settings.id, trial.row.trial, self.fleet.simulators());
        Ok(self.log.note(&rows)?)
    }

    /// Runs one attempt of a trial and commits its rows.
    fn attempt(&mut self, trial: &PlannedTrial) -> Result<(Status, String), SweepError> {
        let attempt = self.done.last_attempt(trial.row.trial).map_or(1, |(attempt, _)| attempt + 1);
        let urls = self.fleet.before(trial)?;
        let mut spec = trial.spec(&urls, self.fleet.model(), attempt, self.folder);
        let refused = self.fleet.left_out(trial.cell.api);
        spec.leave_out.extend(refused.iter().filter(|field| !trial.cell.set.leave_out.contains(field)));
        // The arm in Python keeps none.
        let kept = self.settings.tokens && trial.row.client != Client::Httpx;
        spec.token_stamps =
            kept.then(|| self.folder.join(STAMPS_FOLDER).join(stamps_file(trial.row.trial, attempt)));
        let program = arms::find(&self.settings.bin_dir, &trial.row.runtime)?;
        self.builds.check(&program, &trial.row.runtime, trial.row.trial, &self.settings.id)?;
        let mut command = process::clean_command(&program);
        command.args(spec.to_args()).env(RUN_VARIABLE, &self.mark);
        // Of all children only an arm that asks such servers needs it.
        if let (Api::Openai, Some(key)) = (spec.api, std::env::var_os(API_KEY_VARIABLE)) {
            command.env(API_KEY_VARIABLE, key);
        }
        let limit = self.args.trial_timeout_s.map_or_else(|| trial_limit(trial), Duration::from_secs);
        let started_utc = Timestamp::now().to_string();
        let cpus = self.settings.placement.as_ref().and_then(|halves| halves.of_arms(trial.cell.pin));
        let ended = process::run(command, cpus, limit, &self.interrupt)?;
        self.in_trials += ended.wall;
        let outcome = outcome_of(trial, attempt, &ended, limit);
        let seen = match outcome.status {
            Status::Aborted => crate::servers::Seen::default(),
            _ => self.fleet.after(trial, outcome.report.as_ref())?,
        };
        let row = trial_row(trial, attempt, started_utc, ended.wall, &outcome, &seen);
        let micro = micro_rows(trial, attempt, outcome.report.as_ref());
        let (agents, requests) =
            outcome.report.map_or((Vec::new(), Vec::new()), |report| (report.agents, report.requests));
        let rows = Attempt { agents: &agents, requests: &requests, micro: &micro, trial: &row };
        self.log.commit(&rows).map_err(|error| match error {
            CommitError::Touched(error) => error,
            CommitError::Write(error) => error.context(format!(
                "trial {} is lost, those before it are whole; when the folder can be written again: make sweep RUN={}",
                row.trial, self.settings.id
            )),
        })?;
        self.done.note(row.trial, attempt, row.status);
        Ok((row.status, row.error))
    }
}

/// Time limit of a trial: generous where its length is known, all its requests' limits where it is not.
fn trial_limit(trial: &PlannedTrial) -> Duration {
    if let Some(time) = trial_time(trial) {
        return SPARE + time * 10;
    }
    let cell = &trial.cell;
    let waves = u64::from(cell.agents.div_ceil(cell.permits().max(1)));
    let solos = soloists(cell).len() as u64;
    // Warm-up and concurrent phase in waves, the solos one by one; each phase may be primed before.
    let requests = (3 * waves + 2 * solos) * u64::from(cell.calls());
    // Poisson starts may take longer than planned.
    SPARE + Duration::from_millis(trial.request_timeout_ms()) * requests as u32 + cell.starts_span() * 3
}
