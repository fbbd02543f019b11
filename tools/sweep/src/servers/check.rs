//! The check of real servers before a run: the trials' own requests, read by the trials' own decoder.

use super::facts::{Facts, facts, unusable};
use super::http::{Failure, LOAD_LIMIT};
use super::layers::layers;
use super::model::{choose_model, list};
use super::real::Real;
use super::refused::{Part, Taken, taken};
use super::server::Server;
use super::slots::{self, tokens_for};
use super::speed::Speed;
use super::stream::{Question, Stream};
use crate::SweepError;
use crate::address::is_on_this_machine;
use crate::plan::Cell;
use tandem_records::{API_KEY_VARIABLE, Api, Length, RequestField, Status};

/// Tokens of the streams of the check, where the plan does not ask for fewer.
const TOKENS: u32 = 16;
/// Streams that are started together at most: each is a thread of the driver.
const MOST_SLOTS: u32 = 256;

/// Checks every server with every dialect, endpoint and options that trials use on it. `with_slots` says whether its slots
/// are measured.
///
/// # Errors
/// A server that cannot be used, or that refuses what trials need: with its words and the remedy.
pub(super) fn check(
    cells: &[Cell],
    urls: &[String],
    model: Option<&str>,
    with_slots: bool,
) -> Result<Real, SweepError> {
    let mut all: Vec<Facts> = Vec::new();
    for (number, url) in (0..).zip(urls) {
        for cell in cells.iter().filter(|cell| number < cell.servers) {
            if !all.iter().any(|facts| facts.url == *url && facts.api == cell.api) {
                all.push(facts(url, cell.api)?);
            }
        }
    }
    let model = choose_model(&all.iter().collect::<Vec<_>>(), model)?;
    let mut notes = Vec::new();
    let mut servers = Vec::new();
    for facts in all {
        let asked = questions(cells, urls, &facts, &model);
        servers.push(check_server(facts, &model, asked, with_slots, &mut notes)?);
    }
    Ok(Real::new(model, servers, notes))
}

/// One kind of request to a server.
struct Asked {
    question: Question,
    /// Most agents of a cell that share the server with such requests.
    agents: u32,
}

/// The requests that trials make to a server, each kind once.
fn questions(cells: &[Cell], urls: &[String], facts: &Facts, model: &str) -> Vec<Asked> {
    let mut all: Vec<Asked> = Vec::new();
    let number = urls.iter().position(|url| *url == facts.url).unwrap_or(0) as u32;
    for cell in cells.iter().filter(|cell| cell.api == facts.api && number < cell.servers) {
        let (a, b) = cell.options();
        // Agents go round the servers, roles alternate.
        let there = (0..cell.agents.min(2 * cell.servers)).filter(|agent| agent % cell.servers == number);
        for agent in there {
            let is_fixed = cell.set.length() == Length::Fixed;
            let tokens = cell.tokens.iter().copied().min().unwrap_or(TOKENS).min(TOKENS);
            let question = Question {
                url: facts.url.clone(),
                api: cell.api,
                endpoint: cell.endpoint(),
                model: model.to_string(),
                options: if agent % 2 == 0 { a.clone() } else { b.clone() },
                leave_out: cell.set.leave_out.clone(),
                limit: is_fixed.then_some(tokens),
            };
            let agents = cell.agents_per_server();
            match all.iter_mut().find(|asked| is_one_kind(&asked.question, &question)) {
                Some(asked) => asked.agents = asked.agents.max(agents),
                None => all.push(Asked { question, agents }),
            }
        }
    }
    all
}

/// Lengths differ from trial to trial; whether there is one is what a server may mind.
fn is_one_kind(a: &Question, b: &Question) -> bool {
    let without_length =
        |question: &Question| Question { limit: question.limit.map(|_| 0), ..question.clone() };
    without_length(a) == without_length(b)
}

fn check_server(
    facts: Facts,
    model: &str,
    asked: Vec<Asked>,
    with_slots: bool,
    notes: &mut Vec<String>,
) -> Result<Server, SweepError> {
    let url = facts.url.clone();
    let mut left_out: Vec<RequestField> = Vec::new();
    let mut speeds = Vec::new();
    let mut crowded: Option<(Question, u32, f64)> = None;
    for Asked { mut question, agents } in asked {
        question.leave_out.extend(
            left_out.iter().filter(|field| !question.leave_out.contains(field)).copied().collect::<Vec<_>>(),
        );
        let ask = |question: &Question| ask_shortly(question, 0);
        let first = match taken(&question, ask) {
            Ok(Taken::Whole(stream)) => stream,
            Ok(Taken::Without(parts, stream, failure)) => {
                if parts != [Part::Field(RequestField::StreamOptions)] {
                    return Err(refuses(&url, &parts, &failure));
                }
                notes.push(format!(
                    "server {url} refuses stream_options: left out; tokens are then counted as pieces"
                ));
                question.leave_out.push(RequestField::StreamOptions);
                left_out.push(RequestField::StreamOptions);
                stream
            }
            Err(failure) => return Err(does_not_stream(&facts, model, &failure)),
        };
        notes.extend(judged(&question, &first)?.filter(|note| !notes.contains(note)));
        // The first stream may have loaded the model; this one tells how fast it is.
        let timed = ask_shortly(&question, 1).map_err(|failure| does_not_stream(&facts, model, &failure))?;
        let speed = Speed::of(&question, &timed);
        if crowded.as_ref().is_none_or(|(_, most, _)| agents > *most) {
            crowded = Some((question.clone(), agents, timed.gap_s().unwrap_or(speed.token_s)));
        }
        speeds.push(speed);
    }
    let resident = facts.resident(model).and_then(Result::ok);
    if facts.api == Api::Openai
        && resident.as_ref().is_some_and(|it| it.as_ref().is_none_or(|it| it.is_leaving))
    {
        notes.push(format!(
            "server {url} unloads the model after a request (OLLAMA_KEEP_ALIVE=0): each request loads it, and its trials are \
             marked reloaded; start it with a longer OLLAMA_KEEP_ALIVE, or measure it with --api ollama, which asks for 30 minutes"
        ));
    }
    let mut slots = None;
    if let Some((question, agents, gap_s)) = crowded.filter(|(_, agents, _)| with_slots && *agents > 1) {
        let most = agents.min(MOST_SLOTS);
        let question = Question { limit: Some(tokens_for(gap_s)), ..question };
        match slots::count(&question, most, LOAD_LIMIT) {
            Ok(seen) => slots = Some(seen),
            Err(failure) => notes.push(format!(
                "server {url}: its slots are not known, {most} streams at once did not come: {}",
                failure.what
            )),
        }
    }
    Ok(Server {
        layers: facts.version.as_ref().and_then(|_| layers(&url, facts.api, model).ok()),
        on_this_machine: is_on_this_machine(&url),
        resident: resident.flatten(),
        facts,
        left_out,
        slots,
        speeds,
    })
}

/// A stream of the check. One of free length is left after as many pieces.
fn ask_shortly(question: &Question, number: u32) -> Result<Stream, Failure> {
    let is_free = question.limit.is_none();
    question.ask(number, LOAD_LIMIT, |pieces| is_free && pieces >= u64::from(TOKENS))
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
        remedies.push(format!("leave_out = [{}] in the plan's sets sends none", dispensable.join(", ")));
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

fn does_not_stream(facts: &Facts, model: &str, failure: &Failure) -> SweepError {
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
