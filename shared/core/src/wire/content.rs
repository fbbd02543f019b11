//! The field that holds generated text, in every shape that servers give it.

use super::lenient::Word;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A field with generated text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Content<'a> {
    /// Not there, or null.
    #[default]
    None,
    /// A string.
    Text(Cow<'a, str>),
    /// A list of typed parts, as some servers write while a model thinks. Boxed: what is rare must not make every field large.
    Parts(Box<Parts>),
    /// A number or a truth value, or parts that hold one.
    Odd,
}

/// The text of typed parts by its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parts {
    pub thinking: String,
    pub answer: String,
}

impl Content<'_> {
    /// The whole text as it stands, whatever its kind.
    pub fn into_text(self) -> String {
        match self {
            Content::None | Content::Odd => String::new(),
            Content::Text(text) => text.into_owned(),
            Content::Parts(parts) => parts.thinking.clone() + &parts.answer,
        }
    }

    pub fn is_empty(&self) -> bool {
        match self {
            Content::None => true,
            Content::Odd => false,
            Content::Text(text) => text.is_empty(),
            Content::Parts(parts) => parts.thinking.is_empty() && parts.answer.is_empty(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ContentVisitor;
        impl<'de> Visitor<'de> for ContentVisitor {
            type Value = Content<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Content::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Content::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Content::None)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Content::Odd)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Content::Odd)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Content::Odd)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Content::Odd)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let (mut parts, mut is_odd) = (Parts::default(), false);
                while let Some(part) = list.next_element::<Content<'de>>()? {
                    match part {
                        Content::Parts(part) => {
                            parts.thinking.push_str(&part.thinking);
                            parts.answer.push_str(&part.answer);
                        }
                        Content::Odd => is_odd = true,
                        other => parts.answer.push_str(&other.into_text()),
                    }
                }
                Ok(if is_odd { Content::Odd } else { Content::Parts(Box::new(parts)) })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Part::deserialize(MapAccessDeserializer::new(map)).map(|part| part.content())
            }
        }
        deserializer.deserialize_any(ContentVisitor)
    }
}

/// `{"type": "text", "text": "…"}` and its like.
#[derive(serde::Deserialize)]
struct Part<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Word<'a>,
    #[serde(borrow, default)]
    text: Content<'a>,
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(borrow, default)]
    thinking: Content<'a>,
    #[serde(borrow, default)]
    reasoning: Content<'a>,
}

impl Part<'_> {
    fn content<'a>(self) -> Content<'a> {
        if [&self.text, &self.content, &self.thinking, &self.reasoning].contains(&&Content::Odd) {
            return Content::Odd;
        }
        let is_thinking = self.kind.0.is_some_and(|kind| kind.contains("think") || kind.contains("reason"));
        let thinking = self.thinking.into_text() + &self.reasoning.into_text();
        let plain = self.text.into_text() + &self.content.into_text();
        Content::Parts(Box::new(match is_thinking {
            true => Parts { thinking: thinking + &plain, answer: String::new() },
            false => Parts { thinking, answer: plain },
        }))
    }
}
