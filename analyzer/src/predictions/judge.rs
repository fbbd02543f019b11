//! Judges every prediction by the cell that decides it.

use super::evidence::{Answer, answer};
use super::{Evidence, Hypothesis, Judgement, Question};
use crate::analysis::{Analysis, Arm, Cell};
use crate::stats;
use tandem_records::Workload;

/// Share of error of all predictions together.
const ALPHA: f64 = 0.05;

/// All predictions of a report.
#[derive(Debug)]
pub struct Predictions<'a> {
    /// In the order of the file.
    pub all: Vec<Prediction<'a>>,
    /// Predictions that this run can judge by an interval: the size of their family.
    pub family: usize,
    /// Level of their intervals: 1 - .05 / family.
    pub level: f64,
}

/// One prediction, judged.
#[derive(Debug)]
pub struct Prediction<'a> {
    /// The claim.
    pub hypothesis: &'a Hypothesis,
    /// What became of it.
    pub judgement: Judgement,
    /// Name of the cell that decided, or could not.
    pub cell: Option<&'a str>,
    /// What that cell holds.
    pub evidence: Option<Evidence>,
    /// What an undecided one lacks; empty when decided.
    pub why: String,
    /// About how many more blocks would decide it.
    pub more_blocks: Option<u64>,
    /// True when the two arms do not have the same client in that cell, or reach it by a bridge.
    pub clients_differ: bool,
    /// The same rule in every other cell that could have decided: judgements with their numbers.
    pub elsewhere: Vec<(Judgement, usize)>,
}

/// Judges every prediction.
///
/// # Errors
/// When a value cannot be analysed at all, which the loader should have kept away.
pub fn judge_all<'a>(analysis: &'a Analysis, hypotheses: &'a [Hypothesis]) -> stats::Result<Predictions<'a>> {
    let estimated = |h: &&Hypothesis| h.question.is_estimated() && !eligible(analysis, h).is_empty();
    let family = hypotheses.iter().filter(estimated).count();
    let alpha = ALPHA / family.max(1) as f64;
    let mut all = Vec::new();
    for hypothesis in hypotheses {
        all.push(judge(analysis, hypothesis, alpha)?);
    }
    Ok(Predictions { all, family, level: 1.0 - alpha })
}

fn judge<'a>(
    analysis: &'a Analysis,
    hypothesis: &'a Hypothesis,
    alpha: f64,
) -> stats::Result<Prediction<'a>> {
    let cells = eligible(analysis, hypothesis);
    let Some((deciding, others)) = cells.split_first() else {
        return Ok(Prediction {
            hypothesis,
            judgement: Judgement::Undecided,
            cell: None,
            evidence: None,
            why: no_cell(hypothesis),
            more_blocks: None,
            clients_differ: false,
            elsewhere: Vec::new(),
        });
    };
    let Answer { judgement, evidence, why, more_blocks } = answer(analysis, hypothesis, deciding, alpha)?;
    let mut elsewhere = Vec::new();
    for cell in others {
        elsewhere.push(answer(analysis, hypothesis, cell, alpha)?.judgement);
    }
    let count = |judgement: Judgement| elsewhere.iter().filter(|found| **found == judgement).count();
    Ok(Prediction {
        hypothesis,
        judgement,
        cell: Some(&deciding.name),
        evidence,
        why,
        more_blocks,
        clients_differ: !is_like_for_like(hypothesis, deciding),
        elsewhere: Judgement::ALL.map(|j| (j, count(j))).into_iter().filter(|(_, n)| *n > 0).collect(),
    })
}

/// The cells that could decide, the one that does first.
fn eligible<'a>(analysis: &'a Analysis, hypothesis: &Hypothesis) -> Vec<&'a Cell> {
    let fits = |arm: &Arm| hypothesis.client.is_none_or(|client| arm.client == Some(client));
    let has = |cell: &Cell, label: &str| cell.arm(label).is_some_and(fits);
    let mut cells: Vec<&Cell> = analysis
        .cells
        .iter()
        .filter(|cell| cell.facts.is_judged())
        .filter(|cell| hypothesis.question.arms().into_iter().all(|label| has(cell, label)))
        .collect();
    // Reading files brings threads of its own, which are no default of the runtime.
    let counts_threads = matches!(hypothesis.question, Question::Threads { .. });
    cells.sort_by_key(|cell| {
        let reads_files = counts_threads && cell.facts.workload == Workload::Report;
        (!is_like_for_like(hypothesis, cell), reads_files)
    });
    cells
}

/// True when the arms named have one client and none of them a bridge.
fn is_like_for_like(hypothesis: &Hypothesis, cell: &Cell) -> bool {
    let arms: Vec<&Arm> =
        hypothesis.question.arms().into_iter().filter_map(|label| cell.arm(label)).collect();
    arms.iter().all(|arm| arm.bridge.is_empty() && arm.client == arms[0].client)
}

fn no_cell(hypothesis: &Hypothesis) -> String {
    let arms = hypothesis.question.arms();
    let client = hypothesis.client.map_or(String::new(), |client| format!(" on {client}"));
    match arms.as_slice() {
        [] => "no cell of this run is judged by efficiency".to_owned(),
        arms => format!("no judged cell has {}{client}", arms.join(" and ")),
    }
}
