//! Why what was shown could not be read.

use alloc::string::String;

use crate::{code::Code, kind::Kind, unexamined::Unexamined};

vernet_common::error_enum! {
    /// Why what was shown could not be read as a certificate, or the particular fault behind a
    /// verdict.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum InputError {
        /// There is nothing but white space.
        #[error("the input is empty")]
        InputEmpty: "input_empty",
        /// The file is empty.
        #[error("this is an empty file")]
        FileEmpty: "file_empty",
        /// The input is longer than any form of a certificate.
        #[error("the input has {found} bytes, at most {limit} are read")]
        InputTooLarge: "input_too_large" {
            /// Its size.
            found: usize,
            /// The largest size that is read.
            limit: usize,
        },
        /// The input has none of the forms in which people have certificates.
        #[error(
            "the input begins with `{found}`, expected a certificate (`eyJ…~`), the link of a QR code (`https://…#digits`) or its digits"
        )]
        InputUnrecognised: "input_unrecognised" {
            /// How it begins.
            found: String,
        },
        /// The link has no digits: somebody took a picture of another QR code.
        #[error("the link has no `#` followed by digits, so it is not the QR code of a certificate")]
        LinkWithoutDigits: "link_without_digits",
        /// The certificate carries disclosures or a key binding, which these certificates never
        /// have.
        #[error(
            "the certificate has {found} parts after the first `~`, expected none: disclosures and key binding are not used"
        )]
        Disclosures: "disclosures" {
            /// The number of parts that are not empty.
            found: usize,
        },
        /// There are several certificates in a place for one.
        #[error("there are {found} certificates in it, expected one")]
        SeveralCertificates: "several_certificates" {
            /// How many.
            found: usize,
        },
        /// The file is of a kind that is not read.
        #[error("files of this kind are not read: {kind}")]
        KindNotRead: "kind_not_read" {
            /// Its kind.
            kind: Kind,
        },
        /// A part of the file was not examined: it may show another certificate.
        #[error("not examined: {what}")]
        NotExamined: "not_examined" {
            /// Which part.
            what: Unexamined,
        },
        /// The file was read elsewhere, and not successfully.
        #[error(transparent)]
        Reading: _ (#[from] ReadingFault),
        /// No QR code could be read from the picture.
        #[error(transparent)]
        Photo: _ if "photo" (#[from] alloc::sync::Arc<crate::photo::error::PhotoError>),
        /// No certificate was found in the PDF.
        #[error(transparent)]
        Pdf: _ if "pdf" (#[from] crate::pdf::error::PdfError),
        /// The bytes do not have the agreed form.
        #[error(transparent)]
        Common: _ (#[from] vernet_common::Error),
    }
}

impl InputError {
    /// The verdict on an input with this fault. What could not be read is not known: that says
    /// nothing about the certificate that it may hold. Only a text that was read whole, and is no
    /// certificate, is refused.
    pub(crate) fn verdict(&self) -> Code {
        match self {
            Self::InputUnrecognised { .. }
            | Self::LinkWithoutDigits
            | Self::Disclosures { .. }
            | Self::Common(_) => Code::Malformed,
            _ => Code::Unreadable,
        }
    }

    /// What to do, where it depends on the fault.
    pub(crate) fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::InputEmpty | Self::FileEmpty => {
                "there is nothing in it: save or send it again, and check that"
            }
            Self::InputTooLarge { .. } => "check only the link, or the letter as PDF",
            Self::SeveralCertificates { .. } => "check them one at a time",
            Self::KindNotRead { kind: Kind::Other(kind) } => kind.advice(),
            Self::KindNotRead { .. } => "send it as JPEG or PNG, and check that",
            Self::NotExamined { .. } => {
                "look at that part yourself, and check a picture of any certificate on it"
            }
            Self::Reading(fault) => fault.advice(),
            #[cfg(feature = "pdf")]
            Self::Pdf(_) => "take a picture of the page (PNG or JPEG), and check that",
            _ => return None,
        })
    }
}

#[cfg(feature = "photo")]
impl From<crate::photo::error::PhotoError> for InputError {
    fn from(error: crate::photo::error::PhotoError) -> Self {
        Self::Photo(alloc::sync::Arc::new(error))
    }
}

/// Why another process could not read a file, as it reported it: [`documents`](crate::documents)
/// says why files are read in a process of their own.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ReadingFault {
    code: &'static str,
    message: String,
}

/// The codes that another process may report.
const READING_CODES: &[&str] = &[
    "photo_too_large",
    "photo_format_unknown",
    "photo_unreadable",
    "photo_no_qr",
    "pdf_too_large",
    "pdf_unrecognised",
    "pdf_unreadable",
    "pdf_encrypted",
    "pdf_no_certificate",
    "kind_not_read",
    "file_empty",
    "input_too_large",
];

impl ReadingFault {
    /// What the other process reported: the [code](InputError::code) and the message of its error.
    pub fn reported(code: &str, message: String) -> Self {
        let known = READING_CODES.iter().find(|known| **known == code);
        Self { code: known.copied().unwrap_or("reading_failed"), message }
    }

    /// The other process ended without a report: it was too much work, or it failed.
    pub fn failed(message: String) -> Self {
        Self { code: "reading_failed", message }
    }

    /// The stable name of the error.
    pub fn code(&self) -> &'static str {
        self.code
    }

    fn advice(&self) -> &'static str {
        match self.code {
            "photo_no_qr" | "photo_unreadable" => Code::Unreadable.advice(),
            "photo_too_large" => "take the picture again, with only the letter in it",
            _ => "take a picture of the page (PNG or JPEG), and check that",
        }
    }
}
