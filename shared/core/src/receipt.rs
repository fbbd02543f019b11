//! The text of `--version`: the receipt of what was really built.

use tandem_records::Client;

/// The lock file this binary was built with.
const LOCK: &str = include_str!("../../../Cargo.lock");

/// Version of a package in the lock file; several versions are joined, none is said.
fn locked_version(package: &str) -> String {
    let header = format!("name = \"{package}\"");
    let versions: Vec<&str> = LOCK
        .split("[[package]]")
        .filter(|entry| entry.lines().any(|line| line == header))
        .filter_map(|entry| entry.lines().find_map(|line| line.strip_prefix("version = \"")))
        .map(|version| version.trim_end_matches('"'))
        .collect();
    if versions.is_empty() { "not in the lock file".into() } else { versions.join(" and ") }
}

/// Arm, runtime and client versions, git revision and profile, one fact a line.
pub(crate) fn receipt(arm: &str, runtime_packages: &[&str], clients: &[(Client, &[&str])]) -> String {
    let list = |packages: &[&str]| {
        packages.iter().map(|p| format!("{p} {}", locked_version(p))).collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![env!("CARGO_PKG_VERSION").to_string(), format!("arm: {arm}")];
    lines.push(format!("runtime: {}", list(runtime_packages)));
    for (client, packages) in clients {
        lines.push(format!("client {client}: {}", list(packages)));
    }
    lines.push(format!("revision: {}", env!("TANDEM_GIT_REVISION")));
    lines.push(format!("profile: {}", env!("TANDEM_PROFILE")));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        assert!(locked_version("hyper").starts_with("1."));
        assert_eq!(locked_version("no-such-package"), "not in the lock file");
    }
}
