//! One stream, asked for and read as a trial does it: its own request, its own decoder.

use super::http::{Asker, Failure};
use std::ops::ControlFlow;
use std::time::Duration;
use tandem_core::http::RequestError;
use tandem_core::now_ns;
use tandem_core::wire::{self, Decoder, PromptRequest, Recorder};
use tandem_records::{Api, Endpoint, RequestField, RequestOptions, Status};

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    /// Base URL.
    pub url: String,
    /// Dialect.
    pub api: Api,
    /// Endpoint of the dialect.
    pub endpoint: Endpoint,
    /// Model name.
    pub model: String,
    /// Options of the plan.
    pub options: RequestOptions,
    /// Fields that are not sent.
    pub leave_out: Vec<RequestField>,
    /// Length asked for in tokens; `None` leaves it to the model.
    pub limit: Option<u32>,
}

/// What came, on the machine's clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stream {
    /// When the request was sent.
    pub sent_ns: u64,
    /// First and last piece of text of any kind.
    pub first_ns: u64,
    pub last_ns: u64,
    /// Pieces of text, thinking included.
    pub pieces: u64,
    /// Tokens as the server counts, pieces where it does not tell.
    pub tokens: u64,
    /// Why the server stopped; empty where it does not say.
    pub done_reason: String,
    /// Whether the reader had enough before the end.
    pub is_cut: bool,
}

impl Stream {
    /// Time between two pieces in seconds; `None` with fewer than three pieces.
    pub fn gap_s(&self) -> Option<f64> {
        (self.pieces > 2).then(|| self.length_s() / (self.pieces - 1) as f64)
    }

    /// From the first piece to the last in seconds.
    pub fn length_s(&self) -> f64 {
        self.last_ns.saturating_sub(self.first_ns) as f64 / 1e9
    }

    /// From the request to the first piece in seconds.
    pub fn first_s(&self) -> f64 {
        self.first_ns.saturating_sub(self.sent_ns) as f64 / 1e9
    }
}

impl Question {
    /// Asks within a time limit. The number makes prompts differ, so that none is answered from another's cache.
    /// `has_enough` is asked after each part with the number of pieces so far; it ends a stream early.
    pub fn ask(
        &self,
        number: u32,
        limit: Duration,
        has_enough: impl Fn(u64) -> bool,
    ) -> Result<Stream, Failure> {
        let url = format!("{}{}", self.url, wire::path(self.api, self.endpoint));
        let failure = |error: RequestError| Failure {
            status: error.status,
            http: None,
            url: url.clone(),
            what: error.message,
        };
        let asker = Asker::for_question(self.api, limit, &url)?;
        let mut recorder = Recorder::default();
        let mut decoder = Decoder::new(self.api);
        let (mut error, mut is_cut) = (None, false);
        let sent_ns = now_ns();
        asker.post_stream(&url, &self.body(number), |bytes| match decoder.push(bytes, &mut recorder) {
            Ok(ControlFlow::Continue(())) if has_enough(recorder.pieces.len() as u64) => {
                is_cut = true;
                ControlFlow::Break(())
            }
            Ok(flow) => flow,
            Err(why) => {
                error = Some(why);
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = error {
            return Err(failure(error));
        }
        if !is_cut {
            decoder.finish(&mut recorder).map_err(failure)?;
        }
        let (Some(first), Some(last)) = (recorder.pieces.first(), recorder.pieces.last()) else {
            return Err(failure(RequestError::new(Status::LengthMismatch, "it ends without a token")));
        };
        let pieces = recorder.pieces.len() as u64;
        Ok(Stream {
            sent_ns,
            first_ns: first.seen_ns,
            last_ns: last.seen_ns,
            pieces,
            tokens: recorder.output_tokens().0.unwrap_or(pieces),
            done_reason: recorder.told.done_reason.unwrap_or_default(),
            is_cut,
        })
    }

    fn body(&self, number: u32) -> Vec<u8> {
        let prompt = format!(
            "Check {number:05}. List what a benchmark of two concurrent agents has to record, and why each item matters."
        );
        let Question { model, options, leave_out, limit, .. } = self;
        let request = PromptRequest { model, prompt: &prompt, limit: *limit, seed: 1, options, leave_out };
        wire::body(self.api, self.endpoint, &request).to_vec()
    }
}
