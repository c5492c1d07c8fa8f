//! What a proposal is, in words, so that the second officer need not read JSON before signing.

use serde_json::Value;
use vernet_common::{CertificateClaims, CivilDate, GivenNames, HprNumber, PersonName, Signed};
use vernet_issuer::Review;
use vernet_register::{Act, Application, Count, Event, Proposal, ReissueReason};

/// What a proposal aims at, in words that nobody mistakes for a completed act.
pub(super) fn aim(proposal: &Proposal) -> String {
    let event = match &proposal.act {
        Act::Grant { application } => {
            let title = &application.title;
            return format!("to grant the {} as {title}", words(application.kind.word()));
        }
        Act::Import { .. } => return "to import a table of people".to_owned(),
        Act::Reissue { reason: ReissueReason::Renewal, .. } => {
            return "to renew the title for another cycle".to_owned();
        }
        Act::Reissue { .. } => return "to reissue the certificate".to_owned(),
        Act::ReissueAll { .. } => return "to reissue all certificates of a key".to_owned(),
        Act::Decide { event } => &**event,
    };
    let aim = match event {
        Event::Refused(_) => "to refuse the application",
        Event::Suspended { limits: Some(_), .. } => "to suspend within limits",
        Event::Suspended { until: None, .. } => "to suspend, without an end of its own",
        Event::Suspended { .. } => "to suspend",
        Event::Extended { .. } => "to extend the suspension",
        Event::Lifted { .. } => "to lift the suspension",
        Event::Limited { .. } => "to limit by conditions",
        Event::LimitationLifted { .. } => "to lift the limitation",
        Event::Instructed { .. } => "to instruct how to work",
        Event::InstructionEnded { .. } => "to end an instruction",
        Event::Banned { .. } => "to ban from health care",
        Event::BanEnded { .. } => "to end a ban",
        Event::Revoked { .. } => "to revoke",
        Event::Waived { .. } => "to record a waiver",
        Event::Annulled { .. } => "to annul the grant",
        Event::Deceased { .. } => "to record a death",
        Event::Stayed { .. } => "to stay a decision while an appeal runs",
        Event::StayEnded { .. } => "to let a stayed decision apply again",
        Event::Reversed { instead: Some(_), .. } => "to replace a decision by a milder one",
        Event::Reversed { .. } => "to reverse a decision",
        Event::Upheld { .. } => "to record that an appeal was dismissed",
        Event::Merged { .. } => "to merge two numbers of one person",
        Event::Corrected(_) => "to correct what was written wrongly of a person",
        Event::DocumentDeleted { .. } => "to delete a document by duty",
        Event::Retracted { .. } => "to retract a death or a merge",
        Event::TitleEntered(_) => "to certify a title",
        Event::OfficerEnrolled(_) => "to enrol an officer",
        Event::RootsPinned { .. } => "to pin the root keys that may appoint officers",
        Event::Restored(_) => "to take back what was lost from the last publication",
        Event::LostRevoked { .. } => "to revoke a certificate that was lost with the register",
        other => return format!("to record: {}", words(other.name())),
    };
    aim.to_owned()
}

/// What is proposed, or what was decided in an emergency, line by line.
pub(super) fn of(review: &Review<'_>) -> Vec<String> {
    let Some(proposal) = review.proposal else { return members(&review.statement.event) };
    match &proposal.act {
        Act::Grant { application } => application_in_words(application),
        Act::Reissue { certificate, reason, counts, runs_on, .. } => {
            let mut lines = vec![
                format!("certificate: {certificate}"),
                format!("because: {}", words(reason.word())),
            ];
            let one = |count: &Count| {
                format!(
                    "{} in the year that begins in {}: {}",
                    count.category, count.year, count.count
                )
            };
            lines.extend(counts.iter().map(one));
            lines.push(match runs_on {
                0 => "the certificate before: ends at once".to_owned(),
                days => format!("the certificate before: runs on for {days} days"),
            });
            lines
        }
        Act::Decide { event } => match &**event {
            Event::OfficerEnrolled(enrolment) => {
                let roles: Vec<_> = enrolment.roles.iter().map(|role| role.word()).collect();
                vec![
                    format!("roles: {}", roles.join(", ")),
                    format!("in office: from {}, before {}", enrolment.from, enrolment.until),
                ]
            }
            Event::RootsPinned { roots } => {
                let mut lines = vec![format!("how many must sign: {}", roots.threshold)];
                lines.extend(roots.keys.iter().map(|root| format!("root key: {}", root.kid())));
                lines
            }
            Event::Refused(refused) => {
                let mut lines = application_in_words(&refused.application);
                lines.push(format!("refused because: {}", refused.reason));
                lines
            }
            // `restored` says it in words.
            Event::Restored(_) => Vec::new(),
            Event::LostRevoked { jws } => lost(jws),
            event => members(event),
        },
        Act::Import { .. } | Act::ReissueAll { .. } => Vec::new(),
    }
}

/// Whose lost certificate it is, as it says itself.
fn lost(jws: &str) -> Vec<String> {
    let claims = Signed::<CertificateClaims>::parse(jws).and_then(|it| it.unverified_claims());
    let Ok(claims) = claims else { return vec!["certificate: not readable".to_owned()] };
    vec![
        format!("certificate: {}", claims.certificate_number),
        format!("holder: {}, born {}", claims.full_name(), claims.birthdate),
        format!("HPR number: {}", claims.hpr_number),
    ]
}

fn application_in_words(application: &Application) -> Vec<String> {
    let value = serde_json::to_value(application).unwrap_or_default();
    let mut lines = Vec::new();
    let mut say = |label: &str, value: &Value| {
        if let Some(text) = value.as_str() {
            lines.push(format!("{label}: {text}"));
        }
    };
    say("title", &application.title.as_str().into());
    say("kind", &words(application.kind.word()).into());
    say("basis", &words(value["basis"].as_str().unwrap_or_default()).into());
    say("school of the exam", &value["exam"]["school"]);
    say("day of the exam", &value["exam"]["date"]);
    say("recognised from the state", &value["recognition"]["state"]);
    say("in place of certificate", &value["previous_certificate"]);
    say("proof of Norwegian", &value["norwegian_language"]);
    say("proof of national subjects", &value["national_subjects"]);
    say("conditions in the decision", &value["conditions"]);
    if application.bound_to_post {
        say("bound to a post", &"yes".into());
    }
    say("applied on", &value["applied"]);
    say("special reasons in the decision", &value["special_reasons"]);
    say("written to in", &value["language"]);
    say("decided on", &value["decided"]);
    say("granted from", &value["granted"]);
    say("until, not including", &value["valid_to"]);
    lines
}

/// The members of an event, as labels and values.
fn members(event: &Event) -> Vec<String> {
    let Ok(Value::Object(members)) = serde_json::to_value(event) else { return Vec::new() };
    let one = |(key, value): (&String, &Value)| {
        let label = match key.as_str() {
            "until" => "until, not including".to_owned(),
            "unapproved_until" => "ends, if nobody approves it, on".to_owned(),
            "reference" => "conditions in the decision".to_owned(),
            "decision" => "the decision, by its number in `history`".to_owned(),
            "statement" => "what was recorded by mistake, by its number in `history`".to_owned(),
            key => words(key),
        };
        match value {
            Value::Null => None,
            Value::Bool(yes) => Some(format!("{label}: {}", if *yes { "yes" } else { "no" })),
            Value::String(text) => Some(format!("{label}: {text}")),
            Value::Array(_) | Value::Object(_) => Some(format!("{label}: {}", plainly(value))),
            other => Some(format!("{label}: {other}")),
        }
    };
    members.iter().filter(|(key, _)| *key != "type").filter_map(one).collect()
}

/// A value in one line, without the marks of JSON.
pub(super) fn plainly(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plainly).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let one =
                |(key, value): (&String, &Value)| format!("{} {}", words(key), plainly(value));
            format!("({})", members.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

fn words(code: &str) -> String {
    code.replace('_', " ")
}

/// Whom a certificate is about.
pub(super) fn in_words(claims: &CertificateClaims) -> String {
    let CertificateClaims { given_name, family_name, birthdate, hpr_number, .. } = claims;
    person(given_name, family_name, *birthdate, *hpr_number)
}

/// A person, so that a decision about the wrong one is noticed.
pub(super) fn person(
    given_name: &GivenNames,
    family_name: &PersonName,
    birthdate: CivilDate,
    hpr_number: HprNumber,
) -> String {
    format!("{}, born {birthdate}, HPR number {hpr_number}", given_name.with(family_name))
}
