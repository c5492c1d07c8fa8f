//! Forms that somebody else sends, and addresses that are not ours.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::desk::{Desk, ORIGIN, with_form};

#[tokio::test]
async fn a_form_of_another_page_changes_nothing() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let other = desk.sign_in(&desk.officers[1]).await;
    let token = desk.get("/", &session).await.value("name=\"token\" value=\"");
    let others = desk.get("/", &other).await.value("name=\"token\" value=\"");
    assert_ne!(token, others);

    let send = async |origin: Option<&str>, site: Option<&str>, token: &str| {
        let mut request = Request::post("/sign-out");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        desk.send(with_form(request, &session, &[("token", token)])).await.status
    };
    for (origin, site, token, why) in [
        (None, None, token.as_str(), "no origin"),
        (Some("null"), None, &token, "a sandboxed page"),
        (Some("https://evil.example"), Some("cross-site"), &token, "another site"),
        (Some("http://localhost:9999"), Some("same-site"), &token, "another port"),
        (Some("http://LOCALHOST:8480.evil.example"), None, &token, "a name that begins like ours"),
        (Some(ORIGIN), Some("cross-site"), &token, "they contradict"),
        (Some(ORIGIN), Some("same-origin"), "", "no token"),
        (Some(ORIGIN), Some("same-origin"), others.as_str(), "the token of another session"),
    ] {
        assert_eq!(send(origin, site, token).await, StatusCode::FORBIDDEN, "{why}");
    }
    assert_eq!(desk.get("/", &session).await.status, StatusCode::OK, "still signed in");
    assert_eq!(send(Some(ORIGIN), None, &token).await, StatusCode::SEE_OTHER, "an older browser");
}

#[tokio::test]
async fn the_console_answers_to_its_own_name() {
    let desk = Desk::new();
    for host in [&["evil.example"][..], &["localhost:80"], &[], &["localhost:8480", "evil.example"]]
    {
        let mut request = Request::get("/sign-in");
        for host in host {
            request = request.header(header::HOST, *host);
        }
        let answer = desk.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, StatusCode::MISDIRECTED_REQUEST, "{host:?}");
    }
}

#[tokio::test]
async fn nobody_is_sent_to_another_server_and_no_header_is_made() {
    let desk = Desk::new();
    for to in
        ["//evil.example", "https://evil.example/", "/\\evil.example", "/x%0d%0aSet-Cookie:%20a=b"]
    {
        let page = desk.get(&format!("/sign-in?to={}", to.replace('\\', "%5C")), "").await;
        assert_eq!(page.status, StatusCode::OK, "{to}");
        assert_eq!(page.value("name=\"to\" value=\""), "/", "{to}");
        let language =
            desk.get(&format!("/language/nn?back={}", to.replace('\\', "%5C")), "").await;
        assert_eq!(language.header("location"), "/", "{to}");
        assert_eq!(language.headers.get_all("set-cookie").iter().count(), 1);
    }
    assert_eq!(desk.get("/language/xx", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_form_is_bounded() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.officers[0]).await;
    let long = "x".repeat(70_000);
    let answer = desk.post("/sign-out", &session, &[("token", &long)]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(desk.get("/", &session).await.status, StatusCode::OK);
}

/// The clock of the test goes on by itself when nothing else is to be done.
#[tokio::test(start_paused = true)]
async fn a_form_that_never_comes_is_given_up() {
    let desk = Desk::new();
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/sign-in")
        .header(header::HOST, "localhost:8480")
        .header(header::ORIGIN, ORIGIN)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = request.body(Body::from_stream(never)).expect("a request");
    assert_eq!(desk.send(request).await.status, StatusCode::REQUEST_TIMEOUT);
}
