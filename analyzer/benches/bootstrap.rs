//! Bootstrap intervals of the mean, 10,000 resamples on the threads that the library chooses.
//!
//! cargo bench -p analyzer --bench bootstrap

use std::hint::black_box;

use analyzer::stats::bootstrap::{Resampling, bootstrap_t, percentile_and_bca};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const LEVEL: f64 = 0.95;

fn intervals_of_the_mean(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("bootstrap");
    group.sample_size(30);
    for n in [20, 1000] {
        // Any values without ties will do: no branch depends on them.
        let values: Vec<f64> = (0..n).map(|i| f64::from(i).sin()).collect();
        group.bench_with_input(BenchmarkId::new("percentile and BCa", n), &values, |bencher, values| {
            bencher.iter(|| percentile_and_bca(black_box(values), LEVEL, Resampling::default()));
        });
        group.bench_with_input(BenchmarkId::new("bootstrap-t", n), &values, |bencher, values| {
            bencher.iter(|| bootstrap_t(black_box(values), LEVEL, Resampling::default()));
        });
    }
}

criterion_group!(benches, intervals_of_the_mean);
criterion_main!(benches);
