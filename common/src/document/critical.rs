//! The member `crit`: what a reader must understand before it accepts anything.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

use serde_json::Value;

use crate::error::Error;

/// The member that names other members of its object. RFC 7515 section 4.1.11 has it in headers.
const CRIT: &str = "crit";

/// The first member that `crit` names and this version does not know. `known` are the members that
/// it does know, `added` those among them that the first version did not have, `reserved` others
/// that it had.
///
/// # Errors
///
/// [`Error::Inconsistent`] if `crit` is not an array of names, without repetition and not empty, of
/// members that are there, and that not every version knows.
pub(crate) fn critical(
    object: &Value,
    known: &[&str],
    added: &[&str],
    reserved: &[&str],
) -> Result<Option<String>, Error> {
    let Some(crit) = object.get(CRIT) else { return Ok(None) };
    let wrong = Error::Inconsistent {
        what: "`crit` is not an array of different names of members that are there and that not every version knows",
    };
    let names = crit
        .as_array()
        .and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<&str>>>());
    let Some(names) = names.filter(|names| !names.is_empty()) else { return Err(wrong) };
    let different: BTreeSet<&str> = names.iter().copied().collect();
    let may_be_named = |name: &&str| {
        *name != CRIT
            && object.get(*name).is_some()
            && !reserved.contains(name)
            && (!known.contains(name) || added.contains(name))
    };
    if different.len() != names.len() || !names.iter().all(may_be_named) {
        return Err(wrong);
    }
    Ok(names.into_iter().find(|name| !known.contains(name)).map(|name| format!("`{name}`")))
}
