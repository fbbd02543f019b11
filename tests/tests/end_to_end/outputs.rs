//! Whoever does not read, closes early or has a full disk behind the output of a program: none panics (exit code 101), and
//! the programs whose output is the result say that it is lost. Named pipes in the place of files are errors at once.

use end_to_end::{arms, bin_dir, binary, workspace};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs a line of bash with `$BIN` as the folder of the programs; one that waits for ever ends with 124.
fn shell(line: &str) -> Output {
    let mut bash = Command::new("timeout");
    bash.args(["60", "bash", "-c", line]).current_dir(workspace()).env("BIN", bin_dir()).stdin(Stdio::null());
    bash.output().expect("bash")
}

fn code(line: &str) -> i32 {
    let output = shell(line);
    output.status.code().unwrap_or_else(|| panic!("{line}: {}", String::from_utf8_lossy(&output.stderr)))
}

const STDERR: [&str; 3] = ["2>/dev/full", "2>&-", "2> >(true)"];

#[test]
fn an_error_that_cannot_be_said_has_its_exit_code_all_the_same() {
    let mut lines: Vec<(String, i32)> = vec![
        ("$BIN/sweep --plan no-such-plan".into(), 2),
        ("$BIN/sweep --no-such-option".into(), 2),
        ("$BIN/doctor --servers https://nowhere".into(), 2),
        ("$BIN/analyzer stats no-such-file.csv --value a --by b --summary".into(), 2),
        ("$BIN/analyzer report no-such-run".into(), 2),
        ("$BIN/ollama-sim --listen 192.0.2.1:1".into(), 1),
    ];
    // A length that no trial may have, and a server that is none.
    let trial = "--server http://127.0.0.1:1 --model m --tokens 0";
    lines.extend(arms().iter().map(|arm| (format!("$BIN/{arm} {trial}"), 2)));
    for (line, wanted) in lines {
        assert_eq!(code(&line), wanted, "{line}");
        for stderr in STDERR {
            assert_eq!(code(&format!("{line} {stderr}")), wanted, "{line} {stderr}");
        }
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_a_reader_that_leaves_is_none() {
    let stats = "$BIN/analyzer stats data/example/trials.csv --value makespan_ns --by arm --summary";
    for line in [
        stats,
        "$BIN/analyzer glossary",
        "$BIN/sweep --plan quick --dry-run",
        "$BIN/doctor --servers sim",
        "$BIN/own-cost",
    ] {
        let full = shell(&format!("{line} >/dev/full"));
        let said = String::from_utf8_lossy(&full.stderr);
        assert_eq!(full.status.code(), Some(1), "{line}: {said}");
        let lost = said
            .lines()
            .filter(|line| line.contains("standard output cannot be written: No space left on device"));
        assert_eq!(lost.count(), 1, "{line}: {said}");
        assert_eq!(code(&format!("{line} >/dev/full 2>&1")), 1, "{line}");
        let left = shell(&format!("{line} | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"));
        // The doctor may have found a problem.
        assert!(matches!(left.status.code(), Some(0 | 3)), "{line}: {left:?}");
        assert!(!String::from_utf8_lossy(&left.stderr).contains("error"), "{line}: {left:?}");
    }
    let report = "--server http://127.0.0.1:1 --model m --tokens 5";
    for arm in arms() {
        let full = shell(&format!("$BIN/{arm} {report} >/dev/full"));
        assert_eq!(full.status.code(), Some(1), "{arm}: {full:?}");
        assert_eq!(code(&format!("$BIN/{arm} {report} >/dev/full 2>/dev/full")), 1, "{arm}");
    }
    assert_eq!(code("$BIN/ollama-sim --listen 127.0.0.1:0 >/dev/full 2>/dev/full"), 1);
}

#[test]
fn a_named_pipe_is_refused_wherever_a_file_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe.csv");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    let with = |line: &str, pipe: &Path| shell(&line.replace("PIPE", &pipe.display().to_string()));
    for (line, wanted) in [
        ("$BIN/analyzer stats PIPE --value a --by b --summary", 2),
        ("$BIN/analyzer report --run data/example --out PIPE.out --hypotheses PIPE", 2),
        ("$BIN/analyzer import-tr115 PIPE --out PIPE.out", 2),
        ("$BIN/analyzer glossary --write PIPE", 2),
        ("$BIN/sweep --plan PIPE --dry-run", 2),
        ("$BIN/ollama-sim --listen 127.0.0.1:0 --log PIPE", 1),
    ] {
        let output = with(line, &pipe);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(wanted), "{line}: {said}");
        assert!(said.contains("named pipe"), "{line}: {said}");
    }

    // The files of a run.
    let run = folder.path().join("run");
    std::fs::create_dir(&run).expect("a folder");
    for file in ["manifest.json", "plan.csv", "trials.csv", "agents.csv", "requests.csv"] {
        for name in ["manifest.json", "plan.csv", "trials.csv", "agents.csv", "requests.csv"] {
            std::fs::copy(workspace().join("data/example").join(name), run.join(name)).expect(name);
        }
        std::fs::remove_file(run.join(file)).expect(file);
        let made = Command::new("mkfifo").arg(run.join(file)).status().expect("mkfifo");
        assert!(made.success());
        let output = Command::new("timeout")
            .arg("60")
            .arg(binary("analyzer"))
            .arg("report")
            .arg(&run)
            .arg("--out")
            .arg(folder.path().join("out"))
            .output()
            .expect("analyzer");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{file}: {said}");
        assert!(said.contains(file) && said.contains("it is a named pipe"), "{file}: {said}");
        std::fs::remove_file(run.join(file)).expect(file);
    }
}
