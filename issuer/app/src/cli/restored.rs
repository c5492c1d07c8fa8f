//! What was lost with the newest register, in words and as JSON.

use serde_json::{Value, json};
use vernet_common::Status;
use vernet_issuer::{Lost, Office};
use vernet_register::ToldOtherwise;

use super::particulars;

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
            "`vernet-issuer propose limit {number} --reference TEXT` as it was, or `vernet-issuer propose lift {number} --limitation`"
        ),
        Status::Suspended => format!(
            "`vernet-issuer propose suspend {number} --until DATE` as it was, or `vernet-issuer propose revoke {number}`, or `vernet-issuer propose lift {number}`"
        ),
        Status::Invalid | Status::Valid => format!(
            "`vernet-issuer propose revoke {number}` (or waive, annul, deceased) if that was it, or `vernet-issuer propose lift {number}` if the right is in force: then it needs another certificate"
        ),
    }
}

pub(super) fn as_json(office: &Office, lost: &Lost) -> Value {
    let told = |one: &ToldOtherwise, then: String| {
        json!({
            "certificate_number": one.certificate,
            "holder": holder(office, one),
            "hospitals": word(one.hospitals),
            "register": word(one.register),
            "then": then,
        })
    };
    let worse = lost.told.iter().map(|one| told(one, ways_out(one.certificate, one.hospitals)));
    let lifted = lost.lifted.iter().map(|one| told(one, again(one)));
    let keys = lost.keys.iter().map(|key| {
        json!({
            "kid": key.key.kid(),
            "use": key.r#use.as_str(),
            "compromised_at": key.compromised_at.map(|at| at.to_string()),
        })
    });
    json!({
        "certificates": lost.certificates,
        "log_before": lost.before,
        "log": lost.log,
        "published_at": lost.published.map(|at| at.to_string()),
        "told": worse.collect::<Vec<_>>(),
        "lifted": lifted.collect::<Vec<_>>(),
        "unknown_slots": lost.unknown_slots,
        "status_lists": lost.lists,
        "keys": keys.collect::<Vec<_>>(),
        "trust_lists": lost.trust_lists,
        "titles": lost.titles,
    })
}

fn holder(office: &Office, one: &ToldOtherwise) -> Option<String> {
    let known = office.register().state().current_certificate(one.certificate).ok()?;
    Some(particulars::in_words(known.claims))
}

/// What officers do about a right of which the register says more than hospitals were told.
fn again(one: &ToldOtherwise) -> String {
    let (number, option) = (
        one.certificate,
        match one.register {
            Status::Conditions => " --limitation",
            _ => "",
        },
    );
    format!("`vernet-issuer propose lift {number}{option}` again, if the case file says so")
}

/// What was lost, line by line, and what nobody can know.
pub(super) fn in_words(office: &Office, lost: &Lost) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(lost.published.map(|at| format!("publication: of {at}")));
    lines.push(format!("certificates that this register does not hold: {}", lost.certificates));
    if lost.certificates > 0 {
        lines.push(
            "  they stay good at hospitals as they were published; whose they are, the case files say: grant or reissue them anew"
                .to_owned(),
        );
    }
    let told = |one: &ToldOtherwise| {
        format!(
            "{}, {}: hospitals were told `{}`, and the register says `{}`",
            one.certificate,
            holder(office, one).unwrap_or_default(),
            word(one.hospitals),
            word(one.register),
        )
    };
    for one in &lost.told {
        lines.push(told(one));
        lines.push(format!("  it stays so until you {}", ways_out(one.certificate, one.hospitals)));
    }
    for one in &lost.lifted {
        lines.push(told(one));
        lines.push(format!("  that is what counts until you {}", again(one)));
    }
    if lost.unknown_slots > 0 {
        lines.push(format!(
            "other slots that are not valid, and stay as they are for ever: {}",
            lost.unknown_slots
        ));
    }
    if !lost.lists.is_empty() {
        let lists = joined(&lost.lists);
        lines.push(format!("status lists that this register never opened: {lists}"));
    }
    for key in &lost.keys {
        let stolen = key.compromised_at.map(|at| format!(", stolen since {at}"));
        lines.push(format!(
            "{} key {}{}: as the published trust list has it; draft the next one",
            key.r#use.as_str(),
            key.key.kid(),
            stolen.unwrap_or_default()
        ));
    }
    if !lost.trust_lists.is_empty() {
        let lists = joined(&lost.trust_lists);
        lines.push(format!("trust lists that were signed since: {lists}; they are in force again"));
    }
    for title in &lost.titles {
        lines.push(format!(
            "title `{title}`: `vernet-issuer propose title {title}` before the next trust list, which would lack it"
        ));
    }
    lines.push(
        "what no publication shows: officers (whoever was ended since the backup may sign again: end them first), refusals, reasons, proposals, deaths and merges"
            .to_owned(),
    );
    lines
}

fn joined<T: ToString>(numbers: &[T]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
