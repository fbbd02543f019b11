//! Ollama's request options and keep-alive, checked as Ollama checks them.

use crate::api_error::ApiError;
use serde_json::{Map, Value};

const INTEGERS: [&str; 10] = [
    "main_gpu",
    "num_batch",
    "num_ctx",
    "num_gpu",
    "num_keep",
    "num_predict",
    "num_thread",
    "repeat_last_n",
    "seed",
    "top_k",
];
const FLOATS: [&str; 7] =
    ["frequency_penalty", "min_p", "presence_penalty", "repeat_penalty", "temperature", "top_p", "typical_p"];

/// The options that a simulator heeds; the others are checked and ignored, unknown ones ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Response length; `None` and numbers below 1 mean the configured length.
    pub num_predict: Option<i64>,
    /// Part of the request's key.
    pub seed: Option<i64>,
    /// Length of the context.
    pub num_ctx: Option<i64>,
}

impl Options {
    /// Reads the `options` object.
    ///
    /// # Errors
    /// With status 500 for a value of the wrong type, as Ollama has it.
    pub fn read(map: &Map<String, Value>) -> Result<Options, ApiError> {
        for (name, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let wanted = if INTEGERS.contains(&name.as_str()) {
                (!value.is_number()).then_some("type integer")
            } else if FLOATS.contains(&name.as_str()) {
                (!value.is_number()).then_some("type float32")
            } else if name == "use_mmap" {
                (!value.is_boolean()).then_some("type boolean")
            } else if name == "stop" {
                match value.as_array() {
                    None => Some("type array"),
                    Some(items) if !items.iter().all(Value::is_string) => Some("an array of strings"),
                    Some(_) => None,
                }
            } else {
                None
            };
            if let Some(wanted) = wanted {
                return Err(ApiError::handling(500, format!("option \"{name}\" must be of {wanted}")));
            }
        }
        // Go cuts a fraction off where an integer is wanted.
        let integer =
            |name: &str| map.get(name).and_then(|v| v.as_i64().or_else(|| v.as_f64().map(|f| f as i64)));
        Ok(Options {
            num_predict: integer("num_predict"),
            seed: integer("seed"),
            num_ctx: integer("num_ctx"),
        })
    }
}

/// `keep_alive` in nanoseconds: a number is seconds, a string one of Go's durations, negative is for ever.
///
/// # Errors
/// With Go's message.
pub fn keep_alive_ns(value: &Value) -> Result<i64, ApiError> {
    match value {
        Value::Number(seconds) => Ok((seconds.as_f64().unwrap_or(0.0) * 1e9) as i64),
        Value::String(text) => go_duration(text).map_err(ApiError::reading),
        Value::Bool(_) => Err(ApiError::reading("Unsupported type: 'bool'")),
        Value::Array(_) => Err(ApiError::reading("Unsupported type: '[]interface {}'")),
        Value::Object(_) | Value::Null => {
            Err(ApiError::reading("Unsupported type: 'map[string]interface {}'"))
        }
    }
}

/// Go's `time.ParseDuration`: `"5m"`, `"1h30m"`, `"-1s"`, `"1.5h"`, `"0"`. In nanoseconds.
///
/// # Errors
/// With Go's message.
pub fn go_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let scale = match &rest[..unit] {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            "" => return Err(format!("time: missing unit in duration \"{text}\"")),
            other => return Err(format!("time: unknown unit \"{other}\" in duration \"{text}\"")),
        };
        total += number * scale;
        rest = &rest[unit..];
    }
    Ok((sign * total) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, ns) in [
            ("5m", 300_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("-1s", -1_000_000_000),
            ("1.5ms", 1_500_000),
            ("0", 0),
        ] {
            assert_eq!(go_duration(text), Ok(ns), "{text}");
        }
        for (text, error) in [
            ("soon", "time: invalid duration \"soon\""),
            ("5", "time: missing unit in duration \"5\""),
            ("5x", "time: unknown unit \"x\" in duration \"5x\""),
            ("", "time: invalid duration \"\""),
        ] {
            assert_eq!(go_duration(text), Err(error.to_owned()), "{text}");
        }
    }

    #[test]
    fn known_options_are_checked_and_unknown_ones_ignored() {
        let read = |json: &str| Options::read(&serde_json::from_str(json).unwrap());
        assert_eq!(
            read(r#"{"num_predict":8,"seed":-1,"bogus":"x","num_ctx":null}"#),
            Ok(Options { num_predict: Some(8), seed: Some(-1), num_ctx: None })
        );
        assert_eq!(
            read(r#"{"num_predict":"many"}"#),
            Err(ApiError::handling(500, "option \"num_predict\" must be of type integer"))
        );
        assert_eq!(
            read(r#"{"stop":[1]}"#),
            Err(ApiError::handling(500, "option \"stop\" must be of an array of strings"))
        );
    }
}
