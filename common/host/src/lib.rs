//! What the programs of office and hospital need of a machine.

mod clock;
pub mod files;
mod key_file;

pub use clock::clock;
pub use key_file::{KeyFile, KeyFileError, Passphrase, read_secret_text};
