//! Officers: who may sign what, and when.
//!
//! An officer is a name and a key that the office knows to be that person's. One person may have
//! several keys under the same name, for instance an old and a new one. Both the name *and* the key
//! identify a person, so that nobody can approve their own proposal by changing keys. Names that
//! look alike count as one name. Otherwise the same person could be enrolled twice, approved by a
//! colleague who thought that it was a new key for the old name.

use std::collections::BTreeMap;

use vernet_common::{CivilDate, KeyId, NumericDate};

use crate::{
    error::Error,
    officer::Officer,
    officer_key::{assertion::OfficerSignature, public::OfficerPublicKey},
    phrase,
    rule::{Rule, RuleError},
    statements::{
        appointment::{Appointment, EndedKey},
        enrolment::{Enrolment, Role},
    },
};

/// An officer's key, with all that was recorded about it.
#[derive(Clone, Debug)]
pub struct OfficerKey {
    enrolments: Vec<Enrolment>,
    ended_at: Option<NumericDate>,
    /// How often it had signed by its own count, if it is a passkey that counts.
    count: u32,
    /// The key that was the person's first.
    person: KeyId,
}

impl OfficerKey {
    /// The officer's name.
    pub fn name(&self) -> &Officer {
        &self.enrolments[0].name
    }

    /// The key.
    pub fn key(&self) -> &OfficerPublicKey {
        &self.enrolments[0].key
    }

    /// When it was ended, if it was and no later enrolment restored it.
    pub fn ended_at(&self) -> Option<NumericDate> {
        self.ended_at
    }

    /// Checks that a signature can be later than all that is recorded of this key.
    ///
    /// # Errors
    ///
    /// [`Error::AssertionInvalid`] if the passkey has counted further before: it may have been
    /// copied.
    pub fn check_count(&self, signature: &OfficerSignature) -> Result<(), Error> {
        match &signature.assertion {
            Some(assertion) if !assertion.follows(self.count) => {
                let reason = "it had signed more often before: the passkey may have been copied";
                Err(Error::AssertionInvalid { kid: self.key().kid(), reason })
            }
            _ => Ok(()),
        }
    }

    /// The enrolment that applies on a day: the last one that had begun by then, or the first one
    /// before any had.
    pub fn on(&self, day: CivilDate) -> &Enrolment {
        let begun = self.enrolments.iter().rev().find(|enrolment| enrolment.from <= day);
        begun.unwrap_or(&self.enrolments[0])
    }

    /// Whether the officer may sign on a day, as far as is known.
    pub fn in_office(&self, on: CivilDate) -> bool {
        self.ended_at.is_none() && self.on(on).covers(on)
    }
}

/// All officers that an office ever had.
#[derive(Clone, Default, Debug)]
pub struct Officers {
    keys: BTreeMap<KeyId, OfficerKey>,
}

impl Officers {
    /// Every officer's key, by key id.
    pub fn keys(&self) -> impl Iterator<Item = (KeyId, &OfficerKey)> {
        self.keys.iter().map(|(kid, key)| (*kid, key))
    }

    /// An officer's key.
    ///
    /// # Errors
    ///
    /// [`Error::OfficerUnknown`] if no officer has it.
    pub fn key(&self, kid: KeyId) -> Result<&OfficerKey, Error> {
        self.keys.get(&kid).ok_or(Error::OfficerUnknown { kid })
    }

    /// The officer with this key, if in office on a day.
    ///
    /// # Errors
    ///
    /// [`Error::OfficerUnknown`] if no officer has the key; [`Error::OfficerNotInOffice`] if the
    /// period does not cover the day, or the key was ended.
    pub fn in_office(&self, kid: KeyId, on: CivilDate) -> Result<&Enrolment, Error> {
        let known = self.key(kid)?;
        let enrolment = known.on(on);
        if known.in_office(on) {
            return Ok(enrolment);
        }
        let Enrolment { from, until, .. } = *enrolment;
        Err(Error::OfficerNotInOffice {
            officer: enrolment.name.clone().into(),
            on,
            from,
            until,
            ended_at: known.ended_at,
        })
    }

    /// The officer with this key, if in office on a day in one of these roles.
    ///
    /// # Errors
    ///
    /// As for [`Officers::in_office`]; [`Error::RoleMissing`] if the officer has none of the roles.
    pub fn in_role(&self, kid: KeyId, on: CivilDate, roles: &[Role]) -> Result<&Enrolment, Error> {
        let enrolment = self.in_office(kid, on)?;
        if roles.iter().any(|role| enrolment.roles.contains(role)) {
            return Ok(enrolment);
        }
        let words = |roles: &mut dyn Iterator<Item = &Role>| {
            roles.map(|role| role.word()).collect::<Vec<_>>().join(", ")
        };
        Err(Error::RoleMissing {
            officer: enrolment.name.clone().into(),
            found: words(&mut enrolment.roles.iter()),
            needed: words(&mut roles.iter()),
        })
    }

    /// Whether two keys are of one person.
    pub(crate) fn same_person(&self, a: KeyId, b: KeyId) -> bool {
        let person = |kid| self.keys.get(&kid).map(|key| key.person);
        a == b || person(a).is_some() && person(a) == person(b)
    }

    /// The keys of the officers with this name, or with one that people can mistake for it.
    pub fn keys_of(&self, name: &Officer) -> impl Iterator<Item = (KeyId, &OfficerKey)> {
        self.keys().filter(move |(_, key)| key.name().resembles(name))
    }

    /// Checks that these officers may found the office.
    pub(crate) fn check_founders(officers: &[Enrolment], on: CivilDate) -> Result<(), Error> {
        let mut known = Self::default();
        for enrolment in officers {
            known.check_enrolment(enrolment)?;
            known.enrol(enrolment.clone());
        }
        Ok(known.check_administrators(on, false)?)
    }

    /// Checks that this enrolment may be made. A key belongs to one officer permanently.
    pub(crate) fn check_enrolment(&self, enrolment: &Enrolment) -> Result<(), RuleError> {
        enrolment.check()?;
        if let Some((_, known)) =
            self.keys_of(&enrolment.name).find(|(_, known)| known.name() != &enrolment.name)
        {
            let expected = phrase!(
                "`{known}`, if it is the same person, or a name that nobody takes for it",
                known = known.name().as_str()
            );
            return Err(RuleError::new(
                Rule::OfficerNameResembles,
                enrolment.name.as_str(),
                expected,
            ));
        }
        match self.keys.get(&enrolment.key.kid()) {
            // A key id is short: two keys with the same one could not be told apart.
            Some(known) if known.name() != &enrolment.name || known.key() != &enrolment.key => {
                let expected = phrase!("`{known}`, whose key it is", known = known.name().as_str());
                Err(RuleError::new(Rule::OfficerKeyOfAnother, enrolment.name.as_str(), expected))
            }
            _ => Ok(()),
        }
    }

    /// Checks that this key may be ended. If the roots cannot appoint others, enough administrators
    /// must remain to enrol them; otherwise a key can always be ended, because it may be stolen.
    pub(crate) fn check_end(
        &self,
        kid: KeyId,
        roots_appoint: bool,
        on: CivilDate,
    ) -> Result<(), Error> {
        self.key(kid)?;
        if roots_appoint {
            return Ok(());
        }
        let mut rest = self.clone();
        rest.keys.remove(&kid);
        Ok(rest.check_administrators(on, true)?)
    }

    /// Checks an appointment by the roots: each enrolment as two administrators could make it, and
    /// each key that is ended that of the officer who is named. Two administrators must be in office
    /// afterwards.
    pub(crate) fn check_appointment(
        &self,
        appointment: &Appointment,
        at: NumericDate,
    ) -> Result<(), Error> {
        let mut after = self.clone();
        for EndedKey { officer, kid } in &appointment.ended {
            let known = self.key(*kid)?.name();
            if known != officer {
                let (found, expected) = (officer.clone().into(), known.clone().into());
                return Err(Error::OfficerName { found, expected });
            }
            after.end(*kid, at);
        }
        for enrolment in &appointment.officers {
            after.check_enrolment(enrolment)?;
            after.enrol(enrolment.clone());
        }
        Ok(after.check_administrators(at.civil_date(), false)?)
    }

    fn check_administrators(&self, on: CivilDate, unless_pinned: bool) -> Result<(), RuleError> {
        let found = self.in_role_on(Role::Administer, on).count();
        if found < 2 {
            let expected = match unless_pinned {
                false => phrase!("at least two in office on `{on}`: an enrolment takes two", on),
                true => phrase!(
                    "at least two in office on `{on}`: an enrolment takes two, as long as no root keys are pinned",
                    on
                ),
            };
            return Err(RuleError::new(Rule::TooFewAdministrators, found, expected));
        }
        Ok(())
    }

    /// The people in office on a day in a role, as far as is known: each once, however many keys
    /// they have.
    pub fn in_role_on(&self, role: Role, on: CivilDate) -> impl Iterator<Item = &Officer> {
        let mut people = BTreeMap::new();
        for key in self.keys.values() {
            if key.in_office(on) && key.on(on).roles.contains(&role) {
                people.entry(key.person).or_insert(key.name());
            }
        }
        people.into_values()
    }

    /// Whether anybody was ever in office in a role, or is to be.
    pub fn has_role(&self, role: Role) -> bool {
        let enrolments = || self.keys.values().flat_map(|key| &key.enrolments);
        enrolments().any(|enrolment| enrolment.roles.contains(&role))
    }

    /// The first day, from a day on, on which fewer than so many people are in office in a role, as
    /// far as is known; none if that never comes, which no period allows.
    pub fn falls_short(&self, role: Role, people: usize, from: CivilDate) -> Option<CivilDate> {
        // Whoever is in office changes only where a period begins or ends.
        let enrolments = self.keys.values().flat_map(|key| &key.enrolments);
        let mut days: Vec<CivilDate> =
            enrolments.flat_map(|enrolment| [enrolment.from, enrolment.until]).collect();
        days.push(from);
        days.sort_unstable();
        let short = |day: &CivilDate| self.in_role_on(role, *day).count() < people;
        days.into_iter().filter(|day| *day >= from).find(short)
    }

    pub(crate) fn enrol(&mut self, enrolment: Enrolment) {
        let kid = enrolment.key.kid();
        let person = self.keys_of(&enrolment.name).next().map_or(kid, |(_, known)| known.person);
        let key = OfficerKey { enrolments: Vec::new(), ended_at: None, count: 0, person };
        let known = self.keys.entry(kid).or_insert(key);
        if known.ended_at.take().is_some() {
            known.enrolments.clear();
        }
        known.enrolments.push(enrolment);
    }

    /// Takes note of a signature that is recorded.
    pub(crate) fn signed(&mut self, kid: KeyId, signature: &OfficerSignature) {
        if let (Some(known), Some(assertion)) = (self.keys.get_mut(&kid), &signature.assertion) {
            known.count = assertion.count();
        }
    }

    pub(crate) fn end(&mut self, kid: KeyId, at: NumericDate) {
        if let Some(known) = self.keys.get_mut(&kid) {
            known.ended_at.get_or_insert(at);
        }
    }

    /// Does what an appointment says.
    pub(crate) fn appoint(&mut self, appointment: Appointment, at: NumericDate) {
        appointment.ended.iter().for_each(|ended| self.end(ended.kid, at));
        appointment.officers.into_iter().for_each(|officer| self.enrol(officer));
    }
}
