//! Signing out, and choosing a language.

use std::sync::Arc;

use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    console::Console,
    form::{Nothing, Posted},
    guard::own_path,
    session::Sessions,
    sign_in::session_cookie,
};
use crate::web::{
    language::{Language, cookie},
    refusal::Refusal,
};

/// Ends the session.
pub(super) async fn sign_out(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Posted(desk, Nothing {}): Posted<Nothing>,
) -> Response {
    let secure = console.address.secure;
    if let Some(session) = cookie(&headers, Sessions::cookie(secure)) {
        console.sessions.end(session);
    }
    tracing::info!(kid = %desk.who.kid, "signed out");
    let gone = session_cookie(secure, "", Some(0));
    // What the browser still has of pages about people goes with it.
    let clear =
        (header::HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\""));
    ([(header::SET_COOKIE, gone), clear], Redirect::to("/sign-in")).into_response()
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

/// Remembers a language, and goes back.
pub(super) async fn choose_language(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(Back { back }): Query<Back>,
) -> Response {
    let Some(language) = Language::ALL.into_iter().find(|language| language.code() == code) else {
        return Refusal::new(StatusCode::NOT_FOUND, "not_found").answer(Language::wanted(&headers));
    };
    let secure = if console.address.secure { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}; Path=/; SameSite=Strict; Max-Age=31536000{secure}",
        Language::COOKIE,
        language.code()
    );
    let cookie = HeaderValue::from_str(&cookie).expect("a code of two letters");
    let back = own_path(&back).unwrap_or("/");
    ([(header::SET_COOKIE, cookie)], Redirect::to(back)).into_response()
}
