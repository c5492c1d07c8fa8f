//! What a file holds that nobody has looked at.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// A part of a file that was not examined. It may show another certificate, so whoever relies on
/// those that were found must know of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unexamined {
    /// Pages of a PDF beyond those that are read, both ends included, counted from 1.
    Pages {
        /// The first of them.
        from: usize,
        /// The last of them.
        to: usize,
    },
    /// A page of a PDF that cannot be drawn, or not all of it.
    Page {
        /// Its number, counted from 1.
        number: usize,
    },
    /// Attachments of a PDF beyond those that are read.
    Attachments {
        /// How many.
        count: usize,
    },
    /// An attachment of a PDF.
    Attachment {
        /// Its kind, or what is wrong with it.
        what: String,
    },
    /// Pictures and files within a text, or what is drawn in a way that is not read.
    Embedded {
        /// The kind of the text.
        within: String,
    },
    /// Certificates in the same file beyond those that are judged.
    Certificates {
        /// How many are judged.
        read: usize,
    },
    /// Further pictures in the same file, such as the other pages of a fax.
    Pictures {
        /// How many are read.
        read: usize,
    },
}

/// For the middle of a sentence.
impl fmt::Display for Unexamined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages { from, to } if from == to => write!(f, "page {to}"),
            Self::Pages { from, to } => write!(f, "pages {from} to {to}"),
            Self::Page { number } => write!(f, "page {number}, or a picture on it"),
            Self::Attachments { count: 1 } => write!(f, "1 further attachment"),
            Self::Attachments { count } => write!(f, "{count} further attachments"),
            Self::Attachment { what } => write!(f, "an attachment ({what})"),
            Self::Embedded { within } => write!(f, "pictures or files in the {within}"),
            Self::Certificates { read } => write!(f, "the certificates after number {read}"),
            Self::Pictures { read } => write!(f, "the pictures after number {read}"),
        }
    }
}
