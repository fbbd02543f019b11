//! What a user says to make is text: no shell and no make runs it.

use end_to_end::workspace;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

#[test]
fn hostile_values_arrive_as_they_are_and_run_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("ran");
    let (touch, seen) = (format!("touch {}", mark.display()), folder.path().join("seen"));
    for program in ["sweep", "analyzer", "doctor"] {
        let path = folder.path().join(program);
        let script = format!("#!/bin/bash\nprintf '%s\\n' \"$@\" > {}\n", seen.display());
        std::fs::write(&path, script).expect("a script");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("an executable");
    }
    let hostile = [
        format!("$(shell {touch})"),
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("'; {touch}; '"),
        format!("\"; {touch}; \""),
        format!("x && {touch}"),
        "$$HOME ${HOME} * ~ a  b".to_owned(),
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
            assert!(arguments.ends_with(&format!("{flag}\n{value}\n")), "{goal}: {arguments}");
        }
    }
}
