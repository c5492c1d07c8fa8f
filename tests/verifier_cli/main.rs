//! The hospital's command line: real processes, against an office whose every key and list can be
//! bent.
#![cfg(unix)]

mod check;
mod errors;
mod hospital;
mod inspect;
mod log;
mod page;
mod past;
mod pdfs;
mod receipts;
mod roster;
mod server;
mod sources;
mod sync;
mod terminal;
mod trust;
mod witness;

use vernet_tests::{office, pdf, people, picture};
