//! The arm without a runtime: described in the tables, and in no statement about the others.

use crate::common::{ARMS, Recipe, Synthetic};
use crate::{page_of, with_analysis};
use analyzer::analysis::{Analysis, Settings, analyse};
use analyzer::load::load;
use analyzer::report::{first_sentence, verdict_table};
use tandem_records::Client;

const FLOOR: &str = "epoll-floor";

/// A run whose floor is far from every arm, a tenth faster together.
fn with_floor() -> Synthetic {
    let arms = ARMS.iter().copied().chain([FLOOR]).collect();
    let effect = |arm: &str| if arm == FLOOR { 0.1 } else { 0.0 };
    let mut run = Synthetic::make(&Recipe { arms, effect, ..Recipe::default() });
    run.manifest.floor = Some(FLOOR.into());
    run.plan.iter_mut().filter(|row| row.arm == FLOOR).for_each(|row| row.client = Client::Epoll);
    run.trials.iter_mut().filter(|row| row.arm == FLOOR).for_each(|row| row.client = Client::Epoll);
    run
}

fn labels(analysis: &Analysis) -> Vec<String> {
    analysis.cells[0].described().map(|arm| arm.label.clone()).collect()
}

#[test]
fn no_number_of_another_arm_depends_on_it() {
    let with = with_floor();
    let mut without = with.clone();
    without.unplan(|trial| trial.arm == FLOOR);
    without.manifest.floor = None;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let runs =
        [load(&with.write(folders[0].path())).unwrap(), load(&without.write(folders[1].path())).unwrap()];
    let [with, without] = runs
        .each_ref()
        .map(|run| analyse(run, Settings::new(&run.manifest, None, None, None).unwrap()).unwrap());

    assert_eq!(labels(&with), [&labels(&without)[..], &[FLOOR.to_string()]].concat());
    assert_eq!(with.arms, without.arms);
    assert_eq!((with.families.of_efficiency(), with.families), (4, without.families));
    let (a, b) = (&with.cells[0], &without.cells[0]);
    assert_eq!(a.contrasts, b.contrasts);
    assert_eq!(a.control, b.control);
    assert_eq!(a.omnibus, b.omnibus);
    assert_eq!((a.solo_cv, a.null_efficiency, a.control_sd), (b.solo_cv, b.null_efficiency, b.control_sd));
    assert_eq!((a.finished(), a.counted()), (b.finished(), b.counted()));
    assert_eq!(with.exploratory, without.exploratory);
    assert_eq!(with.fingerprints, without.fingerprints);
    assert_eq!(with.order, without.order);
    assert_eq!(first_sentence(&with), first_sentence(&without));
    // Only the run's own counts know it.
    assert_eq!(with.tally.counted, without.tally.counted + 12);
}

#[test]
fn it_has_its_row_in_the_tables_and_no_verdict() {
    let run = with_floor();
    with_analysis(&run, |analysis| {
        let floor = analysis.cells[0].floor.as_ref().unwrap();
        assert_eq!((floor.counted.len(), floor.client), (12, Some(Client::Epoll)));
        let least = |label: &str| analysis.cells[0].arm(label).unwrap().efficiency.unwrap().median + 0.05;
        assert!(floor.efficiency.unwrap().median > least("smol"), "it would be a relevant difference");
        let table = verdict_table(analysis);
        let row = table.lines().find(|line| line.trim_start().starts_with(FLOOR)).unwrap();
        assert!(row.contains(" epoll ") && row.contains("  floor  "), "{row}");
    });
    let page = page_of(&run);
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| epoll-floor |")).collect();
    assert!(
        rows[0].starts_with("| epoll-floor | epoll | 12 | ") && rows[0].contains("| floor |"),
        "{rows:?}"
    );
    // Efficiency, its cost, its means, its times, where it ran, its receipt, and nowhere among the comparisons.
    assert_eq!(rows.len(), 6, "{rows:?}");
}

#[test]
fn it_is_no_baseline() {
    let run = with_floor();
    let (runs, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run.write(runs.path());
    let mut request = crate::request(runs.path(), out.path());
    request.baseline = Some(FLOOR.into());
    let error = analyzer::report::report(&request).unwrap_err().to_string();
    assert!(error.contains("tokio-default, tokio-localset") && !error.contains("valid: epoll"), "{error}");
}
