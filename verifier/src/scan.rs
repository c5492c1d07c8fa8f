//! Finds the QR codes in shades of grey, whether they come from a file or from a camera.
//!
//! What is bounded here is the work: a picture can be made to look like thousands of codes.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    string::String,
    vec::Vec,
};

use image::{GrayImage, imageops, imageops::FilterType};
use rxing::{
    BinaryBitmap, Luma8Source,
    common::{
        BitMatrix, DetectorRXingResult, GlobalHistogramBinarizer, HybridBinarizer, cpp_essentials::ConcentricPattern,
    },
    qrcode::cpp_port::{decoder::Decode, detector},
};

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

/// The distinct texts of the QR codes in a picture, or none. It is tried at several sizes and by two readers; the first attempt that reads
/// anything ends the search.
pub(crate) fn scan(picture: &GrayImage) -> Vec<String> {
    for attempt in attempts(picture.width(), picture.height()) {
        let scaled = attempt.scale(picture);
        let texts = read_scaled(scaled.as_ref().unwrap_or(picture), attempt.smallest_module);
        if !texts.is_empty() {
            return texts;
        }
    }
    Vec::new()
}

/// The distinct texts of the QR codes in one frame of a camera, or none. `rgba` holds four bytes per pixel, row by row.
///
/// A frame gets less work than a picture: the next one comes at once.
pub fn read_frame(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    let grey: Vec<u8> = rgba.chunks_exact(4).map(|pixel| luma(pixel[0], pixel[1], pixel[2])).collect();
    match GrayImage::from_raw(width, height, grey) {
        Some(frame) => scan(&frame),
        None => Vec::new(),
    }
}

/// ITU-R BT.601, as cameras mean it.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
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
