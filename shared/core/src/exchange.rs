//! One request and its response, from send to last byte, under a time limit.

use crate::delays;
use crate::http::{
    Answer, Client, MAX_ERROR_BODY_BYTES, MAX_REST_BYTES, Method, Reading, RequestError, Turn,
};
use crate::quantile::type7;
use crate::structured::timeout;
use crate::wire::{Decoder, Recorder};
use crate::{Runtime, now_ns};
use bytes::Bytes;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};
use tandem_records::{Api, Endpoint, RequestRow, Stage, Status};

/// How long the end of a body is waited for after the end of its stream, which no agent's time contains: longer than any server needs that
/// means to end it.
const SETTLE_LIMIT: Duration = Duration::from_millis(100);

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
    /// Whether the connection has carried an answer.
    answered: bool,
    /// Whether the body of the last response has not been read to its end: its stream ended before.
    unread: bool,
    runtime: PhantomData<fn() -> R>,
}

/// One request as it really went: raw stamps, summarised after the measured time.
pub struct Exchange {
    /// What it was for.
    pub stage: Stage,
    /// When the client was asked to send.
    pub start_ns: u64,
    /// When the end of the stream had come; `None` if it never did.
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
        Session { client, protocol, answered: false, unread: false, runtime: PhantomData }
    }

    /// Opens a connection and proves it with a HEAD request, so that both clients start from one that is alive.
    pub async fn prepare(&mut self) -> Result<(), RequestError> {
        self.settle().await;
        self.answered = false;
        let client = &mut self.client;
        let opened = within::<R, _>(self.protocol.timeout, async {
            client.connect().await?;
            client.send(Method::Head, "/", Bytes::new()).await?;
            client.connect().await
        });
        // A connection that was opened in place of the proved one has answered nothing.
        self.answered = opened.await?.is_none();
        Ok(())
    }

    /// Reads what is left of a body whose stream has ended: the connection is good for another request then. A server that does not end
    /// it soon, in time and in bytes, loses the connection, at the client's next [`Client::connect`].
    pub async fn settle(&mut self) {
        if std::mem::take(&mut self.unread) {
            let client = &mut self.client;
            let rest = async {
                let mut bytes_left = MAX_REST_BYTES;
                while bytes_left > 0
                    && let Ok(Some(chunk)) = client.chunk().await
                {
                    bytes_left = bytes_left.saturating_sub(chunk.len());
                }
            };
            limited::<R, _>(SETTLE_LIMIT, rest).await;
        }
    }

    /// Sends one request and reads its whole response. Never fails: what went wrong is part of the exchange.
    pub async fn exchange(&mut self, stage: Stage, body: Bytes, mut recorder: Recorder) -> Exchange {
        self.settle().await;
        let mut connect_ns = None;
        let mut start_ns = now_ns();
        let result = within::<R, _>(self.protocol.timeout, async {
            // Opening a connection is the agent's time, but not the request's: it has a column of its own.
            connect_ns = self.client.connect().await?;
            start_ns = now_ns();
            let answer = match self.post(body.clone()).await {
                // Servers close a connection without a word, perhaps just now: llama.cpp after every stream, others after their answer
                // to HEAD. RFC 9112, section 9.3.1: what was lost on a used connection before any answer may be sent again on a new
                // one. The agent waits.
                Err(error) if error.status == Status::Reset && self.answered => {
                    connect_ns = self.client.connect().await?;
                    start_ns = now_ns();
                    self.post(body).await?
                }
                sent => sent?,
            };
            self.stream(&answer, &mut recorder).await
        })
        .await;
        self.answered = result.is_ok();
        let (end_ns, error) = match result {
            Ok(end_ns) => (Some(end_ns), None),
            Err(error) => (None, Some(error)),
        };
        Exchange { stage, start_ns, end_ns, connect_ns, recorder, error }
    }

    async fn post(&mut self, body: Bytes) -> Result<Answer, RequestError> {
        self.client.send(Method::Post, self.protocol.path, body).await
    }

    /// The measured path: chunk, stamp, lines, pieces. Returns the moment of the end: the stream's marker, or the body's last byte.
    async fn stream(&mut self, answer: &Answer, recorder: &mut Recorder) -> Result<u64, RequestError> {
        if !answer.is_ok() {
            return Err(self.refusal(answer).await);
        }
        let mut decoder = Decoder::new(self.protocol.api);
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue()
            && let Some(chunk) = self.client.chunk().await?
        {
            recorder.on_chunk(self.client.received_ns());
            flow = decoder.push(&chunk, recorder)?;
        }
        let end_ns = now_ns();
        self.unread = flow.is_break();
        decoder.finish(recorder)?;
        Ok(end_ns)
    }

    /// Turns an error response into a status.
    async fn refusal(&mut self, answer: &Answer) -> RequestError {
        let mut body = Vec::new();
        while body.len() < MAX_ERROR_BODY_BYTES
            && let Ok(Some(chunk)) = self.client.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        RequestError::refusal(answer, &body)
    }
}

/// Runs `work` within a time limit.
async fn within<R: Runtime, T>(
    limit: Duration,
    work: impl Future<Output = Result<T, RequestError>>,
) -> Result<T, RequestError> {
    limited::<R, _>(limit, work).await.unwrap_or_else(|| Err(RequestError::timeout(limit)))
}

/// `None` where the time is over, by the runtime's timer, or by the clock where the server leaves the runtime no time to look at timers.
async fn limited<R: Runtime, T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let over = Instant::now() + limit;
    let work = poll_fn(|cx| match Turn::poll_and_tell(|| work.as_mut().poll(cx)) {
        (Poll::Pending, true) if Instant::now() >= over => Poll::Ready(None),
        (polled, _) => polled.map(Some),
    });
    timeout::<R, _>(limit, work).await.flatten()
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
        let Recorder { pieces, told, .. } = &self.recorder;
        (row.status, row.error) = self.outcome();
        row.stage = self.stage;
        row.start_ns = self.start_ns;
        row.connect_ns = self.connect_ns;
        row.ttfc_ns = self.recorder.first_chunk_ns.map(since_start);
        row.ttft_ns = pieces.first().map(|piece| since_start(piece.seen_ns));
        row.first_answer_ns = self.recorder.first_answer_ns.map(since_start);
        row.e2e_ns = self.end_ns.map(since_start);
        row.chunks = Some(self.recorder.chunks);
        row.pieces = Some(pieces.len() as u64);
        row.thinking_pieces = Some(self.recorder.thinking_pieces);
        (row.output_tokens, row.tokens_from) = self.recorder.output_tokens();
        row.digest = self.recorder.digest();
        row.done_reason = told.done_reason.clone().unwrap_or_default();
        row.prompt_tokens = told.prompt_tokens;
        row.load_ns = told.load_ns;
        row.prompt_eval_ns = told.prompt_eval_ns;
        row.eval_ns = told.eval_ns;
        row.server_total_ns = told.total_ns;
        let mut gaps: Vec<u64> = pieces.windows(2).map(|pair| pair[1].seen_ns - pair[0].seen_ns).collect();
        gaps.sort_unstable();
        (row.itl_p50_ns, row.itl_p99_ns, row.itl_max_ns) =
            (type7(&gaps, 0.5), type7(&gaps, 0.99), gaps.last().copied());
        let delays = delays::of_response(pieces);
        (row.delay_p50_ns, row.delay_p90_ns, row.delay_p99_ns, row.delay_p999_ns, row.delay_max_ns) =
            (delays.p50_ns, delays.p90_ns, delays.p99_ns, delays.p999_ns, delays.max_ns);
        row.delay_source = delays.source;
    }
}

#[cfg(test)]
mod tests;
