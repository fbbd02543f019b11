//! The levels of a factor: in the file one value or a list.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// One or more values; a single value stands for a list of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels<T>(pub Vec<T>);

impl<T> Deref for Levels<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Levels<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

/// A hand-written visitor, because serde's untagged enums would swallow the message that lists the valid values.
struct OneOrMany<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Levels<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one value or a list of values")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Levels<T>, E> {
        Ok(Levels(vec![T::deserialize(value.into_deserializer())?]))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Levels<T>, E> {
        Ok(Levels(vec![T::deserialize(value.into_deserializer())?]))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Levels<T>, E> {
        Ok(Levels(vec![T::deserialize(value.into_deserializer())?]))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Levels<T>, E> {
        Ok(Levels(vec![T::deserialize(value.into_deserializer())?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Levels<T>, A::Error> {
        Ok(Levels(Vec::deserialize(SeqAccessDeserializer::new(list))?))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Levels<T>, A::Error> {
        Ok(Levels(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
    }
}
