//! The law as dated data: what applies, from when to when, and the source. It is the law of all health
//! personnel; what is different from title to title is in `professions.toml`.
//!
//! No rule is an `if` with a magic date: the caller gives a day, and the table gives the value. A
//! change of the law is a new row.
//!
//! Sources: helsepersonelloven (LOV-1999-07-02-64), consolidated text of 2026-07-03; forvaltningsloven
//! (LOV-1967-02-10), which the act of 2025-06-20 will replace on a day that is not known yet. What
//! could not be confirmed is marked so: it warns, and never refuses.

use serde::{Deserialize, Serialize};
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
    /// Whether it was found in the source. What was not **warns, and never refuses**.
    pub is_confirmed: bool,
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

/// A state whose professional qualifications are recognised, and by which scheme.
#[derive(Clone, Copy, Debug)]
pub struct Recognised {
    /// The scheme, in words.
    pub scheme: &'static str,
    /// The states, as ISO 3166-1 alpha-2.
    pub states: &'static [&'static str],
}

/// The states whose professional qualifications are recognised, each row for itself.
pub static RECOGNISED: [Dated<Recognised>; 4] = [
    since(
        (2001, 1, 1),
        Recognised {
            scheme: "the states of the EEA, and Switzerland",
            states: &[
                "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR",
                "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE",
                "SI", "SK",
            ],
        },
        "helsepersonelloven § 48 a; directive 2005/36/EC",
    ),
    between(
        (2001, 1, 1),
        (2020, 2, 1),
        Recognised {
            scheme: "the Nordic agreement",
            states: &["DK", "FI", "FO", "GL", "IS", "SE"],
        },
        "the Nordic agreement on a common labour market, until 2020-02-01",
    ),
    between(
        (2001, 1, 1),
        (2021, 1, 1),
        Recognised { scheme: "the United Kingdom as a state of the EEA", states: &["GB"] },
        "directive 2005/36/EC, until the end of the transition",
    )
    .unconfirmed(),
    since(
        (2023, 12, 1),
        Recognised { scheme: "the scheme for the United Kingdom", states: &["GB"] },
        "the agreement on recognition with the United Kingdom, from 2023-12-01",
    ),
];

/// The age at which authorisation and licence lapse.
pub static AGE_LIMIT: [Dated<i16>; 2] = [
    between((2001, 1, 1), (2015, 7, 1), 75, "helsepersonelloven § 54 as it stood until 2015-06-30"),
    since((2015, 7, 1), 80, "helsepersonelloven § 54"),
];

/// For how many years a licence may be granted to a person over the age limit.
pub static LICENCE_OVER_AGE_LIMIT_YEARS: [Dated<i16>; 1] =
    [since((2001, 1, 1), 1, "lisensforskriften (FOR-2000-12-21-1379)")];

/// Why somebody is suspended.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionGround {
    /// The conditions for a revocation seem to be met (§ 58).
    #[default]
    Revocation,
    /// Until the person has given the information that was asked for (§ 58 a).
    Information,
    /// Until the person has been examined by a doctor or a psychologist (§ 60).
    Examination,
}

impl SuspensionGround {
    /// Every ground.
    pub const ALL: [Self; 3] = [Self::Revocation, Self::Information, Self::Examination];

    /// The paragraph.
    pub fn paragraph(self) -> &'static str {
        match self {
            Self::Revocation => "§ 58",
            Self::Information => "§ 58 a",
            Self::Examination => "§ 60 second paragraph",
        }
    }

    /// How long such a suspension may last.
    pub fn term(self) -> &'static [Dated<Option<SuspensionTerm>>] {
        match self {
            Self::Revocation => &SUSPENSION,
            Self::Information => &SUSPENSION_FOR_INFORMATION,
            Self::Examination => &SUSPENSION_FOR_EXAMINATION,
        }
    }
}

/// How long a suspension may last, and how often it may be extended.
#[derive(Clone, Copy, Debug)]
pub struct SuspensionTerm {
    /// The longest first period, in months.
    pub months: i32,
    /// How often it may be extended.
    pub extensions: usize,
    /// The longest extension, in months.
    pub extension_months: i32,
}

/// How long a suspension under § 58 may last.
pub static SUSPENSION: [Dated<Option<SuspensionTerm>>; 1] = [since(
    (2001, 1, 1),
    Some(SuspensionTerm { months: 6, extensions: 1, extension_months: 6 }),
    "helsepersonelloven § 58 first and third paragraph",
)];

/// A suspension under § 58 a has no end of its own.
pub static SUSPENSION_FOR_INFORMATION: [Dated<Option<SuspensionTerm>>; 1] =
    [since((2001, 1, 1), None, "helsepersonelloven § 58 a").unconfirmed()];

/// A suspension under § 60 second paragraph has no end of its own.
pub static SUSPENSION_FOR_EXAMINATION: [Dated<Option<SuspensionTerm>>; 1] =
    [since((2001, 1, 1), None, "helsepersonelloven § 60 second paragraph").unconfirmed()];

/// When a suspension can be limited: the person goes on working, within limits.
pub static LIMITED_SUSPENSION: [Dated<()>; 1] =
    [since((2022, 7, 1), (), "helsepersonelloven § 58 first paragraph")];

/// When a person can be given an instruction on how to work (*faglig pålegg*).
pub static INSTRUCTION: [Dated<()>; 1] = [since((2022, 7, 1), (), "helsepersonelloven § 56")];

/// When people without an authorisation can be banned from health care.
pub static BAN: [Dated<()>; 1] =
    [since((2022, 7, 1), (), "helsepersonelloven § 57 a").unconfirmed()];

/// How long a person who lost the right cannot apply for another one.
#[derive(Debug)]
pub struct Quarantine {
    /// Years after the decision.
    pub years: i16,
    /// Years after the decision in the gravest cases, those of § 57 second paragraph.
    pub gravest_years: i16,
}

impl Quarantine {
    /// The first day after it.
    pub(crate) fn over(&self, decided_on: CivilDate, gravest: bool) -> CivilDate {
        decided_on.plus_years(if gravest { self.gravest_years } else { self.years })
    }
}

/// How long after the decision on a revocation an application is barred. The two years have an
/// exception for special reasons, the ten have none.
pub static QUARANTINE: [Dated<Quarantine>; 1] = [since(
    (2025, 1, 1),
    Quarantine { years: 2, gravest_years: 10 },
    "helsepersonelloven § 62 second and third paragraph",
)];

/// Within how many days of a decision, or of its end, the other EEA states must be alerted.
pub static EEA_ALERT_DAYS: [Dated<i32>; 1] = [since(
    (2019, 12, 1),
    3,
    "helsepersonelloven § 66 third paragraph; directive 2005/36/EC article 56a; EEA Joint Committee decision 94/2017; Norway takes part since \
     December 2019",
)];

/// Within how many weeks an appeal must be made.
pub static APPEAL_WEEKS: [Dated<i32>; 1] =
    [since((2001, 1, 1), 3, "helsepersonelloven § 68; forvaltningsloven § 29")];

/// Within how many months after the decision on the appeal the court must be asked.
pub static SUIT_MONTHS: [Dated<i32>; 1] = [since((2001, 1, 1), 6, "helsepersonelloven § 71")];

/// Where the law of procedure says what a letter about a decision tells its reader.
#[derive(Debug)]
pub struct Procedure {
    /// That a decision that is not valid is annulled.
    pub annulment: &'static str,
    /// That one may appeal.
    pub appeal: &'static str,
    /// That a decision may wait for the appeal.
    pub stay: &'static str,
    /// That one may see the documents of the case.
    pub access: &'static str,
}

/// The paragraphs of forvaltningsloven. The act of 2025-06-20 will replace it; the day is not known.
pub static PROCEDURE: [Dated<Procedure>; 1] = [since(
    (2001, 1, 1),
    Procedure { annulment: "§ 35", appeal: "§§ 28, 29", stay: "§ 42", access: "§ 18" },
    "forvaltningsloven (LOV-1967-02-10)",
)];

/// The authority that suspends, limits and revokes, and decides about a new authorisation.
pub static SUPERVISORY_AUTHORITY: [Dated<&str>; 1] =
    [since((2001, 1, 1), "Statens helsetilsyn", "helsepersonelloven §§ 56 to 60 and 62")];

/// To whom a waiver is declared.
pub static WAIVER_AUTHORITY: [Dated<&str>; 1] =
    [since((2001, 1, 1), "statsforvalteren", "helsepersonelloven § 61")];

/// The body that decides on appeals.
pub static APPEAL_BODY: [Dated<&str>; 1] =
    [since((2001, 1, 1), "Statens helsepersonellnemnd", "helsepersonelloven § 68")];

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
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Revoked, Self::Annulled, Self::Waived, Self::Ended];

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

impl<T> Dated<T> {
    const fn unconfirmed(self) -> Self
    where
        T: Copy,
    {
        Self { is_confirmed: false, ..self }
    }
}

const fn since<T>(from: (i16, i8, i8), value: T, source: &'static str) -> Dated<T> {
    Dated { from: Day(from.0, from.1, from.2), to: None, value, source, is_confirmed: true }
}

const fn between<T>(
    from: (i16, i8, i8),
    to: (i16, i8, i8),
    value: T,
    source: &'static str,
) -> Dated<T> {
    let (from, to) = (Day(from.0, from.1, from.2), Some(Day(to.0, to.1, to.2)));
    Dated { from, to, value, source, is_confirmed: true }
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
        check(&AGE_LIMIT);
        check(&LICENCE_OVER_AGE_LIMIT_YEARS);
        SuspensionGround::ALL.into_iter().for_each(|ground| check(ground.term()));
        check(&LIMITED_SUSPENSION);
        check(&INSTRUCTION);
        check(&BAN);
        check(&QUARANTINE);
        check(&EEA_ALERT_DAYS);
        check(&APPEAL_WEEKS);
        check(&SUIT_MONTHS);
        check(&WAIVER_AUTHORITY);
        check(&APPEAL_BODY);
        check(&PROCEDURE);
        check(&SUPERVISORY_AUTHORITY);
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
