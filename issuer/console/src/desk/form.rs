//! Forms of somebody who is signed in: each carries the token of its session.

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    http::StatusCode,
    response::Response,
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{console::Console, guard::Desk};
use crate::web::refusal::Refusal;

/// A form that was sent from a page of the officer's own session.
pub(super) struct Posted<T>(pub(super) Desk, pub(super) T);

#[derive(Deserialize)]
struct WithToken<T> {
    token: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<Arc<Console>> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::from_request_parts(&mut parts, console).await?;
        let refused = |status, code| Refusal::new(status, code).answer(desk.page.language());
        let form = Form::<WithToken<T>>::from_request(Request::from_parts(parts, body), &()).await;
        let Ok(Form(WithToken { token, fields })) = form else {
            return Err(refused(StatusCode::BAD_REQUEST, "form_unreadable"));
        };
        if !desk.who.form_token.is(&token) {
            return Err(refused(StatusCode::FORBIDDEN, "foreign_form"));
        }
        Ok(Self(desk, fields))
    }
}

/// A form that has no fields but its token.
#[derive(Deserialize)]
pub(super) struct Nothing {}
