//! In what else the runs differ, as their manifests tell it: what a change may come from.

use crate::load::Run;
use crate::report::format;
use std::collections::BTreeSet;
use tandem_records::{Manifest, ServerRecord};

/// What a difference belongs to. A change between two runs can be attributed only where one of them differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The machine.
    Machine,
    /// The project's own source.
    Source,
    /// Runtimes, clients and other libraries.
    Libraries,
    /// The servers.
    Servers,
    /// How much was measured, when, in which order.
    Occasion,
}

impl Cause {
    /// Its name in running text.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Machine => "the machine",
            Cause::Source => "the source",
            Cause::Libraries => "the libraries",
            Cause::Servers => "the servers",
            Cause::Occasion => "the occasion",
        }
    }
}

/// One thing in which the runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it belongs to.
    pub cause: Cause,
    /// What it is.
    pub what: String,
    /// In A.
    pub before: String,
    /// In B.
    pub after: String,
}

/// Everything that differs, grouped by what it belongs to.
pub(super) fn differing(before: &Run, after: &Run) -> Vec<Difference> {
    let told = |run: &Run| [machine(run), source(run), libraries(run), servers(run), occasion(run)].concat();
    let (a, b) = (told(before), told(after));
    let mut found = Vec::new();
    for (cause, what, here) in &a {
        let there = b.iter().find(|(_, name, _)| name == what).map_or("not told", |(.., value)| value);
        if here != there {
            let (what, before, after) = (what.clone(), here.clone(), there.to_owned());
            found.push(Difference { cause: *cause, what, before, after });
        }
    }
    let new = b.into_iter().filter(|(_, what, _)| !a.iter().any(|(_, name, _)| name == what));
    found.extend(new.map(|(cause, what, after)| Difference {
        cause,
        what,
        before: "not told".to_owned(),
        after,
    }));
    found.sort_by_key(|difference| difference.cause);
    found
}

/// What a change may be attributed to, as one sentence.
pub(super) fn attribution(differences: &[Difference], before: &Manifest, after: &Manifest) -> String {
    let causes: BTreeSet<Cause> =
        differences.iter().map(|d| d.cause).filter(|cause| *cause != Cause::Occasion).collect();
    let names: Vec<String> = causes.iter().map(|cause| cause.as_str().to_owned()).collect();
    let mut text = match names.as_slice() {
        [] => "The manifests name nothing that differs but the occasion, which every two runs differ in: a change \
               comes from the moment, or from what no manifest tells."
            .to_owned(),
        [one] => format!(
            "Beside the occasion, which every two runs differ in, only {one} {verb} ({}).",
            whats(differences, *causes.first().unwrap_or(&Cause::Occasion)),
            verb = if one.ends_with('s') { "differ" } else { "differs" },
        ),
        several => format!(
            "{} differ at once, so no change can be attributed to one of them.",
            capitalised(&format::listed(several)),
        ),
    };
    if [before, after].iter().any(|manifest| manifest.git_revision.ends_with("-dirty")) {
        text += " At least one run was built from source with uncommitted changes, which its revision does not name.";
    }
    text
}

fn whats(differences: &[Difference], cause: Cause) -> String {
    let whats = differences.iter().filter(|d| d.cause == cause).map(|d| d.what.clone());
    format::listed(&whats.collect::<Vec<_>>())
}

fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or(String::new(), |first| first.to_uppercase().chain(rest).collect())
}

type Told = (Cause, String, String);

fn row<T: ToString>(cause: Cause, what: &str, value: Option<T>) -> Told {
    (cause, what.to_owned(), value.map_or_else(|| "not told".to_owned(), |value| value.to_string()))
}

fn machine(run: &Run) -> Vec<Told> {
    let machine = &run.manifest.machine;
    let text = |what, value: &Option<String>| row(Cause::Machine, what, value.as_ref());
    let memory = machine.memory_bytes.map(|b| format!("{:.1} GiB", b as f64 / (1u64 << 30) as f64));
    vec![
        row(Cause::Machine, "kernel", Some(&machine.kernel)),
        text("CPU", &machine.cpu),
        row(Cause::Machine, "logical CPUs", Some(machine.cpus)),
        text("governor", &machine.governor),
        text("memory", &memory),
        text("virtual machine or container", &machine.virtualisation),
        text("clock source", &machine.clock_source),
        row(Cause::Machine, "largest number of open files", machine.max_open_files),
    ]
}

fn source(run: &Run) -> Vec<Told> {
    let revision = Some(&run.manifest.git_revision).filter(|revision| !revision.is_empty());
    vec![row(Cause::Source, "revision", revision)]
}

/// Receipts without their revision, which is that of the source.
fn libraries(run: &Run) -> Vec<Told> {
    let receipt = |version: &str| {
        let lines = version.lines().map(str::trim).filter(|line| !line.starts_with("revision:"));
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
    };
    let arms = run.manifest.arms.iter();
    let receipts = arms
        .map(|arm| row(Cause::Libraries, &format!("receipt of {}", arm.arm), Some(receipt(&arm.version))));
    [row(Cause::Libraries, "lock file", Some(&run.manifest.lock_file_hash))]
        .into_iter()
        .chain(receipts)
        .collect()
}

fn servers(run: &Run) -> Vec<Told> {
    let of = |value: fn(&ServerRecord) -> Option<&String>| {
        let values: BTreeSet<&String> = run.manifest.servers.iter().filter_map(value).collect();
        let values: Vec<&str> = values.into_iter().map(String::as_str).collect();
        Some(values.join(", ")).filter(|text| !text.is_empty())
    };
    vec![
        row(Cause::Servers, "versions of the servers", of(|server| server.version.as_ref())),
        row(Cause::Servers, "digests of the models", of(|server| server.model_digest.as_ref())),
        (Cause::Servers, "addresses of the servers".to_owned(), of(lasting_url).unwrap_or_default()),
    ]
}

/// A simulator's port is chosen by the system.
fn lasting_url(server: &ServerRecord) -> Option<&String> {
    server.command.is_empty().then_some(&server.url)
}

fn occasion(run: &Run) -> Vec<Told> {
    let manifest = &run.manifest;
    let occasion = |what, value: String| row(Cause::Occasion, what, Some(value));
    let load = manifest.machine.load_1m.map(|load| format::fixed(load, 2));
    vec![
        occasion("made (UTC)", manifest.created_utc.clone()),
        occasion("command", manifest.command.clone()),
        occasion("plan", manifest.plan.name.clone()),
        occasion("seed of order and work", manifest.seed.to_string()),
        occasion("blocks planned", manifest.blocks.to_string()),
        row(Cause::Occasion, "load before the first trial", load),
    ]
}
