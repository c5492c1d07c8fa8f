//! Checks of a page without other programs, and of the page after printing and scanning.

use std::{fs, process::Command};

use image::{GrayImage, ImageEncoder, Luma};
use serde_json::json;
use vernet_common::NumericDate;
use vernet_issuer::{Language, LetterError, Release, card, letter};
use vernet_verifier::documents::{attached, read_qr};

use crate::{
    office::{LONG_NAMES, PrintingOffice},
    programs::present,
};

type Draw = fn(&Release, Language, NumericDate) -> Result<Vec<u8>, LetterError>;

fn certificate() -> (PrintingOffice, Release) {
    let mut office = PrintingOffice::new();
    let number = office.grant(&[]).expect("a lawful grant");
    let certificate = office.release(number);
    (office, certificate)
}

#[test]
fn the_same_print_has_the_same_bytes_also_from_several_threads() {
    let (office, certificate) = certificate();
    for language in Language::ALL {
        let print = |draw: Draw| draw(&certificate, language, office.founded.now).expect("a page");
        let first = (print(letter), print(card));
        let others = std::thread::scope(|scope| {
            let threads = [0, 1].map(|_| scope.spawn(|| (print(letter), print(card))));
            threads.map(|thread| thread.join().expect("it does not panic"))
        });
        assert!(others.iter().all(|other| *other == first), "{language:?}");
    }
    let later =
        letter(&certificate, Language::Bokmal, office.founded.now.plus_seconds(1)).expect("a page");
    assert_ne!(
        later,
        letter(&certificate, Language::Bokmal, office.founded.now).expect("a page"),
        "its date is another"
    );
}

#[test]
fn every_kind_and_the_longest_names_can_be_printed_in_every_language() {
    let mut office = PrintingOffice::new();
    let letters = "W\u{331}".repeat(33);
    let people = [
        (LONG_NAMES.0, LONG_NAMES.1, "licence", true),
        ("Li", "Bo", "limited_authorisation", false),
        (&*"Ŋ".repeat(50), &*letters, "licence", false),
    ];
    for (place, (given_name, family_name, kind, bound_to_post)) in people.iter().enumerate() {
        let mut members = vec![
            ("given_name", json!(given_name)),
            ("family_name", json!(family_name)),
            ("kind", json!(kind)),
            ("bound_to_post", json!(bound_to_post)),
            ("hpr_number", json!((9_144_889 + place).to_string())),
        ];
        if *kind == "licence" {
            members.push(("valid_to", json!("2027-11-20")));
        }
        if *kind != "licence" || *bound_to_post {
            members.push(("conditions", json!("2026/17")));
        }
        let number = office.grant(&members).expect("a lawful grant");
        let certificate = office.release(number);
        for language in Language::ALL {
            for draw in [letter, card] {
                let pdf = draw(&certificate, language, office.founded.now).expect("a page");
                assert_eq!(attached(&pdf).expect("a letter").certificates, [certificate.text()]);
                assert!(pdf.len() < 200_000, "{} bytes", pdf.len());
            }
        }
    }
}

/// A letter that was damaged on its way, on purpose or not, may or may not be read, but never
/// crashes the reader; and apart from the damage, the text that is read is the text that was in it.
#[test]
fn a_damaged_letter_does_no_harm() {
    let (office, certificate) = certificate();
    let pdf = letter(&certificate, Language::English, office.founded.now).expect("a page");
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random % below as u64) as usize
    };
    let mut unharmed = 0;
    for round in 0..600 {
        let mut damaged = pdf.clone();
        match round % 3 {
            0 => damaged.truncate(next(pdf.len())),
            1 => (0..=next(60)).for_each(|_| {
                let at = next(pdf.len());
                damaged[at] = next(256) as u8;
            }),
            _ => {
                let (from, to, length) = (next(pdf.len()), next(pdf.len()), next(4000));
                let part: Vec<u8> = pdf[from..].iter().take(length).copied().collect();
                damaged.splice(to..(to + next(4000)).min(pdf.len()), part);
            }
        }
        if let Ok(read) = attached(&damaged) {
            unharmed += usize::from(read.certificates.contains(&certificate.text().to_owned()));
        }
    }
    assert!((100..600).contains(&unharmed), "{unharmed} of 600");
}

#[test]
fn a_scan_of_the_printed_page_is_read_through_its_code() {
    if !present("pdftoppm", "poppler-utils") {
        return;
    }
    let (office, certificate) = certificate();
    let folder = tempfile::tempdir().expect("a folder");
    for (draw, resolutions) in [(letter as Draw, &[300, 150][..]), (card, &[300, 150])] {
        let pdf = draw(&certificate, Language::Bokmal, office.founded.now).expect("a page");
        let file = folder.path().join("page.pdf");
        fs::write(&file, pdf).expect("the folder can be written");
        for resolution in resolutions {
            let page = folder.path().join("page");
            let done = Command::new("pdftoppm")
                .args(["-gray", "-png", "-singlefile", "-r", &resolution.to_string()])
                .args([&file, &page])
                .output()
                .expect("it was there a moment ago");
            assert!(done.status.success(), "{done:?}");
            let png = fs::read(page.with_extension("png")).expect("it was written");
            let page = image::load_from_memory(&png).expect("a picture").to_luma8();
            for degrees in [1.0, -2.0, 3.0] {
                let scan = scanned(&page, degrees);
                let texts = read_qr(&png_of(&scan));
                let texts = texts
                    .unwrap_or_else(|error| panic!("{resolution} dpi, {degrees} degrees: {error}"));
                assert_eq!(texts, [certificate.link()], "{resolution} dpi, {degrees} degrees");
            }
        }
    }
}

/// The page as from a scanner: rotated, a little grey, and noisy.
fn scanned(page: &GrayImage, degrees: f32) -> GrayImage {
    let (width, height) = page.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let middle = (width as f32 / 2.0, height as f32 / 2.0);
    let pixel = |x: i64, y: i64| match (u32::try_from(x), u32::try_from(y)) {
        (Ok(x), Ok(y)) if x < width && y < height => f32::from(page.get_pixel(x, y).0[0]),
        _ => 255.0,
    };
    let mut random = 1_u32;
    GrayImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle.0, y as f32 - middle.1);
        let (sx, sy) = (middle.0 + dx * cos - dy * sin, middle.1 + dx * sin + dy * cos);
        let (left, top) = (sx.floor(), sy.floor());
        let (right, lower) = (sx - left, sy - top);
        let row = |y: f32| {
            pixel(left as i64, y as i64) * (1.0 - right) + pixel(left as i64 + 1, y as i64) * right
        };
        let seen = row(top) * (1.0 - lower) + row(top + 1.0) * lower;
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (random >> 24) as f32 / 255.0 * 50.0 - 25.0;
        Luma([(30.0 + seen * 0.83 + noise).clamp(0.0, 255.0) as u8])
    })
}

fn png_of(picture: &GrayImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image::codecs::png::PngEncoder::new(&mut bytes)
        .write_image(
            picture.as_raw(),
            picture.width(),
            picture.height(),
            image::ExtendedColorType::L8,
        )
        .expect("a picture in memory can be written");
    bytes
}
