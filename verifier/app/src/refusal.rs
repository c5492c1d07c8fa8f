//! Errors whose remedy only the program knows, and how the program reports every error.

use std::error::Error;

use vernet_common::{HttpsUrl, LogHead, shortened};
use vernet_host::{FileError, KeyFileError, Report, SecretError};
use vernet_verifier::{
    UpdateError,
    documents::{PdfError, PhotoError},
    receipt::ReplayFault,
    witness::WitnessRefusal,
};

use crate::lock::Locked;

/// Why data that an office published or handed over is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The lists are not valid.
    #[error("{0}")]
    Lists(#[source] vernet_common::Error),
    /// The lists are valid, but do not replace the stored ones.
    #[error("{0}")]
    Update(#[source] UpdateError),
    /// The history cannot be used.
    #[error("{0}")]
    History(#[source] vernet_common::Error),
    /// Newer lists were seen, for instance with `--publication`, than those that `sync` keeps. The
    /// older ones must then not be used: the newer may withdraw a key.
    #[error("newer lists of `{iss}` were seen since `sync` fetched them")]
    Overtaken {
        /// The office.
        iss: HttpsUrl,
        /// The error that shows it.
        source: vernet_common::Error,
    },
    /// The log does not continue what the witness has cosigned so far, or is not a log of the
    /// office.
    #[error("not cosigned")]
    NotCosigned {
        /// What was cosigned last.
        known: LogHead,
        /// Why.
        source: WitnessRefusal,
    },
}

impl From<UpdateError> for Refusal {
    fn from(error: UpdateError) -> Self {
        match error {
            UpdateError::Lists(error) => Self::Lists(error),
            error => Self::Update(error),
        }
    }
}

impl Refusal {
    /// The stable name: that of the cause.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Lists(error) | Self::History(error) | Self::Overtaken { source: error, .. } => {
                error.code()
            }
            Self::Update(error) => error.code(),
            Self::NotCosigned { known, source: WitnessRefusal::OldSize { size, .. } } => {
                vernet_common::Error::LogOutdated { found: *size, expected: known.size }.code()
            }
            Self::NotCosigned { source, .. } => source.code(),
        }
    }

    /// What to do.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        use vernet_common::Error as E;
        Some(match self {
            Self::Lists(E::LogForked { .. } | E::LogShrunk { .. }) => {
                "the office, or whoever holds its keys, shows different logs to different people: rely on no new certificate of it, and tell the office and whoever supervises it"
            }
            Self::Lists(E::LogLeavesMissing { .. }) => {
                "the log is not in the bundle: `log/tile/` must be published, or copied, beside it"
            }
            Self::Lists(E::TrustListRolledBack { .. } | E::TrustListForked { .. }) => {
                "these lists are older than, or contradict, what was seen before: do not use them, tell the office"
            }
            Self::Lists(E::ThresholdNotReached { .. }) => {
                "the pinned roots did not sign: another office, a forgery, or new roots that were not announced"
            }
            Self::Lists(E::NotUnderstood { .. }) | Self::History(E::NotUnderstood { .. }) => {
                "this program is too old for what the office publishes now: update the program, then try again"
            }
            Self::Lists(_) => "the lists are damaged or forged: fetch them again",
            Self::Update(UpdateError::AheadOfClock { .. }) => {
                "set the clock, or tell the office that its own is wrong"
            }
            Self::Update(_) => "tell the office",
            Self::History(E::KeyUnknown { .. } | E::TrustListOutdated { .. }) => {
                "the lists at hand are older than the history: run `vernet-verifier sync`, and ask the office if it stays so"
            }
            Self::History(E::KeyCompromised { .. }) => {
                "the key behind it was stolen: ask the office for another one"
            }
            Self::History(E::HistoryIssuer { .. }) => "it is of another office than the lists",
            Self::History(_) => {
                "it is no history, or is damaged or forged: name the file that the office handed over, or ask for another copy"
            }
            Self::Overtaken { .. } => "run `vernet-verifier sync`",
            Self::NotCosigned { source: WitnessRefusal::OldSize { .. }, .. } => {
                "this is an old publication: look at the newest one"
            }
            Self::NotCosigned { .. } => return None,
        })
    }

    /// The text for the middle of a line: the hint takes the place of the message, which follows as
    /// the cause.
    fn in_line(&self) -> String {
        let code = self.code();
        match (self, self.hint()) {
            (Self::Overtaken { .. }, Some(hint)) => format!("{self}: {hint} [{code}]"),
            (_, Some(hint)) => format!("{hint} [{code}]"),
            (_, None) => format!("{self} [{code}]"),
        }
    }
}

/// The report of an error.
pub(crate) fn report(error: &anyhow::Error) -> Report {
    let known = |link: &(dyn Error + 'static)| {
        let locked = || link.downcast_ref().map(Locked::hint);
        Some((code(link)?, link.downcast_ref().and_then(Refusal::hint).or_else(locked)))
    };
    Report::of(error.as_ref(), known)
}

/// An error in one line, for a warning or a log.
pub(crate) fn in_line(error: &anyhow::Error) -> String {
    /// Messages quote what others wrote, each of them a little; this holds for whatever was
    /// forgotten.
    const MAX_LINE: usize = 2000;
    let link = |link: &(dyn Error + 'static)| {
        if let Some(refusal) = link.downcast_ref::<Refusal>() {
            return refusal.in_line();
        }
        let locked = || link.downcast_ref().map(Locked::code);
        match link.downcast_ref().map(FileError::code).or_else(locked) {
            Some(code) => format!("{link} [{code}]"),
            None => link.to_string(),
        }
    };
    shortened(&error.chain().map(link).collect::<Vec<_>>().join(": "), MAX_LINE)
}

/// The stable name of an error, whichever part of the program it comes from.
fn code(link: &(dyn Error + 'static)) -> Option<&'static str> {
    link.downcast_ref()
        .map(Refusal::code)
        .or_else(|| link.downcast_ref().map(vernet_common::Error::code))
        .or_else(|| link.downcast_ref().map(vernet_verifier::InputError::code))
        .or_else(|| link.downcast_ref().map(vernet_verifier::roster::RosterError::code))
        .or_else(|| link.downcast_ref().map(UpdateError::code))
        .or_else(|| link.downcast_ref().map(WitnessRefusal::code))
        .or_else(|| link.downcast_ref().map(ReplayFault::code))
        .or_else(|| link.downcast_ref().map(PhotoError::code))
        .or_else(|| link.downcast_ref().map(PdfError::code))
        .or_else(|| link.downcast_ref().map(KeyFileError::code))
        .or_else(|| link.downcast_ref().map(SecretError::code))
        .or_else(|| link.downcast_ref().map(FileError::code))
        .or_else(|| link.downcast_ref().map(Locked::code))
}
