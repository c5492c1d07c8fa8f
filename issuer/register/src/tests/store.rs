//! The store: nothing is given out twice, nothing changes, and what was tampered with is found.

use std::{collections::BTreeSet, panic::AssertUnwindSafe};

use serde_json::json;
use vernet_common::{Algorithm, KeyUse, PublicKey, Signed, StatusIndex, StatusListNumber};

use super::*;
use crate::{state::index::Publication, statements::digest::Digest};

fn reopen(o: &Office) -> Result<Register, Error> {
    Register::open(&o.place.register())
}

#[test]
fn a_register_comes_back_as_it_was() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    let again = reopen(o).expect("a register");
    assert_eq!(again.state().statements(), o.register.state().statements());
    let (jws, claims) = {
        let certificate = again.state().certificate(number).expect("a certificate");
        (certificate.jws, certificate.claims)
    };
    assert_eq!(jws, sign(claims).expect("signs"));
}

/// What was applied for stays a text, whatever somebody wrote in it.
#[test]
fn what_was_checked_before_is_read_as_the_same_statements() {
    let mut o = super::audit::a_full_register();
    let tricky = r#"x","kid":"y","event":{"type":"proposed"}, "claims":{ "previous_certificate":""#;
    let open = o.propose(Proposal::to_grant(application(json!({"hpr_number": "77"}))), &kari());
    let open = open.expect("proposed").seq;
    o.register.reject(open, tricky, &ola(), o.now).expect("rejected");
    let (mut unread, mut replaces) = (0, 0);
    for statement in o.register.state().statements() {
        let text = String::from_utf8(statement.to_bytes().expect("JSON")).expect("UTF-8");
        let again = Statement::from_checked(&text).expect(&text);
        match &again.event {
            Event::Proposed(proposal) => unread += usize::from(proposal.unread().is_some()),
            Event::Granted(granted) => {
                replaces += usize::from(granted.previous_certificate().is_some());
                assert_eq!(
                    granted.application.unread().is_none(),
                    granted.previous_certificate().is_some(),
                    "it is read only for those who had a certificate before"
                );
            }
            _ => {}
        }
        assert_eq!(again.to_bytes().expect("JSON"), text.as_bytes());
        assert_eq!(again, *statement);
    }
    assert_eq!((unread, replaces), (6, 1));
}

#[test]
fn numbers_follow_on_each_other_within_a_year() {
    let o = &mut Office::new();
    let next = |o: &mut Office, hpr: u32| {
        let issued = o.grant(json!({"hpr_number": hpr.to_string()})).expect("a grant");
        issued.claims.certificate_number.to_string()
    };
    assert_eq!(next(o, 1), "NO-PE-2026-000001");
    assert_eq!(next(o, 2), "NO-PE-2026-000002");
    // The year begins at midnight in Oslo.
    o.now = "2026-12-31T22:59:59Z".parse().expect("an instant");
    assert_eq!(next(o, 3), "NO-PE-2026-000003");
    o.now = "2026-12-31T23:00:00Z".parse().expect("an instant");
    assert_eq!(next(o, 4), "NO-PE-2027-000001");
}

#[test]
fn the_same_seed_makes_the_same_register() {
    let make = || {
        let mut o = Office::new();
        o.granted();
        o.register.state().statements().to_vec()
    };
    assert_eq!(make(), make());
}

#[test]
fn a_grant_that_fails_leaves_nothing_behind() {
    let o = &mut Office::new();
    let proposed =
        o.propose(Proposal::to_grant(application(json!({}))), &kari()).expect("proposed").seq;
    let mut fail = |_: &CertificateClaims| -> Result<String, Error> { Err(Error::RegisterExists) };
    let refused = o.with(&mut fail, |desk| desk.approve(proposed, &ola()));
    assert_eq!(refused.expect_err("no signature").code(), "register_exists");

    let mut crash = |_: &CertificateClaims| -> Result<String, Error> { panic!("the key is gone") };
    let approve = AssertUnwindSafe(|| o.with(&mut crash, |desk| desk.approve(proposed, &ola())));
    assert!(std::panic::catch_unwind(approve).is_err());

    let mut other = |claims: &CertificateClaims| {
        let mut other = claims.clone();
        other.family_name = "Nordmann".parse().expect("a name");
        sign(&other)
    };
    let refused = o.with(&mut other, |desk| desk.approve(proposed, &ola()));
    assert_eq!(refused.expect_err("other claims").code(), "signed_other");

    assert_eq!(
        reopen(o).expect("a register").state().statements().len(),
        2,
        "the founding and the proposal"
    );
    let issued = Issued::from(o.approve(proposed, &ola()).expect("approved"));
    assert_eq!(issued.claims.certificate_number.to_string(), "NO-PE-2026-000001");
    assert_eq!(issued.seq, 4, "after the status list");
    assert_eq!(reopen(o).expect("a register").state().statements().len(), 4);
}

#[test]
fn two_officers_at_once_get_different_numbers_and_slots() {
    let o = Office::new();
    let work = |office: u8| {
        let (place, folder) = (o.place.register(), o.place.folder.path().join("documents"));
        move || {
            let mut register = Register::open(&place).expect("a register");
            let mut rng = ChaCha20Rng::from_seed([office; 32]);
            let (data, now) = (OfficeData::sample(), noon("2026-01-15"));
            let documents = Documents::new(folder);
            let (register, rng, data) = (&mut register, &mut rng, &data);
            let mut desk = Desk { register, rng, sign: &mut sign, data, documents, now };
            for person in 1..=20_u32 {
                let hpr = u32::from(office) * 1000 + person;
                let application = application(json!({"hpr_number": hpr.to_string()}));
                desk.both(Proposal::to_grant(application)).expect("a grant");
            }
        }
    };
    let threads: Vec<_> = (0..3).map(|officer| std::thread::spawn(work(officer))).collect();
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));

    let register = reopen(&o).expect("a whole chain");
    let numbers: BTreeSet<_> =
        register.state().certificates().map(|c| c.claims.certificate_number.serial()).collect();
    assert_eq!(numbers, (1..=60).collect());
    let slots: BTreeSet<_> =
        register.state().certificates().map(|c| c.claims.status.status_list.idx).collect();
    assert_eq!(slots.len(), 60);
    assert_eq!(register.state().status_lists().count(), 1);
}

#[test]
fn two_officers_cannot_grant_the_same_person_twice() {
    let o = &mut Office::new();
    let mut second = Office { register: reopen(o).expect("a register"), ..Office::new() };
    o.granted();
    assert_eq!(second.grant(json!({})).expect_err("twice").code(), "already_authorised");
}

#[test]
fn statements_cannot_be_changed_or_deleted() {
    let o = &mut Office::new();
    let number = o.granted();
    let mut raw = o.place.raw();
    let mut refuses = |statement: &str, reason: &str| {
        let error = raw.execute(statement).expect_err(statement);
        assert!(error.contains(reason), "{statement}: {error}");
    };
    for (statement, reason) in [
        ("UPDATE statement SET body = '{}' WHERE seq = 1", "never changed"),
        ("UPDATE statement SET signature = hash WHERE seq = 1", "never changed"),
        ("DELETE FROM statement WHERE seq = 2", "never deleted"),
        (
            "INSERT INTO statement SELECT seq + 7, hash, signature, body FROM statement WHERE seq = 2",
            "follows",
        ),
        ("UPDATE certificate SET idx = 1", "never changed"),
        ("DELETE FROM certificate", "never taken back"),
    ] {
        refuses(statement, reason);
    }
    let others: &[(&str, &str)] = if matches!(o.place.register(), crate::RegisterLocation::File(_))
    {
        &[
            (
                "INSERT OR REPLACE INTO statement SELECT seq, x'00', signature, body FROM statement WHERE seq = 1",
                "follows",
            ),
            (
                "INSERT OR REPLACE INTO certificate SELECT number, list, idx + 1, seq FROM certificate",
                "given out once",
            ),
            (
                "INSERT INTO certificate SELECT number || 'x', list, idx, seq FROM certificate",
                "given out once",
            ),
        ]
    } else {
        &[
            ("TRUNCATE statement, certificate", "never deleted"),
            ("TRUNCATE certificate", "never deleted"),
            (
                "INSERT INTO certificate SELECT number, list, idx + 1, seq FROM certificate",
                "certificate_pkey",
            ),
            (
                "INSERT INTO certificate SELECT number || 'x', list, idx, seq FROM certificate",
                "certificate_list_idx_key",
            ),
            (
                "INSERT INTO certificate SELECT * FROM certificate ON CONFLICT (number) DO UPDATE SET idx = 1",
                "never changed",
            ),
        ]
    };
    others.iter().for_each(|(statement, reason)| refuses(statement, reason));
    assert_eq!(reopen(o).expect("unharmed").state().certificates().count(), 1);
    assert_eq!(o.status(number), Status::Valid);
}

/// An intruder who drops the triggers first is found by the chain.
#[test]
fn what_was_tampered_with_is_found() {
    let tamper = |change: &str| {
        let o = &mut Office::new();
        let number = o.granted();
        o.did(suspended(number, "2026-03-01"));
        o.did(lifted(number));
        assert_eq!(
            o.register.state().statement(6).expect("a statement").event,
            suspended(number, "2026-03-01")
        );
        assert!(reopen(o).is_ok());
        o.place.raw().without_protection().execute(change).expect(change);
        reopen(o).expect_err(change)
    };
    let edited = tamper(
        "UPDATE statement SET body = replace(body, '2026-03-01', '2026-03-02') WHERE seq = 6;",
    );
    assert_eq!(
        edited.to_string(),
        "statement 6 of the register is damaged: its text does not have its hash"
    );
    let deleted = tamper("DELETE FROM statement WHERE seq = 6;");
    assert_eq!(
        deleted.to_string(),
        "statement 6 of the register is damaged: it is missing: another number follows on the one before"
    );
    let swapped = tamper(
        "UPDATE statement SET seq = -seq; UPDATE statement SET seq = CASE seq WHEN -6 THEN 7 WHEN -7 THEN 6 ELSE -seq END;",
    );
    assert_eq!(swapped.code(), "chain");
    let unsigned = tamper(
        "UPDATE statement SET signature = (SELECT signature FROM statement WHERE seq = 1) WHERE seq = 6;",
    );
    assert_eq!(
        (unsigned.code(), unsigned.to_string().starts_with("statement 6: ")),
        ("signature_invalid", true)
    );
    if matches!(Office::new().place.register(), crate::RegisterLocation::File(_)) {
        let short = tamper("UPDATE statement SET signature = x'00' WHERE seq = 6;");
        assert_eq!(
            short.to_string(),
            "statement 6 of the register is damaged: its signature does not have 64 bytes"
        );
    }
}

/// An intruder who can write to the data base, and does it so well that every hash fits, still has
/// no officer's key.
#[test]
fn a_chain_that_was_forged_to_the_end_is_found() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(revoked(number));
    let thief = SecretKey::from_seed(&[66; 32]);
    let forge = |o: &Office, change: &dyn Fn(&mut Statement)| {
        let (mut raw, state) = (o.place.raw().without_protection(), o.register.state());
        let mut statement = state.statements().last().expect("a statement").clone();
        change(&mut statement);
        let signed = Signed::sign(&statement, Algorithm::EdDsa, &thief).expect("signs");
        let body = String::from_utf8(signed.unverified_payload().to_vec()).expect("UTF-8");
        let hash = Digest::of(body.as_bytes());
        let (hash, signature) = (raw.bytes(hash.as_bytes()), raw.bytes(signed.signature()));
        let set = format!("body = '{body}', hash = {hash}, signature = {signature}");
        raw.execute(&format!("UPDATE statement SET {set} WHERE seq = {}", statement.seq))
            .expect("forged");
        reopen(o).expect_err("forged").code()
    };
    let code = forge(o, &|statement| statement.event = lifted(number));
    assert_eq!(code, "signature_invalid", "in an officer's name");
    let code = forge(o, &|statement| statement.kid = thief.public_key().kid());
    assert_eq!(code, "officer_unknown", "in the thief's own name");
    // A second founding would make any key an officer's.
    let mut thieves = founders();
    thieves[0].key = thief.public_key().into();
    let founded = Event::Founded(Box::new(crate::Founded {
        iss: iss(),
        officers: thieves,
        titles: Vec::new(),
        roots: None,
    }));
    let code = forge(o, &|statement| {
        (statement.kid, statement.event, statement.approves) =
            (thief.public_key().kid(), founded.clone(), None);
    });
    assert_eq!(code, "officer_unknown");
}

#[test]
fn a_clock_that_was_set_back_is_refused() {
    let o = &mut Office::new();
    let number = o.granted();
    let then = o.now;
    assert!(o.record(suspended(number, "2026-03-01")).is_ok(), "the same second is fine");
    o.now = then.plus_seconds(-1);
    let error = o.record(lifted(number)).expect_err("set back");
    assert_eq!(error.code(), "clock_behind");
    assert!(error.to_string().contains("the last statement"), "{error}");
    o.now = then;
    assert!(o.record(lifted(number)).is_ok());
}

#[test]
fn publications_never_go_backwards() {
    let o = &mut Office::new();
    let number = o.granted();
    let list = StatusListNumber::new(1).expect("a number");
    assert_eq!(o.register.last_publication(list), None);
    let publish = |o: &mut Office, trust_list_seq: u64, now: NumericDate| {
        o.register
            .publish(trust_list_seq, &kari(), now, 60, &mut |_| Ok::<_, Error>(Digest::GENESIS))
    };
    let now = o.now;
    assert_eq!(publish(o, 3, now).expect("published"), now);
    let first =
        Publication { list, iat: now, trust_list_seq: 3, log: o.register.state().log().head() };
    assert_eq!(reopen(o).expect("a register").last_publication(list), Some(first));
    assert_eq!(publish(o, 3, now).expect("in the same second"), now.plus_seconds(1));
    assert_eq!(
        publish(o, 2, now).expect_err("an older trust list").code(),
        "trust_list_rolled_back"
    );
    let code = publish(o, 3, now.plus_seconds(-61)).expect_err("a clock that was set back").code();
    assert_eq!(code, "clock_behind");
    // What was decided after somebody looked at the clock is in the list all the same.
    o.now = now.plus_seconds(10);
    o.did(revoked(number));
    let slot = o
        .register
        .state()
        .certificate(number)
        .expect("a certificate")
        .claims
        .status
        .status_list
        .idx;
    let mut status = None;
    let mut sign = |to_sign: &crate::ListToSign| {
        status = Some(to_sign.statuses.get(slot));
        Ok::<_, Error>(Digest::GENESIS)
    };
    let iat = o.register.publish(3, &kari(), now, 60, &mut sign).expect("published");
    assert_eq!((iat, status), (now.plus_seconds(10), Some(Status::Invalid)));
    let fail = o.register.publish(3, &kari(), o.now, 60, &mut |_| Err(Error::NotFounded));
    assert_eq!(fail.expect_err("not signed").code(), "not_founded");
    assert_eq!(
        o.register.last_publication(list).map(|last| last.iat),
        Some(iat),
        "nothing was recorded"
    );
}

/// Nobody signs the table of numbers and slots. If what it says were believed, one row more or less
/// would give a number or a slot out twice, or leave a gap behind: signed by two officers, and
/// refused by every reader ever after.
#[test]
fn a_table_of_numbers_that_was_changed_gives_nothing_out() {
    let remove = "DELETE FROM certificate WHERE number = 'NO-PE-2026-000002'";
    let add = "INSERT INTO certificate VALUES ('NO-PE-2026-900000', 1, 77, 1)";
    let move_slot = "UPDATE certificate SET idx = idx + 1 WHERE number = 'NO-PE-2026-000001'";
    for (change, at_once) in [(remove, true), (add, true), (move_slot, false)] {
        let o = &mut Office::new();
        o.granted();
        o.grant(json!({"hpr_number": "2"})).expect("a grant");
        let mut raw = o.place.raw().without_protection();
        raw.execute(change).expect("an intruder can");
        if at_once {
            let error = o.grant(json!({"hpr_number": "3"})).expect_err("the table was changed");
            assert_eq!(error.code(), "certificate_table", "{change}: {error}");
        }
        assert_eq!(
            reopen(o).expect_err("the table was changed").code(),
            "certificate_table",
            "{change}"
        );
        let backup = o.place.folder.path().join("backup.sqlite");
        let error = crate::copy(&o.place.register(), &backup.clone().into()).expect_err("damaged");
        assert_eq!(error.code(), "certificate_table", "{change}: {error}");
        assert!(!backup.exists());
        assert_eq!(o.register.state().certificates().count(), 2, "nothing was given out");
    }
}

/// Whoever takes a row away while somebody grants, with a random source that hits the very slot.
#[test]
fn a_slot_that_the_table_lacks_is_not_given_out_again() {
    let o = &mut Office::new();
    let number = o.granted();
    let taken = o
        .register
        .state()
        .certificate(number)
        .expect("a certificate")
        .claims
        .status
        .status_list
        .idx
        .index();
    o.place
        .raw()
        .without_protection()
        .execute("UPDATE certificate SET idx = 131071")
        .expect("an intruder can");
    let again = application(json!({"hpr_number": "2"}));
    let error = o.with(&mut sign, |desk| {
        let Desk { register, data, documents, now, .. } = desk;
        let (rng, documents) = (&mut Stuck(taken), documents.clone());
        let mut desk = Desk { register, rng, sign: &mut sign, data, documents, now: *now };
        desk.both(Proposal::to_grant(again)).expect_err("taken")
    });
    assert_eq!(error.code(), "no_free_slot");
    assert!(o.register.refresh().is_ok(), "and nothing of it was recorded");
}

#[test]
fn a_full_list_is_followed_by_the_next() {
    let o = &mut Office::new();
    let first = o.register.ensure_status_list(&kari(), o.now, &mut o.rng).expect("a list");
    assert_eq!(o.register.ensure_status_list(&kari(), o.now, &mut o.rng).expect("the same"), first);
    assert_eq!(o.register.state().statements().len(), 2);
    let fill = |to: u32| {
        let rows = format!(
            "WITH RECURSIVE n(i) AS (SELECT (SELECT count(*) FROM certificate) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {to})
             INSERT INTO certificate SELECT 'x' || i, 1, 131071 - i, 1 FROM n"
        );
        o.place.raw().execute(&rows).expect("filled")
    };
    fill(65_535);
    let list = |issued: Issued| issued.claims.status.status_list.uri.number().number();
    assert_eq!(list(o.grant(json!({"hpr_number": "1"})).expect("the last slot")), 1);
    assert_eq!(list(o.grant(json!({"hpr_number": "2"})).expect("a new list")), 2);
    assert_eq!(
        o.register.state().status_lists().map(StatusListNumber::number).collect::<Vec<_>>(),
        [1, 2]
    );
}

/// A random source that always says the same.
struct Stuck(u32);

impl rand::TryRng for Stuck {
    type Error = std::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(self.0)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from(self.0))
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}

impl rand::TryCryptoRng for Stuck {}

#[test]
fn certificates_are_never_put_on_decoys_or_on_each_other() {
    let decoys = crate::state::decoys::decoys(&Digest::from([0; 32]));
    let decoy = decoys.keys().next().expect("a decoy").index();
    let free = (0..)
        .find(|index| !decoys.contains_key(&StatusIndex::new(*index).expect("an index")))
        .expect("a slot");
    let o = &mut Office::new();
    let mut grant = |hpr: u32, word: u32| {
        let application = application(json!({"hpr_number": hpr.to_string()}));
        o.with(&mut sign, |desk| {
            let rng = &mut Stuck(word);
            let Desk { register, data, documents, now, .. } = desk;
            let mut desk = Desk {
                register,
                rng,
                sign: &mut sign,
                data,
                documents: documents.clone(),
                now: *now,
            };
            desk.both(Proposal::to_grant(application)).map(Issued::from)
        })
    };
    assert_eq!(grant(1, decoy).expect_err("a decoy").code(), "no_free_slot");
    assert_eq!(grant(1, free).expect("a free slot").claims.status.status_list.idx.index(), free);
    assert_eq!(grant(2, free).expect_err("taken").code(), "no_free_slot");
}

#[test]
fn only_registers_of_a_known_version_are_opened() {
    let o = &mut Office::new();
    assert_eq!(
        Register::create(&o.place.register()).expect_err("exists").code(),
        "register_exists"
    );
    o.place.raw().set_version(9);
    let error = reopen(o).expect_err("a later version");
    assert_eq!(error.code(), "register_version");
    assert!(
        error
            .to_string()
            .starts_with("the register has version 9, this program knows versions 1 to "),
        "{error}"
    );
    o.place.raw().set_version(0);
    assert_eq!(reopen(o).expect_err("no register").code(), "register_version");
    let none = o.place.folder.path().join("none");
    assert_eq!(Register::open(&none.clone().into()).expect_err("no file").code(), "store");
    assert!(!none.exists());
}

#[test]
fn a_register_without_its_protection_is_not_worked_with() {
    for (sql, missing) in [
        ("DROP TRIGGER statement_appends", "statement_appends"),
        ("DROP TRIGGER certificate_remains", "certificate_remains"),
    ] {
        let o = &mut Office::new();
        o.granted();
        let mut raw = o.place.raw();
        let table = if sql.contains("certificate") { "certificate" } else { "statement" };
        let on = if sql.contains("TRIGGER") && !matches!(raw, place::Raw::Sqlite(_)) {
            format!(" ON {table}")
        } else {
            String::new()
        };
        raw.execute(&format!("{sql}{on}")).expect(sql);
        let error = reopen(o).expect_err(sql);
        assert_eq!(error.code(), "register_unfinished");
        assert!(error.to_string().contains(missing), "{error}");
    }
}

/// Somebody puts another data base in the place of the one that is open.
#[test]
fn a_register_that_was_replaced_while_it_was_open_is_noticed() {
    let o = &mut Office::new();
    o.granted();
    let mut raw = o.place.raw().without_protection();
    raw.execute("DELETE FROM statement WHERE seq = 4").expect("an intruder can");
    let error = o.grant(json!({"hpr_number": "1"})).expect_err("a statement is gone");
    assert_eq!(error.code(), "register_behind");
    assert!(error.to_string().contains("ends at statement 3"), "{error}");
    let hash = raw.bytes(&[0; 32]);
    raw.execute(&format!(
        "INSERT INTO statement SELECT 4, {hash}, signature, '' FROM statement WHERE seq = 3"
    ))
    .expect("an intruder can");
    assert_eq!(o.register.refresh().expect_err("another statement").code(), "register_forked");
}

#[test]
fn keys_and_trust_lists_are_recorded_in_order() {
    let o = &mut Office::new();
    let jwk = r#"{"crv":"Ed25519","kid":"kPrK_qmx","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key: PublicKey = serde_json::from_str(jwk).expect("a key");
    let (kid, at) = (key.kid(), o.now);
    let code = |result: Result<Statement, Error>| result.expect_err("refused").code();
    assert_eq!(code(o.record(Event::KeyRetired { kid, at })), "key_unknown");
    assert_eq!(code(o.record(Event::KeyCompromised { kid, since: at })), "key_unknown");
    let (not_before, not_after) = (at, at.plus_seconds(1));
    let added = Event::KeyAdded { r#use: KeyUse::Status, key, not_before, not_after };
    o.did(added.clone());
    assert_eq!(code(o.record(added)), "key_known");
    o.did(Event::KeyRetired { kid, at: at.plus_seconds(1) });
    o.did(Event::KeyCompromised { kid, since: at });
    let signed =
        |seq| Event::TrustListSigned { seq, iat: at, exp: at, sha256: Digest::GENESIS, list: None };
    o.did(signed(1));
    assert_eq!(code(o.record(signed(1))), "trust_list_rolled_back");
    o.did(signed(2));
    let list = StatusListNumber::new(1).expect("a number");
    assert_eq!(
        code(o.record(Event::StatusListOpened { list, seed: Digest::GENESIS })),
        "not_by_hand"
    );
    assert_eq!(
        reopen(o).expect("a register").state().statements(),
        o.register.state().statements()
    );
}
