//! The machine a run is made on. What the machine does not tell stays empty.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs::read_to_string;
use std::path::Path;
use tandem_records::Machine;

/// Reads the machine's description from /proc and /sys.
pub fn describe() -> Machine {
    describe_under(Path::new("/"))
}

/// The same, with the folders proc and sys below another root.
pub fn describe_under(root: &Path) -> Machine {
    let line = |path: &str| line(&root.join(path));
    let cpuinfo = read_to_string(root.join("proc/cpuinfo")).unwrap_or_default();
    Machine {
        kernel: [line("proc/sys/kernel/ostype"), line("proc/sys/kernel/osrelease")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
        cpu: field(&cpuinfo, "model name"),
        cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
        governor: line("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        memory_bytes: memory_bytes(root),
        virtualisation: virtualisation(root, &cpuinfo),
        load_1m: line("proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
        clock_source: line("sys/devices/system/clocksource/clocksource0/current_clocksource"),
        max_open_files: getrlimit(Resource::Nofile).current,
    }
}

/// Raises the soft limit of open files to the hard one, for this process and its children; returns what it is then.
/// `None` means no limit.
pub fn raise_open_files() -> Option<u64> {
    let hard = getrlimit(Resource::Nofile).maximum;
    // Where it is refused, the old limit stands.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard });
    getrlimit(Resource::Nofile).current
}

/// Frequency in MHz now of the first CPU of a list like `1-3,5`; `None` where neither the driver of the CPU's frequency nor
/// /proc/cpuinfo tells.
pub fn mhz_of_first(cpus: &str) -> Option<u32> {
    let cpu: u32 = cpus.split([',', '-']).next()?.trim().parse().ok()?;
    let kilohertz = line(Path::new(&format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_cur_freq")));
    let of_driver = kilohertz.and_then(|khz| khz.parse::<u32>().ok()).map(|khz| khz / 1000);
    of_driver.or_else(|| cpuinfo_mhz(&read_to_string("/proc/cpuinfo").ok()?, cpu))
}

/// What /proc/cpuinfo says of a CPU's frequency.
fn cpuinfo_mhz(cpuinfo: &str, cpu: u32) -> Option<u32> {
    let of_cpu = |block: &&str| field(block, "processor").is_some_and(|number| number == cpu.to_string());
    let mhz: f64 = field(cpuinfo.split("\n\n").find(of_cpu)?, "cpu MHz")?.parse().ok()?;
    (mhz.is_finite() && mhz >= 1.0).then(|| mhz.round() as u32)
}

fn line(path: &Path) -> Option<String> {
    let text = read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_string())
}

fn field(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim().to_string())
    })
}

fn memory_bytes(root: &Path) -> Option<u64> {
    let kibibytes = field(&read_to_string(root.join("proc/meminfo")).ok()?, "MemTotal")?;
    Some(kibibytes.strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Container and virtual machine, as far as files tell.
fn virtualisation(root: &Path, cpuinfo: &str) -> Option<String> {
    let mut found = Vec::new();
    if root.join(".dockerenv").exists() {
        found.push("container (docker)".to_string());
    } else if root.join("run/.containerenv").exists() {
        found.push("container (podman)".to_string());
    } else if read_to_string(root.join("proc/1/environ")).is_ok_and(|environ| environ.contains("container="))
    {
        found.push("container".to_string());
    }
    if field(cpuinfo, "flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")) {
        let vendor = line(&root.join("sys/class/dmi/id/sys_vendor"))
            .or_else(|| line(&root.join("sys/hypervisor/type")));
        found.push(
            vendor.map_or("virtual machine".to_string(), |vendor| format!("virtual machine ({vendor})")),
        );
    }
    (!found.is_empty()).then(|| found.join(", "))
}

#[cfg(test)]
mod tests {
    use super::cpuinfo_mhz;

    #[test]
    fn the_frequency_is_that_of_the_cpu_asked_for() {
        let cpuinfo = "processor\t: 0\ncpu MHz\t\t: 2500.4\n\nprocessor\t: 1\nmodel name\t: x\ncpu MHz\t\t: 3599.6\n\nprocessor\t: 10\ncpu MHz\t: NaN\n";
        assert_eq!([0, 1, 10, 2].map(|cpu| cpuinfo_mhz(cpuinfo, cpu)), [Some(2500), Some(3600), None, None]);
    }
}
