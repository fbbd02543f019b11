//! The servers of a run, and what they told of themselves.

use super::{escape, format, words};
use std::collections::{BTreeMap, BTreeSet};
use tandem_records::ServerRecord;

/// The table; nothing where the manifest lists no server. Slots and fields left out have columns where they are known.
pub(super) fn table(servers: &[ServerRecord]) -> String {
    if servers.is_empty() {
        return String::new();
    }
    let slots = servers.iter().any(|server| server.slots.is_some());
    let left_out = servers.iter().any(|server| !server.left_out.is_empty());
    let mut titles = vec!["server", "kind", "version", "model", "digest", "set", "command"];
    titles.extend(slots.then_some("slots"));
    titles.extend(left_out.then_some("left out of requests"));
    let mut text = words::head(&titles, titles.len());
    for server in servers {
        let mut row = row(server);
        if slots {
            row.push(server.slots.map_or(format::NONE.to_owned(), |slots| slots.to_string()));
        }
        if left_out {
            let fields: Vec<String> =
                server.left_out.iter().map(|field| escape::markdown(field.as_str())).collect();
            row.push(if fields.is_empty() { format::NONE.to_owned() } else { fields.join(", ") });
        }
        text += &words::row(&row);
    }
    text += "\n";
    text + &equal_by_layers(servers)
}

fn row(server: &ServerRecord) -> Vec<String> {
    let told = |value: &Option<String>| value.as_deref().map_or(format::NONE.to_owned(), escape::markdown);
    vec![
        escape::markdown(&server.url),
        server.kind.to_string(),
        told(&server.version),
        escape::markdown(&server.model),
        told(&server.model_digest),
        escape::markdown(if server.set.is_empty() { "all" } else { &server.set }),
        escape::markdown(&server.command),
    ]
}

/// Which models are equal by their layers although their digests differ; nothing where none are.
fn equal_by_layers(servers: &[ServerRecord]) -> String {
    let mut models = BTreeMap::<&str, Vec<(&str, &str)>>::new();
    for server in servers {
        if let Some((layers, digest)) = server.layers_digest.as_deref().zip(server.model_digest.as_deref()) {
            models.entry(layers).or_default().push((digest, &server.url));
        }
    }
    let mut text = String::new();
    for copies in models.into_values() {
        let digests: BTreeSet<&str> = copies.iter().map(|(digest, _)| *digest).collect();
        if digests.len() > 1 {
            let urls: BTreeSet<String> = copies.iter().map(|(_, url)| escape::markdown(url)).collect();
            let urls = format::listed(&urls.into_iter().collect::<Vec<_>>());
            text += &format!("Models equal by their layers, though their digests differ: {urls}.\n\n");
        }
    }
    text
}
