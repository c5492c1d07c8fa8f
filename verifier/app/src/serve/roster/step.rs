//! What there is to tell, from what was known and what was found. Pure: the same step taken again,
//! after a crash, gives the same messages under the same ids.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vernet_common::NumericDate;
use vernet_verifier::roster::{Change, ReportRow, RosterReport, Seen, Urgency};

use super::{
    message::{About, Draft, Message, id},
    told::Told,
    words,
};

/// What is known between two checks, beside the report with which the next one is compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Watched {
    /// Random, so that nobody can guess from an id what a message is about.
    pub(super) salt: String,
    /// How many steps were kept.
    pub(super) step: u64,
    pub(super) doubt: Doubt,
    /// The table could not be read the last time, and that was told.
    pub(super) unreadable: bool,
    /// The receivers that know how things were: they are told of changes.
    pub(super) receivers: BTreeSet<String>,
}

/// About how many rows the lists cannot tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doubt {
    Nobody,
    Some { rows: u64 },
    Everybody,
}

/// What a check has found.
pub(super) enum Found<'a> {
    Report(&'a RosterReport),
    /// The table cannot be read, and why.
    Unreadable(&'a str),
}

/// What is to be kept, all of it or nothing.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) watched: Watched,
    /// What the next check is compared with, if that is something else than before.
    pub(super) known: Option<RosterReport>,
    /// Messages, and to whom each goes.
    pub(super) alerts: Vec<(Message, BTreeSet<String>)>,
}

/// How many people one message is about: some 100 kB of JSON.
const MAX_PEOPLE: usize = 200;

impl Watched {
    /// Nothing is known yet.
    pub(super) fn new(salt: String) -> Self {
        Self { salt, step: 0, doubt: Doubt::Nobody, unreadable: false, receivers: BTreeSet::new() }
    }
}

impl Doubt {
    fn about(report: &RosterReport) -> Self {
        let rows = report.rows.iter().filter(|row| row.is_in_doubt()).count();
        match rows {
            0 => Self::Nobody,
            rows if rows == report.rows.len() => Self::Everybody,
            rows => Self::Some { rows: rows as u64 },
        }
    }

    /// Whether this has to be told, if that was told before: what has changed for the worse, and
    /// the end of it.
    fn is_news_after(self, before: Self) -> bool {
        match (before, self) {
            (Self::Some { rows: before }, Self::Some { rows }) => rows > before,
            (before, now) => before != now,
        }
    }
}

/// What follows from a check, or `None` if nothing does. `last` is what was known before;
/// `receivers` are all there are, each with the least urgent messages that it wants.
pub(super) fn step(
    before: &Watched,
    last: Option<&RosterReport>,
    found: Found<'_>,
    receivers: &BTreeMap<String, Urgency>,
    now: NumericDate,
) -> Option<Step> {
    let mut watched = before.clone();
    watched.step += 1;
    let (mut drafts, mut known) = (Vec::new(), None);
    let everybody: BTreeSet<&String> = receivers.keys().collect();
    match found {
        Found::Unreadable(reason) => {
            watched.unreadable = true;
            if !before.unreadable {
                drafts.push((unreadable(reason, last), everybody));
            }
        }
        Found::Report(report) => {
            watched.unreadable = false;
            if before.unreadable {
                drafts.push((readable(report), everybody.clone()));
            }
            watched.doubt = Doubt::about(report);
            if watched.doubt.is_news_after(before.doubt) {
                drafts.push((doubt(watched.doubt, report), everybody.clone()));
            }
            let now_known = report.known(last);
            let informed: BTreeSet<&String> =
                everybody.iter().copied().filter(|key| before.receivers.contains(*key)).collect();
            if let Some(last) = last {
                let which = (before.salt.as_str(), watched.step);
                let changes = now_known.compare(last).changes;
                drafts.extend(
                    changed(&changes, last, &now_known, report, which)
                        .into_iter()
                        .map(|draft| (draft, informed.clone())),
                );
                known = (!changes.is_empty()).then_some(now_known);
            } else if !now_known.rows.is_empty() {
                known = Some(now_known);
            }
            if last.is_some() || known.is_some() {
                let new: BTreeSet<&String> = everybody.difference(&informed).copied().collect();
                if !new.is_empty() {
                    drafts.push((how_things_are(report), new));
                }
                watched.receivers = receivers.keys().cloned().collect();
            }
        }
    }
    let which = (before.salt.as_str(), watched.step);
    let alerts: Vec<_> = drafts
        .into_iter()
        .filter_map(|(draft, to)| {
            let wants =
                |key: &&String| receivers.get(*key).is_some_and(|least| *least <= draft.urgency);
            let to: BTreeSet<String> = to.into_iter().filter(wants).cloned().collect();
            (!to.is_empty()).then(|| (draft.message(which, now), to))
        })
        .collect();
    let is_the_same = Watched { step: before.step, ..watched.clone() } == *before;
    (!is_the_same || known.is_some() || !alerts.is_empty()).then_some(Step {
        watched,
        known,
        alerts,
    })
}

/// The changes, the most urgent first, in as many messages as it takes.
fn changed(
    changes: &[Change],
    last: &RosterReport,
    known: &RosterReport,
    report: &RosterReport,
    which: (&str, u64),
) -> Vec<Draft> {
    let people: Vec<Told<'_>> = changes
        .iter()
        .map(|change| {
            let row = match change.row {
                Some(place) => known.rows.get(place),
                None => last.rows.iter().find(|row| row.key == change.key),
            };
            Told { change, row }
        })
        .collect();
    let (urgent, mut others): (Vec<_>, Vec<_>) =
        people.into_iter().partition(|told| told.change.urgency() == Urgency::Urgent);
    others.sort_by_key(|told| std::cmp::Reverse(told.change.urgency()));
    let mut drafts = Vec::new();
    for group in [urgent, others] {
        let parts = group.chunks(MAX_PEOPLE);
        let of = parts.len();
        for (part, people) in (1..).zip(parts) {
            let urgency =
                people.iter().map(|told| told.change.urgency()).max().unwrap_or(Urgency::Note);
            let mut data = about(report);
            data["part"] = json!([part, of]);
            data["changes"] = people.iter().map(|told| to_json(told, which)).collect();
            drafts.push(Draft {
                about: About::Changed,
                urgency,
                data,
                subject: words::subject_of_changes(people, urgency, (part, of)),
                text: words::changes(people, report, urgency),
            });
        }
    }
    drafts
}

/// No birth date, no health personnel number and no key: a key may hold a birth date.
fn to_json(Told { change, row }: &Told<'_>, which: (&str, u64)) -> Value {
    let state = |seen: &Option<Seen>| {
        seen.as_ref().map(|seen| {
            json!({
                "outcome": seen.outcome, "code": seen.code, "certificate_number": seen.certificate_number,
            })
        })
    };
    let (before, now) = (state(&change.before), state(&change.now));
    let id = id(&json!([which, change.key, change.kinds, before, now]));
    let seen = change.now.as_ref().or(change.before.as_ref());
    json!({
        "id": id,
        "urgency": change.urgency(),
        "kinds": change.kinds,
        "line": seen.map(|seen| seen.line),
        "staff_id": seen.map(|seen| words::short(&seen.staff_id)),
        "name": seen.map(|seen| words::short(&seen.name)),
        "file": row.map(|row| words::short(&row.file)),
        "last_day": row.filter(|_| change.now.is_some()).and_then(words::last_day),
        "before": before,
        "now": now,
        "advice": words::advice(*row).filter(|_| change.needs_attention),
    })
}

/// What every message about a report says.
fn about(report: &RosterReport) -> Value {
    json!({ "source": report.about.source, "offices": report.about.offices, "summary": report.summary })
}

fn doubt(doubt: Doubt, report: &RosterReport) -> Draft {
    let mut data = about(report);
    if doubt == Doubt::Nobody {
        let text = words::known_again(report);
        let subject = "Certificates of the staff: known again".to_owned();
        return Draft { about: About::Known, urgency: Urgency::Note, data, subject, text };
    }
    let rows: Vec<&ReportRow> = report.rows.iter().filter(|row| row.is_in_doubt()).collect();
    let codes: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| &row.findings)
        .filter(|finding| finding.code.is_about_lists())
        .map(|finding| finding.code.as_str())
        .collect();
    data["codes"] = json!(codes);
    let whole = doubt == Doubt::Everybody;
    let subject = if whole {
        "Certificates of the staff: NOBODY's status is known".to_owned()
    } else {
        format!("Certificates of the staff: the status of {} is not known", rows.len())
    };
    let text = words::not_known(&rows, whole, report);
    Draft { about: About::NotKnown, urgency: Urgency::Attention, data, subject, text }
}

fn unreadable(reason: &str, last: Option<&RosterReport>) -> Draft {
    let mut data = json!({ "reason": reason });
    data["source"] = json!(last.map(|last| &last.about.source));
    Draft {
        about: About::Unreadable,
        urgency: Urgency::Attention,
        data,
        subject: "Certificates of the staff: the roster cannot be read".to_owned(),
        text: words::unreadable(reason),
    }
}

fn readable(report: &RosterReport) -> Draft {
    Draft {
        about: About::Readable,
        urgency: Urgency::Note,
        data: about(report),
        subject: "Certificates of the staff: the roster can be read again".to_owned(),
        text: words::readable(report),
    }
}

fn how_things_are(report: &RosterReport) -> Draft {
    let urgency =
        if report.summary.need_attention > 0 { Urgency::Attention } else { Urgency::Note };
    let rows: Vec<&ReportRow> = report
        .rows
        .iter()
        .filter(|row| row.needs_attention() && !row.is_in_doubt())
        .take(MAX_PEOPLE)
        .collect();
    let mut data = about(report);
    data["need_attention"] = rows
        .iter()
        .map(|row| {
            json!({
                "line": row.line, "staff_id": words::short(&row.staff_id), "name": words::short(&row.called()),
                "file": words::short(&row.file), "outcome": row.outcome, "code": row.code,
                "advice": words::advice(Some(*row)),
            })
        })
        .collect();
    Draft {
        about: About::Watched,
        urgency,
        data,
        subject: words::subject_of_state(report),
        text: words::state(&rows, report),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report on these people, each with the code of a finding or `authorised`.
    fn report(people: &[(&str, &str)]) -> RosterReport {
        let codes = |code: &str| match code {
            "authorised" | "authorised_with_conditions" => ("accepted", false),
            "status_stale" => ("undetermined", true),
            "suspended" | "revoked" => ("refused", true),
            _ => ("problem", true),
        };
        let rows: Vec<Value> = (2..)
            .zip(people)
            .map(|(line, (staff_id, code))| {
                let (outcome, found) = codes(code);
                let finding = json!({ "code": code, "cause": null, "message": "1980-02-29", "advice": "do this" });
                json!({
                    "line": line, "key": staff_id, "staff_id": staff_id, "name": format!("Kari {staff_id}"),
                    "birthdate": "1980-02-29", "file": "", "free": [], "outcome": outcome, "code": code,
                    "verdict": code, "as_of": null, "certificate": null, "expiring": false,
                    "findings": if found { vec![finding] } else { Vec::new() },
                })
            })
            .collect();
        let summary = json!({
            "rows": people.len(), "accepted": 0, "refused": 0, "undetermined": 0, "problem": 0,
            "need_attention": 0, "expiring": 0, "codes": {},
        });
        let report = json!({
            "format": vernet_verifier::roster::FORMAT, "version": vernet_verifier::roster::VERSION,
            "about": {
                "source": "staff.csv", "checked_at": "2026-11-22T10:00:00Z", "expiring_days": 30, "offices": [],
                "compared": [], "columns": [],
            },
            "summary": summary, "rows": rows,
        });
        RosterReport::from_json(report.to_string().as_bytes()).expect("a report")
    }

    fn now(seconds: i64) -> NumericDate {
        "2026-11-22T10:00:00Z".parse::<NumericDate>().expect("an instant").plus_seconds(seconds)
    }

    fn everybody(receivers: &[&str]) -> BTreeMap<String, Urgency> {
        receivers.iter().map(|key| ((*key).to_owned(), Urgency::Note)).collect()
    }

    /// A watch, and the types of the messages that each report gives.
    struct Life {
        watched: Watched,
        known: Option<RosterReport>,
        receivers: BTreeMap<String, Urgency>,
    }

    impl Life {
        fn new(receivers: &[&str]) -> Self {
            let watched = Watched::new("salt".to_owned());
            Self { watched, known: None, receivers: everybody(receivers) }
        }

        fn next(&mut self, found: Found<'_>) -> Vec<Message> {
            let step = step(&self.watched, self.known.as_ref(), found, &self.receivers, now(0));
            let Some(Step { watched, known, alerts }) = step else { return Vec::new() };
            self.watched = watched;
            self.known = known.or(self.known.take());
            alerts.into_iter().map(|(message, _)| message).collect()
        }

        fn types(&mut self, people: &[(&str, &str)]) -> Vec<String> {
            let messages = self.next(Found::Report(&report(people)));
            let of = |message: Message| {
                let payload: Value = serde_json::from_str(&message.payload).expect("JSON");
                payload["type"].as_str().expect("a type").trim_start_matches("roster.").to_owned()
            };
            messages.into_iter().map(of).collect()
        }
    }

    #[test]
    fn the_same_step_taken_again_has_the_same_ids_and_another_one_has_others() {
        let (well, ill) = (report(&[("1", "authorised")]), report(&[("1", "suspended")]));
        let mut life = Life::new(&["hr"]);
        life.next(Found::Report(&well));
        let take = |life: &Life, seconds| {
            let found = Found::Report(&ill);
            let step =
                step(&life.watched, life.known.as_ref(), found, &life.receivers, now(seconds));
            step.expect("a change").alerts.remove(0).0
        };
        let (first, again) = (take(&life, 1), take(&life, 90));
        assert_eq!(first.id, again.id, "after a crash, a little later");
        let change = |message: &Message| {
            serde_json::from_str::<Value>(&message.payload).expect("JSON")["data"]["changes"][0]["id"].clone()
        };
        assert_eq!(change(&first), change(&again));
        life.next(Found::Report(&ill));
        life.next(Found::Report(&well));
        let second = take(&life, 1);
        assert_ne!(first.id, second.id, "suspended once more");
        assert_ne!(change(&first), change(&second));
        life.watched.salt = "another".to_owned();
        assert_ne!(take(&life, 1).id, second.id, "another hospital");
    }

    #[test]
    fn nothing_is_kept_when_nothing_has_changed() {
        let mut life = Life::new(&["hr"]);
        assert_eq!(life.types(&[("1", "authorised")]), ["watched"]);
        let again = report(&[("1", "authorised")]);
        assert!(
            step(
                &life.watched,
                life.known.as_ref(),
                Found::Report(&again),
                &life.receivers,
                now(9)
            )
            .is_none()
        );
    }

    #[test]
    fn a_doubt_is_told_once_and_again_when_it_grows() {
        let mut life = Life::new(&["hr"]);
        let (known, doubted) = ("authorised", "status_stale");
        assert_eq!(life.types(&[("1", known), ("2", known), ("3", known)]), ["watched"]);
        assert_eq!(life.types(&[("1", doubted), ("2", known), ("3", known)]), ["not_known"]);
        assert!(life.types(&[("1", doubted), ("2", known), ("3", known)]).is_empty());
        assert_eq!(life.types(&[("1", doubted), ("2", doubted), ("3", known)]), ["not_known"]);
        assert!(life.types(&[("1", doubted), ("2", known), ("3", known)]).is_empty(), "it shrinks");
        assert_eq!(life.types(&[("1", doubted), ("2", doubted), ("3", doubted)]), ["not_known"]);
        assert!(
            life.types(&[("1", doubted), ("2", doubted)]).contains(&"changed".to_owned()),
            "the third is gone"
        );
        assert_eq!(life.types(&[("1", known), ("2", "suspended")]), ["known", "changed"]);
    }

    /// Whoever is watched from a time on at which nothing is known is told how things are later.
    #[test]
    fn how_things_are_is_told_when_it_is_known() {
        let mut life = Life::new(&["hr"]);
        assert_eq!(life.types(&[("1", "status_stale")]), ["not_known"]);
        assert!(life.known.is_none());
        assert_eq!(life.types(&[("1", "suspended")]), ["known", "watched"]);
        life.receivers = everybody(&["hr", "new"]);
        assert_eq!(life.types(&[("1", "suspended")]), ["watched"]);
        assert!(life.types(&[("1", "suspended")]).is_empty());
    }

    #[test]
    fn an_unreadable_roster_is_told_once_and_changes_nothing_that_is_known() {
        let mut life = Life::new(&["hr"]);
        life.types(&[("1", "authorised")]);
        let messages = life.next(Found::Unreadable("there is no table"));
        assert_eq!(messages.len(), 1);
        assert!(messages[0].text.contains("there is no table"));
        assert!(life.next(Found::Unreadable("there is no table")).is_empty());
        assert_eq!(life.types(&[("1", "suspended")]), ["readable", "changed"]);
    }

    #[test]
    fn many_changes_are_several_messages_and_the_urgent_ones_stand_apart() {
        let ids: Vec<String> = (0..450).map(|number| number.to_string()).collect();
        let staff = |code: &'static str| -> Vec<(&str, &'static str)> {
            ids.iter().map(|id| (id.as_str(), code)).collect()
        };
        let mut life = Life::new(&["hr"]);
        life.types(&staff("authorised"));
        let mut now = staff("suspended");
        now.push(("new", "authorised"));
        let messages = life.next(Found::Report(&report(&now)));
        let parts: Vec<_> = messages
            .iter()
            .map(|message| {
                let payload: Value = serde_json::from_str(&message.payload).expect("JSON");
                let people = payload["data"]["changes"].as_array().expect("changes").len();
                (message.urgency, people, payload["data"]["part"].to_string())
            })
            .collect();
        assert_eq!(
            parts,
            [
                (Urgency::Urgent, 200, "[1,3]".to_owned()),
                (Urgency::Urgent, 200, "[2,3]".to_owned()),
                (Urgency::Urgent, 50, "[3,3]".to_owned()),
                (Urgency::Note, 1, "[1,1]".to_owned())
            ]
        );
        let ids: BTreeSet<_> = messages.iter().map(|message| &message.id).collect();
        assert_eq!(ids.len(), 4);
        assert!(messages.iter().all(|message| message.payload.len() < 150_000));
        assert!(messages.iter().all(|message| !message.payload.contains("1980-02-29")
            && !message.text.contains("1980-02-29")));
    }
}
