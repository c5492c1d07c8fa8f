//! Letters, cards and statements of status, from the office's command line to the hospital's.

use std::fs;

use crate::place::{Place, number};

#[test]
fn what_is_printed_is_what_is_checked() {
    let place = Place::with_demo();
    for (format, language) in [("pdf", "nb"), ("pdf", "en"), ("card", "da")] {
        let file = format!("{format}-{language}.pdf");
        place
            .issuer(&[
                "export",
                number(),
                "--format",
                format,
                "--language",
                language,
                "--out",
                &file,
            ])
            .done();
        assert_eq!(place.verdict(&file), "authorised");
    }
    // Bokmål is the default.
    place.issuer(&["export", number(), "--format", "pdf", "--out", "letter.pdf"]).done();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            std::fs::metadata(place.path("letter.pdf")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else may read it");
    }
    let title = b"Bevis for autorisasjon";
    let pdf = fs::read(place.path("letter.pdf")).expect("it was written");
    assert!(
        pdf.windows(title.len()).any(|found| found == title),
        "the metadata stands in the open"
    );
    place
        .both(&["suspend", number(), "--until", &crate::place::today().plus_months(2).to_string()])
        .done();
    place.publish();
    assert_eq!(
        place.verdict("letter.pdf"),
        "suspended",
        "paper does not forget, but the code asks"
    );
}

#[test]
fn a_statement_of_status_comes_with_its_certificate_and_never_for_a_superseded_one() {
    let place = Place::with_demo();
    place.issuer(&["export", number(), "--format", "ccps", "--out", "ccps.pdf"]).done();
    let check =
        ["check", "ccps.pdf", "--roots", "demo/roots.json", "--publication", "demo/publication"];
    let run = place.verifier(&check).done();
    assert!(run.stdout.contains("statement of professional status, genuine"), "{run:?}");
    assert!(run.stdout.contains("no reactions on record"), "{run:?}");
    // Whom it is for is on the page only, and on no other form.
    let to = ["--addressee", "A made-up authority, Main Street 1, 12345 Elsewhere"];
    let export = ["export", number(), "--format"];
    place.issuer(&[&export[..], &["ccps", "--out", "to.pdf"], &to].concat()).done();
    let run = place.issuer(&[&export[..], &["pdf", "--out", "letter.pdf"], &to].concat());
    assert!(run.code == Some(1) && run.stderr.contains("`--addressee`"), "{run:?}");

    let next = place.decide(&["reissue", number(), "--because", "lost_print"]);
    let run = place.issuer(&["export", number(), "--format", "ccps", "--out", "old.pdf"]);
    run.refused("withdrawn");
    assert!(run.stderr.contains(next["certificate_number"].as_str().expect("a number")), "{run:?}");
    for format in ["pdf", "card"] {
        place
            .issuer(&["export", number(), "--format", format, "--out", "old.pdf"])
            .refused("withdrawn");
    }
    assert!(!place.path("old.pdf").exists());
}

#[test]
fn what_no_publication_holds_yet_is_printed_with_a_note_and_known_after_the_next() {
    let place = Place::with_demo();
    let quiet = place.issuer(&["export", number(), "--format", "jwt"]).done();
    assert_eq!(quiet.stderr, "");
    let next = place.decide(&["reissue", number(), "--because", "lost_print"]);
    let next = next["certificate_number"].as_str().expect("a number");
    let early = place.issuer(&["export", next, "--format", "jwt", "--out", "new.jwt"]).done();
    assert!(early.stderr.contains("note: no publication holds this certificate yet"), "{early:?}");
    let all =
        place.issuer(&["export", "--all", "--format", "jwt", "--out", "all", "--json"]).done();
    assert!(
        all.json()["not_published"] == 1 && all.stderr.contains("holds 1 of the certificates yet"),
        "{all:?}"
    );
    assert_eq!(place.verdict("new.jwt"), "log_behind");
    place.publish();
    assert_eq!(place.verdict("new.jwt"), "authorised");
    assert_eq!(place.issuer(&["export", next, "--format", "jwt"]).done().stderr, "");
}

#[test]
fn a_statement_of_status_needs_the_key_and_the_others_do_not() {
    let mut place = Place::with_demo();
    place.unset("VERNET_PASSPHRASE_FILE");
    place.issuer(&["export", number(), "--format", "card", "--out", "card.pdf"]).done();
    let run = place.issuer(&["export", number(), "--format", "ccps", "--out", "ccps.pdf"]);
    assert!(run.code == Some(1) && run.stderr.contains("--passphrase-file"), "{run:?}");
    place.write("wrong.txt", "another passphrase\n");
    place.set("VERNET_PASSPHRASE_FILE", "wrong.txt");
    place
        .issuer(&["export", number(), "--format", "ccps", "--out", "ccps.pdf"])
        .refused("passphrase_wrong");
    assert!(!place.path("ccps.pdf").exists());
}

#[test]
fn a_language_is_for_what_has_one() {
    let place = Place::with_demo();
    for format in ["jwt", "qr-svg", "ccps"] {
        let run = place.issuer(&[
            "export",
            number(),
            "--format",
            format,
            "--language",
            "nn",
            "--out",
            "file",
        ]);
        assert!(run.code == Some(1) && run.stderr.contains("`--language`"), "{run:?}");
    }
    // Nobody here writes Northern Sámi well enough.
    let run =
        place.issuer(&["export", number(), "--format", "pdf", "--language", "se", "--out", "file"]);
    assert!(run.code == Some(2) && run.stderr.contains("nb, nn, en, sv, da"), "{run:?}");
    assert!(!place.path("file").exists());
}

#[test]
fn a_name_that_cannot_be_printed_is_refused_when_it_is_entered() {
    let place = Place::with_demo();
    let application = place.read("demo/application.json").replace("9144889", "9144900");
    place.write("other.json", application.replace("Åse", "A\u{347}se"));
    let run = place.issuer(&["propose", "grant", "other.json"]);
    run.refused("name_not_printable");
    assert!(run.stderr.contains("U+0347") && run.stderr.contains("population register"), "{run:?}");
    let names = ["--given-name", "Åse", "--family-name", "O\u{34d}sby"];
    let reissue = ["propose", "reissue", number(), "--because", "name_change"];
    place.issuer(&[&reissue[..], &names].concat()).refused("name_not_printable");
}
