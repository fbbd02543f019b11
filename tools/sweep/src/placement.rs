//! Which CPUs servers and arms run on when a plan sets them apart.

use crate::plan::Cell;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::collections::BTreeMap;
use std::fs::read_to_string;
use std::io;
use std::process::{Child, Command};
use tandem_records::Pin;

/// CPUs by number, ascending.
pub(crate) type Cpus = Vec<usize>;

/// The CPUs of a run, in two halves: `pin = "apart"` puts simulators on the first and arms on the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    servers: Cpus,
    arms: Cpus,
}

impl Placement {
    /// Halves the CPUs that this process may use: whole cores where there are several of them, because the threads of one
    /// core share it. `None` with fewer than two CPUs.
    pub fn of_machine() -> Option<Placement> {
        let mine = sched_getaffinity(None).ok()?;
        let cpus: Cpus = (0..CpuSet::MAX_CPU).filter(|&cpu| mine.is_set(cpu)).collect();
        Placement::halves(&cpus, first_sibling)
    }

    /// Halves `cpus`, where `core` names a CPU's core.
    fn halves(cpus: &[usize], core: impl Fn(usize) -> usize) -> Option<Placement> {
        let mut cores: BTreeMap<usize, Cpus> = BTreeMap::new();
        for &cpu in cpus {
            cores.entry(core(cpu)).or_default().push(cpu);
        }
        let mut units: Vec<Cpus> = cores.into_values().collect();
        if units.len() < 2 {
            units = units.concat().into_iter().map(|cpu| vec![cpu]).collect();
        }
        let arms = units.split_off(units.len() / 2);
        let sorted = |units: Vec<Cpus>| {
            let mut cpus = units.concat();
            cpus.sort_unstable();
            cpus
        };
        let halves = Placement { servers: sorted(units), arms: sorted(arms) };
        (!halves.servers.is_empty()).then_some(halves)
    }

    /// CPUs of the simulators of cells with this pin; `None` leaves them to the scheduler.
    pub fn of_servers(&self, pin: Pin) -> Option<&Cpus> {
        (pin == Pin::Apart).then_some(&self.servers)
    }

    /// CPUs of the arms in cells with this pin; `None` leaves them to the scheduler.
    pub fn of_arms(&self, pin: Pin) -> Option<&Cpus> {
        (pin == Pin::Apart).then_some(&self.arms)
    }
}

/// What the first line says of the placement; empty where no cell asks for one.
pub(crate) fn in_words(cells: &[Cell], placement: Option<&Placement>, simulated: bool) -> String {
    let pinned = cells.iter().filter(|cell| cell.pin == Pin::Apart).count();
    let Some(Placement { servers, arms }) = placement.filter(|_| pinned > 0) else { return String::new() };
    let whose =
        if pinned == cells.len() { String::new() } else { format!(" in {pinned} of {} cells", cells.len()) };
    let arms = as_list(arms);
    if simulated {
        format!("; pinned apart{whose}: simulators on CPU {}, arms on CPU {arms}", as_list(servers))
    } else {
        format!("; pinned{whose}: arms on CPU {arms}; the servers run where they run")
    }
}

/// CPUs as the kernel lists them: `0-2,5`.
pub(crate) fn as_list(cpus: &[usize]) -> String {
    let spans = cpus.chunk_by(|a, b| a + 1 == *b).map(|span| match span {
        [first, .., last] => format!("{first}-{last}"),
        _ => span.iter().map(ToString::to_string).collect(),
    });
    spans.collect::<Vec<_>>().join(",")
}

/// Starts a child on these CPUs, or anywhere. A child inherits the affinity of the thread that starts it, and keeps it.
///
/// # Errors
/// The program does not start, or the kernel refuses the CPUs.
pub(crate) fn spawn_on(command: &mut Command, cpus: Option<&Cpus>) -> io::Result<Child> {
    let Some(cpus) = cpus else { return command.spawn() };
    let mine = sched_getaffinity(None)?;
    let mut wanted = CpuSet::new();
    cpus.iter().for_each(|&cpu| wanted.set(cpu));
    sched_setaffinity(None, &wanted)?;
    let child = command.spawn();
    sched_setaffinity(None, &mine)?;
    child
}

/// The lowest CPU that shares this one's core; the CPU itself where the machine does not tell.
fn first_sibling(cpu: usize) -> usize {
    let siblings = read_to_string(format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"));
    let first = siblings.ok().and_then(|list| list.split([',', '-']).next()?.trim().parse().ok());
    first.unwrap_or(cpu)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(cpus: &[usize], core: impl Fn(usize) -> usize) -> Option<(String, String)> {
        let halves = Placement::halves(cpus, core)?;
        Some((as_list(&halves.servers), as_list(&halves.arms)))
    }

    #[test]
    fn cpus_are_halved_by_whole_cores() {
        let told = |servers: &str, arms: &str| Some((servers.to_string(), arms.to_string()));
        let all = |n: usize| (0..n).collect::<Vec<_>>();
        let alone = |cpu| cpu;
        assert_eq!(halves(&all(2), alone), told("0", "1"));
        assert_eq!(halves(&all(5), alone), told("0-1", "2-4"));
        assert_eq!(halves(&[3, 7, 9], alone), told("3", "7,9"));
        // Four cores of two threads, numbered as most machines do: thread n + 4 is the sibling of n.
        assert_eq!(halves(&all(8), |cpu| cpu % 4), told("0-1,4-5", "2-3,6-7"));
        assert_eq!(halves(&all(6), |cpu| cpu % 3), told("0,3", "1-2,4-5"));
        assert_eq!(halves(&all(2), |_| 0), told("0", "1"), "one core: its threads are all there is");
        assert_eq!(halves(&[4], alone), None);
        assert_eq!(halves(&[], alone), None);
    }

    #[test]
    fn a_child_runs_on_its_cpus_and_the_driver_goes_on_everywhere() {
        let before = sched_getaffinity(None).unwrap();
        let last = (0..CpuSet::MAX_CPU).rfind(|&cpu| before.is_set(cpu)).unwrap();
        let mut command = Command::new("/bin/grep");
        command.args(["Cpus_allowed_list", "/proc/self/status"]).stdout(std::process::Stdio::piped());
        let child = spawn_on(&mut command, Some(&vec![last])).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(said.split_whitespace().last(), Some(last.to_string().as_str()));
        assert_eq!(sched_getaffinity(None).unwrap(), before);
    }
}
