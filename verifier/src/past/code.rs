//! What a verifier can find about the past: each code with its name, its colour and what to do
//! next.

use core::fmt;

use serde::{Serialize, Serializer};

use crate::{code::Code, colour::Colour};

/// Makes [`PastCode`] in the same way as [`Code`] is made.
macro_rules! past_codes {
    ($($(#[doc = $doc:literal])+ $code:ident $name:literal $colour:ident $advice:literal;)+) => {
        /// What a verifier found about the past. Stable API, as [`Code`] is.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum PastCode {
            $($(#[doc = $doc])+ $code,)+
            /// Nothing was asked about the past, because the certificate or what we know now does
            /// not allow an answer.
            Now(Code),
        }

        impl PastCode {
            /// Every code but those of [`Code`].
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $name,)+
                    Self::Now(code) => code.as_str(),
                }
            }

            /// The colour of the answer.
            pub fn colour(self) -> Colour {
                match self {
                    $(Self::$code => Colour::$colour,)+
                    // What is accepted now says nothing about the past.
                    Self::Now(code) if code.colour() == Colour::Refused => Colour::Refused,
                    Self::Now(_) => Colour::Undetermined,
                }
            }

            /// What to do next.
            pub fn advice(self) -> &'static str {
                match self {
                    $(Self::$code => $advice,)+
                    Self::Now(code) => code.advice(),
                }
            }
        }
    };
}

past_codes! {
    /// In force on that day.
    WasAuthorised "was_authorised" Accepted
        "compare name and birth date with those of the person that is asked about";
    /// In force on that day, and conditions applied.
    WasAuthorisedWithConditions "was_authorised_with_conditions" Accepted
        "conditions applied: obtain the decision, and compare name and birth date with those of the person that is asked about";
    /// Suspended on that day.
    WasSuspended "was_suspended" Refused
        "for the reasons, and for what was decided later, ask the office";
    /// Not in force on that day: revoked, waived, over, or annulled so that it never was.
    WasNotAuthorised "was_not_authorised" Refused
        "for the reasons, and for what was decided later, ask the office";
    /// The day is before the first authorisation on record.
    WasNotYetAuthorised "was_not_yet_authorised" Refused
        "for the reasons, and for what was decided later, ask the office";
    /// The certificate had been withdrawn for good: the authorisation ended, or another certificate
    /// took this one's place. Only an archive says so, because a status list does not tell
    /// which.
    WasWithdrawn "was_withdrawn" Refused
        "another certificate of the same person may have been in force: ask the office for a history";
    /// The certificate had run out. Only an archive says so.
    WasExpired "was_expired" Refused
        "another certificate of the same person may have been in force: ask the office for a history";
    /// The certificate is not in the history that was given.
    NotInHistory "not_in_history" Undetermined
        "ask the office for a history with this certificate in it";
    /// The day is after the one on which the history was made.
    AfterHistory "after_history" Undetermined
        "ask the office for a newer history";
    /// What was known at the end of a day is asked, and the history was made before that day was
    /// over.
    KnownAfterHistory "known_after_history" Undetermined
        "ask the office for a newer history";
    /// By the end of the day that was asked for, the register held nothing about the person.
    NotRecordedThen "not_recorded_then" Undetermined
        "what is true by what is known today stands beside this answer";
    /// The archive tells nothing about days before the certificate was signed.
    BeforeCertificate "before_certificate" Undetermined
        "the archive does not reach there: ask the office for a history";
    /// No publication in the archive can be used.
    ArchiveEmpty "archive_empty" Undetermined
        "the archive does not reach there: ask the office for a history";
    /// The day is before the first publication in the archive.
    BeforeArchive "before_archive" Undetermined
        "the archive does not reach there: ask the office for a history";
    /// The day is after the last publication in the archive.
    AfterArchive "after_archive" Undetermined
        "the archive does not reach there: ask the office for a history";
    /// There are publications from before and after, and none of that day.
    ArchiveGap "archive_gap" Undetermined
        "the archive does not reach there: ask the office for a history";
    /// Two lists of one instant contradict each other.
    ArchiveContradicts "archive_contradicts" Undetermined
        "two publications of one instant contradict each other: keep both, and tell the office";
    /// Publications tell what was known of a day on that same day. For another day it takes the
    /// history.
    KnownNeedsHistory "known_needs_history" Undetermined
        "the archive does not reach there: ask the office for a history";
}

impl PastCode {
    /// The answer in a sign and two or three words.
    pub fn headline(self) -> &'static str {
        match (self, self.colour()) {
            (Self::WasAuthorisedWithConditions, _) => "✔ WAS AUTHORISED, CONDITIONS APPLIED",
            (_, Colour::Accepted) => "✔ WAS AUTHORISED",
            (Self::Now(_), Colour::Refused) => "✘ NO ANSWER FOR THIS CERTIFICATE",
            (_, Colour::Refused) => "✘ WAS NOT AUTHORISED",
            (_, Colour::Undetermined) => "? NOT KNOWN",
        }
    }
}

/// The stable name.
impl fmt::Display for PastCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PastCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
