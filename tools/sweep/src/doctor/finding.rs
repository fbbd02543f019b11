//! One thing that was looked at.

use serde::Serialize;

/// How it is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// The machine or the server does not tell.
    Unknown,
    /// A sweep works, its result is worse or means something else.
    Warning,
    /// A sweep will not work.
    Problem,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Unknown => "unknown",
            State::Warning => "warning",
            State::Problem => "problem",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How it is.
    pub state: State,
    /// What was looked at.
    pub check: String,
    /// What was seen.
    pub seen: String,
    /// What to do about it; empty where nothing is to be done.
    pub remedy: String,
}

impl Finding {
    pub(super) fn ok(check: impl Into<String>, seen: impl Into<String>) -> Finding {
        Finding { state: State::Ok, check: check.into(), seen: seen.into(), remedy: String::new() }
    }

    pub(super) fn unknown(check: impl Into<String>, seen: impl Into<String>) -> Finding {
        Finding { state: State::Unknown, ..Finding::ok(check, seen) }
    }

    pub(super) fn warning(
        check: impl Into<String>,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding { state: State::Warning, remedy: remedy.into(), ..Finding::ok(check, seen) }
    }

    pub(super) fn problem(
        check: impl Into<String>,
        seen: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        Finding { state: State::Problem, ..Finding::warning(check, seen, remedy) }
    }
}

/// The findings for people: state, check and what was seen in columns, an arrow and the remedy below its finding.
pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
    let width = findings.iter().map(|finding| finding.check.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for Finding { state, check, seen, remedy } in findings {
        lines.push(format!("{:<8} {check:<width$}  {seen}", state.word()));
        if !remedy.is_empty() {
            lines.push(format!("-> {remedy}"));
        }
    }
    let count = |wanted: State| findings.iter().filter(|finding| finding.state == wanted).count();
    let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    lines.push(format!(
        "{} ok, {} unknown, {}, {}",
        count(State::Ok),
        count(State::Unknown),
        plural(count(State::Warning), "warning"),
        plural(count(State::Problem), "problem")
    ));
    lines
}

/// The findings for programs.
pub(super) fn json(findings: &[Finding]) -> String {
    // Strings and a word always serialise.
    serde_json::to_string(findings).unwrap_or_default()
}
