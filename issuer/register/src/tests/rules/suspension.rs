//! Rules of suspensions.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::SuspensionEndMismatch,
            "a suspension until an examination has no end of its own",
            |o| {
                let number = o.granted();
                ok(o.record(open_ended(number, SuspensionGround::Examination)))
            },
            |o| {
                let certificate = o.granted();
                ok(o.record(Event::Suspended {
                    certificate,
                    until: Some(day("2026-03-01")),
                    ground: SuspensionGround::Examination,
                    limits: None,
                    unapproved_until: None,
                }))
            },
        ),
        (
            Rule::SuspensionEndMismatch,
            "a suspension under § 58 has one",
            |o| {
                let number = o.granted();
                ok(o.record(open_ended(number, SuspensionGround::Information)))
            },
            |o| {
                let number = o.granted();
                ok(o.record(open_ended(number, SuspensionGround::Revocation)))
            },
        ),
        (
            Rule::SuspensionEndMismatch,
            "only what has an end is extended",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(open_ended(number, SuspensionGround::Information));
                ok(o.record(extended(number, "2026-04-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "another one after an open one was lifted, and beside it",
            |o| {
                let number = o.granted();
                o.did(open_ended(number, SuspensionGround::Information));
                o.did(lifted(number));
                ok(o.record(suspended(number, "2026-03-01")))
            },
            |o| {
                let number = o.granted();
                o.did(open_ended(number, SuspensionGround::Information));
                ok(o.on("2030-01-15").record(suspended(number, "2030-03-01")))
            },
        ),
        (
            Rule::SuspensionCannotBeLimited,
            "the first day on which one could be limited, and the day before",
            |o| limited_on(o, "2022-07-01", "2022-09-01"),
            |o| limited_on(o, "2022-06-30", "2022-09-01"),
        ),
        (
            Rule::GrantDuringSuspension,
            "an open suspension outlasts a licence",
            |o| licence_after_open_suspension(o, true),
            |o| licence_after_open_suspension(o, false),
        ),
        (
            Rule::SuspensionWithoutLength,
            "a day and none",
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-01-16")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-01-15")))
            },
        ),
        (
            Rule::SuspensionWithoutLength,
            "an extension to a day later and to the same day",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-03-02")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-03-01")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six months and a day more",
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-07-15")))
            },
            |o| {
                let number = o.granted();
                ok(o.record(suspended(number, "2026-07-16")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six months from the last of August end with February",
            |o| {
                let number = o.granted();
                ok(o.on("2026-08-31").record(suspended(number, "2027-02-28")))
            },
            |o| {
                let number = o.granted();
                ok(o.on("2026-08-31").record(suspended(number, "2027-03-01")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "six more months and a day more",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                ok(o.on("2026-07-14").record(extended(number, "2027-01-15")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                ok(o.on("2026-07-14").record(extended(number, "2027-01-16")))
            },
        ),
        (
            Rule::SuspensionExtendedTwice,
            "extended once and twice",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.record(extended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                o.did(extended(number, "2026-04-01"));
                ok(o.record(extended(number, "2026-05-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "on the day on which the other one ends, and the day before",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(suspended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(suspended(number, "2026-04-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "before a suspension to come",
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                ok(o.record(suspended(number, "2026-02-01")))
            },
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                ok(o.record(suspended(number, "2026-02-02")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "across a suspension that was lifted on its first day, and one that lasted a day",
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                o.dated(lifted(number), "2026-01-15", "2026-02-01")?;
                ok(o.record(suspended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-03-01"), "2026-01-15", "2026-02-01")?;
                o.dated(lifted(number), "2026-01-15", "2026-02-02")?;
                ok(o.record(suspended(number, "2026-04-01")))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "lifted on the last day and the day after",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(lifted(number)))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(lifted(number)))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "extended on the last day and the day after",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-02-28").record(extended(number, "2026-04-01")))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-03-01"));
                ok(o.on("2026-03-01").record(extended(number, "2026-04-01")))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "an extension that was decided during the suspension, before and after it was lifted",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                ok(o.on("2026-03-02").dated(
                    extended(number, "2026-09-01"),
                    "2026-02-01",
                    "2026-02-01",
                ))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.on("2026-03-01").did(lifted(number));
                ok(o.on("2026-03-02").dated(
                    extended(number, "2026-09-01"),
                    "2026-02-01",
                    "2026-02-01",
                ))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "an extension before a lifting to come was decided, and after",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.did(extended(number, "2026-08-01"));
                ok(o.dated(lifted(number), "2026-01-15", "2026-03-01"))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.dated(lifted(number), "2026-01-15", "2026-03-01")?;
                ok(o.dated(extended(number, "2026-08-01"), "2026-01-15", "2026-02-01"))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "an extension decided on the first day of the suspension, and the day before",
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-07-15"), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-02-01").dated(
                    extended(number, "2026-08-01"),
                    "2026-02-01",
                    "2026-02-01",
                ))
            },
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2026-07-15"), "2026-01-15", "2026-02-01")?;
                ok(o.on("2026-02-01").dated(
                    extended(number, "2026-08-01"),
                    "2026-01-31",
                    "2026-02-01",
                ))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "a year in two suspensions, and a day more by an extension",
            |o| {
                let number = in_two(o, "2027-01-14")?;
                ok(o.record(extended(number, "2027-01-15")))
            },
            |o| {
                let number = in_two(o, "2027-01-14")?;
                ok(o.record(extended(number, "2027-01-16")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "a third suspension, two days after the first two had taken a year, and one day after",
            |o| {
                let number = in_two(o, "2027-01-15")?;
                ok(o.on("2027-01-17").record(suspended(number, "2027-07-17")))
            },
            |o| {
                let number = in_two(o, "2027-01-15")?;
                ok(o.on("2027-01-16").record(suspended(number, "2027-01-17")))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "the day after a suspension that was extended, and on the day on which it ends",
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.did(extended(number, "2027-01-14"));
                ok(o.dated(suspended(number, "2027-01-15"), "2026-01-15", "2027-01-14"))
            },
            |o| {
                let number = o.granted();
                o.did(suspended(number, "2026-07-15"));
                o.did(extended(number, "2027-01-15"));
                ok(o.dated(suspended(number, "2027-07-15"), "2026-01-15", "2027-01-15"))
            },
        ),
        (
            Rule::SuspensionTooLong,
            "before a suspension to come, a year in all and a day more",
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2027-01-15"), "2026-01-15", "2026-07-15")?;
                ok(o.record(suspended(number, "2026-07-15")))
            },
            |o| {
                let number = o.granted();
                o.dated(suspended(number, "2027-01-15"), "2026-01-15", "2026-07-15")?;
                ok(o.dated(suspended(number, "2026-07-14"), "2026-01-14", "2026-01-14"))
            },
        ),
    ]
}

fn limited_on(o: &mut Office, from: &str, until: &str) -> Result<(), Error> {
    let number = o.on(from).granted();
    ok(o.record(within_limits(number, until)))
}

fn licence_after_open_suspension(o: &mut Office, lift: bool) -> Result<(), Error> {
    let issued = o.grant(json!({"kind": "licence", "valid_to": "2026-02-01"}))?;
    let number = issued.claims.certificate_number;
    o.did(open_ended(number, SuspensionGround::Examination));
    if lift {
        o.did(lifted(number));
    }
    ok(o.on("2027-01-15").grant(json!({"decided": "2027-01-15", "granted": "2027-01-15"})))
}

/// Suspended for six months, and from the day on which that ended until another one.
fn in_two(o: &mut Office, until: &str) -> Result<CertificateNumber, Error> {
    let number = o.granted();
    o.did(suspended(number, "2026-07-15"));
    o.on("2026-07-15").record(suspended(number, until))?;
    Ok(number)
}
