//! The hospital's command line: real processes, with an office whose keys and lists can all be
//! altered.
#![cfg(unix)]

mod check;
mod errors;
mod front_desk;
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
mod state;
mod sync;
mod terminal;
mod trust;
mod witness;

use vernet_tests::{office, pdf, people, picture};
