//! The file of raw stamps holds what the rows were made of.

use crate::spec::on_simulator;
use analyzer::stats::quantile::quantile;
use end_to_end::{Simulator, run_arm};
use std::path::Path;
use tandem_records::{
    DelaySource, Delays, Phase, StampsHeader, StampsReader, StampsRequest, Status, TokenStamps,
};

type Request = (StampsRequest, Vec<TokenStamps>);

fn read(path: &Path) -> (StampsHeader, Vec<Request>) {
    let reader = StampsReader::open(path).expect("a file of stamps");
    let header = reader.header().clone();
    (header, reader.collect::<Result<_, _>>().expect("a whole file"))
}

/// The quantiles of these requests' tokens, by the analyzer's own formula.
fn quantiles(requests: &[&Request]) -> Delays {
    let delay =
        |token: &TokenStamps| token.seen_ns as f64 - token.written_ns.expect("simulated").get() as f64;
    let delays: Vec<f64> = requests.iter().flat_map(|(_, tokens)| tokens.iter().map(delay)).collect();
    let gap_errors = requests.iter().flat_map(|(_, tokens)| tokens.windows(2));
    let gap_errors: Vec<f64> = gap_errors.map(|pair| (delay(&pair[1]) - delay(&pair[0])).abs()).collect();
    let at = |values: &[f64], q| quantile(values, q).expect("finite values").map(|ns| ns.round() as u64);
    Delays {
        tokens: Some(delays.len() as u64),
        p50_ns: at(&delays, 0.5),
        p90_ns: at(&delays, 0.9),
        p99_ns: at(&delays, 0.99),
        p999_ns: at(&delays, 0.999),
        max_ns: at(&delays, 1.0),
        gap_error_p99_ns: at(&gap_errors, 0.99),
        source: DelaySource::Sim,
    }
}

#[test]
fn rows_and_report_are_the_quantiles_of_the_file() {
    let simulator = Simulator::start(2, &["--ttft-ms", "5", "--itl-ms", "2"]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut spec = on_simulator(&simulator.urls, &[30, 47]);
    let path = folder.path().join("9-3.stamps");
    (spec.run_id, spec.trial, spec.attempt, spec.agents) = ("stamps".into(), 9, 3, 5);
    spec.token_stamps = Some(path.clone());
    let run = run_arm("tokio-localset", &spec);
    let report = run.report.unwrap_or_else(|| panic!("{}", run.stderr));
    assert_eq!((report.status, report.error.as_str()), (Status::Ok, ""));

    let (header, requests) = read(&path);
    assert_eq!((header.run_id.as_str(), header.trial, header.attempt), ("stamps", 9, 3));
    assert_eq!(requests.len(), report.requests.len());
    for row in &report.requests {
        let is_rows = |(request, _): &&Request| {
            (request.phase, request.agent, request.call) == (row.phase, row.agent, row.call)
        };
        let found: Vec<&Request> = requests.iter().filter(is_rows).collect();
        let [one] = found[..] else { panic!("{} times {row:?}", found.len()) };
        let (request, tokens) = one;
        assert_eq!((request.start_ns, tokens.len() as u64), (row.start_ns, row.output_tokens.expect("told")));
        assert_eq!(Some(tokens[0].seen_ns - request.start_ns), row.ttft_ns);
        let of_row = Delays {
            tokens: row.output_tokens,
            p50_ns: row.delay_p50_ns,
            p90_ns: row.delay_p90_ns,
            p99_ns: row.delay_p99_ns,
            p999_ns: row.delay_p999_ns,
            max_ns: row.delay_max_ns,
            gap_error_p99_ns: None,
            source: row.delay_source,
        };
        assert_eq!(of_row, Delays { gap_error_p99_ns: None, ..quantiles(&[one]) }, "{row:?}");
    }
    let together: Vec<&Request> =
        requests.iter().filter(|(request, _)| request.phase == Phase::Concurrent).collect();
    assert_eq!(report.delays, quantiles(&together));
    assert_eq!(report.delays.tokens, Some(3 * 30 + 2 * 47));
    let bytes = std::fs::metadata(&path).expect("the file").len();
    let tokens: usize = requests.iter().map(|(_, tokens)| tokens.len()).sum();
    assert!((bytes as f64) < 10.0 * tokens as f64, "{bytes} bytes for {tokens} tokens");
}

#[test]
fn a_file_that_cannot_be_written_is_told_in_the_trials_row() {
    let simulator = Simulator::start(2, &["--ttft-ms", "2", "--itl-ms", "1"]);
    let mut spec = on_simulator(&simulator.urls, &[4]);
    for (place, why) in [("/dev/full", "No space left"), ("/nowhere/0-1.stamps", "No such file")] {
        spec.token_stamps = Some(place.into());
        let run = run_arm("tokio-localset", &spec);
        let report = run.report.unwrap_or_else(|| panic!("{}", run.stderr));
        assert_eq!((run.code, report.status), (Some(4), Status::NotKept));
        assert!(report.error.starts_with(&format!("token stamps {place}: {why}")), "{}", report.error);
        assert!(report.delays.p99_ns.is_some(), "what was measured stays");
    }
}
