//! Days as people and spreadsheets write them.

use vernet_common::CivilDate;

use crate::characters::with_plain_hyphens;

/// A day as `1980-02-29`, or as people and spreadsheets in Norway write it: `29.02.1980`,
/// `29.2.1980`. With another order or two digits of the year it could be another day, and is none.
pub fn date(text: &str) -> Option<CivilDate> {
    let text = with_plain_hyphens(text);
    let text = text.trim();
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('.');
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let is_number =
            digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i16>().ok().filter(|_| is_number)
    };
    let (day, month, year) = (number(1..=2)?, number(1..=2)?, number(4..=4)?);
    if parts.next().is_some() {
        return None;
    }
    CivilDate::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The day that a spreadsheet shows for a number like `29280`, if it counts days from 1900 on. Those
/// that count from 1904 show another day, so this is for a message and never for a decision.
pub fn serial_date(text: &str) -> Option<CivilDate> {
    let text = text.trim();
    let days: i32 = text.parse().ok().filter(|_| text.len() == 5)?;
    (days >= 10_000)
        .then(|| CivilDate::new(1900, 1, 1).ok().map(|first| first.plus_days(days - 2)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_two_spellings() {
        let date = |text| date(text).map(|date| date.to_string());
        for text in [
            "1980-02-29",
            "29.02.1980",
            "29.2.1980",
            " 29.02.1980 ",
            "1980\u{2011}02\u{2013}29",
            "\u{200e}29.02.\u{ad}1980",
        ] {
            assert_eq!(date(text).as_deref(), Some("1980-02-29"), "{text}");
        }
        for text in [
            "",
            "30.02.1980",
            "02/29/1980",
            "29.02.80",
            "290280",
            "29.02.1980.",
            "+9.02.1980",
            "1980-2-29",
            "29280",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn a_count_of_days_is_told_and_never_read() {
        let serial = |text| serial_date(text).map(|date| date.to_string());
        assert_eq!(serial("29280").as_deref(), Some("1980-02-29"));
        assert_eq!(serial("40359").as_deref(), Some("2010-06-30"));
        for text in ["1980", "290280", "+2928", "2928,", "09280", ""] {
            assert_eq!(serial(text), None, "{text}");
        }
    }
}
