//! Pictures as uploads.

use crate::{
    hospital::Hospital,
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
        (b"GIF89a".to_vec(), "photo_format_unknown"),
        (Vec::new(), "photo_format_unknown"),
    ] {
        let verdict = server.post("image/png", body).verdict();
        assert_eq!((&verdict["verdict"], &verdict["code"]), (&"undetermined".into(), &"unreadable".into()));
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
    assert_eq!(server.post("image/png", jpeg(&picture(&[&hospital.office.link()]))).code(), "authorised");
}
