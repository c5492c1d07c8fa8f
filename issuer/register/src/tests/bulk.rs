//! Imports and new certificates for all of a key, in the register: rules, proofs, and what a second
//! officer cannot do alone.

use vernet_common::{KeyId, KeyUse};

use super::*;
use crate::{
    decisions::bulk::{RowOutcome, RowToGrant},
    statements::{digest::Digest, proposal::Act, rows::RowTree},
};

/// What the office reads from the people of `tests/import/people.csv`.
const SAMPLE: &str = r#"[
    {"given_name": "Kristin Marie", "family_name": "Johnsen", "birthdate": "1977-10-23", "hpr_number": "9000016",
     "kind": "authorisation", "basis": "accredited_school_exam",
     "exam": {"school": "Fjordheim Perfusion School", "date": "2010-06-11"},
     "decided": "2015-10-01", "granted": "2015-10-08"},
    {"given_name": "Hanne Marie", "family_name": "Grimstvedt Jensen", "birthdate": "1974-04-13", "hpr_number": "9000038",
     "kind": "authorisation", "basis": "norwegian_exam",
     "exam": {"school": "A made-up school of perfusion", "date": "2002-06-11"},
     "decided": "2002-06-26", "granted": "2002-06-26"},
    {"given_name": "Ánte", "family_name": "Čáhppes", "birthdate": "1976-05-09", "hpr_number": "9000044",
     "kind": "authorisation", "basis": "eea_recognition", "recognition": {"state": "SE"},
     "decided": "2010-06-08", "granted": "2010-06-08"},
    {"given_name": "Trine", "family_name": "Haug", "birthdate": "1969-05-05", "hpr_number": "9000061",
     "kind": "limited_authorisation", "basis": "norwegian_exam",
     "exam": {"school": "A made-up school of perfusion", "date": "2006-06-11"},
     "decided": "2006-11-27", "granted": "2006-11-27", "conditions": "2006/4711, decision"}
]"#;

fn table(json: &str) -> Vec<Application> {
    serde_json::from_str(json).expect("a table")
}

fn tree(table: &[Application]) -> RowTree {
    RowTree::new(table.iter().map(|row| RowTree::leaf(row).expect("a leaf")).collect())
}

fn rows<'a>(table: &'a [Application], tree: &RowTree) -> Vec<RowToGrant<'a>> {
    let rows = (0..).zip(table);
    rows.map(|(index, application)| RowToGrant {
        line: u64::from(index) + 2,
        application,
        row: tree.row(index),
    })
    .collect()
}

impl Office {
    fn propose_table(&mut self, json: &str, each: bool) -> u64 {
        let tree = tree(&table(json));
        let act = Act::Import { rows: tree.count(), root: tree.root(), each };
        let file = self.place.folder.path().join("people.csv");
        std::fs::write(&file, json).expect("written");
        let documents = Documents::new(self.place.folder.path().join("documents"));
        let terms = Terms { data: &self.data, documents: &documents, max_age_days: 30 };
        let new = [Documents::read(&file).expect("a document")];
        self.register
            .propose(Proposal::about(act), &new, &terms, &kari(), self.now)
            .expect("proposed")
            .seq
    }

    fn bulk<R>(
        &mut self,
        work: impl FnOnce(&mut Register, &Terms<'_>, NumericDate, &mut Issuance<'_, Error>) -> R,
    ) -> R {
        let documents = Documents::new(self.place.folder.path().join("documents"));
        let terms = Terms { data: &self.data, documents: &documents, max_age_days: 30 };
        let mut sign = |claims: &[CertificateClaims]| claims.iter().map(sign).collect();
        let mut issuance = Issuance { iss: &iss(), rng: &mut self.rng, sign: &mut sign };
        work(&mut self.register, &terms, self.now, &mut issuance)
    }

    fn grant_table(
        &mut self,
        seq: u64,
        of: &str,
        officer: &SecretKey,
    ) -> Result<Vec<RowOutcome>, Error> {
        let table = table(of);
        let rows = rows(&table, &tree(&table));
        self.bulk(|register, terms, now, issuance| {
            register.grant_rows(seq, rows, terms, officer, now, issuance)
        })
    }

    fn complete(&mut self, seq: u64) -> Result<Statement, Error> {
        self.bulk(|register, terms, now, _| register.complete(seq, terms, &ola(), now))
    }
}

#[test]
fn what_is_named_twice_in_one_transaction_is_granted_not_at_all() {
    let o = &mut Office::new();
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let (not_before, not_after) = (o.on("2019-01-01").now, noon("2040-01-01"));
    o.did(Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after });
    o.on("2026-01-15");
    let seq = o.propose_table(SAMPLE, false);
    let table = table(SAMPLE);
    let twice = || rows(&table, &tree(&table)).into_iter().chain(rows(&table, &tree(&table)));
    let granted = o.bulk(|register, terms, now, issuance| {
        register.grant_rows(seq, twice().collect(), terms, &ola(), now, issuance)
    });
    assert_eq!(granted.expect_err("a row is there twice").code(), "approval_mismatch");
    assert_eq!(o.register.state().certificates().count(), 0);

    o.grant_table(seq, SAMPLE, &ola()).expect("each once");
    o.complete(seq).expect("completed");
    let numbers: Vec<_> = o
        .register
        .state()
        .certificates()
        .map(|certificate| certificate.claims.certificate_number)
        .collect();
    let act = Act::ReissueAll { of_key: key.kid(), reason: ReissueReason::KeyRotation };
    let documents = Documents::new(o.place.folder.path().join("documents"));
    let terms = Terms { data: &o.data, documents: &documents, max_age_days: 30 };
    let proposed = o.register.propose(Proposal::about(act), &[], &terms, &kari(), o.now);
    let seq = proposed.expect("proposed").seq;
    let reissued = o.bulk(|register, terms, now, issuance| {
        let twice = [&numbers[..], &numbers[..]].concat();
        register.reissue_many(seq, &twice, terms, &ola(), now, issuance)
    });
    assert_eq!(reissued.expect_err("each is there twice").code(), "approval_mismatch");
    assert_eq!(o.register.state().certificates().count(), numbers.len());
}

#[test]
fn an_import_grants_every_row_once_and_the_audit_agrees() {
    let o = &mut Office::new();
    let key = SecretKey::from_seed(&[1; 32]).public_key();
    let (not_before, not_after) = (o.on("2019-01-01").now, noon("2040-01-01"));
    o.did(Event::KeyAdded { r#use: KeyUse::Certificate, key, not_before, not_after });
    o.on("2026-01-15");
    let seq = o.propose_table(SAMPLE, false);
    let outcomes = o.grant_table(seq, SAMPLE, &ola()).expect("granted");
    assert!(
        outcomes.iter().all(|outcome| matches!(outcome, RowOutcome::Granted(_))),
        "{outcomes:?}"
    );
    assert!(o.register.state().open_proposal(seq).is_ok(), "it is open until it is completed");

    let again = o.grant_table(seq, SAMPLE, &ola()).expect("nothing to do");
    assert!(
        again.iter().all(|outcome| matches!(outcome, RowOutcome::AlreadyThere(_))),
        "{again:?}"
    );
    let completed = o.complete(seq).expect("completed");
    assert!(matches!(completed.event, Event::Completed { certificates: 4 }), "{completed:?}");
    assert_eq!(o.complete(seq).expect_err("once").code(), "proposal_decided");
    assert_eq!(o.grant_table(seq, SAMPLE, &ola()).expect_err("decided").code(), "proposal_decided");
    let first = o.register.state().certificates().next().expect("a certificate");
    assert_eq!(first.claims.authorisation.granted, day("2015-10-08"), "the original day");

    let audited = crate::audit(&o.place.register(), None).expect("no fault");
    assert_eq!(audited.certificates(), 4);
}

#[test]
fn the_second_officer_grants_nothing_that_the_first_did_not_sign() {
    let o = &mut Office::new();
    o.on("2026-01-15");
    let seq = o.propose_table(SAMPLE, false);
    let forged = SAMPLE.replace("Kristin Marie", "Kristian");
    let error = o.grant_table(seq, &forged, &ola()).expect_err("another table");
    assert_eq!(error.code(), "approval_mismatch");
    assert_eq!(
        o.grant_table(seq, SAMPLE, &kari()).expect_err("the same officer").code(),
        "same_officer"
    );
    assert_eq!(o.approve(seq, &ola()).expect_err("in steps").code(), "in_steps");
    assert_eq!(o.register.state().certificates().count(), 0, "none of it was recorded");

    // Nor under a proposal of one grant, with a proof that proves nothing.
    let single =
        o.propose(Proposal::to_grant(application(json!({}))), &kari()).expect("proposed").seq;
    assert_eq!(
        o.grant_table(single, SAMPLE, &ola()).expect_err("no import").code(),
        "proposal_unknown"
    );
    o.on("2026-03-01");
    assert_eq!(o.grant_table(seq, SAMPLE, &ola()).expect_err("too old").code(), "proposal_too_old");
}

#[test]
fn a_row_that_breaks_a_rule_stops_all_rows_or_itself() {
    for each in [false, true] {
        let o = &mut Office::new();
        o.on("2026-01-15");
        let seq = o.propose_table(SAMPLE, each);
        // Meanwhile the first person of the table is granted something else.
        let other = json!({"hpr_number": "9000016", "birthdate": "1977-10-23"});
        o.grant(other).expect("a grant");
        let outcomes = o.grant_table(seq, SAMPLE, &ola());
        if each {
            let codes: Vec<_> =
                outcomes.expect("the others").iter().map(RowOutcome::code).collect();
            assert_eq!(codes, [Some("already_authorised"), None, None, None]);
        } else {
            let error = outcomes.expect_err("none");
            assert_eq!(error.code(), "already_authorised");
            assert!(error.to_string().starts_with("line 2: "), "{error}");
            assert_eq!(o.register.state().certificates().count(), 1);
        }
    }
}

#[test]
fn an_import_needs_its_table_and_no_dates_of_its_own() {
    let o = &mut Office::new();
    let act = || Act::Import { rows: 1, root: Digest::GENESIS, each: false };
    assert_eq!(
        o.propose(Proposal::about(act()), &kari()).expect_err("no table").code(),
        "field_invalid"
    );
    let dated = Proposal { decided_on: Some(day("2026-01-01")), ..Proposal::about(act()) };
    assert_eq!(o.propose(dated, &kari()).expect_err("dated").code(), "field_invalid");
    let of_key = SecretKey::from_seed(&[1; 32]).public_key().kid();
    let lost = Proposal::about(Act::ReissueAll { of_key, reason: ReissueReason::LostPrint });
    assert_eq!(o.propose(lost, &kari()).expect_err("not for this").code(), "field_invalid");
}

/// Certificates are signed by `sign` with one key, so signing them anew with it is what must be
/// refused.
#[test]
fn new_certificates_for_all_must_come_from_another_key() {
    let o = &mut Office::new();
    let number = o.granted();
    let of_key: KeyId = SecretKey::from_seed(&[1; 32]).public_key().kid();
    let reason = ReissueReason::KeyRotation;
    let seq = o
        .propose(Proposal::about(Act::ReissueAll { of_key, reason }), &kari())
        .expect("proposed")
        .seq;
    let same = o.bulk(|register, terms, now, issuance| {
        register.reissue_many(seq, &[number], terms, &ola(), now, issuance)
    });
    assert_eq!(same.expect_err("the same key").code(), "approval_mismatch");

    let other = SecretKey::from_seed(&[2; 32]);
    let new = o.bulk(|register, terms, now, issuance| {
        let mut sign = |claims: &[CertificateClaims]| -> Result<_, Error> {
            let sign =
                |claims| Ok(Signed::sign(claims, Algorithm::EdDsa, &other)?.as_str().to_owned());
            claims.iter().map(sign).collect()
        };
        let mut issuance = Issuance { iss: issuance.iss, rng: &mut *issuance.rng, sign: &mut sign };
        register.reissue_many(seq, &[number], terms, &ola(), now, &mut issuance)
    });
    let [Some(new)] = new.expect("signed anew")[..] else { panic!("one certificate") };
    assert_eq!((o.status(number), o.status(new)), (Status::Invalid, Status::Valid));
    assert_eq!(o.register.certificates_of_key(of_key, reason, o.now).count(), 0);
    let done = o.bulk(|register, terms, now, issuance| {
        register.reissue_many(seq, &[number], terms, &ola(), now, issuance)
    });
    assert_eq!(done.expect("nothing"), [None], "what was superseded is passed over");
    assert!(matches!(
        o.complete(seq).expect("completed").event,
        Event::Completed { certificates: 1 }
    ));
}
