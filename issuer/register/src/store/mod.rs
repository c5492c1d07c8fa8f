//! The stored register: opens, reads and writes it, and decides nothing.
//!
//! | file | subject |
//! |---|---|
//! | `register` | the open register: what it says now, and one transaction at a time |
//! | `read` | reads statements from the database into the state |
//! | `writer` | what one transaction writes |
//! | `issuance` | what is needed to sign certificates |
//! | `high_water` | notices a register that is an old copy |
//! | `catalogue` | which statements are about whom, for `excerpt`; `subject` says whom |
//! | `excerpt` | reads what is about one person, and no more |
//! | `given_out` | the table of numbers and slots |
//! | `documents` | the documents that proposals rest on |
//! | `incoming_alerts` | alerts of other states, in the same database and no part of the register |

mod catalogue;
pub(crate) mod documents;
pub(crate) mod excerpt;
pub(crate) mod given_out;
pub(crate) mod high_water;
pub(crate) mod incoming_alerts;
pub(crate) mod issuance;
pub(crate) mod read;
pub(crate) mod register;
mod subject;
pub(crate) mod writer;
