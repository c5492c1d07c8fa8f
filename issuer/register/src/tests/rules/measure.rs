//! Rules about instructions, bans, and who is told.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::InstructionTooEarly,
            "the first day on which there were instructions, and the day before",
            |o| instruct_on(o, "2022-07-01"),
            |o| instruct_on(o, "2022-06-30"),
        ),
        (
            Rule::InstructionWithoutLength,
            "one day, and none",
            |o| about(o, |number| instructed(number, Some("2026-01-16"))),
            |o| about(o, |number| instructed(number, Some("2026-01-15"))),
        ),
        (
            Rule::InstructionNotInForce,
            "the last day of an instruction, and the day after",
            |o| end_instruction(o.on("2026-01-15"), "2026-01-31"),
            |o| end_instruction(o.on("2026-01-15"), "2026-02-01"),
        ),
        (
            Rule::InstructionNotInForce,
            "by its own number, not another one's",
            |o| {
                let certificate = o.granted();
                let decision = o.did(instructed(certificate, None));
                ok(o.record(Event::InstructionEnded { certificate, decision }))
            },
            |o| {
                let certificate = o.granted();
                o.did(instructed(certificate, None));
                let decision = o.did(suspended(certificate, "2026-03-01"));
                ok(o.record(Event::InstructionEnded { certificate, decision }))
            },
        ),
        (
            Rule::BanOfAuthorised,
            "somebody whose right was revoked, and somebody who has it",
            |o| {
                let number = o.granted();
                o.did(revoked(number));
                ok(o.record(banned(number, None)))
            },
            |o| about(o, |number| banned(number, None)),
        ),
        (
            Rule::BanWithoutLength,
            "one day, and none",
            |o| ban(o, Some("2026-01-16")),
            |o| ban(o, Some("2026-01-15")),
        ),
        (
            Rule::BanNotInForce,
            "the last day of a ban, and the day after",
            |o| end_ban(o, "2026-01-31"),
            |o| end_ban(o, "2026-02-01"),
        ),
        (
            Rule::GrantDuringBan,
            "after the ban, and on its last day",
            |o| grant_after_ban(o, "2026-02-01"),
            |o| grant_after_ban(o, "2026-01-31"),
        ),
        (
            Rule::NoticeNotDue,
            "the end of a reaction, before and after it ended",
            |o| {
                let certificate = o.granted();
                let decision = o.did(instructed(certificate, None));
                o.did(Event::InstructionEnded { certificate, decision });
                ok(o.record(told(certificate, decision)))
            },
            |o| {
                let certificate = o.granted();
                let decision = o.did(instructed(certificate, None));
                ok(o.record(told(certificate, decision)))
            },
        ),
    ]
}

fn told(certificate: CertificateNumber, decision: u64) -> Event {
    Event::Notified { certificate, decision, notice: Notice::EeaEnd, withdrawn: None }
}

fn about(o: &mut Office, event: fn(CertificateNumber) -> Event) -> Result<(), Error> {
    let number = o.granted();
    ok(o.record(event(number)))
}

fn instruct_on(o: &mut Office, day: &str) -> Result<(), Error> {
    let number = o.on(day).granted();
    ok(o.record(instructed(number, None)))
}

fn end_instruction(o: &mut Office, on: &str) -> Result<(), Error> {
    let certificate = o.granted();
    let decision = o.did(instructed(certificate, Some("2026-02-01")));
    ok(o.on(on).record(Event::InstructionEnded { certificate, decision }))
}

fn ban(o: &mut Office, until: Option<&str>) -> Result<(), Error> {
    let number = o.granted();
    o.did(waived(number));
    ok(o.record(banned(number, until)))
}

fn end_ban(o: &mut Office, on: &str) -> Result<(), Error> {
    let certificate = o.granted();
    o.did(waived(certificate));
    let decision = o.did(banned(certificate, Some("2026-02-01")));
    ok(o.on(on).record(Event::BanEnded { certificate, decision }))
}

fn grant_after_ban(o: &mut Office, granted: &str) -> Result<(), Error> {
    let number = o.granted();
    o.did(waived(number));
    o.did(banned(number, Some("2026-02-01")));
    again(o.on(granted), number, granted)
}
