//! How fast a real server answers, and how long a trial will take on it.

use super::slots::Slots;
use super::stream::{Question, Stream};
use crate::estimate::soloists;
use crate::plan::Cell;
use std::time::Duration;
use tandem_records::{Api, Cache, Endpoint, Role};

/// A process with its runtime, and the driver's questions to the servers around it.
const PROCESS_S: f64 = 0.1;
/// Tokens of warm-up and priming responses.
const SHORT_TOKENS: f64 = 2.0;

/// How fast a server answered requests of one kind.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Speed {
    pub api: Api,
    pub endpoint: Endpoint,
    /// From the request to the first piece, in seconds.
    pub first_s: f64,
    /// Seconds a token.
    pub token_s: f64,
}

impl Speed {
    pub fn of(question: &Question, stream: &Stream) -> Speed {
        let (pieces, tokens) = (stream.pieces as f64, stream.tokens as f64);
        // Where all came in one piece, its tokens share the time until then.
        let token_s = if stream.pieces > 1 {
            stream.length_s() / (pieces - 1.0) * pieces / tokens.max(1.0)
        } else {
            stream.first_s() / tokens.max(1.0)
        };
        Speed { api: question.api, endpoint: question.endpoint, first_s: stream.first_s(), token_s }
    }

    /// The slower of two in each respect.
    pub fn slower(self, other: &Speed) -> Speed {
        Speed { first_s: self.first_s.max(other.first_s), token_s: self.token_s.max(other.token_s), ..self }
    }
}

/// Expected time of a trial on servers of this speed and these slots: agents of one server beyond its slots wait.
pub(super) fn trial_time(cell: &Cell, speed: &Speed, slots: Option<Slots>) -> Duration {
    let alone = |tokens: f64| speed.first_s + tokens * speed.token_s;
    let collector = cell.tokens.first().copied().map_or(0.0, f64::from);
    let insight = cell.tokens.last().copied().map_or(0.0, f64::from);
    let of = |role| if role == Role::Collector { collector } else { insight };
    let (agents, permits) = (cell.agents_per_server(), cell.permits().div_ceil(cell.servers.max(1)));
    let at_once = agents.min(permits).min(slots.map_or(agents, |slots| slots.streams)).max(1);
    // While several streams share a server, each is slower.
    let slowed = slots.and_then(|slots| slots.gap_s).map_or(speed.token_s, |gap_s| gap_s.max(speed.token_s));
    let token_s = if at_once > 1 { slowed } else { speed.token_s };
    let waves = f64::from(agents.div_ceil(at_once));
    let together = |tokens: f64| waves * (speed.first_s * f64::from(at_once) + tokens * token_s);
    let solos: f64 = soloists(cell).into_iter().map(|role| alone(of(role))).sum();
    let primed = if cell.cache() == Cache::Warm {
        f64::from(cell.agents + soloists(cell).len() as u32) * alone(SHORT_TOKENS)
    } else {
        0.0
    };
    let calls = f64::from(cell.calls()) * (together(SHORT_TOKENS) + solos + together(collector.max(insight)));
    Duration::from_secs_f64(PROCESS_S + primed + calls) + cell.starts_span()
}
