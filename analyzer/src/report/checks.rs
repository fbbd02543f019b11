//! What was checked, and what the checks found.

use super::{calibration, consistency, escape, footprint, format, open_loop, order};
use crate::analysis::{Analysis, Cell, Excluded, Fate, LONG_PAUSE_S, Sittings};

/// Invalid trials named one by one.
const NAMED: usize = 30;

pub(super) fn section(analysis: &Analysis) -> String {
    let mut text = "## Checks\n\n".to_owned();
    text += &controls(analysis);
    text += &invalid(analysis);
    text += &makespans(analysis);
    text += &consistency::lines(&analysis.consistency);
    text += &files(analysis);
    text += &footprint::line(&analysis.run.footprint);
    text += &sittings(analysis.sittings);
    text += &calibration::section(analysis.run.manifest.calibration.as_ref());
    text + &order::section(analysis)
}

fn controls(analysis: &Analysis) -> String {
    let mut text = String::new();
    for cell in &analysis.cells {
        let name = escape::markdown(&cell.name);
        let open = cell.open.iter().find(|contrast| contrast.is_control);
        text += &match (&cell.control, open) {
            (_, Some(control)) => format!(
                "- {name}: {} against the arm that it repeats {} in time to first token from the intended start at p99, 95 %, over {}{}.\n",
                escape::markdown(&control.arm),
                open_loop::ratio(analysis, control),
                format::plural(control.n, "block"),
                if control.is_biased() { ": biased" } else { "" },
            ),
            (Some(control), None) => format!(
                "- {name}: {} against itself {} pp at 95 % over {}: {}.\n",
                escape::markdown(&control.a),
                format::difference_pp(control.estimate, control.ci, format::LEAST_N),
                format::plural(control.n, "block"),
                control.reading.as_str().replace('_', " "),
            ),
            (None, None) => format!("- {name}: no A/A arm; a bias would not be seen.\n"),
        };
    }
    let has_control = |cell: &&Cell| cell.control.is_some() || cell.open.iter().any(|c| c.is_control);
    let controls = analysis.cells.iter().filter(has_control).count();
    if controls > 1 {
        text += "- One A/A interval in twenty excludes 0 by chance; none is widened for their number, which would hide a bias.\n";
    }
    text
}

fn invalid(analysis: &Analysis) -> String {
    let invalid: Vec<&Excluded> =
        analysis.tally.excluded.iter().filter(|e| e.fate == Fate::Invalid).collect();
    if invalid.is_empty() {
        return "- No trial exceeds the limits of the instrument's own error (simulator p99 lateness of a tenth of the token gap, delivered concurrency, or in an open loop rate, of 95 %), as far as the servers tell.\n".to_owned();
    }
    let mut text = format!("- Invalid, not averaged: {}.\n", format::plural(invalid.len(), "trial"));
    for one in invalid.iter().take(NAMED) {
        text += &format!(
            "  - trial {} (block {}, {}, {}): {}\n",
            one.trial,
            one.block,
            escape::markdown(&one.arm),
            escape::markdown(&one.cell),
            escape::markdown(&one.reason)
        );
    }
    if invalid.len() > NAMED {
        text += &format!("  - and {} more\n", invalid.len() - NAMED);
    }
    text
}

fn makespans(analysis: &Analysis) -> String {
    let wrong = &analysis.tally.makespan_disagrees;
    if wrong.is_empty() {
        return String::new();
    }
    let named: Vec<String> = wrong.iter().take(NAMED).map(u32::to_string).collect();
    format!(
        "- The makespan that the arm printed differs from its agents' stamps in {} (the stamps count): {}.\n",
        format::plural(wrong.len(), "trial"),
        named.join(", ")
    )
}

fn sittings(told: Option<Sittings>) -> String {
    let minutes = LONG_PAUSE_S / 60;
    match told.map(|sittings| sittings.number) {
        Some(1) => "- Blocks share one sitting of one machine: the intervals speak of that. For a claim about the world, repeat the run in three sittings.\n\n".to_owned(),
        Some(n) => format!("- The run was made in {n} sittings of one machine (it paused {} for more than {minutes} minutes between two trials): the intervals speak of these sittings, and a difference between sittings counts as one between blocks. For a claim about the world, repeat the whole run in three sittings.\n\n", times(n - 1)),
        None => "- Blocks share one machine; in how many sittings the trials do not tell. For a claim about the world, repeat the run in three sittings.\n\n".to_owned(),
    }
}

fn times(n: usize) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

fn files(analysis: &Analysis) -> String {
    let findings = &analysis.run.findings;
    if findings.total() == 0 {
        return "- Every line of the run's files was read.\n".to_owned();
    }
    let mut text = format!(
        "- {} in the run's files; the rest was analysed:\n",
        format::plural(findings.total(), "finding")
    );
    for finding in findings.shown() {
        let line = finding.line.map_or(String::new(), |line| format!(", line {line}"));
        text += &format!(
            "  - {}{line}: {}\n",
            escape::markdown(&finding.file),
            escape::markdown(&finding.reason)
        );
    }
    let more = findings.total() - findings.shown().len();
    if more > 0 {
        text += &format!("  - and {more} more\n");
    }
    text
}
