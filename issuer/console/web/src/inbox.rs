//! What applicants sent, opened in an officer's browser: the office's inbox key is as little at the
//! server as an officer's own.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vernet_applications::{
    Answer, AnswerClaims, Enclosed, FileKind, FormDraft, InboxKey, Label, OpenedApplication,
    Purpose, ReceiptId, SealKey, Step, Submission, Text,
};
use vernet_common::{CivilDate, NumericDate};

use crate::problem::Problem;

/// A sealed file, with its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    name: String,
    /// In base64url.
    bytes: String,
}

/// The office's own copy of an answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedAnswer {
    number: u32,
    /// In base64url.
    bytes: String,
}

/// An answer that is to be signed and sealed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    receipt: ReceiptId,
    number: u32,
    iat: NumericDate,
    step: Step,
    #[serde(default)]
    text: String,
    #[serde(default)]
    by: Option<CivilDate>,
    /// The letters, each in base64url.
    #[serde(default)]
    letters: Vec<String>,
    reply_to: SealKey,
    /// 32 random bytes of the browser, in base64url.
    seed: String,
}

/// An answer for the applicant, and for the office's own files. Each in base64url.
#[derive(Serialize)]
pub struct Answered {
    own: String,
    sealed: String,
}

/// An application that was opened.
#[derive(Serialize)]
pub struct Application {
    receipt: ReceiptId,
    reply_to: Option<SealKey>,
    applied: Option<CivilDate>,
    name: String,
    birthdate: Option<CivilDate>,
    title: String,
    step: Option<&'static str>,
    is_news: bool,
    waits_until: Option<CivilDate>,
    /// Where the office tells that there is something to read, and in which language.
    mail: String,
    language: Option<&'static str>,
    /// Every field of the form that has a text.
    fields: Vec<(&'static str, String)>,
    /// The application as a proposal has it, of today.
    draft: Option<Value>,
    happened: Vec<Happened>,
    documents: Vec<Document>,
    /// What does not open: the name of the file, and why.
    faults: Vec<(String, String)>,
}

/// Something that was sent or answered.
#[derive(Serialize)]
struct Happened {
    at: i64,
    /// The step of an answer; nothing if the applicant sent it.
    step: Option<&'static str>,
    by: Option<CivilDate>,
    text: String,
    documents: usize,
}

#[derive(Serialize)]
struct Document {
    name: String,
    label: &'static str,
    media_type: &'static str,
    /// In base64url; nothing in a list.
    bytes: Option<String>,
}

/// Opens all that was sent under a receipt, and all that was answered. `whole` is with the documents.
pub(crate) fn open(
    key: &InboxKey,
    receipt: ReceiptId,
    (sent, answers): (&[Sealed], &[SealedAnswer]),
    (today, whole): (CivilDate, bool),
) -> Result<Application, Problem> {
    let (open_key, mut opened) = (key.open_key(), OpenedApplication::new(receipt));
    for Sealed { name, bytes } in sent {
        opened.add(name, Submission::open(&open_key, &receipt, &decode(bytes)?));
    }
    for SealedAnswer { number, bytes } in answers {
        let with = (Purpose::Copy, &open_key);
        let answer = Answer::open(&decode(bytes)?, with, (&receipt, *number), &key.public());
        opened.answers.push(answer.map_err(|error| Problem::new(error.code(), &error))?);
    }
    Ok(described(&opened, today, whole))
}

fn described(opened: &OpenedApplication, today: CivilDate, whole: bool) -> Application {
    let form = opened.form();
    let text = |text: &Option<Text>| text.as_ref().map_or("", Text::as_str).to_owned();
    let sent = opened.submissions.iter().map(|one| Happened {
        at: one.received.seconds(),
        step: None,
        by: None,
        text: text(&one.text),
        documents: one.documents.len(),
    });
    let answered = opened.answers.iter().map(|one| Happened {
        at: one.claims.iat.seconds(),
        step: Some(one.claims.step.word()),
        by: one.claims.by,
        text: text(&one.claims.text),
        documents: one.documents.len(),
    });
    let mut happened: Vec<_> = sent.chain(answered).collect();
    happened.sort_by_key(|one| one.at);
    let documents = opened.documents().into_iter().map(|(name, document)| Document {
        name,
        label: document.about().label.word(),
        media_type: document.about().kind.media_type(),
        bytes: whole.then(|| BASE64_URL_SAFE_NO_PAD.encode(document.bytes())),
    });
    let fields = form.cloned().map(FormDraft::from).map_or(Vec::new(), |draft| {
        let filled = draft.fields().into_iter().filter(|(_, text)| !text.is_empty());
        filled.map(|(name, text)| (name, text.clone())).collect()
    });
    let draft = form.zip(opened.applied()).map(|(form, applied)| {
        serde_json::to_value(form.to_draft(applied, today, today)).unwrap_or_default()
    });
    Application {
        receipt: opened.receipt,
        reply_to: opened.reply_to,
        applied: opened.applied(),
        name: form.map_or(String::new(), |form| form.given_name.with(&form.family_name)),
        birthdate: form.map(|form| form.birthdate),
        title: form.map_or(String::new(), |form| form.title.to_string()),
        step: opened.step().map(Step::word),
        is_news: opened.is_news(),
        waits_until: opened.waits_until(),
        mail: form.map_or(String::new(), |form| form.mail.to_string()),
        language: form.map(|form| form.language.code()),
        fields,
        draft,
        happened,
        documents: documents.collect(),
        faults: opened
            .faults
            .iter()
            .map(|(name, error)| (name.clone(), error.to_string()))
            .collect(),
    }
}

/// Signs an answer, and seals it to the applicant and for the office's own files.
pub(crate) fn answer(key: &InboxKey, new: &NewAnswer) -> Result<Answered, Problem> {
    let problem = |error: vernet_applications::Error| Problem::new(error.code(), &error);
    let seed = decode(&new.seed)?.try_into();
    let seed = seed.map_err(|_| Problem::new("request", "the seed is no 32 bytes"))?;
    let mut rng = ChaCha20Rng::from_seed(seed);
    let letters = new.letters.iter().map(|letter| {
        let bytes = decode(letter)?;
        let kind = kind(&bytes).ok_or(Problem::new("letter_unfit", "it is no PDF, JPEG or PNG"))?;
        Enclosed::new(Label::Letter, kind, bytes).map_err(problem)
    });
    let documents = letters.collect::<Result<Vec<_>, _>>()?;
    let text = match new.text.trim() {
        "" => None,
        text => Some(text.parse().map_err(problem)?),
    };
    let claims = AnswerClaims {
        receipt: new.receipt,
        number: new.number,
        iat: new.iat,
        step: new.step,
        text,
        by: new.by,
        documents: documents.iter().map(|document| document.about().clone()).collect(),
    };
    let answer = Answer { claims, documents };
    seal(key, &answer, &new.reply_to, &mut rng)
}

/// Seals an answer that the inbox lost once more.
pub(crate) fn again(
    key: &InboxKey,
    (receipt, reply_to): (ReceiptId, &SealKey),
    SealedAnswer { number, bytes }: &SealedAnswer,
    seed: &str,
) -> Result<Answered, Problem> {
    let seed = decode(seed)?.try_into();
    let seed = seed.map_err(|_| Problem::new("request", "the seed is no 32 bytes"))?;
    let (open_key, mut rng) = (key.open_key(), ChaCha20Rng::from_seed(seed));
    let with = (Purpose::Copy, &open_key);
    let answer = Answer::open(&decode(bytes)?, with, (&receipt, *number), &key.public());
    let answer = answer.map_err(|error| Problem::new(error.code(), &error))?;
    seal(key, &answer, reply_to, &mut rng)
}

fn seal(
    key: &InboxKey,
    answer: &Answer,
    reply_to: &SealKey,
    rng: &mut ChaCha20Rng,
) -> Result<Answered, Problem> {
    let mut seal = |purpose, to: &SealKey| {
        let sealed = answer.seal(key, (purpose, to), rng);
        let sealed = sealed.map_err(|error| Problem::new(error.code(), &error))?;
        Ok::<_, Problem>(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    };
    let own = seal(Purpose::Copy, &key.public().seal)?;
    Ok(Answered { own, sealed: seal(Purpose::Answer, reply_to)? })
}

/// What a letter is, by its first bytes.
fn kind(bytes: &[u8]) -> Option<FileKind> {
    let starts: [(&[u8], FileKind); 3] = [
        (b"%PDF-", FileKind::Pdf),
        (b"\xff\xd8\xff", FileKind::Jpeg),
        (b"\x89PNG\r\n\x1a\n", FileKind::Png),
    ];
    starts.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
}

fn decode(text: &str) -> Result<Vec<u8>, Problem> {
    let decoded = BASE64_URL_SAFE_NO_PAD.decode(text);
    decoded.map_err(|_| Problem::new("request", "it is no base64url"))
}
