//! Plain HTTP for the driver's own questions: no proxy, errors in one line.

use crate::SweepError;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::io::{ErrorKind, Read};
use std::ops::ControlFlow;
use std::time::Duration;
use tandem_core::wire::error_text;
use tandem_records::{Api, ApiKey, Status, masked};

/// A question to a server of this machine or network; a load of a large model may take minutes.
pub(super) const LOAD_LIMIT: Duration = Duration::from_secs(300);
/// Questions that a living server answers at once.
pub(super) const SHORT_LIMIT: Duration = Duration::from_secs(5);
/// Largest answer that is read.
const MAX_ANSWER_BYTES: u64 = 16 << 20;
/// Longest error text that is passed on.
const MAX_ERROR_CHARS: usize = 200;

/// Why a question got no usable answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    /// As a request of an arm would have ended.
    pub status: Status,
    /// The status of the HTTP answer, where there was one.
    pub http: Option<u16>,
    /// The URL that was asked.
    pub url: String,
    /// What came of it, in a few words.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.url, self.what)
    }
}

/// Asks servers; connections are not kept, so that none lies open during a trial.
pub(crate) struct Asker {
    agent: ureq::Agent,
    limit: Duration,
    authorization: Option<String>,
}

impl Asker {
    /// One that asks without a key.
    pub fn new(limit: Duration) -> Asker {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_connect(Some(limit.min(SHORT_LIMIT)))
            .timeout_global(Some(limit))
            .build();
        Asker { agent: config.new_agent(), limit, authorization: None }
    }

    /// One that shows servers of OpenAI's kind the key of the environment.
    ///
    /// # Errors
    /// The key fits into no header.
    pub fn for_api(api: Api, limit: Duration) -> Result<Asker, SweepError> {
        let key =
            if api == Api::Openai { ApiKey::from_environment().map_err(SweepError::Usage)? } else { None };
        Ok(Asker { authorization: key.map(|key| key.authorization()), ..Asker::new(limit) })
    }

    /// The same, where an unfit key is one more reason why a question gets no answer.
    pub fn for_question(api: Api, limit: Duration, url: &str) -> Result<Asker, Failure> {
        Asker::for_api(api, limit).map_err(|error| Failure {
            status: Status::HttpError,
            http: None,
            url: url.to_string(),
            what: error.to_string(),
        })
    }

    fn with_key<B>(&self, request: ureq::RequestBuilder<B>) -> ureq::RequestBuilder<B> {
        match &self.authorization {
            Some(value) => request.header("authorization", value),
            None => request,
        }
    }

    /// GET, the answer as JSON.
    pub fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Failure> {
        let text = self.finish(url, self.with_key(self.agent.get(url)).call())?;
        parse(url, &text)
    }

    /// GET, the answer as JSON, and the server's own time where it tells.
    pub fn get_dated<T: DeserializeOwned>(&self, url: &str) -> Result<(T, Option<Timestamp>), Failure> {
        let answer = self.with_key(self.agent.get(url)).call();
        let date = answer.as_ref().ok().and_then(|answer| {
            let date = answer.headers().get("date")?.to_str().ok()?;
            Some(jiff::fmt::rfc2822::parse(date).ok()?.timestamp())
        });
        let text = self.finish(url, answer)?;
        Ok((parse(url, &text)?, date))
    }

    /// POST without a body, the answer ignored.
    pub fn post_empty(&self, url: &str) -> Result<(), Failure> {
        self.finish(url, self.agent.post(url).send_empty()).map(drop)
    }

    /// POST of a JSON body, the answer as text.
    pub fn post(&self, url: &str, body: &Value) -> Result<String, Failure> {
        self.finish(url, self.with_key(self.agent.post(url)).send_json(body))
    }

    /// POST of a body of JSON, the answer's bytes as they come, until they end or `each` has enough.
    pub fn post_stream(
        &self,
        url: &str,
        body: &[u8],
        mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let request = self.with_key(self.agent.post(url)).header("content-type", "application/json");
        let answer = request.send(body).map_err(|e| self.failure(url, &e))?;
        // A trial reads a stream from status 200 alone.
        if answer.status().as_u16() != 200 {
            return self.finish(url, Ok(answer)).and_then(|text| Err(no_stream(url, &text)));
        }
        let mut reader = answer.into_body().into_reader().take(MAX_ANSWER_BYTES);
        let mut bytes = vec![0; 64 << 10];
        loop {
            let read = match reader.read(&mut bytes) {
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                read => read.map_err(|e| self.failure(url, &ureq::Error::from(e)))?,
            };
            if read == 0 || each(&bytes[..read]).is_break() {
                return Ok(());
            }
        }
    }

    fn finish(
        &self,
        url: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<String, Failure> {
        let answer = answer.map_err(|e| self.failure(url, &e))?;
        let code = answer.status().as_u16();
        let header = |name: &str| Some(masked(answer.headers().get(name)?.to_str().ok()?).into_owned());
        let (target, wait) = (header("location"), header("retry-after"));
        let mut text = String::new();
        let mut reader = answer.into_body().into_reader().take(MAX_ANSWER_BYTES);
        let read = reader.read_to_string(&mut text).map_err(|e| self.failure(url, &ureq::Error::from(e)));
        let status = match code {
            200..300 => return read.map(|_| masked(&text).into_owned()),
            404 => Status::ModelMissing,
            429 | 503 => Status::Busy,
            _ => Status::HttpError,
        };
        let mut what = format!("HTTP {code}");
        if code == 429 {
            what.push_str(", too many requests");
        }
        if let Some(wait) = wait {
            what.push_str(&format!(", it says to wait {} s", cut(&wait)));
        }
        if let (300..=399, Some(target)) = (code, target) {
            what.push_str(&format!(", it leads to {}", cut(&target)));
        }
        // A page for people, as web servers send with an error, says no more than its number.
        if !text.trim_start().starts_with('<') {
            let words = cut(&error_text(text.as_bytes()));
            what.push_str(if words.is_empty() { "" } else { ": " });
            what.push_str(&words);
        }
        Err(Failure { status, http: Some(code), url: url.to_string(), what })
    }

    fn failure(&self, url: &str, error: &ureq::Error) -> Failure {
        let status = match error {
            ureq::Error::Timeout(_) => Status::Timeout,
            ureq::Error::Io(e) => match e.kind() {
                ErrorKind::ConnectionRefused => Status::Refused,
                ErrorKind::TimedOut => Status::Timeout,
                ErrorKind::InvalidData => Status::Malformed,
                _ => Status::Reset,
            },
            ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => Status::Refused,
            _ => Status::Malformed,
        };
        let what = match (status, error) {
            (_, ureq::Error::HostNotFound) => "no such host".to_string(),
            (_, ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)) => {
                format!("no connection within {} s", self.limit.min(SHORT_LIMIT).as_secs_f64())
            }
            (Status::Timeout, _) => format!("no answer within {} s", self.limit.as_secs_f64()),
            (Status::Refused, _) => "connection refused".to_string(),
            (Status::Reset, _) => "the connection broke off".to_string(),
            _ => "the answer is no HTTP text".to_string(),
        };
        Failure { status, http: None, url: url.to_string(), what }
    }
}

fn parse<T: DeserializeOwned>(url: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|e| Failure {
        status: Status::Malformed,
        http: None,
        url: url.to_string(),
        what: if e.is_data() { "an answer of another kind" } else { "an answer that is no JSON" }.to_string(),
    })
}

/// An answer of a good status, but not the one that streams have.
fn no_stream(url: &str, text: &str) -> Failure {
    let what = format!("no stream: {}", cut(text));
    Failure { status: Status::HttpError, http: None, url: url.to_string(), what }
}

/// The start of a server's words, without the key.
fn cut(text: &str) -> String {
    masked(text).trim().trim_end_matches('.').chars().take(MAX_ERROR_CHARS).collect()
}
