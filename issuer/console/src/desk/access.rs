//! Who looked at whom: for administrators.

use askama::Template;
use axum::response::Response;
use vernet_register::Role;

use super::{
    access_log::Access,
    guard::{Desk, Who},
};
use crate::web::page::{Page, show};

/// As many as fit on a page that somebody reads.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "desk/access.html")]
struct AccessPage<'a> {
    page: &'a Page,
    who: &'a Who,
    looks: Vec<(Access, String)>,
}

pub(super) async fn page(desk: Desk) -> Response {
    let desk = match desk.in_role(&[Role::Administer]) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(|desk, office| {
        let state = office.register().state();
        let looks = desk.console.access.newest(None, MOST)?.into_iter().map(|look| {
            let certificates = look
                .hpr_number
                .map(|hpr| state.authorisations_of(hpr, desk.now))
                .unwrap_or_default();
            let newest =
                certificates.last().and_then(|number| state.current_certificate(*number).ok());
            let name = newest.map_or(String::new(), |newest| newest.claims.full_name());
            (look, name)
        });
        Ok(show(&AccessPage { page: &desk.page, who: &desk.who, looks: looks.collect() }))
    })
    .await
}
