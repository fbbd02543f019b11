//! Binary `doctor`.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match sweep::doctor::run(&sweep::doctor::Args::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            sweep::say(&format!("error: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}
