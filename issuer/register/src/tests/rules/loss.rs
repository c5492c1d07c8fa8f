//! Rules about what was lost under any number, and what is decided but does not count yet.

use serde_json::json;

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::AlreadyAuthorised,
            "a new grant does not undo a suspension to come, unless it was lifted",
            |o| {
                let number = temporary(o);
                o.dated(suspended(number, "2026-07-01"), "2026-01-15", "2026-01-20")?;
                o.dated(lifted(number), "2026-01-15", "2026-01-20")?;
                replace(o.on("2026-01-16"), number)
            },
            |o| {
                let number = temporary(o);
                o.dated(suspended(number, "2026-07-01"), "2026-01-15", "2026-01-20")?;
                replace(o.on("2026-01-16"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "nor a limitation to come",
            |o| {
                let number = temporary(o);
                o.dated(limited(number, None), "2026-01-15", "2026-01-20")?;
                o.dated(limitation_lifted(number), "2026-01-15", "2026-01-20")?;
                replace(o.on("2026-01-16"), number)
            },
            |o| {
                let number = temporary(o);
                o.dated(limited(number, None), "2026-01-15", "2026-01-20")?;
                replace(o.on("2026-01-16"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "nor a revocation to come, unless it fell",
            |o| {
                let number = temporary(o);
                let decision = o.dated(revoked(number), "2026-01-15", "2026-01-20")?.seq;
                o.did(reversed(number, decision));
                replace(o.on("2026-01-16"), number)
            },
            |o| {
                let number = temporary(o);
                o.dated(revoked(number), "2026-01-15", "2026-01-20")?;
                replace(o.on("2026-01-16"), number)
            },
        ),
        (
            Rule::AlreadyAuthorised,
            "nor a revocation to come",
            |o| replace_after_revocation(o, "2026-01-16", true),
            |o| replace_after_revocation(o, "2026-01-20", false),
        ),
        (
            Rule::GrantDuringSuspension,
            "a suspension outlasts the licence that it is about: the day on which it ends, and the day before",
            |o| suspended_beyond_the_end(o, "2026-07-15"),
            |o| suspended_beyond_the_end(o, "2026-07-14"),
        ),
        (
            Rule::GrantDuringSuspension,
            "a suspension outlasts the authorisation that was waived, unless it fell",
            |o| {
                let number = o.granted();
                let decision = o.did(suspended(number, "2026-07-15"));
                o.on("2026-02-01").did(waived(number));
                o.did(reversed(number, decision));
                again(o, number, "2026-02-01")
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.on("2026-02-01").did(waived(number));
                again(o, number, "2026-02-01")
            },
        ),
        (
            Rule::QuarantineNotOver,
            "a waiver alone, and one before a revocation that counts later",
            |o| {
                let number = o.granted();
                o.on("2026-01-16").did(waived(number));
                again(o.on("2026-02-01"), number, "2026-02-01")
            },
            |o| {
                let number = o.granted();
                o.dated(gravest(number), "2026-01-15", "2026-01-20")?;
                o.on("2026-01-16").did(waived(number));
                again(o.on("2026-02-01"), number, "2026-02-01")
            },
        ),
        (
            Rule::QuarantineNotOver,
            "the longer of two, and a day less",
            |o| supervised_waiver_before_a_revocation(o, "2036-01-15"),
            |o| supervised_waiver_before_a_revocation(o, "2036-01-14"),
        ),
        (
            Rule::QuarantineNotOver,
            "of another number, before and after the merge, although a waiver was last",
            |o| waived_beside_a_revocation(o, false),
            |o| waived_beside_a_revocation(o, true),
        ),
        (
            Rule::QuarantineNotOver,
            "of a revoked authorisation that was annulled afterwards",
            |o| {
                let number = revoked_and_annulled(o);
                again(o.on("2036-01-15"), number, "2036-01-15")
            },
            |o| {
                let number = revoked_and_annulled(o);
                again(o.on("2036-01-14"), number, "2036-01-14")
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "an annulment washes away no revocation, an appeal does",
            |o| {
                let number = o.granted();
                let decision = o.did(gravest(number));
                o.did(reversed(number, decision));
                o.did(annulled(number));
                ok(o.grant(json!({"decided": "2026-01-15", "granted": "2026-01-15"})))
            },
            |o| {
                revoked_and_annulled(o);
                ok(o.grant(json!({"decided": "2026-01-15", "granted": "2026-01-15"})))
            },
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "a licence under another number hides no revocation once the numbers are merged",
            |o| licence_beside_a_revocation(o, false),
            |o| licence_beside_a_revocation(o, true),
        ),
        (
            Rule::RevokedNeedsNewAuthorisation,
            "a new authorisation answers the loss before it, until it is lost itself",
            |o| {
                let number = licence_after_a_loss(o)?;
                replace(o, number)
            },
            |o| {
                let number = licence_after_a_loss(o)?;
                o.did(revoked(number));
                ok(o.grant(json!({"decided": "2026-01-15", "granted": "2026-01-15"})))
            },
        ),
    ]
}

fn gravest(certificate: CertificateNumber) -> Event {
    Event::Revoked { certificate, gravest: true }
}

fn replace_after_revocation(o: &mut Office, effective_on: &str, fell: bool) -> Result<(), Error> {
    let number = temporary(o);
    let decision = o.dated(revoked(number), "2026-01-15", effective_on)?.seq;
    if fell {
        o.did(reversed(number, decision));
    }
    replace(o.on("2026-01-16"), number)
}

/// A licence was suspended beyond its end; asks for an authorisation.
fn suspended_beyond_the_end(o: &mut Office, granted: &str) -> Result<(), Error> {
    let issued = o.grant(json!({"kind": "licence", "valid_to": "2026-02-01"}))?;
    o.did(suspended(issued.claims.certificate_number, "2026-07-15"));
    ok(o.on("2026-07-15").grant(json!({"decided": granted, "granted": granted})))
}

fn supervised_waiver_before_a_revocation(o: &mut Office, granted: &str) -> Result<(), Error> {
    let number = o.granted();
    o.dated(gravest(number), "2026-01-15", "2026-01-20")?;
    o.on("2026-01-16").did(Event::Waived { certificate: number, during_supervision: true });
    again(o.on("2040-01-01"), number, granted)
}

fn revoked_and_annulled(o: &mut Office) -> CertificateNumber {
    let number = o.granted();
    o.did(gravest(number));
    o.did(annulled(number));
    number
}

fn waived_beside_a_revocation(o: &mut Office, merge: bool) -> Result<(), Error> {
    let (lost, left) = two(o)?;
    o.did(gravest(lost));
    o.did(waived(left));
    if merge {
        o.did(merged("1001", "1002"));
    }
    ok(o.grant(json!({"hpr_number": "1002", "basis": "new_authorisation", "exam": null,
        "previous_certificate": left.to_string(), "applied": "2026-01-15",
        "decided": "2026-01-15", "granted": "2026-01-15"})))
}

fn licence_beside_a_revocation(o: &mut Office, merge: bool) -> Result<(), Error> {
    let lost = o.grant(json!({"hpr_number": "1001"}))?.claims.certificate_number;
    o.did(gravest(lost));
    o.grant(json!({"hpr_number": "1002", "kind": "licence", "valid_to": "2026-01-20"}))?;
    if merge {
        o.did(merged("1001", "1002"));
    }
    ok(o.on("2026-01-21")
        .grant(json!({"hpr_number": "1002", "decided": "2026-01-21", "granted": "2026-01-21"})))
}

/// A licence as the new authorisation after a revocation.
fn licence_after_a_loss(o: &mut Office) -> Result<CertificateNumber, Error> {
    let number = o.granted();
    o.did(revoked(number));
    let issued = o.grant(json!({"basis": "new_authorisation", "exam": null, "kind": "licence",
        "previous_certificate": number.to_string(), "applied": "2026-01-15", "special_reasons": "2026/8",
        "decided": "2026-01-15", "granted": "2026-01-15", "valid_to": "2027-01-01"}))?;
    Ok(issued.claims.certificate_number)
}
