//! Requests and answers.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use vernet_applications::{InboxKey, ReceiptId, SealKey};
use vernet_common::{
    Algorithm, CivilDate, HttpsUrl, KeyId, NumericDate, Payload, SecretKey, Signed, Signer,
    to_canonical_json,
};
use vernet_host::{KeyFile, Passphrase};
use vernet_register::{Digest, Finding, OfficeData, ProtectedTitle, SignIn, Typed, findings};

use crate::{
    inbox::{self, Answered, Application, NewAnswer, Sealed, SealedAnswer},
    problem::Problem,
    statements::{Part, Shown, challenge, describe, parts, sign},
    words::Words,
};

/// What JavaScript asks for.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Open a key file, and keep its key until another one is opened or this one is closed.
    Open {
        /// The text of the file.
        pem: String,
        /// The passphrase.
        passphrase: String,
    },
    /// Sign that the officer wishes to sign in.
    SignIn {
        /// The origin of the page.
        origin: String,
        /// What the server made up for this once.
        nonce: String,
        /// When the server made it up.
        iat: NumericDate,
    },
    /// Make the wish to sign in, for a passkey to sign.
    Wish {
        /// The origin of the page.
        origin: String,
        /// What the server made up for this once.
        nonce: String,
        /// When the server made it up.
        iat: NumericDate,
    },
    /// Say in words what statements say.
    Describe {
        /// The bytes of each, in base64url.
        statements: Vec<String>,
        /// The language: `nb`, `nn` or `en`.
        language: String,
    },
    /// Check that statements are parts of a proposal about many, and say whose certificates they make.
    Parts {
        /// The bytes of the proposal, in base64url.
        proposal: String,
        /// The bytes of each, in base64url.
        statements: Vec<String>,
    },
    /// Work out what a passkey signs for these statements.
    Challenge {
        /// The bytes of each, in base64url.
        statements: Vec<String>,
    },
    /// Sign statements with the open key.
    Sign {
        /// The bytes of each, in base64url.
        statements: Vec<String>,
    },
    /// Say what is wrong with an application that is being typed.
    Findings {
        /// What was typed so far.
        fields: Typed,
        /// What it is checked against.
        facts: Box<Facts>,
        /// The language: `nb`, `nn` or `en`.
        language: String,
    },
    /// Read a day as people write it.
    Day {
        /// What was typed.
        text: String,
    },
    /// Open the file of the office's inbox key, and keep that until another one is opened.
    OpenInbox {
        /// The text of the file.
        pem: String,
        /// The passphrase.
        passphrase: String,
    },
    /// Open an application.
    Application {
        /// Its receipt.
        receipt: ReceiptId,
        /// All that was sent.
        sent: Vec<Sealed>,
        /// The office's own copies of all that was answered.
        answers: Vec<SealedAnswer>,
        /// The day of a decision about it.
        today: CivilDate,
        /// Whether the documents are wanted.
        whole: bool,
    },
    /// Sign and seal an answer.
    Answer(Box<NewAnswer>),
    /// Seal an answer anew, because the inbox lost it.
    AnswerAgain {
        /// The receipt of the application.
        receipt: ReceiptId,
        /// The applicant's key.
        reply_to: SealKey,
        /// The office's own copy.
        answer: SealedAnswer,
        /// 32 random bytes, in base64url.
        seed: String,
    },
    /// Forget the keys.
    Close {},
}

/// What the rules need to know of the office, to say something of an application by itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The titles that the office certifies.
    pub titles: Vec<ProtectedTitle>,
    /// Its data: which schools were accredited when.
    pub office: OfficeData,
    /// The issuer.
    pub iss: HttpsUrl,
    /// The day on which it is typed.
    pub today: CivilDate,
}

/// What is wrong with a field.
#[derive(Serialize)]
pub struct ShownFinding {
    field: &'static str,
    code: &'static str,
    text: String,
}

/// What becomes of it.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The key is open.
    Opened {
        /// Its id.
        kid: KeyId,
    },
    /// It is signed.
    Signed {
        /// The key id.
        kid: KeyId,
        /// What was signed: the payload of the envelope, in base64url.
        payload: String,
        /// The signature of header and payload, in base64url.
        signature: String,
    },
    /// The wish to sign in.
    Wished {
        /// Its bytes, in base64url.
        payload: String,
        /// Their hash, which a passkey signs.
        challenge: String,
    },
    /// The statements in words.
    Described {
        /// Each.
        statements: Vec<Shown>,
    },
    /// They are parts of it.
    Parts {
        /// Whose certificates they make.
        parts: Vec<Part>,
    },
    /// What a passkey signs.
    Challenge {
        /// In base64url.
        challenge: String,
    },
    /// The statements are signed.
    Signatures {
        /// The signature of each, in base64url.
        signatures: Vec<String>,
    },
    /// What is wrong with what was typed.
    Findings {
        /// Each.
        findings: Vec<ShownFinding>,
    },
    /// A day that was typed; none if it is no day.
    Day {
        /// The day.
        day: Option<CivilDate>,
        /// The day before it: the last day of what ends with it.
        last: Option<CivilDate>,
    },
    /// The application.
    Application(Box<Application>),
    /// It is answered.
    Answered(Answered),
    /// The keys are forgotten.
    Closed {},
    /// It was not done.
    Problem(Problem),
}

/// An officer's desk, with at most one open key, and perhaps the inbox key of the office.
#[derive(Default)]
pub struct Desk {
    key: Option<SecretKey>,
    inbox: Option<InboxKey>,
}

impl Desk {
    /// Answers a request in JSON, in JSON.
    pub fn call(&mut self, message: &[u8]) -> Vec<u8> {
        let answer = match serde_json::from_slice(message) {
            Ok(request) => self.answer(request).unwrap_or_else(Answer::Problem),
            // Not what the parser says: it may quote a passphrase.
            Err(_) => Answer::Problem(Problem::new("request", "the request cannot be read")),
        };
        serde_json::to_vec(&answer).expect("an answer of strings is JSON")
    }

    fn answer(&mut self, request: Request) -> Result<Answer, Problem> {
        match request {
            Request::Open { pem, passphrase } => self.open(&pem, passphrase),
            Request::SignIn { origin, nonce, iat } => self.sign_in(&SignIn { origin, nonce, iat }),
            Request::Wish { origin, nonce, iat } => wish(&SignIn { origin, nonce, iat }),
            Request::Describe { statements, language } => {
                Ok(Answer::Described { statements: describe(&statements, &language)? })
            }
            Request::Parts { proposal, statements } => {
                Ok(Answer::Parts { parts: parts(&proposal, &statements)? })
            }
            Request::Challenge { statements } => {
                Ok(Answer::Challenge { challenge: challenge(&statements)? })
            }
            Request::Sign { statements } => {
                Ok(Answer::Signatures { signatures: sign(&statements, self.key()?)? })
            }
            Request::Findings { fields, facts, language } => {
                let words = Words::of(&language);
                let Facts { titles, office, iss, today } = *facts;
                let found = findings(&titles, (&office, &iss), &fields, today).into_iter();
                let shown = |Finding { field, error }| ShownFinding {
                    field,
                    code: error.code(),
                    text: words.fault(&error).unwrap_or_else(|| error.to_string()),
                };
                Ok(Answer::Findings { findings: found.map(shown).collect() })
            }
            Request::Day { text } => {
                let day = vernet_text::date(text.trim());
                Ok(Answer::Day { day, last: day.map(|day| day.plus_days(-1)) })
            }
            Request::OpenInbox { pem, passphrase } => {
                let key = decrypt(&pem, passphrase)?;
                let kid = key.public_key().kid();
                self.inbox = Some(InboxKey::new(key));
                Ok(Answer::Opened { kid })
            }
            Request::Application { receipt, sent, answers, today, whole } => {
                let opened =
                    inbox::open(self.inbox()?, receipt, (&sent, &answers), (today, whole))?;
                Ok(Answer::Application(Box::new(opened)))
            }
            Request::Answer(new) => Ok(Answer::Answered(inbox::answer(self.inbox()?, &new)?)),
            Request::AnswerAgain { receipt, reply_to, answer, seed } => {
                let again = inbox::again(self.inbox()?, (receipt, &reply_to), &answer, &seed)?;
                Ok(Answer::Answered(again))
            }
            Request::Close {} => {
                self.inbox = None;
                self.key = None;
                Ok(Answer::Closed {})
            }
        }
    }

    fn open(&mut self, pem: &str, passphrase: String) -> Result<Answer, Problem> {
        self.key = None;
        let key = decrypt(pem, passphrase)?;
        let kid = key.public_key().kid();
        self.key = Some(key);
        Ok(Answer::Opened { kid })
    }

    fn key(&self) -> Result<&SecretKey, Problem> {
        self.key.as_ref().ok_or(Problem::new("key_closed", "no key is open"))
    }

    fn inbox(&self) -> Result<&InboxKey, Problem> {
        self.inbox.as_ref().ok_or(Problem::new("key_closed", "the inbox key is not open"))
    }

    fn sign_in(&self, wish: &SignIn) -> Result<Answer, Problem> {
        let key = self.key()?;
        let signed = Signed::sign(wish, Algorithm::EdDsa, key)
            .map_err(|error| Problem::new(error.code(), &error))?;
        Ok(Answer::Signed {
            kid: signed.kid(),
            payload: BASE64_URL_SAFE_NO_PAD.encode(signed.unverified_payload()),
            signature: BASE64_URL_SAFE_NO_PAD.encode(signed.signature()),
        })
    }
}

fn decrypt(pem: &str, passphrase: String) -> Result<SecretKey, Problem> {
    let passphrase =
        Passphrase::from_prompt(passphrase).map_err(|error| Problem::new(error.code(), &error))?;
    let file = KeyFile::parse(pem).map_err(key_file)?;
    file.decrypt(&passphrase).map_err(key_file)
}

fn wish(wish: &SignIn) -> Result<Answer, Problem> {
    let payload = to_canonical_json(SignIn::WHAT, wish);
    let payload = payload.map_err(|error| Problem::new(error.code(), &error))?;
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Digest::of(&payload).as_bytes());
    Ok(Answer::Wished { payload: BASE64_URL_SAFE_NO_PAD.encode(payload), challenge })
}

fn key_file(error: vernet_host::KeyFileError) -> Problem {
    Problem::new(error.code(), &error)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;
    use serde_json::{Value, json};

    use super::*;

    const PASSPHRASE: &str = "five random words here now";

    fn pem() -> (String, SecretKey) {
        let mut rng = ChaCha20Rng::from_seed([7; 32]);
        let key = KeyFile::generate(&mut rng);
        let passphrase = Passphrase::from_prompt(PASSPHRASE.to_owned()).expect("a passphrase");
        let file = KeyFile::encrypt(&key, &passphrase, &mut rng).expect("a key file");
        (file.as_pem().to_owned(), key)
    }

    fn call(desk: &mut Desk, request: &Value) -> Value {
        let answer = desk.call(request.to_string().as_bytes());
        serde_json::from_slice(&answer).expect("an answer is JSON")
    }

    #[test]
    fn a_key_that_was_opened_signs_in_and_a_closed_one_does_not() {
        let (pem, key) = pem();
        let mut desk = Desk::default();
        let sign_in = json!({ "sign_in": { "origin": "https://a.example", "nonce": "n", "iat": 1_795_000_000 } });
        assert_eq!(call(&mut desk, &sign_in)["problem"]["code"], "key_closed");

        let wrong = json!({ "open": { "pem": pem, "passphrase": "another five random words" } });
        assert_eq!(call(&mut desk, &wrong)["problem"]["code"], "passphrase_wrong");
        let open = json!({ "open": { "pem": pem, "passphrase": PASSPHRASE } });
        let kid = key.public_key().kid().to_string();
        assert_eq!(call(&mut desk, &open)["opened"]["kid"], kid);

        let signed = call(&mut desk, &sign_in);
        let part = |name: &str| {
            let text = signed["signed"][name].as_str().expect("a text");
            BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        let signature = part("signature").try_into().expect("64 bytes");
        let kid = key.public_key().kid();
        let signed = Signed::<SignIn>::assemble(Algorithm::EdDsa, kid, part("payload"), signature);
        let claims = signed.expect("an envelope").verify(&key.public_key()).expect("valid");
        assert_eq!(claims.claims().origin, "https://a.example");

        call(&mut desk, &json!({ "close": {} }));
        assert_eq!(call(&mut desk, &sign_in)["problem"]["code"], "key_closed");
    }

    #[test]
    fn the_rules_answer_while_an_application_is_typed() {
        let facts = Facts {
            titles: ProtectedTitle::shipped().to_vec(),
            office: OfficeData::sample(),
            iss: "https://perfusionist.example.no".parse().expect("a URL"),
            today: "2026-12-01".parse().expect("a day"),
        };
        let facts = serde_json::to_value(facts).expect("JSON");
        let ask = |fields: Value, language: &str| {
            let asked =
                json!({ "findings": { "fields": fields, "facts": facts, "language": language } });
            call(&mut Desk::default(), &asked)["findings"]["findings"].clone()
        };
        assert_eq!(ask(json!({}), "nb"), json!([]));
        let found = ask(json!({ "granted": "5.12.2026" }), "nn");
        assert_eq!(found[0]["field"], "granted");
        assert_eq!(found[0]["code"], "grant_in_future");
        let text = found[0]["text"].as_str().expect("a text");
        assert!(
            text.contains("5. desember 2026") && text.contains("1. desember 2026 eller tidlegare"),
            "{text}"
        );
        let found = ask(json!({ "hpr_number": "x" }), "en");
        assert_eq!(found[0]["text"], "“HPR number” cannot be read as it is written: “x”.");
    }

    #[test]
    fn days_are_read_as_the_form_reads_them() {
        for (typed, day, last) in [
            ("1.3.2027", json!("2027-03-01"), json!("2027-02-28")),
            (" 2026-12-31 ", json!("2026-12-31"), json!("2026-12-30")),
            ("32.12.2026", Value::Null, Value::Null),
        ] {
            let answer = call(&mut Desk::default(), &json!({ "day": { "text": typed } }));
            assert_eq!(answer["day"], json!({ "day": day, "last": last }), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        let answer =
            Desk::default().call(br#"{"open":{"pem":"x","passphrase":"secret words","x":1}}"#);
        assert!(!String::from_utf8(answer).expect("a text").contains("secret"));
        let open = json!({ "open": { "pem": "no key", "passphrase": PASSPHRASE } });
        let code = call(&mut Desk::default(), &open)["problem"]["code"].clone();
        assert!(code.as_str().is_some_and(|code| code.starts_with("key_file")), "{code}");
    }
}
