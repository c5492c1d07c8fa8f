//! What one transaction writes: statements, certificate numbers, slots, status lists.

use std::collections::BTreeMap;

use rand::CryptoRng;
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, NumericDate, Signed, Status, StatusIndex, StatusListNumber,
    to_canonical_json,
};

use super::{
    event::{Digest, Event, Statement},
    fold::Fold,
    grant,
    storage::{CertificateRow, StatementRow, Transaction},
    store::{Issuance, Issued},
};
use crate::{Error, Officer};

/// The most certificates in one status list: half its slots, so that a free one is found in two draws and the rest
/// hides how many there are.
const CAPACITY: u32 = StatusIndex::COUNT / 2;

/// Appends within one transaction.
pub(crate) struct Writer<'a> {
    transaction: &'a mut dyn Transaction,
    now: NumericDate,
    seq: u64,
    head: Digest,
    written: Vec<Statement>,
}

impl<'a> Writer<'a> {
    /// A writer that goes on after the statement with the number `seq` and the hash `head`.
    pub(crate) fn new(transaction: &'a mut dyn Transaction, now: NumericDate, seq: u64, head: Digest) -> Self {
        Self { transaction, now, seq, head, written: Vec::new() }
    }

    /// The hash of the last statement, and the statements to add to the fold once they are committed.
    pub(crate) fn finish(self) -> (Digest, Vec<Statement>) {
        (self.head, self.written)
    }

    pub(crate) fn append(
        &mut self,
        officer: &Officer,
        (decided_on, effective_on): (CivilDate, CivilDate),
        event: Event,
    ) -> Result<Statement, Error> {
        let (seq, prev, recorded_at) = (self.seq + 1, self.head, self.now);
        let statement = Statement { seq, prev, recorded_at, officer: officer.clone(), decided_on, effective_on, event };
        let bytes = statement.to_bytes()?;
        let hash = Digest::of(&bytes);
        let body = String::from_utf8(bytes).expect("JSON is UTF-8");
        self.transaction.append(&StatementRow { seq, hash: *hash.as_bytes(), body })?;
        (self.seq, self.head) = (seq, hash);
        self.written.push(statement.clone());
        Ok(statement)
    }

    /// Allots number and slot, has the certificate signed, and appends it.
    pub(crate) fn issue(
        &mut self,
        fold: &Fold,
        subject: grant::Subject,
        officer: &Officer,
        dates: (CivilDate, CivilDate),
        issuance: &mut Issuance<'_>,
        event: impl FnOnce(CertificateClaims, String) -> Event,
    ) -> Result<Issued, Error> {
        let number = self.next_number()?;
        let (list, index) = self.free_slot(fold, officer, issuance.rng)?;
        let claims = subject.claims(issuance.iss, self.now, number, (list, index))?;
        let jws = (issuance.sign)(&claims)?;
        let signed = Signed::<CertificateClaims>::parse(&jws)?;
        if signed.unverified_payload() != to_canonical_json("the certificate", &claims)? {
            return Err(Error::SignedOther { number });
        }
        let seq = self.append(officer, dates, event(claims.clone(), jws.clone()))?.seq;
        let (number, list, idx) = (number.to_string(), list.number(), index.index());
        self.transaction.insert_certificate(&CertificateRow { number, list, idx, seq })?;
        Ok(Issued { seq, claims, jws })
    }

    /// The serial number after the greatest of the year. Numbers have a fixed width, so text order is their order.
    fn next_number(&mut self) -> Result<CertificateNumber, Error> {
        let year = u16::try_from(self.now.civil_date().year()).expect("instants are in the years 1970 to 9999");
        let prefix = format!("{}{year}-", CertificateNumber::PREFIX);
        let last = self.transaction.last_number(&prefix)?;
        let serial =
            last.map(|number| number.parse::<CertificateNumber>()).transpose()?.map_or(0, |last| last.serial());
        Ok(CertificateNumber::new(year, serial + 1)?)
    }

    /// A random slot of the newest list that is neither a certificate's nor a decoy; of a new list, if that one is
    /// full.
    fn free_slot(
        &mut self,
        fold: &Fold,
        officer: &Officer,
        rng: &mut dyn CryptoRng,
    ) -> Result<(StatusListNumber, StatusIndex), Error> {
        let opened;
        let (list, decoys) = match fold.newest_list() {
            Some((list, decoys)) if self.transaction.certificates_in(list.number())? < CAPACITY => (list, decoys),
            full => {
                let next = full.map_or(1, |(list, _)| list.number() + 1);
                opened = self.open_list(next, officer, rng)?;
                (opened.0, &opened.1)
            }
        };
        // At most half the slots and 400 decoys are taken: a sound source fails a hundred times once in 2^99.
        for _ in 0..100 {
            let index = StatusIndex::new(rng.next_u32() % StatusIndex::COUNT)?;
            if !decoys.contains_key(&index) && !self.transaction.is_taken(list.number(), index.index())? {
                return Ok((list, index));
            }
        }
        Err(Error::NoFreeSlot { list: list.number() })
    }

    /// Opens a status list, with decoys from a random seed.
    pub(crate) fn open_list(
        &mut self,
        number: u8,
        officer: &Officer,
        rng: &mut dyn CryptoRng,
    ) -> Result<(StatusListNumber, BTreeMap<StatusIndex, Status>), Error> {
        let list = StatusListNumber::new(number)?;
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        let (seed, today) = (Digest::from(seed), self.now.civil_date());
        self.append(officer, (today, today), Event::StatusListOpened { list, seed })?;
        Ok((list, super::decoy::decoys(&seed)))
    }
}
