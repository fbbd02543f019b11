//! What stands before the first trial: arms and servers checked, a new run's manifest made, an old one's compared.

use crate::builds::Builds;
use crate::enough_blocks::primary_cell;
use crate::interrupt::Interrupt;
use crate::plan::SetFile;
use crate::run::command_line;
use crate::servers::Fleet;
use crate::settings::Settings;
use crate::target::Target;
use crate::terminal::{say, tell};
use crate::{Args, SweepError, arms, calibration, machine, provenance};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tandem_records::{ArmReceipt, Manifest, PlanRef, RequestField, SCHEMA_VERSION, ServerRecord};

/// What stands when a sitting begins.
pub(crate) struct Begun {
    pub fleet: Fleet,
    pub builds: Builds,
    /// Of a new run.
    pub manifest: Option<Manifest>,
}

/// Checks arms and servers; a new run gets its manifest.
pub(crate) fn begin(
    args: &Args,
    settings: &mut Settings,
    interrupt: &Interrupt,
) -> Result<Begun, SweepError> {
    let names: BTreeSet<&str> = settings.trials.iter().map(|trial| trial.row.runtime.as_str()).collect();
    let receipts = arms::receipts(&settings.bin_dir, &names, interrupt)?;
    for row in settings.trials.iter().map(|trial| &trial.row) {
        arms::check_client(&receipts, &row.runtime, row.client)?;
    }
    let builds = Builds::of(&settings.bin_dir, &receipts, args.mix_builds)?;
    if let Target::Real { urls, .. } = &settings.target {
        tell(&format!(
            "sweep checks {}; this takes longer where a model is loaded first",
            urls.join(" and ")
        ));
    }
    let fleet = Fleet::start(settings, settings.model.as_deref(), interrupt)?;
    let mut notes = fleet.notes().to_vec();
    if settings.resumed.is_none() {
        notes.extend(settings.suit_slots(|cell| fleet.slots(cell))?);
    }
    notes.iter().for_each(|note| say(&format!("note: {note}")));
    let servers = fleet.records(&settings.cells);
    let manifest = match &settings.resumed {
        Some(then) => {
            compare_with(then, &receipts, &servers, args.mix_builds)?;
            None
        }
        None => Some(Manifest { notes, ..manifest(args, settings, receipts, servers) }),
    };
    Ok(Begun { fleet, builds, manifest })
}

/// A run goes on with the same model, and with the same arms unless the user says that another build is as good.
fn compare_with(
    then: &Manifest,
    receipts: &[ArmReceipt],
    servers: &[ServerRecord],
    mix_builds: bool,
) -> Result<(), SweepError> {
    for now in servers {
        let before = then.servers.iter().find(|server| server.url == now.url && server.kind == now.kind);
        if let Some(before) = before {
            is_the_same(&then.run_id, before, now)?;
        }
    }
    let is_same = |now: &ArmReceipt, then: &ArmReceipt| {
        (&now.arm, &now.version) == (&then.arm, &then.version)
            && (then.hash.is_none() || now.hash == then.hash)
    };
    let anew = |receipt: &&ArmReceipt| !then.arms.iter().any(|then| is_same(receipt, then));
    let arms: Vec<&str> = receipts.iter().filter(anew).map(|receipt| receipt.arm.as_str()).collect();
    if arms.is_empty() {
        return Ok(());
    }
    let (arms, run) = (arms.join(", "), &then.run_id);
    if !mix_builds {
        return Err(SweepError::Usage(format!(
            "run {run} was begun with another build of {arms}: its blocks would compare two builds; start a new run, go back to \
             that build ({}), or say --mix-builds (make sweep MIX_BUILDS=1)",
            then.git_revision
        )));
    }
    say(&format!("warning: another build of {arms} than when run {run} began; its trials mix two builds"));
    Ok(())
}

/// A server that has another model, or refuses other fields, makes trials of another kind.
fn is_the_same(run: &str, before: &ServerRecord, now: &ServerRecord) -> Result<(), SweepError> {
    if before.model_digest != now.model_digest {
        return Err(SweepError::Usage(format!(
            "server {} has another {} than when run {run} began ({} now, {} then); start a new run",
            now.url,
            now.model,
            now.model_digest.as_deref().unwrap_or("no digest"),
            before.model_digest.as_deref().unwrap_or("no digest"),
        )));
    }
    if before.left_out != now.left_out {
        let names = |fields: &[RequestField]| {
            let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
            if names.is_empty() { "nothing".to_string() } else { names.join(", ") }
        };
        return Err(SweepError::Usage(format!(
            "requests to server {} would leave out {}, and left out {} when run {run} began; start a new run",
            now.url,
            names(&now.left_out),
            names(&before.left_out),
        )));
    }
    Ok(())
}

fn manifest(args: &Args, settings: &Settings, arms: Vec<ArmReceipt>, servers: Vec<ServerRecord>) -> Manifest {
    let file = &settings.plan.file;
    let is_measured = |set: &&SetFile| settings.cells.iter().any(|cell| cell.set.name == set.name);
    let sets = || file.sets.iter().filter(is_measured);
    let folder_name =
        settings.bin_dir.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    let machine = machine::describe();
    Manifest {
        schema_version: SCHEMA_VERSION,
        run_id: settings.id.clone(),
        created_utc: Timestamp::now().to_string(),
        command: command_line(&repeating_arguments(args, settings)),
        plan: PlanRef {
            name: settings.plan.name.clone(),
            description: file.description.clone(),
            sets: sets().map(|set| set.name.clone()).collect(),
            exploratory_sets: sets().filter(|set| set.exploratory).map(|set| set.name.clone()).collect(),
            primary_cell: primary_cell(&settings.cells, file).map(|cell| cell.name.clone()),
            full_scale: settings.full_scale,
            text: settings.plan.text.clone(),
        },
        seed: settings.seed,
        blocks: settings.cells.iter().map(|cell| cell.blocks).max().unwrap_or(0),
        trials: settings.trials.len() as u32,
        baseline: file.baseline.clone(),
        floor: file.floor.clone(),
        margin_efficiency: file.margin_efficiency,
        margin_log_time: file.margin_log_time,
        git_revision: provenance::git_revision(&settings.bin_dir),
        lock_file_hash: provenance::lock_file_hash(&settings.bin_dir),
        profile: arms::common_fact(&arms, "profile").map_or(folder_name, str::to_string),
        calibration: calibration::read(&args.calibration, &machine).ok(),
        machine,
        arms,
        servers,
        notes: Vec::new(),
    }
}

/// The command that makes this run again, free of this machine's folders.
fn repeating_arguments(args: &Args, settings: &Settings) -> Vec<String> {
    let plan = args.plan.clone().unwrap_or_else(|| settings.plan.name.clone());
    let mut line =
        vec!["sweep".to_string(), "--plan".into(), plan, "--servers".into(), settings.target.as_argument()];
    let mut add = |flag: &str, value: Option<String>| match value {
        // A model of such a name would be read as a flag.
        Some(value) if value.starts_with('-') => line.push(format!("{flag}={value}")),
        Some(value) => line.extend([flag.to_string(), value]),
        None => {}
    };
    add("--model", args.model.clone());
    add("--api", args.api.map(|api| api.to_string()));
    add("--blocks", args.blocks.map(|blocks| blocks.to_string()));
    add("--pin", args.pin.map(|pin| pin.to_string()));
    add("--seed", args.seed.map(|seed| seed.to_string()));
    line.extend(settings.full_scale.then(|| "--full-scale".to_string()));
    line.extend(settings.tokens.then(|| "--tokens".to_string()));
    line
}
