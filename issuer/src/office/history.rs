//! The history that is handed to those who are entitled to it: signed, verified, and never part of
//! a publication.

use std::{fs, path::Path};

use vernet_common::{
    CertificateHash, CertificateNumber, HistoryEntry, KeyUse, NumericDate, Signed, SignedHistory,
    Signer,
};
use vernet_host::{FileError, files::write_new_secret};
use vernet_register::{Digest, Event, Role, Standing};
use vernet_verifier::{
    Code, Knowledge, Policy,
    past::{PastCode, Question, was_authorised},
};

use super::{Office, publication::is_published};
use crate::{credentials::Credentials, error::Error};

/// A history that was written.
#[derive(Debug)]
pub struct MadeHistory {
    /// Everything that was recorded up to this instant is in it.
    pub iat: NumericDate,
    /// How many certificates it is about.
    pub certificates: usize,
    /// The size of the file.
    pub bytes: usize,
    /// The hash of the file: the register remembers it.
    pub sha256: Digest,
}

/// The most certificates that one can name: they are recorded, and a statement has an end. A
/// history of all needs no names.
const MAX_NAMED: usize = 10_000;

/// How often a history is made anew because somebody decided something meanwhile.
const ATTEMPTS: usize = 5;

impl Office {
    /// Writes the history of some certificates, or of all if none is named, to a new file that only
    /// its owner can read. Who had it made, when and about whom is recorded, so the office can
    /// tell who was given what.
    ///
    /// It is as of the second before `now`, which is over: nothing can be recorded in it any more.
    ///
    /// Each entry is asked about with the verifier first, with the register's own answer of today
    /// as the expectation; `progress` is called after each.
    ///
    /// # Errors
    ///
    /// [`Error::InsidePublication`], [`FileError::Exists`]; [`vernet_register::Error::NotFound`],
    /// [`Error::HistoryOfTooMany`]; [`Error::NoTrustList`], [`Error::TrustListExpired`],
    /// [`Error::NoKey`]; what the officer may not do; [`Error::HistorySelfCheck`] if the verifier
    /// says anything else than the register. There is no file then.
    pub fn write_history(
        &mut self,
        of: &[CertificateNumber],
        out: &Path,
        credentials: &dyn Credentials,
        (officer, now): (&dyn Signer, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<MadeHistory, Error> {
        check_place(out)?;
        if of.len() > MAX_NAMED {
            return Err(Error::HistoryOfTooMany { found: of.len(), limit: MAX_NAMED });
        }
        let mut named = of.to_vec();
        named.sort();
        named.dedup();
        self.register.refresh()?;
        // Before anything is computed or signed for somebody who may not have it.
        self.register.state().officers().in_role(
            officer.public_key().kid(),
            now.civil_date(),
            &[Role::Supervise],
        )?;
        let trust_list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        if trust_list.exp <= now {
            return Err(Error::TrustListExpired { exp: trust_list.exp });
        }
        let key = self.unlock(KeyUse::Status, credentials, now)?;
        let iat = now.plus_seconds(-1);
        for _ in 0..ATTEMPTS {
            let statements = self.register.state().statements().len();
            let certificates = match &named[..] {
                [] => self.certificates_by(iat),
                named => named.to_vec(),
            };
            let entries = self.history_entries(&certificates, iat)?;
            let signed = SignedHistory::sign(
                (trust_list.iss.clone(), trust_list.seq),
                iat,
                &entries,
                self.config.algorithm,
                &*key,
            )?;
            drop(entries);
            let (bytes, sha256) = (signed.as_bytes().to_vec(), Digest::of(signed.as_bytes()));
            self.check_history(signed, &certificates, (iat, now), progress)?;
            let made = Event::HistoryMade {
                iat,
                certificates: named.clone(),
                entries: certificates.len() as u64,
                sha256,
            };
            // Before it is let out: a history that was recorded and not written does no harm.
            if self.register.record_history(statements, iat, made, officer, now)? {
                write_new_secret(out, &bytes)?;
                return Ok(MadeHistory {
                    iat,
                    certificates: certificates.len(),
                    bytes: bytes.len(),
                    sha256,
                });
            }
        }
        Err(vernet_register::Error::RegisterBusy.into())
    }

    /// Every certificate that was given out up to an instant.
    fn certificates_by(&self, iat: NumericDate) -> Vec<CertificateNumber> {
        let known =
            self.register.state().certificates().filter(|known| known.statement.recorded_at <= iat);
        known.map(|known| known.claims.certificate_number).collect()
    }

    fn history_entries(
        &self,
        of: &[CertificateNumber],
        iat: NumericDate,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let state = self.register.state();
        let entry = |number: &CertificateNumber| {
            let signed = Signed::parse(state.certificate(*number)?.jws)?;
            Ok(HistoryEntry {
                certificate: CertificateHash::of(&signed),
                records: state.past(*number, iat)?,
            })
        };
        of.iter().map(entry).collect()
    }

    /// Would an employer get the answer that the register gives?
    fn check_history(
        &self,
        signed: SignedHistory,
        of: &[CertificateNumber],
        (iat, now): (NumericDate, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        // A certificate of a minute ago is in no publication yet; it is in the register, which is
        // where the log comes from.
        let knowledge: Knowledge =
            self.knowledge()?.with_own_log(self.register.state().log().tree(), now);
        let today = iat.civil_date();
        let history = knowledge.read_history(signed)?;
        let state = self.register.state();
        for (done, number) in of.iter().enumerate() {
            let question = Question { on: today, known_on: None };
            let jws = state.certificate(*number)?.jws;
            let found =
                was_authorised(jws, &history, &knowledge, question, &Policy::default(), now).code();
            let accepted =
                matches!(found, PastCode::WasAuthorised | PastCode::WasAuthorisedWithConditions);
            let agrees = match state.standing(*number, today, iat)? {
                Standing::Authorised | Standing::WithConditions { .. } => accepted,
                Standing::Suspended { .. } => found == PastCode::WasSuspended,
                // The person may have another authorisation by now.
                _ => {
                    accepted || matches!(found, PastCode::WasNotAuthorised | PastCode::WasSuspended)
                }
            };
            // Nothing is answered about a certificate under a compromised key, which is no reason
            // to withhold the others' answers.
            if !agrees && found != PastCode::Now(Code::KeyCompromised) {
                return Err(Error::HistorySelfCheck { number: *number, found });
            }
            progress(done + 1, of.len());
        }
        Ok(())
    }
}

/// A history is for those who are entitled to it. In a folder that a web server serves, everybody
/// would have it.
fn check_place(out: &Path) -> Result<(), Error> {
    let folder =
        out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).map_err(|source| Error::Io {
        action: "find",
        path: folder.to_owned(),
        source,
    })?;
    if folder.ancestors().any(is_published) {
        return Err(Error::InsidePublication { path: out.to_owned() });
    }
    if out.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: out.to_owned() }.into());
    }
    Ok(())
}
