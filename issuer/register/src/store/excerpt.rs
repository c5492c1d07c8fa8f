//! What the register says about one person, read without the rest.
//!
//! A command reads the whole register, because a decision about one person depends on everybody: the
//! next number, a free slot, who has this number already. What a certificate is worth does not. It
//! follows from the statements about its holder and those about the office, and which they are stands
//! in the [catalogue](super::catalogue) of this machine.
//!
//! | of | is checked |
//! |---|---|
//! | the statement at the mark, and the last in the catalogue | its hash, and of the last its signature |
//! | statements about the office | everything, as whoever reads the register does |
//! | statements about the holder, and what they rest on | that each has the hash which this machine remembers, and its officer's signature |
//! | statements after the catalogue, which this machine has not checked yet | everything, for which the people are read as well whom they are about; except that a publication names the right log and is later than the last one, which says nothing about a person |
//! | other people's statements, the table of numbers and slots | nothing: whoever reads them notices what was changed, and so does the audit |
//!
//! Whatever is not as expected, or takes more than this, there is no excerpt: then everything is read,
//! and that says what is the matter, if anything is. So an excerpt can be wrong in one way only: the
//! catalogue lacks a statement, because somebody changed it on purpose.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use vernet_common::{CertificateNumber, NumericDate};

use crate::{
    apply::apply,
    error::Error,
    officer_key::assertion::OfficerSignature,
    state::{index::State, record::CertificateRecord},
    statements::{
        digest::Digest,
        event::Event,
        proposal::{Act, Proposal},
        statement::{Statement, Unverified},
    },
    storage::{
        location::RegisterLocation,
        open::open,
        transaction::{Access, StatementRow, Transaction},
    },
    store::{
        catalogue::OpenCatalogue,
        high_water::HighWater,
        subject::{Subject, is_of_office},
    },
};

/// The most statements after those in the catalogue: three weeks of another machine that publishes
/// every hour. To check more than these takes longer than an excerpt saves in a small register, and
/// whoever reads everything adds them to the catalogue.
const MOST_AFTER: usize = 500;

/// The most certificates in one of those statements. With more, many people are read.
const MOST_AT_ONCE: usize = 20;

/// What a register says about the holder of one certificate.
#[derive(Debug)]
pub struct Excerpt {
    /// Of the holder and the office. It never leaves this type, because whatever else is asked of it
    /// would be answered from a part.
    state: State,
    number: CertificateNumber,
    recorded_until: NumericDate,
}

impl Excerpt {
    /// Reads what is about the holder of a certificate, with the mark of this machine and what lies
    /// beside it. None if that is not enough, or anything is not as this machine remembers it: then
    /// open the whole register.
    ///
    /// # Errors
    ///
    /// As for [`Register::open_marked`](crate::Register::open_marked) if the mark cannot be read or
    /// the register cannot be opened.
    pub fn open(
        at: &RegisterLocation,
        mark: &Path,
        number: CertificateNumber,
    ) -> Result<Option<Self>, Error> {
        let high_water = HighWater::read(mark)?;
        let Some((seen, catalogue)) = high_water.seen().zip(high_water.catalogue().open()) else {
            return Ok(None);
        };
        // Before the register, which others continue to write.
        let Some(known) = catalogue.last() else { return Ok(None) };
        let mut storage = open(at)?;
        if !storage.missing()?.is_empty() {
            return Ok(None);
        }
        let transaction = storage.begin(Access::Read)?;
        let rows = Rows { transaction, catalogue, last: known.0 };
        Ok(match rows.excerpt(known, seen, number) {
            Ok(excerpt) => Some(excerpt),
            Err(No::TakesMore) => None,
            Err(No::Differs) => {
                high_water.catalogue().forget();
                None
            }
        })
    }

    /// What it says of the certificate.
    pub fn record(&self) -> CertificateRecord<'_> {
        self.state.record_of(self.number).expect("an excerpt has it, see `excerpt`")
    }

    /// The first statement, and its hash.
    pub fn founding(&self) -> Option<(&Statement, Digest)> {
        self.state.statements().first().zip(self.state.hash(1))
    }

    /// When the last statement of the register was recorded.
    pub fn recorded_until(&self) -> NumericDate {
        self.recorded_until
    }
}

/// Why there is no excerpt.
#[derive(Clone, Copy, Debug)]
enum No {
    /// What was asked takes more than an excerpt.
    TakesMore,
    /// The register is not what the catalogue says. Whichever is right, the catalogue is made again
    /// from a register that was read with all checks.
    Differs,
}

/// The rows of the register, and what this machine knows of them.
struct Rows<'a> {
    transaction: Box<dyn Transaction + 'a>,
    catalogue: OpenCatalogue,
    /// The last statement in the catalogue.
    last: u64,
}

/// A row that has its hash. Its signature is not checked yet.
struct Row {
    hash: Digest,
    statement: Statement,
    signature: OfficerSignature,
    body: String,
}

impl Row {
    fn of(row: StatementRow) -> Result<Self, No> {
        let hash = Digest::of(row.body.as_bytes());
        let statement = Statement::from_checked(&row.body).map_err(|_| No::Differs)?;
        if hash.as_bytes() != &row.hash || statement.seq != row.seq {
            return Err(No::Differs);
        }
        let StatementRow { signature, body, .. } = row;
        let signature = OfficerSignature::from_bytes(&signature).map_err(|_| No::Differs)?;
        Ok(Self { hash, statement, signature, body })
    }

    /// The statement, if its officer signed it.
    fn verify(self, state: &State) -> Result<(Statement, Digest), Error> {
        let unverified = Unverified::new(self.body.into_bytes(), self.signature)?;
        let statement = match state.officers().key(unverified.kid()) {
            Ok(officer) => unverified.verify(officer.key()),
            Err(_) if self.statement.seq == 1 => unverified.verify_founding(),
            Err(_) => unverified.verify_appointment(),
        };
        Ok((statement?, self.hash))
    }
}

impl Rows<'_> {
    fn excerpt(
        mut self,
        known: (u64, Digest),
        (marked, head): (u64, Digest),
        number: CertificateNumber,
    ) -> Result<Excerpt, No> {
        let newest = self.row(known.0)?;
        let after = self.after(&newest)?;
        let at_mark = match marked.checked_sub(known.0 + 1) {
            Some(place) => {
                let row = usize::try_from(place).ok().and_then(|place| after.get(place));
                row.ok_or(No::Differs)?.hash
            }
            None => self.row(marked)?.hash,
        };
        if newest.hash != known.1 || at_mark != head {
            return Err(No::Differs);
        }
        let mut found = Found::new(&mut self);
        found.all_about([Subject::Office, Subject::Certificate(number)])?;
        for row in &after {
            found.for_checking(&row.statement)?;
        }
        let found = found.complete()?;
        let recorded_until = after.last().unwrap_or(&newest).statement.recorded_at;
        let state = state_of(found, newest, after).map_err(|_| No::Differs)?;
        // That there is no such certificate says only who has read everything.
        state.record_of(number).map_err(|_| No::TakesMore)?;
        Ok(Excerpt { state, number, recorded_until })
    }

    /// The statement with this number, if it is the one that this machine has checked.
    fn row(&mut self, seq: u64) -> Result<Row, No> {
        let rows = self.rows(seq.checked_sub(1).ok_or(No::Differs)?, 1)?;
        let row = rows.into_iter().find(|row| row.statement.seq == seq).ok_or(No::Differs)?;
        if self.catalogue.hash(seq) != Some(row.hash) {
            return Err(No::Differs);
        }
        Ok(row)
    }

    /// All statements after the last one that this machine has checked, if they are few. Each
    /// follows the one before.
    fn after(&mut self, newest: &Row) -> Result<Vec<Row>, No> {
        let rows = self.rows(self.last, MOST_AFTER + 1)?;
        if rows.len() > MOST_AFTER {
            return Err(No::TakesMore);
        }
        let befores = std::iter::once(newest).chain(&rows);
        let follows = |(row, before): (&Row, &Row)| {
            row.statement.seq == before.statement.seq + 1
                && row.statement.prev == before.hash
                && row.statement.recorded_at >= before.statement.recorded_at
        };
        if rows.iter().zip(befores).all(follows) { Ok(rows) } else { Err(No::Differs) }
    }

    fn rows(&mut self, after: u64, limit: usize) -> Result<Vec<Row>, No> {
        let mut rows = Vec::new();
        let mut keep = |row| {
            rows.push(row);
            Ok(())
        };
        self.transaction.statements(after, limit, &mut keep).map_err(|_| No::TakesMore)?;
        rows.into_iter().map(Row::of).collect()
    }
}

/// What was found about some subjects.
struct Found<'a, 'b> {
    register: &'a mut Rows<'b>,
    rows: BTreeMap<u64, Row>,
    /// The numbers of the statements about each of them.
    subjects: BTreeMap<Subject, BTreeSet<u64>>,
}

impl<'a, 'b> Found<'a, 'b> {
    fn new(register: &'a mut Rows<'b>) -> Self {
        Self { register, rows: BTreeMap::new(), subjects: BTreeMap::new() }
    }

    /// Finds everything about these subjects, and about whoever is the same person as one of them.
    fn all_about(&mut self, subjects: impl IntoIterator<Item = Subject>) -> Result<(), No> {
        let mut open: Vec<Subject> = subjects.into_iter().collect();
        while let Some(subject) = open.pop() {
            if self.subjects.contains_key(&subject) {
                continue;
            }
            let about = self.register.catalogue.about(&subject).ok_or(No::Differs)?;
            for seq in &about {
                open.extend(self.one(*seq)?);
            }
            self.subjects.insert(subject, about);
        }
        Ok(())
    }

    /// Finds one statement, with what it rests on. Returns whom they are about. What is not in the
    /// catalogue is among the statements after it, or nowhere.
    fn one(&mut self, seq: u64) -> Result<Vec<Subject>, No> {
        if seq > self.register.last || self.rows.contains_key(&seq) {
            return Ok(Vec::new());
        }
        let row = self.register.row(seq)?;
        let (mut who, rests_on) = (Subject::who(&row.statement.event), rests_on(&row.statement));
        self.rows.insert(seq, row);
        if let Some(other) = rests_on {
            who.extend(self.one(other)?);
        }
        Ok(who)
    }

    /// What was found, if the catalogue is complete: what is about a subject must be found by it.
    fn complete(self) -> Result<BTreeMap<u64, Row>, No> {
        let Self { rows, subjects, .. } = self;
        let is_found = |(seq, row): (&u64, &Row)| {
            let mut who = Subject::who(&row.statement.event).into_iter();
            who.all(|subject| subjects.get(&subject).is_some_and(|about| about.contains(seq)))
        };
        if rows.iter().all(is_found) { Ok(rows) } else { Err(No::Differs) }
    }

    /// Finds what it takes to check a statement after those in the catalogue, unless that may be
    /// anything.
    fn for_checking(&mut self, statement: &Statement) -> Result<(), No> {
        let event = &statement.event;
        let mut subjects = Subject::who(event);
        let mut others: Vec<u64> = event.about().into_iter().collect();
        match event {
            Event::Published { .. }
            | Event::Proposed(_)
            | Event::HistoryMade { .. }
            | Event::Refused(_)
            | Event::Merged { .. } => {}
            Event::Rejected { proposal, .. } => others.push(*proposal),
            Event::Retracted { statement } => others.push(*statement),
            // What was lost is about anybody.
            Event::Restored(_) => return Err(No::TakesMore),
            event if is_of_office(event) => {}
            Event::Granted(granted) if granted.import.is_some() => return Err(No::TakesMore),
            Event::Dispatched(papers) if papers.certificates.len() <= MOST_AT_ONCE => {
                subjects.extend(papers.certificates.iter().copied().map(Subject::Certificate));
                others.extend(papers.decision);
            }
            event if event.certificate().is_some() || event.issued().is_some() => {
                subjects.extend(event.issued().map(|(claims, _)| Subject::slot_of(claims)));
            }
            _ => return Err(No::TakesMore),
        }
        others.extend(rests_on(statement));
        for seq in others {
            subjects.push(Subject::Proposal(seq));
            subjects.extend(self.one(seq)?);
            if let Some(Event::Proposed(proposal)) =
                self.rows.get(&seq).map(|row| &row.statement.event)
            {
                subjects.extend(subjects_of(proposal));
            }
        }
        self.all_about(subjects)
    }
}

/// The other statement whose number and hash a statement names: what it approves, or where the
/// register was when the roots appointed somebody.
fn rests_on(statement: &Statement) -> Option<u64> {
    match &statement.event {
        Event::Appointed(appointed) => appointed.claims().ok().map(|claims| claims.seq),
        _ => statement.approves.map(|approved| approved.seq),
    }
}

/// Whom the statement is about that would approve a proposal.
fn subjects_of(proposal: &Proposal) -> Vec<Subject> {
    let mut subjects: Vec<Subject> =
        proposal.certificate().map(Subject::Certificate).into_iter().collect();
    match &proposal.act {
        Act::Grant { application } => subjects.push(Subject::Person(application.hpr_number)),
        Act::Decide { event } => subjects.extend(Subject::who(event)),
        Act::Reissue { .. } | Act::Import { .. } | Act::ReissueAll { .. } => {}
    }
    subjects
}

/// The state of what was found and of what came after it.
fn state_of(found: BTreeMap<u64, Row>, newest: Row, after: Vec<Row>) -> Result<State, Error> {
    let mut state = State::excerpt();
    for row in found.into_values() {
        let is_of_office = is_of_office(&row.statement.event);
        let (statement, hash) = row.verify(&state)?;
        match is_of_office {
            true => apply(&mut state, statement, hash)?,
            false => state.add(statement, hash)?,
        }
    }
    // By its hash, its officer vouches for all before it.
    newest.verify(&state)?;
    for row in after {
        let (statement, hash) = row.verify(&state)?;
        apply(&mut state, statement, hash)?;
    }
    Ok(state)
}
