//! Plain HTTP for the driver's own questions: no proxy, errors in one line.

use crate::SweepError;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::time::Duration;
use tandem_records::{Api, ApiKey, Status};

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

    /// POST without a body, the answer ignored.
    pub fn post_empty(&self, url: &str) -> Result<(), Failure> {
        self.finish(url, self.agent.post(url).send_empty()).map(drop)
    }

    /// POST of a JSON body, the answer as text.
    pub fn post(&self, url: &str, body: &Value) -> Result<String, Failure> {
        self.finish(url, self.with_key(self.agent.post(url)).send_json(body))
    }

    /// POST of a JSON body, the answer line by line as it comes.
    pub fn post_lines(&self, url: &str, body: &Value, mut each: impl FnMut(&str)) -> Result<(), Failure> {
        let answer = self.with_key(self.agent.post(url)).send_json(body);
        let answer = answer.map_err(|e| self.failure(url, &e))?;
        if !answer.status().is_success() {
            return self.finish(url, Ok(answer)).map(drop);
        }
        let reader = BufReader::new(answer.into_body().into_reader().take(MAX_ANSWER_BYTES));
        for line in reader.lines() {
            each(&line.map_err(|e| self.failure(url, &ureq::Error::from(e)))?);
        }
        Ok(())
    }

    fn finish(
        &self,
        url: &str,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<String, Failure> {
        let answer = answer.map_err(|e| self.failure(url, &e))?;
        let code = answer.status().as_u16();
        let mut text = String::new();
        let mut reader = answer.into_body().into_reader().take(MAX_ANSWER_BYTES);
        let read = reader.read_to_string(&mut text).map_err(|e| self.failure(url, &ureq::Error::from(e)));
        let status = match code {
            200..300 => return read.map(|_| text),
            404 => Status::ModelMissing,
            503 => Status::Busy,
            _ => Status::HttpError,
        };
        // A page for people, as web servers send with an error, says no more than its number.
        let what = match error_text(&text) {
            Some(error) => format!("HTTP {code}: {error}"),
            None => format!("HTTP {code}"),
        };
        Err(Failure { status, url: url.to_string(), what })
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
        Failure { status, url: url.to_string(), what }
    }
}

fn parse<T: DeserializeOwned>(url: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|e| Failure {
        status: Status::Malformed,
        url: url.to_string(),
        what: if e.is_data() { "an answer of another kind" } else { "an answer that is no JSON" }.to_string(),
    })
}

/// The message in an answer of `{"error": "..."}` or `{"error": {"message": "..."}}`.
fn error_text(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let error = &answer["error"];
    let text = error.as_str().or_else(|| error["message"].as_str())?;
    Some(text.chars().take(MAX_ERROR_CHARS).collect())
}
