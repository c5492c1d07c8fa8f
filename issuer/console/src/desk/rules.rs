//! The rules that the program applies, with paragraph and period.

use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;
use vernet_common::CivilDate;
use vernet_register::Provision;

use super::guard::{Desk, Who};
use crate::web::page::{Page, show};

#[derive(Deserialize)]
pub(super) struct Day {
    #[serde(default)]
    on: String,
}

#[derive(Template)]
#[template(path = "desk/rules.html")]
struct Rules<'a> {
    page: &'a Page,
    who: &'a Who,
    on: Option<CivilDate>,
    subjects: Vec<(&'static str, Vec<Provision>)>,
}

pub(super) async fn page(desk: Desk, Query(Day { on }): Query<Day>) -> Response {
    desk.screen(move |desk, office| {
        let on: Option<CivilDate> = on.parse().ok();
        let all = Provision::all(office.register().state().titles().iter());
        let mut subjects: Vec<(&'static str, Vec<Provision>)> = Vec::new();
        for one in all.into_iter().filter(|one| on.is_none_or(|on| one.holds(on))) {
            match subjects.last_mut().filter(|(subject, _)| *subject == one.subject) {
                Some((_, provisions)) => provisions.push(one),
                None => subjects.push((one.subject, vec![one])),
            }
        }
        Ok(show(&Rules { page: &desk.page, who: &desk.who, on, subjects }))
    })
    .await
}
