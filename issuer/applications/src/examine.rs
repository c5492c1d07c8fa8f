//! Whether a file that a stranger sends is a document that an officer can open.
//!
//! Its name and what the browser calls it count for nothing. It must begin like a PDF, a JPEG or a
//! PNG, and be opened by a reader of that kind. **A file of some kilobytes can ask for gigabytes of
//! memory**: a server does this in a process of its own.

use vernet_verifier::{Soundness, soundness};

use crate::parcel::FileKind;

/// Why a file is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// It is neither a PDF nor a JPEG nor a PNG.
    Kind,
    /// It is damaged, or too hard to read.
    Unreadable,
    /// It asks for a password.
    Encrypted,
    /// A program is in it.
    Active,
}

impl Unfit {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Kind, Self::Unreadable, Self::Encrypted, Self::Active];

    /// Its stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::Kind => "file_kind",
            Self::Unreadable => "file_unreadable",
            Self::Encrypted => "file_encrypted",
            Self::Active => "file_active",
        }
    }
}

/// What a file is, by its content.
///
/// # Errors
///
/// [`Unfit`], if it is not accepted.
pub fn examine(bytes: &[u8]) -> Result<FileKind, Unfit> {
    match soundness(bytes) {
        Soundness::Pdf => Ok(FileKind::Pdf),
        Soundness::Jpeg => Ok(FileKind::Jpeg),
        Soundness::Png => Ok(FileKind::Png),
        Soundness::Encrypted => Err(Unfit::Encrypted),
        Soundness::Active => Err(Unfit::Active),
        Soundness::Unreadable => Err(Unfit::Unreadable),
        Soundness::Other => Err(Unfit::Kind),
    }
}
