//! What the office answers: signed by the inbox key, and sealed to the applicant's code.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use vernet_common::{Algorithm, CivilDate, NumericDate, Payload, Signed};

use crate::{
    code::ReceiptId,
    error::Error,
    key::{InboxKey, InboxPublicKey},
    parcel::{Enclosed, Enclosure, check_amount, documents, pack, unpack},
    seal::{OpenKey, Purpose, SealKey},
    submission::Text,
};

/// Where an application has come to. The last answer says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The office has it, and looks at it.
    Received,
    /// The office says something, and nothing has changed.
    Message,
    /// The office asks for something, by a day.
    Request,
    /// The office means to refuse, and hears the applicant first (forvaltningsloven § 16), by a day.
    Hearing,
    /// It is granted. The letter is with it.
    Granted,
    /// It is refused. The letter says why, and how to appeal.
    Refused,
    /// It is withdrawn, or ended otherwise.
    Closed,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::Message,
        Self::Request,
        Self::Hearing,
        Self::Granted,
        Self::Refused,
        Self::Closed,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Message => "message",
            Self::Request => "request",
            Self::Hearing => "hearing",
            Self::Granted => "granted",
            Self::Refused => "refused",
            Self::Closed => "closed",
        }
    }

    /// Whether the applicant is given a day by which to answer.
    pub fn has_deadline(self) -> bool {
        matches!(self, Self::Request | Self::Hearing)
    }
}

/// An answer, with its documents.
#[derive(Debug)]
pub struct Answer {
    /// What it says.
    pub claims: AnswerClaims,
    /// The documents: a letter.
    pub documents: Vec<Enclosed>,
}

/// What an answer says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerClaims {
    /// To which receipt.
    pub receipt: ReceiptId,
    /// The answers to a receipt are counted from 1.
    pub number: u32,
    /// When it was written.
    pub iat: NumericDate,
    /// Where the application has come to.
    pub step: Step,
    /// What the office writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// The last day for what is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<CivilDate>,
    /// The documents.
    pub documents: Vec<Enclosure>,
}

impl Payload for AnswerClaims {
    const TYP: &'static str = "vernet-inbox-answer+jwt";
    const WHAT: &'static str = "an answer of the office";
    const MAX_BYTES: usize = 60 << 10;
    const EXACT: bool = true;

    fn check(&self) -> Result<(), vernet_common::Error> {
        if self.step.has_deadline() != self.by.is_some() {
            let what = "a request or a hearing has a last day, and nothing else has";
            return Err(vernet_common::Error::Inconsistent { what });
        }
        if self.step.has_deadline() && self.text.is_none() {
            let what = "a request or a hearing has a text that says what is asked";
            return Err(vernet_common::Error::Inconsistent { what });
        }
        Ok(())
    }
}

impl Answer {
    /// Signs an answer and seals it, to the applicant or for the office's own files.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Inconsistent`] if the day or the text does not fit the step;
    /// [`vernet_common::Error::TooLarge`] if there is too much; [`Error::NotSealed`] if nothing can be
    /// sealed to the key.
    pub fn seal<R: CryptoRng>(
        &self,
        key: &InboxKey,
        (purpose, to): (Purpose, &SealKey),
        rng: &mut R,
    ) -> Result<Vec<u8>, Error> {
        check_amount(&self.claims.documents)?;
        let signed = Signed::sign(&self.claims, Algorithm::default(), key.signer())?;
        let parcel = pack(signed.as_str().as_bytes(), &self.documents)?;
        to.seal(purpose, &self.claims.receipt, &parcel, rng)
    }

    /// Opens an answer, and checks that the office signed it, for this receipt and under this number.
    ///
    /// # Errors
    ///
    /// Those of [`OpenKey::open`] and [`Signed::verify`]; [`Error::Malformed`] if it is another one.
    pub fn open(
        sealed: &[u8],
        (purpose, key): (Purpose, &OpenKey),
        (receipt, number): (&ReceiptId, u32),
        office: &InboxPublicKey,
    ) -> Result<Self, Error> {
        let parcel = key.open(purpose, receipt, sealed)?;
        let (head, rest) = unpack(&parcel)?;
        let jws = str::from_utf8(head).map_err(|_| Error::Malformed { found: "its head" })?;
        let claims = Signed::<AnswerClaims>::parse(jws)?.verify(&office.key)?.into_claims();
        if claims.receipt != *receipt || claims.number != number {
            return Err(Error::Malformed { found: "it is another answer" });
        }
        let documents = documents(claims.documents.clone(), rest)?;
        Ok(Self { claims, documents })
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
    use vernet_common::SecretKey;

    use super::*;
    use crate::{
        code::ReceiptCode,
        parcel::{FileKind, Label},
    };

    fn rng() -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(3)
    }

    fn code() -> ReceiptCode {
        ReceiptCode::generate(&mut rng())
    }

    fn answer(step: Step) -> Answer {
        let letter = Enclosed::new(Label::Letter, FileKind::Pdf, b"%PDF-".to_vec()).expect("small");
        let claims = AnswerClaims {
            receipt: code().id(),
            number: 2,
            iat: "2026-12-01T10:00:00Z".parse().expect("an instant"),
            step,
            text: Some("Vi mangler passet.".parse().expect("a text")),
            by: step.has_deadline().then(|| "2026-12-15".parse().expect("a day")),
            documents: vec![letter.about().clone()],
        };
        Answer { claims, documents: vec![letter] }
    }

    #[test]
    fn only_the_code_opens_an_answer_and_only_of_this_office() {
        let key = InboxKey::new(SecretKey::from_seed(&[5; 32]));
        let sealed = answer(Step::Request)
            .seal(&key, (Purpose::Answer, &code().seal_key()), &mut rng())
            .expect("sealed");
        let open = |with: &OpenKey, number, office: &InboxPublicKey| {
            Answer::open(&sealed, (Purpose::Answer, with), (&code().id(), number), office)
                .map(|answer| answer.claims.step)
                .map_err(|error| error.code())
        };
        let office = key.public();
        assert_eq!(open(&code().open_key(), 2, &office), Ok(Step::Request));
        assert_eq!(open(&code().open_key(), 1, &office), Err("submission_malformed"));
        assert_eq!(open(&key.open_key(), 2, &office), Err("sealed_for_another"));
        let other = InboxKey::new(SecretKey::from_seed(&[6; 32])).public();
        assert_eq!(open(&code().open_key(), 2, &other), Err("signature_invalid"));
    }

    #[test]
    fn what_asks_for_something_has_a_day_and_a_text() {
        let key = InboxKey::new(SecretKey::from_seed(&[5; 32]));
        let seal = |answer: &Answer| {
            let to = (Purpose::Answer, &code().seal_key());
            answer.seal(&key, to, &mut rng()).map(drop).map_err(|error| error.code())
        };
        for step in Step::ALL {
            assert_eq!(seal(&answer(step)), Ok(()), "{step:?}");
            let mut other = answer(step);
            other.claims.by = (!step.has_deadline()).then(|| "2026-12-15".parse().expect("a day"));
            assert_eq!(seal(&other), Err("inconsistent"), "{step:?}");
            let mut silent = answer(step);
            silent.claims.text = None;
            let expected = if step.has_deadline() { Err("inconsistent") } else { Ok(()) };
            assert_eq!(seal(&silent), expected, "{step:?}");
        }
    }
}
