//! Whom a proposal is about, so that a decision about the wrong person is noticed.

use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, GivenNames, HprNumber, KeyId, NumericDate,
    PersonName, Roots, Title,
};
use vernet_register::{Act, Application, Enrolment, Event, Officer, Proposal, State};

/// Somebody or something that a proposal is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Subject<'a> {
    /// A person, by the newest names.
    Person {
        /// The given names.
        given_name: &'a GivenNames,
        /// The family name.
        family_name: &'a PersonName,
        /// The birth date.
        birthdate: CivilDate,
        /// The number.
        hpr_number: HprNumber,
    },
    /// So many people in a table.
    Table(u32),
    /// Everybody whose certificate this key signed.
    CertificatesOf(KeyId),
    /// An officer and a key.
    Officer(&'a Officer, KeyId),
    /// A title.
    Title(&'a Title),
    /// Root keys.
    Roots(&'a Roots),
}

impl<'a> Subject<'a> {
    /// The subjects of a proposal.
    pub fn of(state: &'a State, proposal: &'a Proposal, known_at: NumericDate) -> Vec<Self> {
        let event = match &proposal.act {
            Act::Grant { application } => return vec![Self::of_application(application)],
            Act::Import { rows, .. } => return vec![Self::Table(*rows)],
            Act::ReissueAll { of_key, .. } => return vec![Self::CertificatesOf(*of_key)],
            Act::Reissue { certificate, .. } => return Self::holders(state, vec![*certificate]),
            Act::Decide { event } => &**event,
        };
        match event {
            Event::OfficerEnrolled(enrolment) => vec![Self::of_enrolment(enrolment)],
            Event::TitleEntered(row) => vec![Self::Title(&row.title)],
            Event::RootsPinned { roots } => vec![Self::Roots(roots)],
            Event::Refused(refused) => vec![Self::of_application(&refused.application)],
            event => Self::holders(state, Self::certificates(state, event, known_at)),
        }
    }

    /// The person who applies.
    pub fn of_application(application: &'a Application) -> Self {
        let Application { given_name, family_name, birthdate, hpr_number, .. } = application;
        Self::Person { given_name, family_name, birthdate: *birthdate, hpr_number: *hpr_number }
    }

    /// The person whom a certificate names.
    pub fn of_claims(claims: &'a CertificateClaims) -> Self {
        let CertificateClaims { given_name, family_name, birthdate, hpr_number, .. } = claims;
        Self::Person { given_name, family_name, birthdate: *birthdate, hpr_number: *hpr_number }
    }

    /// The officer whom an enrolment names.
    pub fn of_enrolment(enrolment: &'a Enrolment) -> Self {
        Self::Officer(&enrolment.name, enrolment.key.kid())
    }

    /// The certificates that a decision is about. A merge may concern numbers that never had one.
    pub fn certificates(
        state: &State,
        event: &Event,
        known_at: NumericDate,
    ) -> Vec<CertificateNumber> {
        match event {
            Event::Merged { from, into } => {
                let mut both = state.authorisations_of(*from, known_at);
                both.extend(state.authorisations_of(*into, known_at));
                both.sort();
                both.dedup();
                both
            }
            Event::Corrected(correction) => {
                match state.particulars(correction.certificate, known_at) {
                    Ok(holder) => state.authorisations_of(holder.hpr_number, known_at),
                    Err(_) => Vec::new(),
                }
            }
            Event::Retracted { statement } => match state.statement(*statement) {
                Ok(retracted) => Self::certificates(state, &retracted.event, known_at),
                Err(_) => Vec::new(),
            },
            event => event.certificate().into_iter().collect(),
        }
    }

    /// The holders of certificates, by their newest certificates, which have the newest names.
    pub fn holders(state: &'a State, numbers: Vec<CertificateNumber>) -> Vec<Self> {
        let newest =
            numbers.into_iter().filter_map(|number| state.current_certificate(number).ok());
        newest.map(|one| Self::of_claims(one.claims)).collect()
    }
}
