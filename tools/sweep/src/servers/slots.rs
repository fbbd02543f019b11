//! How many streams a server generates at once, measured: so many are started together, and those count that begin before
//! any ends.

use super::http::Failure;
use super::stream::{Question, Stream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A hiccup of the machine can hide a slot, never show one that is not there: the best round counts.
const ROUNDS: usize = 2;
/// Streams are made about this long, so that their starts fall well inside the first one.
const LENGTH_S: f64 = 0.3;
/// Fewest and most tokens of a stream, where the model is slow or very fast.
const TOKENS: (f64, f64) = (16.0, 256.0);

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slots {
    /// Streams that were generated at once, at least 1.
    pub streams: u32,
    /// Time between two pieces in seconds while that many were generated; `None` where too few came to tell.
    pub gap_s: Option<f64>,
}

/// Tokens of the streams that slots are counted with on a server with this time between two pieces.
pub(crate) fn tokens_for(gap_s: f64) -> u32 {
    (LENGTH_S / gap_s.max(1e-6)).clamp(TOKENS.0, TOKENS.1) as u32
}

/// Counts the slots of a server, up to `most`. `stop` is asked after each part of a stream whether to give up.
///
/// # Errors
/// No stream came.
pub(crate) fn count(
    question: &Question,
    most: u32,
    limit: Duration,
    stop: impl Fn() -> bool + Sync,
) -> Result<Slots, Failure> {
    let mut best: Option<Slots> = None;
    for _ in 0..ROUNDS {
        let seen = round(question, most, limit, &stop)?;
        best = best.filter(|best| best.streams >= seen.streams).or(Some(seen));
        if seen.streams == most || stop() {
            break;
        }
    }
    Ok(best.unwrap_or(Slots { streams: 1, gap_s: None }))
}

fn round(
    question: &Question,
    most: u32,
    limit: Duration,
    stop: &(impl Fn() -> bool + Sync),
) -> Result<Slots, Failure> {
    let has_ended = AtomicBool::new(false);
    let ask = |number: u32| {
        // Once one has ended, a stream shows no more: those that wait are let go at their first piece.
        let asked = question.ask(number, limit, |_| has_ended.load(Ordering::Relaxed) || stop());
        has_ended.fetch_or(asked.is_ok(), Ordering::Relaxed);
        asked
    };
    let streams: Vec<Result<Stream, Failure>> = std::thread::scope(|scope| {
        let ask = &ask;
        let started: Vec<_> = (0..most.max(1)).map(|number| scope.spawn(move || ask(number))).collect();
        started.into_iter().filter_map(|stream| stream.join().ok()).collect()
    });
    let (good, bad): (Vec<_>, Vec<_>) = streams.into_iter().partition(Result::is_ok);
    match (at_once(&good.into_iter().flatten().collect::<Vec<_>>()), bad.into_iter().next()) {
        (None, Some(Err(failure))) => Err(failure),
        (seen, _) => Ok(seen.unwrap_or(Slots { streams: 1, gap_s: None })),
    }
}

/// Streams that had begun when nine tenths of the first one to end had come; the last tenth is left out because a stream
/// that waited begins with the end of another, which may be read late. `None` without a stream.
fn at_once(streams: &[Stream]) -> Option<Slots> {
    let first_to_end = streams.iter().filter(|stream| !stream.is_cut).min_by_key(|stream| stream.last_ns)?;
    let until = first_to_end.last_ns - (first_to_end.last_ns - first_to_end.first_ns) / 10;
    let begun = streams.iter().filter(|stream| stream.first_ns <= until).count();
    Some(Slots { streams: begun as u32, gap_s: first_to_end.gap_s() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(first_ns: u64, last_ns: u64, is_cut: bool) -> Stream {
        Stream { sent_ns: 0, first_ns, last_ns, pieces: 11, tokens: 11, done_reason: String::new(), is_cut }
    }

    #[test]
    fn streams_count_that_begin_before_any_ends() {
        for (streams, wanted) in [
            (vec![(10, 110, false), (110, 110, true), (110, 110, true)], 1),
            (vec![(10, 110, false), (108, 108, true)], 1),
            (vec![(10, 110, false), (40, 112, true), (111, 111, true)], 2),
            (vec![(10, 110, false), (10, 110, false), (60, 110, true)], 3),
        ] {
            let streams: Vec<Stream> =
                streams.into_iter().map(|(first, last, is_cut)| stream(first, last, is_cut)).collect();
            assert_eq!(at_once(&streams).map(|seen| seen.streams), Some(wanted), "{streams:?}");
        }
        assert_eq!(at_once(&[]), None);
    }

    #[test]
    fn streams_are_short_on_slow_models_and_long_on_fast_ones() {
        assert_eq!([1.0, 0.01, 0.0001, 0.0].map(tokens_for), [16, 30, 256, 256]);
    }
}
