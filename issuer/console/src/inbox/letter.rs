//! Letters, by links that work once. Whoever lost a letter gets another link with the code.

use std::{net::SocketAddr, sync::Arc};

use askama::Template;
use axum::{
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use vernet_applications::Enclosed;
use vernet_common::NumericDate;

use super::{
    app::App,
    code::{self, Found, Speaks, failed, look_up},
    links::{SECONDS, Wanted},
    status,
};
use crate::web::{
    language::Language,
    page::{Page, show},
    refusal::Refusal,
};

#[derive(Template)]
#[template(path = "inbox/link.html")]
struct LinkPage {
    page: Page,
    office: String,
    code: String,
    link: String,
    until: NumericDate,
}

/// Makes a link.
pub(super) async fn link(
    State(app): State<Arc<App>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Speaks(language): Speaks,
    read: code::Fields,
) -> Response {
    let fields = match code::fields(read, language) {
        Ok(fields) => fields,
        Err(refused) => return *refused,
    };
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let code = match look_up(&app, client.ip(), field("code"), language) {
        Ok(Found::Receipt(code)) => code,
        Ok(Found::Fault(fault)) => return status::ask_again(&app, language, fault),
        Err(refused) => return *refused,
    };
    let gone = || Refusal::new(StatusCode::NOT_FOUND, "inbox_link_used").answer(language);
    let (Ok(number), Ok(document)) = (field("answer").parse(), field("document").parse()) else {
        return gone();
    };
    match status::answer(&app, &code, number) {
        Ok(Some(answer)) if document < answer.documents.len() => {}
        Ok(_) => return gone(),
        Err(error) => return failed(&error, language),
    }
    let (now, text) = (app.now(), code.text().to_string());
    let Some(token) = app.links.make(Wanted { code, answer: number, document }, now) else {
        return Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "inbox_busy").answer(language);
    };
    show(&LinkPage {
        page: app.page(language, "status"),
        office: app.office(language),
        code: text,
        link: format!("/letter/{}", token.as_str()),
        until: now.plus_seconds(SECONDS),
    })
}

/// The letter behind a link, once.
pub(super) async fn fetch(
    State(app): State<Arc<App>>,
    Path(link): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let language = Language::wanted(&headers);
    let gone = || Refusal::new(StatusCode::NOT_FOUND, "inbox_link_used").answer(language);
    // Some programs ask what is behind a link before they follow it: that does not use it up.
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let Some(wanted) = app.links.use_up(&link, app.now()) else { return gone() };
    match status::answer(&app, &wanted.code, wanted.answer) {
        Ok(Some(answer)) => answer.documents.get(wanted.document).map_or_else(gone, send),
        Ok(None) => gone(),
        Err(error) => failed(&error, language),
    }
}

fn send(document: &Enclosed) -> Response {
    let kind = document.about().kind;
    let name = format!("attachment; filename=\"letter.{}\"", kind.extension());
    let disposition = HeaderValue::from_str(&name).expect("letters and a dot");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    (headers, document.bytes().to_vec()).into_response()
}
