//! Time of a whole report, from the files of a run to its page and charts, by the number of trials: many cells of 20 blocks,
//! or one cell of many blocks. `cargo bench -p analyzer --bench report`.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot run has no result")]

#[allow(dead_code, reason = "the tests change their runs, the benchmark does not")]
#[path = "../tests/common/mod.rs"]
mod common;

use analyzer::report::{ReportRequest, report};
use common::{ARMS, RUN_ID, Recipe, Synthetic};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use std::path::Path;
use std::time::Duration;
use tandem_records::Client;

const TRIALS: [usize; 3] = [1_000, 10_000, 30_000];
const BLOCKS: usize = 20;

/// A run of at least `trials` trials with two agents each, in cells of 20 blocks.
fn wide(trials: usize) -> Recipe {
    let cells = trials.div_ceil(BLOCKS * ARMS.len());
    // Names live as long as the program, as a recipe wants them.
    let name = |cell: usize| -> &'static str { format!("set-{cell:03}").leak() };
    Recipe {
        blocks: BLOCKS as u32,
        sets: (0..cells).map(|cell| (name(cell), Client::Hyper)).collect(),
        ..Recipe::default()
    }
}

/// A run of at least `trials` trials with two agents each, in one cell.
fn deep(trials: usize) -> Recipe {
    Recipe { blocks: trials.div_ceil(ARMS.len()) as u32, ..Recipe::default() }
}

fn request(runs: &Path, out: &Path) -> ReportRequest {
    ReportRequest {
        named: Some(RUN_ID.into()),
        runs: runs.into(),
        out: out.into(),
        baseline: None,
        margin: None,
        seed: None,
        slo_ttft_ms: None,
        slo_itl_ms: None,
        hypotheses: None,
        command: None,
    }
}

fn reports(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report");
    group.sample_size(10).warm_up_time(Duration::from_millis(1)).measurement_time(Duration::from_secs(1));
    for (shape, recipe) in [("20 blocks", wide as fn(usize) -> Recipe), ("one cell", deep)] {
        for trials in TRIALS {
            let folder = tempfile::tempdir().unwrap();
            Synthetic::make(&recipe(trials)).write(folder.path());
            let request = request(folder.path(), &folder.path().join("reports"));
            group.bench_function(BenchmarkId::new(shape, trials), |bencher| {
                bencher.iter(|| report(&request).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, reports);
criterion_main!(benches);
