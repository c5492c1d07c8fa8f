//! Publication: what is published, until when it is good, and a button, if the console was started with
//! the place where it goes. Publishing is recorded, so an officer who publishes signs it like anything
//! else; status lists and checkpoint are signed by the office's keys.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use vernet_common::NumericDate;
use vernet_issuer::{GoodUntil, Published, WitnessAnswer};
use vernet_register::{Event, Role};

use super::{
    deed::Deed,
    form::{Nothing, Posted},
    guard::{Desk, Who},
    publisher::Publisher,
    signing,
};
use crate::web::page::{Page, show};

/// Who publishes.
const ROLES: [Role; 1] = [Role::Publish];

/// How many publications are listed, and among how many statements they are looked for.
const LISTED: usize = 20;
const LOOKED_THROUGH: usize = 20_000;

#[derive(Template)]
#[template(path = "desk/publish.html")]
struct PublishPage<'a> {
    page: &'a Page,
    who: &'a Who,
    /// Where it goes; nothing if the console cannot publish.
    to: Option<String>,
    may: bool,
    /// What to do at the command line.
    command: String,
    good_until: Option<GoodUntil>,
    ended: bool,
    hours: u32,
    last: Option<Arc<Published>>,
    witnesses: Vec<Witness>,
    history: Vec<Before>,
}

/// What a witness said.
struct Witness {
    name: String,
    cosigned_at: Option<NumericDate>,
    trouble: Option<(&'static str, String)>,
}

/// A publication of before.
struct Before {
    at: NumericDate,
    by: String,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let good_until = office.good_until()?;
        let publisher = desk.console.publisher.as_ref();
        let last = publisher.and_then(Publisher::last);
        let witness = |WitnessAnswer { name, cosigned_at, trouble }: &WitnessAnswer| Witness {
            name: name.to_string(),
            cosigned_at: *cosigned_at,
            trouble: trouble.as_ref().map(|trouble| (trouble.code(), trouble.to_string())),
        };
        // Every list is a statement; those of one instant are one publication.
        let statements = office.register().state().statements().iter().rev().take(LOOKED_THROUGH);
        let published = statements.filter(|one| matches!(one.event, Event::Published { .. }));
        let mut history: Vec<Before> = Vec::new();
        for one in published {
            if history.last().is_some_and(|last| last.at == one.recorded_at) {
                continue;
            }
            if history.len() == LISTED {
                break;
            }
            history.push(Before { at: one.recorded_at, by: one.officer.as_str().to_owned() });
        }
        Ok(show(&PublishPage {
            page: &desk.page,
            who: &desk.who,
            to: publisher.map(|publisher| publisher.to.to_string()),
            may: desk.who.is(&ROLES),
            command: command(&office.folder().display().to_string()),
            ended: good_until.is_some_and(|until| until.at <= desk.now),
            good_until,
            hours: office.config().status_list_hours,
            witnesses: last.iter().flat_map(|last| last.witnesses.iter().map(witness)).collect(),
            last,
            history,
        }))
    })
    .await
}

/// The same at the command line.
fn command(office: &str) -> String {
    format!("vernet-issuer publish --office {office} --officer-key OFFICER.pem --out DIR")
}

/// Prepares a publication, for the officer to sign.
pub(super) async fn publish(Posted(desk, Nothing {}): Posted<Nothing>) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    let Some(publisher) = desk.console.publisher.clone() else { return page(desk).await };
    signing::begin(desk, Deed::Publish(publisher), "/publish".to_owned()).await
}
