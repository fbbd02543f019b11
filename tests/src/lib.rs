//! Starts the real binaries for the tests in this package. They are built by `make build`: each arm on its own,
//! because one build of all would unify their features.
//!
//! Everything here panics with a remedy: a harness that cannot start is a broken checkout.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tandem_records::{ArmReport, Client, TrialSpec};

/// Root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace")
}

/// Folder of the release binaries.
pub fn bin_dir() -> PathBuf {
    workspace().join("target/release")
}

/// A release binary.
pub fn binary(name: &str) -> PathBuf {
    let path = bin_dir().join(name);
    assert!(path.exists(), "{} is missing: run `make build` first", path.display());
    path
}

/// Names of the folders in bins/.
pub fn arms() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(workspace().join("bins"))
        .expect("bins/")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The arm without a runtime: it has one client of its own and does no workload report.
pub const FLOOR: &str = "epoll-floor";

/// Names of the folders in bins/ that are runtimes.
pub fn runtimes() -> Vec<String> {
    arms().into_iter().filter(|arm| arm != FLOOR).collect()
}

/// Clients that an arm links, the one that is compared like for like first.
pub fn clients(arm: &str) -> &'static [Client] {
    match arm {
        FLOOR => &[Client::Epoll],
        "smol-1kb" => &[Client::Hyper, Client::Lean],
        _ => &[Client::Hyper, Client::Lean, Client::Reqwest],
    }
}

/// All arms with their clients.
pub fn combinations() -> Vec<(String, Client)> {
    arms()
        .into_iter()
        .flat_map(|arm| clients(&arm).iter().map(move |client| (arm.clone(), *client)))
        .collect()
}

/// A running simulator; killed when dropped.
pub struct Simulator {
    child: Child,
    /// Base URLs of its ports.
    pub urls: Vec<String>,
}

impl Simulator {
    /// Starts `ollama-sim` with `ports` ports and further arguments.
    pub fn start(ports: usize, args: &[&str]) -> Self {
        let mut command = Command::new(binary("ollama-sim"));
        command.arg("--exit-with-parent");
        for _ in 0..ports {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("its first line");
        let first: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line:?}: {e}"));
        let urls = first["listening"].as_array().expect("listening").iter();
        Simulator { child, urls: urls.map(|url| url.as_str().expect("a URL").to_string()).collect() }
    }
}

impl Simulator {
    /// File descriptors that it has open: its connections, and a few of its own.
    pub fn open_files(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).expect("a running simulator").count()
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // A simulator that has ended on its own is reported by the test that needed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What an arm's process left behind.
pub struct ArmRun {
    /// Exit code.
    pub code: Option<i32>,
    /// The report, where one was printed.
    pub report: Option<ArmReport>,
    /// Standard error.
    pub stderr: String,
}

/// Runs an arm with a command line as the driver would write it.
pub fn run_arm(arm: &str, spec: &TrialSpec) -> ArmRun {
    run_arm_with(&binary(arm), &spec.to_args())
}

/// Runs an arm with any command line.
pub fn run_arm_with(arm: &Path, args: &[String]) -> ArmRun {
    let output = Command::new(arm).args(args).output().expect("the arm starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let report = stdout.lines().last().and_then(|line| serde_json::from_str(line).ok());
    ArmRun {
        code: output.status.code(),
        report,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Compares a generated part of METHODOLOGY.md with what it must be, or writes it where the variable `write` is set. The
/// part stands between two comments that carry its name and the command that writes it.
pub fn generated(name: &str, command: &str, write: &str, wanted: &str) {
    let (begin, end) =
        (format!("<!-- {name}: written by {command} -->\n"), format!("<!-- end of {name} -->\n"));
    let path = workspace().join("METHODOLOGY.md");
    let text = std::fs::read_to_string(&path).expect("METHODOLOGY.md");
    let (before, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("the {name} begins"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("the {name} ends"));
    let wanted = format!("{before}{begin}{wanted}{end}{after}");
    if std::env::var_os(write).is_some() {
        std::fs::write(&path, wanted).expect("METHODOLOGY.md is written");
    } else {
        assert!(text == wanted, "the {name} in METHODOLOGY.md is out of date: run `{command}`");
    }
}
