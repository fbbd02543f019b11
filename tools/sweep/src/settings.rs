//! What a run is made of: from the command line for a new one, from its manifest for one that goes on.

use crate::placement::Placement;
use crate::plan::{Cell, Overrides, Plan, SimScale, cells, parse_plan};
use crate::run::{RunFolder, check_id, csv_bytes, new_id, read_manifest, unfinished};
use crate::schedule::{PlannedTrial, schedule};
use crate::servers::same_model;
use crate::target::Target;
use crate::{Args, SweepError, prompt_cache};
use anyhow::Context;
use std::path::PathBuf;
use tandem_records::{
    Api, Manifest, Pin, PlanRow, STAMPS_FOLDER, ServerKind, Table, files_needed, regular_file,
};

/// A run to be carried out.
pub(crate) struct Settings {
    pub id: String,
    pub plan: Plan,
    pub target: Target,
    pub model: Option<String>,
    pub seed: u64,
    /// Whether simulators that the plan scales down run in full.
    pub full_scale: bool,
    /// Whether the raw stamps of every token are kept.
    pub tokens: bool,
    pub cells: Vec<Cell>,
    pub trials: Vec<PlannedTrial>,
    /// The manifest of the run that goes on.
    pub resumed: Option<Manifest>,
    pub bin_dir: PathBuf,
    /// The two halves of the CPUs; `None` where there is only one.
    pub placement: Option<Placement>,
}

impl Settings {
    /// Reads the plan, or the run that goes on.
    ///
    /// # Errors
    /// Plan or command line are wrong, or do not fit the run.
    pub fn read(args: &Args) -> Result<Settings, SweepError> {
        if let Some(id) = &args.run {
            check_id(id)?;
            match read_manifest(&args.runs_dir.join(id))? {
                Some(manifest) => return Settings::of_run(args, id, manifest),
                None if args.plan.is_none() => return Err(no_such_run(args, id)),
                None => {}
            }
        }
        let plan = Plan::load(args.plan.as_deref().unwrap_or("quick"), &args.plans_dir)?;
        let id = args.run.clone().unwrap_or_else(|| new_id(&args.runs_dir, &plan.name));
        check_id(&id)?;
        let target =
            Target::parse(args.servers.as_deref().unwrap_or("sim"), args.api).map_err(SweepError::Usage)?;
        let seed = args.seed.unwrap_or(plan.file.seed);
        let full_scale = args.full_scale && is_scaled(&plan, &target);
        let overrides = Overrides { blocks: args.blocks, full_scale, pin: args.pin };
        let cells = expand(&plan, &target, overrides)?;
        let trials = schedule(&cells, &plan.file.baseline, seed, &id);
        Ok(Settings {
            id,
            plan,
            target,
            model: args.model.clone(),
            seed,
            full_scale,
            tokens: args.tokens,
            cells,
            trials,
            resumed: None,
            bin_dir: bin_dir(args)?,
            placement: Placement::of_machine(),
        })
    }

    fn of_run(args: &Args, id: &str, manifest: Manifest) -> Result<Settings, SweepError> {
        let refuse = |what: &str| {
            SweepError::Usage(format!(
                "run {id} {what}; leave that option out to go on with it, or name a new run"
            ))
        };
        let there = manifest.plan.name.clone();
        if let Some(asked) = &args.plan
            && Plan::load(asked, &args.plans_dir)?.text != manifest.plan.text
        {
            return Err(refuse(&format!(
                "was made from another plan ({there} as it was then), not from --plan {asked}"
            )));
        }
        let source = format!("plan {there} of run {id}");
        let file = parse_plan(&source, &manifest.plan.text)?;
        let plan = Plan { name: there, text: manifest.plan.text.clone(), file };

        let servers = servers_of(&manifest);
        if let Some(asked) = &args.servers {
            let asked = Target::parse(asked, None).map_err(SweepError::Usage)?.as_argument();
            if asked != servers {
                return Err(refuse(&format!("was measured on --servers {servers}, not on {asked}")));
            }
        }
        if let Some(asked) = args.seed.filter(|seed| *seed != manifest.seed) {
            return Err(refuse(&format!("has seed {}, not {asked}", manifest.seed)));
        }
        let full_scale = manifest.plan.full_scale;
        let target = Target::parse(&servers, None).map_err(SweepError::Usage)?;
        if args.full_scale && !full_scale && is_scaled(&plan, &target) {
            return Err(refuse("was measured on simulators scaled down, not with --full-scale"));
        }
        // The folder is made before the manifest, and stays.
        let tokens = args.runs_dir.join(id).join(STAMPS_FOLDER).is_dir();
        if args.tokens && !tokens {
            return Err(refuse("keeps no token stamps, --tokens asks for them"));
        }
        let model = manifest.servers.first().map(|server| server.model.clone());
        if let (Some(asked), Some(model)) = (&args.model, &model)
            && !same_model(asked, model)
        {
            return Err(refuse(&format!("measured model {model}, not {asked}")));
        }

        // Whether blocks, placement and dialect came from the plan or the command line shows in plan.csv.
        let written = regular_file::read(&args.runs_dir.join(id).join(PlanRow::FILE)).map_err(|e| {
            SweepError::Usage(format!("plan.csv of run {id} does not read: {e}; start a new run"))
        })?;
        let rows: Vec<PlanRow> =
            csv::Reader::from_reader(written.as_slice()).deserialize().filter_map(Result::ok).collect();
        let blocks = args.blocks.map_or(vec![None, Some(manifest.blocks)], |blocks| vec![Some(blocks)]);
        let apis = args.api.map_or(vec![None, Some(Api::Ollama), Some(Api::Openai)], |api| vec![Some(api)]);
        let pins = args.pin.map_or(vec![None, Some(Pin::None), Some(Pin::Apart)], |pin| vec![Some(pin)]);
        for &api in &apis {
            let target = Target::parse(&servers, api).map_err(SweepError::Usage)?;
            for (&blocks, &pin) in blocks.iter().flat_map(|blocks| pins.iter().map(move |pin| (blocks, pin)))
            {
                let overrides = Overrides { blocks, full_scale, pin };
                let mut cells = expand(&plan, &target, overrides)?;
                prompt_cache::as_written(&mut cells, &rows);
                let trials = schedule(&cells, &plan.file.baseline, manifest.seed, id);
                if plan_csv(&trials)? == written {
                    let (seed, bin_dir, id) = (manifest.seed, bin_dir(args)?, id.to_string());
                    return Ok(Settings {
                        id,
                        plan,
                        target,
                        model,
                        seed,
                        full_scale,
                        tokens,
                        cells,
                        trials,
                        resumed: Some(manifest),
                        bin_dir,
                        placement: Placement::of_machine(),
                    });
                }
            }
        }
        Err(refuse("has another plan.csv than its plan gives with these options or this version of sweep"))
    }

    /// Checks that the folders are there that agents are to read.
    ///
    /// # Errors
    /// One is not; the message names the set and its key.
    pub fn check_files(&self) -> Result<(), SweepError> {
        let missing = |cell: &Cell| {
            let folder = cell.files().filter(|folder| !folder.is_dir())?;
            Some(SweepError::Usage(format!(
                "plan {}: set {}: files: there is no folder {}; name one that exists, as seen from the working folder",
                self.plan.name,
                cell.set.name,
                folder.display()
            )))
        };
        self.cells.iter().find_map(missing).map_or(Ok(()), Err)?;
        // Their contents go to the servers: a plan from elsewhere must not choose what of this machine.
        let here = std::fs::canonicalize(".").context("the working folder")?;
        let outside = |cell: &Cell| {
            let folder = cell.files()?;
            let is_inside = std::fs::canonicalize(folder).is_ok_and(|folder| folder.starts_with(&here));
            (!is_inside).then(|| {
                SweepError::Usage(format!(
                    "plan {}: set {}: files: {} lies outside the working folder {}; copy what is to be read into a folder below it",
                    self.plan.name,
                    cell.set.name,
                    folder.display(),
                    here.display()
                ))
            })
        };
        self.cells.iter().find_map(outside).map_or(Ok(()), Err)
    }

    /// Checks that the machine can do what the plan asks of it: set arms and servers apart, and open so many streams under
    /// this limit of open files.
    ///
    /// # Errors
    /// There is only one CPU, or there are more agents than files; the message says how many fit.
    pub fn check_machine(&self, open_files: Option<u64>) -> Result<(), SweepError> {
        let wrong = |cell: &Cell, what: &str| {
            SweepError::Usage(format!("plan {}: set {}: {what}", self.plan.name, cell.set.name))
        };
        let pinned = self.cells.iter().find(|cell| cell.pin == Pin::Apart);
        if let (Some(cell), None) = (pinned, &self.placement) {
            let what = "pin: apart needs two CPUs, this process may use one; allow it more, or --pin none";
            return Err(wrong(cell, what));
        }
        let most = self.cells.iter().max_by_key(|cell| cell.agents);
        if let (Some(cell), Some(limit)) = (most, open_files)
            && files_needed(cell.agents) > limit
        {
            let (agents, needed) = (cell.agents, files_needed(cell.agents));
            let fit = limit.saturating_sub(files_needed(0));
            return Err(wrong(
                cell,
                &format!(
                    "agents: {agents} need {needed} open files, the limit is {limit}: {fit} agents fit; raise the hard limit (ulimit -Hn) or take that level out of the plan"
                ),
            ));
        }
        Ok(())
    }

    /// Suits the cells of a new run to the slots of its servers, and plans its trials anew. Returns a sentence for each cell
    /// that changed.
    ///
    /// # Errors
    /// The plan asks for what these servers cannot give.
    pub fn suit_slots(&mut self, slots: impl Fn(&Cell) -> Option<u32>) -> Result<Vec<String>, SweepError> {
        let notes = prompt_cache::suit_slots(&mut self.cells, slots)?;
        self.trials = schedule(&self.cells, &self.plan.file.baseline, self.seed, &self.id);
        Ok(notes)
    }

    /// Locks the run's folder, or the place where a new one begins.
    ///
    /// # Errors
    /// Another driver holds it.
    pub fn lock(&self, args: &Args) -> Result<RunFolder, SweepError> {
        match self.resumed {
            Some(_) => RunFolder::of_run(&args.runs_dir, &self.id),
            None => RunFolder::to_begin(&args.runs_dir, &self.id),
        }
    }
}

/// A run goes on by its name alone, and begins with its plan: so a mistyped name begins nothing.
fn no_such_run(args: &Args, id: &str) -> SweepError {
    let there = match unfinished(&args.runs_dir, None) {
        runs if runs.is_empty() => "none can go on".to_string(),
        runs => format!("those that can go on: {}", runs.join(", ")),
    };
    SweepError::Usage(format!(
        "there is no run {id} in {}; {there}; to begin a run of this name, name its plan, too: make sweep PLAN=quick RUN={id}",
        args.runs_dir.display()
    ))
}

/// The bytes of plan.csv.
pub(crate) fn plan_csv(trials: &[PlannedTrial]) -> anyhow::Result<Vec<u8>> {
    let rows: Vec<PlanRow> = trials.iter().map(|trial| trial.row.clone()).collect();
    csv_bytes(&rows, true)
}

fn expand(plan: &Plan, target: &Target, overrides: Overrides) -> Result<Vec<Cell>, SweepError> {
    cells(&plan.file, target, overrides).map_err(|e| SweepError::Usage(format!("plan {}: {e}", plan.name)))
}

/// Whether the plan makes these servers shorter than it says: only simulators can be.
fn is_scaled(plan: &Plan, target: &Target) -> bool {
    plan.file.scale_on(target, false) != SimScale::FULL
}

/// The value of `--servers` that a run was made with.
fn servers_of(manifest: &Manifest) -> String {
    if manifest.servers.iter().any(|server| server.kind == ServerKind::Sim) {
        return "sim".to_string();
    }
    let mut urls: Vec<String> = Vec::new();
    for server in &manifest.servers {
        if !urls.contains(&server.url) {
            urls.push(server.url.clone());
        }
    }
    Target::Real { urls, api: None }.as_argument()
}

/// `--bin-dir`, or the folder of this program.
fn bin_dir(args: &Args) -> Result<PathBuf, SweepError> {
    if let Some(folder) = &args.bin_dir {
        return Ok(folder.clone());
    }
    let program = std::env::current_exe()
        .map_err(|e| SweepError::Usage(format!("{e}; name the arms' folder with --bin-dir")))?;
    Ok(program.parent().map(PathBuf::from).unwrap_or_default())
}
