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
mod tests {
    use super::*;
    use image::{ExtendedColorType, ImageEncoder, Luma, Rgb, RgbImage, RgbaImage, codecs::jpeg::JpegEncoder};
    use proptest::prelude::*;

    /// The code of a certificate of median size: version 8, error correction level M, one row of 49 modules in each number.
    #[rustfmt::skip]
    const CODE: [u64; 49] = [
        0x1fde1d904017f, 0x105fcc5c99f41, 0x174e32e9aeb5d, 0x1753d21ef3a5d, 0x174c61fcb885d, 0x104f8c4769441,
        0x1fd555555557f, 0x001c5545ba600, 0x16e518fea414b, 0x0a80cef222ce2, 0x154e09aecc0cf, 0x0d307dc8f1a4f,
        0x19d0982ea3c29, 0x1f05aecddf5b9, 0x00e9531f13e62, 0x0013cf4aba3dd, 0x0c66661fccedf, 0x0f00874cfe96c,
        0x0144bf41525a8, 0x0b80d55a5562a, 0x09feedec75ca9, 0x1b9265fee287a, 0x13f870fef51fa, 0x171bfd44d2313,
        0x11572fd6ae950, 0x151685440a11f, 0x0df6dafcd23f8, 0x1732713118787, 0x0e7327a67ad6a, 0x1a183a76e2c3d,
        0x00fac2cdc8e4b, 0x1ea5051a836f6, 0x06fb367db94e7, 0x0a8ff0cc54793, 0x08cfff380f681, 0x062e0910c5f5d,
        0x0cd63852129d4, 0x149d8d2708f9c, 0x08f0e0b061c7e, 0x0e13c1ed63de3, 0x1c76bbfd5f1f4, 0x00142d45e6b15,
        0x1fd5a25547959, 0x1054f745ed718, 0x1742aefd067fe, 0x175377c164ef3, 0x175af00fec53e, 0x104d3d89c1b68,
        0x1fdd5dc915ac3,
    ];
    const DIGITS: &str = "10149656941347221253023641340857842915166828635953359536828661519248758043146320352122743149656941014965694134722125302364134085784291516682863595335953682866151924875804314632035212274314965694101496569413472212530236413408578429151668286359533595368286";

    fn text() -> String {
        format!("https://verify.example.no/v#{DIGITS}")
    }

    /// The code with its quiet zone on white, 57 modules of `scale` pixels.
    fn code(scale: u32) -> GrayImage {
        GrayImage::from_fn(57 * scale, 57 * scale, |x, y| {
            let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
            let is_dark = x < 49 && y < 49 && CODE[y as usize] >> (48 - x) & 1 == 1;
            Luma([if is_dark { 0 } else { 255 }])
        })
    }

    fn rotated(picture: &GrayImage, degrees: f32) -> GrayImage {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let side = picture.width() as f32;
        GrayImage::from_fn((side * 1.42) as u32, (side * 1.42) as u32, |x, y| {
            let (x, y) = (x as f32 - side * 0.71, y as f32 - side * 0.71);
            let (x, y) = (x * cos + y * sin + side / 2.0, y * cos - x * sin + side / 2.0);
            imageops::interpolate_bilinear(picture, x, y).unwrap_or(Luma([255]))
        })
    }

    /// Grey values that look random, the same in each run.
    fn noise(width: u32, height: u32) -> GrayImage {
        let mut state = 1u32;
        GrayImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Luma([(state >> 24) as u8])
        })
    }

    fn png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("encoded");
        bytes
    }

    fn jpeg(picture: &GrayImage, quality: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, quality)
            .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8)
            .expect("encoded");
        bytes
    }

    fn code_of(bytes: &[u8]) -> &'static str {
        read_qr(bytes).expect_err("nothing to read").code()
    }

    #[track_caller]
    fn assert_reads(picture: &GrayImage, what: &str) {
        assert_eq!(read_qr(&png(picture)).map_err(|e| e.to_string()), Ok(vec![text()]), "{what}");
    }

    #[test]
    fn codes_are_read_in_every_position() {
        for degrees in [0.0, 8.0, 45.0, 100.0, 180.0, 301.0] {
            assert_reads(&rotated(&code(5), degrees), &format!("rotated by {degrees} degrees"));
        }
        assert_reads(&imageops::flip_horizontal(&code(5)), "mirrored");
        let mut inverted = code(5);
        imageops::invert(&mut inverted);
        assert_reads(&inverted, "inverted");
        assert_reads(&rotated(&inverted, 20.0), "inverted and rotated");
    }

    #[test]
    fn codes_are_read_in_poor_quality() {
        for across in [200, 150, 120, 100, 90] {
            let side = across * 57 / 49;
            let small = imageops::resize(&code(8), side, side, FilterType::Triangle);
            assert_reads(&small, &format!("{across} pixels across"));
            assert_reads(&rotated(&small, 3.0), &format!("{across} pixels across and rotated"));
        }
        assert_reads(&imageops::blur(&code(8), 4.0), "blurred");
        let mut shadow = code(8);
        for (x, _, pixel) in shadow.enumerate_pixels_mut() {
            pixel.0[0] = (u32::from(pixel.0[0]) * (80 + x) / 600) as u8;
        }
        assert_reads(&shadow, "in shadow");
        let mut grainy = code(8);
        for (pixel, grain) in grainy.iter_mut().zip(noise(456, 456).iter()) {
            *pixel = *pixel / 2 + grain / 2;
        }
        assert_reads(&grainy, "grainy");
        assert_eq!(read_qr(&jpeg(&code(4), 15)).expect("readable"), [text()]);
    }

    #[test]
    fn a_small_code_in_a_large_photo_is_read() {
        let mut photo = GrayImage::from_pixel(4000, 3000, Luma([170]));
        imageops::replace(&mut photo, &rotated(&code(5), 12.0), 3000, 2200);
        assert_eq!(read_qr(&jpeg(&photo, 80)).expect("readable"), [text()]);
    }

    #[test]
    fn colours_and_transparency_do_not_matter() {
        let (dark, code) = (|p: &Luma<u8>| p.0[0] == 0, code(4));
        let colours = RgbImage::from_fn(228, 228, |x, y| {
            Rgb(if dark(code.get_pixel(x, y)) { [20, 40, 90] } else { [250, 240, 200] })
        });
        // Black on nothing, and "nothing" is black too.
        let transparent = RgbaImage::from_fn(228, 228, |x, y| {
            image::Rgba([0, 0, 0, if dark(code.get_pixel(x, y)) { 255 } else { 0 }])
        });
        for picture in [DynamicImage::from(colours), DynamicImage::from(transparent)] {
            let mut bytes = Vec::new();
            picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("encoded");
            assert_eq!(read_qr(&bytes).expect("readable"), [text()]);
        }
    }

    #[test]
    fn equal_texts_are_reported_once() {
        let mut sheet = GrayImage::from_pixel(500, 250, Luma([255]));
        imageops::replace(&mut sheet, &code(4), 0, 10);
        imageops::replace(&mut sheet, &code(4), 250, 10);
        assert_reads(&sheet, "two prints");
    }

    #[test]
    fn pictures_without_a_code_say_so() {
        for picture in [GrayImage::new(1, 1), GrayImage::new(300, 1), GrayImage::new(400, 400), noise(400, 300)] {
            assert_eq!(code_of(&png(&picture)), "photo_no_qr");
        }
        let mut torn = code(6);
        imageops::replace(&mut torn, &GrayImage::from_pixel(200, 200, Luma([255])), 0, 0);
        assert_eq!(code_of(&png(&torn)), "photo_no_qr");
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for bytes in [&b""[..], b"https://verify.example.no/v#123", b"GIF89a\x01\0\x01\0\0\0\0"] {
            assert_eq!(code_of(bytes), "photo_format_unknown");
        }
        let whole = png(&code(4));
        assert_eq!(code_of(&whole[..whole.len() / 2]), "photo_unreadable");
        assert_eq!(code_of(&whole[..20]), "photo_unreadable");
    }

    /// A PNG of a few bytes whose header claims another size; only the checksum of the header is put right.
    fn png_claiming(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
        let mut bytes = png(&GrayImage::new(1, 1));
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes[20..24].copy_from_slice(&height.to_be_bytes());
        (bytes[24], bytes[25]) = (depth, colour);
        let crc = bytes[12..29].iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xedb8_8320))
        });
        bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
        bytes
    }

    #[test]
    fn bombs_are_refused_before_they_go_off() {
        let refused = |bytes: &[u8]| match read_qr(bytes).expect_err("too large") {
            PhotoError::TooLarge { unit, .. } => unit,
            other => panic!("{other}"),
        };
        assert_eq!(refused(&png_claiming(20_000, 10, 8, 0)), "pixels on a side");
        // Here the decoder is faster than we are.
        assert_eq!(code_of(&png_claiming(u32::MAX >> 1, u32::MAX >> 1, 8, 0)), "photo_too_large");
        assert_eq!(refused(&png_claiming(10_000, 10_000, 8, 0)), "pixels");
        assert_eq!(refused(&png_claiming(8192, 6144, 16, 6)), "bytes when decoded");
        assert_eq!(refused(&vec![0; MAX_FILE + 1]), "bytes");
        let mut bytes = jpeg(&code(1), 80);
        let frame = bytes.windows(2).position(|marker| marker == [0xff, 0xc0]).expect("a frame header");
        bytes[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
        assert_eq!(refused(&bytes), "pixels on a side");
    }

    /// Made of nothing but finder patterns: the number of possible codes grows with the cube of theirs.
    #[test]
    fn a_picture_full_of_finder_patterns_does_not_keep_us_busy() {
        let started = std::time::Instant::now();
        for module in [3, 10, 40] {
            let picture = GrayImage::from_fn(1000, 1000, |x, y| {
                let (x, y) = (x / module % 8, y / module % 8);
                let ring = x.min(y).min(6u32.wrapping_sub(x)).min(6u32.wrapping_sub(y));
                Luma([if x > 6 || y > 6 || ring == 1 { 255 } else { 0 }])
            });
            assert_eq!(code_of(&png(&picture)), "photo_no_qr", "{module}");
        }
        // Below a second alone; the rest is for machines that do other things as well.
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn damaged_pictures_never_end_the_program(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9)) {
            for mut bytes in [png(&code(2)), jpeg(&code(2), 50)] {
                for (place, value) in &changes {
                    let place = place.index(bytes.len());
                    bytes[place] = *value;
                }
                if let Err(error) = read_qr(&bytes) {
                    prop_assert!(error.code().starts_with("photo_"));
                }
            }
        }
    }
}
