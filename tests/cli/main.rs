//! The programs as people run them: real processes, real files, real keys.
#![cfg(unix)]

mod by_hand;

mod demo;

mod place;
mod readme;

mod snapshot;
