//! Two officers: each error has its code, and nothing comes into the register that its officer may
//! not say.

use super::*;
use crate::{
    state::index::State,
    statements::{
        digest::Digest,
        proposal::{Act, Document},
        statement::Approves,
    },
    store::documents::NewDocument,
};

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.expect_err("an error").code()
}

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

/// Enrols somebody with these roles from a day on and before another.
fn enrol(o: &mut Office, name: &str, n: u8, roles: &[Role], (from, until): (&str, &str)) {
    let new = Enrolment { from: day(from), until: day(until), ..enrolment(name, &key(n), roles) };
    o.did(Event::OfficerEnrolled(Box::new(new)));
}

fn proposed(o: &mut Office, event: Event) -> u64 {
    o.propose(Proposal::of(event), &kari()).expect("proposed").seq
}

#[test]
fn a_review_checks_what_the_approval_checks() {
    type Change = fn(&mut Office);
    let later: Change = |o| {
        o.on("2026-02-15");
    };
    let left: Change = |o| {
        let decision = Decision::today(o.now);
        let third = SecretKey::from_seed(&[23; 32]);
        let third = enrolment("Cecilie Dahl", &third, &Role::ALL);
        o.did(Event::OfficerEnrolled(Box::new(third)));
        let kid = kari().public_key().kid();
        o.register.record(Event::OfficerEnded { kid }, &ola(), &decision).expect("ended");
    };
    let overtaken: Change = |o| {
        o.did(lifted(number()));
        o.did(suspended(number(), "2026-02-20"));
    };
    let lost: Change = |o| {
        let documents = o.place.folder.path().join("documents");
        std::fs::remove_dir_all(documents).expect("deleted");
    };
    for (code, change) in [
        ("proposal_too_old", later),
        ("officer_not_in_office", left),
        ("proposal_overtaken", overtaken),
        ("document_missing", lost),
    ] {
        let o = &mut Office::new();
        o.granted();
        o.did(suspended(number(), "2026-03-01"));
        let paper = NewDocument::new("why.txt", b"because".to_vec());
        let documents = Documents::new(o.place.folder.path().join("documents"));
        let terms = Terms { data: &o.data.clone(), documents: &documents, max_age_days: 30 };
        let proposal = Proposal::of(lifted(number()));
        let seq = o.register.propose(proposal, &[paper], &terms, &kari(), o.now).expect("ok").seq;
        assert!(o.register.consider_approval(seq, &terms, o.now).is_ok());
        change(o);
        let considered = o.register.consider_approval(seq, &terms, o.now).expect_err(code);
        assert_eq!(considered.code(), code);
        let approved = o.approve(seq, &ola()).expect_err(code);
        assert_eq!(approved.code(), code);
    }
}

#[test]
fn what_takes_two_officers_is_not_done_by_one() {
    let o = &mut Office::new();
    let number = o.granted();
    let before = o.register.state().statements().len();
    let decision = Decision::today(o.now);
    for event in [
        suspended(number, "2026-03-01"),
        revoked(number),
        annulled(number),
        deceased(number),
        merged("9144889", "9144900"),
        Event::OfficerEnrolled(Box::new(enrolment("Per Hansen", &key(23), &Role::ALL))),
    ] {
        assert_eq!(code(o.register.record(event, &kari(), &decision)), "needs_two_officers");
    }
    assert_eq!(o.register.state().statements().len(), before);
    let seq = proposed(o, revoked(number));
    assert_eq!(o.status(number), Status::Valid, "a proposal has no effect");
    assert_eq!(
        o.register.state().proposals().map(|(statement, _)| statement.seq).collect::<Vec<_>>(),
        [seq]
    );
    let statement = o.approve(seq, &ola()).expect("approved");
    assert_eq!(
        (statement.officer.as_str(), statement.approves.expect("it is the second").seq),
        ("Ola Nordmann", seq)
    );
    assert_eq!(o.status(number), Status::Invalid);
    assert_eq!(o.register.state().proposals().count(), 0);
}

#[test]
fn nobody_approves_what_they_proposed_under_any_key() {
    let o = &mut Office::new();
    let number = o.granted();
    enrol(o, "Kari Nordmann", 23, &Role::ALL, ("2026-01-01", "2027-01-01"));
    let seq = proposed(o, revoked(number));
    assert_eq!(code(o.approve(seq, &kari())), "same_officer");
    assert_eq!(code(o.approve(seq, &key(23))), "same_officer");
    assert!(o.approve(seq, &ola()).is_ok());
}

/// An administrator has a key of her own enrolled once more, under a name that the other one takes
/// for hers.
#[test]
fn nobody_becomes_two_people_by_a_name_that_looks_the_same() {
    let o = &mut Office::new();
    let number = o.granted();
    for (n, name) in
        (30..).zip(["Kari\u{a0}Nordmann", "Kari  Nordmann", "kari nordmann", "\u{39a}ari Nordmann"])
    {
        let new = Event::OfficerEnrolled(Box::new(enrolment(name, &key(n), &Role::ALL)));
        let error = o.propose(Proposal::of(new), &kari()).expect_err(name);
        assert_eq!(error.code(), "officer_name_resembles");
        assert!(
            error.to_string().contains("expected `Kari Nordmann`, if it is the same person"),
            "{error}"
        );
        // Of founders, too, who are two only if nobody takes them for one.
        let two =
            [enrolment("Kari Nordmann", &key(1), &Role::ALL), enrolment(name, &key(2), &Role::ALL)];
        assert_eq!(
            code(crate::Officers::check_founders(&two, day("2026-01-01"))),
            "officer_name_resembles"
        );
    }
    // Two administrators and a changed program can have it enrolled. It is still one person,
    // whoever reads the register.
    let mut statements = o.register.state().statements().to_vec();
    let add = |statements: &mut Vec<Statement>,
               (key, name): (&SecretKey, &str),
               event: Event,
               approves: Option<u64>| {
        let state = State::new(statements.iter().cloned()).expect("a register");
        statements.push(Forger { key, name }.statement(&state, o.now, event, approves));
        statements.len() as u64
    };
    let proposal = |event: &Event| Event::Proposed(Proposal::of(event.clone()).into());
    let alias =
        Event::OfficerEnrolled(Box::new(enrolment("Kari\u{a0}Nordmann", &key(30), &Role::ALL)));
    let seq = add(&mut statements, (&kari(), "Kari Nordmann"), proposal(&alias), None);
    add(&mut statements, (&ola(), "Ola Nordmann"), alias, Some(seq));
    let seq = add(&mut statements, (&kari(), "Kari Nordmann"), proposal(&revoked(number)), None);
    add(&mut statements, (&key(30), "Kari\u{a0}Nordmann"), revoked(number), Some(seq));
    let error = State::new(statements).expect_err("one person alone");
    assert!(error.to_string().contains("expected another officer"), "{error}");
    assert_eq!(error.code(), "same_officer");
}

/// An officer with a program of her own signs words that a colleague's screen would show as if they
/// were its own: lines of a review.
#[test]
fn words_that_could_not_be_entered_are_not_read() {
    let forged = [
        "x, unchanged: y\nthe rules allow it now",
        "\u{1b}[2J",
        "\u{202e}x",
        "",
        " x",
        "A\u{30a}",
        "01018012345",
    ];
    for words in forged {
        for which in 0..4 {
            let o = &mut Office::new();
            let number = o.granted();
            let limit =
                Event::Limited { certificate: number, reference: words.into(), until: None };
            let document = |name: &str| Document { name: name.into(), sha256: Digest::GENESIS };
            let of = |event, documents| {
                Event::Proposed(Proposal { documents, ..Proposal::of(event) }.into())
            };
            let event = match which {
                0 => of(revoked(number), vec![document(words)]),
                1 => of(limit, Vec::new()),
                2 => {
                    Event::Rejected { proposal: proposed(o, revoked(number)), reason: words.into() }
                }
                _ => of(revoked(number), vec![document("twice"), document("twice")]),
            };
            Forger { key: &kari(), name: "Kari Nordmann" }.insert(o, event, None);
            let error = o.register.refresh().expect_err("nobody could enter it");
            assert_eq!(error.code(), "field_invalid", "{which} {words:?}: {error}");
            assert_eq!(code(Register::open(&o.place.register())), "field_invalid");
        }
    }
}

/// What takes one officer is bound by the rules whoever reads it, whatever program wrote it: there
/// is no second one who would have looked.
#[test]
fn one_officer_alone_is_bound_by_the_rules_with_any_program() {
    let list = vernet_common::StatusListNumber::new(1).expect("a number");
    let published = |o: &Office, iat| Event::Published {
        list,
        iat,
        trust_list_seq: 1,
        statuses: Digest::GENESIS,
        log: o.register.state().log().head(),
        sha256: Digest::GENESIS,
    };
    type Forged<'a> = (&'a str, &'a dyn Fn(&Office, CertificateNumber) -> Event);
    let alone = |certificate, until: &str, end: &str| Event::Suspended {
        certificate,
        until: Some(day(until)),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day(end)),
    };
    let cases: [Forged<'_>; 7] = [
        ("suspension_too_long", &|_, number| alone(number, "2036-01-15", "2026-02-01")),
        ("emergency_too_long", &|_, number| alone(number, "2026-07-15", "2026-07-15")),
        ("emergency_repeated", &|_, _| {
            alone("NO-PE-2026-000002".parse().expect("a number"), "2026-04-01", "2026-02-10")
        }),
        ("too_few_administrators", &|_, _| Event::OfficerEnded { kid: ola().public_key().kid() }),
        ("chain", &|o, _| published(o, o.now.plus_seconds(61))),
        ("key_unknown", &|o, _| Event::KeyCompromised {
            kid: key(99).public_key().kid(),
            since: o.now,
        }),
        ("key_known", &|o, _| Event::KeyAdded {
            r#use: vernet_common::KeyUse::Certificate,
            key: kari().public_key(),
            not_before: o.now,
            not_after: o.now.plus_seconds(60),
        }),
    ];
    for (expected, forge) in cases {
        let o = &mut Office::new();
        let number = o.granted();
        let other = o.grant(json!({"hpr_number": "2"})).expect("a grant").claims.certificate_number;
        o.did(alone(other, "2026-02-01", "2026-01-20"));
        o.on("2026-01-25");
        let event = forge(o, number);
        Forger { key: &kari(), name: "Kari Nordmann" }.insert(o, event, None);
        let error = o.register.refresh().expect_err("past the rules");
        assert_eq!(error.code(), expected, "{error}");
        assert_eq!(code(Register::open(&o.place.register())), expected);
    }
}

#[test]
fn a_stranger_or_an_officer_out_of_office_signs_nothing() {
    let o = &mut Office::new();
    let number = o.granted();
    enrol(o, "Per Hansen", 23, &Role::ALL, ("2026-01-16", "2026-02-01"));
    let seq = proposed(o, revoked(number));
    assert_eq!(code(o.approve(seq, &key(99))), "officer_unknown");
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &key(99))), "officer_unknown");
    assert_eq!(code(o.approve(seq, &key(23))), "officer_not_in_office");
    o.on("2026-02-01");
    let error = o.approve(seq, &key(23)).expect_err("the period is over");
    assert_eq!(
        error.to_string(),
        "`Per Hansen` may not sign on 2026-02-01: in office from 2026-01-16 and before 2026-02-01"
    );
    assert!(o.on("2026-02-02").approve(seq, &ola()).is_ok());
}

#[test]
fn the_last_day_of_a_period_counts() {
    let o = &mut Office::new();
    let number = o.granted();
    enrol(o, "Per Hansen", 23, &Role::ALL, ("2026-01-16", "2026-02-01"));
    let seq = proposed(o, revoked(number));
    assert!(o.on("2026-01-31").approve(seq, &key(23)).is_ok());
}

#[test]
fn a_later_enrolment_takes_the_place_of_the_earlier_one_from_its_own_day_on() {
    let o = &mut Office::new();
    let number = o.granted();
    enrol(o, "Per Hansen", 23, &[Role::Supervise], ("2026-01-01", "2026-12-01"));
    enrol(o, "Per Hansen", 23, &[Role::Grant], ("2026-02-01", "2027-12-01"));
    let seq = o
        .on("2026-01-31")
        .propose(Proposal::of(revoked(number)), &key(23))
        .expect("may supervise yet")
        .seq;
    o.on("2026-02-01");
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &key(23))), "role_missing");
    assert_eq!(
        code(o.approve(seq, &ola())),
        "role_missing",
        "who proposed it may not do so any more"
    );
}

#[test]
fn an_officer_who_was_shown_the_door_signs_no_more_and_neither_count_the_proposals() {
    let o = &mut Office::new();
    let number = o.granted();
    enrol(o, "Per Hansen", 23, &Role::ALL, ("2026-01-01", "2027-01-01"));
    let seq = o.propose(Proposal::of(revoked(number)), &key(23)).expect("in office").seq;
    let kid = key(23).public_key().kid();
    o.did(Event::OfficerEnded { kid });
    let error = o.approve(seq, &ola()).expect_err("proposed by somebody who is gone");
    assert_eq!(error.code(), "officer_not_in_office");
    assert!(error.to_string().contains("the key was ended at"), "{error}");
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &key(23))), "officer_not_in_office");
    enrol(o, "Per Hansen", 23, &[Role::Supervise], ("2026-01-15", "2026-06-01"));
    assert!(o.approve(seq, &ola()).is_ok(), "two administrators gave the key back");
    assert_eq!(
        code(o.record(Event::OfficerEnded { kid: key(99).public_key().kid() })),
        "officer_unknown"
    );
}

#[test]
fn each_role_does_its_own_work_and_no_other() {
    let o = &mut Office::new();
    let number = o.granted();
    let office =
        [(24, Role::Grant), (25, Role::Supervise), (26, Role::Publish), (27, Role::Administer)];
    for (n, role) in office {
        enrol(o, role.word(), n, &[role], ("2026-01-01", "2027-01-01"));
    }
    let may = |o: &mut Office, propose: &dyn Fn() -> Proposal| -> Vec<&'static str> {
        let mut words = Vec::new();
        for (n, role) in office {
            match o.propose(propose(), &key(n)) {
                Ok(_) => words.push(role.word()),
                Err(error) => assert_eq!(error.code(), "role_missing", "{role:?}"),
            }
        }
        words
    };
    let grant = || Proposal::to_grant(application(json!({"hpr_number": "9144900"})));
    assert_eq!(may(o, &grant), ["grant"]);
    assert_eq!(may(o, &|| Proposal::to_reissue(number, ReissueReason::LostPrint, None)), ["grant"]);
    assert_eq!(may(o, &|| Proposal::of(annulled(number))), ["grant"]);
    // After a loss, the authority that took the right decides.
    let other = o.grant(json!({"hpr_number": "1001"})).expect("a grant").claims.certificate_number;
    o.did(waived(other));
    let again = json!({"hpr_number": "1001", "basis": "new_authorisation", "exam": null,
        "previous_certificate": other.to_string(), "decided": "2026-01-15", "granted": "2026-01-15"});
    assert_eq!(may(o, &|| Proposal::to_grant(application(again.clone()))), ["supervise"]);
    let refused = |changes: &Value| {
        let refused =
            crate::Refused { application: application(changes.clone()), reason: "2026/53".into() };
        Proposal::of(Event::Refused(Box::new(refused)))
    };
    assert_eq!(may(o, &|| refused(&json!({}))), ["grant"]);
    assert_eq!(may(o, &|| refused(&again)), ["supervise"]);
    for event in [
        suspended(number, "2026-03-01"),
        open_ended(number, SuspensionGround::Information),
        limited(number, None),
        instructed(number, None),
        revoked(number),
        waived(number),
    ] {
        assert_eq!(may(o, &|| Proposal::of(event.clone())), ["supervise"]);
    }
    assert_eq!(may(o, &|| Proposal::of(deceased(number))), ["grant", "supervise"]);
    assert_eq!(may(o, &|| Proposal::of(merged("9144889", "9144900"))), ["grant", "supervise"]);
    let new = || {
        Proposal::of(Event::OfficerEnrolled(Box::new(enrolment("New", &key(28), &[Role::Publish]))))
    };
    assert_eq!(may(o, &new), ["administer"]);

    let seq = proposed(o, revoked(number));
    for (n, role) in office {
        if role != Role::Supervise {
            assert_eq!(code(o.approve(seq, &key(n))), "role_missing", "{role:?}");
            assert_eq!(
                code(o.register.reject(seq, "no", &key(n), o.now)),
                "role_missing",
                "{role:?}"
            );
        }
        let published =
            o.register.publish(1, &key(n), o.now, 60, &mut |_| Ok::<_, Error>(Digest::GENESIS));
        assert_eq!(
            published.map_err(|error| error.code()).err(),
            (role != Role::Publish).then_some("role_missing")
        );
        let end = Event::OfficerEnded { kid: key(24).public_key().kid() };
        let ended = o.register.record(end, &key(n), &Decision::today(o.now));
        assert_eq!(
            ended.map_err(|error| error.code()).err(),
            (role != Role::Administer).then_some("role_missing")
        );
    }
    assert!(o.approve(seq, &key(25)).is_ok());
}

#[test]
fn a_proposal_is_decided_on_once() {
    let o = &mut Office::new();
    let number = o.granted();
    let seq = proposed(o, suspended(number, "2026-03-01"));
    let by = o.approve(seq, &ola()).expect("approved").seq;
    o.did(lifted(number));
    let error = o.approve(seq, &ola()).expect_err("a replay");
    assert_eq!(
        error.to_string(),
        format!("proposal {seq} was decided on before, by statement {by}")
    );
    assert_eq!(error.code(), "proposal_decided");
    assert_eq!(code(o.register.reject(seq, "no", &ola(), o.now)), "proposal_decided");

    let seq = proposed(o, suspended(number, "2026-03-01"));
    o.register.reject(seq, "a wrong number", &kari(), o.now).expect("taken back by who made it");
    assert_eq!(code(o.approve(seq, &ola())), "proposal_decided");
    for unknown in [0, 1, by, 999] {
        assert_eq!(code(o.approve(unknown, &ola())), "proposal_unknown", "{unknown}");
        assert_eq!(code(o.register.reject(unknown, "no", &ola(), o.now)), "proposal_unknown");
    }
    assert_eq!(code(o.register.reject(seq, "two\nlines", &ola(), o.now)), "field_invalid");
}

#[test]
fn what_was_proposed_long_ago_is_not_approved() {
    let o = &mut Office::new();
    let number = o.granted();
    let first = proposed(o, limited(number, None));
    assert!(o.on("2026-02-14").approve(first, &ola()).is_ok(), "30 days");
    let o = &mut Office::new();
    let number = o.granted();
    let seq = proposed(o, limited(number, None));
    assert_eq!(code(o.on("2026-02-15").approve(seq, &ola())), "proposal_too_old");
}

/// Whoever keeps a colleague's proposal to lift one suspension does not lift the next one with it.
#[test]
fn a_proposal_about_one_reaction_is_not_approved_about_the_next() {
    type Make = fn(CertificateNumber) -> Event;
    let suspend: Make = |number| suspended(number, "2026-03-01");
    let extend: Make = |number| extended(number, "2026-04-01");
    let limit: Make = |number| limited(number, None);
    for (first, end) in [(suspend, lifted as Make), (limit, limitation_lifted as Make)] {
        let o = &mut Office::new();
        let number = o.granted();
        o.did(first(number));
        let kept = proposed(o, end(number));
        o.on("2026-01-20").did(end(number));
        o.on("2026-01-22");
        let again = o.did(first(number));
        let error = o.approve(kept, &ola()).expect_err("it was about the first one");
        assert_eq!(error.code(), "proposal_overtaken");
        assert!(error.to_string().contains("was overtaken by statement "), "{error}");
        // Nor with a program that asks nothing.
        Forger { key: &ola(), name: "Ola Nordmann" }.insert(o, end(number), Some(kept));
        assert_eq!(code(o.register.refresh()), "proposal_overtaken");
        assert!(again > kept);
    }
    // One that ended by itself, and an extension.
    for late in [lifted as Make, extend] {
        let o = &mut Office::new();
        let number = o.granted();
        o.did(suspended(number, "2026-01-20"));
        let kept = proposed(o, late(number));
        o.on("2026-01-25").did(suspend(number));
        assert_eq!(code(o.approve(kept, &ola())), "proposal_overtaken");
    }
    // What does not change what is meant does no harm.
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspend(number));
    let kept = proposed(o, lifted(number));
    o.did(limit(number));
    assert!(o.approve(kept, &ola()).is_ok());
}

#[test]
fn the_rules_are_asked_when_it_is_proposed_and_again_when_it_is_approved() {
    let o = &mut Office::new();
    let number = o.granted();
    assert_eq!(code(o.propose(Proposal::of(lifted(number)), &kari())), "suspension_not_in_force");
    let seq = proposed(o, suspended(number, "2026-03-01"));
    o.did(revoked(number));
    assert_eq!(code(o.approve(seq, &ola())), "revoked_needs_new_authorisation");
    assert_eq!(o.register.state().open_proposal(seq).expect("still open").0.seq, seq);
}

#[test]
fn the_days_of_a_decision_are_those_that_were_proposed() {
    let o = &mut Office::new();
    let number = o.granted();
    let seq = proposed(o, suspended(number, "2026-03-01"));
    let done = o.on("2026-01-20").approve(seq, &ola()).expect("approved");
    assert_eq!(
        (done.decided_on, done.effective_on),
        (day("2026-01-20"), day("2026-01-20")),
        "the day of the approval"
    );
    let (decided_on, effective_on) = (Some(day("2026-01-20")), Some(day("2026-03-01")));
    let proposal = Proposal { decided_on, effective_on, ..Proposal::of(limited(number, None)) };
    let seq = o.propose(proposal, &kari()).expect("proposed").seq;
    let done = o.on("2026-01-25").approve(seq, &ola()).expect("approved");
    assert_eq!((Some(done.decided_on), Some(done.effective_on)), (decided_on, effective_on));
    let dated =
        Proposal { decided_on, ..Proposal::to_grant(application(json!({"hpr_number": "1"}))) };
    assert_eq!(code(o.propose(dated, &kari())), "field_invalid");
}

#[test]
fn some_things_are_never_proposed() {
    let o = &mut Office::new();
    let number = o.granted();
    let alone = Event::Suspended {
        certificate: number,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-20")),
    };
    for event in [
        alone,
        Event::Notified {
            certificate: number,
            decision: 1,
            notice: Notice::EeaAlert,
            withdrawn: None,
        },
        Event::Rejected { proposal: 1, reason: "no".into() },
    ] {
        assert_eq!(code(o.propose(Proposal::of(event), &kari())), "not_by_hand");
    }
}

#[test]
fn documents_are_kept_and_looked_at_again() {
    let o = &mut Office::new();
    let number = o.granted();
    let file = o.place.folder.path().join("decision.pdf");
    std::fs::write(&file, "the decision with its reasons").expect("written");
    let documents = Documents::new(o.place.folder.path().join("documents"));
    let new = [Documents::read(&file).expect("a document")];
    let propose = |o: &mut Office, new: &[NewDocument]| {
        let (data, now) = (o.data.clone(), o.now);
        let terms = Terms { data: &data, documents: &documents, max_age_days: 30 };
        o.register
            .propose(Proposal::of(limited(number, None)), new, &terms, &kari(), now)
            .map(|statement| statement.seq)
    };
    let seq = propose(o, &new).expect("proposed");
    let (_, proposal) = o.register.state().open_proposal(seq).expect("open");
    let document: Document = proposal.documents[0].clone();
    assert_eq!(
        (document.name.as_str(), documents.path(&document).exists()),
        ("decision.pdf", true)
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            std::fs::metadata(documents.path(&document)).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::write(documents.path(&document), "the decision with other reasons").expect("written");
    assert_eq!(code(o.approve(seq, &ola())), "document_changed");
    assert_eq!(code(propose(o, &new)), "document_changed", "the copy that is there is not trusted");
    std::fs::remove_file(documents.path(&document)).expect("removed");
    assert_eq!(code(o.approve(seq, &ola())), "document_missing");
    std::fs::write(documents.path(&document), "the decision with its reasons").expect("restored");
    assert!(o.approve(seq, &ola()).is_ok());

    let twice =
        [Documents::read(&file).expect("a document"), Documents::read(&file).expect("a document")];
    assert_eq!(code(propose(o, &twice)), "field_invalid");
    std::fs::write(&file, "").expect("written");
    assert_eq!(code(Documents::read(&file)), "field_invalid");
    assert_eq!(code(Documents::read(&o.place.folder.path().join("none"))), "io");
    let large =
        std::fs::File::create(&file).and_then(|file| file.set_len(Documents::MAX_BYTES + 1));
    large.expect("a large file");
    assert_eq!(code(Documents::read(&file)), "too_large");
}

#[test]
fn whoever_suspended_in_an_emergency_can_take_it_back_until_it_is_confirmed() {
    let o = &mut Office::new();
    let number = o.granted();
    let alone = |end: &str| Event::Suspended {
        certificate: number,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day(end)),
    };
    let lift = |o: &mut Office, officer: &SecretKey| {
        let decision = Decision { decided_on: o.now.civil_date(), effective_on: None, now: o.now };
        o.register.record(lifted(number), officer, &decision)
    };
    assert_eq!(code(lift(o, &kari())), "needs_two_officers", "nothing to take back");
    let seq = o.did(alone("2026-01-22"));
    assert_eq!(o.register.state().emergencies(o.now.civil_date()).count(), 1);
    assert_eq!(code(lift(o, &ola())), "needs_two_officers", "it is not his");
    lift(o, &kari()).expect("her own");
    assert_eq!(o.status(number), Status::Valid);
    assert_eq!(code(lift(o, &kari())), "needs_two_officers", "once");
    assert_eq!(code(o.approve(seq, &ola())), "emergency_over");
    assert_eq!(o.register.state().emergencies(o.now.civil_date()).count(), 0, "nothing waits");
    // Whoever reads the register comes to the same.
    crate::State::new(o.register.state().statements().iter().cloned()).expect("a sound register");

    // Two officers can lift it as well, whichever of them made it.
    let o = &mut Office::new();
    o.granted();
    o.did(alone("2026-01-22"));
    let proposed = o.propose(Proposal::of(lifted(number)), &ola()).expect("proposed");
    o.approve(proposed.seq, &kari()).expect("approved");
    assert_eq!(o.status(number), Status::Valid);

    let o = &mut Office::new();
    o.granted();
    let seq = o.did(alone("2026-01-22"));
    o.approve(seq, &ola()).expect("confirmed");
    assert_eq!(code(lift(o, &kari())), "needs_two_officers", "two have decided");
    // A program that knows no rules writes it all the same: nobody believes it.
    let forger = Forger { key: &ola(), name: "Ola Nordmann" };
    let forged = forger.statement(o.register.state(), o.now, lifted(number), None);
    let mut statements: Vec<_> = o.register.state().statements().to_vec();
    statements.push(forged);
    assert_eq!(code(crate::State::new(statements)), "needs_two_officers");
}

#[test]
fn one_officer_suspends_alone_for_some_days() {
    let o = &mut Office::new();
    let number = o.granted();
    let alone = Event::Suspended {
        certificate: number,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-22")),
    };
    let seq = o.did(alone.clone());
    assert_eq!(o.status(number), Status::Suspended);
    assert_eq!(o.code(number, "2026-01-21", "2026-01-21"), "suspended");
    assert_eq!(o.code(number, "2026-01-22", "2026-01-22"), "authorised", "nobody confirmed it");
    assert_eq!(code(o.approve(seq, &kari())), "same_officer");
    let confirmed = o.on("2026-01-20").approve(seq, &ola()).expect("confirmed");
    assert_eq!(confirmed.event, Event::Confirmed { certificate: number, decision: seq });
    assert_eq!(o.code(number, "2026-02-28", "2026-01-20"), "suspended");
    assert_eq!(o.code(number, "2026-02-28", "2026-01-19"), "authorised", "as known before");
    assert_eq!(o.code(number, "2026-03-01", "2026-01-20"), "authorised");
    assert_eq!(code(o.approve(seq, &ola())), "proposal_decided");
    // Nobody else than who may supervise.
    enrol(o, "Per Hansen", 23, &[Role::Grant], ("2026-01-01", "2027-01-01"));
    let second =
        o.grant(json!({"hpr_number": "9144900"})).expect("a grant").claims.certificate_number;
    let alone = Event::Suspended {
        certificate: second,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-25")),
    };
    assert_eq!(
        code(o.register.record(alone.clone(), &key(23), &Decision::today(o.now))),
        "role_missing"
    );
    let seq = o.did(alone);
    assert_eq!(code(o.approve(seq, &key(23))), "role_missing");
}

#[test]
fn what_was_written_past_the_rules_is_found_when_it_is_read() {
    let o = &mut Office::new();
    let number = o.granted();
    let seq = proposed(o, revoked(number));
    let before = o.register.state().statements().to_vec();
    let approval = o.approve(seq, &ola()).expect("approved");
    let fold = |change: &dyn Fn(&mut Statement)| {
        let mut statement = approval.clone();
        change(&mut statement);
        State::new(before.iter().cloned().chain([statement]))
    };
    assert!(fold(&|_| {}).is_ok());
    let kid = |key: SecretKey| key.public_key().kid();
    for (what, change, expected) in [
        (
            "without its proposal",
            &(|s: &mut Statement| s.approves = None) as &dyn Fn(&mut Statement),
            "needs_two_officers",
        ),
        ("another event", &|s| s.event = waived(number), "approval_mismatch"),
        (
            "another person",
            &|s| s.event = revoked("NO-PE-2026-000009".parse().expect("a number")),
            "approval_mismatch",
        ),
        ("another day", &|s| s.effective_on = day("2026-01-16"), "approval_mismatch"),
        ("another decision date", &|s| s.decided_on = day("2026-01-14"), "approval_mismatch"),
        (
            "another proposal",
            &|s| s.approves = Some(Approves { seq: 1, sha256: Digest::GENESIS }),
            "proposal_unknown",
        ),
        (
            "another hash",
            &|s| s.approves = Some(Approves { seq, sha256: Digest::GENESIS }),
            "approval_mismatch",
        ),
        (
            "by the same officer",
            &|s| (s.kid, s.officer) = (kid(kari()), "Kari Nordmann".parse().expect("a name")),
            "same_officer",
        ),
        (
            "in the name of another",
            &|s| s.officer = "Kari Nordmann".parse().expect("a name"),
            "officer_name",
        ),
        ("by a stranger", &|s| s.kid = kid(key(99)), "officer_unknown"),
        ("a hundred years later", &|s| s.recorded_at = noon("2101-01-01"), "officer_not_in_office"),
        ("before the one before", &|s| s.recorded_at = s.recorded_at.plus_seconds(-1), "chain"),
        (
            "a second founding",
            &|s| {
                s.event = Event::Founded(Box::new(crate::Founded {
                    iss: iss(),
                    officers: founders(),
                    titles: Vec::new(),
                    roots: None,
                }))
            },
            "not_founded",
        ),
    ] {
        let error = fold(change).expect_err(what);
        assert_eq!(error.code(), expected, "{what}: {error}");
        assert!(
            error.to_string().starts_with(&format!("statement {}", approval.seq)),
            "{what}: {error}"
        );
    }
    let (_, proposal) = State::new(before.iter().cloned())
        .expect("a state")
        .open_proposal(seq)
        .map(|(s, p)| (s.seq, p.clone()))
        .expect("open");
    assert!(matches!(proposal.act, Act::Decide { .. }));
}

#[test]
fn an_office_is_founded_by_two_administrators_and_once() {
    let found = |officers: Vec<Enrolment>, signer: &SecretKey| {
        let place = Place::empty();
        let mut register = Register::create(&place.register()).expect("a register");
        register.found(&iss(), officers, signer, noon("2026-01-15")).map(|_| register)
    };
    assert_eq!(code(found(founders(), &key(99))), "officer_unknown");
    assert_eq!(code(found(founders()[..1].to_vec(), &kari())), "too_few_administrators");
    let mut one = founders();
    one[1].roles = [Role::Grant].into();
    assert_eq!(code(found(one, &kari())), "too_few_administrators");
    let mut same = founders();
    same[1].name = same[0].name.clone();
    assert_eq!(code(found(same, &kari())), "too_few_administrators");
    let mut later = founders();
    later[1].from = day("2026-01-16");
    assert_eq!(code(found(later, &kari())), "too_few_administrators");
    let mut register = found(founders(), &ola()).expect("founded");
    assert_eq!(register.state().statements()[0].officer.as_str(), "Ola Nordmann");
    let again = register.found(&iss(), founders(), &kari(), noon("2026-01-15"));
    assert_eq!(code(again), "not_founded");

    let place = Place::empty();
    let mut empty = Register::create(&place.register()).expect("a register");
    let nothing =
        empty.ensure_status_list(&kari(), noon("2026-01-15"), &mut ChaCha20Rng::from_seed([1; 32]));
    assert_eq!(code(nothing), "officer_unknown", "nobody is an officer before the founding");
}
