//! Fixture `hold-back-1024`: the study's "1 KB client", which did not read in pieces of 1 KB but held back what it had
//! read until 1024 bytes were there.

use pathologies::{Fixture, HoldBack, Tokio};
use std::process::ExitCode;
use tandem_core::{Arm, http::Hyper};

struct HoldBack1024;

impl Fixture for HoldBack1024 {
    const NAME: &'static str = "hold-back-1024";
}

fn main() -> ExitCode {
    Arm::<Tokio<HoldBack1024>>::new().client::<HoldBack<Hyper<Tokio<HoldBack1024>>>>().main()
}
