//! The servers: there, alike, with the model, and what the measured checks say of them.

use super::{Finding, slots};
use crate::SweepError;
use crate::servers::{Facts, choose_model, facts, resident};
use tandem_records::Api;

/// All findings on these servers.
///
/// # Errors
/// The key of the environment fits into no header.
pub(super) fn findings(urls: &[String], api: Api, asked: Option<&str>) -> Result<Vec<Finding>, SweepError> {
    let mut found = Vec::new();
    let mut there = Vec::new();
    for url in urls {
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
            "name two for a dual set-up (OLLAMA_HOST=127.0.0.1:11435 ollama serve starts a second one)",
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
                "pull it on all servers, or name another with MODEL=",
            ));
            return Ok(found);
        }
    };
    found.push(digests(&there, &model));
    if api == Api::Ollama {
        found.extend(urls.iter().map(|url| warmth(url, &model)));
    }
    found.extend(slots::findings(urls, api, &model));
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
        Some(_) => Finding::warning(
            "model",
            format!(
                "{model} has several digests: {}",
                told.iter().map(|digest| short(digest)).collect::<Vec<_>>().join(", ")
            ),
            format!("pull the same one on all (ollama pull {model})"),
        ),
    }
}

fn warmth(url: &str, model: &str) -> Finding {
    let check = format!("memory of {url}");
    match resident(url, model) {
        Ok(Some(there)) => {
            let size = there
                .size_vram
                .map_or("unknown size".to_owned(), |bytes| format!("{} MiB on the GPU", bytes >> 20));
            Finding::ok(check, format!("{model} was loaded ({size})"))
        }
        Ok(None) => {
            Finding::ok(check, format!("{model} was not loaded; the sweep loads it before its first trial"))
        }
        Err(failure) => Finding::unknown(check, failure.to_string()),
    }
}
