//! The standing of an authorisation on a day, as far as the register knew at an instant.
//!
//! Three times are kept apart: the day on which a decision was made, the day from which it takes
//! effect, and the instant at which it was recorded. `on` refers to the second and `known_at` to
//! the third, so a court can be told both what applied and what could have been known.

use vernet_common::{CertificateNumber, CivilDate, NumericDate, Status};

use crate::{
    application::Application,
    error::Error,
    law::{self, EndReason, SuspensionGround},
    state::index::{Authorisation, State},
    statements::{
        event::{Event, ReissueReason},
        statement::Statement,
    },
    titles::ProtectedTitle,
};

/// The standing of an authorisation on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It had not begun, or nobody knew of it.
    NotYet,
    /// In force.
    Authorised,
    /// In force, under conditions.
    WithConditions {
        /// The reference to the decision with the conditions.
        reference: String,
        /// The first day after the limitation, if it has an end.
        until: Option<CivilDate>,
    },
    /// Suspended.
    Suspended {
        /// The first day after the suspension, if it has an end of its own.
        until: Option<CivilDate>,
    },
    /// Revoked, waived, or replaced by another authorisation.
    Ended {
        /// Why.
        reason: EndReason,
        /// The first day on which it no longer counted.
        since: CivilDate,
    },
    /// Lapsed.
    Lapsed {
        /// Why.
        by: Lapse,
        /// The first day on which it no longer counted.
        since: CivilDate,
    },
    /// Annulled: it never was valid.
    Annulled,
    /// The holder is dead.
    Deceased {
        /// The day of death.
        since: CivilDate,
    },
}

/// A time for which a right was given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// The first day.
    pub(crate) from: CivilDate,
    /// The first day after it, and why it lapses then; none if it has no end.
    pub(crate) until: Option<(CivilDate, Lapse)>,
}

/// Why an authorisation lapsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lapse {
    /// The holder reached the age limit.
    Age,
    /// The licence came to its end.
    LicenceEnd,
    /// The title was not renewed.
    NotRenewed,
}

impl Standing {
    /// The stable name of the standing.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotYet => "not_yet",
            Self::Authorised => "authorised",
            Self::WithConditions { .. } => "with_conditions",
            Self::Suspended { .. } => "suspended",
            Self::Ended { reason, .. } => reason.word(),
            Self::Lapsed { by: Lapse::Age, .. } => "lapsed_by_age",
            Self::Lapsed { by: Lapse::LicenceEnd, .. } => "licence_ended",
            Self::Lapsed { by: Lapse::NotRenewed, .. } => "not_renewed",
            Self::Annulled => "annulled",
            Self::Deceased { .. } => "deceased",
        }
    }

    /// Whether the holder may work as a perfusionist.
    pub fn may_practise(&self) -> bool {
        matches!(self, Self::Authorised | Self::WithConditions { .. })
    }

    /// Whether the holder may use the protected title. After a lapse by age the holder may, without
    /// practising (helsepersonelloven § 54).
    pub fn may_use_title(&self) -> bool {
        self.may_practise() || matches!(self, Self::Lapsed { by: Lapse::Age, .. })
    }

    /// The reason in the code list of end reasons, if it has ended.
    pub fn end_reason(&self) -> Option<EndReason> {
        match self {
            Self::Ended { reason, .. } => Some(*reason),
            Self::Annulled => Some(EndReason::Annulled),
            Self::Lapsed { .. } | Self::Deceased { .. } => Some(EndReason::Ended),
            Self::NotYet
            | Self::Authorised
            | Self::WithConditions { .. }
            | Self::Suspended { .. } => None,
        }
    }

    /// Whether it is in force or only suspended: a certificate exists that is not invalid, or one
    /// is due.
    pub(crate) fn is_live(&self) -> bool {
        self.may_practise() || matches!(self, Self::Suspended { .. })
    }
}

/// A suspension, with extensions and lifting applied.
#[derive(Clone, Debug)]
pub(crate) struct Suspension {
    /// The number of the statement.
    pub(crate) seq: u64,
    pub(crate) from: CivilDate,
    /// The first day after it; none if it ends only by a decision.
    pub(crate) until: Option<CivilDate>,
    pub(crate) ground: SuspensionGround,
    /// A reference to the limits within which the person goes on working.
    pub(crate) limits: Option<String>,
    /// The statements that extended it.
    pub(crate) extensions: Vec<u64>,
    pub(crate) lifted: bool,
    /// The statement, if one officer made it in an emergency and it is not confirmed. `until` is
    /// then the day on which it ends without a second officer.
    pub(crate) unapproved: Option<u64>,
    /// Whether nobody decided it: the right rests because a decision was lost, see `restored`.
    pub(crate) restored: bool,
}

impl Suspension {
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        covers(self.from, self.until, on)
    }

    /// Whether it covers no day, because it was lifted on its first one.
    pub(crate) fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until <= self.from)
    }
}

fn covers(from: CivilDate, until: Option<CivilDate>, on: CivilDate) -> bool {
    from <= on && until.is_none_or(|until| on < until)
}

/// An instruction or a ban, with its end applied.
#[derive(Clone, Debug)]
pub(crate) struct Measure {
    /// The number of the statement.
    pub(crate) seq: u64,
    pub(crate) from: CivilDate,
    pub(crate) until: Option<CivilDate>,
}

impl Measure {
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        covers(self.from, self.until, on)
    }
}

/// A time in which a decision does not apply, because an appeal runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stay {
    pub(crate) from: CivilDate,
    /// The first day on which the decision applies again, if it does.
    pub(crate) until: Option<CivilDate>,
    begins: (NumericDate, u64),
    ends: Option<(NumericDate, u64)>,
}

impl Stay {
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        covers(self.from, self.until, on)
    }
}

/// A limitation, with lifting applied.
#[derive(Clone, Debug)]
pub(crate) struct Limitation {
    /// The number of the statement.
    pub(crate) seq: u64,
    pub(crate) from: CivilDate,
    pub(crate) until: Option<CivilDate>,
    pub(crate) reference: String,
    /// As in [`Suspension`].
    pub(crate) restored: bool,
}

impl Limitation {
    pub(crate) fn covers(&self, on: CivilDate) -> bool {
        covers(self.from, self.until, on)
    }
}

impl State {
    /// The standing, on a day, of the authorisation that a certificate belongs to, as known at an
    /// instant.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn standing(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Result<Standing, Error> {
        Ok(self.standing_of(self.authorisation(number)?, on, known_at))
    }

    /// The status of a certificate on a day, as known at an instant.
    ///
    /// Invalid is final: once a certificate was invalid at any instant, by what the register then
    /// knew, it stays invalid, even if the decision is reversed. A verifier that saw it invalid may
    /// have told people so.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no such certificate, or it was not yet issued at that
    /// instant.
    pub fn certificate_status(
        &self,
        number: CertificateNumber,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Result<Status, Error> {
        let authorisation = self.authorisation(number)?;
        let status = self.own_status(number, authorisation, on, known_at)?;
        Ok(match self.required(authorisation, on, known_at) {
            Some(_) if status == Status::Invalid => status,
            Some(Standing::Authorised) | None => status,
            Some(Standing::WithConditions { .. }) if status == Status::Valid => Status::Conditions,
            Some(Standing::WithConditions { .. }) => status,
            Some(_) => Status::Suspended,
        })
    }

    /// The status that a certificate has by what was decided about its own authorisation.
    fn own_status(
        &self,
        number: CertificateNumber,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Result<Status, Error> {
        let certificate = self.certificate(number)?;
        if certificate.statement.recorded_at > known_at {
            return Err(Error::NotFound { number });
        }
        let known = |statement: &Statement| {
            statement.recorded_at <= known_at && statement.effective_on <= on
        };
        // Any later one supersedes it: what runs on ends at once if the next print was stolen.
        let superseded = authorisation
            .certificates
            .iter()
            .map(|(_, position)| self.at(*position))
            .filter(|later| later.seq > certificate.statement.seq && known(later))
            .any(|later| previous_until(later).is_none_or(|until| until <= on));
        let ended =
            authorisation.decisions.iter().map(|position| self.at(*position)).any(|decision| {
                ends(decision.event.effect()).is_some()
                    && known(decision)
                    && self.took_effect(decision, certificate.statement, on, known_at)
            });
        let died = self.death(self.hpr_of(authorisation, known_at), known_at).is_some_and(known);
        let was_invalid = authorisation
            .given_back
            .iter()
            .map(|position| self.at(*position))
            .any(|given_back| known(given_back) && certificate.statement.seq < given_back.seq);
        // The end in a certificate follows from the date of birth that was known then.
        let lapsed = !authorisation.corrections.is_empty()
            && self.lapse(authorisation, on, known_at).is_some_and(|(since, _)| since <= on);
        let was_told = self.was_told_invalid(number, authorisation, known);
        if superseded || ended || died || was_invalid || was_told || lapsed {
            return Ok(Status::Invalid);
        }
        let suspensions = self.suspensions(authorisation, on, known_at);
        let mut suspensions = suspensions.iter().filter(|suspension| suspension.covers(on));
        if suspensions.clone().any(|suspension| suspension.limits.is_none()) {
            return Ok(Status::Suspended);
        }
        let limited = suspensions.next().is_some()
            || self.limitations(authorisation, on, known_at).iter().any(|l| l.covers(on));
        if limited || self.granted(authorisation).application.conditions.is_some() {
            return Ok(Status::Conditions);
        }
        Ok(Status::Valid)
    }

    /// The standing of an authorisation. A title that requires another one, as a specialist's that of
    /// the profession, rests while the person may not work with that other one: it is suspended,
    /// which is not final.
    pub(crate) fn standing_of(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Standing {
        let own = self.own_standing(authorisation, on, known_at);
        if !own.is_live() {
            return own;
        }
        match (own, self.required(authorisation, on, known_at)) {
            (own, None | Some(Standing::Authorised)) => own,
            (Standing::Authorised, Some(conditions @ Standing::WithConditions { .. })) => {
                conditions
            }
            (own, Some(Standing::WithConditions { .. })) => own,
            (_, Some(Standing::Suspended { until })) => Standing::Suspended { until },
            (_, Some(_)) => Standing::Suspended { until: None },
        }
    }

    /// The best standing that the person has with the title which the one of this authorisation
    /// requires, if it requires one.
    fn required(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<Standing> {
        let required = self.row_of(authorisation).ok()?.requires.as_ref()?;
        let hpr = self.hpr_of(authorisation, known_at);
        let rights = self.rights_of_title(hpr, required, known_at);
        let standings = rights.into_iter().map(|right| self.standing_of(right, on, known_at));
        let best = standings.min_by_key(|standing| match standing {
            Standing::Authorised => 0,
            Standing::WithConditions { .. } => 1,
            Standing::Suspended { .. } => 2,
            _ => 3,
        });
        Some(best.unwrap_or(Standing::NotYet))
    }

    pub(super) fn own_standing(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Standing {
        let grant = self.at(authorisation.grant);
        if grant.recorded_at > known_at || on < grant.effective_on {
            return Standing::NotYet;
        }
        if let Some(death) = self
            .death(self.hpr_of(authorisation, known_at), known_at)
            .filter(|death| death.effective_on <= on)
        {
            return Standing::Deceased { since: death.effective_on };
        }
        match self.ending(authorisation, on, known_at) {
            Some((_, EndReason::Annulled)) => return Standing::Annulled,
            Some((decision, reason)) => {
                return Standing::Ended { reason, since: decision.effective_on };
            }
            None => {}
        }
        if let Some((since, by)) =
            self.lapse(authorisation, on, known_at).filter(|(since, _)| *since <= on)
        {
            return Standing::Lapsed { by, since };
        }
        if let Some(suspension) =
            self.suspensions(authorisation, on, known_at).into_iter().find(|s| s.covers(on))
        {
            return match suspension.limits {
                Some(reference) => Standing::WithConditions { reference, until: suspension.until },
                None => Standing::Suspended { until: suspension.until },
            };
        }
        if let Some(limitation) =
            self.limitations(authorisation, on, known_at).into_iter().find(|l| l.covers(on))
        {
            return Standing::WithConditions {
                reference: limitation.reference,
                until: limitation.until,
            };
        }
        match &self.granted(authorisation).application.conditions {
            Some(reference) => {
                Standing::WithConditions { reference: reference.clone(), until: None }
            }
            None => Standing::Authorised,
        }
    }

    /// The decision that had ended the authorisation by a day, as known at an instant: an annulment
    /// if there is one, otherwise the earliest.
    pub(crate) fn ending(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<(&Statement, EndReason)> {
        self.counting(authorisation, on, known_at)
            .filter(|decision| decision.effective_on <= on)
            .filter_map(|decision| Some((decision, ends(decision.event.effect())?)))
            .min_by_key(|(decision, reason)| {
                (*reason != EndReason::Annulled, decision.effective_on)
            })
    }

    /// When the authorisation lapses, as seen on a day: at the age limit, the end of the licence, or
    /// because it is not renewed, whichever comes first.
    pub(crate) fn lapse(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Option<(CivilDate, Lapse)> {
        // Nearly all rights have one term: for them nothing is put into a list.
        let row = self.row_of(authorisation).ok()?;
        if row.renewal.is_none() {
            let birthdate = self.birthdate_of(authorisation, known_at);
            return lapse(&self.granted(authorisation).application, birthdate, row, None);
        }
        let terms = self.terms(authorisation, known_at);
        let term = terms.iter().rev().find(|term| term.from <= on).or(terms.first())?;
        term.until
    }

    /// The times for which a right was given, one after the other. Between two of them it had
    /// lapsed.
    pub(crate) fn terms(&self, authorisation: &Authorisation, known_at: NumericDate) -> Vec<Term> {
        let application = &self.granted(authorisation).application;
        // What a register holds was granted under a title that it holds.
        let Ok(row) = self.row_of(authorisation) else { return Vec::new() };
        let birthdate = self.birthdate_of(authorisation, known_at);
        let lapse = |end| lapse(application, birthdate, row, end);
        let mut end = row.first_end(application.granted, application.cycle_ends);
        let mut terms = vec![Term { from: application.granted, until: lapse(end) }];
        let Some(renewal) = &row.renewal else { return terms };
        for renewed in self.renewals(authorisation, known_at) {
            end = end.map(|end| renewal.next_end(end));
            let term = Term { from: renewed.effective_on, until: lapse(end) };
            match terms.last_mut() {
                Some(last) if last.until.is_none_or(|(lapsed, _)| term.from <= lapsed) => {
                    last.until = term.until;
                }
                _ => terms.push(term),
            }
        }
        terms
    }

    /// The first days after the cycle of a title and after the next one, if it has cycles.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] if there is no certificate with this number.
    pub fn cycle(
        &self,
        number: CertificateNumber,
        known_at: NumericDate,
    ) -> Result<Option<(CivilDate, CivilDate)>, Error> {
        let authorisation = self.authorisation(number)?;
        let renewal = self.row_of(authorisation)?.renewal.as_ref();
        let end = self.cycle_end(authorisation, known_at);
        Ok(renewal.zip(end).map(|(renewal, end)| (end, renewal.next_end(end))))
    }

    /// The first day after the cycle of a right, as known at an instant, if its title has cycles.
    pub(crate) fn cycle_end(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> Option<CivilDate> {
        let row = self.row_of(authorisation).ok()?;
        let Application { granted, cycle_ends, .. } = *self.granted(authorisation).application;
        let (renewal, first) = (row.renewal.as_ref()?, row.first_end(granted, cycle_ends)?);
        let renewals = self.renewals(authorisation, known_at);
        Some(renewals.fold(first, |end, _| renewal.next_end(end)))
    }

    fn renewals(
        &self,
        authorisation: &Authorisation,
        known_at: NumericDate,
    ) -> impl Iterator<Item = &Statement> {
        let is_renewal = |event: &Event| matches!(event, Event::Reissued(reissued) if reissued.reason == ReissueReason::Renewal);
        self.decisions(authorisation, known_at).filter(move |decision| is_renewal(&decision.event))
    }

    /// The suspensions of an authorisation that were not reversed by a day, as known at an instant.
    pub(crate) fn suspensions(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<Suspension> {
        let mut suspensions: Vec<Suspension> = Vec::new();
        let mut rests = self.rests(authorisation, known_at).into_iter().peekable();
        for decision in self.counting(authorisation, on, known_at) {
            while let Some(rest) = rests.next_if(|rest| rest.seq < decision.seq) {
                suspensions.push(rest);
            }
            let day = decision.effective_on;
            let current = suspensions.iter_mut().rev().find(|suspension| suspension.covers(day));
            match (decision.event.effect(), current) {
                (Event::Suspended { until, unapproved_until, ground, limits, .. }, _) => {
                    let short =
                        unapproved_until.filter(|_| !self.is_confirmed(decision.seq, known_at));
                    suspensions.push(Suspension {
                        seq: decision.seq,
                        from: day,
                        until: short.or(*until),
                        ground: *ground,
                        limits: limits.clone(),
                        extensions: Vec::new(),
                        lifted: false,
                        unapproved: short.map(|_| decision.seq),
                        restored: false,
                    });
                }
                (Event::Extended { until, .. }, Some(suspension)) => {
                    suspension.until = Some(*until);
                    suspension.extensions.push(decision.seq);
                }
                (Event::Lifted { .. }, Some(suspension)) => {
                    suspension.until = Some(day);
                    suspension.lifted = true;
                }
                _ => {}
            }
        }
        suspensions.extend(rests);
        suspensions
    }

    /// The limitations of an authorisation that were not reversed by a day, as known at an instant.
    pub(crate) fn limitations(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<Limitation> {
        let mut limitations: Vec<Limitation> = Vec::new();
        let mut lost = self.lost_limits(authorisation, known_at).into_iter().peekable();
        for decision in self.counting(authorisation, on, known_at) {
            while let Some(limit) = lost.next_if(|limit| limit.seq < decision.seq) {
                limitations.push(limit);
            }
            let day = decision.effective_on;
            match decision.event.effect() {
                Event::Limited { reference, until, .. } => {
                    limitations.push(Limitation {
                        seq: decision.seq,
                        from: day,
                        until: *until,
                        reference: reference.clone(),
                        restored: false,
                    });
                }
                Event::LimitationLifted { .. } => {
                    if let Some(limitation) =
                        limitations.iter_mut().rev().find(|limitation| limitation.covers(day))
                    {
                        limitation.until = Some(day);
                    }
                }
                _ => {}
            }
        }
        limitations.extend(lost);
        limitations
    }

    /// The bans of the holder, each with the number of its statement, as [`State::suspensions`].
    pub(crate) fn bans(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<Measure> {
        self.measures(authorisation, on, known_at, |event| match event {
            Event::Banned { until, .. } => Some(Some(*until)),
            Event::BanEnded { .. } => Some(None),
            _ => None,
        })
    }

    /// The instructions to the holder, as [`State::suspensions`].
    pub(crate) fn instructions(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> Vec<Measure> {
        self.measures(authorisation, on, known_at, |event| match event {
            Event::Instructed { until, .. } => Some(Some(*until)),
            Event::InstructionEnded { .. } => Some(None),
            _ => None,
        })
    }

    /// What begins and ends by statements of its own. `of` gives `Some` for its statements: with the
    /// end that was decided for one that begins it, and `None` for one that ends it.
    fn measures(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
        of: impl Fn(&Event) -> Option<Option<Option<CivilDate>>>,
    ) -> Vec<Measure> {
        let mut measures: Vec<Measure> = Vec::new();
        for decision in self.counting(authorisation, on, known_at) {
            match of(decision.event.effect()) {
                Some(Some(until)) => {
                    measures.push(Measure { seq: decision.seq, from: decision.effective_on, until })
                }
                Some(None) => {
                    let begun = decision.event.about();
                    if let Some(measure) = measures.iter_mut().find(|m| Some(m.seq) == begun) {
                        measure.until = Some(decision.effective_on);
                    }
                }
                None => {}
            }
        }
        measures
    }

    /// The decisions about an authorisation that were known and not reversed by a day, and are not
    /// stayed on it.
    pub(crate) fn counting(
        &self,
        authorisation: &Authorisation,
        on: CivilDate,
        known_at: NumericDate,
    ) -> impl Iterator<Item = &Statement> {
        let decisions = authorisation.decisions.iter().map(|position| self.at(*position));
        decisions.filter(move |decision| self.counts(decision, on, known_at))
    }

    /// Whether a decision was known and not reversed by a day, and is not stayed on it.
    fn counts(&self, decision: &Statement, on: CivilDate, known_at: NumericDate) -> bool {
        decision.recorded_at <= known_at
            && self
                .reversal(decision.seq, known_at)
                .is_none_or(|reversal| on < reversal.effective_on)
            && !self.stays(decision.seq, known_at).any(|stay| stay.covers(on))
    }

    /// The stays of a decision, as known at an instant.
    pub(crate) fn stays(&self, seq: u64, known_at: NumericDate) -> impl Iterator<Item = Stay> {
        let known = move |statement: &&Statement| statement.recorded_at <= known_at;
        self.stays.get(&seq).into_iter().flatten().filter_map(move |(begin, end)| {
            let begin = Some(self.at(*begin)).filter(known)?;
            let end = end.map(|end| self.at(end)).filter(known);
            Some(Stay {
                from: begin.effective_on,
                until: end.map(|end| end.effective_on),
                begins: begins(begin),
                ends: end.map(begins),
            })
        })
    }

    /// Whether a decision that ends an authorisation applied by a day, however briefly, at a time
    /// when this certificate was there. One that was signed after a reversal or during a stay is not
    /// touched by what was before.
    fn took_effect(
        &self,
        decision: &Statement,
        certificate: &Statement,
        on: CivilDate,
        known_at: NumericDate,
    ) -> bool {
        let signed = (certificate.recorded_at, certificate.seq);
        let mut begin = begins(decision);
        for stay in self.stays(decision.seq, known_at) {
            if begin.max(signed) < stay.begins {
                return true;
            }
            match stay.ends.filter(|_| stay.until.is_some_and(|until| until <= on)) {
                Some(end) => begin = begin.max(end),
                // It does not apply, as long as it is stayed.
                None => return false,
            }
        }
        self.reversal(decision.seq, known_at)
            .is_none_or(|reversal| begin.max(signed) < begins(reversal))
    }
}

/// The first instant at which a statement applies. Of statements that begin in the same second, the
/// earlier one applies first; what begins with a day comes before all that is recorded on it.
fn begins(statement: &Statement) -> (NumericDate, u64) {
    let day = statement.effective_on.start();
    if statement.recorded_at < day { (day, 0) } else { (statement.recorded_at, statement.seq) }
}

/// When a right lapses, and why: at the age limit, at its own end, or after the cycle that ends on a
/// day.
///
/// Over the age limit, a licence is valid until its own end (helsepersonelloven § 54 second
/// paragraph).
pub(crate) fn lapse(
    application: &Application,
    birthdate: CivilDate,
    row: &ProtectedTitle,
    cycle_end: Option<CivilDate>,
) -> Option<(CivilDate, Lapse)> {
    let Application { kind, granted, valid_to, .. } = *application;
    let age = law::age_limit_reached(birthdate, granted);
    let age = (row.age_limit && (!kind.is_limited_in_time() || granted < age))
        .then_some((age, Lapse::Age));
    let end = valid_to.map(|end| (end, Lapse::LicenceEnd));
    let cycle = row.renewal.as_ref().zip(cycle_end);
    let cycle = cycle.map(|(renewal, end)| (renewal.lapses(end), Lapse::NotRenewed));
    [age, end, cycle].into_iter().flatten().min_by_key(|(since, _)| *since)
}

/// The first day on which what a certificate supersedes is no longer good, if that runs on.
fn previous_until(later: &Statement) -> Option<CivilDate> {
    match &later.event {
        Event::Reissued(reissued) => reissued.previous_until,
        _ => None,
    }
}

/// Why an authorisation ends when this event takes effect. A grant among the decisions about
/// another authorisation replaces it.
pub(crate) fn ends(event: &Event) -> Option<EndReason> {
    match event {
        Event::Revoked { .. } => Some(EndReason::Revoked),
        Event::Waived { .. } => Some(EndReason::Waived),
        Event::Annulled { .. } => Some(EndReason::Annulled),
        Event::Granted(_) => Some(EndReason::Ended),
        _ => None,
    }
}
