//! Why no text was read from a picture.

use alloc::boxed::Box;
use core::error::Error;

vernet_common::error_enum! {
    /// Why no text was read from a picture.
    #[derive(Debug, thiserror::Error)]
    pub enum PhotoError {
        /// The file, or the picture in it, is larger than any phone makes it. Nothing was decoded.
        #[error("the picture has {found} {unit}, at most {limit} are allowed")]
        TooLarge: "photo_too_large" {
            /// What was counted: `bytes`, `pixels on a side`, `pixels` or `bytes when decoded`.
            unit: &'static str,
            /// The number found.
            found: u64,
            /// The largest number allowed.
            limit: u64,
        },
        /// The bytes are neither PNG nor JPEG.
        #[error("the picture is neither PNG nor JPEG")]
        UnknownFormat: "photo_format_unknown",
        /// The picture is damaged.
        #[error("the picture cannot be decoded: {source}")]
        Unreadable: "photo_unreadable" {
            /// What the decoder says.
            source: Box<dyn Error + Send + Sync>,
        },
        /// The decoder itself reached one of the limits.
        #[error("the picture cannot be decoded: {source}")]
        BeyondLimits: "photo_too_large" {
            /// What the decoder says.
            source: Box<dyn Error + Send + Sync>,
        },
        /// The decoder of the picture panicked.
        #[error("the picture cannot be decoded: the decoder failed")]
        DecoderFailed: "photo_unreadable",
        /// No QR code was found, or none that could be read.
        #[error("no readable QR code was found in the picture of {width} x {height} pixels")]
        NoQr: "photo_no_qr" {
            /// The picture's width in pixels.
            width: u32,
            /// Its height.
            height: u32,
        },
    }
}

impl PhotoError {
    pub(crate) fn unreadable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreadable { source: source.into() }
    }
}
