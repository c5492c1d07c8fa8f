//! An excerpt of the register says of a certificate what the whole register says.
//!
//! Each history that another test makes is looked at in this way too, when its place is left, see
//! [`compare_with_whole`].

use std::{collections::BTreeSet, path::Path};

use rand::Rng;

use super::*;
use crate::{
    Excerpt,
    state::{index::State, record::CertificateRecord},
    statements::{
        digest::Digest,
        dispatch::{Dispatched, Handling, Paper},
    },
    storage::location::RegisterLocation,
    store::high_water::HighWater,
};

/// Looks up every certificate of a register, as this machine has seen it at several times, and
/// compares what is found with the whole register. One that is refused as a whole is left alone.
/// Returns how often an excerpt was enough, and how often not.
pub(super) fn compare_with_whole(at: &RegisterLocation, most: usize) -> (usize, usize) {
    let Ok(register) = Register::open(at) else { return (0, 0) };
    let whole = register.state();
    let folder = tempfile::tempdir().expect("a folder");
    let (mut enough, mut not_enough) = (0, 0);
    let count = whole.statements().len();
    for seen in spread((1..=count).rev().collect(), most) {
        let mark = folder.path().join(format!("{seen}.json"));
        remember(&mark, whole, seen);
        let numbers = whole.certificates().map(|c| c.claims.certificate_number).collect();
        for number in spread(numbers, most) {
            match Excerpt::open(at, &mark, number).expect("it can be read") {
                Some(excerpt) => {
                    enough += 1;
                    let expected = whole.record_of(number).expect("a certificate");
                    assert_eq!(said(whole, &excerpt.record()), said(whole, &expected), "{seen}");
                    assert_eq!(Some(excerpt.recorded_until()), whole.recorded_until());
                    let first = whole.statements().first().zip(whole.hash(1));
                    assert_eq!(excerpt.founding(), first);
                }
                None => {
                    assert_ne!(seen, count, "{number}: all of it was seen");
                    not_enough += 1;
                }
            }
        }
    }
    (enough, not_enough)
}

/// The first of these, and some others.
fn spread<T>(all: Vec<T>, most: usize) -> Vec<T> {
    let each = all.len().div_ceil(most).max(1);
    all.into_iter().step_by(each).collect()
}

/// Makes the mark of a machine that has seen so many statements.
fn remember(mark: &Path, whole: &State, seen: usize) {
    let state = State::new(whole.statements()[..seen].to_vec()).expect("a state");
    HighWater::read(mark).expect("none").settle(&state).expect("written");
}

/// Everything that is said of a certificate, on many days, as known at many times.
fn said(whole: &State, record: &CertificateRecord<'_>) -> Vec<String> {
    let days: BTreeSet<CivilDate> = whole
        .statements()
        .iter()
        .flat_map(|statement| statement.days().chain([statement.decided_on]))
        .flat_map(|day| [day, day.plus_days(-1)])
        .collect();
    let instants: BTreeSet<NumericDate> =
        whole.statements().iter().map(|statement| statement.recorded_at).collect();
    let certificate = record.certificate();
    let mut said = vec![
        format!("{certificate:?} {:?}", record.grant()),
        record.officers().collect::<Vec<_>>().join(", "),
    ];
    for known_at in spread(instants.into_iter().rev().collect(), 12) {
        said.push(format!("{:?}", record.successor(known_at)));
        said.extend(record.dispatches(known_at).map(|papers| format!("{papers:?}")));
        for on in spread(days.iter().rev().copied().collect(), 24) {
            let (standing, status) = (record.standing(on, known_at), record.status(on, known_at));
            let status = status.map_err(|error| error.to_string());
            let replacement = record.replacement(on, known_at);
            said.push(format!("{on} {known_at}: {:?} {status:?} {replacement:?}", standing.ok()));
        }
    }
    said
}

fn mark(o: &Office) -> std::path::PathBuf {
    o.place.folder.path().join("mark.json")
}

/// This machine reads the register.
fn see(o: &Office) {
    Register::open_marked(&o.place.register(), &mark(o))
        .and_then(|mut register| register.refresh())
        .expect("the register");
}

fn excerpt(o: &Office, number: CertificateNumber) -> Option<Excerpt> {
    Excerpt::open(&o.place.register(), &mark(o), number).expect("it can be read")
}

fn change(o: &Office, sql: &str) {
    o.place.raw().past_protection().execute(sql).expect(sql);
}

/// An office with people whose records touch each other.
fn with_a_past() -> (Office, Vec<CertificateNumber>) {
    let mut o = Office::new();
    let first = o.granted();
    let grant = |o: &mut Office, hpr: &str| {
        let issued = o.grant(json!({"hpr_number": hpr})).expect("a grant");
        issued.claims.certificate_number
    };
    let [second, third] = ["1000007", "1000015"].map(|hpr| grant(&mut o, hpr));
    o.did(suspended(first, "2026-04-15"));
    let renamed = o.reissue(second, ReissueReason::NameChange, Some(("Åse", "Ny"))).expect("new");
    o.did(Event::Dispatched(Box::new(Dispatched {
        what: Paper::Letter,
        how: Handling::Sent,
        certificates: vec![first, renamed, third],
        decision: None,
        to: None,
    })));
    o.did(revoked(third));
    o.did(merged("1000015", "1000007"));
    (o, vec![first, second, third, renamed])
}

#[test]
fn what_this_machine_has_seen_is_enough_for_every_certificate() {
    let (o, numbers) = with_a_past();
    see(&o);
    for number in numbers {
        assert!(excerpt(&o, number).is_some(), "{number}");
    }
}

#[test]
fn what_others_wrote_since_is_in_it() {
    let (mut o, numbers) = with_a_past();
    see(&o);
    let first = numbers[0];
    let lifted = o.did(lifted(first));
    o.register
        .publish(1, &kari(), o.now, 0, &mut |_| Ok::<_, Error>(Digest::GENESIS))
        .expect("published");
    let fourth = o.grant(json!({"hpr_number": "1000023"})).expect("a grant");
    let proposed = o.propose(Proposal::of(revoked(first)), &kari()).expect("a proposal");
    o.register.reject(proposed.seq, "withdrawn", &kari(), o.now).expect("rejected");
    let alone = Event::Suspended {
        certificate: first,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-20")),
    };
    o.did(alone);
    let notice = Event::Notified {
        certificate: first,
        decision: lifted,
        notice: Notice::Hpr,
        withdrawn: None,
    };
    drop(o.record(notice));
    for number in numbers.into_iter().chain([fourth.claims.certificate_number]) {
        assert!(excerpt(&o, number).is_some(), "{number}");
    }
    let excerpt = excerpt(&o, first).expect("an excerpt");
    let standing = excerpt.record().standing(day("2026-01-16"), o.now).expect("a standing");
    assert_eq!(standing.code(), "suspended");
}

#[test]
fn a_row_of_the_person_or_the_office_that_was_changed_is_noticed() {
    for part in ["\"until\":\"2026-04-15\"", "\"event\":{\"iss\"", "9144889"] {
        let (o, numbers) = with_a_past();
        see(&o);
        let first = numbers[0];
        assert!(excerpt(&o, first).is_some());
        change(
            &o,
            &format!(
                "UPDATE statement SET body = replace(body, '{part}', '{}')",
                part.replace(['1', 'i'], "0")
            ),
        );
        assert!(excerpt(&o, first).is_none(), "{part}");
        let error = Register::open_marked(&o.place.register(), &mark(&o)).expect_err("refused");
        assert_eq!(error.code(), "chain", "{part}");
    }
}

#[test]
fn a_signature_of_the_person_that_was_changed_takes_the_whole_register() {
    let (o, numbers) = with_a_past();
    see(&o);
    let none = o.place.raw().bytes(&[0; 64]);
    change(&o, &format!("UPDATE statement SET signature = {none} WHERE seq = 4"));
    assert!(excerpt(&o, numbers[0]).is_none());
}

#[test]
fn another_register_or_an_older_one_takes_the_whole() {
    let (mut o, numbers) = with_a_past();
    let older = Place::empty();
    crate::copy(&o.place.register(), &older.register()).expect("a copy");
    o.grant(json!({"hpr_number": "1000031"})).expect("a grant");
    see(&o);
    let found = |at: &Place| Excerpt::open(&at.register(), &mark(&o), numbers[0]).expect("read");
    assert!(found(&o.place).is_some() && found(&older).is_none());
    let (other, _) = with_a_past();
    assert!(found(&other.place).is_none());
}

#[test]
fn a_forged_statement_since_is_not_in_it() {
    let (o, numbers) = with_a_past();
    see(&o);
    // Alone, what takes two.
    Forger { key: &kari(), name: "Kari Nordmann" }.insert(&o, lifted(numbers[0]), None);
    assert!(excerpt(&o, numbers[0]).is_none());
    assert!(excerpt(&o, numbers[1]).is_none(), "whoever it is about");
}

#[test]
fn what_another_statement_takes_is_noticed_in_those_since() {
    let (mut o, numbers) = with_a_past();
    let proposed = o.propose(Proposal::of(revoked(numbers[0])), &kari()).expect("a proposal").seq;
    o.register.reject(proposed, "withdrawn", &kari(), o.now).expect("rejected");
    see(&o);
    assert!(excerpt(&o, numbers[0]).is_some());
    // It was rejected long before.
    Forger { key: &ola(), name: "Ola Nordmann" }.insert(&o, revoked(numbers[0]), Some(proposed));
    assert!(excerpt(&o, numbers[0]).is_none());
    let error = Register::open_marked(&o.place.register(), &mark(&o)).expect_err("refused");
    assert!(error.to_string().contains(&format!("proposal {proposed}")), "{error}");
}

#[test]
fn without_a_mark_or_a_catalogue_there_is_none_until_the_register_is_read_again() {
    type Harm = fn(&Path);
    let harms: [Harm; 6] = [
        |file| std::fs::remove_file(file).expect("removed"),
        |file| {
            std::fs::write(file, "not a data base, and longer than a header of one".repeat(99))
                .expect("written")
        },
        |file| std::fs::write(file, "").expect("written"),
        |file| sqlite(file, "PRAGMA user_version = 0"),
        |file| sqlite(file, "DROP TABLE subject"),
        |file| sqlite(file, "UPDATE statement SET hash = zeroblob(32)"),
    ];
    for (place, harm) in harms.into_iter().enumerate() {
        let (o, numbers) = with_a_past();
        see(&o);
        harm(&mark(&o).with_extension("catalogue"));
        assert!(excerpt(&o, numbers[0]).is_none(), "{place}");
        see(&o);
        assert!(excerpt(&o, numbers[0]).is_some(), "{place}");
    }
    let (o, numbers) = with_a_past();
    see(&o);
    std::fs::remove_file(mark(&o)).expect("removed");
    assert!(excerpt(&o, numbers[0]).is_none());
    see(&o);
    assert!(excerpt(&o, numbers[0]).is_some());
}

#[test]
fn what_an_accident_does_to_the_catalogue_is_noticed() {
    for (person, sql) in [
        // Half of what is about a right, and nothing of a person.
        (0, "UPDATE subject SET seqs = substr(seqs, 1, 16) WHERE name = 'NO-PE-2026-000001'"),
        (0, "DELETE FROM subject WHERE name = 'hpr 9144889'"),
        (0, "DELETE FROM subject WHERE name = 'office'"),
        // Of somebody who turned out to be the same person.
        (1, "UPDATE subject SET name = 'NO-PE-2026-000009' WHERE name = 'NO-PE-2026-000003'"),
        (0, "DELETE FROM statement WHERE seq = 4"),
    ] {
        let (o, numbers) = with_a_past();
        see(&o);
        sqlite(&mark(&o).with_extension("catalogue"), sql);
        assert!(excerpt(&o, numbers[person]).is_none(), "{sql}");
        see(&o);
        assert!(excerpt(&o, numbers[person]).is_some(), "{sql}");
    }
}

#[test]
fn a_catalogue_that_is_behind_the_mark_or_ahead_of_it_is_good() {
    let (mut o, numbers) = with_a_past();
    see(&o);
    let catalogue = mark(&o).with_extension("catalogue");
    let (old_mark, old) =
        [mark(&o), catalogue.clone()].map(|file| std::fs::read(file).expect("a file")).into();
    o.did(lifted(numbers[0]));
    see(&o);
    let says_authorised = |o: &Office| {
        let excerpt = excerpt(o, numbers[0]).expect("an excerpt");
        let standing = excerpt.record().standing(o.now.civil_date(), o.now).expect("a standing");
        assert_eq!(standing.code(), "authorised");
    };
    says_authorised(&o);
    let new = std::fs::read(&catalogue).expect("a file");
    std::fs::write(&catalogue, old).expect("written");
    says_authorised(&o);
    std::fs::write(&catalogue, new).expect("written");
    std::fs::write(mark(&o), old_mark).expect("written");
    says_authorised(&o);
}

#[test]
fn a_number_that_nobody_has_is_for_the_whole_register() {
    let (o, _) = with_a_past();
    see(&o);
    assert!(excerpt(&o, "NO-PE-2026-000099".parse().expect("a number")).is_none());
}

#[test]
fn after_a_restore_the_catalogue_is_that_of_the_restored_register() {
    let (mut o, numbers) = with_a_past();
    let older = Place::empty();
    crate::copy(&o.place.register(), &older.register()).expect("a copy");
    o.did(lifted(numbers[0]));
    see(&o);
    // As the manual says: the mark is put aside.
    std::fs::remove_file(mark(&o)).expect("removed");
    Register::open_marked(&older.register(), &mark(&o))
        .and_then(|mut register| register.refresh())
        .expect("the restored register");
    let excerpt = Excerpt::open(&older.register(), &mark(&o), numbers[0]).expect("read");
    let excerpt = excerpt.expect("an excerpt");
    let standing = excerpt.record().standing(o.now.civil_date(), o.now).expect("a standing");
    assert_eq!(standing.code(), "suspended");
}

/// So many certificates and times, that a test does not take minutes where each takes a connection.
fn many(o: &Office) -> usize {
    if matches!(o.place.register(), RegisterLocation::File(_)) { 14 } else { 3 }
}

#[test]
fn where_everything_happened_an_excerpt_is_enough_nearly_always() {
    let o = super::audit::a_full_register();
    let (enough, not_enough) = compare_with_whole(&o.place.register(), many(&o));
    assert!(not_enough * 2 < enough, "{enough}, {not_enough}");
}

/// The last decision about a certificate that can be appealed against.
fn last_decision(o: &Office, number: CertificateNumber) -> Option<u64> {
    let about = |it: &&Statement| it.event.certificate() == Some(number);
    let mut statements = o.register.state().statements().iter().rev().filter(about);
    let decision = statements.find(|it| {
        matches!(it.event, Event::Revoked { .. } | Event::Suspended { .. } | Event::Limited { .. })
    });
    decision.map(|it| it.seq)
}

/// Decisions at random about four people whose numbers are merged and corrected. Most are refused by
/// a rule, and then there is no statement. Those of a dated one take effect on other days, too.
pub(super) fn a_life_at_random(seed: u8, is_dated: bool) -> Office {
    let mut o = Office::new();
    o.rng = ChaCha20Rng::from_seed([seed; 32]);
    let hprs = ["1000007", "1000015", "1000023", "1000031"];
    let mut random = ChaCha20Rng::from_seed([seed.wrapping_add(100); 32]);
    let mut pick = |of: usize| random.next_u32() as usize % of;
    let mut numbers = Vec::new();
    for hpr in hprs {
        let issued = o.grant(json!({"hpr_number": hpr})).expect("a grant");
        numbers.push(issued.claims.certificate_number);
    }
    for _ in 0..if is_dated { 90 } else { 60 } {
        if pick(3) == 0 {
            o.now = o.now.plus_seconds(86_400 * (1 + pick(60) as i64));
        }
        let (number, hpr, other) =
            (numbers[pick(numbers.len())], hprs[pick(4)], hprs[pick(4)].to_owned());
        let (today, count) = (o.now.civil_date(), o.register.state().statements().len());
        let seq = match is_dated && pick(3) > 0 {
            true => last_decision(&o, number).unwrap_or(1),
            false => 1 + pick(count) as u64,
        };
        let event = match pick(18 + 2 * usize::from(is_dated)) {
            0 => Event::suspended(number, today.plus_days(30)),
            1 => lifted(number),
            2 => limited(number, None),
            3 => limitation_lifted(number),
            4 => revoked(number),
            5 => reversed(number, seq),
            6 => merged(hpr, &other),
            7 => retracted(seq),
            8 => numbered(number, hpr),
            9 => deceased(number),
            10 => Event::Dispatched(Box::new(Dispatched {
                what: Paper::Letter,
                how: Handling::Printed,
                certificates: vec![number],
                decision: None,
                to: None,
            })),
            11 => waived(number),
            12 => Event::Notified {
                certificate: number,
                decision: seq,
                notice: Notice::Employer,
                withdrawn: None,
            },
            13 => Event::Stayed { certificate: number, decision: seq },
            14 => {
                let reasons =
                    [ReissueReason::LostPrint, ReissueReason::Correction, ReissueReason::Appeal];
                let reason = reasons[pick(2 + usize::from(is_dated))];
                numbers.extend(o.reissue(number, reason, None));
                continue;
            }
            15 => {
                let more = json!({"hpr_number": hpr, "granted": today, "decided": today});
                let issued = o.grant(more);
                numbers.extend(issued.map(|issued| issued.claims.certificate_number));
                continue;
            }
            16 => {
                super::audit::publish(&mut o);
                o.now = o.now.plus_seconds(60);
                continue;
            }
            17 | 18 if is_dated => {
                // Taken away, given back on appeal, and on paper again.
                if let Ok(lost) = o.record(revoked(number)) {
                    o.now = o.now.plus_seconds(86_400 * pick(20) as i64);
                    drop(o.record(reversed(number, lost.seq)));
                    let newest = o.register.state().current_certificate(number).expect("known");
                    let newest = newest.claims.certificate_number;
                    numbers.extend(o.reissue(newest, ReissueReason::Appeal, None));
                }
                continue;
            }
            _ => {
                if let Ok(proposed) = o.propose(Proposal::of(revoked(number)), &kari())
                    && pick(2) == 0
                {
                    o.register.reject(proposed.seq, "withdrawn", &kari(), o.now).expect("rejected");
                }
                continue;
            }
        };
        // Some take effect later, some did before.
        let effective = (is_dated && pick(3) == 0).then(|| today.plus_days(pick(30) as i32 - 10));
        drop(o.decision(event, today, effective));
    }
    o
}

#[test]
fn whatever_happens_at_random_is_in_an_excerpt() {
    for seed in 0..4 {
        let o = a_life_at_random(seed, false);
        let count = o.register.state().statements().len();
        assert!(count > 30, "{count}: most was refused");
        let (enough, not_enough) = compare_with_whole(&o.place.register(), many(&o));
        assert!(not_enough * 2 < enough, "{enough}, {not_enough}");
    }
}

fn sqlite(file: &Path, sql: &str) {
    rusqlite::Connection::open(file).and_then(|c| c.execute_batch(sql)).expect(sql);
}
