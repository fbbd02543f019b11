//! Checks of equal work, of provenance and of the sitting.

use crate::common::{Recipe, Synthetic};
use crate::{caveats, expect_on_page, page_of, with_analysis};
use tandem_records::{Cache, Client, Phase, Status};

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

fn real() -> Synthetic {
    let mut run = quiet();
    run.on_real_servers();
    run
}

fn expect_caveat(run: &Synthetic, wanted: Option<&str>) {
    with_analysis(run, |analysis| match (caveats(analysis), wanted) {
        (None, None) => {}
        (Some(line), Some(wanted)) if line.contains(wanted) => {}
        (line, wanted) => panic!("wanted {wanted:?}, is {line:?}"),
    });
}

#[test]
fn a_sound_run_has_no_caveat() {
    expect_caveat(&quiet(), None);
    expect_caveat(&real(), None);
    expect_on_page(&quiet(), "On the simulators every arm of a block got the same texts");
    expect_on_page(&quiet(), "none of 288 measured requests had to open its connection again.");
    expect_on_page(&real(), "Texts on real servers: 0 of 144 requests differ");
    expect_on_page(&real(), "for 0 of 144 agents");
}

#[test]
fn texts_that_differ_between_the_phases_are_counted_on_real_servers() {
    let mut run = real();
    for row in run.requests.iter_mut().filter(|r| r.trial < 3 && r.phase == Phase::Concurrent && r.agent == 1)
    {
        row.digest = "another".into();
    }
    expect_on_page(&run, "Texts on real servers: 3 of 144 requests differ");
    expect_caveat(&run, Some("another text together than alone in 3 of 144 requests"));
    // A request that failed has no text to compare.
    let failed =
        run.requests.iter_mut().find(|r| r.trial == 2 && r.phase == Phase::Concurrent && r.agent == 1);
    failed.unwrap().status = Status::Timeout;
    expect_on_page(&run, "Texts on real servers: 2 of 143 requests differ");
    // With a cold cache the prompts differ on purpose.
    run.plan.iter_mut().for_each(|p| p.cache = Cache::Cold);
    assert!(!page_of(&run).contains("Texts on real servers"));
    expect_caveat(&run, None);
}

#[test]
fn prompts_that_take_longer_in_one_phase_are_counted_on_real_servers() {
    let mut run = real();
    for (trial, factor) in [(0, 0.79), (1, 1.26), (2, 0.81), (3, 1.24)] {
        let of = |r: &&mut tandem_records::RequestRow| {
            r.trial == trial && r.phase == Phase::Concurrent && r.agent == 0
        };
        let row = run.requests.iter_mut().find(of).unwrap();
        row.prompt_eval_ns = row.prompt_eval_ns.map(|ns| (ns as f64 * factor) as u64);
    }
    expect_on_page(&run, "for 2 of 144 agents (each trial's counted apart)");
    expect_caveat(&run, Some("as long to evaluate together as alone for 2 of 144 agents"));
    run.requests.iter_mut().for_each(|r| r.prompt_eval_ns = None);
    assert!(!page_of(&run).contains("Prompts on real servers"), "nothing told, nothing claimed");
}

#[test]
fn equal_seeds_must_give_equal_texts_on_the_simulators() {
    let mut run = quiet();
    let of = |arm: &str| run.trials.iter().find(|t| t.arm == arm && t.block == 5).unwrap().trial;
    let trial = of("smol");
    for row in run.requests.iter_mut().filter(|r| r.trial == trial && r.phase == Phase::Solo && r.agent == 1)
    {
        row.digest = "another".into();
    }
    expect_on_page(&run, "**Equal seeds gave different texts on the simulators** in 1 of 48 pieces of work");
    expect_on_page(
        &run,
        "2 texts over 6 arms in like-for-like/stream/chimera_homo/a2, block 5, agent 1, solo phase",
    );
    expect_caveat(&run, Some("equal seeds gave different texts in 1 of 48"));
    // Another block is other work.
    let mut run = quiet();
    let block: Vec<u32> = run.trials.iter().filter(|t| t.block == 5).map(|t| t.trial).collect();
    run.requests.iter_mut().filter(|r| block.contains(&r.trial)).for_each(|r| r.digest = "another".into());
    expect_caveat(&run, None);
}

#[test]
fn connections_that_were_opened_again_are_counted() {
    let mut run = quiet();
    run.requests.iter_mut().filter(|r| r.trial == 7).for_each(|r| r.connect_ns = Some(90_000));
    expect_on_page(
        &run,
        "The server closed 4 prepared connections (288 measured requests): their opening is inside the measured time.",
    );
    for row in run.requests.iter_mut().filter(|r| r.trial == 7) {
        row.phase = Phase::Warmup;
    }
    expect_on_page(&run, "none of 284 measured requests had to open its connection again");
    run.plan.iter_mut().for_each(|p| p.connection = tandem_records::Connection::Fresh);
    assert!(!page_of(&run).contains("repared connections"), "a fresh connection is opened on purpose");
    let reqwest = Recipe { sets: vec![("as-described", Client::Reqwest)], ..Recipe::default() };
    expect_on_page(&Synthetic::make(&reqwest), "reqwest cannot tell: 288 requests with it");
}

#[test]
fn revisions_that_do_not_match_are_warned_of() {
    let mut run = quiet();
    // The manifest has the whole revision, receipts an abbreviation.
    run.manifest.git_revision = "0123456789abcdef0123456789abcdef01234567".into();
    assert!(!page_of(&run).contains("Warning"), "an abbreviation is the same revision");
    run.manifest.git_revision += "-dirty";
    expect_on_page(&run, "**Warning: the source had uncommitted changes (manifest).**");
    expect_caveat(&run, Some("cannot be tied to one clean source revision (see Provenance)"));
    run.manifest.arms[0].version = "tokio-default 0.1.0\nrevision: 0123456789ab-dirty\n".into();
    expect_on_page(&run, "uncommitted changes (manifest and tokio-default).");
    run.manifest.arms[1].version = "tokio-localset 0.1.0\nrevision: fedcba987654\n".into();
    expect_on_page(
        &run,
        "**Warning: arms were built from another revision than the manifest names (tokio-localset).**",
    );
    run.manifest.arms[2].version = "async-std 0.1.0\nrevision: outside a git checkout\n".into();
    expect_on_page(&run, "built outside a git checkout: nothing ties them to a revision (async-std).");
    run.manifest.arms[3].version = "smol 0.1.0\n".into();
    expect_on_page(&run, "receipts of arms name no revision (smol).");
    run.manifest.git_revision.clear();
    expect_on_page(&run, "the manifest names no source revision.");
}

/// Starts every trial ten seconds after the one before.
fn in_order(run: &mut Synthetic) {
    for row in &mut run.trials {
        let second = row.trial * 10;
        row.started_utc = format!("2026-11-21T10:{:02}:{:02}.5Z", second / 60, second % 60);
    }
}

#[test]
fn a_run_taken_up_again_says_in_how_many_sittings_it_was_made() {
    let mut run = quiet();
    in_order(&mut run);
    expect_on_page(&run, "Blocks share one sitting of one machine");
    for row in run.trials.iter_mut().filter(|t| t.trial >= 30) {
        row.started_utc = row.started_utc.replace("T10:", "T13:");
    }
    expect_on_page(
        &run,
        "The run was made in 2 sittings of one machine (it paused once for more than 5 minutes",
    );
    for row in run.trials.iter_mut().filter(|t| t.trial >= 60) {
        row.started_utc = row.started_utc.replace("-21T", "-22T");
    }
    expect_on_page(&run, "made in 3 sittings of one machine (it paused 2 times");
    run.trials.iter_mut().for_each(|t| t.started_utc = "yesterday".into());
    expect_on_page(&run, "in how many sittings the trials do not tell");
}

#[test]
fn a_wall_clock_that_steps_changes_nothing_but_the_sittings() {
    let mut run = quiet();
    in_order(&mut run);
    let without_sittings = |run: &Synthetic| -> String {
        let is_about_them = |line: &&str| line.contains("sitting");
        page_of(run).lines().filter(|line| !is_about_them(line)).collect::<Vec<_>>().join("\n")
    };
    let steady = without_sittings(&run);
    // Back by a year in the middle, then forward by two, as a machine does whose clock was wrong when it started.
    for row in &mut run.trials {
        let year = match row.trial {
            0..30 => "2026-",
            30..60 => "2025-",
            _ => "2028-",
        };
        row.started_utc = row.started_utc.replacen("2026-", year, 1);
    }
    assert_eq!(without_sittings(&run), steady);
}

#[test]
fn a_long_trial_is_no_pause_even_when_a_later_attempt_replaced_it() {
    let mut run = quiet();
    in_order(&mut run);
    for row in run.trials.iter_mut().filter(|t| t.trial >= 30) {
        row.started_utc = row.started_utc.replace("T10:", "T11:");
    }
    let trial = run.trials.iter_mut().find(|t| t.trial == 29).unwrap();
    let again = trial.clone();
    (trial.wall_ns, trial.status) = (3_590_000_000_000, Status::Timeout);
    expect_on_page(&run, "Blocks share one sitting");
    let mut again = again;
    (again.attempt, again.started_utc) = (2, "2026-11-21T11:13:00Z".into());
    run.trials.push(again);
    expect_on_page(&run, "Blocks share one sitting");
}

#[test]
fn an_arm_keeps_its_labels_when_its_first_trial_ended_without_a_report() {
    let mut run =
        Synthetic::make(&Recipe { sets: vec![("as-described", Client::Reqwest)], ..Recipe::default() });
    let first = run.trials.iter().position(|row| row.arm == "smol").expect("a trial of smol");
    let trial = run.trials[first].trial;
    run.fail(trial, Status::ArmFailed, "killed");
    (run.trials[first].bridge, run.trials[first].read_cap_bytes) = (String::new(), None);
    expect_on_page(&run, "| smol | reqwest via Tokio bridge |");
}
