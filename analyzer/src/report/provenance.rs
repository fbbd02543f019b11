//! Where the numbers come from: machine, versions, servers, seed, commands.

use super::{escape, format, revisions, servers, words};
use crate::analysis::Settings;
use tandem_records::Manifest;

pub(crate) fn section(manifest: &Manifest, settings: &Settings, command: &str) -> String {
    let mut text = "## Provenance\n\n".to_owned();
    for warning in revisions::warnings(manifest) {
        text += &format!("**Warning: {}.**\n\n", escape::sentence(&warning));
    }
    text += &words::head(&["what", "value"], 2);
    for (what, value) in facts(settings, manifest, command) {
        text += &words::row(&[what.to_owned(), escape::markdown(&value)]);
    }
    text += "\n";
    text += &servers::table(&manifest.servers);
    if !manifest.arms.is_empty() {
        text += &words::head(&["arm", "receipt"], 2);
        for arm in &manifest.arms {
            let lines: Vec<String> = arm.version.lines().map(escape::markdown).collect();
            text += &words::row(&[escape::markdown(&arm.arm), lines.join("<br>")]);
        }
        text += "\n";
    }
    if !manifest.plan.text.is_empty() {
        let fenced = escape::fenced(&manifest.plan.text);
        text += &format!("<details><summary>The plan</summary>\n\n{fenced}\n</details>\n");
    }
    text
}

fn facts(settings: &Settings, manifest: &Manifest, command: &str) -> Vec<(&'static str, String)> {
    let unknown = || "not told".to_owned();
    let text = |value: &Option<String>| value.clone().unwrap_or_else(unknown);
    let machine = &manifest.machine;
    let memory =
        machine.memory_bytes.map_or_else(unknown, |b| format!("{:.1} GiB", b as f64 / (1u64 << 30) as f64));
    let mut facts = vec![
        ("run made with", manifest.command.clone()),
        ("report made with", command.to_owned()),
        ("plan", format!("{}: {}", manifest.plan.name, manifest.plan.description)),
        ("created (UTC)", manifest.created_utc.clone()),
        ("seed of order and work", manifest.seed.to_string()),
        ("seed of resampling", settings.seed.to_string()),
        ("blocks planned", manifest.blocks.to_string()),
        ("baseline", settings.baseline.clone()),
        ("margin of efficiency", format!("{} pp", format::trimmed(settings.margin * 100.0))),
        ("margin of times, log scale", settings.margin_log_time.to_string()),
        (
            "source revision",
            if manifest.git_revision.is_empty() { unknown() } else { manifest.git_revision.clone() },
        ),
        ("lock file", manifest.lock_file_hash.clone()),
        ("profile", manifest.profile.clone()),
        ("kernel", machine.kernel.clone()),
        ("CPU", text(&machine.cpu)),
        ("logical CPUs", machine.cpus.to_string()),
        ("governor", text(&machine.governor)),
        ("memory", memory),
        ("virtual machine or container", text(&machine.virtualisation)),
        ("load before the first trial", machine.load_1m.map_or_else(unknown, |load| format::fixed(load, 2))),
        ("clock source", text(&machine.clock_source)),
        ("largest number of open files", machine.max_open_files.map_or_else(unknown, |n| n.to_string())),
    ];
    if !settings.overridden.is_empty() {
        facts.push(("changed for this report, after the data were there", settings.overridden.join("; ")));
    }
    facts
}
