//! An audit of the whole register: it runs beside the pages, one at a time, and goes on when a page is
//! closed.

use std::{convert::Infallible, time::Duration};

use askama::Template;
use axum::response::{
    IntoResponse, Redirect, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream;

use super::{
    audits::{Audit, Outcome},
    form::{Nothing, Posted},
    guard::{Desk, Who},
};
use crate::web::page::{Page, show};

#[derive(Template)]
#[template(path = "desk/audit.html")]
struct AuditPage<'a> {
    page: &'a Page,
    who: &'a Who,
    audit: Option<Audit>,
}

pub(super) async fn page(desk: Desk) -> Response {
    let audit = desk.console.audits.last().clone();
    show(&AuditPage { page: &desk.page, who: &desk.who, audit })
}

pub(super) async fn begin(Posted(desk, Nothing {}): Posted<Nothing>) -> Response {
    desk.screen(|desk, office| {
        let of = office.register().state().statements().len() as u64;
        desk.console.audits.begin(office.folder().to_owned(), desk.who.name(), of, desk.now);
        Ok(Redirect::to("/audit").into_response())
    })
    .await
}

/// How far it has come, twice a second, until it ends.
pub(super) async fn events(desk: Desk) -> Response {
    let audits = desk.console.audits.clone();
    let events = stream::unfold(Some(audits), |audits| async {
        let audits = audits?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let (checked, of, done) = match audits.last().as_ref() {
            Some(audit) => (audit.checked(), audit.of, audit.outcome.is_some()),
            None => (0, 0, true),
        };
        let name = if done { "done" } else { "progress" };
        let event = Event::default().event(name).data(format!("{checked} {of}"));
        Some((Ok::<_, Infallible>(event), (!done).then_some(audits)))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}
