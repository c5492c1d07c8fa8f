//! What an applicant sends: a form with documents, and whatever is sent after it.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use vernet_common::NumericDate;
use vernet_register::refuse_national_identity_number;
use vernet_text::is_invisible;

use crate::{
    code::{Delivery, ReceiptCode, ReceiptId},
    error::Error,
    form::ApplicantForm,
    parcel::{Enclosed, Enclosure, check_amount, documents, pack, unpack},
    seal::{OpenKey, Purpose, SealKey},
};

/// Something that was sent, with its documents.
#[derive(Debug)]
pub struct Submission {
    /// Under which receipt.
    pub receipt: ReceiptId,
    /// The key to which the office seals its answers.
    pub reply_to: SealKey,
    /// When it was received.
    pub received: NumericDate,
    /// The form, in what is sent first.
    pub form: Option<ApplicantForm>,
    /// What the applicant writes to the office.
    pub text: Option<Text>,
    /// The documents.
    pub documents: Vec<Enclosed>,
}

/// What people write to each other: some lines without invisible characters, in which no national
/// identity number is found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(String);

impl Text {
    /// The longest in bytes.
    pub const MAX_BYTES: usize = 8_000;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Text {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        refuse_national_identity_number("text", text, "a text without it")
            .map_err(|_| Error::Form { field: "text", fault: "national_identity_number" })?;
        let refused = |c: char| c.is_control() && c != '\n' && c != '\t' || is_invisible(c);
        if text.is_empty() || text.len() > Self::MAX_BYTES || text.chars().any(refused) {
            return Err(Error::Form { field: "text", fault: "not_a_text" });
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Text {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

/// What was sent, sealed: nobody but the office can read it.
pub struct SealedSubmission {
    /// Under which receipt.
    pub receipt: ReceiptId,
    /// Which one. It is the same if the same is sent again.
    pub delivery: Delivery,
    /// The bytes of the file.
    pub bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    receipt: ReceiptId,
    reply_to: SealKey,
    received: NumericDate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<ApplicantForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Text>,
    documents: Vec<Enclosure>,
}

/// What makes a submission another one: everything but the time.
#[derive(Serialize)]
struct Identity<'a> {
    form: &'a Option<ApplicantForm>,
    text: &'a Option<Text>,
    documents: &'a [Enclosure],
}

impl Submission {
    /// Seals what somebody sends under a code to the office's key.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there is nothing in it; [`vernet_common::Error::TooLarge`] if there is
    /// too much; [`Error::NotSealed`] if nothing can be sealed to the key.
    pub fn seal<R: CryptoRng>(
        code: &ReceiptCode,
        (form, text): (Option<ApplicantForm>, Option<Text>),
        documents: &[Enclosed],
        received: NumericDate,
        (to, rng): (&SealKey, &mut R),
    ) -> Result<SealedSubmission, Error> {
        let about: Vec<Enclosure> =
            documents.iter().map(|document| document.about().clone()).collect();
        check_amount(&about)?;
        if form.is_none() && text.is_none() && documents.is_empty() {
            return Err(Error::Malformed { found: "there is nothing in it" });
        }
        let identity = Identity { form: &form, text: &text, documents: &about };
        let delivery = code.digest(&json(&identity));
        let receipt = code.id();
        let reply_to = code.seal_key();
        let head = Head { receipt, reply_to, received, form, text, documents: about };
        let parcel = pack(&json(&head), documents)?;
        let bytes = to.seal(Purpose::Submission, &receipt, &parcel, rng)?;
        Ok(SealedSubmission { receipt, delivery, bytes })
    }

    /// Opens what was sealed to the office. What is in it is as the inbox says: a taken-over inbox
    /// can have written anything.
    ///
    /// # Errors
    ///
    /// Those of [`OpenKey::open`]; [`Error::Malformed`] or [`vernet_common::Error::Json`] if there is
    /// something else in it.
    pub fn open(key: &OpenKey, receipt: &ReceiptId, sealed: &[u8]) -> Result<Self, Error> {
        let parcel = key.open(Purpose::Submission, receipt, sealed)?;
        let (head, rest) = unpack(&parcel)?;
        let head: Head = serde_json::from_slice(head)
            .map_err(|source| vernet_common::Error::json("the submission", source))?;
        if head.receipt != *receipt {
            return Err(Error::Malformed { found: "it is of another receipt" });
        }
        let documents = documents(head.documents, rest)?;
        let Head { reply_to, received, form, text, .. } = head;
        Ok(Self { receipt: *receipt, reply_to, received, form, text, documents })
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts, numbers and lists are JSON")
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;
    use crate::parcel::{FileKind, Label};

    fn rng(seed: u64) -> ChaCha20Rng {
        ChaCha20Rng::seed_from_u64(seed)
    }

    fn at(text: &str) -> NumericDate {
        text.parse().expect("an instant")
    }

    fn text(text: &str) -> Option<Text> {
        Some(text.parse().expect("a text"))
    }

    #[test]
    fn only_the_office_reads_what_was_sent() {
        let office = OpenKey::derive(&[9; 32]);
        let code = ReceiptCode::generate(&mut rng(1));
        let diploma =
            Enclosed::new(Label::Diploma, FileKind::Pdf, b"%PDF-".to_vec()).expect("small");
        let send = |now, words, seed| {
            let to = (&office.public(), &mut rng(seed));
            Submission::seal(
                &code,
                (None, text(words)),
                std::slice::from_ref(&diploma),
                at(now),
                to,
            )
            .expect("sealed")
        };
        let sealed = send("2026-12-01T10:00:00Z", "Her er vitnemålet.", 2);
        let opened = Submission::open(&office, &code.id(), &sealed.bytes).expect("the office's");
        assert_eq!(opened.text, text("Her er vitnemålet."));
        assert_eq!(opened.documents[0].bytes(), b"%PDF-");
        assert_eq!(opened.reply_to, code.seal_key());
        assert_eq!(opened.received, at("2026-12-01T10:00:00Z"));
        let own = Submission::open(&code.open_key(), &code.id(), &sealed.bytes);
        assert_eq!(own.expect_err("not the applicant").code(), "sealed_for_another");

        // Who presses the button twice sends the same, and who writes something else does not.
        let again = send("2026-12-01T10:00:07Z", "Her er vitnemålet.", 3);
        assert_eq!((again.receipt, again.delivery), (sealed.receipt, sealed.delivery));
        assert_ne!(again.bytes, sealed.bytes);
        assert_ne!(send("2026-12-01T10:00:00Z", "Noe annet.", 2).delivery, sealed.delivery);
    }

    #[test]
    fn nothing_is_no_submission() {
        let to = OpenKey::derive(&[9; 32]).public();
        let code = ReceiptCode::generate(&mut rng(1));
        let sealed = Submission::seal(
            &code,
            (None, None),
            &[],
            at("2026-12-01T10:00:00Z"),
            (&to, &mut rng(2)),
        );
        assert_eq!(sealed.err().map(|error| error.code()), Some("submission_malformed"));
    }

    #[test]
    fn a_text_is_what_people_can_see_and_has_no_identity_number() {
        assert_eq!(text(" a\r\nb\tc \n").expect("a text").as_str(), "a\nb\tc");
        for (wrong, fault) in [
            ("", "not_a_text"),
            (" \n", "not_a_text"),
            ("a\u{1b}[2J", "not_a_text"),
            ("a\u{202e}b", "not_a_text"),
            (&"x".repeat(Text::MAX_BYTES + 1), "not_a_text"),
            ("jeg er 010180 12345", "national_identity_number"),
        ] {
            let error = wrong.parse::<Text>().expect_err(wrong);
            assert!(error.to_string().contains(fault) && !error.to_string().contains("12345"));
        }
    }
}
