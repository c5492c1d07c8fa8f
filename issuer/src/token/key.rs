//! A key in a token.

use std::fmt;

use cryptoki::{
    error::{Error, RvError},
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
};
use rand::CryptoRng;
use vernet_common::{PublicKey, SignatureBytes, Signer, SignerError};

use super::{
    TokenError, TokenReference, TokenUri,
    module::{Access, OpenToken, refused},
};
use crate::Credentials;

/// The ways in which tokens name the curve: by the identifier of RFC 8410, by the name in PKCS #11
/// 3.0, by another name (Luna), and by the identifier that OpenPGP and GnuTLS used earlier.
const OID: &[u8] = b"\x06\x03\x2b\x65\x70";
const CURVE_NAME: &[u8] = b"\x13\x0cedwards25519";
const OTHER_NAME: &[u8] = b"\x13\x07Ed25519";
const OLD_OID: &[u8] = b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01";

/// SubjectPublicKeyInfo of an Ed25519 key, before its 32 bytes (RFC 8410 section 4).
const SPKI: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";

/// The default label of a key.
const LABEL: &str = "vernet";

/// A sound token never gives this many unfit keys in a row: one in 64 is unfit.
const MAX_TRIES: u8 = 32;

/// An Ed25519 key in a token, ready to sign. The private key is not in this process.
pub struct TokenKey {
    token: OpenToken,
    private: ObjectHandle,
    facts: Facts,
}

/// What the token reports about a key.
struct Facts {
    public: PublicKey,
    uri: TokenUri,
    was_always_inside: bool,
}

impl TokenKey {
    /// Opens a key that is in a token.
    ///
    /// The caller must **also** check that it is the expected key: the token's owner can put any
    /// key there.
    ///
    /// # Errors
    ///
    /// Any [`TokenError`] other than [`TokenError::KeyExists`]: if the token cannot be found or
    /// opened, or the key is not exactly one Ed25519 key that can sign. [`TokenError::Extractable`]
    /// if the private key can leave the token.
    pub fn open(uri: &TokenUri, credentials: &dyn Credentials) -> Result<Self, TokenError> {
        let token = OpenToken::open(uri, Access::Use, credentials)?;
        let mut found = token
            .session
            .find_objects(&template(ObjectClass::PRIVATE_KEY, uri))
            .map_err(refused)?;
        match (found.pop(), found.len()) {
            (None, _) => Err(TokenError::KeyNotFound { uri: uri.key() }),
            (Some(private), 0) => {
                Ok(Self { facts: Facts::read(&token, private, uri)?, token, private })
            }
            (Some(_), others) => {
                Err(TokenError::KeyAmbiguous { uri: uri.key(), found: others + 1 })
            }
        }
    }

    /// Generates a key in a token: sensitive, not extractable, for signing. It gets the label and
    /// the id in the URI, or by default `vernet` and a random id. A key that `fits` refuses is
    /// destroyed, and another one generated.
    ///
    /// # Errors
    ///
    /// [`TokenError::KeyExists`] if there is a private key with that label and id already;
    /// [`TokenError::NoEd25519`] if the token does not support Ed25519; another [`TokenError`] if
    /// the token cannot be opened, or generates no fitting key.
    pub fn generate(
        uri: &TokenUri,
        fits: &dyn Fn(&PublicKey) -> bool,
        credentials: &dyn Credentials,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, TokenError> {
        let token = OpenToken::open(uri, Access::Write, credentials)?;
        let mechanisms = token.module.get_mechanism_list(token.slot).map_err(refused)?;
        for (needed, mechanism) in [
            (MechanismType::ECC_EDWARDS_KEY_PAIR_GEN, "CKM_EC_EDWARDS_KEY_PAIR_GEN"),
            (MechanismType::EDDSA, "CKM_EDDSA"),
        ] {
            if !mechanisms.contains(&needed) {
                return Err(TokenError::NoEd25519 { token: token.label, mechanism });
            }
        }
        if uri.object.is_some() || uri.id.is_some() {
            let found = token
                .session
                .find_objects(&template(ObjectClass::PRIVATE_KEY, uri))
                .map_err(refused)?;
            if !found.is_empty() {
                return Err(TokenError::KeyExists { uri: uri.key() });
            }
        }
        for _ in 0..MAX_TRIES {
            let id = uri.id.clone().unwrap_or_else(|| {
                let mut id = vec![0; 16];
                rng.fill_bytes(&mut id);
                id
            });
            let named = TokenUri {
                object: uri.object.clone().or_else(|| Some(LABEL.into())),
                id: Some(id),
                ..uri.clone()
            };
            let (public, private) = token.generate_pair(&named)?;
            let facts = Facts::read(&token, private, &named);
            if facts.as_ref().is_ok_and(|facts| fits(&facts.public)) {
                return Ok(Self { facts: facts?, token, private });
            }
            // Report a fault of the key first, then a failure to remove it.
            let destroyed = [private, public]
                .map(|object| token.session.destroy_object(object).map_err(refused));
            facts?;
            destroyed.into_iter().collect::<Result<(), _>>()?;
        }
        Err(TokenError::KeyUnfit {
            reason: "the token never gave a key that fits: its random source is broken",
        })
    }

    /// The key's id and its location: the given URI, with the label and the id of the key.
    pub fn reference(&self) -> TokenReference {
        TokenReference { kid: self.facts.public.kid(), uri: self.facts.uri.clone() }
    }

    /// Finds the token and logs in, and does nothing else, so that faults show and the PIN is asked
    /// for before any other work.
    ///
    /// # Errors
    ///
    /// [`TokenError`] if the token cannot be found, or refuses the PIN.
    pub fn check_token(uri: &TokenUri, credentials: &dyn Credentials) -> Result<(), TokenError> {
        OpenToken::open(uri, Access::Use, credentials).map(drop)
    }

    /// Whether the key was generated in the token and could never leave it, as far as the token
    /// says. There may be copies of an imported key.
    pub fn was_always_inside(&self) -> bool {
        self.facts.was_always_inside
    }

    fn try_sign(&self, message: &[u8]) -> Result<SignatureBytes, TokenError> {
        let mechanism = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
        let signature = self.token.session.sign(&mechanism, self.private, message).map_err(
            |error| match error {
                Error::Pkcs11(RvError::DataLenRange, _) => {
                    TokenError::MessageTooLong { bytes: message.len() }
                }
                error => refused(error),
            },
        )?;
        let public = &self.facts.public;
        SignatureBytes::try_from(&signature[..])
            .ok()
            .filter(|signature| public.verify(message, signature).is_ok())
            .ok_or_else(|| TokenError::SignatureWrong { kid: public.kid() })
    }
}

impl Signer for TokenKey {
    fn public_key(&self) -> PublicKey {
        self.facts.public
    }

    fn sign(&self, message: &[u8]) -> Result<SignatureBytes, SignerError> {
        Ok(self.try_sign(message)?)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({}, {})", self.facts.public.kid(), self.facts.uri.key())
    }
}

impl Facts {
    /// Reads and checks the attributes that a signing key must have.
    fn read(token: &OpenToken, private: ObjectHandle, uri: &TokenUri) -> Result<Self, TokenError> {
        let attributes = token.attributes(
            private,
            &[
                AttributeType::KeyType,
                AttributeType::Label,
                AttributeType::Id,
                AttributeType::Sensitive,
                AttributeType::Extractable,
                AttributeType::Sign,
                AttributeType::AlwaysAuthenticate,
                AttributeType::Local,
                AttributeType::AlwaysSensitive,
                AttributeType::NeverExtractable,
            ],
        )?;
        let holds = |wanted: &Attribute| attributes.contains(wanted);
        if !holds(&Attribute::KeyType(KeyType::EC_EDWARDS)) {
            let found = attributes.iter().find_map(|attribute| match attribute {
                Attribute::KeyType(found) => Some(format!("of the type `{found}`")),
                _ => None,
            });
            return Err(TokenError::NotEd25519 {
                found: found.unwrap_or_else(|| "of no type".into()),
            });
        }
        // If the token does not say, assume the worse.
        if !holds(&Attribute::Extractable(false)) {
            return Err(TokenError::Extractable { found: "extractable" });
        }
        if !holds(&Attribute::Sensitive(true)) {
            return Err(TokenError::Extractable { found: "not sensitive" });
        }
        if holds(&Attribute::Sign(false)) {
            return Err(TokenError::KeyUnfit { reason: "it may not sign" });
        }
        if holds(&Attribute::AlwaysAuthenticate(true)) {
            return Err(TokenError::KeyUnfit {
                reason: "it asks for the PIN before each signature",
            });
        }
        let mut uri = uri.clone();
        for attribute in &attributes {
            match attribute {
                Attribute::Label(label) if !label.is_empty() => {
                    uri.object = String::from_utf8(label.clone()).ok()
                }
                Attribute::Id(id) if !id.is_empty() => uri.id = Some(id.clone()),
                _ => {}
            }
        }
        if [&uri.token, &uri.manufacturer, &uri.model, &uri.serial]
            .iter()
            .all(|part| part.is_none())
        {
            uri.token = Some(token.label.clone()).filter(|label| !label.is_empty());
        }
        let public = token.public_key(private, &uri)?;
        let was_always_inside = holds(&Attribute::Local(true))
            && holds(&Attribute::AlwaysSensitive(true))
            && holds(&Attribute::NeverExtractable(true));
        Ok(Self { public, uri, was_always_inside })
    }
}

impl OpenToken {
    fn generate_pair(&self, uri: &TokenUri) -> Result<(ObjectHandle, ObjectHandle), TokenError> {
        let mut result = self.generate_pair_on(OID, uri);
        if let Err(Error::Pkcs11(
            RvError::CurveNotSupported
            | RvError::DomainParamsInvalid
            | RvError::AttributeValueInvalid
            | RvError::TemplateInconsistent,
            _,
        )) = result
        {
            result = self.generate_pair_on(CURVE_NAME, uri);
        }
        result.map_err(refused)
    }

    fn generate_pair_on(
        &self,
        curve: &[u8],
        uri: &TokenUri,
    ) -> Result<(ObjectHandle, ObjectHandle), Error> {
        let common = |class| {
            let mut common = template(class, uri);
            common.push(Attribute::KeyType(KeyType::EC_EDWARDS));
            common
        };
        let mut public = common(ObjectClass::PUBLIC_KEY);
        public.extend([
            Attribute::Private(false),
            Attribute::Verify(true),
            Attribute::EcParams(curve.to_vec()),
        ]);
        let mut private = common(ObjectClass::PRIVATE_KEY);
        private.extend([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ]);
        self.session.generate_key_pair(&Mechanism::EccEdwardsKeyPairGen, &public, &private)
    }

    fn attributes(
        &self,
        object: ObjectHandle,
        wanted: &[AttributeType],
    ) -> Result<Vec<Attribute>, TokenError> {
        self.session.get_attributes(object, wanted).map_err(refused)
    }

    /// The public key of a private key: from its own object, or from the attributes of the private
    /// key's object.
    fn public_key(&self, private: ObjectHandle, uri: &TokenUri) -> Result<PublicKey, TokenError> {
        let beside = match (&uri.id, &uri.object) {
            (None, None) => Vec::new(),
            // The id makes them a pair; labels may differ.
            (Some(_), _) => {
                let by_id = TokenUri { object: None, ..uri.clone() };
                self.session
                    .find_objects(&template(ObjectClass::PUBLIC_KEY, &by_id))
                    .map_err(refused)?
            }
            (None, Some(_)) => self
                .session
                .find_objects(&template(ObjectClass::PUBLIC_KEY, uri))
                .map_err(refused)?,
        };
        let mut points = Vec::new();
        for object in beside.into_iter().chain([private]) {
            let wanted =
                [AttributeType::EcParams, AttributeType::EcPoint, AttributeType::PublicKeyInfo];
            let attributes = self.attributes(object, &wanted)?;
            let other_curve = attributes.iter().any(
                |attribute| matches!(attribute, Attribute::EcParams(curve) if ![OID, CURVE_NAME, OTHER_NAME, OLD_OID].contains(&&curve[..])),
            );
            if other_curve {
                return Err(TokenError::NotEd25519 { found: "on another curve".into() });
            }
            for attribute in attributes {
                let point = match &attribute {
                    Attribute::EcPoint(point) if !point.is_empty() => unwrap_point(point),
                    // Tokens that encode it differently also give the point.
                    Attribute::PublicKeyInfo(info) if info.starts_with(SPKI) => {
                        info.get(SPKI.len()..)
                    }
                    _ => continue,
                };
                let point = point.and_then(|point| <[u8; 32]>::try_from(point).ok());
                points.push(point.ok_or(TokenError::KeyUnfit {
                    reason: "its public key does not have 32 bytes",
                })?);
            }
        }
        points.sort_unstable();
        points.dedup();
        match points[..] {
            [] => Err(TokenError::NoPublicKey { uri: uri.key() }),
            [point] => PublicKey::from_bytes(&point).map_err(|_| TokenError::KeyUnfit {
                reason: "its public key is not an acceptable Ed25519 key",
            }),
            _ => Err(TokenError::KeyAmbiguous { uri: uri.key(), found: points.len() }),
        }
    }
}

fn template(class: ObjectClass, uri: &TokenUri) -> Vec<Attribute> {
    let mut template = vec![Attribute::Class(class), Attribute::Token(true)];
    template.extend(uri.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
    template.extend(uri.id.clone().map(Attribute::Id));
    template
}

/// Unwraps the `CKA_EC_POINT` of an Edwards key: the 32 bytes (PKCS #11 3.0), or an OCTET STRING of
/// them (2.40, and SoftHSM).
fn unwrap_point(point: &[u8]) -> Option<&[u8]> {
    match point.len() {
        32 => Some(point),
        _ => point.strip_prefix(b"\x04\x20"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_stands_alone_or_in_an_octet_string() {
        let wrapped: Vec<u8> = [&[4, 32][..], &[7; 32]].concat();
        assert_eq!(unwrap_point(&[7; 32]), Some(&[7; 32][..]));
        assert_eq!(unwrap_point(&wrapped), Some(&[7; 32][..]));
        assert_eq!(unwrap_point(&[4; 57]), None);
    }
}
