//! Events: the content of the register's statements.

use serde::{Deserialize, Serialize};
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, HprNumber, HttpsUrl, KeyId, KeyUse, LogHead,
    NumericDate, PublicKey, Signed, StatusListNumber,
};

use crate::{
    application::{Application, Names},
    error::Error,
    officer::is_line,
    statements::{
        digest::Digest,
        enrolment::Enrolment,
        proposal::{Act, Proposal},
        rows::ImportedRow,
    },
};

/// What happened. A decision names any certificate of the authorisation that it is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The office was founded. This is the first statement, and only the first. One of the officers
    /// in it signs it.
    Founded(Box<Founded>),
    /// An officer came into office, or was given other roles or another period. An administrator
    /// proposed it and another one approved it.
    OfficerEnrolled(Box<Enrolment>),
    /// An officer's key may no longer sign, from this statement on.
    OfficerEnded {
        /// The key.
        kid: KeyId,
    },
    /// An officer proposes what takes two to decide. It has no effect by itself.
    Proposed(Box<Proposal>),
    /// A proposal was rejected or withdrawn.
    Rejected {
        /// The number of the statement with the proposal.
        proposal: u64,
        /// Why, in one line.
        reason: String,
    },
    /// A right was granted, and its first certificate signed.
    Granted(Box<Granted>),
    /// A proposal about many is complete: all that could be done of it was done.
    Completed {
        /// How many certificates were signed by it.
        certificates: u64,
    },
    /// Another certificate was signed for the same authorisation, and supersedes the previous one.
    Reissued(Box<Reissued>),
    /// The authorisation was suspended (helsepersonelloven § 58), from the effective date on.
    Suspended {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The first day after the suspension.
        until: CivilDate,
        /// Set if one officer suspends alone in an emergency. Unless another officer confirms it,
        /// the suspension ends on this day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unapproved_until: Option<CivilDate>,
    },
    /// Another officer approved a suspension in an emergency. It then lasts until its own end.
    Confirmed {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement with the suspension.
        decision: u64,
    },
    /// The suspension that is in force on the effective date was extended.
    Extended {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The first day after the suspension.
        until: CivilDate,
    },
    /// The suspension that is in force on the effective date ends on that day.
    Lifted {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
    },
    /// The authorisation was limited by conditions (helsepersonelloven § 59).
    Limited {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// A reference to the decision with the conditions, never their reason.
        reference: String,
        /// The first day after the limitation, if an end was decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CivilDate>,
    },
    /// The limitation that is in force on the effective date ends on that day.
    LimitationLifted {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
    },
    /// The authorisation was revoked (helsepersonelloven § 57).
    Revoked {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// Whether it is one of the gravest cases, with the long quarantine (§ 62 second
        /// paragraph).
        gravest: bool,
    },
    /// The holder waived the authorisation (helsepersonelloven § 61).
    Waived {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// Whether a supervisory case was open, in which case the quarantine of a revocation
        /// applies.
        during_supervision: bool,
    },
    /// The grant was annulled: the authorisation never was valid (forvaltningsloven § 35).
    Annulled {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
    },
    /// The holder died on the effective date. It ends all authorisations of the person.
    Deceased {
        /// A certificate of the person.
        certificate: CertificateNumber,
    },
    /// Two health personnel numbers turned out to be one person.
    Merged {
        /// The number that is no longer used.
        from: HprNumber,
        /// Its successor.
        into: HprNumber,
    },
    /// A decision was reversed on appeal (helsepersonelloven § 71): from the effective date on it
    /// no longer applies.
    Reversed {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that was reversed.
        decision: u64,
    },
    /// The other EEA states were alerted to a decision (directive 2005/36/EC article 56a).
    Alerted {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that they were alerted to.
        decision: u64,
    },
    /// A status list was opened.
    StatusListOpened {
        /// Its number.
        #[serde(with = "list_number")]
        list: StatusListNumber,
        /// The seed of its decoys. Anyone who knows it can tell decoys from certificates.
        seed: Digest,
    },
    /// A status list was signed, to be published.
    Published {
        /// Its number.
        #[serde(with = "list_number")]
        list: StatusListNumber,
        /// Its `iat`.
        iat: NumericDate,
        /// The trust list that it names.
        trust_list_seq: u64,
        /// The hash of all 32,768 bytes of the list before compression. It follows from the
        /// register as of `iat`, so it can be computed again, independent of the compressor and of
        /// the key that signed.
        statuses: Digest,
        /// The issued log as of then, which the list names: every certificate that was recorded
        /// before.
        log: LogHead,
        /// The hash of the payload that was signed, to find the statement that belongs to a
        /// published list.
        sha256: Digest,
    },
    /// A history was made for a person entitled to it.
    HistoryMade {
        /// Its `iat`.
        iat: NumericDate,
        /// The certificates that it is about, if they were named; none if it is about all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        certificates: Vec<CertificateNumber>,
        /// How many certificates it is about.
        entries: u64,
        /// The hash of the file.
        sha256: Digest,
    },
    /// The office began to use a key.
    KeyAdded {
        /// What for.
        r#use: KeyUse,
        /// The public key.
        key: PublicKey,
        /// The first instant at which it may sign.
        not_before: NumericDate,
        /// The first instant at which it may no longer sign.
        not_after: NumericDate,
    },
    /// The office stopped using a key. What it signed remains valid.
    KeyRetired {
        /// The key.
        kid: KeyId,
        /// The first instant at which it no longer signs.
        at: NumericDate,
    },
    /// A key was stolen, or may have been.
    KeyCompromised {
        /// The key.
        kid: KeyId,
        /// Since when.
        since: NumericDate,
    },
    /// The root keys signed a trust list.
    TrustListSigned {
        /// Its number.
        seq: u64,
        /// When it was signed.
        iat: NumericDate,
        /// When the next one is due.
        exp: NumericDate,
        /// The hash of its bytes.
        sha256: Digest,
    },
}

impl Event {
    /// The name of the event, as written in `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Founded(_) => "founded",
            Self::OfficerEnrolled(_) => "officer_enrolled",
            Self::OfficerEnded { .. } => "officer_ended",
            Self::Proposed(_) => "proposed",
            Self::Rejected { .. } => "rejected",
            Self::Completed { .. } => "completed",
            Self::Confirmed { .. } => "confirmed",
            Self::Published { .. } => "published",
            Self::HistoryMade { .. } => "history_made",
            Self::Granted(_) => "granted",
            Self::Reissued(_) => "reissued",
            Self::Suspended { .. } => "suspended",
            Self::Extended { .. } => "extended",
            Self::Lifted { .. } => "lifted",
            Self::Limited { .. } => "limited",
            Self::LimitationLifted { .. } => "limitation_lifted",
            Self::Revoked { .. } => "revoked",
            Self::Waived { .. } => "waived",
            Self::Annulled { .. } => "annulled",
            Self::Deceased { .. } => "deceased",
            Self::Merged { .. } => "merged",
            Self::Reversed { .. } => "reversed",
            Self::Alerted { .. } => "alerted",
            Self::StatusListOpened { .. } => "status_list_opened",
            Self::KeyAdded { .. } => "key_added",
            Self::KeyRetired { .. } => "key_retired",
            Self::KeyCompromised { .. } => "key_compromised",
            Self::TrustListSigned { .. } => "trust_list_signed",
        }
    }

    /// Checks the texts in it that have no type of their own: each is one line, as at entry.
    pub(crate) fn check_words(&self) -> Result<(), Error> {
        match self {
            Self::Proposed(proposal) => {
                proposal.check()?;
                match &proposal.act {
                    Act::Decide { event } => event.check_words(),
                    _ => Ok(()),
                }
            }
            Self::Rejected { reason, .. } => is_line("reason", reason),
            Self::Limited { reference, .. } => is_line("reference", reference),
            // A new variant must say here whether somebody's words are in it.
            Self::Founded(_)
            | Self::OfficerEnrolled(_)
            | Self::OfficerEnded { .. }
            | Self::Granted(_)
            | Self::Completed { .. }
            | Self::Reissued(_)
            | Self::Suspended { .. }
            | Self::Confirmed { .. }
            | Self::Extended { .. }
            | Self::Lifted { .. }
            | Self::LimitationLifted { .. }
            | Self::Revoked { .. }
            | Self::Waived { .. }
            | Self::Annulled { .. }
            | Self::Deceased { .. }
            | Self::Merged { .. }
            | Self::Reversed { .. }
            | Self::Alerted { .. }
            | Self::StatusListOpened { .. }
            | Self::Published { .. }
            | Self::HistoryMade { .. }
            | Self::KeyAdded { .. }
            | Self::KeyRetired { .. }
            | Self::KeyCompromised { .. }
            | Self::TrustListSigned { .. } => Ok(()),
        }
    }

    /// The certificate that a decision about an existing authorisation names.
    pub fn certificate(&self) -> Option<CertificateNumber> {
        match self {
            Self::Reissued(reissued) => Some(reissued.previous),
            Self::Suspended { certificate, .. }
            | Self::Extended { certificate, .. }
            | Self::Confirmed { certificate, .. }
            | Self::Lifted { certificate }
            | Self::Limited { certificate, .. }
            | Self::LimitationLifted { certificate }
            | Self::Revoked { certificate, .. }
            | Self::Waived { certificate, .. }
            | Self::Annulled { certificate }
            | Self::Deceased { certificate }
            | Self::Reversed { certificate, .. }
            | Self::Alerted { certificate, .. } => Some(*certificate),
            // A new variant must say here whether it is about a certificate: histories and alerts
            // follow from that.
            Self::Founded(_)
            | Self::OfficerEnrolled(_)
            | Self::OfficerEnded { .. }
            | Self::Proposed(_)
            | Self::Rejected { .. }
            | Self::Granted(_)
            | Self::Completed { .. }
            | Self::Merged { .. }
            | Self::StatusListOpened { .. }
            | Self::Published { .. }
            | Self::HistoryMade { .. }
            | Self::KeyAdded { .. }
            | Self::KeyRetired { .. }
            | Self::KeyCompromised { .. }
            | Self::TrustListSigned { .. } => None,
        }
    }

    /// The first days after what it decides, where that ends by itself: the end that was decided,
    /// and the end of what one officer decided alone.
    pub(crate) fn ends(&self) -> [Option<CivilDate>; 2] {
        match self {
            Self::Suspended { until, unapproved_until, .. } => [Some(*until), *unapproved_until],
            Self::Extended { until, .. } => [Some(*until), None],
            Self::Limited { until, .. } => [*until, None],
            _ => [None, None],
        }
    }

    /// Whether the other EEA states are alerted to it. That includes an extension, because it
    /// changes the period in the earlier alert.
    pub(crate) fn is_alerted(&self) -> bool {
        matches!(
            self,
            Self::Suspended { .. }
                | Self::Extended { .. }
                | Self::Limited { .. }
                | Self::Revoked { .. }
        )
    }

    /// The certificate that was signed with it, and its JWS.
    pub fn issued(&self) -> Option<(&CertificateClaims, &str)> {
        match self {
            Self::Granted(granted) => Some((&granted.claims, &granted.jws)),
            Self::Reissued(reissued) => Some((&reissued.claims, &reissued.jws)),
            _ => None,
        }
    }
}

/// The key that a certificate in the register names.
pub(crate) fn signing_key(jws: &str) -> Option<KeyId> {
    Signed::<CertificateClaims>::parse(jws).ok().map(|signed| signed.kid())
}

/// The founding of an office.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founded {
    /// The issuer's URL.
    pub iss: HttpsUrl,
    /// The first officers, at least two of them administrators.
    pub officers: Vec<Enrolment>,
}

/// A grant: what the officers decided, and the certificate exactly as signed, so that the register
/// alone suffices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// What the officers decided.
    pub application: Application,
    /// What the certificate says.
    pub claims: CertificateClaims,
    /// The certificate.
    pub jws: String,
    /// The row of the import that it belongs to, with the proof; none if it was proposed by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportedRow>,
}

/// A certificate that supersedes another one of the same authorisation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reissued {
    /// The certificate that it supersedes.
    pub previous: CertificateNumber,
    /// Why.
    pub reason: ReissueReason,
    /// The new names, after a change of name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Names>,
    /// What the certificate says.
    pub claims: CertificateClaims,
    /// The certificate.
    pub jws: String,
}

/// Why a certificate was reissued.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReissueReason {
    /// The holder has a new name.
    NameChange,
    /// The holder lost the print, or it was copied.
    LostPrint,
    /// The key that signed is no longer used.
    KeyRotation,
    /// The decision that ended the authorisation was reversed on appeal. The old certificate stays
    /// invalid permanently.
    Appeal,
}

impl ReissueReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::NameChange, Self::LostPrint, Self::KeyRotation, Self::Appeal];

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::NameChange => "name_change",
            Self::LostPrint => "lost_print",
            Self::KeyRotation => "key_rotation",
            Self::Appeal => "appeal",
        }
    }
}

mod list_number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vernet_common::StatusListNumber;

    pub(super) fn serialize<S: Serializer>(
        list: &StatusListNumber,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(list.number())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusListNumber, D::Error> {
        StatusListNumber::new(u8::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
