//! Streams as real servers send them, on every arm and client: each says what the case expects, and all say the same.
//!
//! `WRITE_WIRE_TABLE=1` (`make wire-table`) writes the table of METHODOLOGY.md.

use crate::spec::of_words;
use crate::wire_cases_by_driver;
use end_to_end::{bin_dir, combinations, generated, run_arm};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use tandem_records::{Client, Phase, RequestRow, TrialSpec};
use wire_cases::{Case, Expected, Player, cases};

/// Trials at once: most of their time they wait for the server.
const AT_ONCE: usize = 8;
/// Time limit of a request where the case names none: far more than any case takes.
const TIMEOUT_MS: u64 = 20_000;
/// What all clients must say alike of a stream.
const VERDICT: &[&str] = &[
    "status",
    "pieces",
    "thinking_pieces",
    "output_tokens",
    "tokens_from",
    "prompt_tokens",
    "done_reason",
    "digest",
];

/// The arm in Python, which `make python-httpx` puts beside the others.
const PYTHON: &str = "python-httpx";

/// All arms with their clients.
fn pairs() -> Vec<(String, Client)> {
    combinations().into_iter().chain([(PYTHON.to_owned(), Client::Httpx)]).collect()
}

/// What one arm and client said of one case, and what of it was not as expected.
struct Seen {
    who: String,
    is_exception: bool,
    verdict: String,
    wrong: BTreeSet<String>,
    error: String,
}

fn play(case: &Case, expected: &Expected, arm: &str, client: Client) -> Seen {
    let player = Player::start(case).expect("a free port");
    let words: Vec<&str> = case.trial.iter().map(String::as_str).collect();
    let mut spec = TrialSpec { client: Some(client), ..of_words(&player.url(), &words) };
    if !words.contains(&"--timeout-ms") {
        spec.timeout_ms = TIMEOUT_MS;
    }
    let run = run_arm(arm, &spec);
    let who = format!("{arm} {client}");
    let is_exception = case.exceptions.iter().any(|(name, _)| name == client.as_str());
    let Some(report) = run.report else {
        let wrong = BTreeSet::from(["no report".to_owned()]);
        return Seen { who, is_exception, verdict: String::new(), wrong, error: run.stderr };
    };
    let (warmup, measured): (Vec<&RequestRow>, Vec<_>) =
        report.requests.iter().partition(|row| row.phase == Phase::Warmup);
    // Where the warm-up fails, nothing is measured.
    let judged = if measured.is_empty() { warmup } else { measured };
    let mut wrong: BTreeSet<String> = judged.iter().flat_map(|row| misses(expected, row)).collect();
    if !run.stderr.is_empty() {
        wrong.insert(format!("standard error: {}", run.stderr.trim()));
    }
    if !judged.iter().any(|row| row.status == report.status) {
        wrong.insert(format!("the trial is {} ({})", report.status, report.error));
    }
    let verdicts: BTreeSet<String> = judged.iter().map(|row| verdict(expected, row)).collect();
    if verdicts.len() > 1 {
        wrong.insert("requests differ".to_owned());
    }
    let verdict = verdicts.into_iter().collect::<Vec<_>>().join(" / ");
    Seen { who, is_exception, verdict, wrong, error: report.error }
}

/// The cell of a column as it is written; `X_ms` is the column `X_ns` in milliseconds.
fn cell(row: &RequestRow, column: &str) -> String {
    let row = serde_json::to_value(row).expect("a row");
    let (name, per_unit) = match column.strip_suffix("_ms") {
        Some(stem) => (format!("{stem}_ns"), 1e6),
        None => (column.to_owned(), 1.0),
    };
    match row.get(&name).unwrap_or_else(|| panic!("requests.csv has no column {name}")) {
        Value::Null => "none".to_owned(),
        Value::String(text) if text.is_empty() => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) if per_unit > 1.0 => {
            number.as_f64().map_or("none".to_owned(), |number| (number / per_unit).to_string())
        }
        other => other.to_string(),
    }
}

fn range(value: &str) -> Option<std::ops::RangeInclusive<f64>> {
    let (from, to) = value.split_once("..")?;
    Some(from.parse().ok()?..=to.parse().ok()?)
}

fn misses(expected: &Expected, row: &RequestRow) -> Vec<String> {
    let mut wrong = Vec::new();
    for (column, wanted) in &expected.columns {
        let seen = cell(row, column);
        let holds = match range(wanted) {
            Some(range) => seen.parse().is_ok_and(|number| range.contains(&number)),
            None => seen == *wanted,
        };
        if !holds {
            let seen = if range(wanted).is_some() { "elsewhere" } else { &seen };
            wrong.push(format!("{column} is {seen}, not {wanted}"));
        }
    }
    let unsaid = expected.says.iter().filter(|text| !row.error.contains(text.as_str()));
    wrong.extend(unsaid.map(|text| format!("the error does not say '{text}'")));
    wrong
}

/// What all must say alike. A column that the case gives a range may differ from request to request.
fn verdict(expected: &Expected, row: &RequestRow) -> String {
    let varies = |name: &&&str| {
        expected.columns.iter().any(|(column, value)| column == **name && range(value).is_some())
    };
    let same = VERDICT.iter().filter(|name| !varies(name));
    same.map(|name| format!("{name}={}", cell(row, name))).collect::<Vec<_>>().join(" ")
}

/// True where a program on this machine would ask an IPv6 address of this name first.
fn is_v6_first(host: &str) -> bool {
    use std::net::ToSocketAddrs;
    (host, 0).to_socket_addrs().is_ok_and(|mut found| found.next().is_some_and(|address| address.is_ipv6()))
}

#[test]
fn every_stream_gives_its_verdict_on_every_arm_and_client() {
    let wanted = std::env::var("WIRE_CASES").unwrap_or_default();
    let mut cases = cases();
    cases.retain(|case| case.expected.is_some() && case.name.starts_with(&wanted));
    for case in &cases {
        if let Some(host) = case.host.as_deref().filter(|host| !is_v6_first(host)) {
            println!(
                "{}: {host} is no IPv6 address first on this machine, so it is like any other case",
                case.name
            );
        }
    }
    let mut pairs = pairs();
    if !bin_dir().join(PYTHON).exists() {
        println!("{PYTHON} is not installed and left out: run `make python-httpx`");
        pairs.retain(|(arm, _)| arm != PYTHON);
    }
    // Arm by arm: so trials that wait for slow streams run beside those that do not.
    let trials = pairs.iter().flat_map(|pair| cases.iter().map(move |case| (case, pair)));
    let (trials, seen) = (Mutex::new(trials), Mutex::new(BTreeMap::<&str, Vec<Seen>>::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = trials.lock().expect("no panic inside").next();
                    let Some((case, (arm, client))) = next else { return };
                    let expected = case.expected_of(client.as_str()).expect("those without one are left out");
                    let what = play(case, expected, arm, *client);
                    seen.lock().expect("no panic inside").entry(&case.name).or_default().push(what);
                }
            });
        }
    });
    let complaints: Vec<String> = seen
        .into_inner()
        .expect("no panic inside")
        .iter()
        .filter_map(|(case, seen)| complaint(case, seen))
        .collect();
    assert!(
        complaints.is_empty(),
        "{} of {} streams:\n{}",
        complaints.len(),
        cases.len(),
        complaints.join("\n")
    );
}

/// What is wrong with a case, in few lines: arms and clients that say the same share one.
fn complaint(case: &str, all: &[Seen]) -> Option<String> {
    let mut groups = BTreeMap::<String, Vec<&Seen>>::new();
    for seen in all {
        let wrong = seen.wrong.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        groups.entry(format!("{wrong} [{}]", seen.verdict)).or_default().push(seen);
    }
    let ruled: BTreeSet<&str> =
        all.iter().filter(|seen| !seen.is_exception).map(|seen| &*seen.verdict).collect();
    let is_sound = ruled.len() <= 1 && all.iter().all(|seen| seen.wrong.is_empty());
    let line = |(what, group): (&String, &Vec<&Seen>)| {
        let names: Vec<&str> = group.iter().map(|seen| seen.who.as_str()).collect();
        let who = if group.len() == all.len() { "all".to_owned() } else { names.join(", ") };
        format!("  {who}: {what} {}", group[0].error.trim())
    };
    (!is_sound).then(|| format!("{case}\n{}", groups.iter().map(line).collect::<Vec<_>>().join("\n")))
}

fn table() -> String {
    let all = pairs().len();
    let mut text =
        "| stream | the server | each client says | arms × clients |\n| --- | --- | --- | ---: |\n"
            .to_owned();
    for case in cases() {
        let Some(expected) = &case.expected else { continue };
        text += &format!(
            "| `{}` | {} | {} | {all} of {all} |\n",
            case.name,
            case.description,
            in_words(expected)
        );
    }
    text
}

fn in_words(expected: &Expected) -> String {
    let value = |column: &str| {
        let pair = expected.columns.iter().find(|(name, _)| name == column);
        pair.map(|(_, value)| value.replace("..", " to ")).filter(|value| value != "none")
    };
    let mut words = vec![format!("`{}`", value("status").expect("every case has a status"))];
    let counted =
        value("tokens_from").map(|by| format!(" (counted by the {by})").replace("the pieces", "pieces"));
    words
        .extend(value("output_tokens").map(|count| format!("{count} tokens{}", counted.unwrap_or_default())));
    words.extend(value("pieces").map(|count| format!("{count} pieces")));
    words.extend(value("thinking_pieces").map(|count| format!("{count} of them thinking")));
    words.extend(expected.says.iter().map(|text| format!("“{text}”")));
    words.join(", ")
}

#[test]
fn the_table_of_streams_in_the_methodology_is_that_of_the_cases() {
    let by_driver = "What the sweep and the doctor say of some of these servers before the first trial (exit code 3: the server cannot be used):";
    let both = format!("{}\n{by_driver}\n\n{}", table(), wire_cases_by_driver::table());
    generated("wire table", "make wire-table", "WRITE_WIRE_TABLE", &both);
}
