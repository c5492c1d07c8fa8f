//! Decisions about somebody who has a right: what may be decided, and the form of each.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use vernet_common::{CertificateNumber, CivilDate};
use vernet_issuer::Office;
use vernet_register::{Event, Proposal, ReissueReason, Role, SuspensionGround};

use super::{
    deed::Deed,
    filed::{Fields, Filed},
    guard::{Desk, Who},
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show_as};

const ROLES: [Role; 2] = [Role::Grant, Role::Supervise];

/// What can be decided about a certificate's holder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reaction {
    Suspend,
    Emergency,
    TakeBack,
    Extend,
    Lift,
    Limit,
    LiftLimitation,
    Instruct,
    EndInstruction,
    Revoke,
    Waive,
    Annul,
    Deceased,
    Reissue,
    Stay,
    EndStay,
    Reverse,
    Uphold,
}

impl Reaction {
    const ALL: [Self; 18] = [
        Self::Suspend,
        Self::Emergency,
        Self::TakeBack,
        Self::Extend,
        Self::Lift,
        Self::Limit,
        Self::LiftLimitation,
        Self::Instruct,
        Self::EndInstruction,
        Self::Revoke,
        Self::Waive,
        Self::Annul,
        Self::Deceased,
        Self::Reissue,
        Self::Stay,
        Self::EndStay,
        Self::Reverse,
        Self::Uphold,
    ];

    /// The word for it in addresses; its words are `react.WORD`.
    fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Emergency => "emergency",
            Self::TakeBack => "take_back",
            Self::Extend => "extend",
            Self::Lift => "lift",
            Self::Limit => "limit",
            Self::LiftLimitation => "lift_limitation",
            Self::Instruct => "instruct",
            Self::EndInstruction => "end_instruction",
            Self::Revoke => "revoke",
            Self::Waive => "waive",
            Self::Annul => "annul",
            Self::Deceased => "deceased",
            Self::Reissue => "reissue",
            Self::Stay => "stay",
            Self::EndStay => "end_stay",
            Self::Reverse => "reverse",
            Self::Uphold => "uphold",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reaction| reaction.word() == word)
    }

    /// The fields of its form.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Suspend => &["until", "ground", "limits"],
            Self::Emergency | Self::Extend => &["until"],
            Self::Limit | Self::Instruct => &["reference", "until"],
            Self::Revoke => &["gravest"],
            Self::Waive => &["during_supervision"],
            Self::Reissue => &["because", "given_name", "family_name", "runs_on"],
            Self::EndInstruction | Self::Stay | Self::EndStay | Self::Reverse | Self::Uphold => {
                &["decision"]
            }
            Self::TakeBack | Self::Lift | Self::LiftLimitation | Self::Annul | Self::Deceased => {
                &[]
            }
        }
    }

    /// Whether it counts at once, by one officer.
    fn is_alone(self) -> bool {
        matches!(self, Self::Emergency | Self::TakeBack)
    }

    /// What is to be done by this form.
    fn deed(
        self,
        certificate: CertificateNumber,
        fields: &Fields,
    ) -> Result<Deed, vernet_register::Error> {
        let until = fields.day("until")?;
        let needed = |name: &'static str, day: Option<CivilDate>| {
            day.ok_or_else(|| vernet_common::Error::field(name, "", "a day, as in `31.12.2026`"))
        };
        let reference = fields.get("reference").to_owned();
        let decision = || {
            let typed = fields.get("decision");
            let expected = "the number of the decision in the history";
            typed.parse().map_err(|_| vernet_common::Error::field("decision", typed, expected))
        };
        let event = match self {
            Self::Emergency => {
                let until = needed("until", until)?;
                return Ok(Deed::Suspend { certificate, until });
            }
            Self::TakeBack => return Ok(Deed::TakeBack { certificate }),
            Self::Reissue => return self.reissue(certificate, fields),
            Self::Suspend => Event::Suspended {
                certificate,
                until,
                ground: ground(fields.get("ground")),
                limits: fields.some("limits").map(ToOwned::to_owned),
                unapproved_until: None,
            },
            Self::Extend => Event::Extended { certificate, until: needed("until", until)? },
            Self::Lift => Event::Lifted { certificate },
            Self::Limit => Event::Limited { certificate, reference, until },
            Self::LiftLimitation => Event::LimitationLifted { certificate },
            Self::Instruct => Event::Instructed { certificate, reference, until },
            Self::EndInstruction => Event::InstructionEnded { certificate, decision: decision()? },
            Self::Revoke => Event::Revoked { certificate, gravest: fields.is_ticked("gravest") },
            Self::Waive => {
                let during_supervision = fields.is_ticked("during_supervision");
                Event::Waived { certificate, during_supervision }
            }
            Self::Annul => Event::Annulled { certificate },
            Self::Deceased => Event::Deceased { certificate },
            Self::Stay => Event::Stayed { certificate, decision: decision()? },
            Self::EndStay => Event::StayEnded { certificate, decision: decision()? },
            Self::Reverse => Event::Reversed { certificate, decision: decision()?, instead: None },
            Self::Uphold => Event::Upheld { certificate, decision: decision()? },
        };
        let proposal = Proposal {
            decided_on: fields.day("decided")?,
            effective_on: fields.day("effective_on")?,
            ..Proposal::of(event)
        };
        Ok(Deed::Propose(proposal.into(), Vec::new()))
    }

    fn reissue(
        self,
        certificate: CertificateNumber,
        fields: &Fields,
    ) -> Result<Deed, vernet_register::Error> {
        let typed = fields.get("because");
        let reason = ReissueReason::ALL.into_iter().find(|reason| reason.word() == typed);
        let reason = reason.ok_or_else(|| {
            vernet_common::Error::field("because", typed, "one of the reasons in the list")
        })?;
        let names = match fields.some("family_name") {
            Some(family) => Some(vernet_register::Names::parse(fields.get("given_name"), family)?),
            None => None,
        };
        let typed = fields.some("runs_on").unwrap_or("0");
        let days = typed.parse().map_err(|_| {
            vernet_common::Error::field("runs_on", typed, "a number of days, at most 30")
        })?;
        let proposal = Proposal::to_reissue(certificate, reason, names).running_on(days);
        let proposal = Proposal { decided_on: fields.day("decided")?, ..proposal };
        Ok(Deed::Propose(proposal.into(), Vec::new()))
    }
}

fn ground(word: &str) -> SuspensionGround {
    let all = SuspensionGround::ALL.into_iter();
    all.into_iter().find(|ground| word_of(*ground) == word).unwrap_or_default()
}

fn word_of(ground: SuspensionGround) -> &'static str {
    match ground {
        SuspensionGround::Revocation => "revocation",
        SuspensionGround::Information => "information",
        SuspensionGround::Examination => "examination",
    }
}

#[derive(Template)]
#[template(path = "desk/react.html")]
struct ReactPage<'a> {
    page: &'a Page,
    who: &'a Who,
    number: CertificateNumber,
    /// Whom it is about.
    holder: String,
    hpr_number: String,
    choices: Vec<&'static str>,
    chosen: Option<Reaction>,
    fields: &'a Fields,
    grounds: Vec<&'static str>,
    reasons: Vec<&'static str>,
    decisions: Vec<(u64, &'static str, CivilDate)>,
    fault: Option<(&'static str, String)>,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    act: String,
}

pub(super) async fn page(
    desk: Desk,
    Path(number): Path<String>,
    Query(Chosen { act }): Query<Chosen>,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.screen(move |desk, office| {
        let number = number.parse().map_err(|_| Trouble::NotFound)?;
        form(desk, office, number, (Reaction::of(&act), &Fields::default()), None)
    })
    .await
}

/// Proposes it, or does it at once, or shows the form again with what is wrong.
pub(super) async fn decide(
    Path(number): Path<String>,
    Filed { desk, fields, documents }: Filed,
) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let number: CertificateNumber = number.parse().map_err(|_| Trouble::NotFound)?;
        let reaction = Reaction::of(fields.get("act")).ok_or(Trouble::NotFound)?;
        let prepared = reaction.deed(number, &fields).map_err(Trouble::from).and_then(|deed| {
            let deed = match deed {
                Deed::Propose(proposal, _) => Deed::Propose(proposal, documents),
                alone => alone,
            };
            signing::prepare(desk, deed, "/proposals".to_owned())
        });
        match prepared {
            Ok(token) => Ok(signing::to_page(&token)),
            Err(trouble) => {
                let fault = (trouble.code(), trouble.to_string());
                let office = desk.console.office();
                form(desk, &office, number, (Some(reaction), &fields), Some(fault))
            }
        }
    })
    .await
}

fn form(
    desk: &Desk,
    office: &Office,
    number: CertificateNumber,
    (chosen, fields): (Option<Reaction>, &Fields),
    fault: Option<(&'static str, String)>,
) -> Result<Response, Trouble> {
    let state = office.register().state();
    let known = state.current_certificate(number)?.claims;
    desk.note("decide", Some(known.hpr_number), None)?;
    let decisions = state.history(number)?.into_iter().rev().filter(|one| {
        one.event.certificate().is_some() && !matches!(one.event, Event::Notified { .. })
    });
    let decisions = decisions.map(|one| (one.seq, one.event.name(), one.effective_on));
    let status = match fault {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    Ok(show_as(
        status,
        &ReactPage {
            page: &desk.page,
            who: &desk.who,
            number,
            holder: known.given_name.with(&known.family_name),
            hpr_number: known.hpr_number.to_string(),
            choices: Reaction::ALL.iter().map(|reaction| reaction.word()).collect(),
            chosen,
            fields,
            grounds: SuspensionGround::ALL.iter().map(|ground| word_of(*ground)).collect(),
            reasons: ReissueReason::ALL.iter().map(|reason| reason.word()).collect(),
            decisions: decisions.collect(),
            fault,
        },
    ))
}
