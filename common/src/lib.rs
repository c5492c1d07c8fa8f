//! What issuer and verifier of Vernet must agree on, byte for byte.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;
mod base64url;
mod canonical;
mod claims;
mod error;
mod id;
mod jose;
mod key;
#[cfg(test)]
mod test_support;
mod time;
pub use canonical::{from_canonical_json, to_canonical_json};
pub use claims::*;
pub use error::Error;
pub use id::*;
pub use jose::{Algorithm, Payload, Signed, Verified};
pub use key::{PublicKey, SecretKey, SignatureBytes, Signer};
pub use time::*;
