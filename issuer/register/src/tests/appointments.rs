//! No office can lock itself out: the roots appoint officers, and a stolen key can always be ended.

use vernet_common::{
    Entries, KeyUse, LogHead, PublicKey, Roots, SignedTrustList, TrustList, TrustedLog,
};

use super::*;
use crate::{
    Appointment, EndedKey, Register, SignedAppointment, State, check_appointment,
    statements::{appointment::Appointed, digest::Digest},
};

fn root(n: u8) -> SecretKey {
    SecretKey::from_seed(&[100 + n; 32])
}

/// Three root keys of which two must sign.
fn roots() -> Roots {
    roots_of([1, 2, 3])
}

fn roots_of(keys: [u8; 3]) -> Roots {
    Roots { keys: keys.map(|n| root(n).public_key()).into(), threshold: 2 }
}

fn per() -> SecretKey {
    SecretKey::from_seed(&[23; 32])
}

fn mona() -> SecretKey {
    SecretKey::from_seed(&[24; 32])
}

fn kid(key: &SecretKey) -> vernet_common::KeyId {
    key.public_key().kid()
}

/// An office of two founders that pinned its roots at its founding.
fn office(until: &str) -> Office {
    let place = Place::empty();
    let mut register = Register::create(&place.register()).expect("a register");
    let officers = founders().into_iter().map(|one| Enrolment { until: day(until), ..one });
    let founders =
        Founders { officers: officers.collect(), titles: Vec::new(), roots: Some(roots()) };
    register.found(&iss(), founders, &kari(), noon("2001-01-01")).expect("founded");
    let rng = ChaCha20Rng::from_seed([5; 32]);
    let mut o =
        Office { place, register, rng, data: OfficeData::sample(), now: noon("2026-01-15") };
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let (not_before, not_after) = (o.now, o.now.plus_seconds(86_400 * 365));
    o.did(Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after });
    o
}

fn new_officer(name: &str, key: &SecretKey) -> Enrolment {
    Enrolment { from: day("2026-01-01"), ..enrolment(name, key, &Role::ALL) }
}

/// An appointment as it would be drafted now.
fn draft(o: &Office, officers: Vec<Enrolment>, ended: &[(&str, &SecretKey)]) -> Appointment {
    let state = o.register.state();
    let ended = ended
        .iter()
        .map(|(name, key)| EndedKey { officer: name.parse().expect("a name"), kid: kid(key) });
    Appointment {
        iss: iss(),
        iat: o.now,
        seq: state.statements().len() as u64,
        head: state.head(),
        officers,
        ended: ended.collect(),
    }
}

fn signed(appointment: &Appointment, by: &[u8]) -> SignedAppointment {
    let mut signed = SignedAppointment::unsigned(appointment).expect("consistent");
    by.iter().for_each(|n| signed.add_signature(&root(*n)).expect("signs"));
    signed
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.expect_err("an error").code()
}

fn appoint(o: &mut Office, signed: SignedAppointment, by: &SecretKey) -> Result<Statement, Error> {
    o.register.appoint(signed, by, o.now)
}

/// The register as another program reads it.
fn read_again(o: &Office) {
    let read = Register::open(&o.place.register()).expect("a sound register");
    assert_eq!(read.state().head(), o.register.state().head());
    crate::audit(&o.place.register(), None).expect("nothing wrong in it");
}

#[test]
fn of_two_founders_one_loses_the_key_and_the_roots_appoint_a_third() {
    let o = &mut office("2101-01-01");
    let number = o.granted();
    let third = || vec![new_officer("Per Hansen", &per())];
    // Ola's key is lost: Kari alone enrols nobody.
    let enrolled = Event::OfficerEnrolled(Box::new(third().remove(0)));
    let proposed = o.propose(Proposal::of(enrolled), &kari()).expect("proposed");
    assert_eq!(code(o.approve(proposed.seq, &kari())), "same_officer");
    let appointment = draft(o, third(), &[("Ola Nordmann", &ola())]);
    check_appointment(o.register.state(), &appointment, o.now).expect("nothing against it");
    let statement = appoint(o, signed(&appointment, &[1, 3]), &per()).expect("appointed");
    assert_eq!(
        (statement.officer.as_str(), statement.kid, statement.event.name(), statement.approves),
        ("Per Hansen", kid(&per()), "appointed", None)
    );
    // The office works on, and the lost key signs nothing any more.
    let proposal = o.propose(Proposal::of(suspended(number, "2026-03-01")), &kari());
    let seq = proposal.expect("proposed").seq;
    assert_eq!(code(o.approve(seq, &ola())), "officer_not_in_office");
    o.approve(seq, &per()).expect("approved");
    assert_eq!(o.status(number), Status::Suspended);
    read_again(o);
}

#[test]
fn where_all_periods_ended_together_the_roots_appoint() {
    let o = &mut office("2026-02-01");
    let number = o.granted();
    o.on("2026-02-01");
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &kari())), "officer_not_in_office");
    let again = vec![new_officer("Kari Nordmann", &kari()), new_officer("Ola Nordmann", &ola())];
    let appointment = draft(o, again, &[]);
    // The roots take their time.
    o.on("2026-02-20");
    appoint(o, signed(&appointment, &[1, 2]), &ola()).expect("appointed");
    let seq = o.propose(Proposal::of(revoked(number)), &kari()).expect("in office again").seq;
    o.approve(seq, &ola()).expect("approved");
    read_again(o);
}

/// The office publishes every hour while the roots sign; a thief can write, too.
#[test]
fn an_appointment_is_good_until_the_officers_change() {
    let o = &mut office("2101-01-01");
    let number = o.granted();
    let two = || vec![new_officer("Per Hansen", &per()), new_officer("Mona Lie", &mona())];
    let appointment = draft(o, two(), &[("Ola Nordmann", &ola())]);
    o.propose(Proposal::of(revoked(number)), &ola()).expect("the thief has Ola's key");
    o.did(Event::OfficerEnded { kid: kid(&ola()) });
    o.did(Event::OfficerEnded { kid: kid(&kari()) });
    appoint(o, signed(&appointment, &[2, 3]), &mona()).expect("nothing is in its way");

    // What was recorded cannot be recorded again, whatever happened since.
    let once_more = signed(&appointment, &[1, 2, 3]);
    o.register
        .record(Event::OfficerEnded { kid: kid(&mona()) }, &per(), &Decision::today(o.now))
        .expect("ended");
    let error = appoint(o, once_more, &mona()).expect_err("a replay");
    assert_eq!(error.code(), "appointment_overtaken");
    assert!(error.to_string().contains("overtaken by statement "), "{error}");

    // Nor one that was drafted before somebody was enrolled.
    let o = &mut office("2101-01-01");
    let appointment = draft(o, two(), &[]);
    o.did(Event::OfficerEnrolled(Box::new(new_officer("Per Hansen", &per()))));
    assert_eq!(code(appoint(o, signed(&appointment, &[1, 2]), &mona())), "appointment_overtaken");

    // Nor one that would restore a key that was found stolen meanwhile.
    let o = &mut office("2101-01-01");
    let again = vec![new_officer("Ola Nordmann", &ola()), new_officer("Per Hansen", &per())];
    let appointment = draft(o, again, &[]);
    o.did(Event::OfficerEnded { kid: kid(&ola()) });
    assert_eq!(code(appoint(o, signed(&appointment, &[1, 2]), &per())), "appointment_overtaken");
}

#[test]
fn what_the_roots_did_not_sign_appoints_nobody() {
    let third = || vec![new_officer("Per Hansen", &per())];
    type Change<'a> = &'a dyn Fn(&mut Appointment);
    let nothing: Change<'_> = &|_| {};
    let cases: [(&str, Change<'_>, &[u8], &str); 9] = [
        ("one signature too few", nothing, &[1], "threshold_not_reached"),
        ("one key twice", nothing, &[1, 1], "threshold_not_reached"),
        ("foreign roots", nothing, &[7, 8, 9], "threshold_not_reached"),
        (
            "another issuer",
            &|a| a.iss = "https://other.example.no".parse().expect("a URL"),
            &[1, 2],
            "appointment_of_another",
        ),
        ("another register", &|a| a.head = Digest::of(b"other"), &[1, 2], "appointment_elsewhere"),
        ("another place", &|a| a.seq -= 1, &[1, 2], "appointment_elsewhere"),
        ("a place to come", &|a| a.seq += 1, &[1, 2], "appointment_elsewhere"),
        ("a month ago", &|a| a.iat = noon("2025-12-15"), &[1, 2], "appointment_too_old"),
        ("tomorrow", &|a| a.iat = noon("2026-01-16"), &[1, 2], "clock_behind"),
    ];
    for (what, change, by, expected) in cases {
        let o = &mut office("2101-01-01");
        o.granted();
        let mut appointment = draft(o, third(), &[]);
        change(&mut appointment);
        let signed = signed(&appointment, by);
        let before = o.register.state().statements().len();
        let error = appoint(o, signed.clone(), &per()).expect_err(what);
        assert_eq!(error.code(), expected, "{what}: {error}");
        assert_eq!(o.register.state().statements().len(), before, "{what}");
        // Nor does anybody who reads it believe it, whatever program wrote it.
        let event = Event::Appointed(Box::new(Appointed { appointment: signed }));
        Forger { key: &per(), name: "Per Hansen" }.insert(o, event, None);
        assert_eq!(code(o.register.refresh()), expected, "{what}");
        assert_eq!(code(Register::open(&o.place.register())), expected, "{what}");
    }
    // The last day counts.
    let o = &mut office("2101-01-01");
    let mut appointment = draft(o, third(), &[]);
    appointment.iat = noon("2025-12-16");
    appoint(o, signed(&appointment, &[1, 2]), &per()).expect("30 days old");
}

#[test]
fn an_appointment_obeys_the_rules_of_an_enrolment() {
    let o = &mut office("2101-01-01");
    let key = SecretKey::from_seed(&[70; 32]).public_key();
    let (not_before, not_after) = (o.now, o.now.plus_seconds(86_400));
    o.did(Event::KeyAdded { r#use: KeyUse::Log, key, not_before, not_after });
    let per_as = |change: &dyn Fn(&mut Enrolment)| {
        let mut one = new_officer("Per Hansen", &per());
        change(&mut one);
        one
    };
    let short = |one: &mut Enrolment| one.until = one.from;
    type Refused<'a> = (&'a str, Enrolment, &'a [(&'a str, &'a SecretKey)], &'a str);
    let cases: [Refused<'_>; 9] = [
        ("no day", per_as(&short), &[], "enrolment_without_length"),
        ("no role", per_as(&|one| one.roles.clear()), &[], "enrolment_without_length"),
        (
            "a name like another",
            per_as(&|one| one.name = "kari nordmann".parse().expect("a name")),
            &[],
            "officer_name_resembles",
        ),
        (
            "a key of another",
            per_as(&|one| one.key = ola().public_key().into()),
            &[],
            "officer_key_of_another",
        ),
        ("a working key", per_as(&|one| one.key = key.into()), &[], "key_known"),
        ("a root key", per_as(&|one| one.key = root(1).public_key().into()), &[], "key_known"),
        ("nobody's key ended", per_as(&|_| {}), &[("Eva Ås", &mona())], "officer_unknown"),
        ("another's key ended", per_as(&|_| {}), &[("Ola Nordmann", &kari())], "officer_name"),
        (
            "one administrator left",
            per_as(&|_| {}),
            &[("Ola Nordmann", &ola()), ("Kari Nordmann", &kari())],
            "too_few_administrators",
        ),
    ];
    for (what, officer, ended, expected) in cases {
        let appointment = draft(o, vec![officer], ended);
        let error = check_appointment(o.register.state(), &appointment, o.now).expect_err(what);
        assert_eq!(error.code(), expected, "{what}: {error}");
        let event =
            Event::Appointed(Box::new(Appointed { appointment: signed(&appointment, &[1, 2]) }));
        let forger = Forger { key: &per(), name: "Per Hansen" };
        let next = forger.statement(o.register.state(), o.now, event, None);
        let statements = o.register.state().statements().to_vec();
        assert_eq!(code(State::new(statements.into_iter().chain([next]))), expected, "{what}");
    }
    // An appointment that contradicts itself is not even signed.
    let kari_again = || new_officer("Kari Nordmann", &kari());
    for (officers, ended) in [
        (vec![], vec![("Ola Nordmann", &ola())]),
        (vec![kari_again(), kari_again()], vec![]),
        (vec![kari_again()], vec![("Kari Nordmann", &kari())]),
    ] {
        let ended: Vec<_> = ended.iter().map(|(name, key)| (*name, *key)).collect();
        let appointment = draft(o, officers, &ended);
        let error = SignedAppointment::unsigned(&appointment).expect_err("inconsistent");
        assert_eq!(error.code(), "inconsistent");
    }
}

#[test]
fn one_of_the_appointed_records_it_and_nobody_else() {
    let o = &mut office("2101-01-01");
    let later = Enrolment { from: day("2026-02-01"), ..new_officer("Mona Lie", &mona()) };
    let appointment = draft(o, vec![new_officer("Per Hansen", &per()), later], &[]);
    let both = || signed(&appointment, &[1, 2]);
    assert_eq!(code(appoint(o, both(), &kari())), "not_appointed");
    assert_eq!(code(appoint(o, both(), &mona())), "not_appointed", "her period has not begun");
    let event = Event::Appointed(Box::new(Appointed { appointment: both() }));
    // It is no proposal, and no officer records it as a decision.
    assert_eq!(code(o.propose(Proposal::of(event.clone()), &kari())), "not_by_hand");
    let alone = o.register.record(event.clone(), &kari(), &Decision::today(o.now));
    assert_eq!(code(alone), "not_by_hand");
    // In the name of somebody else, and as an approval, with a program that asks nothing.
    let number = o.granted();
    let seq = o.propose(Proposal::of(revoked(number)), &kari()).expect("proposed").seq;
    let forged = |name, approves| {
        let statements = o.register.state().statements().to_vec();
        let forger = Forger { key: &per(), name };
        let next = forger.statement(o.register.state(), o.now, event.clone(), approves);
        code(State::new(statements.into_iter().chain([next])))
    };
    assert_eq!(forged("Mona Lie", None), "officer_name");
    assert_eq!(forged("Per Hansen", Some(seq)), "approval_mismatch");
    // In a register that pins no roots nobody is appointed.
    let o = &mut Office::new();
    let appointment = draft(o, vec![new_officer("Per Hansen", &per())], &[]);
    assert_eq!(code(appoint(o, signed(&appointment, &[1, 2, 3]), &per())), "roots_not_pinned");
    assert_eq!(
        code(check_appointment(o.register.state(), &appointment, o.now)),
        "roots_not_pinned"
    );
}

#[test]
fn a_stolen_key_of_one_of_two_administrators_is_ended_at_once() {
    let o = &mut office("2101-01-01");
    let number = o.granted();
    o.did(Event::OfficerEnded { kid: kid(&ola()) });
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &ola())), "officer_not_in_office");
    // Also the last one, which is then for the roots to replace.
    o.did(Event::OfficerEnded { kid: kid(&kari()) });
    assert_eq!(code(o.propose(Proposal::of(revoked(number)), &kari())), "officer_not_in_office");
    let new = vec![new_officer("Per Hansen", &per()), new_officer("Mona Lie", &mona())];
    let appointment = draft(o, new, &[]);
    appoint(o, signed(&appointment, &[1, 2]), &per()).expect("appointed");
    let seq = o.propose(Proposal::of(revoked(number)), &per()).expect("in office").seq;
    o.approve(seq, &mona()).expect("approved");
    read_again(o);
}

#[test]
fn an_office_that_was_founded_without_roots_pins_them_by_two_administrators() {
    let o = &mut Office::new();
    let pin = |roots: Roots| Event::RootsPinned { roots: Box::new(roots) };
    let ended = o.record(Event::OfficerEnded { kid: kid(&ola()) }).expect_err("the old rule");
    assert_eq!(ended.code(), "too_few_administrators");
    assert!(ended.to_string().contains("as long as no root keys are pinned"), "{ended}");
    let alone = o.register.record(pin(roots()), &kari(), &Decision::today(o.now));
    assert_eq!(code(alone), "needs_two_officers");
    let officers_key = Roots { keys: [kari().public_key()].into(), threshold: 1 };
    assert_eq!(code(o.propose(Proposal::of(pin(officers_key)), &kari())), "key_known");
    let too_many = Roots { threshold: 4, ..roots() };
    assert_eq!(code(o.propose(Proposal::of(pin(too_many)), &kari())), "inconsistent");
    assert_eq!(o.register.state().pinned_roots(), None);
    // A proposal that lies about is overtaken by a later one.
    let kept = o.propose(Proposal::of(pin(roots_of([7, 8, 9]))), &kari()).expect("proposed").seq;
    o.did(pin(roots()));
    assert_eq!(o.register.state().pinned_roots(), Some(&roots()));
    assert_eq!(code(o.approve(kept, &ola())), "proposal_overtaken");
    o.did(Event::OfficerEnded { kid: kid(&ola()) });
    let appointment = draft(o, vec![new_officer("Per Hansen", &per())], &[]);
    appoint(o, signed(&appointment, &[1, 2]), &per()).expect("appointed");
    read_again(o);
    // No enrolment makes a root key an officer's.
    let rooted = Event::OfficerEnrolled(Box::new(new_officer("Eva Ås", &root(3))));
    assert_eq!(code(o.propose(Proposal::of(rooted), &kari())), "key_known");
    // And no office is founded so.
    let place = Place::empty();
    let mut register = Register::create(&place.register()).expect("a register");
    let rooted = Roots { keys: [ola().public_key()].into(), threshold: 1 };
    let founders = Founders { officers: founders(), titles: Vec::new(), roots: Some(rooted) };
    assert_eq!(code(register.found(&iss(), founders, &kari(), o.now)), "key_known");
}

fn trust_list(o: &Office, seq: u64, roots: Roots) -> TrustList {
    TrustList {
        iss: iss(),
        seq,
        iat: o.now,
        exp: o.now.plus_seconds(86_400),
        roots,
        keys: Entries::default(),
        log: TrustedLog::new(LogHead::empty()),
        office: None,
        profiles: Entries::default(),
        titles: Entries::default(),
    }
}

/// The statement about a trust list, with the list.
fn list_signed(list: &TrustList, by: &[u8]) -> Event {
    let mut signed = SignedTrustList::unsigned(list).expect("consistent");
    by.iter().for_each(|n| signed.add_signature(&root(*n)).expect("signs"));
    Event::TrustListSigned {
        seq: list.seq,
        iat: list.iat,
        exp: list.exp,
        sha256: Digest::from(*signed.hash().as_bytes()),
        list: Some(Box::new(signed)),
    }
}

#[test]
fn the_register_follows_a_trust_list_to_new_roots_if_the_old_ones_signed_it() {
    let o = &mut office("2101-01-01");
    let new = || roots_of([7, 8, 9]);
    let list = trust_list(o, 1, new());
    // One administrator with a program of her own, and roots of her own.
    for too_few in [&[7, 8, 9][..], &[1, 7, 8], &[1, 2, 7]] {
        let error = o.record(list_signed(&list, too_few)).expect_err("not enough");
        assert_eq!(error.code(), "threshold_not_reached", "{too_few:?}");
        assert_eq!(o.register.state().pinned_roots(), Some(&roots()));
    }
    let forger = Forger { key: &kari(), name: "Kari Nordmann" };
    let forged = forger.statement(o.register.state(), o.now, list_signed(&list, &[7, 8, 9]), None);
    let statements = o.register.state().statements().to_vec();
    assert_eq!(code(State::new(statements.into_iter().chain([forged]))), "threshold_not_reached");
    // A genuine list in a statement about another one.
    let other =
        TrustList { iss: "https://other.example.no".parse().expect("a URL"), ..list.clone() };
    let event = list_signed(&list, &[1, 2, 7, 8]);
    let with = |change: &dyn Fn(&mut u64, &mut Digest)| match event.clone() {
        Event::TrustListSigned { mut seq, iat, exp, mut sha256, list } => {
            change(&mut seq, &mut sha256);
            Event::TrustListSigned { seq, iat, exp, sha256, list }
        }
        other => other,
    };
    for wrong in [
        list_signed(&other, &[1, 2, 7, 8]),
        with(&|seq, _| *seq += 1),
        with(&|_, sha256| *sha256 = Digest::GENESIS),
    ] {
        assert_eq!(code(o.record(wrong)), "trust_list_mismatch");
    }
    let own: PublicKey = ola().public_key();
    let officers_key = Roots { keys: [own].into(), threshold: 1 };
    let mut theirs =
        SignedTrustList::unsigned(&trust_list(o, 1, officers_key)).expect("consistent");
    for key in [&root(1), &root(2), &ola()] {
        theirs.add_signature(key).expect("signs");
    }
    let event_of = |signed: SignedTrustList| Event::TrustListSigned {
        seq: list.seq,
        iat: list.iat,
        exp: list.exp,
        sha256: Digest::from(*signed.hash().as_bytes()),
        list: Some(Box::new(signed)),
    };
    assert_eq!(code(o.record(event_of(theirs))), "key_known");

    o.did(event);
    assert_eq!(o.register.state().pinned_roots(), Some(&new()));
    let appointment = draft(o, vec![new_officer("Per Hansen", &per())], &[]);
    assert_eq!(code(appoint(o, signed(&appointment, &[1, 2, 3]), &per())), "threshold_not_reached");
    appoint(o, signed(&appointment, &[7, 9]), &per()).expect("the new roots appoint");
    read_again(o);
    // A register that pins none follows none.
    let o = &mut Office::new();
    assert_eq!(code(o.record(list_signed(&list, &[1, 2, 7, 8]))), "roots_not_pinned");
}

#[test]
fn an_appointment_counts_from_its_statement_on() {
    let o = &mut office("2101-01-01");
    let number = o.granted();
    let appointment = draft(o, vec![new_officer("Per Hansen", &per())], &[]);
    let before = o.register.state().statements().to_vec();
    let forger = Forger { key: &per(), name: "Per Hansen" };
    let proposed = |state: &State| {
        let event = Event::Proposed(Proposal::of(revoked(number)).into());
        forger.statement(state, o.now, event, None)
    };
    let state = State::new(before.iter().cloned()).expect("sound");
    let early = proposed(&state);
    assert_eq!(code(State::new(before.iter().cloned().chain([early]))), "officer_unknown");
    let event =
        Event::Appointed(Box::new(Appointed { appointment: signed(&appointment, &[1, 2]) }));
    let appointed = forger.statement(&state, o.now, event, None);
    let all: Vec<_> = before.into_iter().chain([appointed]).collect();
    let state = State::new(all.iter().cloned()).expect("sound");
    let late = proposed(&state);
    let state = State::new(all.into_iter().chain([late])).expect("sound");
    let names: Vec<_> = state
        .officers()
        .in_role_on(Role::Administer, day("2026-01-15"))
        .map(|officer| officer.as_str().to_owned())
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

/// An old register, without roots, is written byte for byte as before.
#[test]
fn a_founding_without_roots_reads_as_before() {
    let o = Office::new();
    let founding = String::from_utf8(o.register.state().statements()[0].to_bytes().expect("JSON"))
        .expect("UTF-8");
    assert!(!founding.contains("roots"), "{founding}");
    let o = office("2101-01-01");
    let founding = String::from_utf8(o.register.state().statements()[0].to_bytes().expect("JSON"))
        .expect("UTF-8");
    assert!(founding.contains(r#""roots":{"keys":["#), "{founding}");
}
