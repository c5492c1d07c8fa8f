//! Reads documents that a newer program may have written (`docs/FORMAT.md` section 3.1).
//!
//! What this version does not know in a document is passed over, unless the document names it in
//! `crit` (after RFC 7515 section 4.1.11): then it must be understood before anything is accepted.
//! Everything else is as strict as if nothing could ever be added: one spelling, no member twice,
//! no `null`, no value of another form, and bounds.

mod code;
mod critical;
mod entries;
mod fields;
mod truth;
mod value;

pub(crate) use self::code::{is_newer_code, newer_code};
pub use self::entries::{Entries, ListEntry};
pub(crate) use self::truth::only_true;

use alloc::string::String;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use self::{critical::critical, fields::fields_of};
use crate::{
    canonical::{from_canonical_json, to_canonical_json},
    error::Error,
};

/// What a reader must know of a kind of document.
pub(crate) struct Kind {
    /// Its name in messages.
    pub(crate) what: &'static str,
    /// The members that were added after the first version: `crit` may name them.
    pub(crate) added: &'static [&'static str],
    /// Members that `crit` must not name although this version does not read them.
    pub(crate) reserved: &'static [&'static str],
    /// Finds a value of a list of codes that this version does not know, in a document that could
    /// not be read.
    pub(crate) newer: fn(&Value) -> Option<String>,
}

impl Kind {
    /// A kind to which nothing was added, and that has no codes.
    pub(crate) fn of(what: &'static str) -> Self {
        Self { what, added: &[], reserved: &[], newer: |_| None }
    }

    fn not_understood(&self, found: String) -> Error {
        Error::NotUnderstood { what: self.what, found }
    }
}

/// What a document says, as far as this version knows.
pub(crate) struct Known<T> {
    pub(crate) value: T,
    /// The first member that must be understood and is not.
    pub(crate) critical: Option<String>,
}

impl<T> Known<T> {
    /// The document, if everything in it is understood that must be.
    pub(crate) fn understood(self, what: &'static str) -> Result<T, Error> {
        self.critical.map_or(Ok(self.value), |found| Err(Error::NotUnderstood { what, found }))
    }
}

/// Reads canonical JSON (RFC 8785) and nothing else. What is unknown counts for the form, too: the
/// document is written again **with** it, and compared.
///
/// Nearly always there is nothing unknown in it. Then it is exactly what this version would write,
/// and need not be read twice. In a browser it is read twice all the same: a second reader for each
/// kind of document would take 20 kB of the page.
///
/// # Errors
///
/// [`Error::Json`] if the bytes are not JSON of this type, [`Error::NotCanonical`] if they are not
/// in canonical form; [`Error::Inconsistent`] if `crit` is not as it must be, or those of `check`;
/// [`Error::NotUnderstood`] in the place of these if the document is of a newer form.
pub(crate) fn read_canonical<T: Serialize + DeserializeOwned>(
    kind: &Kind,
    bytes: &[u8],
    check: impl Fn(&T) -> Result<(), Error>,
) -> Result<Known<T>, Error> {
    if cfg!(not(target_family = "wasm"))
        && let Ok(value) = from_canonical_json::<T>(kind.what, bytes)
        && check(&value).is_ok()
    {
        return Ok(Known { value, critical: None });
    }
    let value = value::parse(kind.what, bytes)?;
    if to_canonical_json(kind.what, &value)? != bytes {
        return Err(Error::NotCanonical { what: kind.what });
    }
    read(kind, &value, check)
}

/// Reads JSON with white space and members in any order, for what nobody signs as a whole: files
/// that people mail to each other, and carriers of documents.
///
/// # Errors
///
/// As [`read_canonical`], but for the spelling.
pub(crate) fn read_json<T: Serialize + DeserializeOwned>(
    kind: &Kind,
    bytes: &[u8],
) -> Result<Known<T>, Error> {
    read(kind, &value::parse(kind.what, bytes)?, |_| Ok(()))
}

fn read<T: Serialize + DeserializeOwned>(
    kind: &Kind,
    value: &Value,
    check: impl Fn(&T) -> Result<(), Error>,
) -> Result<Known<T>, Error> {
    let critical = critical(value, fields_of::<T>(), kind.added, kind.reserved)?;
    let known = known::<T>(kind.what, value).and_then(|known| check(&known).map(|()| known));
    match (known, critical) {
        (Ok(value), critical) => Ok(Known { value, critical }),
        (Err(_), Some(found)) => Err(kind.not_understood(found)),
        (Err(error), None) => {
            Err((kind.newer)(value).map_or(error, |found| kind.not_understood(found)))
        }
    }
}

/// The value as this type. It is written again and compared, so that each known part has one form:
/// no array in place of an object, which serde would accept, and no other spelling of a value.
fn known<T: Serialize + DeserializeOwned>(what: &'static str, value: &Value) -> Result<T, Error> {
    let json = |source| Error::json(what, source);
    let known = T::deserialize(value).map_err(json)?;
    if !covers(value, &serde_json::to_value(&known).map_err(json)?) {
        return Err(Error::NotCanonical { what });
    }
    Ok(known)
}

/// Whether `found` is `known` and perhaps further members.
fn covers(found: &Value, known: &Value) -> bool {
    match (found, known) {
        (Value::Object(found), Value::Object(known)) => known
            .iter()
            .all(|(name, known)| found.get(name).is_some_and(|found| covers(found, known))),
        (Value::Array(found), Value::Array(known)) => {
            found.len() == known.len()
                && found.iter().zip(known).all(|(found, known)| covers(found, known))
        }
        _ => found == known,
    }
}

#[cfg(test)]
mod tests;
