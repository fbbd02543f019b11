//! What the kernel says of this process in /proc/self. All of it is read outside the measured time.

use std::fs;

/// What /proc/self/status says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ProcessStatus {
    /// Resident memory in bytes.
    pub rss_bytes: Option<u64>,
    /// Largest resident memory so far in bytes. VmHWM, because ru_maxrss survives exec and would report the parent's.
    pub peak_rss_bytes: Option<u64>,
    /// CPUs that the process may use, as the kernel lists them (`0-1`); empty where it does not tell.
    pub cpus_allowed: String,
}

impl ProcessStatus {
    /// Reads it now.
    pub fn read() -> Self {
        fs::read_to_string("/proc/self/status").map(|text| Self::parse(&text)).unwrap_or_default()
    }

    fn parse(status: &str) -> Self {
        let field = |name: &str| {
            status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        let bytes =
            |name| field(name)?.strip_suffix(" kB")?.trim_end().parse::<u64>().ok()?.checked_mul(1024);
        ProcessStatus {
            rss_bytes: bytes("VmRSS"),
            peak_rss_bytes: bytes("VmHWM"),
            cpus_allowed: field("Cpus_allowed_list").unwrap_or_default().to_string(),
        }
    }
}

/// Resident memory in bytes, counted page by page: VmRSS may lag by some hundred KiB. `None` where the kernel has no such
/// file.
pub(crate) fn resident_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    kibibytes.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Names of the threads this process really has, in the order the kernel lists them.
pub(crate) fn thread_names() -> Vec<String> {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return Vec::new() };
    tasks
        .flatten()
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .map(|name| name.trim_end().to_string())
        .collect()
}

/// How often each thread of this process has moved to another CPU. `None` where the kernel keeps no such file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Migrations(Vec<(u32, u64)>);

impl Migrations {
    /// Reads it now: one small file a thread.
    pub fn read() -> Option<Self> {
        let mut threads = Vec::new();
        for task in fs::read_dir("/proc/self/task").ok()?.flatten() {
            let Some(thread) = task.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            match fs::read_to_string(task.path().join("sched")) {
                Ok(text) => threads.push((thread, migrations(&text)?)),
                // It ended after the folder was listed.
                Err(_) if !task.path().exists() => {}
                Err(_) => return None,
            }
        }
        Some(Migrations(threads))
    }

    /// Moves from this reading to a later one, of the threads alive in the later one.
    pub fn until(&self, later: &Migrations) -> u64 {
        let before =
            |thread| self.0.iter().find(|(earlier, _)| *earlier == thread).map_or(0, |(_, moves)| *moves);
        later.0.iter().map(|&(thread, moves)| moves.saturating_sub(before(thread))).sum()
    }
}

/// The value of se.nr_migrations in the text of /proc/PID/sched.
fn migrations(sched: &str) -> Option<u64> {
    let value = sched.lines().find_map(|line| line.strip_prefix("se.nr_migrations"))?;
    value.trim_start().strip_prefix(':')?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_cpus_are_found_in_the_status() {
        let text = "Name:\tsmol\nVmHWM:\t    4732 kB\nVmRSS:\t    1200 kB\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1,4\n";
        let status = ProcessStatus::parse(text);
        assert_eq!((status.rss_bytes, status.peak_rss_bytes), (Some(1200 * 1024), Some(4732 * 1024)));
        assert_eq!(status.cpus_allowed, "0-1,4");
        assert_eq!(ProcessStatus::parse("VmRSS:\tmuch kB\nVmHWM: 5 MB\n"), ProcessStatus::default());
        let here = ProcessStatus::read();
        assert!(here.rss_bytes <= here.peak_rss_bytes && !here.cpus_allowed.is_empty());
    }

    #[test]
    fn migrations_are_found_in_the_scheduler_file() {
        let text = "smol (7, #threads: 2)\n-----\nse.exec_start   :  1281.1\nse.nr_migrations          :         42\n";
        assert_eq!(migrations(text), Some(42));
        for wrong in ["", "se.nr_migrations : many\n", "nr_switches : 3\n", "se.nr_migrations"] {
            assert_eq!(migrations(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_thread_that_came_or_went_adds_no_moves_of_before() {
        let before = Migrations(vec![(1, 10), (2, 100)]);
        let after = Migrations(vec![(1, 13), (3, 4)]);
        assert_eq!(before.until(&after), 7);
    }
}
