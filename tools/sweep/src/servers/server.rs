//! One real server, as the check found it.

use super::facts::Facts;
use super::layers::Layers;
use super::residency::Resident;
use super::slots::Slots;
use super::speed::Speed;
use tandem_records::{Api, RequestField, ServerKind, ServerRecord};

/// One real server in one dialect.
pub(super) struct Server {
    pub facts: Facts,
    /// What the model is made of, where the server tells.
    pub layers: Option<Layers>,
    pub on_this_machine: Option<bool>,
    /// How the model lay in memory after the check.
    pub resident: Option<Resident>,
    /// Fields that it refuses.
    pub left_out: Vec<RequestField>,
    pub slots: Option<Slots>,
    /// How fast it answered, by kind of request.
    pub speeds: Vec<Speed>,
}

impl Server {
    /// The manifest's record; `left_out` is what requests of its dialect do without.
    pub fn record(&self, model: &str, left_out: &[RequestField]) -> ServerRecord {
        ServerRecord {
            set: String::new(),
            url: self.facts.url.clone(),
            kind: if self.facts.api == Api::Ollama { ServerKind::Ollama } else { ServerKind::Openai },
            version: self.facts.version.clone(),
            model: model.to_string(),
            model_digest: self.facts.digest_of(model).flatten(),
            layers_digest: self.layers.as_ref().map(|layers| layers.digest.clone()),
            on_this_machine: self.on_this_machine,
            slots: self.slots.map(|slots| slots.streams),
            size_bytes: self.resident.as_ref().and_then(|resident| resident.size),
            size_vram_bytes: self.resident.as_ref().and_then(|resident| resident.size_vram),
            left_out: left_out.to_vec(),
            command: String::new(),
        }
    }
}
