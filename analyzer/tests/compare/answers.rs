use crate::common::{ARMS, Recipe};
use crate::{Pair, run};
use analyzer::compare::{Quantity, compare};
use tandem_records::Workload;

const CELL: &str = "like-for-like/stream/chimera_homo/a2";

#[test]
fn equal_runs_are_equivalent_everywhere() {
    let long = || Recipe { blocks: 40, ..Recipe::default() };
    let pair = Pair::of(&run(1, long()), &run(2, long()));
    let said = pair.said();
    for contrast in said.summary["contrasts"].as_array().unwrap() {
        for view in ["change", "relative"] {
            let verdict = contrast[view]["verdict"].as_str();
            assert!(matches!(verdict, None | Some("equivalent" | "negligible")), "{contrast:#}");
        }
    }
    let answer = said.answer();
    assert!(answer.contains("all 5 comparisons of an arm in a cell stayed within ±0.5 pp"), "{answer}");
    assert!(answer.contains("Times and costs, 20 comparisons: 20 within the margin."), "{answer}");
    assert_eq!((said.done.regression, said.done.warnings), (None, Vec::new()));
    assert!(said.page.contains("nothing that differs but the occasion"), "{}", said.page);
}

#[test]
fn a_slower_arm_is_named_in_both_views() {
    let slower = Recipe { effect: |arm| if arm == "smol" { -0.02 } else { 0.0 }, ..Recipe::default() };
    let said = Pair::of(&run(1, Recipe::default()), &run(2, slower)).said();
    for view in ["change", "relative"] {
        assert_eq!(said.verdict("efficiency", "smol", view), "relevant");
        assert_eq!(said.verdict("efficiency", "async-std", view), "equivalent");
    }
    let answer = said.answer();
    assert!(answer.contains(&format!("the efficiency of smol in {CELL} is lower by 2.0")), "{answer}");
    assert!(answer.contains("4 of 5 comparisons stayed within"), "{answer}");
    let regression = said.done.regression.clone().unwrap();
    assert!(regression.starts_with("relevant regression: the efficiency of smol"), "{regression}");
    assert!(!regression.contains("alike"), "{regression}");
}

#[test]
fn a_faster_arm_is_no_regression() {
    let faster = Recipe { effect: |arm| if arm == "smol" { 0.02 } else { 0.0 }, ..Recipe::default() };
    let said = Pair::of(&run(1, Recipe::default()), &run(2, faster)).said();
    assert_eq!(said.verdict("efficiency", "smol", "change"), "relevant");
    assert_eq!(said.done.regression, None);
    assert!(said.answer().contains("is higher by"));
}

#[test]
fn a_change_of_all_arms_is_not_blamed_on_one() {
    let slower = Recipe { effect: |_| -0.02, ..Recipe::default() };
    let said = Pair::of(&run(1, Recipe::default()), &run(2, slower)).said();
    for arm in ARMS.iter().filter(|arm| !arm.contains('#')) {
        assert_eq!(said.verdict("efficiency", arm, "change"), "relevant");
        if *arm != "tokio-default" {
            assert_eq!(said.verdict("efficiency", arm, "relative"), "equivalent");
        }
    }
    let answer = said.answer();
    assert!(answer.contains("got worse alike on all arms"), "{answer}");
    assert!(
        said.done
            .regression
            .unwrap()
            .contains("look at the machine, the servers or code that the arms share")
    );
}

#[test]
fn a_costlier_arm_is_a_regression_of_cost_alone() {
    let mut after = run(2, Recipe::default());
    for row in after.trials.iter_mut().filter(|row| row.arm == "smol") {
        row.cpu_ns = row.cpu_ns.map(|ns| ns * 5 / 4);
    }
    let said = Pair::of(&run(1, Recipe::default()), &after).said();
    assert_eq!(said.verdict("cpu-per-token", "smol", "change"), "relevant");
    assert_eq!(said.verdict("efficiency", "smol", "change"), "equivalent");
    let regression = said.done.regression.clone().unwrap();
    assert!(
        regression.contains("the CPU time per token of smol") && regression.contains("higher by 2"),
        "{regression}"
    );
}

#[test]
fn runs_without_the_same_work_are_unpaired() {
    let mut after = run(2, Recipe::default());
    after.plan.iter_mut().for_each(|row| row.seed += 7);
    after.trials.iter_mut().for_each(|row| row.seed += 7);
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    let said = pair.said();
    let change = &said.contrast("efficiency", "smol")["change"];
    assert_eq!((&change["n"]["a"], &change["n"]["b"]), (&12.into(), &12.into()));
    assert_eq!(said.verdict("efficiency", "smol", "change"), "equivalent");
    assert!(said.page.contains("Unpaired: the blocks of the two runs did not ask for the same work."));
    assert!(said.done.text.contains("12 | 12"), "{}", said.done.text);
}

#[test]
fn a_longer_run_is_compared_in_the_blocks_that_both_have() {
    let longer = Recipe { blocks: 20, ..Recipe::default() };
    let said = Pair::of(&run(1, Recipe::default()), &run(2, longer)).said();
    assert_eq!(said.contrast("efficiency", "smol")["change"]["n"]["blocks"], 12);
    assert_eq!(said.contrast("efficiency", "smol")["relative"]["n"]["b"], 20);
}

#[test]
fn a_run_against_itself_says_so() {
    let one = run(1, Recipe::default());
    let said = Pair::of(&one, &one).said();
    assert!(said.answer().starts_with("A and B are the same run: every change is 0"), "{}", said.answer());
    let change = &said.contrast("efficiency", "smol")["change"];
    assert_eq!(change["ci"], serde_json::json!([0.0, 0.0]));
    assert_eq!(change["verdict"], "equivalent");
    assert_eq!(said.done.regression, None);
}

#[test]
fn a_changed_copy_of_a_run_is_not_the_same_run() {
    let before = run(1, Recipe::default());
    let mut after = before.clone();
    after.slow_down("smol", 1.05, |_| true);
    let said = Pair::of(&before, &after).said();
    let answer = said.answer();
    assert!(answer.starts_with("A and B carry the same run id, but their rows differ: "), "{answer}");
    assert!(!answer.contains("by construction"), "{answer}");
    assert_eq!((&said.summary["same_id"], &said.summary["same_run"]), (&true.into(), &false.into()));
    assert!(said.done.regression.unwrap().contains("the efficiency of smol"));
}

#[test]
fn one_common_arm_is_compared_and_the_others_are_listed() {
    let two = |arms: [&'static str; 2]| Recipe { arms: arms.to_vec(), ..Recipe::default() };
    let pair = Pair::of(&run(1, two(["smol", "async-std"])), &run(2, two(["smol", "tokio-localset"])));
    let said = pair.said();
    assert_eq!(said.verdict("efficiency", "smol", "change"), "equivalent");
    assert!(said.contrast("efficiency", "smol")["relative"].is_null(), "there is no baseline");
    assert!(said.page.contains(&format!("In A and not in B: async-std in {CELL}.")), "{}", said.page);
    assert!(said.page.contains(&format!("In B and not in A: tokio-localset in {CELL}.")));
    assert!(!said.page.contains("relative.svg") && said.page.contains("change.svg"));
    assert!(said.answer().contains("the one arm and cell compared stayed within"), "{}", said.answer());
}

#[test]
fn cells_of_one_run_only_are_listed() {
    let more = Recipe { agents: vec![2, 4], ..Recipe::default() };
    let said = Pair::of(&run(1, Recipe::default()), &run(2, more)).said();
    assert_eq!(said.summary["only_in_b"], serde_json::json!(["like-for-like/stream/chimera_homo/a4"]));
    assert_eq!(said.summary["cells"].as_array().unwrap().len(), 1);
}

#[test]
fn a_flood_is_judged_by_costs_alone_and_an_exploratory_set_by_nothing() {
    let flood = |seed| {
        let mut run = run(seed, Recipe::default());
        run.plan.iter_mut().for_each(|row| row.workload = Workload::Flood);
        run.trials.iter_mut().for_each(|row| row.workload = Workload::Flood);
        run
    };
    let said = Pair::of(&flood(1), &flood(2)).said();
    let answer = said.answer();
    assert!(
        answer.starts_with("No change of efficiency is judged between A and B. Times and costs, 20"),
        "{answer}"
    );
    assert!(
        said.summary["exploratory"].as_array().unwrap().iter().any(|one| one["quantity"] == "efficiency")
    );

    let exploratory = |seed| {
        let mut run = run(seed, Recipe::default());
        run.manifest.plan.exploratory_sets = vec!["like-for-like".into()];
        run.slow_down("smol", if seed == 2 { 1.5 } else { 1.0 }, |_| true);
        run
    };
    let said = Pair::of(&exploratory(1), &exploratory(2)).said();
    assert_eq!(said.answer(), "No change of efficiency is judged between A and B.");
    assert_eq!((said.done.regression, said.done.warnings), (None, Vec::new()));
    assert!(said.page.contains("| smol | efficiency |"), "{}", said.page);
}

#[test]
fn named_quantities_alone_are_compared_and_the_choice_is_told() {
    let pair = Pair::of(&run(1, Recipe::default()), &run(2, Recipe::default()));
    let mut request = pair.request();
    request.quantities = vec![Quantity::CpuPerToken];
    compare(&request).unwrap();
    let page = std::fs::read_to_string(pair.out().join("before-vs-after/README.md")).unwrap();
    assert!(
        page.contains("after the data were there") && page.contains("only CPU time per token compared"),
        "{page}"
    );
    assert!(page.contains("No change of efficiency is judged") && !page.contains("### Efficiency"));
    assert!(page.contains("--metric cpu-per-token"));
}
