//! Pictures and PDFs as uploads.

use crate::{
    hospital::Hospital,
    pdf::{letter, scan},
    picture::{jpeg, picture, png},
    serving::Serving,
};

#[test]
fn a_picture_without_a_code_is_not_known() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    for (body, cause) in [
        (png(&picture(&[])), "photo_no_qr"),
        (png(&picture(&[]))[..60].to_vec(), "photo_unreadable"),
        (b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0".to_vec(), "photo_unreadable"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "kind_not_read"),
        (Vec::new(), "file_empty"),
    ] {
        let verdict = server.post("image/png", body).verdict();
        assert_eq!(
            (&verdict["verdict"], &verdict["code"]),
            (&"undetermined".into(), &"unreadable".into())
        );
        assert_eq!(verdict["cause"]["code"], cause);
    }
}

#[test]
fn a_picture_of_something_else_is_no_certificate() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let verdict = server.post("image/jpeg", jpeg(&picture(&["https://example.no/menu"]))).verdict();
    assert_eq!((&verdict["verdict"], &verdict["code"]), (&"refused".into(), &"malformed".into()));
}

#[test]
fn a_poster_beside_the_certificate_does_not_count() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let beside = picture(&["https://example.no/menu", &hospital.office.link()]);
    assert_eq!(server.post("image/png", png(&beside)).code(), "authorised");
}

#[test]
fn a_jpeg_said_to_be_a_png_is_read_all_the_same() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    assert_eq!(
        server.post("image/png", jpeg(&picture(&[&hospital.office.link()]))).code(),
        "authorised"
    );
}

/// A form as browsers and `curl --form` send it, with these parts: for each, its headers besides
/// the name, and its content.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, content) in parts {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"file\"{headers}\r\n\r\n")
                .bytes(),
        );
        body.extend([content, &b"\r\n"[..]].concat());
    }
    body.extend(b"--x--\r\n");
    body
}

const FORM: &str = "multipart/form-data; boundary=x";

#[test]
fn whatever_is_uploaded_as_a_file_is_read_as_if_it_were_the_body() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let link = hospital.office.link();
    let (photo, question) = (jpeg(&picture(&[&link])), format!("{{\"input\": \"{link}\"}}"));
    for (headers, content) in [
        ("; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg", &photo[..]),
        ("; filename=\"photo\"\r\nContent-Type: application/octet-stream", &photo),
        ("; filename=\"code.png\"", &png(&picture(&[&link]))),
        (
            "; filename=\"letter.pdf\"",
            &letter(&[("application/dc+sd-jwt", &hospital.office.text())]),
        ),
        ("; filename=\"scan.pdf\"\r\nContent-Type: application/pdf", &scan(&photo)),
        ("; filename=\"code.url\"\r\nContent-Type: text/plain; charset=utf-8", link.as_bytes()),
        (
            "; filename=\"code.jwt\"\r\nContent-Type: application/octet-stream",
            hospital.office.text().as_bytes(),
        ),
        ("", link.as_bytes()),
        ("\r\nContent-Type: application/json", question.as_bytes()),
    ] {
        assert_eq!(
            server.post(FORM, form(&[(headers, content)])).code(),
            "authorised",
            "{headers}"
        );
    }
}

#[test]
fn a_form_that_is_not_one_file_is_told() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let link = hospital.office.link();
    let part = ("; filename=\"code.url\"", link.as_bytes());
    for (body, fault) in [
        (form(&[]), "no part"),
        (form(&[part, part]), "more than one part"),
        (form(&[part])[..40].to_vec(), "not complete"),
        (b"--y\r\n".to_vec(), "not complete"),
        (
            String::from_utf8(form(&[part])).expect("text").replace("\"file\"", "\"photo\"").into(),
            "not named `file`",
        ),
    ] {
        let problem = server.post(FORM, body).problem("malformed_request");
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.contains(fault)),
            "{problem}"
        );
    }
    server.post("multipart/form-data", form(&[part])).problem("malformed_request");
    let sound = ("\r\nContent-Type: audio/mpeg", link.as_bytes());
    server.post(FORM, form(&[sound])).problem("unsupported_media_type");
    server
        .post(FORM, form(&[("\r\nContent-Type: image/png", &vec![b'1'; 17 << 20])]))
        .problem("too_large");
}

#[test]
fn a_pdf_without_a_certificate_is_not_known() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    for (body, cause) in [
        (letter(&[]), "pdf_no_certificate"),
        (letter(&[("text/xml", "<invoice/>")]), "pdf_no_certificate"),
        (scan(&jpeg(&picture(&[]))), "pdf_no_certificate"),
        (include_bytes!("../verifier/pictures/password.pdf").to_vec(), "pdf_encrypted"),
        (b"%PDF-1.7".to_vec(), "pdf_unreadable"),
        (Vec::new(), "file_empty"),
    ] {
        let verdict = server.post("application/pdf", body).verdict();
        assert_eq!(
            (&verdict["verdict"], &verdict["code"]),
            (&"undetermined".into(), &"unreadable".into())
        );
        assert_eq!(verdict["cause"]["code"], cause);
    }
}

#[test]
fn what_is_attached_to_a_pdf_is_judged_like_any_text() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let forged = letter(&[("application/dc+sd-jwt", &hospital.office.signed_by_a_stranger())]);
    assert_eq!(server.post("application/pdf", forged).code(), "untrusted_issuer");
    let both = [hospital.office.text(), hospital.office.signed_by_a_stranger()];
    let two = letter(&both.each_ref().map(|text| ("application/dc+sd-jwt", text.as_str())));
    let problem = server.post("application/pdf", two).problem("several_certificates");
    let codes: Vec<_> = problem["verdicts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|verdict| verdict["code"].as_str())
        .collect();
    assert_eq!(codes, [Some("authorised"), Some("untrusted_issuer")]);
    let question = format!("{{\"input\": \"{} {}\"}}", both[0], both[1]);
    let problem = server.post("application/json", question).problem("several_certificates");
    assert_eq!(problem["verdicts"].as_array().map(Vec::len), Some(2));
}

/// Drawings and pages are read in a process with limits, and a question as JSON is read in none.
#[test]
fn a_question_is_searched_as_text_whatever_it_begins_with() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let (link, forged) = (hospital.office.link(), hospital.office.signed_by_a_stranger());
    // It would take minutes and gigabytes to draw it.
    let filters = "<feTurbulence baseFrequency='0.9' numOctaves='200'/>".repeat(400);
    let drawing = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='2400' height='2400'><filter id='f'>{filters}</filter><rect width='2400' height='2400' filter='url(#f)'/></svg>"
    );
    assert!(drawing.len() > 16 * 1024, "longer than any certificate");
    let question = serde_json::json!({ "input": drawing }).to_string();
    let verdict = server.post("application/json", &question).verdict();
    assert_eq!(verdict["cause"]["code"], "input_too_large");
    let line = [("Content-Type", "application/x-ndjson")];
    let answer = server.ask("POST", "/v1/verify/batch", &line, question.as_bytes());
    assert_eq!(answer.json()["cause"]["code"], "input_too_large");
    // The drawing is one more part, which is not examined.
    for (begin, count) in [("%PDF-1.7", 2), ("<svg>", 3)] {
        let input = format!("{begin}\n{link}\n{forged}");
        let question = serde_json::json!({ "input": input }).to_string();
        let problem = server.post("application/json", question).problem("several_certificates");
        assert_eq!(problem["verdicts"].as_array().map(Vec::len), Some(count), "{begin}");
    }
}

/// Others are served meanwhile.
#[test]
fn a_long_text_with_many_certificates_is_judged_in_the_background() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let (link, forged) = (hospital.office.link(), hospital.office.signed_by_a_stranger());
    let text = format!("{link}\n{forged}\n").repeat(500);
    let problem = server.post("text/plain", text).problem("several_certificates");
    assert_eq!(problem["verdicts"].as_array().map(Vec::len), Some(2));
    let hidden = "eyJ.eyJ.eyJ ".repeat(50_000);
    assert_eq!(server.post("text/plain", hidden).code(), "malformed");
}

#[test]
fn a_mail_with_attachments_is_not_accepted_by_its_text_alone() {
    let hospital = Hospital::new();
    let server = Serving::start(&hospital, &[]);
    let mail = format!(
        "From: a@example.no\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{}\r\n--x\r\nContent-Type: image/png\r\n\r\nx",
        hospital.office.link()
    );
    let problem = server.post("text/plain", mail).problem("several_certificates");
    let codes: Vec<_> = problem["verdicts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|verdict| verdict["code"].as_str())
        .collect();
    assert_eq!(codes, [Some("authorised"), Some("unreadable")]);
    let title = problem["title"].as_str().expect("a title");
    assert!(title.contains("not examined"), "{title}");
}
