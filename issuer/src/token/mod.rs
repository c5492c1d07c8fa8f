//! Keys in a hardware token or a security module, by PKCS #11 (version 2.40 and later): the private
//! key never enters this process.
//!
//! A key is named by a [`TokenUri`] (RFC 7512) and opened as a [`TokenKey`], which signs like any
//! other key. The rules:
//!
//! - The private key is sensitive and not extractable; one that can leave the token is refused,
//!   whoever made it.
//! - A URI that matches two tokens or two keys is refused, because whichever came first would sign.
//! - A PIN is tried only once. A stored PIN is not tried at all if the token says that one more
//!   wrong PIN locks it.
//! - Every signature is verified under the public key before it is used, because a faulty Ed25519
//!   signature, induced by an attack on the token, reveals the private key.
//!
//! The token's library runs inside this program with all its privileges: `module-path` is trusted
//! like the program itself.

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
