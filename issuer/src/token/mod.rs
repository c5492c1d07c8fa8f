//! Keys in a hardware token or a security module, by PKCS #11 (version 2.40 and later): the private
//! key never enters this process.
//!
//! A key is named by a [`TokenUri`] (RFC 7512) and opened as a [`TokenKey`], which signs like any
//! other key. What holds of it:
//!
//! - The private key is sensitive and not extractable; one that can leave the token is refused,
//!   whoever made it.
//! - A URI that fits two tokens or two keys is refused: whichever came first would sign.
//! - A PIN is tried once. A stored PIN is not tried at all when the token says that one wrong PIN
//!   more locks it.
//! - Every signature is verified under the public key before it is used: a token that was led to
//!   err in the middle of an Ed25519 signature gives away its private key with the result.
//!
//! The library that drives a token runs inside this program with all its rights: `module-path` is
//! trusted like the program itself.

mod error;
#[cfg(feature = "pkcs11")]
mod key;
#[cfg(feature = "pkcs11")]
mod module;
mod reference;
#[cfg(not(feature = "pkcs11"))]
mod unsupported;
mod uri;

pub use error::TokenError;
#[cfg(feature = "pkcs11")]
pub use key::TokenKey;
pub use reference::TokenReference;
#[cfg(not(feature = "pkcs11"))]
pub use unsupported::TokenKey;
pub use uri::TokenUri;
