//! What a browser does when its officer decides: it asks, reads what is to be signed, and signs it.

use std::cell::Cell;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use vernet_common::{SecretKey, Signer};
use vernet_register::{
    Assertion, Digest, Enrolment, Event, OfficerPublicKey, OfficerSigner, Passkey, Proposal, Role,
    Statement,
};

use crate::desk::{Answer, Desk, ORIGIN};

/// A passkey as a browser has it. Each member can be bent.
#[derive(Clone)]
pub(crate) struct Touch {
    seed: u8,
    pub(crate) count: Cell<u32>,
    pub(crate) r#type: &'static str,
    pub(crate) origin: &'static str,
    pub(crate) rp_id: &'static str,
    pub(crate) flags: u8,
    pub(crate) more: Value,
}

/// Somebody is present, and verified.
pub(crate) const PRESENT: u8 = 1;
pub(crate) const VERIFIED: u8 = 1 << 2;

impl Touch {
    pub(crate) fn new(seed: u8) -> Self {
        Self {
            seed,
            count: Cell::new(1),
            r#type: "webauthn.get",
            origin: ORIGIN,
            rp_id: "localhost",
            flags: PRESENT | VERIFIED,
            more: json!({}),
        }
    }

    fn key(&self) -> SecretKey {
        SecretKey::from_seed(&[self.seed; 32])
    }

    pub(crate) fn public(&self) -> OfficerPublicKey {
        // The SubjectPublicKeyInfo of an Ed25519 key (RFC 8410).
        let head = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
        let spki = [&head[..], self.key().public_key().as_bytes()].concat();
        let passkey = Passkey::new(&spki, vec![7; 16], "localhost", ORIGIN).expect("a passkey");
        OfficerPublicKey::Passkey(passkey)
    }

    /// What the browser sends when its officer touches the passkey for what has this hash.
    pub(crate) fn touch(&self, challenge: Digest) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut client_data = json!({
            "type": self.r#type,
            "challenge": encode(challenge.as_bytes()),
            "origin": self.origin,
            "crossOrigin": false,
        });
        let more = self.more.as_object().expect("an object").clone();
        client_data.as_object_mut().expect("an object").extend(more);
        let client_data = client_data.to_string().into_bytes();
        let mut data = Sha256::digest(self.rp_id).to_vec();
        data.push(self.flags);
        data.extend(self.count.get().to_be_bytes());
        self.count.set(self.count.get() + 1);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        json!({
            "signature": encode(&self.key().sign(&signed).expect("signs")),
            "authenticator_data": encode(&data),
            "client_data": encode(&client_data),
        })
    }
}

/// What an officer's page has to sign.
#[derive(Clone, Debug)]
pub(crate) struct ToSign {
    /// The path of the page.
    pub(crate) path: String,
    pub(crate) statements: Vec<Vec<u8>>,
}

impl ToSign {
    /// Signed by a key file.
    pub(crate) fn by_file(&self, key: &SecretKey) -> Vec<Value> {
        let one = |bytes: &Vec<u8>| {
            let statement = Statement::from_bytes(bytes).expect("a statement");
            let signed = key.sign_statement(&statement).expect("signs").expect("at once");
            json!({ "signature": BASE64_URL_SAFE_NO_PAD.encode(signed.signature) })
        };
        self.statements.iter().map(one).collect()
    }

    /// Signed by one touch.
    pub(crate) fn by_touch(&self, touch: &Touch) -> Vec<Value> {
        let hashes: Vec<Digest> = self.statements.iter().map(|bytes| Digest::of(bytes)).collect();
        vec![touch.touch(Assertion::challenge(&hashes))]
    }
}

impl Desk {
    /// Brings somebody into office: Kari proposes it and Ola approves, at another machine.
    pub(crate) fn enrol(&self, name: &str, key: OfficerPublicKey, roles: &[Role]) {
        let enrolment = Enrolment {
            name: name.parse().expect("a name"),
            key,
            roles: roles.iter().copied().collect(),
            from: "2026-01-01".parse().expect("a day"),
            until: "2027-01-01".parse().expect("a day"),
        };
        self.settle(Proposal::of(Event::OfficerEnrolled(Box::new(enrolment))));
    }

    /// Kari proposes it and Ola approves, at another machine.
    pub(crate) fn settle(&self, proposal: Proposal) -> Statement {
        let ([kari, ola], now) = (&self.officers, self.now());
        let mut office = self.office();
        let seq = office.propose(proposal, &[], kari, now).expect("proposed").seq;
        office.approve(seq, None, (ola, now), &mut vernet_host::random()).expect("approved")
    }

    /// How many statements there are, as another program reads them.
    pub(crate) fn recorded(&self) -> usize {
        self.office().register().state().statements().len()
    }

    /// The token of the forms of a session.
    pub(crate) async fn token(&self, session: &str) -> String {
        self.get("/", session).await.value("name=\"token\" value=\"")
    }

    /// Sends a form with files, as the pages of the console do.
    pub(crate) async fn file(
        &self,
        path: &str,
        session: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Answer {
        self.send(self.filing(path, session, &parts(fields, files))).await
    }

    /// A form with files, made of these parts.
    pub(crate) fn filing(&self, path: &str, session: &str, parts: &[Vec<u8>]) -> Request<Body> {
        let mut body = Vec::new();
        for part in parts {
            body.extend_from_slice(b"--between\r\n");
            body.extend_from_slice(part);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--between--\r\n");
        Request::post(path)
            .header(header::HOST, "localhost:8480")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, session)
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=between")
            .body(Body::from(body))
            .expect("a request")
    }

    /// What an answer sends the officer to sign.
    pub(crate) async fn to_sign(&self, answer: &Answer, session: &str) -> ToSign {
        let path = answer.header("location").to_owned();
        assert!(path.starts_with("/sign/"), "{} {path}: {}", answer.status, answer.body);
        let page = self.get(&path, session).await;
        let data = page.value("data-to-sign=\"").replace("&#34;", "\"");
        let data: Value = serde_json::from_str(&data).expect("JSON");
        let statements = data["statements"].as_array().expect("statements").iter();
        let decode = |text: &Value| {
            BASE64_URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url")
        };
        ToSign { path, statements: statements.map(decode).collect() }
    }

    /// Asks to suspend, by a proposal, and what is to be signed for it.
    pub(crate) async fn suspend(&self, session: &str) -> ToSign {
        let path = format!("/certificate/{}/decide", self.number);
        let token = self.token(session).await;
        let fields = [
            ("token", token.as_str()),
            ("act", "suspend"),
            ("ground", "revocation"),
            ("until", "01.02.2027"),
        ];
        let answer = self.file(&path, session, &fields, &[]).await;
        self.to_sign(&answer, session).await
    }

    /// Asks to approve a proposal as it is, and what is to be signed for it.
    pub(crate) async fn approval(&self, seq: u64, session: &str) -> Answer {
        let sha256 = self.office().register().state().hash(seq).expect("it is there").to_string();
        let token = self.token(session).await;
        let form = [("token", token.as_str()), ("sha256", sha256.as_str())];
        self.post(&format!("/proposals/{seq}/approve"), session, &form).await
    }

    /// Sends signatures.
    pub(crate) async fn sign(&self, path: &str, session: &str, signatures: &[Value]) -> Answer {
        let token = self.token(session).await;
        self.sign_with(path, session, &token, signatures).await
    }

    pub(crate) async fn sign_with(
        &self,
        path: &str,
        session: &str,
        token: &str,
        signatures: &[Value],
    ) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "localhost:8480")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, session)
            .header("x-form-token", token)
            .header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "signatures": signatures }).to_string();
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// The same, which the console records. Returns the number of the statement.
    pub(crate) async fn record(&self, to_sign: &ToSign, session: &str, signed: &[Value]) -> u64 {
        let answer = self.sign(&to_sign.path, session, signed).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let said: Value = serde_json::from_str(&answer.body).expect("JSON");
        said["recorded"].as_u64().expect("a number")
    }

    /// Sends signatures that are refused, by this code, and change nothing.
    pub(crate) async fn refused(
        &self,
        to_sign: &ToSign,
        session: &str,
        signed: &[Value],
        code: &str,
    ) {
        let before = self.recorded();
        let answer = self.sign(&to_sign.path, session, signed).await;
        assert!(answer.status.is_client_error(), "{code}: {}", answer.status);
        let said: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(said["code"], code, "{said}");
        assert_eq!(self.recorded(), before, "{code}");
    }

    /// Signs in by a passkey.
    pub(crate) async fn touch_in(&self, touch: &Touch) -> Answer {
        let proof = self.proof(&touch.key(), ORIGIN).await;
        let [_, (_, payload), _] = &proof;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        let touched = touch.touch(Digest::of(&bytes));
        let kid = touch.public().kid().to_string();
        let text = |name: &str| touched[name].as_str().expect("a text").to_owned();
        let (signature, data) = (text("signature"), text("authenticator_data"));
        let client_data = text("client_data");
        let form = [
            ("kid", kid.as_str()),
            ("payload", payload),
            ("signature", &signature),
            ("authenticator_data", &data),
            ("client_data", &client_data),
        ];
        self.post("/sign-in", "", &form).await
    }
}

/// The parts of a form with files.
pub(crate) fn parts(fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> Vec<Vec<u8>> {
    let field = |(name, value): &(&str, &str)| {
        format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}").into_bytes()
    };
    let file = |(name, bytes): &(&str, &[u8])| {
        let head = format!(
            "Content-Disposition: form-data; name=\"documents\"; filename=\"{name}\"\r\nContent-Type: application/pdf\r\n\r\n"
        );
        [head.as_bytes(), bytes].concat()
    };
    fields.iter().map(field).chain(files.iter().map(file)).collect()
}
