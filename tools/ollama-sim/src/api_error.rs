//! A client's mistake, in Ollama's words and in OpenAI's.

use crate::go_json::quote;
use crate::response::{Answer, JSON, PLAIN_JSON};
use crate::wire::Dialect;

/// Where in the server a mistake is found, which shows in the spelling of OpenAI's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// While the body is read.
    Reading,
    /// By the handler behind the OpenAI layer.
    Handling,
}

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    status: u16,
    message: String,
    found: Found,
}

impl ApiError {
    /// The body cannot be read: 400.
    pub fn reading(message: impl Into<String>) -> ApiError {
        ApiError { status: 400, message: message.into(), found: Found::Reading }
    }

    /// The request is readable and refused.
    pub fn handling(status: u16, message: impl Into<String>) -> ApiError {
        ApiError { status, message: message.into(), found: Found::Handling }
    }

    /// 404 for a model that does not exist.
    pub fn no_model(name: &str) -> ApiError {
        ApiError::handling(404, format!("model '{name}' not found"))
    }

    /// The answer of this endpoint.
    pub fn answer(&self, dialect: Option<Dialect>) -> Answer {
        let message = quote(&self.message);
        if !dialect.is_some_and(Dialect::is_openai) {
            return Answer { status: self.status, ..Answer::ok(JSON, format!("{{\"error\":{message}}}")) };
        }
        let kind = match self.status {
            400 => "invalid_request_error",
            404 => "not_found_error",
            _ => "api_error",
        };
        let mut body =
            format!(r#"{{"error":{{"message":{message},"type":"{kind}","param":null,"code":null}}}}"#);
        if self.found == Found::Handling {
            body.push('\n');
        }
        let content_type = if self.found == Found::Handling { PLAIN_JSON } else { JSON };
        Answer { status: self.status, ..Answer::ok(content_type, body) }
    }
}
