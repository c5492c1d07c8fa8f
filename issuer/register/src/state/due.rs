//! What requires action soon.

use vernet_common::{
    CertificateNumber, CivilDate, GivenNames, KeyId, NumericDate, PersonName, Profession, Status,
};

use crate::{
    application::Ground,
    law,
    state::{
        index::{Authorisation, State},
        standing::Suspension,
    },
    statements::{
        event::{Event, Notice, ReissueReason},
        statement::Statement,
    },
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
    /// The holder is to be reminded that the title must be renewed.
    RenewalReminder {
        /// The first day after the cycle.
        ends: CivilDate,
    },
    /// The cycle ends at the start of the day, its holder was reminded, and it is not renewed.
    NotRenewed,
    /// The cycle ended at the start of the day, and the certificate is still good: the grace runs.
    InGrace {
        /// The first day on which the certificate is no longer good.
        until: CivilDate,
    },
    /// The title lapsed, and can be reinstated before the day.
    ReinstatementEnds,
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
    /// The right is in force, and every certificate of it is invalid for good: it was taken away and
    /// came back. Hospitals refuse the holder until another one is issued.
    PaperMissing {
        /// For which reason another one is issued.
        because: ReissueReason,
    },
    /// The certificate says of its holder what is known to be wrong. Another one is to be issued.
    PaperWrong,
    /// Hospitals were told of a decision that was lost with the register. The right rests until two
    /// officers decide anew.
    LostDecision {
        /// The statement with the restore.
        restore: u64,
        /// What hospitals were told.
        hospitals: Status,
    },
    /// Nobody recorded that the letter with the certificate was printed or sent.
    LetterUnsent,
    /// Somebody must be told of a decision or of its end, by the end of the day.
    Notice(Box<DueNotice>),
    /// The time for an appeal against a decision ends with the day.
    AppealEnds {
        /// The statement with the decision.
        decision: u64,
    },
    /// The time to go to court, after the decision on an appeal, ends with the day.
    SuitEnds {
        /// The statement with the decision that the appeal was about.
        decision: u64,
    },
}

impl DueKind {
    /// The stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::CertificateExpires => "certificate_expires",
            Self::RenewalReminder { .. } => "renewal_reminder",
            Self::NotRenewed => "not_renewed",
            Self::InGrace { .. } => "in_grace",
            Self::ReinstatementEnds => "reinstatement_ends",
            Self::SuspensionEnds => "suspension_ends",
            Self::EmergencyEnds { .. } => "emergency_ends",
            Self::KeyStolen { .. } => "key_stolen",
            Self::PaperMissing { .. } => "paper_missing",
            Self::PaperWrong => "paper_wrong",
            Self::LostDecision { .. } => "lost_decision",
            Self::LetterUnsent => "letter_unsent",
            Self::Notice(notice) => notice.notice.word(),
            Self::AppealEnds { .. } => "appeal_ends",
            Self::SuitEnds { .. } => "suit_ends",
        }
    }
}

/// What somebody is to be told (helsepersonelloven § 66): never the reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueNotice {
    /// Who, and whether of the decision or of its end.
    pub notice: Notice,
    /// The statement with the decision. Name it in [`Event::Notified`] when the notice was sent.
    pub decision: u64,
    /// Given names. Somebody with a single name has none.
    pub given_name: GivenNames,
    /// Family name.
    pub family_name: PersonName,
    /// Date of birth.
    pub birthdate: CivilDate,
    /// The profession.
    pub profession: Profession,
    /// The authority that decided, or to which a waiver was declared.
    pub authority: &'static str,
    /// The scope: `suspended`, `extended` (of a suspension), `limited`, `instructed`, `banned`,
    /// `revoked` or `waived`.
    pub scope: &'static str,
    /// The first day.
    pub from: CivilDate,
    /// The first day after it, if it has an end.
    pub until: Option<CivilDate>,
}

impl State {
    /// What is due within `days` of a day, and what is overdue, in order of the due dates.
    ///
    /// An overdue notice remains until [`Event::Notified`] is recorded, and a certificate that
    /// hospitals refuse remains until it is issued anew. A letter that was never printed or sent remains
    /// until it was. What ends by itself is never overdue.
    pub fn due(&self, on: CivilDate, days: i32, known_at: NumericDate) -> Vec<Due> {
        // Which rights are asked about follows from all that was recorded. Of what was known before
        // that, everybody is asked about.
        if self.recorded_until().is_some_and(|last| known_at < last) {
            return self.due_of_everybody(on, days, known_at);
        }
        let places = self.may_be_due(on, on.plus_days(days));
        self.due_of(places, (on, days), known_at)
    }

    pub(crate) fn due_of_everybody(
        &self,
        on: CivilDate,
        days: i32,
        known_at: NumericDate,
    ) -> Vec<Due> {
        self.due_of(0..self.authorisations.len(), (on, days), known_at)
    }

    /// What is due about the rights at these places, and of certificates that a stolen key signed.
    fn due_of(
        &self,
        places: impl IntoIterator<Item = usize>,
        (on, days): (CivilDate, i32),
        known_at: NumericDate,
    ) -> Vec<Due> {
        let horizon = on.plus_days(days);
        let mut due = Vec::new();
        for place in places {
            self.due_about(place, (on, horizon), known_at, &mut due);
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

    fn due_about(
        &self,
        place: usize,
        (on, horizon): (CivilDate, CivilDate),
        known_at: NumericDate,
        due: &mut Vec<Due>,
    ) {
        let authorisation = self.at_place(place);
        let Some(certificate) =
            self.newest_at(place).and_then(|number| self.certificate(number).ok())
        else {
            return;
        };
        let number = certificate.claims.certificate_number;
        let mut add =
            |day, overdue, what| due.push(Due { on: day, overdue, certificate: number, what });
        for (day, notice) in self.notices(authorisation, on, known_at) {
            if day <= horizon {
                add(day, day < on, DueKind::Notice(Box::new(notice)));
            }
        }
        for (day, what) in self.times_to_appeal(authorisation, known_at) {
            if (on..=horizon).contains(&day) {
                add(day, false, what);
            }
        }
        if let Some((restore, hospitals)) = self.lost_decision(authorisation, on, known_at)
            && self.standing_of(authorisation, on, known_at).is_live()
        {
            let what = DueKind::LostDecision { restore: restore.seq, hospitals };
            add(restore.effective_on, true, what);
        }
        if let Some(what) = self.paper_due(number, authorisation, on, known_at) {
            add(on, true, what);
        }
        let status = self.certificate_status(number, on, known_at);
        if !status.is_ok_and(|status| status != Status::Invalid) {
            return;
        }
        for (day, what) in self.renewal_due(authorisation, (on, horizon), known_at) {
            add(day, matches!(what, DueKind::InGrace { .. }), what);
        }
        let letter = self.letter_due(number, on, known_at).filter(|day| *day <= horizon);
        if let Some(day) = letter {
            add(day, day < on, DueKind::LetterUnsent);
        }
        let expires = certificate.claims.exp.civil_date();
        if (on..=horizon).contains(&expires) {
            add(expires, false, DueKind::CertificateExpires);
        }
        for suspension in self.suspensions(authorisation, on, known_at) {
            let Some(ends) = suspension.until.filter(|_| !suspension.restored) else {
                continue;
            };
            if suspension.from < ends && (on..=horizon).contains(&ends) && ends < expires {
                let what = match suspension.unapproved {
                    Some(decision) if !suspension.lifted => DueKind::EmergencyEnds { decision },
                    _ => DueKind::SuspensionEnds,
                };
                add(ends, false, what);
            }
        }
    }

    /// For which reason another certificate must be issued of the right that this one belongs to:
    /// the right is in force, and hospitals refuse every certificate of it, or the newest one says
    /// what is known to be wrong. None if the newest one is good.
    ///
    /// # Errors
    ///
    /// [`crate::Error::NotFound`] if there is no certificate with this number.
    pub fn paper_needed(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Result<Option<ReissueReason>, crate::Error> {
        let newest = self.current_certificate(number)?.claims.certificate_number;
        let due = self.paper_due(newest, self.authorisation(number)?, on, known_at);
        Ok(due.map(|due| match due {
            DueKind::PaperMissing { because } => because,
            _ => ReissueReason::Correction,
        }))
    }

    fn paper_due(
        &self,
        newest: CertificateNumber,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<DueKind> {
        // While nobody has decided anew what was lost, nobody gets a new paper either.
        if !self.standing_of(authorisation, on, known_at).is_live()
            || self.lost_decision(authorisation, on, known_at).is_some()
        {
            return None;
        }
        let status = self.certificate_status(newest, on, known_at);
        if status.is_ok_and(|status| status == Status::Invalid) {
            let by_decision = authorisation.given_back.is_empty() && authorisation.told.is_empty();
            let because = match by_decision {
                true => ReissueReason::Appeal,
                false => ReissueReason::Correction,
            };
            return Some(DueKind::PaperMissing { because });
        }
        self.is_wrong(newest, authorisation, known_at).then_some(DueKind::PaperWrong)
    }

    /// What is due about the cycle of a title: from the first reminder on until it is renewed or
    /// cannot be any more.
    fn renewal_due(
        &self,
        authorisation: &Authorisation,
        (on, horizon): (CivilDate, CivilDate),
        known_at: NumericDate,
    ) -> Vec<(CivilDate, DueKind)> {
        let row = self.row_of(authorisation).ok();
        let renewal = row.and_then(|row| row.renewal.as_ref());
        let end = self.cycle_end(authorisation, known_at);
        let Some((renewal, end)) = renewal.zip(end) else { return Vec::new() };
        let (lapses, over) = (renewal.lapses(end), renewal.is_over(end));
        if end <= on {
            return match () {
                () if on < lapses => vec![(end, DueKind::InGrace { until: lapses })],
                () if on < over && over <= horizon => vec![(over, DueKind::ReinstatementEnds)],
                () => Vec::new(),
            };
        }
        let days = renewal.reminder_months.iter().map(|months| end.plus_months(-months));
        let reminded = days.clone().any(|day| day < on);
        let ahead = days.filter(|day| (on..=horizon).contains(day));
        let ahead = ahead.map(|day| (day, DueKind::RenewalReminder { ends: end }));
        ahead.chain(reminded.then_some((end, DueKind::NotRenewed))).collect()
    }

    /// The notices about an authorisation that were not sent, with the day on which each is due.
    fn notices(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<(CivilDate, DueNotice)> {
        let mut notices = Vec::new();
        // Only the state tells other states.
        if self.row_of(authorisation).is_ok_and(|row| !row.alerts) {
            return notices;
        }
        for decision in self.notified_decisions(authorisation, known_at) {
            let fell = self.reversal(decision.seq, known_at);
            let stands = fell.is_none_or(|reversal| on < reversal.effective_on);
            let due = |notice: Notice| match notice {
                Notice::EeaAlert => stands.then(|| eea_term(decision.decided_on)).flatten(),
                Notice::Employer | Notice::Nordic | Notice::Hpr => {
                    stands.then_some(decision.decided_on)
                }
                Notice::EeaEnd | Notice::EmployerEnd | Notice::NordicEnd | Notice::HprEnd => {
                    // Nobody needs to know the end of what they were not told of.
                    let told = self.notified(decision.seq, notice.begun_by()?)?;
                    let was_sent = matches!(told.event, Event::Notified { withdrawn: None, .. });
                    let end = self.end_of(decision, known_at)?;
                    match notice {
                        _ if !was_sent || on < end => None,
                        Notice::EeaEnd => eea_term(end),
                        _ => self
                            .ended_otherwise(decision, told.recorded_at, known_at)
                            .then_some(end),
                    }
                }
            };
            let unsent = Notice::ALL
                .into_iter()
                .filter(|notice| self.notified(decision.seq, *notice).is_none());
            notices.extend(unsent.filter_map(|notice| {
                Some((due(notice)?, self.notice(authorisation, decision, notice, known_at)?))
            }));
        }
        notices
    }

    fn notified_decisions(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> impl Iterator<Item = &Statement> {
        self.decisions(authorisation, known_at).filter(|decision| decision.event.is_notified())
    }

    fn notice(
        &self,
        authorisation: &Authorisation,
        decision: &Statement,
        notice: Notice,
        known_at: NumericDate,
    ) -> Option<DueNotice> {
        let effect = decision.event.effect();
        let authorities = match effect {
            Event::Waived { .. } => &law::WAIVER_AUTHORITY,
            _ => &law::SUPERVISORY_AUTHORITY,
        };
        let holder = self.particulars_of(authorisation, known_at);
        let until = match notice.begun_by() {
            Some(_) => self.end_of(decision, known_at),
            None => self.told_until(decision, known_at),
        };
        Some(DueNotice {
            notice,
            decision: decision.seq,
            given_name: holder.given_name.clone(),
            family_name: holder.family_name.clone(),
            birthdate: holder.birthdate,
            profession: self.granted(authorisation).claims.profession,
            authority: law::on(authorities, decision.decided_on)?.value,
            scope: effect.name(),
            from: decision.effective_on,
            until,
        })
    }

    /// The end of a reaction as whoever is told of it at an instant is told it: the decided one,
    /// unless another decision has brought an earlier one.
    fn told_until(&self, decision: &Statement, known_at: NumericDate) -> Option<CivilDate> {
        let [decided, _] = decision.event.ends();
        let lifted = match decision.event.effect() {
            Event::Extended { .. } => self
                .suspension_of(decision, known_at)
                .filter(|suspension| suspension.lifted)
                .and_then(|suspension| suspension.until),
            Event::Suspended { .. } => {
                let suspension = self.suspension_of(decision, known_at);
                let lapsed =
                    |s: &Suspension| s.until.is_some_and(|end| end <= known_at.civil_date());
                suspension
                    .filter(|s| s.lifted || s.unapproved.is_some() && lapsed(s))
                    .and_then(|suspension| suspension.until)
            }
            Event::Revoked { .. } | Event::Waived { .. } => None,
            _ => self.end_of(decision, known_at),
        };
        lifted.or(decided)
    }

    /// Whether a reaction ended or fell by something that was not known yet when somebody was told
    /// of it: not by itself, on the day that they were told. A new authorisation is told by itself.
    fn ended_otherwise(
        &self,
        decision: &Statement,
        told_at: NumericDate,
        known_at: NumericDate,
    ) -> bool {
        if self.reversal(decision.seq, known_at).is_some() {
            return true;
        }
        let by_itself = match decision.event.effect() {
            Event::Suspended { .. } => self
                .suspension_of(decision, known_at)
                .is_some_and(|suspension| !suspension.lifted && suspension.unapproved.is_none()),
            Event::Revoked { .. } | Event::Waived { .. } => true,
            _ => false,
        };
        // Of what was recorded within the same second it is not known which was first.
        let told_at = told_at.plus_seconds(-1);
        !by_itself && self.told_until(decision, known_at) != self.told_until(decision, told_at)
    }

    /// The suspension that a decision imposed or extended, unless it was reversed.
    fn suspension_of(&self, decision: &Statement, known_at: NumericDate) -> Option<Suspension> {
        let authorisation = self.authorisation(decision.event.certificate()?).ok()?;
        let seq = decision.seq;
        self.suspensions(authorisation, known_at.civil_date(), known_at)
            .into_iter()
            .find(|suspension| suspension.seq == seq || suspension.extensions.contains(&seq))
    }

    /// The first day on which a reaction or a waiver no longer applies, because it ended or fell, or
    /// because the person has a new authorisation; none as long as that has no day.
    pub(crate) fn end_of(&self, decision: &Statement, known_at: NumericDate) -> Option<CivilDate> {
        if let Some(reversal) = self.reversal(decision.seq, known_at) {
            return Some(reversal.effective_on);
        }
        let authorisation = self.authorisation(decision.event.certificate()?).ok()?;
        let on = known_at.civil_date();
        let seq = decision.seq;
        match decision.event.effect() {
            Event::Suspended { .. } => self.suspension_of(decision, known_at)?.until,
            Event::Limited { .. } => {
                let limitations = self.limitations(authorisation, on, known_at);
                limitations.iter().find(|limitation| limitation.seq == seq)?.until
            }
            Event::Instructed { .. } => {
                let instructions = self.instructions(authorisation, on, known_at);
                instructions.iter().find(|instruction| instruction.seq == seq)?.until
            }
            Event::Banned { .. } => {
                self.bans(authorisation, on, known_at).iter().find(|ban| ban.seq == seq)?.until
            }
            Event::Revoked { .. } | Event::Waived { .. } => self
                .rights_of_title(
                    self.hpr_of(authorisation, known_at),
                    self.title_of(authorisation),
                    known_at,
                )
                .into_iter()
                .filter(|right| {
                    self.granted(right).application.basis == Ground::NewAuthorisation
                        && self.at(right.grant).seq > seq
                })
                .map(|right| self.at(right.grant).effective_on)
                .min(),
            // The end of an extension is that of the suspension.
            _ => None,
        }
    }

    /// When the time for an appeal ends, and after the decision on it the time to go to court.
    fn times_to_appeal(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Vec<(CivilDate, DueKind)> {
        // A board's decision is no decision by law.
        if self.row_of(authorisation).is_ok_and(|row| !row.is_by_law()) {
            return Vec::new();
        }
        let decisions = self.notified_decisions(authorisation, known_at);
        let appealable = decisions.filter(|decision| decision.event.is_appealable());
        appealable
            .filter_map(|decided| {
                let decision = decided.seq;
                let changed = self.reversal(decision, known_at).filter(|reversal| {
                    matches!(reversal.event, Event::Reversed { instead: Some(_), .. })
                });
                match self.upheld(decision, known_at).or(changed) {
                    Some(on_appeal) => {
                        let months = law::on(&law::SUIT_MONTHS, on_appeal.decided_on)?.value;
                        let day = on_appeal.decided_on.plus_months(months);
                        Some((day, DueKind::SuitEnds { decision }))
                    }
                    None if self.reversal(decision, known_at).is_some() => None,
                    // The milder decision on appeal is the end of the appeal.
                    None if matches!(decided.event, Event::Reversed { .. }) => None,
                    None => {
                        let weeks = law::on(&law::APPEAL_WEEKS, decided.decided_on)?.value;
                        let day = decided.decided_on.plus_days(7 * weeks);
                        Some((day, DueKind::AppealEnds { decision }))
                    }
                }
            })
            .collect()
    }
}

/// By when the other EEA states must be alerted to what happened on a day; none before they were.
fn eea_term(day: CivilDate) -> Option<CivilDate> {
    Some(day.plus_days(law::on(&law::EEA_ALERT_DAYS, day)?.value))
}
