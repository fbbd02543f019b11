//! Every judgement of a prediction, from rows that call for it.

use crate::common::{ARMS, GAP_NS, Recipe, Synthetic};
use crate::fingerprints::one_by_one;
use crate::{page_of, read_back};
use analyzer::analysis::{Settings, analyse};
use analyzer::predictions::{Evidence, Judgement, Region, decide, embedded, judge_all};
use analyzer::stats::Interval;
use proptest::prelude::*;
use tandem_records::{Client, Workload};

/// Judgement, cell and reason of one prediction of the study's.
fn judged(run: &Synthetic, id: &str) -> (Judgement, Option<String>, String) {
    let run = read_back(run);
    let analysis = analyse(&run, Settings::new(&run.manifest, None, None, None).unwrap()).unwrap();
    let hypotheses = embedded().unwrap();
    let all = judge_all(&analysis, &hypotheses).unwrap().all;
    let one = all.into_iter().find(|one| one.hypothesis.id == id).unwrap();
    (one.judgement, one.cell.map(str::to_owned), one.why)
}

fn expect(run: &Synthetic, id: &str, wanted: Judgement) {
    let (judgement, _, why) = judged(run, id);
    assert_eq!(judgement, wanted, "{id}: {why}");
}

fn undecided(run: &Synthetic, id: &str, reason: &str) {
    let (judgement, _, why) = judged(run, id);
    assert_eq!(judgement, Judgement::Undecided, "{id}");
    assert!(why.contains(reason), "wanted {reason:?} in {why:?}");
}

fn quiet() -> Synthetic {
    Synthetic::make(&Recipe::default())
}

fn with_effect(effect: fn(&str) -> f64) -> Synthetic {
    Synthetic::make(&Recipe { effect, ..Recipe::default() })
}

#[test]
fn the_rule() {
    let ci = |lo, hi| Interval { lo, hi };
    let range = Region { lo: Some(0.02), hi: Some(0.03) };
    let direction = Region { lo: Some(0.0), hi: None };
    let small = Region { lo: Some(0.001), hi: Some(0.004) };
    let same = Region { lo: Some(-0.01), hi: Some(0.01) };
    let level = Region { lo: Some(0.98), hi: None };
    for (region, ci, judged, wanted) in [
        (range, ci(0.021, 0.029), true, Judgement::Supported),
        (range, ci(0.020, 0.030), true, Judgement::Supported),
        (range, ci(0.019, 0.029), true, Judgement::Undecided),
        (range, ci(-0.004, 0.004), true, Judgement::Equivalent),
        (range, ci(-0.004, 0.04), true, Judgement::Undecided),
        (range, ci(0.005, 0.015), true, Judgement::Contradicted),
        (range, ci(0.031, 0.05), true, Judgement::Contradicted),
        (direction, ci(0.006, 0.05), true, Judgement::Supported),
        (direction, ci(0.001, 0.004), true, Judgement::Equivalent),
        (direction, ci(-0.05, -0.01), true, Judgement::Contradicted),
        (direction, ci(-0.001, 0.02), true, Judgement::Undecided),
        (small, ci(0.002, 0.003), true, Judgement::Supported),
        (same, ci(-0.003, 0.003), true, Judgement::Supported),
        (level, ci(0.99, 1.0), false, Judgement::Supported),
        (level, ci(0.9, 0.95), false, Judgement::Contradicted),
        (level, ci(0.9, 0.99), false, Judgement::Undecided),
    ] {
        let found = decide(region, ci, judged.then_some(0.005));
        assert_eq!(found, wanted, "{region:?} {ci:?}");
    }
}

proptest! {
    #[test]
    fn what_is_supported_is_never_contradicted(lo in -1.0..1.0, width in 0.0..1.0, a in -1.0..1.0, b in 0.0..1.0) {
        let region = Region { lo: Some(a), hi: Some(a + b) };
        let ci = Interval { lo, hi: lo + width };
        prop_assert!(!(region.holds(ci) && region.misses(ci)));
        match decide(region, ci, None) {
            Judgement::Supported => prop_assert!(region.contains(lo) && region.contains(lo + width)),
            Judgement::Contradicted => prop_assert!(!region.contains(lo) && !region.contains(lo + width)),
            Judgement::Undecided => prop_assert!(!region.holds(ci)),
            Judgement::Equivalent => prop_assert!(false, "a level has no null value"),
        }
    }
}

#[test]
fn a_difference_is_supported_equivalent_contradicted_or_open() {
    let id = "localset-beats-default";
    expect(&with_effect(|arm| if arm == "tokio-localset" { 0.025 } else { 0.0 }), id, Judgement::Supported);
    expect(&quiet(), id, Judgement::Equivalent);
    let lower = with_effect(|arm| if arm == "tokio-localset" { -0.012 } else { 0.0 });
    expect(&lower, id, Judgement::Contradicted);
    expect(&lower, "stealing-costs", Judgement::Contradicted);
    // More than predicted is not what was predicted.
    let more = with_effect(|arm| if arm == "tokio-localset" { 0.05 } else { 0.0 });
    expect(&more, id, Judgement::Contradicted);
    expect(&more, "stealing-costs", Judgement::Supported);
    let noisy = Synthetic::make(&Recipe { noise: 0.03, ..Recipe::default() });
    undecided(&noisy, id, "reaches across a bound of the claim");
    let page = page_of(&noisy);
    assert!(page.contains("`make sweep PLAN=quick BLOCKS="), "{page}");
}

#[test]
fn a_tiny_difference_is_no_support_for_a_claim_of_direction() {
    let run = with_effect(|arm| if arm == "tokio-localset" { 0.0015 } else { 0.0 });
    expect(&run, "stealing-costs", Judgement::Equivalent);
}

#[test]
fn intervals_are_those_of_the_family_of_predictions() {
    let run = read_back(&quiet());
    let analysis = analyse(&run, Settings::new(&run.manifest, None, None, None).unwrap()).unwrap();
    let hypotheses = embedded().unwrap();
    let judged = judge_all(&analysis, &hypotheses).unwrap();
    assert_eq!(judged.family, 9, "all but threads, which are counted, and httpx, which is not there");
    assert!((judged.level - (1.0 - 0.05 / 9.0)).abs() < 1e-12);
    let one = &judged.all[0];
    let Some(Evidence::Estimate { estimate, ci: Some(ci), n: 12 }) = one.evidence.clone() else {
        panic!("{one:?}")
    };
    let contrast = analysis.cells[0].contrasts.iter().find(|c| c.arm == "tokio-localset").unwrap();
    assert_eq!(estimate, contrast.estimate, "the same estimate as the verdict's");
    let at95 = contrast.ci95.unwrap();
    assert!(ci.lo <= at95.lo && ci.hi >= at95.hi, "wider for nine");
}

#[test]
fn what_the_run_lacks_is_named() {
    let id = "localset-beats-default";
    undecided(&Synthetic::make(&Recipe { blocks: 8, ..Recipe::default() }), id, "needs >= 9 complete blocks");
    let biased = with_effect(|arm| match arm {
        "tokio-default#2" => -0.01,
        "tokio-localset" => 0.025,
        _ => 0.0,
    });
    undecided(&biased, id, "A/A arm differs from itself");
    expect(&biased, "98-reachable", Judgement::Supported);
    let mut invalid = quiet();
    invalid.trials.iter_mut().filter(|t| t.block < 2).for_each(|t| t.streams_open_max = Some(1));
    undecided(&invalid, id, "the cell is invalid: over a tenth of its trials cannot count");
    let arms = vec!["tokio-default", "tokio-default#2", "smol"];
    let few = Synthetic::make(&Recipe { arms, ..Recipe::default() });
    undecided(&few, id, "no judged cell has tokio-localset and tokio-default");
    undecided(&few, "httpx-keeps-99", "no judged cell has python-httpx on httpx");
    let mut flood = quiet();
    flood.plan.iter_mut().for_each(|p| p.workload = Workload::Flood);
    flood.trials.iter_mut().for_each(|t| t.workload = Workload::Flood);
    undecided(&flood, "98-reachable", "no cell of this run is judged by efficiency");
    let mut exploratory = quiet();
    exploratory.manifest.plan.exploratory_sets = vec!["like-for-like".into()];
    undecided(&exploratory, id, "no judged cell has");
    undecided(&exploratory, "smol-one-thread", "no judged cell has smol");
    let mut nothing = quiet();
    nothing.forget(|t| (t.block, t.arm.as_str()) != (0, "tokio-default"));
    undecided(&nothing, "smol-one-thread", "no trial tells its threads");
    undecided(&nothing, "98-reachable", "trials of every arm");
    undecided(&nothing, "async-std-half", "needs >= ");
}

#[test]
fn a_level_and_what_is_reachable() {
    expect(&quiet(), "async-std-half", Judgement::Contradicted);
    let mut half = quiet();
    one_by_one(&mut half, "async-std");
    half.trials.iter_mut().for_each(|t| t.streams_open_max = None);
    expect(&half, "async-std-half", Judgement::Supported);
    expect(&half, "98-reachable", Judgement::Supported);
    let mut slow = quiet();
    for arm in ARMS {
        slow.slow_down(arm, 1.25, |_| true);
    }
    expect(&slow, "98-reachable", Judgement::Contradicted);
    // One arm that is still fast is enough, whichever it is.
    let mut one = quiet();
    for arm in ARMS.into_iter().filter(|arm| *arm != "smol") {
        one.slow_down(arm, 1.25, |_| true);
    }
    expect(&one, "98-reachable", Judgement::Supported);
    assert!(page_of(&one).contains("1 of 5 arms wholly inside the claim"));
    // The A/A arm is no arm of its own.
    let mut again = quiet();
    for arm in ARMS.into_iter().filter(|arm| *arm != "tokio-default#2") {
        again.slow_down(arm, 1.25, |_| true);
    }
    expect(&again, "98-reachable", Judgement::Contradicted);
}

#[test]
fn threads_are_counted() {
    let threads = |numbers: [u32; 2]| {
        let mut run = quiet();
        for row in run.trials.iter_mut() {
            row.threads = Some(numbers[row.block as usize % 2]);
        }
        run
    };
    expect(&threads([1, 1]), "smol-one-thread", Judgement::Supported);
    expect(&threads([3, 2]), "smol-one-thread", Judgement::Contradicted);
    undecided(&threads([1, 2]), "smol-one-thread", "trials differ");
    assert!(page_of(&threads([3, 3])).contains("3 threads: main, worker, worker"));
}

#[test]
fn a_ratio_of_spreads() {
    let spread = |ns: u64| {
        let mut run = quiet();
        let of: Vec<u32> = run.trials.iter().filter(|t| t.arm == "smol-1kb").map(|t| t.trial).collect();
        for row in run.requests.iter_mut() {
            let own = if of.contains(&row.trial) { ns } else { 200_000 };
            (row.itl_p50_ns, row.itl_p99_ns) = (Some(GAP_NS), Some(GAP_NS + own + row.start_ns % 1_000));
        }
        run
    };
    expect(&spread(100_000), "1kb-smooths-gaps", Judgement::Supported);
    expect(&spread(200_000), "1kb-smooths-gaps", Judgement::Equivalent);
    expect(&spread(400_000), "1kb-smooths-gaps", Judgement::Contradicted);
    // Without any spread there is no ratio.
    let mut run = quiet();
    run.requests.iter_mut().for_each(|row| row.itl_p99_ns = row.itl_p50_ns);
    undecided(&run, "1kb-smooths-gaps", "needs >= ");
}

#[test]
fn one_client_decides_and_other_cells_are_counted() {
    let sets = vec![("as-described", Client::Reqwest), ("like-for-like", Client::Hyper)];
    let mut run = Synthetic::make(&Recipe { sets, agents: vec![2, 4], ..Recipe::default() });
    run.slow_down("smol", 1.2, |cell| cell.starts_with("as-described"));
    let (judgement, cell, _) = judged(&run, "smol-beats-default");
    assert_eq!(judgement, Judgement::Equivalent);
    assert_eq!(cell.as_deref(), Some("like-for-like/stream/chimera_homo/a2"));
    let page = page_of(&run);
    assert!(page.contains("in other cells 1 equivalent within the margin, 2 contradicted"), "{page}");
    assert!(!page.contains("the arms' clients differ"));
    // The study's own combination decides where there is no other, and says what it compares.
    let sets = vec![("as-described", Client::Reqwest)];
    let run = Synthetic::make(&Recipe { sets, ..Recipe::default() });
    expect(&run, "smol-beats-default", Judgement::Equivalent);
    assert!(page_of(&run).contains("the arms' clients differ in this cell, or reach Tokio by a bridge"));
}

#[test]
fn an_outside_arm_is_judged_on_its_own_client_only() {
    let mut arms = ARMS.to_vec();
    arms.push("python-httpx");
    let mut run = Synthetic::make(&Recipe { arms, ..Recipe::default() });
    undecided(&run, "httpx-keeps-99", "no judged cell has python-httpx on httpx");
    run.plan.iter_mut().filter(|p| p.arm == "python-httpx").for_each(|p| p.client = Client::Httpx);
    run.trials.iter_mut().filter(|t| t.arm == "python-httpx").for_each(|t| t.client = Client::Httpx);
    expect(&run, "httpx-keeps-99", Judgement::Supported);
    expect(&run, "smol-beats-default", Judgement::Equivalent);
    run.slow_down("python-httpx", 1.02, |_| true);
    expect(&run, "httpx-keeps-99", Judgement::Contradicted);
    assert!(page_of(&run).contains("`make sweep PLAN=peers-two`"));
}
