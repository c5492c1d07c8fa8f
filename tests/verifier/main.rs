//! The verifier's library, against an office whose every key, list and claim can be bent.

mod archive;
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
