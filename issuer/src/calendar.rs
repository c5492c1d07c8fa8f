//! The days on which nobody works in a Norwegian office: what ends on them ends unseen.
//!
//! Public holidays are those of lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred § 2,
//! and of lov 26. april 1947 nr. 1 om 1. og 17. mai som høgtidsdager § 1. Saturdays are no holidays
//! by law, and offices are closed. The eves of Christmas and of the New Year are working days by
//! law, and count as such.

use core::fmt;

use vernet_common::{CivilDate, NumericDate};

/// Days on which nobody works, one after the other, in which something ends.
///
/// What ends before work begins on the first working day again, at eight in the morning, ends in
/// these days too: nobody is there to renew it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DaysOff {
    /// The day of the end.
    on: CivilDate,
    /// The first of the days.
    pub first: CivilDate,
    /// The last of the days.
    pub last: CivilDate,
}

/// When work begins, in hours after midnight.
const WORK_BEGINS: i64 = 8;

/// No days off last longer than this: a bound of a search, not a rule.
const LONGEST: i32 = 31;

impl DaysOff {
    /// The days off in which something ends, if it ends in some. `end` is the first instant at
    /// which it is no longer good.
    pub fn around(end: NumericDate) -> Option<Self> {
        // An end at midnight is the end of the day before.
        let on = end.plus_seconds(-1).civil_date();
        let work = |day: CivilDate| day.start().plus_seconds(WORK_BEGINS * 3600);
        let is_early = end <= work(on);
        let unseen = if is_early { on.plus_days(-1) } else { on };
        let day = [on, unseen].into_iter().find(|day| is_off(*day))?;
        let off = |step: i32| {
            let days = (0..LONGEST).map(move |n| day.plus_days(n * step));
            days.take_while(|day| is_off(*day)).last().unwrap_or(day)
        };
        Some(Self { on, first: off(-1), last: off(1) })
    }

    /// The last day on which somebody works before.
    pub fn working_day_before(&self) -> CivilDate {
        self.first.plus_days(-1)
    }
}

/// For a warning, after what it is that ends: `on Easter Sunday, 2026-04-05, …`.
impl fmt::Display for DaysOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match name(self.on) {
            Some(name) => write!(f, "on {name}, {}", self.on)?,
            None => write!(f, "before work begins on {}", self.on)?,
        }
        if self.first != self.last {
            write!(f, ", and nobody works from {} to {}", self.first, self.last)?;
        }
        write!(f, ": {} is the last working day before", self.working_day_before())
    }
}

/// Whether nobody works on a day.
fn is_off(day: CivilDate) -> bool {
    name(day).is_some()
}

/// What a day is called on which nobody works.
fn name(day: CivilDate) -> Option<&'static str> {
    // 1 January 1900 was a Monday.
    let monday = CivilDate::new(1900, 1, 1).ok()?;
    let weekday = day.days_since(monday).rem_euclid(7);
    let weekend = match weekday {
        5 => Some("a Saturday"),
        6 => Some("a Sunday"),
        _ => None,
    };
    holiday(day).or(weekend)
}

/// What a public holiday is called that has a name.
fn holiday(day: CivilDate) -> Option<&'static str> {
    const FIXED: [(i8, i8, &str); 5] = [
        (1, 1, "New Year's Day"),
        (5, 1, "Labour Day"),
        (5, 17, "Constitution Day"),
        (12, 25, "Christmas Day"),
        (12, 26, "the second day of Christmas"),
    ];
    const AFTER_EASTER: [(i32, &str); 7] = [
        (-3, "Maundy Thursday"),
        (-2, "Good Friday"),
        (0, "Easter Sunday"),
        (1, "Easter Monday"),
        (39, "Ascension Day"),
        (49, "Whit Sunday"),
        (50, "Whit Monday"),
    ];
    let year = day.year();
    let days = day.days_since(easter(year)?);
    let fixed = FIXED.into_iter().find_map(|(month, date, name)| {
        (CivilDate::new(year, month, date).ok()? == day).then_some(name)
    });
    let moving = || AFTER_EASTER.into_iter().find(|(after, _)| *after == days);
    fixed.or_else(|| moving().map(|(_, name)| name))
}

/// Easter Sunday.
fn easter(year: i16) -> Option<CivilDate> {
    let computus::Date { month, day, .. } = computus::gregorian(year.into()).ok()?;
    CivilDate::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        text.parse().expect("a day")
    }

    /// From the tables of the churches and of the U.S. Naval Observatory, with the earliest and the
    /// latest day that there can be.
    const EASTER: &[&str] = &[
        "1913-03-23",
        "1943-04-25",
        "1954-04-18",
        "1961-04-02",
        "1976-04-18",
        "1981-04-19",
        "2000-04-23",
        "2001-04-15",
        "2002-03-31",
        "2003-04-20",
        "2004-04-11",
        "2005-03-27",
        "2006-04-16",
        "2007-04-08",
        "2008-03-23",
        "2009-04-12",
        "2010-04-04",
        "2011-04-24",
        "2012-04-08",
        "2013-03-31",
        "2014-04-20",
        "2015-04-05",
        "2016-03-27",
        "2017-04-16",
        "2018-04-01",
        "2019-04-21",
        "2020-04-12",
        "2021-04-04",
        "2022-04-17",
        "2023-04-09",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2031-04-13",
        "2032-03-28",
        "2033-04-17",
        "2034-04-09",
        "2035-03-25",
        "2036-04-13",
        "2037-04-05",
        "2038-04-25",
        "2039-04-10",
        "2040-04-01",
        "2041-04-21",
        "2042-04-06",
        "2043-03-29",
        "2044-04-17",
        "2045-04-09",
        "2046-03-25",
        "2047-04-14",
        "2048-04-05",
        "2049-04-18",
        "2050-04-10",
        "2076-04-19",
        "2079-04-23",
        "2099-04-12",
        "2285-03-22",
    ];

    #[test]
    fn easter_is_on_the_day_that_the_tables_say() {
        for expected in EASTER {
            let expected = day(expected);
            assert_eq!(easter(expected.year()), Some(expected));
        }
    }

    /// The holidays of some years, as calendars print them.
    #[test]
    fn the_holidays_of_a_year_are_those_of_the_law() {
        for (year, moving) in [
            (2024, ["03-28", "03-29", "03-31", "04-01", "05-09", "05-19", "05-20"]),
            (2026, ["04-02", "04-03", "04-05", "04-06", "05-14", "05-24", "05-25"]),
            (2027, ["03-25", "03-26", "03-28", "03-29", "05-06", "05-16", "05-17"]),
            (2038, ["04-22", "04-23", "04-25", "04-26", "06-03", "06-13", "06-14"]),
        ] {
            let fixed = ["01-01", "05-01", "05-17", "12-25", "12-26"];
            let mut expected: Vec<_> =
                fixed.iter().chain(&moving).map(|date| day(&format!("{year}-{date}"))).collect();
            expected.sort();
            expected.dedup();
            let days = (0..366).map(|n| day(&format!("{year}-01-01")).plus_days(n));
            let found: Vec<_> =
                days.filter(|day| day.year() == year && holiday(*day).is_some()).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn an_end_is_told_with_the_last_working_day_before() {
        // When, and the days off around it.
        for (end, expected) in [
            ("2026-04-01T12:00:00Z", None),
            ("2026-04-02T08:00:00Z", Some(["2026-04-02", "2026-04-06"])),
            ("2026-04-05T08:59:00Z", Some(["2026-04-02", "2026-04-06"])),
            // Before eight, nobody has come back yet; from eight on, somebody can do it.
            ("2026-04-07T06:00:00Z", Some(["2026-04-02", "2026-04-06"])),
            ("2026-04-07T06:00:01Z", None),
            // At midnight in Oslo the day before ends.
            ("2026-04-01T22:00:00Z", None),
            ("2026-04-06T22:00:00Z", Some(["2026-04-02", "2026-04-06"])),
            ("2026-03-28T12:00:00Z", Some(["2026-03-28", "2026-03-29"])),
            // A Friday at one in the night, after a working day.
            ("2026-03-27T00:00:00Z", None),
            // Friday, Saturday, Sunday.
            ("2026-12-27T12:00:00Z", Some(["2026-12-25", "2026-12-27"])),
            ("2027-01-01T12:00:00Z", Some(["2027-01-01", "2027-01-03"])),
            // Constitution Day is a Monday and Whit Monday.
            ("2027-05-15T12:00:00Z", Some(["2027-05-15", "2027-05-17"])),
            ("2026-05-14T12:00:00Z", Some(["2026-05-14", "2026-05-14"])),
            ("9998-12-31T22:00:00Z", None),
            ("1970-01-01T00:00:00Z", Some(["1970-01-01", "1970-01-01"])),
        ] {
            let found = DaysOff::around(end.parse().expect("an instant"));
            assert_eq!(
                found.map(|off| [off.first, off.last]),
                expected.map(|days| days.map(day)),
                "{end}"
            );
        }
    }

    #[test]
    fn a_warning_says_which_day_it_is() {
        for (end, expected) in [
            (
                "2026-04-05T08:59:00Z",
                "on Easter Sunday, 2026-04-05, and nobody works from 2026-04-02 to 2026-04-06: 2026-04-01 is the last working day before",
            ),
            (
                "2026-04-07T05:00:00Z",
                "before work begins on 2026-04-07, and nobody works from 2026-04-02 to 2026-04-06: 2026-04-01 is the last working day before",
            ),
            (
                "2026-05-14T10:00:00Z",
                "on Ascension Day, 2026-05-14: 2026-05-13 is the last working day before",
            ),
        ] {
            let off = DaysOff::around(end.parse().expect("an instant")).expect("days off");
            assert_eq!(off.to_string(), expected);
        }
    }
}
