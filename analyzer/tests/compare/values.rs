//! The numbers against values computed apart from this program.

use crate::common::Recipe;
use crate::{Pair, run};
use analyzer::stats::{brunner_munzel, hodges_lehmann, multiple, rank_sum, shift, wilcoxon};
use serde_json::Value;
use std::collections::BTreeMap;

/// CPU time per token of an arm by block, as the rows have it.
fn cpu_per_token(run: &crate::Synthetic, arm: &str) -> BTreeMap<u32, f64> {
    let rows = run.trials.iter().filter(|row| row.arm == arm);
    let tokens = |row: &tandem_records::TrialRow| (crate::common::TOKENS * u64::from(row.agents)) as f64;
    rows.map(|row| (row.block, (row.cpu_ns.unwrap() as f64 / tokens(row)).ln())).collect()
}

fn minus(a: &BTreeMap<u32, f64>, b: &BTreeMap<u32, f64>) -> Vec<f64> {
    a.iter().map(|(block, a)| b[block] - a).collect()
}

fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - wanted).abs() < 1e-9, "{found} and not {wanted}");
}

#[test]
fn a_change_is_the_pseudo_median_over_blocks_and_a_relative_one_the_shift_between_differences() {
    let (a, b) = (run(1, Recipe::default()), run(2, Recipe::default()));
    let said = Pair::of(&a, &b).said();
    let contrast = said.contrast("cpu-per-token", "smol");
    let [smol_a, smol_b] = [&a, &b].map(|run| cpu_per_token(run, "smol"));
    let [base_a, base_b] = [&a, &b].map(|run| cpu_per_token(run, "tokio-default"));

    let level = 1.0 - 0.05 / 5.0;
    let change = hodges_lehmann::hodges_lehmann(&minus(&smol_a, &smol_b), level).unwrap().unwrap();
    close(&contrast["change"]["estimate"], change.value);
    close(&contrast["change"]["ci"][0], change.ci.unwrap().lo);
    close(&contrast["change"]["ci"][1], change.ci.unwrap().hi);

    let level = 1.0 - 0.05 / 4.0;
    let (before, after) = (minus(&base_a, &smol_a), minus(&base_b, &smol_b));
    let relative = brunner_munzel::shift_interval(&before, &after, level).unwrap().unwrap();
    close(&contrast["relative"]["estimate"], shift::shift(&before, &after).unwrap().unwrap());
    close(&contrast["relative"]["ci"][0], relative.lo);
    let families = said.summary["families"].as_array().unwrap();
    let family = families.iter().find(|family| family["quantity"] == "cpu-per-token").unwrap();
    assert_eq!((&family["changes"], &family["relative"]), (&5.into(), &4.into()));
}

#[test]
fn the_control_is_in_no_family_and_keeps_95_percent() {
    let (a, b) = (run(1, Recipe::default()), run(2, Recipe::default()));
    let said = Pair::of(&a, &b).said();
    let contrast = said.contrast("cpu-per-token", "tokio-default#2");
    assert_eq!(contrast["is_control"], true);
    assert_eq!(contrast["relative"]["ci"], contrast["relative"]["ci95"]);
    assert!(said.done.text.contains("A/A"));
}

#[test]
fn exploratory_changes_have_adjusted_p_values() {
    for shifted_seeds in [0, 7] {
        let (a, mut b) = (run(1, Recipe::default()), run(2, Recipe::default()));
        b.plan.iter_mut().for_each(|row| row.seed += shifted_seeds);
        b.trials.iter_mut().for_each(|row| row.seed += shifted_seeds);
        let said = Pair::of(&a, &b).said();
        let all = said.summary["exploratory"].as_array().unwrap();
        assert_eq!(all.len(), 3 * 6);
        let real: Vec<&Value> = all.iter().filter(|one| one["arm"] != "tokio-default#2").collect();
        let ps: Vec<f64> = real.iter().map(|one| one["p"].as_f64().unwrap()).collect();
        for (one, wanted) in real.iter().zip(multiple::benjamini_hochberg(&ps).unwrap()) {
            close(&one["p_adjusted"], wanted);
        }
        let delays = |run: &crate::Synthetic| -> BTreeMap<u32, f64> {
            let trials = run.trials.iter().filter(|row| row.arm == "smol");
            trials.map(|row| (row.block, row.delay_p50_ns.unwrap() as f64)).collect()
        };
        let (before, after) = (delays(&a), delays(&b));
        let list = |values: &BTreeMap<u32, f64>| values.values().copied().collect::<Vec<f64>>();
        let p = if shifted_seeds == 0 {
            wilcoxon::signed_rank_test(&minus(&before, &after)).unwrap().unwrap().p()
        } else {
            rank_sum::mann_whitney(&list(&before), &list(&after)).unwrap().unwrap().p()
        };
        let one = all.iter().find(|one| one["quantity"] == "delay-p50" && one["arm"] == "smol").unwrap();
        close(&one["p"], p);
    }
}
