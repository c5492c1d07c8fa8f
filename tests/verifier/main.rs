//! The verifier's library, tested with an office whose keys, lists and claims can all be altered.

mod archive;
mod bounded;
mod documents;
mod examples;
mod hostile;
mod knowledge;
mod leaves;
mod log;
mod offices;
mod past;
mod receipts;
#[cfg(feature = "roster")]
mod roster;
mod statements;
mod vectors;
mod verdicts;
mod witness;

use vernet_tests::office;
#[cfg(feature = "roster")]
use vernet_tests::people;
