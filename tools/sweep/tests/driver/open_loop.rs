//! The open loop: from the plan's rate to the trial's command line, its time and its rows.

use crate::support::{Bench, plan_of_two};
use std::path::Path;
use sweep::plan::{Cell, Overrides, cells, parse_plan};
use sweep::{Target, families, schedule, trial_time};
use tandem_records::{Arrivals, Phase, RequestRow};

/// A plan of two arms with further keys in its set.
fn plan(keys: &str) -> String {
    plan_of_two(2, "{}").replace("tokens = [100]", &format!("tokens = [100]\n{keys}"))
}

fn expanded(keys: &str) -> Vec<Cell> {
    let plan = parse_plan("test", &plan(keys)).unwrap();
    cells(&plan, &Target::parse("sim", None).unwrap(), Overrides::default()).unwrap()
}

#[test]
fn rates_are_a_factor_that_shows_in_names_rows_and_command_lines() {
    let cells = expanded("rate = [50, 2.5]\narrivals = \"constant\"");
    let names: Vec<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(names, ["fakes/stream/chimera_homo/a2/r50", "fakes/stream/chimera_homo/a2/r2.5"]);
    for trial in schedule(&cells, "arm-a", 1, "r") {
        let rate = if trial.row.cell.ends_with("/r50") { 50.0 } else { 2.5 };
        assert_eq!((trial.row.rate_per_s, trial.row.arrivals), (Some(rate), Some(Arrivals::Constant)));
        let line = trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("r")).to_args().join(" ");
        assert!(line.contains(&format!("--rate {rate} --arrivals constant")), "{line}");
    }
}

#[test]
fn one_rate_leaves_no_trace_in_the_name_and_arrivals_are_poisson_unless_named() {
    let one = &expanded("rate = 50")[0];
    assert_eq!(
        (one.name.as_str(), one.arrivals()),
        ("fakes/stream/chimera_homo/a2", Some(Arrivals::Poisson))
    );
    let closed = &expanded("")[0];
    assert_eq!((closed.rate_per_s, closed.arrivals()), (None, None));
    let trial = &schedule(std::slice::from_ref(closed), "arm-a", 1, "r")[0];
    let line = trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("r")).to_args().join(" ");
    assert!(!line.contains("--rate") && !line.contains("--arrivals"), "{line}");
}

#[test]
fn a_trial_takes_longer_by_the_time_from_the_first_start_to_the_last() {
    let time = |keys: &str| trial_time(&schedule(&expanded(keys), "arm-a", 1, "r")[0]).unwrap().as_secs_f64();
    assert!((time("rate = 0.5") - time("") - 2.0).abs() < 1e-9, "two agents, one gap of 2 s");
}

#[test]
fn no_efficiency_is_judged_in_an_open_loop() {
    let families = |keys: &str| -> Vec<(&str, u32)> {
        let plan = parse_plan("test", &plan(keys)).unwrap();
        families(&expanded(keys), &plan).iter().map(|family| (family.of, family.comparisons)).collect()
    };
    assert_eq!(families(""), [("the primary cell", 1)]);
    assert_eq!(families("rate = 50"), [("open loops", 1)]);
}

#[test]
fn an_open_loop_needs_blocks_for_its_own_comparisons() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("few", &plan("rate = 50"));
    let said = bench.run(&["--plan", "few", "--dry-run"]).expect(0).stderr;
    assert!(
        said.contains("with 1 comparison in open loops a verdict needs at least 6 blocks, this run has 2"),
        "{said}"
    );
    let said = bench.run(&["--plan", "few", "--blocks", "6", "--dry-run"]).expect(0).stderr;
    assert!(!said.contains("comparison"), "{said}");
}

#[test]
fn the_rows_of_a_run_keep_rate_and_intended_starts() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("open", &plan("rate = 50"));
    bench.run(&["--plan", "open", "--run", "r"]).expect(0);
    bench.assert_complete("r");
    for row in bench.trials("r") {
        assert_eq!((row.rate_per_s, row.arrivals), (Some(50.0), Some(Arrivals::Poisson)));
    }
    for row in bench.rows::<RequestRow>("r") {
        assert_eq!(row.intended_ns.is_some(), row.phase == Phase::Concurrent, "{row:?}");
        assert!(row.intended_ns.is_none_or(|at| at <= row.start_ns), "{row:?}");
    }
}
