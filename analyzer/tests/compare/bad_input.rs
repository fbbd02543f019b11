use crate::common::Recipe;
use crate::{Pair, run};
use tandem_records::Status;

#[test]
fn runs_without_a_common_cell_are_refused_with_both_lists() {
    let four = Recipe { agents: vec![4], ..Recipe::default() };
    let pair = Pair::of(&run(1, Recipe::default()), &run(2, four));
    let text = pair.refused(&pair.request());
    assert!(
        text.contains("A has like-for-like/stream/chimera_homo/a2 (tokio-default, tokio-default#2"),
        "{text}"
    );
    assert!(text.contains("B has like-for-like/stream/chimera_homo/a4"), "{text}");
}

#[test]
fn a_run_of_failures_alone_is_refused_with_its_counts() {
    let mut after = run(2, Recipe::default());
    (0..72).for_each(|trial| after.fail(trial, Status::Refused, "connection refused"));
    let pair = Pair::of(&run(1, Recipe::default()), &after);
    let text = pair.refused(&pair.request());
    assert!(
        text.contains("run after has no trial that counts") && text.contains("72 of 72 planned"),
        "{text}"
    );
    assert!(text.contains("analyzer report after"), "{text}");
}

#[test]
fn under_six_trials_no_number_is_invented() {
    let short = || Recipe { blocks: 5, ..Recipe::default() };
    let said = Pair::of(&run(1, short()), &run(2, short())).said();
    for view in ["change", "relative"] {
        assert_eq!(said.verdict("efficiency", "smol", view), "not_analysable");
        assert!(said.contrast("efficiency", "smol")[view]["ci"].is_null());
    }
    assert!(said.done.text.contains("needs >= "), "{}", said.done.text);
    assert!(said.answer().contains("5 of 5 cannot be compared (needs >= "), "{}", said.answer());
    assert_eq!(said.done.regression, None);
}

#[test]
fn a_run_in_progress_is_compared_so_far() {
    let mut after = run(2, Recipe::default());
    after.forget(|row| row.block >= 9);
    let said = Pair::of(&run(1, Recipe::default()), &after).said();
    assert!(said.answer().starts_with("So far (B has 54 of 72 planned trials)"), "{}", said.answer());
    assert_eq!(said.contrast("efficiency", "smol")["change"]["n"]["blocks"], 9);
}

#[test]
fn missing_runs_and_unusable_settings_are_one_line() {
    let pair = Pair::of(&run(1, Recipe::default()), &run(2, Recipe::default()));
    let mut missing = pair.request();
    missing.after = "nothing".into();
    assert!(pair.refused(&missing).contains("valid: after, before"));
    for margin in [f64::NAN, 0.0, -1.0, 1.0] {
        let mut wrong = pair.request();
        wrong.margin_log_time = Some(margin);
        assert!(pair.refused(&wrong).starts_with("--margin-log-time is"));
    }
    let manifest = pair.runs().join("after/manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let known = format!("\"schema_version\": {}", tandem_records::SCHEMA_VERSION);
    std::fs::write(&manifest, text.replacen(&known, "\"schema_version\": 99", 1)).unwrap();
    assert!(pair.refused(&pair.request()).contains("schema version 99 is newer"));
}

#[test]
fn a_run_without_its_plan_does_not_contradict_the_other() {
    let pair = Pair::of(&run(1, Recipe::default()), &run(2, Recipe::default()));
    std::fs::remove_file(pair.runs().join("after/plan.csv")).unwrap();
    assert_eq!(pair.said().verdict("efficiency", "smol", "change"), "equivalent");
}
