//! Fields that are not text. Servers disagree about their types, and a field that is not measured must not end a stream: every type here
//! reads any JSON value, and what it cannot use is missing.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

macro_rules! any_value {
    ($($visit:ident($kind:ty),)+) => {
        $(fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        })+
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

macro_rules! drained {
    ($($visit:ident($access:ident),)+) => {
        $(fn $visit<A: $access<'de>>(self, rest: A) -> Result<Self::Value, A::Error> {
            drain!($visit, rest);
            Ok(Self::Value::default())
        })+
    };
}

macro_rules! drain {
    (visit_seq, $rest:ident) => {
        let mut rest = $rest;
        while rest.next_element::<IgnoredAny>()?.is_some() {}
    };
    (visit_map, $rest:ident) => {
        let mut rest = $rest;
        while rest.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    };
}

/// A string; anything else is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Word<'a>(pub Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordVisitor;
        impl<'de> Visitor<'de> for WordVisitor {
            type Value = Word<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }
            fn visit_borrowed_str<E>(self, word: &'de str) -> Result<Self::Value, E> {
                Ok(Word(Some(Cow::Borrowed(word))))
            }
            fn visit_str<E>(self, word: &str) -> Result<Self::Value, E> {
                Ok(Word(Some(Cow::Owned(word.to_owned()))))
            }
            any_value! { visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64), }
            drained! { visit_seq(SeqAccess), visit_map(MapAccess), }
        }
        deserializer.deserialize_any(WordVisitor)
    }
}

/// A count or a duration: a whole number, also where it is written as 9.0. Anything else is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Figure(pub Option<u64>);

impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FigureVisitor;
        impl<'de> Visitor<'de> for FigureVisitor {
            type Value = Figure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Figure(Some(number)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                // Up to 2^53 every whole number is exact.
                let is_whole = (0.0..=9_007_199_254_740_992.0).contains(&number) && number.fract() == 0.0;
                Ok(Figure(is_whole.then_some(number as u64)))
            }
            any_value! { visit_bool(bool), visit_i64(i64), visit_str(&str), }
            drained! { visit_seq(SeqAccess), visit_map(MapAccess), }
        }
        deserializer.deserialize_any(FigureVisitor)
    }
}

/// A time in milliseconds, in ns. What is no duration is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Milliseconds(pub Option<u64>);

impl<'de> Deserialize<'de> for Milliseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor;
        impl<'de> Visitor<'de> for TimeVisitor {
            type Value = Milliseconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("milliseconds")
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Milliseconds(number.checked_mul(1_000_000)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                let is_time = number.is_finite() && number >= 0.0;
                Ok(Milliseconds(is_time.then(|| (number * 1e6).round() as u64)))
            }
            any_value! { visit_bool(bool), visit_i64(i64), visit_str(&str), }
            drained! { visit_seq(SeqAccess), visit_map(MapAccess), }
        }
        deserializer.deserialize_any(TimeVisitor)
    }
}

/// `true`; anything else is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flag(pub bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FlagVisitor;
        impl<'de> Visitor<'de> for FlagVisitor {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true or false")
            }
            fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
                Ok(Flag(is))
            }
            any_value! { visit_u64(u64), visit_i64(i64), visit_f64(f64), visit_str(&str), }
            drained! { visit_seq(SeqAccess), visit_map(MapAccess), }
        }
        deserializer.deserialize_any(FlagVisitor)
    }
}

/// Whether there is something: neither null nor false nor 0 nor empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Something(pub bool);

impl<'de> Deserialize<'de> for Something {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SomethingVisitor;
        impl<'de> Visitor<'de> for SomethingVisitor {
            type Value = Something;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Something(false))
            }
            fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
                Ok(Something(is))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Something(number != 0))
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Something(true))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(Something(number != 0.0))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Something(!text.is_empty()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut is = false;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    is = true;
                }
                Ok(Something(is))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut is = false;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    is = true;
                }
                Ok(Something(is))
            }
        }
        deserializer.deserialize_any(SomethingVisitor)
    }
}

/// An object; anything else stands for one without fields.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
            any_value! { visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64), visit_str(&str), }
            drained! { visit_seq(SeqAccess), }
        }
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

/// A list of objects; anything else stands for an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List<T>(pub Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        List(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ListVisitor<T> {
            type Value = List<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                // One choice is the rule, and room for more would be taken for each piece.
                let mut found = Vec::with_capacity(1);
                while let Some(Object(element)) = list.next_element::<Object<T>>()? {
                    found.push(element);
                }
                Ok(List(found))
            }
            any_value! { visit_bool(bool), visit_u64(u64), visit_i64(i64), visit_f64(f64), visit_str(&str), }
            drained! { visit_map(MapAccess), }
        }
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}
