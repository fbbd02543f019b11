//! Warm prompts where agents outnumber the slots of a server.

use crate::support::{Bench, Simulator, plan_of_two};
use tandem_records::Cache;

/// Two fake arms whose two agents share a server; `keys` are lines of the set.
fn bench(keys: &str) -> Bench {
    let bench = Bench::with_arms(&["arm-a"]);
    bench.noting_arm("arm-b");
    bench.plan("two", &(plan_of_two(1, "{}") + keys + "\n"));
    bench
}

/// One server that generates one stream at a time, or two that do not mind each other's.
fn server(capacity: &str) -> (Simulator, String) {
    let simulator = Simulator::start(&["--capacity", capacity]);
    let url = simulator.servers.split(',').next().unwrap().to_string();
    (simulator, url)
}

#[test]
fn cells_of_crowded_servers_are_measured_cold_and_a_run_that_goes_on_keeps_to_it() {
    let (bench, (_simulator, url)) = (bench(""), server("serial"));
    let done = bench.run(&["--plan", "two", "--servers", &url, "--run", "r"]).expect(0);
    let note = "cell fakes/stream/chimera_homo/a2: prompts are read anew in each phase (cache = cold): 2 agents share a server with 1 slot, whose prompt cache holds one prompt";
    assert!(done.stderr.contains(&format!("note: {note}\n")), "{}", done.stderr);
    let manifest = bench.manifest("r");
    assert_eq!(manifest.notes, [note]);
    assert_eq!(manifest.servers[0].slots, Some(1));
    assert!(bench.planned("r").iter().all(|row| row.cache == Cache::Cold));
    assert!(bench.command_lines("arm-b").iter().all(|line| line.contains("--cache cold")));

    std::fs::remove_file(bench.path("runs").join("r/trials.csv")).unwrap();
    let again = bench.run(&["--run", "r"]).expect(0);
    assert!(!again.stderr.contains("slot"), "what is written is not found out anew: {}", again.stderr);
    assert!(bench.command_lines("arm-b").iter().all(|line| line.contains("--cache cold")));
}

#[test]
fn where_each_agent_has_a_slot_prompts_stay_warm() {
    let (bench, (_simulator, url)) = (bench(""), server("independent"));
    let done = bench.run(&["--plan", "two", "--servers", &url, "--run", "r"]).expect(0);
    let manifest = bench.manifest("r");
    assert_eq!((manifest.servers[0].slots, manifest.notes.len()), (Some(2), 0), "{}", done.stderr);
    assert!(bench.planned("r").iter().all(|row| row.cache == Cache::Warm));
}

#[test]
fn warm_prompts_that_the_plan_asks_for_are_refused_by_name() {
    let (bench, (_simulator, url)) = (bench("cache = \"warm\""), server("serial"));
    let done = bench.run(&["--plan", "two", "--servers", &url, "--run", "r"]).expect(3);
    assert_eq!(
        done.message(),
        "cell fakes/stream/chimera_homo/a2: cache = \"warm\" cannot hold: 2 agents share a server with 1 slot, whose prompt cache holds one prompt; leave cache out of set fakes or say \"cold\", give the server 2 slots (OLLAMA_NUM_PARALLEL=2), or name more servers"
    );
    assert!(!bench.path("runs").join("r").exists());
}

#[test]
fn a_server_for_each_agent_needs_no_slots_and_none_are_measured() {
    let bench = bench("cache = \"warm\"");
    let simulator = Simulator::start(&["--capacity", "serial"]);
    bench.run(&["--plan", "two", "--servers", &simulator.servers, "--run", "r"]).expect(0);
    assert!(bench.manifest("r").servers.iter().all(|server| server.slots.is_none()));
}

#[test]
fn the_check_tells_how_long_a_run_will_take() {
    let (bench, (_simulator, url)) = (bench(""), server("serial"));
    let done = bench.run(&["--plan", "two", "--servers", &url, "--run", "r", "--blocks", "7"]).expect(0);
    let line =
        done.stdout.lines().find(|line| line.starts_with("time by the check's own streams: about ")).unwrap();
    // 100 tokens of 4 ms, three times for two agents in turn, in three trials of seven blocks: well over 10 s.
    assert!(line.contains(", one block about ") && !line.contains("about 0 s"), "{line}");
    bench.plan("long", &plan_of_two(1, "{}").replace("[100]", "[100000]"));
    let done = bench.run(&["--plan", "long", "--servers", &url, "--run", "long"]).expect(0);
    let warning = "warning: one block takes about ";
    assert!(
        done.stderr.contains(warning) && done.stderr.contains("goes on with make sweep RUN=long"),
        "{}",
        done.stderr
    );
    assert!(!bench.run(&["--run", "r"]).expect(0).stderr.contains(warning));
}
