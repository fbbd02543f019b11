//! The study's agent: judged like streams, with what it does beside its requests.

use crate::common::{Recipe, Synthetic};
use crate::{expect_on_page, page_of, with_analysis};
use analyzer::analysis::Metric;
use tandem_records::{Phase, Stage, Workload};

/// Streams turned into reports: two calls, a tenth of the time own work, twelve files.
fn reports() -> Synthetic {
    let mut run = Synthetic::make(&Recipe::default());
    run.plan.iter_mut().for_each(|p| p.workload = Workload::Report);
    run.trials.iter_mut().for_each(|t| t.workload = Workload::Report);
    for row in &mut run.agents {
        row.local_ns = row.start_ns.zip(row.end_ns).map(|(start, end)| (end - start) / 10);
        (row.files_read, row.files_skipped, row.structured) = (Some(12), Some(0), Some(true));
    }
    let mut second = run.requests.clone();
    for row in &mut second {
        (row.call, row.stage) = (1, Stage::Report);
        row.ttft_ns = row.ttft_ns.map(|ns| ns * 2);
    }
    run.requests.iter_mut().for_each(|row| row.stage = Stage::Analysis);
    run.requests.extend(second);
    run
}

#[test]
fn a_report_is_judged_by_efficiency() {
    with_analysis(&reports(), |analysis| {
        assert_eq!(analysis.families.of_efficiency(), 4);
        assert!(analysis.cells[0].contrasts.iter().all(|c| c.verdict.as_str() == "equivalent"));
        let arm = &analysis.cells[0].arms[0];
        assert!((arm.spread(Metric::OwnWork).unwrap().median - 0.1).abs() < 1e-6);
        let stage = |stage| arm.spread(Metric::TtftOf(stage)).unwrap().median;
        assert!((stage(Stage::Report) / stage(Stage::Analysis) - 2.0).abs() < 0.01);
    });
}

#[test]
fn own_work_and_both_stages_stand_in_the_table_of_times() {
    expect_on_page(&reports(), "| arm | TTFT analysis / report, ms |");
    expect_on_page(&reports(), " | own work, % |");
    expect_on_page(&reports(), " | 10.00 |\n");
    expect_on_page(
        &reports(),
        "In the concurrent phase each agent read 12 files; 0 of 144 analyses came without",
    );
    let plain = page_of(&Synthetic::make(&Recipe::default()));
    assert!(!plain.contains("own work") && !plain.contains("each agent read"), "streams have none of it");
}

#[test]
fn skipped_files_and_analyses_without_structure_are_told() {
    let mut run = reports();
    for row in run.agents.iter_mut().filter(|row| row.trial < 3 && row.phase == Phase::Concurrent) {
        (row.files_read, row.files_skipped, row.structured) = (Some(10), Some(2), Some(false));
    }
    expect_on_page(
        &run,
        "each agent read 10 to 12 files and skipped 0 to 2 files; 6 of 144 analyses came without the sections asked for.",
    );
}
