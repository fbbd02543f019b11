//! A made-up run: plausible rows from a seed, to be changed by a test and written to a folder.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tandem_records::*;

pub const GAP_NS: u64 = 5_000_000;
pub const TTFT_NS: u64 = 40_000_000;
pub const TOKENS: u64 = 300;
pub const ARMS: [&str; 6] =
    ["tokio-default", "tokio-default#2", "tokio-localset", "async-std", "smol", "smol-1kb"];

/// What a made-up run looks like.
pub struct Recipe {
    pub seed: u64,
    pub blocks: u32,
    pub arms: Vec<&'static str>,
    pub agents: Vec<u32>,
    /// Sets as (name, client).
    pub sets: Vec<(&'static str, Client)>,
    /// True change of efficiency of an arm, as a fraction.
    pub effect: fn(&str) -> f64,
    /// Coefficient of variation of each agent's duration.
    pub noise: f64,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            seed: 115,
            blocks: 12,
            arms: ARMS.to_vec(),
            agents: vec![2],
            sets: vec![("like-for-like", Client::Hyper)],
            effect: |_| 0.0,
            noise: 0.0004,
        }
    }
}

/// All rows of a run.
#[derive(Clone)]
pub struct Synthetic {
    pub manifest: Manifest,
    pub plan: Vec<PlanRow>,
    pub trials: Vec<TrialRow>,
    pub agents: Vec<AgentRow>,
    pub requests: Vec<RequestRow>,
}

pub const RUN_ID: &str = "made-up";

impl Synthetic {
    pub fn make(recipe: &Recipe) -> Synthetic {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(recipe.seed));
        let mut run = Synthetic {
            manifest: manifest(recipe),
            plan: Vec::new(),
            trials: Vec::new(),
            agents: Vec::new(),
            requests: Vec::new(),
        };
        let mut clock = 1_000_000_000_000;
        for block in 0..recipe.blocks {
            let bad_moment = 1.0 + 0.002 * dice.normal().abs();
            for (set, client) in &recipe.sets {
                for agents in &recipe.agents {
                    let mut arms = recipe.arms.clone();
                    dice.shuffle(&mut arms);
                    for (position, arm) in arms.into_iter().enumerate() {
                        let planned = plan_row(&run, block, position as u32, set, *client, *agents, arm);
                        run.plan.push(planned.clone());
                        run.add_trial(&planned, recipe, bad_moment, &mut clock, &mut dice);
                    }
                }
            }
        }
        run.manifest.trials = run.plan.len() as u32;
        run.pool_delays();
        run
    }

    /// Makes each trial's delays what its requests say: the median over them, as if all their tokens were alike. Nothing
    /// where one of them does not tell.
    pub fn pool_delays(&mut self) {
        let mut requests: BTreeMap<u32, Vec<&RequestRow>> = BTreeMap::new();
        for row in self.requests.iter().filter(|row| row.phase == Phase::Concurrent) {
            requests.entry(row.trial).or_default().push(row);
        }
        for trial in &mut self.trials {
            let rows = requests.remove(&trial.trial).unwrap_or_default();
            let middle = |cell: fn(&RequestRow) -> Option<u64>| {
                let mut values: Vec<u64> = rows.iter().map(|row| cell(row)).collect::<Option<_>>()?;
                values.sort_unstable();
                Some((values.get(values.len().saturating_sub(1) / 2)? + values[values.len() / 2]) / 2)
            };
            trial.delay_p50_ns = middle(|row| row.delay_p50_ns);
            trial.delay_p90_ns = middle(|row| row.delay_p90_ns);
            trial.delay_p99_ns = middle(|row| row.delay_p99_ns);
            trial.delay_p999_ns = middle(|row| row.delay_p999_ns);
            trial.delay_max_ns = middle(|row| row.delay_max_ns);
            trial.delay_source = rows.first().map_or(DelaySource::None, |row| row.delay_source);
            if trial.delay_p50_ns.is_none() || rows.iter().any(|row| row.delay_source != trial.delay_source) {
                (trial.delay_tokens, trial.gap_error_p99_ns) = (None, None);
            }
        }
    }

    fn add_trial(&mut self, p: &PlanRow, recipe: &Recipe, moment: f64, clock: &mut u64, dice: &mut Dice) {
        let work = (TTFT_NS + TOKENS * GAP_NS) as f64;
        let slow = 1.0 / (1.0 + (recipe.effect)(&p.arm)) * moment;
        let row = |phase, agent, release, start, end| AgentRow {
            schema_version: SCHEMA_VERSION,
            run_id: RUN_ID.into(),
            trial: p.trial,
            attempt: 1,
            phase,
            agent,
            role: if agent.is_multiple_of(2) { Role::Collector } else { Role::Insight },
            server: format!("http://127.0.0.1:4000{}", agent % 2),
            status: Status::Ok,
            release_ns: release,
            start_ns: Some(start),
            end_ns: Some(end),
            local_ns: None,
            files_read: None,
            files_skipped: None,
            structured: None,
        };
        for agent in 0..p.agents.min(2) {
            let start = *clock + dice.upto(20_000);
            let end = start + (work * moment * (1.0 + recipe.noise * dice.normal())) as u64;
            self.agents.push(row(Phase::Solo, agent, *clock, start, end));
            self.requests.push(request(p, Phase::Solo, agent, start, end, dice));
            *clock = end + 1_000_000;
        }
        let (release, mut last) = (*clock, 0);
        for agent in 0..p.agents {
            let start = release + 10_000 + dice.upto(30_000);
            let end = start + (work * slow * (1.0 + recipe.noise * dice.normal())) as u64;
            self.agents.push(row(Phase::Concurrent, agent, release, start, end));
            self.requests.push(request(p, Phase::Concurrent, agent, start, end, dice));
            last = last.max(end);
        }
        *clock = last + 50_000_000;
        let tokens = TOKENS * u64::from(p.agents);
        let cost =
            1.0 + 0.3 * (p.runtime.len() % 5) as f64 + if p.client == Client::Reqwest { 0.6 } else { 0.0 };
        let bridged = p.client == Client::Reqwest && ["smol", "async-std"].contains(&p.runtime.as_str());
        self.trials.push(TrialRow {
            schema_version: SCHEMA_VERSION,
            run_id: RUN_ID.into(),
            trial: p.trial,
            attempt: 1,
            block: p.block,
            position: p.position,
            cell: p.cell.clone(),
            set: p.set.clone(),
            arm: p.arm.clone(),
            runtime: p.runtime.clone(),
            client: p.client,
            bridge: if bridged { VIA_TOKIO_BRIDGE.into() } else { String::new() },
            read_cap_bytes: p.read_cap_bytes,
            workload: p.workload,
            scenario: p.scenario.clone(),
            configuration: p.configuration.clone(),
            agents: p.agents,
            permits: p.permits,
            servers: 2,
            server_kind: p.server_kind,
            capacity: p.capacity,
            gap_ns: p.gap_ns,
            ideal_ns: p.ideal_ns,
            coalesce: p.coalesce,
            token_bytes: p.token_bytes,
            pin: p.pin,
            rate_per_s: p.rate_per_s,
            arrivals: p.arrivals,
            receive_stamps: p.receive_stamps,
            seed: p.seed,
            phase_order: p.phase_order,
            started_utc: "2026-11-21T10:00:00Z".into(),
            status: Status::Ok,
            error: String::new(),
            makespan_ns: Some(last - release),
            startup_ns: Some(80_000),
            cpu_ns: Some((tokens as f64 * 22_000.0 * cost * (1.0 + 0.03 * dice.normal())) as u64),
            voluntary_switches: Some((tokens as f64 * cost * (1.0 + 0.02 * dice.normal())) as u64),
            involuntary_switches: Some(dice.upto(20)),
            migrations: Some(2),
            minor_faults: Some(120),
            major_faults: Some(0),
            cpus_allowed: "0-1".into(),
            cpu_mhz: Some(2_500),
            workers: None,
            workers_busy_ns: None,
            worker_parks: None,
            queue_depth_max: None,
            delay_tokens: Some(tokens),
            delay_p50_ns: Some(48_000),
            delay_p90_ns: Some(70_000),
            delay_p99_ns: Some(150_000),
            delay_p999_ns: Some(300_000),
            delay_max_ns: Some(420_000),
            gap_error_p99_ns: Some(120_000),
            delay_source: DelaySource::Sim,
            threads: Some(3),
            thread_names: "main;worker;worker".into(),
            peak_rss_bytes: Some(9_000_000),
            start_rss_bytes: Some(3_000_000),
            server_late_p50_ns: Some(40_000 + dice.upto(10_000)),
            server_late_p99_ns: Some(90_000 + dice.upto(60_000)),
            server_late_max_ns: Some(200_000 + dice.upto(300_000)),
            streams_open_max: Some(p.agents),
            context_length: None,
            wall_ns: 5_000_000_000,
        });
    }

    /// Makes a trial fail: a row with a status and an error, whose agents did not end.
    pub fn fail(&mut self, trial: u32, status: Status, error: &str) {
        for row in self.trials.iter_mut().filter(|t| t.trial == trial) {
            (row.status, row.error, row.makespan_ns) = (status, error.into(), None);
        }
        for row in self.agents.iter_mut().filter(|a| a.trial == trial && a.phase == Phase::Concurrent) {
            (row.status, row.end_ns) = (status, None);
        }
    }

    /// Keeps the plan and drops the rows of trials that the predicate names.
    pub fn forget(&mut self, which: impl Fn(&TrialRow) -> bool) {
        let gone: Vec<u32> = self.trials.iter().filter(|t| which(t)).map(|t| t.trial).collect();
        self.trials.retain(|t| !gone.contains(&t.trial));
        self.agents.retain(|t| !gone.contains(&t.trial));
        self.requests.retain(|t| !gone.contains(&t.trial));
    }

    /// Removes trials from the plan, too.
    pub fn unplan(&mut self, which: impl Fn(&TrialRow) -> bool) {
        let gone: Vec<u32> = self.trials.iter().filter(|t| which(t)).map(|t| t.trial).collect();
        self.forget(|t| gone.contains(&t.trial));
        self.plan.retain(|p| !gone.contains(&p.trial));
        self.manifest.trials = self.plan.len() as u32;
    }

    /// Makes an arm slower in the concurrent phase of the cells that the predicate names.
    pub fn slow_down(&mut self, arm: &str, factor: f64, cells: impl Fn(&str) -> bool) {
        self.stretch(|t| if t.arm == arm && cells(&t.cell) { factor } else { 1.0 });
    }

    /// Multiplies the times of the concurrent phase by a factor of the trial's own.
    pub fn stretch(&mut self, factor: impl Fn(&TrialRow) -> f64) {
        for trial in &mut self.trials {
            let factor = factor(trial);
            if factor == 1.0 {
                continue;
            }
            let (mut release, mut last) = (0, 0);
            let rows = self.agents.iter_mut().filter(|a| a.trial == trial.trial);
            for row in rows.filter(|a| a.phase == Phase::Concurrent) {
                let (start, end) = (row.start_ns.unwrap(), row.end_ns.unwrap());
                let later = start + ((end - start) as f64 * factor) as u64;
                row.end_ns = Some(later);
                (release, last) = (row.release_ns, last.max(later));
            }
            trial.makespan_ns = Some(last - release);
        }
    }

    /// Turns every cell into an open loop of so many requests a second with equal gaps. Each agent starts `late` ns after its
    /// time, by trial and number.
    pub fn open_loop(&mut self, rate_per_s: f64, late: impl Fn(&TrialRow, u32) -> u64) {
        let gap = (1e9 / rate_per_s) as u64;
        for row in &mut self.plan {
            (row.rate_per_s, row.arrivals) = (Some(rate_per_s), Some(Arrivals::Constant));
        }
        for trial in &mut self.trials {
            (trial.rate_per_s, trial.arrivals) = (Some(rate_per_s), Some(Arrivals::Constant));
            let (mut release, mut last) = (0, 0);
            let rows = self.agents.iter_mut().filter(|a| a.trial == trial.trial);
            for row in rows.filter(|a| a.phase == Phase::Concurrent) {
                let (start, end) = (row.start_ns.unwrap(), row.end_ns.unwrap());
                release = row.release_ns;
                let later = release + u64::from(row.agent) * gap + late(trial, row.agent) - start;
                (row.start_ns, row.end_ns) = (Some(start + later), Some(end + later));
                last = last.max(end + later);
            }
            trial.makespan_ns = Some(last - release);
            let rows = self.requests.iter_mut().filter(|r| r.trial == trial.trial);
            for row in rows.filter(|r| r.phase == Phase::Concurrent) {
                let intended = release + u64::from(row.agent) * gap;
                row.intended_ns = Some(intended);
                row.start_ns = intended + late(trial, row.agent);
            }
        }
    }

    /// Turns the simulators into real servers of which nothing is planned but the work.
    pub fn on_real_servers(&mut self) {
        for row in &mut self.plan {
            (row.server_kind, row.cache, row.gap_ns) = (ServerKind::Ollama, Cache::Warm, None);
        }
        for row in &mut self.trials {
            (row.server_kind, row.gap_ns) = (ServerKind::Ollama, None);
        }
        for server in &mut self.manifest.servers {
            (server.kind, server.command) = (ServerKind::Ollama, String::new());
        }
    }

    /// Writes the files of the run into `runs/made-up` and returns that folder.
    pub fn write(&self, runs: &Path) -> PathBuf {
        let folder = runs.join(RUN_ID);
        std::fs::create_dir_all(&folder).unwrap();
        let manifest = serde_json::to_string_pretty(&self.manifest).unwrap();
        std::fs::write(folder.join("manifest.json"), manifest).unwrap();
        write_rows(&folder, &self.plan);
        write_rows(&folder, &self.trials);
        write_rows(&folder, &self.agents);
        write_rows(&folder, &self.requests);
        folder
    }
}

fn write_rows<T: Table + Serialize>(folder: &Path, rows: &[T]) {
    let mut writer = csv::Writer::from_path(folder.join(T::FILE)).unwrap();
    if rows.is_empty() {
        writer.write_record(T::COLUMNS.iter().map(|c| c.name)).unwrap();
    }
    for row in rows {
        writer.serialize(row).unwrap();
    }
    writer.flush().unwrap();
}

fn plan_row(
    run: &Synthetic,
    block: u32,
    position: u32,
    set: &str,
    client: Client,
    agents: u32,
    arm: &str,
) -> PlanRow {
    PlanRow {
        schema_version: SCHEMA_VERSION,
        run_id: RUN_ID.into(),
        trial: run.plan.len() as u32,
        block,
        position,
        cell: format!("{set}/stream/chimera_homo/a{agents}"),
        set: set.into(),
        arm: arm.into(),
        runtime: arm.split('#').next().unwrap().into(),
        client,
        read_cap_bytes: Some(if arm == "smol-1kb" { 1024 } else { 0 }),
        workload: Workload::Stream,
        scenario: "chimera_homo".into(),
        configuration: String::new(),
        agents,
        permits: agents,
        tokens: TOKENS.to_string(),
        length: Length::Fixed,
        seed: u64::from(block),
        phase_order: if block.is_multiple_of(2) {
            PhaseOrder::SoloFirst
        } else {
            PhaseOrder::ConcurrentFirst
        },
        connection: Connection::Prepared,
        cache: Cache::None,
        api: Api::Ollama,
        endpoint: Endpoint::Generate,
        server_kind: ServerKind::Sim,
        capacity: Some(Capacity::Independent),
        gap_ns: Some(GAP_NS),
        ideal_ns: Some(TTFT_NS + TOKENS * GAP_NS),
        coalesce: Some(1),
        token_bytes: None,
        pin: Pin::None,
        rate_per_s: None,
        arrivals: None,
        receive_stamps: false,
    }
}

fn request(p: &PlanRow, phase: Phase, agent: u32, start: u64, end: u64, dice: &mut Dice) -> RequestRow {
    let delay = 40_000 + 15_000 * (p.runtime.len() as u64 % 4) + dice.upto(8_000);
    RequestRow {
        schema_version: SCHEMA_VERSION,
        run_id: RUN_ID.into(),
        trial: p.trial,
        attempt: 1,
        phase,
        agent,
        call: 0,
        stage: Stage::Stream,
        server: format!("http://127.0.0.1:4000{}", agent % 2),
        status: Status::Ok,
        error: String::new(),
        intended_ns: None,
        start_ns: start,
        connect_ns: None,
        ttfc_ns: Some(TTFT_NS + delay),
        ttft_ns: Some(TTFT_NS + delay + 1_000),
        first_answer_ns: Some(TTFT_NS + delay + 1_000),
        e2e_ns: Some(end - start),
        chunks: Some(TOKENS + 1),
        pieces: Some(TOKENS),
        thinking_pieces: Some(0),
        output_tokens: Some(TOKENS),
        tokens_from: Some(TokensFrom::Server),
        prompt_tokens: Some(12),
        digest: "00112233aabbccdd".into(),
        done_reason: "length".into(),
        load_ns: None,
        prompt_eval_ns: Some(TTFT_NS),
        eval_ns: Some(TOKENS * GAP_NS),
        server_total_ns: Some(TTFT_NS + TOKENS * GAP_NS),
        itl_p50_ns: Some(GAP_NS + dice.upto(10_000)),
        itl_p99_ns: Some(GAP_NS + 200_000 + dice.upto(50_000)),
        itl_max_ns: Some(GAP_NS + 900_000),
        delay_p50_ns: Some(delay),
        delay_p90_ns: Some(delay * 2),
        delay_p999_ns: Some(delay * 6),
        delay_p99_ns: Some(delay * 3 + dice.upto(20_000)),
        delay_max_ns: Some(delay * 9),
        delay_source: DelaySource::Sim,
    }
}

fn manifest(recipe: &Recipe) -> Manifest {
    let receipts = recipe.arms.iter().filter(|arm| !arm.contains('#'));
    Manifest {
        schema_version: SCHEMA_VERSION,
        run_id: RUN_ID.into(),
        created_utc: "2026-11-21T10:00:00Z".into(),
        command: "make sweep PLAN=quick".into(),
        plan: PlanRef {
            name: "quick".into(),
            description: "made-up rows for tests".into(),
            sets: Vec::new(),
            exploratory_sets: Vec::new(),
            primary_cell: None,
            full_scale: false,
            text: "blocks = 12\n".into(),
        },
        seed: recipe.seed,
        blocks: recipe.blocks,
        trials: 0,
        baseline: "tokio-default".into(),
        floor: None,
        margin_efficiency: 0.005,
        margin_log_time: 0.05,
        git_revision: "0123456789ab".into(),
        lock_file_hash: "xxh3:0011223344556677".into(),
        profile: "release".into(),
        machine: Machine {
            kernel: "Linux 6.1".into(),
            cpu: Some("made-up CPU".into()),
            cpus: 2,
            governor: None,
            memory_bytes: Some(8 << 30),
            virtualisation: Some("virtual machine".into()),
            load_1m: Some(0.25),
            clock_source: Some("tsc".into()),
            max_open_files: Some(20_000),
        },
        calibration: None,
        arms: receipts
            .map(|arm| ArmReceipt {
                arm: (*arm).into(),
                version: format!("{arm} 0.1.0\nhyper 1.12.0\nrevision: 0123456789ab\n"),
                hash: None,
            })
            .collect(),
        servers: (0..2)
            .map(|n| ServerRecord {
                set: String::new(),
                url: format!("http://127.0.0.1:4000{n}"),
                kind: ServerKind::Sim,
                version: Some("0.1.0".into()),
                model: "sim".into(),
                model_digest: None,
                layers_digest: None,
                on_this_machine: Some(true),
                slots: None,
                size_bytes: None,
                size_vram_bytes: None,
                left_out: Vec::new(),
                command: "ollama-sim --listen 127.0.0.1:0 --ttft-ms 40 --itl-ms 5".into(),
            })
            .collect(),
        notes: Vec::new(),
    }
}

/// Seeded random numbers without a distribution library.
struct Dice(ChaCha8Rng);

impl Dice {
    fn upto(&mut self, limit: u64) -> u64 {
        self.0.next_u64() % limit
    }

    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Sum of twelve uniform numbers minus 6: near enough to a normal one.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.upto(i as u64 + 1) as usize);
        }
    }
}
