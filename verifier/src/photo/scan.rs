//! Tries a picture at several sizes, with two readers.

#[cfg(feature = "photo")]
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{string::String, vec::Vec};

use crate::{
    grey::{CATMULL_ROM, Grey},
    scan::{SIDE_REDUCED, add, read},
};

/// The side to which larger pictures are reduced in the second attempt: an A4 page that fills it
/// shows a code of 25 mm with 7 pixels per module. Anything finer is below the sharpness of the
/// lens.
const SIDE_LARGE: u32 = 4096;

/// The smallest module, in pixels, that is looked for beyond [`SIDE_REDUCED`]: smaller ones would
/// have been found there or are not readable at all. It also limits the number of candidates.
const MODULE_IN_LARGE: u32 = 2;

/// Pictures with at least this side are also tried at half the size: below it, the smallest code
/// would have less than 2 pixels per module.
const SIDE_HALVED: u32 = 200;

/// Pictures up to this side are also tried at twice the size: in trials with blurred and tilted
/// codes of 80 pixels this raised the share that was read from 28 to 82 %.
const SIDE_DOUBLED: u32 = 1200;

/// The most finder patterns with which the fallback reader is still asked: it copies the picture
/// for each pair of them.
#[cfg(feature = "photo")]
const MAX_FINDER_PATTERNS_FALLBACK: usize = 24;

/// The longest side of a picture that the fallback reader is given. For pure noise of 1600 pixels
/// it took 17 s, of 1000 pixels about one.
#[cfg(feature = "photo")]
const MAX_SIDE_FALLBACK: u32 = 1000;

/// The distinct texts of the QR codes in a picture, or none. The picture is tried at several sizes,
/// as it is and inverted, and with two readers. No attempt ends the search: a small code beside a
/// large one, or a light one beside a dark one, may be another certificate.
pub(crate) fn scan(picture: &Grey) -> Vec<String> {
    let texts = scan_as_it_is(picture);
    if !texts.is_empty() {
        return texts;
    }
    // The readers take for plain what has hardly any contrast.
    picture.spread().map_or(texts, |spread| scan_as_it_is(&spread))
}

/// The distinct texts that the first successful attempt reads, or none: for a picture whose maker
/// knows what is in it, and asks only whether it can be read.
#[cfg(feature = "photo")]
pub(crate) fn scan_until_read(picture: &Grey) -> Vec<String> {
    let mut texts = Vec::new();
    each_reading(picture, |found| {
        texts = found;
        texts.is_empty()
    });
    texts
}

fn scan_as_it_is(picture: &Grey) -> Vec<String> {
    let mut texts = Vec::new();
    each_reading(picture, |found| {
        found.iter().for_each(|text| add(&mut texts, text));
        true
    });
    texts
}

/// Tries the picture at each size, as it is and inverted, and with each reader, as long as
/// `goes_on` says so of what was read. First comes `rxing`, then `rqrr`, which reads some that the
/// other does not.
fn each_reading(picture: &Grey, mut goes_on: impl FnMut(Vec<String>) -> bool) {
    for attempt in attempts(picture.longest_side()) {
        let scaled = match attempt.size {
            Size::AsItIs => None,
            Size::Reduced(side) => Some(picture.reduced_to(side)),
            Size::Doubled => Some(picture.doubled(&CATMULL_ROM)),
        };
        let dark = scaled.as_ref().unwrap_or(picture);
        for light in [false, true] {
            let inverted = light.then(|| dark.inverted());
            let picture = inverted.as_ref().unwrap_or(dark);
            let (finder_patterns, found) = read(picture, attempt.smallest_module);
            if !goes_on(found) || !goes_on(fall_back(picture, finder_patterns)) {
                return;
            }
        }
    }
}

/// One size at which the picture is tried.
struct Attempt {
    size: Size,
    /// The smallest module that is looked for, in pixels; 0 is any.
    smallest_module: u32,
}

enum Size {
    AsItIs,
    /// To this longest side.
    Reduced(u32),
    Doubled,
}

/// The attempts for a picture with this longest side.
fn attempts(side: u32) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    if side > SIDE_REDUCED {
        attempts.push(Attempt { size: Size::Reduced(SIDE_REDUCED), smallest_module: 0 });
        let size = if side > SIDE_LARGE { Size::Reduced(SIDE_LARGE) } else { Size::AsItIs };
        attempts.push(Attempt { size, smallest_module: MODULE_IN_LARGE });
    } else {
        attempts.push(Attempt { size: Size::AsItIs, smallest_module: 0 });
    }
    // Grain and the blocks of a JPEG disappear in the mean of four pixels.
    if side >= SIDE_HALVED {
        let half = side.min(SIDE_REDUCED) / 2;
        attempts.push(Attempt { size: Size::Reduced(half), smallest_module: 0 });
    }
    if side <= SIDE_DOUBLED {
        attempts.push(Attempt { size: Size::Doubled, smallest_module: 0 });
    }
    attempts
}

/// Not in the page: it weighs a fifth of all that the page fetches, and where panics abort, as in
/// WebAssembly, one of its own ends all further attempts.
#[cfg(not(feature = "photo"))]
fn fall_back(_picture: &Grey, _finder_patterns: usize) -> Vec<String> {
    Vec::new()
}

#[cfg(feature = "photo")]
fn fall_back(picture: &Grey, finder_patterns: usize) -> Vec<String> {
    if finder_patterns > MAX_FINDER_PATTERNS_FALLBACK || picture.longest_side() > MAX_SIDE_FALLBACK
    {
        return Vec::new();
    }
    catch_unwind(AssertUnwindSafe(|| read_by_rqrr(picture))).unwrap_or_default()
}

#[cfg(feature = "photo")]
fn read_by_rqrr(picture: &Grey) -> Vec<String> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let pixels = picture.pixels();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let mut texts = Vec::new();
    for grid in prepared.detect_grids() {
        if let Ok((_, text)) = grid.decode() {
            add(&mut texts, &text);
        }
    }
    texts
}
