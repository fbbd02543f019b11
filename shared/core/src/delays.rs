//! Client-added delay: how much later than its reference stamp agent code saw a token.

use crate::exchange::Exchange;
use crate::quantile::type7;
use crate::wire::Piece;
use tandem_records::{DelaySource, Delays};

/// What delays may be counted from, the best first.
const SOURCES: [DelaySource; 2] = [DelaySource::Sim, DelaySource::Kernel];

/// The stamp of this source that a token's delay is counted from.
fn reference_ns(token: &Piece, source: DelaySource) -> Option<u64> {
    let stamp = match source {
        DelaySource::Sim => token.written_ns,
        DelaySource::Kernel => token.received_ns,
        DelaySource::None => None,
    };
    stamp.map(|ns| ns.get())
}

/// The best source that every token has. A reference for some tokens only would describe another set of tokens than
/// the other columns do.
fn source_of(tokens: &[Piece]) -> DelaySource {
    let everywhere = |source: &DelaySource| tokens.iter().all(|token| reference_ns(token, *source).is_some());
    SOURCES.into_iter().find(everywhere).filter(|_| !tokens.is_empty()).unwrap_or(DelaySource::None)
}

/// The delays of tokens that all have this source, in their order.
fn delays(tokens: &[Piece], source: DelaySource) -> impl Iterator<Item = u64> {
    tokens.iter().filter_map(move |token| Some(token.seen_ns.saturating_sub(reference_ns(token, source)?)))
}

/// How far each gap that the agent saw is from that between the reference stamps: |(seen_k - seen_(k-1)) -
/// (reference_k - reference_(k-1))| for k >= 1.
fn gap_errors(tokens: &[Piece], source: DelaySource) -> impl Iterator<Item = u64> {
    // A server's stamp may be any number: 65 bits hold the difference of two.
    let late =
        move |token: &Piece| Some(i128::from(token.seen_ns) - i128::from(reference_ns(token, source)?));
    tokens.windows(2).filter_map(move |pair| {
        let error = late(&pair[1])? - late(&pair[0])?;
        Some(u64::try_from(error.unsigned_abs()).unwrap_or(u64::MAX))
    })
}

/// The exact quantiles of delays in any order; nothing of none.
fn quantiles(mut delays: Vec<u64>, source: DelaySource) -> Delays {
    if delays.is_empty() {
        return Delays::default();
    }
    delays.sort_unstable();
    Delays {
        tokens: Some(delays.len() as u64),
        p50_ns: type7(&delays, 0.5),
        p90_ns: type7(&delays, 0.9),
        p99_ns: type7(&delays, 0.99),
        p999_ns: type7(&delays, 0.999),
        max_ns: delays.last().copied(),
        gap_error_p99_ns: None,
        source,
    }
}

/// The delays of one response.
pub(crate) fn of_response(tokens: &[Piece]) -> Delays {
    let source = source_of(tokens);
    quantiles(delays(tokens, source).collect(), source)
}

/// The delay of each token of a response; none where its source is unknown.
pub(crate) fn each(tokens: &[Piece]) -> impl Iterator<Item = u64> {
    delays(tokens, source_of(tokens))
}

/// The delays of a phase: those of all its tokens, never quantiles of quantiles.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    delays: Vec<u64>,
    gap_errors: Vec<u64>,
    source: Option<DelaySource>,
    /// Whether some response lacks the source of the others.
    broken: bool,
}

impl Pool {
    /// Adds a response that ended well; one that did not has other tokens than its row can say.
    pub fn add(&mut self, exchange: &Exchange) {
        if exchange.error.is_none() {
            self.add_tokens(&exchange.recorder.pieces);
        }
    }

    fn add_tokens(&mut self, tokens: &[Piece]) {
        let source = source_of(tokens);
        self.broken |= *self.source.get_or_insert(source) != source || source == DelaySource::None;
        if self.broken {
            (self.delays, self.gap_errors) = (Vec::new(), Vec::new());
            return;
        }
        self.delays.extend(delays(tokens, source));
        self.gap_errors.extend(gap_errors(tokens, source));
    }

    /// The exact quantiles over all tokens; nothing where one of them has no reference.
    pub fn delays(mut self) -> Delays {
        self.gap_errors.sort_unstable();
        Delays {
            gap_error_p99_ns: type7(&self.gap_errors, 0.99),
            ..quantiles(self.delays, self.source.unwrap_or(DelaySource::None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::num::NonZeroU64;

    fn token(seen_ns: u64, written: u64, received: u64) -> Piece {
        Piece { seen_ns, written_ns: NonZeroU64::new(written), received_ns: NonZeroU64::new(received) }
    }

    /// Tokens 1 ms apart as the server wrote them, each seen after its delay.
    fn response(delays: &[u64]) -> Vec<Piece> {
        let at = |k: usize| 1_000_000 * (k as u64 + 1);
        delays.iter().enumerate().map(|(k, delay)| token(at(k) + delay, at(k), 0)).collect()
    }

    fn pooled(responses: &[Vec<Piece>]) -> Delays {
        let mut pool = Pool::default();
        responses.iter().for_each(|tokens| pool.add_tokens(tokens));
        pool.delays()
    }

    #[test]
    fn quantiles_are_those_of_r_over_all_tokens_of_all_agents() {
        // R 4: d <- c(1:40, (1:60)^2); quantile(d, c(.5, .9, .99, .999), type = 7) = 110.5 2510.1 3482.19 3588.219
        let (a, b): (Vec<u64>, Vec<u64>) = ((1..=40).collect(), (1..=60).map(|k| k * k).collect());
        let found = pooled(&[response(&a), response(&b)]);
        let wanted = (Some(100), Some(111), Some(2510), Some(3482), Some(3588), Some(3600));
        assert_eq!(
            (found.tokens, found.p50_ns, found.p90_ns, found.p99_ns, found.p999_ns, found.max_ns),
            wanted
        );
        assert_eq!(found.source, DelaySource::Sim);
        // The mean of the two agents' own medians is another number.
        let own = |tokens: &[u64]| of_response(&response(tokens)).p50_ns.unwrap();
        assert_ne!((own(&a) + own(&b)) / 2, found.p50_ns.unwrap());
    }

    #[test]
    fn a_gap_error_is_the_change_of_the_delay_within_a_response() {
        // Changes 300 and 200; between two responses there is no gap.
        let found = pooled(&[response(&[500, 200]), response(&[9000, 9200])]);
        assert_eq!(found.gap_error_p99_ns, Some(299));
        assert_eq!(pooled(&[response(&[500])]).gap_error_p99_ns, None);
        // A stamp can be anything that a server likes to send.
        let hostile = [token(u64::MAX, 1, 0), token(1, u64::MAX, 0)];
        assert_eq!(pooled(&[hostile.to_vec()]).gap_error_p99_ns, Some(u64::MAX));
    }

    #[test]
    fn one_token_without_a_reference_leaves_nothing() {
        let without = vec![token(9, 5, 0), token(10, 0, 0)];
        assert_eq!(of_response(&without), Delays::default());
        for responses in
            [vec![response(&[1, 2]), without.clone()], vec![without, response(&[1, 2])], vec![], vec![vec![]]]
        {
            let found = pooled(&responses);
            assert_eq!(
                (found.tokens, found.p50_ns, found.gap_error_p99_ns),
                (None, None, None),
                "{responses:?}"
            );
            assert_eq!(found.source, DelaySource::None, "{responses:?}");
        }
    }

    #[test]
    fn the_kernels_stamp_stands_in_where_the_server_sends_none() {
        let (both, kernel) = (vec![token(90, 50, 70)], vec![token(90, 0, 70)]);
        let found = |tokens: &[Piece]| (of_response(tokens).max_ns, of_response(tokens).source);
        assert_eq!(found(&both), (Some(40), DelaySource::Sim));
        assert_eq!(found(&kernel), (Some(20), DelaySource::Kernel));
        // Two reference points are two quantities.
        assert_eq!(pooled(&[both, kernel]).p50_ns, None);
    }

    proptest! {
        #[test]
        fn pooled_quantiles_are_those_of_the_concatenation(
            agents in proptest::collection::vec(proptest::collection::vec(0u64..10_000_000, 1..40), 1..12),
        ) {
            let responses: Vec<Vec<Piece>> = agents.iter().map(|delays| response(delays)).collect();
            let found = pooled(&responses);
            let mut all: Vec<u64> = agents.concat();
            all.sort_unstable();
            let mut gaps: Vec<u64> =
                agents.iter().flat_map(|d| d.windows(2).map(|p| p[1].abs_diff(p[0]))).collect();
            gaps.sort_unstable();
            prop_assert_eq!(found, Delays {
                tokens: Some(all.len() as u64),
                p50_ns: type7(&all, 0.5),
                p90_ns: type7(&all, 0.9),
                p99_ns: type7(&all, 0.99),
                p999_ns: type7(&all, 0.999),
                max_ns: all.last().copied(),
                gap_error_p99_ns: type7(&gaps, 0.99),
                source: DelaySource::Sim,
            });
        }
    }
}
