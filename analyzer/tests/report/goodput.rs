//! Requests that meet the objectives named for a report.

use crate::common::{Recipe, Synthetic};
use analyzer::analysis::{Metric, Settings, analyse};
use analyzer::load::load;
use tandem_records::{Phase, Status};

/// Goodput and good requests per second of the arm smol under these limits, ms.
fn goodput(run: &Synthetic, ttft_ms: Option<f64>, itl_ms: Option<f64>) -> Option<(f64, f64)> {
    let folder = tempfile::tempdir().unwrap();
    let run = load(&run.write(folder.path())).unwrap();
    let settings = Settings::new(&run.manifest, None, None, None).unwrap().with_slo(ttft_ms, itl_ms).unwrap();
    let analysis = analyse(&run, settings).unwrap();
    let arm = analysis.cells[0].arm("smol").unwrap();
    Some((arm.spread(Metric::Goodput)?.median, arm.spread(Metric::GoodRequests)?.median))
}

/// Of the two requests of every trial the first has a later first token and the second a longer gap.
fn run() -> Synthetic {
    let mut run = Synthetic::make(&Recipe::default());
    for row in run.requests.iter_mut().filter(|row| row.phase == Phase::Concurrent) {
        (row.ttft_ns, row.itl_p99_ns) = if row.agent == 0 {
            (Some(50_000_000), Some(10_000_000))
        } else {
            (Some(40_000_000), Some(20_000_000))
        };
    }
    run
}

#[test]
fn a_request_is_good_that_meets_both_limits() {
    let run = run();
    let share = |ttft, itl| goodput(&run, ttft, itl).map(|(share, _)| share);
    assert_eq!(share(None, None), None, "nobody asked");
    assert_eq!(share(Some(50.0), Some(20.0)), Some(1.0), "a limit that is just met is met");
    assert_eq!(share(Some(45.0), None), Some(0.5));
    assert_eq!(share(None, Some(15.0)), Some(0.5));
    assert_eq!(share(Some(45.0), Some(15.0)), Some(0.0), "each misses one");
}

#[test]
fn good_requests_are_counted_per_second_of_the_makespan() {
    let run = run();
    let (_, all) = goodput(&run, Some(1e3), Some(1e3)).unwrap();
    let (_, half) = goodput(&run, Some(45.0), None).unwrap();
    assert!(all > 0.0 && (half - all / 2.0).abs() < all * 1e-9, "{half} of {all}");
}

#[test]
fn what_failed_is_not_good_and_a_late_start_counts_against_the_client() {
    let mut failed = run();
    // A trial with a failed request does not count as a whole; the formula itself has to know all the same.
    let slo = analyzer::metrics::Slo { ttft_ns: Some(1e9), itl_ns: None };
    let of_trial = |run: &Synthetic| {
        let rows: Vec<_> = run.requests.iter().filter(|row| row.trial == 0).cloned().collect();
        slo.goodput(&rows, 1e9).unwrap().share
    };
    assert_eq!(of_trial(&failed), 1.0);
    let place = failed.requests.iter().position(|r| r.trial == 0 && r.phase == Phase::Concurrent).unwrap();
    failed.requests[place].status = Status::Reset;
    assert_eq!(of_trial(&failed), 0.5);
    failed.requests[place].status = Status::Ok;
    failed.requests[place].intended_ns = Some(failed.requests[place].start_ns.saturating_sub(1));
    failed.requests[place].start_ns += 1_000_000_000;
    assert_eq!(of_trial(&failed), 0.5, "from the intended start");
}

#[test]
fn objectives_are_positive() {
    let made = run();
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let settings = Settings::new(&made.manifest, None, None, None).unwrap();
        let error = settings.with_slo(Some(bad), None).unwrap_err();
        assert!(error.starts_with("--slo-ttft-ms is"), "{error}");
    }
}
