//! Which fields of the trial's request a server refuses, found by leaving them out: error texts have no common form.

use super::http::Failure;
use super::stream::{Question, Stream};
use tandem_records::{Api, RequestField, Status};

/// What a request can lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// A field that trials can do without.
    Field(RequestField),
    /// The length in tokens.
    Limit,
}

/// How a server took a request.
#[derive(Debug, PartialEq)]
pub(super) enum Taken {
    /// As it is.
    Whole(Stream),
    /// Only without these.
    Without(Vec<Part>, Stream, Failure),
}

/// Asks, and where the server refuses, asks again without one part, then without two, and so on.
///
/// # Errors
/// What came of the request as it is: nothing that can be left out makes it work, or it is no refusal.
pub(super) fn taken(
    question: &Question,
    mut ask: impl FnMut(&Question) -> Result<Stream, Failure>,
) -> Result<Taken, Failure> {
    let failure = match ask(question) {
        Ok(stream) => return Ok(Taken::Whole(stream)),
        Err(failure) => failure,
    };
    if !may_refuse_a_part(&failure) {
        return Err(failure);
    }
    for parts in fewest_first(&parts(question)) {
        if let Ok(stream) = ask(&without(question, &parts)) {
            return Ok(Taken::Without(parts, stream, failure));
        }
    }
    Err(failure)
}

/// A server says that it does not like a request by a status of its own making, or by an error in the stream.
fn may_refuse_a_part(failure: &Failure) -> bool {
    match failure.http {
        Some(401 | 403 | 404 | 429 | 503) => false,
        Some(code) => code >= 400,
        None => failure.status == Status::ServerError,
    }
}

/// What the question has that can be left out, what costs least first.
fn parts(question: &Question) -> Vec<Part> {
    let fields = RequestField::ALL.iter().copied();
    let is_sent = |field: &RequestField| {
        !question.leave_out.contains(field)
            && (*field != RequestField::StreamOptions || question.api == Api::Openai)
    };
    let limit = question.limit.map(|_| Part::Limit);
    fields.filter(is_sent).map(Part::Field).chain(limit).collect()
}

/// Every choice of parts, the small ones first, and those of the earlier parts before others of their size.
fn fewest_first(parts: &[Part]) -> Vec<Vec<Part>> {
    let of = |bits: u32| -> Vec<Part> {
        parts.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, part)| *part).collect()
    };
    let mut choices: Vec<Vec<Part>> = (1..1u32 << parts.len()).map(of).collect();
    choices.sort_by_key(Vec::len);
    choices
}

fn without(question: &Question, parts: &[Part]) -> Question {
    let mut question = question.clone();
    for part in parts {
        match part {
            Part::Field(field) => question.leave_out.push(*field),
            Part::Limit => question.limit = None,
        }
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_records::{Endpoint, RequestOptions};

    fn question() -> Question {
        Question {
            url: "http://s".into(),
            api: Api::Openai,
            endpoint: Endpoint::Chat,
            model: "m".into(),
            options: RequestOptions::new(),
            leave_out: Vec::new(),
            limit: Some(2),
        }
    }

    fn stream() -> Stream {
        let done_reason = "length".to_string();
        Stream { sent_ns: 0, first_ns: 1, last_ns: 2, pieces: 2, tokens: 2, done_reason, is_cut: false }
    }

    fn failure(http: Option<u16>, status: Status) -> Failure {
        Failure { status, http, url: "http://s".into(), what: "no".into() }
    }

    #[test]
    fn the_fewest_parts_are_found_that_a_server_refuses() {
        let field = Part::Field;
        use RequestField::{Seed, StreamOptions, Temperature};
        for refused in [
            vec![field(StreamOptions)],
            vec![field(Seed)],
            vec![field(Temperature)],
            vec![Part::Limit],
            vec![field(StreamOptions), field(Seed)],
            vec![field(Seed), Part::Limit],
            vec![field(StreamOptions), field(Seed), field(Temperature), Part::Limit],
        ] {
            let ask = |asked: &Question| {
                let has = |part: &Part| parts(asked).contains(part);
                if refused.iter().any(has) {
                    Err(failure(Some(422), Status::HttpError))
                } else {
                    Ok(stream())
                }
            };
            match taken(&question(), ask) {
                Ok(Taken::Without(found, ..)) => assert_eq!(found, refused),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(taken(&question(), |_| Ok(stream())), Ok(Taken::Whole(stream())));
    }

    #[test]
    fn what_is_no_refusal_of_a_part_is_asked_once() {
        for (http, status, times) in [
            (Some(404), Status::ModelMissing, 1),
            (Some(429), Status::Busy, 1),
            (Some(301), Status::HttpError, 1),
            (None, Status::Refused, 1),
            (None, Status::Malformed, 1),
            (Some(500), Status::HttpError, 16),
            (None, Status::ServerError, 16),
        ] {
            let mut asked = 0;
            let failed = taken(&question(), |_| {
                asked += 1;
                Err(failure(http, status))
            });
            assert_eq!((failed, asked), (Err(failure(http, status)), times));
        }
    }
}
