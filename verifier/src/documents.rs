//! Extracts the texts of certificates from the bytes of a file: [`read`] distinguishes text,
//! picture and PDF.
//!
//! The texts are untrusted: a stranger put them into the file, and nothing about them has been
//! checked.
//!
//! Pictures are read with the feature `photo`, PDFs with `pdf`; pixels that somebody else decoded,
//! with `pixels`. Without these features, such files
//! give [`InputError::NotText`].

use alloc::{borrow::ToOwned, string::String, vec, vec::Vec};

use crate::error::InputError;
#[cfg(feature = "scan")]
pub use crate::frame::{read_frame, read_frame_otherwise};
#[cfg(feature = "pdf")]
pub use crate::pdf::{PdfContents, error::PdfError, read_pdf};
#[cfg(feature = "photo")]
pub use crate::photo::{error::PhotoError, read_qr};
#[cfg(feature = "pixels")]
pub use crate::pixels::read_pixels;
pub use crate::{input::certificates_among, kind::Kind};

/// What a file holds for a verifier.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Contents {
    /// What kind of file it is.
    pub kind: Kind,
    /// The texts of certificates, at least one: the text itself, as many as there are codes in a
    /// picture, or as many as are attached to a PDF. [`verify`](crate::verify) finds out whether
    /// they can be read as certificates.
    pub certificates: Vec<String>,
    /// The statements of professional status that came with them, in a PDF.
    pub statements: Vec<String>,
}

/// The certificates in the bytes of a file. The caller limits the size of the file: 24 MiB are
/// enough for any letter and any photo.
///
/// A photo can take seconds: see `read_qr`.
///
/// # Errors
///
/// [`InputError::NotText`] if the file is of no kind that is read; `InputError::Photo` or
/// `InputError::Pdf` if no QR code can be read from the picture or no certificate is found in the
/// PDF.
pub fn read(bytes: &[u8]) -> Result<Contents, InputError> {
    read_as(Kind::of(bytes), bytes)
}

/// As [`read`], for a file whose kind is already known.
///
/// # Errors
///
/// As for [`read`].
pub fn read_as(kind: Kind, bytes: &[u8]) -> Result<Contents, InputError> {
    let (certificates, statements) = match kind {
        #[cfg(feature = "photo")]
        Kind::Picture => (certificates_among(read_qr(bytes)?), Vec::new()),
        #[cfg(feature = "pdf")]
        Kind::Pdf => {
            let PdfContents { certificates, statements } = read_pdf(bytes)?;
            (certificates, statements)
        }
        _ => {
            let text = str::from_utf8(bytes).map_err(|_| InputError::NotText)?;
            (vec![text.to_owned()], Vec::new())
        }
    };
    Ok(Contents { kind, certificates, statements })
}
