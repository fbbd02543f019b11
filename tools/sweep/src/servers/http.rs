//! Plain HTTP for the driver's own questions: no proxy, errors in one line.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::io::Read;
use std::time::Duration;
use tandem_records::Status;

/// A question to a server of this machine or network; a load of a large model may take minutes.
pub(super) const LOAD_LIMIT: Duration = Duration::from_secs(300);
/// Questions that a living server answers at once.
pub(super) const SHORT_LIMIT: Duration = Duration::from_secs(5);
/// Largest answer that is read.
const MAX_ANSWER_BYTES: u64 = 16 << 20;

/// Why a question got no usable answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    /// As a request of an arm would have ended.
    pub status: Status,
    /// One line, beginning with the URL.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Asks servers; connections are not kept, so that none lies open during a trial.
pub(super) struct Asker {
    agent: ureq::Agent,
}

impl Asker {
    pub fn new(limit: Duration) -> Asker {
        let config = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .timeout_connect(Some(limit.min(SHORT_LIMIT)))
            .timeout_global(Some(limit))
            .build();
        Asker { agent: config.new_agent() }
    }

    /// GET, the answer as JSON.
    pub fn get<T: DeserializeOwned>(&self, url: &str) -> Result<T, Failure> {
        let text = finish(url, self.agent.get(url).call())?;
        parse(url, &text)
    }

    /// POST without a body, the answer ignored.
    pub fn post_empty(&self, url: &str) -> Result<(), Failure> {
        finish(url, self.agent.post(url).send_empty()).map(drop)
    }

    /// POST of a JSON body, the answer as text.
    pub fn post(&self, url: &str, body: &Value) -> Result<String, Failure> {
        finish(url, self.agent.post(url).send_json(body))
    }
}

fn parse<T: DeserializeOwned>(url: &str, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|e| Failure {
        status: Status::Malformed,
        message: format!("{url}: not the expected JSON ({e})"),
    })
}

fn finish(
    url: &str,
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<String, Failure> {
    let answer = answer.map_err(|e| failure(url, &e))?;
    let code = answer.status().as_u16();
    let mut text = String::new();
    let mut reader = answer.into_body().into_reader().take(MAX_ANSWER_BYTES);
    reader.read_to_string(&mut text).map_err(|e| failure(url, &ureq::Error::Io(e)))?;
    match code {
        200..300 => Ok(text),
        _ => {
            let status = match code {
                404 => Status::ModelMissing,
                503 => Status::Busy,
                _ => Status::HttpError,
            };
            Err(Failure {
                status,
                message: format!("{url}: HTTP {code} {}", first_line(&text)).trim_end().to_string(),
            })
        }
    }
}

fn failure(url: &str, error: &ureq::Error) -> Failure {
    let status = match error {
        ureq::Error::Timeout(_) => Status::Timeout,
        ureq::Error::Io(e) => match e.kind() {
            std::io::ErrorKind::ConnectionRefused => Status::Refused,
            std::io::ErrorKind::TimedOut => Status::Timeout,
            std::io::ErrorKind::InvalidData => Status::Malformed,
            _ => Status::Reset,
        },
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => Status::Refused,
        _ => Status::Malformed,
    };
    Failure { status, message: format!("{url}: {}", first_line(&error.to_string())) }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(200).collect()
}
