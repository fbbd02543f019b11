//! The lean client's chunk decoder, beside a search for line ends through the same bytes: the least that any reader of a
//! stream must do.
//!
//! cargo bench -p tandem-core --bench chunked

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tandem_core::bench::{Body, Step};

const CHUNKS: usize = 1000;

/// A whole body of chunks of `size` bytes.
fn chunks(size: usize) -> Vec<u8> {
    let chunk = format!("{size:x}\r\n{}\n\r\n", "x".repeat(size - 1));
    (chunk.repeat(CHUNKS) + "0\r\n\r\n").into_bytes()
}

/// Bytes of the body.
fn decode(mut bytes: &[u8]) -> usize {
    let mut body = Body::chunked();
    let mut total = 0;
    loop {
        match body.step(bytes) {
            Ok(Step::Data { skip, length }) => {
                total += black_box(&bytes[skip..skip + length]).len();
                bytes = &bytes[skip + length..];
            }
            Ok(Step::More { .. } | Step::End { .. }) | Err(_) => return total,
        }
    }
}

fn chunked_coding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chunked coding");
    // A token and a coalesced write of 64. The data is not touched: what is timed is the framing, chunk by chunk.
    for size in [100, 6400] {
        let bytes = chunks(size);
        assert_eq!(decode(&bytes), size * CHUNKS, "the benchmark decodes everything");
        group.throughput(Throughput::Elements(CHUNKS as u64));
        group.bench_with_input(BenchmarkId::new("decoded", size), &bytes, |bencher, bytes| {
            bencher.iter(|| decode(black_box(bytes)));
        });
        group.bench_with_input(BenchmarkId::new("searched for line ends", size), &bytes, |bencher, bytes| {
            bencher.iter(|| memchr::memchr_iter(b'\n', black_box(bytes)).count());
        });
    }
    group.finish();
}

criterion_group!(benches, chunked_coding);
criterion_main!(benches);
