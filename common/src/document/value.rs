//! JSON as it may occur in documents, whether this version knows the members or not.

use alloc::{format, string::String, vec::Vec};
use core::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::Error;

/// How deep values may be in each other. The deepest of today is 5 deep.
const MAX_DEPTH: u32 = 16;
/// How many values a document may have, members that nobody knows included: each takes more memory
/// than bytes. The longest line of a history has some 70,000.
const MAX_VALUES: u32 = 1 << 17;
/// How long the name of a member may be.
const MAX_NAME: usize = 64;
/// RFC 8785 writes numbers as JavaScript does, which is exact up to here.
const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Parses JSON of which every value is an object, an array, a string, an integer that JavaScript
/// can write, or a truth value, no member occurs twice, and no value is `null`.
///
/// # Errors
///
/// [`Error::Json`] if it is not.
pub(super) fn parse(what: &'static str, bytes: &[u8]) -> Result<Value, Error> {
    let json = |source| Error::json(what, source);
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let values = Cell::new(0);
    let value = Part { depth: 0, values: &values }.deserialize(&mut parser).map_err(json)?;
    parser.end().map_err(json)?;
    Ok(value)
}

/// The entries of a list in a document, as strictly read as by [`parse`].
pub(super) fn entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    let values = Cell::new(0);
    match (Part { depth: 1, values: &values }).deserialize(deserializer)? {
        Value::Array(entries) => Ok(entries),
        _ => Err(D::Error::custom("expected a list")),
    }
}

/// One value.
#[derive(Clone, Copy)]
struct Part<'a> {
    depth: u32,
    /// How many there were so far.
    values: &'a Cell<u32>,
}

impl Part<'_> {
    fn below(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MAX_VALUES {
            return Err(D::Error::custom(format!("more than {MAX_VALUES} values")));
        }
        if self.depth > MAX_DEPTH {
            return Err(D::Error::custom(format!("values more than {MAX_DEPTH} deep")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, an array, a string, an integer or a truth value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        if value.unsigned_abs() > MAX_INTEGER {
            return Err(E::custom("an integer beyond 2^53 - 1"));
        }
        Ok(value.into())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        if value > MAX_INTEGER {
            return Err(E::custom("an integer beyond 2^53 - 1"));
        }
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = array.next_element_seed(self.below())? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            // With such names, sorting by bytes and by UTF-16 is the same.
            if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(|b| b.is_ascii_graphic())
            {
                return Err(A::Error::custom(
                    "the name of a member is not 1 to 64 ASCII characters without white space",
                ));
            }
            let value = object.next_value_seed(self.below())?;
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("the member `{name}` occurs twice")));
            }
            members.insert(name, value);
        }
        Ok(members.into())
    }
}
