//! Times as people write them.

use vernet_common::{CivilDate, NumericDate};

/// The text is neither an instant nor a date, or before the first one that can be named.
#[derive(Debug, thiserror::Error)]
#[error(
    "expected an instant as in `2026-11-22T10:00:00Z` or `2026-11-22T11:00:00+01:00`, or a date as in `2026-11-22`, in the years 1970 to 9999"
)]
pub struct TimeError;

/// An instant as in `2026-11-22T10:00:00Z`, or a date for the start of that day in Oslo.
///
/// # Errors
///
/// [`TimeError`] if the text is neither, or of a year before 1970.
pub fn parse_time(text: &str) -> Result<NumericDate, TimeError> {
    match text.parse::<CivilDate>() {
        // A day has no other beginning than its own: there are no instants before 1970.
        Ok(date) => Some(date.start()).filter(|start| start.civil_date() == date).ok_or(TimeError),
        Err(_) => text.parse().map_err(|_| TimeError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_itself_and_a_date_begins_in_oslo() {
        let parsed = |text| parse_time(text).map(|instant| instant.to_string()).ok();
        assert_eq!(parsed("2026-11-22T10:00:00Z").as_deref(), Some("2026-11-22T10:00:00Z"));
        assert_eq!(parsed("2026-11-22").as_deref(), Some("2026-11-21T23:00:00Z"));
        assert_eq!(parsed("2026-07-01").as_deref(), Some("2026-06-30T22:00:00Z"));
        assert_eq!(parsed("1970-01-02").as_deref(), Some("1970-01-01T23:00:00Z"));
        for neither in [
            "",
            "yesterday",
            "2026-02-30",
            "2026-11-22 10:00",
            "1795341600",
            "2026-11-29T10:00:00+25:00",
            "2026-11-29T10:00:00Z[America/New_York]",
            "1945-10-01",
            "1969-12-31",
            "1945-10-01T10:00:00Z",
        ] {
            assert_eq!(parsed(neither), None, "{neither}");
        }
    }
}
