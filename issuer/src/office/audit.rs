//! The audit of an office: its register, and the other files in its folder.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::Path,
};

use vernet_common::{Bundle, Signed, StatusListClaims};
use vernet_register::{
    Audited, Digest, Documents, Event, Mark, OfficeData, Restored, State, check_basis,
};

use super::{
    Office, config::OfficeConfig, founding::check_founding, publication::BUNDLE, read,
    trust_lists::accepted,
};
use crate::error::Error;

impl Office {
    /// Checks everything that can be checked: the register, see [`Audited`]; that its founding is
    /// the one in `office.json`; that the trust lists in the folder are those in the register, and
    /// vouch for its issued log; that every document is still the one that was signed, or was deleted
    /// by duty; that the data of the office that each grant rests on held the school or the window
    /// for it; and that what was taken back after a loss is in the publication that it rests on.
    ///
    /// `mark` is from an earlier audit: the register must begin with everything that it held then.
    ///
    /// # Errors
    ///
    /// The first fault of the register, with the number of its statement; if there is none, the
    /// first fault of the other files.
    pub fn audit(folder: &Path, mark: Option<&Mark>) -> Result<Audited, Error> {
        Self::audit_aloud(folder, mark, &mut |_| {})
    }

    /// As [`Office::audit`]. `checked` is told of each statement that holds, by its number.
    ///
    /// # Errors
    ///
    /// As for [`Office::audit`].
    pub fn audit_aloud(
        folder: &Path,
        mark: Option<&Mark>,
        checked: &mut dyn FnMut(u64),
    ) -> Result<Audited, Error> {
        let config = OfficeConfig::read(folder)?;
        let at = Self::location(folder, &config);
        let audited = vernet_register::audit_aloud(&at, mark, checked)?;
        let state = audited.state();
        check_founding(state.statements().first().zip(state.hash(1)), &config)?;
        check_trust_lists(state, &folder.join(Self::TRUST_LISTS))?;
        let documents = Documents::new(folder.join(Self::DOCUMENTS));
        check_documents(state, &documents)?;
        check_grants(state, &documents)?;
        check_restores(state, &documents)?;
        Ok(audited)
    }
}

fn check_trust_lists(state: &State, folder: &Path) -> Result<(), Error> {
    let mut recorded: BTreeMap<u64, (Digest, u64)> = BTreeMap::new();
    let mut published = BTreeSet::new();
    for statement in state.statements() {
        match statement.event {
            Event::TrustListSigned { seq, sha256, .. } => {
                recorded.insert(seq, (sha256, statement.seq));
            }
            Event::Restored(ref restored) => {
                let taken_back = restored.trust_lists.iter();
                recorded.extend(taken_back.map(|list| (list.seq, (list.sha256, statement.seq))));
            }
            Event::Published { trust_list_seq: seq, .. } => {
                if !recorded.contains_key(&seq) {
                    let reason = "a status list names it before it was signed";
                    return Err(Error::TrustListDiffers { seq, reason }.of_statement(statement.seq));
                }
                published.insert(seq);
            }
            _ => {}
        }
    }
    for list in accepted(folder)? {
        let claims = list.unverified_claims()?;
        let seq = claims.seq;
        let differs = |reason| Error::TrustListDiffers { seq, reason };
        match recorded.remove(&seq) {
            Some((sha256, _)) if sha256 == Digest::from(*list.hash().as_bytes()) => {}
            Some((_, statement)) => {
                return Err(differs("it is another one").of_statement(statement));
            }
            None => return Err(differs("it was never signed, as far as the register knows")),
        }
        if state.log().tree().head_at(claims.log.size) != Some(claims.log.head()) {
            return Err(Error::TrustListLog { seq, size: claims.log.size });
        }
    }
    // An interrupted acceptance leaves no file, and the list was never in force.
    match recorded.into_iter().find(|(seq, _)| published.contains(seq)) {
        Some((seq, (_, statement))) => {
            Err(Error::TrustListDiffers { seq, reason: "it is missing" }.of_statement(statement))
        }
        None => Ok(()),
    }
}

fn check_documents(state: &State, documents: &Documents) -> Result<(), Error> {
    for statement in state.statements() {
        if let Event::Proposed(proposal) = &statement.event {
            for document in &proposal.documents {
                match documents.check_one(document) {
                    Err(vernet_register::Error::DocumentMissing { .. })
                        if state.may_be_missing(statement.seq, document.sha256) => {}
                    checked => checked.map_err(|error| error.of_statement(statement.seq))?,
                }
            }
        }
    }
    Ok(())
}

/// Checks each grant against the office's data that both officers signed, because the present data
/// says nothing about earlier grants.
fn check_grants(state: &State, documents: &Documents) -> Result<(), Error> {
    let mut known: BTreeMap<Digest, OfficeData> = BTreeMap::new();
    for statement in state.statements() {
        let (Event::Granted(granted), Some(approves)) = (&statement.event, statement.approves)
        else {
            continue;
        };
        let mut check = || {
            let missing =
                || vernet_register::Error::DocumentMissing { name: Office::DATA.to_owned() };
            let Event::Proposed(proposal) = &state.statement(approves.seq)?.event else {
                return Err(missing().into());
            };
            let document = proposal.document(Office::DATA).ok_or_else(missing)?;
            let data = match known.entry(document.sha256) {
                Entry::Occupied(data) => data.into_mut(),
                Entry::Vacant(place) => {
                    place.insert(OfficeData::from_json(&read(&documents.path(document))?)?)
                }
            };
            let basis = check_basis(Some(data), &granted.application);
            Ok(basis.map_err(vernet_register::Error::from)?)
        };
        check().map_err(|error: Error| error.of_statement(statement.seq))?;
    }
    Ok(())
}

/// Checks what was taken back after a loss against the publication that both officers signed.
fn check_restores(state: &State, documents: &Documents) -> Result<(), Error> {
    for (statement, restored) in state.restores() {
        let check = || {
            let missing = || vernet_register::Error::DocumentMissing { name: BUNDLE.to_owned() };
            let approves = statement.approves.ok_or_else(missing)?;
            let Event::Proposed(proposal) = &state.statement(approves.seq)?.event else {
                return Err(missing().into());
            };
            let document = proposal.document(BUNDLE).ok_or_else(missing)?;
            let bundle = Bundle::from_json(&read(&documents.path(document))?)?;
            check_taken_back(restored, &bundle)
        };
        check().map_err(|error: Error| error.of_statement(statement.seq))?;
    }
    Ok(())
}

fn check_taken_back(restored: &Restored, bundle: &Bundle) -> Result<(), Error> {
    let differs = |what| Err(Error::RestoreDiffers { what });
    if bundle.log.as_ref().map(|log| log.checkpoint.head()) != Some(restored.log) {
        return differs("the issued log is another one");
    }
    for list in &restored.lists {
        let is_it = |signed: &&Signed<StatusListClaims>| {
            Digest::of(signed.unverified_payload()) == list.sha256
        };
        let Some(signed) = bundle.status_lists.iter().find(is_it) else {
            return differs("the status lists are others");
        };
        let statuses = signed.unverified_claims()?.statuses()?;
        if list.slots.iter().any(|(index, status)| statuses.get(*index) != *status) {
            return differs("a status list says something else");
        }
    }
    Ok(())
}
