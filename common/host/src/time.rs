//! Times as people write them.

use vernet_common::{CivilDate, NumericDate};

/// The text is neither an instant nor a date.
#[derive(Debug, thiserror::Error)]
#[error("expected an instant as in `2026-11-22T10:00:00Z` or a date as in `2026-11-22`")]
pub struct TimeError;

/// An instant as in `2026-11-22T10:00:00Z`, or a date for the start of that day in Oslo.
///
/// # Errors
///
/// [`TimeError`] if the text is neither.
pub fn parse_time(text: &str) -> Result<NumericDate, TimeError> {
    let date = text.parse::<CivilDate>().map(CivilDate::start);
    date.or_else(|_| text.parse()).map_err(|_| TimeError)
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
        for neither in ["", "yesterday", "2026-02-30", "2026-11-22 10:00", "1795341600"] {
            assert_eq!(parsed(neither), None, "{neither}");
        }
    }
}
