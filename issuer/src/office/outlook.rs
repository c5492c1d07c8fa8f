//! What is due soon, so that no list and no key expires unnoticed.

use vernet_common::{CivilDate, NumericDate, StatusListNumber};
use vernet_register::{Due, OfficeData, ProtectedTitle, Statement};

use super::{
    Office,
    good_until::{Ending, GoodUntil},
};
use crate::{calendar::DaysOff, error::Error};

/// What is due, for people and for the office itself.
#[derive(Debug)]
pub struct Outlook {
    /// What the register says is due.
    pub due: Vec<Due>,
    /// What the office's own lists and keys need, soonest first.
    pub reminders: Vec<Reminder>,
}

/// Something of the office itself that expires.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reminder {
    /// When.
    pub at: NumericDate,
    /// The stable name: `trust_list_missing`, `trust_list_expires`, `trust_list_outdated`,
    /// `status_list_expires`, `status_list_never_published`, `key_ends`, `officer_ends`,
    /// `proposal_lapses`, `schools_invented`.
    pub code: &'static str,
    /// Which list or key.
    pub subject: String,
    /// What to do.
    pub action: &'static str,
}

impl Reminder {
    /// The days off in which it ends, if it ends in some.
    pub fn days_off(&self) -> Option<DaysOff> {
        DaysOff::around(self.at)
    }
}

const RENEW: &str =
    "run `vernet-issuer trust-list draft`, then `sign` and `accept`, then `publish`";
const ROTATE: &str = "run `vernet-issuer keys rotate USE`, then sign and publish a trust list";

/// The first day on which a proposal can no longer be approved.
pub(super) fn lapses(proposed: &Statement, days: i32) -> CivilDate {
    proposed.recorded_at.civil_date().plus_days(days + 1)
}

impl Office {
    /// What is due within `days`, and what is overdue.
    ///
    /// # Errors
    ///
    /// As for [`Office::trust_list`].
    pub fn outlook(&self, days: i32, now: NumericDate) -> Result<Outlook, Error> {
        let due = self.register.state().due(now.civil_date(), days, now);
        let horizon = now.plus_seconds(i64::from(days) * 86_400);
        let mut reminders = self.reminders(now)?;
        reminders.retain(|reminder| reminder.at <= horizon);
        reminders.sort_by_key(|reminder| reminder.at);
        Ok(Outlook { due, reminders })
    }

    fn reminders(&self, now: NumericDate) -> Result<Vec<Reminder>, Error> {
        let mut reminders = match self.trust_list()? {
            Some(list) => {
                let subject = format!("trust list {}", list.seq);
                let expires = Reminder {
                    at: list.exp,
                    code: "trust_list_expires",
                    subject: subject.clone(),
                    action: RENEW,
                };
                let outdated =
                    Reminder { at: now, code: "trust_list_outdated", subject, action: RENEW };
                let named =
                    |row: &ProtectedTitle| list.titles.iter().any(|title| title.title == row.title);
                // A list that names none is for the first title alone.
                let mut titles = self.register.state().titles().iter();
                let all_named = match list.titles.is_empty() {
                    true => titles.all(|row| row.title == ProtectedTitle::first().title),
                    false => titles.all(named),
                };
                let changed = *list.keys != self.trusted_keys() || !all_named;
                std::iter::once(expires).chain(changed.then_some(outdated)).collect()
            }
            None => vec![Reminder {
                at: now,
                code: "trust_list_missing",
                subject: "trust list".into(),
                action: RENEW,
            }],
        };
        if self.data.accreditations.sample && !OfficeData::may_be_invented(&self.config.iss) {
            reminders.push(Reminder {
                at: now,
                code: "schools_invented",
                subject: "data.json".into(),
                action: "its schools are a sample: enter those that were accredited, with sources, and remove `sample`",
            });
        }
        for list in self.register.state().status_lists() {
            reminders.push(self.status_list_reminder(list, now)?);
        }
        let live = self
            .keys()
            .into_iter()
            .filter(|key| key.compromised_at.is_none() && key.not_after > now);
        reminders.extend(live.map(|key| Reminder {
            at: key.not_after,
            code: "key_ends",
            subject: format!("{} key {}", key.r#use.as_str(), key.key.kid()),
            action: ROTATE,
        }));
        let days = i32::from(self.config.proposal_days);
        let waiting = self.register.state().proposals();
        reminders.extend(waiting.map(|(proposed, _)| Reminder {
            at: lapses(proposed, days).start(),
            code: "proposal_lapses",
            subject: format!("proposal {}, by {}", proposed.seq, proposed.officer.as_str()),
            action: "run `vernet-issuer review`, then `approve` or `reject`: on this day it can no longer be approved",
        }));
        let officers = self.register.state().officers().keys();
        reminders.extend(officers.filter(|(_, officer)| officer.in_office(now.civil_date())).map(
            |(kid, officer)| Reminder {
                at: officer.on(now.civil_date()).until.start(),
                code: "officer_ends",
                subject: format!("{}, key {kid}", officer.name().as_str()),
                action: "run `vernet-issuer propose enrol`, while two administrators are in office",
            },
        ));
        Ok(reminders)
    }

    /// When hospitals can no longer rely on a status list: when it ends, or before that when what
    /// it rests on ends.
    fn status_list_reminder(
        &self,
        list: StatusListNumber,
        now: NumericDate,
    ) -> Result<Reminder, Error> {
        const PUBLISH: &str = "run `vernet-issuer publish`";
        let until = self.status_list_good_until(list)?;
        let (at, code) = match until {
            Some(GoodUntil { at, .. }) => (at, "status_list_expires"),
            None => (now, "status_list_never_published"),
        };
        let (with, action) = match until.map(|until| until.because) {
            None | Some(Ending::StatusLists) => (String::new(), PUBLISH),
            // With the newest trust list published, this one is good again.
            Some(because @ Ending::TrustList(seq)) => {
                let newer = self.trust_list()?.is_some_and(|list| list.seq > seq);
                (format!(", with {because}"), if newer { PUBLISH } else { RENEW })
            }
            Some(because) => (format!(", with {because}"), ROTATE),
        };
        Ok(Reminder { at, code, subject: format!("status list {list}{with}"), action })
    }
}
