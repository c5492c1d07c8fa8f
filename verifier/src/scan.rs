//! Finds the QR codes in greyscale pictures, from a file or from a camera.
//!
//! The work is bounded: a picture can be crafted to look like thousands of codes.

use alloc::borrow::ToOwned;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    string::String,
    vec::Vec,
};

use rxing::{
    BinaryBitmap, Luma8Source,
    common::{BitMatrix, DetectorRXingResult, HybridBinarizer, cpp_essentials::ConcentricPattern},
    qrcode::cpp_port::{decoder::Decode, detector},
};

use crate::grey::Grey;

/// The side to which larger pictures are first reduced. A code that fills a fifteenth of the width
/// still has 2 pixels per module, and noise of the sensor is averaged away.
pub(crate) const SIDE_REDUCED: u32 = 1600;

/// Limits on the work for one picture.
#[derive(Clone, Copy)]
struct Most {
    /// The most finder patterns (the squares in three corners) that a picture may seem to have:
    /// the time grows with the cube of their number.
    finder_patterns: usize,
    /// The most triples of finder patterns that are tried as a code, the most plausible first.
    candidates: usize,
}

/// A sheet with 50 codes has 150 finder patterns.
#[cfg(feature = "pixels")]
const MAX_FINDER_PATTERNS: usize = 400;

#[cfg(feature = "pixels")]
const IN_PICTURE: Most = Most { finder_patterns: MAX_FINDER_PATTERNS, candidates: 400 };

/// One certificate is held before the camera, among print that may have a few squares too.
const IN_FRAME: Most = Most { finder_patterns: 60, candidates: 60 };

/// The number of finder patterns and the distinct texts in a picture.
#[cfg(feature = "pixels")]
pub(crate) fn read(picture: &Grey, smallest_module: u32) -> (usize, Vec<String>) {
    // The reader indexes into pictures by computed coordinates and contains `unwrap`s; a picture
    // that trips it is one without a readable code. It owns nothing that a panic could leave
    // half changed.
    catch_unwind(AssertUnwindSafe(|| read_by_rxing(picture, smallest_module))).unwrap_or_default()
}

/// The distinct texts in a frame, by local thresholds only, which is half the work.
pub(crate) fn read_by_local_thresholds(picture: &Grey) -> Vec<String> {
    catch_unwind(AssertUnwindSafe(|| {
        let source =
            Luma8Source::new_with_slice(picture.pixels(), picture.width(), picture.height())
                .ok()?;
        Some(
            read_bits(
                BinaryBitmap::new(HybridBinarizer::new(source)).get_black_matrix(),
                0,
                IN_FRAME,
            )
            .1,
        )
    }))
    .unwrap_or_default()
    .unwrap_or_default()
}

/// The number of finder patterns and the texts.
///
/// This is the loop of rxing's own `QrReader`, which cannot be used for two reasons: without the
/// feature `multi_barcode_readers` it stops at the first code, and it tries any number of
/// candidates, so that one picture could keep it busy for hours.
#[cfg(feature = "pixels")]
fn read_by_rxing(picture: &Grey, smallest_module: u32) -> (usize, Vec<String>) {
    let (width, height) = (picture.width(), picture.height());
    let Ok(source) = Luma8Source::new_with_slice(picture.pixels(), width, height) else {
        return Default::default();
    };
    // Local thresholds cope with shadows. The threshold over the whole picture reads blurred codes
    // that local thresholds break up.
    let local = BinaryBitmap::new(HybridBinarizer::new(source.clone()));
    let (found, mut texts) = read_bits(local.get_black_matrix(), smallest_module, IN_PICTURE);
    if found > MAX_FINDER_PATTERNS {
        return (found, texts);
    }
    let global = BinaryBitmap::new(rxing::common::GlobalHistogramBinarizer::new(source));
    let (more, others) = read_bits(global.get_black_matrix(), smallest_module, IN_PICTURE);
    others.iter().for_each(|text| add(&mut texts, text));
    (found.max(more), texts)
}

fn read_bits(bits: &BitMatrix, smallest_module: u32, most: Most) -> (usize, Vec<String>) {
    let mut patterns = detector::FindFinderPatterns(bits, true, smallest_module);
    let found = patterns.len();
    let mut texts = Vec::new();
    if found > most.finder_patterns {
        return (found, texts);
    }
    let mut used: Vec<ConcentricPattern> = Vec::new();
    for candidate in
        detector::GenerateFinderPatternSets(&mut patterns).into_iter().take(most.candidates)
    {
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
        // Not `text()`: it guesses the character set, and the tables for that are larger than the
        // reader. A certificate is ASCII; for other codes it is enough to know that they are there.
        add(&mut texts, &String::from_utf8_lossy(decoded.content().bytes()));
    }
    (found, texts)
}

pub(crate) fn add(texts: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}
