//! What two runs must have in common, or a change between them is no change of what is to be compared.

use super::pairing::Shared;
use super::plan_text;
use crate::analysis::{Analysis, Cell};
use crate::load::Run;
use crate::report::escape;
use std::collections::BTreeSet;
use std::fmt;
use tandem_records::{PlanRow, ServerKind, ServerRecord};

/// One factor in which the runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// What differs.
    pub what: String,
    /// Cell in which it differs; none for the whole run.
    pub cell: Option<String>,
    /// Value in A.
    pub before: String,
    /// Value in B.
    pub after: String,
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |text: &str| if text.is_empty() { "none".to_owned() } else { escape::name(text) };
        let place = self.cell.as_ref().map_or(String::new(), |cell| format!(" of {}", escape::name(cell)));
        let what = escape::name(&self.what);
        write!(f, "{what}{place} (A: {}, B: {})", value(&self.before), value(&self.after))
    }
}

/// Every factor that differs: of the whole run first, then cell by cell.
pub(super) fn differing(before: &Analysis, after: &Analysis, shared: &[Shared]) -> Vec<Factor> {
    let (a, b) = (&before.run.manifest, &after.run.manifest);
    let mut found = Found::default();
    found.note("the baseline", &a.baseline, &b.baseline);
    found.note("the build profile", &a.profile, &b.profile);
    found.note("full scale", &a.plan.full_scale.to_string(), &b.plan.full_scale.to_string());
    for cell in shared {
        found.cell = Some(cell.name().to_owned());
        found.facts(cell);
        found.arms(cell);
        found.planned(before.run, after.run, cell.name());
        found.servers(before.run, after.run, cell);
        for (what, here, there) in plan_text::differing(&a.plan.text, &b.plan.text, &cell.before.facts) {
            found.note(&what, &here, &there);
        }
    }
    found.factors
}

#[derive(Default)]
struct Found {
    cell: Option<String>,
    factors: Vec<Factor>,
}

impl Found {
    fn note(&mut self, what: &str, before: &str, after: &str) {
        if before != after {
            let (what, before, after) = (what.to_owned(), before.to_owned(), after.to_owned());
            self.factors.push(Factor { what, cell: self.cell.clone(), before, after });
        }
    }

    /// Only where both runs tell: one without plan.csv does not contradict the other.
    fn note_known<T: PartialEq + ToString>(&mut self, what: &str, before: Option<T>, after: Option<T>) {
        if let (Some(before), Some(after)) = (before, after) {
            self.note(what, &before.to_string(), &after.to_string());
        }
    }

    fn facts(&mut self, cell: &Shared) {
        let (a, b) = (&cell.before.facts, &cell.after.facts);
        let number = |value: Option<u64>| value.map_or(String::new(), |value| value.to_string());
        self.note("the workload", &a.workload.to_string(), &b.workload.to_string());
        self.note("the scenario", &a.scenario, &b.scenario);
        self.note("the configuration", &a.configuration, &b.configuration);
        self.note("the number of agents", &a.agents.to_string(), &b.agents.to_string());
        self.note("the permits", &a.permits.to_string(), &b.permits.to_string());
        self.note("the kind of server", &a.server_kind.to_string(), &b.server_kind.to_string());
        let capacity = |cell: &Cell| cell.facts.capacity.map_or(String::new(), |c| c.to_string());
        self.note("the servers' capacity", &capacity(cell.before), &capacity(cell.after));
        self.note("the time between tokens, ns", &number(a.gap_ns), &number(b.gap_ns));
        let rate = |cell: &Cell| cell.facts.rate_per_s.map_or(String::new(), |rate| rate.to_string());
        self.note("the rate, requests a second", &rate(cell.before), &rate(cell.after));
        let arrivals = |cell: &Cell| cell.facts.arrivals.map_or(String::new(), |a| a.to_string());
        self.note("the arrivals", &arrivals(cell.before), &arrivals(cell.after));
        self.note("being exploratory", &a.exploratory.to_string(), &b.exploratory.to_string());
        self.note_known("who decides the length", a.length, b.length);
        let tokens = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        self.note_known("the response length", tokens(&a.tokens), tokens(&b.tokens));
        self.note_known("what counts as a token", counted(cell.before), counted(cell.after));
        self.note_known("the number of servers", cell.before.servers, cell.after.servers);
    }

    fn arms(&mut self, cell: &Shared) {
        for label in &cell.arms {
            let (Some(a), Some(b)) = (cell.before.arm(label), cell.after.arm(label)) else { continue };
            self.note_known(&format!("the HTTP client of {label}"), a.client, b.client);
            let what = format!("the read cap of {label}, bytes");
            self.note_known(&what, a.read_cap_bytes, b.read_cap_bytes);
        }
    }

    fn planned(&mut self, before: &Run, after: &Run, cell: &str) {
        let first = |run: &Run| run.plan.iter().find(|row| row.cell == cell).cloned();
        let (Some(a), Some(b)) = (first(before), first(after)) else { return };
        let row = |row: &PlanRow| {
            let (connection, cache, pin) =
                (row.connection.to_string(), row.cache.to_string(), row.pin.to_string());
            [connection, cache, row.api.to_string(), row.endpoint.to_string(), pin]
        };
        let names =
            ["the connection", "the treatment of caches", "the API", "the endpoint", "the placement (pin)"];
        for ((what, a), b) in names.iter().zip(row(&a)).zip(row(&b)) {
            self.note(what, &a, &b);
        }
    }

    fn servers(&mut self, before: &Run, after: &Run, cell: &Shared) {
        let set = &cell.before.facts.set;
        let of = |run: &Run, value: fn(&ServerRecord) -> Option<String>| -> String {
            let servers = run.manifest.servers.iter().filter(|s| s.set.is_empty() || s.set == *set);
            let values: BTreeSet<String> = servers.filter_map(value).collect();
            values.into_iter().collect::<Vec<_>>().join(", ")
        };
        let model = |server: &ServerRecord| Some(server.model.clone());
        self.note("the model", &of(before, model), &of(after, model));
        let known = |run: &Run, value| Some(of(run, value)).filter(|text| !text.is_empty());
        // Copies of a model that were made apart have equal layers and different digests.
        let layers = |server: &ServerRecord| server.layers_digest.clone();
        let digest = |server: &ServerRecord| server.model_digest.clone();
        match known(before, layers).zip(known(after, layers)) {
            Some((a, b)) => self.note("the model's layers", &a, &b),
            None => self.note_known("the model's digest", known(before, digest), known(after, digest)),
        }
        let simulator = |server: &ServerRecord| {
            (server.kind == ServerKind::Sim).then(|| lasting_arguments(&server.command))
        };
        self.note("the simulator's arguments", &of(before, simulator), &of(after, simulator));
    }
}

/// What a cell counts as a token; none where a piece is a token, so that both are the same.
fn counted(cell: &Cell) -> Option<&'static str> {
    match cell.pieces.told {
        Some(told) if told.tokens == told.pieces => None,
        Some(_) => Some("tokens"),
        None => Some("pieces"),
    }
}

/// The simulator's arguments without what may change from run to run: ports, which the system chooses, and the seed,
/// which is the run's.
fn lasting_arguments(command: &str) -> String {
    let mut words = command.split_whitespace().skip(1);
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--listen" | "--seed" => drop(words.next()),
            "--exit-with-parent" => {}
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_seed_are_no_lasting_arguments() {
        let command =
            "/x/ollama-sim --listen 127.0.0.1:0 --profile fast --seed 115 --itl-ms 10 --exit-with-parent";
        assert_eq!(lasting_arguments(command), "--profile fast --itl-ms 10");
        assert_eq!(lasting_arguments("ollama-sim --seed"), "");
        assert_eq!(lasting_arguments(""), "");
    }
}
