//! Imports and new certificates for all of a key, in the register: rules, proofs, and what a second
//! officer cannot do alone.

use vernet_common::{KeyId, KeyUse};

use super::*;
use crate::{
    Act, Digest, ImportTable, RowOutcome,
    register::{BulkIssuance, RowToGrant, RowTree},
};

const REFUSED: &[u8] = include_bytes!("../../../../tests/import/refused.csv");
const SAMPLE: &[u8] = include_bytes!("../../../../tests/import/people.csv");

fn table(bytes: &[u8]) -> ImportTable {
    ImportTable::read(bytes, day("2026-01-15")).expect("a table")
}

fn tree(table: &ImportTable) -> RowTree {
    table.tree().expect("a tree")
}

fn rows<'a>(table: &'a ImportTable, tree: &RowTree) -> Vec<RowToGrant<'a>> {
    let rows = (0..).zip(table.applications());
    rows.map(|(index, (line, application))| RowToGrant { line, application, row: tree.row(index) })
        .collect()
}

impl Office {
    fn propose_table(&mut self, bytes: &[u8], each: bool) -> u64 {
        let tree = tree(&table(bytes));
        let act = Act::Import { rows: tree.count(), root: tree.root(), each };
        let file = self.place.folder.path().join("people.csv");
        std::fs::write(&file, bytes).expect("written");
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
        officer: &SecretKey,
        work: impl FnOnce(
            &mut Register,
            &Terms<'_>,
            (&dyn Signer, NumericDate),
            &mut BulkIssuance<'_>,
        ) -> R,
    ) -> R {
        let documents = Documents::new(self.place.folder.path().join("documents"));
        let terms = Terms { data: &self.data, documents: &documents, max_age_days: 30 };
        let mut sign = |claims: &[CertificateClaims]| claims.iter().map(sign).collect();
        let mut issuance = BulkIssuance { iss: &iss(), rng: &mut self.rng, sign: &mut sign };
        work(&mut self.register, &terms, (officer, self.now), &mut issuance)
    }

    fn grant_table(
        &mut self,
        seq: u64,
        of: &[u8],
        officer: &SecretKey,
    ) -> Result<Vec<RowOutcome>, Error> {
        let table = table(of);
        let rows = rows(&table, &tree(&table));
        self.bulk(officer, |register, terms, by, issuance| {
            register.grant_rows(seq, rows, terms, by, issuance)
        })
    }

    fn complete(&mut self, seq: u64) -> Result<Statement, Error> {
        self.bulk(&ola(), |register, terms, by, _| register.complete(seq, terms, by))
    }
}

/// Every rule that a row can break, with its line. Those from 30 on are about what the register
/// knows of the person.
#[test]
fn each_row_is_reported_with_the_rule_that_it_breaks() {
    let o = &mut Office::new();
    o.on("2026-01-15");
    for hpr in ["30", "31", "32", "33", "34", "35"] {
        let mut person =
            json!({"given_name": "Ola", "family_name": "Nordmann", "birthdate": "1970-01-01"});
        person["hpr_number"] = hpr.into();
        person["exam"] = json!({"school": "A school", "date": "1999-06-01"});
        let number = o.grant(person).expect("a grant").claims.certificate_number;
        match hpr {
            "32" => drop(o.did(deceased(number))),
            "33" => drop(o.did(revoked(number))),
            "34" => drop(o.did(waived(number))),
            _ => {}
        }
    }
    o.did(merged("35", "9999"));
    let table = table(REFUSED);
    let found = table.rows().iter().map(|row| {
        let outcome = match &row.application {
            Ok(application) => o.register.consider_row(&o.data, application, o.now),
            Err(error) => RowOutcome::refused(error),
        };
        (row.line, outcome.code().unwrap_or(outcome.word()))
    });
    let expected = [
        "grant_before_profession_existed",
        "grant_in_future",
        "decision_after_grant",
        "basis_evidence_mismatch",
        "exam_after_decision",
        "exam_before_birth",
        "school_unknown",
        "school_not_accredited_on_exam_date",
        "transitional_not_configured",
        "over_age_limit",
        "licence_over_age_limit_longer_than_one_year",
        "licence_without_end",
        "end_without_licence",
        "ends_before_issue",
        "conditions_missing",
        "conditions_without_limitation",
        "import_reaction_in_force",
        "import_reaction_in_force",
        "field_invalid",
        "field_invalid",
        "national_identity_number",
        "import_row_length",
        "field_invalid",
        "passes",
        "import_person_repeated",
        "already_authorised",
        "birthdate_differs",
        "deceased_is_final",
        "revoked_needs_new_authorisation",
        "waived_needs_new_authorisation",
        "hpr_merged",
        "passes",
    ];
    let found: Vec<_> = found.collect();
    let expected: Vec<_> = (2..).zip(expected).collect();
    assert_eq!(found, expected);
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
    assert!(o.register.fold().open_proposal(seq).is_ok(), "it is open until it is completed");

    let again = o.grant_table(seq, SAMPLE, &ola()).expect("nothing to do");
    assert!(
        again.iter().all(|outcome| matches!(outcome, RowOutcome::AlreadyThere(_))),
        "{again:?}"
    );
    let completed = o.complete(seq).expect("completed");
    assert!(matches!(completed.event, Event::Completed { certificates: 4 }), "{completed:?}");
    assert_eq!(o.complete(seq).expect_err("once").code(), "proposal_decided");
    assert_eq!(o.grant_table(seq, SAMPLE, &ola()).expect_err("decided").code(), "proposal_decided");
    let first = o.register.fold().certificates().next().expect("a certificate");
    assert_eq!(first.claims.authorisation.granted, day("2015-10-08"), "the original day");

    let audited = Register::audit(&o.place.register(), None).expect("no fault");
    assert_eq!(audited.certificates(), 4);
}

#[test]
fn the_second_officer_grants_nothing_that_the_first_did_not_sign() {
    let o = &mut Office::new();
    o.on("2026-01-15");
    let seq = o.propose_table(SAMPLE, false);
    let forged =
        String::from_utf8(SAMPLE.to_vec()).expect("text").replace("Kristin Marie", "Kristian");
    let error = o.grant_table(seq, forged.as_bytes(), &ola()).expect_err("another table");
    assert_eq!(error.code(), "approval_mismatch");
    assert_eq!(
        o.grant_table(seq, SAMPLE, &kari()).expect_err("the same officer").code(),
        "same_officer"
    );
    assert_eq!(o.approve(seq, &ola()).expect_err("in steps").code(), "in_steps");
    assert_eq!(o.register.fold().certificates().count(), 0, "none of it was recorded");

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
            assert_eq!(o.register.fold().certificates().count(), 1);
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
    let same = o.bulk(&ola(), |register, terms, by, issuance| {
        register.reissue_many(seq, &[number], terms, by, issuance)
    });
    assert_eq!(same.expect_err("the same key").code(), "approval_mismatch");

    let other = SecretKey::from_seed(&[2; 32]);
    let new = o.bulk(&ola(), |register, terms, by, issuance| {
        let mut sign = |claims: &[CertificateClaims]| {
            let sign =
                |claims| Ok(Signed::sign(claims, Algorithm::EdDsa, &other)?.as_str().to_owned());
            claims.iter().map(sign).collect()
        };
        let mut issuance =
            BulkIssuance { iss: issuance.iss, rng: &mut *issuance.rng, sign: &mut sign };
        register.reissue_many(seq, &[number], terms, by, &mut issuance)
    });
    let [Some(new)] = new.expect("signed anew")[..] else { panic!("one certificate") };
    assert_eq!((o.status(number), o.status(new)), (Status::Invalid, Status::Valid));
    assert_eq!(o.register.certificates_of_key(of_key, reason, o.now).count(), 0);
    let done = o.bulk(&ola(), |register, terms, by, issuance| {
        register.reissue_many(seq, &[number], terms, by, issuance)
    });
    assert_eq!(done.expect("nothing"), [None], "what was superseded is passed over");
    assert!(matches!(
        o.complete(seq).expect("completed").event,
        Event::Completed { certificates: 1 }
    ));
}
