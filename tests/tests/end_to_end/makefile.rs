//! What a user says to make is text: no shell and no make runs it. The key of servers reaches who needs it.

use end_to_end::workspace;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

/// Puts a shell script into the place of a program.
fn program(path: &Path, script: &str) {
    std::fs::write(path, format!("#!/bin/bash\n{script}\n")).expect("a script");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("an executable");
}

#[test]
fn hostile_values_arrive_as_they_are_and_run_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("ran");
    let (touch, seen) = (format!("touch {}", mark.display()), folder.path().join("seen"));
    for name in ["sweep", "analyzer", "doctor"] {
        program(&folder.path().join(name), &format!("printf '%s\\n' \"$@\" > {}", seen.display()));
    }
    let hostile = [
        format!("$(shell {touch})"),
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("'; {touch}; '"),
        format!("\"; {touch}; \""),
        format!("x && {touch}"),
        "$$HOME ${HOME} * ~ a  b".to_owned(),
        "--help".to_owned(),
    ];
    for value in &hostile {
        for (goal, variable, flag) in [
            ("sweep", "MODEL", "--model"),
            ("sweep", "PLAN", "--plan"),
            ("sweep", "RUN", "--run"),
            ("report", "RUN", "--run"),
            ("micro", "RUN", "--run"),
            ("doctor", "SERVERS", "--servers"),
        ] {
            let output = Command::new("make")
                .current_dir(workspace())
                .args(["--no-print-directory", "-o", "build", goal])
                .arg(format!("BIN={}", folder.path().display()))
                .arg(format!("{variable}={value}"))
                .output()
                .expect("make starts");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{goal} {variable}={value}: {said}");
            assert!(!mark.exists(), "{goal} {variable}={value} ran a command");
            let arguments = std::fs::read_to_string(&seen).expect("the program was called");
            assert!(arguments.ends_with(&format!("{flag}={value}\n")), "{goal}: {arguments}");
        }
    }
}

#[test]
fn the_key_reaches_the_programs_that_talk_to_servers_and_no_build() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = "sk-$HOME-$(x)-`#'\"";
    for name in ["cargo", "python3", "sweep", "analyzer", "doctor"] {
        program(&folder.path().join(name), "echo \"$(basename \"$0\") <$TANDEM_API_KEY>\"");
    }
    let path = std::env::var("PATH").expect("a path");
    for (goal, holder) in [
        ("sweep", Some("sweep")),
        ("doctor", Some("doctor")),
        ("report", None),
        ("demo", None),
        ("check", None),
    ] {
        let output = Command::new("make")
            .current_dir(workspace())
            .args(["--no-print-directory", goal, "PLAN=peers-two"])
            .arg(format!("BIN={}", folder.path().display()))
            .env("PATH", format!("{}:{path}", folder.path().display()))
            .env("TANDEM_API_KEY", key)
            .output()
            .expect("make starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && said.contains("cargo <>"), "{goal}: {said}");
        let with_key: Vec<&str> =
            said.lines().filter(|line| line.contains('<') && !line.ends_with(" <>")).collect();
        let wanted: Vec<String> = holder.iter().map(|holder| format!("{holder} <{key}>")).collect();
        assert_eq!(with_key, wanted, "{goal}");
    }
}
