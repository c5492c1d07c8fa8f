//! Watches a hospital's staff: judges the roster again whenever lists or table are newer, and tells
//! those whom the operator has named what has changed. Nobody else learns whom a hospital employs.
//!
//! | step | where |
//! |---|---|
//! | when to look | `watch.rs` |
//! | what there is to tell: pure, `now` is an argument | `step.rs`; in words `words.rs` |
//! | kept on disk, with what it was compared with, in one step | `outbox.rs` |
//! | sent, again and again until it has arrived | `deliver.rs`, by `webhook.rs` or `mail.rs` |
//! | the report of today | `page.rs` |

mod deliver;
mod failure;
mod figures;
mod latest;
mod mail;
mod message;
mod name;
mod outbox;
pub(super) mod page;
mod receiver;
pub(super) mod settings;
pub(super) mod state;
mod step;
mod told;
pub(super) mod watch;
mod webhook;
mod words;
