//! What an officer is shown of a statement before signing it.

use serde_json::{Value, json};

use super::*;
use crate::{Described, Elsewhere, Line, Said, statements::digest::Digest};

/// Every value of a JSON object, but for those of these members.
fn values(value: &Value, without: &[&str], into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let shown = members.iter().filter(|(name, _)| !without.contains(&name.as_str()));
            shown.for_each(|(_, value)| values(value, without, into));
        }
        Value::Array(items) => items.iter().for_each(|value| values(value, without, into)),
        Value::String(text) => into.push(text.clone()),
        Value::Bool(yes) => into.push(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => into.push(number.to_string()),
        Value::Null => {}
    }
}

fn as_text(line: &Line) -> String {
    match &line.value {
        Said::Text(text) | Said::Code(text) => text.clone(),
        Said::Day(day) => day.to_string(),
        Said::Instant(at) => at.seconds().to_string(),
        Said::Long(hash, bytes) => format!("{hash} {bytes}"),
    }
}

/// Whatever an officer signs is shown: nothing hides in a member that nobody thought of.
#[test]
fn nothing_that_is_signed_is_left_out() {
    let mut o = super::audit::founded();
    o.on("2026-01-15");
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    o.did(Event::Lifted { certificate: number });
    o.reissue(number, ReissueReason::LostPrint, None).expect("reissued");
    o.did(Event::Revoked { certificate: number, gravest: false });
    let state = o.register.state();
    for statement in state.statements() {
        let bytes = statement.to_bytes().expect("JSON");
        let described = Described::of(&bytes).expect("a statement");
        let shown: Vec<String> = described.lines.iter().map(as_text).collect();
        let mut all = Vec::new();
        let event = serde_json::to_value(&statement.event).expect("JSON");
        values(&event, &["type", "jws"], &mut all);
        for value in all {
            let long = format!("{} {}", Digest::of(value.as_bytes()), value.len());
            let is_shown = shown.iter().any(|line| *line == value || *line == long);
            assert!(is_shown, "{value} of {event}");
        }
        assert_eq!(described.seq, statement.seq);
        assert_eq!(described.officer, statement.officer.as_str());
        assert_eq!(
            described.approves.map(|(seq, _)| seq),
            statement.approves.map(|first| first.seq)
        );
    }
}

#[test]
fn a_grant_is_described_by_what_was_applied_for() {
    let mut o = super::audit::founded();
    o.on("2026-01-15");
    let elsewhere = Elsewhere::new(kari().public_key().into());
    o.propose(Proposal::to_grant(application(json!({}))), &elsewhere).expect_err("awaited");
    let described = Described::of(&elsewhere.into_statements()[0]).expect("a statement");
    assert_eq!((described.act, described.is_proposed), ("granted", true));
    let line = |label: &str| {
        let found = described.lines.iter().find(|line| line.label == label);
        found.unwrap_or_else(|| panic!("{label} in {:?}", described.lines)).value.clone()
    };
    assert_eq!(line("application.family_name"), Said::Text("Kjærstad Østlyngen-Bråthen".into()));
    assert_eq!(line("application.birthdate"), Said::Day(day("1980-02-29")));
    assert_eq!(line("application.basis"), Said::Code("norwegian_exam".into()));
    assert_eq!(line("application.exam.school"), Said::Text("Any School".into()));
}

/// Texts by somebody are never taken for codes, and long ones are named by their hash.
#[test]
fn words_of_people_stay_as_they_are() {
    let mut o = Office::new();
    let proposed =
        o.propose(Proposal::to_grant(application(json!({}))), &kari()).expect("proposed");
    let rejected = o.register.reject(proposed.seq, "appeal", &ola(), o.now).expect("rejected");
    let described = Described::of(&rejected.to_bytes().expect("JSON")).expect("a statement");
    let reason = described.lines.iter().find(|line| line.label == "reason");
    assert_eq!(reason.map(|line| line.value.clone()), Some(Said::Text("appeal".into())));
}
