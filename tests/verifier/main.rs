//! The verifier's library, against an office whose every key, list and claim can be bent.

mod hostile;
mod knowledge;
mod office;
mod receipts;
mod statements;
mod vectors;
mod verdicts;
