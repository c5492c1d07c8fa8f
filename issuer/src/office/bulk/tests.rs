//! Tables in the office's folder: what the second officer's program reads from them is what the
//! first one signed, or nothing is granted.

use std::fs;

use vernet_common::CivilDate;
use vernet_register::{Act, Digest, Document, Documents, Event, Proposal, RowTree};

use crate::{
    error::Error,
    office::tests::{House, code},
};

const REFUSED: &[u8] = include_bytes!("../../../../tests/import/refused.csv");
const TABLE: &[u8] = include_bytes!("../../../../tests/import/people.csv");

impl House {
    /// What a first officer's program of another version, or a changed one, may sign: this table,
    /// and what it makes of it.
    fn propose_read_as(
        &mut self,
        read: impl FnOnce(&RowTree) -> (u32, Digest),
    ) -> Result<u64, Error> {
        let file = self.folder.path().join("people.csv");
        fs::write(&file, TABLE).expect("written");
        let tree = self.office.read_import(TABLE, self.now)?.tree()?;
        let (rows, root) = read(&tree);
        let proposal = Proposal::about(Act::Import { rows, root, each: true });
        Ok(self.office.propose(proposal, &[file], &self.officer, self.now)?.seq)
    }

    fn begin(&mut self, seq: u64) -> Result<super::Bulk, Error> {
        self.office.begin_bulk(seq, &self.passphrase, (&self.second, self.now))
    }

    /// What the second officer is told before anything is signed, and then.
    fn refused(&mut self, seq: u64) -> (Option<&'static str>, &'static str) {
        let reviewed =
            self.office.review(seq, self.now).expect("a review").refused.map(|error| error.code());
        (reviewed, code(self.begin(seq)))
    }
}

#[test]
fn a_table_that_is_read_otherwise_than_it_was_signed_is_not_imported() {
    let house = &mut House::founded();
    let seq = house.propose_read_as(|tree| (tree.count(), tree.root())).expect("proposed");
    assert_eq!(house.begin(seq).expect("as it was signed").len(), 4);

    // Another version took other rows for people, or other fields of them.
    let seq = house
        .propose_read_as(|tree| (tree.count(), Digest::of(b"another reading")))
        .expect("proposed");
    assert_eq!(house.refused(seq), (Some("import_reads_differently"), "import_reads_differently"));
    // The review says how many people it is about: that is signed, too, and would be found out only
    // on the way.
    for rows in [0, 3, 5, 8, u32::MAX] {
        let seq = house.propose_read_as(|tree| (rows, tree.root())).expect("proposed");
        assert_eq!(
            house.refused(seq),
            (Some("import_reads_differently"), "import_reads_differently"),
            "{rows}"
        );
    }
    assert_eq!(house.office.register().state().certificates().count(), 0);
}

#[test]
fn a_table_that_was_changed_or_removed_is_not_imported() {
    let house = &mut House::founded();
    let seq = house.propose_read_as(|tree| (tree.count(), tree.root())).expect("proposed");
    let document = Document { name: "people.csv".into(), sha256: Digest::of(TABLE) };
    let documents: Documents = house.office.documents();
    let path = documents.path(&document);
    let changed =
        String::from_utf8(TABLE.to_vec()).expect("text").replace("Kristin Marie", "Kristian");
    fs::write(&path, changed).expect("an intruder can");
    assert_eq!(house.refused(seq), (Some("document_changed"), "document_changed"));
    fs::remove_file(&path).expect("an intruder can");
    assert_eq!(house.refused(seq).1, "document_missing");
    fs::write(&path, TABLE).expect("restored");
    assert_eq!(house.begin(seq).expect("as it was signed").len(), 4);
}

/// Every rule that a row can break, with its line. Those from 30 on are about what the register
/// knows of the person.
#[test]
fn each_row_is_reported_with_the_rule_that_it_breaks() {
    let house = &mut House::founded();
    let day = |text: &str| -> CivilDate { text.parse().expect("a date") };
    for hpr in ["30", "31", "32", "33", "34", "35"] {
        let certificate = house.grant_from(day("2020-01-01"), hpr, day("1970-01-01"));
        let certificate = certificate.expect("a grant");
        let event = match hpr {
            "32" => Event::Deceased { certificate },
            "33" => Event::Revoked { certificate, gravest: false },
            "34" => Event::Waived { certificate, during_supervision: false },
            _ => continue,
        };
        let decided_on = Some(day("2026-01-15"));
        house.both(Proposal { decided_on, ..Proposal::of(event) }).expect("decided");
    }
    let (from, into) = ("35".parse().expect("a number"), "9999".parse().expect("a number"));
    house.both(Proposal::of(Event::Merged { from, into })).expect("merged");
    let table = house.office.read_import(REFUSED, day("2026-01-15").start()).expect("a table");
    let report = house.office.check_import(&table, house.now);
    let found =
        report.rows.iter().map(|row| (row.line, row.outcome.code().unwrap_or(row.outcome.word())));
    let expected = [
        "grant_before_profession_existed",
        "grant_in_future",
        "decision_after_grant",
        "basis_evidence_mismatch",
        "exam_after_decision",
        "age_impossible",
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

/// Rows as the register of health personnel has them: the kind is a code, and rights in that
/// register have an end.
#[test]
fn kinds_of_a_public_register_are_what_they_are() {
    let house = House::founded();
    let header = "hpr_number,category,given_name,family_name,birthdate,kind,basis,granted,valid_to,conditions,bound_to_post,exam_school,exam_date";
    let row = |number: u32, kind: &str, valid_to: &str, conditions: &str, bound: &str| {
        format!(
            "{number},PE,Åse,Østby,1980-02-29,{kind},norwegian_exam,2020-01-01,{valid_to},{conditions},{bound},A school,2010-06-11"
        )
    };
    let table = [
        header.to_owned(),
        row(1, "1", "2060-02-29", "", ""),
        row(2, "17", "2060-02-29", "2020/17", ""),
        row(3, "4", "2027-01-01", "", ""),
        row(4, "4", "2027-01-01", "2020/49", "yes"),
        row(5, "14", "2027-01-01", "", ""),
        row(6, "2", "2027-01-01", "", ""),
        row(7, "18", "2027-01-01", "", ""),
        row(8, "5", "2027-01-01", "", ""),
    ]
    .join("\n");
    let table = house.office.read_import(table.as_bytes(), house.now).expect("a table");
    let report = house.office.check_import(&table, house.now);
    let found: Vec<_> =
        report.rows.iter().map(|row| row.outcome.code().unwrap_or(row.outcome.word())).collect();
    assert_eq!(
        found,
        [
            "passes",
            "passes",
            "passes",
            "passes",
            "temporary_service_not_issued",
            "kind_not_of_profession",
            "kind_not_of_profession",
            "field_invalid"
        ]
    );
    let bound = table.rows()[3].application.as_ref().expect("an application");
    assert!(bound.bound_to_post && bound.kind == vernet_common::Kind::Licence);
}
