//! Known effects that were put in: whether the calibration reads them back, and what a report says of it.

use crate::common::{Recipe, Synthetic};
use analyzer::analysis::{Settings, analyse};
use analyzer::calibration::{calibration, text};
use analyzer::load::load;
use analyzer::report::first_sentence;
use tandem_records::{Calibration, Client};

/// A run of the plan `calibration` in which the two fixtures are late by these times, ns.
fn calibrated(late: [u64; 2]) -> Calibration {
    let arms = ["tokio-default", "tokio-default#2", "late-200us", "late-2ms"];
    let recipe =
        Recipe { sets: vec![("injected-delay", Client::Hyper)], arms: arms.to_vec(), ..Recipe::default() };
    let mut made = Synthetic::make(&recipe);
    for (arm, late) in [("late-200us", late[0]), ("late-2ms", late[1])] {
        let trials: Vec<u32> =
            made.trials.iter().filter(|trial| trial.arm == arm).map(|trial| trial.trial).collect();
        // The made-up rows give arms of other names other delays.
        let of = |arm: &str| 15_000 * (arm.len() as u64 % 4);
        for row in made.requests.iter_mut().filter(|row| trials.contains(&row.trial)) {
            row.delay_p50_ns = row.delay_p50_ns.map(|delay| delay + late + of("tokio-default") - of(arm));
        }
    }
    made.pool_delays();
    let folder = tempfile::tempdir().unwrap();
    let run = load(&made.write(folder.path())).unwrap();
    let settings = Settings::new(&run.manifest, None, None, None).unwrap();
    calibration(&analyse(&run, settings).unwrap(), None).unwrap()
}

#[test]
fn delays_that_were_put_in_are_recovered_and_others_are_not() {
    let sound = calibrated([200_000, 2_000_000]);
    assert!(sound.injected[0].is_recovered() && sound.injected[1].is_recovered(), "{}", text(&sound));
    let wrong = calibrated([260_000, 2_000_000]);
    assert!(!wrong.injected[0].is_recovered() && wrong.injected[1].is_recovered(), "{}", text(&wrong));
    assert!(text(&wrong).contains("NO"));
}

#[test]
fn every_cell_of_a_machine_that_missed_a_known_effect_is_invalid() {
    for (late, invalid) in [(200_000, false), (260_000, true)] {
        let mut made = Synthetic::make(&Recipe::default());
        made.manifest.calibration = Some(calibrated([late, 2_000_000]));
        let folder = tempfile::tempdir().unwrap();
        let run = load(&made.write(folder.path())).unwrap();
        let settings = Settings::new(&run.manifest, None, None, None).unwrap();
        let analysis = analyse(&run, settings).unwrap();
        assert!(analysis.cells.iter().all(|cell| cell.is_invalid() == invalid), "{late}");
        let said = first_sentence(&analysis).contains("failed its own calibration");
        assert_eq!(said, invalid, "{}", first_sentence(&analysis));
    }
}

#[test]
fn an_effect_without_a_trial_is_not_recovered() {
    let found = calibrated([200_000, 2_000_000]);
    let serialised = &found.injected[2];
    assert_eq!((serialised.estimate, serialised.is_recovered()), (None, false));
    assert!(!found.is_sound());
    assert!(text(&found).contains("no trial tells"));
}
