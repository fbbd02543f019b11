//! The raw stamps of every token of one trial and attempt: `tokens/<trial>-<attempt>.stamps` in a run's folder.
//!
//! ```text
//! file     = magic frame(header) frame(request)* end
//! magic    = "tandem stamps 1\n"                    16 bytes; the digit is the version of this format
//! frame    = length payload checksum                length of the payload in bytes, at least 1
//! checksum = lower 32 bits of XXH3-64 of the payload, little endian
//! end      = 0 requests                             a frame of length 0, then how many requests the file holds
//!
//! header   = length run_id trial attempt            length of run_id in bytes
//! request  = phase agent call start_ns has tokens token*
//!            phase: 0 warmup, 1 solo, 2 concurrent; has: 1 written + 2 received; tokens: their number
//! token    = seen [written] [received]              the parts that `has` names
//! seen     = zigzag(this token's seen_ns - that of the token before, or start_ns)
//! written  = 0 where this token has none, else 1 + zigzag(seen_ns - written_ns)
//! received = 0 where this token has none, else 1 + zigzag(received_ns - written_ns, or seen_ns - received_ns
//!            where nothing was written)
//! ```
//!
//! Every number is an unsigned LEB128 varint; zigzag maps 0, -1, 1, -2 … to 0, 1, 2, 3 …; differences are taken modulo
//! 2^64. A token of a stream paced at 20 ms takes 7 bytes with the server's stamp and 9 to 10 with the kernel's beside
//! it. A frame is checked before it is handed out: what stands before a damaged place can be used.

mod error;
mod read;
#[cfg(test)]
mod tests;
mod varint;
mod write;

pub use error::StampsError;
pub use read::StampsReader;
pub use write::StampsWriter;

use crate::Phase;
use std::num::NonZeroU64;

/// Folder in a run's folder that keeps the files.
pub const STAMPS_FOLDER: &str = "tokens";

const MAGIC: &[u8; 16] = b"tandem stamps 1\n";
/// Where the version stands in the magic.
const VERSION_AT: usize = 14;
/// Most tokens of one request: twice the longest response that an arm may be asked for.
const MOST_TOKENS: usize = 2_000_000;
/// Three varints of at most ten bytes each a token, and the request's own numbers.
const MOST_FRAME_BYTES: u64 = 30 * MOST_TOKENS as u64 + 64;

const HAS_WRITTEN: u64 = 1;
const HAS_RECEIVED: u64 = 2;

/// Name of the file of one trial and attempt.
pub fn stamps_file(trial: u32, attempt: u32) -> String {
    format!("{trial}-{attempt}.stamps")
}

/// The trial and attempt that a file is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampsHeader {
    /// Name of the run.
    pub run_id: String,
    /// Number of the trial.
    pub trial: u32,
    /// Attempt of the trial.
    pub attempt: u32,
}

/// The request that stamps are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StampsRequest {
    /// Phase.
    pub phase: Phase,
    /// Number of the agent, from 0.
    pub agent: u32,
    /// Number of the request inside agent and phase, from 0.
    pub call: u32,
    /// CLOCK_MONOTONIC when the client was asked to send.
    pub start_ns: u64,
}

/// The stamps of one token, CLOCK_MONOTONIC in ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenStamps {
    /// When agent code saw it.
    pub seen_ns: u64,
    /// When the simulator wrote it, where the line said so.
    pub written_ns: Option<NonZeroU64>,
    /// When the kernel received it, where the client kept receive stamps.
    pub received_ns: Option<NonZeroU64>,
}
