//! How long what is published is good: until the first of all that it rests on ends.

use core::fmt;

use vernet_common::{KeyId, KeyUse, NumericDate, StatusListNumber, TrustList, TrustedKey};
use vernet_register::{Phrase, phrase};

use super::Office;
use crate::{calendar::DaysOff, error::Error};

/// The end of a publication, or of a trust list that can still be published under.
///
/// Hospitals judge a key by when it signed, so a list outlives its key. But the end of the last key
/// ends the publications too: nothing can take the place of the last one, without a trust list that
/// the root keys sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GoodUntil {
    /// The first instant at which it is no longer good.
    pub at: NumericDate,
    /// What ends then.
    pub because: Ending,
}

/// What ends first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// The status lists.
    StatusLists,
    /// The trust list with this number.
    TrustList(u64),
    /// The last key that can sign status lists.
    StatusKey(KeyId),
    /// The last key that can sign the log.
    LogKey(KeyId),
}

impl Ending {
    /// The stable name: `status_lists`, `trust_list`, `status_key`, `log_key`.
    pub fn code(self) -> &'static str {
        match self {
            Self::StatusLists => "status_lists",
            Self::TrustList(_) => "trust_list",
            Self::StatusKey(_) => "status_key",
            Self::LogKey(_) => "log_key",
        }
    }

    /// For a sentence about what ends.
    pub fn phrase(self) -> Phrase {
        match self {
            Self::StatusLists => phrase!("the status lists"),
            Self::TrustList(seq) => phrase!("trust list {seq}", seq),
            Self::StatusKey(kid) => phrase!("status key {kid}", kid),
            Self::LogKey(kid) => phrase!("log key {kid}", kid),
        }
    }
}

/// For a sentence about what ends.
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.phrase().text())
    }
}

impl GoodUntil {
    /// How long anything can be published under a trust list that says this, whoever has it.
    pub fn of_trust_list(list: &TrustList) -> Self {
        let mut until = Self { at: list.exp, because: Ending::TrustList(list.seq) };
        for r#use in [KeyUse::Status, KeyUse::Log] {
            let sound =
                list.keys.iter().filter(|key| key.r#use == r#use && key.compromised_at.is_none());
            // A key without an end never ends first.
            let last = sound.max_by_key(|key| (key.not_after.is_none(), key.not_after));
            let Some((key, at)) = last.and_then(|key| Some((key, key.not_after?))) else {
                continue;
            };
            let kid = key.key.kid();
            let because = match r#use {
                KeyUse::Log => Ending::LogKey(kid),
                _ => Ending::StatusKey(kid),
            };
            until = until.or(Self { at, because });
        }
        until
    }

    /// The earlier of two ends.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if other.at < self.at { other } else { self }
    }

    /// The days off in which it ends, if it ends in some.
    pub fn days_off(self) -> Option<DaysOff> {
        DaysOff::around(self.at)
    }
}

/// `2026-04-05T09:00:00Z, when trust list 1 ends`.
impl fmt::Display for GoodUntil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.because == Ending::StatusLists { "end" } else { "ends" };
        write!(f, "{}, when {} {verb}", self.at, self.because)
    }
}

impl Office {
    /// How long anything can be published under a trust list, with the ends of its keys as the
    /// register has them now: a retired key signs no more, although the list does not say so yet.
    pub fn trust_list_good_until(&self, list: &TrustList) -> GoodUntil {
        let known = self.trusted_keys();
        let now = |listed: &TrustedKey| {
            let same = known.iter().find(|known| known.key.kid() == listed.key.kid());
            same.unwrap_or(listed).clone()
        };
        let keys: Vec<_> = list.keys.iter().map(now).collect();
        GoodUntil::of_trust_list(&TrustList { keys: keys.into(), ..list.clone() })
    }

    /// How long status lists are good that were published under a trust list.
    pub(super) fn publication_good_until(&self, list: &TrustList, exp: NumericDate) -> GoodUntil {
        GoodUntil { at: exp, because: Ending::StatusLists }.or(self.trust_list_good_until(list))
    }

    /// How long what was published last is good: until the first of its status lists, its trust
    /// list or their keys ends. None if a status list was never published.
    ///
    /// The register says when a list was signed; how many hours it is good is what `office.json`
    /// says now.
    ///
    /// # Errors
    ///
    /// As for [`Office::trust_list`].
    pub fn good_until(&self) -> Result<Option<GoodUntil>, Error> {
        let mut first: Option<GoodUntil> = None;
        for list in self.register.state().status_lists() {
            let Some(until) = self.status_list_good_until(list)? else { return Ok(None) };
            first = Some(first.map_or(until, |first| first.or(until)));
        }
        Ok(first)
    }

    /// The same of one status list.
    pub(super) fn status_list_good_until(
        &self,
        list: StatusListNumber,
    ) -> Result<Option<GoodUntil>, Error> {
        let Some(last) = self.register.last_publication(list) else { return Ok(None) };
        let exp = last.iat.plus_seconds(i64::from(self.config.status_list_hours) * 3600);
        // The trust list that was published with it is what hospitals have, until the next
        // publication.
        Ok(Some(match self.accepted_with(last.trust_list_seq)? {
            Some(published) => self.publication_good_until(&published, exp),
            None => GoodUntil { at: exp, because: Ending::StatusLists },
        }))
    }
}

#[cfg(test)]
mod tests {
    use vernet_common::Bundle;
    use vernet_verifier::{Colour, Policy, verify};

    use super::*;
    use crate::office::tests::House;

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;

    fn at(text: &str) -> NumericDate {
        text.parse().expect("an instant")
    }

    fn reminder(house: &House, code: &str) -> crate::Reminder {
        let outlook = house.office.outlook(100, house.now).expect("an outlook");
        outlook.reminders.into_iter().find(|reminder| reminder.code == code).expect("a reminder")
    }

    /// The trust list of 2026-11-22 ends on 2027-02-20, a Saturday.
    #[test]
    fn a_publication_is_good_until_its_trust_list_ends_if_that_is_earlier() {
        let mut house = House::founded();
        let number = house.grant("9144889").expect("a grant");
        let list = house.office.trust_list().expect("readable").expect("in force");
        let published = house.publish().expect("a publication");
        let expected =
            GoodUntil { at: house.now.plus_seconds(72 * HOUR), because: Ending::StatusLists };
        assert_eq!(published.good_until, expected);
        assert_eq!(house.office.good_until().expect("readable"), Some(expected));

        house.now = list.exp.plus_seconds(-60);
        let published = house.publish().expect("a publication");
        let expected = GoodUntil { at: list.exp, because: Ending::TrustList(list.seq) };
        assert_eq!(published.good_until, expected);
        assert_eq!(expected.to_string(), "2027-02-20T10:00:00Z, when trust list 1 ends");
        assert!(published.exp > published.good_until.at, "by itself the list would go on");

        // It is the instant from which a hospital knows nothing any more.
        let bundle = std::fs::read(house.folder.path().join("publication/bundle.json"));
        let bundle = Bundle::from_json(&bundle.expect("published")).expect("a bundle");
        let known = house.office.follow(&bundle).expect("it can be followed");
        let certificate = house.office.register().state().certificate(number).expect("granted").jws;
        let colour = |now| verify(certificate, &known, &Policy::default(), now).colour();
        assert_eq!(colour(expected.at.plus_seconds(-1)), Colour::Accepted);
        assert_eq!(colour(expected.at), Colour::Undetermined);

        let due = reminder(&house, "status_list_expires");
        assert_eq!((due.at, &*due.subject.text()), (list.exp, "status list 1, with trust list 1"));
        assert!(due.action.contains("trust-list draft"), "publishing alone does not help");
        let off = due.days_off().expect("a weekend");
        assert_eq!(off.working_day_before().to_string(), "2027-02-19");
        assert_eq!(reminder(&house, "trust_list_expires").days_off(), Some(off));

        // Until the new trust list is published, hospitals have the old one.
        house.new_trust_list(&[0, 1]).expect("two roots signed");
        let due = reminder(&house, "status_list_expires");
        assert_eq!((due.at, due.action), (list.exp, "run `vernet-issuer publish`"));
        let published = house.publish().expect("a publication");
        assert_eq!(published.good_until.because, Ending::StatusLists);
        assert_eq!(reminder(&house, "status_list_expires").at, published.exp);
    }

    #[test]
    fn the_end_of_the_last_key_that_signs_it_ends_a_publication() {
        for (r#use, name) in [(KeyUse::Status, "status_key"), (KeyUse::Log, "log_key")] {
            let mut house = House::founded();
            let key = |house: &House| {
                let keys = house.office.keys();
                let mut of_use = keys.iter().filter(|key| key.r#use == r#use);
                of_use.next_back().expect("a key").key.kid()
            };
            let old = key(&house);
            let ends = house.now.plus_seconds(DAY);
            house.office.retire_key(old, ends, &house.officer, house.now).expect("retired");
            let until = house.publish().expect("a publication").good_until;
            assert_eq!((until.at, until.because.code()), (ends, name));
            assert!(until.to_string().ends_with(&format!("key {old} ends")), "{until}");
            let due = reminder(&house, "status_list_expires");
            assert_eq!(due.at, ends);
            assert!(due.action.contains("keys rotate"), "{due:?}");

            // A new key signs only under a trust list that has it.
            house.add_key(r#use);
            assert_eq!(house.publish().expect("a publication").good_until.at, ends);
            let list = house.new_trust_list(&[0, 1]).expect("two roots signed");
            assert_eq!(house.office.trust_list_good_until(&list).at, list.exp);
            let until = house.publish().expect("a publication").good_until;
            assert_eq!(until.because, Ending::StatusLists);
        }
    }

    #[test]
    fn a_certificate_key_ends_no_publication() {
        let mut house = House::founded();
        let keys = house.office.keys();
        let key =
            keys.iter().find(|key| key.r#use == KeyUse::Certificate).expect("a key").key.kid();
        let ends = house.now.plus_seconds(DAY);
        house.office.retire_key(key, ends, &house.officer, house.now).expect("retired");
        let until = house.publish().expect("a publication").good_until;
        assert_eq!(until.because, Ending::StatusLists);
    }

    /// Case O12: the office is away from Wednesday to Tuesday, and the trust list ends on Easter
    /// Sunday.
    #[test]
    fn an_end_at_easter_is_told_with_the_wednesday_before() {
        let until = GoodUntil { at: at("2026-04-05T09:00:00Z"), because: Ending::TrustList(1) };
        let off = until.days_off().expect("Easter");
        assert_eq!(off.working_day_before().to_string(), "2026-04-01");
        assert_eq!(GoodUntil { at: at("2026-04-08T09:00:00Z"), ..until }.days_off(), None);
    }

    #[test]
    fn nothing_is_said_of_what_was_never_published() {
        assert_eq!(House::founded().office.good_until().expect("readable"), None);
    }
}
