//! The publication: static signed files that any web server, object store or CDN can serve at the issuer's URL.
//!
//! | file | what |
//! |---|---|
//! | `bundle.json` | all that offline verification needs |
//! | `trust-list.json` | the trust list in force |
//! | `status/<n>` | the status lists |
//! | `types/perfusionist/1` | SD-JWT VC type metadata |
//! | `.well-known/jwt-vc-issuer` | JWT VC issuer metadata |
//!
//! A folder is exchanged as a whole. An object store can't do that; see [`Destination::Objects`] for what it gives instead.

mod content;
mod destination;
mod folder;
#[cfg(feature = "object-store")]
mod object_store;
mod witnesses;

pub use destination::{Destination, DestinationError};
#[cfg(feature = "object-store")]
pub use object_store::ObjectStorage;
pub use witnesses::{WitnessAnswer, WitnessTrouble};

use vernet_common::{
    Bundle, BundledLog, EncodedStatusList, KeyUse, LogHead, NumericDate, Signed, SignedCheckpoint, SignedTrustList,
    Signer, Status, StatusListClaims, StatusListUri, TrustList,
};
use vernet_verifier::{Code, Colour, Knowledge, Policy, verify};

use self::{
    content::{BUNDLE, Content},
    destination::{Lying, Place},
};
use super::Office;
use crate::{Credentials, Digest, Error, ListToSign, register::MAX_LEAD_S};

/// Whether something is published in a folder.
pub(super) fn is_published(folder: &std::path::Path) -> bool {
    folder.join(BUNDLE).exists()
}

/// What was published.
#[derive(Debug)]
pub struct Published {
    /// The trust list's number.
    pub trust_list_seq: u64,
    /// When the status lists were signed.
    pub iat: NumericDate,
    /// From when on they must not be used.
    pub exp: NumericDate,
    /// How many status lists.
    pub status_lists: usize,
    /// How many certificates were verified against them.
    pub certificates: usize,
    /// The size of the bundle in bytes.
    pub bundle_bytes: usize,
    /// Where the bundle can still be found when the next one has taken its place, below the destination; nowhere in a plain folder.
    pub archived: Option<String>,
    /// What came of asking the witnesses of the log.
    pub witnesses: Vec<WitnessAnswer>,
}

impl Office {
    /// Signs fresh status lists and replaces what is published. Every certificate in the register is verified against the
    /// new lists first, with the register's own answer as the expectation; `progress` is called after each.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`], [`Error::TrustListExpired`], [`Error::ClockBehind`] if a later list was published before or a later
    /// decision recorded, [`Error::RegisterBehindPublication`], [`Error::PublicationOvertaken`], [`Error::WitnessesMissing`], [`Error::SelfCheck`]; what the files or
    /// the object store refuse. What was published before is still there then.
    pub fn publish(
        &mut self,
        out: impl Into<Destination>,
        credentials: &dyn Credentials,
        (officer, now): (&dyn Signer, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Published, Error> {
        self.register.refresh()?;
        let trust_list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        if trust_list.exp <= now {
            return Err(Error::TrustListExpired { exp: trust_list.exp });
        }
        let keys = [KeyUse::Status, KeyUse::Log].map(|r#use| self.unlock(r#use, credentials, now));
        let [status, log] = keys;
        self.publish_under((&*status?, &*log?), &trust_list, &out.into(), (officer, now), progress)
    }

    fn publish_under(
        &mut self,
        (key, log_key): (&dyn Signer, &dyn Signer),
        trust_list: &TrustList,
        out: &Destination,
        by: (&dyn Signer, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Published, Error> {
        let place = Place::open(out)?;
        // Before a list is signed: the register takes note of that, and would then not look old any more.
        let lists: Vec<_> = self.register.fold().status_lists().collect();
        self.check_published(&place.lying(&lists)?, None)?;
        let (iat, log, status_lists) = self.sign_status_lists(key, trust_list.seq, by)?;
        let mut log = self.bundled_log(log, log_key)?;
        let witnesses = self.collect_cosignatures(&mut log.checkpoint, trust_list)?;
        let bundle = Bundle { trust_lists: self.chain()?, status_lists, log: Some(log) };
        let knowledge = self.follow(&bundle)?;
        let certificates = self.check_every_certificate(&knowledge, iat, progress)?;

        let content = Content::new(&bundle, trust_list)?;
        let exp = knowledge.status_lists().map(|list| list.exp).next().unwrap_or(iat);
        let archived = place.replace(&content, iat, &mut |lying| self.check_published(lying, Some(&knowledge)))?;
        Ok(Published {
            trust_list_seq: trust_list.seq,
            iat,
            exp,
            status_lists: bundle.status_lists.len(),
            certificates,
            bundle_bytes: content.bundle_bytes(),
            archived,
            witnesses,
        })
    }

    /// An old copy of the register would publish that what was decided since never was. What lies at the destination, if the office's own
    /// roots vouch for it, cannot be newer than the register; nor may it be replaced by `ours` if it is newer than that, or as new.
    fn check_published(&mut self, lying: &Lying, ours: Option<&Knowledge>) -> Result<(), Error> {
        // What somebody else published is in the register before it lies there.
        self.register.refresh()?;
        if let Some(bundle) = lying.bundle.as_deref().and_then(|json| Bundle::from_json(json).ok()) {
            self.check_bundle(&bundle, ours)?;
        }
        // Where not all can be replaced at once, a publisher that was stopped leaves parts that are newer than the bundle.
        let mut trust_lists = self.chain()?;
        let mut newest_trust_list = None;
        if let Some(published) = lying.trust_list.as_deref().and_then(|json| SignedTrustList::from_json(json).ok()) {
            let followed: Vec<_> = trust_lists.iter().cloned().chain([published]).collect();
            if let Ok(known) =
                self.follow(&Bundle { trust_lists: followed.clone(), status_lists: Vec::new(), log: None })
            {
                newest_trust_list = Some((known.trust_list().seq, known.trust_list().iat));
                trust_lists = followed;
            }
        }
        for signed in lying.status_lists.iter().filter_map(|text| Signed::parse(std::str::from_utf8(text).ok()?).ok()) {
            self.check_bundle(
                &Bundle { trust_lists: trust_lists.clone(), status_lists: vec![signed], log: None },
                ours,
            )?;
        }
        let Some((known, published)) = newest_trust_list else { return Ok(()) };
        let found = self.trust_list()?.map_or(0, |list| list.seq);
        if known > found {
            return Err(vernet_common::Error::TrustListRolledBack { found, known }.into());
        }
        if ours.is_some_and(|ours| known > ours.trust_list().seq) {
            return Err(Error::PublicationOvertaken { published });
        }
        Ok(())
    }

    fn check_bundle(&self, bundle: &Bundle, ours: Option<&Knowledge>) -> Result<(), Error> {
        let Ok(published) = self.follow(bundle) else { return Ok(()) };
        for published in published.status_lists() {
            let list = published.uri.number();
            if self.register.last_publication(list).is_none_or(|last| last.iat < published.iat) {
                return Err(Error::RegisterBehindPublication { list, published: published.iat });
            }
            let Some(ours) = ours else { continue };
            let signed = ours.status_lists().find(|ours| ours.uri == published.uri).map(|ours| ours.iat);
            if signed.is_none_or(|signed| signed <= published.iat) {
                return Err(Error::PublicationOvertaken { published: published.iat });
            }
        }
        Ok(())
    }

    /// Signs every list, as of the same instant, after recording each. The clock was read before the key was derived, and a decision may
    /// have been recorded, even published, since: it is not left out, and the lists are dated accordingly. A clock that was set back is
    /// another thing.
    fn sign_status_lists(
        &mut self,
        key: &dyn Signer,
        trust_list_seq: u64,
        (officer, now): (&dyn Signer, NumericDate),
    ) -> Result<(NumericDate, LogHead, Vec<Signed<StatusListClaims>>), Error> {
        let (config, mut signed, mut log) = (&self.config, Vec::new(), LogHead::empty());
        let mut sign = |to_sign: &ListToSign| {
            log = to_sign.log;
            let claims = StatusListClaims {
                exp: to_sign.iat.plus_seconds(i64::from(config.status_list_hours) * 3600),
                iat: to_sign.iat,
                log,
                status_list: EncodedStatusList::from(&to_sign.statuses),
                sub: StatusListUri::new(&config.iss, to_sign.list),
                trust_list_seq,
                ttl: config.status_list_ttl_s,
            };
            let list = Signed::sign(&claims, config.algorithm, key)?;
            let sha256 = Digest::of(list.unverified_payload());
            signed.push(list);
            Ok(sha256)
        };
        let iat = self.register.publish(trust_list_seq, officer, (now, MAX_LEAD_S), &mut sign)?;
        Ok((iat, log, signed))
    }

    /// The log as the status lists name it, with all its leaves.
    fn bundled_log(&self, head: LogHead, key: &dyn Signer) -> Result<BundledLog, Error> {
        let checkpoint = SignedCheckpoint::sign(&self.config.iss, head, key)?;
        let leaves = self.register.fold().log().leaves();
        Ok(BundledLog { checkpoint, leaves: leaves.get(..head.size as usize).map(<[_]>::to_vec) })
    }

    /// Would a hospital get the answer that the register gives?
    fn check_every_certificate(
        &self,
        knowledge: &Knowledge,
        now: NumericDate,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<usize, Error> {
        let fold = self.register.fold();
        let certificates: Vec<_> = fold.certificates().collect();
        for (done, certificate) in certificates.iter().enumerate() {
            let number = certificate.claims.certificate_number;
            let verdict = verify(certificate.jws, knowledge, &Policy::default(), now);
            let as_expected = match fold.certificate_status(number, now.civil_date(), now)? {
                Status::Invalid => matches!(verdict.code(), Code::Revoked | Code::Expired),
                Status::Suspended => matches!(verdict.code(), Code::Suspended | Code::Expired),
                Status::Conditions => matches!(verdict.code(), Code::AuthorisedWithConditions | Code::Expired),
                Status::Valid => verdict.colour() == Colour::Accepted || verdict.code() == Code::Expired,
            };
            // A compromised key's certificates are refused, whatever their status; that is no reason not to publish.
            if !as_expected && verdict.code() != Code::KeyCompromised {
                return Err(Error::SelfCheck { number, found: verdict.code() });
            }
            progress(done + 1, certificates.len());
        }
        Ok(certificates.len())
    }
}
