//! Reading and summarising 100,000 rows; beside polars and duckdb: tools/bench/csv_summary.py.

use analyzer::columns::{self, Selection};
use analyzer::summary::summarise;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;

const ROWS: u64 = 100_000;

/// Rows as a run's trials have them, 60 cells of 4 arms in mixed order; `quote` stands around one cell of each row.
fn write(path: &Path, quote: &str) {
    let row = |i: u64| {
        let mixed = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let (cell, arm, value) = (mixed % 60, mixed / 60 % 4, mixed as f64 / 1000.0);
        format!(
            "20260101-000000-quick,agents-{cell:02}-native,{quote}arm-{arm}{quote},{i},ok,{value:.3},0.998877\n"
        )
    };
    let text: String = (0..ROWS).map(row).collect();
    std::fs::write(path, format!("run,cell,arm,trial,status,value_ns,share\n{text}"))
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
}

fn summary_of_a_file(c: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("temporary folder: {e}"));
    let owned = |name: &str| name.to_owned();
    let selection = Selection {
        value: owned("value_ns"),
        group: Some(owned("arm")),
        block: None,
        by: vec![owned("cell")],
    };
    let mut group = c.benchmark_group("csv_summary");
    group.sample_size(20).throughput(Throughput::Elements(ROWS));
    for (name, quote) in [("plain", ""), ("quoted", "\"")] {
        let path = folder.path().join(name);
        write(&path, quote);
        group.bench_with_input(BenchmarkId::from_parameter(name), &path, |b, path| {
            b.iter(|| columns::read(path, &selection).map(|columns| summarise(columns, &selection)));
        });
    }
    group.finish();
}

criterion_group!(benches, summary_of_a_file);
criterion_main!(benches);
