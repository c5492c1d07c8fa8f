//! Rules of officers, and of what one of them decides alone.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    vec![
        (
            Rule::EmergencyTooLong,
            "31 days without a second officer, and one more",
            |o| emergency(o, "2026-02-15").map(drop),
            |o| emergency(o, "2026-02-16").map(drop),
        ),
        (
            Rule::EmergencyTooLong,
            "a day without a second officer, and none",
            |o| emergency(o, "2026-01-16").map(drop),
            |o| emergency(o, "2026-01-15").map(drop),
        ),
        (
            Rule::EmergencyRepeated,
            "a second one after the first was confirmed, and after it was not",
            |o| {
                let (number, seq) = emergency(o, "2026-01-22")?;
                o.approve(seq, &ola())?;
                o.did(lifted(number));
                ok(o.on("2026-02-01").record(alone(number, "2026-02-03")))
            },
            |o| {
                let (number, _) = emergency(o, "2026-01-22")?;
                ok(o.on("2026-02-01").record(alone(number, "2026-02-03")))
            },
        ),
        (
            Rule::EmergencyOver,
            "confirmed on the last day, and on the day after",
            |o| {
                let (_, seq) = emergency(o, "2026-01-22")?;
                ok(o.on("2026-01-21").approve(seq, &ola()))
            },
            |o| {
                let (_, seq) = emergency(o, "2026-01-22")?;
                ok(o.on("2026-01-22").approve(seq, &ola()))
            },
        ),
        (
            Rule::EmergencyOver,
            "confirmed after another decision, and after it was lifted",
            |o| {
                let (number, seq) = emergency(o, "2026-01-22")?;
                o.did(limited(number, None));
                ok(o.approve(seq, &ola()))
            },
            |o| {
                let (number, seq) = emergency(o, "2026-01-22")?;
                o.did(lifted(number));
                ok(o.approve(seq, &ola()))
            },
        ),
        (
            Rule::SuspensionNotInForce,
            "extended after it was confirmed, and before",
            |o| {
                let (number, seq) = emergency(o, "2026-01-22")?;
                o.approve(seq, &ola())?;
                ok(o.record(extended(number, "2026-05-01")))
            },
            |o| {
                let (number, _) = emergency(o, "2026-01-22")?;
                ok(o.record(extended(number, "2026-05-01")))
            },
        ),
        (
            Rule::SuspensionOverlaps,
            "confirmed before another one begins, and into it",
            |o| confirmed_before(o, "2026-03-01"),
            |o| confirmed_before(o, "2026-02-28"),
        ),
        (
            Rule::EnrolmentWithoutLength,
            "in office for a day, and for none",
            |o| enrol(o, |new| new.until = day("2026-01-16")),
            |o| enrol(o, |new| new.until = new.from),
        ),
        (
            Rule::EnrolmentWithoutLength,
            "in office for something, and for nothing",
            |o| enrol(o, |new| new.roles = [Role::Publish].into()),
            |o| enrol(o, |new| new.roles.clear()),
        ),
        (
            Rule::OfficerKeyOfAnother,
            "another key under the same name, and another name for the same key",
            |o| enrol(o, |new| new.name = "Ola Nordmann".parse().expect("a name")),
            |o| enrol(o, |new| new.key = ola().public_key().into()),
        ),
        (
            Rule::OfficerNameResembles,
            "a name that is told apart, and one with a space that looks like another",
            |o| enrol(o, |new| new.name = "Ola Nordmann 2".parse().expect("a name")),
            |o| enrol(o, |new| new.name = "Ola\u{a0}Nordmann".parse().expect("a name")),
        ),
        (
            Rule::TooFewAdministrators,
            "one of three administrators goes, and one of two",
            |o| {
                enrol(o, |_| {})?;
                ok(o.record(Event::OfficerEnded { kid: ola().public_key().kid() }))
            },
            |o| ok(o.record(Event::OfficerEnded { kid: ola().public_key().kid() })),
        ),
        (
            Rule::TooFewAdministrators,
            "one person with two keys is one administrator",
            |o| {
                enrol(o, |new| new.name = "Ola Nordmann".parse().expect("a name"))?;
                ok(o.record(Event::OfficerEnded { kid: ola().public_key().kid() }))
            },
            |o| {
                enrol(o, |new| new.name = "Kari Nordmann".parse().expect("a name"))?;
                ok(o.record(Event::OfficerEnded { kid: ola().public_key().kid() }))
            },
        ),
    ]
}

fn alone(certificate: CertificateNumber, end: &str) -> Event {
    Event::Suspended {
        certificate,
        until: Some(day("2026-03-01")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day(end)),
    }
}

/// A suspension by one officer on 15 January, until March if another one confirms it.
fn emergency(o: &mut Office, end: &str) -> Result<(CertificateNumber, u64), Error> {
    let number = o.granted();
    Ok((number, o.record(alone(number, end))?.seq))
}

fn confirmed_before(o: &mut Office, other: &str) -> Result<(), Error> {
    let (number, seq) = emergency(o, "2026-01-22")?;
    o.dated(suspended(number, "2026-04-01"), "2026-01-15", other)?;
    ok(o.approve(seq, &ola()))
}

/// Enrols a third administrator, with some changes.
fn enrol(o: &mut Office, change: impl FnOnce(&mut Enrolment)) -> Result<(), Error> {
    let mut new = enrolment("Per Hansen", &SecretKey::from_seed(&[23; 32]), &Role::ALL);
    new.from = day("2026-01-15");
    change(&mut new);
    ok(o.both(Proposal::of(Event::OfficerEnrolled(Box::new(new)))))
}
