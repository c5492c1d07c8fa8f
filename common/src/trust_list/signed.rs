//! What the roots sign, the trust list above all, and the roots that a verifier is given.

use alloc::{collections::BTreeSet, string::String, vec::Vec};
use core::marker::PhantomData;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    list::{TrustList, check_seq},
    roots::Roots,
};
use crate::{
    base64url, canonical,
    digest::Sha256Hash,
    document,
    error::{Error, check_size},
    id::{HttpsUrl, KeyId},
    jose::{Algorithm, Header, Payload, Verified, read_claims, signing_input},
    key::{SignatureBytes, Signer},
};

/// The pinned roots of an issuer, as in a `roots.json`: a verifier must be given them once, through
/// a channel that it trusts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TrustAnchor {
    /// The issuer.
    pub iss: HttpsUrl,
    /// Its roots.
    pub roots: Roots,
    /// The number of the trust list that brought these roots, 1 for the first. Lists with a
    /// smaller number do not count: they were signed by roots that may have been retired
    /// since, and would reinstate those.
    pub seq: u64,
}

impl TrustAnchor {
    const WHAT: &'static str = "the roots file";

    /// Reads a `roots.json`. White space does not matter here: people write and mail this file.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is larger than 8 KiB, [`Error::Json`] or [`Error::NotCanonical`]
    /// if it is not the expected JSON, [`Error::NotUnderstood`] if a newer program wrote it and it
    /// must be understood, [`Error::Inconsistent`] if the threshold cannot be reached or `seq` is
    /// out of range.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        // 16 keys of about 130 bytes each.
        check_size(Self::WHAT, bytes.len(), 8 * 1024)?;
        let anchor: Self =
            document::read_json(&document::Kind::of(Self::WHAT), bytes)?.understood(Self::WHAT)?;
        anchor.roots.check()?;
        check_seq(anchor.seq)?;
        Ok(anchor)
    }

    /// The fingerprint, which people compare at first contact: SHA-256 of the canonical JSON of
    /// issuer, roots and number. What else a newer program may have written into the file nobody
    /// compares, so nothing may depend on it.
    pub fn fingerprint(&self) -> [u8; 32] {
        let json = canonical::to_canonical_json("the roots", self)
            .expect("a struct of strings and numbers is always JSON");
        Sha256::digest(json).into()
    }
}

/// A document that root keys sign: a trust list, or what else only the roots decide.
pub trait RootPayload: Payload {
    /// Roots that the document itself names, and that must have signed it too: it is about to make
    /// them count.
    fn new_roots(&self) -> Option<&Roots> {
        None
    }
}

impl RootPayload for TrustList {
    /// The second check costs an honest office nothing, and protects it from a list that names
    /// roots which nobody holds: no other list could follow such a list. It also allows the list
    /// that brought new roots to be read again under those roots.
    fn new_roots(&self) -> Option<&Roots> {
        Some(&self.roots)
    }
}

/// A document with the signatures of root keys, none of them checked: JWS JSON, general
/// serialisation (RFC 7515 section 7.2.1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "GeneralJws", into = "GeneralJws", bound = "T: RootPayload + Clone")]
pub struct RootSigned<T> {
    payload: Vec<u8>,
    signatures: Vec<RootSignature>,
    claims: PhantomData<fn() -> T>,
}

/// A trust list with its signatures.
pub type SignedTrustList = RootSigned<TrustList>;

#[derive(Clone, PartialEq, Eq, Debug)]
struct RootSignature {
    header_json: Vec<u8>,
    signature: Vec<u8>,
    /// Who signed; `None` if it is a signature of a newer kind, which is passed over.
    by: Option<(KeyId, SignatureBytes)>,
}

impl<T: RootPayload> RootSigned<T> {
    /// A document that nobody has signed yet.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if it contradicts itself: nothing inconsistent is ever signed.
    pub fn unsigned(claims: &T) -> Result<Self, Error> {
        claims.check()?;
        Ok(Self {
            payload: canonical::to_canonical_json(T::WHAT, claims)?,
            signatures: Vec::new(),
            claims: PhantomData,
        })
    }

    /// Adds the signature of a root key; a signature by the same key is replaced. Each root may
    /// sign on a different machine.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if the header cannot be written; [`Error::Signer`] if the signer fails. The
    /// document is then unchanged.
    pub fn add_signature(&mut self, signer: &dyn Signer) -> Result<(), Error> {
        let kid = signer.public_key().kid();
        let header_json = Header::new::<T>(Algorithm::EdDsa, kid).to_json();
        let signature = signer.sign(signing_input(&header_json, &self.payload).as_bytes())?;
        self.signatures.retain(|known| known.by.is_none_or(|(by, _)| by != kid));
        self.signatures.push(RootSignature {
            header_json,
            signature: signature.into(),
            by: Some((kid, signature)),
        });
        Ok(())
    }

    /// Reads the JSON of a document. Only the envelope is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is too large, [`Error::Json`] or [`Error::NotCanonical`] if the
    /// envelope is malformed.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error>
    where
        T: Clone,
    {
        check_size(T::WHAT, bytes.len(), T::MAX_BYTES)?;
        // RFC 7515 section 7.2.1: further members are ignored, because nobody signs them.
        Ok(document::read_json(&document::Kind::of(T::WHAT), bytes)?.value)
    }

    /// The keys that are said to have signed.
    pub fn signers(&self) -> impl Iterator<Item = KeyId> {
        self.signatures.iter().filter_map(|signature| signature.by.map(|(kid, _)| kid))
    }

    /// What the document claims to say, unverified, as far as this version knows.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] or [`Error::NotCanonical`] if the payload is not the expected canonical
    /// JSON, [`Error::Inconsistent`] if it contradicts itself; [`Error::NotUnderstood`] if it
    /// cannot be read without understanding all of it.
    pub fn unverified_claims(&self) -> Result<T, Error> {
        Ok(read_claims::<T>(&self.payload)?.value)
    }

    /// SHA-256 of the payload, which is what the roots sign: it identifies the document, whoever's
    /// signatures it carries. Anybody can add a line to the signatures, and a root may sign later;
    /// it is the same document all the same. Two trust lists with the same `seq` must be the same
    /// list.
    pub fn hash(&self) -> Sha256Hash {
        Sha256Hash::of(&self.payload)
    }
}

impl SignedTrustList {
    /// As [`SignedTrustList::unverified_claims`], if this version knows all that the list says: for
    /// whoever is about to sign it or to put it into force.
    ///
    /// # Errors
    ///
    /// As [`SignedTrustList::unverified_claims`]; [`Error::NotUnderstood`] if there is anything in
    /// it that this version does not know.
    pub fn unverified_claims_in_full(&self) -> Result<TrustList, Error> {
        let list = self.unverified_claims()?;
        let is_in_full = list.knows_all_entries()
            && canonical::to_canonical_json(TrustList::WHAT, &list)? == self.payload;
        if !is_in_full {
            return Err(Error::NotUnderstood {
                what: TrustList::WHAT,
                found: "a member or an entry".into(),
            });
        }
        Ok(list)
    }
}

/// Further members, also unprotected headers, are ignored: RFC 7515 section 7.2.1.
#[derive(Serialize, Deserialize)]
struct GeneralJws {
    payload: String,
    signatures: Vec<GeneralSignature>,
}

#[derive(Serialize, Deserialize)]
struct GeneralSignature {
    protected: String,
    signature: String,
}

impl<T> From<RootSigned<T>> for GeneralJws {
    fn from(signed: RootSigned<T>) -> Self {
        let part = |s: &RootSignature| GeneralSignature {
            protected: base64url::encode(&s.header_json),
            signature: base64url::encode(&s.signature),
        };
        Self {
            payload: base64url::encode(&signed.payload),
            signatures: signed.signatures.iter().map(part).collect(),
        }
    }
}

impl<T: RootPayload> TryFrom<GeneralJws> for RootSigned<T> {
    type Error = Error;
    fn try_from(jws: GeneralJws) -> Result<Self, Error> {
        check_size(T::WHAT, jws.payload.len(), T::MAX_BYTES)?;
        // Both the old and the new roots may sign during a rotation.
        check_size("the signatures of the roots", jws.signatures.len(), 2 * Roots::MAX_KEYS)?;
        let part = |s: &GeneralSignature| {
            let header_json = base64url::decode("a root's header", &s.protected)?;
            const WHAT: &str = "a root's signature";
            let signature = base64url::decode(WHAT, &s.signature)?;
            let by = Header::parse_ours::<T>(&header_json)?.map(|header| {
                let bytes = SignatureBytes::try_from(&signature[..])
                    .map_err(|_| Error::NotBase64url { what: WHAT })?;
                Ok::<_, Error>((header.kid, bytes))
            });
            Ok(RootSignature { header_json, signature, by: by.transpose()? })
        };
        Ok(Self {
            payload: base64url::decode(T::WHAT, &jws.payload)?,
            signatures: jws.signatures.iter().map(part).collect::<Result<_, Error>>()?,
            claims: PhantomData,
        })
    }
}

impl Roots {
    /// Checks that enough of these roots signed, and enough of the roots that the document itself
    /// names if it names any (see [`RootPayload::new_roots`]), and only then returns what it says.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if a signature under one of the roots is not valid,
    /// [`Error::ThresholdNotReached`] if too few roots signed, and [`Error::NotUnderstood`] if a
    /// newer program wrote the document and it must be understood; [`Error::Json`],
    /// [`Error::NotCanonical`] or [`Error::Inconsistent`] if the document itself is malformed.
    pub fn verify<T: RootPayload>(&self, signed: &RootSigned<T>) -> Result<Verified<T>, Error> {
        let document = self.verify_in_part(signed)?;
        document.understood()?;
        Ok(document)
    }

    /// As [`Roots::verify`], also if something in the document must be understood and is not: what
    /// [`Signed::verify_in_part`](crate::Signed::verify_in_part) is to [`Signed::verify`](crate::Signed::verify).
    ///
    /// # Errors
    ///
    /// As [`Roots::verify`]; [`Error::NotUnderstood`] only if the document cannot be read without
    /// understanding all of it.
    pub fn verify_in_part<T: RootPayload>(
        &self,
        signed: &RootSigned<T>,
    ) -> Result<Verified<T>, Error> {
        let kid = self.check_signatures(signed)?;
        let document: Verified<T> = Verified::read(&signed.payload, kid)?;
        document
            .claims()
            .new_roots()
            .map_or(Ok(()), |roots| roots.check_signatures(signed).map(drop))?;
        Ok(document)
    }

    /// Signatures by keys that are not among these roots are ignored: during a rotation a list has
    /// two sets. Returns one of the keys that signed.
    fn check_signatures<T>(&self, signed: &RootSigned<T>) -> Result<KeyId, Error> {
        let mut signers = BTreeSet::new();
        let known = signed.signatures.iter().filter_map(|signature| {
            let (kid, bytes) = signature.by.as_ref()?;
            Some((&signature.header_json, kid, bytes))
        });
        for (header_json, kid, signature) in known {
            if let Some(root) = self.keys.iter().find(|root| root.kid() == *kid) {
                root.verify(signing_input(header_json, &signed.payload).as_bytes(), signature)?;
                signers.insert(*kid);
            }
        }
        match signers.first() {
            Some(kid) if signers.len() >= usize::from(self.threshold) => Ok(*kid),
            _ => {
                Err(Error::ThresholdNotReached { found: signers.len(), threshold: self.threshold })
            }
        }
    }
}

#[cfg(test)]
mod tests;
