//! The decisions that are written in the register: each is a method of
//! [`Register`](crate::store::register::Register) and one transaction.
//!
//! | file | decisions |
//! |---|---|
//! | `alone` | what one officer records alone |
//! | `propose_approve` | one officer proposes, another one approves |
//! | `bulk` | many certificates by one proposal, in steps |
//! | `publish` | the status lists, to be published |
//! | `history` | histories that were made |

mod alone;
pub(crate) mod bulk;
mod history;
pub(crate) mod propose_approve;
pub(crate) mod publish;
