//! One request of an agent and what comes back: made before the release, filled while the response arrives.

use tandem_core::crew::{Done, Errand, Exchange, Outcome, Protocol, stream_request};
use tandem_core::http::{MAX_ERROR_BODY_BYTES, RequestError};
use tandem_core::now_ns;
use tandem_core::wire::{Decoder, Recorder};
use tandem_records::Stage;

/// A request and its response.
pub struct Call {
    /// The whole request as it is written; empty once it is sent.
    request: Vec<u8>,
    /// When the agent began.
    begun_ns: u64,
    /// When the client was asked to send.
    start_ns: u64,
    /// When the last byte had come.
    end_ns: Option<u64>,
    connect_ns: Option<u64>,
    decoder: Decoder,
    recorder: Recorder,
    /// Start of the body of a response that is no stream.
    refusal: Vec<u8>,
}

impl Call {
    /// Makes the request and takes the memory for the response.
    pub fn prepared(errand: &Errand, protocol: Protocol) -> Self {
        let (body, recorder) = stream_request(errand, protocol);
        let head = format!(
            "POST {} HTTP/1.1\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            protocol.path,
            errand.agent.target.header_lines(),
            body.len()
        );
        Call {
            request: [head.as_bytes(), &body].concat(),
            begun_ns: 0,
            start_ns: 0,
            end_ns: None,
            connect_ns: None,
            decoder: Decoder::new(protocol.api, protocol.endpoint),
            recorder,
            refusal: Vec::new(),
        }
    }

    /// The agent begins.
    pub fn begin(&mut self) {
        self.begun_ns = now_ns();
        self.start_ns = self.begun_ns;
    }

    /// A connection was opened for this request. The time is the agent's, but not the request's.
    pub fn connected(&mut self, took_ns: u64) {
        self.connect_ns = Some(took_ns);
    }

    /// Hands out the request to be sent now.
    pub fn send(&mut self) -> Vec<u8> {
        self.start_ns = now_ns();
        std::mem::take(&mut self.request)
    }

    /// Takes a piece of the response's body.
    ///
    /// # Errors
    /// What the dialect does not allow, or a refusal that is long enough.
    pub fn receive(&mut self, http_status: u16, data: &[u8]) -> Result<(), RequestError> {
        if http_status == 200 {
            self.recorder.on_chunk(None);
            return self.decoder.push(data, &mut self.recorder);
        }
        self.refusal.extend_from_slice(data);
        if self.refusal.len() < MAX_ERROR_BODY_BYTES { Ok(()) } else { Err(self.refused(http_status)) }
    }

    /// What a response that is no stream says.
    pub fn refused(&self, http_status: u16) -> RequestError {
        RequestError::refusal(http_status, &self.refusal)
    }

    /// The last byte has come.
    ///
    /// # Errors
    /// The response is not what was asked for.
    pub fn finish(&mut self, http_status: u16) -> Result<(), RequestError> {
        let end_ns = now_ns();
        if http_status != 200 {
            return Err(self.refused(http_status));
        }
        self.decoder.finish(&mut self.recorder)?;
        if self.recorder.done.is_none() {
            return Err(RequestError::no_done(self.recorder.tokens.len()));
        }
        self.end_ns = Some(end_ns);
        Ok(())
    }

    /// What the agent did, once it is over.
    pub fn outcome(self, result: Result<(), RequestError>) -> Outcome {
        let exchange = Exchange {
            stage: Stage::Stream,
            start_ns: self.start_ns,
            end_ns: self.end_ns,
            connect_ns: self.connect_ns,
            recorder: self.recorder,
            error: result.err(),
        };
        Outcome {
            start_ns: Some(self.begun_ns),
            end_ns: Some(now_ns()),
            done: Done { exchanges: vec![exchange], ..Done::default() },
            error: None,
        }
    }
}
