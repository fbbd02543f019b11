//! Conditions: which requests a fault strikes, and where in the answer.

use crate::key::mix;
use std::fmt::{self, Display};
use std::str::FromStr;

/// The conditions with what they mean, for the help.
pub(super) const CONDITIONS: [(&str, &str); 6] = [
    (
        "request=N",
        "only the Nth request for tokens, from 1, since the start or the last reset; with port=I of that port",
    ),
    ("token=N", "when N tokens of the answer are written"),
    ("p=SHARE", "that share of the requests, by the request's own key: the same request has the same fate"),
    ("from=MS", "from so many milliseconds after the start"),
    ("until=MS", "until then"),
    ("port=I", "only requests to that port, from 0 in the order of --listen"),
];

/// All of these must hold; what is absent always does.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct When {
    /// Number of the request, from 1.
    pub request: Option<u64>,
    /// Tokens of the answer before it strikes.
    pub token: Option<u32>,
    /// Share of the requests, 0 to 1.
    pub share: Option<f64>,
    /// Beginning in milliseconds since the start.
    pub from_ms: Option<u64>,
    /// End in milliseconds since the start.
    pub until_ms: Option<u64>,
    /// Port by its number, from 0.
    pub port: Option<usize>,
}

/// What is known of a request when its fate is decided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// Its number over all ports and on its own, from 1.
    pub number: u64,
    pub number_on_port: u64,
    pub port: usize,
    pub key: u64,
    /// Milliseconds since the start.
    pub at_ms: u64,
}

impl When {
    pub(super) fn read(text: &str) -> Result<When, String> {
        let mut when = When::default();
        for condition in text.split(',').filter(|condition| !condition.is_empty()) {
            let (name, value) = condition.split_once('=').unwrap_or((condition, ""));
            match name {
                "request" => when.request = Some(number(condition, value, 1)?),
                "token" => when.token = Some(number(condition, value, 0)?),
                "p" => {
                    let share = value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
                    when.share = Some(share.ok_or_else(|| format!("{condition}: use a share from 0 to 1"))?);
                }
                "from" => when.from_ms = Some(number(condition, value, 0)?),
                "until" => when.until_ms = Some(number(condition, value, 0)?),
                "port" => when.port = Some(number(condition, value, 0)?),
                _ => {
                    return Err(format!(
                        "no condition is called {name:?}; conditions: request, token, p, from, until, port"
                    ));
                }
            }
        }
        match (when.from_ms, when.until_ms) {
            (Some(from), Some(until)) if from >= until => {
                Err(format!("from={from} is not before until={until}"))
            }
            _ => Ok(when),
        }
    }

    /// Whether the request is struck; `salt` tells two faults of the same share apart.
    pub(super) fn holds(&self, facts: &Facts, salt: u64) -> bool {
        let number = if self.port.is_some() { facts.number_on_port } else { facts.number };
        self.request.is_none_or(|wanted| wanted == number)
            && self.port.is_none_or(|wanted| wanted == facts.port)
            && self.is_in_time(facts.at_ms)
            && self.share.is_none_or(|share| unit(mix(facts.key ^ mix(salt))) < share)
    }

    /// Whether its time has come and not gone.
    pub(super) fn is_in_time(&self, at_ms: u64) -> bool {
        self.from_ms.is_none_or(|from| at_ms >= from) && self.until_ms.is_none_or(|until| at_ms < until)
    }
}

impl Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |name: &str, value: Option<String>| value.map(|value| format!("{name}={value}"));
        let all = [
            shown("request", self.request.map(|n| n.to_string())),
            shown("token", self.token.map(|n| n.to_string())),
            shown("p", self.share.map(|share| share.to_string())),
            shown("from", self.from_ms.map(|ms| ms.to_string())),
            shown("until", self.until_ms.map(|ms| ms.to_string())),
            shown("port", self.port.map(|n| n.to_string())),
        ];
        let all: Vec<String> = all.into_iter().flatten().collect();
        if all.is_empty() { Ok(()) } else { write!(f, "@{}", all.join(",")) }
    }
}

fn number<T: FromStr + PartialOrd + From<u8> + Copy>(
    condition: &str,
    value: &str,
    least: u8,
) -> Result<T, String> {
    let number = value.parse().ok().filter(|number: &T| *number >= T::from(least));
    number.ok_or_else(|| format!("{condition}: use a whole number from {least}"))
}

/// Bits to [0, 1).
fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(number: u64, port: usize, key: u64, at_ms: u64) -> Facts {
        Facts { number, number_on_port: number / 2, port, key, at_ms }
    }

    #[test]
    fn all_conditions_must_hold() {
        let when = When::read("request=4,port=1,from=10,until=20").unwrap();
        assert!(when.holds(&facts(8, 1, 0, 10), 0), "the fourth of its port");
        for other in [facts(4, 1, 0, 10), facts(8, 0, 0, 10), facts(8, 1, 0, 9), facts(8, 1, 0, 20)] {
            assert!(!when.holds(&other, 0), "{other:?}");
        }
        assert!(When::default().holds(&facts(1, 0, 0, 0), 0));
    }

    #[test]
    fn a_share_strikes_that_part_of_the_keys_and_always_the_same() {
        let when = When::read("p=0.25").unwrap();
        let struck = |salt| {
            (0..10_000u64).filter(|key| when.holds(&facts(1, 0, mix(*key), 0), salt)).collect::<Vec<_>>()
        };
        assert!((2300..2700).contains(&struck(0).len()), "{}", struck(0).len());
        assert_eq!(struck(0), struck(0));
        assert_ne!(struck(0), struck(1));
    }
}
