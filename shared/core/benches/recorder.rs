//! What recording a token costs, beside the clock alone: two stamps and five bytes of text a token.
//!
//! cargo bench -p tandem-core --bench recorder

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tandem_core::now_ns;
use tandem_core::wire::Recorder;

const TOKENS: usize = 1000;

fn recording(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("recording");
    group.throughput(Throughput::Elements(TOKENS as u64));
    group.bench_function(BenchmarkId::from_parameter("clock_gettime alone"), |bencher| {
        bencher.iter(|| (0..TOKENS).fold(0, |last, _| last ^ black_box(now_ns())));
    });
    group.bench_function(BenchmarkId::from_parameter("on_chunk and on_text"), |bencher| {
        bencher.iter_batched_ref(
            || Recorder::with_capacity(TOKENS),
            |recorder| {
                for _ in 0..TOKENS {
                    recorder.on_chunk(black_box(Some(1)));
                    recorder.on_text(black_box(" word"), black_box(Some(1)));
                }
            },
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, recording);
criterion_main!(benches);
