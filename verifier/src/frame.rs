//! Finds the QR code in the frames of a camera.
//!
//! A frame gets less work than a picture, for the next one comes at once. The figures behind the
//! choices are in `tests/camera/README.md`.

use std::{array, string::String, vec, vec::Vec};

use image::{GrayImage, imageops};

use crate::scan::{SIDE_REDUCED, read_by_local_thresholds};

/// The side of the square in the middle of a frame, where people hold a code, that is looked at
/// more closely.
const SIDE_CLOSE: u32 = 480;

/// Frames whose shorter side has this length are also tried at half the size, where a code that
/// fills the frame, too near to be in focus, is read better.
const SIDE_HALVED: u32 = 480;

/// Six weights, of 128 together, that double a picture and sharpen it at once: those of Catmull and
/// Rom for a point a quarter of a pixel before the fourth, and beyond them (-0.15, 1.3, -0.15) over
/// neighbours.
const DOUBLE: [i32; 6] = [0, -8, 22, 141, -28, 1];

/// As [`DOUBLE`], with (-0.45, 1.9, -0.45): it brings back modules of less than two pixels, and
/// tears larger ones apart.
const DOUBLE_SHARPENED: [i32; 6] = [1, -19, 6, 203, -67, 4];

/// The distinct texts of the QR codes in one frame of a camera, or none. `rgba` holds four bytes
/// per pixel, row by row.
pub fn read_frame(rgba: &[u8], width: u32, height: u32) -> Vec<String> {
    let grey: Vec<u8> =
        rgba.chunks_exact(4).map(|pixel| luma(pixel[0], pixel[1], pixel[2])).collect();
    let Some(mut frame) = GrayImage::from_raw(width, height, grey) else { return Vec::new() };
    let longest = width.max(height);
    if longest > SIDE_REDUCED {
        let scale = |length: u32| {
            (u64::from(length) * u64::from(SIDE_REDUCED) / u64::from(longest)).max(1) as u32
        };
        frame = imageops::thumbnail(&frame, scale(width), scale(height));
    }
    let texts = read_by_local_thresholds(&frame);
    if !texts.is_empty() {
        return texts;
    }
    let middle = middle(&frame);
    for weights in [&DOUBLE, &DOUBLE_SHARPENED] {
        let texts = read_by_local_thresholds(&doubled(&middle, weights));
        if !texts.is_empty() {
            return texts;
        }
    }
    let (width, height) = frame.dimensions();
    if width.min(height) < SIDE_HALVED {
        return Vec::new();
    }
    read_by_local_thresholds(&imageops::thumbnail(&frame, width / 2, height / 2))
}

/// ITU-R BT.601, as cameras mean it.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 77 + u32::from(green) * 150 + u32::from(blue) * 29) >> 8) as u8
}

fn middle(frame: &GrayImage) -> GrayImage {
    let (width, height) = frame.dimensions();
    let side = width.min(height).min(SIDE_CLOSE);
    imageops::crop_imm(frame, (width - side) / 2, (height - side) / 2, side, side).to_image()
}

/// Twice the width and the height. `image` does the same with any filter, in ten times the time.
fn doubled(picture: &GrayImage, weights: &[i32; 6]) -> GrayImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    if width == 0 || height == 0 {
        return GrayImage::new(0, 0);
    }
    // First each row, in sixteenths of a shade, between borders of three pixels that repeat the
    // outermost.
    let mut wide = vec![0i16; 2 * width * height];
    let mut bordered = vec![0i32; width + 6];
    for (row, wide) in picture.as_raw().chunks_exact(width).zip(wide.chunks_exact_mut(2 * width)) {
        for (at, value) in bordered.iter_mut().enumerate() {
            *value = i32::from(row[at.saturating_sub(3).min(width - 1)]);
        }
        for (near, pair) in bordered.windows(7).zip(wide.chunks_exact_mut(2)) {
            let sum = |at: [usize; 6]| {
                ((0..6).map(|k| weights[k] * near[at[k]]).sum::<i32>() >> 3) as i16
            };
            pair[0] = sum([0, 1, 2, 3, 4, 5]);
            pair[1] = sum([6, 5, 4, 3, 2, 1]);
        }
    }
    // Then each column.
    let mut out = Vec::with_capacity(4 * width * height);
    for y in 0..2 * height {
        let rows: [&[i16]; 6] = array::from_fn(|k| {
            let row = if y % 2 == 0 {
                (y / 2 + k).saturating_sub(3)
            } else {
                (y / 2 + 3).saturating_sub(k)
            };
            &wide[2 * width * row.min(height - 1)..][..2 * width]
        });
        out.extend((0..2 * width).map(|x| {
            let sum: i32 = (0..6).map(|k| weights[k] * i32::from(rows[k][x])).sum();
            ((sum + (1 << 10)) >> 11).clamp(0, 255) as u8
        }));
    }
    GrayImage::from_raw(2 * picture.width(), 2 * picture.height(), out)
        .expect("a row was pushed for each y")
}

#[cfg(test)]
mod tests {
    use image::{Luma, imageops::FilterType};
    use qrcode::{Color, EcLevel, QrCode};

    use super::*;

    const LINK: &str = include_str!("../../keys-example/certificates/NO-PE-2026-000001.url");

    /// A frame of white with a code of the given width in its middle.
    fn frame(width: u32, height: u32, across: u32) -> Vec<u8> {
        let code = QrCode::with_error_correction_level(LINK.trim(), EcLevel::M).expect("it fits");
        let side = code.width() as u32;
        let sharp = GrayImage::from_fn(8 * side, 8 * side, |x, y| {
            Luma([if code[((x / 8) as usize, (y / 8) as usize)] == Color::Dark { 30 } else { 220 }])
        });
        let mut frame = GrayImage::from_pixel(width, height, Luma([220]));
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
    fn frames_without_a_code_or_of_another_size_give_nothing() {
        for (width, height) in [(0, 0), (1, 1), (2, 500), (640, 480)] {
            let pixels = vec![255; 4 * width as usize * height as usize];
            assert!(read_frame(&pixels, width, height).is_empty(), "{width} x {height}");
            assert!(read_frame(&pixels, width + 1, height + 1).is_empty());
        }
    }

    #[test]
    fn doubling_keeps_plain_shades_and_the_middle_of_edges() {
        for weights in [&DOUBLE, &DOUBLE_SHARPENED] {
            let plain = doubled(&GrayImage::from_pixel(5, 3, Luma([77])), weights);
            assert_eq!(plain.dimensions(), (10, 6));
            assert!(plain.iter().all(|&shade| shade == 77));
            let edge = GrayImage::from_fn(8, 8, |x, _| Luma([if x < 4 { 100 } else { 150 }]));
            let wide = doubled(&edge, weights);
            for x in 0..16 {
                assert_eq!(wide.get_pixel(x, 3).0[0] > 125, x >= 8, "{x}");
                // The same from both sides.
                let (shade, mirrored) = (wide.get_pixel(x, 3).0[0], wide.get_pixel(15 - x, 3).0[0]);
                assert!((u32::from(shade) + u32::from(mirrored)).abs_diff(250) <= 1, "{x}");
            }
        }
    }
}
