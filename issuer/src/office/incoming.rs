//! Alerts of other states, looked up at a grant (helsepersonelloven § 57).

use serde::Serialize;
use vernet_common::NumericDate;
use vernet_register::{Act, Application, IncomingAlert, Proposal};

use super::Office;
use crate::{error::Error, import::ImportTable};

/// An alert that may be about somebody whom a proposal is about. A person has to look.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FoundAlert {
    /// The line of the table with that person, if it is an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The alert.
    #[serde(flatten)]
    pub alert: IncomingAlert,
}

impl Office {
    /// The alerts that may be about those to whom a proposal grants something; there are none about
    /// others. Those of a table that is no longer as it was signed are not looked up: it cannot be
    /// approved.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::IncomingAlerts::list`].
    pub fn alerts_about(
        &mut self,
        proposal: &Proposal,
        now: NumericDate,
    ) -> Result<Vec<FoundAlert>, Error> {
        match &proposal.act {
            Act::Grant { application } => self.look_up([(None, &**application)]),
            Act::Import { .. } => {
                let (documents, signed) = (self.documents(), proposal.documents.first());
                let unchanged = signed.filter(|table| documents.check_one(table).is_ok());
                let table = unchanged.and_then(|table| {
                    self.read_import(&super::read(&documents.path(table)).ok()?, now).ok()
                });
                table.map_or(Ok(Vec::new()), |table| self.alerts_about_rows(&table))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The same for a table, by its lines.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::IncomingAlerts::list`].
    pub fn alerts_about_rows(&mut self, table: &ImportTable) -> Result<Vec<FoundAlert>, Error> {
        self.look_up(table.applications().map(|(line, application)| (Some(line), application)))
    }

    /// Applicants, each with the line of a table.
    fn look_up<'a>(
        &mut self,
        applicants: impl IntoIterator<Item = (Option<u64>, &'a Application)>,
    ) -> Result<Vec<FoundAlert>, Error> {
        let found = self.register.incoming_alerts().about(applicants)?;
        Ok(found.into_iter().map(|(line, alert)| FoundAlert { line, alert }).collect())
    }
}
