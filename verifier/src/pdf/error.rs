//! Why nothing was found in a PDF.

use alloc::vec::Vec;

use crate::unexamined::Unexamined;

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
        /// The file is too damaged to find anything in it.
        #[error("the PDF is damaged: no page and no attachment can be found in it")]
        Unreadable: "pdf_unreadable",
        /// The file opens only with a password.
        #[error("the PDF opens only with a password: save it without one")]
        Encrypted: "pdf_encrypted",
        /// There is no certificate among its attachments, and none that could be read on its pages.
        #[error(
            "the PDF has no certificate attached, and no code of a certificate can be read on the {pages} pages that were looked at{}", Missing(unexamined)
        )]
        NoCertificate: "pdf_no_certificate" {
            /// How many pages were looked at.
            pages: usize,
            /// What was not.
            unexamined: Vec<Unexamined>,
        },
    }
}

/// What else there is, for the end of a sentence.
struct Missing<'a>(&'a [Unexamined]);

impl core::fmt::Display for Missing<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (place, what) in self.0.iter().enumerate() {
            f.write_str(if place == 0 { "; not examined: " } else { ", " })?;
            what.fmt(f)?;
        }
        Ok(())
    }
}
