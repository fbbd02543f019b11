//! The machine a run is made on. What the machine does not tell stays empty.

use rustix::process::{Resource, getrlimit};
use std::fs::read_to_string;
use std::path::Path;
use tandem_records::Machine;

/// Reads the machine's description from /proc and /sys.
pub fn describe() -> Machine {
    let cpuinfo = read_to_string("/proc/cpuinfo").unwrap_or_default();
    Machine {
        kernel: [line("/proc/sys/kernel/ostype"), line("/proc/sys/kernel/osrelease")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" "),
        cpu: field(&cpuinfo, "model name"),
        cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
        governor: line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        memory_bytes: memory_bytes(),
        virtualisation: virtualisation(&cpuinfo),
        load_1m: line("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
        clock_source: line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        max_open_files: getrlimit(Resource::Nofile).current,
    }
}

fn line(path: &str) -> Option<String> {
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

fn memory_bytes() -> Option<u64> {
    let kibibytes = field(&read_to_string("/proc/meminfo").ok()?, "MemTotal")?;
    Some(kibibytes.strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Container and virtual machine, as far as files tell.
fn virtualisation(cpuinfo: &str) -> Option<String> {
    let mut found = Vec::new();
    if Path::new("/.dockerenv").exists() {
        found.push("container (docker)".to_string());
    } else if Path::new("/run/.containerenv").exists() {
        found.push("container (podman)".to_string());
    } else if read_to_string("/proc/1/environ").is_ok_and(|environ| environ.contains("container=")) {
        found.push("container".to_string());
    }
    if field(cpuinfo, "flags").is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")) {
        let vendor = line("/sys/class/dmi/id/sys_vendor").or_else(|| line("/sys/hypervisor/type"));
        found.push(
            vendor.map_or("virtual machine".to_string(), |vendor| format!("virtual machine ({vendor})")),
        );
    }
    (!found.is_empty()).then(|| found.join(", "))
}
