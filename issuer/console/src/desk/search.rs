//! Finding a person: by a name in any spelling, a birth date, a number.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use vernet_register::FoundPerson;

use super::{
    guard::{Desk, PEOPLE, Who, language_address},
    problem::Trouble,
};
use crate::web::page::{Page, show};

/// More than anybody reads: then a longer name narrows it down.
const MOST: usize = 100;

#[derive(Deserialize)]
pub(super) struct Sought {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "desk/search.html")]
struct Search<'a> {
    page: &'a Page,
    who: &'a Who,
    typed: &'a str,
    found: Vec<FoundPerson>,
    count: usize,
    /// The path of the words that say what is wrong with what was typed.
    fault: Option<&'static str>,
}

pub(super) async fn page(desk: Desk, Query(Sought { q }): Query<Sought>) -> Response {
    let desk = match desk.in_role(&PEOPLE) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let typed = q.trim();
        // Without what was typed in its addresses, for what must not be repeated.
        let bare = Page::new(desk.page.language(), |other| language_address(other, "/search"));
        let mut search = Search {
            page: &desk.page,
            who: &desk.who,
            typed,
            found: Vec::new(),
            count: 0,
            fault: None,
        };
        if !typed.is_empty() {
            match office.register().state().find_people(typed, desk.now) {
                Ok(found) => {
                    desk.note("search", None, Some(typed))?;
                    search.count = found.len();
                    search.found = found;
                    search.found.truncate(MOST);
                }
                // Such a number is not repeated, and not noted either.
                Err(vernet_register::Error::NationalIdentityNumber { .. }) => {
                    search.fault = Some("search.national_identity_number");
                    search.typed = "";
                    search.page = &bare;
                }
                Err(vernet_register::Error::Common(_)) => search.fault = Some("search.unreadable"),
                Err(error) => return Err(Trouble::from(error)),
            }
        }
        Ok(show(&search))
    })
    .await
}
