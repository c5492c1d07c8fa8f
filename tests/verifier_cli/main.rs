//! The hospital's command line: real processes, against an office whose every key and list can be
//! bent.
#![cfg(unix)]

mod check;
mod errors;
mod hospital;
mod inspect;
mod log;
#[allow(dead_code, reason = "shared with the tests of the library, which use the rest")]
#[path = "../verifier/office.rs"]
mod office;
mod page;
mod past;
mod pdf;
mod pdfs;
#[path = "../verifier/people.rs"]
mod people;
mod picture;
mod receipts;
mod roster;
mod server;
mod sources;
mod sync;
mod terminal;
mod trust;
mod witness;
