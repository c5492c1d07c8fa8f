//! Verifies perfusionist certificates: `(input, knowledge, policy, now) -> verdict`.
#![no_std]
extern crate alloc;
#[cfg(feature = "photo")]
extern crate std;

mod check;
mod error;
mod input;
mod knowledge;
mod policy;
mod verdict;

pub use check::{verify, verify_input};
pub use error::Error;
pub use input::Input;
pub use knowledge::{Knowledge, Memory};
pub use policy::Policy;
pub use verdict::{Accepted, Code, Colour, Verdict};
