//! Answers about the past, from the office's decisions to the hospital's answer, compared with
//! hand-written tables.
#![cfg(unix)]

mod command_line;
mod lives;
mod making;
mod office;
#[path = "../../cli/place.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which use the rest")]
mod place;
#[path = "../../cli/quick_keys.rs"]
mod quick_keys;
