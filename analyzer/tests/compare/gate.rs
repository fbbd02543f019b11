use crate::common::{Recipe, Synthetic};
use crate::{Pair, Said, run};
use tandem_records::{Client, Status};

/// B with smol slower by a share, and the baseline's second label off by another.
fn slower(smol: f64, second: f64) -> Synthetic {
    let mut run = run(2, Recipe::default());
    run.slow_down("smol", 1.0 + smol, |_| true);
    run.slow_down("tokio-default#2", 1.0 + second, |_| true);
    run
}

fn said(after: &Synthetic) -> Said {
    Pair::of(&run(1, Recipe::default()), after).said()
}

#[test]
fn a_regression_beyond_what_the_bias_explains_stands() {
    let said = said(&slower(0.05, 0.003));
    assert_eq!(said.contrast("efficiency", "smol")["aa"][1]["reading"], "biased");
    assert!(said.done.regression.is_some(), "5 pp are no bias of 0.3 pp");
    assert!(said.done.text.contains("relevant (!)") && said.done.text.contains("biased in B"));
}

#[test]
fn a_regression_that_a_bias_may_explain_is_neither_passed_in_silence_nor_failed() {
    let said = said(&slower(0.02, 0.03));
    assert_eq!(said.verdict("efficiency", "smol", "change"), "relevant");
    assert_eq!(said.done.regression, None);
    let warning = &said.done.warnings[0];
    assert!(warning.contains("1 relevant change for the worse not decidable and not counted"), "{warning}");
    assert!(warning.contains("the baseline differs from itself by enough to explain it"), "{warning}");
    assert_eq!(said.summary["undecided_regressions"][0]["arm"], "smol");
}

#[test]
fn a_regression_in_a_cell_full_of_invalid_trials_is_not_decidable() {
    let mut after = slower(0.05, 0.0);
    for row in after.trials.iter_mut().filter(|row| row.block < 3 && row.arm != "smol") {
        row.server_late_p99_ns = Some(900_000);
    }
    let said = said(&after);
    assert_eq!(said.done.regression, None);
    assert!(said.done.warnings[0].contains("over a tenth of its trials cannot count"));
}

#[test]
fn an_arm_that_no_longer_works_is_a_regression() {
    let mut after = run(2, Recipe::default());
    let trials: Vec<u32> = after.trials.iter().filter(|row| row.arm == "smol").map(|row| row.trial).collect();
    trials.into_iter().for_each(|trial| after.fail(trial, Status::Panicked, "index out of bounds"));
    let said = said(&after);
    let regression = said.done.regression.clone().unwrap();
    let wanted = "smol in like-for-like/stream/chimera_homo/a2 failed 12 of 12 trials in B (panicked), none of 12 in A";
    assert!(regression.contains(wanted), "{regression}");
    assert!(said.answer().contains("New failures: smol in "), "{}", said.answer());
    assert_eq!(said.verdict("efficiency", "smol", "change"), "not_analysable");
}

#[test]
fn an_arm_that_has_not_run_yet_is_no_regression_but_told() {
    let mut after = run(2, Recipe::default());
    after.forget(|row| row.arm == "smol");
    let said = said(&after);
    assert_eq!(said.done.regression, None);
    assert!(
        said.done.warnings.iter().any(|line| line.contains("not analysable (needs >= ")),
        "{:?}",
        said.done.warnings
    );
    assert!(
        said.answer().starts_with("So far (B has 60 of 72 planned trials): From A to B"),
        "{}",
        said.answer()
    );
}

#[test]
fn an_unresolved_change_for_the_worse_is_told_and_not_counted() {
    let mut after = run(2, Recipe::default());
    // Half of the blocks by 2 %, half by a hair: lower for certain, by how much is open.
    after.slow_down("smol", 1.001, |_| true);
    let mut odd = after.clone();
    odd.slow_down("smol", 1.02, |_| true);
    for (row, slow) in after.trials.iter_mut().zip(&odd.trials) {
        if row.block % 2 == 1 {
            row.clone_from(slow);
        }
    }
    let trials: Vec<u32> =
        after.trials.iter().filter(|row| row.block % 2 == 1).map(|row| row.trial).collect();
    for (row, slow) in after.agents.iter_mut().zip(&odd.agents) {
        if trials.contains(&row.trial) {
            row.clone_from(slow);
        }
    }
    let said = said(&after);
    assert_eq!(said.verdict("efficiency", "smol", "change"), "unresolved");
    assert_eq!(said.done.regression, None);
    assert!(
        said.done.warnings.iter().any(|line| line.contains("1 change for the worse unresolved")),
        "{:?}",
        said.done.warnings
    );
}

#[test]
fn single_trials_that_lose_much_are_a_regression_though_the_typical_one_is_equal() {
    let mut after = run(2, Recipe::default());
    // Three of twelve take twice as long together.
    after.stretch(|row| if row.arm == "smol" && row.block % 4 == 1 { 2.0 } else { 1.0 });
    let said = said(&after);
    assert_ne!(said.verdict("efficiency", "smol", "change"), "equivalent");
    let regression = said.done.regression.clone().expect("a regression");
    assert!(
        regression.contains("3 of 12 trials of smol in like-for-like/stream/chimera_homo/a2 are worse"),
        "{regression}"
    );
    assert!(regression.contains("and 0 of 72 were in A"), "{regression}");
    assert!(said.answer().contains("Single trials got worse: 3 of 12 trials of smol"), "{}", said.answer());
    assert_eq!(said.summary["tail_losses"][0]["trials"], 3);
}

#[test]
fn one_bad_moment_is_no_regression() {
    let mut after = run(2, Recipe::default());
    after.stretch(|row| if row.arm == "smol" && row.block == 5 { 2.0 } else { 1.0 });
    let said = said(&after);
    assert_eq!(said.done.regression, None);
    assert!(!said.answer().contains("single trials"), "{}", said.answer());
}

#[test]
fn lost_trials_that_chance_may_explain_are_told() {
    let mut after = run(2, Recipe::default());
    after.stretch(|row| if row.arm == "smol" && row.block % 6 == 1 { 2.0 } else { 1.0 });
    let said = said(&after);
    assert_eq!(said.done.regression, None);
    let wanted =
        "More single trials got worse, which chance may explain: 2 of 12 trials of smol in like-for-like";
    assert!(said.answer().contains(wanted), "{}", said.answer());
    assert!(said.done.text.contains(wanted) && said.page.contains(wanted), "{}", said.page);
    assert!(
        said.done.warnings.iter().any(|line| line.contains("2 of 12 trials of smol in ")),
        "{:?}",
        said.done.warnings
    );
    assert_eq!(said.summary["undecided_tail_losses"][0]["trials"], 2);
}

#[test]
fn lost_trials_of_an_arm_add_up_over_cells() {
    let cells = || Recipe { agents: vec![2, 3, 4, 5, 6], ..Recipe::default() };
    // Two of twelve in each cell.
    let mut after = run(2, cells());
    after.stretch(|row| if row.arm == "smol" && row.block % 6 == 1 { 2.0 } else { 1.0 });
    let said = Pair::of(&run(1, cells()), &after).said();
    let wanted =
        "10 of 60 trials of smol over 5 cells are worse than the others in efficiency, by about 49.9";
    assert!(said.answer().contains(&format!("Single trials got worse: {wanted}")), "{}", said.answer());
    let regression = said.done.regression.unwrap();
    assert!(regression.contains(wanted) && regression.contains("and 0 of its 60 were in A"), "{regression}");
    assert_eq!(said.summary["tail_losses"].as_array().unwrap().len(), 1, "told once");
    assert_eq!(said.summary["undecided_tail_losses"].as_array().unwrap().len(), 0, "told once");
}

#[test]
fn a_cell_that_tells_a_loss_is_not_told_over_the_cells_once_more() {
    let cells = || Recipe { agents: vec![2, 4, 6], ..Recipe::default() };
    let mut after = run(2, cells());
    after.stretch(|row| match (row.arm.as_str(), row.agents) {
        ("smol", 2) if row.block % 3 == 1 => 2.0,
        ("smol", 4) if row.block == 1 => 2.0,
        _ => 1.0,
    });
    let said = Pair::of(&run(1, cells()), &after).said();
    assert!(said.done.regression.unwrap().contains("4 of 12 trials of smol in like-for-like/stream"));
    assert_eq!(said.summary["tail_losses"].as_array().unwrap().len(), 1);
    assert_eq!(said.summary["undecided_tail_losses"].as_array().unwrap().len(), 0);
}

#[test]
fn an_arm_that_lost_as_many_trials_in_a_got_no_worse() {
    let with_tail = |seed| {
        let mut run = run(seed, Recipe::default());
        run.stretch(|row| if row.arm == "smol" && row.block < 5 { 2.0 } else { 1.0 });
        run
    };
    let said = Pair::of(&with_tail(1), &with_tail(2)).said();
    assert_eq!(said.done.regression, None);
    assert!(!said.answer().contains("ingle trials"), "{}", said.answer());
}

/// The first so many trials of an arm fail.
fn failing(run: &mut Synthetic, arm: &str, n: usize) {
    let trials: Vec<u32> =
        run.trials.iter().filter(|row| row.arm == arm).map(|row| row.trial).take(n).collect();
    trials.into_iter().for_each(|trial| run.fail(trial, Status::Timeout, "no answer in 5 s"));
}

#[test]
fn new_failures_are_a_regression_and_one_alone_is_a_warning() {
    let mut after = run(2, Recipe::default());
    failing(&mut after, "smol", 2);
    let two = said(&after);
    let wanted =
        "smol in like-for-like/stream/chimera_homo/a2 failed 2 of 12 trials in B (timeout), none of 12 in A";
    assert!(two.done.regression.as_ref().unwrap().contains(wanted), "{:?}", two.done.regression);
    assert_eq!(two.summary["new_failures"][0]["arm"], "smol");
    assert_eq!(two.summary["new_failures"][0]["b"]["failed_by_status"][0]["status"], "timeout");
    assert!(
        two.page.contains("failed: smol 0 of 12 trials in A, 2 of 12 trials (timeout) in B"),
        "{}",
        two.page
    );

    let mut after = run(2, Recipe::default());
    failing(&mut after, "smol", 1);
    let one = said(&after);
    assert_eq!(one.done.regression, None);
    assert!(
        one.done.warnings.iter().any(|line| line.contains("smol in ") && line.contains("chance may explain")),
        "{:?}",
        one.done.warnings
    );
    assert_eq!(one.summary["undecided_failures"][0]["arm"], "smol");
}

#[test]
fn failures_that_a_had_as_well_are_none_of_b() {
    let (mut before, mut after) = (run(1, Recipe::default()), run(2, Recipe::default()));
    failing(&mut before, "smol", 3);
    failing(&mut after, "smol", 4);
    let alike = Pair::of(&before, &after).said();
    assert_eq!(alike.done.regression, None, "3 and 4 of 12 are chance");
    // Another arm fails half of its trials: servers that fail one in twenty do not explain that.
    failing(&mut after, "async-std", 6);
    let half = Pair::of(&before, &after).said();
    assert!(half.done.regression.as_ref().unwrap().contains("async-std in "), "{:?}", half.done.regression);
    // The other way round, nothing got worse.
    assert_eq!(Pair::of(&after, &before).said().done.regression, None);
}

/// What B's failures are where A has others, each as arm and number.
fn failures(before: &[(&str, usize)], after: &[(&str, usize)]) -> Said {
    let (mut a, mut b) = (run(1, Recipe::default()), run(2, Recipe::default()));
    before.iter().for_each(|(arm, n)| failing(&mut a, arm, *n));
    after.iter().for_each(|(arm, n)| failing(&mut b, arm, *n));
    Pair::of(&a, &b).said()
}

#[test]
fn failures_of_another_arm_in_a_excuse_none() {
    let one = failures(&[("async-std", 1)], &[("smol", 4)]);
    let regression = one.done.regression.unwrap();
    let wanted = "failed 4 of 12 trials in B (timeout), none of 12 in A (1 of 72 over all arms and cells)";
    assert!(regression.contains(wanted), "{regression}");
    let moved = failures(&[("smol", 2)], &[("async-std", 4)]).done.regression.unwrap();
    assert!(moved.contains("async-std in "), "{moved}");
    // An arm that never worked in A is no measure of the others.
    let broken = failures(&[("async-std", 12)], &[("smol", 6)]).done.regression.unwrap();
    assert!(broken.contains("smol in ") && broken.contains("none of 12 in A"), "{broken}");
}

#[test]
fn two_failures_where_another_arm_failed_in_a_are_a_warning() {
    let said = failures(&[("async-std", 1)], &[("smol", 2)]);
    assert_eq!(said.done.regression, None);
    assert!(
        said.done
            .warnings
            .iter()
            .any(|line| line.contains("smol in ") && line.contains("chance may explain")),
        "{:?}",
        said.done.warnings
    );
}

#[test]
fn failures_of_the_floor_count_like_those_of_an_arm() {
    const FLOOR: &str = "epoll-floor";
    let with_floor = |seed| {
        let arms = crate::common::ARMS.iter().copied().chain([FLOOR]).collect();
        let mut run = run(seed, Recipe { arms, ..Recipe::default() });
        run.manifest.floor = Some(FLOOR.into());
        run.plan.iter_mut().filter(|row| row.arm == FLOOR).for_each(|row| row.client = Client::Epoll);
        run.trials.iter_mut().filter(|row| row.arm == FLOOR).for_each(|row| row.client = Client::Epoll);
        run
    };
    let mut after = with_floor(2);
    failing(&mut after, FLOOR, 3);
    let said = Pair::of(&with_floor(1), &after).said();
    let regression = said.done.regression.clone().unwrap();
    assert!(regression.contains("epoll-floor in ") && regression.contains("failed 3 of 12"), "{regression}");
    assert!(said.answer().contains("New failures: epoll-floor in "), "{}", said.answer());
    assert!(said.page.contains("failed: epoll-floor 0 of 12 trials in A, 3 of 12"), "{}", said.page);
}

#[test]
fn one_failure_of_each_arm_adds_up() {
    let mut after = run(2, Recipe::default());
    for arm in crate::common::ARMS {
        failing(&mut after, arm, 1);
    }
    let regression = said(&after).done.regression.unwrap();
    assert!(
        regression.contains("all arms together failed 6 of 72 trials in B (timeout), none of 72 in A"),
        "{regression}"
    );
}
