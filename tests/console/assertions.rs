//! Signatures that were made for something else, somewhere else, by somebody else or before.

use axum::http::StatusCode;
use serde_json::json;
use vernet_common::{SecretKey, Signer};
use vernet_register::{Assertion, Decision, Digest, Event, Role};

use crate::{
    deciding::{PRESENT, Touch, VERIFIED},
    desk::Desk,
};

/// A console with Mona, who has a passkey and has signed in.
async fn with_mona() -> (Desk, Touch, String) {
    let (desk, mona) = (Desk::new(), Touch::new(31));
    desk.enrol("Mona Lie", mona.public(), &Role::ALL);
    let session = desk.touch_in(&mona).await;
    assert_eq!(session.status, StatusCode::SEE_OTHER, "{}", session.body);
    let session = session.session();
    (desk, mona, session)
}

/// Why a signature by a passkey does not count, and how it is bent so.
type Bent = (&'static str, fn(&mut Touch));

const BENT: [Bent; 9] = [
    ("another page", |touch| touch.origin = "http://localhost:9999"),
    ("a page that looks alike", |touch| touch.origin = "http://localhost:8480.evil.example"),
    ("another relying party", |touch| touch.rp_id = "evil.example"),
    ("nobody was verified", |touch| touch.flags = PRESENT),
    ("nobody was there", |touch| touch.flags = VERIFIED),
    ("a page within a page", |touch| touch.more = json!({ "crossOrigin": true })),
    ("a page around it", |touch| touch.more = json!({ "topOrigin": "https://evil.example" })),
    ("the making of a passkey", |touch| touch.r#type = "webauthn.create"),
    ("a copy, which has signed less often", |touch| touch.count.set(2)),
];

#[tokio::test]
async fn a_touch_counts_here_for_a_person_who_was_verified_and_not_by_a_copy() {
    let (desk, mona, session) = with_mona().await;
    mona.count.set(40);
    let to_sign = desk.suspend(&session).await;
    let signed = to_sign.by_touch(&mona);
    desk.record(&to_sign, &session, &signed).await;

    let to_sign = desk.approval(desk.proposal, &session).await;
    let to_sign = desk.to_sign(&to_sign, &session).await;
    for (why, bend) in BENT {
        let mut touch = mona.clone();
        bend(&mut touch);
        let signed = to_sign.by_touch(&touch);
        desk.refused(&to_sign, &session, &signed, "assertion_invalid").await;
        let mut touch = mona.clone();
        bend(&mut touch);
        let answer = desk.touch_in(&touch).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{why}");
        assert!(answer.header("set-cookie").is_empty(), "{why}");
    }
    // None of that spoiled what she signs herself.
    let signed = to_sign.by_touch(&mona);
    desk.record(&to_sign, &session, &signed).await;
}

#[tokio::test]
async fn a_signature_is_not_sent_twice_and_not_for_something_else() {
    let (desk, mona, session) = with_mona().await;
    let first = desk.suspend(&session).await;
    let second = desk.approval(desk.proposal, &session).await;
    let second = desk.to_sign(&second, &session).await;
    let signed = first.by_touch(&mona);
    // For what waits beside it.
    desk.refused(&second, &session, &signed, "assertion_invalid").await;
    desk.record(&first, &session, &signed).await;
    desk.refused(&first, &session, &signed, "nothing_to_sign").await;
    // The same deed anew is another statement: its number and the one before are signed as well.
    let anew = desk.suspend(&session).await;
    assert_ne!(anew.statements, first.statements);
    desk.refused(&anew, &session, &signed, "assertion_invalid").await;

    // What was signed to sign in decides nothing, and the other way round.
    let [_, (_, payload), (_, signature)] =
        desk.proof(&desk.officers[0], crate::desk::ORIGIN).await;
    let kari = desk.sign_in(&desk.officers[0]).await;
    let of_kari = desk.suspend(&kari).await;
    let to_sign_in = json!({ "signature": signature });
    desk.refused(&of_kari, &kari, &[to_sign_in], "signature_invalid").await;
    let decided = &of_kari.by_file(&desk.officers[0])[0]["signature"];
    let kid = desk.officers[0].public_key().kid().to_string();
    let form = [
        ("kid", kid.as_str()),
        ("payload", &payload),
        ("signature", decided.as_str().expect("a text")),
    ];
    assert_eq!(desk.post("/sign-in", "", &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_signs_for_somebody_else() {
    let (desk, mona, of_mona) = with_mona().await;
    let [kari, ola] = &desk.officers;
    let of_kari = desk.sign_in(kari).await;
    let to_sign = desk.suspend(&of_kari).await;
    let stranger = SecretKey::from_seed(&[66; 32]);
    for (why, signed) in [
        ("a stranger's file", to_sign.by_file(&stranger)),
        ("another officer's file", to_sign.by_file(ola)),
        ("nothing", Vec::new()),
        ("no signature", vec![json!({ "signature": "" })]),
        ("no base64url", vec![json!({ "signature": "!" })]),
    ] {
        let before = desk.recorded();
        let answer = desk.sign(&to_sign.path, &of_kari, &signed).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{why}: {}", answer.body);
        assert_eq!(desk.recorded(), before, "{why}");
    }
    // A passkey's assertion beside the signature of a file, and a file's signature by a passkey.
    let mut both = to_sign.by_touch(&mona);
    both[0]["signature"] = to_sign.by_file(kari)[0]["signature"].clone();
    let answer = desk.sign(&to_sign.path, &of_kari, &to_sign.by_touch(&mona)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "a passkey of somebody else");
    let for_mona = desk.suspend(&of_mona).await;
    for signed in [for_mona.by_file(kari), for_mona.by_touch(&Touch::new(32))] {
        let answer = desk.sign(&for_mona.path, &of_mona, &signed).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    }
    // What waits for Kari is not there for Ola, whatever he sends.
    let of_ola = desk.sign_in(ola).await;
    desk.refused(&to_sign, &of_ola, &to_sign.by_file(kari), "nothing_to_sign").await;
    assert_eq!(desk.get(&to_sign.path, &of_ola).await.status, StatusCode::NOT_FOUND);
    desk.record(&to_sign, &of_kari, &to_sign.by_file(kari)).await;
}

#[tokio::test]
async fn one_officer_in_two_browsers_is_one_officer() {
    let (desk, mona, by_passkey) = with_mona().await;
    let file = SecretKey::from_seed(&[33; 32]);
    desk.enrol("Mona Lie", file.public_key().into(), &Role::ALL);
    let by_file = desk.sign_in(&file).await;
    let to_sign = desk.suspend(&by_passkey).await;
    let signed = to_sign.by_touch(&mona);
    let proposed = desk.record(&to_sign, &by_passkey, &signed).await;
    let before = desk.recorded();
    for session in [&by_passkey, &by_file] {
        let answer = desk.approval(proposed, session).await;
        assert!(!answer.header("location").starts_with("/sign/"), "{}", answer.status);
        assert!(answer.body.contains("same_officer"), "{}", answer.body);
        let review = desk.get(&format!("/proposals/{proposed}"), session).await;
        assert!(!review.body.contains("id=\"approve\""), "no button");
    }
    assert_eq!(desk.recorded(), before);
    // Somebody else may.
    let kari = &desk.officers[0];
    let of_kari = desk.sign_in(kari).await;
    let to_sign = desk.approval(proposed, &of_kari).await;
    let to_sign = desk.to_sign(&to_sign, &of_kari).await;
    desk.record(&to_sign, &of_kari, &to_sign.by_file(kari)).await;
}

/// Whoever stole a cookie can look, for as long as the session lasts, and decide nothing; and
/// nothing of it is left when the session, the key or the time is over.
#[tokio::test]
async fn a_stolen_session_decides_nothing_and_ends_with_the_officers() {
    let desk = Desk::new();
    let [kari, ola] = &desk.officers;
    let thief = SecretKey::from_seed(&[66; 32]);
    let stolen = desk.sign_in(ola).await;
    let token = desk.token(&stolen).await;
    let to_sign = desk.suspend(&stolen).await;
    let answer = desk.sign(&to_sign.path, &stolen, &to_sign.by_file(&thief)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);

    // Signed out: neither page nor signature of that session counts any more.
    let out = desk.post("/sign-out", &stolen, &[("token", &token)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    gone(&desk, &stolen, &token, &to_sign.path, to_sign.by_file(ola)).await;
    // Idle.
    let stolen = desk.sign_in(ola).await;
    let token = desk.token(&stolen).await;
    let to_sign = desk.suspend(&stolen).await;
    desk.move_clock(31 * 60);
    gone(&desk, &stolen, &token, &to_sign.path, to_sign.by_file(ola)).await;
    // The key was ended, at another machine, while something waited for its signature.
    desk.move_clock(0);
    let stolen = desk.sign_in(ola).await;
    let token = desk.token(&stolen).await;
    let to_sign = desk.suspend(&stolen).await;
    let ended = Event::OfficerEnded { kid: ola.public_key().kid() };
    let decision = Decision::today(desk.now());
    desk.office().register_mut().record(ended, kari, &decision).expect("it is recorded");
    gone(&desk, &stolen, &token, &to_sign.path, to_sign.by_file(ola)).await;
}

async fn gone(desk: &Desk, session: &str, token: &str, path: &str, signed: Vec<serde_json::Value>) {
    let before = desk.recorded();
    let page = desk.get("/", session).await;
    assert_eq!(page.header("location"), "/sign-in");
    let page = desk.get(path, session).await;
    assert!(page.header("location").starts_with("/sign-in?to=/sign/"), "{}", page.status);
    assert!(page.body.is_empty());
    for path in [path.to_owned(), format!("{path}/again")] {
        let answer = desk.sign_with(&path, session, token, &signed).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(desk.recorded(), before);
}

/// The hash of several statements is the root of a tree: nobody finds another set with it, and a
/// part of the set is not covered by the touch.
#[tokio::test]
async fn one_touch_covers_the_statements_that_were_shown_and_no_others() {
    let (desk, mona, session) = with_mona().await;
    let to_sign = desk.suspend(&session).await;
    let one = Digest::of(&to_sign.statements[0]);
    for challenge in [Assertion::challenge(&[one, one]), Digest::of(b"another statement")] {
        let signed = [mona.touch(challenge)];
        desk.refused(&to_sign, &session, &signed, "assertion_invalid").await;
    }
    let signed = to_sign.by_touch(&mona);
    desk.record(&to_sign, &session, &signed).await;
}
