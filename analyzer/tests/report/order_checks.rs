//! The checks of the order of the trials.

use crate::common::{Recipe, Synthetic};
use crate::{page_of, with_analysis};
use analyzer::analysis::{Analysis, Of, OrderTest};
use tandem_records::{Client, Phase, Status, Workload};

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe { seed: 7, ..Recipe::default() })
}

/// The section on the run order.
fn section(run: &Synthetic) -> String {
    let page = page_of(run);
    let (_, after) = page.split_once("### Run order\n\n").unwrap();
    after.split("\n## ").next().unwrap().to_owned()
}

fn expect(run: &Synthetic, wanted: &[&str]) {
    let section = section(run);
    for text in wanted {
        assert!(section.contains(text), "wanted {text:?} in {section}");
    }
}

/// The tests of the first cell that stand out.
fn standing_out(analysis: &Analysis) -> Vec<OrderTest> {
    analysis.order.cells[0].tests.iter().filter(|test| test.stands_out()).map(|test| test.test).collect()
}

#[test]
fn an_order_without_effect() {
    expect(
        &quiet(),
        &["No effect of the run order is shown (", "| like-for-like/stream/chimera_homo/a2 | 12 | 72 |"],
    );
    with_analysis(&quiet(), |analysis| {
        let order = &analysis.order.cells[0];
        assert_eq!((order.blocks, order.complete_blocks, order.trials, order.outlying.of), (12, 12, 72, 60));
        assert_eq!(standing_out(analysis), []);
    });
}

#[test]
fn drift_over_the_blocks_is_found_and_leaves_the_verdicts_alone() {
    let mut run = quiet();
    run.stretch(|t| 1.0 + 0.002 * f64::from(t.block));
    expect(&run, &["the efficiency falls over the run, in the one cell (tau -1.00)", "| -1.00 | -0.19"]);
    with_analysis(&run, |analysis| {
        assert_eq!(standing_out(analysis), [OrderTest::Drift, OrderTest::Step]);
        assert!(analysis.order.together[0].is_even, "a line fits better than a step");
        assert!(analysis.order.cells[0].slope.unwrap() < -0.0015);
        assert!(analysis.headline().unwrap().contrasts.iter().all(|c| c.verdict.as_str() == "equivalent"));
    });
}

#[test]
fn a_place_in_the_block_that_matters_is_found() {
    let mut run = quiet();
    run.stretch(|t| if t.position == 0 { 1.004 } else { 1.0 });
    expect(&run, &["the place inside the block matters in like-for-like/stream/chimera_homo/a2"]);
    with_analysis(&run, |analysis| assert!(standing_out(analysis).contains(&OrderTest::Place)));
}

#[test]
fn neighbours_that_resemble_each_other_are_found() {
    let mut run = Synthetic::make(&Recipe { blocks: 20, ..Recipe::default() });
    // The second half of every block is disturbed, in every other block the first.
    run.stretch(|t| if (t.position < 3) == t.block.is_multiple_of(2) { 1.003 } else { 1.0 });
    expect(&run, &["trials inside a block depend on those shortly before them"]);
    with_analysis(&run, |analysis| {
        assert!(standing_out(analysis).starts_with(&[OrderTest::Neighbours, OrderTest::Runs]));
        assert!(analysis.order.cells[0].acf1.unwrap() > 0.3);
    });
}

#[test]
fn an_outlying_trial_is_named_and_counts() {
    let mut run = quiet();
    let of = |run: &Synthetic, arm: &str, block: u32| {
        run.trials.iter().find(|t| t.arm == arm && t.block == block).unwrap().trial
    };
    let (smol, baseline) = (of(&run, "smol", 4), of(&run, "tokio-default", 4));
    run.stretch(|t| if t.trial == smol { 1.05 } else { 1.0 });
    expect(
        &run,
        &["within-block difference", "block 4: smol -4.77", &format!("pp (trials {smol} and {baseline})")],
    );
    with_analysis(&run, |analysis| {
        let flagged = &analysis.order.cells[0].outlying.flagged;
        let one = flagged.iter().find(|one| one.trial == smol).unwrap();
        assert!(one.difference < -0.04 && one.baseline_trial == baseline);
        assert_eq!(analysis.tally.counted, 72);
        assert_eq!(analysis.headline().unwrap().arm("smol").unwrap().counted.len(), 12);
    });
    let mut run = quiet();
    run.stretch(|t| if t.trial == baseline { 1.05 } else { 1.0 });
    with_analysis(&run, |analysis| {
        let flagged = &analysis.order.cells[0].outlying.flagged;
        let here: Vec<_> = flagged.iter().filter(|one| one.block == 4).collect();
        assert_eq!(here.len(), 5, "all arms differ from an odd baseline");
        assert!(here.iter().all(|one| one.baseline_trial == baseline && one.difference > 0.04));
    });
}

#[test]
fn too_few_blocks_are_said() {
    let blocks = |blocks| Synthetic::make(&Recipe { blocks, ..Recipe::default() });
    expect(
        &blocks(1),
        &[
            "The order of the trials cannot be tested: that needs >= 6 blocks or >= 11 trials",
            "needs >= 6 blocks",
            "needs >= 11 trials",
            "needs >= 6 complete blocks",
            "needs >= 6 differences of an arm",
        ],
    );
    expect(
        &blocks(5),
        &["No effect of the run order is shown (2 tests,", "needs >= 6 blocks", "needs >= 6 complete blocks"],
    );
    let mut gaps = quiet();
    gaps.forget(|t| t.block >= 4 && t.arm == "smol");
    expect(&gaps, &["needs >= 6 complete blocks"]);
}

#[test]
fn values_that_do_not_vary_have_no_test() {
    let mut run = quiet();
    for row in &mut run.agents {
        let start = row.release_ns + 1_000;
        (row.start_ns, row.end_ns) = (Some(start), Some(start + 1_540_000_000));
    }
    expect(
        &run,
        &[
            "Whether a within-block difference is outlying cannot be told: at least half of each arm's are equal.",
            "| no scale: half are equal |",
        ],
    );
}

#[test]
fn a_run_without_a_trial_that_counts() {
    let mut run = quiet();
    (0..72).for_each(|trial| run.fail(trial, Status::Refused, "connection refused"));
    assert_eq!(section(&run).trim(), "No trial counts, so the run order shows nothing.");
}

#[test]
fn a_flood_is_looked_at_without_differences() {
    let mut run = quiet();
    run.plan.iter_mut().for_each(|row| row.workload = Workload::Flood);
    run.trials.iter_mut().for_each(|row| row.workload = Workload::Flood);
    expect(&run, &["No effect of the run order is shown ("]);
}

#[test]
fn one_arm_alone_has_drift_and_nothing_else() {
    let run = Synthetic::make(&Recipe { arms: vec!["tokio-default"], ..Recipe::default() });
    expect(&run, &["| 12 | 12 |"]);
    with_analysis(&run, |analysis| {
        let tested: Vec<OrderTest> = analysis.order.tests().map(|test| test.test).collect();
        assert!(tested.iter().all(|test| matches!(test, OrderTest::Drift | OrderTest::Step)), "{tested:?}");
    });
}

/// Three cells of few blocks.
fn cells(blocks: u32, noise: f64) -> Synthetic {
    let mut run = Synthetic::make(&Recipe {
        seed: 3,
        blocks,
        noise,
        agents: vec![2, 4],
        sets: vec![("like-for-like", Client::Hyper), ("as-described", Client::Reqwest)],
        ..Recipe::default()
    });
    for row in &mut run.trials {
        row.started_utc = format!("2026-11-21T10:{:02}:{:02}.5Z", row.trial / 60, row.trial % 60);
    }
    run
}

#[test]
fn a_step_in_every_cell_is_found_at_its_place_with_its_size() {
    for blocks in [6, 12] {
        let mut run = cells(blocks, 0.002);
        let half = blocks / 2;
        run.stretch(|t| if t.block >= half { 1.0 / 0.9 } else { 1.0 });
        let first = run.trials.iter().find(|t| t.block == half).unwrap().started_utc.replace(".5Z", "Z");
        let wanted = format!("between block {} and {half} ({first}), over 4 cells together", half - 1);
        expect(&run, &["In run order stands out", "the efficiency falls by ", &wanted]);
        expect(&run, &["differences are taken inside blocks, which it does not reach"]);
        with_analysis(&run, |analysis| {
            let one = &analysis.order.together[0];
            let place = one.place.as_ref().unwrap();
            assert!((place.size + 0.1).abs() < 0.005 && place.blocks == (half - 1, half), "{one:?}");
            assert!(place.over_cells.0 > -0.105 && place.over_cells.1 < -0.095, "{place:?}");
            let line = crate::caveats(analysis).unwrap();
            assert!(line.contains("the efficiency falls by ") && line.contains("(see Run order)"), "{line}");
        });
    }
}

#[test]
fn a_step_inside_a_block_is_placed_there() {
    let mut run = cells(12, 0.002);
    let cut = run.trials.iter().find(|t| t.block == 7 && t.agents == 4).unwrap().trial;
    run.stretch(|t| if t.trial >= cut { 1.1 } else { 1.0 });
    expect(&run, &["within block 7 (", "the differences of block 7 mix both levels"]);
    with_analysis(&run, |analysis| {
        assert_eq!(analysis.order.together[0].place.as_ref().unwrap().trial, Some(cut));
    });
}

#[test]
fn a_step_of_time_alone_is_found_though_efficiency_has_none() {
    let mut run = cells(12, 0.002);
    let later: Vec<u32> = run.trials.iter().filter(|t| t.block >= 5).map(|t| t.trial).collect();
    for row in run.agents.iter_mut().filter(|row| later.contains(&row.trial) && row.phase == Phase::Solo) {
        let (start, end) = (row.start_ns.unwrap(), row.end_ns.unwrap());
        row.end_ns = Some(start + (end - start) * 6 / 5);
    }
    run.stretch(|t| if t.block >= 5 { 1.2 } else { 1.0 });
    expect(&run, &["the time of agents alone rises by 20", "between block 4 and 5"]);
}

#[test]
fn an_arm_that_changes_in_mid_run_is_found_in_its_differences() {
    let mut run = cells(12, 0.002);
    run.stretch(|t| if t.arm == "smol" && t.block >= 6 { 1.05 } else { 1.0 });
    expect(&run, &["smol minus tokio-default falls by 4.7", "its estimate mixes both states"]);
    with_analysis(&run, |analysis| {
        let one = analysis.order.together.iter().find(|one| one.of == Of::Difference("smol".into()));
        assert!(one.unwrap().tests[1].stands_out());
    });
}

#[test]
fn what_is_not_shown_may_be_there() {
    for seed in 1..9 {
        let run = Synthetic::make(&Recipe { seed, noise: 0.003, ..Recipe::default() });
        let section = section(&run);
        assert!(!section.contains("Nothing stands out"), "{section}");
        if section.contains("No effect of the run order is shown (") {
            assert!(section.contains("That does not say that there is none: of steps of the efficiency that come in mid-run and stay, 12 blocks would show four in five from about "), "{section}");
        }
    }
}

#[test]
fn blocks_that_depend_on_each_other_are_said_beside_the_verdict() {
    let mut run = Synthetic::make(&Recipe { blocks: 20, noise: 0.000_1, ..Recipe::default() });
    // The difference of smol wanders slowly.
    run.stretch(|t| if t.arm == "smol" { 1.0 + 0.004 * (f64::from(t.block) / 3.0).sin() } else { 1.0 });
    let page = page_of(&run);
    let line =
        page.lines().find(|line| line.starts_with("- smol&#58; ") || line.starts_with("- smol: ")).unwrap();
    assert!(line.contains("**But neighbouring blocks are alike (lag-1 r = 0."), "{line}");
    assert!(line.contains("the interval is too narrow by a factor of about "), "{line}");
    let other = page.lines().find(|line| line.starts_with("- smol-1kb")).unwrap();
    assert!(!other.contains("neighbouring blocks are alike"), "{other}");
}

#[test]
fn differences_of_which_half_are_equal_have_no_scale() {
    let mut run = quiet();
    // smol repeats the baseline's times in all blocks but two.
    let twin = |run: &Synthetic, block: u32, arm: &str| {
        run.trials.iter().find(|t| t.block == block && t.arm == arm).unwrap().trial
    };
    for block in 0..10 {
        let (from, to) = (twin(&run, block, "tokio-default"), twin(&run, block, "smol"));
        let source: Vec<_> = run.agents.iter().filter(|row| row.trial == from).cloned().collect();
        for row in run.agents.iter_mut().filter(|row| row.trial == to) {
            let same = source.iter().find(|one| one.phase == row.phase && one.agent == row.agent).unwrap();
            (row.release_ns, row.start_ns, row.end_ns) = (same.release_ns, same.start_ns, same.end_ns);
        }
    }
    let text = section(&run);
    assert!(text.contains("of 48 within-block differences"), "{text}");
    assert!(
        text.contains("Of 12 more it cannot be told, because at least half of their arm's are equal."),
        "{text}"
    );
    with_analysis(&run, |analysis| {
        let found = &analysis.order.cells[0].outlying;
        assert_eq!((found.differences, found.of, found.of_z), (60, 48, 48));
        assert_eq!(found.without_z, ["smol"]);
    });
}
