//! A folder of fake arms, plans and runs, and a tiny server that answers as Ollama does.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tandem_records::{AgentRow, Manifest, PlanRow, RequestRow, Table, TrialRow, Workload};

/// The places of one test.
pub struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    /// Fake arms under these names.
    pub fn with_arms(arms: &[&str]) -> Bench {
        let bench = Bench { folder: tempfile::tempdir().unwrap() };
        for part in ["bin", "plans", "runs"] {
            fs::create_dir(bench.path(part)).unwrap();
        }
        for arm in arms {
            link(&example("fake"), &bench.path("bin").join(arm));
        }
        bench
    }

    pub fn path(&self, part: &str) -> PathBuf {
        self.folder.path().join(part)
    }

    /// Adds the simulator to the arms.
    pub fn with_simulator(self) -> Bench {
        link(&example("ollama-sim"), &self.path("bin").join("ollama-sim"));
        self
    }

    pub fn plan(&self, name: &str, text: &str) {
        fs::write(self.path("plans").join(format!("{name}.toml")), text).unwrap();
    }

    /// The driver with the folders of this bench.
    pub fn sweep(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sweep"));
        for (flag, part) in [("--bin-dir", "bin"), ("--plans-dir", "plans"), ("--runs-dir", "runs")] {
            command.arg(flag).arg(self.path(part));
        }
        command.arg("--calibration").arg(self.path("calibration.json"));
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Finished {
        Finished::of(self.sweep(args).output().unwrap())
    }

    pub fn start(&self, args: &[&str]) -> Child {
        self.sweep(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn rows<T: Table + serde::de::DeserializeOwned>(&self, run: &str) -> Vec<T> {
        let path = self.path("runs").join(run).join(T::FILE);
        csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
    }

    pub fn trials(&self, run: &str) -> Vec<TrialRow> {
        self.rows(run)
    }

    pub fn planned(&self, run: &str) -> Vec<PlanRow> {
        self.rows(run)
    }

    pub fn manifest(&self, run: &str) -> Manifest {
        serde_json::from_slice(&fs::read(self.path("runs").join(run).join("manifest.json")).unwrap()).unwrap()
    }

    /// Waits until a run has this many committed trials.
    pub fn wait_for_trials(&self, run: &str, count: usize) {
        let path = self.path("runs").join(run).join("trials.csv");
        wait_until("trials are committed", || {
            fs::read_to_string(&path).is_ok_and(|text| text.lines().count() > count)
        });
    }

    /// Adds a fake arm that notes its command lines, for [`Bench::command_lines`], and those with which it was given a key of servers.
    pub fn noting_arm(&self, arm: &str) {
        let path = self.path("bin").join(arm);
        let fake = example("fake");
        let script = format!(
            "#!/bin/bash\n[ \"$1\" = --version ] || printf '%s\\n' \"$*\" >> {0}.lines\n\
             [ -z \"$TANDEM_API_KEY\" ] || printf '%s\\n' \"$*\" >> {0}.with-key\nexec -a {arm} {1} \"$@\"\n",
            self.path(arm).display(),
            fake.display()
        );
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// How a noting arm was called, without its receipt.
    pub fn command_lines(&self, arm: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path(&format!("{arm}.lines"))).unwrap();
        text.lines().map(str::to_string).collect()
    }

    /// Agents and requests belong to committed attempts, no attempt stands there twice, every planned trial ended ok.
    pub fn assert_complete(&self, run: &str) {
        let (planned, trials) = (self.planned(run), self.trials(run));
        let mut keys: Vec<(u32, u32)> = trials.iter().map(|row| (row.trial, row.attempt)).collect();
        keys.sort_unstable();
        let unique = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), unique, "an attempt stands there twice");
        for plan in &planned {
            let ok = trials.iter().filter(|row| row.trial == plan.trial && row.status.is_ok()).count();
            assert_eq!(ok, 1, "trial {} has {ok} ok rows", plan.trial);
        }
        let agents: Vec<AgentRow> = self.rows(run);
        let requests: Vec<RequestRow> = self.rows(run);
        assert!(agents.iter().all(|row| keys.contains(&(row.trial, row.attempt))));
        assert!(requests.iter().all(|row| keys.contains(&(row.trial, row.attempt))));
        for row in trials.iter().filter(|row| row.status.is_ok()) {
            // Two agents: warm-up, solo and concurrent phase each. A report takes two calls.
            let calls = if row.workload == Workload::Report { 2 } else { 1 };
            assert_eq!(agents.iter().filter(|a| (a.trial, a.attempt) == (row.trial, row.attempt)).count(), 6);
            assert_eq!(
                requests.iter().filter(|r| (r.trial, r.attempt) == (row.trial, row.attempt)).count(),
                2 + 4 * calls
            );
        }
    }
}

/// A plan of two fake arms, two agents each; `options` is an inline table.
pub fn plan_of_two(blocks: u32, options: &str) -> String {
    format!(
        r#"description = "two fake arms"
blocks = {blocks}
seed = 7
baseline = "arm-a"
margin_efficiency = 0.005
margin_log_time = 0.05

[[sets]]
name = "fakes"
arms = ["arm-a", "arm-b"]
client = "hyper"
agents = [2]
workload = "stream"
scenario = "chimera_homo"
tokens = [100]
options_a = {options}
"#
    )
}

/// A driver that has ended.
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn of(output: Output) -> Finished {
        Finished {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub fn expect(self, code: i32) -> Finished {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// The one line of an error message.
    pub fn message(&self) -> &str {
        let mut lines = self.stderr.lines();
        let line = lines.next().unwrap_or_default();
        assert!(line.starts_with("error: ") && lines.next().is_none(), "not one error line: {}", self.stderr);
        &line[7..]
    }
}

pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "30 s passed before {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn signal(child: &Child, signal: rustix::process::Signal) {
    rustix::process::kill_process(rustix::process::Pid::from_child(child), signal).unwrap();
}

/// An example of this package, built with its tests.
pub fn example(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_sweep")).parent().unwrap().join("examples").join(name);
    assert!(path.is_file(), "{} is missing; build it with cargo build -p sweep --examples", path.display());
    path
}

fn link(target: &Path, link: &Path) {
    std::os::unix::fs::symlink(target, link).unwrap();
}

/// Two simulated servers in the place of real ones.
pub struct Simulator {
    child: Child,
    /// Their base URLs, separated by a comma.
    pub servers: String,
}

impl Simulator {
    pub fn start(args: &[&str]) -> Simulator {
        let mut command = Command::new(example("ollama-sim"));
        command.args(["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]);
        for (flag, value) in [("--ttft-ms", "10"), ("--itl-ms", "4")] {
            if !args.contains(&flag) {
                command.args([flag, value]);
            }
        }
        let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let first: serde_json::Value = serde_json::from_str(&line).unwrap();
        let urls: Vec<&str> =
            first["listening"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
        Simulator { child, servers: urls.join(",") }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that answers by what it is asked: path and body in, a whole answer out. Returns its base URL.
pub fn serve(answer: impl Fn(&str, &str) -> String + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.unwrap(), answer.clone());
            std::thread::spawn(move || {
                if let Ok(request) = read_request(&stream) {
                    let path = request.head.split(' ').nth(1).unwrap_or_default();
                    let _ = (&stream).write_all(answer(path, &request.body).as_bytes()); // who asked may be gone
                }
            });
        }
    });
    url
}

/// A whole answer of status 200.
pub fn ok(body: &str) -> String {
    answered("200 OK", body)
}

/// A whole answer.
pub fn answered(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// The events of a chat of so many tokens, ended by a reason.
pub fn chat(tokens: usize) -> String {
    let event = |delta: &str, reason: &str| {
        format!("data: {{\"choices\":[{{\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n")
    };
    event("{\"content\":\" one\"}", "null").repeat(tokens) + &event("{}", "\"length\"")
}

struct Request {
    head: String,
    key: String,
    body: String,
}

fn read_request(stream: &TcpStream) -> std::io::Result<Request> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    reader.read_line(&mut line)?;
    let head = line.trim().to_string();
    let mut key = String::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        let (name, value) = line.trim().split_once(": ").unwrap_or_default();
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => key = value.to_string(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).replace(['\n', ' '], "");
    Ok(Request { head, key, body })
}

/// An Ollama server as far as the driver asks one.
pub struct Responder {
    pub url: String,
    state: Arc<State>,
}

struct State {
    models: Vec<String>,
    /// `size_vram` in /api/ps; it grows by this much with every look.
    growth: AtomicU32,
    looks: AtomicU32,
    heads: Mutex<Vec<String>>,
    keys: Mutex<Vec<String>>,
}

impl Responder {
    pub fn start(models: &[&str]) -> Responder {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            models: models.iter().map(|name| name.to_string()).collect(),
            growth: AtomicU32::new(0),
            looks: AtomicU32::new(0),
            heads: Mutex::default(),
            keys: Mutex::default(),
        });
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = shared.clone();
                std::thread::spawn(move || drop(answer(stream.unwrap(), &shared)));
            }
        });
        Responder { url, state }
    }

    /// From now on the model's size in memory differs at every look.
    pub fn reload_all_the_time(&self) {
        self.state.growth.store(1, Ordering::SeqCst);
    }

    /// The header `Authorization` of each request so far; empty where there was none.
    pub fn keys(&self) -> Vec<String> {
        self.state.keys.lock().unwrap().clone()
    }

    /// First lines of the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.state.heads.lock().unwrap().clone()
    }
}

/// A server that answers every request with these bytes; without any it never answers.
pub fn fixed_answer(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            if bytes.is_empty() {
                silent.push(stream);
                continue;
            }
            let mut line = String::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while reader.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let _ = stream.write_all(bytes.as_bytes()); // who asked may be gone
        }
    });
    url
}

fn answer(stream: TcpStream, state: &State) -> std::io::Result<()> {
    let Request { head, key, body } = read_request(&stream)?;
    state.keys.lock().unwrap().push(key);
    state.heads.lock().unwrap().push(format!("{head} {body}"));
    let list =
        |entry: &dyn Fn(&String) -> String| state.models.iter().map(entry).collect::<Vec<_>>().join(",");
    let path = head.split(' ').nth(1).unwrap_or_default();
    let text = match path {
        "/api/version" => r#"{"version":"0.32.15"}"#.to_string(),
        "/api/tags" => {
            format!(r#"{{"models":[{}]}}"#, list(&|m| format!(r#"{{"name":"{m}:latest","digest":"d-{m}"}}"#)))
        }
        "/api/ps" => {
            let size =
                1000 + state.looks.fetch_add(1, Ordering::SeqCst) * state.growth.load(Ordering::SeqCst);
            let entry =
                |m: &String| format!(r#"{{"name":"{m}:latest","size_vram":{size},"context_length":4096}}"#);
            format!(r#"{{"models":[{}]}}"#, list(&entry))
        }
        "/v1/models" => format!(r#"{{"data":[{}]}}"#, list(&|m| format!(r#"{{"id":"{m}"}}"#))),
        "/api/generate" if body.contains("\"prompt\"") => {
            let tokens = "{\"response\":\" one\",\"done\":false}\n".repeat(limit(&body, "num_predict"));
            tokens + "{\"response\":\"\",\"done\":true,\"done_reason\":\"length\"}\n"
        }
        "/api/generate" => r#"{"response":"","done":true,"done_reason":"load"}"#.into(),
        "/v1/chat/completions" => chat(limit(&body, "max_tokens")) + "data: [DONE]\n\n",
        _ => {
            let missing = "404 page not found";
            write!(
                &stream,
                "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{missing}",
                missing.len()
            )?;
            return Ok(());
        }
    };
    write!(&stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len())
}

/// The length that a request asks for.
fn limit(body: &str, key: &str) -> usize {
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    let there = body[key].as_u64().or_else(|| body["options"][key].as_u64());
    there.unwrap_or(20) as usize
}
