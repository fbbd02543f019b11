//! How a trial, an agent or a request ended.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! statuses {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// How a trial, an agent or a request ended. `ok` is the only status whose times are comparable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Status { $($(#[doc = $doc])+ $variant,)+ }

        impl Status {
            /// Every status with its meaning, in the order of the glossary.
            pub const ALL: &'static [(Status, &'static str)] =
                &[$((Status::$variant, concat!($($doc),+)),)+];

            /// The status as it stands in a CSV cell.
            pub fn as_str(self) -> &'static str {
                match self { $(Status::$variant => $name,)+ }
            }
        }
    };
}

statuses! {
    /// Complete: the stream is whole and has the expected length and text.
    Ok = "ok",
    /// The server refused the connection.
    Refused = "refused",
    /// The connection was cut.
    Reset = "reset",
    /// No answer within the trial's time limit.
    Timeout = "timeout",
    /// An HTTP status other than 200 that has no status of its own.
    HttpError = "http_error",
    /// The server does not have the model (404).
    ModelMissing = "model_missing",
    /// The server's queue is full (503), or it wants fewer requests (429).
    Busy = "busy",
    /// An error inside a stream that began with status 200, or a reason that says that the server gave up.
    ServerError = "server_error",
    /// The stream ended without saying that the response is whole.
    NoDone = "no_done",
    /// Bytes that are not the expected protocol.
    Malformed = "malformed",
    /// A line over 1 MiB, a head over 64 KiB, or a response far longer than asked for.
    TooLarge = "too_large",
    /// A real server answered with different token counts in the two phases: not comparable.
    LengthMismatch = "length_mismatch",
    /// The simulator's text differed for equal seeds.
    DigestMismatch = "digest_mismatch",
    /// The server loaded its model inside a measured phase.
    Reloaded = "reloaded",
    /// A report of an agent or the trial's file of token stamps could not be written.
    NotKept = "not_kept",
    /// The instrument's own error was too large for the trial to count.
    Invalid = "invalid",
    /// The agent's code panicked.
    Panicked = "panicked",
    /// Abandoned on Ctrl-C or SIGTERM.
    Aborted = "aborted",
    /// The arm's process ended without a report.
    ArmFailed = "arm_failed",
}

impl Status {
    /// True for [`Status::Ok`].
    pub fn is_ok(self) -> bool {
        self == Status::Ok
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serialised_name_is_the_displayed_name() {
        for (status, meaning) in Status::ALL {
            assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
            assert!(!meaning.is_empty());
        }
    }
}
