//! A decision as the person whom it is about is told of it (forvaltningsloven § 27).

use vernet_common::{CivilDate, GivenNames, HprNumber, Kind, PersonName};

use crate::{
    application::{Application, Ground, WrittenNorwegian},
    error::Error,
    law,
    state::index::State,
    statements::{event::Event, statement::Statement},
    titles::ProtectedTitle,
};

/// What the letter about a decision rests on.
#[derive(Clone, Debug)]
pub struct Told<'a> {
    /// The statement with the decision.
    pub statement: &'a Statement,
    /// Given names, as in the newest certificate. Somebody with a single name has none.
    pub given_name: &'a GivenNames,
    /// Family name, as in the newest certificate.
    pub family_name: &'a PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// Health personnel number.
    pub hpr_number: HprNumber,
    /// The row of the title.
    pub title: &'a ProtectedTitle,
    /// The body that decided. A new authorisation after a loss is the supervisory authority's, as
    /// the loss was.
    pub authority: &'a str,
    /// The body that hears an appeal, if the decision takes or withholds something by law.
    pub appeal_body: Option<&'static str>,
    /// The first day of an application for a new authorisation, after a revocation.
    pub may_apply_from: Option<CivilDate>,
    /// The day on which the suspension ends unless another officer confirms it.
    pub unconfirmed_until: Option<CivilDate>,
    /// The form of Norwegian that the person chose to be written to in.
    pub language: Option<WrittenNorwegian>,
    /// The officers who decided.
    pub officers: Vec<&'a str>,
}

impl State {
    /// What the person is told of a decision, by its number or by that of its proposal. There is
    /// nothing to tell of what is no decision of this office about a person: a waiver is the
    /// person's own, and on an appeal another body decides.
    ///
    /// # Errors
    ///
    /// [`Error::StatementNotFound`] if there is no such statement.
    pub fn told(&self, seq: u64) -> Result<Option<Told<'_>>, Error> {
        let asked = self.statement(seq)?;
        let by = match &asked.event {
            Event::Proposed(_) => self.decided.get(&seq).copied().unwrap_or(seq),
            _ => seq,
        };
        let statement = self.statement(by)?;
        let event = &statement.event;
        let (application, names, birthdate, hpr_number) = match event {
            Event::Refused(refused) => {
                let Application { birthdate, hpr_number, .. } = refused.application;
                let application = &refused.application;
                let names = (&application.given_name, &application.family_name);
                (application, names, birthdate, hpr_number)
            }
            _ => {
                let first = event.issued().map(|(claims, _)| claims.certificate_number);
                let about = event.certificate().or(first);
                let Some(number) = about.filter(|_| is_told(event)) else { return Ok(None) };
                let claims = self.current_certificate(number)?.claims;
                let names = (&claims.given_name, &claims.family_name);
                (&*self.grant(number)?.application, names, claims.birthdate, claims.hpr_number)
            }
        };
        let (row, day) = (self.titles().get(&application.title)?, statement.decided_on);
        let supervised = event.is_appealable() || ends_a_reaction(event) || {
            let is_about_application = matches!(event, Event::Granted(_) | Event::Refused(_));
            is_about_application && application.basis == Ground::NewAuthorisation
        };
        let supervisory = law::on(&law::SUPERVISORY_AUTHORITY, day).filter(|_| row.is_by_law());
        let authority = match supervisory.filter(|_| supervised) {
            Some(supervisory) => supervisory.value,
            None => row.authority(day),
        };
        let takes = event.is_appealable()
            || matches!(event, Event::Refused(_) | Event::Annulled { .. })
            || matches!(event, Event::Granted(_) if application.kind != Kind::Authorisation);
        Ok(Some(Told {
            statement,
            given_name: names.0,
            family_name: names.1,
            birthdate,
            hpr_number,
            title: row,
            authority,
            appeal_body: law::on(&law::APPEAL_BODY, day)
                .filter(|_| takes && row.is_by_law())
                .map(|row| row.value),
            may_apply_from: quarantine_ends(event, day).filter(|_| row.is_by_law()),
            unconfirmed_until: match event {
                Event::Suspended { unapproved_until, .. } if !self.decided.contains_key(&by) => {
                    *unapproved_until
                }
                _ => None,
            },
            language: application.language,
            officers: self.officers_of(statement).collect(),
        }))
    }
}

/// Whether it is a decision of this office about a person.
fn is_told(event: &Event) -> bool {
    match event {
        Event::Granted(_) | Event::Refused(_) | Event::Annulled { .. } => true,
        // The body that decided on the appeal tells of it.
        Event::Reversed { .. } => false,
        event => event.is_appealable() || ends_a_reaction(event),
    }
}

fn ends_a_reaction(event: &Event) -> bool {
    matches!(
        event,
        Event::Lifted { .. }
            | Event::LimitationLifted { .. }
            | Event::InstructionEnded { .. }
            | Event::BanEnded { .. }
    )
}

/// The first day on which somebody can apply whose right was revoked.
fn quarantine_ends(event: &Event, decided_on: CivilDate) -> Option<CivilDate> {
    let Event::Revoked { gravest, .. } = event else { return None };
    Some(law::on(&law::QUARANTINE, decided_on)?.value.over(decided_on, *gravest))
}
