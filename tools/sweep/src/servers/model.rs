//! Which model is measured.

use super::facts::Facts;
use crate::SweepError;
use std::collections::BTreeSet;
use tandem_records::Api;

/// The model to measure: the one asked for, or the only one that all servers have.
///
/// # Errors
/// An Ollama server lacks the one that is asked for, or there is not one to choose; the message names those there are.
pub(crate) fn choose_model(servers: &[&Facts], asked: Option<&str>) -> Result<String, SweepError> {
    if let Some(model) = asked {
        // A list of OpenAI's API need not be whole: there the stream of the named model decides.
        let without = |server: &&&Facts| server.api == Api::Ollama && server.digest_of(model).is_none();
        return match servers.iter().find(without) {
            None => Ok(model.to_string()),
            Some(server) => Err(SweepError::Server(format!(
                "server {} has no model {model}; those it has: {}; name one with --model or pull it (ollama pull {model})",
                server.url,
                list(names(server))
            ))),
        };
    }
    if let Some(server) = servers.iter().find(|server| server.models.is_empty()) {
        return Err(SweepError::Server(match server.api {
            Api::Ollama => format!("server {} has no model; pull one (ollama pull NAME)", server.url),
            Api::Openai => format!(
                "server {} has no model in its list (/v1/models); name the one that it serves with --model",
                server.url
            ),
        }));
    }
    let sets = servers.iter().map(|server| names(server).collect::<BTreeSet<_>>());
    let common: BTreeSet<&str> =
        sets.reduce(|a, b| a.intersection(&b).copied().collect()).unwrap_or_default();
    let mut several = common.iter();
    match (several.next(), several.next()) {
        (Some(one), None) => Ok(one.to_string()),
        (None, _) => {
            let each: Vec<String> =
                servers.iter().map(|server| format!("{} has {}", server.url, list(names(server)))).collect();
            let remedy = match servers.first().map(|server| server.api) {
                Some(Api::Openai) => "serve one on all, or name one that all answer to with --model",
                _ => "pull one on all",
            };
            Err(SweepError::Server(format!(
                "the servers have no model in common ({}); {remedy}",
                each.join("; ")
            )))
        }
        _ => Err(SweepError::Usage(format!(
            "the servers have several models in common; name one with --model: {}",
            list(common.iter().copied())
        ))),
    }
}

fn names(server: &Facts) -> impl Iterator<Item = &str> {
    server.models.iter().map(|model| model.name.as_str())
}

/// Names as they stand in a message.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "none".to_string() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::facts::ModelFact;
    use super::*;

    fn server(api: Api, models: &[&str]) -> Facts {
        let models = models.iter().map(|name| ModelFact { name: name.to_string(), digest: None }).collect();
        Facts { url: "http://s".into(), api, version: None, models }
    }

    #[test]
    fn remedies_are_those_of_the_dialect() {
        for (api, models, asked, wanted) in [
            (Api::Ollama, &[][..], None, "server http://s has no model; pull one (ollama pull NAME)"),
            (Api::Openai, &[], None, "has no model in its list (/v1/models); name the one that it serves"),
            (
                Api::Ollama,
                &["a"],
                Some("b"),
                "has no model b; those it has: a; name one with --model or pull it",
            ),
            (Api::Openai, &["a", "b"], None, "name one with --model: a, b"),
        ] {
            let error = choose_model(&[&server(api, models)], asked).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
            assert!(api == Api::Ollama || !error.contains("ollama pull"), "{error}");
        }
    }

    #[test]
    fn a_named_model_that_a_list_of_openais_api_lacks_is_tried() {
        let model = choose_model(&[&server(Api::Openai, &[]), &server(Api::Openai, &["a"])], Some("m"));
        assert_eq!(model.unwrap(), "m");
    }
}
