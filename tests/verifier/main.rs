//! The verifier's library, tested with an office whose keys, lists and claims can all be altered.

mod archive;
mod bounded;
#[cfg(feature = "documents")]
mod documents;
mod examples;
mod format_tables;
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
mod vectors;
mod verdicts;
mod witness;

use vernet_tests::office;
#[cfg(feature = "roster")]
use vernet_tests::people;
