//! `inspect` shows what anybody could have written, and says so.

use crate::{
    hospital::Hospital,
    picture::{picture, png},
};

#[test]
fn every_form_is_shown_and_labelled_as_unverified() {
    let hospital = Hospital::new();
    hospital.write("code.png", png(&picture(&[&hospital.office.link()])));
    for (input, form) in [
        ("certificate.jwt", "text"),
        ("certificate.url", "QR code, format 1 (template)"),
        ("code.png", "QR code, format 1 (template)"),
        (&hospital.office.link(), "QR code, format 1 (template)"),
    ] {
        let run = hospital.run(&["inspect", input]).done();
        assert!(run.stdout.starts_with("UNVERIFIED"), "{input}: {}", run.stdout);
        for field in ["Kjærstad Østlyngen-Bråthen", "-2026-000123", "1980-02-29", form] {
            assert!(run.stdout.contains(field), "{input}, {field}: {}", run.stdout);
        }
        assert!(!run.stdout.contains('✔'), "nothing that looks like a verdict");
        let object = hospital.run(&["inspect", input, "--json"]).done().json();
        assert_eq!(
            (&object["unverified"], &object["content"]["form"]),
            (&true.into(), &form.into()),
            "{input}"
        );
        assert_eq!(object["content"]["claims"]["hpr_number"], "9144889", "{input}");
    }
    assert!(hospital.state().is_empty());
}

#[test]
fn a_forgery_is_shown_like_anything_else_and_refused_by_check() {
    let mut hospital = Hospital::new();
    let genuine = hospital.office.text();
    hospital.office.certificate.family_name = "Svindler".parse().expect("a name");
    let (forged, genuine) = (hospital.office.text(), genuine);
    let part =
        |text: &str, place: usize| text.split('.').nth(place).expect("three parts").to_owned();
    hospital
        .write("forged.jwt", [part(&genuine, 0), part(&forged, 1), part(&genuine, 2)].join("."));
    let run = hospital.run(&["inspect", "forged.jwt"]).done();
    assert!(
        run.stdout.starts_with("UNVERIFIED") && run.stdout.contains("Svindler"),
        "{}",
        run.stdout
    );
    assert_eq!(hospital.verdict("forged.jwt"), "bad_signature");
}

#[test]
fn what_is_no_certificate_is_an_error() {
    let hospital = Hospital::new();
    hospital.write("junk.txt", "hello");
    hospital.run(&["inspect", "junk.txt"]).failed("hello");
    hospital.run(&["inspect", "no-such-file"]).failed("no-such-file");
}
