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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;
    use crate::plan::{Overrides, cells, parse_plan};

    fn cell(agents: u32, cache: &str) -> Cell {
        let plan = format!(
            r#"description = "d"
blocks = 1
seed = 7
baseline = "arm-a"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "s"
arms = ["arm-a"]
client = "hyper"
agents = {agents}
workload = "stream"
scenario = "chimera_homo"
tokens = 100
cache = "{cache}""#
        );
        let target = Target::parse("http://127.0.0.1:1,http://127.0.0.1:2", None).unwrap();
        cells(&parse_plan("p", &plan).unwrap(), &target, Overrides::default()).unwrap().remove(0)
    }

    #[test]
    fn agents_beyond_the_slots_of_a_server_wait_and_streams_at_once_are_slower() {
        let (api, endpoint) = (Api::Ollama, Endpoint::Generate);
        let speed = Speed { api, endpoint, first_s: 1.0, token_s: 0.1 };
        let slots = |streams, gap_s| Some(Slots { streams, gap_s: Some(gap_s) });
        // An agent alone takes 1 + 100 * 0.1 = 11 s, its warm-up 1.2 s.
        for (agents, cache, slots, wanted_s) in [
            (2, "cold", None, 1.2 + 2.0 * 11.0 + 11.0),
            (2, "warm", None, 1.2 + 2.0 * 11.0 + 11.0 + 4.0 * 1.2),
            // Two agents of each server, one after the other; one of each server and role runs alone, which are two.
            (4, "cold", slots(1, 0.1), 2.0 * 1.2 + 2.0 * 11.0 + 2.0 * 11.0),
            (4, "cold", slots(2, 0.15), (2.0 + 0.3) + 2.0 * 11.0 + (2.0 + 15.0)),
        ] {
            let seconds = trial_time(&cell(agents, cache), &speed, slots).as_secs_f64() - PROCESS_S;
            assert!(
                (seconds - wanted_s).abs() < 1e-6,
                "{agents} {cache} {slots:?}: {seconds}, not {wanted_s}"
            );
        }
    }

    #[test]
    fn a_piece_may_hold_several_tokens() {
        let question = |limit| Question {
            url: String::new(),
            api: Api::Openai,
            endpoint: Endpoint::Chat,
            model: "m".into(),
            options: tandem_records::RequestOptions::new(),
            leave_out: Vec::new(),
            limit,
        };
        let stream = |pieces, tokens| Stream {
            sent_ns: 0,
            first_ns: 500_000_000,
            last_ns: 800_000_000,
            pieces,
            tokens,
            done_reason: String::new(),
            is_cut: false,
        };
        let token_s = |pieces, tokens| Speed::of(&question(None), &stream(pieces, tokens)).token_s;
        assert!((token_s(4, 4) - 0.1).abs() < 1e-9, "three gaps of 0.1 s");
        assert!((token_s(4, 16) - 0.025).abs() < 1e-9, "four tokens in each");
        assert!((token_s(1, 10) - 0.05).abs() < 1e-9, "all in one");
    }
}
