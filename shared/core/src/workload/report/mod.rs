//! Workload `report`: the published study's agent. It reads a folder of CSV, JSON and Markdown files, asks for an
//! analysis of what it found, parses the answer, asks for a report from it, and keeps the report.
//!
//! ```text
//! folder -> contents -> inventory -> summary -> prompt -> [analysis] -> heading, analysis -> prompt -> [report] -> document -> keep
//! ```
//!
//! All of that is the agent's time, and `local_ns` is the part of it outside the two calls in brackets.

mod analysis;
mod contents;
mod document;
mod folder;
mod heading;
mod inventory;
mod keep;
mod prompt;
mod summary;
mod text;

use super::{AgentPlan, OwnWork, Workload};
use crate::crew::{Done, Errand};
use crate::exchange::{Protocol, Session};
use crate::http::Client;
use crate::wire::{self, PromptRequest, Recorder};
use crate::{Runtime, now_ns};
use analysis::Analysis;
use document::Document;
use inventory::Inventory;
use jiff::Timestamp;
use keep::Keep;
use std::path::Path;
use std::sync::Arc;
use summary::summary;
use tandem_records::{Cache, Phase, ServerKind, Stage, TrialSpec};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What agents of this workload are told beside their plan.
pub(crate) struct Report {
    files: Arc<Path>,
    keep: Option<Keep>,
    /// Run, trial and attempt, for the kept reports.
    place: String,
}

impl Report {
    /// Reads the specification and makes the folder for the reports.
    ///
    /// # Errors
    /// What is wrong with it, as one line.
    pub fn of(spec: &TrialSpec) -> Result<Report, String> {
        let files = spec.files.as_deref().ok_or(
            "--workload report needs --files DIR, the folder that its agents read; data/sample is a small one",
        )?;
        let named = files.display();
        if !files.is_dir() {
            let what = if files.exists() { "not a folder" } else { "no such folder" };
            return Err(format!("--files {named}: {what}; name the folder that the agents read"));
        }
        if spec.cache == Cache::Warm && spec.server_kind != ServerKind::Sim {
            return Err("--workload report needs --cache cold: its second prompt depends on the first answer, so that \
                        no priming can know it"
                .into());
        }
        let keep = spec.reports.as_deref().map(|folder| Keep::of(spec, folder, files)).transpose()?;
        let place = format!("run {}, trial {}, attempt {}", spec.run_id, spec.trial, spec.attempt);
        Ok(Report { files: files.into(), keep, place })
    }
}

/// An agent's work in one phase, with the memory for its responses.
pub(crate) struct Prepared {
    agent: Arc<AgentPlan>,
    protocol: Protocol,
    limit: Option<u32>,
    files: Arc<Path>,
    /// Where the report goes and what it says of its place; `None` where none is kept.
    keep: Option<(Box<Path>, String)>,
    analysis: Call,
    report: Call,
}

/// What a call needs beside its prompt.
struct Call {
    opening: String,
    seed: u32,
    recorder: Recorder,
}

impl Workload for Report {
    const FIRST_STAGE: Stage = Stage::Analysis;
    type Prepared = Prepared;

    fn prepare(&self, errand: &Errand, protocol: Protocol) -> Prepared {
        let agent = &errand.agent;
        let call = |number: u32| Call {
            opening: agent.opening(errand.phase, number),
            seed: seed(agent.seed, number),
            recorder: Recorder::with_capacity(errand.tokens as usize),
        };
        // A warm-up reads and asks so that code, page cache and connections are warm; its answers are no reports.
        let keep = self.keep.as_ref().filter(|_| errand.phase != Phase::Warmup).map(|keep| {
            let path = keep.path(errand.phase, agent.index).into_boxed_path();
            (path, format!("{}, phase {:?}", self.place, errand.phase).to_lowercase())
        });
        Prepared {
            agent: agent.clone(),
            protocol,
            limit: errand.limit(),
            files: self.files.clone(),
            keep,
            analysis: call(0),
            report: call(1),
        }
    }

    async fn run<R: Runtime, C: Client<R>>(session: &mut Session<R, C>, work: Prepared) -> Done {
        let Prepared { agent, protocol, limit, files, keep, analysis, report } = work;
        let request = |prompt, seed| PromptRequest {
            model: &agent.model,
            prompt,
            limit,
            seed,
            options: &agent.options,
            leave_out: &agent.leave_out,
        };
        let mut own = Stopwatch::started();

        let inventory = R::unblock(move || Inventory::of(&files)).await;
        let data = summary(&inventory);
        let prompt = prompt::analysis(&analysis.opening, agent.role, &data);
        let body = wire::body(protocol.api, protocol.endpoint, &request(&prompt, analysis.seed));
        own.pause();
        let first = session.exchange(Stage::Analysis, body, analysis.recorder).await;
        own.resume();

        let mut done = Done::default();
        let mut structured = None;
        if first.error.is_none() {
            let parsed = Analysis::of(&first.recorder.answer);
            structured = Some(parsed.structured);
            let prompt = prompt::report(&report.opening, agent.role, &data, &parsed);
            let request = request(&prompt, report.seed);
            let body = wire::body(protocol.api, protocol.endpoint, &request);
            own.pause();
            let second = session.exchange(Stage::Report, body, report.recorder).await;
            own.resume();

            if let Some((path, place)) = keep.filter(|_| second.error.is_none()) {
                let document = Document {
                    agent: &agent,
                    place: &place,
                    options: &wire::options(protocol.api, &request),
                    written: Timestamp::now(),
                    inventory: &inventory,
                    analysis: &parsed,
                    answer: &second.recorder.answer,
                };
                let text = document.markdown();
                done.failure = R::unblock(move || keep::write(&path, &text)).await.err();
            }
            done.exchanges = vec![first, second];
        } else {
            // There is nothing to report on: the agent's status is that of its first call.
            done.exchanges = vec![first];
        }
        done.own = Some(OwnWork {
            local_ns: own.total_ns(),
            files_read: inventory.files.len() as u32,
            files_skipped: inventory.skipped.len() as u32,
            structured,
        });
        done
    }
}

/// Seed of a call: the agent's own, and for a second call one derived from it, so that a server that repeats itself
/// for a seed does not repeat the analysis.
fn seed(agent: u32, call: u32) -> u32 {
    match call {
        0 => agent,
        // 31 bits: servers read the seed as a signed 32-bit number.
        call => (xxh3_64_with_seed(&call.to_le_bytes(), agent.into()) >> 33) as u32,
    }
}

/// Adds up the time between its starts and pauses.
struct Stopwatch {
    /// `None` while it is paused.
    since_ns: Option<u64>,
    sum_ns: u64,
}

impl Stopwatch {
    fn started() -> Self {
        Stopwatch { since_ns: Some(now_ns()), sum_ns: 0 }
    }

    fn pause(&mut self) {
        if let Some(since_ns) = self.since_ns.take() {
            self.sum_ns += now_ns() - since_ns;
        }
    }

    fn resume(&mut self) {
        self.since_ns = Some(now_ns());
    }

    fn total_ns(mut self) -> u64 {
        self.pause();
        self.sum_ns
    }
}

#[cfg(test)]
mod tests;
