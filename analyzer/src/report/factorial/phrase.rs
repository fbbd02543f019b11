//! Factors, levels and parts in words, as plain text.

use super::super::escape;
use crate::analysis::{Factor, Factorial, Level, Part, Subject};

/// `reads of at most 1024 B`.
pub(super) fn level(factor: Factor, level: &Level) -> String {
    let name = escape::name(&level.name);
    match (factor, name.as_str()) {
        (Factor::Runtime | Factor::Client, _) => name,
        (Factor::ReadCap, "0") => "uncapped reads".to_owned(),
        (Factor::ReadCap, "own") => "the arm's own reads".to_owned(),
        (Factor::ReadCap, _) => format!("reads of at most {name} B"),
        (Factor::Coalesce, _) => format!("{name} per write"),
        (Factor::TokenBytes, "natural") => "natural text".to_owned(),
        (Factor::TokenBytes, _) => format!("{name} B per token"),
        (Factor::Agents, "1") => "1 agent".to_owned(),
        (Factor::Agents, _) => format!("{name} agents"),
    }
}

/// `the HTTP client`.
fn the(factor: Factor) -> &'static str {
    match factor {
        Factor::Runtime => "the runtime",
        Factor::Client => "the HTTP client",
        Factor::ReadCap => "the read size",
        Factor::Coalesce => "the number of tokens per write",
        Factor::TokenBytes => "the size of a token",
        Factor::Agents => "the number of agents",
    }
}

/// A part in running text.
pub(super) fn part(part: Part) -> String {
    match part {
        Part::Main(factor) => the(factor).to_owned(),
        Part::Bridge => "the Tokio bridge".to_owned(),
        Part::Pair(a, b) => format!("how {} and {} act together", the(a), the(b)),
        Part::Higher => "how three and more factors act together".to_owned(),
    }
}

/// A part as the label of a row.
pub(super) fn label(part: Part, bridged: bool) -> String {
    match part {
        Part::Main(factor) => factor.name().to_owned(),
        Part::Bridge => "bridge".to_owned(),
        Part::Pair(Factor::Runtime, Factor::Client) if bridged => {
            "runtime × HTTP client, the rest".to_owned()
        }
        Part::Pair(a, b) => format!("{} × {}", a.name(), b.name()),
        Part::Higher => "three and more factors".to_owned(),
    }
}

/// What an effect compares: `smol : tokio-default`, of an interaction both.
pub(super) fn subject(factorial: &Factorial, subject: &Subject) -> String {
    let named = |place: usize, number: usize| {
        factorial
            .crossed
            .get(place)
            .and_then(|(factor, levels)| Some(level(*factor, levels.get(number)?)))
            .unwrap_or_default()
    };
    let of = |factor: Factor, number: usize| {
        let place = factorial.crossed.iter().position(|(there, _)| *there == factor);
        place.map(|place| named(place, number)).unwrap_or_default()
    };
    match subject {
        Subject::Main { factor, level } => {
            format!("{} against {}", named(*factor, *level), named(*factor, 0))
        }
        Subject::Interaction { levels: [(f, l), (g, m)] } => {
            format!("{} with {}", named(*f, *l), named(*g, *m))
        }
        Subject::Bridge { client, arm } => {
            let client = of(Factor::Client, *client);
            match arm {
                Some(arm) => format!("{client} on {}", of(Factor::Runtime, *arm)),
                None => format!("{client} through the bridge against {client} without"),
            }
        }
    }
}
