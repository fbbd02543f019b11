//! What must be equal, or the comparison is refused unless told to go on.

use crate::common::{Recipe, Synthetic, TOKENS};
use crate::{Pair, run};
use analyzer::compare::compare;
use tandem_records::{Client, Connection, Length, Pin, ServerKind, TokensFrom};

/// The refusal of a run against the same run with a change.
fn refusal(change: impl Fn(&mut Synthetic)) -> String {
    let mut after = run(2, Recipe::default());
    change(&mut after);
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    let text = pair.refused(&pair.request());
    assert!(text.contains("--allow-different"), "{text}");
    let mut request = pair.request();
    request.allow_different = true;
    compare(&request).unwrap();
    let page = std::fs::read_to_string(pair.out().join("before-vs-after/README.md")).unwrap();
    assert!(page.contains("Compared all the same, though the runs differ in"), "{page}");
    assert!(page.contains("--allow-different"), "{page}");
    text
}

#[test]
fn each_factor_that_matters_is_named_with_both_values() {
    type Change = fn(&mut Synthetic);
    let cases: [(&str, Change); 13] = [
        ("the baseline (A: tokio-default, B: smol)", |r| r.manifest.baseline = "smol".into()),
        ("the build profile (A: release, B: debug)", |r| r.manifest.profile = "debug".into()),
        ("full scale (A: false, B: true)", |r| r.manifest.plan.full_scale = true),
        ("the response length of like-for-like/stream/chimera_homo/a2 (A: 300, B: 600)", |r| {
            r.plan.iter_mut().for_each(|row| row.tokens = "600".into())
        }),
        ("who decides the length", |r| r.plan.iter_mut().for_each(|row| row.length = Length::Free)),
        ("the connection", |r| r.plan.iter_mut().for_each(|row| row.connection = Connection::Fresh)),
        ("the placement (pin) of like-for-like/stream/chimera_homo/a2 (A: none, B: apart)", |r| {
            r.plan.iter_mut().for_each(|row| row.pin = Pin::Apart)
        }),
        ("the permits", |r| r.plan.iter_mut().for_each(|row| row.permits = 1)),
        ("the time between tokens, ns", |r| r.plan.iter_mut().for_each(|row| row.gap_ns = Some(9))),
        ("the HTTP client of smol", |r| {
            r.plan.iter_mut().filter(|row| row.arm == "smol").for_each(|row| row.client = Client::Reqwest)
        }),
        ("the model", |r| r.manifest.servers.iter_mut().for_each(|s| s.model = "another".into())),
        ("the simulator's arguments", |r| {
            r.manifest.servers.iter_mut().for_each(|s| s.command += " --ttft-ms 80")
        }),
        ("the kind of server", |r| r.plan.iter_mut().for_each(|row| row.server_kind = ServerKind::Ollama)),
    ];
    for (named, change) in cases {
        let text = refusal(change);
        assert!(text.contains(named), "wanted {named:?} in {text:?}");
    }
}

#[test]
fn request_options_in_the_text_of_the_plan_matter_and_its_layout_does_not() {
    let plan = "[[sets]]\nname = \"like-for-like\"\noptions_a = { num_ctx = 512 }\n";
    let with = |text: &str, seed| {
        let mut run = run(seed, Recipe::default());
        run.manifest.plan.text = text.into();
        run
    };
    let pair = Pair::of(&with(plan, 1), &with(&plan.replace("512", "1024"), 2));
    let text = pair.refused(&pair.request());
    assert!(text.contains("the plan's options_a of like-for-like"), "{text}");
    assert!(text.contains("512") && text.contains("1024"), "{text}");
    assert!(Pair::of(&with(plan, 1), &with(&format!("# faster\n{plan}"), 2)).compare().is_ok());
}

#[test]
fn digests_of_a_real_model_matter_where_both_are_known() {
    let with = |digest: Option<&str>, seed| {
        let mut run = run(seed, Recipe::default());
        run.on_real_servers();
        run.manifest.servers.iter_mut().for_each(|s| s.model_digest = digest.map(str::to_owned));
        run
    };
    let pair = Pair::of(&with(Some("aa11"), 1), &with(Some("bb22"), 2));
    assert!(pair.refused(&pair.request()).contains("the model's digest"));
    assert!(Pair::of(&with(Some("aa11"), 1), &with(None, 2)).compare().is_ok());
}

#[test]
fn a_model_that_was_made_again_is_the_same_by_its_layers() {
    let with = |layers: &str, seed: u64| {
        let mut run = run(seed, Recipe::default());
        run.on_real_servers();
        for server in &mut run.manifest.servers {
            (server.model_digest, server.layers_digest) =
                (Some(format!("sha256:{seed}")), Some(layers.into()));
        }
        run
    };
    assert!(Pair::of(&with("aa11", 1), &with("aa11", 2)).compare().is_ok());
    let pair = Pair::of(&with("aa11", 1), &with("bb22", 2));
    assert!(pair.refused(&pair.request()).contains("the model's layers"));
}

#[test]
fn pieces_are_not_compared_with_tokens() {
    let with = |from: TokensFrom, tokens: u64, seed| {
        let mut run = run(seed, Recipe::default());
        for row in &mut run.requests {
            (row.tokens_from, row.output_tokens) = (Some(from), Some(tokens));
        }
        run
    };
    let pieces = with(TokensFrom::Pieces, TOKENS, 1);
    assert!(Pair::of(&pieces, &with(TokensFrom::Server, TOKENS, 2)).compare().is_ok(), "a token each");
    let pair = Pair::of(&pieces, &with(TokensFrom::Server, 4 * TOKENS, 2));
    assert!(pair.refused(&pair.request()).contains("what counts as a token"));
}

#[test]
fn margins_that_differ_must_be_decided_even_when_told_to_go_on() {
    let mut after = run(2, Recipe::default());
    after.manifest.margin_efficiency = 0.01;
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    let mut request = pair.request();
    request.allow_different = true;
    let text = pair.refused(&request);
    assert!(text.contains("--margin") && text.contains("0.005") && text.contains("0.01"), "{text}");
    request.margin = Some(0.01);
    compare(&request).unwrap();
    let page = std::fs::read_to_string(pair.out().join("before-vs-after/README.md")).unwrap();
    assert!(page.contains("margin 0.01 (the plans fixed 0.005 and 0.01)"), "{page}");

    let mut after = run(2, Recipe::default());
    after.manifest.margin_log_time = 0.1;
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    assert!(pair.refused(&pair.request()).contains("--margin-log-time"));
}

#[test]
fn what_is_to_be_compared_may_differ_and_is_told() {
    let mut after = run(2, Recipe::default());
    after.manifest.git_revision = "ba9876543210".into();
    let said = Pair::of(&run(1, Recipe::default()), &after).said();
    assert!(said.page.contains("only the source differs (revision)"), "{}", said.page);
    after.manifest.machine.cpu = Some("another CPU".into());
    after.manifest.servers[0].version = Some("0.2.0".into());
    let said = Pair::of(&run(1, Recipe::default()), &after).said();
    let text = said.summary["attribution"].as_str().unwrap();
    assert!(
        text.contains(
            "The machine, the source and the servers differ at once, so no change can be attributed"
        ),
        "{text}"
    );
    assert!(said.page.contains("| the machine: CPU | made-up CPU | another CPU |"), "{}", said.page);
}

#[test]
fn runs_of_micro_workloads_are_told_apart_from_runs_with_agents() {
    let mut after = run(2, Recipe::default());
    for row in &mut after.plan {
        row.workload = tandem_records::Workload::Spawn;
    }
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    let text = pair.refused(&pair.request());
    assert!(text.starts_with("run after measured runtimes by themselves"), "{text}");
}
