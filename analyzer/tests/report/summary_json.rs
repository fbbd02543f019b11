//! `summary.json`: the numbers of a report for programs.

use crate::common::{Recipe, Synthetic};
use crate::hostile_text::nasty_run;
use crate::with_analysis;
use analyzer::predictions::{embedded, judge_all};
use analyzer::report::summary_json;
use serde_json::Value;
use tandem_records::{Client, Phase, Status, Workload};

fn summary(run: &Synthetic) -> Value {
    let mut found = Value::Null;
    with_analysis(run, |analysis| {
        let hypotheses = embedded().unwrap();
        let judged = judge_all(analysis, &hypotheses).unwrap();
        let text = summary_json(analysis, &judged, "make report").unwrap();
        assert!(text.ends_with("}\n"));
        assert!(!text.contains("NaN") && !text.contains("inf,"));
        found = serde_json::from_str(&text).unwrap();
    });
    found
}

/// The keys of an object, of the first element of an array, and so on down: the schema as far as it has data.
fn keys(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                out.push(format!("{path}{key}"));
                keys(value, &format!("{path}{key}."), out);
            }
        }
        Value::Array(items) => items.first().into_iter().for_each(|item| keys(item, path, out)),
        _ => {}
    }
}

#[test]
fn the_numbers_are_those_of_the_analysis() {
    let run = Synthetic::make(&Recipe {
        effect: |arm| if arm == "smol" { -0.012 } else { 0.0 },
        sets: vec![("like-for-like", Client::Hyper), ("as-described", Client::Reqwest)],
        ..Recipe::default()
    });
    let summary = summary(&run);
    assert_eq!(summary["schema_version"], 2);
    assert_eq!(summary["run"]["id"], "made-up");
    assert_eq!(summary["run"]["report_command"], "make report");
    let families = &summary["rules"]["families"];
    assert_eq!(
        (&families["primary"]["contrasts"], &families["primary"]["level"]),
        (&4.into(), &0.99375.into())
    );
    assert_eq!((&families["others"], &families["open_loops"]), (&families["primary"], &Value::Null));
    assert_eq!(summary["trials"]["counted"], 144);
    with_analysis(&run, |analysis| {
        let near = |value: &Value, wanted: f64| {
            let value = value.as_f64().unwrap();
            assert!((value - wanted).abs() <= 1e-8 * wanted.abs(), "{value} {wanted}");
        };
        assert_eq!(summary["answer"]["first_sentence"], crate::sentence(analysis));
        for (cell, shown) in analysis.cells.iter().zip(summary["cells"].as_array().unwrap()) {
            assert_eq!(shown["name"], cell.name);
            for (arm, shown) in cell.arms.iter().zip(shown["arms"].as_array().unwrap()) {
                near(&shown["efficiency"]["median"], arm.efficiency.unwrap().median);
                let switches =
                    arm.spreads().find(|(metric, _)| metric.key() == "switches_per_token").unwrap().1;
                near(&shown["metrics"]["switches_per_token"]["median"], switches.median);
            }
            for (contrast, shown) in cell.contrasts.iter().zip(shown["contrasts"].as_array().unwrap()) {
                assert_eq!(shown["verdict"], contrast.verdict.as_str());
                near(&shown["estimate"], contrast.estimate.unwrap());
                near(&shown["ci"][0], contrast.ci.unwrap().lo);
                near(&shown["ci95"][1], contrast.ci95.unwrap().hi);
                near(&shown["power"]["planned"], contrast.power.planned.unwrap());
                near(&shown["mean"]["bca_ci"][0], contrast.mean.bca_ci.unwrap().lo);
                near(&shown["mean"]["shapiro_wilk_p"], contrast.mean.normality.unwrap().p);
            }
            let order = analysis.order.of_cell(&cell.name).unwrap();
            near(&shown["order"]["ljung_box"]["p"], order.tests[2].p.unwrap());
            near(&shown["order"]["step"]["p"], order.tests[1].p.unwrap());
            near(&shown["order"]["theil_sen_per_block"], order.slope.unwrap());
            assert_eq!(shown["omnibus"]["tukey"].as_array().unwrap().len(), 10);
            assert_eq!(shown["omnibus"]["tukey"][0]["a"], "tokio-default");
        }
        let of_run = summary["run_order"].as_array().unwrap();
        assert_eq!(of_run.len(), analysis.order.together.len());
        near(&of_run[0]["step"]["p"], analysis.order.together[0].tests[1].p.unwrap());
        assert_eq!(summary["exploratory"].as_array().unwrap().len(), analysis.exploratory.len());
    });
    assert_eq!(summary["predictions"]["judged"].as_array().unwrap().len(), 11);
}

#[test]
fn odd_runs_have_the_same_keys() {
    let whole = {
        let mut found = Vec::new();
        let mut run = Synthetic::make(&Recipe::default());
        run.stretch(|t| if t.trial == 40 { 1.05 } else { 1.0 });
        let first = run.trials.iter().find(|t| t.arm == "tokio-default").unwrap().trial;
        run.fail(first, Status::Timeout, "no answer");
        keys(&summary(&run), "", &mut found);
        found
    };
    let few = Synthetic::make(&Recipe { blocks: 2, ..Recipe::default() });
    let mut failed = Synthetic::make(&Recipe::default());
    (0..72).for_each(|trial| failed.fail(trial, Status::Refused, "connection refused"));
    let mut flood = Synthetic::make(&Recipe::default());
    flood.plan.iter_mut().for_each(|row| row.workload = Workload::Flood);
    flood.trials.iter_mut().for_each(|row| row.workload = Workload::Flood);
    for (name, run) in [("few", few), ("failed", failed), ("flood", flood), ("hostile", nasty_run())] {
        let mut found = Vec::new();
        keys(&summary(&run), "", &mut found);
        let new: Vec<&String> = found.iter().filter(|key| !whole.contains(key)).collect();
        assert!(new.is_empty(), "{name}: {new:?}");
        let top = |keys: &[String]| keys.iter().filter(|key| !key.contains('.')).count();
        assert_eq!(top(&found), top(&whole));
    }
}

#[test]
fn what_does_not_exist_is_null() {
    let summary = summary(&Synthetic::make(&Recipe { blocks: 2, ..Recipe::default() }));
    let contrast = &summary["cells"][0]["contrasts"][0];
    assert_eq!(contrast["verdict"], "not_analysable");
    assert!(contrast["estimate"].is_number());
    for key in ["ci", "ci95", "against", "more_blocks", "smallest_visible"] {
        assert!(contrast[key].is_null() && contrast.get(key).is_some(), "{key}: {}", contrast[key]);
    }
}

#[test]
fn what_streams_and_prompts_were_like_is_in_the_summary() {
    let plain = summary(&Synthetic::make(&Recipe::default()));
    let cell = &plain["cells"][0];
    assert_eq!(cell["pieces"]["tokens_per_piece"], 1.0);
    for key in ["invalid_reason", "queue", "prompts_reread", "prompts_cut"] {
        assert!(cell.get(key).is_none(), "{key}");
    }
    let mut run = Synthetic::make(&Recipe::default());
    run.on_real_servers();
    run.manifest.notes.push("a note".into());
    run.trials.iter_mut().for_each(|row| row.context_length = Some(12));
    for row in &mut run.requests {
        (row.pieces, row.thinking_pieces) = (Some(75), Some(15));
        // The second agent waits for the first on the one server.
        row.server = "http://127.0.0.1:40000".into();
        if row.phase == Phase::Concurrent && row.agent == 1 {
            row.prompt_eval_ns = row.prompt_eval_ns.map(|ns| ns * 10);
            let wait = 2_000_000_000;
            (row.ttft_ns, row.e2e_ns) = (row.ttft_ns.map(|ns| ns + wait), row.e2e_ns.map(|ns| ns + wait));
        }
    }
    let told = summary(&run);
    let cell = &told["cells"][0];
    assert_eq!(cell["pieces"]["tokens_per_piece"], 4.0);
    assert_eq!(cell["pieces"]["tokens_per_piece_of_servers"][1], 4.0);
    assert_eq!(cell["pieces"]["thinking_pieces"], 288 * 15);
    assert_eq!((&cell["queue"]["queued"], &cell["queue"]["requests"]), (&72.into(), &144.into()));
    assert_eq!(cell["queue"]["slots"], Value::Null);
    assert_eq!(cell["prompts_reread"]["together_ns"], 400e6);
    assert_eq!(cell["prompts_cut"]["context_length"], 12);
    assert_eq!(cell["invalid"], true);
    assert!(
        cell["invalid_reason"].as_str().unwrap().starts_with("prompts were read again together: 40 ms alone")
    );
    assert_eq!(told["answer"]["notes"][0], "a note");
}

#[test]
fn every_trial_is_counted_once_and_by_the_same_word_everywhere() {
    let mut run = Synthetic::make(&Recipe::default());
    let of = |run: &Synthetic, n: usize| {
        run.trials.iter().filter(|t| t.arm == "smol").map(|t| t.trial).nth(n).unwrap()
    };
    let [timeout, refused, aborted, torn, late] = [0, 1, 2, 3, 4].map(|n| of(&run, n));
    run.fail(timeout, Status::Timeout, "no answer");
    run.fail(refused, Status::Refused, "connection refused");
    run.fail(aborted, Status::Aborted, "interrupted");
    run.agents.retain(|row| row.trial != torn);
    run.trials.iter_mut().filter(|t| t.trial == late).for_each(|t| t.server_late_p99_ns = Some(900_000));
    run.forget(|t| t.arm == "async-std" && t.block == 11);
    let told = summary(&run);
    let trials = &told["trials"];
    for (key, wanted) in
        [("failed", 2), ("invalid", 1), ("incomplete", 2), ("not_run_yet", 1), ("counted", 66)]
    {
        assert_eq!(trials[key], wanted, "{key}: {trials}");
    }
    let arms = told["cells"][0]["arms"].as_array().unwrap();
    let smol = arms.iter().find(|arm| arm["arm"] == "smol").unwrap();
    for (key, wanted) in [("failed", 2), ("invalid", 1), ("incomplete", 2)] {
        assert_eq!(smol[key], wanted, "{key}: {smol}");
        let sum: u64 = arms.iter().map(|arm| arm[key].as_u64().unwrap()).sum();
        assert_eq!(sum, wanted, "{key} over the arms");
    }
    assert_eq!(
        smol["failed_by_status"],
        serde_json::json!([{"status": "refused", "trials": 1}, {"status": "timeout", "trials": 1}])
    );
    let page = crate::page_of(&run);
    assert!(page.contains("71 trials, 2 failed, 1 invalid, 2 incomplete, 1 of 72 not run yet"), "{page}");
    assert!(page.contains("66 of 71 trials count, 2 failed, 1 invalid, 2 incomplete; "), "{page}");
    assert!(
        page.contains("72 planned, 71 finished: 66 count, 2 failed, 1 invalid, 2 incomplete; 1 not run yet.")
    );
    assert!(
        page.contains("| like-for-like/stream/chimera_homo/a2 | smol | 12 | 7 | 2 | 1 | 2 | 0 |"),
        "{page}"
    );
}
