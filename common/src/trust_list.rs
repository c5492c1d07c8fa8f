//! The trust list: which keys count, for what, and since when not any more. Signed by the office's root keys, kept offline.

use alloc::{collections::BTreeSet, format, string::String, sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Algorithm, CertificateNumber, Error, HttpsUrl, KeyId, NumericDate, Profession, PublicKey, Signer, StatusListUri,
    Title, base64url, canonical,
    error::check_size,
    jose::{Header, Payload, Verified, signing_input},
};

/// The trust list's claims. The data model follows ETSI TS 119 602 without claiming to conform: `seq` is its sequence number, `iat`
/// its issue date, `exp` its next update.
///
/// A holder of `Verified<TrustList>` must **also** check `exp` against the clock and `seq` against what was seen before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustList {
    /// The issuer whose keys these are.
    pub iss: HttpsUrl,
    /// Grows by at least one with every list.
    pub seq: u64,
    /// When the list was made.
    pub iat: NumericDate,
    /// The first instant at which it must not be used any more.
    pub exp: NumericDate,
    /// The root keys that must sign the next list. A list with other roots than the one before is how root keys rotate.
    pub roots: Roots,
    /// The issuer's working keys, past and present.
    pub keys: Vec<TrustedKey>,
    /// The constants behind the QR template, by number.
    pub profiles: Vec<Profile>,
}

impl TrustList {
    /// The key with this id.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUnknown`].
    pub fn key(&self, kid: KeyId) -> Result<&TrustedKey, Error> {
        self.keys
            .iter()
            .find(|trusted| trusted.key.kid() == kid)
            .ok_or_else(|| Error::KeyUnknown { kid: format!("{kid}") })
    }

    /// The certificate key that a QR template names by the first two bytes of its thumbprint.
    pub(crate) fn key_by_hint(&self, hint: [u8; 2]) -> Result<&TrustedKey, Error> {
        self.certificate_keys()
            .find(|trusted| trusted.key.hint() == hint)
            .ok_or_else(|| Error::KeyUnknown { kid: format!("{}…", &base64url::encode(&hint)[..2]) })
    }

    /// The profile with this number.
    pub(crate) fn profile(&self, id: u8) -> Result<&Profile, Error> {
        self.profiles.iter().find(|profile| profile.id == id).ok_or(Error::QrProfileUnknown { found: id })
    }

    fn certificate_keys(&self) -> impl Iterator<Item = &TrustedKey> {
        self.keys.iter().filter(|trusted| trusted.r#use == KeyUse::Certificate)
    }
}

impl Payload for TrustList {
    const TYP: &'static str = "vernet-trust-list";
    const WHAT: &'static str = "the trust list";
    // Some 300 keys: a change of every working key each year for a century.
    const MAX_BYTES: usize = 128 * 1024;

    fn check(&self) -> Result<(), Error> {
        self.roots.check()?;
        check_seq(self.seq)?;
        if self.exp <= self.iat {
            return Err(Error::Inconsistent { what: "`exp` is not after `iat`" });
        }
        let keys: BTreeSet<KeyId> = self.keys.iter().map(|trusted| trusted.key.kid()).collect();
        if keys.len() != self.keys.len() {
            return Err(Error::Inconsistent { what: "a key is listed twice, so its use is ambiguous" });
        }
        if self.roots.keys.iter().any(|root| keys.contains(&root.kid())) {
            return Err(Error::Inconsistent {
                what: "a root key is listed as a working key: roots sign trust lists and nothing else",
            });
        }
        let hints: BTreeSet<[u8; 2]> = self.certificate_keys().map(|trusted| trusted.key.hint()).collect();
        if hints.len() != self.certificate_keys().count() {
            return Err(Error::Inconsistent {
                what: "two certificate keys share the first two bytes of their thumbprints",
            });
        }
        if self.keys.iter().any(|trusted| trusted.not_after.is_some_and(|end| end <= trusted.not_before)) {
            return Err(Error::Inconsistent { what: "a key's `not_after` is not after its `not_before`" });
        }
        let profiles: BTreeSet<u8> = self.profiles.iter().map(|profile| profile.id).collect();
        if profiles.len() != self.profiles.len() {
            return Err(Error::Inconsistent { what: "a profile number is listed twice" });
        }
        self.profiles.iter().try_for_each(Profile::check)
    }
}

/// RFC 8785 writes numbers as JavaScript does, which is exact up to here.
const MAX_SEQ: u64 = (1 << 53) - 1;

fn check_seq(seq: u64) -> Result<(), Error> {
    if !(1..=MAX_SEQ).contains(&seq) {
        return Err(Error::Inconsistent { what: "`seq` is not from 1 to 2^53 - 1" });
    }
    Ok(())
}

/// A working key of the issuer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// The key.
    pub key: PublicKey,
    /// The one thing it may sign. Granting and supervising are different bodies, so their keys are different keys.
    pub r#use: KeyUse,
    /// The first instant at which it may sign.
    pub not_before: NumericDate,
    /// The first instant at which it may not sign any more, if it is retired. What it signed before stays good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<NumericDate>,
    /// Since when somebody else may hold it. A thief writes any date he likes, so from then on the signature alone proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_at: Option<NumericDate>,
}

impl TrustedKey {
    /// Checks that the key may have signed this kind of document at this time.
    ///
    /// # Errors
    ///
    /// [`Error::KeyUse`], [`Error::KeyCompromised`] or [`Error::KeyNotValidAt`].
    pub fn check(&self, expected: KeyUse, signed_at: NumericDate) -> Result<(), Error> {
        let kid = || format!("{}", self.key.kid());
        if self.r#use != expected {
            return Err(Error::KeyUse { kid: kid(), found: self.r#use.as_str(), expected: expected.as_str() });
        }
        if let Some(since) = self.compromised_at {
            return Err(Error::KeyCompromised { kid: kid(), since });
        }
        if signed_at < self.not_before || self.not_after.is_some_and(|end| signed_at >= end) {
            return Err(Error::KeyNotValidAt { kid: kid(), at: signed_at });
        }
        Ok(())
    }
}

/// What a working key may sign.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Certificates: the granting authority.
    Certificate,
    /// Status lists: the supervisory authority.
    Status,
    /// Checkpoints of the issued log.
    Log,
}

impl KeyUse {
    /// The word for it, as in the trust list.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Status => "status",
            Self::Log => "log",
        }
    }
}

/// The constants of an issuer that a QR template leaves out. Immutable: a change is a new profile with a new number, because printed
/// codes refer to it for as long as paper lasts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile's number, from 1.
    pub id: u8,
    /// The header's `alg`.
    pub alg: Algorithm,
    /// What every certificate number begins with.
    pub certificate_number_prefix: String,
    /// The claim `iss`.
    pub iss: HttpsUrl,
    /// The claim `profession`.
    pub profession: Profession,
    /// What every status list's URI begins with; its number follows.
    pub status_list_uri_prefix: String,
    /// The claim `title`.
    pub title: Title,
    /// The claim `vct`.
    pub vct: HttpsUrl,
}

impl Profile {
    /// The profile of an issuer's perfusionist certificates.
    ///
    /// # Errors
    ///
    /// [`Error::FieldInvalid`] if `iss` is too long to have a `vct` below it.
    pub fn new(id: u8, alg: Algorithm, iss: HttpsUrl) -> Result<Self, Error> {
        Ok(Self {
            id,
            alg,
            certificate_number_prefix: CertificateNumber::PREFIX.into(),
            profession: Profession::Perfusionist,
            status_list_uri_prefix: format!("{iss}{}", StatusListUri::PATH),
            title: Title::Perfusionist,
            vct: crate::CertificateClaims::vct_of(&iss).parse()?,
            iss,
        })
    }

    fn check(&self) -> Result<(), Error> {
        if self.id == 0 || *self != Self::new(self.id, self.alg, self.iss.clone())? {
            return Err(Error::Inconsistent { what: "a QR profile's constants do not follow from its `iss`" });
        }
        Ok(())
    }
}

/// A set of root keys and how many of them must sign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roots {
    /// The root keys, each in the hands of another person.
    pub keys: Vec<PublicKey>,
    /// How many of them must sign.
    pub threshold: u8,
}

impl Roots {
    /// The most root keys that a list may have. Each costs a signature check on every load.
    pub const MAX_KEYS: usize = 16;

    /// Checks that the threshold can be reached, and not twice by one key.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`].
    pub fn check(&self) -> Result<(), Error> {
        let distinct: BTreeSet<KeyId> = self.keys.iter().map(PublicKey::kid).collect();
        if distinct.len() != self.keys.len() {
            return Err(Error::Inconsistent { what: "a root key is listed twice" });
        }
        if self.threshold == 0 || usize::from(self.threshold) > self.keys.len() || self.keys.len() > Self::MAX_KEYS {
            return Err(Error::Inconsistent {
                what: "the threshold of the roots is not from 1 to the number of keys, 16 at most",
            });
        }
        Ok(())
    }

    /// Checks that enough of these roots signed, and enough of the roots that the list itself names, and only then hands the list out.
    ///
    /// The second check costs an honest office nothing, and saves it from a list that names roots which nobody holds: after such
    /// a list no other could follow. It also lets the list that brought new roots be read again under those roots.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if a signature under one of these roots does not hold, [`Error::ThresholdNotReached`], and what
    /// the list's own checks find.
    pub fn verify(&self, signed: &SignedTrustList) -> Result<Verified<TrustList>, Error> {
        let kid = self.check_signatures(signed)?;
        let list: Verified<TrustList> = Verified::read(&signed.payload, kid)?;
        list.claims().roots.check_signatures(signed)?;
        Ok(list)
    }

    /// Signatures by keys that are not among these roots are passed over: during a rotation a list bears two sets. Returns one
    /// of those that signed.
    fn check_signatures(&self, signed: &SignedTrustList) -> Result<KeyId, Error> {
        let mut signers = BTreeSet::new();
        for RootSignature { header_json, kid, signature } in &signed.signatures {
            if let Some(root) = self.keys.iter().find(|root| root.kid() == *kid) {
                root.verify(signing_input(header_json, &signed.payload).as_bytes(), signature)?;
                signers.insert(*kid);
            }
        }
        match signers.first() {
            Some(kid) if signers.len() >= usize::from(self.threshold) => Ok(*kid),
            _ => Err(Error::ThresholdNotReached { found: signers.len(), threshold: self.threshold }),
        }
    }
}

/// The pinned roots of an issuer, as in a `roots.json`: what a verifier must be given once, by a way that it trusts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustAnchor {
    /// The issuer.
    pub iss: HttpsUrl,
    /// Its roots.
    pub roots: Roots,
    /// The number of the trust list that brought these roots, 1 for the first. Lists with a smaller number do not count: they were signed
    /// by roots of which some may have been retired since, and would bring those back.
    pub seq: u64,
}

impl TrustAnchor {
    /// Reads a `roots.json`. White space is free here: people write and mail this file.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Json`] or [`Error::Inconsistent`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        // 16 keys of about 130 bytes each.
        check_size("the roots file", bytes.len(), 8 * 1024)?;
        let anchor: Self = serde_json::from_slice(bytes)
            .map_err(|source| Error::Json { what: "the roots file", source: Arc::new(source) })?;
        anchor.roots.check()?;
        check_seq(anchor.seq)?;
        Ok(anchor)
    }

    /// A fingerprint of the whole anchor, to be compared by people at first contact: SHA-256 of its canonical JSON.
    pub fn fingerprint(&self) -> [u8; 32] {
        let json =
            canonical::to_canonical_json("the roots", self).expect("a struct of strings and numbers is always JSON");
        Sha256::digest(json).into()
    }
}

/// A trust list with its signatures, none of them checked: JWS JSON, general serialisation (RFC 7515 section 7.2.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "GeneralJws", into = "GeneralJws")]
pub struct SignedTrustList {
    payload: Vec<u8>,
    signatures: Vec<RootSignature>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct RootSignature {
    header_json: Vec<u8>,
    kid: KeyId,
    signature: [u8; 64],
}

impl SignedTrustList {
    /// A list that nobody has signed yet.
    ///
    /// # Errors
    ///
    /// What the list's own checks find; nothing wrong is ever signed.
    pub fn unsigned(list: &TrustList) -> Result<Self, Error> {
        list.check()?;
        Ok(Self { payload: canonical::to_canonical_json(TrustList::WHAT, list)?, signatures: Vec::new() })
    }

    /// Adds the signature of a root key; a signature by the same key is replaced. May happen on another machine for each root.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if the header cannot be written.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), Error> {
        let kid = signer.public_key().kid();
        let header_json = Header::new::<TrustList>(Algorithm::EdDsa, kid).to_json()?;
        let signature = signer.sign(signing_input(&header_json, &self.payload).as_bytes());
        self.signatures.retain(|known| known.kid != kid);
        self.signatures.push(RootSignature { header_json, kid, signature });
        Ok(())
    }

    /// Reads the JSON of a list. Only the envelope is looked at.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] or [`Error::Json`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        check_size(TrustList::WHAT, bytes.len(), TrustList::MAX_BYTES)?;
        serde_json::from_slice(bytes).map_err(|source| Error::Json { what: TrustList::WHAT, source: Arc::new(source) })
    }

    /// The keys that are said to have signed.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.signatures.iter().map(|signature| signature.kid)
    }

    /// What the list claims to say, for a person about to sign it. Nobody has vouched for it.
    ///
    /// # Errors
    ///
    /// [`Error::Json`], [`Error::NotCanonical`] or what the list's own checks find.
    pub fn unverified_claims(&self) -> Result<TrustList, Error> {
        let list: TrustList = canonical::from_canonical_json(TrustList::WHAT, &self.payload)?;
        list.check()?;
        Ok(list)
    }

    /// SHA-256 of the payload: two lists with the same `seq` must be the same list.
    pub fn payload_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.payload).into()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralJws {
    payload: String,
    signatures: Vec<GeneralSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GeneralSignature {
    protected: String,
    signature: String,
}

impl From<SignedTrustList> for GeneralJws {
    fn from(signed: SignedTrustList) -> Self {
        let part = |s: &RootSignature| GeneralSignature {
            protected: base64url::encode(&s.header_json),
            signature: base64url::encode(&s.signature),
        };
        Self { payload: base64url::encode(&signed.payload), signatures: signed.signatures.iter().map(part).collect() }
    }
}

impl TryFrom<GeneralJws> for SignedTrustList {
    type Error = Error;
    fn try_from(jws: GeneralJws) -> Result<Self, Error> {
        check_size(TrustList::WHAT, jws.payload.len(), TrustList::MAX_BYTES)?;
        // Both the old and the new roots may sign during a rotation.
        check_size("the trust list's signatures", jws.signatures.len(), 2 * Roots::MAX_KEYS)?;
        let part = |s: &GeneralSignature| {
            let header_json = base64url::decode("a trust list header", &s.protected)?;
            let kid = Header::parse::<TrustList>(&header_json)?.kid;
            Ok(RootSignature {
                header_json,
                kid,
                signature: base64url::decode_array("a trust list signature", &s.signature)?,
            })
        };
        Ok(Self {
            payload: base64url::decode("the trust list payload", &jws.payload)?,
            signatures: jws.signatures.iter().map(part).collect::<Result<_, Error>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecretKey, test_support};

    fn root(n: u8) -> SecretKey {
        SecretKey::from_seed(&[100 + n; 32])
    }

    fn signed_by(list: &TrustList, signers: &[u8]) -> SignedTrustList {
        let mut signed = SignedTrustList::unsigned(list).expect("a sound list");
        for n in signers {
            signed.add_signature(&root(*n)).expect("signs");
        }
        let json = serde_json::to_vec(&signed).expect("JSON");
        SignedTrustList::from_json(&json).expect("reads what it wrote")
    }

    #[test]
    fn two_of_three_roots_are_needed() {
        let list = test_support::trust_list();
        for (signers, accepted) in
            [(&[0, 1][..], true), (&[0, 2], true), (&[2, 1, 0], true), (&[1], false), (&[], false)]
        {
            let result = list.roots.verify(&signed_by(&list, signers));
            assert_eq!(result.as_ref().map(Verified::claims).ok(), accepted.then_some(&list), "{signers:?}");
            if let Err(error) = result {
                assert_eq!(error.code(), "threshold_not_reached");
            }
        }
    }

    #[test]
    fn one_root_that_signs_twice_counts_once() {
        let list = test_support::trust_list();
        let mut signed = signed_by(&list, &[0]);
        signed.signatures.push(signed.signatures[0].clone());
        assert_eq!(list.roots.verify(&signed).expect_err("one root").code(), "threshold_not_reached");
    }

    #[test]
    fn a_strangers_signature_neither_helps_nor_harms() {
        let list = test_support::trust_list();
        assert!(list.roots.verify(&signed_by(&list, &[0, 77, 1])).is_ok());
        assert_eq!(
            list.roots.verify(&signed_by(&list, &[0, 77])).expect_err("one root").code(),
            "threshold_not_reached"
        );
    }

    #[test]
    fn new_roots_need_the_old_threshold_and_their_own() {
        let old = test_support::trust_list();
        let roots = Roots { keys: [0, 11, 12].map(|n| root(n).public_key()).into(), threshold: 2 };
        let new = TrustList { seq: 2, roots: roots.clone(), ..old.clone() };
        assert!(old.roots.verify(&signed_by(&new, &[0, 1, 11])).is_ok());
        assert!(roots.verify(&signed_by(&new, &[0, 1, 11])).is_ok(), "and can be read again under the new roots");
        assert_eq!(
            old.roots.verify(&signed_by(&new, &[0, 11, 12])).expect_err("one old root").code(),
            "threshold_not_reached"
        );
        assert_eq!(
            old.roots.verify(&signed_by(&new, &[0, 1])).expect_err("one new root").code(),
            "threshold_not_reached"
        );
    }

    #[test]
    fn a_changed_payload_breaks_the_signatures() {
        let list = test_support::trust_list();
        let mut signed = signed_by(&list, &[0, 1]);
        let evil = TrustList { seq: list.seq + 1, ..list.clone() };
        signed.payload = SignedTrustList::unsigned(&evil).expect("sound").payload;
        assert_eq!(list.roots.verify(&signed).expect_err("changed").code(), "signature_invalid");
    }

    #[test]
    fn lists_that_contradict_themselves_are_neither_signed_nor_read() {
        let good = test_support::trust_list();
        type Change = fn(&mut TrustList);
        let changes: [(&str, Change); 10] = [
            ("exp", |l| l.exp = l.iat),
            ("key twice", |l| l.keys.push(l.keys[0].clone())),
            ("root as working key", |l| l.keys[0].key = l.roots.keys[0]),
            ("root twice", |l| l.roots.keys[1] = l.roots.keys[0]),
            ("seq 0", |l| l.seq = 0),
            ("seq beyond what JSON can say", |l| l.seq = 1 << 53),
            ("threshold 0", |l| l.roots.threshold = 0),
            ("threshold 4", |l| l.roots.threshold = 4),
            ("profile twice", |l| l.profiles.push(l.profiles[0].clone())),
            ("profile constants", |l| l.profiles[0].status_list_uri_prefix = "https://evil.example/status/".into()),
        ];
        for (name, change) in changes {
            let mut list = good.clone();
            change(&mut list);
            assert_eq!(SignedTrustList::unsigned(&list).expect_err(name).code(), "inconsistent", "{name}");
        }
    }

    #[test]
    fn a_key_signs_what_it_is_for_while_it_is_valid() {
        let mut key = test_support::trust_list().keys[0].clone();
        let at = |seconds| key.not_before.plus_seconds(seconds);
        let (first, before) = (at(0), at(-1));
        assert!(key.check(KeyUse::Certificate, first).is_ok());
        assert_eq!(key.check(KeyUse::Status, first).expect_err("another use").code(), "key_use");
        assert_eq!(key.check(KeyUse::Certificate, before).expect_err("too early").code(), "key_not_valid_at");
        key.not_after = Some(first.plus_seconds(10));
        assert!(key.check(KeyUse::Certificate, first.plus_seconds(9)).is_ok());
        assert_eq!(
            key.check(KeyUse::Certificate, first.plus_seconds(10)).expect_err("retired").code(),
            "key_not_valid_at"
        );
        // Whatever the certificate says about its own age: a thief writes any date.
        key.compromised_at = Some(first.plus_seconds(5));
        assert_eq!(key.check(KeyUse::Certificate, first).expect_err("stolen").code(), "key_compromised");
    }
}
