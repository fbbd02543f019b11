//! Hands the git revision and the Cargo profile to `--version`.

#![allow(clippy::print_stdout)] // this is how a build script speaks to Cargo

use std::process::Command;

/// What an arm is made of, from the workspace's root.
const SOURCES: [&str; 4] = ["bins", "shared", "Cargo.lock", "Cargo.toml"];

fn main() {
    let revision = match git(&["rev-parse", "--short=12", "HEAD"]) {
        None => "outside a git checkout".to_string(),
        Some(revision) if sources_changed() => format!("{revision}-dirty"),
        Some(revision) => revision,
    };
    println!("cargo:rustc-env=TANDEM_GIT_REVISION={revision}");
    println!(
        "cargo:rustc-env=TANDEM_PROFILE={}",
        std::env::var("PROFILE").unwrap_or_else(|_| "unknown".into())
    );
    // The log grows with every commit; without it the receipt would name an old one.
    for path in SOURCES.iter().chain(&[".git/HEAD", ".git/logs/HEAD"]).map(|path| in_root(path)) {
        if std::path::Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
}

/// Whether an arm is made of something that is not committed.
fn sources_changed() -> bool {
    let paths = SOURCES.map(in_root);
    let mut args = vec!["status", "--porcelain", "--"];
    args.extend(paths.iter().map(String::as_str));
    git(&args).is_some_and(|files| !files.is_empty())
}

fn in_root(path: &str) -> String {
    format!("../../{path}")
}

/// Standard output of a git command; `None` where there is no git or no checkout.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}
