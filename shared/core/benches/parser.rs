//! One piece of a stream: a token line of Ollama recognised, parsed into the typed record, parsed into a `serde_json::Value`; an event of
//! OpenAI read by the decoder, beside a `serde_json::Value`.
//!
//! cargo bench -p tandem-core --bench parser

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tandem_core::wire::{Decoder, Recorder, read_ollama_line, read_ollama_line_typed};
use tandem_records::Api;

const LINES: [(&str, &str); 4] = [
    (
        "generate",
        r#"{"model":"llama3.2:3b","created_at":"2026-05-04T10:27:08.535671634Z","response":" token","done":false}"#,
    ),
    (
        "generate with stamp",
        r#"{"model":"llama3.2:3b","created_at":"2026-05-04T10:27:08.535671634Z","response":" token","done":false,"sim_write_ns":123456789012345}"#,
    ),
    (
        "generate with escapes",
        r#"{"model":"llama3.2:3b","created_at":"2026-05-04T10:27:08.535671634Z","response":"\n\u003cli\u003e","done":false}"#,
    ),
    (
        "chat",
        r#"{"model":"llama3.2:3b","created_at":"2026-05-04T10:27:08.535671634Z","message":{"role":"assistant","content":" token"},"done":false}"#,
    ),
];

const EVENT: &str = "data: {\"id\":\"chatcmpl-590\",\"object\":\"chat.completion.chunk\",\"created\":1796091508,\"model\":\"small\",\"system_fingerprint\":\"fp_ollama\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\" token\"},\"finish_reason\":null}]}\n\n";

/// Lines read into one recorder, whose memory is taken beforehand as in a trial.
const TOKENS: usize = 1000;

fn token_line(criterion: &mut Criterion) {
    for (name, line) in LINES {
        let line = line.as_bytes();
        let mut group = criterion.benchmark_group(format!("token line, {name}"));
        group.throughput(Throughput::Elements(TOKENS as u64));
        for (reader, read) in [
            ("recognised", read_ollama_line as fn(&[u8], &mut Recorder) -> _),
            ("typed", read_ollama_line_typed),
        ] {
            group.bench_function(BenchmarkId::from_parameter(reader), |bencher| {
                bencher.iter_batched_ref(
                    || Recorder::with_capacity(TOKENS),
                    |recorder| (0..TOKENS).try_for_each(|_| read(black_box(line), recorder)),
                    BatchSize::SmallInput,
                );
            });
        }
        group.bench_function(BenchmarkId::from_parameter("serde_json::Value"), |bencher| {
            bencher.iter(|| {
                for _ in 0..TOKENS {
                    black_box(serde_json::from_slice::<serde_json::Value>(black_box(line)).ok());
                }
            });
        });
        group.finish();
    }
}

fn event(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("event");
    group.throughput(Throughput::Elements(TOKENS as u64));
    group.bench_function("decoder", |bencher| {
        bencher.iter_batched_ref(
            || (Decoder::new(Api::Openai), Recorder::with_capacity(TOKENS)),
            |(decoder, recorder)| {
                (0..TOKENS).try_for_each(|_| decoder.push(black_box(EVENT.as_bytes()), recorder).map(drop))
            },
            BatchSize::SmallInput,
        );
    });
    let object = EVENT.trim_start_matches("data: ").trim_end().as_bytes();
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| {
            for _ in 0..TOKENS {
                black_box(serde_json::from_slice::<serde_json::Value>(black_box(object)).ok());
            }
        });
    });
    group.finish();
}

criterion_group!(benches, token_line, event);
criterion_main!(benches);
