//! The verifier's library behind a boundary that JavaScript can call: bytes in, bytes out.
//!
//! The page draws, reads the camera, fetches and stores; every decision is made here, by the same
//! code as on the command line and behind HTTP. There is no second implementation of any rule.
//!
//! # The interface
//!
//! JavaScript calls [`memory::allocate`], writes a message into the block, and calls one of these
//! functions; all return the address of an answer, which is read and then freed with
//! [`memory::release`].
//!
//! | function | message | answer |
//! |---|---|---|
//! | [`memory::call`] | a [`Request`] as JSON | an [`Answer`] as JSON |
//! | [`memory::scan`] | a frame of a camera, four bytes per pixel | the texts of the QR codes in it, a JSON array |
//! | [`memory::scan_otherwise`] | the same | the texts of codes that are light on dark, or faint |
//! | [`memory::scan_picture`] | a picture that somebody chose | the same, with all the work of the command line |
//! | `memory::read` | a document that somebody chose | an object with the texts of the certificates in it |
//!
//! The last one is in a module of its own, `documents.wasm` (feature `documents`), which weighs more
//! than all the rest of the page and is fetched only when it is needed; the others are in
//! `vernet.wasm` (feature `page`).
//!
//! It is written by hand: there are few functions, and a bindings generator would be one more tool
//! to build and to trust.

pub mod memory;
#[cfg(feature = "page")]
mod page;
#[cfg(feature = "page")]
mod typed;

#[cfg(feature = "page")]
pub use page::{Answer, News, Office, Page, Problem, Request};
