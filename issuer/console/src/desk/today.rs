//! What is to be done today: what waits for this officer, what is overdue, what comes, and how long
//! hospitals can verify what is published.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use vernet_common::{CivilDate, HprNumber, NumericDate};
use vernet_issuer::{GoodUntil, Office, Reminder};
use vernet_register::{Due, DueKind, State};

use super::{
    drafts::Draft,
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

/// More than anybody does in a day, or reads: after an import, thousands of letters are due.
const MOST: usize = 200;

#[derive(Template)]
#[template(path = "desk/today.html")]
struct Today<'a> {
    page: &'a Page,
    who: &'a Who,
    today: CivilDate,
    clock_behind: bool,
    waiting: Vec<Waiting>,
    overdue: Tasks,
    soon: Tasks,
    drafts: Vec<Draft>,
    published_at: Option<NumericDate>,
    good_until: Option<GoodUntil>,
    ended: bool,
}

/// The first things to do, and how many there are.
struct Tasks {
    first: Vec<Task>,
    count: usize,
}

/// One thing to do.
struct Task {
    on: CivilDate,
    what: String,
    /// Which list or key.
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
    let mut things: Vec<Thing<'_>> = Vec::new();
    if desk.who.sees_people() {
        things.extend(outlook.due.iter().map(Thing::OfPerson));
    }
    let rules = vernet_console_web::Words::of(words.language().code());
    // What waits for approval is a list of its own.
    let reminders = outlook.reminders.iter().filter(|one| one.code != "proposal_lapses");
    things.extend(reminders.map(Thing::OfOffice));
    things.sort_by_key(|thing| thing.on());
    let end = now.civil_date().plus_days(DAYS);
    let (overdue, soon): (Vec<_>, Vec<_>) =
        things.into_iter().partition(|thing| thing.is_overdue(now));
    let soon: Vec<_> = soon.into_iter().filter(|thing| thing.on() <= end).collect();
    let tasks = |things: Vec<Thing<'_>>| Tasks {
        count: things.len(),
        first: things.iter().take(MOST).map(|thing| thing.task(words, rules, state)).collect(),
    };
    let lists: BTreeSet<_> = state.status_lists().collect();
    let published = lists.into_iter().filter_map(|list| state.last_publication(list));
    let good_until = office.good_until()?;
    Ok(Today {
        page: &desk.page,
        who: &desk.who,
        today: now.civil_date(),
        clock_behind: office.check_not_behind(now).is_err(),
        waiting: proposals::waiting_for(desk, state),
        overdue: tasks(overdue),
        soon: tasks(soon),
        drafts: desk.console.drafts.of(&desk.who.enrolment.name, now)?,
        published_at: published.map(|publication| publication.iat).max(),
        ended: good_until.is_some_and(|until| until.at <= now),
        good_until,
    })
}

/// One thing to do, before it is put into words.
enum Thing<'a> {
    OfPerson(&'a Due),
    OfOffice(&'a Reminder),
}

impl Thing<'_> {
    fn on(&self) -> CivilDate {
        match self {
            Self::OfPerson(due) => due.on,
            Self::OfOffice(reminder) => reminder.at.civil_date(),
        }
    }

    fn is_overdue(&self, now: NumericDate) -> bool {
        match self {
            Self::OfPerson(due) => due.overdue,
            Self::OfOffice(reminder) => reminder.at <= now,
        }
    }

    fn task(&self, words: &Words, rules: &vernet_console_web::Words, state: &State) -> Task {
        match self {
            Self::OfPerson(due) => task(words, state, due),
            Self::OfOffice(reminder) => Task {
                on: self.on(),
                what: words.say(&format!("reminder.{}", reminder.code)).to_owned(),
                subject: Some(rules.phrase(&reminder.subject)),
                name: String::new(),
                hpr_number: None,
            },
        }
    }
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
