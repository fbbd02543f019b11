//! Typed access to a JSON request, with Go's complaints about wrong types.

use crate::api_error::ApiError;
use crate::go_json;
use serde_json::{Map, Value};

/// The fields of a request body.
pub struct Fields {
    /// Name of Go's struct, which its messages carry.
    go_struct: &'static str,
    map: Map<String, Value>,
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Fields {
    /// Reads the first JSON value of a body, as Go's decoder does; what follows it is ignored.
    ///
    /// # Errors
    /// With status 400 and Go's message; `empty` is the message for a body without anything in it.
    pub fn parse(go_struct: &'static str, body: &[u8], empty: &str) -> Result<Fields, ApiError> {
        let text = String::from_utf8_lossy(body);
        match serde_json::Deserializer::from_str(&text).into_iter::<Value>().next() {
            None => Err(ApiError::reading(empty)),
            Some(Ok(Value::Object(map))) => Ok(Fields { go_struct, map }),
            Some(Ok(Value::Null)) => Ok(Fields { go_struct, map: Map::new() }),
            Some(Ok(other)) => {
                let package = if go_struct.contains("Completion") { "openai" } else { "api" };
                let kind = kind(&other);
                Err(ApiError::reading(format!(
                    "json: cannot unmarshal {kind} into Go value of type {package}.{go_struct}"
                )))
            }
            Some(Err(error)) => {
                Err(ApiError::reading(go_json::syntax_error(&text).unwrap_or_else(|| error.to_string())))
            }
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    fn wrong(&self, value: &Value, name: &str, go_type: &str) -> ApiError {
        let (kind, go_struct) = (kind(value), self.go_struct);
        ApiError::reading(format!(
            "json: cannot unmarshal {kind} into Go struct field {go_struct}.{name} of type {go_type}"
        ))
    }

    /// A string; a missing one is empty, as in Go.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn string(&self, name: &str) -> Result<&str, ApiError> {
        match self.get(name) {
            None => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(self.wrong(other, name, "string")),
        }
    }

    /// A boolean; `None` when missing.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.wrong(other, name, "bool")),
        }
    }

    /// A whole number; `None` when missing.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| self.wrong(value, name, "int")),
        }
    }

    /// An object; `None` when missing.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn object(&self, name: &str, go_type: &str) -> Result<Option<&Map<String, Value>>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(other) => Err(self.wrong(other, name, go_type)),
        }
    }

    /// An array; empty when missing.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn array(&self, name: &str, go_type: &str) -> Result<&[Value], ApiError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(other) => Err(self.wrong(other, name, go_type)),
        }
    }

    /// A field of any type; `None` when missing or null.
    pub fn any(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }

    /// A string field inside an array's element, such as a message's role.
    ///
    /// # Errors
    /// When the field is something else.
    pub fn inner_string<'v>(&self, element: &'v Value, array: &str, name: &str) -> Result<&'v str, ApiError> {
        match element.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(Value::String(text)) => Ok(text),
            Some(other) => Err(self.wrong(other, &format!("{array}.{name}"), "string")),
        }
    }

    /// Complains about an array's element that is no object.
    ///
    /// # Errors
    /// When it is none.
    pub fn element_is_object(&self, element: &Value, array: &str, go_type: &str) -> Result<(), ApiError> {
        if element.is_object() { Ok(()) } else { Err(self.wrong(element, array, go_type)) }
    }
}
