//! One request and its response, from send to last byte, under a time limit.

use crate::delays;
use crate::http::{Client, MAX_ERROR_BODY_BYTES, Method, Reading, RequestError};
use crate::quantile::type7;
use crate::structured::timeout;
use crate::wire::{Decoder, Recorder};
use crate::{Runtime, now_ns};
use bytes::Bytes;
use std::marker::PhantomData;
use std::time::Duration;
use tandem_records::{Api, Endpoint, RequestRow, Stage, Status};

/// How requests of a trial are made: the same for every agent.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    /// Dialect.
    pub api: Api,
    /// Endpoint of the dialect.
    pub endpoint: Endpoint,
    /// Path of the endpoint.
    pub path: &'static str,
    /// Time limit of one request.
    pub timeout: Duration,
    /// How the client reads.
    pub reading: Reading,
}

/// One agent's client with the protocol it speaks.
pub(crate) struct Session<R, C> {
    pub client: C,
    pub protocol: Protocol,
    /// Whether the connection has carried an answer since it was last proved.
    answered: bool,
    runtime: PhantomData<fn() -> R>,
}

/// One request as it really went: raw stamps, summarised after the measured time.
pub struct Exchange {
    /// What it was for.
    pub stage: Stage,
    /// When the client was asked to send.
    pub start_ns: u64,
    /// When the last byte had come; `None` if it never did.
    pub end_ns: Option<u64>,
    /// Time to open the connection, where one was opened and the client tells.
    pub connect_ns: Option<u64>,
    /// What came.
    pub recorder: Recorder,
    /// What went wrong.
    pub error: Option<RequestError>,
}

impl<R: Runtime, C: Client<R>> Session<R, C> {
    pub fn new(client: C, protocol: Protocol) -> Self {
        Session { client, protocol, answered: false, runtime: PhantomData }
    }

    /// Opens a connection and proves it with a HEAD request, so that both clients start from one that is alive.
    pub async fn prepare(&mut self) -> Result<(), RequestError> {
        self.answered = false;
        let client = &mut self.client;
        within::<R, _>(self.protocol.timeout, async {
            client.connect().await?;
            client.send(Method::Head, "/", Bytes::new()).await?;
            client.connect().await?;
            Ok(())
        })
        .await
    }

    /// Sends one request and reads its whole response. Never fails: what went wrong is part of the exchange.
    pub async fn exchange(&mut self, stage: Stage, body: Bytes, mut recorder: Recorder) -> Exchange {
        let mut connect_ns = None;
        let mut start_ns = now_ns();
        let result = within::<R, _>(self.protocol.timeout, async {
            // Opening a connection is the agent's time, but not the request's: it has a column of its own.
            connect_ns = self.client.connect().await?;
            start_ns = now_ns();
            let status = match self.post(body.clone()).await {
                // llama.cpp closes after every stream without a word, perhaps just now. RFC 9112, section 9.3.1: what
                // was lost on a used connection before any answer may be sent again on a new one. The agent waits.
                Err(error) if error.status == Status::Reset && self.answered => {
                    connect_ns = self.client.connect().await?;
                    start_ns = now_ns();
                    self.post(body).await?
                }
                sent => sent?,
            };
            self.stream(status, &mut recorder).await
        })
        .await;
        self.answered = result.is_ok();
        let (end_ns, error) = match result {
            Ok(end_ns) => (Some(end_ns), None),
            Err(error) => (None, Some(error)),
        };
        Exchange { stage, start_ns, end_ns, connect_ns, recorder, error }
    }

    async fn post(&mut self, body: Bytes) -> Result<u16, RequestError> {
        self.client.send(Method::Post, self.protocol.path, body).await
    }

    /// The measured path: chunk, stamp, lines, tokens. Returns the moment of the last byte.
    async fn stream(&mut self, status: u16, recorder: &mut Recorder) -> Result<u64, RequestError> {
        if status != 200 {
            return Err(self.refusal(status).await);
        }
        let mut decoder = Decoder::new(self.protocol.api, self.protocol.endpoint);
        while let Some(chunk) = self.client.chunk().await? {
            recorder.on_chunk(self.client.received_ns());
            decoder.push(&chunk, recorder)?;
        }
        let end_ns = now_ns();
        decoder.finish(recorder)?;
        match recorder.done {
            Some(_) => Ok(end_ns),
            None => Err(RequestError::no_done(recorder.tokens.len())),
        }
    }

    /// Turns an error response into a status.
    async fn refusal(&mut self, http_status: u16) -> RequestError {
        let mut body = Vec::new();
        while body.len() < MAX_ERROR_BODY_BYTES
            && let Ok(Some(chunk)) = self.client.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        RequestError::refusal(http_status, &body)
    }
}

/// Runs `work` within a time limit.
async fn within<R: Runtime, T>(
    limit: Duration,
    work: impl Future<Output = Result<T, RequestError>>,
) -> Result<T, RequestError> {
    timeout::<R, _>(limit, work).await.unwrap_or_else(|| Err(RequestError::timeout(limit)))
}

impl Exchange {
    /// Status and error text as they stand in the row.
    pub fn outcome(&self) -> (Status, String) {
        match &self.error {
            None => (Status::Ok, String::new()),
            Some(error) => (error.status, error.message.clone()),
        }
    }

    /// Fills the measured columns of a row; identification is the caller's.
    pub fn fill(&self, row: &mut RequestRow) {
        let since_start = |at: u64| at.saturating_sub(self.start_ns);
        let tokens = &self.recorder.tokens;
        (row.status, row.error) = self.outcome();
        row.stage = self.stage;
        row.start_ns = self.start_ns;
        row.connect_ns = self.connect_ns;
        row.ttfc_ns = self.recorder.first_chunk_ns.map(since_start);
        row.ttft_ns = tokens.first().map(|token| since_start(token.seen_ns));
        row.e2e_ns = self.end_ns.map(since_start);
        row.chunks = Some(self.recorder.chunks);
        row.pieces = Some(tokens.len() as u64);
        row.output_tokens = Some(tokens.len() as u64);
        row.digest = self.digest();
        if let Some(done) = &self.recorder.done {
            row.done_reason = done.done_reason.clone().unwrap_or_default();
            row.prompt_tokens = done.prompt_tokens;
            row.load_ns = done.load_ns;
            row.prompt_eval_ns = done.prompt_eval_ns;
            row.eval_ns = done.eval_ns;
            row.server_total_ns = done.total_ns;
        }
        let mut gaps: Vec<u64> = tokens.windows(2).map(|pair| pair[1].seen_ns - pair[0].seen_ns).collect();
        gaps.sort_unstable();
        (row.itl_p50_ns, row.itl_p99_ns, row.itl_max_ns) =
            (type7(&gaps, 0.5), type7(&gaps, 0.99), gaps.last().copied());
        let delays = delays::of_response(tokens);
        (row.delay_p50_ns, row.delay_p90_ns, row.delay_p99_ns, row.delay_p999_ns, row.delay_max_ns) =
            (delays.p50_ns, delays.p90_ns, delays.p99_ns, delays.p999_ns, delays.max_ns);
        row.delay_source = delays.source;
    }

    /// XXH3-64 of the text in hexadecimal; empty where there was none.
    pub fn digest(&self) -> String {
        match self.recorder.text.as_bytes() {
            [] => String::new(),
            text => format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text)),
        }
    }
}

#[cfg(test)]
mod tests;
