//! Finds the QR code in a picture: a screenshot, a scan, a photo of the paper.
//!
//! The picture comes from a stranger, and decoders of pictures and of QR codes are large pieces of
//! third-party code. So everything is bounded before it is decoded, no failure of that code can end
//! the program, and the result is only text: whether it is a certificate, and whether that
//! certificate is genuine, is decided elsewhere.

#[cfg(feature = "photo")]
pub(crate) mod decode;
#[cfg(feature = "photo")]
pub(crate) mod error;
pub(crate) mod scan;

#[cfg(feature = "photo")]
use alloc::{string::String, vec::Vec};

#[cfg(feature = "photo")]
use self::{
    decode::decode,
    error::PhotoError,
    scan::{scan, scan_until_read},
};
#[cfg(feature = "photo")]
use crate::grey::Grey;

/// The distinct texts of the QR codes in a PNG or JPEG picture, at least one.
///
/// The codes may be rotated, mirrored, slanted, inverted, blurred or small. Micro QR codes are not
/// looked for: nobody prints certificates with them, and detectors find them where there are none.
/// The picture is tried at several sizes and with two readers, and everything that any of them
/// reads is returned: the first code that is found may not be the only one.
///
/// The text is untrusted: a stranger put it into the picture, and nothing about it has been
/// checked.
///
/// A screenshot takes 10 ms, a 50-megapixel photo 3 s and 220 MB, the worst picture tried 9 s: a
/// server has to limit how many it reads at once, and for how long it waits. No picture takes more
/// than 250 MB: what would need more is refused before it is decoded, for instance a progressive
/// JPEG of more than 24 megapixels.
///
/// # Errors
///
/// [`PhotoError`] if the picture is too large, is neither PNG nor JPEG, cannot be decoded, or shows
/// no readable QR code.
#[cfg(feature = "photo")]
pub fn read_qr(image_bytes: &[u8]) -> Result<Vec<String>, PhotoError> {
    read_with(image_bytes, scan)
}

/// As [`read_qr`], but the first attempt that reads anything ends the search, which is ten times as
/// fast: for whoever has drawn the picture, and asks whether it can be read. Never for a picture of
/// somebody else, in which there may be more.
///
/// # Errors
///
/// As for [`read_qr`].
#[cfg(feature = "photo")]
pub fn read_back_qr(image_bytes: &[u8]) -> Result<Vec<String>, PhotoError> {
    read_with(image_bytes, scan_until_read)
}

#[cfg(feature = "photo")]
fn read_with(
    image_bytes: &[u8],
    scan: fn(&Grey) -> Vec<String>,
) -> Result<Vec<String>, PhotoError> {
    let picture = decode(image_bytes)?;
    let texts = scan(&picture);
    if texts.is_empty() {
        let (width, height) = (picture.width(), picture.height());
        return Err(PhotoError::NoQr { width, height });
    }
    Ok(texts)
}

#[cfg(all(test, feature = "photo"))]
mod tests;
