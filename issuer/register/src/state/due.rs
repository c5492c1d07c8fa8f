//! What requires action soon.

use vernet_common::{
    CertificateNumber, CivilDate, KeyId, NumericDate, PersonName, Profession, Status,
};

use crate::{
    law,
    state::index::{Authorisation, State},
    statements::{event::Event, statement::Statement},
};

/// Something that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Due {
    /// The day on which it is due.
    pub on: CivilDate,
    /// Whether that day has passed and it is still to be done.
    pub overdue: bool,
    /// The newest certificate of the authorisation that it is about.
    pub certificate: CertificateNumber,
    /// What is due.
    pub what: DueKind,
}

/// What is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DueKind {
    /// The certificate expires at the start of the day.
    CertificateExpires,
    /// The suspension expires at the start of the day.
    SuspensionEnds,
    /// The suspension ends at the start of the day unless another officer confirms it.
    EmergencyEnds {
        /// The statement with the suspension, which is to be approved.
        decision: u64,
    },
    /// Hospitals refuse the certificate, because its key was stolen before it was signed. It must
    /// be issued anew.
    KeyStolen {
        /// The key.
        kid: KeyId,
    },
    /// The other EEA states must be alerted, by the end of the day.
    EeaAlert(Box<EeaAlert>),
}

/// The content of an alert to the other EEA states (directive 2005/36/EC article 56a): never the
/// reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EeaAlert {
    /// The statement with the decision. Name it in [`Event::Alerted`] when the alert has been
    /// sent.
    pub decision: u64,
    /// Given names.
    pub given_name: PersonName,
    /// Family name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// The profession.
    pub profession: Profession,
    /// The authority that decided.
    pub authority: &'static str,
    /// The scope: `suspended`, `extended` (of a suspension), `limited` or `revoked`.
    pub scope: &'static str,
    /// The first day.
    pub from: CivilDate,
    /// The first day after it, if it has an end.
    pub until: Option<CivilDate>,
}

impl State {
    /// What is due within `days` of a day, and what is overdue, in order of the due dates.
    ///
    /// An overdue alert remains until [`Event::Alerted`] is recorded, and a certificate that
    /// hospitals refuse remains until it is issued anew. What ends by itself is never overdue.
    pub fn due(&self, on: CivilDate, days: i32, known_at: NumericDate) -> Vec<Due> {
        let horizon = on.plus_days(days);
        let mut due = Vec::new();
        for certificate in
            self.certificates().filter(|certificate| certificate.superseded_by.is_none())
        {
            let number = certificate.claims.certificate_number;
            let Ok(authorisation) = self.authorisation(number) else { continue };
            let mut add =
                |day, overdue, what| due.push(Due { on: day, overdue, certificate: number, what });
            for (day, alert) in self.alerts(authorisation, on, known_at) {
                if day <= horizon {
                    add(day, day < on, DueKind::EeaAlert(Box::new(alert)));
                }
            }
            if !self
                .certificate_status(number, on, known_at)
                .is_ok_and(|status| status != Status::Invalid)
            {
                continue;
            }
            let expires = certificate.claims.exp.civil_date();
            if (on..=horizon).contains(&expires) {
                add(expires, false, DueKind::CertificateExpires);
            }
            for suspension in self.suspensions(authorisation, on, known_at) {
                let ends = suspension.until;
                if suspension.from < ends && (on..=horizon).contains(&ends) && ends < expires {
                    add(
                        ends,
                        false,
                        match suspension.unapproved {
                            Some(decision) if !suspension.lifted => {
                                DueKind::EmergencyEnds { decision }
                            }
                            _ => DueKind::SuspensionEnds,
                        },
                    );
                }
            }
        }
        due.extend(self.to_sign_anew(on, known_at).filter(|(.., day)| *day <= horizon).map(
            |(certificate, kid, day)| {
                let number = certificate.claims.certificate_number;
                Due {
                    on: day,
                    overdue: day < on,
                    certificate: number,
                    what: DueKind::KeyStolen { kid },
                }
            },
        ));
        due.sort_by_key(|due| (due.on, due.certificate));
        due
    }

    /// The unsent alerts about an authorisation, with the day on which each is due.
    fn alerts(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<(CivilDate, EeaAlert)> {
        let to_send = |decision: &&Statement| {
            decision.event.is_alerted()
                && decision.recorded_at <= known_at
                && !self.was_alerted(decision.seq)
                && self
                    .reversal(decision.seq, known_at)
                    .is_none_or(|reversal| on < reversal.effective_on)
        };
        let decisions =
            authorisation.decisions.iter().map(|position| self.at(*position)).filter(to_send);
        decisions.filter_map(|decision| self.alert(authorisation, decision)).collect()
    }

    fn alert(
        &self,
        authorisation: &Authorisation,
        decision: &Statement,
    ) -> Option<(CivilDate, EeaAlert)> {
        let term = law::on(&law::EEA_ALERT_DAYS, decision.decided_on)?;
        let authority = law::on(&law::SUPERVISORY_AUTHORITY, decision.decided_on)?;
        let (newest, _) = authorisation.certificates.last()?;
        let claims = self.certificate(*newest).ok()?.claims;
        let alert = EeaAlert {
            decision: decision.seq,
            given_name: claims.given_name.clone(),
            family_name: claims.family_name.clone(),
            birthdate: claims.birthdate,
            profession: claims.profession,
            authority: authority.value,
            scope: decision.event.name(),
            from: decision.effective_on,
            until: match &decision.event {
                Event::Suspended { until, .. } | Event::Extended { until, .. } => Some(*until),
                Event::Limited { until, .. } => *until,
                _ => None,
            },
        };
        Some((decision.decided_on.plus_days(term.value), alert))
    }
}
