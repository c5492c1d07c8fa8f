//! Finds the certificate in a PDF: the letter that the office sent, or the scan of one.
//!
//! The file comes from a stranger. Programs that read PDFs are large, follow references through the
//! file, and inflate data without a limit. None of that is needed: an attachment is a stream, a
//! stream may not be inside another (ISO 32000-1 § 7.5.7), and so every attachment of a PDF can be
//! found directly, whatever its tables say. This reader goes through the file once, from front to
//! back, looks at the dictionary before each stream, and takes what is labelled an embedded file or
//! a JPEG picture.
//!
//! Because it uses no table, it may find an attachment that a later part of the file deletes. That
//! does no harm: whatever is found is text, and whether it is a genuine certificate is decided
//! elsewhere. What the page *shows* is never read, because it proves nothing.

pub(crate) mod error;
mod scan;
#[cfg(test)]
mod tests;

use alloc::{string::String, vec::Vec};

use vernet_common::{Signed, StatusStatement};

use self::{
    error::PdfError,
    scan::{Found, streams},
};
use crate::{
    input::{Input, certificates_among},
    kind::Kind,
    photo::read_qr,
};

/// The largest file: as large as the largest picture, since a scan is one.
const MAX_FILE: usize = 24 << 20;

/// The most attachments that are looked at: a letter has one, a statement of status two.
const MAX_ATTACHMENTS: usize = 16;

/// The most pictures in which a code is looked for: a scan of both sides, or of a cover and the
/// letter. Each may take seconds to be searched.
const MAX_PICTURES: usize = 2;

/// What a PDF contains for a verifier. It is untrusted: a stranger put it into the file, and
/// nothing about it has been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PdfContents {
    /// The texts of the certificates, each once: those of the attachments, or if there are none,
    /// those of the codes in the pictures. At least one.
    pub certificates: Vec<String>,
    /// The statements of professional status among its attachments, each once.
    pub statements: Vec<String>,
}

/// The certificates in a PDF, at least one, and the statements of professional status that came
/// with them.
///
/// A letter takes less than a millisecond. A scan takes as long as reading its pictures does, see
/// [`read_qr`]; at most two are tried, until a certificate is found.
///
/// # Errors
///
/// [`PdfError`] if the file is too large, is not a PDF, is encrypted, or contains no certificate.
pub fn read_pdf(bytes: &[u8]) -> Result<PdfContents, PdfError> {
    if bytes.len() > MAX_FILE {
        return Err(PdfError::TooLarge { found: bytes.len(), limit: MAX_FILE });
    }
    if Kind::of(bytes) != Kind::Pdf {
        return Err(PdfError::NotPdf);
    }
    let mut contents = PdfContents { certificates: Vec::new(), statements: Vec::new() };
    let mut pictures = Vec::new();
    let mut attachments = 0;
    for found in streams(bytes) {
        match found {
            Found::Attachment(content) if attachments < MAX_ATTACHMENTS => {
                attachments += 1;
                let kept = content.text().map(|text| (is_statement(&text), text));
                let Some((is_statement, text)) = kept else { continue };
                let among = if is_statement {
                    &mut contents.statements
                } else {
                    &mut contents.certificates
                };
                if !among.contains(&text) {
                    among.push(text);
                }
            }
            Found::Picture(picture) if pictures.len() < MAX_PICTURES => pictures.push(picture),
            Found::Attachment(_) | Found::Picture(_) => {}
        }
    }
    if contents.certificates.is_empty() {
        contents.certificates =
            pictures.iter().find_map(|picture| in_picture(picture)).unwrap_or_default();
    }
    if !contents.certificates.is_empty() {
        return Ok(contents);
    }
    let encrypted = memchr::memmem::find(bytes, b"/Encrypt").is_some();
    Err(if encrypted {
        PdfError::Encrypted
    } else {
        PdfError::NoCertificate { pictures: pictures.len() }
    })
}

fn is_statement(text: &str) -> bool {
    Signed::<StatusStatement>::parse(text).is_ok()
}

fn in_picture(picture: &[u8]) -> Option<Vec<String>> {
    let texts = certificates_among(read_qr(picture).ok()?);
    // A picture on the page with a code that is no certificate is not the scan.
    texts.iter().any(|text| Input::parse(text).is_ok()).then_some(texts)
}
