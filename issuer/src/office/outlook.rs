//! What is due soon, so that no list and no key expires unnoticed.

use std::collections::{BTreeMap, BTreeSet};

use vernet_common::{CivilDate, NumericDate, StatusListNumber};
use vernet_register::{
    Due, OfficeData, Officer, Phrase, ProtectedTitle, Role, Statement, ToPhrase, phrase,
};

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
    /// `proposal_lapses`, `schools_invented`, `administrators_few`, `periods_end`,
    /// `roots_not_pinned`, `roots_differ`.
    pub code: &'static str,
    /// Which list, key or officers.
    pub subject: Phrase,
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

/// How early the office is told that too few officers will be left.
const PERIODS_END_DAYS: i32 = 90;

/// What to do when administrators can enrol nobody any more.
const APPOINT: &str = "nobody can be enrolled: have the root keys appoint officers, `vernet-issuer officers appoint draft`";

fn names(officers: Vec<&Officer>) -> String {
    officers.into_iter().map(Officer::as_str).collect::<Vec<_>>().join(", ")
}

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
        reminders.extend(self.roots_reminder(now)?);
        reminders.retain(|reminder| reminder.at <= horizon);
        reminders.extend(self.few_administrators(now));
        // Roots and new officers take their time, so this comes early however short the outlook is.
        let early = days.max(PERIODS_END_DAYS);
        reminders.extend(self.periods_that_end(early, now));
        reminders.sort_by_key(|reminder| reminder.at);
        Ok(Outlook { due, reminders })
    }

    fn reminders(&self, now: NumericDate) -> Result<Vec<Reminder>, Error> {
        let mut reminders = match self.trust_list()? {
            Some(list) => {
                let subject = phrase!("trust list {seq}", seq = list.seq);
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
                subject: phrase!("trust list"),
                action: RENEW,
            }],
        };
        if self.data.accreditations.sample && !OfficeData::may_be_invented(&self.config.iss) {
            reminders.push(Reminder {
                at: now,
                code: "schools_invented",
                subject: phrase!("data.json"),
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
            subject: phrase!(
                "{purpose} key {kid}",
                purpose = key.r#use.as_str(),
                kid = key.key.kid()
            ),
            action: ROTATE,
        }));
        let days = i32::from(self.config.proposal_days);
        let waiting = self.register.state().proposals();
        reminders.extend(waiting.map(|(proposed, _)| Reminder {
            at: lapses(proposed, days).start(),
            code: "proposal_lapses",
            subject: phrase!(
                "proposal {seq}, by {officer}",
                seq = proposed.seq,
                officer = proposed.officer.as_str()
            ),
            action: "run `vernet-issuer review`, then `approve` or `reject`: on this day it can no longer be approved",
        }));
        let officers = self.register.state().officers().keys();
        reminders.extend(officers.filter(|(_, officer)| officer.in_office(now.civil_date())).map(
            |(kid, officer)| Reminder {
                at: officer.on(now.civil_date()).until.start(),
                code: "officer_ends",
                subject: phrase!("{officer}, key {kid}", officer = officer.name().as_str(), kid),
                action: "run `vernet-issuer propose enrol`, while two administrators are in office",
            },
        ));
        Ok(reminders)
    }

    /// The register knows no roots, or others than those that sign trust lists.
    fn roots_reminder(&self, now: NumericDate) -> Result<Option<Reminder>, Error> {
        let reminder =
            |code, action| Some(Reminder { at: now, code, subject: phrase!("root keys"), action });
        Ok(match self.register.state().pinned_roots() {
            None => reminder(
                "roots_not_pinned",
                "run `vernet-issuer propose roots FILE` with the office's `roots.json`, and have another administrator approve it: then they can appoint officers when keys are lost, and a stolen key can always be ended",
            ),
            Some(pinned) if *pinned != self.anchor()?.roots => reminder(
                "roots_differ",
                "the register pins others than those that sign trust lists: run `vernet-issuer propose roots FILE` with the office's `roots.json`, and have another administrator approve it",
            ),
            Some(_) => None,
        })
    }

    /// Two administrators are enough to decide and too few to lose a key.
    fn few_administrators(&self, now: NumericDate) -> Option<Reminder> {
        let officers = self.register.state().officers();
        let left: Vec<_> = officers.in_role_on(Role::Administer, now.civil_date()).collect();
        let names = names(left.clone());
        let (subject, action) = match left.len() {
            0 => (phrase!("nobody in office as administrator"), APPOINT),
            1 => (phrase!("one person in office as administrator, {names}", names), APPOINT),
            2 => (
                phrase!("two people in office as administrator, {names}", names),
                "enrol a third one with `vernet-issuer propose enrol`: after the loss of one key nobody could be enrolled",
            ),
            _ => return None,
        };
        Some(Reminder { at: now, code: "administrators_few", subject, action })
    }

    /// The days within so many days from which on too few people are in office for a role, with
    /// those whose periods end.
    fn periods_that_end(&self, days: i32, now: NumericDate) -> Vec<Reminder> {
        let (officers, today) = (self.register.state().officers(), now.civil_date());
        let mut short: BTreeMap<CivilDate, Vec<Role>> = BTreeMap::new();
        for role in Role::ALL.into_iter().filter(|role| officers.has_role(*role)) {
            let day = officers.falls_short(role, role.people_needed(), today);
            // That there are too few administrators today is said already.
            let said = |day: &CivilDate| role == Role::Administer && *day == today;
            if let Some(day) = day.filter(|day| *day <= today.plus_days(days) && !said(day)) {
                short.entry(day).or_default().push(role);
            }
        }
        let reminder = |(day, roles): (CivilDate, Vec<Role>)| {
            let before: BTreeSet<&str> = roles
                .iter()
                .flat_map(|role| officers.in_role_on(*role, day.plus_days(-1)))
                .map(Officer::as_str)
                .collect();
            let ends = |name: &&&str| {
                roles.iter().any(|role| {
                    let of =
                        |day| officers.in_role_on(*role, day).any(|one| one.as_str() == **name);
                    of(day.plus_days(-1)) && !of(day)
                })
            };
            let ending: Vec<&str> = before.iter().filter(ends).copied().collect();
            let roles = Phrase::Joined(", ", roles.iter().map(|role| role.word().said()).collect());
            let subject = match ending.is_empty() {
                true => phrase!("from this day on too few officers {roles}", roles),
                false => phrase!(
                    "from this day on too few officers {roles}: the periods of {names} end",
                    roles,
                    names = ending.join(", ")
                ),
            };
            Reminder {
                at: day.start(),
                code: "periods_end",
                subject,
                action: "run `vernet-issuer propose enrol` for them or for others, while two administrators are in office",
            }
        };
        short.into_iter().map(reminder).collect()
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
        let with = |because: Ending| {
            phrase!("status list {list}, with {because}", list, because = because.phrase())
        };
        let (subject, action) = match until.map(|until| until.because) {
            None | Some(Ending::StatusLists) => (phrase!("status list {list}", list), PUBLISH),
            // With the newest trust list published, this one is good again.
            Some(because @ Ending::TrustList(seq)) => {
                let newer = self.trust_list()?.is_some_and(|list| list.seq > seq);
                (with(because), if newer { PUBLISH } else { RENEW })
            }
            Some(because) => (with(because), ROTATE),
        };
        Ok(Reminder { at, code, subject, action })
    }
}
