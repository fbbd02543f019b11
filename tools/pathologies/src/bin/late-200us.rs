//! Fixture `late-200us`: hands on every chunk 200 µs late, for the calibration.

use pathologies::{Fixture, HeldTime, LateBy, Tokio};
use std::process::ExitCode;
use std::time::Duration;
use tandem_core::{Arm, http::Hyper};

struct Late200us;

impl Fixture for Late200us {
    const NAME: &'static str = "late-200us";
}

impl HeldTime for Late200us {
    const HELD: Duration = Duration::from_micros(200);
}

fn main() -> ExitCode {
    Arm::<Tokio<Late200us>>::new().client::<LateBy<Late200us, Hyper<Tokio<Late200us>>>>().main()
}
