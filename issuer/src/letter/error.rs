//! Why a page could not be written.

use crate::qr_code::QrCodeError;

/// Why a page could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// The QR code could not be drawn.
    #[error(transparent)]
    Qr(#[from] QrCodeError),
    /// The library that writes the PDF refused, or found that the document breaks PDF/A-3a or
    /// PDF/UA-1.
    #[error("the PDF cannot be written: {reason}")]
    NotWritten {
        /// What it says.
        reason: String,
    },
    /// The PDF was read back, and the verifier does not find in it what was to be in it.
    #[error("the verifier does not find the signed text in the PDF just written")]
    ReadsDifferently,
}

impl LetterError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Qr(error) => error.code(),
            Self::NotWritten { .. } => "pdf_not_written",
            Self::ReadsDifferently => "pdf_not_readable",
        }
    }
}
