//! Why nothing was read from a picture.

use alloc::boxed::Box;
use core::error::Error;

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
