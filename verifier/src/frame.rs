//! Finds the QR code in the frames of a camera.
//!
//! A frame gets less work than a picture, because the next one follows at once. The measurements
//! behind the choices are in `tests/camera/README.md`.

use std::{string::String, vec::Vec};

use crate::{
    grey::Grey,
    scan::{SIDE_REDUCED, read_by_local_thresholds},
};

/// The side of the square in the middle of a frame that is examined more closely, because people
/// hold the code there.
const SIDE_CLOSE: u32 = 480;

/// Frames whose shorter side has at least this length are also tried at half the size, which helps
/// with a code that fills the frame and is too near to be in focus.
const SIDE_HALVED: u32 = 480;

/// Weights for [`Grey::doubled`] that interpolate and sharpen in one step: the Catmull-Rom weights
/// for a point a quarter of a pixel before the fourth, convolved with (-0.15, 1.3, -0.15).
const DOUBLE: [i32; 6] = [0, -8, 22, 141, -28, 1];

/// As [`DOUBLE`], with (-0.45, 1.9, -0.45): it recovers modules of less than two pixels, but breaks
/// up larger ones.
const DOUBLE_SHARPENED: [i32; 6] = [1, -19, 6, 203, -67, 4];

/// The distinct texts of the QR codes in one frame of a camera, or none. `rgba` holds four bytes
/// per pixel, row by row.
pub fn read_frame(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    let Some(frame) = grey(rgba, width, height) else { return Vec::new() };
    let texts = read_by_local_thresholds(&frame);
    if !texts.is_empty() {
        return texts;
    }
    let middle = frame.middle(SIDE_CLOSE);
    for weights in [&DOUBLE, &DOUBLE_SHARPENED] {
        let texts = read_by_local_thresholds(&middle.doubled(weights));
        if !texts.is_empty() {
            return texts;
        }
    }
    let (width, height) = (frame.width(), frame.height());
    if width.min(height) < SIDE_HALVED {
        return Vec::new();
    }
    read_by_local_thresholds(&frame.reduced(width / 2, height / 2))
}

/// As [`read_frame`], for codes that it passes over: light on dark, as on a screen in dark mode,
/// and faint ones. It takes no longer than [`read_frame`], and is meant for every third frame or so
/// of a camera.
pub fn read_frame_otherwise(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    let Some(frame) = grey(rgba, width, height) else { return Vec::new() };
    let inverted = frame.inverted();
    let texts = read_by_local_thresholds(&inverted);
    if !texts.is_empty() {
        return texts;
    }
    // Local thresholds take for plain what has less contrast than a printed code. The code is in
    // the middle, so its own shades become black and white.
    if let Some(spread) = frame.middle(SIDE_CLOSE).spread() {
        let texts = read_by_local_thresholds(&spread);
        if !texts.is_empty() {
            return texts;
        }
    }
    read_by_local_thresholds(&inverted.middle(SIDE_CLOSE).doubled(&DOUBLE))
}

fn grey(rgba: &[u8], width: u32, height: u32) -> Option<Grey> {
    let grey: Vec<u8> =
        rgba.chunks_exact(4).map(|pixel| luma(pixel[0], pixel[1], pixel[2])).collect();
    Some(Grey::new(width, height, grey)?.reduced_to(SIDE_REDUCED))
}

/// Luma by ITU-R BT.601, which cameras use.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use image::{GrayImage, Luma, imageops, imageops::FilterType};
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    const LINK: &str = include_str!("../../keys-example/certificates/NO-PE-2026-000001.url");

    /// A frame of white with a code of the given width in its middle.
    fn frame(width: u32, height: u32, across: u32) -> Vec<u8> {
        frame_in_shades(width, height, across, [30, 220])
    }

    fn frame_in_shades(width: u32, height: u32, across: u32, [dark, light]: [u8; 2]) -> Vec<u8> {
        let code = QrCode::with_error_correction_level(LINK.trim(), EcLevel::M).expect("it fits");
        let side = code.width() as u32;
        let sharp = GrayImage::from_fn(8 * side, 8 * side, |x, y| {
            Luma([if code[((x / 8) as usize, (y / 8) as usize)] == Color::Dark {
                dark
            } else {
                light
            }])
        });
        let mut frame = GrayImage::from_pixel(width, height, Luma([light]));
        let small = imageops::resize(&sharp, across, across, FilterType::Triangle);
        imageops::replace(
            &mut frame,
            &small,
            i64::from((width - across) / 2),
            i64::from((height - across) / 2),
        );
        frame.iter().flat_map(|&grey| [grey, grey, grey, 255]).collect()
    }

    #[test]
    fn codes_are_read_near_and_far() {
        for (width, height, across) in [
            (640, 480, 100),
            (640, 480, 440),
            (1280, 720, 110),
            (1920, 1080, 1000),
            (3840, 2160, 400),
            (160, 160, 130),
        ] {
            let texts = read_frame(&frame(width, height, across), width, height);
            assert_eq!(texts, [LINK.trim()], "{across} in {width} x {height}");
        }
    }

    #[test]
    fn light_on_dark_and_faint_codes_are_read_otherwise() {
        for (shades, across) in
            [([220, 30], 110), ([220, 30], 300), ([110, 150], 200), ([128, 142], 200)]
        {
            let frame = frame_in_shades(640, 480, across, shades);
            assert!(read_frame(&frame, 640, 480).is_empty() || shades == [110, 150], "{shades:?}");
            let texts = read_frame_otherwise(&frame, 640, 480);
            assert_eq!(texts, [LINK.trim()], "{shades:?} {across}");
        }
    }

    #[test]
    fn frames_without_a_code_or_of_another_size_give_nothing() {
        for (width, height) in [(0, 0), (1, 1), (2, 500), (640, 480)] {
            let pixels = vec![255; 4 * width as usize * height as usize];
            for read in [read_frame, read_frame_otherwise] {
                assert!(read(&pixels, width, height).is_empty(), "{width} x {height}");
                assert!(read(&pixels, width + 1, height + 1).is_empty());
            }
        }
    }

    #[test]
    fn doubling_keeps_plain_shades_and_the_middle_of_edges() {
        let doubled = |picture: GrayImage, weights| {
            let (width, height) = picture.dimensions();
            let grey = Grey::new(width, height, picture.into_raw()).expect("its size");
            let wide = grey.doubled(weights);
            GrayImage::from_raw(wide.width(), wide.height(), wide.pixels().to_vec())
                .expect("its size")
        };
        for weights in [&DOUBLE, &DOUBLE_SHARPENED] {
            let plain = doubled(GrayImage::from_pixel(5, 3, Luma([77])), weights);
            assert_eq!(plain.dimensions(), (10, 6));
            assert!(plain.iter().all(|&shade| shade == 77));
            let edge = GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 100 } else { 150 }]));
            let wide = doubled(edge, weights);
            for x in 0..16 {
                assert_eq!(wide.get_pixel(x, 3).0[0] > 125, x >= 8, "{x}");
                // The same from both sides.
                let (shade, mirrored) = (wide.get_pixel(x, 3).0[0], wide.get_pixel(15 - x, 3).0[0]);
                assert!((u32::from(shade) + u32::from(mirrored)).abs_diff(250) <= 1, "{x}");
            }
        }
    }
}
