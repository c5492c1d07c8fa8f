//! Printed documents: the letter for framing, the card, and the certificate of professional status
//! for other states.
//!
//! A print is only a picture of what is signed. The signed certificate is in the PDF as an
//! attachment, and also in the QR code; what is only printed proves nothing. Every document is
//! PDF/A-3a and PDF/UA-1, which the PDF library checks before it returns the bytes, and the same
//! input gives the same bytes.
//!
//! | file | subject |
//! |---|---|
//! | `font` | the fonts and their letters |
//! | `text` | glyphs, lines, paragraphs |
//! | `canvas` | a page: what is drawn on it, and what a screen reader reads |
//! | `ornament` | the frame and the rosette |
//! | `words` | the text of the page, in five languages |
//! | `batch` | many letters in one file, and whom they are for |
//! | `certificate`, `card`, `status` | the three layouts of a certificate |
//! | `decision`, `decision_words` | the letter about a decision |

#[cfg(feature = "pdf")]
mod batch;
#[cfg(feature = "pdf")]
mod canvas;
#[cfg(feature = "pdf")]
mod card;
#[cfg(feature = "pdf")]
mod certificate;
#[cfg(feature = "pdf")]
mod decision;
#[cfg(feature = "pdf")]
mod decision_words;
#[cfg(feature = "pdf")]
mod document;
#[cfg(feature = "pdf")]
mod error;
#[cfg(any(test, feature = "pdf"))]
mod font;
#[cfg(feature = "pdf")]
mod ornament;
#[cfg(feature = "pdf")]
mod status;
#[cfg(all(test, feature = "pdf"))]
mod tests;
#[cfg(feature = "pdf")]
mod text;
mod words;

#[cfg(feature = "pdf")]
use vernet_common::NumericDate;
#[cfg(feature = "pdf")]
use vernet_register::Told;
pub use words::Language;
pub(crate) use words::capitalised;

#[cfg(feature = "pdf")]
pub use self::{
    batch::{LetterBatch, recipients},
    card::CARD_QR_MM,
    certificate::LETTER_QR_MM,
    error::LetterError,
};
#[cfg(feature = "pdf")]
use crate::office::{OfficeSender, ProfessionalStatus, Release};

/// Draws the letter: one A4 page. The same arguments give the same bytes. It can be called from
/// many threads at once.
///
/// `now` is the day of the print. It is written into the document's properties, not on the page.
///
/// # Errors
///
/// [`LetterError::Qr`] if the QR code cannot be drawn; [`LetterError::NotWritten`] if the PDF
/// library fails, or the document does not conform to PDF/A-3a and PDF/UA-1;
/// [`LetterError::ReadsDifferently`] if the verifier does not find exactly what was signed in the
/// PDF.
#[cfg(feature = "pdf")]
pub fn letter(
    certificate: &Release,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    read_back(certificate::draw(certificate, language.words(), now)?, certificate, &[])
}

/// Draws the card: 85.6 x 54 mm, the size of a bank card (ISO/IEC 7810 ID-1), with a code as large
/// as fits. Otherwise as [`letter()`].
///
/// # Errors
///
/// As for [`letter()`].
#[cfg(feature = "pdf")]
pub fn card(
    certificate: &Release,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    read_back(card::draw(certificate, language.words(), now)?, certificate, &[])
}

/// Draws the certificate of current professional status for the authorities of other states: one A4
/// page in English, or more if there are many reactions. The signed statement is attached next to
/// the signed certificate. If the authority that it is for is given, with its address, it stands on
/// the page as in the European template; the signed statement does not name it.
///
/// # Errors
///
/// As for [`letter()`].
#[cfg(feature = "pdf")]
pub fn status_letter(
    status: &ProfessionalStatus,
    addressee: Option<&str>,
) -> Result<Vec<u8>, LetterError> {
    let pdf = status::draw(status, addressee, Language::English.words())?;
    read_back(pdf, status.certificate(), &[status.text().to_owned()])
}

/// Draws the letter that tells a person of a decision. Nothing is attached, and there is no code: it
/// is no certificate.
///
/// # Errors
///
/// [`LetterError::NotWritten`] as for [`letter()`].
#[cfg(feature = "pdf")]
pub(crate) fn decision_letter(
    told: &Told<'_>,
    sender: Option<&OfficeSender>,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    decision::draw((told, sender), language.words(), language.decision_words(), now)
}

/// Reads the bytes as a hospital will, so that no PDF leaves this module unless the verifier finds
/// exactly what was signed in it.
#[cfg(feature = "pdf")]
fn read_back(
    pdf: Vec<u8>,
    certificate: &Release,
    statements: &[String],
) -> Result<Vec<u8>, LetterError> {
    match vernet_verifier::documents::attached(&pdf) {
        Ok(read) if read.certificates == [certificate.text()] && read.statements == statements => {
            Ok(pdf)
        }
        _ => Err(LetterError::ReadsDifferently),
    }
}
