//! The words of a server that reports an error: each has a shape of its own.

use serde_json::Value;

/// Longest text that is passed on.
const MAX_CHARS: usize = 400;

/// Where servers put their words, the most telling first.
const KEYS: [&str; 8] = ["message", "error", "detail", "details", "errors", "msg", "description", "reason"];

/// The error text inside the body of a refusal; the start of the body where it has none.
pub fn error_text(body: &[u8]) -> String {
    let told = serde_json::from_slice::<Value>(body).ok().and_then(|value| words(&value));
    told.unwrap_or_else(|| shortened(&String::from_utf8_lossy(&body[..body.len().min(4 * MAX_CHARS)])))
}

/// What an object of a stream that is no event reports; `None` where it reports no error.
pub(super) fn reported(value: &Value) -> Option<String> {
    if let Value::Array(list) = value {
        return list.iter().find_map(reported);
    }
    let object = value.as_object()?;
    let says_so = object.get("object").or(object.get("type")).and_then(Value::as_str);
    let has_words = KEYS.iter().any(|key| object.get(*key).is_some_and(is_told));
    let is_error = says_so.is_some_and(|kind| kind.contains("error")) || has_words;
    is_error.then(|| words(value).unwrap_or_else(|| shortened(&value.to_string())))
}

fn is_told(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

/// The words of an object, however deep they lie.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(shortened(text)),
        Value::Array(list) => {
            let all: Vec<String> = list.iter().filter_map(words).collect();
            (!all.is_empty()).then(|| shortened(&all.join("; ")))
        }
        Value::Object(fields) => {
            let text = KEYS.iter().find_map(|key| fields.get(*key).and_then(words))?;
            // FastAPI names the field that it does not like beside the text.
            let place = fields.get("loc").and_then(Value::as_array).map(|place| {
                place
                    .iter()
                    .map(|part| part.as_str().map_or(part.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
            });
            Some(match place {
                Some(place) => shortened(&format!("{}: {text}", place.join("."))),
                None => text,
            })
        }
        _ => None,
    }
}

/// One line of limited length.
pub(super) fn shortened(text: &str) -> String {
    let mut line = text.trim().split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(MAX_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_keeps_its_words() {
        for (body, text) in [
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
            (r#"{"error":{"code":400,"message":"too long","type":"t"}}"#, "too long"),
            (
                r#"{"error":{"message":{"detail":[{"loc":["body","seed"],"msg":"not permitted"}]}}}"#,
                "body.seed: not permitted",
            ),
            (r#"{"object":"error","message":"overloaded","code":null}"#, "overloaded"),
            (
                r#"{"detail":[{"type":"x","loc":["body","seed",1],"msg":"a"},{"msg":"b"}]}"#,
                "body.seed.1: a; b",
            ),
            (r#"{"detail":"Not Found"}"#, "Not Found"),
            (r#"{"errors":["a","b"]}"#, "a; b"),
            ("<html>\n busy </html>", "<html> busy </html>"),
            ("", ""),
        ] {
            assert_eq!(error_text(body.as_bytes()), text, "{body}");
        }
        assert_eq!(
            error_text(format!("{{\"error\":\"{}\"}}", "x".repeat(9000)).as_bytes()).chars().count(),
            MAX_CHARS + 1
        );
    }

    #[test]
    fn only_what_reports_an_error_does() {
        let of = |json: &str| reported(&serde_json::from_str(json).unwrap());
        assert_eq!(of(r#"{"code":400,"details":"the limit is 20"}"#), Some("the limit is 20".into()));
        assert_eq!(of(r#"{"object":"error"}"#), Some(r#"{"object":"error"}"#.into()));
        assert_eq!(of(r#"{"error":{"code":5}}"#), Some(r#"{"error":{"code":5}}"#.into()));
        for harmless in [
            r#"{"type":"ping"}"#,
            r#"{"error":null}"#,
            r#"{"error":""}"#,
            "{}",
            "null",
            "[1]",
            r#"{"x":"message"}"#,
        ] {
            assert_eq!(of(harmless), None, "{harmless}");
        }
    }
}
