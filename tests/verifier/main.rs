//! The verifier's library, tested with an office whose keys, lists and claims can all be altered.

mod archive;
mod bounded;
mod compat;
#[cfg(feature = "documents")]
mod documents;
mod examples;
mod format_tables;
mod growth;
mod hostile;
mod knowledge;
mod leaves;
mod log;
mod offices;
mod past;
mod receipts;
#[cfg(feature = "roster")]
mod roster;
mod spellings;
mod statements;
mod together;
mod vectors;
mod verdicts;
mod witness;

#[cfg(feature = "roster")]
use vernet_tests::people;
use vernet_tests::{newer, office};
