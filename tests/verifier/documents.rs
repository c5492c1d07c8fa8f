//! Every certificate in a file, whatever finds it, and what was not looked at.

use vernet_tests::{
    office::{Office, STATUS_KEY, signed_statement},
    pdf::{letter, scans, with_attachments},
    picture::{jpeg, picture, png},
};
use vernet_verifier::{
    Code, InputError, Policy,
    documents::{Contents, Kind, Unexamined, read, read_unless},
    verify_file,
};

const CERTIFICATE: &str = "application/dc+sd-jwt";

fn found(bytes: &[u8]) -> Contents {
    read(bytes).unwrap_or_else(|error| panic!("{error} [{}]", error.code()))
}

fn code(bytes: &[u8]) -> &'static str {
    read(bytes).expect_err("there is none").code()
}

fn codes(office: &Office, bytes: &[u8]) -> Vec<Code> {
    verify_file(bytes, &office.knowledge(), &Policy::default(), office.now)
        .iter()
        .map(vernet_verifier::Verdict::code)
        .collect()
}

#[test]
fn an_attachment_and_the_code_on_the_page_are_one_certificate() {
    let office = Office::new();
    let scan = scans(&[&jpeg(&picture(&[&office.link()]))]);
    let both = with_attachments(&[
        (CERTIFICATE, office.text().as_bytes()),
        ("application/pdf", &scan),
        ("image/png", &png(&picture(&[&office.link()]))),
    ]);
    assert_eq!(found(&both).certificates.len(), 2, "the text and the link");
    assert_eq!(codes(&office, &both), [Code::Authorised]);
}

#[test]
fn what_another_page_or_attachment_says_is_told_too() {
    let office = Office::new();
    let forged = office.signed_by_a_stranger();
    let good = office.text();
    let pages = scans(&[&jpeg(&picture(&[&office.link()])), &jpeg(&picture(&[&forged]))]);
    assert_eq!(codes(&office, &pages), [Code::Authorised, Code::UntrustedIssuer]);
    let nested = with_attachments(&[
        (CERTIFICATE, good.as_bytes()),
        ("application/pdf", &letter(&[(CERTIFICATE, &forged)])),
    ]);
    assert_eq!(codes(&office, &nested), [Code::Authorised, Code::UntrustedIssuer]);
    let photo = png(&picture(&[&office.link(), &forged]));
    assert_eq!(codes(&office, &photo), [Code::Authorised, Code::UntrustedIssuer]);
}

#[test]
fn a_light_code_beside_a_dark_one_is_told_too() {
    let office = Office::new();
    let forged = office.signed_by_a_stranger();
    let (dark, mut light) = (picture(&[&office.link()]), picture(&[&forged]));
    image::imageops::invert(&mut light);
    let mut both = image::GrayImage::from_pixel(
        dark.width() + light.width(),
        dark.height().max(light.height()),
        image::Luma([255]),
    );
    image::imageops::replace(&mut both, &dark, 0, 0);
    image::imageops::replace(&mut both, &light, i64::from(dark.width()), 0);
    assert_eq!(codes(&office, &png(&both)), [Code::Authorised, Code::UntrustedIssuer]);
}

#[test]
fn pages_beyond_the_limit_are_named_and_never_green() {
    let office = Office::new();
    let (shown, empty) = (jpeg(&picture(&[&office.link()])), jpeg(&picture(&[])));
    let mut pages: Vec<&[u8]> = vec![&empty; 60];
    pages[0] = &shown;
    let file = scans(&pages);
    assert_eq!(found(&file).unexamined, [Unexamined::Pages { from: 41, to: 60 }]);
    assert_eq!(codes(&office, &file), [Code::Authorised, Code::Unreadable]);
    // The time of the caller is a limit too.
    let few = read_unless(&scans(&[&shown, &empty, &empty]), &{
        let asked = std::cell::Cell::new(0);
        move || asked.replace(asked.get() + 1) > 0
    });
    assert_eq!(few.expect("page 1").unexamined, [Unexamined::Pages { from: 2, to: 3 }]);
    // Nor is it said that there is none, without saying where nobody looked.
    let error = read_unless(&scans(&[&empty, &empty]), &|| true).expect_err("nothing was read");
    assert!(error.to_string().contains("not examined: pages 1 to 2"), "{error}");
}

#[test]
fn attachments_that_are_not_read_are_named() {
    let office = Office::new();
    let text = office.text();
    let archive = with_attachments(&[
        (CERTIFICATE, text.as_bytes()),
        ("application/zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("text/plain", b"nothing"),
    ]);
    assert_eq!(found(&archive).unexamined, [Unexamined::Attachment { what: "ZIP".into() }]);
    let many = vec![(CERTIFICATE, text.as_str()); 70];
    assert_eq!(found(&letter(&many)).unexamined, [Unexamined::Attachments { count: 6 }]);
    let few = vec![(CERTIFICATE, text.as_str()); 21];
    assert_eq!(found(&letter(&few)), found(&letter(&few[..1])));
}

#[test]
fn statements_are_told_apart_from_certificates() {
    let office = Office::new();
    let statement = signed_statement(&office.statement(), STATUS_KEY);
    let contents = found(&letter(&[
        ("application/vernet-ccps+jwt", &statement),
        (CERTIFICATE, &office.text()),
    ]));
    assert_eq!(
        (contents.certificates, contents.statements),
        (vec![office.text()], vec![statement])
    );
}

#[test]
fn pdfs_that_hold_none_say_why() {
    assert_eq!(code(&letter(&[])), "pdf_no_certificate");
    assert_eq!(code(&letter(&[("text/xml", "<invoice/>")])), "pdf_no_certificate");
    assert_eq!(code(b"%PDF-1.7"), "pdf_unreadable");
    let menu = scans(&[&jpeg(&picture(&["https://example.no/menu"]))]);
    assert_eq!(code(&menu), "pdf_no_certificate");
    let large = [b"%PDF-1.7\n".to_vec(), vec![b' '; 24 << 20]].concat();
    assert_eq!(code(&large), "pdf_too_large");
}

#[test]
fn kinds_are_known_by_their_content() {
    let kind = |bytes: &[u8]| Kind::of(bytes).to_string();
    for (bytes, name) in [
        (&b""[..], "empty file"),
        (b" \r\n", "empty file"),
        (b"\xef\xbb\xbf", "empty file"),
        (b"hello", "text"),
        (b"\n%PDF-1.4\n\x80", "PDF"),
        (b"GIF89a\x01\0\x01\0", "GIF"),
        (b"II*\0\x08\0\0\0\x10\0\xfe\0\x04\0", "TIFF"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", "BMP"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "JPEG 2000"),
        (b"<?xml version=\"1.0\"?>\n<svg xmlns=\"x\"></svg>", "SVG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
        (b"{\\rtf1\\ansi hello}", "RTF"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
        (b"  <!DOCTYPE html><html></html>", "HTML"),
        (b"Received: from a\r\nSubject: x\r\n\r\nhello", "e-mail"),
        (b"\0\x01\x02\x03\x04\x05", "unknown kind"),
    ] {
        assert_eq!(kind(bytes), name, "{bytes:?}");
    }
}

#[test]
fn what_is_not_read_is_not_known_and_what_was_read_is_refused() {
    let office = Office::new();
    for (bytes, cause, verdict) in [
        (&b""[..], "file_empty", Code::Unreadable),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "kind_not_read", Code::Unreadable),
        (b"<html>log in</html>", "kind_not_read", Code::Unreadable),
        (&vec![b'a'; (1 << 20) + 1], "input_too_large", Code::Unreadable),
        (b"hello", "input_unrecognised", Code::Malformed),
        (b"https://verify.example.no/v#12a", "qr_payload", Code::Malformed),
    ] {
        let verdicts = verify_file(bytes, &office.knowledge(), &Policy::default(), office.now);
        assert_eq!(verdicts.len(), 1);
        assert_eq!(verdicts[0].code(), verdict, "{cause}");
        assert_eq!(verdicts[0].cause().map(InputError::code), Some(cause));
    }
    // What to do depends on the kind.
    let heic = verify_file(
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        &office.knowledge(),
        &Policy::default(),
        office.now,
    );
    assert!(
        heic[0].to_string().contains("HEIC") && heic[0].advice().contains("JPEG"),
        "{}",
        heic[0]
    );
    // A mail or a web page with the link in it was read.
    for around in ["<html><a href=\"LINK\">here</a></html>", "Received: x\r\n\r\n> LINK\r\n"] {
        let text = around.replace("LINK", &office.link());
        assert_eq!(codes(&office, text.as_bytes()), [Code::Authorised], "{around}");
    }
}

/// A file as other programs write it, with the same picture in it.
#[test]
fn other_kinds_of_pictures_are_read() {
    use image::{DynamicImage, ImageFormat};
    let office = Office::new();
    let code = DynamicImage::ImageLuma8(picture(&[&office.link()])).to_rgb8();
    for format in [ImageFormat::WebP, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Gif] {
        let mut bytes = std::io::Cursor::new(Vec::new());
        code.write_to(&mut bytes, format).expect("it is written");
        assert_eq!(codes(&office, bytes.get_ref()), [Code::Authorised], "{format:?}");
        let half = &bytes.get_ref()[..bytes.get_ref().len() / 3];
        assert_eq!(codes(&office, half), [Code::Unreadable], "{format:?}, cut");
    }
}

#[test]
fn each_page_of_a_fax_is_read() {
    let office = Office::new();
    let pages = [picture(&[]), picture(&[&office.link()])];
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).expect("memory");
    for page in &pages {
        encoder
            .write_image::<tiff::encoder::colortype::Gray8>(
                page.width(),
                page.height(),
                page.as_raw(),
            )
            .expect("a page");
    }
    assert_eq!(codes(&office, bytes.get_ref()), [Code::Authorised]);
}
