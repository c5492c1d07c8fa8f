//! Verifies perfusionist certificates: `(input, knowledge, policy, now) -> verdict`.
#![cfg_attr(not(feature = "photo"), no_std)]
extern crate alloc;

mod check;
mod error;
mod input;
mod knowledge;
#[cfg(feature = "photo")]
mod photo;
mod policy;
mod verdict;

pub use check::{verify, verify_input};
pub use error::Error;
pub use input::Input;
pub use knowledge::{Knowledge, Memory};
#[cfg(feature = "photo")]
pub use photo::{PhotoError, read_qr};
pub use policy::Policy;
pub use verdict::{Accepted, Code, Colour, Verdict};
