//! What the servers share with each other and with the client: a difference between arms is also one in what they leave
//! to the servers.

use crate::analysis::{Analysis, Cell};
use crate::report::format;
use tandem_records::{ServerKind, ServerRecord};

/// A sentence on the real servers of a cell; none where no server is known to run on the client's machine.
pub(super) fn sharing(analysis: &Analysis, cell: &Cell) -> Option<String> {
    let manifest = &analysis.run.manifest;
    if cell.facts.server_kind == ServerKind::Sim {
        return None;
    }
    let servers: Vec<&ServerRecord> =
        manifest.servers.iter().filter(|server| cell.facts.has_server(server)).collect();
    let here: Vec<&ServerRecord> =
        servers.iter().copied().filter(|server| server.on_this_machine == Some(true)).collect();
    let who = match (here.len(), servers.len()) {
        (0, _) => return None,
        (1, 1) => "The server and the client".to_owned(),
        (2, 2) => "Both servers and the client".to_owned(),
        (here, all) if here == all => format!("All {} servers and the client", format::count(all)),
        (here, all) => {
            let (here, all) = (format::count(here), format::count(all));
            format!("{}{} of the {all} servers and the client", here[..1].to_uppercase(), &here[1..])
        }
    };
    let cpus = match manifest.machine.cpus {
        1 => "the one CPU".to_owned(),
        cpus => format!("the {cpus} CPUs"),
    };
    Some(format!("{who} share {cpus} of this machine; {}.", models(&here)))
}

/// Where the models of the servers are.
fn models(servers: &[&ServerRecord]) -> String {
    let (models, run) = if servers.len() == 1 { ("the model", "runs") } else { ("the models", "run") };
    let shares: Option<Vec<f64>> = servers.iter().map(|server| on_gpu(server)).collect();
    let Some(shares) = shares else {
        let tell = if servers.len() == 1 { "it does not tell" } else { "they do not tell" };
        return format!("{tell} whether {models} {run} on them or on a GPU");
    };
    let all = |share: f64| shares.iter().all(|one| *one == share);
    if all(0.0) {
        format!("{models} {run} on the CPU, so that what one takes the others lack")
    } else if all(1.0) {
        format!("{models} {run} on a GPU")
    } else {
        let shares: Vec<String> =
            shares.iter().map(|share| format!("{} %", format::fixed(share * 100.0, 0))).collect();
        format!("{models} {run} on the CPU in part ({} on a GPU)", format::listed(&shares))
    }
}

/// Share of a loaded model that is on a GPU; none where the server does not tell.
fn on_gpu(server: &ServerRecord) -> Option<f64> {
    match (server.size_bytes, server.size_vram_bytes?) {
        (Some(0), _) => None,
        (_, 0) => Some(0.0),
        (Some(all), part) if all > 0 => Some((part as f64 / all as f64).min(1.0)),
        _ => None,
    }
}
