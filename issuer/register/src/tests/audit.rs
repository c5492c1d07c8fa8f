//! The audit: a register in which everything happened has no fault, and after any change to the
//! data base it has one.

use rand::Rng;
use serde_json::json;
use vernet_common::{KeyUse, LogHash, LogHead};

use super::{
    place::{Raw, Value},
    *,
};
use crate::{audit::Mark, officer_key::signer::OfficerSigner, statements::digest::Digest};

fn audit(o: &Office) -> Result<crate::Audited, Error> {
    crate::audit(&o.place.register(), None)
}

pub(super) fn publish(o: &mut Office) {
    o.register
        .publish(1, &kari(), o.now, 60, &mut |_| Ok::<_, Error>(Digest::of(b"signed")))
        .expect("published");
}

/// An office whose certificate key is in the register.
pub(super) fn founded() -> Office {
    let mut o = Office::new();
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let (not_before, not_after) = (o.on("2019-01-01").now, noon("2040-01-01"));
    o.did(Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after });
    let iat = o.now;
    o.did(Event::TrustListSigned {
        seq: 1,
        iat,
        exp: not_after,
        sha256: Digest::GENESIS,
        list: None,
    });
    o
}

/// Everything that can happen, with publications in between.
pub(super) fn a_full_register() -> Office {
    let o = &mut founded();
    let first = o.on("2026-01-15").granted();
    publish(o);
    let licence = json!({"hpr_number": "1001", "kind": "licence", "valid_to": "2027-01-01"});
    let second = o.grant(licence).expect("a licence").claims.certificate_number;
    o.did(limited(first, Some("2026-04-01")));
    publish(o);
    let decision = o.on("2026-02-01").did(suspended(first, "2026-03-01"));
    o.did(Event::Notified {
        certificate: first,
        decision,
        notice: Notice::EeaAlert,
        withdrawn: None,
    });
    publish(o);
    publish(o.on("2026-02-28"));
    publish(o.on("2026-03-01"));
    publish(o.on("2026-04-01"));
    let alone = |until| Event::Suspended {
        certificate: second,
        until: Some(until),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-04-10")),
    };
    let emergency = o.did(alone(day("2026-05-01")));
    publish(o);
    o.on("2026-04-05").approve(emergency, &ola()).expect("confirmed");
    publish(o.on("2026-04-11"));
    o.did(extended(second, "2026-09-01"));
    o.on("2026-06-01").did(lifted(second));
    let again =
        o.reissue(first, ReissueReason::NameChange, Some(("Åse", "Østby"))).expect("a new name");
    publish(o);
    let decision = o.on("2026-07-01").did(revoked(again));
    publish(o);
    o.on("2026-08-01").did(reversed(again, decision));
    let again = o.reissue(again, ReissueReason::Appeal, None).expect("given back");
    publish(o);
    let rejected = o.propose(Proposal::of(waived(again)), &kari()).expect("proposed").seq;
    o.register.reject(rejected, "the holder changed her mind", &ola(), o.now).expect("rejected");
    o.propose(Proposal::of(waived(again)), &kari()).expect("open for ever");
    o.did(merged("1001", "9144999"));
    let authorisation = json!({"hpr_number": "9144999", "previous_certificate": second.to_string(), "granted": "2026-08-01"});
    o.grant(authorisation).expect("an authorisation instead of the licence");
    publish(o);
    o.on("2026-09-01")
        .dated(revoked(again), "2026-09-01", "2026-10-01")
        .expect("revoked, from October on");
    publish(o);
    publish(o.on("2026-10-01"));
    let third = o.grant(json!({"hpr_number": "1003"})).expect("a grant").claims.certificate_number;
    o.did(annulled(third));
    let new = enrolment("Per Hansen", &SecretKey::from_seed(&[23; 32]), &[Role::Publish]);
    o.did(Event::OfficerEnrolled(Box::new(new)));
    let dead = o.grant(json!({"hpr_number": "1004"})).expect("a grant").claims.certificate_number;
    o.did(merged("1004", "1005"));
    o.on("2026-11-01").dated(deceased(dead), "2026-11-01", "2026-10-20").expect("deceased");
    o.did(Event::OfficerEnded { kid: SecretKey::from_seed(&[23; 32]).public_key().kid() });
    publish(o);
    std::mem::replace(o, Office::new())
}

#[test]
fn a_register_in_which_everything_happened_has_no_fault() {
    let o = a_full_register();
    let audited = audit(&o).expect("no fault");
    assert_eq!((audited.certificates(), audited.publications()), (7, 15));
    assert_eq!(audited.state().statements(), o.register.state().statements());
    let mark = audited.mark();
    assert_eq!(mark.to_string().parse::<Mark>().expect("a mark"), mark);
    assert!(crate::audit(&o.place.register(), Some(&mark)).is_ok());
    let earlier = Mark { seq: 9, sha256: o.register.state().hash(9).expect("a hash") };
    assert!(crate::audit(&o.place.register(), Some(&earlier)).is_ok());
    for wrong in ["", "9", "9:", "x:00", &earlier.to_string()[..20]] {
        assert_eq!(wrong.parse::<Mark>().expect_err(wrong).code(), "field_invalid");
    }
}

/// The tables with their columns, the first of which is what one calls a row by.
const TABLES: [(&str, &[&str]); 2] = [
    ("statement", &["seq", "hash", "signature", "body"]),
    ("certificate", &["number", "list", "idx", "seq"]),
];

fn intruder(o: &Office) -> Raw {
    o.place.raw().without_protection()
}

/// Another value with one byte changed.
fn changed(value: &Value, dice: &mut ChaCha20Rng) -> Value {
    let flip = 1 + (dice.next_u32() % 255) as u8;
    let mut bent = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let place = dice.next_u32() as usize % bytes.len();
        bytes[place] ^= flip;
        bytes
    };
    match value {
        Value::Integer(number, width) => {
            let bytes = bent(&number.to_le_bytes()[..*width]);
            // With the sign of the narrower number.
            let sign = if bytes[width - 1] < 0x80 { 0 } else { 0xff };
            let mut wide = [sign; 8];
            wide[..*width].copy_from_slice(&bytes);
            Value::Integer(i64::from_le_bytes(wide), *width)
        }
        Value::Text(text) => Value::Text(bent(text)),
        Value::Bytes(bytes) => Value::Bytes(bent(bytes)),
    }
}

#[test]
fn every_single_byte_that_is_changed_is_found() {
    let o = a_full_register();
    let mut raw = intruder(&o);
    assert!(audit(&o).is_ok(), "an intruder who changes nothing is not noticed");
    let tables = TABLES.map(|(table, columns)| {
        (
            table,
            columns,
            raw.rows(&format!(
                "SELECT {} FROM {table} ORDER BY {}",
                columns.join(", "),
                columns[0]
            )),
        )
    });
    let mut dice = ChaCha20Rng::from_seed([7; 32]);
    let (mut found, mut codes) = (0, std::collections::BTreeMap::<_, usize>::new());
    while found < 400 {
        let (table, columns, rows) = &tables[(dice.next_u32() % 8 / 6) as usize];
        let column = dice.next_u32() as usize % columns.len();
        let row = &rows[dice.next_u32() as usize % rows.len()];
        let (name, key, before) = (columns[column], &row[0], &row[column]);
        let after = changed(before, &mut dice);
        let update = |raw: &mut Raw, to: &Value, of: &Value| {
            let (to, of) = (raw.literal(to), raw.literal(of));
            raw.execute(&format!("UPDATE {table} SET {name} = {to} WHERE {} = {of}", columns[0]))
        };
        // The data base itself refuses a value that is there already, and PostgreSQL what is no
        // text.
        if update(&mut raw, &after, key).is_err() {
            continue;
        }
        let error = audit(&o).expect_err("a changed byte");
        assert_ne!(error.code(), "store", "{table} {name} {before:?} {after:?}: {error}");
        *codes.entry((*table, name, error.code())).or_default() += 1;
        found += 1;
        // Nobody works with it, either. What only the audit asks is whether there is something
        // besides.
        if error.code() != "statements_beside" {
            let opened = Register::open(&o.place.register()).expect_err("a changed byte").code();
            assert_eq!(opened, error.code(), "{table} {name}");
        }
        update(&mut raw, before, if column == 0 { &after } else { key }).expect("restored");
    }
    assert!(audit(&o).is_ok(), "all was restored");
    let columns: std::collections::BTreeSet<_> =
        codes.keys().map(|(table, column, _)| (table, column)).collect();
    assert_eq!(columns.len(), 8, "{codes:?}");
}

#[test]
fn every_row_that_is_removed_is_found() {
    let o = a_full_register();
    let mut raw = intruder(&o);
    let mark = audit(&o).expect("no fault").mark();
    for (table, columns) in TABLES {
        for row in raw.rows(&format!("SELECT {} FROM {table} ORDER BY 1", columns[0])) {
            let of = format!("{} = {}", columns[0], raw.literal(&row[0]));
            raw.execute(&format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE {of}"))
                .expect("kept");
            raw.execute(&format!("DELETE FROM {table} WHERE {of}")).expect("removed");
            // The last statement is missed by whoever remembers that it was there.
            let error = crate::audit(&o.place.register(), Some(&mark)).expect_err("a removed row");
            let expected = match (table, &row[0]) {
                ("statement", Value::Integer(seq, _)) if *seq as u64 == mark.seq => {
                    "statement_replaced"
                }
                ("statement", _) => "chain",
                _ => "certificate_table",
            };
            assert_eq!(error.code(), expected, "{of}: {error}");
            raw.execute(&format!("INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"))
                .expect("restored");
        }
    }
    assert!(audit(&o).is_ok(), "all was restored");
}

/// Two rows that change places: each by itself is as it was.
#[test]
fn every_two_rows_that_are_exchanged_are_found() {
    let o = a_full_register();
    let mut raw = intruder(&o);
    let exchange = |raw: &mut Raw, table: &str, key: &str, (a, b): (&str, &str), free: &str| {
        for (from, to) in [(a, free), (b, a), (free, b)] {
            raw.execute(&format!("UPDATE {table} SET {key} = {to} WHERE {key} = {from}"))
                .expect("an intruder can");
        }
    };
    let last = audit(&o).expect("no fault").mark().seq;
    for seq in 1..last {
        let (a, b) = (seq.to_string(), (seq + 1).to_string());
        exchange(&mut raw, "statement", "seq", (&a, &b), "-1");
        let error = audit(&o).expect_err("exchanged");
        assert!(error.to_string().starts_with(&format!("statement {seq}")), "{error}");
        exchange(&mut raw, "statement", "seq", (&a, &b), "-1");
    }
    let (a, b) = ("'NO-PE-2026-000001'", "'NO-PE-2026-000002'");
    exchange(&mut raw, "certificate", "number", (a, b), "'x'");
    assert_eq!(audit(&o).expect_err("exchanged").code(), "certificate_table");
    exchange(&mut raw, "certificate", "number", (a, b), "'x'");
    assert!(audit(&o).is_ok(), "all was restored");
}

#[test]
fn every_row_that_is_put_in_is_found() {
    let o = a_full_register();
    let mut raw = intruder(&o);
    let last = audit(&o).expect("no fault").mark().seq;
    let hash = raw.bytes(&[7; 32]);
    let mut code = |insert: &str, undo: &str| {
        raw.execute(insert).expect(insert);
        let code = audit(&o).expect_err(insert).code();
        raw.execute(undo).expect(undo);
        code
    };
    let copy = |seq: &str| {
        format!(
            "INSERT INTO statement SELECT {seq}, {hash}, signature, body FROM statement WHERE seq = 8"
        )
    };
    assert_eq!(
        code(&copy(&format!("{}", last + 1)), &format!("DELETE FROM statement WHERE seq > {last}")),
        "chain"
    );
    assert_eq!(
        code(&copy(&format!("{}", last + 9)), &format!("DELETE FROM statement WHERE seq > {last}")),
        "chain"
    );
    assert_eq!(code(&copy("0"), "DELETE FROM statement WHERE seq < 1"), "statements_beside");
    assert_eq!(code(&copy("-5"), "DELETE FROM statement WHERE seq < 1"), "statements_beside");
    let certificate = "INSERT INTO certificate VALUES ('NO-PE-2026-000099', 1, 77, 9)";
    assert_eq!(code(certificate, "DELETE FROM certificate WHERE idx = 77"), "certificate_table");
    let nonsense = "INSERT INTO certificate VALUES ('x', 999, -1, 9)";
    assert_eq!(code(nonsense, "DELETE FROM certificate WHERE number = 'x'"), "certificate_table");
    assert!(audit(&o).is_ok());
}

/// What two officers, or a changed program, could write with keys of their own: it has all its
/// signatures, and yet no rule allowed it.
#[test]
fn what_was_signed_past_the_rules_is_found() {
    let forge = |prepare: &dyn Fn(&mut Office) -> (Event, Option<u64>)| {
        let mut o = founded();
        o.on("2026-01-15");
        let (event, proposal) = prepare(&mut o);
        let seq = o.register.state().statements().len() + 1;
        let (key, name) =
            if proposal.is_some() { (ola(), "Ola Nordmann") } else { (kari(), "Kari Nordmann") };
        Forger { key: &key, name }.insert(&o, event, proposal);
        let error = audit(&o).expect_err("past the rules");
        assert!(error.to_string().starts_with(&format!("statement {seq}")), "{error}");
        error.code()
    };
    let proposed = |o: &mut Office, event: &Event| {
        o.propose(Proposal::of(event.clone()), &kari()).expect("proposed").seq
    };
    // Lifted twice: each had its proposal while the suspension was in force.
    let code = forge(&|o| {
        let number = o.granted();
        o.did(suspended(number, "2026-03-01"));
        let (lift, seq) = (lifted(number), proposed(o, &lifted(number)));
        o.did(lifted(number));
        (lift, Some(seq))
    });
    assert_eq!(code, "suspension_not_in_force");
    // A list that does not say that somebody was revoked.
    let list = vernet_common::StatusListNumber::new(1).expect("a number");
    let code = forge(&|o| {
        let number = o.granted();
        publish(o);
        let Event::Published { statuses, log, .. } =
            o.register.state().statements().last().expect("published").event
        else {
            panic!("a publication");
        };
        o.did(revoked(number));
        let iat = o.now.plus_seconds(1);
        (
            Event::Published {
                list,
                iat,
                trust_list_seq: 1,
                statuses,
                log,
                sha256: Digest::GENESIS,
            },
            None,
        )
    });
    assert_eq!(code, "status_list_differs");
    // Lists that name a log without the newest certificate, another log, and one that is longer.
    let wrong: [fn(&mut LogHead); 3] =
        [|log| log.size -= 1, |log| log.root = LogHash::of_leaf(b"another"), |log| log.size += 1];
    for wrong in wrong {
        let code = forge(&|o| {
            o.granted();
            let mut log = o.register.state().log().head();
            wrong(&mut log);
            let mut statuses = None;
            let asked = o.register.publish(1, &kari(), o.now, 60, &mut |list| {
                statuses = Some(Digest::of(list.statuses.as_bytes()));
                Err(Error::NotFounded)
            });
            assert_eq!(asked.expect_err("only asked").code(), "not_founded");
            let statuses = statuses.expect("asked");
            let iat = o.now;
            (
                Event::Published {
                    list,
                    iat,
                    trust_list_seq: 1,
                    statuses,
                    log,
                    sha256: Digest::GENESIS,
                },
                None,
            )
        });
        assert_eq!(code, "status_list_differs");
    }
    // A certificate that says more than was decided, under a genuine signature of the certificate
    // key.
    let code = forge(&|o| {
        o.granted();
        let application = application(json!({"hpr_number": "9144900"}));
        let seq =
            o.propose(Proposal::to_grant(application.clone()), &kari()).expect("proposed").seq;
        let mut claims = o.register.state().certificates().next().expect("one").claims.clone();
        claims.certificate_number = "NO-PE-2026-000002".parse().expect("a number");
        claims.hpr_number = application.hpr_number;
        claims.iat = o.now;
        let mut free = (0..).map(|index| vernet_common::StatusIndex::new(index).expect("an index"));
        let seed =
            o.register.state().statements().iter().find_map(|statement| match &statement.event {
                Event::StatusListOpened { seed, .. } => Some(*seed),
                _ => None,
            });
        let decoys = crate::state::decoys::decoys(&seed.expect("a list"));
        claims.status.status_list.idx =
            free.find(|index| !decoys.contains_key(index)).expect("a slot");
        claims.exp = claims.exp.plus_seconds(86_400);
        let jws = sign(&claims).expect("signs");
        (
            Event::Granted(Box::new(crate::Granted {
                application: application.into(),
                import: None,
                claims,
                jws,
            })),
            Some(seq),
        )
    });
    assert_eq!(code, "certificate_differs");
    // A key whose end was moved into the past.
    let code = forge(&|o| {
        let kid = SecretKey::from_seed(&[1; 32]).public_key().kid();
        (Event::KeyRetired { kid, at: o.now.plus_seconds(-5) }, None)
    });
    assert_eq!(code, "key_retired_in_past");
}

#[test]
fn a_certificate_under_a_key_that_was_not_in_use_is_found() {
    let mut o = Office::new();
    o.granted();
    let error = audit(&o).expect_err("no key was ever added");
    assert_eq!(error.code(), "certificate_differs");
    assert!(error.to_string().contains("its key was not in use"), "{error}");
    let mut o = founded();
    let kid = SecretKey::from_seed(&[1; 32]).public_key().kid();
    let at = o.on("2026-01-15").now.plus_seconds(10);
    o.did(Event::KeyRetired { kid, at });
    o.granted();
    assert!(audit(&o).is_ok());
    o.now = at;
    o.grant(json!({"hpr_number": "1001"})).expect("the register knows nothing of keys");
    assert_eq!(audit(&o).expect_err("retired").code(), "certificate_differs");
}

/// Batches are checked by several threads, and officers come and go within one.
#[test]
fn long_registers_are_read_in_order() {
    let mut o = founded();
    o.on("2026-01-15");
    for person in 0..60_u32 {
        let n = 100 + (person % 100) as u8;
        if person % 10 == 0 {
            let new = enrolment(
                &format!("Officer {person}"),
                &SecretKey::from_seed(&[n; 32]),
                &Role::ALL,
            );
            o.did(Event::OfficerEnrolled(Box::new(new)));
        }
        let officer = SecretKey::from_seed(&[100 + (person - person % 10) as u8; 32]);
        let proposal =
            Proposal::to_grant(application(json!({"hpr_number": (person + 1).to_string()})));
        let seq = o.propose(proposal, &officer).expect("proposed").seq;
        o.approve(seq, &ola()).expect("approved");
        if person % 20 == 0 {
            publish(&mut o);
        }
    }
    let audited = audit(&o).expect("no fault");
    assert_eq!(
        audited.state().statements(),
        Register::open(&o.place.register()).expect("a register").state().statements()
    );
    assert_eq!(audited.certificates(), 60);
    // Of two faults the first one is named, wherever the batches end.
    let mut raw = intruder(&o);
    for (first, second) in [(5, 6), (21, 22), (40, 100), (85, 86)] {
        let nothing = raw.bytes(&[0; 64]);
        let both =
            format!("UPDATE statement SET signature = {nothing} WHERE seq IN ({first}, {second})");
        raw.execute(&both).expect("changed");
        let error = audit(&o).expect_err("two faults");
        assert!(error.to_string().starts_with(&format!("statement {first}: ")), "{error}");
        for seq in [first, second] {
            let statement = o.register.state().statement(seq).expect("a statement");
            let key = audited.state().officers().key(statement.kid).expect("an officer");
            let all = (100..200).map(|n| SecretKey::from_seed(&[n; 32])).chain([kari(), ola()]);
            let signer = all
                .into_iter()
                .find(|signer| signer.officer_key() == *key.key())
                .expect("one of ours");
            let signed = signer.sign_statement(statement).expect("signs").expect("at once");
            let signature = raw.bytes(&signed.signature);
            raw.execute(&format!("UPDATE statement SET signature = {signature} WHERE seq = {seq}"))
                .expect("restored");
        }
    }
    assert!(audit(&o).is_ok());
}
