//! Instants and civil dates: two different things, and two different types.

use alloc::{format, string::String};
use core::{fmt, str::FromStr};

use jiff::{
    ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};
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

    /// The same instant, or the last one that jiff knows, which is a day before the last of ours.
    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::MAX)
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

/// Reads RFC 3339 section 5.6, for instance `2026-11-22T10:00:00Z` or `2026-11-22T11:00:00+01:00`,
/// and nothing else: no offset of 24 hours or more, and no name of a zone, which could contradict the
/// offset. Fractions of a second are dropped.
impl FromStr for NumericDate {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        seconds(text).and_then(|seconds| Self::from_seconds(seconds).ok()).ok_or_else(|| {
            let expected = "an instant as in `2026-11-22T10:00:00Z` or `2026-11-22T11:00:00+01:00`, in the years 1970 to 9999";
            Error::field("time", text, expected)
        })
    }
}

/// The seconds since 1970 of a `date-time` of RFC 3339.
fn seconds(text: &str) -> Option<i64> {
    let (time, rest) = text.split_at_checked("0000-00-00T00:00:00".len())?;
    let local: DateTime =
        Some(time).filter(|time| is_of_form(time, "0000-00-00T00:00:00"))?.parse().ok()?;
    let zone = match rest.strip_prefix('.') {
        None => rest,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            Some(zone).filter(|zone| zone.len() < fraction.len())?
        }
    };
    let offset = if zone.eq_ignore_ascii_case("Z") {
        0
    } else {
        let (sign, offset) = match zone.strip_prefix('-') {
            Some(offset) => (-1, offset),
            None => (1, zone.strip_prefix('+')?),
        };
        let offset = Some(offset).filter(|offset| is_of_form(offset, "00:00"))?;
        let (hours, minutes) = (offset[..2].parse::<i64>().ok()?, offset[3..].parse::<i64>().ok()?);
        Some(sign * (hours * 3600 + minutes * 60)).filter(|_| hours < 24 && minutes < 60)?
    };
    Some(seconds_of(local) - offset)
}

/// Whether a text is as long as this one, and has digits and letters in the same places.
fn is_of_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(found, expected)| match expected {
            b'0' => found.is_ascii_digit(),
            _ => found.eq_ignore_ascii_case(&expected),
        })
}

/// The seconds from 1970-01-01T00:00:00 to a time of day, both in the same zone.
fn seconds_of(local: DateTime) -> i64 {
    let days = local.date().since(EPOCH).map_or(0, |span| i64::from(span.get_days()));
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)
}

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

impl fmt::Display for NumericDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not by a timestamp of jiff's, which ends a day before the year 9999 does.
        let days = self.0.div_euclid(86_400);
        let (date, second) = (EPOCH.saturating_add(days.days()), self.0.rem_euclid(86_400));
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{date}T{hour:02}:{minute:02}:{second:02}Z")
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
    fn the_last_instant_can_be_shown() {
        let last = NumericDate::from_seconds(NumericDate::MAX).expect("it is one");
        assert_eq!(last.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(last.plus_seconds(1), last);
        assert!(last.civil_date() >= date("9998-12-31"));
        for seconds in [0, 1, 86_399, 86_400, 951_782_399, 253_402_207_200, 253_402_207_201] {
            let instant = NumericDate::from_seconds(seconds).expect("it is one");
            assert_eq!(instant.to_string().parse::<NumericDate>().expect("its own text"), instant);
        }
    }

    #[test]
    fn an_instant_is_written_as_in_rfc_3339() {
        let read = |text: &str| text.parse::<NumericDate>().map(|instant| instant.to_string());
        for (text, instant) in [
            ("2026-11-29T10:00:00Z", "2026-11-29T10:00:00Z"),
            ("2026-11-29t10:00:00z", "2026-11-29T10:00:00Z"),
            ("2026-11-29T11:00:00+01:00", "2026-11-29T10:00:00Z"),
            ("2026-11-29T10:00:00.999999999Z", "2026-11-29T10:00:00Z"),
            ("2026-11-29T09:59:59.5-00:00", "2026-11-29T09:59:59Z"),
            ("2026-11-30T09:59:00+23:59", "2026-11-29T10:00:00Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(read(text).expect(text), instant);
        }
        for wrong in [
            "2026-11-29T10:00:00+25:00",
            "2026-11-29T10:00:00+24:00",
            "2026-11-29T10:00:00+01:60",
            "2026-11-29T10:00:00+01",
            "2026-11-29T10:00:00+0100",
            "2026-11-29T10:00:00+01:00:30",
            "2026-11-29T10:00:00\u{2212}01:00",
            "2026-11-29T10:00:00Z[America/New_York]",
            "2026-11-29T10:00:00+01:00[Europe/Oslo]",
            "2026-11-29T10:00:00Z[u-ca=buddhist]",
            "2026-11-29T10:00:00",
            "2026-11-29T10:00Z",
            "2026-11-29T10Z",
            "2026-11-29 10:00:00Z",
            "2026-11-29T10:00:00,5Z",
            "2026-11-29T10:00:00.Z",
            "20261129T100000Z",
            "+002026-11-29T10:00:00Z",
            "2026-W48-7T10:00:00Z",
            "2026-02-30T10:00:00Z",
            "2026-11-29T25:00:00Z",
            "1969-12-31T23:59:59Z",
            "1945-10-01T10:00:00Z",
            "-000001-11-29T10:00:00Z",
            "1970-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-00:01",
            " 2026-11-29T10:00:00Z",
            "2026-11-29T10:00:00Z\n",
            "",
            "å",
        ] {
            assert_eq!(read(wrong).expect_err(wrong).code(), "field_invalid");
        }
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
