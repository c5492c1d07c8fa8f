//! Signing in: the browser signs a short document with the officer's key, and the server looks up whose
//! key it is. Passphrase and key stay in the browser.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc};

use askama::Template;
use axum::{
    Form,
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use vernet_common::{KeyId, NumericDate};
use vernet_issuer::Office;
use vernet_register::{Enrolment, OfficerKey, Passkey, SignIn};
use vernet_serve::network;

use super::{
    console::Console,
    guard::{encoded, language_address, name_of, own_path},
    problem::{Trouble, answer_trouble},
    proof::{Credential, Proof},
    session::Sessions,
};
use crate::web::{
    language::{Language, cookie},
    page::{Page, show_as},
    refusal::Refusal,
};

#[derive(Template)]
#[template(path = "desk/sign_in.html")]
struct SignInPage {
    page: Page,
    office: String,
    nonce: String,
    iat: NumericDate,
    to: String,
    /// Why it was refused before: the path of the words.
    fault: Option<&'static str>,
    /// The passkeys of officers, for the browser to find its own among them; none if nobody has one.
    passkeys: Option<String>,
}

/// The passkeys that may sign in here today, as JSON.
fn passkeys(console: &Console, office: &Office, now: NumericDate) -> Option<String> {
    let officers = office.register().state().officers();
    let of_here = |key: &&OfficerKey| {
        let passkey = key.key().passkey();
        let is_here = |passkey: &Passkey| console.origins.has(passkey.origin());
        passkey.is_some_and(is_here) && key.in_office(now.civil_date())
    };
    let keys = officers.keys().map(|(_, key)| key).filter(of_here);
    let found: Vec<_> = keys.filter_map(|key| Credential::of(key.key())).collect();
    (!found.is_empty()).then(|| serde_json::to_string(&found).expect("texts are JSON"))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Where to go afterwards.
    #[serde(default)]
    to: String,
}

/// What the browser signed.
#[derive(Deserialize)]
pub(super) struct SignedWish {
    kid: String,
    payload: String,
    #[serde(flatten)]
    proof: Proof,
    #[serde(default)]
    to: String,
}

/// The page with the form.
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Query(Wanted { to }): Query<Wanted>,
) -> Response {
    form(console, Language::wanted(&headers), &to, None).await
}

async fn form(
    console: Arc<Console>,
    language: Language,
    to: &str,
    fault: Option<&'static str>,
) -> Response {
    let to = own_path(to).unwrap_or("/").to_owned();
    let back = format!("/sign-in?to={}", encoded(&to));
    let page = Page::new(language, |language| language_address(language, &back));
    let iat = console.now();
    let nonce = console.challenges.new_at(iat);
    let of = Arc::clone(&console);
    let known = spawn_blocking(move || {
        let office = of.office();
        (name_of(&office, language), passkeys(&of, &office, iat))
    });
    let (office, passkeys) = known.await.unwrap_or_default();
    let status = if fault.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    show_as(status, &SignInPage { page, office, nonce, iat, to, fault, passkeys })
}

/// Begins a session, if an officer in office signed in.
pub(super) async fn sign_in(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    Form(signed): Form<SignedWish>,
) -> Response {
    let language = Language::wanted(&headers);
    let to = own_path(&signed.to).unwrap_or("/").to_owned();
    let origin = console.origins.of(&headers).unwrap_or_default().to_owned();
    let of = Arc::clone(&console);
    let checked = spawn_blocking(move || check(&of, &signed, &origin)).await;
    match checked {
        Ok(Ok(Ok((kid, enrolment)))) => {
            // A session that was open in this browser ends, whoever's it was.
            if let Some(old) = cookie(&headers, Sessions::cookie(console.address.secure)) {
                console.sessions.end(old);
            }
            let token = console.sessions.begin(kid, console.now());
            tracing::info!(%kid, officer = enrolment.name.as_str(), "signed in");
            let set = session_cookie(console.address.secure, token.as_str(), None);
            ([(header::SET_COOKIE, set)], Redirect::to(&to)).into_response()
        }
        Ok(Ok(Err(fault))) => {
            tracing::warn!(fault, "a sign-in was refused");
            form(console, language, &to, Some(fault)).await
        }
        Ok(Err(trouble)) => answer_trouble(language, &trouble),
        Err(_) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(language),
    }
}

/// Whose signature it is; else the path of the words that say what is wrong.
fn check(
    console: &Console,
    sent: &SignedWish,
    origin: &str,
) -> Result<Result<(KeyId, Enrolment), &'static str>, Trouble> {
    const UNREADABLE: &str = "sign_in.fault.unreadable";
    let kid = sent.kid.parse::<KeyId>();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(&sent.payload);
    let (Ok(kid), Ok(payload)) = (kid, payload) else { return Ok(Err(UNREADABLE)) };
    console.refresh()?;
    let now = console.now();
    let (wish, enrolment) = {
        let office = console.office();
        let officers = office.register().state().officers();
        let verified = officers.key(kid).and_then(|officer| {
            let signature = sent.proof.by(officer.key())?;
            officer.check_count(&signature)?;
            SignIn::verify(kid, (payload, &signature), officers, now)
        });
        match verified {
            Ok(verified) => verified,
            Err(error) => {
                return Ok(Err(match error.code() {
                    "officer_unknown" => "sign_in.fault.unknown",
                    "officer_not_in_office" => "sign_in.fault.not_in_office",
                    _ => UNREADABLE,
                }));
            }
        }
    };
    if wish.origin != origin {
        return Ok(Err("sign_in.fault.origin"));
    }
    let SignIn { nonce, iat, .. } = &wish;
    if !console.challenges.knows(nonce, *iat, now) || !console.challenges.use_up(nonce, *iat, now) {
        return Ok(Err("sign_in.fault.too_old"));
    }
    Ok(Ok((kid, enrolment)))
}

/// The cookie of a session: no script reads it, and no other site has it sent.
pub(super) fn session_cookie(secure: bool, value: &str, max_age: Option<u32>) -> HeaderValue {
    let name = Sessions::cookie(secure);
    let secure = if secure { "; Secure" } else { "" };
    let age = max_age.map_or_else(String::new, |age| format!("; Max-Age={age}"));
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::from_str(&cookie).expect("a token is base64url")
}

/// How often one client may try to sign in.
#[derive(Clone)]
pub(super) struct Attempts(Arc<DefaultKeyedRateLimiter<std::net::IpAddr>>);

impl Default for Attempts {
    fn default() -> Self {
        const A_MINUTE: NonZeroU32 = NonZeroU32::new(30).expect("30 is not 0");
        Self(Arc::new(RateLimiter::keyed(Quota::per_minute(A_MINUTE))))
    }
}

/// Refuses those who try too often.
pub(super) async fn limit(
    State(Attempts(attempts)): State<Attempts>,
    request: Request,
    next: Next,
) -> Response {
    let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = client.map_or(std::net::Ipv4Addr::LOCALHOST.into(), |client| client.0.ip());
    attempts.retain_recent();
    // A customer with IPv6 has 2^64 addresses.
    if attempts.check_key(&network(client)).is_err() {
        let language = Language::wanted(request.headers());
        return Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_often").answer(language);
    }
    next.run(request).await
}
