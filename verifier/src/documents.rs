//! Extracts the texts of certificates from the bytes of a file: [`read`] distinguishes text,
//! pictures and PDFs by their content.
//!
//! Every certificate in a file is found, whatever finds it: an attachment, a code on a page, a
//! second code in the same photo. What was not examined is named, so that nobody takes silence for
//! "there is nothing else".
//!
//! The texts are untrusted: a stranger put them into the file, and nothing about them has been
//! checked.
//!
//! PNG and JPEG pictures are read with the feature `photo`, other pictures and PDFs with
//! `documents`. Without these features, such files give [`InputError::KindNotRead`].
//!
//! # Limits
//!
//! The sizes of files and pictures and the number of pages are limited here. Memory and time are
//! not: a PDF of a few kilobytes can ask for gigabytes, and there is no way to take them back from
//! within a process. Whoever reads files of strangers does it in a process whose memory and time
//! the operating system limits, as `vernet-verifier` does.

use alloc::borrow::ToOwned;

#[cfg(feature = "scan")]
pub use crate::frame::{read_frame, read_frame_otherwise};
#[cfg(feature = "documents")]
pub use crate::pages::read_pdf;
#[cfg(feature = "pdf")]
pub use crate::pdf::{attached, error::PdfError};
#[cfg(feature = "photo")]
pub use crate::photo::{error::PhotoError, read_back_qr, read_qr};
#[cfg(feature = "pixels")]
pub use crate::pixels::read_pixels;
pub use crate::{
    contents::Contents,
    error::ReadingFault,
    input::certificates_among,
    kind::{Kind, OtherKind, PictureKind},
    unexamined::Unexamined,
};
use crate::{embedded::embedded_in, error::InputError, found::found_in, plain_text::plain_text};

/// The longest text in which certificates are looked for: a mail with a long history.
const MAX_TEXT: usize = 1 << 20;

/// The certificates in the bytes of a file. The caller limits the size of the file: 24 MiB are
/// enough for any letter and any photo.
///
/// A photo can take seconds, and a PDF longer: see the [limits](self#limits).
///
/// # Errors
///
/// [`InputError::FileEmpty`] if there is nothing in it, [`InputError::KindNotRead`] if the file is
/// of a kind that is not read, [`InputError::InputTooLarge`] if it is a text of more than a
/// mebibyte; `InputError::Photo` or `InputError::Pdf` if no certificate is found in the picture or
/// the PDF.
pub fn read(bytes: &[u8]) -> Result<Contents, InputError> {
    read_unless(bytes, &|| false)
}

/// As [`read`], but stops between the pages of a PDF as soon as `enough` says so. The pages that are
/// left are named in [`Contents::unexamined`].
///
/// # Errors
///
/// As for [`read`].
pub fn read_unless(
    bytes: &[u8],
    #[cfg_attr(not(feature = "documents"), expect(unused_variables))] enough: &dyn Fn() -> bool,
) -> Result<Contents, InputError> {
    let kind = Kind::of(bytes);
    let contents = match kind {
        Kind::Empty => Err(InputError::FileEmpty),
        #[cfg(feature = "documents")]
        Kind::Pdf => Ok(crate::pages::read_pdf_unless(bytes, enough)?),
        #[cfg(feature = "documents")]
        Kind::Picture(_) => crate::pages::read_picture_and_pdf(bytes, enough),
        #[cfg(all(feature = "photo", not(feature = "documents")))]
        Kind::Picture(PictureKind::Png | PictureKind::Jpeg) => {
            Ok(Contents::of(certificates_among(read_qr(bytes)?)))
        }
        _ => match plain_text(bytes) {
            Some(text) => read_text_of(kind, &text),
            None => Err(InputError::KindNotRead { kind }),
        },
    };
    contents.map(Contents::bounded)
}

/// The certificates in a text, also in one in the language of another kind of document. The text is
/// searched and nothing else, whatever it begins with: no drawing is drawn and no page of a PDF is
/// opened, so this needs no process of its own.
///
/// # Errors
///
/// [`InputError::InputTooLarge`] if it has more than a mebibyte, [`InputError::KindNotRead`] if it is
/// the source of another kind of document, and no certificate is found in it.
pub fn read_text(text: &str) -> Result<Contents, InputError> {
    read_text_of(Kind::of_text(text.trim_start()), text).map(Contents::bounded)
}

fn read_text_of(kind: Kind, text: &str) -> Result<Contents, InputError> {
    if text.len() > MAX_TEXT {
        return Err(InputError::InputTooLarge { found: text.len(), limit: MAX_TEXT });
    }
    let mut found = found_in(text);
    if found.is_empty() {
        match kind {
            Kind::Text | Kind::Empty => found.push(text.to_owned()),
            _ => return Err(InputError::KindNotRead { kind }),
        }
    }
    let unexamined = embedded_in(kind, text).into_iter().collect();
    Ok(Contents { unexamined, ..Contents::of(found) })
}
