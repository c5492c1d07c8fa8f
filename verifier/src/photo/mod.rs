//! Finds the QR code in a picture: a screenshot, a scan, a photo of the paper.
//!
//! The picture comes from a stranger, and decoders of pictures and of QR codes are large pieces of
//! third-party code. So everything is bounded before it is decoded, nothing that happens in there
//! can end the program, and what comes out is only text: whether it is a certificate, and whether
//! that certificate is genuine, is decided elsewhere.

mod scan;

use std::{boxed::Box, io::Cursor, panic::catch_unwind, string::String, vec::Vec};

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use self::scan::scan;

/// The largest file: the JPEG of a 50-megapixel phone takes 10 to 18 MB.
const MAX_FILE: usize = 24 << 20;

/// The longest side: the widest common photo has 8192 pixels, the panorama of a phone up to 16,383.
const MAX_SIDE: u32 = 16_384;

/// The most pixels: 8192 x 6144, the photo of a 50-megapixel phone. A file of a few kilobytes can
/// claim far more.
const MAX_PIXELS: u64 = 8192 * 6144;

/// The most memory for the decoded picture: [`MAX_PIXELS`] with four bytes each, and room for the
/// decoder's own tables. Pictures with 16 bits per channel may have half as many pixels.
const MAX_ALLOCATION: u64 = MAX_PIXELS * 4 + (16 << 20);

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
    /// The picture is damaged, or its decoder came upon one of the limits by itself.
    #[error("the picture cannot be decoded: {source}")]
    Unreadable {
        /// What the decoder says.
        source: Box<ImageError>,
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
            Self::TooLarge { .. } => "photo_too_large",
            Self::Unreadable { source } if matches!(**source, ImageError::Limits(_)) => {
                "photo_too_large"
            }
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
        let (width, height) = picture.dimensions();
        return Err(PhotoError::NoQr { width, height });
    }
    Ok(texts)
}

/// The picture in shades of grey, refused before it is decoded if it is too large.
fn decode(bytes: &[u8]) -> Result<GrayImage, PhotoError> {
    refuse_above("bytes", bytes.len() as u64, MAX_FILE as u64)?;
    let format = match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(PhotoError::UnknownFormat),
    };
    // A decoder that panics on a damaged file (it has happened to all of them) must not take the
    // caller down. Where panics abort, as in WebAssembly, the bounds above are what remains.
    let decoded = catch_unwind(|| {
        let mut limits = Limits::no_limits();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_ALLOCATION);
        let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
        // The decoder's own limit of the sides would answer first, without the numbers.
        reader.limits({
            let mut header_only = limits.clone();
            header_only.max_image_width = None;
            header_only.max_image_height = None;
            header_only
        });
        let mut decoder = reader.into_decoder().map_err(unreadable)?;
        let (width, height) = decoder.dimensions();
        refuse_above("pixels on a side", u64::from(width.max(height)), u64::from(MAX_SIDE))?;
        refuse_above("pixels", u64::from(width) * u64::from(height), MAX_PIXELS)?;
        refuse_above("bytes when decoded", decoder.total_bytes(), MAX_ALLOCATION)?;
        limits.reserve(decoder.total_bytes()).map_err(unreadable)?;
        decoder.set_limits(limits).map_err(unreadable)?;
        DynamicImage::from_decoder(decoder).map(|picture| to_grey(&picture)).map_err(unreadable)
    });
    decoded.unwrap_or(Err(PhotoError::DecoderFailed))
}

fn unreadable(source: ImageError) -> PhotoError {
    PhotoError::Unreadable { source: Box::new(source) }
}

fn refuse_above(unit: &'static str, found: u64, limit: u64) -> Result<(), PhotoError> {
    if found > limit {
        return Err(PhotoError::TooLarge { unit, found, limit });
    }
    Ok(())
}

/// Transparent parts become white, as on paper: many programs save a drawing as black on nothing,
/// and "nothing" is stored as black.
fn to_grey(picture: &DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.to_luma8();
    }
    let with_alpha = picture.to_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [luma, alpha] = with_alpha.get_pixel(x, y).0.map(u16::from);
        // At most 255: a weighted mean of two bytes.
        image::Luma([((luma * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

#[cfg(test)]
mod tests;
