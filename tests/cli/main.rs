//! The programs as people run them: real processes, real files, real keys.
#![cfg(unix)]

mod answers;
mod by_hand;
mod decisions;
mod demo;
mod keys;
mod kill;
mod life;
#[cfg(feature = "object-store")]
mod object_store;
mod officers;
mod openssl;
mod place;
mod publication;
mod readme;
mod records;
mod refusals;
mod roots;
mod snapshot;
#[cfg(feature = "pkcs11")]
mod token;
