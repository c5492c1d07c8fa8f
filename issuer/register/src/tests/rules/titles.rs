//! The rules about titles: which there are, and what each has.

use vernet_common::PastState;

use super::*;
use crate::titles::ProtectedTitle;

/// The office certifies another title that the program brings.
fn enter(o: &mut Office, title: &str) -> Result<(), Error> {
    change(o, title, |_| ())
}

fn change(o: &mut Office, title: &str, change: fn(&mut ProtectedTitle)) -> Result<(), Error> {
    let row = ProtectedTitle::shipped().iter().find(|row| row.title.as_str() == title);
    let mut row = row.expect("a shipped row").clone();
    change(&mut row);
    ok(o.record(Event::TitleEntered(row.into())))
}

fn grant_in(o: &mut Office, title: &str, changes: Value) -> Result<CertificateNumber, Error> {
    let mut with_title = changes;
    with_title["title"] = json!(title);
    Ok(o.grant(with_title)?.claims.certificate_number)
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::TitleUnknown,
            "chiropractors, entered and not",
            |o| {
                enter(o, "chiropractor")?;
                ok(grant_in(o, "chiropractor", json!({})))
            },
            |o| ok(grant_in(o, "chiropractor", json!({}))),
        ),
        (
            Rule::TitleContradicts,
            "a title is entered again with other kinds, and with another prefix",
            |o| {
                enter(o, "chiropractor")?;
                change(o, "chiropractor", |row| row.kinds.truncate(2))
            },
            |o| {
                enter(o, "chiropractor")?;
                change(o, "chiropractor", |row| {
                    row.certificate_number_prefix = "NO-XX-".parse().expect("a prefix");
                })
            },
        ),
        (
            Rule::TitleContradicts,
            "the profession before its specialists",
            |o| {
                enter(o, "dentist")?;
                enter(o, "orthodontist")
            },
            |o| enter(o, "orthodontist"),
        ),
        (
            Rule::KindNotOfProfession,
            "a trainee's licence for a chiropractor, and for a dentist",
            |o| {
                enter(o, "chiropractor")?;
                let trainee = json!({"kind": "trainee_licence", "valid_to": "2027-01-01"});
                ok(grant_in(o, "chiropractor", trainee))
            },
            |o| {
                enter(o, "dentist")?;
                let trainee = json!({"kind": "trainee_licence", "valid_to": "2027-01-01"});
                ok(grant_in(o, "dentist", trainee))
            },
        ),
        (
            Rule::BasisNotOfProfession,
            "schools accredited by the EBCP teach no dentists",
            |o| {
                enter(o, "dentist")?;
                ok(grant_in(o, "dentist", json!({})))
            },
            |o| {
                enter(o, "dentist")?;
                ok(grant_in(o, "dentist", json!({"basis": "accredited_school_exam"})))
            },
        ),
        (
            Rule::ClosedToGrants,
            "the day before the profession is closed, and the day itself",
            |o| {
                let close = |row: &mut ProtectedTitle| row.closed = Some(day("2020-01-02"));
                change(o, "chiropractor", close)?;
                ok(grant_in(o, "chiropractor", json!({})))
            },
            |o| {
                let close = |row: &mut ProtectedTitle| row.closed = Some(day("2020-01-01"));
                change(o, "chiropractor", close)?;
                ok(grant_in(o, "chiropractor", json!({})))
            },
        ),
        (
            Rule::RequiredTitleMissing,
            "a specialist is a dentist too, and one who may practise",
            |o| {
                enter(o, "dentist")?;
                enter(o, "orthodontist")?;
                grant_in(o, "dentist", json!({}))?;
                ok(grant_in(o, "orthodontist", json!({})))
            },
            |o| {
                enter(o, "dentist")?;
                enter(o, "orthodontist")?;
                let dentist = grant_in(o, "dentist", json!({}))?;
                o.did(Event::suspended(dentist, day("2026-06-01")));
                ok(grant_in(o, "orthodontist", json!({})))
            },
        ),
        (
            Rule::ReactionNotOfTitle,
            "a title with instructions, and one without",
            |o| {
                let certificate = o.granted();
                let reference = "2026/1".into();
                ok(o.record(Event::Instructed { certificate, reference, until: None }))
            },
            |o| {
                enter(o, "dentist")?;
                enter(o, "orthodontist")?;
                grant_in(o, "dentist", json!({}))?;
                let certificate = grant_in(o, "orthodontist", json!({}))?;
                let reference = "2026/1".into();
                ok(o.record(Event::Instructed { certificate, reference, until: None }))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "one live right per person and title",
            |o| {
                enter(o, "dentist")?;
                o.granted();
                ok(grant_in(o, "dentist", json!({})))
            },
            |o| {
                enter(o, "dentist")?;
                grant_in(o, "dentist", json!({}))?;
                ok(grant_in(o, "dentist", json!({})))
            },
        ),
        (
            Rule::GrantDuringBan,
            "a ban is from all health care",
            |o| enter(o, "dentist"),
            |o| {
                enter(o, "dentist")?;
                let certificate = o.granted();
                o.did(Event::Revoked { certificate, gravest: false });
                let reference = "2026/1".into();
                o.did(Event::Banned { certificate, reference, until: None });
                ok(grant_in(o, "dentist", json!({})))
            },
        ),
    ]
}

#[test]
fn what_is_decided_about_one_title_does_not_touch_the_other() {
    let o = &mut Office::new();
    let perfusionist = o.granted();
    enter(o, "dentist").expect("entered");
    let dentist = grant_in(o, "dentist", json!({})).expect("granted");
    assert_eq!(perfusionist.to_string(), "NO-PE-2026-000001");
    assert_eq!(dentist.to_string(), "NO-TL-2026-000001");
    let certificate = o.register.state().certificate(dentist).expect("a certificate");
    assert_eq!(certificate.claims.title.as_str(), "dentist");
    assert_eq!(certificate.claims.profession.as_str(), "TL");
    assert!(certificate.claims.vct.as_str().ends_with("/types/dentist/1"));

    o.on("2026-02-01").did(Event::Revoked { certificate: dentist, gravest: false });
    assert_eq!(o.status(dentist), Status::Invalid);
    assert_eq!(o.status(perfusionist), Status::Valid);
    // The history of the one is not the history of the other.
    let past = |number| {
        let records = o.register.state().past(number, noon("2026-03-01")).expect("a history");
        let states = &records.last().expect("a record").states;
        states.iter().map(|state| state.state).collect::<Vec<_>>()
    };
    assert_eq!(past(perfusionist), [PastState::Authorised]);
    assert_eq!(past(dentist), [PastState::Authorised, PastState::NotAuthorised]);
    // A new print has the title and the numbers of the old one.
    let again = o.reissue(perfusionist, ReissueReason::LostPrint, None).expect("reissued");
    assert_eq!(again.to_string(), "NO-PE-2026-000002");
    // Losing the one bars nobody from the other.
    enter(o, "chiropractor").expect("entered");
    let third = grant_in(o, "chiropractor", json!({})).expect("granted");
    assert_eq!(third.to_string(), "NO-KI-2026-000001");
}

#[test]
fn a_title_takes_two_administrators_and_is_there_when_the_register_is_read_again() {
    let o = &mut Office::new();
    enter(o, "dentist").expect("entered");
    let statement = o.register.state().statements().last().expect("a statement").clone();
    assert!(statement.approves.is_some());
    let read = crate::State::new(o.register.state().statements().iter().cloned()).expect("a state");
    let titles: Vec<_> = read.titles().iter().map(|row| row.title.as_str().to_owned()).collect();
    assert_eq!(titles, ["dentist", "perfusionist"]);
    let alone = o.register.record(
        Event::TitleEntered(ProtectedTitle::shipped()[1].clone().into()),
        &kari(),
        &Decision { decided_on: o.now.civil_date(), effective_on: None, now: o.now },
    );
    assert_eq!(alone.expect_err("one officer").code(), "needs_two_officers");
}

#[test]
fn a_title_without_an_age_limit_has_none() {
    let o = &mut Office::new();
    change(o, "chiropractor", |row| row.age_limit = false).expect("entered");
    let old = json!({"birthdate": "1940-01-01"});
    let number = grant_in(o, "chiropractor", old).expect("granted");
    assert_eq!(o.code(number, "2050-01-01", "2026-01-15"), "authorised");
    let exp = o.register.state().certificate(number).expect("one").claims.exp;
    assert_eq!(exp, day("2036-01-15").start());
}

#[test]
fn a_specialists_right_rests_while_that_of_the_profession_does() {
    let o = &mut Office::new();
    enter(o, "dentist").expect("entered");
    enter(o, "orthodontist").expect("entered");
    let dentist = grant_in(o, "dentist", json!({})).expect("granted");
    let specialist = grant_in(o, "orthodontist", json!({})).expect("granted");
    assert_eq!((o.status(dentist), o.status(specialist)), (Status::Valid, Status::Valid));

    o.on("2026-02-01").did(limited(dentist, None));
    assert_eq!(o.status(specialist), Status::Conditions);
    assert_eq!(o.code(specialist, "2026-02-01", "2026-02-01"), "with_conditions");
    o.on("2026-03-01").did(limitation_lifted(dentist));
    assert_eq!(o.status(specialist), Status::Valid);
    o.on("2026-04-01").did(suspended(dentist, "2026-05-01"));
    assert_eq!(o.status(specialist), Status::Suspended);
    o.on("2026-05-01");
    assert_eq!(o.status(specialist), Status::Valid, "the suspension is over");
    o.on("2026-06-01").did(revoked(dentist));
    assert_eq!((o.status(dentist), o.status(specialist)), (Status::Invalid, Status::Suspended));
    assert_eq!(o.code(specialist, "2026-06-01", "2026-06-01"), "suspended");
    // What happened to the one is in the history of the other.
    let records = o.register.state().past(specialist, noon("2026-07-01")).expect("a history");
    let states = &records.last().expect("a record").states;
    let states: Vec<_> = states.iter().map(|one| (one.from.to_string(), one.state)).collect();
    let on = |day: &str, state| (day.to_owned(), state);
    assert_eq!(
        states,
        [
            on("2020-01-01", PastState::Authorised),
            on("2026-02-01", PastState::WithConditions),
            on("2026-03-01", PastState::Authorised),
            on("2026-04-01", PastState::Suspended),
            on("2026-05-01", PastState::Authorised),
            on("2026-06-01", PastState::Suspended),
        ]
    );
    // It comes back with a new authorisation, on the same paper. The other way round nothing follows.
    o.on("2026-08-01");
    let again = json!({
        "title": "dentist", "basis": "new_authorisation", "exam": null, "special_reasons": "2026/8",
        "previous_certificate": dentist.to_string(), "applied": "2026-08-01",
        "decided": "2026-08-01", "granted": "2026-08-01",
    });
    let again = o.grant(again).expect("granted").claims.certificate_number;
    assert_eq!(o.status(specialist), Status::Valid);
    o.on("2026-09-01").did(revoked(specialist));
    assert_eq!((o.status(again), o.status(specialist)), (Status::Valid, Status::Invalid));
}
