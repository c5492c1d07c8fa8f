//! Why what was shown could not be read.

use alloc::string::String;

use crate::code::Code;

/// Why what was shown could not be read as a certificate, or the particular fault behind a verdict.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// There is nothing but white space.
    #[error("the input is empty")]
    InputEmpty,
    /// The input is longer than any form of a certificate.
    #[error("the input has {found} bytes, at most {limit} are read")]
    InputTooLarge {
        /// Its size.
        found: usize,
        /// The largest size that is read.
        limit: usize,
    },
    /// The input has none of the forms in which people have certificates.
    #[error(
        "the input begins with `{found}`, expected a certificate (`eyJ…~`), the link of a QR code (`https://…#digits`) or its digits"
    )]
    InputUnrecognised {
        /// How it begins.
        found: String,
    },
    /// The link has no digits: somebody took a picture of another QR code.
    #[error("the link has no `#` followed by digits, so it is not the QR code of a certificate")]
    LinkWithoutDigits,
    /// The certificate carries disclosures or a key binding, which these certificates never have.
    #[error(
        "the certificate has {found} parts after the first `~`, expected none: disclosures and key binding are not used"
    )]
    Disclosures {
        /// The number of parts that are not empty.
        found: usize,
    },
    /// The input is neither text nor a PNG or JPEG picture nor a PDF.
    #[error("the input is neither UTF-8 text nor a PNG or JPEG picture nor a PDF")]
    NotText,
    /// No QR code could be read from the picture.
    #[cfg(feature = "photo")]
    #[error(transparent)]
    Photo(#[from] alloc::sync::Arc<crate::photo::error::PhotoError>),
    /// No certificate was found in the PDF.
    #[cfg(feature = "pdf")]
    #[error(transparent)]
    Pdf(#[from] crate::pdf::error::PdfError),
    /// The bytes do not have the agreed form.
    #[error(transparent)]
    Common(#[from] vernet_common::Error),
}

impl InputError {
    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InputEmpty => "input_empty",
            Self::InputTooLarge { .. } => "input_too_large",
            Self::InputUnrecognised { .. } => "input_unrecognised",
            Self::LinkWithoutDigits => "link_without_digits",
            Self::Disclosures { .. } => "disclosures",
            Self::NotText => "not_text",
            #[cfg(feature = "photo")]
            Self::Photo(error) => error.code(),
            #[cfg(feature = "pdf")]
            Self::Pdf(error) => error.code(),
            Self::Common(error) => error.code(),
        }
    }

    /// The verdict on an input with this fault. That a picture is bad says nothing about the
    /// certificate that it may show.
    pub(crate) fn verdict(&self) -> Code {
        match self {
            #[cfg(feature = "photo")]
            Self::Photo(_) => Code::Unreadable,
            #[cfg(feature = "pdf")]
            Self::Pdf(_) => Code::Unreadable,
            _ => Code::Malformed,
        }
    }
}

#[cfg(feature = "photo")]
impl From<crate::photo::error::PhotoError> for InputError {
    fn from(error: crate::photo::error::PhotoError) -> Self {
        Self::Photo(alloc::sync::Arc::new(error))
    }
}
