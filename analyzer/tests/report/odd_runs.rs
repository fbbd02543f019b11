//! The first screen of odd runs: true, not misleading, and made of sentences.

use crate::common::{Recipe, Synthetic};
use crate::{own_error, sentence, with_analysis};
use tandem_records::{Client, Status};

const AT: &str = "On two simulated Ollama servers with two agents, ";

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

fn only(arms: &[&'static str]) -> Synthetic {
    Synthetic::make(&Recipe { arms: arms.to_vec(), ..Recipe::default() })
}

/// The whole first sentence, and the end of the line on the own error.
fn expect(run: &Synthetic, wanted: &str, end: &str) {
    with_analysis(run, |analysis| {
        assert_eq!(sentence(analysis), wanted);
        let own = own_error(analysis);
        assert!(own.ends_with(&format!("; {end}.")), "wanted {end:?} at the end of {own:?}");
    });
}

#[test]
fn few_arms() {
    expect(
        &only(&["tokio-default"]),
        &format!("{AT}only tokio-default was planned: there is no other arm to compare it with."),
        "no contrast, so no smallest visible difference",
    );
    with_analysis(&only(&["tokio-default", "smol", "smol-1kb"]), |analysis| {
        assert_eq!(
            sentence(analysis),
            format!("{AT}both other arms are equivalent to tokio-default within ±0.5 pp of efficiency.")
        );
    });
    with_analysis(&only(&["tokio-default", "smol"]), |analysis| {
        assert_eq!(
            sentence(analysis),
            format!("{AT}smol is equivalent to tokio-default within ±0.5 pp of efficiency.")
        );
    });
}

#[test]
fn few_blocks() {
    expect(
        &Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() }),
        &format!(
            "{AT}no arm can be compared with tokio-default (needs >= 8 complete blocks for a 98.75 % interval, has 1)."
        ),
        "1 block, too few for an interval of any contrast",
    );
    let mut run = quiet();
    run.forget(|t| t.block >= 5 && t.arm == "smol");
    with_analysis(&run, |analysis| {
        assert!(
            own_error(analysis).ends_with("; 5 to 12 blocks, too few for an interval of every contrast.")
        );
    });
}

#[test]
fn no_trial_that_counts() {
    let mut run = quiet();
    run.trials.iter_mut().for_each(|t| t.server_late_p99_ns = Some(501_000));
    expect(
        &run,
        "None of the 72 finished trials counts (0 failed, 72 invalid, 0 incomplete): this run says nothing about the arms.",
        "0 blocks, too few for an interval of any contrast",
    );
}

#[test]
fn trials_that_failed_are_said_before_what_is_left() {
    let mut run = Synthetic::make(&Recipe { agents: vec![2, 16], ..Recipe::default() });
    let trials: Vec<u32> = run.trials.iter().filter(|t| t.agents == 2).map(|t| t.trial).collect();
    trials.iter().for_each(|trial| run.fail(*trial, Status::Busy, "503 server busy"));
    expect(
        &run,
        &format!(
            "72 of 144 trials failed (busy), on every arm, all in like-for-like/stream/chimera_homo/a2. What follows rests on the \
             trials that are left. {AT}no arm can be compared with \
             tokio-default (needs >= 9 complete blocks for a 99.38 % interval, has 0). In the one other cell: 4 equivalent."
        ),
        "0 blocks, too few for an interval of any contrast",
    );
    let mut run = quiet();
    run.fail(3, Status::Busy, "503 server busy");
    with_analysis(&run, |analysis| {
        let sentence = sentence(analysis);
        assert!(sentence.contains(" failed 1 of 12 trials (busy); no other arm failed. "), "{sentence}");
    });
}

#[test]
fn a_failed_control_spoils_equivalence_as_well() {
    let run = Synthetic::make(&Recipe {
        effect: |arm| if arm == "tokio-default#2" { -0.01 } else { 0.0 },
        ..Recipe::default()
    });
    with_analysis(&run, |analysis| {
        let sentence = sentence(analysis);
        assert!(
            sentence.contains("nothing below, neither a difference nor an equivalence, can be read"),
            "{sentence}"
        );
    });
}

#[test]
fn values_that_do_not_vary() {
    let mut run = quiet();
    for row in &mut run.agents {
        let start = row.release_ns + 1_000;
        (row.start_ns, row.end_ns) = (Some(start), Some(start + 1_540_000_000));
    }
    expect(
        &run,
        &format!("{AT}all four other arms are equivalent to tokio-default within ±0.5 pp of efficiency."),
        "12 blocks without any variation, so no smallest visible difference",
    );
}

#[test]
fn exploratory_sets_only() {
    let mut run = quiet();
    run.manifest.plan.exploratory_sets = vec!["like-for-like".into()];
    expect(
        &run,
        &format!("{AT}efficiency is shown without verdicts, as the plan fixed before the first trial."),
        "no contrast, so no smallest visible difference",
    );
    let mut run = Synthetic::make(&Recipe {
        sets: vec![("a", Client::Hyper), ("b", Client::Reqwest)],
        ..Recipe::default()
    });
    run.manifest.plan.exploratory_sets = vec!["a".into()];
    with_analysis(&run, |analysis| {
        assert!(sentence(analysis).starts_with(&format!("{AT}all four other arms are equivalent")));
    });
}

#[test]
fn a_run_in_progress() {
    let mut run = quiet();
    run.forget(|t| t.trial >= 20);
    expect(
        &run,
        &format!(
            "So far (20 of 72 planned trials): {AT}no arm can be compared with tokio-default (needs >= 8 complete blocks \
             for a 98.75 % interval, has 3)."
        ),
        "3 blocks, too few for an interval of any contrast",
    );
}
