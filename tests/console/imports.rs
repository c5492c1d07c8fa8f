//! Imports: a table belongs to whoever uploaded it, what is in it is text, and nothing is recorded.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::desk::{Answer, Desk, ORIGIN};

const HEAD: &str =
    "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date,note\n";

async fn upload(desk: &Desk, session: &str, token: &str, table: &[u8]) -> Answer {
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n--b\r\nContent-Disposition: form-data; name=\"upload\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(table);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = Request::post("/import")
        .header(header::HOST, "localhost:8480")
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, session)
        .header(header::ACCEPT_LANGUAGE, "en")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    desk.send(request.body(Body::from(body)).expect("a request")).await
}

/// A session of an officer, with the token of its forms.
async fn signed_in(desk: &Desk, officer: usize) -> (String, String) {
    let session = desk.sign_in(&desk.officers[officer]).await;
    let token = desk.get("/", &session).await.value("name=\"token\" value=\"");
    (session, token)
}

fn statements(desk: &Desk) -> usize {
    desk.office().register().state().statements().len()
}

#[tokio::test]
async fn a_table_is_its_officers_own_and_is_mended_at_its_cells() {
    let desk = Desk::new();
    let (session, token) = signed_in(&desk, 0).await;
    let before = statements(&desk);
    let row = "9300001,<img src=x onerror=alert(1)>,Li,1980-02-31,authorisation,norwegian_exam,2026-11-20,A made-up school of perfusion,2010-06-11,010180 12345\n";
    let uploaded = upload(&desk, &session, &token, format!("{HEAD}{row}").as_bytes()).await;
    assert_eq!(uploaded.status, StatusCode::SEE_OTHER, "{}", uploaded.body);
    let path = uploaded.header("location").to_owned();

    let page = desk.get(&path, &session).await.body;
    assert!(page.contains("import_column_undecided"), "{page}");
    let columns = [("token", token.as_str()), ("c9", "-")];
    desk.post(&format!("{path}/columns"), &session, &columns).await;
    let page = desk.get(&path, &session).await.body;
    assert!(page.contains("name=\"r2c3\" value=\"1980-02-31\"") && page.contains("aria-invalid"));
    assert!(!page.contains("<img src=x") && !page.contains("12345"), "{page}");

    // Nobody else has it, and no other page changes it.
    let (other, others) = signed_in(&desk, 1).await;
    assert_eq!(desk.get(&path, &other).await.status, StatusCode::NOT_FOUND);
    for what in ["columns", "mend", "propose"] {
        let form = [("token", others.as_str()), ("out2", "on")];
        let answer = desk.post(&format!("{path}/{what}"), &other, &form).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
        let answer = desk.post(&format!("{path}/{what}"), &session, &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}");
    }
    let mended = [("token", token.as_str()), ("r2c1", "Ola"), ("r2c3", "28.02.1980")];
    desk.post(&format!("{path}/mend"), &session, &mended).await;
    let page = desk.get(&path, &session).await.body;
    assert!(page.contains("<strong>1</strong> can be granted"), "{page}");
    let proposed = desk.post(&format!("{path}/propose"), &session, &[("token", &token)]).await;
    assert!(proposed.header("location").starts_with("/sign/"), "{}", proposed.body);
    assert_eq!(statements(&desk), before, "nothing is recorded without a signature");

    desk.post(&format!("{path}/discard"), &session, &[("token", &token)]).await;
    assert_eq!(desk.get(&path, &session).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_table_is_refused_with_what_to_do() {
    let desk = Desk::new();
    let (session, token) = signed_in(&desk, 0).await;
    for (what, table, code) in [
        ("a workbook", &b"PK\x03\x04\x14\0"[..], "table_workbook"),
        ("nothing", b"", "import_empty"),
        ("a head alone", HEAD.as_bytes(), "import_empty"),
    ] {
        let answer = upload(&desk, &session, &token, table).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        assert!(answer.body.contains(code), "{what}: {}", answer.body);
    }
    assert_eq!(upload(&desk, &session, "x", HEAD.as_bytes()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_only_publishes_sees_no_people() {
    let desk = Desk::new();
    let session = desk.sign_in(&desk.publisher).await;
    let token = desk.get("/", &session).await.value("name=\"token\" value=\"");
    for path in ["/import", "/inbox", "/print", "/proposals/1/rows", "/proposals/1/carry-out"] {
        assert_eq!(desk.get(path, &session).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let form = [("token", token.as_str()), ("numbers", ""), ("what", "sent")];
    assert_eq!(desk.post("/print", &session, &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.get("/publish", &session).await.status, StatusCode::OK);
    assert_eq!(desk.get("/ceremony", &session).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_step_is_made_for_a_page_of_the_session_alone() {
    let desk = Desk::new();
    let (session, token) = signed_in(&desk, 1).await;
    let next = |token: Option<&str>| {
        let mut request = Request::post(format!("/proposals/{}/carry-out/next", desk.proposal))
            .header(header::HOST, "localhost:8480")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, &session);
        if let Some(token) = token {
            request = request.header("x-form-token", token);
        }
        desk.send(request.body(Body::empty()).expect("a request"))
    };
    assert_eq!(next(None).await.status, StatusCode::FORBIDDEN);
    assert_eq!(next(Some("x")).await.status, StatusCode::FORBIDDEN);
    // It is no proposal about many, and this console has no key of the office.
    let answer = next(Some(&token)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
}
