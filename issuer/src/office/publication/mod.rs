//! The publication: static signed files that any web server, object store or CDN can serve at the
//! issuer's URL.
//!
//! | file | what |
//! |---|---|
//! | `bundle.json` | everything that offline verification needs |
//! | `trust-list.json` | the trust list in force |
//! | `status/<n>` | the status lists |
//! | `log/checkpoint`, `log/tile/…` | the issued log (c2sp.org/tlog-tiles) |
//! | `types/<type>/1` | SD-JWT VC type metadata of each title |
//! | `.well-known/jwt-vc-issuer` | JWT VC issuer metadata |
//!
//! A folder is replaced as a whole. An object store cannot do that; see [`Destination::Objects`]
//! for what it guarantees instead.

mod content;
mod destination;
mod error;
mod folder;
#[cfg(feature = "object-store")]
mod object_store;
mod previous;
mod source;
#[cfg(test)]
mod tests;
mod tiles;
mod witnesses;

pub use destination::Destination;
pub use error::DestinationError;
#[cfg(feature = "object-store")]
pub use object_store::ObjectStorage;
pub use source::PublicationSource;
use vernet_common::{
    Bundle, BundledLog, CertificateClaims, CertificateNumber, EncodedStatusList, KeyUse, LogHead,
    NumericDate, Signed, SignedCheckpoint, SignedTrustList, Signer, Status, StatusListClaims,
    StatusListUri, TrustList,
};
use vernet_register::{Digest, ListToSign, MAX_LEAD_S, OfficerSigner, State};
use vernet_verifier::{Code, Colour, Knowledge, Policy, verify};
pub use witnesses::{WitnessAnswer, WitnessTrouble};

use self::{content::Content, destination::Place, previous::Previous};
pub(super) use self::{
    content::{BUNDLE, LOG},
    tiles::{MAX_ENTRIES_BYTES, entries},
};
use super::{Office, good_until::GoodUntil, trust_lists::of_trust_lists};
use crate::{credentials::Credentials, error::Error};

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
    /// The time from which they must not be used.
    pub exp: NumericDate,
    /// How long the publication is good: until the first of all that it rests on ends.
    pub good_until: GoodUntil,
    /// How many status lists.
    pub status_lists: usize,
    /// How many certificates were verified against them.
    pub certificates: usize,
    /// The size of the bundle in bytes.
    pub bundle_bytes: usize,
    /// The issued log.
    pub log: LogHead,
    /// The path, below the destination, at which the bundle remains when the next one replaces it;
    /// none in a plain folder.
    pub archived: Option<String>,
    /// The answers of the witnesses of the log.
    pub witnesses: Vec<WitnessAnswer>,
}

/// The keys that sign a publication.
pub(super) struct PublicationKeys {
    pub(super) status: Box<dyn Signer>,
    pub(super) log: Box<dyn Signer>,
}

/// What was signed for a publication.
struct SignedLists {
    iat: NumericDate,
    status_lists: Vec<Signed<StatusListClaims>>,
    log: LogHead,
    checkpoint: SignedCheckpoint,
}

impl Office {
    /// Signs new status lists and replaces the current publication. Every certificate in the
    /// register is verified against the new lists first, and the verdict must be the register's own
    /// answer; `progress` is called after each.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`] or [`Error::TrustListExpired`] if no trust list is in force; as for
    /// [`Office::unlock`] if a key cannot be used; [`vernet_register::Error::ClockBehind`] if a
    /// later list was published before or a later decision recorded;
    /// [`Error::RegisterBehindPublication`] or [`Error::LogBehindPublication`] if the current
    /// publication is newer than the register; [`Error::PublicationOvertaken`] if another publisher
    /// published a newer one meanwhile; [`Error::WitnessesMissing`] if too few witnesses cosigned
    /// the log; [`Error::SelfCheck`] if a verdict is not the expected one; [`Error::File`],
    /// [`Error::Io`] or [`Error::Destination`] if the destination cannot be written. The previous
    /// publication remains then.
    pub fn publish(
        &mut self,
        out: impl Into<Destination>,
        credentials: &dyn Credentials,
        (officer, now): (&dyn OfficerSigner, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Published, Error> {
        self.register.refresh()?;
        self.bring_back_trust_lists()?;
        let trust_list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        if trust_list.exp <= now {
            return Err(Error::TrustListExpired { exp: trust_list.exp });
        }
        let status = self.unlock(KeyUse::Status, credentials, now)?;
        let keys = PublicationKeys { status, log: self.unlock(KeyUse::Log, credentials, now)? };
        self.publish_under(&keys, &trust_list, &out.into(), (officer, now), progress)
    }

    fn publish_under(
        &mut self,
        keys: &PublicationKeys,
        trust_list: &TrustList,
        out: &Destination,
        by: (&dyn OfficerSigner, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Published, Error> {
        let place = Place::open(out)?;
        // Check before a list is signed, because signing is recorded, and then the register would
        // not look old any more.
        let lists: Vec<_> = self.register.state().status_lists().collect();
        let before = self.check_published(&place.previous(&lists)?, None)?;
        let mut lists = self.sign_lists(keys, trust_list.seq, by)?;
        let witnesses = self.collect_cosignatures(&mut lists.checkpoint, trust_list)?;
        let (iat, log) = (lists.iat, lists.log);
        let bundle = self.bundle(lists)?;
        let knowledge = self.follow(&bundle)?;
        let certificates = self.check_every_certificate(&knowledge, iat, progress)?;

        let content = Content::new(
            &bundle,
            trust_list,
            tiles::files(self.register.state().log(), log.size, before),
        )?;
        let exp = knowledge.status_lists().map(|list| list.exp).min().unwrap_or(iat);
        let good_until = self.publication_good_until(trust_list, exp);
        let archived = place.replace(&content, iat, &mut |previous| {
            self.check_published(previous, Some(&knowledge)).map(drop)
        })?;
        Ok(Published {
            trust_list_seq: trust_list.seq,
            iat,
            exp,
            good_until,
            status_lists: bundle.status_lists.len(),
            certificates,
            bundle_bytes: content.bundle_bytes(),
            log,
            archived,
            witnesses,
        })
    }

    /// What a hospital needs, with the issued log as of the signing of the lists, whatever was read
    /// from the register since.
    fn bundle(&self, lists: SignedLists) -> Result<Bundle, Error> {
        let SignedLists { status_lists, log, checkpoint, .. } = lists;
        let issued = self.register.state().log();
        let leaves = issued.tree().leaves().iter().take(issued.length(log)).copied().collect();
        let log = Some(BundledLog { checkpoint, leaves: Some(leaves) });
        Ok(Bundle { trust_lists: self.chain()?, status_lists, log })
    }

    /// Refuses to publish from an old copy of the register, which would undo what was decided
    /// since. The current publication, if the office's own roots vouch for it, must not be newer
    /// than the register; nor may `ours` replace it if it is newer than `ours`, or as new. Returns
    /// the number of certificates in the log of the current publication.
    fn check_published(
        &mut self,
        previous: &Previous,
        ours: Option<&Knowledge>,
    ) -> Result<u64, Error> {
        // Other publishers record a publication in the register before they write it.
        self.register.refresh()?;
        let mut log = 0;
        if let Some(bundle) =
            previous.bundle.as_deref().and_then(|json| Bundle::from_json(json).ok())
        {
            log = self.check_bundle(&bundle, ours)?;
        }
        // Where not everything can be replaced at once, an interrupted publisher leaves parts that
        // are newer than the bundle.
        let mut trust_lists = self.chain()?;
        let mut newest_trust_list = None;
        if let Some(published) =
            previous.trust_list.as_deref().and_then(|json| SignedTrustList::from_json(json).ok())
        {
            let followed: Vec<_> = trust_lists.iter().cloned().chain([published]).collect();
            if let Ok(known) = self.follow(&of_trust_lists(followed.clone())) {
                newest_trust_list = Some((known.trust_list().seq, known.trust_list().iat));
                trust_lists = followed;
            }
        }
        for signed in previous
            .status_lists
            .iter()
            .filter_map(|text| Signed::parse(std::str::from_utf8(text).ok()?).ok())
        {
            let bundle =
                Bundle { status_lists: vec![signed], ..of_trust_lists(trust_lists.clone()) };
            self.check_bundle(&bundle, ours)?;
        }
        let Some((known, published)) = newest_trust_list else { return Ok(log) };
        let found = self.trust_list()?.map_or(0, |list| list.seq);
        if known > found {
            return Err(vernet_common::Error::TrustListRolledBack { found, known }.into());
        }
        if ours.is_some_and(|ours| known > ours.trust_list().seq) {
            return Err(Error::PublicationOvertaken { published });
        }
        Ok(log)
    }

    fn check_bundle(&self, bundle: &Bundle, ours: Option<&Knowledge>) -> Result<u64, Error> {
        // A list signed by a key that the office itself calls stolen says nothing about the
        // register: the thief can place a newer one there at any time.
        let in_force = self.trust_list()?;
        let is_stolen = |list: &Signed<StatusListClaims>| {
            let key = in_force.as_ref().and_then(|own| own.key(list.kid()).ok());
            key.is_some_and(|key| key.compromised_at.is_some())
        };
        let status_lists =
            bundle.status_lists.iter().filter(|list| !is_stolen(list)).cloned().collect();
        let believed = Bundle { status_lists, ..bundle.clone() };
        let Ok(published) = self.follow(&believed) else { return Ok(0) };
        let issued = self.register.state().log();
        let named = |list| named_log(list, published.trust_list());
        let is_ours = |log: &LogHead| issued.tree().head_at(log.size) == Some(*log);
        // An old copy that was continued may have published later than the current publication, and
        // still be a different register.
        if let Some(log) = believed.status_lists.iter().filter_map(named).find(|log| !is_ours(log))
        {
            return Err(Error::LogBehindPublication {
                published: log.size,
                found: issued.head().size,
            });
        }
        for published in published.status_lists() {
            let list = published.uri.number();
            if self.register.last_publication(list).is_none_or(|last| last.iat < published.iat) {
                return Err(Error::RegisterBehindPublication { list, published: published.iat });
            }
            let Some(ours) = ours else { continue };
            let signed =
                ours.status_lists().find(|ours| ours.uri == published.uri).map(|ours| ours.iat);
            if signed.is_none_or(|signed| signed <= published.iat) {
                return Err(Error::PublicationOvertaken { published: published.iat });
            }
        }
        let logs = bundle.status_lists.iter().filter_map(named).filter(is_ours);
        Ok(logs.map(|log| log.size).max().unwrap_or(0))
    }

    /// Signs every list, and the checkpoint of the issued log that they all name, as of the same
    /// instant, and records each. The clock was read before the key was derived, so a decision may
    /// have been recorded, even published, since: it is included, and the lists are dated
    /// accordingly. A clock that was set back is refused.
    fn sign_lists(
        &mut self,
        keys: &PublicationKeys,
        trust_list_seq: u64,
        (officer, now): (&dyn OfficerSigner, NumericDate),
    ) -> Result<SignedLists, Error> {
        let (config, mut status_lists, mut checkpoint) = (&self.config, Vec::new(), None);
        let sign_log =
            |log| Ok::<_, Error>((log, SignedCheckpoint::sign(&config.iss, log, &*keys.log)?));
        let mut sign = |to_sign: &ListToSign| {
            // It is the same for each list. Sign it before anything is recorded, because a token
            // may fail.
            if checkpoint.is_none() {
                checkpoint = Some(sign_log(to_sign.log)?);
            }
            let claims = StatusListClaims {
                exp: to_sign.iat.plus_seconds(i64::from(config.status_list_hours) * 3600),
                iat: to_sign.iat,
                log: to_sign.log,
                status_list: EncodedStatusList::from(&to_sign.statuses),
                sub: StatusListUri::new(&config.iss, to_sign.list),
                trust_list_seq,
                ttl: config.status_list_ttl_s,
            };
            let list = Signed::sign(&claims, config.algorithm, &*keys.status)?;
            let sha256 = Digest::of(list.unverified_payload());
            status_lists.push(list);
            Ok::<_, Error>(sha256)
        };
        let iat = self.register.publish(trust_list_seq, officer, now, MAX_LEAD_S, &mut sign)?;
        let (log, checkpoint) = match checkpoint {
            Some(checkpoint) => checkpoint,
            None => sign_log(self.register.state().log().head())?,
        };
        Ok(SignedLists { iat, status_lists, log, checkpoint })
    }

    /// Checks that a hospital would get the answer that the register gives.
    fn check_every_certificate(
        &self,
        knowledge: &Knowledge,
        now: NumericDate,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<usize, Error> {
        let state = self.register.state();
        let certificates: Vec<_> = state.certificates().collect();
        for (done, certificate) in certificates.iter().enumerate() {
            let number = certificate.claims.certificate_number;
            let verdict = verify(certificate.jws, knowledge, &Policy::default(), now);
            let as_expected = match state.certificate_status(number, now.civil_date(), now)? {
                Status::Invalid => matches!(verdict.code(), Code::Revoked | Code::Expired),
                Status::Suspended => matches!(verdict.code(), Code::Suspended | Code::Expired),
                Status::Conditions => {
                    matches!(verdict.code(), Code::AuthorisedWithConditions | Code::Expired)
                }
                Status::Valid => {
                    verdict.colour() == Colour::Accepted || verdict.code() == Code::Expired
                }
            };
            // What a stolen key may have signed for the thief is refused, whatever its status. That
            // is no reason not to publish.
            let stolen = verdict.code() == Code::KeyCompromised
                && is_refused_with_its_key(knowledge, state, number)?;
            if !as_expected && !stolen {
                return Err(Error::SelfCheck { number, found: verdict.code() });
            }
            progress(done + 1, certificates.len());
        }
        Ok(certificates.len())
    }
}

/// The issued log that a published list names, if the office signed the list.
fn named_log(list: &Signed<StatusListClaims>, trust_list: &TrustList) -> Option<LogHead> {
    let key = trust_list.key(list.kid()).ok()?;
    let claims = list.verify(&key.key).ok()?.into_claims();
    key.check(KeyUse::Status, claims.iat).is_ok().then_some(claims.log)
}

/// Whether hospitals refuse a certificate, by the trust list, because its key was stolen before it
/// was recorded.
fn is_refused_with_its_key(
    knowledge: &Knowledge,
    state: &State,
    number: CertificateNumber,
) -> Result<bool, Error> {
    let kid = Signed::<CertificateClaims>::parse(state.certificate(number)?.jws)?.kid();
    let place = state.log_index(number)?;
    Ok(knowledge.trust_list().key(kid)?.check_not_compromised(Some(place)).is_err())
}
