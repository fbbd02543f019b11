//! Two made-up runs compared, end to end and in their parts.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test")]

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "shared with other tests")]
mod common;

mod answers;
mod bad_input;
mod command;
mod gate;
mod hostile_text;
mod refusals;
mod values;

use analyzer::compare::{CompareRequest, Done, compare};
use analyzer::report::ReportError;
use common::{Recipe, Synthetic};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Two runs in folders of their own.
struct Pair {
    folder: tempfile::TempDir,
}

/// A made-up run; those of different seeds share plan and work and differ in id, noise and date.
fn run(seed: u64, recipe: Recipe) -> Synthetic {
    let mut run = Synthetic::make(&Recipe { seed, ..recipe });
    let id = format!("{}-{seed}", common::RUN_ID);
    run.plan.iter_mut().for_each(|row| row.run_id.clone_from(&id));
    run.trials.iter_mut().for_each(|row| row.run_id.clone_from(&id));
    run.agents.iter_mut().for_each(|row| row.run_id.clone_from(&id));
    run.requests.iter_mut().for_each(|row| row.run_id.clone_from(&id));
    run.manifest.run_id = id;
    run.manifest.created_utc = format!("2026-11-21T10:00:{:02}Z", seed % 60);
    run.manifest.seed = 115;
    run
}

impl Pair {
    fn of(before: &Synthetic, after: &Synthetic) -> Pair {
        let pair = Pair { folder: tempfile::tempdir().unwrap() };
        for (name, run) in [("before", before), ("after", after)] {
            pair.add(name, run);
        }
        pair
    }

    fn add(&self, name: &str, run: &Synthetic) {
        std::fs::rename(run.write(&self.folder.path().join("new")), self.runs().join(name)).unwrap();
    }

    fn runs(&self) -> PathBuf {
        let runs = self.folder.path().join("runs");
        std::fs::create_dir_all(&runs).unwrap();
        runs
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("reports")
    }

    fn request(&self) -> CompareRequest {
        CompareRequest {
            before: "before".into(),
            after: "after".into(),
            runs: self.runs(),
            out: self.out(),
            margin: None,
            margin_log_time: None,
            quantities: Vec::new(),
            allow_different: false,
            json: false,
            command: None,
        }
    }

    fn compare(&self) -> Result<Done, ReportError> {
        compare(&self.request())
    }

    /// Everything that a comparison says, checked to hold no sign of a missing number.
    fn said(&self) -> Said {
        Said::read(self.compare().unwrap(), &self.out().join("before-vs-after"))
    }

    /// The one line of a refusal that leaves nothing behind.
    fn refused(&self, request: &CompareRequest) -> String {
        let error = compare(request).unwrap_err();
        assert!(error.is_users(), "{error}");
        assert!(!self.out().exists(), "a refusal leaves nothing");
        let text = error.to_string();
        assert!(!text.contains('\n'), "{text}");
        text
    }
}

/// The texts of one comparison.
struct Said {
    done: Done,
    page: String,
    summary: Value,
}

impl Said {
    fn read(done: Done, folder: &Path) -> Said {
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        let mut texts = vec![done.text.clone(), read("README.md"), read("summary.json")];
        texts.extend(
            ["change.svg", "relative.svg"].iter().filter(|f| folder.join(f).exists()).map(|f| read(f)),
        );
        for text in &texts {
            for word in text.split(|c: char| !c.is_alphanumeric()) {
                assert!(!matches!(word, "NaN" | "inf" | "infinity" | "Some"), "{word} in:\n{text}");
            }
        }
        Said { page: texts[1].replace("&#58;", ":"), summary: serde_json::from_str(&texts[2]).unwrap(), done }
    }

    /// One judged contrast of the summary.
    fn contrast(&self, quantity: &str, arm: &str) -> &Value {
        let all = self.summary["contrasts"].as_array().unwrap();
        all.iter().find(|c| c["quantity"] == quantity && c["arm"] == arm).unwrap()
    }

    fn verdict(&self, quantity: &str, arm: &str, view: &str) -> &str {
        self.contrast(quantity, arm)[view]["verdict"].as_str().unwrap()
    }

    fn answer(&self) -> String {
        let sentences = self.summary["answer"].as_array().unwrap();
        sentences.iter().map(|s| s.as_str().unwrap()).collect::<Vec<_>>().join(" ")
    }
}
