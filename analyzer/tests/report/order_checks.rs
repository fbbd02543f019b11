//! The checks of the order of the trials.

use crate::common::{Recipe, Synthetic};
use crate::{page_of, with_analysis};
use analyzer::analysis::{Analysis, OrderTest};
use tandem_records::{Status, Workload};

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
    analysis.order[0].tests.iter().filter(|test| test.stands_out()).map(|test| test.test).collect()
}

#[test]
fn an_order_without_effect() {
    expect(
        &quiet(),
        &["Nothing stands out in run order (4 tests, ", "| like-for-like/stream/chimera_homo/a2 | 12 | 72 |"],
    );
    with_analysis(&quiet(), |analysis| {
        let order = &analysis.order[0];
        assert_eq!((order.blocks, order.complete_blocks, order.trials, order.outlying.of), (12, 12, 72, 60));
        assert_eq!(standing_out(analysis), []);
    });
}

#[test]
fn drift_over_the_blocks_is_found_and_leaves_the_verdicts_alone() {
    let mut run = quiet();
    run.stretch(|t| 1.0 + 0.002 * f64::from(t.block));
    expect(
        &run,
        &["efficiency drifts over the blocks in like-for-like/stream/chimera_homo/a2", "| -1.00 | -0.19"],
    );
    with_analysis(&run, |analysis| {
        assert_eq!(standing_out(analysis), [OrderTest::Drift]);
        assert!(analysis.order[0].slope.unwrap() < -0.0015);
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
        assert!(analysis.order[0].acf1.unwrap() > 0.3);
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
        let flagged = &analysis.order[0].outlying.flagged;
        let one = flagged.iter().find(|one| one.trial == smol).unwrap();
        assert!(one.difference < -0.04 && one.baseline_trial == baseline);
        assert_eq!(analysis.tally.counted, 72);
        assert_eq!(analysis.headline().unwrap().arm("smol").unwrap().counted.len(), 12);
    });
    let mut run = quiet();
    run.stretch(|t| if t.trial == baseline { 1.05 } else { 1.0 });
    with_analysis(&run, |analysis| {
        let flagged = &analysis.order[0].outlying.flagged;
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
        &["Nothing stands out in run order (2 tests,", "needs >= 6 blocks", "needs >= 6 complete blocks"],
    );
    let mut gaps = quiet();
    gaps.forget(|t| t.block >= 4 && t.arm == "smol");
    expect(&gaps, &["(3 tests,", "needs >= 6 complete blocks"]);
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
            "cannot be tested",
            "values that vary",
            "None of 60 within-block differences is outlying",
            "| 0 / 0 / – of 60 |",
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
    expect(&run, &["Nothing stands out in run order (4 tests,"]);
}

#[test]
fn one_arm_alone_has_drift_and_nothing_else() {
    let run = Synthetic::make(&Recipe { arms: vec!["tokio-default"], ..Recipe::default() });
    expect(&run, &["(1 test, ", "| 12 | 12 |"]);
}
