//! The machine: what disturbs a measurement or limits it.

use super::Finding;
use crate::machine;
use std::path::Path;
use tandem_records::files_needed;

/// Agents that the largest plan starts at once.
const MOST_AGENTS: u32 = 10_000;
/// Bytes that a long run may write.
const ROOMY: u64 = 1 << 30;
/// Bytes below which a run will hardly end well.
const SCARCE: u64 = 64 << 20;
/// Load for each CPU from which a machine counts as busy.
const BUSY: f64 = 0.25;
/// Clock sources that a program reads without a system call.
const FAST_CLOCKS: [&str; 3] = ["tsc", "kvm-clock", "arch_sys_counter"];

/// All findings; `root` is the folder that holds proc and sys.
pub(super) fn findings(root: &Path, runs_dir: &Path) -> Vec<Finding> {
    let seen = machine::describe_under(root);
    vec![
        cpus(seen.cpus),
        load(seen.load_1m, seen.cpus),
        governor(seen.governor.as_deref()),
        virtualisation(seen.virtualisation.as_deref()),
        clock(seen.clock_source.as_deref()),
        open_files(machine::raise_open_files()),
        disk(free_bytes(runs_dir)),
    ]
}

fn cpus(cpus: u32) -> Finding {
    match cpus {
        0..2 => Finding::warning(
            "CPUs",
            "1",
            "client and servers share it: on two and more they can be kept apart (PIN=apart)",
        ),
        _ => Finding::ok("CPUs", cpus.to_string()),
    }
}

fn load(load: Option<f64>, cpus: u32) -> Finding {
    match load {
        None => Finding::unknown("load", "not told"),
        Some(load) if load > BUSY * f64::from(cpus) => Finding::warning(
            "load",
            format!("{load} over the last minute on {cpus} CPUs"),
            "stop what else runs (top), wait a minute",
        ),
        Some(load) => Finding::ok("load", format!("{load} over the last minute")),
    }
}

fn governor(governor: Option<&str>) -> Finding {
    match governor {
        None => Finding::unknown("CPU governor", "not told, as on most virtual machines"),
        Some("performance") => Finding::ok("CPU governor", "performance"),
        Some(other) => Finding::warning(
            "CPU governor",
            format!("{other}: the frequency follows the load"),
            "sudo cpupower frequency-set -g performance",
        ),
    }
}

fn virtualisation(seen: Option<&str>) -> Finding {
    match seen {
        None => Finding::ok("hardware", "no virtual machine or container seen"),
        Some(what) => Finding::warning(
            "hardware",
            what,
            "other guests of the host take time unseen: trust the intervals, watch the A/A difference, run more blocks",
        ),
    }
}

fn clock(source: Option<&str>) -> Finding {
    match source {
        None => Finding::unknown("clock source", "not told"),
        Some(source) if FAST_CLOCKS.contains(&source) => Finding::ok("clock source", source),
        Some(source) => Finding::warning(
            "clock source",
            format!("{source}: every stamp costs a system call"),
            "boot with tsc where the CPU has a stable one (clocksource=tsc)",
        ),
    }
}

fn open_files(limit: Option<u64>) -> Finding {
    let needed = files_needed(MOST_AGENTS);
    match limit {
        Some(limit) if limit < needed => Finding::warning(
            "open files",
            format!("{limit} at most: {} agents at once", limit.saturating_sub(files_needed(0))),
            format!(
                "for plans of up to {MOST_AGENTS} agents raise the hard limit to {needed} (ulimit -Hn, /etc/security/limits.conf)"
            ),
        ),
        Some(limit) => Finding::ok("open files", format!("{limit} at most")),
        None => Finding::ok("open files", "no limit"),
    }
}

/// Bytes free on the disk of a folder, or of the nearest one above it that exists.
fn free_bytes(folder: &Path) -> Option<u64> {
    let folder = std::path::absolute(folder).ok()?;
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let seen = rustix::fs::statvfs(there).ok()?;
    Some(seen.f_bavail.saturating_mul(seen.f_frsize))
}

fn disk(free: Option<u64>) -> Finding {
    let remedy = "make room, or put the runs elsewhere (sweep --runs-dir)";
    let shown = |bytes: u64| format!("{} MiB free for runs", bytes >> 20);
    match free {
        None => Finding::unknown("disk", "not told"),
        Some(bytes) if bytes < SCARCE => Finding::problem("disk", shown(bytes), remedy),
        Some(bytes) if bytes < ROOMY => Finding::warning("disk", shown(bytes), remedy),
        Some(bytes) => Finding::ok("disk", shown(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use std::fs;

    #[test]
    fn each_value_has_its_state_and_what_is_bad_has_a_remedy() {
        let all = [
            (cpus(1), State::Warning),
            (cpus(8), State::Ok),
            (load(None, 2), State::Unknown),
            (load(Some(0.4), 2), State::Ok),
            (load(Some(0.6), 2), State::Warning),
            (governor(None), State::Unknown),
            (governor(Some("performance")), State::Ok),
            (governor(Some("powersave")), State::Warning),
            (virtualisation(None), State::Ok),
            (virtualisation(Some("virtual machine (QEMU)")), State::Warning),
            (clock(Some("tsc")), State::Ok),
            (clock(Some("hpet")), State::Warning),
            (open_files(Some(1024)), State::Warning),
            (open_files(Some(20_000)), State::Ok),
            (open_files(None), State::Ok),
            (disk(Some(1 << 40)), State::Ok),
            (disk(Some(500 << 20)), State::Warning),
            (disk(Some(1 << 20)), State::Problem),
        ];
        for (finding, state) in all {
            assert_eq!(finding.state, state, "{finding:?}");
            assert_eq!(finding.remedy.is_empty(), state <= State::Unknown, "{finding:?}");
        }
        assert!(open_files(Some(1024)).seen.ends_with("960 agents at once"), "{:?}", open_files(Some(1024)));
    }

    #[test]
    fn proc_and_sys_are_read_below_the_root() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("proc/loadavg", "99.50 1 1 1/1 1\n");
        write("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor\n");
        write("sys/class/dmi/id/sys_vendor", "ACME\n");
        write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
        write("sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
        let found = findings(root.path(), root.path());
        let seen = |check: &str| found.iter().find(|finding| finding.check == check).unwrap();
        assert!(seen("load").seen.starts_with("99.5 ") && seen("load").state == State::Warning);
        assert_eq!(seen("hardware").seen, "virtual machine (ACME)");
        assert!(seen("CPU governor").seen.starts_with("powersave"));
        assert!(seen("clock source").seen.starts_with("hpet"));
    }
}
