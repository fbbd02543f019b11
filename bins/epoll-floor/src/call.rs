//! One request of an agent and what comes back: made before the release, filled while the response arrives.

use std::ops::ControlFlow;
use tandem_core::crew::{Done, Errand, Exchange, Outcome, Protocol, stream_request};
use tandem_core::http::{Answer, MAX_ERROR_BODY_BYTES, RequestError};
use tandem_core::now_ns;
use tandem_core::wire::{Decoder, Recorder};
use tandem_records::Stage;

/// A request and its response.
pub struct Call {
    /// The whole request as it is written.
    request: Vec<u8>,
    /// When the agent began.
    begun_ns: u64,
    /// When the client was asked to send.
    start_ns: u64,
    /// When the end of the stream had come.
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
            decoder: Decoder::new(protocol.api),
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
        self.request.clone()
    }

    /// Takes a piece of the response's body. Breaks at the end of the stream.
    ///
    /// # Errors
    /// What the dialect does not allow, or a refusal that is long enough.
    pub fn receive(&mut self, answer: &Answer, data: &[u8]) -> Result<ControlFlow<()>, RequestError> {
        if answer.is_ok() {
            self.recorder.on_chunk(None);
            return self.decoder.push(data, &mut self.recorder);
        }
        self.refusal.extend_from_slice(data);
        let is_long = self.refusal.len() >= MAX_ERROR_BODY_BYTES;
        if is_long { Err(self.refused(answer)) } else { Ok(ControlFlow::Continue(())) }
    }

    /// What a response that is no stream says.
    fn refused(&self, answer: &Answer) -> RequestError {
        RequestError::refusal(answer, &self.refusal)
    }

    /// The end of the stream or the last byte of the body has come.
    ///
    /// # Errors
    /// The response is not what was asked for.
    pub fn finish(&mut self, answer: &Answer) -> Result<(), RequestError> {
        let end_ns = now_ns();
        if !answer.is_ok() {
            return Err(self.refused(answer));
        }
        self.decoder.finish(&mut self.recorder)?;
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
