//! Configurations, capacity, clients of single arms, lengths: from the plan's text to the trial's command line.

use crate::support::plan_of_two;
use std::path::Path;
use sweep::plan::{Cell, Overrides, cells, parse_plan};
use sweep::{PlannedTrial, SweepError, Target, families, primary_cell, schedule, trial_time};
use tandem_records::{Cache, Capacity, Client, Length, TrialSpec};

const PLAN: &str = r#"description = "generated"
blocks = 2
seed = 1
baseline = "tokio-default"
margin_efficiency = 0.005
margin_log_time = 0.05
[sim_scale]
time = 10
tokens = 40
[[configurations]]
name = "homo"
scenario = "chimera_homo"
options_a = { num_gpu = 80, num_ctx = 512, temperature = 1.0, top_p = 0.9, top_k = 40, repeat_penalty = 1.1 }
[[configurations]]
name = "hetero"
scenario = "chimera_hetero"
options_a = { num_gpu = 80, num_ctx = 512 }
options_b = { num_gpu = 100, num_ctx = 1024, top_k = 64 }
[[configurations]]
name = "baseline"
scenario = "baseline_vs_chimera"
options_b = { num_gpu = 80, temperature = 1.0 }
[[sets]]
name = "s"
arms = ["tokio-default", "smol-1kb", "python-httpx"]
client = "as-described"
client_of = { python-httpx = "httpx" }
agents = 2
workload = "report"
configurations = ["homo", "hetero", "baseline"]
tokens = 1000
[sets.sim]
profile = "tr115"
capacity = ["independent", "shared"]
"#;

fn expanded(text: &str, servers: &str, full_scale: bool) -> Vec<Cell> {
    let plan = parse_plan("test", text).unwrap();
    let target = Target::parse(servers, None).unwrap();
    cells(&plan, &target, Overrides { full_scale, ..Overrides::default() }).unwrap()
}

fn trials(text: &str, servers: &str) -> Vec<PlannedTrial> {
    schedule(&expanded(text, servers, false), "tokio-default", 1, "r")
}

fn spec_of(trials: &[PlannedTrial], arm: &str, configuration: &str) -> TrialSpec {
    let of = |trial: &&PlannedTrial| trial.row.arm == arm && trial.row.configuration == configuration;
    let trial = trials.iter().find(of).unwrap();
    trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("data/runs/r"))
}

fn flags(cell: &Cell) -> String {
    cell.sim.as_ref().unwrap().0.flags.join(" ")
}

#[test]
fn configurations_and_capacities_cross_and_show_in_names_and_rows() {
    let cells = expanded(PLAN, "sim", false);
    let names: Vec<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "s/report/chimera_homo/homo/a2/independent",
            "s/report/chimera_homo/homo/a2/shared",
            "s/report/chimera_hetero/hetero/a2/independent",
            "s/report/chimera_hetero/hetero/a2/shared",
            "s/report/baseline_vs_chimera/baseline/a2/independent",
            "s/report/baseline_vs_chimera/baseline/a2/shared",
        ]
    );
    for trial in trials(PLAN, "sim") {
        let row = &trial.row;
        let capacity = if row.cell.ends_with("/shared") { Capacity::Shared } else { Capacity::Independent };
        assert_eq!(row.capacity, Some(capacity));
        assert!(row.cell.contains(&format!("{}/{}/", row.scenario, row.configuration)), "{}", row.cell);
    }
    assert_eq!(flags(&cells[0]), "--profile tr115 --ttft-ms 65.4 --capacity independent");
    assert_eq!(flags(&cells[1]), "--profile tr115 --ttft-ms 65.4 --capacity shared --factor 2.6");
    // One value leaves no trace in the name.
    let one = PLAN.replace(r#"["independent", "shared"]"#, r#""shared""#);
    assert_eq!(expanded(&one, "sim", false)[0].name, "s/report/chimera_homo/homo/a2");
}

#[test]
fn token_sizes_and_writes_cross_and_reach_the_simulator_and_the_rows() {
    let sized = format!("{PLAN}token_bytes = [5, 256]\ncoalesce = [1, 8]\n")
        .replace(r#"["independent", "shared"]"#, r#""shared""#);
    let cells = expanded(&sized, "sim", false);
    let names: Vec<&str> = cells[..4].iter().map(|cell| cell.name.rsplit_once("/a2").unwrap().1).collect();
    assert_eq!(names, ["/co1/tb5", "/co1/tb256", "/co8/tb5", "/co8/tb256"]);
    assert!(flags(&cells[3]).ends_with("--coalesce 8 --token-bytes 256"), "{}", flags(&cells[3]));
    for row in trials(&sized, "sim").iter().map(|trial| &trial.row) {
        let (coalesce, bytes) = (row.coalesce.unwrap(), row.token_bytes.unwrap());
        assert!(row.cell.ends_with(&format!("/co{coalesce}/tb{bytes}")), "{}", row.cell);
    }
    // One value leaves no trace in the name, none leaves natural text.
    let one = sized.replace("[5, 256]", "64");
    let cells = expanded(&one, "sim", false);
    assert!(cells[0].name.ends_with("/a2/co1") && flags(&cells[0]).ends_with("--token-bytes 64"));
    assert!(!flags(&expanded(PLAN, "sim", false)[0]).contains("token-bytes"));
    assert!(trials(PLAN, "sim").iter().all(|trial| trial.row.token_bytes.is_none()));
    // On real servers these are no factors.
    assert_eq!(expanded(&sized, "ollama", false).len(), 3);
    assert!(trials(&sized, "ollama").iter().all(|trial| trial.row.token_bytes.is_none()));
}

#[test]
fn faults_reach_the_simulator_in_their_order_and_wrong_ones_are_named() {
    let with = |faults: &str| {
        plan_of_two(6, "{}") + &format!("[sets.sim]\nttft_ms = 5\nitl_ms = 1\nfaults = {faults}\n")
    };
    let cells = expanded(&with(r#"["reset@request=3", "pause=50@p=0.1"]"#), "sim", false);
    assert!(
        flags(&cells[0]).ends_with("--fault reset@request=3 --fault pause=50@p=0.1"),
        "{}",
        flags(&cells[0])
    );
    let error = sweep::plan::parse_plan("p", &with(r#"["melt"]"#)).unwrap_err().to_string();
    assert!(error.contains("no fault is called \"melt\"; kinds: refuse, "), "{error}");
}

#[test]
fn real_servers_have_one_capacity_and_the_full_numbers() {
    let cells = expanded(PLAN, "ollama", false);
    assert_eq!(cells.len(), 3);
    assert!(cells.iter().all(|cell| cell.sim.is_none() && cell.tokens == [1000]));
    assert!(cells.iter().all(|cell| cell.cache() == Cache::Cold), "an answer is part of the second prompt");
    let row = &trials(PLAN, "ollama")[0].row;
    assert_eq!((row.capacity, row.gap_ns, row.tokens.as_str()), (None, None, "1000"));
    assert_eq!(expanded(PLAN, "sim", false)[0].cache(), Cache::None);
}

#[test]
fn receive_stamps_are_kept_where_servers_send_none_and_the_client_can() {
    let with = |keys: &str| PLAN.replace("agents = 2\n", &format!("agents = 2\n{keys}\n"));
    // As described, smol-1kb uses hyper and tokio-default reqwest; python-httpx has httpx in every set.
    for (keys, servers, who) in [
        ("", "sim", &[][..]),
        ("", "ollama", &["smol-1kb"]),
        ("receive_stamps = false", "ollama", &[]),
        ("receive_stamps = true", "sim", &["smol-1kb"]),
    ] {
        let trials = trials(&with(keys), servers);
        for trial in &trials {
            let spec = trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("data/runs/r"));
            let kept = who.contains(&trial.row.runtime.as_str());
            assert_eq!(
                (trial.row.receive_stamps, spec.receive_stamps),
                (kept, kept),
                "{keys} {servers} {}",
                trial.row.arm
            );
        }
    }
}

#[test]
fn the_options_of_each_side_reach_the_command_line_unchanged() {
    let trials = trials(PLAN, "ollama");
    let text = |options: &tandem_records::RequestOptions| serde_json::to_string(options).unwrap();
    let homo = spec_of(&trials, "smol-1kb", "homo");
    assert_eq!(
        text(&homo.options_a),
        r#"{"num_ctx":512,"num_gpu":80,"repeat_penalty":1.1,"temperature":1.0,"top_k":40,"top_p":0.9}"#
    );
    assert_eq!(homo.options_b, homo.options_a);
    let hetero = spec_of(&trials, "smol-1kb", "hetero");
    assert_eq!(text(&hetero.options_a), r#"{"num_ctx":512,"num_gpu":80}"#);
    assert_eq!(text(&hetero.options_b), r#"{"num_ctx":1024,"num_gpu":100,"top_k":64}"#);
    let baseline = spec_of(&trials, "smol-1kb", "baseline");
    assert_eq!(text(&baseline.options_a), "{}", "the server's defaults");
    assert_eq!(text(&baseline.options_b), r#"{"num_gpu":80,"temperature":1.0}"#);
    let line = baseline.to_args().join(" ");
    assert!(
        !line.contains("--options-a") && line.contains(r#"--options-b {"num_gpu":80,"temperature":1.0}"#)
    );
}

#[test]
fn openai_servers_get_no_load_options_and_keep_the_others() {
    let openai = PLAN.replace("agents = 2", "agents = 2\napi = \"openai\"");
    let (trials, cells) =
        (trials(&openai, "http://127.0.0.1:1"), expanded(&openai, "http://127.0.0.1:1", false));
    let homo = spec_of(&trials, "smol-1kb", "homo");
    let keys: Vec<&String> = homo.options_a.keys().collect();
    assert_eq!(keys, ["repeat_penalty", "temperature", "top_k", "top_p"]);
    let left_out: Vec<_> = cells[0].options_left_out().into_iter().collect();
    assert_eq!(left_out, ["num_ctx", "num_gpu"]);
    assert!(expanded(PLAN, "sim", false).iter().all(|cell| cell.options_left_out().is_empty()));
}

#[test]
fn one_arm_may_have_a_client_of_its_own() {
    let trials = trials(PLAN, "sim");
    let client = |arm: &str| spec_of(&trials, arm, "homo").client.unwrap();
    assert_eq!(client("tokio-default"), Client::Reqwest);
    assert_eq!(client("tokio-default#2"), Client::Reqwest);
    assert_eq!((client("smol-1kb"), client("python-httpx")), (Client::Hyper, Client::Httpx));
    let own = PLAN.replace("python-httpx = \"httpx\"", "python-httpx = \"httpx\", smol-1kb = \"reqwest\"");
    assert_eq!(spec_of(&self::trials(&own, "sim"), "smol-1kb", "homo").client, Some(Client::Reqwest));
}

#[test]
fn reports_read_files_and_are_kept_in_the_run_folder_and_streams_have_neither() {
    let spec = spec_of(&trials(PLAN, "sim"), "smol-1kb", "homo");
    assert_eq!(spec.files.as_deref(), Some(Path::new("data/sample")));
    assert_eq!(spec.reports.as_deref(), Some(Path::new("data/runs/r/agents")));
    let named = PLAN.replace("tokens = 1000", "tokens = 1000\nfiles = \"/some/folder\"");
    assert_eq!(
        spec_of(&trials(&named, "sim"), "smol-1kb", "homo").files.as_deref(),
        Some(Path::new("/some/folder"))
    );
    let stream = spec_of(&trials(&PLAN.replace("\"report\"", "\"stream\""), "sim"), "smol-1kb", "homo");
    assert_eq!((stream.files, stream.reports), (None, None));
}

#[test]
fn a_free_length_is_told_to_the_simulator_and_not_asked_for() {
    let free = PLAN.replace("tokens = 1000", "tokens = 1000\nlength = \"free\"") + "length_spread = 0.5\n";
    let cells = expanded(&free, "sim", false);
    assert!(flags(&cells[0]).ends_with("--tokens 25 --length-spread 0.5"), "{}", flags(&cells[0]));
    let spec = spec_of(&trials(&free, "sim"), "smol-1kb", "homo");
    assert_eq!((spec.length, spec.tokens), (Length::Free, vec![25]));
    assert_eq!(spec_of(&trials(PLAN, "sim"), "smol-1kb", "homo").length, Length::Fixed);
    // 65.4 ms to the first token and 9.2 ms for each of 25 x 1.5, rounded up: longest responses.
    let call = 65.4 + 9.2 * 38.0;
    let warm_up = 65.4 + 9.2 * 2.0;
    let trial = trials(&free, "sim").into_iter().find(|t| t.row.cell.ends_with("independent")).unwrap();
    let expected = 25.4 + 2.0 * warm_up + 6.0 * call;
    assert!((trial_time(&trial).unwrap().as_secs_f64() * 1e3 - expected).abs() < 0.01);
}

#[test]
fn a_report_takes_two_calls_and_a_shared_gpu_slows_what_is_together() {
    let (call, warm_up) = (65.4 + 9.2 * 25.0, 65.4 + 9.2 * 2.0);
    for (capacity, expected) in [
        ("independent", 25.4 + 2.0 * warm_up + 6.0 * call),
        ("shared", 25.4 + 2.0 * 2.6 * warm_up + (4.0 + 2.0 * 2.6) * call),
    ] {
        let trial = trials(PLAN, "sim").into_iter().find(|t| t.row.cell.ends_with(capacity)).unwrap();
        let there = trial_time(&trial).unwrap().as_secs_f64() * 1e3;
        assert!((there - expected).abs() < 0.01, "{capacity}: {there} ms, expected {expected}");
    }
}

#[test]
fn scaling_shortens_first_token_and_length_and_never_the_gap() {
    let (short, full) = (&expanded(PLAN, "sim", false)[0], &expanded(PLAN, "sim", true)[0]);
    assert_eq!((short.tokens.as_slice(), full.tokens.as_slice()), (&[25][..], &[1000][..]));
    assert_eq!(short.gap_ns(), full.gap_ns());
    assert_eq!(short.gap_ns(), Some(9_200_000));
    assert_eq!(short.sim.as_ref().unwrap().1.ttft_ns, 65_400_000);
    assert_eq!(full.sim.as_ref().unwrap().1.ttft_ns, 654_000_000);
    assert!(!flags(full).contains("--ttft-ms"), "{}", flags(full));
    // The shortest length that has a gap stays.
    assert_eq!(expanded(&PLAN.replace("tokens = 1000", "tokens = 30"), "sim", false)[0].tokens, [2]);
}

#[test]
fn exploratory_sets_belong_to_no_family() {
    let with = PLAN.replace("name = \"s\"", "name = \"s\"\nexploratory = true");
    assert_eq!(compared(PLAN), [("the primary cell", 2), ("the other cells", 10)]);
    assert_eq!(compared(&with), []);
}

fn compared(text: &str) -> Vec<(&'static str, u32)> {
    let families = families(&expanded(text, "sim", false), &parse_plan("test", text).unwrap());
    families.iter().map(|family| (family.of, family.comparisons)).collect()
}

#[test]
fn a_plan_names_the_set_of_its_primary_cell() {
    let at = PLAN.find("[[sets]]").unwrap();
    let second = PLAN[at..].replace("name = \"s\"", "name = \"t\"");
    let of = |head: &str| {
        let text = format!("{head}\n{PLAN}{second}");
        let plan = parse_plan("test", &text)?;
        let cells = expanded(&text, "sim", false);
        Ok::<_, SweepError>(primary_cell(&cells, &plan).unwrap().set.name.clone())
    };
    assert_eq!(of("").unwrap(), "s", "the first set that is judged");
    assert_eq!(of("primary = \"t\"").unwrap(), "t");
    let error = of("primary = \"u\"").unwrap_err().to_string();
    assert!(error.ends_with("primary: u is no set that is judged by efficiency; valid are s, t"), "{error}");
    let shown = PLAN.replace("name = \"s\"", "name = \"s\"\nexploratory = true");
    let error = parse_plan("test", &format!("primary = \"s\"\n{shown}")).unwrap_err().to_string();
    assert!(error.ends_with("but no set of this plan is judged by efficiency; drop it"), "{error}");
}

#[test]
fn a_set_that_only_differs_in_its_simulator_is_left_out_on_real_servers() {
    let at = PLAN.find("[[sets]]").unwrap();
    let second = PLAN[at..].replace("name = \"s\"", "name = \"t\"\nexploratory = true\nblocks = 1");
    let other_sim = format!("{PLAN}{}", second.replace(r#"["independent", "shared"]"#, r#""serial""#));
    let sets = |text: &str, servers: &str| {
        let mut names: Vec<String> =
            expanded(text, servers, false).iter().map(|cell| cell.set.name.clone()).collect();
        names.dedup();
        names.join(" ")
    };
    assert_eq!((sets(&other_sim, "sim"), sets(&other_sim, "ollama")), ("s t".into(), "s".into()));
    let other_length = other_sim.replacen("tokens = 1000", "tokens = 900", 1);
    assert_eq!(sets(&other_length, "ollama"), "s t");
}

#[test]
fn a_free_length_needs_prompts_that_repeat() {
    let text = PLAN.replace("tokens = 1000", "tokens = 1000\nlength = \"free\"");
    let plan = parse_plan("test", &text).unwrap();
    let on = |servers: &str| cells(&plan, &Target::parse(servers, None).unwrap(), Overrides::default());
    assert!(on("sim").is_ok(), "a simulator gives the same length for the same prompt and seed");
    let refused = on("http://127.0.0.1:1,http://127.0.0.1:2").unwrap_err();
    assert!(refused.contains("set s: length: free differs between the phases"), "{refused}");
}

#[test]
fn an_arm_is_told_the_read_cap_where_its_client_has_one() {
    let text =
        PLAN.replace("client = \"as-described\"", "client = [\"lean\", \"reqwest\"]\nread_cap = [0, 1024]");
    let uncapped = text.replace("client_of = { python-httpx = \"httpx\" }", "");
    let caps = |client: Client| {
        let trials = trials(&uncapped, "sim").into_iter().filter(|trial| trial.row.client == client);
        let mut caps: Vec<Option<u32>> = trials
            .map(|trial| {
                trial.spec(&["http://127.0.0.1:1".into()], "m", 1, Path::new("data/runs/r")).read_cap
            })
            .collect();
        caps.sort_unstable();
        caps.dedup();
        caps
    };
    assert_eq!((caps(Client::Lean), caps(Client::Reqwest)), (vec![Some(0), Some(1024)], vec![None]));
}
