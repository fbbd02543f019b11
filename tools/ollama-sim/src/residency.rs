//! Which model a port holds in memory, since when, and for how long.

use crate::clock::rfc3339_nano;
use crate::go_json::quote;
use crate::models::{DETAILS, digest, with_tag};

/// The model that one port holds.
#[derive(Debug, Default)]
pub struct Residency {
    resident: Option<Resident>,
    loads: u64,
    /// Bytes of a resident model, and of those on a GPU.
    sizes: (u64, u64),
}

#[derive(Debug)]
struct Resident {
    name: String,
    context: u32,
    /// Number of the load that brought it.
    load: u64,
    /// Monotonic time at which that load is complete.
    loaded: u64,
    /// As the latest request has it; negative is for ever.
    keep_alive_ns: i64,
    /// Requests that have not ended: they keep it in memory.
    in_use: u32,
    /// When the latest request has ended, plus its keep-alive; unknown before any has.
    expires_unix_ns: Option<i64>,
}

/// The same moment on two clocks, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// CLOCK_MONOTONIC.
    pub monotonic: u64,
    /// Since 1970.
    pub unix: i64,
}

/// What a request finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// Number of the load whose model serves it.
    pub load: u64,
    /// Whether the request itself began that load.
    pub is_new: bool,
    /// Monotonic time from which on the model can serve it.
    pub loaded: u64,
}

impl Resident {
    fn is_there(&self, unix_ns: i64) -> bool {
        self.in_use > 0 || self.expires_unix_ns.is_none_or(|at| at > unix_ns)
    }

    fn expires(&self, unix_ns: i64) -> i64 {
        let keep = if self.keep_alive_ns < 0 { i64::MAX } else { self.keep_alive_ns };
        unix_ns.saturating_add(keep)
    }
}

impl Residency {
    /// Nothing resident; a model will take so many bytes, and so many of these on a GPU.
    pub fn new(size_bytes: u64, size_vram_bytes: u64) -> Residency {
        Residency { sizes: (size_bytes, size_vram_bytes), ..Residency::default() }
    }

    /// A request begins. Where another model, or the same with another context, or none is resident, it loads its
    /// own in `load_ns`. Every call wants one of [`Residency::leave`].
    pub fn admit(
        &mut self,
        name: &str,
        context: u32,
        keep_alive_ns: i64,
        now: Now,
        load_ns: u64,
    ) -> Admission {
        let name = with_tag(name);
        let same = |r: &Resident| r.name == name && r.context == context && r.is_there(now.unix);
        let stays = self.resident.take_if(|resident| same(resident));
        let is_new = stays.is_none();
        let resident = stays.unwrap_or_else(|| {
            self.loads += 1;
            let (load, loaded) = (self.loads, now.monotonic + load_ns);
            Resident { name, context, load, loaded, keep_alive_ns, in_use: 0, expires_unix_ns: None }
        });
        let resident = self.resident.insert(resident);
        resident.keep_alive_ns = keep_alive_ns;
        resident.in_use += 1;
        Admission { load: resident.load, is_new, loaded: resident.loaded }
    }

    /// A request of this load has ended: its keep-alive begins; with one of zero the model goes with the last
    /// request.
    pub fn leave(&mut self, load: u64, unix_ns: i64) {
        let Some(resident) = self.resident.as_mut().filter(|resident| resident.load == load) else { return };
        resident.in_use -= 1;
        resident.expires_unix_ns = Some(resident.expires(unix_ns));
        if resident.in_use == 0 && resident.keep_alive_ns == 0 {
            self.resident = None;
        }
    }

    /// Unloads a model, at once or when its last request has ended.
    pub fn unload(&mut self, name: &str) {
        let name = with_tag(name);
        let Some(resident) = self.resident.as_mut().filter(|resident| resident.name == name) else { return };
        resident.keep_alive_ns = 0;
        if resident.in_use == 0 {
            self.resident = None;
        }
    }

    /// Body of `/api/ps`.
    pub fn ps(&self, unix_ns: i64) -> String {
        /// Go prints "for ever" as a moment in the year 2319; the latest that an i64 of nanoseconds holds is 2262.
        const FOR_EVER: &str = "2319-03-03T07:14:25.612292870Z";
        let Some(resident) = self.resident.as_ref().filter(|resident| resident.is_there(unix_ns)) else {
            return r#"{"models":[]}"#.to_owned();
        };
        let (name, digest) = (quote(&resident.name), digest(&resident.name));
        let expires = match resident.expires_unix_ns.unwrap_or_else(|| resident.expires(unix_ns)) {
            i64::MAX => FOR_EVER.to_owned(),
            at => rfc3339_nano(at),
        };
        let (size, size_vram) = self.sizes;
        format!(
            r#"{{"models":[{{"name":{name},"model":{name},"size":{size},"digest":"{digest}","details":{DETAILS},"expires_at":"{expires}","size_vram":{size_vram},"context_length":{}}}]}}"#,
            resident.context
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = r#"{"models":[]}"#;

    /// The same number on both clocks.
    fn at(ns: u64) -> Now {
        Now { monotonic: ns, unix: ns as i64 }
    }

    #[test]
    fn a_model_stays_until_its_keep_alive_ends() {
        let mut port = Residency::default();
        assert_eq!(port.ps(0), EMPTY);
        let load = port.admit("sim", 4096, 10, at(0), 0).load;
        assert!(port.ps(1_000_000).contains("sim:latest"), "in use");
        port.leave(load, 100);
        assert!(port.ps(109).contains("sim:latest"));
        assert_eq!(port.ps(110), EMPTY);
        let load = port.admit("sim", 4096, -1, at(200), 0).load;
        port.leave(load, 300);
        assert!(port.ps(i64::MAX - 1).contains("2319-"));
    }

    #[test]
    fn every_request_moves_the_end_of_its_keep_alive() {
        let mut port = Residency::default();
        let expires = |port: &Residency| {
            let ps: serde_json::Value = serde_json::from_str(&port.ps(0)).unwrap();
            ps["models"][0]["expires_at"].as_str().unwrap().to_owned()
        };
        let load = port.admit("sim", 4096, 5, at(0), 0).load;
        assert_eq!(expires(&port), rfc3339_nano(5));
        port.leave(load, 7);
        assert_eq!(expires(&port), rfc3339_nano(12));
        port.admit("sim", 4096, 40, at(8), 0);
        port.leave(load, 9);
        assert_eq!(expires(&port), rfc3339_nano(49));
    }

    #[test]
    fn a_keep_alive_of_zero_unloads_with_the_last_request() {
        let mut port = Residency::default();
        let load = port.admit("sim", 4096, 10, at(0), 0).load;
        port.admit("sim", 4096, 0, at(0), 0);
        port.leave(load, 1);
        assert!(port.ps(1).contains("sim:latest"));
        port.leave(load, 2);
        assert_eq!(port.ps(2), EMPTY);
    }

    #[test]
    fn an_unload_waits_for_those_that_use_the_model_and_spares_others() {
        let mut port = Residency::default();
        let load = port.admit("sim", 4096, 10, at(0), 0).load;
        port.unload("other");
        port.leave(load, 1);
        assert!(port.ps(1).contains("sim:latest"));
        port.admit("sim", 4096, 10, at(2), 0);
        port.unload("sim");
        assert!(port.ps(2).contains("sim:latest"));
        port.leave(load, 3);
        assert_eq!(port.ps(3), EMPTY);
    }

    #[test]
    fn only_what_is_not_resident_loads_and_all_wait_until_it_is() {
        let mut port = Residency::default();
        let first = port.admit("sim", 4096, 100, at(0), 50);
        assert_eq!(first, Admission { load: 1, is_new: true, loaded: 50 });
        let second = port.admit("sim", 4096, 100, at(20), 50);
        assert_eq!(second, Admission { is_new: false, ..first });
        let other_context = port.admit("sim", 512, 100, at(70), 50);
        assert_eq!(other_context, Admission { load: 2, is_new: true, loaded: 120 });
        // Those of the first load have nothing more to say.
        port.leave(first.load, 90);
        assert!(port.ps(1_000).contains("512"));
        port.leave(other_context.load, 130);
        let late = port.admit("sim", 512, 100, at(230), 50);
        assert_eq!(late, Admission { load: 3, is_new: true, loaded: 280 });
    }
}
