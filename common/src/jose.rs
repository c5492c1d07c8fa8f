//! The envelope: a JSON Web Signature in compact serialisation (RFC 7515 section 7.1).

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    base64url, canonical,
    document::{self, Known},
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
    /// The members that were added after the first version: `crit` may name them.
    const ADDED: &'static [&'static str] = &[];
    /// Whether nothing may be in it that this version does not know: for documents that only one
    /// program reads and writes.
    const EXACT: bool = false;

    /// The claims as canonical JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Json`] if they cannot be written as JSON at all.
    fn write(&self) -> Result<Vec<u8>, Error> {
        canonical::to_canonical_json(Self::WHAT, self)
    }

    /// Reads exactly what [`Payload::write`] gives, in one pass. `None` says nothing: the general
    /// reader is asked.
    fn read_exact(_payload: &[u8]) -> Option<Self> {
        None
    }

    /// Finds a value of a list of codes that this version does not know, in a payload that could
    /// not be read: then it is not malformed, but of a newer form.
    fn newer(_payload: &Value) -> Option<String> {
        None
    }

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

/// The protected header: these three members, in this order, without white space. Others are passed
/// over, as RFC 7515 section 4 says, unless `crit` names them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: Cow<'static, str>,
    pub(crate) kid: KeyId,
    pub(crate) typ: Cow<'static, str>,
    /// The first member that must be understood and is not.
    #[serde(skip)]
    critical: Option<String>,
}

/// The members of RFC 7515 section 4.1, RFC 7518 section 4 and RFC 7516 section 4.1: `crit` must not
/// name them (RFC 7515 section 4.1.11).
const REGISTERED: &[&str] = &[
    "alg", "apu", "apv", "crit", "cty", "enc", "epk", "iv", "jku", "jwk", "kid", "p2c", "p2s",
    "tag", "typ", "x5c", "x5t", "x5t#S256", "x5u", "zip",
];

impl Header {
    const WHAT: &'static str = "the JOSE header";

    pub(crate) fn new<T: Payload>(algorithm: Algorithm, kid: KeyId) -> Self {
        Self { alg: algorithm.as_str().into(), kid, typ: T::TYP.into(), critical: None }
    }

    /// The header with these three members and no others, in one pass.
    fn read_exact<T: Payload>(json: &[u8]) -> Option<Self> {
        let rest = core::str::from_utf8(json).ok()?.strip_prefix(r#"{"alg":""#)?;
        let (alg, rest) = rest.split_once('"')?;
        let (kid, rest) = rest.strip_prefix(r#","kid":""#)?.split_once('"')?;
        let typ = rest.strip_prefix(r#","typ":""#)?.strip_suffix(r#""}"#)?;
        let algorithm =
            [Algorithm::EdDsa, Algorithm::Ed25519].into_iter().find(|a| a.as_str() == alg)?;
        (typ == T::TYP).then_some(Self::new::<T>(algorithm, kid.parse().ok()?))
    }

    pub(crate) fn parse<T: Payload>(bytes: &[u8]) -> Result<Self, Error> {
        if let Some(header) = Self::read_exact::<T>(bytes) {
            return Ok(header);
        }
        let kind = document::Kind { reserved: REGISTERED, ..document::Kind::of(Self::WHAT) };
        let Known { value: header, critical } =
            document::read_canonical::<Self>(&kind, bytes, |_| Ok(()))?;
        let header = Self { critical, ..header };
        if header.typ != T::TYP {
            return Err(Error::WrongType { found: quoted(&header.typ, 80), expected: T::TYP });
        }
        Ok(header)
    }

    pub(crate) fn algorithm(&self) -> Result<Algorithm, Error> {
        match &*self.alg {
            "EdDSA" => Ok(Algorithm::EdDsa),
            "Ed25519" => Ok(Algorithm::Ed25519),
            _ => Err(Error::AlgorithmUnsupported { found: quoted(&self.alg, 80) }),
        }
    }

    /// Whether this version understands what the header demands.
    fn understood(&self) -> Result<(), Error> {
        understood(Self::WHAT, self.critical.as_deref())
    }

    /// As [`Header::parse`], if this version can check a signature with such a header; `None` if
    /// the header names another algorithm, or demands what is not known.
    pub(crate) fn parse_ours<T: Payload>(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let header = Self::parse::<T>(bytes);
        if let Ok(header) = &header {
            return Ok(header
                .algorithm()
                .and_then(|_| header.understood())
                .is_ok()
                .then(|| header.clone()));
        }
        let algorithm = serde_json::from_slice::<Value>(bytes).ok();
        let algorithm = algorithm.as_ref().and_then(|header| header.get("alg")?.as_str());
        match algorithm {
            Some(alg) if !matches!(alg, "EdDSA" | "Ed25519") => Ok(None),
            _ => header.map(Some),
        }
    }

    /// The canonical JSON. No text in a header of ours has characters that JSON escapes.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let Self { alg, kid, typ, critical: _ } = self;
        format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"{typ}"}}"#).into_bytes()
    }
}

/// A signed document whose signature nobody has checked yet. Its claims cannot be reached: call
/// [`Signed::verify`].
#[derive(Clone)]
pub struct Signed<T> {
    /// The compact serialisation. There is one encoding of each part, so the others follow from it.
    jws: String,
    header: Header,
    header_json: Vec<u8>,
    payload: Vec<u8>,
    signature: SignatureBytes,
    /// The claims from which the payload was written, if it was: then it need not be read again.
    claims: Option<T>,
}

impl<T> PartialEq for Signed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.jws == other.jws
    }
}

impl<T> Eq for Signed<T> {}

impl<T: Payload> Signed<T> {
    /// Reads the compact serialisation. Only the envelope is checked.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if it is longer than [`Payload::MAX_BYTES`], [`Error::JwsParts`] or
    /// [`Error::NotBase64url`] if it is not three parts in base64url, [`Error::Json`] or
    /// [`Error::NotCanonical`] if the header is not the expected canonical JSON,
    /// [`Error::WrongType`] if it names another type. Whether its algorithm is supported is for
    /// [`Signed::verify`] to say: only the trust list tells a newer kind of key from a wrong one.
    pub fn parse(jws: &str) -> Result<Self, Error> {
        check_size(T::WHAT, jws.len(), T::MAX_BYTES)?;
        let mut parts = jws.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::JwsParts { found: jws.split('.').count() });
        };
        let header_json = base64url::decode("the JOSE header", header)?;
        let payload = base64url::decode("the JWS payload", payload)?;
        let signature = base64url::decode_array("the JWS signature", signature)?;
        let header = Header::parse::<T>(&header_json)?;
        Ok(Self { jws: jws.into(), header, header_json, payload, signature, claims: None })
    }

    pub(crate) fn from_parts(
        header_json: Vec<u8>,
        payload: Vec<u8>,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        let header = Header::parse::<T>(&header_json)?;
        Self::from_header(header, header_json, payload, signature)
    }

    /// The envelope around claims that were stored without it.
    pub(crate) fn around(
        claims: T,
        algorithm: Algorithm,
        kid: KeyId,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        let header = Header::new::<T>(algorithm, kid);
        let signed =
            Self::from_header(header.clone(), header.to_json(), claims.write()?, signature)?;
        Ok(Self { claims: Some(claims), ..signed })
    }

    fn from_header(
        header: Header,
        header_json: Vec<u8>,
        payload: Vec<u8>,
        signature: SignatureBytes,
    ) -> Result<Self, Error> {
        let mut jws = signing_input(&header_json, &payload);
        jws.push('.');
        base64url::append(&signature, &mut jws);
        check_size(T::WHAT, jws.len(), T::MAX_BYTES)?;
        Ok(Self { jws, header, header_json, payload, signature, claims: None })
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
        let header_json = header.to_json();
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
        let header_json = Header::new::<T>(algorithm, signer.public_key().kid()).to_json();
        let payload = claims.write()?;
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
    /// [`Error::AlgorithmUnsupported`] or [`Error::SignatureInvalid`] if the signature is not
    /// valid; then [`Error::NotUnderstood`] if a newer program wrote the document and it must be
    /// understood; [`Error::Json`], [`Error::NotCanonical`] or those of [`Payload::check`] if the
    /// claims are malformed, which under a valid signature means that the issuer itself is faulty.
    pub fn verify(&self, key: &PublicKey) -> Result<Verified<T>, Error> {
        let verified = self.verify_in_part(key)?;
        verified.understood()?;
        Ok(verified)
    }

    /// As [`Signed::verify`], also if something in the claims must be understood and is not. What
    /// is known of them may be used **only to refuse**, because nothing that is added to a document
    /// makes good what is refused without it: before anything is accepted,
    /// [`Verified::understood`] must hold.
    ///
    /// # Errors
    ///
    /// As [`Signed::verify`]; [`Error::NotUnderstood`] only if the claims cannot be read without
    /// understanding all of them.
    pub fn verify_in_part(&self, key: &PublicKey) -> Result<Verified<T>, Error> {
        self.check_signature(key)?;
        self.header.understood()?;
        Verified::read(&self.payload, self.header.kid)
    }

    /// As [`Signed::verify_in_part`], for a document that is not needed any more.
    ///
    /// # Errors
    ///
    /// As [`Signed::verify_in_part`].
    pub fn into_verified_in_part(self, key: &PublicKey) -> Result<Verified<T>, Error> {
        self.check_signature(key)?;
        self.into_signed_claims()
    }

    /// As [`Signed::into_verified_in_part`] for many documents, each with the key that is to have
    /// signed it, which costs less than one after the other. The answers are in the order of the
    /// documents.
    pub fn into_verified_in_part_each(
        documents: Vec<(Self, &PublicKey)>,
    ) -> Vec<Result<Verified<T>, Error>> {
        let checks =
            documents.iter().map(|(signed, key)| (*key, signed.signed_bytes(), &signed.signature));
        let valid = PublicKey::verify_each(checks);
        let answer = |((signed, _), valid): ((Self, _), Result<(), Error>)| {
            signed.header.algorithm()?;
            valid?;
            signed.into_signed_claims()
        };
        documents.into_iter().zip(valid).map(answer).collect()
    }

    /// The claims of a document whose signature was just checked.
    fn into_signed_claims(self) -> Result<Verified<T>, Error> {
        self.header.understood()?;
        match self.claims {
            Some(claims) if claims.check().is_ok() => {
                Ok(Verified { claims, kid: self.header.kid, critical: None })
            }
            _ => Verified::read(&self.payload, self.header.kid),
        }
    }

    /// What the document claims to say, unverified: to find it among others, never to decide.
    ///
    /// # Errors
    ///
    /// As [`Signed::verify_in_part`], but for the signature.
    pub fn unverified_claims(&self) -> Result<T, Error> {
        Ok(read_claims::<T>(&self.payload)?.value)
    }

    /// Checks only the signature, for callers that already know every byte of the payload.
    ///
    /// # Errors
    ///
    /// [`Error::AlgorithmUnsupported`] if the header names another algorithm,
    /// [`Error::SignatureInvalid`] if the signature is not valid.
    pub fn check_signature(&self, key: &PublicKey) -> Result<(), Error> {
        self.header.algorithm()?;
        key.verify(self.signed_bytes(), &self.signature)
    }

    /// What was signed: the compact serialisation without its last part.
    fn signed_bytes(&self) -> &[u8] {
        const SIGNATURE: usize = ".".len() + 86;
        &self.jws.as_bytes()[..self.jws.len() - SIGNATURE]
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
#[derive(Clone, Debug)]
pub struct Verified<T> {
    claims: T,
    kid: KeyId,
    /// The first thing in the document that must be understood and is not.
    critical: Option<String>,
}

impl<T: Payload> Verified<T> {
    /// Whether everything in the document is understood that must be. It always is, unless it was
    /// read by [`Signed::verify_in_part`] or [`Roots::verify_in_part`](crate::Roots::verify_in_part).
    ///
    /// # Errors
    ///
    /// [`Error::NotUnderstood`], with what it is.
    pub fn understood(&self) -> Result<(), Error> {
        understood(T::WHAT, self.critical.as_deref())
    }

    /// Reads the payload of an envelope whose signatures the caller has checked.
    pub(crate) fn read(payload: &[u8], kid: KeyId) -> Result<Self, Error> {
        let Known { value: claims, critical } = read_claims(payload)?;
        Ok(Self { claims, kid, critical })
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

/// The claims in a payload, whoever signed it.
pub(crate) fn read_claims<T: Payload>(payload: &[u8]) -> Result<Known<T>, Error> {
    if T::EXACT {
        let claims: T = canonical::from_canonical_json(T::WHAT, payload)?;
        claims.check()?;
        return Ok(Known { value: claims, critical: None });
    }
    // The page has no room for a second reader.
    if cfg!(not(target_family = "wasm"))
        && let Some(claims) = T::read_exact(payload)
        && claims.check().is_ok()
    {
        return Ok(Known { value: claims, critical: None });
    }
    let kind = document::Kind { added: T::ADDED, newer: T::newer, ..document::Kind::of(T::WHAT) };
    document::read_canonical(&kind, payload, T::check)
}

fn understood(what: &'static str, critical: Option<&str>) -> Result<(), Error> {
    critical.map_or(Ok(()), |found| Err(Error::NotUnderstood { what, found: found.into() }))
}

/// RFC 7515 section 5.1, step 8.
pub(crate) fn signing_input(header_json: &[u8], payload: &[u8]) -> String {
    // With room for a signature.
    let mut input = String::with_capacity((header_json.len() + payload.len() + 66) * 4 / 3 + 4);
    base64url::append(header_json, &mut input);
    input.push('.');
    base64url::append(payload, &mut input);
    input
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

    fn code_of(header: &str) -> &'static str {
        let key = SecretKey::from_seed(&[1; 32]).public_key();
        let claims = canonical::to_canonical_json("", &test_support::claims()).expect("JSON");
        let payload = String::from_utf8(claims).expect("UTF-8");
        let signed = Signed::<CertificateClaims>::parse(&envelope(header, &payload));
        match signed.and_then(|signed| signed.verify(&key)) {
            Ok(_) => "holds",
            Err(error) => error.code(),
        }
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
                "not_understood",
            ),
            // RFC 7515 section 4.1.11: it must be there, once, and be no registered member.
            (
                format!(r#"{{"alg":"EdDSA","crit":["x"],"kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "inconsistent",
            ),
            (
                format!(r#"{{"alg":"EdDSA","crit":[],"kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "inconsistent",
            ),
            (
                format!(
                    r#"{{"alg":"EdDSA","crit":["x","x"],"kid":"{kid}","typ":"dc+sd-jwt","x":1}}"#
                ),
                "inconsistent",
            ),
            (
                format!(
                    r#"{{"alg":"EdDSA","crit":["cty"],"cty":"x","kid":"{kid}","typ":"dc+sd-jwt"}}"#
                ),
                "inconsistent",
            ),
            (
                format!(r#"{{"alg":"EdDSA","crit":["alg"],"kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "inconsistent",
            ),
            (
                format!(r#"{{"alg":"EdDSA","alg":"EdDSA","kid":"{kid}","typ":"dc+sd-jwt"}}"#),
                "not_json",
            ),
            (format!(r#"{{"kid":"{kid}","alg":"EdDSA","typ":"dc+sd-jwt"}}"#), "not_canonical"),
        ] {
            assert_eq!(code_of(&header), code, "{header}");
        }
    }

    #[test]
    fn header_members_that_nobody_knows_are_passed_over() {
        let kid = kid();
        for header in [
            format!(r#"{{"alg":"EdDSA","jwk":{{}},"kid":"{kid}","typ":"dc+sd-jwt"}}"#),
            format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"dc+sd-jwt","x":1,"x5c":["AA"]}}"#),
        ] {
            assert_eq!(code_of(&header), "holds", "{header}");
        }
    }

    #[test]
    fn another_algorithm_is_that_of_a_newer_kind_of_key_or_a_fault() {
        let mut list = test_support::trust_list();
        let mut json = serde_json::to_value(&list).expect("JSON");
        let mut newer = json["keys"][0].clone();
        newer["key"] =
            serde_json::json!({ "crv": "P-256", "kid": "AAECAwQF", "kty": "EC", "x": "AA" });
        json["keys"].as_array_mut().expect("keys").push(newer);
        list = serde_json::from_value(json).expect("it is passed over");
        let signer = |kid: &str, alg: &str| {
            let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"dc+sd-jwt"}}"#);
            let signed = Signed::<CertificateClaims>::parse(&envelope(&header, "{}"));
            list.signer(&signed.expect("an envelope")).map(|_| ()).map_err(|error| error.code())
        };
        assert_eq!(signer(kid().as_str(), "EdDSA"), Ok(()));
        assert_eq!(signer("AAECAwQF", "ES256"), Err("not_understood"));
        // Its key is ours, so the header is wrong.
        assert_eq!(signer(kid().as_str(), "ES256"), Err("algorithm_unsupported"));
        assert_eq!(signer("AAAAAAAA", "ES256"), Err("algorithm_unsupported"));
        assert_eq!(signer("AAAAAAAA", "EdDSA"), Err("key_unknown"));
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
        let read = |extra: &str| {
            let extra = canonical.replacen('{', extra, 1);
            Signed::<CertificateClaims>::parse(&envelope(&header, &extra)).expect("an envelope")
        };
        let verified = read(r#"{"admin":true,"#).verify(&key).expect("it is passed over");
        assert_eq!(verified.claims(), &claims);
        let twice = read(r#"{"admin":true,"admin":true,"#).verify(&key);
        assert_eq!(twice.expect_err("a member twice").code(), "not_json");
        let after = read(r#"{"zebra":true,"#).verify(&key);
        assert_eq!(after.expect_err("another order").code(), "not_canonical");
        let critical =
            canonical.replacen(r#","exp""#, r#","crit":["doctor"],"doctor":true,"exp""#, 1);
        let critical =
            Signed::<CertificateClaims>::parse(&envelope(&header, &critical)).expect("an envelope");
        assert_eq!(critical.verify(&key).expect_err("critical").code(), "not_understood");
        let in_part = critical.verify_in_part(&key).expect("enough to refuse");
        assert_eq!(in_part.claims(), &claims);
        assert_eq!(in_part.understood().expect_err("critical").code(), "not_understood");
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
