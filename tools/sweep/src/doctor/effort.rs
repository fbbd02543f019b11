//! How many tokens and rounds fit into the time that is left.

use std::time::Duration;

/// Length and number of the measured streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effort {
    /// Tokens of one stream.
    pub tokens: u32,
    /// Rounds of alone and together by turns, so that a change of the machine hits both.
    pub rounds: u32,
}

/// From what tells most to what still tells something.
const EFFORTS: [Effort; 4] = [
    Effort { tokens: 48, rounds: 3 },
    Effort { tokens: 32, rounds: 2 },
    Effort { tokens: 16, rounds: 2 },
    Effort { tokens: 8, rounds: 1 },
];
/// Streams one after the other, at worst, that the slots of a server take: two rounds of two.
const FOR_SLOTS: u32 = 4;
/// The same for a round on two servers: each alone, then both at half their speed.
const FOR_ROUND: u32 = 4;

/// The largest effort that fits on servers whose first token comes after `first_s` and each further one after `gap_s`; `None`
/// where none does.
pub(super) fn fitting(servers: usize, first_s: f64, gap_s: f64, left: Duration) -> Option<Effort> {
    let seconds = |effort: &Effort| {
        let stream = first_s + f64::from(effort.tokens) * gap_s;
        let rounds = if servers > 1 { FOR_ROUND * effort.rounds } else { 0 };
        stream * (f64::from(FOR_SLOTS) * servers as f64 + f64::from(rounds))
    };
    EFFORTS.into_iter().find(|effort| seconds(effort) <= left.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_tokens_mean_fewer_of_them() {
        let effort =
            |gap_s| fitting(2, 0.5, gap_s, Duration::from_secs(120)).map(|it| (it.tokens, it.rounds));
        assert_eq!(effort(0.01), Some((48, 3)));
        assert_eq!(effort(0.2), Some((32, 2)));
        assert_eq!(effort(0.4), Some((16, 2)));
        assert_eq!(effort(1.0), Some((8, 1)));
        assert_eq!(effort(3.0), None);
    }
}
