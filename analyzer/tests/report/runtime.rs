//! Where the arms ran, and what Tokio counts.

use crate::common::{Recipe, Synthetic};
use crate::page_of;

/// The row of an arm in the table of placement and counters; none where there is no table.
fn row(run: &Synthetic, arm: &str) -> Option<String> {
    let page = page_of(run);
    let table = page.split("| arm | CPUs allowed |").nth(1)?;
    table.lines().find(|line| line.starts_with(&format!("| {arm} |"))).map(str::to_owned)
}

fn silent() -> Synthetic {
    let mut run = Synthetic::make(&Recipe::default());
    for trial in &mut run.trials {
        (trial.cpus_allowed, trial.cpu_mhz, trial.workers) = (String::new(), None, None);
    }
    run
}

#[test]
fn without_a_trial_that_tells_there_is_no_table() {
    assert_eq!(row(&silent(), "smol"), None);
}

#[test]
fn placement_is_a_list_and_the_counters_are_medians_of_the_arms_that_count() {
    let mut run = silent();
    for (place, trial) in run.trials.iter_mut().enumerate() {
        trial.cpus_allowed = "0-1".into();
        trial.cpu_mhz = Some(if place % 2 == 0 { 2400 } else { 2800 });
        if trial.arm == "tokio-default" {
            trial.workers = Some(2);
            // Half of the time of both workers.
            trial.workers_busy_ns = trial.makespan_ns;
            (trial.worker_parks, trial.queue_depth_max) = (Some(40), Some(3));
        }
    }
    assert_eq!(row(&run, "smol").unwrap(), "| smol | 0-1 | 2400 to 2800 | – | – | – | – |");
    assert_eq!(
        row(&run, "tokio-default").unwrap(),
        "| tokio-default | 0-1 | 2400 to 2800 | 2 | 50.0 | 40.0 | 3.00 |"
    );
}
