//! Signing in, and how long it lasts.

use axum::http::StatusCode;
use vernet_common::Signer;
use vernet_register::{Decision, Event};

use crate::desk::{Desk, ORIGIN};

#[tokio::test]
async fn an_officer_signs_in_by_a_signature_and_gets_a_strict_cookie() {
    let desk = Desk::new();
    let proof = desk.proof(&desk.officers[0], ORIGIN).await;
    let answer = desk.send_proof(&proof).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.header("set-cookie");
    for part in ["session=", "; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    let today = desk.get("/", &answer.session()).await;
    assert_eq!(today.status, StatusCode::OK);
    assert!(today.body.contains("Kari Nordmann"), "{}", today.body);
}

#[tokio::test]
async fn a_signature_counts_once_here_and_soon() {
    let desk = Desk::new();
    let kari = &desk.officers[0];
    let proof = desk.proof(kari, ORIGIN).await;
    assert_eq!(desk.send_proof(&proof).await.status, StatusCode::SEE_OTHER);
    let again = desk.send_proof(&proof).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "replayed");

    let foreign = desk.proof(kari, "https://evil.example").await;
    let answer = desk.send_proof(&foreign).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "signed on another page");
    assert!(answer.body.contains("another address"), "{}", answer.body);

    let late = desk.proof(kari, ORIGIN).await;
    desk.move_clock(601);
    assert_eq!(desk.send_proof(&late).await.status, StatusCode::FORBIDDEN, "too late");

    // Made up by another process, with the same clock.
    desk.move_clock(0);
    let elsewhere = Desk::new().proof(kari, ORIGIN).await;
    assert_eq!(
        desk.send_proof(&elsewhere).await.status,
        StatusCode::FORBIDDEN,
        "of another server"
    );
}

#[tokio::test]
async fn no_other_key_and_no_bent_signature_signs_in() {
    let desk = Desk::new();
    let stranger = vernet_common::SecretKey::from_seed(&[9; 32]);
    let answer = desk.send_proof(&desk.proof(&stranger, ORIGIN).await).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.header("set-cookie").is_empty());

    // The stranger's signature under Kari's name.
    let mut proof = desk.proof(&stranger, ORIGIN).await;
    proof[0].1 = desk.officers[0].public_key().kid().to_string();
    assert_eq!(desk.send_proof(&proof).await.status, StatusCode::FORBIDDEN);

    for part in 0..3 {
        let mut bent = desk.proof(&desk.officers[0], ORIGIN).await;
        bent[part].1.replace_range(2..3, if &bent[part].1[2..3] == "A" { "B" } else { "A" });
        assert_eq!(desk.send_proof(&bent).await.status, StatusCode::FORBIDDEN, "part {part}");
        bent[part].1 = "!".to_owned();
        assert_eq!(desk.send_proof(&bent).await.status, StatusCode::FORBIDDEN, "part {part}");
    }
}

#[tokio::test]
async fn a_session_that_somebody_else_chose_is_none() {
    let desk = Desk::new();
    let proof = desk.proof(&desk.officers[0], ORIGIN).await;
    let form: Vec<_> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = desk.post("/sign-in", "session=chosen-by-a-thief", &form).await;
    assert_ne!(answer.session(), "session=chosen-by-a-thief");
    assert_eq!(desk.get("/", "session=chosen-by-a-thief").await.status, StatusCode::SEE_OTHER);
    // Whoever signs in again in the same browser has one session, not two.
    let first = answer.session();
    let proof = desk.proof(&desk.officers[1], ORIGIN).await;
    let form: Vec<_> = proof.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let second = desk.post("/sign-in", &first, &form).await.session();
    assert_eq!(desk.get("/", &first).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.get("/", &second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_with_time_with_the_key_and_by_signing_out() {
    let desk = Desk::new();
    let [kari, ola] = &desk.officers;
    let session = desk.sign_in(ola).await;
    desk.move_clock(29 * 60);
    assert_eq!(desk.get("/", &session).await.status, StatusCode::OK);
    desk.move_clock(60 * 60);
    let answer = desk.get("/search?q=x", &session).await;
    assert_eq!(answer.header("location"), "/sign-in?to=/search%3Fq%3Dx", "idle");

    desk.move_clock(0);
    let session = desk.sign_in(&desk.publisher).await;
    assert_eq!(desk.get("/", &session).await.status, StatusCode::OK);
    let ended = Event::OfficerEnded { kid: desk.publisher.public_key().kid() };
    let mut office = desk.office();
    office
        .register_mut()
        .record(ended, kari, &Decision::today(desk.now()))
        .expect("it is recorded");
    assert_eq!(desk.get("/", &session).await.status, StatusCode::SEE_OTHER, "the key was ended");
    let answer = desk.send_proof(&desk.proof(&desk.publisher, ORIGIN).await).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let session = desk.sign_in(ola).await;
    let token = desk.get("/", &session).await.value("name=\"token\" value=\"");
    let out = desk.post("/sign-out", &session, &[("token", &token)]).await;
    assert_eq!(out.header("location"), "/sign-in");
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(desk.get("/", &session).await.status, StatusCode::SEE_OTHER, "signed out");
}

#[tokio::test]
async fn whoever_tries_too_often_waits() {
    let desk = Desk::new();
    let mut last = StatusCode::OK;
    for _ in 0..40 {
        last = desk
            .post("/sign-in", "", &[("kid", "x"), ("payload", ""), ("signature", "")])
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}
