//! The plan's floor: an arm without a runtime in every cell that it can do, compared with none.

use crate::support::{Bench, Responder, plan_of_two};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use sweep::plan::{Overrides, cells, parse_plan};
use sweep::{PlannedTrial, Target, families, schedule};
use tandem_records::{Client, PlanRow, Workload};

const FLOOR: &str = "floor-arm";

fn with_floor(plan: &str) -> String {
    plan.replacen("baseline = \"arm-a\"", &format!("baseline = \"arm-a\"\nfloor = \"{FLOOR}\""), 1)
}

/// Three sets, one a workload, on two levels of client and of read cap.
fn three_workloads() -> String {
    let plan = plan_of_two(6, "{}").replace("client = \"hyper\"", "client = [\"hyper\", \"reqwest\"]");
    let (head, stream) = plan.split_once("[[sets]]").unwrap();
    let capped = stream.replace("tokens = [100]", "tokens = [100]\nread_cap = [0, 1024]");
    let of = |workload: &str| capped.replace("stream", workload).replace("fakes", workload);
    with_floor(&format!("{head}[[sets]]{}[[sets]]{}[[sets]]{}", of("stream"), of("flood"), of("report")))
}

fn planned(text: &str) -> (Vec<PlannedTrial>, u32) {
    let plan = parse_plan("test", text).unwrap();
    let cells = cells(&plan, &Target::parse("sim", None).unwrap(), Overrides::default()).unwrap();
    let compared = families(&cells, &plan).iter().map(|family| family.comparisons).sum();
    (schedule(&cells, &plan.baseline, 1, "r"), compared)
}

#[test]
fn it_runs_once_per_block_in_every_cell_of_a_workload_that_it_can_do() {
    let (trials, compared) = planned(&three_workloads());
    let mut of_cell: BTreeMap<(&str, u32), Vec<&PlanRow>> = BTreeMap::new();
    for row in trials.iter().map(|trial| &trial.row) {
        of_cell.entry((&row.cell, row.block)).or_default().push(row);
    }
    assert_eq!(of_cell.len(), 9 * 6, "three sets of three combinations in six blocks");
    let mut positions = BTreeSet::new();
    for ((cell, block), rows) in &of_cell {
        let floors: Vec<&&PlanRow> = rows.iter().filter(|row| row.arm == FLOOR).collect();
        let expected = usize::from(rows[0].workload != Workload::Report);
        assert_eq!((floors.len(), rows.len()), (expected, 3 + expected), "{cell} block {block}");
        for floor in floors {
            let PlanRow { runtime, client, read_cap_bytes, position, seed, .. } = floor;
            assert_eq!((runtime.as_str(), *client, *read_cap_bytes), (FLOOR, Client::Epoll, None), "{cell}");
            assert_eq!(*seed, rows[0].seed, "the block's own work");
            positions.insert(*position);
        }
    }
    assert_eq!(positions, BTreeSet::from([0, 1, 2, 3]), "it is shuffled with the others");
    for trial in trials.iter().filter(|trial| trial.row.arm == FLOOR) {
        let spec = trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("data/runs/r"));
        assert_eq!((spec.client, spec.read_cap), (Some(Client::Epoll), None));
    }
    let (without, as_before) = planned(&three_workloads().replace(&format!("floor = \"{FLOOR}\""), ""));
    assert_eq!(compared, as_before, "it needs no blocks of its own");
    assert_eq!(trials.len(), without.len() + 6 * 6);
}

#[test]
fn the_driver_runs_it_says_so_and_records_it() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.noting_arm(FLOOR);
    bench.plan("two", &with_floor(&plan_of_two(6, "{}")));
    let dry = bench.run(&["--plan", "two", "--servers", "sim", "--dry-run"]).expect(0).stdout;
    let of_floor = |line: &&str| line.starts_with("trial ") && line.contains(&format!(" {FLOOR} "));
    assert_eq!(dry.lines().filter(of_floor).count(), 6, "{dry}");
    assert!(dry.lines().last().unwrap().starts_with("all: 24 trials, "), "{dry}");

    let (one, two) = (Responder::start(&["tiny"]), Responder::start(&["tiny"]));
    let servers = format!("{},{}", one.url, two.url);
    let done = bench.run(&["--plan", "two", "--servers", &servers, "--run", "r"]).expect(0);
    let said = format!("arm-a, arm-b and A/A (arm-a#2) beside the floor {FLOOR} on ");
    assert!(done.stdout.lines().next().unwrap().contains(&said), "{}", done.stdout);
    bench.assert_complete("r");
    let manifest = bench.manifest("r");
    assert_eq!((manifest.floor.as_deref(), manifest.trials), (Some(FLOOR), 24));
    assert!(manifest.arms.iter().any(|receipt| receipt.arm == FLOOR));
    let lines = bench.command_lines(FLOOR);
    assert_eq!(lines.len(), 6);
    assert!(lines.iter().all(|line| line.contains("--client epoll") && !line.contains("--read-cap")));
}
