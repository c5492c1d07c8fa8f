//! What a verifier can find: each code with its name, its colour and what to do next.

use core::fmt;
// What the derive expects to be in scope.
#[cfg(feature = "schema")]
use std::{prelude::rust_2024::*, vec};

use serde::{Deserialize, Serialize};

use crate::colour::Colour;

/// Makes [`Code`]: per code its documentation, its stable name, its colour and the advice.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident $name:literal $colour:ident $advice:literal;)+) => {
        /// What a verifier found. Stable API: the same codes on the command line, over HTTP and in
        /// the page.
        // A test checks that the names that `serde` derives are those that are given.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = VerdictCode))]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// The stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The colour of the answer.
            pub fn colour(self) -> Colour {
                match self { $(Self::$code => Colour::$colour,)+ }
            }

            /// What the person who holds the phone should do next.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$code => $advice,)+ }
            }
        }
    };
}

codes! {
    /// In force.
    Authorised "authorised" Accepted
        "compare name and birth date with a photo ID";
    /// In force, but conditions apply.
    AuthorisedWithConditions "authorised_with_conditions" Accepted
        "conditions apply: obtain the decision, and compare name and birth date with a photo ID";
    /// Not a certificate.
    Malformed "malformed" Refused
        "this is not a certificate that can be checked here: scan the code again, or ask for another print";
    /// Signed by a key that is not a certificate key of the issuer.
    UntrustedIssuer "untrusted_issuer" Refused
        "the issuer's key is not known: update, try again, and if it stays so, report it to the office";
    /// Signed by the issuer for a title that it may not certify.
    UntrustedTitle "untrusted_title" Refused
        "the issuer may not certify this title: report it to the office";
    /// The signature does not hold.
    BadSignature "bad_signature" Refused
        "the certificate was changed or forged: keep it, and report it to the office";
    /// Signed by a key that somebody else may hold.
    KeyCompromised "key_compromised" Refused
        "the key behind this certificate was stolen: ask the office for the holder's current certificate";
    /// Signed at a time for which the key is not listed.
    KeyNotValid "key_not_valid" Refused
        "the certificate's date and its key do not match: report it to the office";
    /// Not in the log of all certificates that the office issued, although it says that it is older
    /// than that log: forged under a stolen key.
    NotIssued "not_issued" Refused
        "the office never issued this certificate, it was forged with a stolen key: keep it, and report it to the office";
    /// Its time has not come.
    NotYetValid "not_yet_valid" Refused
        "the certificate is valid only from a later time: check the clock of this device";
    /// Its time is over.
    Expired "expired" Refused
        "the certificate has expired: ask the holder for a current one";
    /// Withdrawn or replaced, and never valid again. The status list does not say whether it was revoked, waived, annulled or
    /// replaced by a newer certificate, and neither do we.
    Revoked "revoked" Refused
        "this certificate is no longer valid (withdrawn or replaced): ask the holder for a current one, or ask the office";
    /// Suspended for the time being.
    Suspended "suspended" Refused
        "suspended for the time being: ask the office";
    /// No QR code could be read from the picture, so nothing is known about the certificate that it
    /// may show.
    Unreadable "unreadable" Undetermined
        "no code could be read: take the picture again, closer, flat and in good light";
    /// No status list for it.
    StatusMissing "status_missing" Undetermined
        "the current status is not known: update the lists, then try again";
    /// There is a status list, but it cannot be used.
    StatusUnusable "status_unusable" Undetermined
        "the current status is not known: update the lists, then try again";
    /// The log of issued certificates is not at hand.
    LogMissing "log_missing" Undetermined
        "it is not known whether the office issued this certificate: update the lists, then try again";
    /// There is a log of issued certificates, but it cannot be used.
    LogUnusable "log_unusable" Undetermined
        "it is not known whether the office issued this certificate: update the lists, then try again";
    /// Not in the log, and newer than it.
    LogBehind "log_behind" Undetermined
        "this certificate is newer than the lists: update them, then try again";
    /// The status list is too old.
    StatusStale "status_stale" Undetermined
        "the current status is not known: update the lists, then try again";
    /// The trust list is past its `exp`.
    TrustListExpired "trust_list_expired" Undetermined
        "the trust list is too old to rely on: update it, then try again";
    /// The trust list is older than the policy allows.
    TrustListStale "trust_list_stale" Undetermined
        "the trust list is too old to rely on: update it, then try again";
    /// The office publishes something that this program does not know and must understand before it
    /// accepts anything.
    VerifierOutdated "verifier_outdated" Undetermined
        "this program is too old for what the office publishes now: update the program, then try again";
    /// The clock is before the newest instant at which anything was signed.
    ClockBehind "clock_behind" Undetermined
        "the clock of this device is behind: set it, then try again";
}

impl Code {
    /// The answer as a sign and two or three words. A refusal does not reveal its reason to
    /// bystanders.
    pub fn headline(self) -> &'static str {
        match (self, self.colour()) {
            (Self::AuthorisedWithConditions, _) => "✔ VALID, CONDITIONS APPLY",
            (_, Colour::Accepted) => "✔ VALID",
            (_, Colour::Refused) => "✘ NOT VALID NOW",
            (_, Colour::Undetermined) => "? NOT KNOWN",
        }
    }
}

/// The stable name.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
