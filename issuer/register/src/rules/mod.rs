//! What the law and the register allow: each decision is checked against the state.
//!
//! | file | rules about |
//! |---|---|
//! | `decide` | the decisions about an existing authorisation, and events of keys and officers |
//! | `suspension` | suspensions |
//! | `measure` | instructions and bans |
//! | `appeal` | what becomes of a decision on appeal |
//! | `appoint` | what the root keys may do, and which they are |
//! | `notice` | who is told of a decision |
//! | `dispatch` | papers that were printed or sent |
//! | `correction` | what was written wrongly of a person |
//! | `grant` | grants and new certificates |
//! | `renewal` | renewals for another cycle |
//! | `loss` | what was lost by revocation or waiver |
//! | `document` | documents that are deleted by duty |
//! | `restore` | what was lost with the register, taken back from a publication |
//! | `doubt` | what is not clear in the law, and refuses nothing |
//! | `common` | checks that several of them share |

mod appeal;
pub(crate) mod appoint;
pub(crate) mod common;
mod correction;
pub(crate) mod decide;
mod dispatch;
mod document;
pub(crate) mod doubt;
pub(crate) mod grant;
pub(crate) mod loss;
mod measure;
mod notice;
pub(crate) mod renewal;
mod restore;
pub(crate) mod suspension;
