//! What the programs of office and hospital need from a machine, in one place.
//!
//! | what | where | feature |
//! |---|---|---|
//! | private keys, encrypted | [`KeyFile`] | `files` for those on disk |
//! | what opens them, and tokens | [`Passphrase`], [`Pin`]: both a [`Secret`] | `files`, `terminal` for where they come from |
//! | files and folders that are there whole or not at all | `files` | `files` |
//! | the clock and the random source of the machine | `clock`, `wait_until_after`, `random` | |
//! | times as people write them | [`parse_time`] | |
//! | bytes as people compare them | [`hex`] | |
//! | what is safe to print | `printable`, `printable_lines`, `printable_json`, `note`, `write_out` | `terminal` |
//! | work on what strangers send, in a process of its own | `run_confined` | `confined` |
//! | mails to people | `Mailer` | `mail` |
//! | an error as it is reported: code, text and hint | `Report` | `terminal` |
//!
//! Without features, nothing here needs a disk or a terminal, and everything but the clock and the
//! random source builds for `wasm32-unknown-unknown`: a browser can open a key file. Nothing here
//! decides whom or what to trust.

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod clock;
#[cfg(feature = "confined")]
mod confined;
mod file_error;
#[cfg(feature = "files")]
pub mod files;
mod hex;
mod key_file;
#[cfg(feature = "mail")]
mod mail;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
mod random;
#[cfg(feature = "terminal")]
mod report;
mod secret;
#[cfg(feature = "terminal")]
mod terminal;
mod time;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use clock::{ClockError, clock, wait_until_after};
#[cfg(feature = "confined")]
pub use confined::{Confined, confine, run_confined};
pub use file_error::FileError;
pub use hex::hex;
pub use key_file::{KeyFile, KeyFileError};
#[cfg(feature = "mail")]
pub use mail::{Mail, MailAddress, MailError, MailFailure, MailServer, MailTls, Mailer};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use random::random;
#[cfg(feature = "terminal")]
pub use report::Report;
#[cfg(all(feature = "files", feature = "terminal"))]
pub use secret::warn_if_readable_by_others;
pub use secret::{
    Opens, OpensFiles, OpensTokens, Passphrase, Pin, Secret, SecretError, SecretKind,
};
#[cfg(feature = "terminal")]
pub use terminal::{note, printable, printable_json, printable_lines, write_out};
pub use time::{TimeError, parse_time};
