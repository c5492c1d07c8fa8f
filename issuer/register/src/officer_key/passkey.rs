//! Passkeys: credentials of Web Authentication (Level 3) on a security key, a phone or a computer.
//!
//! A passkey signs nothing but its own form: authenticator data, and the hash of the client data
//! that the browser wrote. They say for which relying party it signed, on which page, whether the
//! person was there and verified, and they hold the challenge. For a statement that is its hash.

use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use vernet_common::{KeyId, PublicKey, SignatureBytes};

use crate::{
    error::Error,
    officer_key::{
        assertion::{Assertion, OfficerSignature},
        base64url,
    },
    statements::digest::Digest,
};

/// The public key of a passkey, and where it may sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passkey {
    key: PasskeyKey,
    /// By which the browser finds it: at most 1023 bytes.
    credential_id: Vec<u8>,
    /// The relying party: a domain, that of `origin` or one above it.
    rp_id: String,
    /// The page on which it signs: scheme, host and port.
    origin: String,
}

/// The two kinds of keys that authenticators have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum PasskeyKey {
    /// ES256: ECDSA with P-256 and SHA-256, algorithm -7 of COSE.
    P256(VerifyingKey),
    /// EdDSA with Ed25519, algorithm -8.
    Ed25519(PublicKey),
}

/// The flags of authenticator data (section 6.1).
const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;

impl Passkey {
    /// A passkey as a browser describes it after it was made.
    ///
    /// `spki` is what `getPublicKey()` returns: a SubjectPublicKeyInfo (RFC 5280 section 4.1) with a
    /// point of P-256 (RFC 5480) or a key of Ed25519 (RFC 8410).
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::KeyInvalid`] if the key is of another kind, or no point of its curve;
    /// [`vernet_common::Error::FieldInvalid`] if the id is empty or too long, or `rp_id` is not the
    /// domain of `origin` or one above it.
    pub fn new(
        spki: &[u8],
        credential_id: Vec<u8>,
        rp_id: &str,
        origin: &str,
    ) -> Result<Self, Error> {
        // The two forms are always the same but for the key itself.
        const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
        const P256: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
        let key = if let Some(point) = spki.strip_prefix(P256) {
            PasskeyKey::P256(p256_key(point)?)
        } else if let Some(key) = spki.strip_prefix(ED25519).and_then(|key| key.try_into().ok()) {
            PasskeyKey::Ed25519(PublicKey::from_bytes(key)?)
        } else {
            return Err(invalid("a passkey must be of P-256 or Ed25519").into());
        };
        Self::checked(key, credential_id, rp_id, origin)
    }

    fn checked(
        key: PasskeyKey,
        credential_id: Vec<u8>,
        rp_id: &str,
        origin: &str,
    ) -> Result<Self, Error> {
        if !(1..=1023).contains(&credential_id.len()) {
            let found = format!("{} bytes", credential_id.len());
            let expected = "the id of a passkey, of 1 to 1023 bytes";
            return Err(vernet_common::Error::field("credential_id", &found, expected).into());
        }
        check_origin(rp_id, origin)?;
        Ok(Self { key, credential_id, rp_id: rp_id.to_owned(), origin: origin.to_owned() })
    }

    /// By which the browser finds it.
    pub fn credential_id(&self) -> &[u8] {
        &self.credential_id
    }

    /// The relying party.
    pub fn rp_id(&self) -> &str {
        &self.rp_id
    }

    /// The page on which it signs.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key id: the beginning of the JWK thumbprint (RFC 7638), as of any other key.
    pub fn kid(&self) -> KeyId {
        match &self.key {
            PasskeyKey::Ed25519(key) => key.kid(),
            PasskeyKey::P256(key) => {
                let (x, y) = coordinates(key);
                let members = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
                KeyId::of_thumbprint(&Sha256::digest(members).into())
            }
        }
    }

    /// Checks that the person signed what has this hash, here and with their presence verified.
    ///
    /// # Errors
    ///
    /// [`Error::AssertionInvalid`] says what the authenticator or the browser said instead;
    /// [`vernet_common::Error::SignatureInvalid`] if the signature is not by this key.
    pub fn check(&self, hash: Digest, signature: &OfficerSignature) -> Result<(), Error> {
        let refused = |reason| Error::AssertionInvalid { kid: self.kid(), reason };
        let assertion =
            signature.assertion.as_ref().ok_or_else(|| refused("it has none, and is a passkey"))?;
        let Assertion { authenticator_data, client_data, .. } = assertion;
        if authenticator_data.len().max(client_data.len()) > Assertion::MAX_BYTES {
            return Err(refused("it is longer than 4096 bytes"));
        }
        self.check_client_data(assertion, hash).map_err(refused)?;
        self.check_authenticator_data(authenticator_data).map_err(refused)?;
        let signed = [&authenticator_data[..], &Sha256::digest(client_data)].concat();
        self.check_signature(&signed, &signature.signature)
    }

    fn check_client_data(&self, assertion: &Assertion, hash: Digest) -> Result<(), &'static str> {
        /// Browsers may add members; these are those that count (section 5.8.1).
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct ClientData {
            r#type: String,
            challenge: String,
            origin: String,
            #[serde(default)]
            cross_origin: bool,
            top_origin: Option<String>,
        }
        let said: ClientData = serde_json::from_slice(&assertion.client_data)
            .map_err(|_| "its client data are not those of a browser")?;
        if said.r#type != "webauthn.get" {
            return Err("it is not for a signature");
        }
        let challenge = base64url::decode_array("the challenge", &said.challenge).map(Digest::from);
        if !challenge.is_ok_and(|challenge| assertion.covers(challenge, hash)) {
            return Err("it is about something else");
        }
        if said.origin != self.origin {
            return Err("it was made on another page than the one the passkey is enrolled for");
        }
        if said.cross_origin || said.top_origin.is_some() {
            return Err("it was made in a page within another page");
        }
        Ok(())
    }

    fn check_authenticator_data(&self, data: &[u8]) -> Result<(), &'static str> {
        let [rp_id_hash @ .., flags] =
            data.get(..33).ok_or("its authenticator data are cut off")?
        else {
            return Err("its authenticator data are cut off");
        };
        if data.len() < 37 {
            return Err("its authenticator data are cut off");
        }
        if *rp_id_hash != Sha256::digest(&self.rp_id)[..] {
            return Err("it was made for another relying party");
        }
        if flags & USER_PRESENT == 0 {
            return Err("nobody was present");
        }
        if flags & USER_VERIFIED == 0 {
            return Err("the person was not verified by PIN, finger or face");
        }
        Ok(())
    }

    fn check_signature(&self, message: &[u8], signature: &SignatureBytes) -> Result<(), Error> {
        match &self.key {
            PasskeyKey::Ed25519(key) => Ok(key.verify(message, signature)?),
            PasskeyKey::P256(key) => {
                let invalid =
                    || vernet_common::Error::SignatureInvalid { kid: self.kid().to_string() };
                let signature = Signature::from_slice(signature).map_err(|_| invalid())?;
                // Otherwise there would be a second signature for each.
                if signature.normalize_s() != signature {
                    return Err(invalid().into());
                }
                Ok(key.verify(message, &signature).map_err(|_| invalid())?)
            }
        }
    }

    /// The 64 bytes of a signature as an authenticator returns it: of ES256 it is in DER, with
    /// either of two values of s (section 6.5.5).
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::SignatureInvalid`] if it is not one of this kind of key.
    pub fn signature(&self, bytes: &[u8]) -> Result<SignatureBytes, Error> {
        let invalid = || vernet_common::Error::SignatureInvalid { kid: self.kid().to_string() };
        Ok(match &self.key {
            PasskeyKey::Ed25519(_) => bytes.try_into().map_err(|_| invalid())?,
            PasskeyKey::P256(_) => {
                let signature = Signature::from_der(bytes).map_err(|_| invalid())?;
                signature.normalize_s().to_bytes().into()
            }
        })
    }

    pub(super) fn to_jwk(&self) -> Jwk {
        let (crv, kty, x, y) = match &self.key {
            PasskeyKey::Ed25519(key) => ("Ed25519", "OKP", base64url::encode(key.as_bytes()), None),
            PasskeyKey::P256(key) => {
                let (x, y) = coordinates(key);
                ("P-256", "EC", x, Some(y))
            }
        };
        Jwk {
            credential_id: Some(base64url::encode(&self.credential_id)),
            crv: crv.into(),
            kid: self.kid(),
            kty: kty.into(),
            origin: Some(self.origin.clone()),
            rp_id: Some(self.rp_id.clone()),
            x,
            y,
        }
    }

    pub(super) fn from_jwk(jwk: &Jwk) -> Result<Self, Error> {
        let Jwk { credential_id: Some(id), origin: Some(origin), rp_id: Some(rp_id), .. } = jwk
        else {
            let reason = "a passkey must have `credential_id`, `origin` and `rp_id`";
            return Err(invalid(reason).into());
        };
        let x: [u8; 32] = base64url::decode_array("`x`", &jwk.x)?;
        let key = match (jwk.kty.as_str(), jwk.crv.as_str(), &jwk.y) {
            ("OKP", "Ed25519", None) => PasskeyKey::Ed25519(PublicKey::from_bytes(&x)?),
            ("EC", "P-256", Some(y)) => {
                let y: [u8; 32] = base64url::decode_array("`y`", y)?;
                PasskeyKey::P256(p256_key(&[&[4][..], &x, &y].concat())?)
            }
            _ => return Err(invalid("a passkey must be of P-256 or Ed25519").into()),
        };
        let id = base64url::decode("`credential_id`", id)?;
        let passkey = Self::checked(key, id, rp_id, origin)?;
        if passkey.kid() != jwk.kid {
            return Err(invalid("`kid` is not the start of the key's thumbprint").into());
        }
        Ok(passkey)
    }
}

/// A key as JSON: a JWK (RFC 7517), with the members of a passkey.
#[derive(serde::Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Jwk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) credential_id: Option<String>,
    pub(super) crv: String,
    pub(super) kid: KeyId,
    pub(super) kty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) origin: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rp_id: Option<String>,
    pub(super) x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) y: Option<String>,
}

impl Jwk {
    /// Of a key in a file or a token.
    pub(super) fn of(key: &PublicKey) -> Self {
        Self {
            credential_id: None,
            crv: "Ed25519".into(),
            kid: key.kid(),
            kty: "OKP".into(),
            origin: None,
            rp_id: None,
            x: base64url::encode(key.as_bytes()),
            y: None,
        }
    }

    pub(super) fn is_passkey(&self) -> bool {
        self.credential_id.is_some() || self.kty != "OKP"
    }

    /// The key, if it is no passkey.
    pub(super) fn ed25519(&self) -> Result<PublicKey, Error> {
        if self.kty != "OKP" || self.crv != "Ed25519" {
            return Err(invalid("`kty` and `crv` must be `OKP` and `Ed25519`").into());
        }
        let key = PublicKey::from_bytes(&base64url::decode_array("`x`", &self.x)?)?;
        if key.kid() != self.kid {
            return Err(invalid("`kid` is not the start of the key's thumbprint").into());
        }
        Ok(key)
    }
}

/// A page, and the domain that it may name as relying party. Only on this machine without TLS.
fn check_origin(rp_id: &str, origin: &str) -> Result<(), Error> {
    let refused = |expected| Err(vernet_common::Error::field("origin", origin, expected).into());
    let host = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(host), _) => host,
        (None, Some(host)) if host == "localhost" || host.starts_with("localhost:") => host,
        _ => return refused("`https://` and a host, or `http://localhost` and a port"),
    };
    let (host, port) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let is_host = |host: &str| {
        let of_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        !host.is_empty() && host.len() <= 253 && host.chars().all(of_host)
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    if !is_host(host) || port.is_some_and(|port| !is_port(port)) {
        return refused("a host in small letters, with a port at most and no path");
    }
    let is_above =
        host == rp_id || host.strip_suffix(rp_id).is_some_and(|rest| rest.ends_with('.'));
    if !is_host(rp_id) || !is_above {
        let expected = "the host of the console's address, or a domain above it";
        return Err(vernet_common::Error::field("rp_id", rp_id, expected).into());
    }
    Ok(())
}

fn p256_key(point: &[u8]) -> Result<VerifyingKey, vernet_common::Error> {
    VerifyingKey::from_sec1_bytes(point).map_err(|_| invalid("not a point of P-256"))
}

fn coordinates(key: &VerifyingKey) -> (String, String) {
    let point = key.to_sec1_point(false);
    let coordinate = |bytes: Option<&p256::FieldBytes>| {
        base64url::encode(bytes.expect("an uncompressed point that is not infinity has both"))
    };
    (coordinate(point.x()), coordinate(point.y()))
}

fn invalid(reason: &'static str) -> vernet_common::Error {
    vernet_common::Error::KeyInvalid { reason }
}
