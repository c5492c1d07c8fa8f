//! Lists in which a newer program may have written entries of kinds that this version does not
//! know.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _,
};
use serde_json::Value;

use super::{critical::critical, fields::fields_of, value};

/// An entry of a list to which new kinds of entries may be added.
pub trait ListEntry: Serialize + DeserializeOwned {
    /// Whether this is an entry of a kind that this version does not know, so that it is passed
    /// over. An entry of a known kind in another form is an error.
    fn is_newer(entry: &Value) -> bool;
}

/// The entries of a list that this version knows; it dereferences to them. The others are passed
/// over, and are written again where they were.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entries<T> {
    known: Vec<T>,
    /// With their places in the whole list.
    passed_over: Vec<(usize, Value)>,
}

impl<T> Entries<T> {
    /// The entries that this version does not know.
    pub fn passed_over(&self) -> impl Iterator<Item = &Value> {
        self.passed_over.iter().map(|(_, entry)| entry)
    }

    /// How many entries there are, known or not.
    pub fn count(&self) -> usize {
        self.known.len() + self.passed_over.len()
    }

    /// Whether there is none, known or not. (`is_empty` is that of the known ones.)
    pub(crate) fn has_none(&self) -> bool {
        self.count() == 0
    }
}

impl<T> Deref for Entries<T> {
    type Target = Vec<T>;
    fn deref(&self) -> &Vec<T> {
        &self.known
    }
}

impl<T> DerefMut for Entries<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.known
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for Entries<T> {
    fn from(known: Vec<T>) -> Self {
        Self { known, passed_over: Vec::new() }
    }
}

impl<T, const N: usize> From<[T; N]> for Entries<T> {
    fn from(known: [T; N]) -> Self {
        Vec::from(known).into()
    }
}

impl<T> FromIterator<T> for Entries<T> {
    fn from_iter<I: IntoIterator<Item = T>>(known: I) -> Self {
        known.into_iter().collect::<Vec<T>>().into()
    }
}

impl<'a, T> IntoIterator for &'a Entries<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.known.iter()
    }
}

impl<T: Serialize> Serialize for Entries<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.passed_over.is_empty() {
            return self.known.serialize(serializer);
        }
        let mut all = Vec::with_capacity(self.count());
        for entry in &self.known {
            all.push(serde_json::to_value(entry).map_err(serde::ser::Error::custom)?);
        }
        for (place, entry) in &self.passed_over {
            all.insert((*place).min(all.len()), entry.clone());
        }
        all.serialize(serializer)
    }
}

impl<'de, T: ListEntry> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut entries = Self::from(Vec::new());
        for (place, entry) in value::entries(deserializer)?.into_iter().enumerate() {
            let critical =
                critical(&entry, fields_of::<T>(), &[], &[]).map_err(D::Error::custom)?;
            if critical.is_some() || T::is_newer(&entry) {
                entries.passed_over.push((place, entry));
            } else {
                entries.known.push(T::deserialize(&entry).map_err(D::Error::custom)?);
            }
        }
        Ok(entries)
    }
}
