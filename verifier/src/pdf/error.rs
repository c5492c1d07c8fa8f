//! Why nothing was found in a PDF.

vernet_common::error_enum! {
    /// Why no certificate can be found in a PDF.
    #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
    pub enum PdfError {
        /// The file is larger than any letter or scan of one. Nothing was read.
        #[error("the PDF has {found} bytes, at most {limit} are read")]
        TooLarge: "pdf_too_large" {
            /// Its size.
            found: usize,
            /// The largest size that is read.
            limit: usize,
        },
        /// The file does not begin as a PDF does.
        #[error("the file does not begin with `%PDF-`, so it is no PDF")]
        NotPdf: "pdf_unrecognised",
        /// Everything in the file is encrypted.
        #[error(
            "the PDF is encrypted, so nothing can be read in it: take a picture of the page (PNG or JPEG) and check that"
        )]
        Encrypted: "pdf_encrypted",
        /// There is no certificate among its attachments, and none that could be read among its
        /// pictures.
        #[error(
            "the PDF has no certificate attached, and no code can be read in its {pictures} JPEG pictures: it is no letter of the office as it was sent, \
             perhaps a print of one; take a picture of the page (PNG or JPEG) and check that"
        )]
        NoCertificate: "pdf_no_certificate" {
            /// How many pictures were looked at.
            pictures: usize,
        },
    }
}
