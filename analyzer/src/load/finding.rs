//! What was wrong in the files of a run and could be left out.

/// Findings kept one by one for each run; beyond that they are only counted, so that a file of garbage
/// does not become a report of garbage.
const KEPT: usize = 100;

/// One line (or file) that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File name inside the run's folder.
    pub file: String,
    /// Line, from 1; none when the finding is about the whole file.
    pub line: Option<u64>,
    /// Why, in words.
    pub reason: String,
}

/// All findings of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    shown: Vec<Finding>,
    total: usize,
}

impl Findings {
    /// Notes one finding.
    pub fn add(&mut self, file: &str, line: Option<u64>, reason: impl Into<String>) {
        self.total += 1;
        if self.shown.len() < KEPT {
            self.shown.push(Finding { file: file.to_owned(), line, reason: reason.into() });
        }
    }

    /// The first findings in the order in which they were met.
    pub fn shown(&self) -> &[Finding] {
        &self.shown
    }

    /// How many there are, shown or not.
    pub fn total(&self) -> usize {
        self.total
    }
}
