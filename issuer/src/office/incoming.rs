//! What is looked up at a grant: alerts of other states (helsepersonelloven § 57), and namesakes.

use serde::Serialize;
use vernet_common::NumericDate;
use vernet_register::{Act, Application, IncomingAlert, Namesake, PersonFile, Proposal};

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

/// Somebody with the birth date of an applicant and a similar name, or an earlier refusal. A person
/// has to look; it refuses nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FoundNamesake {
    /// The line of the table with the applicant, if it is an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Who, and what became of them.
    #[serde(flatten)]
    pub namesake: Namesake,
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
            Act::Import { .. } => self
                .signed_table(proposal, now)
                .map_or(Ok(Vec::new()), |table| self.alerts_about_rows(&table)),
            _ => Ok(Vec::new()),
        }
    }

    /// The table of an import, if it is as it was signed.
    fn signed_table(&self, proposal: &Proposal, now: NumericDate) -> Option<ImportTable> {
        let documents = self.documents();
        let table = proposal.documents.first()?;
        documents.check_one(table).ok()?;
        self.read_import(&super::read(&documents.path(table)).ok()?, now).ok()
    }

    /// The namesakes of those to whom a proposal grants something, and refused applications of
    /// theirs; there are none of others.
    pub fn namesakes_about(&self, proposal: &Proposal, now: NumericDate) -> Vec<FoundNamesake> {
        match &proposal.act {
            Act::Grant { application } => self.namesakes([(None, &**application)], now),
            Act::Import { .. } => self
                .signed_table(proposal, now)
                .map_or(Vec::new(), |table| self.namesakes_of_rows(&table, now)),
            _ => Vec::new(),
        }
    }

    /// The same for a table, by its lines.
    pub fn namesakes_of_rows(&self, table: &ImportTable, now: NumericDate) -> Vec<FoundNamesake> {
        let rows = table.applications().map(|(line, application)| (Some(line), application));
        self.namesakes(rows, now)
    }

    fn namesakes<'a>(
        &self,
        applicants: impl IntoIterator<Item = (Option<u64>, &'a Application)>,
        now: NumericDate,
    ) -> Vec<FoundNamesake> {
        let found = self.register.state().namesakes(applicants, now);
        found.into_iter().map(|(line, namesake)| FoundNamesake { line, namesake }).collect()
    }

    /// The alerts that may be about the person with a file, under any name and birth date.
    ///
    /// # Errors
    ///
    /// As for [`vernet_register::IncomingAlerts::list`].
    pub fn alerts_like(&mut self, people: &[Application]) -> Result<Vec<IncomingAlert>, Error> {
        let found = self.look_up(people.iter().map(|one| (None, one)))?;
        let mut alerts: Vec<IncomingAlert> = Vec::new();
        for FoundAlert { alert, .. } in found {
            if !alerts.contains(&alert) {
                alerts.push(alert);
            }
        }
        Ok(alerts)
    }

    /// A person as an applicant, once for each name and birth date that was ever known: what alerts
    /// are compared with.
    pub fn as_applicants(file: &PersonFile<'_>) -> Vec<Application> {
        let Some(any) = file.applications.first() else { return Vec::new() };
        let names = file
            .names
            .iter()
            .flat_map(|names| file.birthdates.iter().map(move |birthdate| (*names, *birthdate)));
        let under = |((given_name, family_name), birthdate): ((&_, &_), _)| {
            let mut one = (*any).clone();
            (one.given_name, one.family_name) =
                (Clone::clone(given_name), Clone::clone(family_name));
            one.birthdate = birthdate;
            one
        };
        names.map(under).collect()
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
