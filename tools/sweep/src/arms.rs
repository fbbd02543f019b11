//! The arms' binaries: where they are and what they say they are.

use crate::interrupt::Interrupt;
use crate::process::Cut;
use crate::{SweepError, process};
use anyhow::Context;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tandem_records::{ArmReceipt, Client, regular_file};
use xxhash_rust::xxh3::xxh3_64;

/// Programs of the workspace that are no arms.
const OTHER_PROGRAMS: &[&str] = &["analyzer", "ollama-sim", "sweep"];
/// `--version` only prints; a binary that takes longer is not an arm.
const RECEIPT_LIMIT: Duration = Duration::from_secs(10);

/// Path of the binary `name` in `bin_dir`.
///
/// # Errors
/// There is none; the message lists the arms there are.
pub fn find(bin_dir: &Path, name: &str) -> Result<PathBuf, SweepError> {
    let path = bin_dir.join(name);
    if is_program(&path) {
        return Ok(path);
    }
    let there = available(bin_dir);
    let there = if there.is_empty() { "none".to_string() } else { there.join(", ") };
    let folder = bin_dir.display();
    Err(SweepError::Usage(format!(
        "arm {name} has no binary in {folder}; those that exist: {there}; build it (`make build` builds those of bins/ and the fixtures, `make {name}` another) or name its folder with --bin-dir"
    )))
}

/// Asks every arm for its receipt.
///
/// # Errors
/// A missing binary, or one that does not answer.
pub fn receipts(
    bin_dir: &Path,
    arms: &BTreeSet<&str>,
    interrupt: &Interrupt,
) -> Result<Vec<ArmReceipt>, SweepError> {
    arms.iter()
        .map(|arm| {
            let program = find(bin_dir, arm)?;
            let mut command = process::clean_command(&program);
            command.arg("--version");
            let ended = process::run(command, None, RECEIPT_LIMIT, interrupt)?;
            if ended.cut == Some(Cut::Interrupted) {
                return Err(SweepError::Interrupted);
            }
            let version = String::from_utf8_lossy(&ended.stdout).trim().to_string();
            if !ended.exit.success() || version.is_empty() {
                let said = if ended.last_words.is_empty() { "nothing" } else { &ended.last_words };
                return Err(SweepError::Usage(format!(
                    "arm {arm} does not answer --version ({}, it said: {said}); build it again",
                    ended.exit
                )));
            }
            Ok(ArmReceipt { arm: arm.to_string(), version, hash: Some(hash(&program)?) })
        })
        .collect()
}

/// `xxh3:<hash>` of a program.
///
/// # Errors
/// It cannot be read.
pub fn hash(program: &Path) -> anyhow::Result<String> {
    let bytes = regular_file::read(program).with_context(|| format!("read {}", program.display()))?;
    Ok(format!("xxh3:{:016x}", xxh3_64(&bytes)))
}

/// The value of a receipt's line `key: value`, when all receipts have it and agree.
pub fn common_fact<'a>(receipts: &'a [ArmReceipt], key: &str) -> Option<&'a str> {
    let mut facts = receipts.iter().map(|receipt| {
        receipt.version.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ").map(str::trim))
    });
    let first = facts.next()??;
    facts.all(|fact| fact == Some(first)).then_some(first)
}

/// Checks that an arm links a client, by the lines `client NAME: …` of its receipt.
///
/// # Errors
/// It does not; the message lists those it links.
pub fn check_client(receipts: &[ArmReceipt], arm: &str, client: Client) -> Result<(), SweepError> {
    let Some(receipt) = receipts.iter().find(|receipt| receipt.arm == arm) else { return Ok(()) };
    let lines = receipt.version.lines().filter_map(|line| line.strip_prefix("client ")?.split_once(": "));
    let linked: Vec<&str> = lines.map(|(name, _)| name).collect();
    if linked.contains(&client.as_str()) {
        return Ok(());
    }
    let key = if client == Client::Epoll { "floor" } else { "client" };
    Err(SweepError::Usage(format!(
        "arm {arm} links no client {client}; valid for it: {}; change {key} in the plan",
        if linked.is_empty() { "none".to_string() } else { linked.join(", ") }
    )))
}

fn available(bin_dir: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(bin_dir) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.contains('.') && !OTHER_PROGRAMS.contains(&name.as_str()))
        .filter(|name| is_program(&bin_dir.join(name)))
        .collect();
    names.sort();
    names
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
