//! What the pages show, to whom, and what they never show.

use axum::http::StatusCode;

use crate::desk::Desk;

const SCREENS: [&str; 9] = [
    "/",
    "/search",
    "/proposals",
    "/figures",
    "/officers",
    "/rules",
    "/audit",
    "/access-log",
    "/settings",
];

fn person_screens(desk: &Desk) -> Vec<String> {
    vec![
        "/search?q=ostlyngen".to_owned(),
        "/person/9144889".to_owned(),
        format!("/certificate/{}/letter", desk.number),
        format!("/decision/{}/letter", desk.granted),
        format!("/proposals/{}", desk.proposal),
        document(desk),
    ]
}

fn document(desk: &Desk) -> String {
    let office = desk.office();
    let (_, proposal) = office.register().state().open_proposal(desk.proposal).expect("a proposal");
    format!("/documents/{}/{}", desk.proposal, proposal.documents[0].sha256)
}

#[tokio::test]
async fn nobody_sees_anything_without_a_session() {
    let desk = Desk::new();
    let more = person_screens(&desk);
    let more = more.iter().map(String::as_str).chain(["/figures.csv", "/audit/events"]);
    for path in SCREENS.into_iter().chain(more) {
        for session in ["", "session=", "session=AAAA", "session=a; session=b"] {
            let answer = desk.get(path, session).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.header("location").starts_with("/sign-in"), "{path}");
            assert!(!answer.body.contains("Østlyngen"), "{path}");
        }
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_a_browser() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    for path in SCREENS.into_iter().chain(["/sign-in", "/nothing", "/static/style.css"]) {
        let answer = desk.get(path, &session).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        let kept = if path.starts_with("/static") { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
        for inline in ["<script>", " onclick", " onload", " style=", "javascript:"] {
            assert!(!answer.body.contains(inline), "{inline} in {path}");
        }
    }
}

#[tokio::test]
async fn a_role_opens_its_screens_and_no_others() {
    let desk = Desk::new();
    let publisher = desk.sign_in(&desk.publisher).await;
    for path in person_screens(&desk).iter().map(String::as_str).chain(["/search", "/access-log"]) {
        let answer = desk.get(path, &publisher).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!answer.body.contains("Østlyngen"), "{path}");
    }
    let today = desk.get("/", &publisher).await;
    assert_eq!(today.status, StatusCode::OK);
    assert!(!today.body.contains("/search"), "no link that leads nowhere");
    let kari = desk.sign_in(&desk.officers[0]).await;
    for path in person_screens(&desk).iter().map(String::as_str).chain(SCREENS) {
        assert_eq!(desk.get(path, &kari).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn what_people_wrote_is_text() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[1]).await;
    for path in ["/officers", "/", "/person/9144889", &format!("/proposals/{}", desk.proposal)] {
        let body = desk.get(path, &session).await.body;
        assert!(!body.contains("<i>Pub") && !body.contains("<img src=x"), "{path}");
    }
    let found = desk.get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", &session).await;
    assert!(!found.body.contains("<script>alert"), "{}", found.body);
    let review = desk.get(&format!("/proposals/{}", desk.proposal), &session).await;
    assert!(review.body.contains("brev &#60;img"), "{}", review.body);

    let document = desk.get(&document(&desk), &session).await;
    assert_eq!(document.header("content-type"), "application/octet-stream", "it is HTML");
    assert!(document.header("content-disposition").starts_with("attachment; "));
    assert!(document.header("content-security-policy").starts_with("sandbox; default-src 'none'"));
    assert_eq!(document.header("cache-control"), "no-store");
}

#[tokio::test]
async fn only_documents_of_the_proposal_are_served_and_no_other_file() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let other = "0".repeat(64);
    for path in [
        format!("/documents/{}/{other}", desk.proposal),
        format!("/documents/1/{}", document(&desk).rsplit('/').next().unwrap_or_default()),
        format!("/documents/{}/..%2F..%2Foffice.json", desk.proposal),
        format!("/documents/{}/..", desk.proposal),
        "/static/..%2F..%2FCargo.toml".to_owned(),
        "/static/../Cargo.toml".to_owned(),
        "/static/%2e%2e/style.css".to_owned(),
        "/person/..%2F1".to_owned(),
        "/certificate/NO-PE-2026-999999/letter".to_owned(),
        "/proposals/999999".to_owned(),
        format!("/decision/{}/letter", desk.proposal),
    ] {
        let answer = desk.get(&path, &session).await;
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{path}");
        assert!(!answer.body.contains("[package]") && !answer.body.contains("founded"), "{path}");
    }
}

#[tokio::test]
async fn who_looked_at_whom_is_noted_and_a_national_identity_number_is_not() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[1]).await;
    desk.get("/search?q=ostlyngen", &session).await;
    desk.get("/person/9144889", &session).await;
    let refused = desk.get("/search?q=17058412345", &session).await;
    assert!(!refused.body.contains("17058412345"), "{}", refused.body);

    let kari = desk.sign_in(&desk.officers[0]).await;
    let log = desk.get("/access-log", &kari).await.body;
    assert!(log.contains("Ola Nordmann") && log.contains("«ostlyngen»"), "{log}");
    assert!(log.contains("/person/9144889") && !log.contains("17058412345"), "{log}");
    assert!(desk.get("/person/9144889", &kari).await.body.contains("Ola Nordmann"), "in the file");
}

#[tokio::test]
async fn a_day_in_the_past_is_shown_as_it_was() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let today = desk.get("/person/9144889", &session).await.body;
    assert!(today.contains("Authorised"), "{today}");
    let before = desk.get("/person/9144889?on=2026-11-23", &session).await.body;
    assert!(before.contains("Not yet") && before.contains("23 November 2026"), "{before}");
}

#[tokio::test]
async fn an_audit_runs_beside_the_pages() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let token = desk.get("/audit", &session).await.value("name=\"token\" value=\"");
    let begun = desk.post("/audit", &session, &[("token", &token)]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    // The stream ends when the audit does.
    let events = desk.get("/audit/events", &session).await.body;
    assert!(events.contains("event: done"), "{events}");
    let page = desk.get("/audit", &session).await.body;
    assert!(page.contains("No fault."), "{page}");
}
