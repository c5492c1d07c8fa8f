//! Events: the content of the register's statements.

use serde::{Deserialize, Serialize};
use vernet_common::{
    CertificateClaims, CertificateNumber, CivilDate, HprNumber, HttpsUrl, KeyId, KeyUse, LogHead,
    NumericDate, PublicKey, Roots, Signed, SignedTrustList, StatusListNumber,
};

use crate::{
    application::{Application, Names},
    error::Error,
    law::SuspensionGround,
    officer::is_line,
    statements::{
        appointment::Appointed,
        correction::Correction,
        digest::Digest,
        dispatch::Dispatched,
        enrolment::Enrolment,
        lazy::Lazy,
        proposal::{Act, Proposal},
        restored::Restored,
        rows::ImportedRow,
    },
    titles::ProtectedTitle,
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
    /// The root keys appointed officers, and ended keys of others, from this statement on. One of the
    /// officers in it signs it.
    Appointed(Box<Appointed>),
    /// The root keys that may appoint officers from now on. An administrator proposed it and another
    /// one approved it.
    RootsPinned {
        /// The root keys, and how many of them must sign.
        roots: Box<Roots>,
    },
    /// The office certifies a title from now on, by this row: another one than its first, or another
    /// row of a title that it certifies already.
    TitleEntered(Box<ProtectedTitle>),
    /// An officer proposes what takes two to decide. It has no effect by itself.
    Proposed(Lazy<Proposal>),
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
    /// An application was refused (helsepersonelloven § 53 second paragraph), with a reason.
    Refused(Box<Refused>),
    /// The authorisation was suspended (helsepersonelloven §§ 58, 58 a, 60), from the effective date
    /// on.
    Suspended {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The first day after the suspension; none if it ends only by another decision.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CivilDate>,
        /// Why.
        #[serde(default, skip_serializing_if = "is_default")]
        ground: SuspensionGround,
        /// Set if the person goes on working within limits: a reference to the decision with them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limits: Option<String>,
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
    /// The holder was instructed how to work (*faglig pålegg*, helsepersonelloven § 56). The right
    /// to practise stays as it is.
    Instructed {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// A reference to the decision with the instruction, never its reason.
        reference: String,
        /// The first day after it, if an end was decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CivilDate>,
    },
    /// An instruction ends on the effective date.
    InstructionEnded {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement with the instruction.
        decision: u64,
    },
    /// Somebody who has no authorisation any more was banned from health care (helsepersonelloven
    /// § 57 a).
    Banned {
        /// A certificate that the person had.
        certificate: CertificateNumber,
        /// A reference to the decision, never its reason.
        reference: String,
        /// The first day after it, if an end was decided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CivilDate>,
    },
    /// A ban ends on the effective date.
    BanEnded {
        /// A certificate that the person had.
        certificate: CertificateNumber,
        /// The number of the statement with the ban.
        decision: u64,
    },
    /// The authorisation was revoked (helsepersonelloven § 57).
    Revoked {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// Whether it is one of the gravest cases (§ 57 second paragraph), with the long quarantine
        /// (§ 62 third paragraph).
        gravest: bool,
    },
    /// The holder waived the authorisation (helsepersonelloven § 61).
    Waived {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// Whether a supervisory case was open. Whether the quarantine of a revocation applies then
        /// is not settled.
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
    /// What the register says of a person was written wrongly. It is known to be so from this
    /// statement on.
    Corrected(Box<Correction>),
    /// A death or a merge was recorded by mistake, about the wrong person for instance: it never
    /// was. It is known to be so from this statement on.
    Retracted {
        /// The number of the statement with the death or the merge.
        statement: u64,
    },
    /// A decision does not apply while an appeal runs (forvaltningsloven § 42), from the effective
    /// date on.
    Stayed {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that is stayed.
        decision: u64,
    },
    /// A decision that was stayed applies again from the effective date on.
    StayEnded {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that was stayed.
        decision: u64,
    },
    /// A decision was reversed on appeal (helsepersonelloven § 68): from the effective date on it
    /// no longer applies.
    Reversed {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that was reversed.
        decision: u64,
        /// The milder decision that takes its place, from the same day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<Box<Event>>,
    },
    /// An appeal against a decision was dismissed (helsepersonelloven § 68).
    Upheld {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that stands.
        decision: u64,
    },
    /// Others were told of a decision or of its end (helsepersonelloven § 66), or need not be.
    Notified {
        /// A certificate of the authorisation.
        certificate: CertificateNumber,
        /// The number of the statement that they were told of.
        decision: u64,
        /// Who was told, and of what.
        notice: Notice,
        /// Set if nobody needs to be told any more: why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        withdrawn: Option<String>,
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
    /// The newest register was lost, and an old backup took its place: what the last publication
    /// says and the backup does not know is taken back from it. Two administrators agreed on it.
    Restored(Box<Restored>),
    /// A certificate that was lost with the newest register, and that somebody has shown, is invalid
    /// for good. The register knows nothing else of it.
    LostRevoked {
        /// The certificate, as compact JWS.
        jws: String,
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
        /// Whom it was made for, in one line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// A document that proposals rest on was deleted by duty. What it was remains: its name and its
    /// hash in them, and who decided that it be deleted.
    DocumentDeleted {
        /// The hash of the document.
        sha256: Digest,
        /// Why, in one line.
        reason: String,
    },
    /// Papers were printed or sent, on the effective date.
    Dispatched(Box<Dispatched>),
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
        /// The list itself, if it brings other roots than those that are pinned: whoever reads the
        /// register checks that the pinned ones signed it, and follows it to the new ones. So one
        /// administrator alone can have the register follow the roots, and never lead it astray.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        list: Option<Box<SignedTrustList>>,
    },
}

impl Event {
    /// Reads canonical JSON that was read with all checks before.
    #[cfg(feature = "storage")]
    pub(crate) fn from_checked(text: &str) -> Result<Self, serde_json::Error> {
        // The members are in alphabetical order, so the type is the last one.
        if let Some(proposal) = text.strip_suffix(r#","type":"proposed"}"#)
            && proposal.starts_with(r#"{"act":{"application":"#)
        {
            return Ok(Self::Proposed(Lazy::checked([proposal, "}"].concat())));
        }
        let granted = text
            .strip_suffix(r#","type":"granted"}"#)
            .and_then(|text| text.strip_prefix(r#"{"application":"#));
        match granted.and_then(|text| text.split_once(r#","claims":{"#)) {
            Some((application, rest)) => Granted::from_checked(application, rest),
            None => serde_json::from_str(text),
        }
    }

    /// A full suspension under § 58, by two officers.
    pub fn suspended(certificate: CertificateNumber, until: CivilDate) -> Self {
        Self::Suspended {
            certificate,
            until: Some(until),
            ground: SuspensionGround::Revocation,
            limits: None,
            unapproved_until: None,
        }
    }

    /// The name of the event, as written in `type`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Founded(_) => "founded",
            Self::OfficerEnrolled(_) => "officer_enrolled",
            Self::OfficerEnded { .. } => "officer_ended",
            Self::Appointed(_) => "appointed",
            Self::RootsPinned { .. } => "roots_pinned",
            Self::TitleEntered(_) => "title_entered",
            Self::Proposed(_) => "proposed",
            Self::Rejected { .. } => "rejected",
            Self::Completed { .. } => "completed",
            Self::Confirmed { .. } => "confirmed",
            Self::Published { .. } => "published",
            Self::Restored(_) => "restored",
            Self::LostRevoked { .. } => "lost_revoked",
            Self::HistoryMade { .. } => "history_made",
            Self::Dispatched(_) => "dispatched",
            Self::DocumentDeleted { .. } => "document_deleted",
            Self::Granted(_) => "granted",
            Self::Reissued(_) => "reissued",
            Self::Refused(_) => "refused",
            Self::Suspended { .. } => "suspended",
            Self::Extended { .. } => "extended",
            Self::Lifted { .. } => "lifted",
            Self::Limited { .. } => "limited",
            Self::LimitationLifted { .. } => "limitation_lifted",
            Self::Instructed { .. } => "instructed",
            Self::InstructionEnded { .. } => "instruction_ended",
            Self::Banned { .. } => "banned",
            Self::BanEnded { .. } => "ban_ended",
            Self::Revoked { .. } => "revoked",
            Self::Waived { .. } => "waived",
            Self::Annulled { .. } => "annulled",
            Self::Deceased { .. } => "deceased",
            Self::Merged { .. } => "merged",
            Self::Corrected(_) => "corrected",
            Self::Retracted { .. } => "retracted",
            Self::Reversed { .. } => "reversed",
            Self::Stayed { .. } => "stayed",
            Self::StayEnded { .. } => "stay_ended",
            Self::Upheld { .. } => "upheld",
            Self::Notified { .. } => "notified",
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
            Self::Rejected { reason, .. } | Self::DocumentDeleted { reason, .. } => {
                is_line("reason", reason)
            }
            Self::Refused(refused) => is_line("reason", &refused.reason),
            Self::Suspended { limits: Some(text), .. } => is_line("limits", text),
            Self::Limited { reference, .. }
            | Self::Instructed { reference, .. }
            | Self::Banned { reference, .. } => is_line("reference", reference),
            Self::Reversed { instead: Some(event), .. } => event.check_words(),
            Self::Notified { withdrawn: Some(reason), .. } => is_line("reason", reason),
            Self::TitleEntered(row) => row.check(),
            Self::Restored(restored) => restored.check(),
            Self::Founded(founded) => founded.titles.iter().try_for_each(ProtectedTitle::check),
            Self::Reissued(reissued) => {
                reissued.counts.iter().try_for_each(|count| is_line("category", &count.category))
            }
            Self::Dispatched(papers) => papers.check_words(),
            Self::HistoryMade { to: Some(to), .. } => is_line("to", to),
            // A new variant must say here whether somebody's words are in it.
            Self::OfficerEnrolled(_)
            | Self::LostRevoked { .. }
            | Self::OfficerEnded { .. }
            | Self::Appointed(_)
            | Self::RootsPinned { .. }
            | Self::Granted(_)
            | Self::Completed { .. }
            | Self::Suspended { .. }
            | Self::Confirmed { .. }
            | Self::Extended { .. }
            | Self::Lifted { .. }
            | Self::LimitationLifted { .. }
            | Self::InstructionEnded { .. }
            | Self::BanEnded { .. }
            | Self::Revoked { .. }
            | Self::Waived { .. }
            | Self::Annulled { .. }
            | Self::Deceased { .. }
            | Self::Merged { .. }
            | Self::Corrected(_)
            | Self::Retracted { .. }
            | Self::Stayed { .. }
            | Self::StayEnded { .. }
            | Self::Reversed { .. }
            | Self::Upheld { .. }
            | Self::Notified { .. }
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
            Self::Corrected(correction) => Some(correction.certificate),
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
            | Self::Instructed { certificate, .. }
            | Self::InstructionEnded { certificate, .. }
            | Self::Banned { certificate, .. }
            | Self::BanEnded { certificate, .. }
            | Self::Stayed { certificate, .. }
            | Self::StayEnded { certificate, .. }
            | Self::Reversed { certificate, .. }
            | Self::Upheld { certificate, .. }
            | Self::Notified { certificate, .. } => Some(*certificate),
            // A new variant must say here whether it is about a certificate: histories and alerts
            // follow from that.
            Self::Founded(_)
            | Self::OfficerEnrolled(_)
            | Self::OfficerEnded { .. }
            | Self::Appointed(_)
            | Self::RootsPinned { .. }
            | Self::TitleEntered(_)
            | Self::Proposed(_)
            | Self::Rejected { .. }
            | Self::Refused(_)
            | Self::Granted(_)
            | Self::Completed { .. }
            | Self::Merged { .. }
            | Self::Retracted { .. }
            | Self::StatusListOpened { .. }
            | Self::Published { .. }
            | Self::Restored(_)
            // Of one that has no number here.
            | Self::LostRevoked { .. }
            // Of many at once.
            | Self::Dispatched(_)
            | Self::DocumentDeleted { .. }
            | Self::HistoryMade { .. }
            | Self::KeyAdded { .. }
            | Self::KeyRetired { .. }
            | Self::KeyCompromised { .. }
            | Self::TrustListSigned { .. } => None,
        }
    }

    /// The number of the statement that it is about.
    pub(crate) fn about(&self) -> Option<u64> {
        match self {
            Self::Confirmed { decision, .. }
            | Self::InstructionEnded { decision, .. }
            | Self::BanEnded { decision, .. }
            | Self::Stayed { decision, .. }
            | Self::StayEnded { decision, .. }
            | Self::Reversed { decision, .. }
            | Self::Upheld { decision, .. }
            | Self::Notified { decision, .. } => Some(*decision),
            _ => None,
        }
    }

    /// What applies from the effective date on: of a decision on appeal, the milder decision.
    pub(crate) fn effect(&self) -> &Self {
        match self {
            Self::Reversed { instead: Some(event), .. } => event,
            event => event,
        }
    }

    /// The first days after what it decides, where that ends by itself: the end that was decided,
    /// and the end of what one officer decided alone.
    pub(crate) fn ends(&self) -> [Option<CivilDate>; 2] {
        match self.effect() {
            Self::Suspended { until, unapproved_until, .. } => [*until, *unapproved_until],
            Self::Extended { until, .. } => [Some(*until), None],
            Self::Limited { until, .. }
            | Self::Instructed { until, .. }
            | Self::Banned { until, .. } => [*until, None],
            Self::Reissued(reissued) => [reissued.previous_until, None],
            _ => [None, None],
        }
    }

    /// Whether others are told of it: it is a reaction, or the holder's waiver. That includes an
    /// extension, because it changes the period that they were told.
    pub(crate) fn is_notified(&self) -> bool {
        self.is_appealable() || matches!(self.effect(), Self::Waived { .. })
    }

    /// Whether it is a decision of the supervisory authority that can be appealed against (§ 68).
    pub(crate) fn is_appealable(&self) -> bool {
        matches!(
            self.effect(),
            Self::Suspended { .. }
                | Self::Extended { .. }
                | Self::Limited { .. }
                | Self::Instructed { .. }
                | Self::Banned { .. }
                | Self::Revoked { .. }
        )
    }

    /// Whether other root keys may appoint officers after it.
    pub(crate) fn changes_roots(&self) -> bool {
        matches!(self, Self::RootsPinned { .. } | Self::TrustListSigned { list: Some(_), .. })
    }

    /// The officers whom it brings into office by itself, of whom one signs it: the founders, and
    /// those whom the roots appoint. Whether they may is not checked here.
    pub(crate) fn brings(&self) -> Result<Vec<Enrolment>, vernet_common::Error> {
        match self {
            Self::Founded(founded) => Ok(founded.officers.clone()),
            Self::Appointed(appointed) => Ok(appointed.claims()?.officers),
            _ => Ok(Vec::new()),
        }
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
    /// The titles that the office certifies, if not that of perfusionists: those of a board, for
    /// instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<ProtectedTitle>,
    /// The root keys that may appoint officers, if they were pinned at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<Roots>,
}

/// Who founds an office, and for which titles.
#[derive(Clone, Debug)]
pub struct Founders {
    /// The first officers, at least two of them administrators.
    pub officers: Vec<Enrolment>,
    /// The titles that the office certifies; that of perfusionists if there are none.
    pub titles: Vec<ProtectedTitle>,
    /// The root keys that may appoint officers.
    pub roots: Option<Roots>,
}

impl From<Vec<Enrolment>> for Founders {
    fn from(officers: Vec<Enrolment>) -> Self {
        Self { officers, titles: Vec::new(), roots: None }
    }
}

/// A grant: what the officers decided, and the certificate exactly as signed, so that the register
/// alone suffices.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Granted {
    /// What the officers decided.
    pub application: Lazy<Application>,
    /// What the certificate says.
    pub claims: CertificateClaims,
    /// The certificate.
    pub jws: String,
    /// The row of the import that it belongs to, with the proof; none if it was proposed by
    /// itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportedRow>,
}

impl Granted {
    /// Reads what follows the application, from its claims on.
    #[cfg(feature = "storage")]
    fn from_checked(application: &str, rest: &str) -> Result<Event, serde_json::Error> {
        #[derive(Deserialize)]
        struct Issued {
            claims: CertificateClaims,
            jws: String,
            import: Option<ImportedRow>,
        }
        let rest = [r#"{"claims":{"#, rest, "}"].concat();
        let Issued { claims, jws, import } = serde_json::from_str(&rest)?;
        let application = Lazy::checked(application);
        Ok(Event::Granted(Box::new(Self { application, claims, jws, import })))
    }

    /// The certificate of the right that this one replaces. Every grant is asked for that, so those
    /// that replace none are not read for it.
    pub(crate) fn previous_certificate(&self) -> Option<CertificateNumber> {
        // Within a text, its quotation marks would be escaped.
        match self.application.unread() {
            Some(text) if !text.contains(r#""previous_certificate":"#) => None,
            _ => self.application.previous_certificate,
        }
    }
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
    /// What was counted of the holder's work in the cycle, for a renewal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<Count>,
    /// The first day on which the certificate that it supersedes is no longer good, if that runs on
    /// until the new one has come by post; none if it ends at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_until: Option<CivilDate>,
    /// What the certificate says.
    pub claims: CertificateClaims,
    /// The certificate.
    pub jws: String,
}

/// What was counted of somebody's work in a year. Never a case: what proves it is in documents, of
/// which the register has the hashes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What was counted, as the row of the title calls it.
    pub category: String,
    /// The calendar year in which the year begins.
    pub year: i16,
    /// How much.
    pub count: u32,
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
    /// The title was renewed for another cycle.
    Renewal,
    /// What the certificate says of the holder was written wrongly, or a death or a merge that was
    /// recorded by mistake had made it invalid.
    Correction,
}

impl ReissueReason {
    /// Every reason.
    pub const ALL: [Self; 6] = [
        Self::NameChange,
        Self::LostPrint,
        Self::KeyRotation,
        Self::Appeal,
        Self::Renewal,
        Self::Correction,
    ];

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::NameChange => "name_change",
            Self::LostPrint => "lost_print",
            Self::KeyRotation => "key_rotation",
            Self::Appeal => "appeal",
            Self::Renewal => "renewal",
            Self::Correction => "correction",
        }
    }
}

/// A refusal: what was applied for, and why it is not granted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// What was applied for.
    pub application: Application,
    /// Why it is refused, in one line: a reference to the decision, or its ground.
    pub reason: String,
}

/// Who is told of a decision (helsepersonelloven § 66).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The other EEA states, of the decision (directive 2005/36/EC article 56a).
    EeaAlert,
    /// The other EEA states, that it ended or fell.
    EeaEnd,
    /// The employer.
    Employer,
    /// The authorities of the other Nordic states.
    Nordic,
    /// The register of health personnel, so that its public view is right.
    Hpr,
    /// The employer, that it ended before the day that they were told, or fell.
    EmployerEnd,
    /// The authorities of the other Nordic states, of the same.
    NordicEnd,
    /// The register of health personnel, of the same.
    HprEnd,
}

impl Notice {
    /// Every notice.
    pub const ALL: [Self; 8] = [
        Self::EeaAlert,
        Self::EeaEnd,
        Self::Employer,
        Self::Nordic,
        Self::Hpr,
        Self::EmployerEnd,
        Self::NordicEnd,
        Self::HprEnd,
    ];

    /// If it tells of an end, the notice of what ended.
    pub fn begun_by(self) -> Option<Self> {
        match self {
            Self::EeaEnd => Some(Self::EeaAlert),
            Self::EmployerEnd => Some(Self::Employer),
            Self::NordicEnd => Some(Self::Nordic),
            Self::HprEnd => Some(Self::Hpr),
            Self::EeaAlert | Self::Employer | Self::Nordic | Self::Hpr => None,
        }
    }

    /// The word for it in files and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::EeaAlert => "eea_alert",
            Self::EeaEnd => "eea_end",
            Self::Employer => "employer",
            Self::Nordic => "nordic",
            Self::Hpr => "hpr",
            Self::EmployerEnd => "employer_end",
            Self::NordicEnd => "nordic_end",
            Self::HprEnd => "hpr_end",
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

pub(super) mod list_number {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use vernet_common::StatusListNumber;

    pub(in crate::statements) fn serialize<S: Serializer>(
        list: &StatusListNumber,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(list.number())
    }

    pub(in crate::statements) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusListNumber, D::Error> {
        StatusListNumber::new(u8::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
