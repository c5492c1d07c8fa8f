//! The law as dated data: what applies, from when to when, and the source.
//!
//! No rule is an `if` with a magic date: the caller gives a day, and the table gives the value. A
//! change of the law is a new row.

use vernet_common::CivilDate;

/// A value of the law with the days on which it applies.
#[derive(Debug)]
pub struct Dated<T> {
    from: Day,
    to: Option<Day>,
    /// What the law says.
    pub value: T,
    /// The legal source.
    pub source: &'static str,
}

impl<T> Dated<T> {
    /// The first day on which it applies.
    pub fn from(&self) -> CivilDate {
        self.from.date()
    }

    /// The first day on which it no longer applies; none if it still does.
    pub fn to(&self) -> Option<CivilDate> {
        self.to.map(Day::date)
    }

    /// Whether it applies on a day: inclusive from, exclusive to.
    pub fn holds(&self, on: CivilDate) -> bool {
        self.from() <= on && self.to().is_none_or(|to| on < to)
    }
}

/// The row of a table that applies on a day.
pub fn on<T>(table: &'static [Dated<T>], day: CivilDate) -> Option<&'static Dated<T>> {
    table.iter().find(|row| row.holds(day))
}

/// When perfusionists are health personnel with authorisation and protected title.
pub static PROFESSION: [Dated<()>; 1] = [since(
    2001,
    1,
    1,
    (),
    "helsepersonelloven (LOV-1999-07-02-64) § 48 and § 48 a, in force from 2001-01-01",
)];

/// The age at which authorisation and licence lapse.
pub static AGE_LIMIT: [Dated<i16>; 2] = [
    between((2001, 1, 1), (2015, 7, 1), 75, "helsepersonelloven § 54 as it stood until 2015-06-30"),
    since(
        2015,
        7,
        1,
        80,
        "helsepersonelloven § 54, amended with effect from 2015-07-01 (Prop. 74 L (2014-2015))",
    ),
];

/// For how many years a licence may be granted to a person over the age limit.
pub static LICENCE_OVER_AGE_LIMIT_YEARS: [Dated<i16>; 1] =
    [since(2001, 1, 1, 1, "helsepersonelloven § 54 second paragraph; lisensforskriften")];

/// How long a suspension may last.
pub static SUSPENSION: [Dated<SuspensionTerm>; 1] = [since(
    2001,
    1,
    1,
    SuspensionTerm { months: 6, extensions: 1, extension_months: 6 },
    "helsepersonelloven § 58: at most six months, extended once by at most six",
)];

/// How long a suspension may last, and how often it may be extended.
#[derive(Debug)]
pub struct SuspensionTerm {
    /// The longest first period, in months.
    pub months: i32,
    /// How often it may be extended.
    pub extensions: usize,
    /// The longest extension, in months.
    pub extension_months: i32,
}

/// Within how many days of a decision the other EEA states must be alerted.
pub static EEA_ALERT_DAYS: [Dated<i32>; 1] =
    [since(2016, 1, 18, 3, "directive 2005/36/EC article 56a, inserted by directive 2013/55/EU")];

/// The authority that grants.
pub static GRANTING_AUTHORITY: [Dated<&str>; 3] = [
    between(
        (2001, 1, 1),
        (2012, 1, 1),
        "Statens autorisasjonskontor for helsepersonell",
        "SAFH, by delegation under helsepersonelloven § 53",
    ),
    between(
        (2012, 1, 1),
        (2016, 1, 1),
        "Statens autorisasjonskontor",
        "SAK, the new name of SAFH, by delegation under helsepersonelloven § 53",
    ),
    since(2016, 1, 1, "Helsedirektoratet", "helsepersonelloven § 53"),
];

/// The authority that suspends, limits and revokes.
pub static SUPERVISORY_AUTHORITY: [Dated<&str>; 1] =
    [since(2001, 1, 1, "Statens helsetilsyn", "helsepersonelloven §§ 57 to 62")];

/// Why an authorisation ended, as the public register codes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EndReason {
    /// Revoked (helsepersonelloven § 57).
    Revoked,
    /// Annulled: never was valid (forvaltningsloven § 35).
    Annulled,
    /// Waived (helsepersonelloven § 61).
    Waived,
    /// Anything else.
    Ended,
}

impl EndReason {
    /// The code in the code list of end reasons.
    pub fn code(self) -> u8 {
        match self {
            Self::Revoked => 1,
            Self::Annulled => 2,
            Self::Waived => 3,
            Self::Ended => 99,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Annulled => "annulled",
            Self::Waived => "waived",
            Self::Ended => "ended",
        }
    }
}

/// The first day, from `granted`, on which a person has reached the age limit that applies on that
/// day; `granted` itself if they reached it before.
///
/// An authorisation that lapsed under an earlier, lower limit does not revive when the limit rises:
/// it takes a new grant.
pub fn age_limit_reached(birthdate: CivilDate, granted: CivilDate) -> CivilDate {
    AGE_LIMIT
        .iter()
        .filter_map(|row| {
            let day = birthdate.plus_years(row.value).max(row.from()).max(granted);
            row.holds(day).then_some(day)
        })
        .min()
        .expect("the last row of the age limit has no end, so it holds on the birthday or later")
}

#[derive(Clone, Copy, Debug)]
struct Day(i16, i8, i8);

impl Day {
    fn date(self) -> CivilDate {
        CivilDate::new(self.0, self.1, self.2).expect("the tables hold dates that exist")
    }
}

const fn since<T>(year: i16, month: i8, day: i8, value: T, source: &'static str) -> Dated<T> {
    Dated { from: Day(year, month, day), to: None, value, source }
}

const fn between<T>(
    from: (i16, i8, i8),
    to: (i16, i8, i8),
    value: T,
    source: &'static str,
) -> Dated<T> {
    Dated { from: Day(from.0, from.1, from.2), to: Some(Day(to.0, to.1, to.2)), value, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> CivilDate {
        text.parse().expect("a date")
    }

    /// Rows follow on each other without gap or overlap, and the last one still holds.
    fn check<T>(table: &'static [Dated<T>]) {
        for pair in table.windows(2) {
            assert_eq!(pair[0].to(), Some(pair[1].from()));
        }
        assert!(
            table
                .iter()
                .all(|row| !row.source.is_empty() && row.to().is_none_or(|to| row.from() < to))
        );
        assert_eq!(table.last().expect("a row").to(), None);
    }

    #[test]
    fn the_tables_have_no_gaps() {
        check(&PROFESSION);
        check(&AGE_LIMIT);
        check(&LICENCE_OVER_AGE_LIMIT_YEARS);
        check(&SUSPENSION);
        check(&EEA_ALERT_DAYS);
        check(&GRANTING_AUTHORITY);
        check(&SUPERVISORY_AUTHORITY);
    }

    #[test]
    fn authorities_change_their_names_at_new_year() {
        let name = |day: &str| on(&GRANTING_AUTHORITY, date(day)).map(|row| row.value);
        assert_eq!(name("2000-12-31"), None);
        assert_eq!(name("2001-01-01"), Some("Statens autorisasjonskontor for helsepersonell"));
        assert_eq!(name("2011-12-31"), Some("Statens autorisasjonskontor for helsepersonell"));
        assert_eq!(name("2012-01-01"), Some("Statens autorisasjonskontor"));
        assert_eq!(name("2015-12-31"), Some("Statens autorisasjonskontor"));
        assert_eq!(name("2016-01-01"), Some("Helsedirektoratet"));
    }

    #[test]
    fn the_age_limit_is_the_one_of_the_birthday() {
        for (birthdate, granted, reached) in [
            // 75 on the last day of the old limit, and on the first day of the new one.
            ("1940-06-30", "2005-01-01", "2015-06-30"),
            ("1940-07-01", "2005-01-01", "2020-07-01"),
            // Lapsed at 75, but granted anew under the new limit.
            ("1938-05-01", "2005-01-01", "2013-05-01"),
            ("1938-05-01", "2016-01-01", "2018-05-01"),
            // Over the limit when granted.
            ("1938-05-01", "2014-01-01", "2014-01-01"),
            ("1938-05-01", "2018-05-01", "2018-05-01"),
            ("1938-05-01", "2018-04-30", "2018-05-01"),
            // Born on 29 February: the 75th birthday falls in a common year, the 80th in a leap
            // year.
            ("1940-02-29", "2005-01-01", "2015-02-28"),
            ("1944-02-29", "2005-01-01", "2024-02-29"),
        ] {
            assert_eq!(
                age_limit_reached(date(birthdate), date(granted)),
                date(reached),
                "{birthdate} {granted}"
            );
        }
    }

    #[test]
    fn end_reasons_have_the_codes_of_the_public_register() {
        use EndReason::{Annulled, Ended, Revoked, Waived};
        assert_eq!([Revoked, Annulled, Waived, Ended].map(EndReason::code), [1, 2, 3, 99]);
    }
}
