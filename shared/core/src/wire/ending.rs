//! When a stream is whole. One rule for every client, the floor, the check before a run and the doctor:
//!
//! | what came | what it is |
//! |---|---|
//! | `finish_reason` with a word, then `[DONE]` | whole; what stands behind `[DONE]` is not read, and its connection's end is not waited for |
//! | the same without `[DONE]`, and the body ends in good order | whole |
//! | `done: true` (Ollama) | whole; what stands behind it is not read |
//! | `finish_reason` null, `""`, `"null"`, `"none"` | no reason: nothing is said |
//! | a reason, and text in a later event | the reason meant nothing; from then on a reason in an event with text means nothing either, only one without text or `[DONE]` |
//! | `abort`, `error`, `cancelled`, `timeout`, `failed` and their like | `server_error`: the server gave up |
//! | `[DONE]` without a reason | the end of a stream that does not say why: whole where the length was fixed and is reached, else `no_done` |
//! | none of these | `no_done` |

/// What a server means by the word in `finish_reason` or `done_reason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nothing.
    None,
    /// The response is whole.
    Final,
    /// The server gave up.
    Failed,
}

/// Words that stand where no reason is.
const NOTHING: [&str; 4] = ["", "null", "none", "unfinished"];

/// Parts of words that tell of a failure.
const FAILURES: [&str; 11] = [
    "abort",
    "cancel",
    "disconnect",
    "error",
    "exception",
    "fail",
    "insufficient",
    "interrupt",
    "overload",
    "timeout",
    "unavailable",
];

/// Any other word ends a response: servers have many for the same two things (`stop`, `eos`, `end_turn`, `length`, `max_tokens`, …).
pub(super) fn meaning(word: &str) -> Reason {
    let word = word.trim().to_ascii_lowercase();
    match () {
        () if NOTHING.contains(&word.as_str()) => Reason::None,
        () if FAILURES.iter().any(|failure| word.contains(failure)) => Reason::Failed,
        () => Reason::Final,
    }
}

/// How far the end of a stream has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// Nothing tells of an end.
    #[default]
    Open,
    /// A reason has come; figures may follow.
    Reason,
    /// The end marker has come: nothing after it counts.
    Marker,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted() {
        for (word, reason) in [
            ("stop", Reason::Final),
            ("length", Reason::Final),
            ("eos_token", Reason::Final),
            ("STOP", Reason::Final),
            ("content_filter", Reason::Final),
            ("", Reason::None),
            (" null ", Reason::None),
            ("None", Reason::None),
            ("abort", Reason::Failed),
            ("Cancelled", Reason::Failed),
            ("internal_error", Reason::Failed),
            ("insufficient_system_resource", Reason::Failed),
        ] {
            assert_eq!(meaning(word), reason, "{word}");
        }
    }
}
