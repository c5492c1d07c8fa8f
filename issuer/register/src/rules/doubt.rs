//! What the officers are told because the law is not clear, or could not be confirmed, or a proof is
//! not named. It never refuses: the officers decide.

use vernet_common::{Basis, NumericDate};

use crate::{
    application::{Application, Ground, Recognition},
    law::{self, SuspensionGround},
    phrase,
    rule::Doubt,
    rules::{
        grant::recognised,
        loss::{losses, unsettled_quarantine},
    },
    state::index::State,
    statements::{
        event::Event,
        proposal::{Act, Proposal},
    },
};

/// What is in doubt about a proposal.
pub fn doubts(state: &State, proposal: &Proposal, now: NumericDate) -> Vec<Doubt> {
    match &proposal.act {
        Act::Grant { application } => about_grant(state, application, now),
        Act::Decide { event } => about_decision(event),
        Act::Reissue { .. } | Act::Import { .. } | Act::ReissueAll { .. } => Vec::new(),
    }
}

/// Paragraphs whose terms are known, and not since when they have said so.
fn about_decision(event: &Event) -> Vec<Doubt> {
    let unconfirmed = |source: &'static str| Doubt {
        code: "paragraph_unconfirmed",
        message: phrase!(
            "since when {source} has applied was not confirmed: look it up for a decision about the past",
            source
        ),
        source,
    };
    match event.effect() {
        Event::Suspended { ground, .. } if *ground != SuspensionGround::Revocation => {
            ground.term().iter().map(|row| unconfirmed(row.source)).collect()
        }
        Event::Banned { .. } => law::BAN.iter().map(|row| unconfirmed(row.source)).collect(),
        _ => Vec::new(),
    }
}

fn about_grant(state: &State, application: &Application, now: NumericDate) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let rights = state.rights_of_title(application.hpr_number, &application.title, now);
    if let Some(over) = unsettled_quarantine(application, &losses(state, &rights, now)) {
        doubts.push(Doubt {
            code: "quarantine_unsettled",
            message: phrase!(
                "a quarantine until `{over}` would bar the application, if it holds for waivers and for revocations before 2025, which is not settled",
                over
            ),
            source: "helsepersonelloven § 62",
        });
    }
    if let Some(Recognition { state }) = &application.recognition
        && recognised(state, application.decided).all(|row| !row.is_confirmed)
    {
        doubts.push(Doubt {
            code: "recognition_unconfirmed",
            message: phrase!(
                "whether qualifications of `{state}` were recognised on `{decided}` was not confirmed",
                state,
                decided = application.decided
            ),
            source: "directive 2005/36/EC",
        });
    }
    if application.basis == Ground::Basis(Basis::EquivalentForeignExam) {
        for (member, proof) in [
            ("norwegian_language", &application.norwegian_language),
            ("national_subjects", &application.national_subjects),
        ] {
            if proof.is_none() {
                doubts.push(Doubt {
                    code: "third_country_proof_missing",
                    message: phrase!(
                        "`{member}` names no proof, which is asked for after an exam in a third country",
                        member
                    ),
                    source: "helsepersonelloven § 48 a",
                });
            }
        }
    }
    doubts
}
