//! An office whose newest register is lost: what hospitals know of it is taken back from its last
//! publication, by two administrators.
//!
//! The publication is a document of the proposal. Whoever approves reads it again, with the same
//! checks as a hospital, so nothing of it rests on the first officer's word.

use std::collections::BTreeMap;

use vernet_common::{
    Bundle, CertificateHash, KeyId, LogHash, LogHead, NumericDate, SignedTrustList, Status,
    StatusIndex, StatusListClaims, Tile, Title, TrustAnchor, TrustedKey,
};
use vernet_host::files::write_atomic;
use vernet_register::{
    Act, Digest, Event, NewDocument, OfficerSigner, Proposal, Restored, RestoredList,
    RestoredTrustList, Statement, ToldOtherwise,
};
use vernet_verifier::{FetchedLists, Input, Memory, Policy};

use super::{
    Office,
    files::{read, write_anchor},
    proposals::terms,
    publication::{BUNDLE, LOG, MAX_ENTRIES_BYTES, PublicationSource, entries},
    trust_lists::of_trust_lists,
};
use crate::error::Error;

/// What was lost, as far as a publication shows it.
#[derive(Clone, Debug)]
pub struct Lost {
    /// How many certificates are in no register any more.
    pub certificates: usize,
    /// The issued log of the register, before.
    pub before: LogHead,
    /// The issued log that was published.
    pub log: LogHead,
    /// When the publication was signed; none if its status lists are known.
    pub published: Option<NumericDate>,
    /// The certificates that the register knows, of which hospitals were told something worse.
    pub told: Vec<ToldOtherwise>,
    /// The certificates of which the register says something worse than hospitals were told, because
    /// the decision that lifted it was lost.
    pub lifted: Vec<ToldOtherwise>,
    /// How many slots are worse off, and belong to nobody whom the register knows.
    pub unknown_slots: usize,
    /// The status lists that the register never opened.
    pub lists: Vec<u8>,
    /// The keys of which the published trust list says more than the register.
    pub keys: Vec<TrustedKey>,
    /// The trust lists that were signed since the backup, by number.
    pub trust_lists: Vec<u64>,
    /// The titles in the last one that the register does not certify.
    pub titles: Vec<Title>,
}

/// A publication of this office, checked as a hospital checks it.
struct Publication {
    trust_lists: Vec<SignedTrustList>,
    keys: Vec<TrustedKey>,
    status_lists: Vec<(StatusListClaims, Digest)>,
    log: LogHead,
    leaves: Vec<LogHash>,
}

impl Office {
    /// Proposes to take back from a publication what this register does not know any more.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::PublicationUnreachable`] if a file of the publication cannot be
    /// read; [`Error::RootsOfAnother`] if it is another issuer's; [`Error::Common`] if a hospital
    /// would refuse one of its lists or its log, or a tile is damaged;
    /// [`vernet_register::Error::NothingLost`] if the register knows all that it says;
    /// [`vernet_register::Error::RestoreForked`] if certificates were issued since the backup that
    /// are not in it; [`vernet_register::Error::RestoreTooLarge`] if too much was lost; otherwise as
    /// for [`vernet_register::Register::propose`].
    pub fn propose_restore(
        &mut self,
        source: &PublicationSource,
        officer: &dyn OfficerSigner,
        now: NumericDate,
    ) -> Result<Statement, Error> {
        self.register.refresh()?;
        let open = source.open();
        let bytes = open.get(BUNDLE, Bundle::MAX_BYTES)?;
        let own = self.register.state().log();
        let publication = self.read_publication(&bytes, &mut |lists| {
            lists.fetch_leaves(own.tree().leaves(), |path| {
                open.get(&format!("{LOG}/{path}"), Tile::MAX_BYTES)
            })
        })?;
        let known = own.entries().len();
        let certificates = match publication.follows(own.tree().leaves()) {
            true => entries(&publication.leaves, known, &mut |path| {
                open.get(&format!("{LOG}/{path}"), MAX_ENTRIES_BYTES)
            })?,
            false => Vec::new(),
        };
        let restored = self.restored(&publication, certificates, now)?;
        let new = [NewDocument::new(BUNDLE, bytes)];
        let proposal = Proposal::of(Event::Restored(Box::new(restored)));
        let documents = self.documents();
        let terms = terms(&self.data, &documents, self.config.proposal_days);
        Ok(self.register.propose(proposal, &new, &terms, officer, now)?)
    }

    /// The proposal to revoke a certificate that was lost with the register, as its holder or a
    /// hospital shows it: the text of its code, its link, or its transport.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`] if there is none by which to read it; [`Error::Common`] if the text is
    /// no certificate.
    pub fn revocation_of_lost(&self, shown: &str) -> Result<Proposal, Error> {
        let list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        let certificate = Input::parse(shown)?.certificate(&list)?;
        Ok(Proposal::of(Event::LostRevoked { jws: certificate.as_str().to_owned() }))
    }

    /// What was lost, if a proposal is to take it back: by what the register says now.
    pub fn lost(&self, proposal: &Proposal, now: NumericDate) -> Option<Lost> {
        let restored = restored_by(proposal)?;
        let state = self.register.state();
        let mut lifted = Vec::new();
        let bundle = self.restore_document(proposal).ok();
        let bundle = bundle.and_then(|bytes| Bundle::from_json(&bytes).ok());
        // What is not verified here is only looked up in the case files. `check_restore` verifies it.
        let newest = bundle.as_ref().and_then(|bundle| bundle.trust_lists.last());
        let newest = newest.and_then(|list| list.unverified_claims().ok());
        let titles = newest.iter().flat_map(|list| &*list.titles).map(|title| &title.title);
        let titles = titles.filter(|title| state.titles().get(title).is_err()).cloned().collect();
        let lists = bundle.iter().flat_map(|bundle| &bundle.status_lists);
        for claims in lists.filter_map(|list| list.unverified_claims().ok()) {
            if let Ok(statuses) = claims.statuses() {
                let list = claims.sub.number();
                lifted.extend(state.told_better((list, &statuses), claims.iat, now));
            }
        }
        let known: Vec<u8> = state.status_lists().map(|list| list.number()).collect();
        let told = state.told_otherwise(restored, now);
        let slots: usize = restored.lists.iter().map(|list| list.slots.len()).sum();
        let lists = restored.lists.iter().map(|list| list.list.number());
        Some(Lost {
            lifted,
            titles,
            certificates: restored.certificates.len(),
            before: restored.before,
            log: restored.log,
            published: restored.lists.iter().map(|list| list.iat).max(),
            unknown_slots: slots.saturating_sub(told.len()),
            told,
            lists: lists.filter(|list| !known.contains(list)).collect(),
            keys: restored.keys.clone(),
            trust_lists: restored.trust_lists.iter().map(|list| list.seq).collect(),
        })
    }

    /// Reads a publication and checks all of it, but for how old it is. `complete` adds the leaves of
    /// a large log.
    fn read_publication(
        &self,
        bytes: &[u8],
        complete: &mut dyn FnMut(&mut FetchedLists) -> Result<(), Error>,
    ) -> Result<Publication, Error> {
        let bundle = Bundle::from_json(bytes)?;
        let newest = bundle.trust_lists.last().ok_or(Error::NoTrustList)?.unverified_claims()?;
        if newest.iss != self.config.iss {
            return Err(Error::RootsOfAnother {
                found: newest.iss,
                expected: self.config.iss.clone(),
            });
        }
        let mut memory = Memory::new(&self.anchor()?);
        let mut lists = FetchedLists::new(bundle, &memory);
        complete(&mut lists)?;
        // The time only affects what is remembered, and this memory is discarded.
        let now = NumericDate::from_seconds(0)?;
        let knowledge = lists.learn(&mut memory, &Policy::default(), now)?;
        knowledge.understood()?;
        if let Some(defect) = knowledge.defects().first() {
            return Err(defect.clone().into());
        }
        let log = knowledge.log().map_err(|cause| match cause {
            Some(error) => Error::from(error.clone()),
            None => Error::Common(vernet_common::Error::LogUnnamed { size: 0 }),
        })?;
        let trust_list = knowledge.trust_list();
        let bundle = lists.into_bundle();
        let mut status_lists = Vec::new();
        for signed in &bundle.status_lists {
            let claims = signed.verify(&trust_list.key(signed.kid())?.key)?.into_claims();
            if claims.log != log {
                let (found, expected) = (claims.log.size, log.size);
                return Err(vernet_common::Error::LogMismatch { found, expected }.into());
            }
            status_lists.push((claims, Digest::of(signed.unverified_payload())));
        }
        status_lists.sort_by_key(|(claims, _)| claims.sub.number());
        let leaves = bundle.log.and_then(|log| log.leaves).unwrap_or_default();
        let keys = trust_list.keys.to_vec();
        Ok(Publication { trust_lists: bundle.trust_lists, keys, status_lists, log, leaves })
    }

    /// What of a publication this register does not know.
    fn restored(
        &self,
        publication: &Publication,
        certificates: Vec<CertificateHash>,
        now: NumericDate,
    ) -> Result<Restored, Error> {
        let state = self.register.state();
        let mut lists = Vec::new();
        for (claims, sha256) in &publication.status_lists {
            let (list, iat) = (claims.sub.number(), claims.iat);
            if !state.knows_published(list, *sha256) {
                let slots = state.lost_slots((list, &claims.statuses()?), iat, now);
                let trust_list_seq = claims.trust_list_seq;
                lists.push(RestoredList { list, iat, trust_list_seq, sha256: *sha256, slots });
            }
        }
        Ok(Restored {
            before: state.log().head(),
            log: publication.log,
            certificates,
            lists,
            trust_lists: self.lost_trust_lists(publication)?,
            keys: self.lost_keys(publication),
        })
    }

    /// The trust lists of a publication that the register does not know, of those that the roots
    /// have signed. A bundle is a container that nobody signs, so others can be in it.
    fn lost_trust_lists(&self, publication: &Publication) -> Result<Vec<RestoredTrustList>, Error> {
        let mut known = self.accepted()?;
        let newest = self.register.state().trust_lists().map(|(_, seq, _)| seq).max().unwrap_or(0);
        let mut lost = Vec::new();
        for list in &publication.trust_lists {
            let seq = list.unverified_claims()?.seq;
            known.push(list.clone());
            match seq > newest && self.follow(&of_trust_lists(known.clone())).is_ok() {
                true => {
                    let sha256 = Digest::from(*list.hash().as_bytes());
                    lost.push(RestoredTrustList { seq, sha256 });
                }
                false => drop(known.pop()),
            }
        }
        Ok(lost)
    }

    /// The keys of which a publication says more than the register: that they exist, that they ended
    /// earlier, or that others may hold them.
    fn lost_keys(&self, publication: &Publication) -> Vec<TrustedKey> {
        let own: BTreeMap<KeyId, TrustedKey> =
            self.trusted_keys().into_iter().map(|key| (key.key.kid(), key)).collect();
        let is_lost = |published: &&TrustedKey| match own.get(&published.key.kid()) {
            None => true,
            Some(own) => {
                let ended = |key: &TrustedKey| key.not_after.map_or(i64::MAX, |at| at.seconds());
                let stolen =
                    |key: &TrustedKey| key.compromised_at.map_or(i64::MAX, |at| at.seconds());
                ended(published) < ended(own) || stolen(published) < stolen(own)
            }
        };
        publication.keys.iter().filter(is_lost).cloned().collect()
    }

    /// Refuses a proposal to take back what its publication does not say, or not all of it. The
    /// first officer's program may have been another one.
    pub(super) fn check_restore(&self, proposal: &Proposal, now: NumericDate) -> Result<(), Error> {
        let Some(restored) = restored_by(proposal) else { return Ok(()) };
        let differs = |what| Err(Error::RestoreDiffers { what });
        let own = self.register.state().log();
        let lost = restored.certificates.iter().map(CertificateHash::leaf);
        let whole: Vec<LogHash> = own.tree().leaves().iter().copied().chain(lost).collect();
        let bytes = self.restore_document(proposal)?;
        // The leaves of a large log are not in the document. Those of the proposal must be them.
        let publication = self.read_publication(&bytes, &mut |lists| {
            lists.use_kept_leaves(|| whole.clone());
            Ok(())
        })?;
        if publication.log != restored.log {
            return differs("the issued log is another one");
        }
        let expected = self.restored(&publication, restored.certificates.clone(), now)?;
        if expected.trust_lists != restored.trust_lists {
            return differs("the trust lists are others");
        }
        if expected.keys != restored.keys {
            return differs("the keys are others");
        }
        if expected.lists.len() != restored.lists.len() {
            return differs("the status lists are others");
        }
        for (expected, found) in expected.lists.iter().zip(&restored.lists) {
            let head =
                |list: &RestoredList| (list.list, list.iat, list.trust_list_seq, list.sha256);
            let claims =
                publication.status_lists.iter().find(|(_, sha256)| *sha256 == found.sha256);
            let statuses = claims.map(|(claims, _)| claims.statuses()).transpose()?;
            let said = |(index, status): &(StatusIndex, Status)| {
                statuses.as_ref().is_some_and(|statuses| statuses.get(*index) == *status)
            };
            if head(expected) != head(found) || !found.slots.iter().all(said) {
                return differs("a status list says something else");
            }
            // What ended by itself since the proposal may be in it, what is still lost must be.
            if expected.slots.iter().any(|slot| found.slots.binary_search(slot).is_err()) {
                return differs("a status that hospitals were told is left out");
            }
        }
        Ok(())
    }

    /// The publication that a proposal rests on.
    fn restore_document(&self, proposal: &Proposal) -> Result<Vec<u8>, Error> {
        let missing = || vernet_register::Error::DocumentMissing { name: BUNDLE.to_owned() };
        let document = proposal.document(BUNDLE).ok_or_else(missing)?;
        let documents = self.documents();
        documents.check_one(document)?;
        read(&documents.path(document))
    }

    /// Puts the trust lists that were taken back among those in the office's folder, if they are not
    /// there: the next one follows on them. Each machine does so when it needs them.
    pub(super) fn bring_back_trust_lists(&self) -> Result<(), Error> {
        for (statement, restored) in self.register.state().restores() {
            let path = |seq: u64| self.path(Self::TRUST_LISTS).join(format!("{seq:06}.json"));
            let missing: Vec<_> =
                restored.trust_lists.iter().filter(|list| !path(list.seq).exists()).collect();
            let Some(approves) = statement.approves.filter(|_| !missing.is_empty()) else {
                continue;
            };
            let Event::Proposed(proposal) = &self.register.state().statement(approves.seq)?.event
            else {
                continue;
            };
            let bundle = Bundle::from_json(&self.restore_document(proposal)?)?;
            for RestoredTrustList { seq, sha256 } in missing {
                let of_hash =
                    |list: &&SignedTrustList| Digest::from(*list.hash().as_bytes()) == *sha256;
                let Some(list) = bundle.trust_lists.iter().find(of_hash) else { continue };
                let mut json = serde_json::to_vec_pretty(list).expect("a JWS of strings is JSON");
                json.push(b'\n');
                write_atomic(&path(*seq), &json)?;
            }
            self.follow_roots()?;
        }
        Ok(())
    }

    /// Brings `roots.json`, which new hospitals pin, up to the trust list in force.
    fn follow_roots(&self) -> Result<(), Error> {
        let (anchor, list) = (self.anchor()?, self.trust_list()?);
        match list.filter(|list| list.roots != anchor.roots) {
            Some(list) => {
                let anchor = TrustAnchor { roots: list.roots, seq: list.seq, ..anchor };
                write_anchor(&self.path(Self::ROOTS), &anchor)
            }
            None => Ok(()),
        }
    }
}

impl Publication {
    /// Whether the published log goes on from these leaves.
    fn follows(&self, own: &[LogHash]) -> bool {
        self.leaves.starts_with(own)
    }
}

/// What a proposal takes back, if it is one to do so.
fn restored_by(proposal: &Proposal) -> Option<&Restored> {
    match &proposal.act {
        Act::Decide { event } => match &**event {
            Event::Restored(restored) => Some(restored),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests;
