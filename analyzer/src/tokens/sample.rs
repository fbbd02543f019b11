//! What the file of one trial says of the concurrent phase.

use super::LogBins;
use std::path::Path;
use tandem_records::{DelaySource, Phase, StampsError, StampsHeader, StampsReader, TokenStamps};

/// The tokens of a trial, over all agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSample {
    /// Tokens of all phases.
    pub kept: u64,
    /// Tokens of the concurrent phase.
    pub tokens: u64,
    /// What the client added; none unless every token has a reference stamp.
    pub added: Option<Added>,
}

/// What the client added to tokens that all have the same reference stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The reference stamp.
    pub source: DelaySource,
    /// Client-added delay of every token.
    pub delays: LogBins,
    /// Of every gap inside a response: how far it is, as the agent saw it, from that between the reference stamps.
    pub gap_errors: LogBins,
}

impl TokenSample {
    /// Reads the file of a trial.
    ///
    /// # Errors
    /// It does not read to its end: part of a trial is no sample of it.
    pub fn read(path: &Path) -> Result<(StampsHeader, TokenSample), StampsError> {
        let reader = StampsReader::open(path)?;
        let header = reader.header().clone();
        let mut counts = Counts::new();
        for request in reader {
            let (request, tokens) = request?;
            counts.kept += tokens.len() as u64;
            if request.phase == Phase::Concurrent {
                counts.add(&tokens);
            }
        }
        Ok((header, counts.sample()))
    }
}

/// Counts from both stamps: which of them every token has shows at the end.
struct Counts {
    kept: u64,
    tokens: u64,
    /// As the arms choose: the simulator's stamp before the kernel's.
    added: [Added; 2],
}

impl Counts {
    fn new() -> Counts {
        let of = |source| Added { source, delays: LogBins::default(), gap_errors: LogBins::default() };
        Counts { kept: 0, tokens: 0, added: [of(DelaySource::Sim), of(DelaySource::Kernel)] }
    }

    fn add(&mut self, tokens: &[TokenStamps]) {
        self.tokens += tokens.len() as u64;
        for Added { source, delays, gap_errors } in &mut self.added {
            let mut before = None;
            for token in tokens {
                let stamp = if *source == DelaySource::Sim { token.written_ns } else { token.received_ns };
                let Some(stamp) = stamp else { continue };
                delays.add(token.seen_ns.saturating_sub(stamp.get()));
                // A server's stamp may be any number: 65 bits hold the difference of two.
                let late = i128::from(token.seen_ns) - i128::from(stamp.get());
                if let Some(before) = before.replace(late) {
                    gap_errors.add(u64::try_from((late - before).unsigned_abs()).unwrap_or(u64::MAX));
                }
            }
        }
    }

    fn sample(self) -> TokenSample {
        let everywhere = |added: &Added| added.delays.total() == self.tokens && self.tokens > 0;
        TokenSample { kept: self.kept, tokens: self.tokens, added: self.added.into_iter().find(everywhere) }
    }
}
