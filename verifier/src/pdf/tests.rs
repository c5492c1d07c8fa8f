use alloc::{format, string::ToString, vec};
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
use proptest::prelude::*;
use vernet_common::{
    Algorithm, CertificateHash, CertificateNumber, NumericDate, SecretKey, StatedStanding,
    StatusStatement,
};

use super::*;

const CERTIFICATE: &str = include_str!("../../../keys-example/certificates/NO-PE-2026-000001.jwt");
const LINK: &str = include_str!("../../../keys-example/certificates/NO-PE-2026-000001.url");
const PICTURE: &[u8] = include_bytes!("../../../keys-example/certificates/NO-PE-2026-000001.png");

fn certificate() -> &'static str {
    CERTIFICATE.trim()
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// A PDF with one stream.
fn pdf(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n4 0 obj\n<<{dictionary}>>\nstream\n"
    );
    [head.as_bytes(), content, b"\nendstream\nendobj\n%%EOF\n"].concat()
}

fn code(file: &[u8]) -> &'static str {
    read_pdf(file).expect_err("there is no certificate in it").code()
}

#[test]
fn an_attachment_is_found_however_it_is_written() {
    let plain = certificate().as_bytes();
    let packed = deflated(plain);
    let length = plain.len();
    for file in [
        pdf(&format!("/Type/EmbeddedFile/Subtype/application#2Fdc+sd-jwt/Length {length}"), plain),
        pdf(&format!("/Type /EmbeddedFile /Length {length}"), plain),
        // The length is in another object, or is wrong.
        pdf("/Type/EmbeddedFile/Length 9 0 R", plain),
        pdf("/Type/EmbeddedFile/Length 3", plain),
        pdf("/Type/EmbeddedFile/Length 99999999999999999999", plain),
        pdf("/Type/EmbeddedFile", plain),
        // Without the type, which is optional.
        pdf("/Subtype/application#2Fdc+sd-jwt/Length 9 0 R", plain),
        pdf(&format!("/Type/EmbeddedFile/Filter/FlateDecode/Length {}", packed.len()), &packed),
        pdf("/Type/EmbeddedFile/Filter[/FlateDecode]/Length 9 0 R/Params<</Size 819>>", &packed),
    ] {
        assert_eq!(read_pdf(&file).expect("a letter").certificates, [certificate()], "{file:?}");
    }
}

#[test]
fn what_is_no_certificate_is_told_apart() {
    let plain = certificate().as_bytes();
    assert_eq!(code(b""), "pdf_unrecognised");
    assert_eq!(code(plain), "pdf_unrecognised");
    assert_eq!(code(b"%PDF-1.7"), "pdf_no_certificate");
    assert_eq!(code(&vec![b' '; MAX_FILE + 1]), "pdf_too_large");
    // On the page, in a font, under a filter that nobody uses for this, or in another kind of
    // attachment.
    assert_eq!(code(&pdf("/Length 9 0 R", plain)), "pdf_no_certificate");
    assert_eq!(code(&pdf("/Type/EmbeddedFileX/Length1 3", plain)), "pdf_no_certificate");
    assert_eq!(code(&pdf("/Type/EmbeddedFile/Filter/LZWDecode", plain)), "pdf_no_certificate");
    assert_eq!(
        code(&pdf("/Type/EmbeddedFile/Filter[/FlateDecode/FlateDecode/Fl]", plain)),
        "pdf_no_certificate"
    );
    assert_eq!(code(&pdf("/Type/EmbeddedFile", b"<invoice/>")), "pdf_no_certificate");
    assert_eq!(code(&pdf("/Type/EmbeddedFile", b"eyJ\xff")), "pdf_no_certificate");
    let mut encrypted = pdf("/Type/EmbeddedFile", b"\x07\x01\x02");
    encrypted.extend(b"trailer <</Encrypt 7 0 R>>");
    assert_eq!(code(&encrypted), "pdf_encrypted");
    // The message says what to do.
    assert!(read_pdf(b"%PDF-1.7").expect_err("nothing").to_string().contains("take a picture"));
}

#[test]
fn what_inflates_without_end_is_passed_over() {
    let bomb = deflated(&vec![b'e'; 64 << 20]);
    assert!(bomb.len() < 100_000);
    let bombs: Vec<u8> =
        (0..50).flat_map(|_| pdf("/Type/EmbeddedFile/Filter/FlateDecode", &bomb)).collect();
    assert_eq!(code(&bombs), "pdf_no_certificate");
}

#[test]
fn files_made_to_waste_time_do_not() {
    let started = std::time::Instant::now();
    for (unit, times) in [
        (&b">>stream\n"[..], 1_000_000),
        (b"obj<<>>stream\nendstream", 1_000_000),
        (b"endstream ", 1_000_000),
        (b"obj<</Length 1>>stream\n", 1_000_000),
    ] {
        let file = [&b"%PDF-1.7\n"[..], &unit.repeat(times)].concat();
        assert_eq!(code(&file), "pdf_no_certificate");
    }
    // Far more than it takes, to allow for a busy machine: quadratic time would be hours.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn a_certificate_that_is_attached_twice_counts_once_and_a_statement_is_none() {
    let key = SecretKey::from_seed(&[3; 32]);
    let signed =
        vernet_common::Signed::parse(certificate().trim_end_matches('~')).expect("an envelope");
    let statement = StatusStatement {
        iss: "https://perfusionist.example.no".parse().expect("a URL"),
        iat: NumericDate::from_seconds(0).expect("an instant"),
        exp: NumericDate::from_seconds(1).expect("an instant"),
        certificate_number: CertificateNumber::new(2026, 1).expect("a number"),
        certificate_sha256: CertificateHash::of(&signed),
        hpr_number: "9144889".parse().expect("a number"),
        standing: StatedStanding::Authorised,
        standing_until: None,
        reactions: Vec::new(),
    };
    let statement =
        vernet_common::Signed::sign(&statement, Algorithm::EdDsa, &key).expect("it is consistent");
    let file = [
        pdf("/Type/EmbeddedFile", certificate().as_bytes()),
        pdf("/Type/EmbeddedFile", statement.as_str().as_bytes()),
        pdf("/Type/EmbeddedFile", certificate().as_bytes()),
    ]
    .concat();
    let read = read_pdf(&file).expect("a letter");
    assert_eq!(
        (read.certificates, read.statements),
        (vec![certificate().to_string()], vec![statement.as_str().to_string()])
    );
}

#[test]
fn the_scan_of_a_letter_is_read_through_its_code() {
    let picture = image::load_from_memory(PICTURE).expect("a picture").to_luma8();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 90)
        .encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8)
        .expect("a picture in memory can be written");
    let scan =
        pdf(&format!("/Type/XObject/Subtype/Image/Filter/DCTDecode/Length {}", jpeg.len()), &jpeg);
    assert_eq!(read_pdf(&scan).expect("a scan").certificates, [LINK.trim()]);
    // A logo on the page is not a scan.
    let logo = pdf("/Subtype/Image/Filter/DCTDecode", b"\xff\xd8\xff\xe0 no picture at all");
    assert_eq!(read_pdf(&logo), Err(PdfError::NoCertificate { pictures: 1 }));
}

proptest! {
    /// Parts of PDFs in any order: nothing panics, and nothing is found that does not exist.
    #[test]
    fn nothing_brings_the_reader_down(parts in prop::collection::vec(0..16_usize, 0..40), noise in prop::collection::vec(any::<u8>(), 0..30)) {
        let packed = deflated(certificate().as_bytes());
        let pieces: [&[u8]; 16] = [
            b"1 0 obj", b"<<", b">>", b"stream", b"\n", b"endstream", b"/Type/EmbeddedFile", b"/Length ", b"18446744073709551615", b"7",
            b"/Filter/FlateDecode", b"/Filter/DCTDecode/Image", b" R", certificate().as_bytes(), &packed, &noise,
        ];
        let mut file = b"%PDF-1.7\n".to_vec();
        parts.iter().for_each(|part| file.extend(pieces[*part]));
        if let Ok(read) = read_pdf(&file) {
            prop_assert!(read.certificates.iter().all(|text| text.starts_with("eyJ")));
        }
    }
}
