//! Whether a request wants the model to think: Ollama's `think`, OpenAI's `reasoning_effort`.

use crate::api_error::ApiError;
use crate::fields::Fields;
use crate::models::Models;
use serde_json::Value;

/// Ollama's levels; the simulator thinks equally long at each.
const LEVELS: [&str; 4] = ["high", "medium", "low", "max"];

/// What a request says of thinking; `None` says nothing.
pub type Wish = Option<bool>;

/// The field `think` beside the options; inside them it is an unknown option, which Ollama ignores.
///
/// # Errors
/// A value that Ollama does not know.
pub fn think(fields: &Fields) -> Result<Wish, ApiError> {
    match fields.any("think") {
        None => Ok(None),
        Some(Value::Bool(wish)) => Ok(Some(*wish)),
        Some(Value::String(level)) if LEVELS.contains(&level.as_str()) => Ok(Some(true)),
        Some(Value::String(other)) => Err(ApiError::reading(format!(
            "invalid think value: {other:?} (must be \"high\", \"medium\", \"low\", \"max\", true, or false)"
        ))),
        Some(_) => Err(ApiError::reading(
            "think must be a boolean or string (\"high\", \"medium\", \"low\", \"max\", true, or false)",
        )),
    }
}

/// The field `reasoning_effort`, and `reasoning.effort`, which goes before it.
///
/// # Errors
/// A value that Ollama does not know.
pub fn reasoning_effort(fields: &Fields) -> Result<Wish, ApiError> {
    let effort = match fields.object("reasoning", "openai.Reasoning")? {
        Some(reasoning) => reasoning.get("effort").and_then(Value::as_str).unwrap_or(""),
        None => fields.string("reasoning_effort")?,
    };
    match effort {
        "" => Ok(None),
        "none" => Ok(Some(false)),
        level if LEVELS.contains(&level) => Ok(Some(true)),
        other => Err(ApiError::reading(format!(
            "invalid reasoning value: '{other}' (must be \"high\", \"medium\", \"low\", \"max\", or \"none\")"
        ))),
    }
}

/// Whether this model thinks at that wish: one that can does so unless told otherwise.
///
/// # Errors
/// When it shall and cannot.
pub fn thinks(wish: Wish, models: &Models, model: &str) -> Result<bool, ApiError> {
    if wish == Some(true) && !models.think() {
        return Err(ApiError::handling(400, format!("\"{model}\" does not support thinking")));
    }
    Ok(models.think() && wish != Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Fields {
        Fields::parse("ChatRequest", body.as_bytes(), "").unwrap()
    }

    #[test]
    fn think_is_a_boolean_or_a_level() {
        for (body, wish) in [
            ("{}", None),
            (r#"{"think":null}"#, None),
            (r#"{"think":true}"#, Some(true)),
            (r#"{"think":"low"}"#, Some(true)),
            (r#"{"think":false}"#, Some(false)),
        ] {
            assert_eq!(think(&fields(body)), Ok(wish), "{body}");
        }
        assert!(think(&fields(r#"{"think":"hard"}"#)).is_err() && think(&fields(r#"{"think":1}"#)).is_err());
    }

    #[test]
    fn the_effort_none_turns_it_off() {
        for (body, wish) in [
            ("{}", None),
            (r#"{"reasoning_effort":"none"}"#, Some(false)),
            (r#"{"reasoning_effort":"high"}"#, Some(true)),
            (r#"{"reasoning":{"effort":"none"},"reasoning_effort":"high"}"#, Some(false)),
        ] {
            assert_eq!(reasoning_effort(&fields(body)), Ok(wish), "{body}");
        }
        assert!(reasoning_effort(&fields(r#"{"reasoning_effort":"some"}"#)).is_err());
    }

    #[test]
    fn a_model_thinks_unless_told_otherwise_and_only_if_it_can() {
        let (thinker, plain) = (Models::new(&["m".into()], true, 0), Models::new(&["m".into()], false, 0));
        let wishes = [None, Some(true), Some(false)];
        assert_eq!(wishes.map(|wish| thinks(wish, &thinker, "m")), [Ok(true), Ok(true), Ok(false)]);
        let refused = ApiError::handling(400, "\"m\" does not support thinking");
        assert_eq!(wishes.map(|wish| thinks(wish, &plain, "m")), [Ok(false), Err(refused), Ok(false)]);
    }
}
