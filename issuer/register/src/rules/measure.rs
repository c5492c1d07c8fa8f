//! Instructions (helsepersonelloven § 56) and bans (§ 57 a).

use vernet_common::{CertificateNumber, CivilDate, NumericDate};

use crate::{
    error::Error,
    law, phrase,
    rule::{Rule, RuleError},
    rules::common::{has_length, in_force},
    state::{index::State, standing::Measure},
    statements::event::Event,
};

impl State {
    /// What ends an instruction or a ban.
    ///
    /// # Errors
    ///
    /// [`Error::StatementNotFound`] if there is no such decision.
    pub fn end_of_measure(
        &self,
        certificate: CertificateNumber,
        decision: u64,
    ) -> Result<Event, Error> {
        Ok(match self.statement(decision)?.event {
            Event::Banned { .. } => Event::BanEnded { certificate, decision },
            _ => Event::InstructionEnded { certificate, decision },
        })
    }
}

pub(super) fn instruct(
    state: &State,
    number: CertificateNumber,
    from: CivilDate,
    until: Option<CivilDate>,
    now: NumericDate,
) -> Result<(), Error> {
    in_force(state, state.authorisation(number)?, from, now)?;
    if law::on(&law::INSTRUCTION, from).is_none() {
        let expected = phrase!("`{since}` or later", since = law::INSTRUCTION[0].from());
        return Err(RuleError::new(Rule::InstructionTooEarly, from, expected).into());
    }
    Ok(has_length(Rule::InstructionWithoutLength, from, until)?)
}

pub(super) fn end_instruction(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let instructions = state.instructions(state.authorisation(number)?, on, now);
    is_in_force(Rule::InstructionNotInForce, &instructions, seq, on)
}

/// Refuses to ban somebody who has a right: that one is suspended, or the right revoked.
pub(super) fn ban(
    state: &State,
    number: CertificateNumber,
    from: CivilDate,
    until: Option<CivilDate>,
    now: NumericDate,
) -> Result<(), Error> {
    let hpr = state.hpr_of(state.authorisation(number)?, now);
    let live = state
        .rights_of_person(hpr, now)
        .into_iter()
        .find(|right| state.standing_of(right, from, now).is_live());
    if let Some((live, _)) = live.and_then(|right| right.certificates.last()) {
        let expected =
            phrase!("somebody without an authorisation: suspend or revoke `{live}`", live);
        return Err(RuleError::new(Rule::BanOfAuthorised, hpr, expected).into());
    }
    Ok(has_length(Rule::BanWithoutLength, from, until)?)
}

pub(super) fn end_ban(
    state: &State,
    number: CertificateNumber,
    seq: u64,
    on: CivilDate,
    now: NumericDate,
) -> Result<(), Error> {
    let bans = state.bans(state.authorisation(number)?, on, now);
    is_in_force(Rule::BanNotInForce, &bans, seq, on)
}

fn is_in_force(rule: Rule, measures: &[Measure], seq: u64, on: CivilDate) -> Result<(), Error> {
    if measures.iter().any(|measure| measure.seq == seq && measure.covers(on)) {
        return Ok(());
    }
    let expected = phrase!("the number of one that is in force on `{on}`", on);
    Err(RuleError::new(rule, seq, expected).into())
}
