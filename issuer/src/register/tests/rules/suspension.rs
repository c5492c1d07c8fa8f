//! Rules of suspensions.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
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
    ]
}
