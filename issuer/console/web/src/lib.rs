//! What the office's console does in the officer's browser: it opens the officer's encrypted key file
//! and signs, and opens and answers applications with the office's inbox key, with the code that the
//! command line uses. Keys and passphrases never leave it.
//!
//! # The interface
//!
//! JavaScript calls `memory::allocate`, writes a [`Request`] as JSON into the block, and calls
//! `memory::call`, which returns the address of an [`Answer`] as JSON; that is read and then freed
//! with `memory::release`. It is written by hand, like that of the verifier's page: there are few
//! functions, and a bindings generator would be one more tool to build and to trust.

mod desk;
mod inbox;
#[cfg(target_arch = "wasm32")]
pub mod memory;
mod problem;
mod statements;
mod words;

pub use desk::{Answer, Desk, Facts, Request, ShownFinding};
pub use inbox::{Answered, Application, NewAnswer, Sealed, SealedAnswer};
pub use problem::Problem;
pub use statements::{Part, Shown, ShownLine};
pub use words::Words;
