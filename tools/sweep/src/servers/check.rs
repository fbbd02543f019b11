//! The check of real servers before a run: the trials' own requests, read by the trials' own decoder.

use super::facts::{Facts, facts};
use super::fit::{TOKENS, ask_shortly, does_not_stream, fitted};
use super::http::LOAD_LIMIT;
use super::layers::layers;
use super::model::choose_model;
use super::real::Real;
use super::server::Server;
use super::slots::{self, tokens_for};
use super::speed::Speed;
use super::stream::Question;
use crate::SweepError;
use crate::address::is_on_this_machine;
use crate::interrupt::Interrupt;
use crate::plan::Cell;
use tandem_records::{Api, Length, RequestField};

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
    interrupt: &Interrupt,
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
        servers.push(check_server(facts, &model, asked, with_slots, interrupt, &mut notes)?);
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
    interrupt: &Interrupt,
    notes: &mut Vec<String>,
) -> Result<Server, SweepError> {
    let url = facts.url.clone();
    let stop = || interrupt.is_raised();
    let mut left_out: Vec<RequestField> = Vec::new();
    let mut speeds = Vec::new();
    let mut crowded: Option<(Question, u32, f64)> = None;
    for Asked { mut question, agents } in asked {
        if stop() {
            return Err(SweepError::Interrupted);
        }
        let known = left_out.iter().filter(|field| !question.leave_out.contains(field));
        question.leave_out.extend(known.copied().collect::<Vec<_>>());
        let fitted = fitted(&facts, question, |question| ask_shortly(question, 0, LOAD_LIMIT, stop))
            .map_err(|error| if stop() { SweepError::Interrupted } else { error })?;
        let question = fitted.question;
        let refused = |note: &String| !notes.contains(note);
        let new: Vec<String> = fitted.notes.into_iter().filter(refused).collect();
        notes.extend(new);
        if question.leave_out.contains(&RequestField::StreamOptions)
            && !left_out.contains(&RequestField::StreamOptions)
        {
            left_out.push(RequestField::StreamOptions);
        }
        // The first stream may have loaded the model; this one tells how fast it is.
        let timed = ask_shortly(&question, 1, LOAD_LIMIT, stop)
            .map_err(|failure| does_not_stream(&facts, model, &failure))?;
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
        match slots::count(&question, most, LOAD_LIMIT, stop) {
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
