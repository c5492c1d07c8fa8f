//! What one transaction writes: statements, certificate numbers, slots, status lists.

use std::collections::{BTreeMap, BTreeSet};

use rand::CryptoRng;
use vernet_common::{
    CertificateClaims, CertificateNumber, HttpsUrl, KeyId, NumberPrefix, NumericDate, Payload,
    Signed, Status, StatusIndex, StatusListNumber, to_canonical_json,
};

use crate::{
    authority::{authorise, check_officers},
    error::Error,
    officer::Officer,
    officer_key::{assertion::OfficerSignature, signer::OfficerSigner},
    rules::{decide::Decided, grant::Subject},
    state::{decoys::decoys, index::State},
    statements::{
        digest::Digest,
        event::Event,
        statement::{Approves, Dates, Statement},
    },
    storage::transaction::{CertificateRow, StatementRow, Transaction},
    store::issuance::Issuance,
};

/// The most certificates in one status list: half its slots, so that a free one is found in two
/// draws on average, and the other slots hide how many there are.
const CAPACITY: u32 = StatusIndex::COUNT / 2;

/// Appends within one transaction.
pub(crate) struct Writer<'a> {
    transaction: &'a mut dyn Transaction,
    state: &'a State,
    now: NumericDate,
    head: Digest,
    written: Vec<Written>,
    /// Whether a statement is yet to be signed elsewhere.
    awaited: bool,
    /// The slots given out here, and the last number. They reach the state and the database later.
    allotted: BTreeSet<(u8, u32)>,
    last_number: BTreeMap<NumberPrefix, CertificateNumber>,
    /// The list that new certificates go to, with its decoys and the number of certificates in it.
    newest: Option<(StatusListNumber, BTreeMap<StatusIndex, Status>, u32)>,
}

/// A statement that is to be committed.
pub(crate) struct Written {
    pub(crate) statement: Statement,
    pub(crate) hash: Digest,
    pub(crate) signature: OfficerSignature,
}

/// Who signs and, if it takes two officers, what the first one signed.
#[derive(Clone, Copy)]
pub(crate) struct By<'a> {
    pub(crate) officer: &'a dyn OfficerSigner,
    pub(crate) approves: Option<Approves>,
}

impl<'a> By<'a> {
    pub(crate) fn one(officer: &'a dyn OfficerSigner) -> Self {
        Self { officer, approves: None }
    }
}

impl<'a> Writer<'a> {
    /// A writer that continues after the statements in the state.
    pub(crate) fn new(
        transaction: &'a mut dyn Transaction,
        state: &'a State,
        now: NumericDate,
    ) -> Self {
        Self {
            transaction,
            state,
            now,
            head: state.head(),
            written: Vec::new(),
            awaited: false,
            allotted: BTreeSet::new(),
            last_number: BTreeMap::new(),
            newest: None,
        }
    }

    /// The time that the statements bear.
    pub(crate) fn now(&self) -> NumericDate {
        self.now
    }

    /// Whether a statement is yet to be signed. Then nothing is stored, in the data base or beside it.
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited
    }

    /// The statements to add to the state once they are committed.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureAwaited`] if one of them is yet to be signed: none may be committed.
    pub(crate) fn finish(self) -> Result<Vec<Written>, Error> {
        match self.awaited {
            true => Err(Error::SignatureAwaited),
            false => Ok(self.written),
        }
    }

    /// Signs and appends a statement, if the officer may make it.
    pub(crate) fn append(
        &mut self,
        by: By<'_>,
        dates: Dates,
        event: Event,
    ) -> Result<Statement, Error> {
        let statement = self.next(&by, dates, event)?;
        authorise(self.state, &statement)?;
        self.sign(by.officer, statement)
    }

    /// The same for an event that was checked against the rules; they are not checked again.
    pub(crate) fn append_decided(
        &mut self,
        by: By<'_>,
        Decided { dates, event }: Decided,
    ) -> Result<Statement, Error> {
        let statement = self.next(&by, dates, event)?;
        check_officers(self.state, &statement)?;
        self.sign(by.officer, statement)
    }

    /// The statement that follows the last one.
    fn next(&self, by: &By<'_>, dates: Dates, event: Event) -> Result<Statement, Error> {
        let kid = by.officer.officer_key().kid();
        let Dates { decided_on, effective_on } = dates;
        Ok(Statement {
            seq: self.state.statements().len() as u64 + self.written.len() as u64 + 1,
            prev: self.head,
            recorded_at: self.now,
            officer: self.name(kid, &event)?,
            kid,
            decided_on,
            effective_on,
            approves: by.approves,
            event,
        })
    }

    /// Appends a statement that its officer may make.
    fn sign(
        &mut self,
        officer: &dyn OfficerSigner,
        statement: Statement,
    ) -> Result<Statement, Error> {
        statement.check()?;
        let body = statement.to_bytes()?;
        let hash = Digest::of(&body);
        let signature = match officer.sign_statement(&statement)? {
            Some(signature) => {
                // The signer may be a token or a browser: its result is not trusted.
                match &statement.event {
                    Event::Founded(_) | Event::Appointed(_) => {
                        officer.officer_key().verify::<Statement>(body.clone(), &signature)?;
                    }
                    _ => {
                        let enrolled = self.state.officers().key(statement.kid)?;
                        enrolled.key().verify::<Statement>(body.clone(), &signature)?;
                        enrolled.check_count(&signature)?;
                    }
                }
                signature
            }
            None => {
                self.awaited = true;
                OfficerSignature { signature: [0; 64], assertion: None }
            }
        };
        let (seq, body) = (statement.seq, String::from_utf8(body).expect("JSON is UTF-8"));
        let row =
            StatementRow { seq, hash: *hash.as_bytes(), signature: signature.to_bytes(), body };
        self.transaction.append(&row)?;
        self.head = hash;
        self.written.push(Written { statement: statement.clone(), hash, signature });
        Ok(statement)
    }

    /// The name that is enrolled with the key: officers do not give it themselves.
    fn name(&self, kid: KeyId, event: &Event) -> Result<Officer, Error> {
        match event {
            Event::Founded(_) => brought(event, kid, Error::OfficerUnknown { kid }),
            Event::Appointed(_) => brought(event, kid, Error::NotAppointed { kid }),
            _ => Ok(self.state.officers().key(kid)?.name().clone()),
        }
    }

    /// Has allotted certificates signed, and appends a statement with each. `event` makes its event
    /// from what was decided, the claims, and the certificate.
    pub(crate) fn issue<T, E: From<Error>>(
        &mut self,
        by: By<'_>,
        allotted: Vec<(CertificateClaims, T)>,
        issuance: &mut Issuance<'_, E>,
        event: impl Fn(T, CertificateClaims, String) -> (Dates, Event),
    ) -> Result<Vec<Statement>, E> {
        let (claims, decided): (Vec<_>, Vec<_>) = allotted.into_iter().unzip();
        if claims.is_empty() {
            return Ok(Vec::new());
        }
        let signed = (issuance.sign)(&claims)?;
        if signed.len() != claims.len() {
            let number = claims[signed.len().min(claims.len() - 1)].certificate_number;
            return Err(Error::SignedOther { number }.into());
        }
        let each = claims.into_iter().zip(signed).zip(decided);
        let statements = each.map(|((claims, jws), decided)| {
            Ok(self.append_issued(claims, jws, by, |claims, jws| event(decided, claims, jws))?)
        });
        statements.collect()
    }

    /// Allots number and slot, and returns the claims of the certificate.
    pub(crate) fn allot(
        &mut self,
        subject: Subject,
        officer: &dyn OfficerSigner,
        iss: &HttpsUrl,
        rng: &mut dyn CryptoRng,
    ) -> Result<CertificateClaims, Error> {
        self.state.no_pending_restore()?;
        let number = self.next_number(subject.prefix())?;
        let (list, index) = self.free_slot(officer, rng)?;
        subject.claims(iss, self.state.certificate_iat(self.now), number, list, index)
    }

    /// Appends a signed certificate, if it says what was allotted.
    fn append_issued(
        &mut self,
        claims: CertificateClaims,
        jws: String,
        by: By<'_>,
        event: impl FnOnce(CertificateClaims, String) -> (Dates, Event),
    ) -> Result<Statement, Error> {
        let number = claims.certificate_number;
        let signed = Signed::<CertificateClaims>::parse(&jws)?;
        if signed.unverified_payload() != to_canonical_json("the certificate", &claims)? {
            return Err(Error::SignedOther { number });
        }
        let slot = &claims.status.status_list;
        let (list, idx) = (slot.uri.number().number(), slot.idx.index());
        let (dates, event) = event(claims, jws);
        let statement = self.append(by, dates, event)?;
        let number = number.to_string();
        self.transaction.insert_certificate(&CertificateRow {
            number,
            list,
            idx,
            seq: statement.seq,
        })?;
        Ok(statement)
    }

    /// The number after the greatest of the title and the year. Numbers have a fixed width, so they
    /// sort as text.
    fn next_number(&mut self, prefix: NumberPrefix) -> Result<CertificateNumber, Error> {
        let year = u16::try_from(self.now.civil_date().year())
            .expect("instants are in the years 1970 to 9999");
        let last = match self.last_number.get(&prefix) {
            Some(last) => Some(*last),
            None => {
                let found = self.transaction.last_number(&format!("{prefix}{year}-"))?;
                let known = self.state.last_number(prefix, year);
                // A number that the table lacks would be given out again, and no reader would
                // accept the register any more.
                let expected = known.map(|number| number.to_string());
                if found != expected {
                    let reason =
                        if found > expected { "was never given out" } else { "is missing" };
                    let number = found.max(expected).unwrap_or_default();
                    return Err(Error::CertificateTable { number, reason });
                }
                known
            }
        };
        let last = last.map_or(0, |last| last.serial());
        let last = last.max(self.state.lost_serials(prefix, year));
        let number = CertificateNumber::new(prefix, year, last.saturating_add(1))?;
        self.last_number.insert(prefix, number);
        Ok(number)
    }

    /// Whether the next slot will be in a list that is yet to be opened. Allotted certificates must
    /// be appended before that, because a certificate's slot must be in the newest list when it is
    /// appended.
    pub(crate) fn list_is_full(&mut self) -> Result<bool, Error> {
        if let (None, Some((list, decoys))) = (&self.newest, self.state.newest_list()) {
            // What a restore has closed takes nothing more, however few are in it.
            let given = match self.state.takes_certificates(list) {
                true => self.transaction.certificates_in(list.number())?,
                false => CAPACITY,
            };
            self.newest = Some((list, decoys.clone(), given));
        }
        Ok(self.newest.as_ref().is_none_or(|(_, _, given)| *given >= CAPACITY))
    }

    /// A random slot of the newest list that is neither a certificate's nor a decoy; of a new list,
    /// if that one is full.
    fn free_slot(
        &mut self,
        officer: &dyn OfficerSigner,
        rng: &mut dyn CryptoRng,
    ) -> Result<(StatusListNumber, StatusIndex), Error> {
        let full = self.list_is_full()?;
        let (list, decoys, given) = match self.newest.take() {
            Some(newest) if !full => newest,
            last => {
                let next = last.map_or(1, |(list, ..)| list.number() + 1);
                let (list, decoys) = self.open_list(next, officer, rng)?;
                (list, decoys, 0)
            }
        };
        // At most half the slots and 400 decoys are taken: a sound source fails a hundred times in
        // a row with a probability of about 2^-99.
        let mut found = Err(Error::NoFreeSlot { list: list.number() });
        for _ in 0..100 {
            let index = StatusIndex::new(rng.next_u32() % StatusIndex::COUNT)?;
            let slot = (list.number(), index.index());
            if !decoys.contains_key(&index)
                && !self.allotted.contains(&slot)
                && !self.state.is_taken(list, index)
                && !self.transaction.is_taken(slot.0, slot.1)?
            {
                self.allotted.insert(slot);
                found = Ok((list, index));
                break;
            }
        }
        self.newest = Some((list, decoys, given + 1));
        found
    }

    /// Opens a status list, with decoys from a random seed.
    pub(crate) fn open_list(
        &mut self,
        number: u8,
        officer: &dyn OfficerSigner,
        rng: &mut dyn CryptoRng,
    ) -> Result<(StatusListNumber, BTreeMap<StatusIndex, Status>), Error> {
        let list = StatusListNumber::new(number)?;
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let (seed, today) = (Digest::from(seed), self.now.civil_date());
        self.append(By::one(officer), Dates::on(today), Event::StatusListOpened { list, seed })?;
        Ok((list, decoys(&seed)))
    }
}

/// The name of an officer whom an event brings into office.
fn brought(event: &Event, kid: KeyId, unknown: Error) -> Result<Officer, Error> {
    let mut officers = event.brings()?.into_iter();
    Ok(officers.find(|officer| officer.key.kid() == kid).ok_or(unknown)?.name)
}
