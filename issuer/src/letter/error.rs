//! Why a page could not be written.

use crate::qr_code::QrCodeError;

vernet_common::error_enum! {
    /// Why a page could not be written.
    #[derive(Debug, thiserror::Error)]
    pub enum LetterError {
        /// The QR code could not be drawn.
        #[error(transparent)]
        Qr: _ (#[from] QrCodeError),
        /// The PDF library failed, or found that the document does not conform to PDF/A-3a or
        /// PDF/UA-1.
        #[error("the PDF cannot be written: {reason}")]
        NotWritten: "pdf_not_written" {
            /// The library's error.
            reason: String,
        },
        /// The PDF was read back, and the verifier does not find exactly the signed texts in it.
        #[error("the verifier does not find the signed text in the PDF just written")]
        ReadsDifferently: "pdf_not_readable",
    }
}
