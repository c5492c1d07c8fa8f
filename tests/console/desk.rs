//! A console of a small office, and browsers at it.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;
use vernet_common::{Algorithm, CertificateNumber, NumericDate, SecretKey, Signed, Signer};
use vernet_console::{Console, ConsoleAddress};
use vernet_issuer::Office;
use vernet_register::{Act, Application, Enrolment, Event, Proposal, Role, SignIn};
use vernet_tests::founded::{FoundedOffice, Founding};

pub(crate) const ORIGIN: &str = "http://localhost:8480";
pub(crate) const NOW: &str = "2026-11-24T10:00:00Z";

/// A console, whose clock a test moves.
pub(crate) struct Desk {
    router: Router,
    clock: Arc<AtomicI64>,
    /// Kari and Ola, who may do everything.
    pub(crate) officers: [SecretKey; 2],
    /// Petter, who publishes and does nothing else.
    pub(crate) publisher: SecretKey,
    pub(crate) folder: TempDir,
    pub(crate) number: CertificateNumber,
    /// The statement that granted it.
    pub(crate) granted: u64,
    /// A proposal of Kari's to revoke, with a document.
    pub(crate) proposal: u64,
    now: NumericDate,
}

/// What was answered.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The cookie of a session that was begun.
    pub(crate) fn session(&self) -> String {
        let set = self.header("set-cookie");
        set.split(';').next().unwrap_or_default().to_owned()
    }

    /// The value of an attribute or a hidden field.
    pub(crate) fn value(&self, before: &str) -> String {
        let (_, after) = self.body.split_once(before).unwrap_or_else(|| {
            panic!("no `{before}` in {}", self.body);
        });
        after.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut founded =
            Founding::at(NOW, 7).found(&folder.path().join("office")).expect("an office");
        let publisher = vernet_issuer::new_key_pair(&mut founded.rng);
        enrol(&mut founded, &publisher);
        let (granted, number) = grant(&mut founded);
        let letter = folder.path().join("brev <img src=x onerror=alert(1)>.txt");
        std::fs::write(&letter, "<script>alert(1)</script>").expect("a file");
        let revoke = Event::Revoked { certificate: number, gravest: false };
        let revoke = Proposal::of(revoke);
        let by = &founded.officers[0];
        let proposed = founded.office.propose(revoke, &[letter], by, founded.now);
        let proposal = proposed.expect("a proposal").seq;
        let FoundedOffice { office, officers, now, passphrase, .. } = founded;
        let clock = Arc::new(AtomicI64::new(now.seconds()));
        let told = Arc::clone(&clock);
        let clock_of_console = Arc::new(move || {
            NumericDate::from_seconds(told.load(Ordering::Relaxed)).expect("a time")
        });
        let address = ConsoleAddress { origins: vec![ORIGIN.to_owned()], secure: false };
        let log = folder.path().join("access.sqlite");
        let console = Console::new(office, &log, address, clock_of_console).expect("a console");
        let router = console.with_keys(passphrase).router();
        Self { router, clock, officers, publisher, folder, number, granted, proposal, now }
    }

    pub(crate) fn move_clock(&self, seconds: i64) {
        self.clock.store(self.now.plus_seconds(seconds).seconds(), Ordering::Relaxed);
    }

    /// The same office, as another program opens it.
    pub(crate) fn office(&self) -> Office {
        Office::open(&self.folder.path().join("office")).expect("the office")
    }

    pub(crate) fn now(&self) -> NumericDate {
        self.now
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("it answers");
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = to_bytes(answer.into_body(), 8 << 20).await.expect("a body");
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Reads, as somebody with this session.
    pub(crate) async fn get(&self, path: &str, session: &str) -> Answer {
        let request = Request::get(path)
            .header(header::HOST, "localhost:8480")
            .header(header::COOKIE, session)
            .header(header::ACCEPT_LANGUAGE, "en");
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Sends a form, as the pages of the console do.
    pub(crate) async fn post(&self, path: &str, session: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::post(path)
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin");
        self.send(with_form(request, session, form)).await
    }

    /// What a browser sends to sign in with this key.
    pub(crate) async fn proof(&self, key: &SecretKey, origin: &str) -> [(&'static str, String); 3] {
        let page = self.get("/sign-in", "").await;
        let iat: i64 = page.value("data-iat=\"").parse().expect("seconds");
        let wish = SignIn {
            origin: origin.to_owned(),
            nonce: page.value("data-nonce=\""),
            iat: NumericDate::from_seconds(iat).expect("a time"),
        };
        let signed = Signed::sign(&wish, Algorithm::EdDsa, key).expect("a signature");
        [
            ("kid", key.public_key().kid().to_string()),
            ("payload", BASE64_URL_SAFE_NO_PAD.encode(signed.unverified_payload())),
            ("signature", BASE64_URL_SAFE_NO_PAD.encode(signed.signature())),
        ]
    }

    pub(crate) async fn send_proof(&self, proof: &[(&'static str, String); 3]) -> Answer {
        let form: Vec<_> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.post("/sign-in", "", &form).await
    }

    /// Signs in, and returns the cookie.
    pub(crate) async fn sign_in(&self, key: &SecretKey) -> String {
        let answer = self.send_proof(&self.proof(key, ORIGIN).await).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        answer.session()
    }
}

pub(crate) fn with_form(
    request: axum::http::request::Builder,
    session: &str,
    form: &[(&str, &str)],
) -> Request<Body> {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let body: Vec<_> =
        form.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    request
        .header(header::HOST, "localhost:8480")
        .header(header::COOKIE, session)
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.join("&")))
        .expect("a request")
}

fn enrol(founded: &mut FoundedOffice, publisher: &SecretKey) {
    let enrolment = Enrolment {
        name: "Petter <i>Publisist</i>".parse().expect("a name"),
        key: publisher.public_key().into(),
        roles: [Role::Publish].into(),
        from: "2026-01-01".parse().expect("a day"),
        until: "2027-01-01".parse().expect("a day"),
    };
    founded.settle(Proposal::of(Event::OfficerEnrolled(Box::new(enrolment)))).expect("an officer");
}

fn grant(founded: &mut FoundedOffice) -> (u64, CertificateNumber) {
    let application = Application::from_json(
        json!({
            "given_name": "Åse",
            "family_name": "Østlyngen",
            "birthdate": "1984-05-17",
            "hpr_number": "9144889",
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2010-06-11" },
            "decided": "2026-11-24",
            "granted": "2026-11-24",
        })
        .to_string()
        .as_bytes(),
    )
    .expect("an application");
    let act = Act::Grant { application: Box::new(application) };
    let proposal = Proposal { act, decided_on: None, effective_on: None, documents: Vec::new() };
    let granted = founded.settle(proposal).expect("a grant");
    (granted.seq, granted.event.issued().expect("a certificate").0.certificate_number)
}
