//! What the sweep and the doctor say, before the first trial, of servers as they are out there.

use end_to_end::{bin_dir, binary};
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use wire_cases::{Case, Driver, Player, cases};

/// A plan of one trial that takes the time of a few streams.
const PLAN: &str = r#"description = "one trial on a server of a case"
blocks = 1
seed = 7
baseline = "tokio-default"
margin_efficiency = 0.005
margin_log_time = 0.05

[[sets]]
name = "one"
arms = ["tokio-default"]
client = "hyper"
agents = 1
workload = "stream"
scenario = "chimera_homo"
tokens = 8
"#;

/// Programs at once.
const AT_ONCE: usize = 4;

/// What of a program's exit code and text is not as expected.
fn misses(case: &Case, program: &str, expected: &Driver) -> Vec<String> {
    let player = Player::start(case).expect("a free port");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let api = if case.speaks("openai") { "openai" } else { "ollama" };
    let mut command = Command::new(binary(program));
    command.args(["--servers", &player.url(), "--api", api]).args(&expected.args);
    command.arg("--runs-dir").arg(path("runs")).current_dir(folder.path());
    if program == "sweep" {
        fs::write(path("plan.toml"), PLAN).expect("a plan");
        command.arg("--plan").arg(path("plan.toml")).arg("--bin-dir").arg(bin_dir());
    }
    let output = command.output().expect("it starts");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let mut wrong = Vec::new();
    if output.status.code() != Some(expected.exit) {
        wrong.push(format!("exit code {:?}, not {}", output.status.code(), expected.exit));
    }
    let unsaid = expected.says.iter().filter(|part| !text.contains(part.as_str()));
    wrong.extend(unsaid.map(|part| format!("it does not say '{part}'")));
    if !wrong.is_empty() {
        wrong.push(format!("it says: {}", text.trim().replace('\n', " | ")));
    }
    wrong
}

fn with_programs(cases: &[Case]) -> impl Iterator<Item = (&Case, &'static str, &Driver)> {
    cases.iter().flat_map(|case| {
        let programs = [("sweep", &case.sweep), ("doctor", &case.doctor)];
        programs.into_iter().filter_map(move |(program, driver)| Some((case, program, driver.as_ref()?)))
    })
}

#[test]
fn sweep_and_doctor_judge_servers_as_the_cases_say() {
    let cases = cases();
    let (queue, wrong) = (Mutex::new(with_programs(&cases)), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no panic inside").next();
                    let Some((case, program, expected)) = next else { return };
                    let misses = misses(case, program, expected);
                    if !misses.is_empty() {
                        let line = format!("{} by {program}: {}", case.name, misses.join("; "));
                        wrong.lock().expect("no panic inside").push(line);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no panic inside");
    wrong.sort();
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// What they say, as a table.
pub fn table() -> String {
    let mut text = "| stream | the server | program | exit code | it says |\n".to_owned();
    text += "| --- | --- | --- | ---: | --- |\n";
    for (case, program, driver) in with_programs(&cases()) {
        let says: Vec<String> = driver.says.iter().map(|text| format!("“{text}”")).collect();
        text += &format!(
            "| `{}` | {} | {} | {} | {} |\n",
            case.name,
            case.description,
            [&[program.to_owned()], driver.args.as_slice()].concat().join(" "),
            driver.exit,
            says.join(", ")
        );
    }
    text
}
