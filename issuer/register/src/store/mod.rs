//! The register as it is stored: opened, read, written, and nothing decided.
//!
//! | file | subject |
//! |---|---|
//! | `register` | the open register: what it says now, and one transaction at a time |
//! | `read` | statements on their way from the data base into the state |
//! | `writer` | what one transaction writes |
//! | `issuance` | what it takes to sign certificates |
//! | `high_water` | notices a register that is an old copy |
//! | `given_out` | the table of numbers and slots |
//! | `documents` | what proposals rest on |

pub(crate) mod documents;
pub(crate) mod given_out;
mod high_water;
pub(crate) mod issuance;
pub(crate) mod read;
pub(crate) mod register;
pub(crate) mod writer;
