//! Was she authorised on a day in the past? Answered from a history that the office signed
//! ([`was_authorised`]), or from old publications ([`ArchiveCheck`]).

pub(crate) mod answer;
pub(crate) mod archive;
pub(crate) mod code;
pub(crate) mod history;

pub use self::{
    answer::{HistoryVerdict, PastAnswer, PastSource, Question, Which},
    archive::{ArchiveCheck, OldPublication},
    code::PastCode,
    history::{TrustedHistory, was_authorised},
};
