//! Finds the QR codes in a picture that somebody else has decoded: the browser, for the page.

use std::{string::String, vec::Vec};

use crate::{
    grey::{Grey, luma, over_white},
    photo::scan::scan,
};

/// The distinct texts of the QR codes in a decoded picture, or none: the same work as for a file on
/// the command line, at several sizes, light on dark too, and with the feature `photo` by both
/// readers. `rgba` holds four bytes per pixel, row by row, not premultiplied.
///
/// What is transparent counts as white, as on paper: many programs save a drawing as black on
/// transparent.
///
/// The caller limits the size: 4096 x 4096 pixels are enough for any letter and any photo, and take
/// 64 MB, to which the work adds 50 MB at most.
pub fn read_pixels(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    let grey: Vec<u8> = rgba
        .as_chunks()
        .0
        .iter()
        .map(|[r, g, b, alpha]| over_white(luma([*r, *g, *b]), *alpha))
        .collect();
    let Some(picture) = Grey::new(width, height, grey) else { return Vec::new() };
    scan(&picture)
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    const LINK: &str = include_str!("../../keys-example/certificates/NO-PE-2026-000001.url");

    /// The code, with eight pixels to a module and a quiet zone of four modules.
    fn drawn(dark: [u8; 4], light: [u8; 4]) -> (Vec<u8>, u32) {
        let code = QrCode::with_error_correction_level(LINK.trim(), EcLevel::M).expect("it fits");
        let modules = code.width() + 8;
        let is_dark = |x: usize, y: usize| {
            let inside = |at: usize| at.checked_sub(4).filter(|at| *at < code.width());
            inside(x).zip(inside(y)).is_some_and(|(x, y)| code[(x, y)] == Color::Dark)
        };
        let side = 8 * modules;
        let rgba = (0..side * side)
            .flat_map(|at| if is_dark(at % side / 8, at / side / 8) { dark } else { light })
            .collect();
        (rgba, side as u32)
    }

    #[test]
    fn transparent_inverted_and_faint_pictures_are_read() {
        const CLEAR: [u8; 4] = [0, 0, 0, 0];
        let grey = |shade| [shade, shade, shade, 255];
        for (what, dark, light) in [
            ("black on white", grey(0), grey(255)),
            ("black on transparent", grey(0), CLEAR),
            ("half transparent", [0, 0, 0, 128], CLEAR),
            ("white on black", grey(255), grey(0)),
            ("faint", grey(110), grey(150)),
            ("fainter", grey(120), grey(140)),
            ("faint and light", grey(200), grey(225)),
        ] {
            let (rgba, side) = drawn(dark, light);
            assert_eq!(read_pixels(&rgba, side, side), [LINK.trim()], "{what}");
        }
    }

    #[test]
    fn a_picture_of_another_size_or_without_a_code_gives_nothing() {
        let (rgba, side) = drawn([0, 0, 0, 255], [255; 4]);
        assert!(read_pixels(&rgba, side + 1, side).is_empty());
        assert!(read_pixels(&rgba, u32::MAX, u32::MAX).is_empty());
        assert!(read_pixels(&[], 0, 0).is_empty());
        assert!(read_pixels(&[0; 4 * 200 * 200], 200, 200).is_empty());
    }
}
