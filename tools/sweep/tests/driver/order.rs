//! What runs when: the order is the plan's, blocks are complete, equal work for equal blocks.

use crate::support::{Bench, Responder, plan_of_two};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use sweep::plan::{Overrides, cells, parse_plan};
use sweep::{Target, schedule};
use tandem_records::{PhaseOrder, PlanRow};

#[test]
fn trials_run_in_the_order_of_the_plan_and_keep_their_numbers() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    let (one, two) = (Responder::start(&["tiny"]), Responder::start(&["tiny"]));
    bench.plan("two", &plan_of_two(6, r#"{ fake_efficiency = { "arm-a" = 0.99, "arm-b" = 0.95 } }"#));
    let servers = format!("{},{}", one.url, two.url);
    let done = bench.run(&["--plan", "two", "--servers", &servers, "--run", "r"]).expect(0);
    assert!(
        done.stdout.lines().next().unwrap().contains("arm-a, arm-b and A/A (arm-a#2)"),
        "{}",
        done.stdout
    );
    assert!(done.stdout.lines().last().unwrap().contains("18 trials ok, 0 failed of 18"), "{}", done.stdout);
    assert!(done.stdout.trim_end().ends_with("next: make report RUN=r"), "{}", done.stdout);

    let (planned, trials) = (bench.planned("r"), bench.trials("r"));
    bench.assert_complete("r");
    let plan_order: Vec<_> =
        planned.iter().map(|row| (row.trial, row.block, row.position, row.arm.clone())).collect();
    let run_order: Vec<_> =
        trials.iter().map(|row| (row.trial, row.block, row.position, row.arm.clone())).collect();
    assert_eq!(run_order, plan_order);
    assert!(trials.windows(2).all(|pair| pair[0].started_utc < pair[1].started_utc));

    // W = sum S / (n E): 100 ms alone, so 100/0.99 and 100/0.95 together, within the noise of 0.05 %.
    for row in &trials {
        let efficiency = if row.runtime == "arm-b" { 0.95 } else { 0.99 };
        let makespan_ms = row.makespan_ns.unwrap() as f64 / 1e6;
        assert!((makespan_ms * efficiency / 100.0 - 1.0).abs() < 0.0006, "{} {makespan_ms}", row.arm);
        assert_eq!(row.streams_open_max, Some(2));
        assert_eq!(row.server_late_p99_ns, None);
    }
    let manifest = bench.manifest("r");
    assert_eq!((manifest.trials, manifest.blocks, manifest.seed), (18, 6, 7));
    assert_eq!(manifest.servers[0].model_digest.as_deref(), Some("d-tiny"));
    assert!(
        manifest.arms.iter().any(|receipt| receipt.arm == "arm-b" && receipt.version.contains("arm: arm-b"))
    );
}

#[test]
fn a_dry_run_lists_the_same_order_and_writes_nothing() {
    let bench = Bench::with_arms(&[]);
    bench.plan("two", &plan_of_two(3, "{}"));
    let args = ["--plan", "two", "--servers", "sim", "--dry-run"];
    let (first, second) = (bench.run(&args).expect(0).stdout, bench.run(&args).expect(0).stdout);
    assert_eq!(first, second);
    assert!(first.lines().next().unwrap().contains("; 1 cell, 3 blocks, 9 trials, "), "{first}");
    assert_eq!(first.lines().filter(|line| line.starts_with("trial ")).count(), 9);
    assert!(first.lines().last().unwrap().starts_with("all: 9 trials, "), "{first}");
    assert_eq!(std::fs::read_dir(bench.path("runs")).unwrap().count(), 0);
}

fn plan_text(blocks: u32, own_blocks: u32, arms: usize, agents: &[u32], caps: &[u32]) -> String {
    let arms: Vec<String> = (0..arms).map(|n| format!("arm-{n}")).collect();
    format!(
        r#"description = "generated"
blocks = {blocks}
seed = 1
baseline = "arm-0"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "one"
arms = {arms:?}
client = ["hyper", "reqwest"]
agents = {agents:?}
workload = "stream"
scenario = "chimera_homo"
tokens = 10
read_cap = {caps:?}
[[sets]]
name = "two"
arms = {arms:?}
client = "hyper"
agents = 2
workload = "flood"
scenario = "chimera_homo"
tokens = [10, 20]
blocks = {own_blocks}
[sets.sim]
coalesce = [1, 8]
"#
    )
}

fn rows(text: &str, seed: u64) -> Vec<PlanRow> {
    let plan = parse_plan("test", text).unwrap();
    let cells = cells(&plan, &Target::parse("sim", None).unwrap(), Overrides::default()).unwrap();
    schedule(&cells, &plan.baseline, seed, "run").into_iter().map(|trial| trial.row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn blocks_are_complete_balanced_and_repeatable(
        blocks in 1u32..7, own_blocks in 1u32..7, arms in 1usize..6, seed: u64,
        agents in proptest::collection::btree_set(1u32..40, 1..4), caps in proptest::collection::btree_set(1u32..9000, 0..3),
    ) {
        let agents: Vec<u32> = agents.into_iter().collect();
        let caps: Vec<u32> = std::iter::once(0).chain(caps).collect();
        let text = plan_text(blocks, own_blocks, arms, &agents, &caps)
            .replace(r#"["hyper", "reqwest"]"#, r#"["hyper", "lean", "reqwest"]"#);
        let rows = rows(&text, seed);
        prop_assert_eq!(&rows, &self::rows(&text, seed));

        let mut groups: BTreeMap<(u32, &str), Vec<&PlanRow>> = BTreeMap::new();
        for (number, row) in rows.iter().enumerate() {
            prop_assert_eq!(row.trial as usize, number);
            groups.entry((row.block, &row.cell)).or_default().push(row);
        }
        // hyper and lean at every cap and reqwest uncapped, for every number of agents; two levels of coalesce.
        let cells_one = agents.len() * (2 * caps.len() + 1);
        prop_assert_eq!(groups.len(), cells_one * blocks as usize + 2 * own_blocks as usize);
        for ((block, _), group) in &groups {
            let labels: BTreeSet<&str> = group.iter().map(|row| row.arm.as_str()).collect();
            prop_assert_eq!(labels.len(), arms + 1);
            prop_assert_eq!(group.len(), arms + 1);
            prop_assert!(labels.contains("arm-0#2") && labels.contains("arm-0"));
            let positions: Vec<u32> = group.iter().map(|row| row.position).collect();
            prop_assert_eq!(positions, (0..=arms as u32).collect::<Vec<_>>());
            prop_assert!(group.iter().all(|row| row.seed == group[0].seed && row.seed < 1 << 53));
            prop_assert!(group.windows(2).all(|pair| pair[0].trial + 1 == pair[1].trial));
            let expected = if block % 2 == 0 { PhaseOrder::SoloFirst } else { PhaseOrder::ConcurrentFirst };
            prop_assert!(group.iter().all(|row| row.phase_order == expected));
        }
        let seeds: BTreeSet<u64> = rows.iter().map(|row| row.seed).collect();
        prop_assert_eq!(seeds.len(), groups.len());
        prop_assert!(rows.windows(2).all(|pair| pair[0].block <= pair[1].block));
    }
}

#[test]
fn another_seed_gives_another_order_and_other_work() {
    let text = plan_text(6, 6, 5, &[2, 4], &[0]);
    let (one, two) = (rows(&text, 1), rows(&text, 2));
    assert_ne!(
        one.iter().map(|row| &row.arm).collect::<Vec<_>>(),
        two.iter().map(|row| &row.arm).collect::<Vec<_>>()
    );
    assert!(one.iter().all(|row| two.iter().all(|other| other.seed != row.seed)));
}

/// A change of this order would let one run of an old plan mix two schedules.
#[test]
fn the_order_of_a_seed_stays_the_same_in_every_build() {
    let order: Vec<String> =
        rows(&plan_text(1, 1, 3, &[2], &[0]), 115).into_iter().map(|row| row.arm).collect();
    assert_eq!(order.join(" "), include_str!("order-of-seed-115.txt").trim());
}

#[test]
fn too_few_blocks_for_a_verdict_are_said_and_not_refused() {
    let bench = Bench::with_arms(&[]);
    bench.plan("two", &plan_of_two(5, "{}"));
    bench.plan("flood", &plan_of_two(5, "{}").replace("\"stream\"", "\"flood\""));
    let dry =
        |args: &[&str]| bench.run(&[args, &["--servers", "sim", "--dry-run"]].concat()).expect(0).stderr;
    assert_eq!(
        dry(&["--plan", "two"]),
        "warning: with 1 comparison in the primary cell a verdict needs at least 6 blocks, this run has 5; raise BLOCKS\n"
    );
    assert_eq!(dry(&["--plan", "two", "--blocks", "6"]), "");
    assert_eq!(dry(&["--plan", "flood"]), "", "a flood gets no verdict");
    bench
        .plan("shown", &plan_of_two(5, "{}").replace("tokens = [100]", "tokens = [100]\nexploratory = true"));
    assert_eq!(dry(&["--plan", "shown"]), "", "an exploratory set gets no verdict");
    bench.plan("reports", &plan_of_two(5, "{}").replace("\"stream\"", "\"report\""));
    assert_eq!(dry(&["--plan", "reports"]), dry(&["--plan", "two"]), "a report is judged as a stream is");
}
