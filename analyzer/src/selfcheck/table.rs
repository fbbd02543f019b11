//! What was claimed, what was found, and whether it stands: for the terminal, for METHODOLOGY, as JSON.

use super::Effort;
use super::claim::{Claimed, Finding, Holds};
use crate::marks::Marks;
use crate::report::format::trimmed;
use serde::Serialize;

/// The lines around the table in METHODOLOGY.
pub const MARKS: Marks =
    Marks { begin: "<!-- generated: selfcheck -->", end: "<!-- end generated: selfcheck -->" };

/// All findings of one check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// Seed of all data.
    pub seed: u64,
    /// Data sets of every kind.
    pub data_sets: usize,
    /// Resamples of every bootstrap.
    pub resamples: usize,
    /// Whether no judged claim fell.
    pub passed: bool,
    /// The findings; those of one claim stand together.
    pub findings: Vec<Finding>,
}

impl Table {
    pub(super) fn new(effort: Effort, seed: u64, mut findings: Vec<Finding>) -> Self {
        let whats: Vec<String> = findings.iter().map(|finding| finding.what.clone()).collect();
        findings.sort_by_key(|finding| whats.iter().position(|what| *what == finding.what));
        Self {
            seed,
            data_sets: effort.data_sets.get(),
            resamples: effort.resamples,
            passed: findings.iter().all(|finding| finding.holds != Holds::No),
            findings,
        }
    }

    /// The findings that contradict their claim.
    pub fn failed(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.holds == Holds::No)
    }

    /// For the terminal: one paragraph per claim.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.effort());
        for claim in self.claims() {
            text += &format!("\n{}\n", claim[0].what);
            for finding in claim {
                let Shown { claimed, found, interval, holds } = Shown::of(finding);
                text += &format!("  {:<72} {claimed:>12} {found:>6} {interval:<14} {holds}\n", finding.data);
            }
        }
        let judged = self.findings.iter().filter(|finding| finding.holds != Holds::NotJudged).count();
        text + &match self.failed().count() {
            0 => format!("\nall {judged} claims stand\n"),
            failed => format!("\n{failed} of {judged} claims fail\n"),
        }
    }

    /// For METHODOLOGY: one Markdown table.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "Made by `make selfcheck`: {}.\n\n| what happens | in which data | claimed, % | found, % | holds |\n\
             |---|---|---|---|---|\n",
            self.effort()
        );
        for claim in self.claims() {
            for (place, finding) in claim.iter().enumerate() {
                let Shown { claimed, found, interval, holds } = Shown::of(finding);
                let what = if place == 0 { finding.what.as_str() } else { "" };
                text +=
                    &format!("| {what} | {} | {claimed} | {found} {interval} | {holds} |\n", finding.data);
            }
        }
        text
    }

    /// For programs: one object.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("text, finite numbers and no map") + "\n"
    }

    fn effort(&self) -> String {
        let Self { seed, data_sets, resamples, .. } = self;
        format!("{data_sets} data sets of every kind, {resamples} resamples of each bootstrap, seed {seed}")
    }

    fn claims(&self) -> impl Iterator<Item = &[Finding]> {
        self.findings.chunk_by(|a, b| a.what == b.what)
    }
}

/// A finding in words, shares in percent.
struct Shown {
    claimed: String,
    found: String,
    interval: String,
    holds: &'static str,
}

impl Shown {
    fn of(finding: &Finding) -> Self {
        let percent = |share: f64| format!("{:.1}", 100.0 * share);
        let bound = |share: f64| trimmed((10_000.0 * share).round() / 100.0);
        Self {
            claimed: match finding.claimed {
                Claimed { least: None, most: None } => "–".to_owned(),
                Claimed { least: Some(least), most: None } => format!("≥ {}", bound(least)),
                Claimed { least: None, most: Some(most) } => format!("≤ {}", bound(most)),
                Claimed { least: Some(least), most: Some(most) } => {
                    format!("{} to {}", bound(least), bound(most))
                }
            },
            found: percent(finding.found),
            interval: format!("[{}, {}]", percent(finding.interval.0), percent(finding.interval.1)),
            holds: match finding.holds {
                Holds::Yes => "yes",
                Holds::WithinError => "within error",
                Holds::No => "**no**",
                Holds::NotJudged => "–",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selfcheck::claim::Claimed;
    use std::num::NonZeroUsize;

    fn table(hits: usize) -> Table {
        let effort = Effort { data_sets: NonZeroUsize::new(1000).unwrap(), resamples: 999 };
        let finding = |what: &str, data: &str, claimed| {
            Finding::new(what.to_owned(), data.to_owned(), claimed, hits, 1000)
        };
        let claimed = Claimed::between(0.93, 0.97);
        let findings = vec![
            finding("covers", "n = 10", claimed),
            finding("differs", "n = 10", Claimed::nothing()),
            finding("covers", "n = 30", Claimed::at_least(0.978_5)),
        ];
        Table::new(effort, 7, findings)
    }

    #[test]
    fn findings_of_one_claim_stand_together() {
        let expected = "\
            Made by `make selfcheck`: 1000 data sets of every kind, 999 resamples of each bootstrap, seed 7.\n\n\
            | what happens | in which data | claimed, % | found, % | holds |\n|---|---|---|---|---|\n\
            | covers | n = 10 | 93 to 97 | 96.9 [94.8, 98.2] | yes |\n\
            |  | n = 30 | ≥ 97.85 | 96.9 [94.8, 98.2] | within error |\n\
            | differs | n = 10 | – | 96.9 [94.8, 98.2] | – |\n";
        assert_eq!(table(969).markdown(), expected);
    }

    #[test]
    fn a_claim_that_fails_fails_the_table_by_name() {
        let failed = table(800);
        assert!(!failed.passed && table(969).passed);
        assert_eq!(failed.failed().map(|f| f.data.as_str()).collect::<Vec<_>>(), ["n = 10", "n = 30"]);
        assert!(failed.text().ends_with("\n2 of 2 claims fail\n"), "{}", failed.text());
        assert!(table(969).text().ends_with("\nall 2 claims stand\n"));
    }

    #[test]
    fn programs_get_numbers_and_null_where_nothing_is_claimed() {
        let json: serde_json::Value = serde_json::from_str(&table(800).json()).unwrap();
        assert_eq!(json["passed"], false);
        assert_eq!(json["findings"][0]["claimed"]["least"], 0.93);
        assert_eq!(json["findings"][0]["holds"], "no");
        assert_eq!(json["findings"][2]["claimed"]["most"], serde_json::Value::Null);
        assert_eq!(json["findings"][2]["holds"], "not_judged");
    }
}
