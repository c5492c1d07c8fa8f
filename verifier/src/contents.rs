//! What is found in a file.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;

use crate::{error::InputError, unexamined::Unexamined, verdict::Verdict};

/// The most certificates in one file that are judged: a whole staff.
const MAX_CERTIFICATES: usize = 1000;

/// What a file holds for a verifier.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contents {
    /// The texts of certificates, each once, at least one. [`verify`](crate::verify) finds out
    /// whether they can be read as certificates. The same certificate may be among them in two
    /// forms, as an attachment and as a code: see [`Contents::distinct`].
    pub certificates: Vec<String>,
    /// The statements of professional status that came with them, in a PDF.
    pub statements: Vec<String>,
    /// What was not examined, and may hold more certificates.
    pub unexamined: Vec<Unexamined>,
}

impl Contents {
    /// These certificates, and nothing else.
    pub(crate) fn of(certificates: Vec<String>) -> Self {
        Self { certificates, ..Self::default() }
    }

    /// Adds what was found elsewhere in the same file.
    #[cfg(feature = "documents")]
    pub(crate) fn add(&mut self, found: Self) {
        let texts = [
            (&mut self.certificates, found.certificates),
            (&mut self.statements, found.statements),
        ];
        for (known, found) in texts {
            for text in found {
                if !known.contains(&text) {
                    known.push(text);
                }
            }
        }
        self.unexamined.extend(found.unexamined);
    }

    /// As many certificates as are judged. A text of a mebibyte has room for a hundred thousand.
    pub(crate) fn bounded(mut self) -> Self {
        if self.certificates.len().max(self.statements.len()) > MAX_CERTIFICATES {
            self.certificates.truncate(MAX_CERTIFICATES);
            self.statements.truncate(MAX_CERTIFICATES);
            self.unexamined.push(Unexamined::Certificates { read: MAX_CERTIFICATES });
        }
        self
    }

    /// With each certificate once, in whichever forms it is there. `verify` gives the verdict on a
    /// text, since only the office's lists can tell which certificate a code stands for.
    #[must_use]
    pub fn distinct(mut self, verify: impl Fn(&str) -> Verdict) -> Self {
        if self.certificates.len() == 1 {
            return self;
        }
        let mut known: Vec<Verdict> = Vec::new();
        self.certificates.retain(|text| {
            let verdict = verify(text);
            let is_new = !known.iter().any(|known| known.is_on_the_certificate_of(&verdict));
            known.push(verdict);
            is_new
        });
        self
    }

    /// The verdict on each certificate, once in whichever forms it is there, and on each part that
    /// was not examined, which is *not known*. `verify` is as for [`Contents::distinct`].
    pub fn verdicts(&self, verify: impl Fn(&str) -> Verdict, now: NumericDate) -> Vec<Verdict> {
        let mut verdicts: Vec<Verdict> = Vec::new();
        for presented in self.presented() {
            let verdict = presented.map_or_else(|error| Verdict::unread(error, now), &verify);
            if !verdicts.iter().any(|known| known.is_on_the_certificate_of(&verdict)) {
                verdicts.push(verdict);
            }
        }
        verdicts
    }

    /// What a verdict is owed on: each certificate, and each part that was not examined.
    pub fn presented(&self) -> impl Iterator<Item = Result<&str, InputError>> {
        let unexamined =
            self.unexamined.iter().map(|what| Err(InputError::NotExamined { what: what.clone() }));
        self.certificates.iter().map(|text| Ok(text.as_str())).chain(unexamined)
    }
}
