//! Every certificate in a file, whatever finds it, and what was not looked at.

use vernet_tests::{
    office::{Office, STATUS_KEY, signed_statement},
    pdf::{letter, scans, with_attachments},
    picture::{jpeg, picture, png},
};
use vernet_verifier::{
    Code, InputError, Policy,
    documents::{Contents, Kind, Unexamined, certificates_among, read, read_text, read_unless},
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

/// A drawing of the codes, a square for each dark pixel of a smaller picture.
fn svg(texts: &[&str], before: &str, within: &str) -> Vec<u8> {
    let picture = picture(texts);
    let (width, height) = (picture.width() / 6, picture.height() / 6);
    let squares: String = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .filter(|(x, y)| picture.get_pixel(x * 6 + 3, y * 6 + 3).0[0] == 0)
        .map(|(x, y)| format!("M{x} {y}h1v1h-1z"))
        .collect();
    format!(
        "{before}<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\">{within}<path d=\"{squares}\"/></svg>"
    )
    .into_bytes()
}

#[test]
fn a_text_is_searched_and_nothing_else() {
    let office = Office::new();
    let (link, forged) = (office.link(), office.signed_by_a_stranger());
    let drawing = String::from_utf8(svg(&[&link], "", "")).expect("text");
    assert_eq!(read_text(&drawing).expect_err("not drawn").code(), "kind_not_read");
    let pages = read_text(&format!("%PDF-1.7\n{link}\n{forged}")).expect("two");
    assert_eq!(pages.certificates.len(), 2);
    assert_eq!(read_text("%PDF-1.7\n").expect("a text").certificates, ["%PDF-1.7\n"]);
    assert_eq!(read_text("hello").expect("a text").certificates, ["hello"]);
}

#[test]
fn what_is_embedded_in_a_text_is_named() {
    let office = Office::new();
    let link = office.link();
    let entities: String = link.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexadecimal: String = link.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
    let mail = "MIME-Version: 1.0\r\nSubject: x\r\n";
    for (text, whole) in [
        (format!("<html><p>{link}</p>"), true),
        (format!("<html><p>{entities}</p>"), true),
        (format!("<html><p>{hexadecimal}</p>"), true),
        (format!("<html><p>Metadata: {link}</p>"), true),
        (format!("<html>{link}<img src=\"logo.png\">"), true),
        (format!("<html>{link}<img src=\"data:image/png,AA\">"), false),
        (format!("<p>{link}<svg><path/></svg>"), false),
        (format!("<html>{link}<IFRAME srcdoc=x>"), false),
        (format!("<html>{link}<object data='data:x,y'>"), false),
        (format!("<html>{link}<a style=\"x: url(data:y)\">"), false),
        (format!("{{\\rtf1 {link}}}"), true),
        (format!("{{\\rtf1 {link}{{\\pict\\pngblip 89}}}}"), false),
        (format!("{{\\rtf1 {link}{{\\object\\objemb}}}}"), false),
        (format!("C:\\pictures {link}"), true),
        (format!("{mail}\r\n{link}"), true),
        (format!("{mail}Content-Type: multipart/alternative; boundary=x\r\n\r\n{link}"), true),
        (format!("{mail}\r\n{link}\r\nContent-Type:\r\n image/png\r\n\r\nx"), false),
        (format!("Subject: x\r\n\r\n{link}\r\nContent-Disposition: attachment\r\n\r\nx"), false),
        (format!("{mail}\r\n{link}\r\nContent-Transfer-Encoding: base64\r\n\r\nAA"), false),
        (format!("BEGIN:VCARD\nURL:{link}\nPHOTO;ENCODING=b:AAAA"), false),
    ] {
        let expected = [Code::Authorised, Code::Unreadable];
        let expected = if whole { &expected[..1] } else { &expected };
        assert_eq!(codes(&office, text.as_bytes()), expected, "{text}");
    }
    // Two links, one of which only a browser shows.
    let both = format!("<html>{link} {}", office.signed_by_a_stranger().replace("ey", "&#101;y"));
    assert_eq!(codes(&office, both.as_bytes()), [Code::Authorised, Code::UntrustedIssuer]);
}

#[test]
fn every_certificate_in_a_code_counts() {
    let office = Office::new();
    let (link, forged) = (office.link(), office.signed_by_a_stranger());
    let two = format!("{forged} {link}");
    for texts in [&[link.as_str(), &two][..], &[&two, "https://example.no/menu"], &[&two]] {
        let found = certificates_among(texts.iter().map(|text| (*text).to_owned()).collect());
        let has = |wanted: &str| found.iter().any(|found| wanted.ends_with(found.as_str()));
        assert!(has(&link) && has(&forged), "{found:?}");
    }
    let menu = ["https://example.no/menu".to_owned(), "x".to_owned()];
    assert_eq!(certificates_among(menu.to_vec()), menu[..1]);
}

#[test]
fn a_drawing_is_one_whatever_stands_before_it() {
    let office = Office::new();
    let link = office.link();
    let comment = format!("<!-- don't {} -->", "x".repeat(5000));
    let definitions = "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x>y\" [ <!-- don't --> <!ENTITY a \"]>\"> ]>";
    for before in [
        "",
        "<?xml version=\"1.0\"?>\n",
        &comment,
        definitions,
        &format!("\n<?xml version=\"1.0\"?>{comment}{definitions}<?x y?>{comment}\n"),
    ] {
        let file = svg(&[&link], before, "");
        assert_eq!(Kind::of(&file).to_string(), "SVG", "{before:.40}");
        if !before.starts_with('\n') {
            assert_eq!(codes(&office, &file), [Code::Authorised], "{before:.40}");
        }
    }
    for (text, name) in [
        ("<!doctype html><svg></svg>", "HTML"),
        ("<!-- x --><html><svg>", "HTML"),
        ("<?xml version=\"1.0\"?><html>", "HTML"),
        ("<s:svg xmlns:s=\"x\"/>", "SVG"),
        ("<svgs/>", "text"),
        ("<!-- <svg> -->hello", "HTML"),
    ] {
        assert_eq!(Kind::of(text.as_bytes()).to_string(), name, "{text}");
    }
}

#[test]
fn what_is_not_drawn_of_a_drawing_is_named() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let office = Office::new();
    let link = office.link();
    let small = format!(
        "<image width=\"1\" height=\"1\" href=\"data:image/png;base64,{}\"/>",
        STANDARD.encode(png(&picture(&[])))
    );
    let poster = String::from_utf8(svg(&[&link], "", "")).expect("text");
    let poster = poster.replace("viewBox", "width=\"10000\" height=\"10000\" viewBox");
    assert_eq!(codes(&office, poster.as_bytes()), [Code::Authorised, Code::Unreadable]);
    for (within, whole) in [
        ("<style>path { fill: black }</style>", true),
        (&small, true),
        ("<foreignObject><p/></foreignObject>", false),
        ("<rect><animate attributeName=\"x\"/></rect>", false),
        ("<rect><set attributeName=\"x\"/></rect>", false),
        ("<style>@media print { path { fill: none } }</style>", false),
        ("<image width=\"1\" height=\"1\" href=\"https://example.no/code.png\"/>", false),
        ("<image width=\"1\" height=\"1\" href=\"data:image/avif;base64,AAAA\"/>", false),
        ("<image width=\"1\" height=\"1\" href=\"data:image/png;base64,AAAA\"/>", false),
        ("<use href=\"other.svg#x\"/>", false),
    ] {
        let expected = [Code::Authorised, Code::Unreadable];
        let expected = if whole { &expected[..1] } else { &expected };
        assert_eq!(codes(&office, &svg(&[&link], "", within)), expected, "{within:.60}");
    }
}

/// A PDF of these objects, the first of which is the catalogue. It has no tables, as after a repair.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    for (place, object) in objects.iter().enumerate() {
        bytes.extend(format!("{} 0 obj\n", place + 1).bytes());
        bytes.extend([object, &b"\nendobj\n"[..]].concat());
    }
    bytes.extend(b"trailer << /Root 1 0 R >>\n");
    bytes
}

fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("<< {entries} /Length {} >>\nstream\n", content.len());
    [head.as_bytes(), content, b"\nendstream"].concat()
}

/// The code as what is drawn on a page, `side` units long and wide.
fn drawing(text: &str, side: f32) -> Vec<u8> {
    let picture = picture(&[text]);
    let modules = picture.width() / 6;
    let module = side / modules as f32;
    let mut drawing = format!("{module} 0 0 {module} 0 0 cm ");
    for (x, y) in (0..modules).flat_map(|y| (0..modules).map(move |x| (x, y))) {
        if picture.get_pixel(x * 6 + 3, y * 6 + 3).0[0] == 0 {
            drawing += &format!("{x} {} 1 1 re ", modules - 1 - y);
        }
    }
    (drawing + "f").into_bytes()
}

/// A PDF with one page: its entries, what is drawn on it, and further objects from number 5 on.
fn page(catalogue: &str, entries: &str, drawing: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>").into_bytes(),
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R {entries} >>").into_bytes(),
        drawing,
    ];
    objects.extend_from_slice(more);
    pdf(&objects)
}

const A4: &str = "/MediaBox [0 0 595 842]";

#[test]
fn attachments_without_a_type_are_read() {
    let office = Office::new();
    let shown = || stream("", &drawing(&office.link(), 150.0));
    let forged = office.signed_by_a_stranger();
    let hidden = format!("  {forged}");
    for (place, list) in [
        ("in the list", "/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >>"),
        (
            "in the list, directly",
            "/Names << /EmbeddedFiles << /Names [(a) << /EF << /UF 5 0 R >> >>] >> >>",
        ),
        ("somewhere", "/AF [<< /EF << /F 5 0 R >> >>]"),
    ] {
        let about = b"<< /F (a) /EF << /F 5 0 R >> >>".to_vec();
        let file = page(list, A4, shown(), &[stream("", hidden.as_bytes()), about.clone()]);
        assert_eq!(codes(&office, &file), [Code::UntrustedIssuer, Code::Authorised], "{place}");
        for (filter, content) in [
            ("/Filter /FlateDecode", forged.as_bytes()),
            ("/Filter /DCTDecode", forged.as_bytes()),
            ("", &forged.as_bytes()[..100]),
        ] {
            let unread = stream(filter, content);
            let file = page(list, A4, shown(), &[unread, about.clone()]);
            let found = codes(&office, &file);
            assert_eq!(found, [Code::Authorised, Code::Unreadable], "{place}, {filter}");
        }
    }
    // A mail that is attached may have attachments of its own.
    let mail =
        format!("MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\n{}", office.link());
    let with_picture = format!("{mail}\r\n\r\nContent-Type: image/png\r\n\r\nx");
    for (mail, found) in
        [(&mail, &[Code::Authorised][..]), (&with_picture, &[Code::Authorised, Code::Unreadable])]
    {
        let file = letter(&[(CERTIFICATE, &office.text()), ("message/rfc822", mail)]);
        assert_eq!(codes(&office, &file), found, "{mail}");
    }
}

#[test]
fn pages_of_every_size_are_drawn_large_enough_or_named() {
    let office = Office::new();
    let link = office.link();
    let both = [Code::Authorised, Code::Unreadable];
    for (name, entries, side, expected) in [
        ("A4", A4, 150.0, &both[..1]),
        ("a label", "/MediaBox [0 0 20 20]", 9.0, &both[..1]),
        ("a label in other units", "/MediaBox [0 0 20 20] /UserUnit 20", 9.0, &both[..1]),
        ("a point", "/MediaBox [0 0 1 1]", 0.5, &both[..1]),
        ("A2", "/MediaBox [0 0 1191 1684]", 150.0, &both[..1]),
        ("a wall", "/MediaBox [0 0 14400 14400]", 7000.0, &both),
        ("a wall in other units", "/MediaBox [0 0 600 600] /UserUnit 20", 300.0, &both),
    ] {
        let file = page("", entries, stream("", &drawing(&link, side)), &[]);
        assert_eq!(codes(&office, &file), expected, "{name}");
    }
    // Not if a small picture is on it.
    let kind = "/Type /XObject /Subtype /Image /Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let small = stream(kind, &[255; 100]);
    let entries = "/MediaBox [0 0 14400 14400] /Resources << /XObject << /P 5 0 R >> >>";
    let drawn = [b"q ", &drawing(&link, 7000.0)[..], b" Q 180 0 0 180 9000 9000 cm /P Do"].concat();
    let alone = stream("", b"q 180 0 0 180 9000 9000 cm /P Do Q");
    let file = page("", entries, stream("", &drawn), std::slice::from_ref(&small));
    assert_eq!(codes(&office, &file), both);
    let error = read(&page("", entries, alone, &[small])).expect_err("no code");
    assert!(error.to_string().contains("not examined: page 1"), "{error}");
    // The page of a scan may be as large as the picture has pixels.
    let code = picture(&[&link]);
    let mut large = image::GrayImage::from_pixel(3000, 4000, image::Luma([255]));
    image::imageops::replace(&mut large, &code, 100, 100);
    let entries = "/MediaBox [0 0 3000 4000] /Resources << /XObject << /P 5 0 R >> >>";
    let kind = "/Type /XObject /Subtype /Image /Width 3000 /Height 4000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode";
    let scan = stream(kind, &jpeg(&large));
    let file = page("", entries, stream("", b"3000 0 0 4000 0 0 cm /P Do"), &[scan]);
    assert_eq!(codes(&office, &file), [Code::Authorised]);
}

#[test]
fn drawings_within_drawings_are_drawn_or_the_page_is_named() {
    let office = Office::new();
    let shown = drawing(&office.link(), 150.0);
    let entries = format!("{A4} /Resources << /XObject << /F 5 0 R >> >>");
    let form = |next: usize, drawing: &[u8]| {
        let within = format!("/Resources << /XObject << /F {next} 0 R >> >>");
        stream(&format!("/Type /XObject /Subtype /Form /BBox [0 0 595 842] {within}"), drawing)
    };
    let draws = [b"q ", &shown[..], b" Q /F Do"].concat();
    let nested = |levels: usize| {
        let forms: Vec<_> = (0..levels).map(|level| form(6 + level, b"/F Do")).collect();
        page("", &entries, stream("", &draws), &forms)
    };
    assert_eq!(codes(&office, &nested(10)), [Code::Authorised]);
    for levels in [60, 5000] {
        let found = codes(&office, &nested(levels));
        assert_eq!(found, [Code::Authorised, Code::Unreadable], "{levels}");
    }
    // Some programs list a drawing among its own resources.
    let file = page("", &entries, stream("", &draws), &[form(5, b"")]);
    assert_eq!(codes(&office, &file), [Code::Authorised]);
    let unread = stream("/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Filter /DCTDecode", b"x");
    let file = page("", &entries, stream("", &draws), &[unread]);
    assert_eq!(codes(&office, &file), [Code::Authorised, Code::Unreadable]);
}

#[test]
fn a_file_that_is_two_is_read_as_both() {
    let office = Office::new();
    let (link, forged) = (office.link(), office.signed_by_a_stranger());
    let photo = jpeg(&picture(&[&link]));
    // A comment in which the PDF is.
    let both = |pdf: &[u8]| {
        let length = u16::try_from(pdf.len() + 2).expect("a small one").to_be_bytes();
        [&photo[..2], b"\xff\xfe", &length, pdf, &photo[2..]].concat()
    };
    let file = both(&letter(&[(CERTIFICATE, &forged)]));
    assert_eq!(Kind::of(&file).to_string(), "JPEG");
    assert_eq!(codes(&office, &file), [Code::UntrustedIssuer, Code::Authorised]);
    assert_eq!(codes(&office, &both(b"made of %PDF-1.7")), [Code::Authorised]);
    assert_eq!(codes(&office, &both(&letter(&[]))), [Code::Authorised]);
}
