//! The faults of a running simulator: which request is struck, and how often each has struck.

use super::when::Facts;
use super::{Fault, Kind, Struck};
use std::collections::BTreeMap;

/// Faults in order with their counts.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    all: Vec<(Fault, u64)>,
    began: u64,
    requests: u64,
    on_port: Vec<u64>,
}

impl Faults {
    /// Of a simulator that starts at this monotonic time.
    pub fn new(faults: &[Fault], ports: usize, began: u64) -> Faults {
        let all = faults.iter().map(|fault| (fault.clone(), 0)).collect();
        Faults { all, began, requests: 0, on_port: vec![0; ports] }
    }

    /// The fate of the next request for tokens: its number counts here. `None` is a sound answer.
    pub fn strike(&mut self, port: usize, key: u64, now: u64, tokens: u32) -> Option<Struck> {
        if self.all.is_empty() {
            return None;
        }
        self.requests += 1;
        self.on_port[port] += 1;
        let facts = Facts {
            number: self.requests,
            number_on_port: self.on_port[port],
            port,
            key,
            at_ms: self.at_ms(now),
        };
        let mut all = self.all.iter_mut().enumerate();
        let fits = |(salt, (fault, _)): &(usize, &mut (Fault, u64))| {
            fault.kind != Kind::Refuse && fault.when.holds(&facts, *salt as u64)
        };
        let (_, (fault, count)) = all.find(fits)?;
        *count += 1;
        Some(Struck::new(fault, tokens))
    }

    /// Requests and strikes are counted anew.
    pub fn reset(&mut self) {
        self.requests = 0;
        self.on_port.fill(0);
        self.all.iter_mut().for_each(|(_, count)| *count = 0);
    }

    /// Whether any port may ever refuse a connection: where none does, the loop need not ask.
    pub fn can_refuse(&self) -> bool {
        self.refusals().next().is_some()
    }

    /// Whether a port refuses new connections now.
    pub fn refuses(&self, port: usize, now: u64) -> bool {
        let at_ms = self.at_ms(now);
        self.refusals().any(|fault| {
            let when = &fault.when;
            let requests = if when.port.is_some() { self.on_port[port] } else { self.requests };
            when.port.is_none_or(|wanted| wanted == port)
                && when.is_in_time(at_ms)
                && when.request.is_none_or(|wanted| requests + 1 >= wanted)
        })
    }

    /// The next moment at which [`Faults::refuses`] changes by itself.
    pub fn next_change(&self, now: u64) -> Option<u64> {
        let edges = self.refusals().flat_map(|fault| [fault.when.from_ms, fault.when.until_ms]).flatten();
        edges.map(|ms| self.began + ms * 1_000_000).filter(|edge| *edge > now).min()
    }

    /// How often each has struck, by its own text; refused connections do not reach the simulator and are not counted.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let counted = self.all.iter().filter(|(fault, _)| fault.kind != Kind::Refuse);
        counted.map(|(fault, count)| (fault.to_string(), *count)).collect()
    }

    fn refusals(&self) -> impl Iterator<Item = &Fault> {
        self.all.iter().map(|(fault, _)| fault).filter(|fault| fault.kind == Kind::Refuse)
    }

    fn at_ms(&self, now: u64) -> u64 {
        now.saturating_sub(self.began) / 1_000_000
    }
}
