//! The committed plans: they read, fit their budgets, and name every arm there is and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use sweep::plan::{Cell, Overrides, Plan, cells};
use sweep::{Target, families, schedule, trial_time};
use tandem_records::RequestOptions;

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

/// Arms that are no folder in bins/: fixtures of known pathologies, and the client in Python.
fn arms_outside_bins() -> BTreeSet<String> {
    let fixtures = root().join("tools/pathologies/src/bin");
    let mut arms = if fixtures.is_dir() { names(&fixtures, ".rs") } else { BTreeSet::new() };
    let python = "python-httpx";
    arms.extend(root().join("tools").join(python).is_dir().then(|| python.to_string()));
    arms
}

#[test]
fn every_arm_is_in_a_plan_and_every_plan_names_arms_that_exist() {
    let arms = names(&root().join("bins"), "");
    let outside = arms_outside_bins();
    let exist = arms.union(&outside).cloned().collect::<Vec<_>>().join(", ");
    let mut named = BTreeSet::new();
    for plan in plans() {
        for arm in plan.file.sets.iter().flat_map(|set| &set.arms).chain(&plan.file.floor) {
            assert!(
                arms.contains(arm) || outside.contains(arm),
                "plan {} names arm {arm}; those that exist in bins/, tools/pathologies/src/bin/ and tools/: {exist}",
                plan.name
            );
            named.insert(arm.clone());
        }
    }
    let unnamed: Vec<_> = arms.difference(&named).collect();
    assert!(unnamed.is_empty(), "no plan in data/plans names {unnamed:?}; the arms are {exist}");
}

#[test]
fn plans_are_described_and_of_an_even_number_of_blocks() {
    let plans = plans();
    let there: Vec<&str> = plans.iter().map(|plan| plan.name.as_str()).collect();
    for wanted in [
        "quick",
        "concurrency",
        "native",
        "buffers",
        "flood",
        "open-loop",
        "tr115",
        "micro",
        "peers-two",
        "real",
        "smoke",
    ] {
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
        let cells = cells(&plan.file, &target, Overrides::default()).unwrap();
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
            "real" => {
                assert!(
                    cells
                        .iter()
                        .all(|cell| cell.agents == 2
                            && (cell.set.exploratory || (6..=10).contains(&cell.blocks)))
                )
            }
            "tr115" => assert!(
                (25 * 60..32 * 60).contains(&total.as_secs()),
                "tr115 takes {total:?}; half an hour is promised"
            ),
            "peers-two" => assert!(
                (5 * 60..7 * 60).contains(&total.as_secs()),
                "peers-two takes {total:?}; six minutes are promised"
            ),
            "open-loop" => {
                assert!(
                    total < Duration::from_secs(480),
                    "open-loop takes {total:?}; under 8 minutes is promised"
                )
            }
            "micro" => assert!(
                total < Duration::from_secs(540),
                "micro takes {total:?}; under 10 minutes is promised"
            ),
            "smoke" => assert!(total < Duration::from_secs(5), "smoke takes {total:?}"),
            _ => assert!(total < Duration::from_secs(3600), "{} takes {total:?}", plan.name),
        }
    }
}

#[test]
fn every_plan_but_smoke_can_lose_a_block_and_still_reach_verdicts() {
    for servers in ["sim", "ollama"] {
        let target = Target::parse(servers, None).unwrap();
        // Micro workloads run on simulators alone.
        let fits = |plan: &&Plan| plan.name != "smoke" && (servers == "sim" || plan.file.micro.is_empty());
        for plan in plans().iter().filter(fits) {
            let cells = cells(&plan.file, &target, Overrides::default()).unwrap();
            for family in families(&cells, &plan.file) {
                assert!(
                    family.blocks > family.least_blocks,
                    "plan {} on {servers}: {family:?} needs one block to spare",
                    plan.name
                );
            }
        }
    }
}

/// Against the study's own rows: six configurations on five arms, with the options that it sent.
#[test]
fn tr115_has_the_studys_configurations_with_the_options_of_its_rows() {
    let plan = Plan::load("tr115", &root().join("data/plans")).unwrap();
    let path = root().join("data/reference/tr115/runs.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    // Scenario with both sides' num_gpu, num_ctx and temperature; empty where the study sent none.
    let study: BTreeSet<[String; 7]> = rows
        .iter()
        .filter(|row| row["tier"] == "results_v2" && row["role"] == "collector")
        .map(|a| {
            let run = |row: &&BTreeMap<String, String>| {
                ["tier", "runtime", "config", "run_index"].iter().all(|key| row[*key] == a[*key])
            };
            let b = rows.iter().filter(run).find(|row| row["role"] == "insight").unwrap();
            let sent = |row: &BTreeMap<String, String>| OPTIONS.map(|key| row[key].clone());
            let ([a0, a1, a2], [b0, b1, b2]) = (sent(a), sent(b));
            [a["scenario"].clone(), a0, a1, a2, b0, b1, b2]
        })
        .collect();
    assert_eq!(study.len(), 6);

    for servers in ["sim", "ollama"] {
        let cells = cells(&plan.file, &Target::parse(servers, None).unwrap(), Overrides::default()).unwrap();
        let of_set = |set: &str| -> Vec<[String; 7]> {
            cells.iter().filter(|cell| cell.set.name == set).map(sent_options).collect()
        };
        assert_eq!(of_set("independent").into_iter().collect::<BTreeSet<_>>(), study);
        assert_eq!(of_set("independent").len(), 6);
        let families: Vec<u32> =
            families(&cells, &plan.file).iter().map(|family| family.comparisons).collect();
        assert_eq!(families, [4, 20], "the shared GPU is only shown");
        // One GPU is the simulator's doing: real servers are measured once.
        assert_eq!(of_set("shared").len(), if servers == "sim" { 6 } else { 0 });
        assert!(cells.iter().all(|cell| cell.set.arms.len() == 5 && cell.agents == 2 && cell.calls() == 2));
    }
}

const OPTIONS: [&str; 3] = ["num_gpu", "num_ctx", "temperature"];

/// A cell's scenario with both sides' options as they are sent.
fn sent_options(cell: &Cell) -> [String; 7] {
    let (a, b) = cell.options();
    let sent = |side: &RequestOptions| {
        assert!(side.keys().all(|key| OPTIONS.contains(&key.as_str())), "{side:?}");
        OPTIONS.map(|key| side.get(key).map_or(String::new(), |value| value.to_string()))
    };
    let ([a0, a1, a2], [b0, b1, b2]) = (sent(&a), sent(&b));
    [cell.configuration.scenario.as_str().to_string(), a0, a1, a2, b0, b1, b2]
}
