//! What a model is made of. The digest that Ollama lists is that of a manifest, and differs between copies made apart of
//! equal files.

use super::http::{Asker, Failure, SHORT_LIMIT};
use serde_json::{Value, json};
use tandem_records::{Api, Status};
use xxhash_rust::xxh3::xxh3_64;

/// Digest over what a model is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layers {
    /// `layers-xxh3:…` over the digests of its files and its texts; where the server names no files
    /// `description-xxh3:…` over all that it says of them.
    pub digest: String,
    /// Whether equal digests mean equal files.
    pub names_files: bool,
}

/// Asks an Ollama server.
pub(crate) fn layers(url: &str, api: Api, model: &str) -> Result<Layers, Failure> {
    let url = format!("{url}/api/show");
    let text = Asker::for_question(api, SHORT_LIMIT, &url)?.post(&url, &json!({"model": model}))?;
    let shown = serde_json::from_str::<Value>(&text).unwrap_or_default();
    if shown["modelfile"].is_string() || shown["model_info"].is_object() {
        return Ok(of_shown(&shown));
    }
    Err(Failure { status: Status::Malformed, http: None, url, what: "an answer of another kind".to_string() })
}

fn of_shown(shown: &Value) -> Layers {
    let text = |key: &str| shown[key].as_str().unwrap_or_default();
    let files = files(text("modelfile"));
    let texts = json!([text("template"), text("parameters"), text("system")]);
    if files.is_empty() {
        let mut details = shown["details"].clone();
        if let Some(details) = details.as_object_mut() {
            details.remove("parent_model"); // a path of that server
        }
        let all = json!([texts, details, shown["model_info"], shown["tensors"]]);
        return Layers {
            digest: format!("description-xxh3:{:016x}", xxh3_64(all.to_string().as_bytes())),
            names_files: false,
        };
    }
    let all = json!([texts, files]);
    Layers { digest: format!("layers-xxh3:{:016x}", xxh3_64(all.to_string().as_bytes())), names_files: true }
}

/// SHA-256 digests of weights, adapters and projectors: their files are named by them.
fn files(modelfile: &str) -> Vec<&str> {
    let file = |line: &str| line.starts_with("FROM ") || line.starts_with("ADAPTER ");
    let names =
        modelfile.lines().filter(|line| file(line)).filter_map(|line| line.rsplit(['/', '\\']).next());
    names.filter_map(|name| name.trim().strip_prefix("sha256-")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(folder: &str, blob: &str, template: &str) -> Value {
        // As Ollama v0.13.5 and v0.32.15 answer.
        json!({
            "modelfile": format!("# FROM tiny:latest\n\nFROM {folder}/models/blobs/{blob}\nTEMPLATE {template}\n"),
            "parameters": "temperature                    0.8",
            "template": template,
            "details": {"parent_model": folder, "format": "gguf", "parameter_size": "256K"},
            "model_info": {"general.parameter_count": 256448},
        })
    }

    #[test]
    fn copies_of_equal_files_are_equal_wherever_they_lie() {
        let a = of_shown(&shown("/usr/share/a", "sha256-c29f", "{{ .Prompt }}"));
        assert!(a.names_files && a.digest.starts_with("layers-xxh3:"), "{a:?}");
        assert_eq!(a, of_shown(&shown("/home/b", "sha256-c29f", "{{ .Prompt }}")));
        assert_ne!(a, of_shown(&shown("/usr/share/a", "sha256-77aa", "{{ .Prompt }}")));
        assert_ne!(a, of_shown(&shown("/usr/share/a", "sha256-c29f", "{{ .System }}")));
    }

    #[test]
    fn without_files_the_description_is_compared_and_says_so() {
        let a = of_shown(&shown("/usr/share/a", "tiny.gguf", "t"));
        assert!(!a.names_files && a.digest.starts_with("description-xxh3:"), "{a:?}");
        assert_eq!(a, of_shown(&shown("/home/b", "tiny.gguf", "t")));
        let mut larger = shown("/usr/share/a", "tiny.gguf", "t");
        larger["model_info"]["general.parameter_count"] = 7.into();
        assert_ne!(a, of_shown(&larger));
    }
}
