//! What can be decided about somebody who has, or had, a right: each with its form, and what an
//! officer does by it.

use vernet_common::{CertificateNumber, CivilDate, HprNumber, NumericDate};
use vernet_register::{
    Correction, Count, CountsAsked, Digest, Event, Milder, Names, Notice, Proposal, ReissueReason,
    State, SuspensionGround,
};

use super::{deed::Deed, filed::Fields};

/// What can be decided about a certificate's holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reaction {
    Suspend,
    Emergency,
    TakeBack,
    Extend,
    Lift,
    Limit,
    LiftLimitation,
    Instruct,
    Ban,
    EndMeasure,
    Revoke,
    Stay,
    EndStay,
    Reverse,
    Replace,
    Uphold,
    Waive,
    Annul,
    Deceased,
    Correct,
    Merge,
    Retract,
    Reissue,
    Renew,
    Tell,
    DeleteDocument,
}

/// The parts of the list from which one is chosen; the words are `react.parts.WORD`.
pub(super) const PARTS: [(&str, &[Reaction]); 4] = [
    (
        "reactions",
        &[
            Reaction::Suspend,
            Reaction::Emergency,
            Reaction::TakeBack,
            Reaction::Extend,
            Reaction::Lift,
            Reaction::Limit,
            Reaction::LiftLimitation,
            Reaction::Instruct,
            Reaction::Ban,
            Reaction::EndMeasure,
            Reaction::Revoke,
        ],
    ),
    (
        "appeals",
        &[
            Reaction::Stay,
            Reaction::EndStay,
            Reaction::Reverse,
            Reaction::Replace,
            Reaction::Uphold,
        ],
    ),
    (
        "person",
        &[
            Reaction::Waive,
            Reaction::Annul,
            Reaction::Deceased,
            Reaction::Correct,
            Reaction::Merge,
            Reaction::Retract,
        ],
    ),
    ("papers", &[Reaction::Reissue, Reaction::Renew, Reaction::Tell, Reaction::DeleteDocument]),
];

impl Reaction {
    /// The word for it in addresses; its words are `react.acts.WORD`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Emergency => "emergency",
            Self::TakeBack => "take_back",
            Self::Extend => "extend",
            Self::Lift => "lift",
            Self::Limit => "limit",
            Self::LiftLimitation => "lift_limitation",
            Self::Instruct => "instruct",
            Self::Ban => "ban",
            Self::EndMeasure => "end_measure",
            Self::Revoke => "revoke",
            Self::Stay => "stay",
            Self::EndStay => "end_stay",
            Self::Reverse => "reverse",
            Self::Replace => "replace",
            Self::Uphold => "uphold",
            Self::Waive => "waive",
            Self::Annul => "annul",
            Self::Deceased => "deceased",
            Self::Correct => "correct",
            Self::Merge => "merge",
            Self::Retract => "retract",
            Self::Reissue => "reissue",
            Self::Renew => "renew",
            Self::Tell => "tell",
            Self::DeleteDocument => "delete_document",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        let all = PARTS.iter().flat_map(|(_, reactions)| reactions.iter().copied());
        all.into_iter().find(|reaction| reaction.word() == word)
    }

    /// The fields of its form, in order.
    pub(super) fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Suspend => &["until", "ground", "limits"],
            Self::Emergency | Self::Extend => &["until"],
            Self::Limit | Self::Instruct | Self::Ban => &["reference", "until"],
            Self::Revoke => &["gravest"],
            Self::Waive => &["during_supervision"],
            Self::Reissue => &["because", "given_name", "family_name", "runs_on"],
            Self::Renew => &["counts", "runs_on"],
            Self::EndMeasure | Self::Stay | Self::EndStay | Self::Reverse | Self::Uphold => {
                &["decision"]
            }
            Self::Replace => &["decision", "instead", "reference", "until"],
            Self::Correct => &["birthdate", "hpr_number", "given_name", "family_name"],
            Self::Merge => &["into"],
            Self::Retract => &["statement"],
            Self::Tell => &["decision", "notice", "withdrawn"],
            Self::DeleteDocument => &["document", "why"],
            Self::TakeBack | Self::Lift | Self::LiftLimitation | Self::Annul | Self::Deceased => {
                &[]
            }
        }
    }

    /// The days that can be named: when it was decided, and from when on it counts.
    pub(super) fn days(self) -> &'static [&'static str] {
        match self {
            Self::Emergency | Self::TakeBack | Self::Renew | Self::DeleteDocument => &[],
            Self::Reissue | Self::Correct | Self::Retract | Self::Tell => &["decided"],
            _ => &["decided", "effective_on"],
        }
    }

    /// Whether it counts at once, by one officer.
    pub(super) fn is_alone(self) -> bool {
        matches!(self, Self::Emergency | Self::TakeBack | Self::Tell)
    }

    /// Whether it is about all rights of the person, and not about this one alone.
    pub(super) fn is_about_all_rights(self) -> bool {
        matches!(self, Self::Ban | Self::Deceased | Self::Correct | Self::Merge | Self::Retract)
    }

    /// What is to be done by this form.
    pub(super) fn deed(
        self,
        state: &State,
        (certificate, holder): (CertificateNumber, HprNumber),
        fields: &Fields,
        now: NumericDate,
    ) -> Result<Deed, vernet_register::Error> {
        let until = fields.day("until")?;
        let reference = || fields.get("reference").to_owned();
        let event = match self {
            Self::Emergency => {
                let until = needed("until", until)?;
                return Ok(Deed::Suspend { certificate, until });
            }
            Self::TakeBack => return Ok(Deed::TakeBack { certificate }),
            Self::Reissue => return reissue(certificate, fields),
            Self::Renew => return renew(state, certificate, fields, now),
            Self::Tell => {
                let event = Event::Notified {
                    certificate,
                    decision: number(fields, "decision")?,
                    notice: one_of(&Notice::ALL, Notice::word, fields, "notice")?,
                    withdrawn: fields.some("withdrawn").map(ToOwned::to_owned),
                };
                let on = fields.day("decided")?.unwrap_or(now.civil_date());
                return Ok(Deed::RecordOn(event.into(), on));
            }
            Self::Suspend => Event::Suspended {
                certificate,
                until,
                ground: one_of(&SuspensionGround::ALL, word_of, fields, "ground")?,
                limits: fields.some("limits").map(ToOwned::to_owned),
                unapproved_until: None,
            },
            Self::Extend => Event::Extended { certificate, until: needed("until", until)? },
            Self::Lift => Event::Lifted { certificate },
            Self::Limit => Event::Limited { certificate, reference: reference(), until },
            Self::LiftLimitation => Event::LimitationLifted { certificate },
            Self::Instruct => Event::Instructed { certificate, reference: reference(), until },
            Self::Ban => Event::Banned { certificate, reference: reference(), until },
            Self::EndMeasure => state.end_of_measure(certificate, number(fields, "decision")?)?,
            Self::Revoke => Event::Revoked { certificate, gravest: fields.is_ticked("gravest") },
            Self::Waive => {
                let during_supervision = fields.is_ticked("during_supervision");
                Event::Waived { certificate, during_supervision }
            }
            Self::Annul => Event::Annulled { certificate },
            Self::Deceased => Event::Deceased { certificate },
            Self::Correct => Event::Corrected(correction(certificate, fields)?.into()),
            Self::Merge => Event::Merged { from: holder, into: fields.get("into").parse()? },
            Self::Retract => Event::Retracted { statement: number(fields, "statement")? },
            Self::DeleteDocument => Event::DocumentDeleted {
                sha256: Digest::try_from(fields.get("document").to_owned())?,
                reason: fields.get("why").to_owned(),
            },
            Self::Stay => Event::Stayed { certificate, decision: number(fields, "decision")? },
            Self::EndStay => {
                Event::StayEnded { certificate, decision: number(fields, "decision")? }
            }
            Self::Uphold => Event::Upheld { certificate, decision: number(fields, "decision")? },
            Self::Reverse | Self::Replace => {
                let milder = match self {
                    Self::Replace => Some(one_of(&Milder::ALL, Milder::word, fields, "instead")?),
                    _ => None,
                };
                let instead = milder.map(|milder| milder.event(certificate, reference(), until));
                let decision = number(fields, "decision")?;
                Event::Reversed { certificate, decision, instead: instead.map(Box::new) }
            }
        };
        let proposal = Proposal {
            decided_on: fields.day("decided")?,
            effective_on: fields.day("effective_on")?,
            ..Proposal::of(event)
        };
        Ok(Deed::Propose(proposal.into(), Vec::new()))
    }
}

fn reissue(
    certificate: CertificateNumber,
    fields: &Fields,
) -> Result<Deed, vernet_register::Error> {
    let reason = one_of(&ReissueReason::ALL, ReissueReason::word, fields, "because")?;
    let proposal = Proposal::to_reissue(certificate, reason, names(fields)?);
    let proposal = proposal.running_on(runs_on(fields)?);
    let proposal = Proposal { decided_on: fields.day("decided")?, ..proposal };
    Ok(Deed::Propose(proposal.into(), Vec::new()))
}

/// The name of the field in which it is typed how much was counted of a kind in a year.
pub(super) fn count_field(category: &str, year: i16) -> String {
    format!("count.{category}.{year}")
}

fn renew(
    state: &State,
    certificate: CertificateNumber,
    fields: &Fields,
    now: NumericDate,
) -> Result<Deed, vernet_register::Error> {
    let mut counts = Vec::new();
    for CountsAsked { category, years, .. } in state.counts_asked(certificate, now)? {
        for year in years {
            let Some(typed) = fields.some(&count_field(&category, year)) else { continue };
            let count = typed.parse().map_err(|_| {
                vernet_common::Error::field("count", typed, "a whole number, or nothing")
            })?;
            counts.push(Count { category: category.clone(), year, count });
        }
    }
    let proposal = Proposal::to_renew(certificate, counts).running_on(runs_on(fields)?);
    Ok(Deed::Propose(proposal.into(), Vec::new()))
}

fn correction(
    certificate: CertificateNumber,
    fields: &Fields,
) -> Result<Correction, vernet_register::Error> {
    Ok(Correction {
        birthdate: fields.day("birthdate")?,
        hpr_number: fields.some("hpr_number").map(str::parse).transpose()?,
        names: names(fields)?,
        ..Correction::of(certificate)
    })
}

/// Both names, if a family name was typed: somebody with one name has no given name.
fn names(fields: &Fields) -> Result<Option<Names>, vernet_register::Error> {
    let family = fields.some("family_name");
    family.map(|family| Names::parse(fields.get("given_name"), family)).transpose()
}

fn runs_on(fields: &Fields) -> Result<u8, vernet_common::Error> {
    let typed = fields.some("runs_on").unwrap_or("0");
    let expected = "a number of days, at most 30";
    typed.parse().map_err(|_| vernet_common::Error::field("runs_on", typed, expected))
}

fn needed(name: &'static str, day: Option<CivilDate>) -> Result<CivilDate, vernet_common::Error> {
    day.ok_or_else(|| vernet_common::Error::field(name, "", "a day, as in `31.12.2026`"))
}

/// The number of a statement that was chosen.
fn number(fields: &Fields, name: &'static str) -> Result<u64, vernet_common::Error> {
    let typed = fields.get(name);
    let expected = "the number of a statement in the history";
    typed.parse().map_err(|_| vernet_common::Error::field(name, typed, expected))
}

/// What was chosen from a list.
fn one_of<T: Copy>(
    all: &[T],
    word: fn(T) -> &'static str,
    fields: &Fields,
    name: &'static str,
) -> Result<T, vernet_common::Error> {
    let typed = fields.get(name);
    let found = all.iter().copied().find(|one| word(*one) == typed);
    found.ok_or_else(|| vernet_common::Error::field(name, typed, "one of those in the list"))
}

/// The word for a ground in forms.
pub(super) fn word_of(ground: SuspensionGround) -> &'static str {
    match ground {
        SuspensionGround::Revocation => "revocation",
        SuspensionGround::Information => "information",
        SuspensionGround::Examination => "examination",
    }
}
