//! `vernet-verifier serve`: the real program in a separate process, over real TCP, with an office
//! that the test controls.
//!
//! Each test has its own state folder, its own office and its own port. Nothing sleeps: tests poll
//! for a condition for a bounded time. Tests that take long because the server waits on purpose are
//! in `slow.rs` and run in parallel.
#![cfg(unix)]

mod batch;
mod bulk;
mod config;
mod end;
mod faked;
mod front_desk;
#[allow(dead_code, reason = "shared with the tests of the command line, which use the rest")]
#[path = "../verifier_cli/hospital.rs"]
mod hospital;
mod hostile;
mod kill;
mod lock;
mod mirror;
mod offices;
mod password;
mod pictures;
mod privacy;
mod problems;
mod publication;
mod publisher;
mod receipts;
mod receivers;
mod refresh;
mod roster;
mod serving;
mod shares;
mod slow;
mod tls;
mod tokens;
mod verdicts;
mod witness;

use vernet_tests::{http, office, pdf, people, picture};
