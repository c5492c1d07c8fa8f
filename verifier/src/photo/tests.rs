use alloc::{format, string::ToString, vec};
use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, ImageFormat, Luma, Rgb, RgbImage,
    RgbaImage, codecs::jpeg::JpegEncoder, imageops, imageops::FilterType,
};
use proptest::prelude::*;

use super::{decode::MAX_FILE, *};

/// The code of a certificate of median size: version 8, error correction level M, one row of 49
/// modules in each number.
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
    // Black on transparent pixels, which are stored as black too.
    let transparent = RgbaImage::from_fn(228, 228, |x, y| {
        image::Rgba([0, 0, 0, if dark(code.get_pixel(x, y)) { 255 } else { 0 }])
    });
    for picture in [DynamicImage::from(colours), DynamicImage::from(transparent)] {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("encoded");
        assert_eq!(read_qr(&bytes).expect("readable"), [text()]);
    }
}

/// Forms that no available encoder writes.
macro_rules! include_picture {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/verifier/pictures/", $name))
    };
}

/// What the crate `image` makes of the same file: it uses the same decoders, and was once used
/// here.
#[track_caller]
fn assert_decodes_as_image_does(bytes: &[u8], what: &str) {
    let expected = image::load_from_memory(bytes).expect("a picture");
    let expected = if expected.color().has_alpha() {
        let picture = expected.to_luma_alpha8();
        GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
            let [luma, alpha] = picture.get_pixel(x, y).0.map(u16::from);
            Luma([((luma * alpha + 255 * (255 - alpha)) / 255) as u8])
        })
    } else {
        expected.to_luma8()
    };
    let found = decode::decode(bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((found.width(), found.height()), expected.dimensions(), "{what}");
    for (found, expected) in found.pixels().iter().zip(expected.as_raw()) {
        assert!(found.abs_diff(*expected) <= 1, "{what}: {found} for {expected}");
    }
}

#[test]
fn every_form_of_png_is_decoded() {
    use png::{BitDepth::*, ColorType::*};
    assert_decodes_as_image_does(include_picture!("interlaced.png"), "interlaced");
    let (width, height) = (37, 21);
    for (colour, depth) in [
        (Grayscale, One),
        (Grayscale, Two),
        (Grayscale, Four),
        (Grayscale, Eight),
        (Grayscale, Sixteen),
        (GrayscaleAlpha, Eight),
        (GrayscaleAlpha, Sixteen),
        (Rgb, Eight),
        (Rgb, Sixteen),
        (Rgba, Eight),
        (Rgba, Sixteen),
        (Indexed, One),
        (Indexed, Two),
        (Indexed, Four),
        (Indexed, Eight),
    ] {
        for has_transparency in [false, true] {
            if has_transparency && matches!(colour, GrayscaleAlpha | Rgba) {
                continue;
            }
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, width, height);
            encoder.set_color(colour);
            encoder.set_depth(depth);
            if colour == Indexed {
                encoder.set_palette(noise(3, 1 << depth as u32).into_raw());
            }
            if has_transparency {
                encoder.set_trns(match colour {
                    Grayscale => vec![0, 1],
                    Rgb => vec![0, 200, 0, 100, 0, 50],
                    _ => vec![0, 77],
                });
            }
            let row = (width as usize * colour.samples() * depth as usize).div_ceil(8);
            let mut writer = encoder.write_header().expect("a header");
            writer
                .write_image_data(noise(row as u32, height).as_raw())
                .and_then(|()| writer.finish())
                .expect("a picture");
            let what = format!("{colour:?} {depth:?}, transparency {has_transparency}");
            assert_decodes_as_image_does(&bytes, &what);
        }
    }
}

#[test]
fn every_form_of_jpeg_is_decoded() {
    let grey = imageops::blur(&noise(61, 43), 2.0);
    assert_decodes_as_image_does(&jpeg(&grey, 90), "grey");
    let colours = RgbImage::from_fn(61, 43, |x, y| Rgb([(4 * x) as u8, (5 * y) as u8, 90]));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&colours).expect("encoded");
    assert_decodes_as_image_does(&bytes, "colours");
    assert_decodes_as_image_does(include_picture!("cmyk.jpg"), "CMYK");
    assert_decodes_as_image_does(include_picture!("halved.jpg"), "colours at half the width");
    assert_decodes_as_image_does(include_picture!("progressive.jpg"), "progressive");
    assert_decodes_as_image_does(include_picture!("progressive-grey.jpg"), "progressive grey");
    assert_decodes_as_image_does(include_picture!("restart.jpg"), "with restart markers");
    assert_decodes_as_image_does(include_picture!("rgb.jpg"), "red, green and blue");
    assert_decodes_as_image_does(include_picture!("subsampled.jpg"), "colours at half the sides");
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
    for picture in
        [GrayImage::new(1, 1), GrayImage::new(300, 1), GrayImage::new(400, 400), noise(400, 300)]
    {
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

/// A PNG of a few bytes whose header claims another size; only the checksum of the header is
/// corrected.
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

/// A JPEG whose header claims another size, and perhaps another kind of coding.
fn jpeg_claiming(mut bytes: Vec<u8>, (width, height): (u16, u16), coding: u8) -> Vec<u8> {
    let is_header = |marker: &[u8]| marker[0] == 0xff && matches!(marker[1], 0xc0..=0xc2);
    let frame = bytes.windows(2).position(is_header).expect("a frame header");
    bytes[frame + 1] = coding;
    bytes[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    bytes[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    bytes
}

const BASELINE: u8 = 0xc0;
const PROGRESSIVE: u8 = 0xc2;

#[test]
fn a_jpeg_whose_coefficients_do_not_fit_is_refused_before_it_is_decoded() {
    let cmyk = include_picture!("cmyk.jpg").to_vec();
    let colours = include_picture!("progressive.jpg").to_vec();
    for (bytes, what) in [
        (jpeg_claiming(cmyk.clone(), (8192, 6144), PROGRESSIVE), "four colours, progressive"),
        (jpeg_claiming(colours, (8192, 6144), PROGRESSIVE), "progressive"),
    ] {
        match read_qr(&bytes).expect_err("too large") {
            PhotoError::TooLarge { unit: "bytes when decoded", found, limit } => {
                assert!(found > limit, "{what}: {found} of {limit}");
            }
            other => panic!("{what}: {other}"),
        }
        assert_eq!(code_of(&bytes), "photo_too_large");
    }
    // One channel after the other: as much is kept as for a progressive one.
    let mut one_by_one = jpeg_claiming(cmyk, (8192, 6144), BASELINE);
    one_by_one.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    assert_eq!(code_of(&one_by_one), "photo_too_large");
}

#[test]
fn what_a_jpeg_takes_is_told_by_its_header() {
    use decode::coefficients_at_once as coefficients;
    let grey = jpeg(&code(1), 80);
    let progressive = |width, height| jpeg_claiming(grey.clone(), (width, height), PROGRESSIVE);
    assert_eq!(coefficients(&progressive(4096, 4096), (4096, 4096)), 2 * 4096 * 4096);
    assert_eq!(coefficients(&progressive(4097, 4096), (4097, 4096)), 2 * 4104 * 4096);
    let baseline = jpeg_claiming(grey.clone(), (4096, 4096), BASELINE);
    assert_eq!(coefficients(&baseline, (4096, 4096)), 0, "row by row");
    // A second header, wherever it is hidden, can only make it dearer.
    let hidden = [&progressive(4096, 4096)[..], &baseline].concat();
    assert_eq!(coefficients(&hidden, (4096, 4096)), 2 * 4096 * 4096);
    assert_eq!(coefficients(b"\xff\xc2", (4096, 4096)), 0, "cut off");
}

/// Consists only of finder patterns: the number of possible codes grows with the cube of theirs.
/// Without the bounds, this test would not end within a day.
#[test]
fn a_picture_full_of_finder_patterns_does_not_keep_us_busy() {
    for module in [3, 10, 40] {
        let picture = GrayImage::from_fn(1000, 1000, |x, y| {
            let (x, y) = (x / module % 8, y / module % 8);
            let ring = x.min(y).min(6u32.wrapping_sub(x)).min(6u32.wrapping_sub(y));
            Luma([if x > 6 || y > 6 || ring == 1 { 255 } else { 0 }])
        });
        assert_eq!(code_of(&png(&picture)), "photo_no_qr", "{module}");
    }
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
