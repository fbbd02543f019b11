//! Simulators scaled down by the plan, and in full on request.

use crate::support::{Bench, Responder, plan_of_two};

fn bench() -> Bench {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    let scaled = plan_of_two(6, "{}").replace("[[sets]]", "[sim_scale]\ntime = 5\ntokens = 10\n\n[[sets]]");
    let second = scaled[scaled.find("[[sets]]").unwrap()..]
        .replace("fakes", "shown")
        .replace("tokens", "exploratory = true\ntokens");
    let sim = "[sets.sim]\nttft_ms = 20\nitl_ms = 5\n";
    bench.plan("scaled", &format!("{scaled}{sim}{second}{sim}"));
    bench.plan("plain", &format!("{}{sim}", plan_of_two(6, "{}")));
    bench
}

#[test]
fn a_scaled_plan_says_so_and_full_scale_is_kept_in_the_manifest() {
    let bench = bench();
    let done = bench.run(&["--plan", "scaled", "--run", "short"]).expect(0);
    let said = "; simulators scaled down: first token 5 x sooner, responses 10 x shorter; --full-scale for the plan's own";
    assert!(done.stdout.lines().next().unwrap().contains(said), "{}", done.stdout);
    let done = bench.run(&["--plan", "scaled", "--full-scale", "--run", "full"]).expect(0);
    assert!(!done.stdout.contains("scaled down"), "{}", done.stdout);

    let (short, full) = (bench.manifest("short"), bench.manifest("full"));
    assert_eq!((short.plan.full_scale, full.plan.full_scale), (false, true));
    assert!(
        !short.command.contains("--full-scale") && full.command.ends_with("--full-scale"),
        "{}",
        full.command
    );
    assert_eq!(short.plan.sets, ["fakes", "shown"]);
    assert_eq!(short.plan.exploratory_sets, ["shown"]);
    assert!(short.servers[0].command.contains("--ttft-ms 4 --itl-ms 5"), "{}", short.servers[0].command);
    assert!(full.servers[0].command.contains("--ttft-ms 20 --itl-ms 5"), "{}", full.servers[0].command);
    assert!(bench.planned("short").iter().all(|row| row.tokens == "10"));
    assert!(bench.planned("full").iter().all(|row| row.tokens == "100"));

    // A run goes on at the scale that it has.
    for run in ["short", "full"] {
        bench.run(&["--run", run]).expect(0);
    }
    bench.run(&["--run", "full", "--full-scale"]).expect(0);
    let done = bench.run(&["--run", "short", "--full-scale"]).expect(2);
    assert!(
        done.message()
            .starts_with("run short was measured on simulators scaled down, not with --full-scale; "),
        "{}",
        done.stderr
    );
}

#[test]
fn where_nothing_is_scaled_full_scale_changes_nothing() {
    let (bench, server) = (bench(), Responder::start(&["tiny"]));
    bench.run(&["--plan", "plain", "--full-scale", "--run", "plain"]).expect(0);
    assert!(!bench.manifest("plain").plan.full_scale);
    bench.run(&["--run", "plain", "--full-scale"]).expect(0);

    // Real servers always get the plan's own lengths.
    let args = ["--plan", "scaled", "--servers", &server.url, "--run", "real"];
    let done = bench.run(&args).expect(0);
    assert!(!done.stdout.contains("scaled down"), "{}", done.stdout);
    assert!(bench.planned("real").iter().all(|row| row.tokens == "100"));
    assert!(!bench.manifest("real").plan.full_scale);
    bench.run(&["--run", "real", "--full-scale"]).expect(0);
}
