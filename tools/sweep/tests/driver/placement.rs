//! What the machine must give: CPUs for arms and simulators set apart, files for all streams.

use crate::simulators::{own_seed, simulators};
use crate::support::{Bench, Finished, Responder, plan_of_two};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fs;
use sweep::plan::{Overrides, cells, parse_plan};
use sweep::{Target, schedule};
use tandem_records::Pin;

const SIM: &str = "[sets.sim]\nttft_ms = 5\nitl_ms = 1\n";

fn plan(pin: &str, options: &str) -> String {
    plan_of_two(2, options).replace("tokens = [100]", &format!("tokens = [100]\npin = {pin}")) + SIM
}

/// CPUs that this process may use, each as the kernel would list it alone.
fn cpus() -> Vec<usize> {
    let mine = sched_getaffinity(None).unwrap();
    (0..CpuSet::MAX_CPU).filter(|&cpu| mine.is_set(cpu)).collect()
}

fn cpus_of(pid: i32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim().to_string()
}

#[test]
fn placement_is_a_factor_whose_levels_are_cells_of_their_own() {
    let of = |pin: &str, overrides| {
        let plan = parse_plan("test", &plan(pin, "{}")).unwrap();
        let cells = cells(&plan, &Target::parse("sim", None).unwrap(), overrides).unwrap();
        cells.iter().map(|cell| (cell.name.clone(), cell.pin)).collect::<Vec<_>>()
    };
    let name = |rest: &str| format!("fakes/stream/chimera_homo/a2{rest}");
    let both = of("[\"none\", \"apart\"]", Overrides::default());
    assert_eq!(both, [(name(""), Pin::None), (name("/apart"), Pin::Apart)]);
    assert_eq!(of("\"apart\"", Overrides::default()), [(name(""), Pin::Apart)], "one level leaves no trace");
    let overrides = Overrides { pin: Some(Pin::Apart), ..Overrides::default() };
    assert_eq!(of("[\"none\", \"apart\"]", overrides), [(name(""), Pin::Apart)]);

    let plan = parse_plan("test", &plan("[\"none\", \"apart\"]", "{}")).unwrap();
    let cells = cells(&plan, &Target::parse("sim", None).unwrap(), Overrides::default()).unwrap();
    let simulators: Vec<_> = cells.iter().map(|cell| cell.sim.as_ref().unwrap().0.clone()).collect();
    assert_ne!(simulators[0], simulators[1], "a pinned simulator serves pinned cells only");
    let trials = schedule(&cells, "arm-a", 1, "r");
    assert!(trials.iter().all(|trial| trial.row.pin == trial.cell.pin));
}

#[test]
fn pinned_arms_and_simulators_share_no_cpu_and_the_others_run_anywhere() {
    let (bench, seed) = (Bench::with_arms(&["arm-a", "arm-b"]).with_simulator(), own_seed(11));
    assert!(cpus().len() > 1, "this test needs two CPUs");
    bench.plan("both", &plan("[\"none\", \"apart\"]", "{ fake_sleep_ms = 20 }"));
    let driver = bench.start(&["--plan", "both", "--run", "r", "--seed", &seed]);
    bench.wait_for_trials("r", 1);
    let servers_on: Vec<String> = simulators(&seed).into_iter().map(cpus_of).collect();
    let done = Finished::of(driver.wait_with_output().unwrap()).expect(0);

    let trials = bench.trials("r");
    let of = |pin| {
        let mut on: Vec<_> =
            trials.iter().filter(|row| row.pin == pin).map(|row| row.cpus_allowed.clone()).collect();
        on.dedup();
        assert_eq!(on.len(), 1, "{pin}: {on:?}");
        on.remove(0)
    };
    let (anywhere, arms) = (of(Pin::None), of(Pin::Apart));
    let everywhere = cpus_of(std::process::id() as i32);
    assert_eq!(anywhere, everywhere);
    assert_eq!(servers_on.len(), 2, "one simulator pinned, one not");
    let servers = servers_on.iter().find(|on| **on != everywhere).unwrap();
    assert!(servers_on.contains(&everywhere) && *servers != arms, "{servers_on:?} {arms}");
    let said = format!("; pinned apart in 1 of 2 cells: simulators on CPU {servers}, arms on CPU {arms}");
    assert!(done.stdout.lines().next().unwrap().contains(&said), "{}", done.stdout);
    let versions: Vec<_> = bench.manifest("r").servers.into_iter().filter_map(|s| s.version).collect();
    let pinned = versions.iter().filter(|version| version.ends_with(&format!(", CPUs {servers}"))).count();
    assert_eq!((pinned, versions.len()), (2, 4), "{versions:?}");
}

#[test]
fn the_command_line_puts_every_set_on_one_level_and_the_run_goes_on_with_it() {
    let (bench, server) = (Bench::with_arms(&["arm-a", "arm-b"]), Responder::start(&["tiny"]));
    bench.plan("two", &(plan_of_two(2, "{}") + SIM));
    let args = ["--plan", "two", "--servers", &server.url, "--run", "r", "--pin", "apart"];
    let done = bench.run(&args).expect(0);
    let said = "; pinned: arms on CPU ";
    let line = done.stdout.lines().next().unwrap();
    assert!(line.contains(said) && line.contains("; the servers run where they run"), "{line}");
    assert!(bench.planned("r").iter().all(|row| row.pin == Pin::Apart && row.cell.ends_with("/a2")));
    let trials = bench.trials("r");
    assert!(
        trials
            .iter()
            .all(|row| row.pin == Pin::Apart && row.cpus_allowed != cpus_of(std::process::id() as i32))
    );
    assert!(bench.manifest("r").command.contains("--pin apart"), "{}", bench.manifest("r").command);

    bench.run(&["--run", "r"]).expect(0);
    bench.run(&["--run", "r", "--pin", "apart"]).expect(0);
    assert_eq!(bench.trials("r").len(), trials.len(), "nothing is left to do");
    let done = bench.run(&["--run", "r", "--pin", "none"]).expect(2);
    assert!(done.message().starts_with("run r has another plan.csv"), "{}", done.stderr);
}

#[test]
fn one_cpu_cannot_be_halved() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("apart", &plan("\"apart\"", "{}"));
    // The driver inherits what this thread may use.
    let before = sched_getaffinity(None).unwrap();
    let mut one = CpuSet::new();
    one.set(cpus()[0]);
    sched_setaffinity(None, &one).unwrap();
    let done = bench.run(&["--plan", "apart"]);
    let unpinned = bench.run(&["--plan", "apart", "--pin", "none", "--run", "r"]);
    sched_setaffinity(None, &before).unwrap();
    let done = done.expect(2);
    let wanted = "plan apart: set fakes: pin: apart needs two CPUs, this process may use one";
    assert!(done.message().starts_with(wanted), "{}", done.stderr);
    unpinned.expect(0);
    let runs = fs::read_dir(bench.path("runs")).unwrap();
    assert_eq!(runs.count(), 1, "the plan that cannot be carried out leaves no run behind");
}

#[test]
fn a_plan_with_more_streams_than_files_is_refused_with_the_number_that_fits() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    bench.plan("many", &(plan_of_two(1, "{}").replace("agents = [2]", "agents = [2, 200, 250]") + SIM));
    bench.plan("few", &(plan_of_two(1, "{}").replace("agents = [2]", "agents = 236") + SIM));
    let limited = |plan: &str| {
        let sweep = bench.sweep(&["--plan", plan]);
        let mut shell = std::process::Command::new("/bin/sh");
        shell.args(["-c", "ulimit -Sn 100; ulimit -Hn 300; exec \"$@\"", "sh"]);
        shell.arg(sweep.get_program()).args(sweep.get_args());
        Finished::of(shell.output().unwrap())
    };
    let done = limited("many").expect(2);
    let wanted = "plan many: set fakes: agents: 250 need 314 open files, the limit is 300: 236 agents fit; raise the hard limit (ulimit -Hn) or take that level out of the plan";
    assert_eq!(done.message(), wanted);
    assert_eq!(fs::read_dir(bench.path("runs")).unwrap().count(), 0);
    limited("few").expect(0);
}
