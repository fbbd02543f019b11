//! `summary.json`: what the page says, for programs. Changes are in the scale of the verdicts: fractions of
//! efficiency, differences of natural logarithms; a value that does not exist is null.

use super::sentence::answer;
use crate::analysis::{Analysis, Fates};
use crate::compare::{Compared, Contrast, Difference, Explored, Factor, Failing, OwnError, Shared, TailLoss};
use crate::stats::Interval;
use crate::stats::verdict::{Comparison, SampleSize};
use serde_json::{Value, json};
use tandem_records::Status;

/// The summary as indented JSON with a line end.
pub fn summary(compared: &Compared, command: &str) -> String {
    let gate = compared.gate();
    let place = |contrast: &Contrast| json!({"cell": contrast.cell, "arm": contrast.arm, "quantity": contrast.quantity.slug()});
    let undecided = gate.undecided.iter().map(|one| {
        let contrast = one.contrast;
        json!({"cell": contrast.cell, "arm": contrast.arm, "quantity": contrast.quantity.slug(), "why": one.why})
    });
    let families = compared.families.iter().map(|family| {
        json!({
            "quantity": family.quantity.slug(),
            "changes": family.changes, "level": family.level(),
            "relative": family.relative, "level_relative": family.level_relative(),
        })
    });
    let summary = json!({
        "command": command,
        "answer": answer(compared),
        "a": run(compared.before),
        "b": run(compared.after),
        "same_id": compared.same_id,
        "same_run": compared.same_run,
        "baseline": compared.before.settings.baseline,
        "margin": compared.margins.efficiency,
        "margin_log_time": compared.margins.log_time,
        "chosen": compared.chosen,
        "regressions": gate.regressions.iter().map(|c| place(c)).collect::<Vec<_>>(),
        "undecided_regressions": undecided.collect::<Vec<_>>(),
        "unresolved_for_the_worse": gate.unresolved.iter().map(|c| place(c)).collect::<Vec<_>>(),
        "tail_losses": compared.tail_losses.sure.iter().map(tail).collect::<Vec<_>>(),
        "undecided_tail_losses": compared.tail_losses.open.iter().map(tail).collect::<Vec<_>>(),
        "new_failures": gate.failing.sure.iter().map(failing).collect::<Vec<_>>(),
        "undecided_failures": gate.failing.open.iter().map(failing).collect::<Vec<_>>(),
        "families": families.collect::<Vec<_>>(),
        "cells": compared.shared.iter().map(cell).collect::<Vec<_>>(),
        "contrasts": compared.contrasts.iter().map(contrast).collect::<Vec<_>>(),
        "exploratory": compared.explored.iter().map(explored).collect::<Vec<_>>(),
        "only_in_a": compared.only_before,
        "only_in_b": compared.only_after,
        "allowed_differences": compared.factors.iter().map(factor).collect::<Vec<_>>(),
        "differences": compared.differences.iter().map(difference).collect::<Vec<_>>(),
        "attribution": compared.attribution,
    });
    format!("{summary:#}\n")
}

fn run(analysis: &Analysis) -> Value {
    let (manifest, tally) = (&analysis.run.manifest, &analysis.tally);
    json!({
        "run": analysis.run.id,
        "created_utc": manifest.created_utc,
        "git_revision": manifest.git_revision,
        "seed": manifest.seed,
        "trials": {
            "planned": tally.planned, "finished": tally.finished, "counted": tally.counted,
            "failed": tally.failed, "invalid": tally.invalid, "incomplete": tally.incomplete,
        },
    })
}

/// A cell or an arm that is null stands for all of them.
fn failing(one: &Failing) -> Value {
    json!({
        "cell": one.cell, "arm": one.arm, "a": fates(&one.before), "b": fates(&one.after),
        "against": one.against.0, "against_of": one.against.1, "p": one.p,
    })
}

/// A cell that is null stands for several.
fn tail(tail: &TailLoss) -> Value {
    json!({
        "cell": tail.cell, "cells": tail.cells, "arm": tail.arm, "quantity": tail.quantity.slug(),
        "trials": tail.after.0, "of": tail.after.1, "by": tail.by,
        "before": tail.before.0, "before_of": tail.before.1, "p": tail.p,
    })
}

fn fates(fates: &Fates) -> Value {
    let one = |(status, trials): (&Status, &usize)| json!({"status": status.as_str(), "trials": trials});
    let by_status: Vec<Value> = fates.failed.iter().map(one).collect();
    json!({
        "finished": fates.finished, "failed": fates.failures(), "failed_by_status": by_status,
        "invalid": fates.invalid, "incomplete": fates.incomplete,
    })
}

fn cell(cell: &Shared) -> Value {
    let trials = cell
        .fates()
        .map(|(label, before, after)| json!({"arm": label, "a": fates(before), "b": fates(after)}));
    json!({
        "cell": cell.name(), "arms": cell.arms, "paired": cell.paired,
        "invalid": [cell.before.is_invalid(), cell.after.is_invalid()],
        "biased": [cell.before.is_biased(), cell.after.is_biased()],
        "trials": trials.collect::<Vec<_>>(),
    })
}

fn contrast(contrast: &Contrast) -> Value {
    json!({
        "cell": contrast.cell, "arm": contrast.arm, "quantity": contrast.quantity.slug(),
        "is_control": contrast.is_control,
        "a_median": contrast.before, "b_median": contrast.after,
        "change": comparison(&contrast.change),
        "relative": contrast.relative.as_ref().map(comparison),
        "aa": contrast.own_error.each_ref().map(|own| own.as_ref().map(own_error)),
    })
}

fn comparison(found: &Comparison) -> Value {
    let n = match found.n {
        SampleSize::Blocks(n) => json!({"blocks": n}),
        SampleSize::Groups(a, b) => json!({"a": a, "b": b}),
    };
    json!({
        "n": n, "estimate": found.estimate,
        "ci": interval(found.ci), "ci95": interval(found.ci95),
        "verdict": found.judgement.verdict.as_str(), "verdict_text": found.judgement.text,
        "more_blocks": found.judgement.more_blocks,
    })
}

fn own_error(own: &OwnError) -> Value {
    json!({"n": own.n, "estimate": own.estimate, "ci95": interval(own.ci), "reading": own.reading.as_str()})
}

fn explored(one: &Explored) -> Value {
    json!({
        "cell": one.cell, "arm": one.arm, "quantity": one.quantity.slug(),
        "a_median": one.before, "b_median": one.after,
        "estimate": one.estimate, "ci95": interval(one.ci), "p": one.p, "p_adjusted": one.p_adjusted,
    })
}

fn interval(ci: Option<Interval>) -> Value {
    ci.map_or(Value::Null, |ci| json!([ci.lo, ci.hi]))
}

fn factor(factor: &Factor) -> Value {
    json!({"what": factor.what, "cell": factor.cell, "a": factor.before, "b": factor.after})
}

fn difference(one: &Difference) -> Value {
    json!({"cause": one.cause.as_str(), "what": one.what, "a": one.before, "b": one.after})
}
