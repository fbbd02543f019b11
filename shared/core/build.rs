//! Hands the git revision and the Cargo profile to `--version`.

use std::process::Command;

fn main() {
    let revision = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string())
        .unwrap_or_else(|| "outside a git checkout".to_string());
    println!("cargo:rustc-env=TANDEM_GIT_REVISION={revision}");
    println!(
        "cargo:rustc-env=TANDEM_PROFILE={}",
        std::env::var("PROFILE").unwrap_or_else(|_| "unknown".into())
    );
    // The log grows with every commit; without it the receipt would name an old one.
    for path in ["../../.git/HEAD", "../../.git/logs/HEAD", "../../Cargo.lock"] {
        if std::path::Path::new(path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
}
