//! What is fuzzed: every input that comes from outside, each with a function that panics on what must not be.
//!
//! libFuzzer runs them without end (`make fuzz`), the tests run each on all seeds and some thousand changed ones.

#![allow(clippy::unwrap_used, reason = "a property that does not hold is a panic here")]

mod files;
mod seeds;
mod streams;

/// One input from outside.
pub struct Target {
    /// Name on the command line.
    pub name: &'static str,
    /// Panics where a property does not hold.
    pub run: fn(&[u8]),
    /// Good inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Changed seeds that the tests try: fewer where one takes long.
    pub tries: usize,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "ndjson", run: streams::ndjson, seeds: seeds::ndjson, tries: 4000 },
    Target { name: "sse", run: streams::sse, seeds: seeds::sse, tries: 4000 },
    Target { name: "chunked", run: streams::chunked, seeds: seeds::chunked, tries: 4000 },
    Target { name: "head", run: streams::head, seeds: seeds::heads, tries: 4000 },
    Target { name: "plan", run: files::plan, seeds: seeds::plans, tries: 1500 },
    Target { name: "fault", run: files::fault, seeds: seeds::faults, tries: 4000 },
    Target { name: "manifest", run: files::manifest, seeds: seeds::manifests, tries: 1000 },
    Target { name: "trials_csv", run: files::trials_csv, seeds: seeds::trials_csv, tries: 150 },
    Target { name: "any_csv", run: files::any_csv, seeds: seeds::any_csv, tries: 1500 },
    Target { name: "study_csv", run: files::study_csv, seeds: seeds::study_csv, tries: 300 },
    Target { name: "token_stamps", run: files::token_stamps, seeds: seeds::token_stamps, tries: 4000 },
];

/// Inputs that once failed: `regressions/TARGET-what`.
pub fn regressions(name: &str) -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/regressions");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_of = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&format!("{name}-")))
    };
    files.filter(is_of).map(|path| std::fs::read(path).unwrap()).collect()
}

/// The target of that name.
pub fn target(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target is called {name}"))
}
