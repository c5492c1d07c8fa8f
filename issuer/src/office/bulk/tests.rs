//! Tables in the office's folder: what the second officer's program reads from them is what the
//! first one signed, or nothing is granted.

use std::fs;

use crate::{
    Act, Digest, Document, Documents, Error, ImportTable, Proposal,
    office::tests::{House, code},
    register::RowTree,
};

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
        let tree = ImportTable::read(TABLE, self.now.civil_date())?.tree()?;
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
    assert_eq!(house.office.register().fold().certificates().count(), 0);
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
