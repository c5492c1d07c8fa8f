//! Pictures of QR codes, drawn for the tests.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use qrcode::{Color, EcLevel, QrCode};

/// Pixels per module, and modules of quiet zone.
const SCALE: u32 = 6;
const QUIET: u32 = 4;

/// The QR codes of some texts, side by side on white.
pub fn picture(texts: &[&str]) -> GrayImage {
    let codes: Vec<_> = texts
        .iter()
        .map(|text| {
            QrCode::with_error_correction_level(text, EcLevel::M).expect("the text fits a QR code")
        })
        .collect();
    let side =
        |code: &QrCode| (u32::try_from(code.width()).expect("at most 177") + 2 * QUIET) * SCALE;
    let (width, height) =
        (codes.iter().map(side).sum::<u32>().max(100), codes.iter().map(side).max().unwrap_or(100));
    let mut picture = GrayImage::from_pixel(width, height, Luma([255]));
    let mut left = 0;
    for code in &codes {
        let modules = u32::try_from(code.width()).expect("at most 177");
        for (place, colour) in (0..).zip(code.to_colors()) {
            let (x, y) =
                (left + (QUIET + place % modules) * SCALE, (QUIET + place / modules) * SCALE);
            if colour == Color::Dark {
                (0..SCALE * SCALE)
                    .for_each(|n| picture.put_pixel(x + n % SCALE, y + n / SCALE, Luma([0])));
            }
        }
        left += side(code);
    }
    picture
}

/// A photo without any code and full of what may look like one, so that every reader tries every
/// size.
pub fn hard() -> GrayImage {
    let mut state = 1u32;
    GrayImage::from_fn(4000, 3000, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Luma([(state >> 28) as u8 * 16])
    })
}

pub fn png(picture: &GrayImage) -> Vec<u8> {
    encoded(&DynamicImage::ImageLuma8(picture.clone()), ImageFormat::Png)
}

/// The picture as from a camera: in colour, with lossy compression.
pub fn jpeg(picture: &GrayImage) -> Vec<u8> {
    let colour = RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let Luma([grey]) = *picture.get_pixel(x, y);
        Rgb([grey.saturating_sub(12), grey.saturating_sub(8), grey.saturating_sub(20)])
    });
    encoded(&DynamicImage::ImageRgb8(colour), ImageFormat::Jpeg)
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a small picture can be encoded");
    bytes.into_inner()
}
