//! What the requests of a cell say of one quantity, and how much of it a log axis can show.

use crate::report::format;
use std::collections::BTreeSet;
use tandem_records::{DelaySource, RequestRow};

/// A quantity of a request.
pub(super) struct Quantity {
    pub(super) title: &'static str,
    of: fn(&RequestRow) -> Option<u64>,
    is_delay: bool,
}

/// The rows hold two quantiles of each request's tokens, so these and no single tokens are shown.
pub(super) const QUANTITIES: [Quantity; 4] = [
    Quantity { title: "Delay: each request's median", of: |r| r.delay_p50_ns, is_delay: true },
    Quantity { title: "Delay: each request's p99", of: |r| r.delay_p99_ns, is_delay: true },
    Quantity { title: "Gaps: each request's median", of: |r| r.itl_p50_ns, is_delay: false },
    Quantity { title: "Gaps: each request's p99", of: |r| r.itl_p99_ns, is_delay: false },
];

/// The requests of one arm.
pub(super) type Requests<'a> = (&'a str, Vec<&'a RequestRow>);

/// What the requests of one arm say.
pub(super) struct Sample<'a> {
    pub(super) label: &'a str,
    /// Ascending, in ns; at least one.
    pub(super) values: Vec<f64>,
}

impl Sample<'_> {
    /// Values that a log axis has no place for.
    pub(super) fn not_positive(&self) -> usize {
        self.values.partition_point(|v| *v <= 0.0)
    }

    /// The value at which the curve reaches a share, type-1 quantile.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (share * self.values.len() as f64).ceil().max(1.0) as usize;
        self.values.get(rank - 1).copied()
    }
}

/// One quantity of all arms.
pub(super) struct Panel<'a> {
    pub(super) title: &'static str,
    pub(super) samples: Vec<Sample<'a>>,
    /// What is shown of the requests, or why nothing is.
    pub(super) notes: Vec<String>,
    /// Whether the values may stand in one panel and a log axis has a place for any.
    pub(super) is_drawn: bool,
}

impl<'a> Panel<'a> {
    pub(super) fn new(quantity: &Quantity, requests: &[Requests<'a>]) -> Panel<'a> {
        let samples = samples(quantity, requests);
        let all: usize = requests.iter().map(|(_, rows)| rows.len()).sum();
        let measured: usize = samples.iter().map(|sample| sample.values.len()).sum();
        let not_positive: usize = samples.iter().map(Sample::not_positive).sum();
        let sources = sources(quantity, requests);
        let comparable = sources.len() < 2;
        let notes = match (measured, comparable) {
            (0, _) => vec!["not measured".to_owned()],
            (_, false) => sources.into_iter().chain(["not comparable".to_owned()]).collect(),
            _ => {
                let counted = [format::plural(measured, "request")];
                let first: Vec<String> = counted.into_iter().chain(sources).collect();
                let left_out = (not_positive > 0)
                    .then(|| format!("{not_positive} of {measured} at or below 0 not drawn"));
                let missing = (measured < all).then(|| format!("{} of {all} not measured", all - measured));
                [first.join(", ")].into_iter().chain(left_out).chain(missing).collect()
            }
        };
        let is_drawn = comparable && not_positive < measured;
        Panel { title: quantity.title, samples, notes, is_drawn }
    }
}

/// The values of every arm that has one.
fn samples<'a>(quantity: &Quantity, requests: &[Requests<'a>]) -> Vec<Sample<'a>> {
    let sample = |(label, rows): &Requests<'a>| {
        let mut values: Vec<f64> = rows.iter().filter_map(|r| (quantity.of)(r)).map(|ns| ns as f64).collect();
        values.sort_by(f64::total_cmp);
        Sample { label, values }
    };
    requests.iter().map(sample).filter(|sample| !sample.values.is_empty()).collect()
}

/// The stamps that the delays are counted from; none for another quantity.
fn sources(quantity: &Quantity, requests: &[Requests]) -> Vec<String> {
    let rows = requests.iter().flat_map(|(_, rows)| rows).filter(|r| (quantity.of)(r).is_some());
    let name = |r: &&RequestRow| match r.delay_source {
        DelaySource::Sim => "from the server's stamp",
        DelaySource::Kernel => "from the kernel's stamp",
        DelaySource::None => "from an unknown stamp",
    };
    let found: BTreeSet<&str> = rows.filter(|_| quantity.is_delay).map(name).collect();
    found.into_iter().map(str::to_owned).collect()
}
