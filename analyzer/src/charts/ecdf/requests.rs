//! Quantiles of each request: what the rows of every run hold.

use super::Figure;
use super::sample::{Panel, Sample, source_in_words};
use crate::analysis::{Analysis, Cell};
use crate::report::format;
use std::collections::BTreeSet;
use tandem_records::{Phase, RequestRow};

/// A quantity of a request.
struct Quantity {
    title: &'static str,
    of: fn(&RequestRow) -> Option<u64>,
    is_delay: bool,
}

const QUANTITIES: [Quantity; 4] = [
    Quantity { title: "Delay: each request's median", of: |r| r.delay_p50_ns, is_delay: true },
    Quantity { title: "Delay: each request's p99", of: |r| r.delay_p99_ns, is_delay: true },
    Quantity { title: "Gaps: each request's median", of: |r| r.itl_p50_ns, is_delay: false },
    Quantity { title: "Gaps: each request's p99", of: |r| r.itl_p99_ns, is_delay: false },
];

/// The requests of one arm.
type Requests<'a> = (&'a str, Vec<&'a RequestRow>);

/// The requests of a cell's counted trials; none where no request tells a duration.
pub(super) fn figure<'a>(analysis: &'a Analysis, cell: &'a Cell) -> Option<Figure<'a>> {
    let requests: Vec<Requests> =
        cell.arms.iter().map(|arm| (arm.label.as_str(), ok_requests(analysis, &arm.counted))).collect();
    let panels: Vec<Panel> = QUANTITIES.iter().map(|quantity| panel(quantity, &requests)).collect();
    if panels.iter().all(|panel| panel.samples.is_empty()) {
        return None;
    }
    Some(Figure {
        panels,
        labels: requests.iter().filter(|(_, rows)| !rows.is_empty()).map(|(label, _)| *label).collect(),
        most: requests.iter().map(|(_, rows)| rows.len()).max().unwrap_or(0),
        unit: "request",
        caption: "Look for a curve to the right of the others (its tokens come later) and for one that bends right at \
                  the top (a slow tail). The rows hold the median and the 99th percentile of each request, so a step is \
                  a request of the concurrent phase, not a token.",
    })
}

/// Requests of the concurrent phase that ended well, of the trials at `places`.
fn ok_requests<'a>(analysis: &'a Analysis, places: &[usize]) -> Vec<&'a RequestRow> {
    let trials = places.iter().filter_map(|place| analysis.run.trials.get(*place));
    let rows = trials.flat_map(|trial| &trial.requests);
    rows.filter(|r| r.phase == Phase::Concurrent && r.status.is_ok()).collect()
}

fn panel<'a>(quantity: &Quantity, requests: &[Requests<'a>]) -> Panel<'a> {
    let sample = |(label, rows): &Requests<'a>| {
        Sample::of_values(label, rows.iter().filter_map(|r| (quantity.of)(r)).map(|ns| ns as f64).collect())
    };
    let samples: Vec<Sample> = requests.iter().filter_map(sample).collect();
    let all: usize = requests.iter().map(|(_, rows)| rows.len()).sum();
    let measured: usize = samples.iter().map(Sample::count).sum();
    let missing = (measured < all).then(|| format!("{} of {all} not measured", all - measured));
    let counted = |count| format::plural(count, "request");
    Panel::new(quantity.title, samples, counted, sources(quantity, requests), missing)
}

/// The stamps that the delays are counted from; none for another quantity.
fn sources(quantity: &Quantity, requests: &[Requests]) -> BTreeSet<&'static str> {
    let rows = requests.iter().flat_map(|(_, rows)| rows).filter(|r| (quantity.of)(r).is_some());
    rows.filter(|_| quantity.is_delay).map(|r| source_in_words(r.delay_source)).collect()
}
