//! The verifier's library behind a boundary that JavaScript can call: bytes in, bytes out.
//!
//! The page draws, listens to the camera, fetches and stores; every decision is made here, by the
//! same code as on the command line and behind HTTP. There is no second implementation of any rule.
//!
//! # The interface
//!
//! JavaScript asks [`memory::allocate`] for room, writes a message, and calls one of two functions;
//! both return the place of an answer, which is read and given back with [`memory::release`].
//!
//! | function | message | answer |
//! |---|---|---|
//! | [`memory::call`] | a [`Request`] as JSON | an [`Answer`] as JSON |
//! | [`memory::scan`] | a frame, four bytes per pixel | the texts of the QR codes in it, a JSON array |
//!
//! It is written by hand: the functions are few, and a generator of bindings would be one more tool
//! to build and to trust.

pub mod memory;
mod page;

pub use page::{Answer, News, Office, Page, Problem, Request};
