//! Who asks, and whether they may. Every screen begins with a [`Desk`]; it cannot be had without a
//! session of an officer who is in office now.

use std::{fmt, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, Uri, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::spawn_blocking;
use vernet_common::{HprNumber, KeyId, NumericDate};
use vernet_issuer::Office;
use vernet_register::{Enrolment, Role};

use super::{
    access_log::Access,
    console::Console,
    problem::{Trouble, answer_trouble},
    session::{Session, Sessions},
};
use crate::web::{
    language::{Language, cookie},
    page::Page,
    refusal::Refusal,
    token::Token,
};

/// An officer at work: who, when, and in which language.
pub(super) struct Desk {
    pub(super) console: Arc<Console>,
    pub(super) page: Page,
    pub(super) who: Who,
    pub(super) now: NumericDate,
}

/// The officer who asks.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) kid: KeyId,
    pub(super) enrolment: Enrolment,
    pub(super) form_token: Token,
    /// The path of the screen, so that the navigation shows it.
    pub(super) path: String,
    /// What the office is called.
    pub(super) office: String,
}

impl Who {
    /// The name.
    pub(super) fn name(&self) -> &str {
        self.enrolment.name.as_str()
    }

    /// Whether the officer has one of these roles.
    pub(super) fn is(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.enrolment.roles.contains(role))
    }

    /// Whether the officer may look at people.
    pub(super) fn sees_people(&self) -> bool {
        self.is(&PEOPLE)
    }

    /// Whether the officer administers.
    pub(super) fn administers(&self) -> bool {
        self.is(&[Role::Administer])
    }

    /// Whether this is a screen of that part of the console.
    pub(super) fn at(&self, path: &str) -> bool {
        match path {
            "/" => self.path == "/",
            // Whoever was found is still found.
            "/search" => self.path == path || self.path.starts_with("/person/"),
            path => self.path == path || self.path.starts_with(&format!("{path}/")),
        }
    }

    /// The screens that the officer may open, with the words for each.
    pub(super) fn screens(&self) -> Vec<(&'static str, &'static str)> {
        let all = [
            ("/", "nav.today", true),
            ("/search", "nav.search", self.sees_people()),
            ("/proposals", "nav.proposals", true),
            ("/inbox", "nav.inbox", self.is(&[Role::Grant, Role::Supervise])),
            ("/applications/new", "nav.apply", self.is(&[Role::Grant, Role::Supervise])),
            ("/import", "nav.import", self.is(&[Role::Grant])),
            ("/print", "nav.print", self.is(&[Role::Grant, Role::Supervise])),
            ("/publish", "nav.publish", true),
            ("/figures", "nav.figures", true),
            ("/officers", "nav.officers", true),
            ("/ceremony", "nav.ceremony", true),
            ("/keys", "nav.keys", true),
            ("/rules", "nav.rules", true),
            ("/audit", "nav.audit", true),
            ("/access-log", "nav.access", self.administers()),
            ("/settings", "nav.settings", true),
        ];
        all.into_iter().filter(|(.., open)| *open).map(|(path, words, _)| (path, words)).collect()
    }
}

/// The roles whose work is about people; a publisher's is not.
pub(super) const PEOPLE: [Role; 3] = [Role::Grant, Role::Supervise, Role::Administer];

impl FromRequestParts<Arc<Console>> for Desk {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let language = Language::wanted(&parts.headers);
        let now = console.now();
        let session = cookie(&parts.headers, Sessions::cookie(console.address.secure))
            .and_then(|cookie| console.sessions.of(cookie, now));
        let Some(session) = session else { return Err(to_sign_in(parts, language)) };
        let of = Arc::clone(console);
        let known = spawn_blocking(move || {
            of.refresh()?;
            let office = of.office();
            let officers = office.register().state().officers();
            let enrolment = officers.in_office(session.kid, now.civil_date())?.clone();
            Ok::<_, vernet_issuer::Error>((enrolment, name_of(&office, language)))
        });
        let (enrolment, office) = match known.await {
            Ok(Ok(known)) => known,
            // The key was ended, or the period of the enrolment.
            Ok(Err(vernet_issuer::Error::Register(
                vernet_register::Error::OfficerNotInOffice { .. }
                | vernet_register::Error::OfficerUnknown { .. },
            ))) => return Err(to_sign_in(parts, language)),
            Ok(Err(error)) => return Err(answer_trouble(language, &error.into())),
            Err(_) => {
                let failed = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed");
                return Err(failed.answer(language));
            }
        };
        let back = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let page = Page::new(language, |language| language_address(language, back));
        let path = parts.uri.path().to_owned();
        let Session { kid, form_token, .. } = session;
        let who = Who { kid, enrolment, form_token, path, office };
        Ok(Self { console: Arc::clone(console), page, who, now })
    }
}

/// Where a language is chosen, and what is shown then.
pub(super) fn language_address(language: Language, back: &str) -> String {
    format!("/language/{}?back={}", language.code(), encoded(back))
}

/// A value of a query.
pub(super) fn encoded(value: &str) -> impl fmt::Display {
    const ESCAPED: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'/');
    utf8_percent_encode(value, ESCAPED)
}

/// What people call the office.
pub(super) fn name_of(office: &Office, language: Language) -> String {
    let config = office.config();
    let named = config.office.as_ref().and_then(|details| {
        let name = serde_json::to_value(&details.name).ok()?;
        let in_language = |code: &str| name.get(code)?.as_str().map(ToOwned::to_owned);
        in_language(language.code()).or_else(|| in_language("nb")).or_else(|| in_language("en"))
    });
    named.unwrap_or_else(|| {
        config.iss.as_str().trim_start_matches("https://").trim_end_matches('/').to_owned()
    })
}

/// Nobody is signed in: somebody who reads does that first, and comes back; a form is not sent.
fn to_sign_in(parts: &Parts, language: Language) -> Response {
    if parts.method != axum::http::Method::GET {
        return Refusal::new(StatusCode::UNAUTHORIZED, "signed_out").answer(language);
    }
    let to = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    match to {
        "/" => Redirect::to("/sign-in"),
        to => Redirect::to(&format!("/sign-in?to={}", encoded(to))),
    }
    .into_response()
}

/// The path on this server, if it is one: nobody is sent elsewhere.
pub(super) fn own_path(path: &str) -> Option<&str> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let uri: Uri = path.parse().ok()?;
    let is_own = plain && path.starts_with('/') && !path.starts_with("//");
    (is_own && uri.scheme().is_none() && uri.authority().is_none()).then_some(path)
}

impl Desk {
    /// Goes on if the officer has one of these roles.
    #[expect(clippy::result_large_err, reason = "a refusal is a whole page")]
    pub(super) fn in_role(self, roles: &[Role]) -> Result<Self, Response> {
        match self.who.is(roles) {
            true => Ok(self),
            false => {
                let refused = Refusal::new(StatusCode::FORBIDDEN, "role_missing");
                Err(refused.answer(self.page.language()))
            }
        }
    }

    /// Notes that the officer looks at a person, or searches for one. Without the note, nothing is
    /// shown.
    pub(super) fn note(
        &self,
        screen: &str,
        hpr_number: Option<HprNumber>,
        sought: Option<&str>,
    ) -> Result<(), Trouble> {
        let access = Access {
            at: self.now,
            kid: self.who.kid,
            officer: self.who.name().to_owned(),
            screen: screen.to_owned(),
            hpr_number,
            sought: sought.map(ToOwned::to_owned),
        };
        Ok(self.console.access.note(&access)?)
    }

    /// Makes a screen of what the office knows, beside the threads that answer others.
    pub(super) async fn screen(
        self,
        make: impl FnOnce(&Self, &Office) -> Result<Response, Trouble> + Send + 'static,
    ) -> Response {
        self.beside(move |desk| make(desk, &desk.console.office())).await
    }

    /// The same with what lies beside the register in its data base, for which others wait.
    pub(super) async fn screen_alone(
        self,
        make: impl FnOnce(&Self, &mut Office) -> Result<Response, Trouble> + Send + 'static,
    ) -> Response {
        self.beside(move |desk| make(desk, &mut desk.console.office_alone())).await
    }

    pub(super) async fn beside(
        self,
        make: impl FnOnce(&Self) -> Result<Response, Trouble> + Send + 'static,
    ) -> Response {
        let language = self.page.language();
        let made = spawn_blocking(move || {
            make(&self).unwrap_or_else(|trouble| answer_trouble(self.page.language(), &trouble))
        });
        made.await.unwrap_or_else(|_| {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "failed").answer(language)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_server() {
        for own in ["/", "/person/9144889?on=2026-12-01", "/search?q=K%C3%A5re"] {
            assert_eq!(own_path(own), Some(own));
        }
        for foreign in [
            "",
            "person",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example/",
            "/a\r\nSet-Cookie: x",
            "javascript:alert(1)",
            "/ /evil",
        ] {
            assert_eq!(own_path(foreign), None, "{foreign:?}");
        }
    }
}
