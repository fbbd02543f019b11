//! The order of a run: randomised complete blocks, a pure function of plan and seed.

use crate::plan::Cell;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::path::Path;
use std::sync::Arc;
use tandem_records::{Arrivals, PhaseOrder, PlanRow, SCHEMA_VERSION, TrialSpec, Workload};
use xxhash_rust::xxh3::Xxh3;

/// Suffix of the A/A arm's label.
pub const AA_SUFFIX: &str = "#2";
/// Folder in a run's folder that keeps the agents' reports.
pub(crate) const REPORTS_FOLDER: &str = "agents";

/// One trial of the plan with its place in the run.
#[derive(Debug, Clone)]
pub struct PlannedTrial {
    /// Its line in plan.csv.
    pub row: PlanRow,
    /// Its cell.
    pub cell: Arc<Cell>,
}

/// The trials in run order: block by block the cells shuffled, inside each the arms shuffled. Every cell holds
/// the baseline a second time, under the label `<baseline>#2`, and the floor where it has one.
pub fn schedule(cells: &[Cell], baseline: &str, seed: u64, run_id: &str) -> Vec<PlannedTrial> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let cells: Vec<Arc<Cell>> = cells.iter().cloned().map(Arc::new).collect();
    let last_block = cells.iter().map(|cell| cell.blocks).max().unwrap_or(0);
    let mut trials = Vec::new();
    for block in 0..last_block {
        let mut present: Vec<&Arc<Cell>> = cells.iter().filter(|cell| block < cell.blocks).collect();
        present.shuffle(&mut random);
        for cell in present {
            let mut arms: Vec<(String, &str)> =
                cell.set.arms.iter().map(|arm| (arm.clone(), arm.as_str())).collect();
            arms.push((format!("{baseline}{AA_SUFFIX}"), baseline));
            arms.extend(cell.floor.as_ref().map(|floor| (floor.clone(), floor.as_str())));
            arms.shuffle(&mut random);
            for (position, (label, arm)) in (0..).zip(arms) {
                let place = Place { trial: trials.len() as u32, block, position };
                let row = PlanRow { arm: label, ..plan_row(cell, run_id, place, arm, seed) };
                trials.push(PlannedTrial { row, cell: cell.clone() });
            }
        }
    }
    trials
}

/// Seed of the work of a block's cell, shared by its arms. 53 bits, so that every reader of CSV keeps it exactly.
fn work_seed(seed: u64, cell: &str, block: u32) -> u64 {
    let mut hash = Xxh3::with_seed(seed);
    hash.update(cell.as_bytes());
    hash.update(&block.to_le_bytes());
    hash.digest() >> 11
}

/// Where a trial stands in the run.
struct Place {
    trial: u32,
    block: u32,
    position: u32,
}

fn plan_row(cell: &Cell, run_id: &str, place: Place, arm: &str, seed: u64) -> PlanRow {
    let Place { trial, block, position } = place;
    let is_micro = cell.set.workload.is_micro();
    PlanRow {
        schema_version: SCHEMA_VERSION,
        run_id: run_id.to_string(),
        trial,
        block,
        position,
        cell: cell.name.clone(),
        set: cell.set.name.clone(),
        arm: arm.to_string(),
        runtime: arm.to_string(),
        client: cell.client_of(arm),
        read_cap_bytes: cell.read_cap_of(arm),
        workload: cell.set.workload,
        // A micro workload has neither.
        scenario: if is_micro { String::new() } else { cell.configuration.scenario.as_str().to_string() },
        configuration: cell.configuration.name.clone(),
        agents: cell.agents,
        permits: cell.permits(),
        tokens: if is_micro {
            String::new()
        } else {
            cell.tokens.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
        },
        length: cell.set.length(),
        seed: work_seed(seed, &cell.name, block),
        // Alternating, so that an even number of blocks is balanced in every cell.
        phase_order: if block % 2 == 0 { PhaseOrder::SoloFirst } else { PhaseOrder::ConcurrentFirst },
        connection: cell.connection(),
        cache: cell.cache(),
        api: cell.api,
        endpoint: cell.endpoint(),
        server_kind: cell.server_kind,
        capacity: cell.sim.as_ref().map(|(_, pacing)| pacing.capacity),
        gap_ns: cell.gap_ns(),
        ideal_ns: cell.ideal_ns(),
        coalesce: cell.sim.as_ref().map(|(_, pacing)| pacing.coalesce),
        token_bytes: cell.sim.as_ref().and_then(|(_, pacing)| pacing.token_bytes),
        pin: cell.pin,
        rate_per_s: cell.rate_per_s,
        arrivals: cell.arrivals(),
        receive_stamps: cell.receive_stamps(arm),
    }
}

impl PlannedTrial {
    /// The command line of one attempt against these servers, for a run in `run_folder`.
    pub fn spec(&self, servers: &[String], model: &str, attempt: u32, run_folder: &Path) -> TrialSpec {
        let (row, cell) = (&self.row, &self.cell);
        let (options_a, options_b) = cell.options();
        TrialSpec {
            run_id: row.run_id.clone(),
            trial: row.trial,
            attempt,
            servers: servers.to_vec(),
            server_kind: row.server_kind,
            api: row.api,
            endpoint: Some(row.endpoint),
            model: model.to_string(),
            client: Some(row.client),
            read_cap: cell.read_cap.filter(|_| row.client.has_read_cap()),
            workload: row.workload,
            agents: row.agents,
            permits: cell.set.permits,
            tokens: cell.tokens.clone(),
            length: row.length,
            files: cell.files().map(Path::to_path_buf),
            reports: (row.workload == Workload::Report).then(|| run_folder.join(REPORTS_FOLDER)),
            seed: row.seed,
            phase_order: row.phase_order,
            connection: row.connection,
            cache: row.cache,
            rate: row.rate_per_s,
            arrivals: row.arrivals.unwrap_or(Arrivals::Poisson),
            receive_stamps: row.receive_stamps,
            token_stamps: None,
            timeout_ms: self.request_timeout_ms(),
            leave_out: cell.set.leave_out.clone(),
            options_a,
            options_b,
        }
    }

    /// Time limit of one request.
    pub fn request_timeout_ms(&self) -> u64 {
        self.cell.set.timeout_ms.unwrap_or(DEFAULT_REQUEST_TIMEOUT_MS)
    }
}

/// Two minutes: a loaded model on a slow CPU answers a few hundred tokens in that time.
const DEFAULT_REQUEST_TIMEOUT_MS: u64 = 120_000;
