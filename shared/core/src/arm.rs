//! The program around a runtime: command line, receipt, trial, report, exit code.

use crate::exchange::Protocol;
use crate::http::{Client, Reading, Target};
use crate::micro::{self, Micro};
use crate::receipt::receipt;
use crate::trial::{self, Setup};
use crate::workload::{AgentPlan, Report, Stream};
use crate::{Runtime, WallOffset, now_ns, open_files, wire};
use clap::{CommandFactory, FromArgMatches, Parser};
use std::io;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tandem_records::{Api, ApiKey, ArmReport, Cache, RATES_PER_S, Role, TrialSpec, Workload, output};
use xxhash_rust::xxh3::xxh3_64_with_seed;

mod standalone;

/// Exit code of a report whose status is not `ok`.
const EXIT_FAILED_TRIAL: u8 = 4;
/// Exit code of a specification that cannot be run.
const EXIT_USAGE: u8 = 2;

/// Lengths a response may be asked for; the memory for its stamps is taken before the measured time.
const LENGTHS: RangeInclusive<u32> = 2..=1_000_000;

/// Run one trial: agents stream tokens from servers, alone and together; print the report as one line of JSON.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    spec: TrialSpec,
    /// The part of a micro workload that this process is; the arm starts itself so.
    #[arg(long, hide = true, value_name = "NAME")]
    part: Option<String>,
}

/// One arm: a runtime and the HTTP clients it links, or a crew that needs neither. The first client named is the default.
pub struct Arm<R> {
    name: &'static str,
    packages: &'static [&'static str],
    clients: Vec<LinkedClient>,
    read_cap_bytes: u32,
    permits: Option<u32>,
    runtime: PhantomData<R>,
}

struct LinkedClient {
    kind: tandem_records::Client,
    packages: &'static [&'static str],
    workloads: &'static [Workload],
    run: RunTrial,
}

/// A trial with its client filled in; the name is the arm's.
type RunTrial = fn(&'static str, Setup, Work) -> io::Result<ArmReport>;

/// The list of workloads, each with what it was told.
enum Work {
    Stream,
    Report(Report),
    Micro(Micro),
}

impl<R: Runtime> Default for Arm<R> {
    fn default() -> Self {
        Arm::new()
    }
}

impl<R: Runtime> Arm<R> {
    /// An arm without clients.
    pub fn new() -> Self {
        Arm::named(R::NAME, R::PACKAGES)
    }

    /// Links a client.
    #[must_use]
    pub fn client<C: Client<R>>(mut self) -> Self {
        self.clients.push(LinkedClient {
            kind: C::KIND,
            packages: C::PACKAGES,
            workloads: Workload::ALL,
            run: run_workload::<R, C>,
        });
        self
    }
}

impl<R> Arm<R> {
    fn named(name: &'static str, packages: &'static [&'static str]) -> Self {
        Arm { name, packages, clients: Vec::new(), read_cap_bytes: 0, permits: None, runtime: PhantomData }
    }

    /// Caps each read of the clients hyper and lean unless the command line says otherwise.
    #[must_use]
    pub fn read_cap(mut self, bytes: u32) -> Self {
        self.read_cap_bytes = bytes;
        self
    }

    /// Lets this many agents work at the same time unless the command line says otherwise; without it, all of them.
    #[must_use]
    pub fn permits(mut self, agents: u32) -> Self {
        self.permits = Some(agents);
        self
    }

    /// The arm's `main`: 0 for a trial that is ok, 4 for one that is not, 2 for a bad command line, 1 otherwise.
    pub fn main(self) -> ExitCode {
        let main_ns = now_ns();
        let clients: Vec<_> = self.clients.iter().map(|linked| (linked.kind, linked.packages)).collect();
        let command =
            CommandLine::command().name(self.name).version(receipt(self.name, self.packages, &clients));
        let CommandLine { spec, part } = CommandLine::from_arg_matches(&command.get_matches())
            .unwrap_or_else(|error: clap::Error| error.exit());
        open_files::raise_limit();
        let (run, setup, work) = match self.check(spec) {
            Ok((run, setup, Work::Micro(micro))) => {
                (run, setup, Work::Micro(Micro { part, main_ns, ..micro }))
            }
            Ok(checked) => checked,
            Err(message) => {
                output::say(&format!("error: {message}"));
                return ExitCode::from(EXIT_USAGE);
            }
        };
        match run(self.name, setup, work).and_then(|report| print(&report).map(|()| report.status)) {
            Ok(status) if status.is_ok() => ExitCode::SUCCESS,
            Ok(_) => ExitCode::from(EXIT_FAILED_TRIAL),
            Err(error) => {
                output::say(&format!("error: {}: {error}", self.name));
                ExitCode::FAILURE
            }
        }
    }

    /// Turns a specification into something that can run, or says what is wrong with it.
    fn check(&self, spec: TrialSpec) -> Result<(RunTrial, Setup, Work), String> {
        let names = || self.clients.iter().map(|c| c.kind.as_str()).collect::<Vec<_>>().join(", ");
        let linked = match spec.client {
            None => self.clients.first(),
            Some(kind) => self.clients.iter().find(|linked| linked.kind == kind),
        }
        .ok_or_else(|| {
            let asked = spec.client.map_or("of its own".to_string(), |c| format!("'{c}'"));
            format!("{} links no client {asked}; valid values: {}", self.name, names())
        })?;
        if !linked.workloads.contains(&spec.workload) {
            let valid: Vec<&str> = linked.workloads.iter().map(|workload| workload.as_str()).collect();
            return Err(format!(
                "{} does no --workload {}; valid values: {}",
                self.name,
                spec.workload,
                valid.join(", ")
            ));
        }
        let capped = linked.kind.has_read_cap();
        if !capped && spec.read_cap.is_some_and(|bytes| bytes > 0) {
            return Err(format!(
                "--read-cap needs --client hyper or --client lean: {} reads as it likes; leave it out",
                linked.kind
            ));
        }
        let cap_bytes = if capped { spec.read_cap.unwrap_or(self.read_cap_bytes) } else { 0 };
        if spec.receive_stamps && !linked.kind.keeps_receive_stamps() {
            return Err(format!(
                "--receive-stamps needs --client hyper or lean: {} reads by itself; leave it out",
                linked.kind
            ));
        }
        let permits = spec.permits.or(self.permits).unwrap_or(spec.agents);
        if spec.agents == 0 || permits == 0 {
            return Err("--agents and --permits must be at least 1".into());
        }
        open_files::check(spec.agents)?;
        if spec.tokens.len() > 2 || !spec.tokens.iter().all(|tokens| LENGTHS.contains(tokens)) {
            return Err(format!(
                "--tokens takes one or two lengths of at least {} (a gap needs two tokens) and at most {}",
                LENGTHS.start(),
                LENGTHS.end()
            ));
        }
        if spec.timeout_ms == 0 {
            return Err("--timeout-ms must be at least 1".into());
        }
        if let Some(rate) = spec.rate.filter(|rate| !RATES_PER_S.contains(rate)) {
            let (least, most) = (RATES_PER_S.start(), RATES_PER_S.end());
            return Err(format!("--rate {rate}: valid are {least} to {most} requests per second"));
        }
        // A key is for servers of OpenAI's kind: an Ollama server that asked for none is not told it.
        let key = if spec.api == Api::Openai { ApiKey::from_environment()? } else { None };
        let targets = spec.servers.iter().map(|url| {
            Target::parse(url).map(|target| target.with_key(key.clone())).map_err(|e| e.to_string())
        });
        let targets: Vec<Target> = targets.collect::<Result<_, _>>()?;
        let work = match spec.workload {
            workload if spec.rate.is_some() && !matches!(workload, Workload::Stream | Workload::Flood) => {
                return Err(
                    "--rate starts one request an agent: it is for --workload stream and flood".into()
                );
            }
            Workload::Report => Work::Report(Report::of(&spec)?),
            _ if spec.files.is_some() || spec.reports.is_some() => {
                return Err("--files and --reports are for --workload report; leave them out".into());
            }
            Workload::Stream | Workload::Flood => Work::Stream,
            workload => Work::Micro(Micro { workload, part: None, main_ns: 0 }),
        };
        // The clock makes it new for a trial repeated by hand, too; only its length must not vary.
        let nonce = xxh3_64_with_seed(
            format!("{}/{}/{}", spec.run_id, spec.trial, spec.attempt).as_bytes(),
            now_ns(),
        );
        let agents = (0..spec.agents).map(|index| Arc::new(agent(&spec, &targets, index, nonce))).collect();
        let endpoint = spec.endpoint.unwrap_or(spec.api.usual_endpoint());
        let protocol = Protocol {
            api: spec.api,
            endpoint,
            path: wire::path(spec.api, endpoint),
            timeout: Duration::from_millis(spec.timeout_ms),
            reading: Reading { cap_bytes, stamps: spec.receive_stamps.then(WallOffset::read) },
        };
        Ok((linked.run, Setup { spec, agents, protocol, permits }, work))
    }
}

/// Agent `index` of a trial: roles alternate, servers go round.
fn agent(spec: &TrialSpec, targets: &[Target], index: u32, nonce: u64) -> AgentPlan {
    let (role, side) = if index.is_multiple_of(2) { (Role::Collector, 0) } else { (Role::Insight, 1) };
    AgentPlan {
        index,
        role,
        target: targets[index as usize % targets.len()].clone(),
        model: spec.model.clone(),
        tokens: spec.tokens[side.min(spec.tokens.len() - 1)],
        // 31 bits: servers read the seed as a signed 32-bit number.
        seed: (xxh3_64_with_seed(&index.to_le_bytes(), spec.seed) >> 33) as u32,
        options: if side == 0 { spec.options_a.clone() } else { spec.options_b.clone() },
        leave_out: spec.leave_out.clone(),
        cold: (spec.cache == Cache::Cold).then_some(nonce),
    }
}

fn run_workload<R: Runtime, C: Client<R>>(
    _name: &'static str,
    setup: Setup,
    work: Work,
) -> io::Result<ArmReport> {
    match work {
        Work::Stream => trial::run::<R, C, _>(setup, Stream),
        Work::Report(report) => trial::run::<R, C, _>(setup, report),
        Work::Micro(micro) => micro::run::<R, C>(&setup, &micro),
    }
}

fn print(report: &ArmReport) -> io::Result<()> {
    let line = serde_json::to_string(report).map_err(io::Error::other)?;
    output::print(&(line + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Hyper, Lean};
    use crate::scripted::Scripted;
    use tandem_records::Phase;

    fn setup(arm: &Arm<Scripted>, args: &[&str]) -> Result<Setup, String> {
        let line = ["arm", "--server", "http://127.0.0.1:1", "--model", "m", "--agents", "3"];
        let spec = CommandLine::parse_from(line.iter().chain(args)).spec;
        arm.check(spec).map(|(_, setup, _)| setup)
    }

    #[test]
    fn permits_are_those_asked_for_else_the_arms_own_else_one_an_agent() {
        let arm = || Arm::<Scripted>::new().client::<Hyper<Scripted>>();
        for (arm, args, permits) in
            [(arm(), &[][..], 3), (arm().permits(1), &[], 1), (arm().permits(1), &["--permits", "2"], 2)]
        {
            assert_eq!(setup(&arm, args).map(|setup| setup.permits), Ok(permits), "{args:?}");
        }
        assert!(setup(&arm(), &["--permits", "0"]).is_err());
    }

    #[test]
    fn reads_of_hyper_and_lean_are_capped_as_asked_else_as_the_arm_does() {
        let arm =
            Arm::<Scripted>::new().client::<Hyper<Scripted>>().client::<Lean<Scripted>>().read_cap(1024);
        for client in ["hyper", "lean"] {
            for (args, cap_bytes) in
                [(&["--client", client][..], 1024), (&["--client", client, "--read-cap", "0"], 0)]
            {
                let cap = setup(&arm, args).map(|setup| setup.protocol.reading.cap_bytes);
                assert_eq!(cap, Ok(cap_bytes), "{args:?}");
            }
        }
    }

    #[test]
    fn folders_are_refused_where_no_agent_reads_files() {
        let arm = Arm::<Scripted>::new().client::<Hyper<Scripted>>();
        for args in [["--files", "/"], ["--reports", "/tmp"]] {
            let error = setup(&arm, &args).err().expect("refused");
            assert_eq!(error, "--files and --reports are for --workload report; leave them out");
        }
    }

    #[test]
    fn an_open_loop_has_a_sensible_rate_and_one_request_an_agent() {
        let arm = Arm::<Scripted>::new().client::<Hyper<Scripted>>();
        let refusal = |args: &[&str]| setup(&arm, args).err().unwrap_or_default();
        for rate in ["0", "-1", "NaN", "inf"] {
            assert_eq!(
                refusal(&[&format!("--rate={rate}")]),
                format!("--rate {rate}: valid are 0.001 to 1000000 requests per second")
            );
        }
        let of_report = refusal(&["--rate", "5", "--workload", "report", "--files", "/"]);
        assert_eq!(of_report, "--rate starts one request an agent: it is for --workload stream and flood");
        let open = setup(&arm, &["--rate", "50", "--arrivals", "constant"]).expect("valid");
        assert_eq!(open.starts_ns(Phase::Concurrent), Some(vec![0, 20_000_000, 40_000_000]));
        for phase in [Phase::Warmup, Phase::Solo] {
            assert_eq!(open.starts_ns(phase), None, "{phase:?} has no schedule");
        }
        assert_eq!(
            setup(&arm, &[]).expect("valid").starts_ns(Phase::Concurrent),
            None,
            "a closed loop has none"
        );
    }
}
