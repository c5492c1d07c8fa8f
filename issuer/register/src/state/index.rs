//! The index of the register: which statements are about which authorisation, person and status
//! list.
//!
//! It is built from statements alone, one after the other, without a clock or a database. The
//! reader of the statements checks their signatures, and `apply` checks that an officer may make
//! them; this module checks that each follows the previous one.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{
    Authorisation as Right, CertificateClaims, CertificateNumber, CivilDate, HprNumber, HttpsUrl,
    KeyId, LogHead, NumberPrefix, NumericDate, PublicKey, Roots, Status, StatusIndex,
    StatusListNumber, Title, TrustedKey,
};

use crate::{
    error::Error,
    officer_key::assertion::OfficerSignature,
    rule::RuleError,
    state::{
        decoys::decoys, held::Held, known_people::KnownPeople, log::IssuedLog, officers::Officers,
    },
    statements::{
        correction::Correction,
        digest::Digest,
        dispatch::{Dispatched, Paper},
        event::{Event, Granted, Notice, Refused},
        statement::Statement,
    },
    titles::{ProtectedTitle, Titles},
};

/// How far the time in a status list may run ahead of the clock, so that two publications in one
/// second differ.
pub const MAX_LEAD_S: i64 = 60;

/// Everything that the register says, in order and by subject.
#[derive(Default, Debug)]
pub struct State {
    pub(super) statements: Held,
    pub(super) officers: Officers,
    pub(super) titles: Titles,
    /// The root keys that may appoint officers.
    pub(super) roots: Option<Roots>,
    /// The number of each open proposal.
    pub(super) open: BTreeSet<u64>,
    /// The number of each suspension in an emergency.
    pub(super) alone: BTreeSet<u64>,
    /// From the number of a proposal or of a suspension in an emergency to the number of the
    /// statement that approved or rejected it.
    pub(super) decided: BTreeMap<u64, u64>,
    /// From the number of a proposal about many to its completed parts: the row of an import, or
    /// the position of the statement.
    pub(super) parts: BTreeMap<u64, BTreeSet<u64>>,
    pub(super) publications: BTreeMap<StatusListNumber, Publication>,
    /// The office's working keys, with the position of the statement that added them.
    pub(super) keys: BTreeMap<KeyId, usize>,
    pub(super) authorisations: Vec<Authorisation>,
    pub(super) by_certificate: BTreeMap<CertificateNumber, usize>,
    pub(super) slots: BTreeMap<(StatusListNumber, StatusIndex), CertificateNumber>,
    pub(super) by_hpr: BTreeMap<HprNumber, Vec<usize>>,
    /// From predecessor to successor, with the position of the statement. Only the last one can
    /// stand: those before it were retracted.
    pub(super) merges: BTreeMap<HprNumber, Vec<(HprNumber, usize)>>,
    /// Every number that ever succeeded another one, whether or not that stood.
    pub(super) successors: BTreeSet<HprNumber>,
    pub(super) deaths: BTreeMap<HprNumber, Vec<usize>>,
    /// From the number of a death or a merge to the position of its retraction.
    pub(super) retractions: BTreeMap<u64, usize>,
    /// From the number of a reversed decision to the position of its reversal.
    pub(super) reversals: BTreeMap<u64, usize>,
    /// From the number of a decision to the positions of its stays, and of their ends.
    pub(super) stays: BTreeMap<u64, Vec<(usize, Option<usize>)>>,
    /// From the number of a decision to the position of the one that dismissed the appeal.
    pub(super) upheld: BTreeMap<u64, usize>,
    /// From the number of a decision and who was told of it to the position of the statement.
    pub(super) notified: BTreeMap<(u64, Notice), usize>,
    /// The positions of the statements that papers about a certificate were printed or sent.
    pub(super) dispatches: BTreeMap<CertificateNumber, Vec<usize>>,
    /// The same of letters about a decision, by its number.
    pub(super) letters_about: BTreeMap<u64, Vec<usize>>,
    /// The number of the first statement that letters with certificates were printed or sent.
    pub(super) letters_since: Option<u64>,
    /// From the hash of a document to the position of the last statement that deleted it.
    pub(super) deleted: BTreeMap<Digest, usize>,
    /// The positions of refusals.
    pub(super) refusals: Vec<usize>,
    pub(super) lists: BTreeMap<StatusListNumber, List>,
    /// Empty in an excerpt, which says nothing of those who are left out.
    pub(super) log: IssuedLog,
    /// The position of the statement of each certificate in the log. A lost one has that of the
    /// restore.
    pub(super) issued: Vec<usize>,
    /// The working keys that others may hold.
    pub(super) compromised: BTreeMap<KeyId, Compromise>,
    /// The positions of the restores.
    pub(super) restores: Vec<usize>,
    /// The working keys that were lost with the register, as the last publication had them.
    pub(super) lost_keys: BTreeMap<KeyId, TrustedKey>,
    /// The numbers that lost certificates may have, and nobody gets any more.
    pub(super) gaps: Vec<Gap>,
    /// What a search compares.
    pub(super) known_people: KnownPeople,
    /// About which rights something may be due.
    pub(super) may_be_due: MayBeDue,
}

/// One right of one person, and all that was decided about it. Positions point into the statements.
#[derive(Debug)]
pub(crate) struct Authorisation {
    pub(crate) grant: usize,
    /// What was decided about it after the grant, in order of recording, including a later grant
    /// that replaces it.
    pub(crate) decisions: Vec<usize>,
    /// Its certificates, in order of signing.
    pub(crate) certificates: Vec<(CertificateNumber, usize)>,
    /// The corrections of who its holder is.
    pub(super) corrections: Vec<usize>,
    /// The corrections and retractions that gave it back. Its certificates of before stay invalid.
    pub(super) given_back: Vec<usize>,
    /// What hospitals were told of its certificates, and the register could not explain after a
    /// restore, in order.
    pub(super) told: Vec<ToldByPublication>,
}

/// What a publication said of a certificate, worse than the restored register did.
#[derive(Clone, Copy, Debug)]
pub(super) struct ToldByPublication {
    /// The position of the restore.
    pub(super) position: usize,
    pub(super) certificate: CertificateNumber,
    pub(super) status: Status,
}

/// The numbers that certificates may have which were lost before a restore.
#[derive(Debug)]
pub(super) struct Gap {
    /// The last year in which they were issued.
    pub(super) until: i16,
    /// How many there are, of whatever title.
    pub(super) lost: u32,
    /// The last serial number of each title and year that the register knew.
    pub(super) known: BTreeMap<(NumberPrefix, u16), u32>,
}

/// A key that others may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compromise {
    /// Since when.
    pub(super) since: NumericDate,
    /// When it was recorded.
    pub(super) known_at: NumericDate,
    /// How long the log was then, if a trust list said so that was lost and taken back: of the
    /// certificates that were lost, only it knows which came before.
    pub(super) log_size: Option<u64>,
}

#[derive(Debug)]
pub(super) struct List {
    pub(super) opened: usize,
    pub(super) decoys: BTreeMap<StatusIndex, Status>,
    /// The statuses of slots that belong to nobody whom the register knows, as they were published
    /// before a restore, each with its position. They stay as they are: nobody can decide about
    /// them.
    pub(super) kept: Vec<(usize, BTreeMap<StatusIndex, Status>)>,
}

/// A status list that was published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Publication {
    /// The list.
    pub list: StatusListNumber,
    /// When it was signed.
    pub iat: NumericDate,
    /// The trust list that was published with it.
    pub trust_list_seq: u64,
    /// The issued log that it names.
    pub log: LogHead,
}

/// A certificate that was issued.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    /// What it says.
    pub claims: &'a CertificateClaims,
    /// The certificate itself, as a compact JWS.
    pub jws: &'a str,
    /// The statement that it was signed with.
    pub statement: &'a Statement,
    /// The certificate that superseded it.
    pub superseded_by: Option<CertificateNumber>,
}

/// The places of rights about which something may be due, see `may_be_due`.
#[derive(Default, Debug)]
pub(super) struct MayBeDue {
    /// Those about which more was recorded than certificates and their letters: decisions,
    /// corrections, merges of numbers, what hospitals were told.
    pub(super) decided: BTreeSet<usize>,
    /// By the day on which one of their certificates expires.
    pub(super) expiring: BTreeMap<CivilDate, Vec<usize>>,
    /// By the first day after a cycle, of titles that must be renewed.
    pub(super) cycles: BTreeMap<CivilDate, BTreeSet<usize>>,
    /// Those with a newest certificate of which no letter was recorded, since letters are.
    pub(super) unsent: BTreeSet<usize>,
    /// Those with a newest certificate that a stolen key signed.
    pub(super) stolen: BTreeSet<usize>,
}

impl State {
    /// The state of no statements yet, to which some of a register's are added.
    #[cfg(feature = "storage")]
    pub(crate) fn excerpt() -> Self {
        Self { statements: Held::excerpt(), ..Self::default() }
    }

    /// The hash of the last statement, which covers all of them.
    pub fn head(&self) -> Digest {
        self.statements.head()
    }

    /// The hash of a statement.
    pub fn hash(&self, seq: u64) -> Option<Digest> {
        self.statements.hash(seq)
    }

    /// The officers.
    pub fn officers(&self) -> &Officers {
        &self.officers
    }

    /// The root keys that may appoint officers; none in an office that has not pinned them.
    pub fn pinned_roots(&self) -> Option<&Roots> {
        self.roots.as_ref()
    }

    /// The titles that the office certifies.
    pub fn titles(&self) -> &Titles {
        &self.titles
    }

    /// What was decided about an authorisation, as known at an instant, in order of recording.
    pub(crate) fn decisions(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> impl Iterator<Item = &Statement> {
        let decisions = authorisation.decisions.iter().map(|position| self.at(*position));
        decisions.filter(move |decision| decision.recorded_at <= known_at)
    }

    /// The row of the title that an authorisation is for.
    ///
    /// # Errors
    ///
    /// [`Rule::TitleUnknown`](crate::Rule::TitleUnknown), which no register of this program has.
    pub(crate) fn row_of(
        &self,
        authorisation: &Authorisation,
    ) -> Result<&ProtectedTitle, RuleError> {
        self.titles.get(self.title_of(authorisation))
    }

    /// The title that an authorisation is for.
    pub(crate) fn title_of(&self, authorisation: &Authorisation) -> &Title {
        &self.granted(authorisation).application.title
    }

    /// The public halves of the office's working keys.
    pub(crate) fn office_keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.values().filter_map(|position| match &self.at(*position).event {
            Event::KeyAdded { key, .. } => Some(key),
            _ => None,
        })
    }

    /// The statement that added a working key.
    pub(crate) fn key_added(&self, kid: KeyId) -> Option<&Statement> {
        self.keys.get(&kid).map(|position| self.at(*position))
    }

    /// The trust lists that the root keys signed, oldest first: the number of the statement, that of
    /// the list, and its hash. Those that were lost come with the restore.
    pub fn trust_lists(&self) -> impl Iterator<Item = (u64, u64, Digest)> {
        self.statements.iter().flat_map(|statement| {
            let (signed, restored) = match &statement.event {
                Event::TrustListSigned { seq, sha256, .. } => (Some((*seq, *sha256)), &[][..]),
                Event::Restored(restored) => (None, &restored.trust_lists[..]),
                _ => (None, &[][..]),
            };
            let restored = restored.iter().map(|list| (list.seq, list.sha256));
            signed.into_iter().chain(restored).map(|(seq, sha256)| (statement.seq, seq, sha256))
        })
    }

    /// The last publication of a status list.
    pub fn last_publication(&self, list: StatusListNumber) -> Option<Publication> {
        self.publications.get(&list).copied()
    }

    /// The issuer's URL; none before the office is founded.
    pub fn iss(&self) -> Option<&HttpsUrl> {
        match &self.statements.first()?.event {
            Event::Founded(founded) => Some(&founded.iss),
            _ => None,
        }
    }

    /// Every statement, in order.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// When the last statement was recorded; none before the office is founded.
    pub fn recorded_until(&self) -> Option<NumericDate> {
        self.statements.last().map(|last| last.recorded_at)
    }

    /// The officers who made a decision: who proposed it, and who approved it.
    pub fn officers_of<'a>(&'a self, statement: &'a Statement) -> impl Iterator<Item = &'a str> {
        let first = statement.approves.and_then(|approved| self.statement(approved.seq).ok());
        first.into_iter().chain([statement]).map(|statement| statement.officer.as_str())
    }

    /// The statement with this number.
    ///
    /// # Errors
    ///
    /// [`Error::StatementNotFound`] if there is none.
    pub fn statement(&self, seq: u64) -> Result<&Statement, Error> {
        let position = self.statements.position(seq);
        position.map(|position| self.at(position)).ok_or(Error::StatementNotFound { seq })
    }

    /// Every certificate that was ever given out, by number.
    pub fn certificates(&self) -> impl Iterator<Item = Certificate<'_>> {
        self.by_certificate.keys().filter_map(|number| self.certificate(*number).ok())
    }

    /// The last number of a title that was given out in a year.
    pub(crate) fn last_number(&self, prefix: NumberPrefix, year: u16) -> Option<CertificateNumber> {
        // Numbers sort by prefix, year and serial number.
        let first = |year| CertificateNumber::new(prefix, year, 1).ok();
        let (from, to) = (first(year)?, first(year + 1)?);
        self.by_certificate.range(from..to).next_back().map(|(number, _)| *number)
    }

    /// Whether a slot was given out.
    pub(crate) fn is_taken(&self, list: StatusListNumber, index: StatusIndex) -> bool {
        self.slots.contains_key(&(list, index))
    }

    /// A certificate.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn certificate(&self, number: CertificateNumber) -> Result<Certificate<'_>, Error> {
        let authorisation = self.authorisation(number)?;
        let place = authorisation.certificates.iter().position(|(other, _)| *other == number);
        let (place, (claims, jws)) = place
            .and_then(|place| {
                Some((place, self.at(authorisation.certificates[place].1).event.issued()?))
            })
            .ok_or(Error::NotFound { number })?;
        Ok(Certificate {
            claims,
            jws,
            statement: self.at(authorisation.certificates[place].1),
            superseded_by: authorisation.certificates.get(place + 1).map(|(number, _)| *number),
        })
    }

    /// The newest certificate of the authorisation that this one belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn current_certificate(&self, number: CertificateNumber) -> Result<Certificate<'_>, Error> {
        let newest =
            self.authorisation(number)?.certificates.last().map_or(number, |(number, _)| *number);
        self.certificate(newest)
    }

    /// What was granted with the authorisation that this certificate belongs to.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn grant(&self, number: CertificateNumber) -> Result<&Granted, Error> {
        Ok(self.granted(self.authorisation(number)?))
    }

    /// Every statement about the authorisation that this certificate belongs to, or about its
    /// holder, in order.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn history(&self, number: CertificateNumber) -> Result<Vec<&Statement>, Error> {
        let authorisation = self.authorisation(number)?;
        let newest = self
            .statements
            .last()
            .map_or(self.at(authorisation.grant).recorded_at, |last| last.recorded_at);
        let numbers = self.numbers_of_person(self.hpr_of(authorisation, newest), newest);
        let mut positions = BTreeSet::from([authorisation.grant]);
        positions.extend(&authorisation.decisions);
        positions.extend(&authorisation.corrections);
        positions.extend(&authorisation.given_back);
        positions.extend(authorisation.told.iter().map(|told| told.position));
        let own = authorisation.certificates.iter();
        positions.extend(own.filter_map(|(number, _)| self.dispatches.get(number)).flatten());
        let letters: Vec<usize> = positions
            .iter()
            .filter_map(|position| self.letters_about.get(&self.at(*position).seq))
            .flatten()
            .copied()
            .collect();
        positions.extend(letters);
        positions.extend(numbers.iter().filter_map(|hpr| self.deaths.get(hpr)).flatten());
        positions.extend(self.merges.iter().flat_map(|(from, merges)| {
            let known =
                merges.iter().filter(|(into, _)| numbers.contains(from) || numbers.contains(into));
            known.map(|(_, position)| *position)
        }));
        let retracted = positions
            .iter()
            .filter_map(|position| self.retractions.get(&self.at(*position).seq).copied());
        let retracted: Vec<usize> = retracted.collect();
        positions.extend(retracted);
        Ok(positions.into_iter().map(|position| self.at(position)).collect())
    }

    /// The person's present number: the end of the chain of merges.
    pub fn successor(&self, hpr: HprNumber, known_at: NumericDate) -> HprNumber {
        let mut newest = hpr;
        while let Some(into) = self.merged_into(newest, known_at) {
            newest = into;
        }
        newest
    }

    /// The number that this one was merged into, as known at an instant.
    fn merged_into(&self, from: HprNumber, known_at: NumericDate) -> Option<HprNumber> {
        let merges = self.merges.get(&from)?.iter();
        let mut known = merges.filter(|(_, position)| {
            let merge = self.at(*position);
            merge.recorded_at <= known_at && self.retraction(merge.seq, known_at).is_none()
        });
        known.next_back().map(|(into, _)| *into)
    }

    /// A certificate of each authorisation that the person with this number ever had, in order of
    /// granting.
    pub fn authorisations_of(
        &self,
        hpr: HprNumber,
        known_at: NumericDate,
    ) -> Vec<CertificateNumber> {
        let rights = self.rights_of_person(hpr, known_at);
        rights
            .iter()
            .filter_map(|right| right.certificates.first().map(|(number, _)| *number))
            .collect()
    }

    /// Checks that a statement follows the last one.
    pub(crate) fn check_place(&self, statement: &Statement) -> Result<(), Error> {
        let chain = |reason| Error::Chain { seq: statement.seq, reason };
        self.statements.check_next(statement).map_err(chain)
    }

    /// Takes note of the signature of the statement that was added last.
    pub(crate) fn signed(&mut self, kid: KeyId, signature: &OfficerSignature) {
        self.officers.signed(kid, signature);
    }

    /// Adds the next statement, after the check that its officer may make it.
    pub(crate) fn add(&mut self, statement: Statement, hash: Digest) -> Result<(), Error> {
        let (seq, position) = (statement.seq, self.statements.len());
        let damaged = |reason| Error::Chain { seq, reason };
        self.check_place(&statement)?;
        // By what was known before.
        let given_back = self.given_back(&statement);
        if let Some(number) = statement.event.certificate() {
            let right = *self
                .by_certificate
                .get(&number)
                .ok_or_else(|| damaged("it is about a certificate that was never given out"))?;
            self.authorisations[right].decisions.push(position);
        }
        if let Some((claims, _)) = statement.event.issued() {
            let number = claims.certificate_number;
            let right = match &statement.event {
                Event::Reissued(reissued) => self.by_certificate[&reissued.previous],
                _ => self.authorisations.len(),
            };
            if self.by_certificate.insert(number, right).is_some() {
                return Err(damaged("its certificate number was given out before"));
            }
            let slot = &claims.status.status_list;
            let list = slot.uri.number();
            if self.lists.get(&list).is_none_or(|open| open.decoys.contains_key(&slot.idx)) {
                return Err(damaged("its slot is a decoy or in no list"));
            }
            if !self.takes_certificates(list) {
                return Err(damaged("its slot is in a list that a restore has closed"));
            }
            if self.slots.insert((list, slot.idx), number).is_some() {
                return Err(damaged("its slot was given out before"));
            }
        }
        if let Event::Published { list, iat, log, .. } = statement.event
            && !self.statements.is_excerpt()
            && log != self.log.head()
        {
            let reason = "the issued log that it names is not the register's";
            return Err(Error::StatusListDiffers { list, iat, reason }.of_statement(seq));
        }
        self.index(&statement, position).map_err(damaged)?;
        for place in &given_back {
            self.authorisations[*place].given_back.push(position);
        }
        if let Some((_, jws)) = statement.event.issued()
            && !self.statements.is_excerpt()
        {
            self.log.push(jws);
            self.issued.push(position);
        }
        if let Some(approves) = &statement.approves {
            match self.part(approves.seq, &statement.event, position) {
                Some(part) => drop(self.parts.entry(approves.seq).or_default().insert(part)),
                None => self.decide(approves.seq, seq),
            }
        }
        self.statements.push(statement, hash);
        self.note_what_may_be_due(&given_back);
        Ok(())
    }

    fn index(&mut self, statement: &Statement, position: usize) -> Result<(), &'static str> {
        match &statement.event {
            Event::Founded(founded) => {
                self.titles = Titles::founded_with(&founded.titles)
                    .map_err(|_| "its titles contradict themselves or each other")?;
                founded.officers.iter().for_each(|officer| self.officers.enrol(officer.clone()));
                self.roots.clone_from(&founded.roots);
            }
            Event::Appointed(appointed) => {
                let claims = appointed.claims().map_err(|_| "its appointment cannot be read")?;
                self.officers.appoint(claims, statement.recorded_at);
            }
            Event::RootsPinned { roots } => self.roots = Some((**roots).clone()),
            Event::TrustListSigned { list: Some(list), .. } => {
                let claims = list.unverified_claims().map_err(|_| "its list cannot be read")?;
                self.roots = Some(claims.roots);
            }
            Event::OfficerEnrolled(enrolment) => self.officers.enrol((**enrolment).clone()),
            Event::OfficerEnded { kid } => self.officers.end(*kid, statement.recorded_at),
            Event::TitleEntered(row) => self.titles.enter((**row).clone()),
            Event::Proposed(_) => drop(self.open.insert(statement.seq)),
            Event::Suspended { unapproved_until: Some(_), .. } => {
                self.alone.insert(statement.seq);
            }
            Event::Rejected { proposal, .. } => self.decide(*proposal, statement.seq),
            Event::Published { list, iat, trust_list_seq, log, .. } => {
                if !self.lists.contains_key(list) {
                    return Err("the status list was never opened");
                }
                let publication = Publication {
                    list: *list,
                    iat: *iat,
                    trust_list_seq: *trust_list_seq,
                    log: *log,
                };
                let last = self.publications.insert(*list, publication);
                if last
                    .is_some_and(|last| *iat <= last.iat || *trust_list_seq < last.trust_list_seq)
                    || *iat < statement.recorded_at
                {
                    return Err("the publication goes back in time");
                }
                // Otherwise, nothing could be published before that time.
                if iat.seconds_since(statement.recorded_at) > MAX_LEAD_S {
                    return Err("the publication is dated ahead");
                }
            }
            Event::KeyAdded { key, .. } => {
                let before = self.keys.insert(key.kid(), position);
                if before.is_some() {
                    return Err("the key was added before");
                }
            }
            Event::KeyCompromised { kid, since } => {
                self.compromise(*kid, *since, statement.recorded_at, None);
            }
            Event::Granted(granted) => {
                if let Some(previous) = granted.previous_certificate() {
                    let right = *self
                        .by_certificate
                        .get(&previous)
                        .ok_or("its previous certificate is unknown")?;
                    self.authorisations[right].decisions.push(position);
                }
                let (hpr, number) = (granted.claims.hpr_number, granted.claims.certificate_number);
                self.by_hpr.entry(hpr).or_default().push(self.authorisations.len());
                self.authorisations.push(Authorisation {
                    grant: position,
                    decisions: Vec::new(),
                    certificates: vec![(number, position)],
                    corrections: Vec::new(),
                    given_back: Vec::new(),
                    told: Vec::new(),
                });
            }
            Event::Reissued(reissued) => {
                let right = self.by_certificate[&reissued.previous];
                self.authorisations[right]
                    .certificates
                    .push((reissued.claims.certificate_number, position));
            }
            Event::Deceased { certificate } => {
                let right = &self.authorisations[self.by_certificate[certificate]];
                let hpr = self.hpr_of(right, statement.recorded_at);
                self.deaths.entry(hpr).or_default().push(position);
            }
            Event::Merged { from, into } => {
                if self.merged_into(*from, statement.recorded_at).is_some() {
                    return Err("the number was merged before");
                }
                if self.successor(*into, statement.recorded_at) == *from {
                    return Err("the merge closes a cycle");
                }
                self.merges.entry(*from).or_default().push((*into, position));
                self.successors.insert(*into);
            }
            Event::Corrected(correction) => self.correct(correction, statement, position),
            Event::Retracted { statement: seq } => {
                let retracted = self.statement(*seq).map(|retracted| &retracted.event);
                let known = matches!(retracted, Ok(Event::Deceased { .. } | Event::Merged { .. }));
                if !known || self.retractions.insert(*seq, position).is_some() {
                    return Err("it retracts neither a death nor a merge that stands");
                }
            }
            Event::Reversed { decision, .. } => {
                let reversed_before = self.reversals.insert(*decision, position).is_some();
                if reversed_before || *decision >= statement.seq {
                    return Err("it reverses a decision that is unknown or was reversed before");
                }
            }
            Event::Stayed { decision, .. } => {
                self.stays.entry(*decision).or_default().push((position, None));
            }
            Event::StayEnded { decision, .. } => {
                let last = self.stays.get_mut(decision).and_then(|stays| stays.last_mut());
                last.ok_or("it ends a stay that never began")?.1 = Some(position);
            }
            Event::Upheld { decision, .. } => {
                self.upheld.insert(*decision, position);
            }
            Event::Notified { decision, notice, .. } => {
                self.notified.insert((*decision, *notice), position);
            }
            Event::Dispatched(papers) => self.dispatch(papers, statement.seq, position),
            Event::DocumentDeleted { sha256, .. } => {
                self.deleted.insert(*sha256, position);
            }
            Event::Refused(_) => self.refusals.push(position),
            Event::Restored(restored) => {
                self.restore(restored, statement.recorded_at, position)?;
            }
            Event::LostRevoked { jws } => self.revoke_lost(jws, position)?,
            Event::StatusListOpened { list, seed } => {
                let opened = List { opened: position, decoys: decoys(seed), kept: Vec::new() };
                if self.lists.insert(*list, opened).is_some() {
                    return Err("the status list was opened before");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Which part of a proposal about many a statement is; `None` if it decides the proposal.
    fn part(&self, proposal: u64, event: &Event, position: usize) -> Option<u64> {
        let Event::Proposed(proposal) = &self.statement(proposal).ok()?.event else { return None };
        match event {
            Event::Granted(granted) => Some(granted.import.as_ref()?.index.into()),
            Event::Reissued(_) if proposal.is_about_many() => Some(position as u64),
            _ => None,
        }
    }

    fn dispatch(&mut self, papers: &Dispatched, seq: u64, position: usize) {
        for number in &papers.certificates {
            self.dispatches.entry(*number).or_default().push(position);
        }
        if let Some(decision) = papers.decision {
            self.letters_about.entry(decision).or_default().push(position);
        }
        if papers.what == Paper::Letter {
            self.letters_since.get_or_insert(seq);
        }
    }

    /// Marks a proposal, or a suspension in an emergency, as decided.
    fn decide(&mut self, proposal: u64, by: u64) {
        self.open.remove(&proposal);
        self.decided.insert(proposal, by);
    }

    fn correct(&mut self, correction: &Correction, statement: &Statement, position: usize) {
        let own = self.by_certificate[&correction.certificate];
        for place in self.places_of_holder(&self.authorisations[own], statement.recorded_at) {
            self.authorisations[place].corrections.push(position);
        }
        if let Some(hpr) = correction.hpr_number {
            let places = self.by_hpr.entry(hpr).or_default();
            if !places.contains(&own) {
                places.push(own);
            }
        }
    }

    /// The places of the rights that a correction or a retraction may give back: those with a
    /// certificate that is invalid before it.
    fn given_back(&self, statement: &Statement) -> Vec<usize> {
        let known_at = statement.recorded_at;
        let of_holder = |number| match self.authorisation(number) {
            Ok(right) => self.places_of_holder(right, known_at),
            Err(_) => Vec::new(),
        };
        let mut places = match &statement.event {
            Event::Corrected(correction) => of_holder(correction.certificate),
            Event::Retracted { statement } => match self.statement(*statement).map(|s| &s.event) {
                Ok(Event::Deceased { certificate }) => of_holder(*certificate),
                Ok(Event::Merged { into, .. }) => self.places_of_person(*into, known_at),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        let invalid = |place: &usize| {
            let (newest, _) = self.authorisations[*place].certificates.last()?;
            self.certificate_status(*newest, known_at.civil_date(), known_at).ok()
        };
        places.retain(|place| invalid(place) == Some(Status::Invalid));
        places
    }

    pub(crate) fn at(&self, position: usize) -> &Statement {
        &self.statements[position]
    }

    pub(crate) fn authorisation(&self, number: CertificateNumber) -> Result<&Authorisation, Error> {
        let right = self.by_certificate.get(&number).ok_or(Error::NotFound { number })?;
        Ok(&self.authorisations[*right])
    }

    pub(crate) fn granted(&self, authorisation: &Authorisation) -> &Granted {
        let Event::Granted(granted) = &self.at(authorisation.grant).event else {
            unreachable!("an authorisation begins with the statement that granted it, see `index`")
        };
        granted
    }

    /// The authorisation at a place.
    pub(crate) fn at_place(&self, place: usize) -> &Authorisation {
        &self.authorisations[place]
    }

    /// The places of all authorisations of a person, in order of granting.
    pub(crate) fn places_of_person(&self, hpr: HprNumber, known_at: NumericDate) -> Vec<usize> {
        let numbers = self.numbers_of_person(hpr, known_at);
        let places: BTreeSet<usize> =
            numbers.iter().filter_map(|hpr| self.by_hpr.get(hpr)).flatten().copied().collect();
        // One that was corrected is among those of two numbers.
        let is_of = |place: &usize| {
            let right = &self.authorisations[*place];
            right.corrections.is_empty() || numbers.contains(&self.hpr_of(right, known_at))
        };
        places.into_iter().filter(is_of).collect()
    }

    /// As [`State::places_of_person`], of the holder of a right.
    pub(crate) fn places_of_holder(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Vec<usize> {
        self.places_of_person(self.hpr_of(authorisation, known_at), known_at)
    }

    /// The places of all rights that count, or ever counted, as those of one person: under numbers
    /// that were merged or corrected, whatever became of that.
    pub(crate) fn places_ever(&self, hpr: HprNumber) -> BTreeSet<usize> {
        let (mut numbers, mut places) = (BTreeSet::new(), BTreeSet::new());
        let mut found = vec![hpr];
        while let Some(hpr) = found.pop() {
            if !numbers.insert(hpr) {
                continue;
            }
            for (from, merges) in &self.merges {
                let of_this = |(into, _): &&(HprNumber, usize)| *from == hpr || *into == hpr;
                found.extend(merges.iter().filter(of_this).flat_map(|(into, _)| [*from, *into]));
            }
            for place in self.by_hpr.get(&hpr).into_iter().flatten() {
                if places.insert(*place) {
                    found.extend(self.numbers_ever(&self.authorisations[*place]));
                }
            }
        }
        places
    }

    /// The right, as written in all certificates of the authorisation.
    pub(crate) fn right(&self, authorisation: &Authorisation) -> Right {
        self.granted(authorisation).claims.authorisation
    }

    /// All numbers of the person with this number, as known at an instant.
    pub(crate) fn numbers_of_person(
        &self,
        hpr: HprNumber,
        known_at: NumericDate,
    ) -> BTreeSet<HprNumber> {
        // Nearly everybody has one number, and is asked for when all people are counted.
        if !self.merges.contains_key(&hpr) && !self.successors.contains(&hpr) {
            return BTreeSet::from([hpr]);
        }
        let newest = self.successor(hpr, known_at);
        let mut numbers = BTreeSet::from([hpr, newest]);
        numbers
            .extend(self.merges.keys().filter(|other| self.successor(**other, known_at) == newest));
        numbers
    }

    /// All authorisations of the person with this number, in order of granting, as known at an
    /// instant.
    pub(crate) fn rights_of_person(
        &self,
        hpr: HprNumber,
        known_at: NumericDate,
    ) -> Vec<&Authorisation> {
        let places = self.places_of_person(hpr, known_at);
        let rights = places.into_iter().map(|place| &self.authorisations[place]);
        rights.filter(|right| self.at(right.grant).recorded_at <= known_at).collect()
    }

    /// As [`State::rights_of_person`], those for one title.
    pub(crate) fn rights_of_title(
        &self,
        hpr: HprNumber,
        title: &Title,
        known_at: NumericDate,
    ) -> Vec<&Authorisation> {
        let mut rights = self.rights_of_person(hpr, known_at);
        rights.retain(|right| self.title_of(right) == title);
        rights
    }

    /// The statement that says when the person died, as known at an instant.
    pub(crate) fn death(&self, hpr: HprNumber, known_at: NumericDate) -> Option<&Statement> {
        if self.deaths.is_empty() {
            return None;
        }
        let numbers = self.numbers_of_person(hpr, known_at);
        let deaths = numbers
            .iter()
            .filter_map(|hpr| self.deaths.get(hpr))
            .flatten()
            .map(|position| self.at(*position));
        let stands = |death: &&Statement| {
            death.recorded_at <= known_at && self.retraction(death.seq, known_at).is_none()
        };
        deaths.filter(stands).min_by_key(|death| death.seq)
    }

    /// The reversal of a statement, as known at an instant.
    pub(crate) fn reversal(&self, seq: u64, known_at: NumericDate) -> Option<&Statement> {
        let reversal = self.reversals.get(&seq).map(|position| self.at(*position));
        reversal.filter(|reversal| reversal.recorded_at <= known_at)
    }

    /// The statement that dismissed an appeal against a decision, as known at an instant.
    pub(crate) fn upheld(&self, seq: u64, known_at: NumericDate) -> Option<&Statement> {
        let upheld = self.upheld.get(&seq).map(|position| self.at(*position));
        upheld.filter(|upheld| upheld.recorded_at <= known_at)
    }

    /// The statement that somebody was told of a decision, or need not be.
    pub(crate) fn notified(&self, seq: u64, notice: Notice) -> Option<&Statement> {
        self.notified.get(&(seq, notice)).map(|position| self.at(*position))
    }

    /// Every refusal, in order.
    pub fn refusals(&self) -> impl Iterator<Item = (&Statement, &Refused)> {
        self.refusals.iter().filter_map(|position| match &self.at(*position).event {
            Event::Refused(refused) => Some((self.at(*position), &**refused)),
            _ => None,
        })
    }
}
