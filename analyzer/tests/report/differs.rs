//! What the line on other quantities says, and what it leaves to the tables.

use crate::common::{Recipe, Synthetic};
use crate::{expect_on_page, what_differs, with_analysis};

/// The median delay of an arm's requests, moved by `ns` from the baseline's.
fn delay(run: &mut Synthetic, arm: &str, ns: i64) {
    let of: Vec<u32> = run.trials.iter().filter(|t| t.arm == arm).map(|t| t.trial).collect();
    for row in run.requests.iter_mut().filter(|r| of.contains(&r.trial)) {
        row.delay_p50_ns = row.delay_p50_ns.map(|old| (80_000 + old as i64 % 8_000 + ns) as u64);
    }
    run.pool_delays();
}

fn same_delays() -> Synthetic {
    let mut run = Synthetic::make(&Recipe::default());
    for arm in crate::common::ARMS {
        delay(&mut run, arm, 0);
    }
    run
}

#[test]
fn more_and_less_delay_are_plain_words_with_positive_numbers() {
    let mut run = same_delays();
    delay(&mut run, "smol-1kb", -36_000);
    with_analysis(&run, |analysis| {
        let line = what_differs(analysis);
        let less = "the added delay per token of smol-1kb is lower than that of tokio-default by 3";
        assert!(line.contains(less), "{line}");
        assert!(!line.contains("[-") && !line.contains("less than"), "{line}");
    });
    delay(&mut run, "smol-1kb", 52_000);
    with_analysis(&run, |analysis| {
        let line = what_differs(analysis);
        assert!(line.contains("smol-1kb adds 5"), "{line}");
        assert!(line.contains("µs per token to what tokio-default adds at the median"), "{line}");
    });
}

#[test]
fn what_the_baseline_shows_against_itself_is_left_to_the_tables() {
    let mut run = same_delays();
    delay(&mut run, "smol-1kb", 52_000);
    delay(&mut run, "tokio-default#2", 30_000);
    with_analysis(&run, |analysis| {
        let line = what_differs(analysis);
        assert!(!line.contains("at the median"), "{line}");
        assert!(line.contains("where the A/A arm differs, too: in the tables only"), "{line}");
    });
    expect_on_page(&run, "| yes, but the A/A arm differs, too |");
}
