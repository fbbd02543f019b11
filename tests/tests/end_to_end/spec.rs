//! Specifications of trials for tests.

use clap::Parser;
use tandem_records::{Cache, Client, ServerKind, TrialSpec};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    spec: TrialSpec,
}

/// A trial on simulator ports with the command line's own defaults, on the hyper client.
pub fn on_simulator(urls: &[String], tokens: &[u32]) -> TrialSpec {
    let line = Line::parse_from(["arm", "--server", "http://replaced", "--model", "sim"]);
    TrialSpec {
        servers: urls.to_vec(),
        server_kind: ServerKind::Sim,
        cache: Cache::None,
        client: Some(Client::Hyper),
        tokens: tokens.to_vec(),
        ..line.spec
    }
}

/// A trial of one agent on a server of its dialect, with further words of the command line.
pub fn of_words(url: &str, words: &[&str]) -> TrialSpec {
    let kind = if words.contains(&"openai") { "openai" } else { "ollama" };
    let mut line = vec!["arm", "--server", url, "--server-kind", kind, "--model", "m"];
    if !words.contains(&"--agents") {
        line.extend(["--agents", "1"]);
    }
    line.extend(words);
    Line::parse_from(line).spec
}
