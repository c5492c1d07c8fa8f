//! What was lost with the newest register, in words and as JSON.

use serde_json::{Value, json};
use vernet_common::{NumericDate, Status};
use vernet_issuer::{Lost, Office};
use vernet_register::{Act, Event, Proposal, Restored, ToldOtherwise};

use super::answers;

/// What a proposal takes back, if it is one to do so.
pub(super) fn of(proposal: &Proposal) -> Option<&Restored> {
    match &proposal.act {
        Act::Decide { event } => match &**event {
            Event::Restored(restored) => Some(restored),
            _ => None,
        },
        _ => None,
    }
}

/// The word for a status, as in `show`.
pub(super) fn word(status: Status) -> &'static str {
    match status {
        Status::Valid => "valid",
        Status::Invalid => "invalid",
        Status::Suspended => "suspended",
        Status::Conditions => "conditions",
    }
}

/// What officers do about a right of which hospitals were told this.
pub(super) fn ways_out(number: impl std::fmt::Display, hospitals: Status) -> String {
    match hospitals {
        Status::Conditions => format!(
            "`vernet-issuer propose limit {number}` if it was limited, or `vernet-issuer propose lift {number} --limitation`"
        ),
        Status::Suspended => format!(
            "`vernet-issuer propose suspend {number}` as it was, or `vernet-issuer propose revoke {number}`, or `vernet-issuer propose lift {number}`"
        ),
        Status::Invalid | Status::Valid => format!(
            "`vernet-issuer propose revoke {number}` (or waive, annul, deceased) if that was it, or `vernet-issuer propose lift {number}` if the right is in force: then it needs another certificate"
        ),
    }
}

pub(super) fn as_json(office: &Office, restored: &Restored, now: NumericDate) -> Value {
    let Lost {
        certificates,
        before,
        log,
        published,
        told,
        unknown_slots,
        lists,
        keys,
        trust_lists,
    } = office.lost(restored, now);
    let told = told.iter().map(|one| {
        json!({
            "certificate_number": one.certificate,
            "holder": holder(office, one),
            "hospitals": word(one.hospitals),
            "register": word(one.register),
            "then": ways_out(one.certificate, one.hospitals),
        })
    });
    let keys = keys.iter().map(|key| {
        json!({
            "kid": key.key.kid(),
            "use": key.r#use.as_str(),
            "compromised_at": key.compromised_at.map(|at| at.to_string()),
        })
    });
    json!({
        "certificates": certificates,
        "log_before": before,
        "log": log,
        "published_at": published.map(|at| at.to_string()),
        "told": told.collect::<Vec<_>>(),
        "unknown_slots": unknown_slots,
        "status_lists": lists,
        "keys": keys.collect::<Vec<_>>(),
        "trust_lists": trust_lists,
    })
}

fn holder(office: &Office, one: &ToldOtherwise) -> Option<String> {
    let known = office.register().state().current_certificate(one.certificate).ok()?;
    Some(answers::in_words(known.claims))
}

/// What was lost, line by line, and what nobody can know.
pub(super) fn in_words(office: &Office, restored: &Restored, now: NumericDate) -> Vec<String> {
    let Lost { certificates, published, told, unknown_slots, lists, keys, trust_lists, .. } =
        office.lost(restored, now);
    let mut lines = Vec::new();
    lines.extend(published.map(|at| format!("publication: of {at}")));
    lines.push(format!("certificates that this register does not hold: {certificates}"));
    if certificates > 0 {
        lines.push(
            "  they stay good at hospitals as they were published; whose they are, the case files say: grant or reissue them anew"
                .to_owned(),
        );
    }
    for one in &told {
        lines.push(format!(
            "{}, {}: hospitals were told `{}`, and the register says `{}`",
            one.certificate,
            holder(office, one).unwrap_or_default(),
            word(one.hospitals),
            word(one.register),
        ));
        lines.push(format!("  it stays so until you {}", ways_out(one.certificate, one.hospitals)));
    }
    if unknown_slots > 0 {
        lines.push(format!(
            "other slots that are not valid, and stay as they are for ever: {unknown_slots}"
        ));
    }
    let numbers = |numbers: Vec<String>| numbers.join(", ");
    if !lists.is_empty() {
        let lists = numbers(lists.iter().map(ToString::to_string).collect());
        lines.push(format!("status lists that this register never opened: {lists}"));
    }
    for key in &keys {
        let stolen = key.compromised_at.map(|at| format!(", stolen since {at}"));
        lines.push(format!(
            "{} key {}{}: as the published trust list has it; draft the next one",
            key.r#use.as_str(),
            key.key.kid(),
            stolen.unwrap_or_default()
        ));
    }
    if !trust_lists.is_empty() {
        let lists = numbers(trust_lists.iter().map(ToString::to_string).collect());
        lines.push(format!("trust lists that were signed since: {lists}; they are in force again"));
    }
    lines.push(
        "what no publication shows: officers (whoever was ended since the backup may sign again: end them first), refusals, reasons, proposals, deaths and merges, and what was lifted since (compare with the case files)"
            .to_owned(),
    );
    lines
}
