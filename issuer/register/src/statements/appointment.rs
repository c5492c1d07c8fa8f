//! Appointments: what the root keys sign to give the office officers again.
//!
//! An enrolment takes two administrators. Where there are not two any more, because a key was lost
//! or stolen or all periods ended, the roots that are pinned in the register can appoint officers.
//! They are kept offline by other people, so they are still there.
//!
//! An appointment names one statement of one register, and is used up by the first change of
//! officers that does not come from ending a key. It does not have to name the *last* statement:
//! the roots are kept elsewhere and take their days to sign, and meanwhile the office goes on
//! publishing. Whoever stole a key could also keep an appointment out for ever by writing a
//! statement each time, if it had to be the last one.

use serde::{Deserialize, Serialize};
use vernet_common::{HttpsUrl, KeyId, NumericDate, Payload, RootPayload, RootSigned};

use crate::{
    officer::Officer,
    statements::{digest::Digest, enrolment::Enrolment},
};

/// What the roots decide about officers. It can say nothing about anything else.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointment {
    /// The issuer whose officers they are.
    pub iss: HttpsUrl,
    /// When it was drafted.
    pub iat: NumericDate,
    /// How many statements the register had then.
    pub seq: u64,
    /// The hash of the last of them, which covers all.
    pub head: Digest,
    /// The officers, each with a key, roles and a period.
    pub officers: Vec<Enrolment>,
    /// The keys that may no longer sign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<EndedKey>,
}

/// A key that an appointment ends. The officer's name is there for the people who sign: on their
/// machine there is no register to look it up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndedKey {
    /// Whose key it is.
    pub officer: Officer,
    /// The key.
    pub kid: KeyId,
}

/// An appointment with the signatures of root keys.
pub type SignedAppointment = RootSigned<Appointment>;

impl Appointment {
    /// For how many days after it was drafted it can be recorded. Roots who signed one that was not
    /// needed after all need not fear that somebody uses it in a year.
    pub const MAX_AGE_DAYS: i32 = 30;

    /// The most officers, and the most keys that are ended.
    pub const MAX_ENTRIES: usize = 50;
}

impl Payload for Appointment {
    const TYP: &'static str = "vernet-appointment";
    const WHAT: &'static str = "the appointment";
    const MAX_BYTES: usize = 64 * 1024;
    // As in a statement: a program that passed over something would compute another state.
    const EXACT: bool = true;

    fn check(&self) -> Result<(), vernet_common::Error> {
        let inconsistent = |what| Err(vernet_common::Error::Inconsistent { what });
        let kids = || self.officers.iter().map(|officer| officer.key.kid());
        if self.officers.is_empty() {
            return inconsistent("an appointment appoints nobody");
        }
        if self.officers.len() > Self::MAX_ENTRIES || self.ended.len() > Self::MAX_ENTRIES {
            return inconsistent("an appointment has more than 50 officers, or ends more keys");
        }
        if kids().enumerate().any(|(place, kid)| kids().take(place).any(|other| other == kid)) {
            return inconsistent("an appointment names a key twice");
        }
        if self.ended.iter().any(|ended| kids().any(|kid| kid == ended.kid)) {
            return inconsistent("an appointment ends a key that it appoints");
        }
        Ok(())
    }
}

impl RootPayload for Appointment {}

/// An appointment as it was recorded, signed by one of the officers in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appointed {
    /// The appointment, exactly as the roots signed it.
    pub appointment: SignedAppointment,
}

impl Appointed {
    /// What it says. Whether enough roots signed it was checked when it was recorded, and is checked
    /// again whenever the register is read.
    pub fn claims(&self) -> Result<Appointment, vernet_common::Error> {
        self.appointment.unverified_claims()
    }
}
