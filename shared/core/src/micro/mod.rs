//! What a runtime costs: micro workloads, timed in batches inside the process. One file a workload; each uses the runtime
//! through [`Runtime`] alone, so that a further arm has all of them.

mod asking;
mod behaviour;
mod blocking;
mod bridge;
mod http;
mod log;
mod memory;
mod part;
mod spawn;
mod startup;
mod streams;
mod timer;
mod wake;
mod workers;

pub(crate) use log::{Log, Stopwatch};

use crate::Runtime;
use crate::http::{Client, RequestError};
use crate::proc_self::{ProcessStatus, thread_names};
use crate::trial::Setup;
use std::io;
use std::process;
use tandem_records::{ArmReport, Delays, Status, Workload};

/// A micro workload as it was asked for.
pub(crate) struct Micro {
    /// Which one.
    pub workload: Workload,
    /// The part of it that this process is, where a trial starts its own program again.
    pub part: Option<String>,
    /// When `main` began.
    pub main_ns: u64,
}

/// What was measured, or what kept it from being.
type Measured = Result<Log, RequestError>;

/// Runs the workload and reports; a part prints what it measured and ends the process.
pub(crate) fn run<R: Runtime, C: Client<R>>(setup: &Setup, micro: &Micro) -> io::Result<ArmReport> {
    if let Some(name) = &micro.part {
        process::exit(part::tell(micro.main_ns, measure_part::<R, C>(setup, micro.workload, name)));
    }
    let start_rss_bytes = ProcessStatus::read().rss_bytes;
    let mut log = Log::default();
    log.empty();
    let (status, error) = match measure::<R, C>(setup, micro.workload) {
        Ok(measured) => {
            log.extend(measured);
            (Status::Ok, String::new())
        }
        Err(error) => (error.status, error.message),
    };
    let process = ProcessStatus::read();
    Ok(ArmReport {
        runtime: R::NAME.to_string(),
        client: C::KIND,
        bridge: C::BRIDGE.to_string(),
        read_cap_bytes: setup.protocol.reading.cap_bytes,
        status,
        error,
        makespan_ns: None,
        startup_ns: None,
        cpu_ns: None,
        voluntary_switches: None,
        involuntary_switches: None,
        migrations: None,
        minor_faults: None,
        major_faults: None,
        cpus_allowed: process.cpus_allowed,
        workers: None,
        workers_busy_ns: None,
        worker_parks: None,
        queue_depth_max: None,
        delays: Delays::default(),
        thread_names: thread_names(),
        peak_rss_bytes: process.peak_rss_bytes,
        start_rss_bytes,
        agents: Vec::new(),
        requests: Vec::new(),
        micro: log.batches(),
    })
}

fn measure<R: Runtime, C: Client<R>>(setup: &Setup, workload: Workload) -> Measured {
    match workload {
        Workload::Spawn => spawn::measure::<R>(),
        Workload::Yield => wake::measure_yield::<R>(),
        Workload::Wake => wake::measure_wake::<R>(),
        Workload::Memory => memory::measure(),
        Workload::Streams => streams::measure::<R, C>(setup),
        Workload::Startup => startup::measure(),
        Workload::Timer => timer::measure::<R>(),
        Workload::Http => http::measure::<R, C>(setup),
        Workload::Bridge => bridge::measure::<R, C>(setup),
        Workload::Workers => workers::measure::<R>(),
        Workload::Blocking => blocking::measure::<R, C>(setup),
        Workload::Behaviour => behaviour::measure::<R>(),
        Workload::Stream | Workload::Flood | Workload::Report => Ok(Log::default()),
    }
}

fn measure_part<R: Runtime, C: Client<R>>(setup: &Setup, workload: Workload, part: &str) -> Measured {
    match workload {
        Workload::Memory => memory::part::<R>(part),
        Workload::Startup => startup::part::<R, C>(setup, part),
        Workload::Bridge => bridge::part::<R, C>(setup, part),
        Workload::Workers => workers::part::<R, C>(setup, part),
        other => Err(RequestError::new(Status::ArmFailed, format!("workload {other} has no parts"))),
    }
}

/// Runs a future on the runtime, as every workload does.
fn on<R: Runtime, T>(future: impl Future<Output = Result<T, RequestError>>) -> Result<T, RequestError> {
    R::block_on(future).unwrap_or_else(|error| Err(RequestError::from_io("build the runtime", &error)))
}
