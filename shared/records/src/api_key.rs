//! The key of OpenAI-type servers: from the environment only, and never anywhere but in a request's header.

mod mask;

pub use mask::masked;

use std::fmt;

/// Environment variable that holds the key. Arms and driver read it themselves, so that it is on no command line.
pub const API_KEY_VARIABLE: &str = "TANDEM_API_KEY";

/// A key. It prints as dots, also inside other structs, so that no log or error can show it.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key of the environment; `None` where there is none.
    ///
    /// # Errors
    /// It has characters that no header can carry; the message does not show them.
    pub fn from_environment() -> Result<Option<ApiKey>, String> {
        match std::env::var(API_KEY_VARIABLE) {
            Ok(key) if key.is_empty() => Ok(None),
            Ok(key) => ApiKey::new(&key).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(ApiKey::unfit()),
        }
    }

    /// A key of visible ASCII characters.
    ///
    /// # Errors
    /// It has others; the message does not show them.
    pub fn new(key: &str) -> Result<ApiKey, String> {
        let fits = key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(ApiKey(key.to_owned())) } else { Err(ApiKey::unfit()) }
    }

    fn unfit() -> String {
        format!(
            "{API_KEY_VARIABLE} holds characters that no header can carry; set it to the key alone, without spaces or line ends"
        )
    }

    /// Value of the header `Authorization` (RFC 6750, section 2.1).
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.0)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_in_its_header_and_in_no_other_text() {
        let key = ApiKey::new("sk-12.3_x").unwrap();
        assert_eq!(key.authorization(), "Bearer sk-12.3_x");
        assert_eq!(format!("{key:?} {:?}", Some(&key)), "ApiKey(…) Some(ApiKey(…))");
        for unfit in ["a b", "a\r\nHost: x", "ä"] {
            let error = ApiKey::new(unfit).unwrap_err();
            assert!(error.starts_with(API_KEY_VARIABLE) && !error.contains(unfit), "{error}");
        }
    }
}
