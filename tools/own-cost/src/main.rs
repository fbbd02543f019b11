//! Times what the measuring itself costs, on one thread, and prints one JSON object
//! ([`tandem_records::OwnCosts`]): medians over interleaved batches, so that a busy moment falls on all three alike.

use std::hint::black_box;
use std::process::ExitCode;
use tandem_core::now_ns;
use tandem_core::wire::{Decoder, Recorder};
use tandem_records::{Api, OwnCosts, output};

/// Calls in a batch: about a millisecond, far above the clock's resolution.
const CALLS: u32 = 10_000;
/// Batches of each kind.
const BATCHES: usize = 101;

/// A token line as the simulator writes it.
const LINE: &[u8] = b"{\"model\":\"sim\",\"created_at\":\"2026-11-25T07:27:08.535671630Z\",\"response\":\" word\",\"done\":false,\"sim_write_ns\":123456789012345}\n";

fn main() -> ExitCode {
    let (mut clock, mut record, mut line) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        clock.push(per_call(|| {
            black_box(now_ns());
        }));
        let mut recorder = Recorder::with_capacity(CALLS as usize);
        record.push(per_call(|| recorder.on_text(black_box(" word"), Some(1))));
        let mut recorder = Recorder::with_capacity(CALLS as usize);
        let mut decoder = Decoder::new(Api::Ollama);
        line.push(per_call(|| {
            let _ = black_box(
                decoder.push(black_box(LINE), &mut recorder).expect("a line of the simulator reads"),
            );
        }));
    }
    let costs = OwnCosts { clock_ns: median(clock), record_ns: median(record), line_ns: median(line) };
    let line = serde_json::to_string(&costs).expect("three numbers are JSON");
    match output::print(&(line + "\n")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn per_call(mut call: impl FnMut()) -> f64 {
    let began = now_ns();
    (0..CALLS).for_each(|_| call());
    (now_ns() - began) as f64 / f64::from(CALLS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
