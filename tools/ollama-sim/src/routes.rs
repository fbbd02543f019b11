//! Which request gets which answer.

use crate::Ollama;
use crate::api_error::ApiError;
use crate::fields::Fields;
use crate::http::Request;
use crate::models::{Models, with_tag};
use crate::request::Job;
use crate::residency::Residency;
use crate::response::{Answer, JSON, PLAIN_JSON};
use crate::wire::Dialect;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

/// What the server has to do for a request.
pub enum Route {
    /// Send this.
    Answer(Answer),
    /// Answer with tokens, or load the model.
    Job(Job),
    /// Forget all records.
    Reset,
    /// Report on a window of monotonic time.
    Report(RangeInclusive<u64>),
}

/// Text of `GET /`.
const GREETING: &str = "Ollama is running";

/// Finds the answer. `guarded` says that the port is on loopback, where Ollama refuses foreign Host headers.
pub fn route(
    request: &Request,
    models: &Models,
    resident: &Residency,
    version: Ollama,
    guarded: bool,
    now_unix_ns: i64,
) -> Route {
    if guarded && !request.host.as_deref().is_none_or(is_own_host) {
        return Route::Answer(Answer::empty(403));
    }
    let (method, path) = (request.method.as_str(), request.path.as_str());
    let get = method == "GET";
    let look = get || method == "HEAD";
    let post = method == "POST";
    let answer = match path {
        "/" if look => Answer::ok("text/plain; charset=utf-8", GREETING),
        "/api/version" if look => Answer::ok(JSON, format!("{{\"version\":\"{}\"}}", version.api_version())),
        "/api/tags" if look => Answer::ok(JSON, models.tags()),
        "/api/ps" if get => Answer::ok(JSON, resident.ps(now_unix_ns)),
        "/api/show" if post => show(&request.body, models).unwrap_or_else(|error| error.answer(None)),
        "/v1/models" if get => Answer::ok(PLAIN_JSON, models.openai_list()),
        "/api/generate" if post => return job(Dialect::Generate, request, models),
        "/api/chat" if post => return job(Dialect::Chat, request, models),
        "/v1/chat/completions" if post => return job(Dialect::OpenAiChat, request, models),
        "/v1/completions" if post => return job(Dialect::OpenAiCompletion, request, models),
        "/sim/reset" if post => return Route::Reset,
        "/sim/report" if get => match window(&request.query) {
            Ok(window) => return Route::Report(window),
            Err(error) => error.answer(None),
        },
        "/"
        | "/api/version"
        | "/api/tags"
        | "/api/ps"
        | "/api/show"
        | "/v1/models"
        | "/api/generate"
        | "/api/chat"
        | "/v1/chat/completions"
        | "/v1/completions"
        | "/sim/reset"
        | "/sim/report" => Answer { status: 405, ..Answer::ok("text/plain", "405 method not allowed") },
        _ => Answer { status: 404, ..Answer::ok("text/plain", "404 page not found") },
    };
    Route::Answer(answer)
}

fn job(dialect: Dialect, request: &Request, models: &Models) -> Route {
    match Job::read(dialect, &request.body, models) {
        Ok(job) => Route::Job(job),
        Err(error) => Route::Answer(error.answer(Some(dialect))),
    }
}

fn show(body: &[u8], models: &Models) -> Result<Answer, ApiError> {
    let fields = Fields::parse("ShowRequest", body, "missing request body")?;
    let named = match fields.string("model")? {
        "" => fields.string("name")?,
        model => model,
    };
    if named.is_empty() {
        return Err(ApiError::reading("model is required"));
    }
    if !models.has(named) {
        return Err(ApiError::no_model(&with_tag(named)));
    }
    Ok(Answer::ok(JSON, models.show(named)))
}

/// `from_ns=A&to_ns=B`, both optional.
fn window(query: &str) -> Result<RangeInclusive<u64>, ApiError> {
    let (mut from, mut to) = (0, u64::MAX);
    for (name, value) in query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    {
        let place = match name {
            "from_ns" => &mut from,
            "to_ns" => &mut to,
            other => {
                return Err(ApiError::reading(format!("unknown parameter {other:?}; use from_ns and to_ns")));
            }
        };
        *place = value.parse().map_err(|_| {
            ApiError::reading(format!("{name} is {value:?}; use CLOCK_MONOTONIC nanoseconds, a whole number"))
        })?;
    }
    Ok(from..=to)
}

/// The hosts that Ollama takes for itself: local names, and addresses that no public name resolves to.
fn is_own_host(header: &str) -> bool {
    let host = match header.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((inside, _)) => inside,
        // A bare IPv6 address has no port.
        None if header.parse::<Ipv6Addr>().is_ok() => header,
        None => header.split_once(':').map_or(header, |(host, _)| host),
    };
    let host = host.to_ascii_lowercase();
    match host.parse() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => ip.is_loopback() || ip.is_unique_local() || ip.is_unspecified(),
        Err(_) => {
            let local = [".localhost", ".local", ".internal"].iter().any(|tld| host.ends_with(tld));
            host.is_empty() || host == "localhost" || local || host == own_name()
        }
    }
}

/// This machine's host name.
fn own_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_hosts_are_ones_own() {
        for own in
            ["127.0.0.1:11434", "localhost", "LOCALHOST:1", "[::1]:80", "::1", "box.local", "10.0.0.7:1", ""]
        {
            assert!(is_own_host(own), "{own}");
        }
        for foreign in ["example.com", "example.com:80", "8.8.8.8", "notlocalhost", "[2001:db8::1]:80"] {
            assert!(!is_own_host(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_window_names_its_ends() {
        assert_eq!(window("").unwrap(), 0..=u64::MAX);
        assert_eq!(window("from_ns=5&to_ns=9").unwrap(), 5..=9);
        assert!(window("from_ns=x").is_err() && window("since=5").is_err());
    }
}
