//! Bad plan, good message: each names the file, the key and what is valid.

use crate::support::{Bench, plan_of_two};

/// What is replaced in a good plan, by what, and what the message must say.
const CASES: &[(&str, &str, &[&str])] = &[
    ("blocks = 2", "bloks = 2", &["line 2 `bloks = 2`", "unknown field `bloks`", "`blocks`, `seed`"]),
    ("blocks = 2", "blocks = 0", &["blocks: 0; valid are 1 to 10000"]),
    ("blocks = 2", "blocks = \"many\"", &["line 2", "blocks", "expected u32"]),
    ("blocks = 2\n", "", &["missing field `blocks`"]),
    ("seed = 7", "seed = ", &["line 3"]),
    ("description = \"two fake arms\"", "description = \"\"", &["description: must say"]),
    ("0.005", "5", &["margin_efficiency: 5 must lie between 0 and 1"]),
    (
        "baseline = \"arm-a\"",
        "baseline = \"arm-z\"",
        &["set fakes: arms: the baseline arm-z", "arm-a, arm-b"],
    ),
    (
        "client = \"hyper\"",
        "client = \"curl\"",
        &["`client = \"curl\"`", "`hyper`, `lean`, `reqwest`", "as-described"],
    ),
    (
        "client = \"hyper\"",
        "client = \"as-described\"",
        &["set fakes: client: as-described", "tokio-default, tokio-localset", "for arm-a"],
    ),
    ("client = \"hyper\"", "client = [\"hyper\", \"hyper\"]", &["client: Hyper stands there twice"]),
    ("client = \"hyper\"", "client = \"reqwest\"\nread_cap = 1024", &["read_cap: reqwest reads uncapped"]),
    (
        "client = \"hyper\"",
        "client = \"reqwest\"\nreceive_stamps = true",
        &["receive_stamps: reqwest keeps none", "hyper or lean"],
    ),
    ("\"stream\"", "\"strem\"", &["unknown variant `strem`", "`stream`", "`flood`", "`report`"]),
    ("\"chimera_homo\"", "\"homo\"", &["`baseline_vs_chimera`", "`chimera_homo`", "`chimera_hetero`"]),
    (
        "\"chimera_homo\"",
        "\"chimera_hetero\"",
        &["set fakes: options_a, options_b: chimera_hetero needs both"],
    ),
    ("{ x = 1 }", "{ n = 2 }", &["set fakes: options_a: n is no option: the first of several"]),
    ("{ x = 1 }", "{ best_of = 2 }", &["options_a: best_of is no option"]),
    ("{ x = 1 }", "{ stream = false }", &["options_a: stream is no option: a trial measures"]),
    (
        "{ x = 1 }",
        "{ think = \"much\" }",
        &["options_a: think = \"much\"; valid are true, false, \"low\", \"medium\", \"high\""],
    ),
    (
        "{ x = 1 }",
        "{ reasoning_effort = true }",
        &["options_a: reasoning_effort = true; valid are the words"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nleave_out = [\"top_k\"]",
        &["unknown variant `top_k`", "`stream_options`, `seed`, `temperature`"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nleave_out = [\"seed\", \"seed\"]",
        &["leave_out: Seed stands there twice"],
    ),
    ("\"chimera_homo\"", "\"baseline_vs_chimera\"", &["options_a: baseline_vs_chimera gives collectors"]),
    ("agents = [2]", "agents = [0]", &["set fakes: agents: 0; valid are 1 to 10000"]),
    ("agents = [2]", "agents = []", &["agents: at least one value"]),
    ("agents = [2]", "agents = [2, 2]", &["agents: 2 stands there twice"]),
    ("tokens = [100]", "tokens = [1]", &["tokens: 1; valid are 2 to 1000000"]),
    ("tokens = [100]", "tokens = [4, 5, 6]", &["tokens: 3 values"]),
    ("name = \"fakes\"", "name = \"fa/kes\"", &["name: \"fa/kes\"; valid are letters"]),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { profil = \"fast\" }",
        &["unknown field `profil`", "`profile`"],
    ),
    ("tokens = [100]", "tokens = [100]\nsim = { profile = \"slow\" }", &["`instant`, `fast`", "tr115"]),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { factor = 2.0 }",
        &["sim.factor: needs capacity = \"shared\""],
    ),
    ("tokens = [100]", "tokens = [100]\nsim = { jitter = 0.9 }", &["sim.jitter: 0.9; valid are 0 to 0.5"]),
    ("tokens = [100]", "tokens = [100]\nsim = { coalesce = 0 }", &["sim.coalesce: 0; valid are 1 to 4096"]),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { token_bytes = 5000 }",
        &["sim.token_bytes: 5000; valid are 1 to 4096"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { token_bytes = [5, 5] }",
        &["sim.token_bytes: 5 stands there twice"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { profile = \"instant\", itl_ms = 1 }",
        &["sim.profile: instant has no"],
    ),
    (
        "scenario = \"chimera_homo\"\n",
        "",
        &["set fakes: scenario: missing; valid are baseline_vs_chimera, chimera_homo"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nconfigurations = \"one\"",
        &["set fakes: scenario: each of the set's configurations"],
    ),
    (
        "scenario = \"chimera_homo\"",
        "configurations = \"one\"",
        &["set fakes: options_a: each of the set's configurations has its own"],
    ),
    (
        "scenario = \"chimera_homo\"\ntokens = [100]\noptions_a = { x = 1 }",
        "configurations = [\"one\"]\ntokens = [100]",
        &["set fakes: configurations: one is no name in [[configurations]]; those there are: none"],
    ),
    (
        "[[sets]]",
        "[[configurations]]\nname = \"one\"\nscenario = \"chimera_hetero\"\noptions_a = { x = 1 }\n[[sets]]",
        &["configuration one: options_a, options_b: chimera_hetero needs both"],
    ),
    (
        "[[sets]]",
        "[[configurations]]\nname = \"o/e\"\nscenario = \"chimera_homo\"\n[[sets]]",
        &["configurations: name: \"o/e\"; valid are letters"],
    ),
    (
        "[[sets]]",
        "[[configurations]]\nname = \"one\"\nscenario = \"chimera_homo\"\noption_a = { x = 1 }\n[[sets]]",
        &["unknown field `option_a`", "`options_a`"],
    ),
    ("[[sets]]", "[sim_scale]\ntime = 0.5\n[[sets]]", &["sim_scale.time: 0.5; valid are 1 to 1000000"]),
    ("[[sets]]", "[sim_scale]\ntokens = 0\n[[sets]]", &["sim_scale.tokens: 0; valid are 1 to 1000000"]),
    ("[[sets]]", "[sim_scale]\ngap = 2\n[[sets]]", &["unknown field `gap`", "`time`", "`tokens`"]),
    ("tokens = [100]", "tokens = [100]\nexploratory = \"yes\"", &["exploratory", "expected a boolean"]),
    ("tokens = [100]", "tokens = [100]\nlength = \"any\"", &["unknown variant `any`", "`fixed`", "`free`"]),
    (
        "tokens = [100]",
        "tokens = [100, 200]\nlength = \"free\"",
        &["set fakes: tokens: with length = \"free\" one value is valid"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nfiles = \"data/sample\"",
        &["set fakes: files: workload stream reads none; drop it or use workload report"],
    ),
    (
        "workload = \"stream\"",
        "workload = \"report\"\ncache = \"warm\"",
        &["set fakes: cache: warm cannot prime workload report", "valid are cold, none"],
    ),
    (
        "workload = \"stream\"",
        "workload = \"report\"\nfiles = \"no/such\"",
        &["set fakes: files: there is no folder no/such; name one that exists"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nclient_of = { arm-b = \"curl\" }",
        &["unknown variant `curl`", "`hyper`, `reqwest`", "`httpx`"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nclient_of = { arm-c = \"httpx\" }",
        &["set fakes: client_of: arm-c is no arm of this set; its arms are arm-a, arm-b"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nread_cap = [0, 1024]\nclient_of = { arm-b = \"httpx\" }",
        &["set fakes: read_cap: arm-b uses httpx by client_of, which reads uncapped only; valid is 0"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { capacity = \"half\" }",
        &["unknown variant `half`", "`independent`, `shared`", "`serial`"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { capacity = [] }",
        &["sim.capacity: at least one value is needed; valid are independent, shared, serial"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { capacity = [\"shared\", \"shared\"] }",
        &["sim.capacity: Shared stands there twice"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nsim = { length_spread = 0.5 }",
        &["set fakes: sim.length_spread: needs length = \"free\""],
    ),
    ("tokens = [100]", "tokens = [100]\npin = \"far\"", &["unknown variant `far`", "`none` or `apart`"]),
    (
        "tokens = [100]",
        "tokens = [100]\npin = []",
        &["pin: at least one value is needed; valid are none, apart"],
    ),
    ("tokens = [100]", "tokens = [100]\npin = [\"none\", \"none\"]", &["pin: None stands there twice"]),
    (
        "tokens = [100]",
        "tokens = [100]\nlength = \"free\"\nsim = { length_spread = 1.0 }",
        &["sim.length_spread: 1; valid are 0 to 0.9"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nrate = 0",
        &["set fakes: rate: 0; valid are 0.001 to 1000000 requests"],
    ),
    ("tokens = [100]", "tokens = [100]\nrate = []", &["set fakes: rate: at least one value is needed"]),
    ("tokens = [100]", "tokens = [100]\nrate = [5, 5.0]", &["set fakes: rate: \"5\" stands there twice"]),
    ("tokens = [100]", "tokens = [100]\nrate = \"fast\"", &["rate = \"fast\"", "expected f64"]),
    (
        "tokens = [100]",
        "tokens = [100]\narrivals = \"constant\"",
        &["set fakes: arrivals: needs a rate, in requests per second; add rate or drop it"],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nrate = 5\narrivals = \"uniform\"",
        &["unknown variant `uniform`", "`poisson`", "`constant`"],
    ),
    (
        "workload = \"stream\"",
        "workload = \"report\"\nrate = 5",
        &[
            "set fakes: rate: starts one request an agent, and workload report makes two; valid are stream and flood",
        ],
    ),
    (
        "tokens = [100]",
        "tokens = [100]\nrate = 5\nclient_of = { arm-b = \"httpx\" }",
        &["set fakes: rate: arm-b knows no open loop; take it out of this set's arms"],
    ),
    (
        "blocks = 2",
        "blocks = 2\nfloor = \"arm-b\"",
        &["set fakes: arms: arm-b is the plan's floor, which runs in every cell and is compared with none"],
    ),
    ("blocks = 2", "blocks = 2\nfloor = \"a/b\"", &["floor: \"a/b\"; valid are letters"]),
    (
        "blocks = 2",
        "blocks = 2\nfloor = \"arm-c\"",
        &["arm arm-c has no binary in", "those that exist: arm-a, arm-b"],
    ),
    (
        "\"arm-a\", \"arm-b\"",
        "\"arm-a\", \"arm-c\"",
        &[
            "arm arm-c has no binary in",
            "those that exist: arm-a, arm-b",
            "`make build`",
            "`make arm-c`",
            "--bin-dir",
        ],
    ),
];

#[test]
fn every_mistake_is_named_with_its_place_and_the_valid_values() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]).with_simulator();
    let good = plan_of_two(2, "{ x = 1 }");
    for (from, to, wanted) in CASES {
        assert!(good.contains(from), "{from} is not in the plan");
        bench.plan("bad", &good.replacen(from, to, 1));
        let done = bench.run(&["--plan", "bad"]).expect(2);
        let message = done.message();
        let names_it = ["bad.toml", "plan bad: "].iter().any(|place| message.contains(place));
        assert!(names_it || message.starts_with("arm "), "no file: {message}");
        for part in *wanted {
            assert!(message.contains(part), "{from} -> {to}: {part:?} is not in: {message}");
        }
    }
    assert_eq!(std::fs::read_dir(bench.path("runs")).unwrap().count(), 0, "a bad plan leaves no run behind");
}

#[test]
fn names_and_options_that_do_not_exist_list_those_that_do() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    bench.plan("one", &plan_of_two(1, "{}"));
    bench.plan("two", &plan_of_two(2, "{}"));
    let servers = "sets.servers";
    bench.plan("many", &plan_of_two(2, "{}").replace("agents = [2]", "agents = [2]\nservers = 3"));
    for (args, wanted) in [
        (&["--plan", "three"][..], "there is no plan three in"),
        (&["--plan", "three"], "the plans there are: many, one, two"),
        (&["--plan", "./three.toml"], "there is no plan file ./three.toml"),
        (&["--plan", "one", "--servers", "simulator"], "valid are sim, ollama, or URLs"),
        (
            &["--plan", "many", "--servers", "http://127.0.0.1:1"],
            "set many: servers: needs 3, --servers gives 1",
        ),
        (&["--plan", "one", "--run", "../r"], "--run \"../r\": valid are"),
    ] {
        let done = bench.run(args).expect(2);
        let wanted = wanted.replace("set many", "set fakes");
        assert!(done.message().contains(&wanted), "{servers} {args:?}: {}", done.stderr);
    }
}

#[test]
fn roles_that_share_a_real_server_must_not_reload_it_for_each_other() {
    let bench = Bench::with_arms(&["arm-a", "arm-b"]);
    let text = plan_of_two(1, "{ num_ctx = 512 }").replace("chimera_homo", "chimera_hetero")
        + "options_b = { num_ctx = 1024 }\n";
    bench.plan("one", &text);
    let done = bench.run(&["--plan", "one", "--servers", "http://127.0.0.1:1"]).expect(2);
    assert!(done.message().contains("so num_ctx must be equal"), "{}", done.stderr);
}
