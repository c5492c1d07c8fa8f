//! What the office itself knows and the law does not say: facts with dates and sources. The office
//! enters them; they are never constants.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use vernet_common::{CivilDate, HttpsUrl};

use crate::error::Error;

/// The office's own data, written by the office as JSON and checked when it is read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeData {
    /// Which schools the EBCP had accredited when.
    #[serde(deserialize_with = "checked")]
    pub accreditations: Accreditations,
    /// When the transitional clause applied. Unset, nothing can be granted under it.
    #[serde(default, deserialize_with = "checked", skip_serializing_if = "Option::is_none")]
    pub transitional_window: Option<TransitionalWindow>,
}

impl OfficeData {
    /// Reads the office's data.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Json`] if the JSON is not such data, or its rows contradict each
    /// other.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let what = "the office's data";
        serde_json::from_slice(&vernet_text::to_utf8(json))
            .map_err(|source| vernet_common::Error::json(what, source).into())
    }

    /// Whether an office may use invented data: one whose URL is in a domain for examples (RFC 6761
    /// section 6, and `example.no` of Norid), so that its certificates are worth nothing.
    pub fn may_be_invented(iss: &HttpsUrl) -> bool {
        let host = iss.authority().split(':').next().unwrap_or_default();
        let mut labels = host.rsplit('.');
        matches!(
            (labels.next(), labels.next()),
            (Some("example" | "test" | "invalid" | "localhost"), _)
                | (Some("com" | "net" | "org" | "no"), Some("example"))
        )
    }

    /// Made-up data for demonstrations and tests: invented schools, no transitional window.
    pub fn sample() -> Self {
        let accreditations = serde_json::from_slice(include_bytes!("sample/schools.json"))
            .expect("the sample is read by a test");
        Self { accreditations, transitional_window: None }
    }
}

/// Data that can contradict itself although each field is well-formed.
trait Check {
    fn check(&self) -> Result<(), Error>;
}

fn checked<'de, D: Deserializer<'de>, T: Deserialize<'de> + Check>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = T::deserialize(deserializer)?;
    value.check().map_err(D::Error::custom)?;
    Ok(value)
}

impl<T: Check> Check for Option<T> {
    fn check(&self) -> Result<(), Error> {
        self.as_ref().map_or(Ok(()), Check::check)
    }
}

/// Which schools the European Board of Cardiovascular Perfusion (EBCP) had accredited when.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accreditations {
    /// Whether the rows are invented, for demonstrations and tests.
    #[serde(default)]
    pub sample: bool,
    /// One row per school and interval.
    pub schools: Vec<Accreditation>,
}

/// One interval in which a school was accredited.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accreditation {
    /// The school's name, as applications write it.
    pub school: String,
    /// The first day.
    pub from: CivilDate,
    /// The first day on which it no longer was accredited; none while it still is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<CivilDate>,
    /// The office's source.
    pub source: String,
}

impl Accreditations {
    /// The intervals of a school, or none if the table does not name it.
    pub(crate) fn of_school<'a>(
        &'a self,
        school: &'a str,
    ) -> impl Iterator<Item = &'a Accreditation> {
        self.schools.iter().filter(move |row| row.school == school)
    }
}

impl Check for Accreditations {
    fn check(&self) -> Result<(), Error> {
        for (i, row) in self.schools.iter().enumerate() {
            if row.school.trim().is_empty() || row.source.trim().is_empty() {
                return Err(vernet_common::Error::field(
                    "schools",
                    &row.school,
                    "a school's name and a source in each row",
                )
                .into());
            }
            check_interval("schools", row.from, row.to)?;
            if self.schools[..i]
                .iter()
                .any(|other| other.school == row.school && overlap(other, row))
            {
                return Err(vernet_common::Error::field(
                    "schools",
                    &row.school,
                    "intervals of one school that do not overlap",
                )
                .into());
            }
        }
        Ok(())
    }
}

impl Accreditation {
    /// Whether the accreditation covers a day: inclusive from, exclusive to.
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on < to)
    }
}

/// When the transitional clause applied, by the day of the decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionalWindow {
    /// The first day.
    pub from: CivilDate,
    /// The first day on which it no longer applied.
    pub to: CivilDate,
    /// The office's source.
    pub source: String,
}

impl Check for TransitionalWindow {
    fn check(&self) -> Result<(), Error> {
        check_interval("transitional_window", self.from, Some(self.to))
    }
}

fn overlap(a: &Accreditation, b: &Accreditation) -> bool {
    a.to.is_none_or(|to| b.from < to) && b.to.is_none_or(|to| a.from < to)
}

fn check_interval(name: &'static str, from: CivilDate, to: Option<CivilDate>) -> Result<(), Error> {
    match to {
        Some(to) if to <= from => Err(vernet_common::Error::field(
            name,
            &format!("{from} to {to}"),
            "an interval whose `from` is before its `to`",
        )
        .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invented_data_is_for_examples() {
        for (iss, may_be) in [
            ("https://perfusionist.example.no", true),
            ("https://example.com", true),
            ("https://office.test:8443", true),
            ("https://localhost", true),
            ("https://helsedirektoratet.no", false),
            ("https://example.no.evil.com", false),
            ("https://notexample.no", false),
        ] {
            let iss = iss.parse().expect("a URL");
            assert_eq!(OfficeData::may_be_invented(&iss), may_be, "{iss}");
        }
    }

    #[test]
    fn the_sample_says_that_it_is_one() {
        let sample = OfficeData::sample();
        assert!(sample.accreditations.sample);
        assert!(sample.accreditations.schools.iter().all(|row| row.source.contains("invented")));
    }

    #[test]
    fn rows_must_not_contradict_each_other() {
        let read = |rows: &str| {
            OfficeData::from_json(
                format!(r#"{{"accreditations":{{"schools":[{rows}]}}}}"#).as_bytes(),
            )
        };
        let row = |school: &str, from: &str, to: &str| {
            format!(r#"{{"school":"{school}","from":"{from}","to":"{to}","source":"invented"}}"#)
        };
        let first = row("A", "2001-01-01", "2005-01-01");
        assert!(read(&format!("{first},{}", row("A", "2005-01-01", "2006-01-01"))).is_ok());
        assert!(read(&format!("{first},{}", row("B", "2004-12-31", "2006-01-01"))).is_ok());
        let error = read(&format!("{first},{}", row("A", "2004-12-31", "2006-01-01")))
            .expect_err("overlap");
        assert!(
            error.to_string().contains("intervals of one school that do not overlap"),
            "{error}"
        );
        let open = r#"{"school":"A","from":"2001-01-01","source":"invented"}"#;
        assert!(read(open).is_ok());
        assert!(read(&format!("{open},{}", row("A", "2010-01-01", "2011-01-01"))).is_err());
        assert!(read(&row("A", "2001-01-01", "2001-01-02")).is_ok());
        assert!(read(&row("A", "2001-01-01", "2001-01-01")).is_err());
        assert!(read(&row("", "2001-01-01", "2001-01-02")).is_err());
    }

    #[test]
    fn unknown_members_are_refused() {
        let read = |json: &str| OfficeData::from_json(json.as_bytes());
        assert!(read(r#"{"accreditations":{"schools":[]}}"#).is_ok());
        assert_eq!(
            read(r#"{"accreditations":{"schools":[]},"x":1}"#).expect_err("x").code(),
            "not_json"
        );
    }

    #[test]
    fn a_window_must_make_sense() {
        let read = |rest: &str| {
            OfficeData::from_json(
                format!(r#"{{"accreditations":{{"schools":[]}},{rest}}}"#).as_bytes(),
            )
        };
        assert!(
            read(r#""transitional_window":{"from":"2001-01-01","to":"2001-01-02","source":"x"}"#)
                .is_ok()
        );
        assert!(
            read(r#""transitional_window":{"from":"2001-01-02","to":"2001-01-02","source":"x"}"#)
                .is_err()
        );
    }
}
