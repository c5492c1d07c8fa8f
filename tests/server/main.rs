//! `vernet-verifier serve`: the real program as a process of its own, over real TCP, beside an
//! office that does as it is told.
//!
//! Each test has its own state folder, its own office and its own port. Nothing sleeps: what takes
//! a moment is asked for again until it holds, for a bounded time. What takes long because the
//! server waits on purpose is in `slow.rs`, side by side.
#![cfg(unix)]

mod batch;
mod bulk;
mod config;
mod end;
#[allow(dead_code, reason = "shared with the tests of the command line, which use the rest")]
#[path = "../verifier_cli/hospital.rs"]
mod hospital;
mod hostile;
mod kill;
mod pictures;
mod privacy;
mod problems;
mod publication;
mod publisher;
mod receipts;
mod refresh;
mod serving;
mod slow;
mod tls;
mod tokens;
mod verdicts;
mod witness;

use vernet_tests::{http, office, pdf, picture};
