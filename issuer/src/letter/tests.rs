//! Pages of made-up certificates, without an office. What other programs make of them is tested in
//! `tests/issuer/letter`.

use vernet_common::{
    Authorisation, Basis, CertificateClaims, Kind, NumericDate, StatusClaim, StatusIndex,
    StatusListNumber, StatusListUri, StatusReference,
};

use vernet_register::ProtectedTitle;

use super::{
    canvas::mm,
    certificate::{A4, MARGIN, rows},
    text::{Line, Style},
    *,
};

fn claims() -> CertificateClaims {
    let iss: vernet_common::HttpsUrl = "https://perfusionist.example.no".parse().expect("a URL");
    let uri = StatusListUri::new(&iss, StatusListNumber::new(1).expect("a number"));
    CertificateClaims {
        vct: CertificateClaims::vct_of(&iss, "perfusionist").parse().expect("a URL"),
        iss,
        iat: "2026-11-20T09:00:00Z".parse().expect("an instant"),
        exp: "2064-05-17".parse::<vernet_common::CivilDate>().expect("a date").start(),
        certificate_number: "NO-PE-2026-000001".parse().expect("a number"),
        given_name: "Åse".parse().expect("a name"),
        family_name: "Dahl".parse().expect("a name"),
        birthdate: "1984-05-17".parse().expect("a date"),
        hpr_number: "9144889".parse().expect("a number"),
        profession: "PE".parse().expect("a code"),
        title: "perfusionist".parse().expect("a title"),
        authorisation: Authorisation {
            kind: Kind::Authorisation,
            basis: Basis::NorwegianExam,
            granted: "2010-06-01".parse().expect("a date"),
        },
        status: StatusClaim {
            status_list: StatusReference { idx: StatusIndex::new(7).expect("inside"), uri },
        },
    }
}

#[test]
fn the_certificate_holds_through_the_day_before_it_ends() {
    assert_eq!(certificate::last_day(&claims()).to_string(), "2064-05-16");
}

#[test]
fn whoever_granted_is_called_as_on_that_day_and_whoever_signed_as_on_the_other() {
    let claims = claims();
    let title = ProtectedTitle::first();
    assert_eq!(title.authority(claims.iat.civil_date()), "Helsedirektoratet");
    let words = Language::Bokmal.words();
    let right = words.right(Kind::Authorisation, false);
    let rows = rows(&claims, title, (right, None), words);
    assert!(
        rows.contains(&("Gitt av", "Statens autorisasjonskontor for helsepersonell".to_owned())),
        "{rows:?}"
    );
}

#[test]
fn whoever_does_not_read_norwegian_is_told_who_the_authorities_are() {
    let granting = ProtectedTitle::shipped().iter().flat_map(|title| &title.granted_by);
    let others = vernet_register::law::SUPERVISORY_AUTHORITY
        .iter()
        .chain(&vernet_register::law::WAIVER_AUTHORITY);
    for name in granting.map(|row| &*row.value).chain(others.map(|row| row.value)) {
        for language in Language::ALL {
            let own = language.words().authority(name);
            assert_eq!(own.is_some(), language == Language::English, "{name} in {language:?}");
        }
    }
}

#[test]
fn every_fact_fits_its_line_in_every_language() {
    // From where the values begin to the margin.
    let room = mm(A4.0 - MARGIN - 96.0);
    for language in Language::ALL {
        let words = language.words();
        let rights = Kind::ALL.map(|kind| (kind, false)).into_iter();
        for (kind, bound_to_post) in rights.chain([(Kind::Licence, true)]) {
            let right = words.right(kind, bound_to_post);
            for basis in Basis::ALL {
                let mut claims = claims();
                (claims.authorisation.kind, claims.authorisation.basis) = (kind, basis);
                for (label, value) in rows(&claims, ProtectedTitle::first(), (right, None), words) {
                    assert!(
                        Line::new(label, Style::italic(12.0)).width < mm(92.0 - MARGIN),
                        "{label}"
                    );
                    let wrapped = text::wrap(&value, Style::roman(12.0), room);
                    assert!(wrapped.len() <= 2, "{value}");
                }
            }
            let width = mm(A4.0 - 2.0 * MARGIN);
            let heading = text::wrap(right.heading, Style::roman(21.0), width);
            assert!(heading.len() <= 2, "{}", right.heading);
            let holds = Line::new(&format!("{} an", right.holds), Style::italic(15.0)).width;
            assert!(holds <= width, "{}", right.holds);
        }
        for row in ProtectedTitle::shipped() {
            let lines = certificate::title_lines(&row.words(words.code).title);
            assert!(
                lines.len() <= 2 && lines.iter().all(|line| line.width <= mm(A4.0 - 2.0 * MARGIN))
            );
        }
    }
}

#[test]
fn codes_of_errors_are_stable() {
    let too_long = LetterError::from(
        crate::QrCode::new(&"x".repeat(5000)).expect_err("too long for any code"),
    );
    let refused = LetterError::NotWritten { reason: String::new() };
    let codes = [too_long, refused, LetterError::ReadsDifferently].map(|error| error.code());
    assert_eq!(codes, ["qr_too_long", "pdf_not_written", "pdf_not_readable"]);
}

#[test]
fn the_date_of_the_print_is_the_one_that_was_given() {
    let mut document = document::Document::new(
        &document::Properties {
            title: "A page".to_owned(),
            language: "nb",
            id: "a page".to_owned(),
            author: "nobody",
            now: NumericDate::from_seconds(1_795_341_600).expect("an instant"),
        },
        &[],
    )
    .expect("a document");
    document
        .page((40.0, 40.0), |canvas| {
            let at = (canvas::Align::Left(10.0), 20.0);
            let words = canvas.tagged(
                krilla::tagging::Tag::P,
                "Åse",
                Style::roman(12.0),
                at,
                canvas::Ink::Black,
            );
            vec![document::Block::Group(words)]
        })
        .expect("a page");
    let pdf = document.finish().expect("the document is in order");
    let date = b"2026-11-22T10:00:00";
    assert!(
        pdf.windows(date.len()).any(|found| found == date),
        "the XMP metadata stands in the open"
    );
}

#[test]
fn a_document_that_breaks_the_rules_is_not_let_out() {
    let properties = document::Properties {
        title: String::new(),
        language: "nb",
        id: "a page".to_owned(),
        author: "nobody",
        now: NumericDate::from_seconds(0).expect("an instant"),
    };
    let document = document::Document::new(&properties, &[]).expect("a document");
    let error = document.finish().expect_err("PDF/UA asks for a title");
    assert!(
        matches!(&error, LetterError::NotWritten { reason } if reason.contains("Title")),
        "{error}"
    );
}
