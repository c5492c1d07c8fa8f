//! Keys of officers, and what they sign with them.
//!
//! An officer's key is a file or a token, or a passkey. All of them stand in the register, where two
//! administrators enrolled them, and a signature by any of them is checked by the same code wherever
//! a statement is read or written.
//!
//! | file | subject |
//! |---|---|
//! | `public` | the public key of an officer |
//! | `passkey` | a passkey, and what it must have said to sign something |
//! | `assertion` | what an authenticator returns, and how it stands in the register |
//! | `signer` | who signs a statement: here, or somewhere else later |

pub(crate) mod assertion;
mod base64url;
pub(crate) mod passkey;
pub(crate) mod public;
#[cfg(feature = "storage")]
pub(crate) mod signer;
