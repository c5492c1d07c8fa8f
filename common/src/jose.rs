//! The envelope: a JSON Web Signature in compact serialisation (RFC 7515 section 7.1).

use alloc::{format, string::String, vec::Vec};
use core::{fmt, marker::PhantomData};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    base64url, canonical,
    error::{Error, check_size},
    id::KeyId,
    key::{PublicKey, SignatureBytes, Signer},
    quote::quoted,
};

/// Claims that can be signed in an envelope.
pub trait Payload: Serialize + DeserializeOwned {
    /// The header's `typ` (RFC 7515 section 4.1.9). Each kind of document has its own, so that none
    /// can be mistaken for another (RFC 8725 section 3.11).
    const TYP: &'static str;
    /// The name of the kind in messages.
    const WHAT: &'static str;
    /// The longest envelope that is read.
    const MAX_BYTES: usize;

    /// Checks what concerns more than one field.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if fields contradict each other.
    fn check(&self) -> Result<(), Error>;
}

/// The header's `alg`. Both mean Ed25519, because keys are pinned as Ed25519 keys: RFC 8037 says
/// `EdDSA`, RFC 9864 says `Ed25519`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Algorithm {
    /// What every library reads today.
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// The fully specified name of RFC 9864.
    Ed25519,
}

impl Algorithm {
    /// The name, as in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// The protected header: exactly these three members, in this order, without white space.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: KeyId,
    pub(crate) typ: String,
}

impl Header {
    pub(crate) fn new<T: Payload>(algorithm: Algorithm, kid: KeyId) -> Self {
        Self { alg: algorithm.as_str().into(), kid, typ: T::TYP.into() }
    }

    pub(crate) fn parse<T: Payload>(bytes: &[u8]) -> Result<Self, Error> {
        let header: Self = canonical::from_canonical_json("the JOSE header", bytes)?;
        header.algorithm()?;
        if header.typ != T::TYP {
            return Err(Error::WrongType { found: quoted(&header.typ, 80), expected: T::TYP });
        }
        Ok(header)
    }

    pub(crate) fn algorithm(&self) -> Result<Algorithm, Error> {
        match self.alg.as_str() {
            "EdDSA" => Ok(Algorithm::EdDsa),
            "Ed25519" => Ok(Algorithm::Ed25519),
            _ => Err(Error::AlgorithmUnsupported { found: quoted(&self.alg, 80) }),
        }
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, Error> {
        canonical::to_canonical_json("the JOSE header", self)
    }
}

/// A signed document whose signature nobody has checked yet. Its claims cannot be reached: call
/// [`Signed::verify`].
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<T> {
    /// The compact serialisation.
    jws: String,
    header: Header,
    header_json: Vec<u8>,
    payload: Vec<u8>,
    signature: SignatureBytes,
    claims: PhantomData<fn() -> T>,
}

impl<T: Payload> Signed<T> {
    /// Reads the compact serialisation. Only the envelope is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is longer than [`Payload::MAX_BYTES`], [`Error::JwsParts`] or
    /// [`Error::NotBase64url`] if it is not three parts in base64url, [`Error::Json`] or
    /// [`Error::NotCanonical`] if the header is not the expected canonical JSON,
    /// [`Error::AlgorithmUnsupported`] or [`Error::WrongType`] if it names another algorithm or
    /// type.
    pub fn parse(jws: &str) -> Result<Self, Error> {
        check_size(T::WHAT, jws.len(), T::MAX_BYTES)?;
        let parts: Vec<&str> = jws.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(Error::JwsParts { found: parts.len() });
        };
        Self::from_parts(
            base64url::decode("the JOSE header", header)?,
            base64url::decode("the JWS payload", payload)?,
            base64url::decode_array("the JWS signature", signature)?,
        )
    }

    pub(crate) fn from_parts(
        header_json: Vec<u8>,
        payload: Vec<u8>,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        let header = Header::parse::<T>(&header_json)?;
        Self::from_header(header, header_json, payload, signature)
    }

    fn from_header(
        header: Header,
        header_json: Vec<u8>,
        payload: Vec<u8>,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        let jws =
            format!("{}.{}", signing_input(&header_json, &payload), base64url::encode(&signature));
        check_size(T::WHAT, jws.len(), T::MAX_BYTES)?;
        Ok(Self { jws, header, header_json, payload, signature, claims: PhantomData })
    }

    /// Assembles an envelope whose parts are stored separately, for instance in a database: the
    /// header follows from the algorithm, the key and the kind of document.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if the payload or the envelope is longer than [`Payload::MAX_BYTES`].
    pub fn assemble(
        algorithm: Algorithm,
        kid: KeyId,
        payload: Vec<u8>,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        check_size(T::WHAT, payload.len(), T::MAX_BYTES)?;
        let header = Header::new::<T>(algorithm, kid);
        let header_json = header.to_json()?;
        Self::from_header(header, header_json, payload, signature)
    }

    /// Signs claims.
    ///
    /// # Errors
    ///
    /// Those of [`Payload::check`]: nothing inconsistent is ever signed. [`Error::Signer`] if the
    /// signer fails.
    pub fn sign(claims: &T, algorithm: Algorithm, signer: &dyn Signer) -> Result<Self, Error> {
        claims.check()?;
        let header_json = Header::new::<T>(algorithm, signer.public_key().kid()).to_json()?;
        let payload = canonical::to_canonical_json(T::WHAT, claims)?;
        let signature = signer.sign(signing_input(&header_json, &payload).as_bytes())?;
        Self::from_parts(header_json, payload, signature)
    }

    /// Checks the signature and only then reads the claims.
    ///
    /// The caller must **also** check that `key` may sign this kind of document, and at the time in
    /// question.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if the signature is not valid; then [`Error::Json`],
    /// [`Error::NotCanonical`] or those of [`Payload::check`] if the claims are malformed, which
    /// under a valid signature means that the issuer itself is faulty.
    pub fn verify(&self, key: &PublicKey) -> Result<Verified<T>, Error> {
        self.check_signature(key)?;
        Verified::read(&self.payload, self.header.kid)
    }

    /// Checks only the signature, for callers that already know every byte of the payload.
    ///
    /// # Errors
    ///
    /// [`Error::SignatureInvalid`] if the signature is not valid.
    pub fn check_signature(&self, key: &PublicKey) -> Result<(), Error> {
        // There is one encoding of header and payload, so what was signed is the compact
        // serialisation without its last part.
        let signed = self.jws.rsplit_once('.').map_or("", |(signed, _)| signed);
        key.verify(signed.as_bytes(), &self.signature)
    }
}

impl<T> Signed<T> {
    /// The id of the key that is said to have signed.
    pub fn kid(&self) -> KeyId {
        self.header.kid
    }

    /// The compact serialisation.
    pub fn as_str(&self) -> &str {
        &self.jws
    }

    /// The header's JSON, unverified, to show what a document claims to be.
    pub fn unverified_header(&self) -> &[u8] {
        &self.header_json
    }

    /// The payload's bytes, unverified, to show what a document claims to say.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    /// The bytes of the signature, to store them separately from the payload. [`Signed::assemble`]
    /// is the inverse.
    pub fn signature(&self) -> &SignatureBytes {
        &self.signature
    }
}

impl<T> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({} by {}, unverified)", self.header.typ, self.header.kid)
    }
}

/// Claims whose signature is valid. Only [`Signed::verify`] and the trust list's threshold check
/// make them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified<T> {
    claims: T,
    kid: KeyId,
}

impl<T: Payload> Verified<T> {
    /// Reads the payload of an envelope whose signatures the caller has checked.
    pub(crate) fn read(payload: &[u8], kid: KeyId) -> Result<Self, Error> {
        let claims: T = canonical::from_canonical_json(T::WHAT, payload)?;
        claims.check()?;
        Ok(Self { claims, kid })
    }
}

impl<T> Verified<T> {
    /// The claims.
    pub fn claims(&self) -> &T {
        &self.claims
    }

    /// The claims, by value.
    pub fn into_claims(self) -> T {
        self.claims
    }

    /// The key that signed.
    pub fn kid(&self) -> KeyId {
        self.kid
    }
}

/// RFC 7515 section 5.1, step 8.
pub(crate) fn signing_input(header_json: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", base64url::encode(header_json), base64url::encode(payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{claims::CertificateClaims, key::SecretKey, test_support};

    #[test]
    fn the_claims_come_back_only_under_the_right_key() {
        let key = SecretKey::from_seed(&[1; 32]);
        let claims = test_support::claims();
        let signed = Signed::sign(&claims, Algorithm::EdDsa, &key).expect("signs");
        let read = Signed::<CertificateClaims>::parse(signed.as_str()).expect("parses");
        assert_eq!(read.verify(&key.public_key()).expect("holds").claims(), &claims);
        let other = SecretKey::from_seed(&[2; 32]).public_key();
        assert_eq!(read.verify(&other).expect_err("another key").code(), "signature_invalid");
    }

    #[test]
    fn both_names_of_the_algorithm_are_read() {
        let key = SecretKey::from_seed(&[1; 32]);
        for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
            let signed = Signed::sign(&test_support::claims(), algorithm, &key).expect("signs");
            assert!(
                Signed::<CertificateClaims>::parse(signed.as_str())
                    .expect("parses")
                    .verify(&key.public_key())
                    .is_ok()
            );
        }
    }

    fn envelope(header: &str, payload: &str) -> String {
        let key = SecretKey::from_seed(&[1; 32]);
        let input = signing_input(header.as_bytes(), payload.as_bytes());
        format!(
            "{input}.{}",
            base64url::encode(&key.sign(input.as_bytes()).expect("a key in memory signs"))
        )
    }

    #[test]
    fn an_envelope_is_put_together_from_its_parts() {
        let key = SecretKey::from_seed(&[1; 32]);
        let signed = Signed::sign(&test_support::claims(), Algorithm::EdDsa, &key).expect("signs");
        let assemble = |kid, payload: &[u8]| {
            Signed::<CertificateClaims>::assemble(
                Algorithm::EdDsa,
                kid,
                payload.to_vec(),
                *signed.signature(),
            )
        };
        let same = assemble(kid(), signed.unverified_payload()).expect("small enough");
        assert_eq!(same.as_str(), signed.as_str());
        assert!(same.verify(&key.public_key()).is_ok());
        // The key id is signed too.
        let other = assemble("AAAAAAAA".parse().expect("a key id"), signed.unverified_payload())
            .expect("small enough");
        assert_eq!(
            other.verify(&key.public_key()).expect_err("another id").code(),
            "signature_invalid"
        );
        let error = assemble(kid(), &alloc::vec![b' '; CertificateClaims::MAX_BYTES + 1])
            .expect_err("too long");
        assert_eq!(error.code(), "too_large");
    }

    fn kid() -> KeyId {
        SecretKey::from_seed(&[1; 32]).public_key().kid()
    }

    #[test]
    fn headers_that_ask_for_anything_else_are_refused() {
        let kid = kid();
        for (header, code) in [
            (
                format!(r#"{{"alg":"none","kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "algorithm_unsupported",
            ),
            (
                format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "algorithm_unsupported",
            ),
            (format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"statuslist+jwt"}}"#), "wrong_type"),
            (
                format!(r#"{{"alg":"EdDSA","crit":["x"],"kid":"{kid}","typ":"dc+sd-jwt","x":1}}"#),
                "not_json",
            ),
            (
                format!(r#"{{"alg":"EdDSA","jwk":{{}},"kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "not_json",
            ),
            (format!(r#"{{"kid":"{kid}","alg":"EdDSA","typ":"dc+sd-jwt"}}"#), "not_canonical"),
        ] {
            let error =
                Signed::<CertificateClaims>::parse(&envelope(&header, "{}")).expect_err(&header);
            assert_eq!(error.code(), code, "{header}");
        }
    }

    #[test]
    fn a_payload_has_one_spelling_even_under_a_valid_signature() {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"dc+sd-jwt"}}"#, kid());
        let claims = test_support::claims();
        let canonical = String::from_utf8(canonical::to_canonical_json("", &claims).expect("JSON"))
            .expect("UTF-8");
        let key = SecretKey::from_seed(&[1; 32]).public_key();
        let spaced = canonical.replacen(',', ", ", 1);
        let read =
            Signed::<CertificateClaims>::parse(&envelope(&header, &spaced)).expect("an envelope");
        assert_eq!(read.verify(&key).expect_err("a space").code(), "not_canonical");
        let extra = canonical.replacen('{', r#"{"admin":true,"#, 1);
        let read =
            Signed::<CertificateClaims>::parse(&envelope(&header, &extra)).expect("an envelope");
        assert_eq!(read.verify(&key).expect_err("a member").code(), "not_json");
    }

    #[test]
    fn envelopes_that_are_no_compact_jws() {
        let good =
            envelope(&format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"dc+sd-jwt"}}"#, kid()), "{}");
        let parse = |jws: &str| Signed::<CertificateClaims>::parse(jws).expect_err(jws).code();
        assert_eq!(parse(""), "jws_parts");
        assert_eq!(parse(&format!("{good}.")), "jws_parts");
        assert_eq!(parse(&format!("{good}=")), "not_base64url");
        assert_eq!(parse(&good[..good.len() - 2]), "not_base64url");
        assert_eq!(parse(&"a".repeat(5000)), "too_large");
    }
}
