//! Finds the QR code in a picture: a screenshot, a scan, a photo of the paper.
//!
//! The picture comes from a stranger, and decoders of pictures and of QR codes are large pieces of
//! third-party code. So everything is bounded before it is decoded, nothing that happens in there
//! can end the program, and what comes out is only text: whether it is a certificate, and whether
//! that certificate is genuine, is decided elsewhere.

mod decode;
mod scan;

use alloc::{boxed::Box, string::String, vec::Vec};
use core::error::Error;

use self::{decode::decode, scan::scan};

/// Why no text was read from a picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// The file, or the picture in it, is larger than any phone makes it. Nothing was decoded.
    #[error("the picture has {found} {unit}, at most {limit} are allowed")]
    TooLarge {
        /// What was counted: `bytes`, `pixels on a side`, `pixels` or `bytes when decoded`.
        unit: &'static str,
        /// The number found.
        found: u64,
        /// The largest number allowed.
        limit: u64,
    },
    /// The bytes are neither PNG nor JPEG.
    #[error("the picture is neither PNG nor JPEG")]
    UnknownFormat,
    /// The picture is damaged.
    #[error("the picture cannot be decoded: {source}")]
    Unreadable {
        /// What the decoder says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The decoder of the picture came upon one of the limits by itself.
    #[error("the picture cannot be decoded: {source}")]
    BeyondLimits {
        /// What the decoder says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The decoder of the picture panicked.
    #[error("the picture cannot be decoded: the decoder failed")]
    DecoderFailed,
    /// No QR code was found, or none that could be read.
    #[error("no readable QR code was found in the picture of {width} x {height} pixels")]
    NoQr {
        /// The picture's width in pixels.
        width: u32,
        /// Its height.
        height: u32,
    },
}

impl PhotoError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::BeyondLimits { .. } => "photo_too_large",
            Self::UnknownFormat => "photo_format_unknown",
            Self::Unreadable { .. } | Self::DecoderFailed => "photo_unreadable",
            Self::NoQr { .. } => "photo_no_qr",
        }
    }
}

/// The distinct texts of the QR codes in a PNG or JPEG picture, at least one.
///
/// The codes may be rotated, mirrored, slanted, inverted, blurred or small. Micro QR codes are not
/// looked for: nobody prints certificates with them, and they are found where there are none. The
/// picture is tried at several sizes and by two readers; the first attempt that reads anything ends
/// the search, and all that it read is returned.
///
/// The text is what a stranger put into a picture. Nothing about it has been checked.
///
/// A screenshot takes 10 ms, a 50-megapixel photo 3 s and 220 MB (more if its JPEG is progressive),
/// the worst picture tried 9 s: a server has to limit how many it reads at once, and for how long
/// it waits.
///
/// # Errors
///
/// See [`PhotoError`].
pub fn read_qr(image_bytes: &[u8]) -> Result<Vec<String>, PhotoError> {
    let picture = decode(image_bytes)?;
    let texts = scan(&picture);
    if texts.is_empty() {
        let (width, height) = (picture.width(), picture.height());
        return Err(PhotoError::NoQr { width, height });
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
