//! The issued log, and what hospitals conclude from the time of a list: a certificate that bears
//! this time or an earlier one, and is not in the log that the list names, was never issued.

use vernet_common::{CertificateHash, LogHead};

use super::{audit::founded, *};
use crate::{decisions::publish::ListToSign, state::due::DueKind, statements::digest::Digest};

/// Signs nothing; the register only asks for the hash of what was signed.
fn publish(register: &mut Register, now: NumericDate) -> Result<NumericDate, Error> {
    register.publish(1, &kari(), now, 60, &mut |list: &ListToSign| {
        Ok::<_, Error>(Digest::of(list.statuses.as_bytes()))
    })
}

/// An office whose register has no fault: its certificate key is in it.
fn office() -> Office {
    let mut o = founded();
    o.on("2026-01-15");
    o
}

/// Every certificate is before a list in the register, or dated after it: never both, never
/// neither.
fn assert_ordered(register: &Register) -> (usize, usize) {
    let statements = register.state().statements();
    let certificates: Vec<_> =
        statements.iter().filter_map(|s| Some((s.seq, s.event.issued()?.0.iat))).collect();
    let lists: Vec<_> = statements
        .iter()
        .filter_map(|s| match s.event {
            Event::Published { iat, .. } => Some((s.seq, iat)),
            _ => None,
        })
        .collect();
    for (list, published) in &lists {
        for (certificate, iat) in &certificates {
            assert_eq!(
                certificate < list,
                iat <= published,
                "statements {certificate} of {iat}, {list} of {published}"
            );
        }
    }
    (certificates.len(), lists.len())
}

#[test]
fn a_certificate_of_the_second_of_a_publication_is_dated_after_it() {
    let mut o = office();
    o.register.ensure_status_list(&kari(), o.now, &mut o.rng).expect("a list");
    let before = o.grant(json!({"hpr_number": "1"})).expect("a grant");
    assert_eq!(before.claims.iat, o.now);
    let published = publish(&mut o.register, o.now).expect("a publication");
    assert_eq!(published, o.now);
    let after = o.grant(json!({"hpr_number": "2"})).expect("a grant");
    assert_eq!(after.claims.iat, published.plus_seconds(1));
    // Further ahead, as after many publications in one second.
    let published = (0..9)
        .map(|_| publish(&mut o.register, o.now).expect("a publication"))
        .last()
        .expect("nine");
    assert_eq!(published, o.now.plus_seconds(9));
    let ahead = o.grant(json!({"hpr_number": "3"})).expect("a grant");
    assert_eq!(ahead.claims.iat, published.plus_seconds(1));
    let again = o
        .reissue(ahead.claims.certificate_number, ReissueReason::LostPrint, None)
        .expect("a new print");
    let again = o.register.state().certificate(again).expect("there").claims.iat;
    assert_eq!(again, published.plus_seconds(1));
    o.now = published.plus_seconds(5);
    assert_eq!(
        o.grant(json!({"hpr_number": "4"})).expect("a grant").claims.iat,
        o.now,
        "the clock is later"
    );
    assert_eq!(assert_ordered(&o.register), (5, 10));
    crate::audit(&o.place.register(), None).expect("no fault");
}

/// Two processes, as far as the data base can tell: each has a connection of its own, and both work
/// at the same instant.
#[test]
fn whoever_grants_while_another_publishes_comes_before_the_list_or_is_dated_after_it() {
    const EACH: u32 = 25;
    let mut o = office();
    o.register.ensure_status_list(&kari(), o.now, &mut o.rng).expect("a list");
    let (at, now) = (o.place.register(), o.now);
    let publisher = std::thread::spawn(move || {
        let mut register = Register::open(&at).expect("a register");
        for _ in 0..EACH {
            publish(&mut register, now).expect("a publication");
        }
    });
    for person in 1..=EACH {
        o.grant(json!({"hpr_number": person.to_string()})).expect("a grant");
    }
    publisher.join().expect("no panic");
    o.register.refresh().expect("readable");
    assert_eq!(assert_ordered(&o.register), (EACH as usize, EACH as usize));
    crate::audit(&o.place.register(), None).expect("no fault");
}

/// The publisher waits until the certificate is in the register, although its own clock was read
/// before.
#[test]
fn a_publication_waits_for_a_certificate_that_is_being_signed() {
    let mut o = office();
    o.register.ensure_status_list(&kari(), o.now, &mut o.rng).expect("a list");
    let proposal = Proposal::to_grant(application(json!({"hpr_number": "1"})));
    let seq = o.propose(proposal, &kari()).expect("proposed").seq;
    let (at, now) = (o.place.register(), o.now);
    let mut publisher = None;
    let mut sign_slowly = |claims: &CertificateClaims| {
        let at = at.clone();
        publisher = Some(std::thread::spawn(move || {
            let mut register = Register::open(&at).expect("a register");
            publish(&mut register, now).expect("a publication")
        }));
        sign(claims)
    };
    o.with(&mut sign_slowly, |desk| desk.approve(seq, &ola())).expect("approved");
    publisher.expect("it was signed").join().expect("no panic");
    o.register.refresh().expect("readable");
    assert_eq!(assert_ordered(&o.register), (1, 1));
    let last = o.register.state().statements().last().expect("statements");
    assert_eq!(last.event.name(), "published", "after the certificate");
}

#[test]
fn the_log_is_every_certificate_in_the_order_of_recording_and_only_grows() {
    let mut o = office();
    assert_eq!(o.register.state().log().head(), LogHead::empty());
    assert_eq!(o.register.state().published_log(), None);
    let first = o.granted();
    let one = o.register.state().log().head();
    publish(&mut o.register, o.now).expect("a publication");
    let between = o.now.plus_seconds(60);
    o.now = between.plus_seconds(60);
    let second =
        o.reissue(first, ReissueReason::NameChange, Some(("Åse", "Østby"))).expect("a new name");
    o.did(revoked(second));
    let third = o.grant(json!({"hpr_number": "2"})).expect("a grant").claims.certificate_number;
    let state = o.register.state();
    assert_eq!(
        [first, second, third].map(|number| state.log_index(number).expect("in the log")),
        [0, 1, 2]
    );
    assert_eq!(
        state.log_index("NO-PE-2026-000009".parse().expect("a number")).expect_err("none").code(),
        "not_found"
    );
    let entries = [first, second, third].map(|number| {
        let jws = state.certificate(number).expect("there").jws;
        CertificateHash::of(&Signed::parse(jws).expect("a certificate"))
    });
    assert_eq!(state.log().entries(), entries, "also of what was superseded and revoked");
    assert_eq!((state.log().head().size, state.published_log()), (3, Some(one)));
    assert_eq!((state.log().tree().head_at(1), state.log().tree().head_at(4)), (Some(one), None));
    assert_eq!(state.log().tree().head_at(3), Some(state.log().head()));
    assert_eq!(
        [between, o.now, o.now.plus_seconds(1)].map(|at| state.log_size_before(at)),
        [1, 1, 3]
    );
}

#[test]
fn of_a_stolen_key_only_what_was_recorded_after_the_theft_is_signed_anew() {
    let mut o = office();
    let kid = SecretKey::from_seed(&[1; 32]).public_key().kid();
    let all = |o: &Office| -> Vec<_> {
        o.register.certificates_of_key(kid, ReissueReason::KeyRotation, o.now).collect()
    };
    let due = |o: &Office| -> Vec<_> {
        let due = o.register.state().due(o.now.civil_date(), 0, o.now).into_iter();
        due.filter(|due| due.what == DueKind::KeyStolen { kid })
            .map(|due| (due.certificate, due.on, due.overdue))
            .collect()
    };
    let before = o.on("2026-01-15").granted();
    let after = o
        .on("2026-01-17")
        .grant(json!({"hpr_number": "2"}))
        .expect("a grant")
        .claims
        .certificate_number;
    let revoked_after =
        o.grant(json!({"hpr_number": "3"})).expect("a grant").claims.certificate_number;
    o.did(revoked(revoked_after));
    assert_eq!(
        (all(&o), due(&o)),
        (vec![before, after], vec![]),
        "a rotation is about all that are live"
    );

    o.on("2026-01-18").did(Event::KeyCompromised { kid, since: noon("2026-01-17") });
    assert_eq!(
        o.register.state().log_size_at_compromise(kid),
        Some(1),
        "what was recorded at that very instant is not older"
    );
    assert_eq!((all(&o), due(&o)), (vec![after], vec![(after, day("2026-01-18"), false)]));
    o.on("2026-01-20");
    assert_eq!(due(&o), [(after, day("2026-01-18"), true)]);
    // It turns out that the thief was there earlier.
    o.did(Event::KeyCompromised { kid, since: noon("2026-01-15") });
    assert_eq!(o.register.state().log_size_at_compromise(kid), Some(0));
    assert_eq!(all(&o), [before, after]);
    assert_eq!(due(&o).iter().map(|due| due.0).collect::<Vec<_>>(), [before, after]);
    // Nobody takes that back.
    o.did(Event::KeyCompromised { kid, since: noon("2026-01-19") });
    assert_eq!(due(&o).len(), 2);
}
