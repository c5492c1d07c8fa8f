//! Rules of appeals and merges that undo or join what was decided.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::NotReversible,
            "a decision about somebody else",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let other = o.grant(json!({"hpr_number": "9144900"}))?.claims.certificate_number;
                let decision = o.did(revoked(number));
                ok(o.record(reversed(other, decision)))
            },
        ),
        (
            Rule::NotReversible,
            "a lifting is not appealed but followed by a new suspension",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                o.did(lifted(number));
                ok(o.record(suspended(number, "2026-03-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                let decision = o.did(lifted(number));
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::NotReversible,
            "a waiver is the holder's own, and does not fall on appeal",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(waived(number));
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::NotMilder,
            "a suspension in place of a revocation, and the other way round",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(replaced(number, decision, suspended(number, "2026-03-01"))))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(suspended(number, "2026-03-01"));
                ok(o.record(replaced(number, decision, revoked(number))))
            },
        ),
        (
            Rule::NotMilder,
            "about the same person",
            |o| {
                let number = o.granted();
                let decision = o.did(suspended(number, "2026-03-01"));
                ok(o.record(replaced(number, decision, within_limits(number, "2026-03-01"))))
            },
            |o| {
                let number = o.granted();
                let other = o.grant(json!({"hpr_number": "9144900"}))?.claims.certificate_number;
                let decision = o.did(suspended(number, "2026-03-01"));
                ok(o.record(replaced(number, decision, within_limits(other, "2026-03-01"))))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "the milder decision keeps to the law from the day of the other one",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                let milder = suspended(number, "2026-07-15");
                ok(o.on("2026-03-01").record(replaced(number, decision, milder)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                let milder = suspended(number, "2026-07-16");
                ok(o.on("2026-03-01").record(replaced(number, decision, milder)))
            },
        ),
        (
            Rule::NotAppealable,
            "a revocation is stayed, and a waiver is not",
            |o| {
                let certificate = o.granted();
                let decision = o.did(revoked(certificate));
                ok(o.record(Event::Stayed { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(waived(certificate));
                ok(o.record(Event::Stayed { certificate, decision }))
            },
        ),
        (
            Rule::NotAppealable,
            "an appeal is dismissed once",
            |o| {
                let certificate = o.granted();
                let decision = o.did(revoked(certificate));
                ok(o.record(Event::Upheld { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(revoked(certificate));
                o.did(Event::Upheld { certificate, decision });
                ok(o.record(Event::Upheld { certificate, decision }))
            },
        ),
        (
            Rule::StayedAlready,
            "stayed again after it applied again, and while it is stayed",
            |o| {
                let certificate = o.granted();
                let decision = o.did(suspended(certificate, "2026-07-01"));
                o.did(Event::Stayed { certificate, decision });
                o.on("2026-02-01").did(Event::StayEnded { certificate, decision });
                ok(o.on("2026-03-01").record(Event::Stayed { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(suspended(certificate, "2026-07-01"));
                o.did(Event::Stayed { certificate, decision });
                ok(o.on("2026-03-01").record(Event::Stayed { certificate, decision }))
            },
        ),
        (
            Rule::NotStayed,
            "a stay ends once",
            |o| {
                let certificate = o.granted();
                let decision = o.did(suspended(certificate, "2026-07-01"));
                o.did(Event::Stayed { certificate, decision });
                ok(o.record(Event::StayEnded { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(suspended(certificate, "2026-07-01"));
                ok(o.record(Event::StayEnded { certificate, decision }))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a stay gives back a right only if the person has no other one",
            |o| {
                let certificate = o.granted();
                let decision = o.did(revoked(certificate));
                ok(o.record(Event::Stayed { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(revoked(certificate));
                again(o, certificate, "2026-01-15")?;
                ok(o.record(Event::Stayed { certificate, decision }))
            },
        ),
        (
            Rule::AlreadyReversed,
            "the same decision twice",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                o.did(reversed(number, decision));
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::ReversedBeforeDecided,
            "an appeal decided before the decision",
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-10", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-10", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-10", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-09", "2026-01-10"))
            },
        ),
        (
            Rule::ReversalInFuture,
            "an appeal gives back from today on, and from tomorrow on",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-15"))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-16"))
            },
        ),
        (
            Rule::EffectiveBeforeDecided,
            "an appeal reaches back to the decision, no further",
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-05", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-10"))
            },
            |o| {
                let number = o.granted();
                let decision = o.dated(revoked(number), "2026-01-05", "2026-01-10")?.seq;
                ok(o.dated(reversed(number, decision), "2026-01-15", "2026-01-09"))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "an appeal does not put a second live certificate beside a new one",
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                o.did(revoked(second()));
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "an appeal against a suspension brings nothing back, one against a revocation does",
            |o| {
                let number = temporary(o);
                let decision = o.on("2026-12-01").did(suspended(number, "2027-01-01"));
                o.on("2027-01-15").grant(json!({"granted": "2027-01-01"}))?;
                ok(o.record(reversed(number, decision)))
            },
            |o| {
                let number = o.granted();
                let decision = o.did(annulled(number));
                o.grant(json!({}))?;
                ok(o.record(reversed(number, decision)))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "a merge of a number that was left, and of one of a dead person",
            |o| {
                let (left, _) = two(o)?;
                o.did(waived(left));
                ok(o.record(merged("1001", "1002")))
            },
            |o| {
                let (dead, _) = two(o)?;
                o.did(deceased(dead));
                ok(o.record(merged("1001", "1002")))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "a merge into a number that was left, and into one of a dead person",
            |o| {
                let (_, left) = two(o)?;
                o.did(waived(left));
                ok(o.record(merged("1001", "1002")))
            },
            |o| {
                let (_, dead) = two(o)?;
                o.did(deceased(dead));
                ok(o.record(merged("1001", "1002")))
            },
        ),
        (
            Rule::BirthdateDiffers,
            "a merge of two birthdates",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.grant(json!({"hpr_number": "9144900", "birthdate": "1980-03-01"}))?;
                ok(o.record(merged("9144889", "9144900")))
            },
        ),
    ]
}

/// A register into which a reversal for a day to come was written before that was forbidden.
#[test]
fn a_reissue_puts_no_second_live_certificate_beside_another() {
    let o = &mut Office::new();
    let (first, other) = two(o).expect("two grants");
    let decision = o.did(revoked(first));
    o.did(merged("1001", "1002"));
    let mut statements = o.register.state().statements().to_vec();
    let reversal = reversed(first, decision);
    let (seq, prev) = (statements.len() as u64 + 1, o.register.state().head());
    let last = statements.last().expect("a statement").clone();
    let (name, kid) = ("Kari Nordmann".parse().expect("a name"), kari().public_key().kid());
    let event = Event::Proposed(Proposal::of(reversal.clone()).into());
    let proposed =
        Statement { seq, prev, officer: name, kid, approves: None, event, ..last.clone() };
    let sha256 = crate::Digest::of(&proposed.to_bytes().expect("JSON"));
    let (approves, effective_on) = (Some(crate::Approves { seq, sha256 }), day("2026-01-20"));
    let reversal =
        Statement { seq: seq + 1, prev: sha256, approves, effective_on, event: reversal, ..last };
    statements.extend([proposed, reversal]);
    let state = crate::State::new(statements).expect("a state");
    let reissue = |number, reason, now: &str| {
        let decided = day(now);
        let result = crate::rules::grant::reissue(
            &state,
            number,
            crate::rules::grant::Reissue::because(reason),
            decided,
            noon(now),
        );
        result.map(|_| ()).map_err(|error| error.code())
    };
    assert_eq!(reissue(other, ReissueReason::LostPrint, "2026-01-19"), Ok(()));
    assert_eq!(reissue(other, ReissueReason::LostPrint, "2026-01-20"), Err("already_authorised"));
    assert_eq!(reissue(first, ReissueReason::Appeal, "2026-01-20"), Err("already_authorised"));
}
