//! The models a simulated server says it has: tags and show.

use crate::clock::rfc3339_nano;
use crate::go_json::quote;
use xxhash_rust::xxh3::xxh3_64;

/// `name:tag`, the tag `latest` where none is given.
pub fn with_tag(name: &str) -> String {
    if name.contains(':') { name.to_owned() } else { format!("{name}:latest") }
}

/// What a simulated model weighs: nothing.
pub const DETAILS: &str = r#"{"parent_model":"","format":"sim","family":"sim","families":["sim"],"parameter_size":"0","quantization_level":"none"}"#;
const TAG_DETAILS: &str = r#"{"parent_model":"","format":"sim","family":"sim","families":["sim"],"parameter_size":"0","quantization_level":"none","context_length":4096,"embedding_length":0}"#;

/// 64 hex digits that stand for the model's file; a function of its name.
pub fn digest(name: &str) -> String {
    (0..4u8).map(|part| format!("{:016x}", xxh3_64(&[name.as_bytes(), &[part]].concat()))).collect()
}

/// The models of all ports.
#[derive(Debug)]
pub struct Models {
    names: Vec<String>,
    think: bool,
    /// When the simulator started: the models' date.
    modified_unix_ns: i64,
}

impl Models {
    /// Models of these names, which can `think` or not.
    pub fn new(names: &[String], think: bool, now_unix_ns: i64) -> Models {
        let names = names.iter().map(|name| with_tag(name)).collect();
        Models { names, think, modified_unix_ns: now_unix_ns }
    }

    /// True when the models can think.
    pub fn think(&self) -> bool {
        self.think
    }

    fn capabilities(&self) -> &'static str {
        if self.think { r#"["completion","thinking"]"# } else { r#"["completion"]"# }
    }

    /// True when a request may name this model.
    pub fn has(&self, name: &str) -> bool {
        !name.is_empty() && self.names.contains(&with_tag(name))
    }

    /// Body of `/api/tags`.
    pub fn tags(&self) -> String {
        let (modified, capabilities) = (rfc3339_nano(self.modified_unix_ns), self.capabilities());
        let models = self.names.iter().map(|name| {
            let (quoted, digest) = (quote(name), digest(name));
            format!(
                r#"{{"name":{quoted},"model":{quoted},"modified_at":"{modified}","size":0,"digest":"{digest}","details":{TAG_DETAILS},"capabilities":{capabilities}}}"#
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
        let (modified, capabilities) = (rfc3339_nano(self.modified_unix_ns), self.capabilities());
        format!(
            r#"{{"modelfile":{modelfile},"parameters":"","template":"{{{{ .Prompt }}}}","details":{DETAILS},"model_info":{{"general.architecture":"sim","general.parameter_count":0,"sim.context_length":4096}},"capabilities":{capabilities},"modified_at":"{modified}"}}"#
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_a_tag_is_the_latest() {
        let models = Models::new(&["sim".into(), "big:70b".into()], false, 0);
        assert!(models.has("sim") && models.has("sim:latest") && models.has("big:70b"));
        assert!(!models.has("big") && !models.has("") && !models.has("nope"));
    }

    #[test]
    fn every_page_is_json() {
        let models = Models::new(&["a\"<b".into()], true, 1);
        for page in [models.tags(), models.openai_list(), models.show("a\"<b")] {
            serde_json::from_str::<serde_json::Value>(&page).unwrap();
        }
    }
}
