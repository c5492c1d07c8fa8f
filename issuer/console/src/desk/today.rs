//! What is to be done today: what waits for this officer, what is overdue, what comes, and how long
//! hospitals can verify what is published.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use vernet_common::{CivilDate, HprNumber, NumericDate};
use vernet_issuer::{GoodUntil, Office};
use vernet_register::{Due, DueKind, State};

use super::{
    guard::{Desk, Who},
    problem::Trouble,
    proposals::{self, Waiting},
};
use crate::web::{
    page::{Page, show},
    words::Words,
};

/// How many days ahead.
const DAYS: i32 = 30;

#[derive(Template)]
#[template(path = "desk/today.html")]
struct Today<'a> {
    page: &'a Page,
    who: &'a Who,
    today: CivilDate,
    clock_behind: bool,
    waiting: Vec<Waiting>,
    overdue: Vec<Task>,
    soon: Vec<Task>,
    published_at: Option<NumericDate>,
    good_until: Option<GoodUntil>,
    ended: bool,
}

/// One thing to do.
struct Task {
    on: CivilDate,
    what: String,
    /// What the office's library says of it, in English: which list or key.
    subject: Option<String>,
    name: String,
    hpr_number: Option<HprNumber>,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| Ok(show(&today(desk, office)?))).await
}

fn today<'a>(desk: &'a Desk, office: &Office) -> Result<Today<'a>, Trouble> {
    let (state, words, now) = (office.register().state(), desk.page.words(), desk.now);
    let outlook = office.outlook(DAYS, now)?;
    let mut tasks: Vec<(bool, Task)> = Vec::new();
    if desk.who.sees_people() {
        let due = outlook.due.iter();
        tasks.extend(due.map(|due| (due.overdue, task(words, state, due))));
    }
    // What waits for approval is a list of its own.
    let reminders = outlook.reminders.iter().filter(|one| one.code != "proposal_lapses");
    tasks.extend(reminders.map(|one| {
        let what = words.say(&format!("reminder.{}", one.code)).to_owned();
        let subject = Some(one.subject.clone());
        let on = one.at.civil_date();
        (one.at <= now, Task { on, what, subject, name: String::new(), hpr_number: None })
    }));
    tasks.sort_by_key(|(_, task)| task.on);
    let (overdue, soon): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|(overdue, _)| *overdue);
    let end = now.civil_date().plus_days(DAYS);
    let lists: BTreeSet<_> = state.status_lists().collect();
    let published = lists.into_iter().filter_map(|list| state.last_publication(list));
    let good_until = office.good_until()?;
    Ok(Today {
        page: &desk.page,
        who: &desk.who,
        today: now.civil_date(),
        clock_behind: office.check_not_behind(now).is_err(),
        waiting: proposals::waiting_for(desk, state),
        overdue: overdue.into_iter().map(|(_, task)| task).collect(),
        soon: soon.into_iter().map(|(_, task)| task).filter(|task| task.on <= end).collect(),
        published_at: published.map(|publication| publication.iat).max(),
        ended: good_until.is_some_and(|until| until.at <= now),
        good_until,
    })
}

fn task(words: &Words, state: &State, due: &Due) -> Task {
    let path = format!("due.{}", due.what.code());
    let day = |day: &CivilDate| words.day(*day);
    let what = match &due.what {
        DueKind::RenewalReminder { ends } => words.fill(&path, &[("day", &day(ends))]),
        DueKind::InGrace { until } => words.fill(&path, &[("day", &day(until))]),
        DueKind::KeyStolen { kid } => words.fill(&path, &[("key", kid)]),
        DueKind::AppealEnds { decision } | DueKind::SuitEnds { decision } => {
            words.fill(&path, &[("decision", decision)])
        }
        DueKind::Notice(notice) => words.fill(&path, &[("decision", &notice.decision)]),
        _ => words.say(&path).to_owned(),
    };
    let holder = state.current_certificate(due.certificate).ok().map(|newest| newest.claims);
    Task {
        on: due.on,
        what,
        subject: None,
        name: holder.map_or(String::new(), |claims| claims.full_name()),
        hpr_number: holder.map(|claims| claims.hpr_number),
    }
}
