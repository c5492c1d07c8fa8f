//! How long something is good, as commands tell it.

use anyhow::Result;
use serde_json::{Value, json};
use vernet_common::NumericDate;
use vernet_host::note;
use vernet_issuer::{DaysOff, Ending, GoodUntil, Office};

/// For programs.
pub(super) fn as_json(until: GoodUntil) -> Value {
    json!({
        "at": until.at.to_string(),
        "because": until.because.code(),
        "days_off": days_off_as_json(until.days_off()),
    })
}

/// The days off in which something ends; null if it ends in none.
pub(super) fn days_off_as_json(days: Option<DaysOff>) -> Value {
    days.map_or(Value::Null, |days| {
        json!({
            "from": days.first,
            "to": days.last,
            "working_day_before": days.working_day_before(),
        })
    })
}

/// How long hospitals can verify what is exported now, for programs; null if nothing was published.
/// Warns if they cannot any more, or if only the root keys can let them go on.
pub(super) fn of_exported(office: &Office, now: NumericDate) -> Result<Value> {
    let Some(until) = office.good_until()? else { return Ok(Value::Null) };
    let what_to_do = match until.because {
        Ending::StatusLists => "until the next `vernet-issuer publish`",
        _ => "until a trust list is signed, accepted and published: see `vernet-issuer due`",
    };
    if until.at <= now {
        note(format_args!(
            "warning: what is published was good until {until}: hospitals answer *not known* {what_to_do} [publication_ended]"
        ));
    } else if until.because != Ending::StatusLists {
        note(format_args!(
            "note: what is published is good until {until}: from then on hospitals answer *not known*, {what_to_do}"
        ));
    }
    Ok(as_json(until))
}

/// Warns of an end when nobody is at work.
pub(super) fn warn_of_days_off(what: &str, until: GoodUntil) {
    let Some(days) = until.days_off() else { return };
    let what_to_do = match until.because {
        Ending::StatusLists => "see by then that something newer is published meanwhile",
        Ending::TrustList(_) => "have the next trust list signed, accepted and published by then",
        Ending::StatusKey(_) | Ending::LogKey(_) => {
            "have a new key in a signed trust list, and publish, by then"
        }
    };
    note(format_args!(
        "warning: {what} is good until {until}, {days}: {what_to_do} [ends_on_days_off]"
    ));
}
