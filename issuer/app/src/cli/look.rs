//! What an officer has to look at before a grant: alerts of other states, namesakes and refusals.
//! Nothing of it refuses anything.

use anyhow::Result;
use serde_json::{Value, json};
use vernet_common::NumericDate;
use vernet_issuer::{FoundAlert, FoundNamesake, ImportTable, Office};
use vernet_register::{EarlierRefusal, NamesakeRight, Proposal};

use super::incoming;

/// What was found about those to whom something is granted.
pub(super) struct Look {
    alerts: Vec<FoundAlert>,
    namesakes: Vec<FoundNamesake>,
}

impl Look {
    /// About those whom a proposal is about.
    pub(super) fn at(office: &mut Office, proposal: &Proposal, now: NumericDate) -> Result<Self> {
        let alerts = office.alerts_about(proposal, now)?;
        Ok(Self { alerts, namesakes: office.namesakes_about(proposal, now) })
    }

    /// About those in a table, by its lines.
    pub(super) fn at_rows(
        office: &mut Office,
        table: &ImportTable,
        now: NumericDate,
    ) -> Result<Self> {
        let alerts = office.alerts_about_rows(table)?;
        Ok(Self { alerts, namesakes: office.namesakes_of_rows(table, now) })
    }

    pub(super) fn nothing() -> Self {
        Self { alerts: Vec::new(), namesakes: Vec::new() }
    }

    pub(super) fn alerts(&self) -> Value {
        json!(self.alerts)
    }

    pub(super) fn namesakes(&self) -> Value {
        json!(self.namesakes)
    }

    /// One line each.
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        let alerts = self.alerts.iter().map(incoming::in_words);
        alerts.chain(self.namesakes.iter().map(in_words))
    }
}

fn in_words(FoundNamesake { line, namesake }: &FoundNamesake) -> String {
    let line = line.map_or(String::new(), |line| format!("line {line}, "));
    let who = format!(
        "{}, born {}, HPR number {}",
        namesake.given_name.with(&namesake.family_name),
        namesake.birthdate,
        namesake.hpr_number
    );
    let who = match namesake.same_number {
        true => format!("an application under this HPR number, of {who}, was refused before"),
        false => format!(
            "somebody of the same birth date and a similar name is in the register under another number: {who}"
        ),
    };
    let right = |right: &NamesakeRight| {
        let standing = right.standing.replace('_', " ");
        format!("{} {}: {standing}", right.title, right.certificate_number)
    };
    let refusal = |refusal: &EarlierRefusal| {
        let EarlierRefusal { statement, decided_on, title, reason } = refusal;
        format!("{title} refused on {decided_on}, statement {statement}: {reason}")
    };
    let rights = namesake.rights.iter().map(right);
    let what: Vec<_> = rights.chain(namesake.refusals.iter().map(refusal)).collect();
    format!("LOOK AT THIS: {line}{who} ({}) [namesake]", what.join("; "))
}
