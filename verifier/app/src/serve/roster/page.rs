//! `GET /roster`: the report of the last check, for the personnel department. `GET /v1/roster`: the
//! same for programs.
//!
//! A browser asks for a name and a password (HTTP Basic, RFC 7617); the password is a token, the
//! name does not matter. Nothing is kept by anybody but the browser, until it is closed.

use std::sync::Arc;

use anyhow::anyhow;
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use vernet_verifier::roster::RosterReport;

use super::latest::Latest;
use crate::{
    roster::html,
    serve::{
        app::App,
        examples::{EXAMPLE_SERVER, curl},
        problem::{Code, Problem},
        problems::problems,
    },
};

pub(in crate::serve) fn routes() -> Router<Arc<App>> {
    Router::new().route("/roster", get(page))
}

problems!(Refusals: NotFound, Unauthorized, NotReady, RosterUnreadable, RateLimited, Busy, Internal);

/// The report on the hospital's staff
///
/// What the last check of the roster has found, if this server watches one: the report of
/// `vernet-verifier roster check --format json` (docs/ROSTER.md). It holds personal data. For people
/// it is at `/roster`.
#[utoipa::path(
    get, path = "/v1/roster", operation_id = "getRoster", tag = "roster",
    security(("token" = [])),
    responses(
        (status = 200, description = "The report", body = Object),
        Refusals,
    ),
    extensions(("x-codeSamples" = json!(curl(&[("Fetch it", format!("curl --header 'Authorization: Bearer TOKEN' {EXAMPLE_SERVER}/v1/roster"))])))),
)]
pub(in crate::serve) async fn report(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    // Who has no token at all does not learn whether this server watches a roster.
    if token(&headers).is_none() {
        return unauthorized().into_response();
    }
    match allowed(&app, &headers) {
        Ok(report) => (NO_STORE, Json(&*report)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let report = match allowed(&app, &headers) {
        Ok(report) => report,
        Err(problem) => {
            let asks = problem.code == Code::Unauthorized;
            let mut response = problem.into_response();
            if asks {
                const BASIC: HeaderValue =
                    HeaderValue::from_static("Basic realm=\"Vernet roster\", charset=\"UTF-8\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, BASIC);
            }
            return response;
        }
    };
    // For a large staff it takes seconds.
    let written = tokio::task::spawn_blocking(move || {
        let mut page = Vec::new();
        html::write(&report, &mut page).map(|()| page)
    });
    match written.await {
        Ok(Ok(page)) => {
            let policy = [(header::CONTENT_SECURITY_POLICY, html::content_security_policy())];
            (NO_STORE, policy, Html(page)).into_response()
        }
        _ => {
            Problem::internal(&anyhow!("the page of the roster cannot be written")).into_response()
        }
    }
}

/// The report, for those who may see it.
fn allowed(app: &App, headers: &HeaderMap) -> Result<Arc<RosterReport>, Problem> {
    let Some(roster) = &app.roster else {
        return Err(Problem::new(Code::NotFound, "this server watches no roster"));
    };
    let Some(tokens) = roster.tokens.as_ref().or(app.tokens.as_ref()) else {
        return Err(Problem::new(
            Code::NotFound,
            "the roster is shown to nobody, because the server has no `tokens`",
        ));
    };
    if !token(headers).is_some_and(|token| tokens.know(&token)) {
        return Err(unauthorized());
    }
    match roster.last_check.get() {
        Latest::Report(report) => Ok(report),
        Latest::Nothing => Err(Problem::new(Code::NotReady, "the roster was not checked yet")),
        Latest::Unreadable(reason) => Err(Problem::new(Code::RosterUnreadable, reason)),
    }
}

fn unauthorized() -> Problem {
    Problem::new(
        Code::Unauthorized,
        "send a token that may see the roster: as `Authorization: Bearer TOKEN`, or as the password of any user",
    )
}

/// The token of a program, or the password that a person has typed.
fn token(headers: &HeaderMap) -> Option<Vec<u8>> {
    let given = headers.get(header::AUTHORIZATION)?.as_bytes();
    let (scheme, rest) = given.split_at(given.iter().position(|byte| *byte == b' ')? + 1);
    if scheme.eq_ignore_ascii_case(b"bearer ") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let pair = STANDARD.decode(rest).ok()?;
    let name = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[name + 1..].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_from_a_program_or_as_a_password() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect("a header"));
            token(&headers).map(|token| String::from_utf8(token).expect("text"))
        };
        let basic = |pair: &str| format!("basic {}", STANDARD.encode(pair));
        assert_eq!(of("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(of(&basic("hr:abc")).as_deref(), Some("abc"));
        assert_eq!(of(&basic(":a:bc")).as_deref(), Some("a:bc"));
        for wrong in ["abc", "Digest abc", "Basic abc", "Basic !", &basic("abc"), ""] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
