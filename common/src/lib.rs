//! What issuer and verifier of Vernet must agree on, byte for byte.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
mod base64url;
mod bundle;
mod canonical;
mod claims;
mod deflate;
mod error;
mod id;
mod jose;
mod key;
mod qr;
mod status_list;
#[cfg(test)]
mod test_support;
mod time;
mod trust_list;
pub use bundle::Bundle;
pub use canonical::{from_canonical_json, to_canonical_json};
pub use claims::*;
pub use error::Error;
pub use id::*;
pub use jose::{Algorithm, Payload, Signed, Verified};
pub use key::{PublicKey, SecretKey, SignatureBytes, Signer};
pub use qr::{Peek, QrPayload};
pub use status_list::{EncodedStatusList, Status, StatusList, StatusListClaims, look_up};
pub use time::*;
pub use trust_list::{KeyUse, Profile, Roots, SignedTrustList, TrustAnchor, TrustList, TrustedKey};
