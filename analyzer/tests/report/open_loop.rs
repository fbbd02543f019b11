//! Open loops: latency from the intended start, verdicts by it, and no word of efficiency.

use crate::common::{Recipe, Synthetic, TTFT_NS};
use crate::{page_of as rendered, with_analysis};
use analyzer::analysis::{At, Latency, Metric};
use analyzer::metrics::{Outcome, open_loop};
use analyzer::report::{first_sentence, own_error, verdict_table, what_differs};
use analyzer::stats::verdict::Verdict;
use tandem_records::{Phase, RequestRow, TrialRow};

const MS: u64 = 1_000_000;

/// One cell of eight agents at 20 requests a second.
fn made(late: impl Fn(&TrialRow, u32) -> u64) -> Synthetic {
    let mut run = Synthetic::make(&Recipe { agents: vec![8], ..Recipe::default() });
    run.open_loop(20.0, late);
    run
}

fn punctual() -> Synthetic {
    made(|_, agent| 1_000_000 + u64::from(agent) * 1_000)
}

/// Requests of one trial: lateness and TTFT, ms; starts 10 ms apart, each response 100 ms.
fn requests(of: &[(u64, u64)]) -> Vec<RequestRow> {
    let run = Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() });
    let template = run.requests.iter().find(|row| row.phase == Phase::Concurrent).unwrap();
    let row = |(number, &(late, ttft)): (usize, &(u64, u64))| {
        let intended = 5_000 * MS + number as u64 * 10 * MS;
        RequestRow {
            agent: number as u32,
            intended_ns: Some(intended),
            start_ns: intended + late * MS,
            ttft_ns: Some(ttft * MS),
            e2e_ns: Some(100 * MS),
            ..template.clone()
        }
    };
    of.iter().enumerate().map(row).collect()
}

#[test]
fn quantiles_from_the_intended_start_hold_the_lateness_and_those_from_the_send_do_not() {
    let found = open_loop(&requests(&[(0, 20), (4, 20), (8, 20), (12, 30), (30, 20)]), 5).unwrap();
    // R: quantile(c(20, 24, 28, 42, 50), c(.5, .99)) = 28.00 49.68, of c(20, 20, 20, 30, 20) = 20.0 29.6
    let ms = |ns: f64| (ns / 1e4).round() / 100.0;
    let tail = |tail: analyzer::metrics::Tail| (ms(tail.p50), ms(tail.p99));
    assert_eq!(tail(found.ttft_intended), (28.0, 49.68));
    assert_eq!(tail(found.ttft_service), (20.0, 29.6));
    assert_eq!(tail(found.start_late), (8.0, 29.28));
    assert_eq!(tail(found.e2e_intended), (108.0, 129.28));
    assert_eq!(tail(found.e2e_service), (100.0, 100.0));
    // Planned over 40 ms, started over 70.
    assert_eq!(found.delivered_rate, Some(40.0 / 70.0));
}

#[test]
fn a_request_without_a_time_is_no_trial_with_fewer_requests() {
    let mut rows = requests(&[(0, 20), (4, 20)]);
    assert_eq!(open_loop(&rows[..1], 2).unwrap_err(), "1 of 2 requests of the open loop");
    rows[1].intended_ns = Some(rows[1].start_ns + 1);
    assert!(open_loop(&rows, 2).unwrap_err().contains("or started before it"));
    rows[1].intended_ns = None;
    assert!(open_loop(&rows, 2).unwrap_err().contains("without intended start"));
    assert_eq!(open_loop(&requests(&[(3, 20)]), 1).unwrap().delivered_rate, None, "one start has no rate");
}

#[test]
fn a_closed_loop_has_no_chapter_and_an_open_one_no_efficiency() {
    let closed = rendered(&Synthetic::make(&Recipe::default()));
    assert!(!closed.contains("Open loop") && !closed.contains("intended start"));
    let run = punctual();
    let page = rendered(&run);
    assert!(page.contains("## Open loop") && page.contains("what a closed view would have hidden"), "{page}");
    for word in ["efficiency, median", "isolation", "efficiency.svg", "factors.svg", "timeline.svg", "NaN"] {
        assert!(!page.contains(word), "{word}");
    }
    with_analysis(&run, |analysis| {
        let cell = analysis.headline().unwrap();
        assert_eq!((analysis.families.of_efficiency(), analysis.families.open.contrasts), (0, 4));
        assert!(cell.contrasts.is_empty() && cell.control.is_none() && cell.omnibus.is_none());
        assert!(cell.arms.iter().all(|arm| arm.efficiency.is_none() && arm.counted.len() == 12));
        assert!(analysis.order.cells.is_empty() && analysis.fingerprints.is_empty());
        assert!(analysis.outcomes.iter().all(|o| o.counted().unwrap().delivered_concurrency.is_none()));
    });
}

#[test]
fn a_client_that_starts_late_is_told_by_its_latency_and_not_by_its_service_times() {
    // Half a first token late: the service view sees nothing of it.
    let run = made(|trial, agent| {
        1_000_000 + u64::from(agent) * 1_000 + if trial.arm == "smol" { TTFT_NS / 2 } else { 0 }
    });
    with_analysis(&run, |analysis| {
        let cell = analysis.headline().unwrap();
        for contrast in &cell.open {
            // The rows give each arm a few microseconds of its own.
            let within = matches!(contrast.verdict, Verdict::Equivalent | Verdict::Negligible);
            let relevant = contrast.verdict == Verdict::Relevant;
            assert_eq!((relevant, within), (contrast.arm == "smol", contrast.arm != "smol"), "{contrast:?}");
            let ratio = contrast.ratio.unwrap();
            assert!((ratio - if contrast.arm == "smol" { 61.0 / 41.0 } else { 1.0 }).abs() < 0.01, "{ratio}");
        }
        let median =
            |latency| cell.arm("smol").unwrap().spread(Metric::Open(latency, At::P50)).unwrap().median;
        let hidden = median(Latency::TtftIntended) - median(Latency::TtftService);
        assert!((hidden - 21_000_000.0).abs() < 20_000.0, "{hidden}");
        let sentence = first_sentence(analysis);
        for part in [
            "with eight agents (open loop at 20 requests a second, equal gaps), no efficiency is defined; the time to first \
             token from the intended start at p99, compared with that of tokio-default, is longer for smol, × 1.4",
            "within the margin for ",
        ] {
            assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
        }
        assert!(what_differs(analysis).contains("smol starts 2"), "{}", what_differs(analysis));
        assert!(own_error(analysis).starts_with("A/A × 1.0"), "{}", own_error(analysis));
        assert!(own_error(analysis).contains("; delivered rate 9"), "{}", own_error(analysis));
        let table = verdict_table(analysis);
        assert!(
            table.contains("TTFT p99 from the intended start") && !table.contains("efficiency %"),
            "{table}"
        );
    });
}

#[test]
fn a_rate_that_was_not_delivered_is_invalid_unless_the_plan_holds_starts_back() {
    // Seven gaps of 50 ms; the last start comes 20 ms later than the first one's lateness: 350 / 370 < 95 %.
    let mut run =
        made(|trial, agent| 1_000_000 + if trial.block == 0 { u64::from(agent) * 20 * MS / 7 } else { 0 });
    with_analysis(&run, |analysis| {
        for (trial, outcome) in analysis.run.trials.iter().zip(&analysis.outcomes) {
            match outcome {
                Outcome::Invalid(Some(_), broken) => {
                    assert_eq!(trial.row.block, 0);
                    assert_eq!(broken[0].cause(), "delivered rate under 95 %");
                }
                outcome => assert!(outcome.counted().is_some() && trial.row.block > 0, "{outcome:?}"),
            }
        }
    });
    let page = rendered(&run);
    assert!(
        page.contains("delivered rate 94.5 %, least 95 %")
            && page.contains("(11 complete blocks; with invalid"),
        "{page}"
    );
    assert!(page.contains("trials taken in × 1.0") && page.contains(" over 12 blocks)"), "{page}");
    run.trials.iter_mut().for_each(|trial| trial.permits = 1);
    with_analysis(&run, |analysis| assert!(analysis.outcomes.iter().all(|o| o.counted().is_some())));
}

#[test]
fn a_control_that_differs_comes_first_and_few_blocks_judge_nothing() {
    let biased = made(|trial, _| 1_000_000 + if trial.arm.ends_with("#2") { 5 * MS } else { 0 });
    with_analysis(&biased, |analysis| {
        let sentence = first_sentence(analysis);
        assert!(
            sentence.starts_with("The control failed: tokio-default#2 differs from the arm that it repeats"),
            "{sentence}"
        );
    });
    let mut few = Synthetic::make(&Recipe { agents: vec![8], blocks: 5, ..Recipe::default() });
    few.open_loop(20.0, |_, _| 1_000_000);
    with_analysis(&few, |analysis| {
        assert!(analysis.headline().unwrap().open.iter().all(|c| c.verdict == Verdict::NotAnalysable));
        assert!(first_sentence(analysis).contains("not analysable for want of blocks for tokio-localset"));
        assert!(verdict_table(analysis).contains("[needs >= 8]"), "{}", verdict_table(analysis));
    });
}

#[test]
fn beside_a_closed_loop_an_open_one_has_a_sentence_of_its_own() {
    let mut run = Synthetic::make(&Recipe { agents: vec![2, 8], ..Recipe::default() });
    let mut open = run.clone();
    open.open_loop(20.0, |_, agent| 1_000_000 + u64::from(agent) * 1_000);
    let is_open = |trial: u32| open.plan.iter().any(|p| p.trial == trial && p.agents == 8);
    let swap = |to: &mut Synthetic| {
        for (to, from) in to.plan.iter_mut().zip(&open.plan).filter(|(p, _)| p.agents == 8) {
            *to = from.clone();
        }
        for (to, from) in to.trials.iter_mut().zip(&open.trials).filter(|(t, _)| t.agents == 8) {
            *to = from.clone();
        }
        for (to, from) in to.agents.iter_mut().zip(&open.agents).filter(|(a, _)| is_open(a.trial)) {
            *to = from.clone();
        }
        for (to, from) in to.requests.iter_mut().zip(&open.requests).filter(|(r, _)| is_open(r.trial)) {
            *to = from.clone();
        }
    };
    swap(&mut run);
    with_analysis(&run, |analysis| {
        let sentence = first_sentence(analysis);
        let part = "In the one open loop, by the time to first token from the intended start at p99: ";
        assert!(sentence.contains("within ±0.5 pp of efficiency") && sentence.contains(part), "{sentence}");
        assert!(analysis.headline().unwrap().facts.has_efficiency());
    });
}
