//! When a token is due: computed for every token of every stream, so it has to be nothing beside a write.
//!
//! cargo bench -p ollama-sim

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ollama_sim::Pacing;
use ollama_sim::schedule::Schedule;
use std::hint::black_box;

const TOKENS: u32 = 1000;

fn token_due(criterion: &mut Criterion) {
    let pacing =
        Pacing { ttft_ns: 40_000_000, itl_ns: 20_000_000, jitter: 0.25, tokens: TOKENS, length_spread: 0.0 };
    let schedule = Schedule::new(&pacing, 115, TOKENS);
    let mut group = criterion.benchmark_group("schedule");
    group.throughput(Throughput::Elements(u64::from(TOKENS)));
    group.bench_function("token_due", |bencher| {
        bencher.iter(|| (0..TOKENS).fold(0, |last, k| last ^ black_box(&schedule).token_due(black_box(k))));
    });
    group.finish();
}

criterion_group!(benches, token_due);
criterion_main!(benches);
