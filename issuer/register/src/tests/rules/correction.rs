//! Rules about what was written wrongly of a person.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::AgeImpossible,
            "an exam at sixteen, and on the day before",
            |o| ok(o.grant(json!({"birthdate": "2003-05-20"}))),
            |o| ok(o.grant(json!({"birthdate": "2003-05-21"}))),
        ),
        (
            Rule::AgeImpossible,
            "nor is anybody corrected to be a child at the exam",
            |o| {
                let number = o.granted();
                ok(o.record(born(number, "2003-05-20")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(born(number, "2003-05-21")))
            },
        ),
        (
            Rule::AgeImpossible,
            "a licence at a hundred and nine, and a year later",
            |o| licence(o, "1910-01-02", "2020-01-01", "2020-12-01").or_else(ended),
            |o| licence(o, "1910-01-01", "2020-01-01", "2020-12-01"),
        ),
        (
            Rule::CorrectionChangesNothing,
            "another date of birth, and the one that is known",
            |o| {
                let number = o.granted();
                ok(o.record(born(number, "1980-02-28")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(born(number, "1980-02-29")))
            },
        ),
        (
            Rule::CorrectionChangesNothing,
            "other names, and none",
            |o| {
                let number = o.granted();
                let names = Names::parse("Åse", "Kjærstad").expect("names");
                ok(o.record(corrected(number, |c| c.names = Some(names))))
            },
            |o| {
                let number = o.granted();
                ok(o.record(corrected(number, |_| ())))
            },
        ),
        (
            Rule::CorrectionChangesNothing,
            "another number, and the one that is known",
            |o| {
                let number = o.granted();
                ok(o.record(numbered(number, "1001")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(numbered(number, "9144889")))
            },
        ),
        (
            Rule::AnnulledIsVoid,
            "what was annulled needs no correction",
            |o| {
                let number = o.granted();
                ok(o.record(numbered(number, "1001")))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                ok(o.record(numbered(number, "1001")))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "the number of somebody who has a live certificate, until it ended",
            |o| {
                let (number, other) = two(o)?;
                o.did(revoked(other));
                ok(o.record(numbered(number, "1002")))
            },
            |o| {
                let (number, _) = two(o)?;
                ok(o.record(numbered(number, "1002")))
            },
        ),
        (
            Rule::BirthdateDiffers,
            "the number of somebody born on another day, unless that was a mistake too",
            |o| {
                let (number, other) = two(o)?;
                o.did(revoked(other));
                ok(o.record(numbered(number, "1002")))
            },
            |o| {
                let (number, other) = two(o)?;
                o.did(born(other, "1980-02-28"));
                o.did(revoked(other));
                ok(o.record(numbered(number, "1002")))
            },
        ),
        (
            Rule::HprMerged,
            "not a number that was merged into another one",
            |o| {
                let number = o.granted();
                ok(o.record(numbered(number, "1002")))
            },
            |o| {
                let number = o.granted();
                let (_, other) = two(o)?;
                o.did(revoked(other));
                o.did(merged("1002", "1001"));
                ok(o.record(numbered(number, "1002")))
            },
        ),
        (
            Rule::DeceasedIsFinal,
            "nor that of somebody who died",
            |o| {
                let (number, other) = two(o)?;
                o.did(revoked(other));
                ok(o.record(numbered(number, "1002")))
            },
            |o| {
                let (number, other) = two(o)?;
                o.did(deceased(other));
                ok(o.record(numbered(number, "1002")))
            },
        ),
        (
            Rule::NotRetractable,
            "a death, and a revocation",
            |o| {
                let number = o.granted();
                let death = o.did(deceased(number));
                ok(o.record(retracted(death)))
            },
            |o| {
                let number = o.granted();
                let revocation = o.did(revoked(number));
                ok(o.record(retracted(revocation)))
            },
        ),
        (
            Rule::NotRetractable,
            "a merge, once",
            |o| {
                let (_, other) = two(o)?;
                o.did(revoked(other));
                let merge = o.did(merged("1002", "1001"));
                ok(o.record(retracted(merge)))
            },
            |o| {
                let (_, other) = two(o)?;
                o.did(revoked(other));
                let merge = o.did(merged("1002", "1001"));
                o.did(retracted(merge));
                ok(o.record(retracted(merge)))
            },
        ),
        (
            Rule::ReissueReasonMismatch,
            "`correction` is for a certificate that says what is wrong",
            |o| {
                let number = o.granted();
                o.did(born(number, "1980-02-28"));
                ok(o.reissue(number, ReissueReason::Correction, None))
            },
            |o| {
                let number = o.granted();
                ok(o.reissue(number, ReissueReason::Correction, None))
            },
        ),
        (
            Rule::RunsOnTooLong,
            "a certificate runs on for thirty days, and not for one more",
            |o| running_on(o, 30),
            |o| running_on(o, 31),
        ),
        (
            Rule::RunsOnTooLong,
            "what is invalid does not run on",
            |o| {
                let number = back(o);
                ok(o.both(Proposal::to_reissue(number, ReissueReason::Appeal, None)))
            },
            |o| {
                let number = back(o);
                let proposal = Proposal::to_reissue(number, ReissueReason::Appeal, None);
                ok(o.both(proposal.running_on(1)))
            },
        ),
    ]
}

fn running_on(o: &mut Office, days: u8) -> Result<(), Error> {
    let number = o.granted();
    ok(o.both(Proposal::to_reissue(number, ReissueReason::LostPrint, None).running_on(days)))
}

/// A right that was revoked and came back.
fn back(o: &mut Office) -> CertificateNumber {
    let number = o.granted();
    let decision = o.did(revoked(number));
    o.did(reversed(number, decision));
    number
}

/// The licence is over on the day of the test: the age was right.
fn ended(error: Error) -> Result<(), Error> {
    match error.code() {
        "ends_before_issue" => Ok(()),
        _ => Err(error),
    }
}
