//! The error for an invalid value in a field.

use vernet_common::Error;

/// The error of a field whose content does not have the form of its type, quoted to at most 80
/// characters.
pub fn field(field: &'static str, found: &str, expected: &'static str) -> Error {
    let found = found.chars().take(80).flat_map(char::escape_debug).collect();
    Error::FieldInvalid { field, found, expected }
}
