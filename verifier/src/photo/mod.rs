//! Finds the QR code in a picture: a screenshot, a scan, a photo of the paper.
//!
//! The picture comes from a stranger, and decoders of pictures and of QR codes are large pieces of third-party code. So everything is
//! bounded before it is decoded, nothing that happens in there can end the program, and what comes out is only text: whether it is a
//! certificate, and whether that certificate is genuine, is decided elsewhere.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, imageops, imageops::FilterType,
};
use rxing::{
    BinaryBitmap, Luma8Source,
    common::{
        BitMatrix, DetectorRXingResult, GlobalHistogramBinarizer, HybridBinarizer, cpp_essentials::ConcentricPattern,
    },
    qrcode::cpp_port::{decoder::Decode, detector},
};

/// The largest file: the JPEG of a 50-megapixel phone takes 10 to 18 MB.
const MAX_FILE: usize = 24 << 20;

/// The longest side: the widest common photo has 8192 pixels, the panorama of a phone up to 16,383.
const MAX_SIDE: u32 = 16_384;

/// The most pixels: 8192 x 6144, the photo of a 50-megapixel phone. A file of a few kilobytes can claim far more.
const MAX_PIXELS: u64 = 8192 * 6144;

/// The most memory for the decoded picture: [`MAX_PIXELS`] with four bytes each, and room for the decoder's own tables. Pictures with 16
/// bits per channel may have half as many pixels.
const MAX_ALLOCATION: u64 = MAX_PIXELS * 4 + (16 << 20);

/// The side to which larger pictures are first reduced. A code that fills a fifteenth of the width still has 2 pixels per module, and noise
/// of the sensor is averaged away.
const SIDE_REDUCED: u32 = 1600;

/// The side to which larger pictures are reduced in the second attempt: an A4 page that fills it shows a code of 25 mm with 7 pixels per
/// module. Anything finer is below the sharpness of the lens.
const SIDE_LARGE: u32 = 4096;

/// The smallest module, in pixels, that is looked for beyond [`SIDE_REDUCED`]: smaller ones would have been found there or are not
/// readable at all. It also keeps the number of candidates down.
const MODULE_IN_LARGE: u32 = 2;

/// Pictures from this side on are also tried at half the size: below, the smallest code would have less than 2 pixels per module.
const SIDE_HALVED: u32 = 200;

/// Pictures up to this side are also tried at twice the size: in
/// trials with blurred and tilted codes of 80 pixels that lifted the share read from 28 to 82 %.
const SIDE_DOUBLED: u32 = 1200;

/// The most finder patterns (the squares in three corners) that a picture may seem to have. A sheet with 50 codes has 150; a picture made
/// of them would otherwise cost time with the cube of their number.
const MAX_FINDER_PATTERNS: usize = 400;

/// The most finder patterns with which the fallback reader is still asked: it copies the picture for each pair of them.
const MAX_FINDER_PATTERNS_FALLBACK: usize = 24;

/// The longest side of a picture that the fallback reader is given. For pure noise of 1600 pixels it took 17 s, of 1000 pixels about one.
const MAX_SIDE_FALLBACK: u32 = 1000;

/// The most triples of finder patterns that are tried as a code, the most plausible first.
const MAX_CANDIDATES: usize = 400;

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
            Self::Unreadable { source } if matches!(**source, ImageError::Limits(_)) => "photo_too_large",
            Self::UnknownFormat => "photo_format_unknown",
            Self::Unreadable { .. } | Self::DecoderFailed => "photo_unreadable",
            Self::NoQr { .. } => "photo_no_qr",
        }
    }
}

/// The distinct texts of the QR codes in a PNG or JPEG picture, at least one.
///
/// The codes may be rotated, mirrored, slanted, inverted, blurred or small. Micro QR codes are not looked for: nobody prints certificates
/// with them, and they are found where there are none. The picture is tried at several sizes and by two readers; the first attempt that
/// reads anything ends the search, and all that it read is returned.
///
/// The text is what a stranger put into a picture. Nothing about it has been checked.
///
/// A screenshot takes 10 ms, a 50-megapixel photo 3 s and 220 MB (more if its JPEG is progressive), the worst picture tried 9 s: a server has
/// to limit how many it reads at once, and for how long it waits.
///
/// # Errors
///
/// See [`PhotoError`].
pub fn read_qr(image_bytes: &[u8]) -> Result<Vec<String>, PhotoError> {
    let picture = decode(image_bytes)?;
    let (width, height) = picture.dimensions();
    for attempt in attempts(width, height) {
        let scaled = attempt.scale(&picture);
        let picture = scaled.as_ref().unwrap_or(&picture);
        let texts = read_scaled(picture, attempt.smallest_module);
        if !texts.is_empty() {
            return Ok(texts);
        }
    }
    Err(PhotoError::NoQr { width, height })
}

/// The picture in shades of grey, refused before it is decoded if it is too large.
fn decode(bytes: &[u8]) -> Result<GrayImage, PhotoError> {
    refuse_above("bytes", bytes.len() as u64, MAX_FILE as u64)?;
    let format = match image::guess_format(bytes) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(PhotoError::UnknownFormat),
    };
    // A decoder that panics on a damaged file (it has happened to all of them) must not take the caller down. Where panics abort, as in
    // WebAssembly, the bounds above are what remains.
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

/// Transparent parts become white, as on paper: many programs save a drawing as black on nothing, and "nothing" is stored as black.
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

/// One size at which the picture is tried.
struct Attempt {
    /// Width and height, or `None` for the picture as it is.
    size: Option<(u32, u32)>,
    /// The smallest module that is looked for, in pixels; 0 is any.
    smallest_module: u32,
}

impl Attempt {
    fn scale(&self, picture: &GrayImage) -> Option<GrayImage> {
        let (width, height) = self.size?;
        Some(if width < picture.width() {
            // Averages all pixels, so that fine modules do not alias.
            imageops::thumbnail(picture, width, height)
        } else {
            imageops::resize(picture, width, height, FilterType::CatmullRom)
        })
    }
}

fn attempts(width: u32, height: u32) -> Vec<Attempt> {
    let side = width.max(height);
    let to_side = |limit: u32| {
        let scale = |length: u32| (u64::from(length) * u64::from(limit) / u64::from(side)).max(1) as u32;
        Some((scale(width), scale(height)))
    };
    let mut attempts = Vec::new();
    if side > SIDE_REDUCED {
        attempts.push(Attempt { size: to_side(SIDE_REDUCED), smallest_module: 0 });
        let size = if side > SIDE_LARGE { to_side(SIDE_LARGE) } else { None };
        attempts.push(Attempt { size, smallest_module: MODULE_IN_LARGE });
    } else {
        attempts.push(Attempt { size: None, smallest_module: 0 });
    }
    // Grain and the blocks of a JPEG disappear in the mean of four pixels.
    if side >= SIDE_HALVED {
        attempts.push(Attempt { size: to_side(side.min(SIDE_REDUCED) / 2), smallest_module: 0 });
    }
    if side <= SIDE_DOUBLED {
        attempts.push(Attempt { size: Some((2 * width, 2 * height)), smallest_module: 0 });
    }
    attempts
}

/// All texts that one attempt reads: first by `rxing`, then by `rqrr`, which reads some that the other does not.
fn read_scaled(picture: &GrayImage, smallest_module: u32) -> Vec<String> {
    let mut inverted = picture.clone();
    imageops::invert(&mut inverted);
    let mut finder_patterns = 0;
    for picture in [picture, &inverted] {
        // The readers index into pictures by computed coordinates and contain `unwrap`s; a picture that trips them is one without a
        // readable code. They own nothing that a panic could leave half changed.
        let read = catch_unwind(AssertUnwindSafe(|| read_by_rxing(picture, smallest_module)));
        let (found, texts) = read.unwrap_or_default();
        if found > MAX_FINDER_PATTERNS {
            return Vec::new();
        }
        finder_patterns = finder_patterns.max(found);
        if !texts.is_empty() {
            return texts;
        }
    }
    if finder_patterns > MAX_FINDER_PATTERNS_FALLBACK || picture.width().max(picture.height()) > MAX_SIDE_FALLBACK {
        return Vec::new();
    }
    for picture in [picture, &inverted] {
        let texts = catch_unwind(AssertUnwindSafe(|| read_by_rqrr(picture))).unwrap_or_default();
        if !texts.is_empty() {
            return texts;
        }
    }
    Vec::new()
}

/// The number of finder patterns and the texts.
///
/// This is the loop of rxing's own `QrReader`, which cannot be used for two reasons: without the feature `multi_barcode_readers` it stops at the
/// first code, and it tries any number of candidates, so that one picture could keep it busy for hours.
fn read_by_rxing(picture: &GrayImage, smallest_module: u32) -> (usize, Vec<String>) {
    let (width, height) = picture.dimensions();
    let Ok(source) = Luma8Source::new_with_slice(picture.as_raw(), width, height) else { return Default::default() };
    // Local thresholds first: they cope with shadows. The threshold over the whole picture reads blurred codes that the other tears apart.
    let local = BinaryBitmap::new(HybridBinarizer::new(source.clone()));
    let (found, texts) = read_bits(local.get_black_matrix(), smallest_module);
    if !texts.is_empty() || found > MAX_FINDER_PATTERNS {
        return (found, texts);
    }
    let global = BinaryBitmap::new(GlobalHistogramBinarizer::new(source));
    let (more, texts) = read_bits(global.get_black_matrix(), smallest_module);
    (found.max(more), texts)
}

fn read_bits(bits: &BitMatrix, smallest_module: u32) -> (usize, Vec<String>) {
    let mut patterns = detector::FindFinderPatterns(bits, true, smallest_module);
    let found = patterns.len();
    let mut texts = Vec::new();
    if found > MAX_FINDER_PATTERNS {
        return (found, texts);
    }
    let mut used: Vec<ConcentricPattern> = Vec::new();
    for candidate in detector::GenerateFinderPatternSets(&mut patterns).into_iter().take(MAX_CANDIDATES) {
        let corners = [candidate.bl, candidate.tl, candidate.tr];
        if corners.iter().any(|corner| used.contains(corner)) {
            continue;
        }
        let Ok(sampled) = detector::SampleQR(bits, &candidate) else { continue };
        let Ok(decoded) = Decode(sampled.getBits()) else { continue };
        if !decoded.isValid() {
            continue;
        }
        used.extend(corners);
        add(&mut texts, &decoded.text());
    }
    (found, texts)
}

fn read_by_rqrr(picture: &GrayImage) -> Vec<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.as_raw();
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let mut texts = Vec::new();
    for grid in prepared.detect_grids() {
        if let Ok((_, text)) = grid.decode() {
            add(&mut texts, &text);
        }
    }
    texts
}

fn add(texts: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests;
