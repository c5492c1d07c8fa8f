//! The history for those who are entitled to it: signed, verified, and never part of a publication.

use std::{fs, path::Path};

use vernet_common::{
    CertificateHash, CertificateNumber, HistoryEntry, KeyUse, NumericDate, Signed, SignedHistory,
};
use vernet_host::{FileError, files::write_new_secret};
use vernet_register::{Digest, Event, OfficerSigner, Role, Standing};
use vernet_verifier::{
    Code, Knowledge, Policy,
    past::{PastCode, Question, was_authorised},
};

use super::{Office, publication::is_published};
use crate::{credentials::Credentials, error::Error};

/// A history that was written.
#[derive(Debug)]
pub struct MadeHistory {
    /// It holds everything that was recorded up to this instant.
    pub iat: NumericDate,
    /// How many certificates it is about.
    pub certificates: usize,
    /// The size of the file.
    pub bytes: usize,
    /// The hash of the file, which is recorded in the register.
    pub sha256: Digest,
}

/// The most certificates that can be named, because they are recorded and a statement has a limited
/// size. A history of all certificates needs no names.
const MAX_NAMED: usize = 10_000;

/// How often a history is made again because something was decided meanwhile.
const ATTEMPTS: usize = 5;

impl Office {
    /// Writes the history of some certificates, or of all if none is named, to a new file that only
    /// its owner can read. Records who had it made, when, about whom and for whom (`to`), so that the office can
    /// tell who was given what.
    ///
    /// It is as of the second before `now`, which is over, so that nothing more can be recorded
    /// with that time.
    ///
    /// The verifier checks each entry first, and must give the register's own present answer;
    /// `progress` is called after each.
    ///
    /// # Errors
    ///
    /// [`Error::InsidePublication`] or [`FileError::Exists`] if the file would be in a publication
    /// or exists already; [`Error::HistoryOfTooMany`] if too many certificates are named;
    /// [`vernet_register::Error::NotFound`] if there is no certificate with a given number;
    /// [`vernet_register::Error::OfficerUnknown`], [`vernet_register::Error::OfficerNotInOffice`]
    /// or [`vernet_register::Error::RoleMissing`] if the officer may not make it;
    /// [`Error::NoTrustList`] or [`Error::TrustListExpired`] if no trust list is in force;
    /// [`Error::NoKey`] if no status key may sign now; [`Error::HistorySelfCheck`] if the
    /// verifier's answer differs from the register's; [`vernet_register::Error::RegisterBusy`] if
    /// others keep recording meanwhile. No file is written then.
    pub fn write_history(
        &mut self,
        of: &[CertificateNumber],
        (out, to): (&Path, Option<&str>),
        credentials: &dyn Credentials,
        (officer, now): (&dyn OfficerSigner, NumericDate),
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
        // Check before anything is computed or signed for an officer who may not have it.
        self.register.state().officers().in_role(
            officer.officer_key().kid(),
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
                to: to.map(ToOwned::to_owned),
            };
            // Record before writing: a history that is recorded but not written does no harm.
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

    /// Checks that an employer would get the answer that the register gives.
    fn check_history(
        &self,
        signed: SignedHistory,
        of: &[CertificateNumber],
        (iat, now): (NumericDate, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(), Error> {
        // A very new certificate is in no publication yet, but it is in the register, from which
        // the log is taken.
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
            // The verifier gives no answer about a certificate under a compromised key; that is no
            // reason to withhold the other answers.
            if !agrees && found != PastCode::Now(Code::KeyCompromised) {
                return Err(Error::HistorySelfCheck { number: *number, found });
            }
            progress(done + 1, of.len());
        }
        Ok(())
    }
}

/// Refuses a path in a folder that a web server serves, where everybody could read the history. It
/// is only for those who are entitled to it.
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
