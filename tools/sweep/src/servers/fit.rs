//! A request that a server takes: the trial's own, without what it refuses where that is sound.

use super::facts::{Facts, unusable};
use super::http::Failure;
use super::model::list;
use super::refused::{Part, Taken, taken};
use super::stream::{Question, Stream};
use crate::SweepError;
use std::time::Duration;
use tandem_records::{API_KEY_VARIABLE, RequestField, Status};

/// Tokens of the streams of the check, where the plan does not ask for fewer.
pub(super) const TOKENS: u32 = 16;

/// A request that a server takes.
pub(crate) struct Fitted {
    pub question: Question,
    /// What a reader should know, one sentence each.
    pub notes: Vec<String>,
}

/// Asks a server and leaves out what it refuses.
///
/// # Errors
/// It does not stream, refuses what trials need, or its stream is none that trials accept: with its words and the remedy.
pub(crate) fn fitted(
    facts: &Facts,
    mut question: Question,
    ask: impl Fn(&Question) -> Result<Stream, Failure>,
) -> Result<Fitted, SweepError> {
    let mut notes = Vec::new();
    let stream = match taken(&question, ask) {
        Ok(Taken::Whole(stream)) => stream,
        Ok(Taken::Without(parts, stream, failure)) => {
            if parts != [Part::Field(RequestField::StreamOptions)] {
                return Err(refuses(&facts.url, &parts, &failure));
            }
            question.leave_out.push(RequestField::StreamOptions);
            notes.push(format!(
                "server {} refuses stream_options: left out; tokens are then counted as pieces",
                facts.url
            ));
            stream
        }
        Err(failure) => return Err(does_not_stream(facts, &question.model, &failure)),
    };
    notes.extend(judged(&question, &stream)?);
    Ok(Fitted { question, notes })
}

/// Asks for a short stream: one of free length is left after as many pieces.
pub(super) fn ask_shortly(
    question: &Question,
    number: u32,
    limit: Duration,
    stop: impl Fn() -> bool,
) -> Result<Stream, Failure> {
    let is_free = question.limit.is_none();
    question.ask(number, limit, |pieces| stop() || (is_free && pieces >= u64::from(TOKENS)))
}

/// What trials would find wrong with a stream, by the rules of their own check: a sentence where it depends on the length,
/// an error where it cannot be helped.
fn judged(question: &Question, stream: &Stream) -> Result<Option<String>, SweepError> {
    let Question { url, model, .. } = question;
    let Stream { tokens, pieces, done_reason, is_cut, .. } = stream;
    let asked = question.limit.map(u64::from);
    let is_reached = asked.is_some_and(|asked| *tokens >= asked);
    if done_reason.is_empty() && !is_cut && !is_reached {
        let of = asked.map_or(String::new(), |asked| format!(" of {asked}"));
        return Err(SweepError::Server(format!(
            "server {url} ends a stream of {model} after {tokens}{of} tokens and does not say why; trials need a reason \
             (finish_reason) or the length that they ask for"
        )));
    }
    let is_at_limit = ["length", "max", "limit"].iter().any(|word| done_reason.contains(word));
    Ok(match asked {
        Some(asked) if !is_reached && !is_at_limit => Some(format!(
            "server {url} ended a stream after {tokens} of {asked} tokens ({done_reason}): trials fail whose responses are \
             shorter than asked for; use a model that goes on, options that ignore its end, or length = \"free\""
        )),
        _ if *pieces < 2 => Some(format!(
            "server {url} sent {tokens} tokens in one piece: trials fail whose responses have no gap to measure"
        )),
        _ => None,
    })
}

fn refuses(url: &str, parts: &[Part], failure: &Failure) -> SweepError {
    let name = |part: &Part| match part {
        Part::Field(field) => field.as_str(),
        Part::Limit => "max_tokens",
    };
    let fields: Vec<&str> = parts.iter().map(name).collect();
    let dispensable: Vec<String> =
        fields.iter().filter(|field| **field != "max_tokens").map(|field| format!("{field:?}")).collect();
    let mut remedies = Vec::new();
    if !dispensable.is_empty() {
        let mut remedy = format!("leave_out = [{}] in the plan's sets sends none", dispensable.join(", "));
        if fields.contains(&RequestField::Seed.as_str()) {
            remedy.push_str(", and answers then differ from trial to trial");
        }
        remedies.push(remedy);
    }
    if parts.contains(&Part::Limit) {
        remedies.push("length = \"free\" asks for no length".to_string());
    }
    SweepError::Server(format!(
        "server {url} refuses {}: {}; {}",
        fields.join(" and "),
        failure.what,
        remedies.join(", ")
    ))
}

pub(super) fn does_not_stream(facts: &Facts, model: &str, failure: &Failure) -> SweepError {
    let url = &facts.url;
    let what = &failure.what;
    let listed = facts.digest_of(model).is_some();
    let remedy = match (failure.status, failure.http) {
        (Status::Refused | Status::Reset | Status::Timeout, _) | (_, Some(300..=399)) => {
            return unusable(url, facts.api, failure);
        }
        (_, Some(401 | 403)) => format!("put its key into the environment variable {API_KEY_VARIABLE}"),
        (Status::Busy, _) => "wait, or raise the limit of requests where it is started".to_string(),
        _ if listed => "try it by hand (curl) or name another --model".to_string(),
        _ => {
            let names = list(facts.models.iter().map(|model| model.name.as_str()));
            format!("it lists {names}; try it by hand (curl) or name another --model")
        }
    };
    SweepError::Server(format!("server {url} does not stream {model}: {what}; {remedy}"))
}
