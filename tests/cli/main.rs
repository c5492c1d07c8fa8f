//! The programs as people run them: real processes, real files, real keys.
#![cfg(unix)]

mod answers;
mod applications;
mod at_console;
mod backup;
mod board;
mod bulk;
mod by_hand;
mod consoles;
mod decision_letter;
mod decisions;
mod demo;
mod dispatches;
mod drill;
mod ends;
mod excerpt;
mod figures;
mod history;
mod incoming;
mod keys;
mod kill;
mod letter;
mod life;
mod lockout;
mod monitoring;
mod names;
#[cfg(feature = "object-store")]
mod object_store;
mod officers;
mod openssl;
mod person;
mod place;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "postgres")]
#[path = "../postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest of it")]
mod postgres_server;
mod publication;
mod quick_keys;
mod read_only;
mod readme;
mod reconcile;
mod records;
mod refusals;
mod restore;
mod roots;
mod serve;
mod shared_folder;
mod snapshot;
mod titles;
#[cfg(feature = "pkcs11")]
mod token;
mod witness;
mod year;
