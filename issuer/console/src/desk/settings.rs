//! The office's settings, to read.

use askama::Template;
use axum::response::Response;
use vernet_issuer::OfficeConfig;
use vernet_register::RegisterLocation;

use super::{
    console::ConsoleAddress,
    guard::{Desk, Who},
};
use crate::web::page::{Page, show};

#[derive(Template)]
#[template(path = "desk/settings.html")]
struct Settings<'a> {
    page: &'a Page,
    who: &'a Who,
    config: &'a OfficeConfig,
    /// Without the password that the URL may hold.
    register: String,
    address: &'a ConsoleAddress,
    version: &'static str,
    titles: Vec<String>,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let config = office.config();
        let register = config.register.clone().map(RegisterLocation::Postgres);
        let titles = office.register().state().titles().iter();
        Ok(show(&Settings {
            page: &desk.page,
            who: &desk.who,
            config,
            register: register.map_or("register.sqlite".to_owned(), |at| at.to_string()),
            address: &desk.console.address,
            version: env!("CARGO_PKG_VERSION"),
            titles: titles.map(|row| row.title.to_string()).collect(),
        }))
    })
    .await
}
