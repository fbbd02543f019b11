//! The reqwest client: what the published study used on every runtime.
//!
//! reqwest brings its own pool and runs its connections as tasks of a Tokio runtime. On a Tokio arm that is the arm's
//! runtime ([`Direct`]); on smol and async-std it is the hidden one of async-compat ([`ViaTokio`]), and the rows say so.

mod bridge;

pub use bridge::{Bridge, Direct, ViaTokio};

use bytes::Bytes;
use std::error::Error as _;
use std::future::Future;
use std::marker::PhantomData;
use tandem_core::Runtime;
use tandem_core::http::{Answer, Client, Method, Reading, RequestError, Target, Turn};
use tandem_records::{ApiKey, Status};

/// One agent's reqwest client with a pool of its own, so that agents never share a connection.
pub struct Reqwest<B> {
    client: reqwest::Client,
    base: String,
    key: Option<ApiKey>,
    response: Option<reqwest::Response>,
    /// Its connections belong to tasks of reqwest's own: this one only takes chunks from them.
    turn: Turn,
    bridge: PhantomData<fn() -> B>,
}

impl<R: Runtime, B: Bridge> Client<R> for Reqwest<B> {
    const KIND: tandem_records::Client = tandem_records::Client::Reqwest;
    const BRIDGE: &'static str = B::LABEL;
    const PACKAGES: &'static [&'static str] = B::PACKAGES;

    fn new(target: &Target, _reading: Reading) -> Result<Self, RequestError> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            // Resolved before, like those of the other clients: no measurement contains a name lookup.
            .resolve_to_addrs(target.name(), target.addresses())
            .build()
            .map_err(|e| classify("reqwest", &e))?;
        Ok(Reqwest {
            client,
            base: target.url.clone(),
            key: target.key.clone(),
            response: None,
            turn: Turn::default(),
            bridge: PhantomData,
        })
    }

    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        B::enter(future)
    }

    /// reqwest connects inside `send` and does not tell how long it took.
    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        self.response = None;
        Ok(None)
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        let url = format!("{}{path}", self.base);
        let request = match method {
            Method::Head => self.client.head(url),
            Method::Post => self.client.post(url).header("content-type", "application/json").body(body),
        };
        let request = match &self.key {
            Some(key) => request.header("authorization", key.authorization()),
            None => request,
        };
        let response = request.send().await.map_err(|e| classify("reqwest", &e))?;
        let location = response.headers().get("location").map(|place| place.as_bytes());
        let answer = Answer::new(response.status().as_u16(), location);
        // Dropping a HEAD response gives its connection back to the pool.
        self.response = (method == Method::Post).then_some(response);
        Ok(answer)
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        let Some(response) = &mut self.response else { return Ok(None) };
        self.turn.chunk(response.chunk()).await.map_err(|e| classify("reqwest", &e))
    }
}

/// The innermost cause decides: reqwest wraps hyper, which wraps the socket.
fn classify(doing: &str, error: &reqwest::Error) -> RequestError {
    let mut text = format!("{doing}: {error}");
    let mut hyper_error = None;
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        hyper_error = cause.downcast_ref::<hyper::Error>().or(hyper_error);
        next = cause.source();
    }
    let from_hyper = hyper_error.map(|hyper| RequestError::from(hyper).status);
    let from_io = RequestError::from_io_in_chain(doing, error).map(|io| io.status);
    RequestError::new(from_hyper.or(from_io).unwrap_or(Status::Reset), text)
}
