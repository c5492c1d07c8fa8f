//! Paper: the letter that one frames, the card, and the certificate of professional status for
//! other states.
//!
//! What is printed is a picture of what is signed. The signed certificate lies in the PDF as an
//! attachment and, once more, in the QR code; nothing that is only printed counts. Every page is
//! PDF/A-3a and PDF/UA-1, which the writing library checks before it hands the bytes over, and the
//! same input gives the same bytes.
//!
//! | file | subject |
//! |---|---|
//! | `font` | the fonts, and which letters they have |
//! | `text` | glyphs, lines, paragraphs |
//! | `canvas` | a page: what is drawn, and what a screen reader is told of it |
//! | `ornament` | the frame and the rosette |
//! | `words` | what stands on the page, in five languages |
//! | `certificate`, `card`, `status` | the three layouts |

#[cfg(feature = "pdf")]
mod canvas;
#[cfg(feature = "pdf")]
mod card;
#[cfg(feature = "pdf")]
mod certificate;
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
pub use words::Language;

#[cfg(feature = "pdf")]
pub use self::{card::CARD_QR_MM, certificate::LETTER_QR_MM, error::LetterError};
#[cfg(feature = "pdf")]
use crate::office::{ProfessionalStatus, Release};

/// The letter: one A4 page. The same arguments give the same bytes; it may be called from many
/// threads at once.
///
/// `now` is the day of the print. It is written into the document's properties, not on the page.
///
/// # Errors
///
/// [`LetterError`].
#[cfg(feature = "pdf")]
pub fn letter(
    certificate: &Release,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    read_back(certificate::draw(certificate, language.words(), now)?, certificate, &[])
}

/// The card: 85.6 x 54 mm, the size of a bank card (ISO/IEC 7810 ID-1), with a code as large as
/// fits. Otherwise as [`letter()`].
///
/// # Errors
///
/// [`LetterError`].
#[cfg(feature = "pdf")]
pub fn card(
    certificate: &Release,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    read_back(card::draw(certificate, language.words(), now)?, certificate, &[])
}

/// The certificate of current professional status for the authorities of other states: one A4 page
/// in English, or two if there is much to tell. The signed statement is attached beside the signed
/// certificate.
///
/// # Errors
///
/// [`LetterError`].
#[cfg(feature = "pdf")]
pub fn status_letter(status: &ProfessionalStatus) -> Result<Vec<u8>, LetterError> {
    let pdf = status::draw(status, Language::English.words())?;
    read_back(pdf, status.certificate(), &[status.text().to_owned()])
}

/// Reads the bytes as a hospital will. No PDF leaves this module in which the verifier does not
/// find exactly what was signed.
#[cfg(feature = "pdf")]
fn read_back(
    pdf: Vec<u8>,
    certificate: &Release,
    statements: &[String],
) -> Result<Vec<u8>, LetterError> {
    match vernet_verifier::documents::read_pdf(&pdf) {
        Ok(read) if read.certificates == [certificate.text()] && read.statements == statements => {
            Ok(pdf)
        }
        _ => Err(LetterError::ReadsDifferently),
    }
}
