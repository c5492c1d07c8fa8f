//! Rules about what the person had before: rights, losses, numbers.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::AlreadyAuthorised,
            "another person, and the same one",
            |o| {
                o.granted();
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                o.granted();
                ok(o.grant(json!({"hpr_number": "09144889"})))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a live licence is replaced only if it is named",
            |o| {
                let number = temporary(o);
                replace(o, number)
            },
            |o| {
                temporary(o);
                ok(o.grant(json!({})))
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a new grant does not undo a suspension of a licence",
            |o| {
                let number = temporary(o);
                o.did(suspended(number, "2026-02-01"));
                replace(o.on("2026-02-01"), number)
            },
            |o| {
                let number = temporary(o);
                o.did(suspended(number, "2026-02-01"));
                replace(o.on("2026-01-31"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "nor a limitation of it",
            |o| {
                let number = temporary(o);
                o.did(limited(number, Some("2026-02-01")));
                replace(o.on("2026-02-01"), number)
            },
            |o| {
                let number = temporary(o);
                o.did(limited(number, Some("2026-02-01")));
                replace(o.on("2026-01-31"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "a licence that ended may be followed but not overlapped",
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-02-01"})))
            },
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-01-31"})))
            },
        ),
        (
            Rule::BirthdateDiffers,
            "the same number with another birthdate",
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01").grant(json!({"granted": "2026-02-01"})))
            },
            |o| {
                licence(o, "1980-02-29", "2020-01-01", "2026-02-01")?;
                ok(o.on("2026-03-01")
                    .grant(json!({"granted": "2026-02-01", "birthdate": "1980-02-28"})))
            },
        ),
        (
            Rule::HprMerged,
            "the successor of a number, and the number",
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({"hpr_number": "9144900"})))
            },
            |o| {
                let number = o.granted();
                o.did(annulled(number));
                o.did(merged("9144889", "9144900"));
                ok(o.grant(json!({})))
            },
        ),
        (
            Rule::HprUnknown,
            "a number that was never seen",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                ok(o.record(merged("9144901", "9144889")))
            },
        ),
        (
            Rule::MergeCycle,
            "back to where it came from, over two steps",
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                ok(o.record(merged("9144900", "9144901")))
            },
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                o.did(merged("9144900", "9144901"));
                ok(o.record(merged("9144901", "9144889")))
            },
        ),
        (
            Rule::MergeCycle,
            "into itself",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144889")))
            },
        ),
        (
            Rule::HprMerged,
            "merged twice",
            |o| {
                o.granted();
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                o.did(merged("9144889", "9144900"));
                ok(o.record(merged("9144889", "9144901")))
            },
        ),
        (
            Rule::MergeOfTwoAuthorised,
            "two live certificates",
            |o| {
                let number = o.granted();
                o.grant(json!({"hpr_number": "9144900"}))?;
                o.did(waived(number));
                ok(o.record(merged("9144889", "9144900")))
            },
            |o| {
                o.granted();
                o.grant(json!({"hpr_number": "9144900"}))?;
                ok(o.record(merged("9144889", "9144900")))
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "an ordinary grant after revocation",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                ok(o.grant(json!({"granted": "2026-01-15"})))
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "a suspension before the revocation counts, and one after it",
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-01-31").record(suspended(number, "2026-03-01")))
            },
            |o| {
                let number = o.granted();
                o.dated(revoked(number), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-02-01").record(suspended(number, "2026-03-01")))
            },
        ),
        (
            Rule::WaivedNeedsNewAuthorisation,
            "an ordinary grant after waiver, in spite of an annulled one between",
            |o| {
                let number = o.granted();
                o.did(waived(number));
                again(o, number, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(waived(number));
                again(o, number, "2026-01-15")?;
                o.did(annulled(second()));
                ok(o.grant(json!({"granted": "2026-01-15"})))
            },
        ),
        (
            Rule::NewAuthorisationWithoutLoss,
            "after waiver, and after the end of a licence",
            |o| {
                let number = temporary(o);
                o.did(waived(number));
                again(o.on("2027-02-01"), number, "2027-02-01")
            },
            |o| {
                let number = temporary(o);
                again(o.on("2027-02-01"), number, "2027-02-01")
            },
        ),
        (
            Rule::QuarantineNotOver,
            "two years from the decision to the application, and a day less",
            |o| after_quarantine(o, false, json!({"applied": "2027-03-01"})),
            |o| after_quarantine(o, false, json!({"applied": "2027-02-28"})),
        ),
        (
            Rule::QuarantineNotOver,
            "ten years in the gravest cases, and a day less",
            |o| after_quarantine(o, true, json!({"applied": "2035-03-01"})),
            |o| after_quarantine(o, true, json!({"applied": "2035-02-28"})),
        ),
        (
            Rule::QuarantineNotOver,
            "special reasons shorten the two years, and not the ten",
            |o| {
                after_quarantine(
                    o,
                    false,
                    json!({"applied": "2025-03-01", "special_reasons": "2025/7"}),
                )
            },
            |o| {
                after_quarantine(
                    o,
                    true,
                    json!({"applied": "2025-03-01", "special_reasons": "2025/7"}),
                )
            },
        ),
        (
            Rule::QuarantineNotOver,
            "it counts from the decision, whenever that took effect",
            |o| decided_before_it_counted(o, "2027-03-01"),
            |o| decided_before_it_counted(o, "2027-02-28"),
        ),
        (
            Rule::ApplicationDateMissing,
            "whether an application came in time depends on its day",
            |o| after_quarantine(o, false, json!({"applied": "2027-03-01"})),
            |o| after_quarantine(o, false, json!({})),
        ),
        (
            Rule::PreviousCertificateMismatch,
            "the last loss must be named, not an earlier one",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                let second = second();
                o.did(revoked(second));
                again(o, second, "2026-01-15")
            },
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                again(o, number, "2026-01-15")?;
                o.did(revoked(second()));
                again(o, number, "2026-01-15")
            },
        ),
        (
            Rule::PreviousCertificateMismatch,
            "the licence of another person",
            |o| {
                let number = temporary(o);
                replace(o, number)
            },
            |o| {
                let number = temporary(o);
                let previous = number.to_string();
                ok(o.grant(json!({"hpr_number": "9144900", "previous_certificate": previous})))
            },
        ),
    ]
}

/// An authorisation was revoked on 2025-03-01; asks for another one in 2040, applied for as `terms`
/// say.
fn after_quarantine(o: &mut Office, gravest: bool, terms: Value) -> Result<(), Error> {
    let number = o.on("2025-03-01").granted();
    o.did(Event::Revoked { certificate: number, gravest });
    anew(o.on("2040-01-01"), number, dated(terms))
}

/// The same for a revocation that counted from a later day on.
fn decided_before_it_counted(o: &mut Office, applied: &str) -> Result<(), Error> {
    let number = o.on("2025-03-01").granted();
    o.dated(revoked(number), "2025-03-01", "2025-09-01")?;
    anew(o.on("2040-01-01"), number, dated(json!({"applied": applied})))
}

fn dated(mut terms: Value) -> Value {
    terms["decided"] = json!("2040-01-01");
    terms["granted"] = json!("2040-01-01");
    terms
}
