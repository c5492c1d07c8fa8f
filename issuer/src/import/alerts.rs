//! A table of alerts that other states sent.

use std::collections::BTreeMap;

use vernet_common::CivilDate;
use vernet_register::{IncomingAlert, IncomingDraft};

use super::{
    ImportError,
    rows::{Fields, Rows},
};
use crate::error::Error;

const REQUIRED: [&str; 7] =
    ["id", "given_name", "family_name", "state", "scope", "from", "received"];
const OPTIONAL: [&str; 2] = ["birthdate", "until"];

/// The most rows: thirty years of alerts to the largest office.
const MAX_ROWS: usize = 100_000;

/// Reads a table of alerts, in whatever form a [`vernet_text::Table`] may have: a header, and one row
/// for each alert. `today` is the last day on which one can have been received.
///
/// # Errors
///
/// [`ImportError`] if the header is wrong, or there are no rows or too many; [`Error::Row`] with the
/// line and the reason, which names the column, for the first row that is not an alert or repeats
/// one.
pub fn read_alerts(bytes: &[u8], today: CivilDate) -> Result<Vec<IncomingAlert>, Error> {
    let mut rows = Rows::read(bytes, &REQUIRED, &OPTIONAL)?;
    let (mut alerts, mut lines) = (Vec::new(), BTreeMap::new());
    while let Some(row) = rows.next()? {
        if alerts.len() == MAX_ROWS {
            return Err(ImportError::TooManyRows { limit: MAX_ROWS }.into());
        }
        let line = row.line;
        let read = row.fields().and_then(|fields| alert(&fields, today)).and_then(|alert| {
            // The second one would silently replace the first.
            match lines.insert(alert.id.clone(), line) {
                Some(first) => Err(ImportError::AlertRepeated { first }.into()),
                None => Ok(alert),
            }
        });
        alerts.push(read.map_err(|source| Error::Row { line, source: Box::new(source) })?);
    }
    if alerts.is_empty() {
        return Err(ImportError::Empty.into());
    }
    Ok(alerts)
}

fn alert(fields: &Fields<'_>, today: CivilDate) -> Result<IncomingAlert, Error> {
    let text = |name| fields.get(name).to_owned();
    let alert = IncomingAlert::try_from(IncomingDraft {
        id: text("id"),
        given_name: text("given_name"),
        family_name: text("family_name"),
        birthdate: fields.given_day("birthdate")?,
        state: text("state"),
        scope: text("scope"),
        from: fields.day("from")?,
        until: fields.given_day("until")?,
        received: fields.day("received")?,
    })?;
    // It would outlive every purge until that day.
    if alert.received > today {
        let (found, expected) = (alert.received.to_string(), "a day that is not in the future");
        return Err(vernet_common::Error::field("received", &found, expected).into());
    }
    Ok(alert)
}
