//! The verifier's library, against an office whose every key, list and claim can be bent.

mod archive;
mod examples;
mod hostile;
mod knowledge;
mod leaves;
mod log;
mod office;
mod offices;
mod past;
#[cfg(feature = "roster")]
mod people;
mod receipts;
#[cfg(feature = "roster")]
mod roster;
mod statements;
mod vectors;
mod verdicts;
mod witness;
