//! Instants and civil dates: two different things, and two different types.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The zone in which the law counts its days. Compiled in, so every machine agrees on midnight.
static OSLO: TimeZone = jiff::tz::get!("Europe/Oslo");

/// An instant: whole seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2, `NumericDate`, without
/// fractions).
///
/// Shown as RFC 3339 in UTC. Bounded to the years 1970 to 9999, so that arithmetic cannot overflow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(
    description = "An instant: whole seconds since 1970-01-01T00:00:00Z (RFC 7519 section 2).",
    value_type = i64, minimum = 0, maximum = 253402300799i64, examples(1795341600)
))]
#[serde(try_from = "i64", into = "i64")]
pub struct NumericDate(i64);

impl NumericDate {
    const MAX: i64 = 253_402_300_799;

    /// The instant this many seconds after 1970-01-01T00:00:00Z.
    pub fn from_seconds(seconds: i64) -> Result<Self, Error> {
        if !(0..=Self::MAX).contains(&seconds) {
            return Err(Error::field(
                "time",
                &format!("{seconds}"),
                "seconds in the years 1970 to 9999",
            ));
        }
        Ok(Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The instant `seconds` later (or earlier, if negative), held within the years 1970 to 9999.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(0, Self::MAX))
    }

    /// How many seconds `self` is after `earlier`; negative if it is before.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The civil date in Europe/Oslo at this instant.
    pub fn civil_date(self) -> CivilDate {
        CivilDate(OSLO.to_datetime(self.timestamp()).date())
    }

    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0)
            .expect("the years 1970 to 9999 lie within jiff's range")
    }
}

impl TryFrom<i64> for NumericDate {
    type Error = Error;
    fn try_from(seconds: i64) -> Result<Self, Error> {
        Self::from_seconds(seconds)
    }
}

impl From<NumericDate> for i64 {
    fn from(instant: NumericDate) -> i64 {
        instant.0
    }
}

/// Reads RFC 3339, for instance `2026-11-22T10:00:00Z` or `2026-11-22T11:00:00+01:00`; fractions of
/// a second are dropped.
impl FromStr for NumericDate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let instant: jiff::Timestamp = text
            .parse()
            .map_err(|_| Error::field("time", text, "an instant as in `2026-11-22T10:00:00Z`"))?;
        Self::from_seconds(instant.as_second())
    }
}

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.timestamp())
    }
}

impl fmt::Debug for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A civil date in Europe/Oslo, written `2026-11-22`. The law counts in these: inclusive from,
/// exclusive to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(
    description = "A civil date in Europe/Oslo, in the years 1900 to 9998.",
    value_type = String, format = Date, pattern = "^(19[0-9]{2}|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-", examples("2026-11-22")
))]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate(Date);

impl CivilDate {
    /// The date of this year, month (1 to 12) and day (1 to 31), if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Result<Self, Error> {
        Date::new(year, month, day)
            .map_err(|_| {
                Error::field("date", &format!("{year}-{month}-{day}"), "a date that exists")
            })
            .and_then(Self::in_range)
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The first instant of the day in Europe/Oslo.
    pub fn start(self) -> NumericDate {
        let midnight = OSLO
            .to_ambiguous_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()))
            .compatible()
            .expect("dates are bounded to 1900 to 9998, far inside jiff's range");
        NumericDate(midnight.as_second().clamp(0, NumericDate::MAX))
    }

    /// The same day `years` later. A 29 February becomes a 28 February where the year has none: the
    /// earlier day, because a right that ends too early is noticed and a right that ends too
    /// late is not.
    #[must_use]
    pub fn plus_years(self, years: i16) -> Self {
        self.plus(years.years())
    }

    /// The same day of the month `months` later, or the last day of that month if it is shorter.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        self.plus(months.months())
    }

    /// `days` later, or earlier if negative.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        self.plus(days.days())
    }

    /// How many days `self` is after `earlier`; negative if it is before.
    pub fn days_since(self, earlier: Self) -> i32 {
        self.0.since(earlier.0).map_or(0, |span| span.get_days())
    }

    fn plus(self, span: jiff::Span) -> Self {
        Self(
            self.0
                .saturating_add(span)
                .clamp(jiff::civil::date(1900, 1, 1), jiff::civil::date(9998, 12, 31)),
        )
    }

    fn in_range(date: Date) -> Result<Self, Error> {
        if !(1900..=9998).contains(&date.year()) {
            return Err(Error::field(
                "date",
                &format!("{date}"),
                "a date in the years 1900 to 9998",
            ));
        }
        Ok(Self(date))
    }
}

impl FromStr for CivilDate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = || Error::field("date", text, "a date as in `2026-11-22`");
        let date: Date = text.parse().map_err(|_| invalid())?;
        // jiff also reads `20261122` and date-times: one spelling only.
        if format!("{date}") != text {
            return Err(invalid());
        }
        Self::in_range(date)
    }
}

impl TryFrom<String> for CivilDate {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<CivilDate> for String {
    fn from(date: CivilDate) -> String {
        format!("{date}")
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn date(text: &str) -> CivilDate {
        text.parse().expect("a date")
    }

    #[test]
    fn midnight_in_oslo_is_an_hour_or_two_before_midnight_utc() {
        assert_eq!(date("2026-01-15").start().to_string(), "2026-01-14T23:00:00Z");
        assert_eq!(date("2026-07-15").start().to_string(), "2026-07-14T22:00:00Z");
        // The days on which the clocks change begin under the old offset.
        assert_eq!(date("2026-03-29").start().to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(date("2026-10-25").start().to_string(), "2026-10-24T22:00:00Z");
    }

    #[test]
    fn an_instant_belongs_to_the_day_in_oslo_not_in_utc() {
        let last_second: NumericDate = "2026-06-30T21:59:59Z".parse().expect("an instant");
        assert_eq!(last_second.civil_date(), date("2026-06-30"));
        assert_eq!(last_second.plus_seconds(1).civil_date(), date("2026-07-01"));
    }

    #[test]
    fn a_day_has_23_24_or_25_hours() {
        let length =
            |day: &str| date(day).plus_days(1).start().seconds_since(date(day).start()) / 3600;
        assert_eq!(
            [length("2026-03-29"), length("2026-06-01"), length("2026-10-25")],
            [23, 24, 25]
        );
    }

    #[test]
    fn summer_time_holds_far_in_the_future() {
        assert_eq!(date("2091-07-01").start().to_string(), "2091-06-30T22:00:00Z");
    }

    #[test]
    fn months_and_years_end_on_days_that_exist() {
        assert_eq!(date("2026-08-31").plus_months(6), date("2027-02-28"));
        assert_eq!(date("1940-02-29").plus_years(75), date("2015-02-28"));
        assert_eq!(date("1940-02-29").plus_years(80), date("2020-02-29"));
    }

    #[test]
    fn one_spelling_of_a_date() {
        for wrong in [
            "20261122",
            "2026-11-22T00:00",
            "2026-13-01",
            "2026-02-29",
            "22.11.2026",
            "",
            "1899-12-31",
            " 2026-11-22",
        ] {
            assert_eq!(wrong.parse::<CivilDate>().expect_err(wrong).code(), "field_invalid");
        }
    }
}
