//! What a browser sends of a signature, by a key file or a passkey.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use vernet_common::KeyId;
use vernet_register::{Assertion, Error, OfficerPublicKey, OfficerSignature};

/// A signature as a browser sends it, each part in base64url.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    signature: String,
    /// Of a passkey alone.
    #[serde(default)]
    authenticator_data: String,
    #[serde(default)]
    client_data: String,
}

impl Proof {
    /// The signature, in the form in which the register checks it.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::NotBase64url`] if a part cannot be read;
    /// [`vernet_common::Error::SignatureInvalid`] if it is none of this kind of key.
    pub(super) fn by(&self, key: &OfficerPublicKey) -> Result<OfficerSignature, Error> {
        let decode = |what, text: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(text);
            bytes.map_err(|_| vernet_common::Error::NotBase64url { what })
        };
        let signature = decode("the signature", &self.signature)?;
        Ok(match key {
            OfficerPublicKey::Ed25519(_) => {
                let what = "the signature";
                let signature = signature.try_into();
                let signature =
                    signature.map_err(|_| vernet_common::Error::NotBase64url { what })?;
                OfficerSignature { signature, assertion: None }
            }
            OfficerPublicKey::Passkey(passkey) => {
                let assertion = Assertion {
                    authenticator_data: decode("authenticator data", &self.authenticator_data)?,
                    client_data: decode("client data", &self.client_data)?,
                    place: None,
                };
                OfficerSignature {
                    signature: passkey.signature(&signature)?,
                    assertion: Some(assertion),
                }
            }
        })
    }
}

/// By which credential a browser signs.
#[derive(Serialize)]
pub(super) struct Credential {
    id: String,
    rp_id: String,
    kid: KeyId,
}

impl Credential {
    /// Of a passkey; none if the key is in a file.
    pub(super) fn of(key: &OfficerPublicKey) -> Option<Self> {
        let passkey = key.passkey()?;
        Some(Self {
            id: BASE64_URL_SAFE_NO_PAD.encode(passkey.credential_id()),
            rp_id: passkey.rp_id().to_owned(),
            kid: key.kid(),
        })
    }
}
