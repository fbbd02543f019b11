//! Times bootstrap intervals on request, so that another program can take turns with it in one run:
//! `tools/bench/bootstrap_scipy.py` does.
//!
//! One line in, one line out. In: number of threads, number of resamples, then the values. Out: seconds taken by the
//! percentile and the BCa interval (95 %) together, then the ends of the BCa interval.

use std::io::stdin;
use std::num::NonZeroUsize;
use std::time::Instant;

use analyzer::stats::bootstrap::{Resampling, percentile_and_bca_on};
use anyhow::Context;
use tandem_records::output;

fn main() -> anyhow::Result<()> {
    for line in stdin().lines() {
        let line = line?;
        let mut words = line.split_whitespace();
        let threads: NonZeroUsize = words.next().context("the number of threads is missing")?.parse()?;
        let resamples = words.next().context("the number of resamples is missing")?.parse()?;
        let values = words.map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let resampling = Resampling { resamples, ..Resampling::default() };
        let start = Instant::now();
        let found = percentile_and_bca_on(threads, &values, 0.95, resampling)?;
        let seconds = start.elapsed().as_secs_f64();
        let bca = found.and_then(|found| found.bca).context("these values have no interval")?;
        output::print(&format!("{seconds} {} {}\n", bca.lo, bca.hi))?;
    }
    Ok(())
}
