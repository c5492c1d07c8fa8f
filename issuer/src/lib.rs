//! x
mod files;
mod key_file;
mod qr_code;
pub use files::{FileError, StagedDirectory, is_readable_by_others, switch_directory, write_atomic, write_new_secret};
pub use key_file::{KeyFile, KeyFileError, Passphrase};
pub use qr_code::{Modules, QrCode, QrCodeError, TerminalStyle};
