//! The servers: there, alike, with the model, and what the measured checks say of them.

use super::steps::Steps;
use super::{Finding, slots};
use crate::SweepError;
use crate::address::is_on_this_machine;
use crate::servers::{Facts, choose_model, facts, layers};
use tandem_records::Api;

/// All findings on these servers.
///
/// # Errors
/// The key of the environment fits into no header.
pub(super) fn findings(
    urls: &[String],
    api: Api,
    asked: Option<&str>,
    steps: &Steps,
) -> Result<Vec<Finding>, SweepError> {
    let mut found = Vec::new();
    let mut there = Vec::new();
    for url in urls {
        steps.begin(&format!("version and models of {url}"));
        match facts(url, api) {
            Ok(facts) => {
                let version = facts
                    .version
                    .as_deref()
                    .map_or("answers".to_owned(), |version| format!("Ollama {version}"));
                found.push(Finding::ok(server(url), version));
                there.push(facts);
            }
            Err(SweepError::Server(why)) => {
                let what = format!("server {url} cannot be used: ");
                found.push(Finding::problem(server(url), "cannot be used", why.trim_start_matches(&what)));
            }
            Err(other) => return Err(other),
        }
    }
    if urls.len() == 1 {
        found.push(Finding::warning(
            "number of servers",
            "one: two agents share it",
            match api {
                Api::Ollama => {
                    "name two for a dual set-up (OLLAMA_HOST=127.0.0.1:11435 ollama serve starts a second one)"
                }
                Api::Openai => "name two for a dual set-up",
            },
        ));
    }
    if there.len() < urls.len() {
        return Ok(found);
    }
    found.extend(versions(&there));
    let model = match choose_model(&there.iter().collect::<Vec<_>>(), asked) {
        Ok(model) => model,
        Err(error) => {
            found.push(Finding::problem(
                "model",
                error.to_string(),
                match api {
                    Api::Ollama => "pull it on all servers, or name another with MODEL=",
                    Api::Openai => "name one that all servers answer to with MODEL=",
                },
            ));
            return Ok(found);
        }
    };
    found.push(digests(&there, &model));
    found.extend(there.iter().filter_map(|facts| warmth(facts, &model)));
    found.extend(slots::findings(&there, &model, steps));
    found.extend(shared_cpus(&there, &model));
    Ok(found)
}

fn server(url: &str) -> String {
    format!("server {url}")
}

fn versions(there: &[Facts]) -> Option<Finding> {
    let versions: Vec<&str> = there.iter().filter_map(|facts| facts.version.as_deref()).collect();
    let first = versions.first()?;
    Some(match versions.iter().all(|version| version == first) {
        true => Finding::ok("versions", "equal"),
        false => Finding::warning(
            "versions",
            format!("differ: {}", versions.join(", ")),
            "run one version: what differs between servers is no difference between runtimes",
        ),
    })
}

fn digests(there: &[Facts], model: &str) -> Finding {
    let digests: Vec<Option<String>> = there.iter().filter_map(|facts| facts.digest_of(model)).collect();
    let told: Vec<&str> = digests.iter().flatten().map(String::as_str).collect();
    let short = |digest: &str| digest.chars().take(12).collect::<String>();
    match told.first() {
        None => Finding::unknown("model", format!("{model} on all; no digest is told")),
        Some(first) if told.iter().all(|digest| digest == first) => {
            Finding::ok("model", format!("{model} on all, digest {}", short(first)))
        }
        Some(_) => {
            let told: Vec<String> = told.iter().map(|digest| short(digest)).collect();
            copies(there, model, &told.join(", "))
        }
    }
}

/// Copies made apart have digests of their own; what they are made of tells whether they are equal.
fn copies(there: &[Facts], model: &str, digests: &str) -> Finding {
    let made_of: Result<Vec<_>, _> = there.iter().map(|facts| layers(&facts.url, facts.api, model)).collect();
    let unequal = |what: &str| {
        Finding::warning(
            "model",
            format!("{model} has several digests: {digests}; {what}"),
            format!("pull the same one on all (ollama pull {model})"),
        )
    };
    match made_of {
        Err(failure) => unequal(&format!("its layers are not told: {failure}")),
        Ok(made_of) if made_of.windows(2).any(|pair| pair[0] != pair[1]) => unequal("its layers differ"),
        Ok(made_of) if made_of.iter().all(|layers| layers.names_files) => Finding::ok(
            "model",
            format!(
                "{model} on all, copies with equal layers (digests {digests} are those of their manifests)"
            ),
        ),
        Ok(_) => Finding::unknown(
            "model",
            format!(
                "{model} has several digests: {digests}; sizes, parameters and template are equal, its files are not told"
            ),
        ),
    }
}

/// Whether the model is loaded; `None` where the server does not tell.
fn warmth(facts: &Facts, model: &str) -> Option<Finding> {
    let check = format!("memory of {}", facts.url);
    Some(match facts.resident(model)? {
        Ok(Some(there)) => {
            let size = match there.size_vram {
                None => "unknown size".to_owned(),
                Some(0) => "on the CPU".to_owned(),
                Some(bytes) => format!("{} MiB on the GPU", bytes >> 20),
            };
            Finding::ok(check, format!("{model} was loaded ({size})"))
        }
        Ok(None) => {
            Finding::ok(check, format!("{model} was not loaded; the sweep loads it before its first trial"))
        }
        Err(failure) => Finding::unknown(check, failure.to_string()),
    })
}

/// The servers of this machine that hold the model on its CPUs.
pub(super) fn on_cpus_here<'a>(there: &'a [Facts], model: &str) -> Vec<&'a str> {
    let is_on_cpus = |facts: &&Facts| {
        let resident = facts.resident(model).and_then(Result::ok).flatten();
        is_on_this_machine(&facts.url) == Some(true)
            && resident.is_some_and(|resident| resident.size_vram == Some(0))
    };
    there.iter().filter(is_on_cpus).map(|facts| facts.url.as_str()).collect()
}

/// Servers that hold their models on the CPU take from each other what they need; after the streams, which load them.
fn shared_cpus(there: &[Facts], model: &str) -> Option<Finding> {
    let seen = match on_cpus_here(there, model).as_slice() {
        [] => return None,
        [url] => format!("shared by {url}, whose model is on the CPU (size_vram 0), and the client"),
        urls => format!(
            "shared by {}, whose models are on the CPU (size_vram 0), and the client",
            urls.join(" and ")
        ),
    };
    Some(Finding::warning("CPUs of the servers", seen, slots::ON_CPUS))
}
