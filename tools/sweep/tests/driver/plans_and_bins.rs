//! The committed plans: they read, fit their budgets, and name every arm there is and no other.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use sweep::plan::{Plan, cells};
use sweep::{Target, comparisons, least_blocks, schedule, trial_time};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn names(folder: &Path, suffix: &str) -> BTreeSet<String> {
    let entries =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    entries.filter_map(|name| name.strip_suffix(suffix).map(str::to_string)).collect()
}

fn plans() -> Vec<Plan> {
    let folder = root().join("data/plans");
    names(&folder, ".toml").iter().map(|name| Plan::load(name, &folder).unwrap()).collect()
}

#[test]
fn every_arm_is_in_a_plan_and_every_plan_names_arms_that_exist() {
    let arms = names(&root().join("bins"), "");
    let exist = arms.iter().cloned().collect::<Vec<_>>().join(", ");
    let mut named = BTreeSet::new();
    for plan in plans() {
        for arm in plan.file.sets.iter().flat_map(|set| &set.arms) {
            assert!(
                arms.contains(arm),
                "plan {} names arm {arm}; those that exist in bins/: {exist}",
                plan.name
            );
            named.insert(arm.clone());
        }
    }
    let unnamed: Vec<_> = arms.difference(&named).collect();
    assert!(unnamed.is_empty(), "no plan in data/plans names {unnamed:?}; the arms in bins/ are {exist}");
}

#[test]
fn plans_are_described_and_of_an_even_number_of_blocks() {
    let plans = plans();
    let there: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
    for wanted in ["quick", "concurrency", "native", "buffers", "flood", "real", "smoke"] {
        assert!(there.contains(&wanted), "no plan {wanted}; there are {there:?}");
    }
    for plan in &plans {
        assert!(plan.file.description.len() > 20, "plan {}", plan.name);
        for set in &plan.file.sets {
            let blocks = set.blocks.unwrap_or(plan.file.blocks);
            assert!(
                blocks.is_multiple_of(2),
                "plan {} set {}: {blocks} blocks favour one phase order",
                plan.name,
                set.name
            );
        }
    }
}

#[test]
fn quick_fits_its_budget_by_the_simulators_numbers_and_no_plan_takes_an_hour() {
    let target = Target::parse("sim", None).unwrap();
    for plan in plans() {
        let cells = cells(&plan.file, &target, None).unwrap();
        let trials = schedule(&cells, &plan.file.baseline, plan.file.seed, "run");
        let total: Duration = trials.iter().map(|trial| trial_time(trial).unwrap()).sum();
        match plan.name.as_str() {
            "quick" => {
                assert!(
                    total < Duration::from_secs(225),
                    "quick takes {total:?}; under 4 minutes is promised"
                );
                assert!(cells.iter().all(|cell| cell.blocks >= 10));
                for clients in ["hyper", "as-described"] {
                    assert!(cells.iter().any(|cell| cell.client.as_str() == clients && cell.agents == 2));
                }
            }
            // Its time is the servers' own: the simulator's numbers say nothing about it, its shape does.
            "real" => assert!(cells.iter().all(|cell| cell.agents == 2 && (6..=10).contains(&cell.blocks))),
            "smoke" => assert!(total < Duration::from_secs(5), "smoke takes {total:?}"),
            _ => assert!(total < Duration::from_secs(3600), "{} takes {total:?}", plan.name),
        }
    }
}

#[test]
fn every_plan_but_smoke_can_lose_a_block_and_still_reach_verdicts() {
    for servers in ["sim", "ollama"] {
        let target = Target::parse(servers, None).unwrap();
        for plan in plans().iter().filter(|plan| plan.name != "smoke") {
            let cells = cells(&plan.file, &target, None).unwrap();
            let comparisons = comparisons(&cells, &plan.file.baseline);
            let (there, least) =
                (cells.iter().map(|cell| cell.blocks).min().unwrap(), least_blocks(comparisons));
            assert!(
                there > least,
                "plan {} on {servers}: {there} blocks; {comparisons} comparisons need {least} and one to spare",
                plan.name
            );
        }
    }
}
