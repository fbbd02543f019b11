//! What the arms of a cell say of one quantity, and how much of it a log axis can show.

use std::collections::BTreeSet;
use tandem_records::DelaySource;

/// The durations of one arm.
pub(super) struct Sample<'a> {
    pub(super) label: &'a str,
    /// In ns, ascending; at least one.
    pub(super) values: Vec<f64>,
    /// How many durations are at most the value at the same place.
    upto: Vec<usize>,
}

impl<'a> Sample<'a> {
    /// Durations one by one; none of none.
    pub(super) fn of_values(label: &'a str, mut values: Vec<f64>) -> Option<Sample<'a>> {
        values.sort_by(f64::total_cmp);
        Sample::of_counts(label, values.into_iter().map(|value| (value, 1)))
    }

    /// Ascending durations with how often each was met; none of none.
    pub(super) fn of_counts(label: &'a str, counts: impl Iterator<Item = (f64, u64)>) -> Option<Sample<'a>> {
        let mut sum = 0;
        let (values, upto): (Vec<f64>, Vec<usize>) = counts
            .map(|(value, count)| {
                sum += count as usize;
                (value, sum)
            })
            .unzip();
        (sum > 0).then_some(Sample { label, values, upto })
    }

    /// How many durations.
    pub(super) fn count(&self) -> usize {
        self.upto.last().copied().unwrap_or(0)
    }

    /// How many a log axis has no place for.
    pub(super) fn not_positive(&self) -> usize {
        let places = self.values.partition_point(|v| *v <= 0.0);
        places.checked_sub(1).map_or(0, |last| self.upto[last])
    }

    /// The duration of a rank, from 1.
    pub(super) fn at_rank(&self, rank: usize) -> Option<f64> {
        self.values.get(self.upto.partition_point(|upto| *upto < rank)).copied()
    }

    /// The value at which the curve reaches a share, type-1 quantile.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        self.at_rank((share * self.count() as f64).ceil().max(1.0) as usize)
    }
}

/// One quantity of all arms.
pub(super) struct Panel<'a> {
    pub(super) title: &'static str,
    pub(super) samples: Vec<Sample<'a>>,
    /// What is shown of the durations, or why nothing is.
    pub(super) notes: Vec<String>,
    /// Whether the values may stand in one panel and a log axis has a place for any.
    pub(super) is_drawn: bool,
}

impl<'a> Panel<'a> {
    /// A panel of these samples. `counted` says how many durations stand in it; `left_out` whether there are others;
    /// delays from different stamps are not comparable.
    pub(super) fn new(
        title: &'static str,
        samples: Vec<Sample<'a>>,
        counted: impl Fn(usize) -> String,
        sources: BTreeSet<&'static str>,
        left_out: Option<String>,
    ) -> Panel<'a> {
        let measured: usize = samples.iter().map(Sample::count).sum();
        let not_positive: usize = samples.iter().map(Sample::not_positive).sum();
        let comparable = sources.len() < 2;
        let sources = sources.into_iter().map(str::to_owned);
        let notes = match (measured, comparable) {
            (0, _) => vec!["not measured".to_owned()],
            (_, false) => sources.chain(["not comparable".to_owned()]).collect(),
            _ => {
                let first: Vec<String> = [counted(measured)].into_iter().chain(sources).collect();
                let not_drawn = (not_positive > 0)
                    .then(|| format!("{not_positive} of {measured} at or below 0 not drawn"));
                [first.join(", ")].into_iter().chain(not_drawn).chain(left_out).collect()
            }
        };
        let is_drawn = comparable && not_positive < measured;
        Panel { title, samples, notes, is_drawn }
    }
}

/// What delays from this stamp are counted from, in words.
pub(super) fn source_in_words(source: DelaySource) -> &'static str {
    match source {
        DelaySource::Sim => "from the server's stamp",
        DelaySource::Kernel => "from the kernel's stamp",
        DelaySource::None => "from an unknown stamp",
    }
}
