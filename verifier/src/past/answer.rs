//! The answer about the past: the status on a day, and what was known of it by the end of another.

use alloc::string::ToString;

use serde::{Serialize, Serializer};
use vernet_common::{CertificateClaims, CivilDate, Kind, NumericDate, Verified};

use super::code::PastCode;
use crate::{code::Code, colour::Colour, error::InputError};

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Question {
    /// Was she authorised on this day, in Europe/Oslo?
    pub on: CivilDate,
    /// If set, answer by what was known at the end of this day: later decisions, for instance on
    /// an appeal, do not count then.
    pub known_on: Option<CivilDate>,
}

/// One of the two answers: by what is known now, or by what was known then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PastAnswer {
    /// What was found.
    pub code: PastCode,
    /// What was recorded up to this instant counts; `None` if there is no answer.
    pub as_known_at: Option<NumericDate>,
    /// The authorisation on which the answer rests. An archive knows only that of the certificate.
    pub authorisation: Option<Which>,
}

/// The authorisation of a person on which an answer rests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// The one that the certificate belongs to.
    This,
    /// An earlier or later one of the same person.
    Another,
}

impl From<PastCode> for PastAnswer {
    fn from(code: PastCode) -> Self {
        Self { code, as_known_at: None, authorisation: None }
    }
}

/// What the answer rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PastSource {
    /// A history that the office signed: everything that was recorded up to its `iat`.
    History,
    /// Old publications: what was known of a day on that day, without later decisions.
    Archive,
}

/// The answer to one input and one question.
#[derive(Debug)]
pub struct HistoryVerdict {
    pub(crate) question: Question,
    pub(crate) source: PastSource,
    pub(crate) checked_at: NumericDate,
    pub(crate) truth: PastAnswer,
    pub(crate) known: Option<PastAnswer>,
    pub(crate) certificate: Option<Verified<CertificateClaims>>,
    pub(crate) cause: Option<InputError>,
}

impl HistoryVerdict {
    /// An answer that is the same for both questions.
    pub(crate) fn new(
        question: Question,
        source: PastSource,
        now: NumericDate,
        code: PastCode,
    ) -> Self {
        let (truth, known) = (code.into(), question.known_on.map(|_| code.into()));
        Self { question, source, checked_at: now, truth, known, certificate: None, cause: None }
    }

    /// The answer when what was shown could not be read: `malformed` for what is no certificate,
    /// `unreadable` for a picture or a PDF in which none was found.
    pub fn unread(
        cause: InputError,
        question: Question,
        source: PastSource,
        now: NumericDate,
    ) -> Self {
        let code = PastCode::Now(cause.verdict());
        Self { cause: Some(cause), ..Self::new(question, source, now, code) }
    }

    /// The answer when there are no lists of an office that may have issued the certificate.
    pub(crate) fn lists_missing(question: Question, source: PastSource, now: NumericDate) -> Self {
        Self::new(question, source, now, PastCode::Now(Code::StatusMissing))
    }

    /// The status on the day by what is known now: the truth, as far as it is known.
    pub fn truth(&self) -> PastAnswer {
        self.truth
    }

    /// The status on the day by what was known then, if that was asked.
    pub fn known(&self) -> Option<PastAnswer> {
        self.known
    }

    /// The answer to what was asked: what was known then, if that was asked, else the truth.
    pub fn answer(&self) -> PastAnswer {
        self.known.unwrap_or(self.truth)
    }

    /// The code of [`HistoryVerdict::answer`].
    pub fn code(&self) -> PastCode {
        self.answer().code
    }

    /// The answer in a sign and two or three words. A board certifies, it does not authorise.
    pub fn headline(&self) -> &'static str {
        let kind = self.certificate().map(|certificate| certificate.authorisation.kind);
        match (self.code(), self.colour()) {
            (code, _) if kind != Some(Kind::BoardCertificate) => code.headline(),
            (_, Colour::Accepted) => "✔ WAS CERTIFIED",
            (PastCode::Now(_), _) | (_, Colour::Undetermined) => self.code().headline(),
            (_, Colour::Refused) => "✘ WAS NOT CERTIFIED",
        }
    }

    /// The colour of [`HistoryVerdict::answer`].
    pub fn colour(&self) -> Colour {
        self.code().colour()
    }

    /// What the certificate says, if its signature is valid.
    pub fn certificate(&self) -> Option<&CertificateClaims> {
        self.certificate.as_ref().map(Verified::claims)
    }

    /// The particular fault behind the code, where there is one.
    pub fn cause(&self) -> Option<&InputError> {
        self.cause.as_ref()
    }
}

/// For a person: first the answer, then who, then as known when, then why, then what to do.
impl core::fmt::Display for HistoryVerdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        writeln!(f, "{} on {}  [{}]", self.headline(), self.question.on, self.code())?;
        if let Some(certificate) = self.certificate() {
            writeln!(
                f,
                "  {}, born {}, HPR number {}",
                certificate.full_name(),
                certificate.birthdate,
                certificate.hpr_number
            )?;
            writeln!(f, "  {}, certificate {}", certificate.title, certificate.certificate_number)?;
            writeln!(f, "  issued by {}", certificate.iss)?;
            if certificate.authorisation.kind == Kind::BoardCertificate {
                writeln!(f, "  {}", crate::verdict::NO_AUTHORISATION)?;
            }
        }
        if let (Some(day), Some(known)) = (self.question.known_on, &self.known) {
            writeln!(f, "  by what was known at the end of {day}{}", in_words(known))?;
            writeln!(f, "  by what is known now: {}{}", self.truth.code, in_words(&self.truth))?;
        } else {
            writeln!(f, "  by what is known now{}", in_words(&self.truth))?;
        }
        writeln!(
            f,
            "  {}",
            match self.source {
                PastSource::History => "from the office's signed history",
                PastSource::Archive =>
                    "from an old publication: what was decided later is not in it",
            }
        )?;
        if let Some(cause) = self.cause() {
            writeln!(f, "  because {cause} [{}]", cause.code())?;
        }
        write!(f, "  → {}", self.code().advice())
    }
}

fn in_words(answer: &PastAnswer) -> alloc::string::String {
    let at =
        answer.as_known_at.map(|at| alloc::format!(", recorded up to {at}")).unwrap_or_default();
    match answer.authorisation {
        Some(Which::Another) => at + ", by another authorisation of the same person",
        _ => at,
    }
}

/// The same object wherever it is written: `docs/FORMAT.md` section 22.
impl Serialize for HistoryVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Object<'a> {
            verdict: Colour,
            code: PastCode,
            on: CivilDate,
            known_on: Option<CivilDate>,
            r#true: Answer,
            known: Option<Answer>,
            source: PastSource,
            checked_at: alloc::string::String,
            certificate: Option<&'a CertificateClaims>,
            cause: Option<Cause>,
            advice: &'static str,
        }
        #[derive(Serialize)]
        struct Cause {
            code: &'static str,
            message: alloc::string::String,
        }
        #[derive(Serialize)]
        struct Answer {
            verdict: Colour,
            code: PastCode,
            as_known_at: Option<alloc::string::String>,
            authorisation: Option<Which>,
        }
        let answer = |answer: PastAnswer| Answer {
            verdict: answer.code.colour(),
            code: answer.code,
            as_known_at: answer.as_known_at.map(|at| at.to_string()),
            authorisation: answer.authorisation,
        };
        Object {
            verdict: self.colour(),
            code: self.code(),
            on: self.question.on,
            known_on: self.question.known_on,
            r#true: answer(self.truth),
            known: self.known.map(answer),
            source: self.source,
            checked_at: self.checked_at.to_string(),
            certificate: self.certificate(),
            cause: self
                .cause
                .as_ref()
                .map(|cause| Cause { code: cause.code(), message: cause.to_string() }),
            advice: self.code().advice(),
        }
        .serialize(serializer)
    }
}
