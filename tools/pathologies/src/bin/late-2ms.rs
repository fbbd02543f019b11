//! Fixture `late-2ms`: hands on every chunk 2 ms late, for the calibration.

use pathologies::{Fixture, HeldTime, LateBy, Tokio};
use std::process::ExitCode;
use std::time::Duration;
use tandem_core::{Arm, http::Hyper};

struct Late2ms;

impl Fixture for Late2ms {
    const NAME: &'static str = "late-2ms";
}

impl HeldTime for Late2ms {
    const HELD: Duration = Duration::from_millis(2);
}

fn main() -> ExitCode {
    Arm::<Tokio<Late2ms>>::new().client::<LateBy<Late2ms, Hyper<Tokio<Late2ms>>>>().main()
}
