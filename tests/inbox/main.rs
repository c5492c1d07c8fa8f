//! The applicants' inbox over real sockets, as browsers and strangers use it.
#![cfg(unix)]

mod client;
mod limits;
mod once;
mod path;
mod protection;
mod uploads;
