//! The proposals that wait for a second officer.

use askama::Template;
use axum::response::Response;
use vernet_common::{CivilDate, NumericDate};
use vernet_issuer::Subject;
use vernet_register::{Event, State, Statement, waits_for};

use super::{
    guard::{Desk, Who},
    subject::{self, Line},
};
use crate::web::{
    page::{Page, show},
    words::Words,
};

/// A proposal, or a suspension in an emergency, on one line.
pub(super) struct Waiting {
    pub(super) seq: u64,
    pub(super) aim: String,
    pub(super) about: Vec<Line>,
    pub(super) by: String,
    pub(super) proposed_on: CivilDate,
}

#[derive(Template)]
#[template(path = "desk/proposals.html")]
struct Proposals<'a> {
    page: &'a Page,
    who: &'a Who,
    mine: Vec<Waiting>,
    others: Vec<Waiting>,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let state = office.register().state();
        let (mine, others) = split(desk, state);
        Ok(show(&Proposals { page: &desk.page, who: &desk.who, mine, others }))
    })
    .await
}

/// What waits for this officer, oldest first.
pub(super) fn waiting_for(desk: &Desk, state: &State) -> Vec<Waiting> {
    split(desk, state).0
}

/// The next one that waits for this officer after the one with this number: whoever goes through
/// several is led from one to the next, and not back to what they passed over.
pub(super) fn next_after(desk: &Desk, state: &State, seq: u64) -> Option<u64> {
    let today = desk.now.civil_date();
    let proposals = state.proposals().map(|(statement, _)| statement);
    let waits = |made: &&Statement| made.seq > seq && waits_for(state, made, desk.who.kid, today);
    proposals.chain(state.emergencies(today)).filter(waits).map(|made| made.seq).min()
}

fn split(desk: &Desk, state: &State) -> (Vec<Waiting>, Vec<Waiting>) {
    let today = desk.now.civil_date();
    let proposals = state.proposals().map(|(statement, _)| statement);
    let made: Vec<&Statement> = proposals.chain(state.emergencies(today)).collect();
    let (mine, others): (Vec<_>, Vec<_>) =
        made.into_iter().partition(|made| waits_for(state, made, desk.who.kid, today));
    let lines = |made: Vec<&Statement>| {
        let words = desk.page.words();
        made.into_iter().map(|made| waiting(words, state, made, desk.now)).collect()
    };
    (lines(mine), lines(others))
}

fn waiting(words: &Words, state: &State, made: &Statement, now: NumericDate) -> Waiting {
    Waiting {
        seq: made.seq,
        aim: aim(words, made),
        about: about(words, state, made, now),
        by: made.officer.as_str().to_owned(),
        proposed_on: made.recorded_at.civil_date(),
    }
}

/// What it aims at.
pub(super) fn aim(words: &Words, made: &Statement) -> String {
    match &made.event {
        Event::Proposed(proposal) => words.say(&subject::aim(proposal)).to_owned(),
        _ => words.say("aim.emergency").to_owned(),
    }
}

/// Whom it is about.
pub(super) fn about(words: &Words, state: &State, made: &Statement, now: NumericDate) -> Vec<Line> {
    let subjects = match &made.event {
        Event::Proposed(proposal) => Subject::of(state, proposal, now),
        event => Subject::holders(state, event.certificate().into_iter().collect()),
    };
    subjects.iter().map(|subject| subject::line(words, subject)).collect()
}
