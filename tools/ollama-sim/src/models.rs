//! The models a simulated server says it has: tags, show, ps, and which of them is loaded.

use crate::clock::rfc3339_nano;
use crate::go_json::quote;
use xxhash_rust::xxh3::xxh3_64;

/// Ollama's default keep-alive: five minutes.
pub const DEFAULT_KEEP_ALIVE_NS: i64 = 300 * 1_000_000_000;

/// `name:tag`, the tag `latest` where none is given.
pub fn with_tag(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// What a simulated model weighs: nothing.
const DETAILS: &str = r#"{"parent_model":"","format":"sim","family":"sim","families":["sim"],"parameter_size":"0","quantization_level":"none"}"#;
const TAG_DETAILS: &str = r#"{"parent_model":"","format":"sim","family":"sim","families":["sim"],"parameter_size":"0","quantization_level":"none","context_length":4096,"embedding_length":0}"#;

/// 64 hex digits that stand for the model's file; a function of its name.
fn digest(name: &str) -> String {
    (0..4u8).map(|part| format!("{:016x}", xxh3_64(&[name.as_bytes(), &[part]].concat()))).collect()
}

/// The models of all ports.
#[derive(Debug)]
pub struct Models {
    names: Vec<String>,
    /// When the simulator started: the models' date.
    modified_unix_ns: i64,
}

impl Models {
    /// Models of these names.
    pub fn new(names: &[String], now_unix_ns: i64) -> Models {
        Models { names: names.iter().map(|name| with_tag(name)).collect(), modified_unix_ns: now_unix_ns }
    }

    /// True when a request may name this model.
    pub fn has(&self, name: &str) -> bool {
        !name.is_empty() && self.names.contains(&with_tag(name))
    }

    /// Body of `/api/tags`.
    pub fn tags(&self) -> String {
        let modified = rfc3339_nano(self.modified_unix_ns);
        let models = self.names.iter().map(|name| {
            let (quoted, digest) = (quote(name), digest(name));
            format!(
                r#"{{"name":{quoted},"model":{quoted},"modified_at":"{modified}","size":0,"digest":"{digest}","details":{TAG_DETAILS},"capabilities":["completion"]}}"#
            )
        });
        format!(r#"{{"models":[{}]}}"#, models.collect::<Vec<_>>().join(","))
    }

    /// Body of `/v1/models`.
    pub fn openai_list(&self) -> String {
        let created = self.modified_unix_ns.div_euclid(1_000_000_000);
        let models = self.names.iter().map(|name| {
            format!(r#"{{"id":{},"object":"model","created":{created},"owned_by":"library"}}"#, quote(name))
        });
        format!("{{\"object\":\"list\",\"data\":[{}]}}\n", models.collect::<Vec<_>>().join(","))
    }

    /// Body of `/api/show`.
    pub fn show(&self, name: &str) -> String {
        let modelfile = quote(&format!(
            "# simulated by ollama-sim\nFROM {}\nTEMPLATE {{{{ .Prompt }}}}\n",
            with_tag(name)
        ));
        let modified = rfc3339_nano(self.modified_unix_ns);
        format!(
            r#"{{"modelfile":{modelfile},"parameters":"","template":"{{{{ .Prompt }}}}","details":{DETAILS},"model_info":{{"general.architecture":"sim","general.parameter_count":0,"sim.context_length":4096}},"capabilities":["completion"],"modified_at":"{modified}"}}"#
        )
    }
}

/// The model that one port holds in memory.
#[derive(Debug, Default)]
pub struct Residency(Option<Resident>);

#[derive(Debug)]
struct Resident {
    name: String,
    context: u32,
    expires_unix_ns: i64,
}

impl Residency {
    /// Notes a request: the model is loaded until `now + keep_alive`; a negative keep-alive is for ever, zero
    /// unloads.
    pub fn touch(&mut self, name: &str, context: u32, now_unix_ns: i64, keep_alive_ns: i64) {
        let keep = if keep_alive_ns < 0 { i64::MAX } else { keep_alive_ns };
        let expires_unix_ns = now_unix_ns.saturating_add(keep);
        self.0 = (keep > 0).then(|| Resident { name: with_tag(name), context, expires_unix_ns });
    }

    /// Body of `/api/ps`.
    pub fn ps(&self, now_unix_ns: i64) -> String {
        /// Go prints "for ever" as a moment in the year 2319; the latest that an i64 of nanoseconds holds is 2262.
        const FOR_EVER: &str = "2319-03-03T07:14:25.612292870Z";
        let Some(resident) = self.0.as_ref().filter(|r| r.expires_unix_ns > now_unix_ns) else {
            return r#"{"models":[]}"#.to_owned();
        };
        let (name, digest) = (quote(&resident.name), digest(&resident.name));
        let expires = match resident.expires_unix_ns {
            i64::MAX => FOR_EVER.to_owned(),
            at => rfc3339_nano(at),
        };
        format!(
            r#"{{"models":[{{"name":{name},"model":{name},"size":0,"digest":"{digest}","details":{DETAILS},"expires_at":"{expires}","size_vram":0,"context_length":{}}}]}}"#,
            resident.context
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_is_the_latest() {
        let models = Models::new(&["sim".into(), "big:70b".into()], 0);
        assert!(models.has("sim") && models.has("sim:latest") && models.has("big:70b"));
        assert!(!models.has("big") && !models.has("") && !models.has("nope"));
    }

    #[test]
    fn a_model_stays_until_its_keep_alive_ends() {
        let mut port = Residency::default();
        assert_eq!(port.ps(0), r#"{"models":[]}"#);
        port.touch("sim", 4096, 0, 10);
        assert!(port.ps(9).contains("sim:latest") && !port.ps(10).contains("sim:latest"));
        port.touch("sim", 4096, 0, -1);
        assert!(port.ps(i64::MAX - 1).contains("2319-"));
        port.touch("sim", 4096, 0, 0);
        assert_eq!(port.ps(0), r#"{"models":[]}"#);
    }

    #[test]
    fn every_page_is_json() {
        let models = Models::new(&["a\"<b".into()], 1);
        let mut port = Residency::default();
        port.touch("a\"<b", 1, 0, 10);
        for page in [models.tags(), models.openai_list(), models.show("a\"<b"), port.ps(0)] {
            serde_json::from_str::<serde_json::Value>(&page).unwrap();
        }
    }
}
