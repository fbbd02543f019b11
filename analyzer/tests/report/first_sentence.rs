//! The first sentence must be true for every data set.

use crate::common::{ARMS, Recipe, Synthetic};
use crate::{own_error, sentence, what_differs, with_analysis};
use tandem_records::{DelaySource, Status, Workload};

fn expect(run: &Synthetic, wanted: &str) {
    with_analysis(run, |analysis| {
        let sentence = sentence(analysis);
        assert!(sentence.contains(wanted), "wanted {wanted:?} in {sentence:?}");
        assert!(sentence.ends_with('.'), "{sentence}");
    });
}

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

fn with_effect(effect: fn(&str) -> f64) -> Synthetic {
    Synthetic::make(&Recipe { effect, ..Recipe::default() })
}

fn only(arms: &[&'static str]) -> Synthetic {
    Synthetic::make(&Recipe { arms: arms.to_vec(), ..Recipe::default() })
}

#[test]
fn equal_arms() {
    expect(
        &quiet(),
        "On two simulated Ollama servers with two agents, all four other arms are equivalent to tokio-default within ±0.5 pp of efficiency",
    );
}

#[test]
fn one_arm_is_lower() {
    let run = with_effect(|arm| if arm == "smol" { -0.012 } else { 0.0 });
    expect(&run, "the efficiency of smol is lower than that of tokio-default by 1.");
    expect(&run, "tokio-localset, async-std and smol-1kb are equivalent to tokio-default");
}

#[test]
fn one_arm_is_higher() {
    expect(
        &with_effect(|arm| if arm == "smol" { 0.012 } else { 0.0 }),
        "smol is higher than that of tokio-default by 1.",
    );
}

#[test]
fn a_difference_below_the_margin_is_said_and_is_not_relevant() {
    expect(
        &with_effect(|arm| if arm == "smol" { -0.0015 } else { 0.0 }),
        "(smol differs from it, by less than that)",
    );
}

#[test]
fn noise_without_an_answer() {
    let run = Synthetic::make(&Recipe { noise: 0.03, blocks: 7, ..Recipe::default() });
    with_analysis(&run, |analysis| {
        let verdicts: Vec<_> =
            analysis.headline().unwrap().contrasts.iter().map(|c| c.verdict.as_str()).collect();
        assert!(!verdicts.contains(&"equivalent"), "{verdicts:?}");
    });
    expect(&Synthetic::make(&Recipe { noise: 0.03, ..Recipe::default() }), "this run cannot tell");
}

#[test]
fn few_blocks() {
    for blocks in 1..6 {
        let run = Synthetic::make(&Recipe { blocks, ..Recipe::default() });
        expect(&run, "no arm can be compared with tokio-default (needs >= ");
        expect(&run, &format!("has {blocks}"));
    }
}

#[test]
fn a_run_in_progress_says_so() {
    let mut run = quiet();
    run.forget(|t| t.trial >= 60);
    expect(&run, "So far (60 of 72 planned trials): On two simulated");
}

#[test]
fn everything_failed() {
    let mut run = quiet();
    for trial in 0..72 {
        run.fail(trial, Status::Refused, "connection refused; start the server");
    }
    expect(&run, "None of the 72 finished trials counts (72 failed, 0 invalid, 0 incomplete)");
}

#[test]
fn everything_invalid() {
    let mut run = quiet();
    run.trials.iter_mut().for_each(|t| t.server_late_p99_ns = Some(501_000));
    expect(&run, "None of the 72 finished trials counts (0 failed, 72 invalid, 0 incomplete)");
    run.trials.iter_mut().for_each(|t| t.server_late_p99_ns = Some(500_000));
    expect(&run, "all four other arms are equivalent");
}

#[test]
fn a_cell_with_over_a_tenth_of_invalid_trials_is_invalid() {
    let mut run = quiet();
    run.trials.iter_mut().filter(|t| t.block == 3).for_each(|t| t.streams_open_max = Some(1));
    with_analysis(&run, |analysis| {
        assert!(!analysis.headline().unwrap().is_invalid(), "6 of 72 are not over a tenth")
    });
    run.trials.iter_mut().filter(|t| t.block == 4).for_each(|t| t.streams_open_max = Some(1));
    expect(&run, "12 of the 72 trials behind this sentence are invalid");
}

#[test]
fn rows_missing_behind_an_ok() {
    let mut run = quiet();
    run.agents.clear();
    expect(&run, "(0 failed, 0 invalid, 72 incomplete)");
}

#[test]
fn one_arm_only() {
    expect(&only(&["tokio-default"]), "only tokio-default was planned");
    expect(&only(&["tokio-default", "tokio-default#2"]), "only tokio-default was planned");
}

#[test]
fn the_baseline_is_missing() {
    expect(
        &only(&["smol", "smol-1kb"]),
        "the baseline tokio-default is not among the arms (smol and smol-1kb)",
    );
    let mut run = quiet();
    run.forget(|t| t.arm == "tokio-default");
    expect(&run, "no arm can be compared with tokio-default (needs >= ");
}

#[test]
fn one_arm_without_trials() {
    let mut run = quiet();
    run.forget(|t| t.arm == "smol");
    expect(&run, "smol cannot be compared (needs >= ");
    expect(&run, "tokio-localset, async-std and smol-1kb are equivalent");
}

#[test]
fn no_control() {
    let arms: Vec<&str> = ARMS.into_iter().filter(|arm| !arm.contains('#')).collect();
    with_analysis(&only(&arms), |analysis| assert!(own_error(analysis).starts_with("no A/A arm")));
}

#[test]
fn a_biased_control_comes_first() {
    let run = with_effect(|arm| if arm == "tokio-default#2" { -0.01 } else { 0.0 });
    with_analysis(&run, |analysis| {
        let sentence = sentence(analysis);
        assert!(
            sentence.starts_with("The control failed: tokio-default under two labels differs"),
            "{sentence}"
        );
        assert!(analysis.headline().unwrap().is_biased());
    });
}

#[test]
fn a_flood_is_not_judged_by_efficiency() {
    let mut run = quiet();
    run.plan.iter_mut().for_each(|p| p.workload = Workload::Flood);
    run.trials.iter_mut().for_each(|t| t.workload = Workload::Flood);
    expect(&run, "judges no efficiency");
    with_analysis(&run, |analysis| {
        assert_eq!(analysis.families.of_efficiency(), 0);
        let line = what_differs(analysis);
        assert!(line.contains("times the CPU per token of tokio-default"), "{line}");
    });
}

#[test]
fn servers_that_tell_nothing() {
    let mut run = quiet();
    for row in &mut run.trials {
        (row.server_late_p50_ns, row.server_late_p99_ns, row.server_late_max_ns) = (None, None, None);
        (row.streams_open_max, row.gap_ns, row.cpu_ns) = (None, None, None);
        (row.voluntary_switches, row.involuntary_switches) = (None, None);
    }
    run.plan.iter_mut().for_each(|row| row.gap_ns = None);
    for row in &mut run.requests {
        (row.ttft_ns, row.first_answer_ns, row.e2e_ns, row.output_tokens) = (None, None, None, None);
        (row.itl_p50_ns, row.itl_p99_ns, row.delay_p50_ns, row.delay_p99_ns) = (None, None, None, None);
        row.delay_source = DelaySource::None;
    }
    run.pool_delays();
    with_analysis(&run, |analysis| {
        let line = own_error(analysis);
        assert!(line.contains("server lateness not measured; delivered concurrency not measured"), "{line}");
        assert_eq!(what_differs(analysis), "nothing beside efficiency could be compared.");
    });
    expect(&run, "all four other arms are equivalent");
}

#[test]
fn arms_without_any_variation() {
    let mut run = quiet();
    for row in &mut run.agents {
        let start = row.release_ns + 1_000;
        (row.start_ns, row.end_ns) = (Some(start), Some(start + 1_540_000_000));
    }
    expect(&run, "all four other arms are equivalent");
}

#[test]
fn a_cell_without_trials_is_described_by_the_plan_and_the_manifest() {
    let mut run = quiet();
    run.forget(|t| t.arm != "smol");
    for trial in &mut run.trials {
        trial.cell = "elsewhere".into();
    }
    run.plan.iter_mut().filter(|p| p.arm == "smol").for_each(|p| p.cell = "elsewhere".into());
    expect(&run, "On two simulated Ollama servers with two agents, ");
    let one_server = run.manifest.servers[0].clone();
    run.manifest.servers = vec![one_server];
    expect(&run, "On one simulated Ollama server with two agents, ");
    run.manifest.servers.clear();
    expect(&run, "On simulated Ollama servers with two agents, ");
}

#[test]
fn trials_that_lose_much_stand_in_the_first_sentence() {
    let mut run = Synthetic::make(&Recipe { blocks: 20, ..Recipe::default() });
    run.stretch(|row| if row.arm == "smol" && row.block % 8 == 1 { 2.0 } else { 1.0 });
    with_analysis(&run, |analysis| {
        let text = sentence(analysis);
        assert!(
            text.contains("of smol, 3 of 20 blocks are lower by about ")
                && text.contains(" pp, and how the typical trial compares is open"),
            "{text}"
        );
        assert!(!text.contains("all four other arms are equivalent"), "{text}");
    });
}

#[test]
fn the_primary_cell_is_the_one_that_the_plan_names_and_other_cells_cost_it_little() {
    let mut run = Synthetic::make(&Recipe { agents: vec![2, 4, 8], ..Recipe::default() });
    let cells: Vec<String> = run.plan.iter().map(|row| row.cell.clone()).collect();
    let named = cells.iter().find(|cell| cell.ends_with("a8")).unwrap().clone();
    run.manifest.plan.primary_cell = Some(named.clone());
    with_analysis(&run, |analysis| {
        let primary = analysis.headline().unwrap();
        assert_eq!((primary.name.as_str(), primary.is_primary), (named.as_str(), true));
        let families = &analysis.families;
        assert_eq!((families.primary.contrasts, families.others.contrasts), (4, 8));
        assert!((families.primary.level - (1.0 - 0.025 / 4.0)).abs() < 1e-12);
        assert!((families.others.level - (1.0 - 0.025 / 8.0)).abs() < 1e-12);
        for cell in &analysis.cells {
            assert_eq!(cell.family, if cell.is_primary { families.primary } else { families.others });
        }
    });
}

#[test]
fn an_arm_that_fails_where_others_do_not_is_named() {
    let mut run = quiet();
    let of = |run: &Synthetic, arm: &str, n: usize| {
        run.trials.iter().filter(|t| t.arm == arm).map(|t| t.trial).nth(n).unwrap()
    };
    for n in 0..2 {
        let trial = of(&run, "smol", n);
        run.fail(trial, Status::Timeout, "no answer in 5 s");
    }
    expect(
        &run,
        "smol failed 2 of 12 trials (timeout); no other arm failed. What follows rests on the trials that are left.",
    );
    let trial = of(&run, "async-std", 4);
    run.fail(trial, Status::Refused, "connection refused");
    expect(
        &run,
        "smol failed 2 of 12 trials (timeout); async-std failed 1 of 12 trials (refused); no other arm failed.",
    );
    for arm in ARMS {
        let trial = of(&run, arm, 7);
        run.fail(trial, Status::Busy, "503");
    }
    expect(
        &run,
        "9 of 72 trials failed (6 busy, 2 timeout, 1 refused), on every arm (smol most: 3 of 12). What",
    );
}

#[test]
fn failures_in_one_cell_of_several_are_placed() {
    let mut run = Synthetic::make(&Recipe { agents: vec![2, 4, 16], ..Recipe::default() });
    let trials: Vec<u32> =
        run.trials.iter().filter(|t| t.arm == "smol" && t.agents == 16).map(|t| t.trial).take(6).collect();
    trials.into_iter().for_each(|trial| run.fail(trial, Status::Timeout, "no answer"));
    expect(
        &run,
        "smol failed 6 of 36 trials (timeout), all in like-for-like/stream/chimera_homo/a16 (6 of 12); no other arm failed.",
    );
}

#[test]
fn a_trial_that_was_cut_off_is_incomplete_and_no_failure_of_its_arm() {
    let mut run = quiet();
    run.fail(71, Status::Aborted, "interrupted");
    with_analysis(&run, |analysis| {
        let sentence = sentence(analysis);
        assert!(sentence.starts_with("1 of 72 trials is incomplete (cut off, "), "{sentence}");
        assert!(!sentence.contains("failed"), "{sentence}");
    });
}
