//! What the root keys may do in the register: appoint officers, and nothing else. And how the
//! register knows which root keys those are.

use vernet_common::{KeyId, NumericDate, Roots, SignedTrustList, Verified};

use crate::{
    error::Error,
    state::index::State,
    statements::{
        appointment::{Appointment, SignedAppointment},
        digest::Digest,
        enrolment::Enrolment,
        event::Event,
    },
};

/// Checks that enough of the pinned roots signed an appointment, and that it can be recorded now.
pub(crate) fn appoint(
    state: &State,
    signed: &SignedAppointment,
    now: NumericDate,
) -> Result<Appointment, Error> {
    let roots = state.pinned_roots().ok_or(Error::RootsNotPinned)?;
    let appointment = roots.verify(signed)?.into_claims();
    check_appointment(state, &appointment, now)?;
    Ok(appointment)
}

/// Checks that an appointment could be recorded now, if enough roots signed it: so that nobody has
/// the roots sign what the register would refuse.
///
/// # Errors
///
/// As for `Register::appoint`, but for those about signatures.
pub fn check_appointment(
    state: &State,
    appointment: &Appointment,
    now: NumericDate,
) -> Result<(), Error> {
    if state.pinned_roots().is_none() {
        return Err(Error::RootsNotPinned);
    }
    let expected = state.iss().ok_or(Error::NotFounded)?;
    if appointment.iss != *expected {
        let (found, expected) = (appointment.iss.clone(), expected.clone());
        return Err(Error::AppointmentOfAnother { found, expected });
    }
    check_place(state, appointment)?;
    if now < appointment.iat {
        let (found, known) = (now, appointment.iat);
        return Err(Error::ClockBehind { found, what: "the appointment", known });
    }
    let days = now.civil_date().days_since(appointment.iat.civil_date());
    let limit = Appointment::MAX_AGE_DAYS;
    if days > limit {
        return Err(Error::AppointmentTooOld { days, limit });
    }
    for enrolment in &appointment.officers {
        check_officer_key(state, enrolment)?;
    }
    state.officers().check_appointment(appointment, now)
}

/// Checks that the appointment is for this register, and that the officers whom the roots knew of
/// are still those of the register.
fn check_place(state: &State, appointment: &Appointment) -> Result<(), Error> {
    let Appointment { seq, head, .. } = *appointment;
    if state.hash(seq) != Some(head) {
        return Err(Error::AppointmentElsewhere { seq });
    }
    let kids: Vec<KeyId> = appointment.officers.iter().map(|officer| officer.key.kid()).collect();
    // Ending a key does not overtake it by itself: whoever has stolen one could otherwise keep every
    // appointment out. But the appointment must not restore a key that was ended meanwhile.
    let overtakes = |event: &Event| match event {
        Event::OfficerEnrolled(_) | Event::Appointed(_) => true,
        Event::OfficerEnded { kid } => kids.contains(kid),
        _ => false,
    };
    let since = state.statements().iter().skip_while(|statement| statement.seq <= seq);
    let by = since.filter(|statement| overtakes(&statement.event)).map(|statement| statement.seq);
    by.min().map_or(Ok(()), |by| Err(Error::AppointmentOvertaken { by }))
}

/// Checks that an officer's key is no other key of the office.
pub(crate) fn check_officer_key(state: &State, enrolment: &Enrolment) -> Result<(), Error> {
    let kid = enrolment.key.kid();
    let is_root = state.pinned_roots().is_some_and(|roots| is_root(roots, kid));
    if is_root || state.key_begins(kid).is_some() {
        return Err(Error::KeyKnown { kid });
    }
    Ok(())
}

/// Checks that these roots can be pinned: none of them is a key of an officer or a working key, and
/// enough of them can sign.
pub(crate) fn check_roots(state: &State, roots: &Roots) -> Result<(), Error> {
    roots.check()?;
    let known =
        |kid: &KeyId| state.officers().key(*kid).is_ok() || state.key_begins(*kid).is_some();
    match roots.keys.iter().map(|root| root.kid()).find(known) {
        Some(kid) => Err(Error::KeyKnown { kid }),
        None => Ok(()),
    }
}

/// Checks that no founder has a root key.
pub(crate) fn check_founding_roots(roots: &Roots, founders: &[Enrolment]) -> Result<(), Error> {
    roots.check()?;
    match founders.iter().map(|founder| founder.key.kid()).find(|kid| is_root(roots, *kid)) {
        Some(kid) => Err(Error::KeyKnown { kid }),
        None => Ok(()),
    }
}

fn is_root(roots: &Roots, kid: KeyId) -> bool {
    roots.keys.iter().any(|root| root.kid() == kid)
}

/// Checks a trust list by which the register follows the roots: the pinned ones signed it, and it is
/// the list that the statement is about.
pub(crate) fn follow(
    state: &State,
    list: &SignedTrustList,
    (seq, iat, exp): (u64, NumericDate, NumericDate),
    sha256: Digest,
) -> Result<(), Error> {
    let pinned = state.pinned_roots().ok_or(Error::RootsNotPinned)?;
    let verified: Verified<_> = pinned.verify(list)?;
    let claims = verified.claims();
    let mismatch = |reason| Err(Error::TrustListMismatch { seq, reason });
    if Some(&claims.iss) != state.iss() {
        return mismatch("it is another issuer's");
    }
    if (claims.seq, claims.iat, claims.exp) != (seq, iat, exp) {
        return mismatch("its number or its days differ");
    }
    if Digest::from(*list.hash().as_bytes()) != sha256 {
        return mismatch("it has another hash");
    }
    check_roots(state, &claims.roots)
}
