//! A register that went on from an old backup, and takes back what the last publication says.

use vernet_common::{KeyUse, StatusList, StatusListNumber, TrustedKey};

use super::{
    audit::{founded, publish},
    *,
};
use crate::{
    State,
    state::due::DueKind,
    statements::{
        digest::Digest,
        restored::{Restored, RestoredList},
    },
};

fn list_of(state: &State, list: StatusListNumber, now: NumericDate) -> StatusList {
    let mut statuses = StatusList::new();
    for (index, status) in state.status_list_content(list, now.civil_date(), now) {
        statuses.set(index, status);
    }
    statuses
}

/// What the newest register has published, and the old one does not know.
fn taken_back(newest: &Office, old: &State) -> Restored {
    let (state, now) = (newest.register.state(), newest.now);
    let known = old.log().entries().len();
    let list = |list| {
        let published = state.last_publication(list).expect("it was published");
        RestoredList {
            list,
            iat: published.iat,
            trust_list_seq: published.trust_list_seq,
            sha256: Digest::of(&published.iat.seconds().to_be_bytes()),
            slots: old.lost_slots((list, &list_of(state, list, now)), published.iat, now),
        }
    };
    Restored {
        before: old.log().head(),
        log: state.log().head(),
        certificates: state.log().entries()[known..].to_vec(),
        lists: state.status_lists().map(list).collect(),
        trust_lists: Vec::new(),
        keys: Vec::new(),
    }
}

fn restored(restored: Restored) -> Event {
    Event::Restored(Box::new(restored))
}

/// The backup of an office's register, in which another officer goes on.
fn backup(o: &Office) -> Office {
    let place = Place::empty();
    crate::copy(&o.place.register(), &place.register()).expect("a copy");
    let register = Register::open(&place.register()).expect("a register");
    Office {
        place,
        register,
        rng: ChaCha20Rng::from_seed([6; 32]),
        data: OfficeData::sample(),
        now: o.now,
    }
}

/// An office with four certificates, its newest register and the backup of before: since then the
/// first was revoked, the second suspended, the third issued anew, the fourth limited, and a fifth
/// granted.
struct Lost {
    newest: Office,
    old: Office,
    numbers: [CertificateNumber; 4],
}

fn lost() -> Lost {
    let mut newest = founded();
    newest.on("2026-02-01");
    let numbers = ["1", "2", "3", "4"].map(|hpr| {
        newest.grant(json!({"hpr_number": hpr})).expect("a grant").claims.certificate_number
    });
    publish(&mut newest);
    let mut old = backup(&newest);
    newest.on("2026-02-03");
    newest.did(revoked(numbers[0]));
    newest.did(suspended(numbers[1], "2026-05-01"));
    newest.reissue(numbers[2], ReissueReason::LostPrint, None).expect("a new print");
    newest.did(limited(numbers[3], None));
    newest.grant(json!({"hpr_number": "5"})).expect("a grant");
    publish(&mut newest);
    old.on("2026-02-05");
    newest.now = old.now;
    Lost { newest, old, numbers }
}

impl Lost {
    fn restored() -> Self {
        let mut lost = lost();
        let event = restored(taken_back(&lost.newest, lost.old.register.state()));
        lost.old.did(event);
        lost
    }

    fn codes(&self) -> [&'static str; 4] {
        let today = self.old.now.civil_date();
        let state = self.old.register.state();
        self.numbers
            .map(|number| state.standing(number, today, self.old.now).expect("known").code())
    }

    fn due(&self) -> Vec<(CertificateNumber, DueKind)> {
        let due = self.old.register.state().due(self.old.now.civil_date(), 10, self.old.now);
        let ours = |what: &DueKind| {
            matches!(what, DueKind::LostDecision { .. } | DueKind::PaperMissing { .. })
        };
        due.into_iter()
            .filter(|due| ours(&due.what))
            .inspect(|due| assert!(due.overdue))
            .map(|due| (due.certificate, due.what))
            .collect()
    }
}

fn code(refused: Result<Statement, Error>) -> &'static str {
    refused.expect_err("refused").code()
}

#[test]
fn what_was_published_stays_so_and_the_log_goes_on() {
    let Lost { newest, old, numbers } = Lost::restored();
    let (before, after) = (newest.register.state(), old.register.state());
    assert_eq!(after.log().head(), before.log().head());
    assert_eq!(after.log().entries(), before.log().entries());
    for list in before.status_lists() {
        let [published, now] = [before, after].map(|state| list_of(state, list, old.now));
        assert!(published == now, "list {list}: hospitals see no slot change");
        assert_eq!(after.last_publication(list), before.last_publication(list));
    }
    assert_eq!(
        numbers.map(|number| old.status(number)),
        [Status::Invalid, Status::Suspended, Status::Invalid, Status::Conditions]
    );
    let restore = after.statements().last().expect("statements");
    for number in numbers {
        let history = after.history(number).expect("known");
        assert!(history.contains(&restore), "it is in the history of each");
    }
    // The day before, nobody could know.
    let before = noon("2026-02-04");
    let status = after.certificate_status(numbers[0], before.civil_date(), before);
    assert_eq!(status.expect("known"), Status::Valid);
}

#[test]
fn the_rights_rest_until_two_officers_decide_anew() {
    let mut lost = Lost::restored();
    let [a, b, c, d] = lost.numbers;
    assert_eq!(lost.codes(), ["suspended", "suspended", "suspended", "with_conditions"]);
    let restore = lost.old.register.state().statements().len() as u64;
    let due = |number, hospitals| (number, DueKind::LostDecision { restore, hospitals });
    assert_eq!(
        lost.due(),
        [
            due(a, Status::Invalid),
            due(b, Status::Suspended),
            due(c, Status::Invalid),
            due(d, Status::Conditions)
        ]
    );
    let o = &mut lost.old;
    publish(o);
    o.on("2026-02-06");
    // One officer alone neither ends it nor puts a week in its place.
    let alone = Decision::today(o.now);
    for event in [lifted(b), revoked(a), suspended(b, "2026-06-01"), limitation_lifted(d)] {
        assert_eq!(code(o.register.record(event, &kari(), &alone)), "needs_two_officers");
    }
    let week = |certificate| Event::Suspended {
        certificate,
        until: Some(day("2026-02-10")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-02-10")),
    };
    assert_eq!(code(o.register.record(week(b), &kari(), &alone)), "suspension_overlaps");
    assert_eq!(code(o.record(extended(b, "2026-06-01"))), "suspension_end_mismatch");
    let early = o.reissue(a, ReissueReason::LostPrint, None).expect_err("it is invalid");
    assert_eq!(early.code(), "reissue_reason_mismatch");

    // A is revoked anew, as it was; B is suspended as it was; C is lifted; D is limited again.
    let revocation = o.dated(revoked(a), "2026-02-03", "2026-02-03").expect("as it was").seq;
    o.dated(suspended(b, "2026-05-01"), "2026-02-03", "2026-02-03").expect("as it was");
    o.did(lifted(c));
    o.did(limited(d, Some("2026-12-01")));
    assert_eq!(lost.codes(), ["revoked", "suspended", "authorised", "with_conditions"]);
    assert_eq!(
        lost.due(),
        [(c, DueKind::PaperMissing { because: ReissueReason::Correction })],
        "what was invalid at hospitals stays so"
    );
    let o = &mut lost.old;
    publish(o);
    let new_c = o.reissue(c, ReissueReason::Correction, None).expect("a paper");
    assert_eq!((o.status(c), o.status(new_c)), (Status::Invalid, Status::Valid));
    o.did(reversed(a, revocation));
    assert_eq!(o.code(a, "2026-02-06", "2026-02-06"), "authorised", "the appeal counts");
    let new_a = o.reissue(a, ReissueReason::Correction, None).expect("a paper");
    assert_eq!((o.status(a), o.status(new_a)), (Status::Invalid, Status::Valid));
    o.on("2026-05-02");
    assert_eq!(o.status(b), Status::Valid, "the suspension ended by itself, as it was decided");
    let reactions = o.register.state().reactions(c, o.now.civil_date(), o.now).expect("known");
    assert_eq!(reactions, [], "nobody decided anything about C");
    publish(o);
    crate::audit(&o.place.register(), None).expect("no fault");
    lost.old.on("2026-12-02");
    assert_eq!(lost.codes()[3], "authorised");
}

#[test]
fn a_lost_certificate_is_revoked_by_what_its_holder_shows() {
    let mut lost = Lost::restored();
    let held = lost.newest.register.state().certificates().map(|it| it.jws.to_owned());
    let held: Vec<String> = held.collect();
    let (known, shown) = (&held[0], held.last().expect("the one of 5"));
    let revoked = |jws: &str| Event::LostRevoked { jws: jws.to_owned() };
    let o = &mut lost.old;
    let slot = o.register.state().lost_slot(shown).expect("it was lost");
    let status = |o: &Office| list_of(o.register.state(), slot.0, o.now).get(slot.1);
    assert_eq!(status(o), Status::Valid);

    let unknown = format!("{}A", &shown[..shown.len() - 1]);
    assert_eq!(code(o.record(revoked(&unknown))), "certificate_not_lost");
    let error = o.record(revoked(known)).expect_err("it is known");
    assert!(error.to_string().contains("which the register has"), "{error}");

    o.did(revoked(shown));
    assert_eq!(status(o), Status::Invalid);
    assert_eq!(code(o.record(revoked(shown))), "lost_revoked_before");
    publish(o);
    crate::audit(&o.place.register(), None).expect("the lists are what the register says");
}

#[test]
fn neither_a_number_nor_a_slot_is_given_out_twice() {
    let Lost { newest, mut old, numbers } = Lost::restored();
    let lost: Vec<_> = newest.register.state().certificates().map(|c| c.claims.clone()).collect();
    let next = old.grant(json!({"hpr_number": "6"})).expect("a grant").claims;
    assert_eq!(next.certificate_number.serial(), 7, "four are known, and two are lost");
    let list = |claims: &CertificateClaims| claims.status.status_list.uri.number();
    assert!(
        lost.iter()
            .all(|one| list(one) < list(&next) && one.certificate_number < next.certificate_number)
    );
    assert_eq!(
        old.grant(json!({"hpr_number": "7"})).expect("a grant").claims.certificate_number.serial(),
        8
    );
    publish(&mut old);
    // The lost certificates are of 2026.
    let later = old.on("2027-01-05").grant(json!({"hpr_number": "8"})).expect("a grant").claims;
    assert_eq!(later.certificate_number.to_string(), "NO-PE-2027-000001");
    publish(&mut old);
    let audited = crate::audit(&old.place.register(), None).expect("no fault");
    assert_eq!(audited.certificates(), numbers.len() + 3);
    assert_eq!(
        Register::open(&old.place.register()).expect("sound").state().log().head(),
        old.register.state().log().head()
    );
}

#[test]
fn a_second_loss_can_be_taken_back_too() {
    let mut lost = Lost::restored();
    let o = &mut lost.old;
    publish(o);
    let mut older = backup(o);
    let sixth = o.on("2026-02-10").grant(json!({"hpr_number": "6"})).expect("a grant").claims;
    o.did(revoked(lost.numbers[1]));
    publish(o);
    older.on("2026-02-11");
    lost.old.now = older.now;
    let event = restored(taken_back(&lost.old, older.register.state()));
    older.did(event);
    let list = sixth.status.status_list.uri.number();
    assert_eq!(
        list_of(older.register.state(), list, older.now),
        list_of(lost.old.register.state(), list, older.now),
        "a list that the backup did not have is kept whole"
    );
    assert_eq!(older.status(lost.numbers[1]), Status::Invalid);
    let next = older.grant(json!({"hpr_number": "7"})).expect("a grant").claims;
    assert_eq!(next.certificate_number.serial(), 8, "four, two that were lost, and one more");
    assert!(next.status.status_list.uri.number() > list);
    publish(&mut older);
    crate::audit(&older.place.register(), None).expect("no fault");
}

#[test]
fn a_restore_that_does_not_follow_is_refused() {
    let mut lost = lost();
    let sound = taken_back(&lost.newest, lost.old.register.state());
    let o = &mut lost.old;
    let mut refused = |change: fn(&mut Restored)| {
        let mut changed = sound.clone();
        change(&mut changed);
        code(o.record(restored(changed)))
    };
    assert_eq!(refused(|r| r.certificates.truncate(1)), "restore_forked");
    assert_eq!(refused(|r| r.certificates.reverse()), "restore_forked");
    assert_eq!(refused(|r| r.log = r.before), "restore_forked");
    assert_eq!(refused(|r| r.before.size += 1), "restore_forked");
    assert_eq!(refused(|r| r.lists[0].iat = noon("2026-03-01")), "clock_behind");
    assert_eq!(refused(|r| r.lists[0].slots.reverse()), "field_invalid");
    assert_eq!(
        refused(|r| {
            let log = r.before;
            *r = Restored { log, certificates: vec![], lists: vec![], ..r.clone() };
        }),
        "nothing_lost"
    );
    // Somebody granted from the backup before anybody thought of what was lost.
    o.grant(json!({"hpr_number": "9"})).expect("a grant");
    let late = taken_back(&lost.newest, lost.old.register.state());
    assert_eq!(code(lost.old.record(restored(late))), "restore_forked");
}

#[test]
fn decisions_alone_can_be_lost_and_the_register_may_have_gone_on() {
    let mut newest = founded();
    let number = newest.on("2026-01-15").granted();
    publish(&mut newest);
    let mut old = backup(&newest);
    newest.on("2026-01-20").did(revoked(number));
    publish(&mut newest);
    // The published log is the beginning of the register's.
    old.on("2026-01-21").grant(json!({"hpr_number": "6"})).expect("a grant");
    newest.now = old.now;
    let mut event = taken_back(&newest, newest.register.state());
    event.before = old.register.state().log().head();
    let list = event.lists[0].list;
    let published = list_of(newest.register.state(), list, newest.now);
    event.lists[0].slots =
        old.register.state().lost_slots((list, &published), event.lists[0].iat, old.now);
    old.did(restored(event));
    assert_eq!(old.status(number), Status::Invalid);
    publish(&mut old);
    crate::audit(&old.place.register(), None).expect("no fault");
}

#[test]
fn nothing_is_issued_or_published_while_a_restore_waits() {
    let mut lost = lost();
    let event = restored(taken_back(&lost.newest, lost.old.register.state()));
    let o = &mut lost.old;
    let lift = o.propose(Proposal::of(lifted(lost.numbers[1])), &kari());
    assert_eq!(code(lift), "suspension_not_in_force");
    assert_eq!(
        code(o.register.record(event.clone(), &kari(), &Decision::today(o.now))),
        "needs_two_officers"
    );
    let seq = o.propose(Proposal::of(event.clone()), &kari()).expect("proposed").seq;
    assert_eq!(o.grant(json!({"hpr_number": "9"})).expect_err("refused").code(), "restore_pending");
    assert_eq!(
        o.reissue(lost.numbers[2], ReissueReason::LostPrint, None).expect_err("refused").code(),
        "restore_pending"
    );
    let sign = &mut |_: &crate::ListToSign| Ok::<_, Error>(Digest::of(b"signed"));
    let published = o.register.publish(1, &kari(), o.now, 60, sign);
    assert_eq!(published.expect_err("refused").code(), "restore_pending");
    assert_eq!(code(o.approve(seq, &kari())), "same_officer");
    o.register.reject(seq, "the newest register was found", &ola(), o.now).expect("rejected");
    publish(o);
}

/// What the register says counts, if it is more than hospitals were told: it may be that the lifting
/// was lost, and officers are told of it.
#[test]
fn a_lifting_that_was_lost_is_listed_and_not_believed() {
    let mut newest = founded();
    let number = newest.on("2026-01-15").granted();
    newest.did(suspended(number, "2026-03-01"));
    publish(&mut newest);
    let mut old = backup(&newest);
    newest.on("2026-01-20").did(lifted(number));
    publish(&mut newest);
    newest.now = old.on("2026-01-21").now;
    let event = taken_back(&newest, old.register.state());
    let (list, iat) = (event.lists[0].list, event.lists[0].iat);
    let published = list_of(newest.register.state(), list, newest.now);
    let better = old.register.state().told_better((list, &published), iat, old.now);
    let [one] = better[..] else { panic!("one, but {better:?}") };
    assert_eq!(
        (one.certificate, one.hospitals, one.register),
        (number, Status::Valid, Status::Suspended)
    );
    let later = noon("2026-03-02");
    assert_eq!(old.register.state().told_better((list, &published), iat, later), []);
    old.did(restored(event));
    assert_eq!(old.status(number), Status::Suspended);
    old.did(lifted(number));
    assert_eq!(old.status(number), Status::Valid);
    publish(&mut old);
    crate::audit(&old.place.register(), None).expect("no fault");
}

/// A proposal of before was about another suspension than that which rests on what was lost.
#[test]
fn what_was_proposed_before_lifts_nothing_that_was_lost() {
    let mut newest = founded();
    let number = newest.on("2026-01-15").granted();
    newest.did(suspended(number, "2026-03-01"));
    let lift = newest.propose(Proposal::of(lifted(number)), &kari()).expect("proposed").seq;
    publish(&mut newest);
    let mut old = backup(&newest);
    newest.on("2026-01-20").did(revoked(number));
    publish(&mut newest);
    newest.now = old.on("2026-01-21").now;
    let event = restored(taken_back(&newest, old.register.state()));
    old.did(event);
    assert_eq!(code(old.approve(lift, &ola())), "proposal_overtaken");
    assert_eq!(old.status(number), Status::Invalid);
}

#[test]
fn keys_that_were_lost_or_stolen_since_are_known_again() {
    let mut lost = lost();
    let mut event = taken_back(&lost.newest, lost.old.register.state());
    let o = &mut lost.old;
    let key = |seed: u8| SecretKey::from_seed(&[seed; 32]).public_key();
    let trusted = |seed, compromised_at, log_size| TrustedKey {
        key: key(seed),
        r#use: KeyUse::Certificate,
        not_before: noon("2026-02-03"),
        not_after: Some(noon("2030-01-01")),
        compromised_at,
        log_size,
    };
    // The office's own was stolen, when five certificates were in the log; and another was added.
    event.keys = vec![trusted(1, Some(noon("2026-02-04")), Some(5)), trusted(9, None, None)];
    o.did(restored(event));
    let state = o.register.state();
    assert_eq!(state.log_size_at_compromise(key(1).kid()), Some(5), "as the roots have signed");
    assert!(!state.is_refused_with_its_key(lost.numbers[0]).expect("known"));
    let again = Event::KeyAdded {
        r#use: KeyUse::Certificate,
        key: key(9),
        not_before: o.now,
        not_after: noon("2030-01-01"),
    };
    assert_eq!(code(o.record(again)), "key_known");
    // One hears that the lost key is in other hands.
    o.did(Event::KeyCompromised { kid: key(9).kid(), since: noon("2026-02-03") });
    assert_eq!(
        o.register.state().log_size_at_compromise(key(9).kid()),
        Some(4),
        "all that are known"
    );
    // And that the other one was stolen earlier than was thought.
    o.did(Event::KeyCompromised { kid: key(1).kid(), since: noon("2026-01-30") });
    assert_eq!(o.register.state().log_size_at_compromise(key(1).kid()), Some(0));
    // What it signs now is of a stolen key, and the audit says so.
    o.grant(json!({"hpr_number": "9"})).expect("the register does not know the key files");
    let fault = crate::audit(&o.place.register(), None).expect_err("a stolen key signed");
    assert_eq!(fault.code(), "certificate_differs");
}
