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
