//! What a server says of itself: version and models.

use super::http::{Asker, Failure, SHORT_LIMIT};
use super::residency::{Resident, resident};
use crate::SweepError;
use serde::{Deserialize, Deserializer};
use tandem_records::{API_KEY_VARIABLE, Api, Status};

/// What a server says of itself.
pub(crate) struct Facts {
    pub url: String,
    pub api: Api,
    /// Version, where it is Ollama.
    pub version: Option<String>,
    /// Its models; none where it lists none.
    pub models: Vec<ModelFact>,
}

/// A model that a server has.
pub(crate) struct ModelFact {
    pub name: String,
    pub digest: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(deserialize_with = "list_or_null")]
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    digest: Option<String>,
}

#[derive(Deserialize)]
struct OpenaiModels {
    #[serde(deserialize_with = "list_or_null")]
    data: Vec<OpenaiModel>,
}

#[derive(Deserialize)]
struct OpenaiModel {
    id: String,
}

/// Servers written in Go send `null` for a list without entries.
pub(super) fn list_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Asks a server for its version and models. One of OpenAI's API need not list any.
///
/// # Errors
/// It cannot be used, with the remedy.
pub(crate) fn facts(url: &str, api: Api) -> Result<Facts, SweepError> {
    let asker = Asker::for_api(api, SHORT_LIMIT)?;
    let version = || Ok::<_, Failure>(asker.get::<Version>(&format!("{url}/api/version"))?.version);
    let asked = || -> Result<Facts, Failure> {
        let (version, models) = match api {
            Api::Ollama => {
                let version = version()?;
                let tags: Tags = asker.get(&format!("{url}/api/tags"))?;
                let models = tags.models.into_iter();
                (Some(version), models.map(|tag| ModelFact { name: tag.name, digest: tag.digest }).collect())
            }
            Api::Openai => {
                let models = match asker.get::<OpenaiModels>(&format!("{url}/v1/models")) {
                    Ok(list) => list.data,
                    // No such page: the stream of the model that is named decides.
                    Err(failure) if matches!(failure.http, Some(404 | 405 | 501)) => Vec::new(),
                    Err(failure) => return Err(failure),
                };
                let models = models.into_iter().map(|model| ModelFact { name: model.id, digest: None });
                // Ollama's server speaks this dialect, too, and tells more in its own.
                let version = version().ok().filter(|_| resident(url, api, "").is_ok());
                (version, models.collect())
            }
        };
        Ok(Facts { url: url.into(), api, version, models })
    };
    asked().map_err(|failure| unusable(url, api, &failure))
}

/// Why a server cannot be used, with the remedy.
pub(super) fn unusable(url: &str, api: Api, failure: &Failure) -> SweepError {
    let what = &failure.what;
    let others = "name others with --servers";
    let why = match (failure.status, api, failure.http) {
        (Status::Refused | Status::Timeout | Status::Reset, Api::Ollama, _) => {
            let host = url.trim_start_matches("http://");
            format!("{what}; start it (OLLAMA_HOST={host} ollama serve), {others}, or use --servers sim")
        }
        (Status::Refused | Status::Timeout | Status::Reset, Api::Openai, _) => {
            format!("{what}; start it, {others}, or use --servers sim")
        }
        (_, _, Some(300..=399)) => format!(
            "{what}; requests are not sent on: name the server itself with --servers, over plain http://"
        ),
        (Status::ModelMissing | Status::Malformed, Api::Ollama, _) => {
            format!("not an Ollama server ({what}); {others} or try --api openai")
        }
        (Status::ModelMissing | Status::Malformed, Api::Openai, _) => {
            format!("not a server of OpenAI's API ({what}); {others} or try --api ollama")
        }
        (_, Api::Openai, Some(401 | 403)) => {
            format!("{what}; put its key into the environment variable {API_KEY_VARIABLE}")
        }
        (Status::Busy, ..) => format!("{what}; wait, or raise the limit of requests where it is started"),
        _ => format!("{what}; try it by hand (curl {})", failure.url),
    };
    SweepError::Server(format!("server {url} cannot be used: {why}"))
}

impl Facts {
    /// The digest of a model this server has (`None` inside: it does not tell); `None` when it has no such model.
    pub fn digest_of(&self, model: &str) -> Option<Option<String>> {
        self.models.iter().find(|there| same_model(&there.name, model)).map(|there| there.digest.clone())
    }

    /// How the model lies in memory: `Ok(None)` when it is not loaded, `None` where the server does not tell.
    pub fn resident(&self, model: &str) -> Option<Result<Option<Resident>, Failure>> {
        self.version.as_ref().map(|_| resident(&self.url, self.api, model))
    }
}

/// Ollama lists `tiny` as `tiny:latest`.
pub(crate) fn same_model(a: &str, b: &str) -> bool {
    fn bare(name: &str) -> &str {
        name.strip_suffix(":latest").unwrap_or(name)
    }
    bare(a) == bare(b)
}
