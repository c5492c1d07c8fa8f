//! The answers to recorded statements.

use anyhow::Result;
use serde_json::{Value, json};
use vernet_common::{CertificateClaims, CertificateNumber, NumericDate, Roots, Status};
use vernet_issuer::{Office, Subject};
use vernet_register::{Application, Doubt, Enrolment, Event, Proposal, State, Statement, doubts};

use super::{
    Session,
    look::Look,
    particulars::{self, in_words, person},
    restored,
};

/// The answer to a decision that counts: what was issued, or what was recorded.
pub(super) fn recorded(session: &Session, state: &State, statement: &Statement) -> Result<()> {
    match statement.event.issued() {
        Some((claims, jws)) => issued(session, statement, claims, jws),
        None => decided(session, state, statement),
    }
}

fn issued(
    session: &Session,
    statement: &Statement,
    claims: &CertificateClaims,
    jws: &str,
) -> Result<()> {
    let word = statement.event.name();
    let previous_until = match &statement.event {
        Event::Reissued(reissued) => reissued.previous_until,
        _ => None,
    };
    let object = json!({
        "statement": statement.seq,
        "approves": statement.approves,
        "event": word,
        "certificate_number": claims.certificate_number,
        "exp": claims.exp.to_string(),
        "certificate": format!("{jws}~"),
        "holder": holder(claims),
        "previous_until": previous_until,
    });
    session.answer_done(&done(statement.seq), &object, || {
        let before = previous_until.map_or_else(String::new, |until| {
            format!("\nThe certificate before is good until {until}, not including it")
        });
        format!(
            "{word} {} to {}, until {}{before}\nIt is verified once the status list is published: vernet-issuer publish",
            claims.certificate_number,
            in_words(claims),
            claims.exp.civil_date()
        )
    })
}

fn decided(session: &Session, state: &State, statement: &Statement) -> Result<()> {
    let people =
        people(state, Subject::certificates(state, &statement.event, statement.recorded_at));
    let mut object = serde_json::to_value(statement)?;
    match (&statement.event, &people[..]) {
        (Event::Merged { .. } | Event::Corrected(_) | Event::Retracted { .. }, people) => {
            object["holders"] = people.iter().copied().map(holder).collect()
        }
        (_, people) => object["holder"] = people.first().copied().map(holder).into(),
    }
    session.answer_done(&done(statement.seq), &object, || {
        let who: String = people.iter().map(|one| format!("\n{}", in_words(one))).collect();
        format!(
            "statement {}: {}, decided {}, effective {}{who}\n{}",
            statement.seq,
            statement.event.name().replace('_', " "),
            statement.decided_on,
            statement.effective_on,
            next(state, statement)
        )
    })
}

fn next(state: &State, statement: &Statement) -> String {
    if let Some(papers) = papers_needed(state, statement) {
        return papers;
    }
    match statement.event {
        Event::Suspended { unapproved_until: Some(end), .. } => format!(
            "It ends on {end} unless another officer confirms it: vernet-issuer review {0}, then approve {0}\n\
             Hospitals see it once it is published: vernet-issuer publish",
            statement.seq
        ),
        Event::RootsPinned { .. } => "They can appoint officers from now on, and a stolen officer's key can always be ended: vernet-issuer officers appoint".into(),
        Event::OfficerEnrolled(_) | Event::OfficerEnded { .. } => {
            "It counts from now on: vernet-issuer officers list".into()
        }
        Event::TitleEntered(_) => "Nothing can be signed for it until a trust list names it, and verifiers read its words there: vernet-issuer trust-list draft, then sign and accept".into(),
        Event::Rejected { .. } => "The proposal has no effect".into(),
        Event::Refused(_) => "It is in the register: vernet-issuer list --refused".into(),
        Event::DocumentDeleted { .. } => "Its file is deleted: vernet-issuer documents list".into(),
        Event::Dispatched(_) => "It is recorded".into(),
        Event::Notified { .. } => "It is due no more: vernet-issuer due".into(),
        Event::Corrected(_) => "It counts from now on".into(),
        Event::Restored(_) => "Hospitals go on without an alarm once it is published: vernet-issuer publish\n\
             What was lost is to be decided anew: vernet-issuer due"
            .into(),
        Event::Merged { .. } => {
            "It counts from now on; the person's next print shows the number that remains".into()
        }
        _ => "Hospitals see it once it is published: vernet-issuer publish".into(),
    }
}

/// The certificates that must be replaced, after a decision that gives a right back or corrects what
/// a certificate says.
fn papers_needed(state: &State, statement: &Statement) -> Option<String> {
    if !matches!(
        statement.event,
        Event::Reversed { .. }
            | Event::Stayed { .. }
            | Event::Corrected(_)
            | Event::Retracted { .. }
    ) {
        return None;
    }
    let (day, at) = (statement.recorded_at.civil_date(), statement.recorded_at);
    let mut numbers: Vec<CertificateNumber> = Subject::certificates(state, &statement.event, at)
        .into_iter()
        .filter_map(|number| state.current_certificate(number).ok())
        .map(|newest| newest.claims.certificate_number)
        .collect();
    numbers.sort();
    numbers.dedup();
    let needed = numbers.into_iter().filter_map(|number| {
        let because = state.paper_needed(number, day, at).ok()??;
        let refused =
            state.certificate_status(number, day, at).is_ok_and(|status| status == Status::Invalid);
        let why = match refused {
            true => "The right is in force again, and hospitals refuse every certificate of it",
            false => "The certificate says what was wrong, and another one must replace it",
        };
        Some(format!("{why}: vernet-issuer propose reissue {number} --because {}", because.word()))
    });
    let needed: Vec<String> = needed.collect();
    (!needed.is_empty()).then(|| needed.join("\n"))
}

/// The answer to a proposal. `look` is what was found about its person.
pub(super) fn proposed(
    session: &Session,
    office: &Office,
    statement: &Statement,
    look: &Look,
) -> Result<()> {
    let (state, seq) = (office.register().state(), statement.seq);
    let Event::Proposed(proposal) = &statement.event else {
        return recorded(session, state, statement);
    };
    let who = whom(state, proposal, statement.recorded_at);
    let doubts = doubts(state, proposal, statement.recorded_at);
    let lost = office.lost(proposal, statement.recorded_at);
    let mut object = json!({
        "proposal": seq,
        "effect": proposal.effect(),
        "officer": statement.officer.as_str(),
        "about": who,
        "documents": proposal.documents,
        "doubts": doubts,
        "incoming_alerts": look.alerts(),
        "namesakes": look.namesakes(),
    });
    if let Some(lost) = &lost {
        object["lost"] = restored::as_json(office, lost);
    }
    session.answer_done(&format!("the proposal IS recorded, as statement {seq}"), &object, || {
        let who: String = who.iter().map(|who| format!("\n{who}")).collect();
        let look: String = doubts
            .iter()
            .map(doubt_in_words)
            .chain(look.lines())
            .chain(lost.map_or(Vec::new(), |lost| restored::in_words(office, &lost)))
            .map(|line| format!("\n{line}"))
            .collect();
        let (aim, next) = (particulars::aim(proposal), until_approved(seq));
        format!("proposal {seq}: {aim}{who}{look}\n{next}")
    })
}

/// What is in doubt, for people.
pub(super) fn doubt_in_words(doubt: &Doubt) -> String {
    format!("LOOK AT THIS: {} ({}) [{}]", doubt.message.text(), doubt.source, doubt.code)
}

/// What follows a proposal.
pub(super) fn until_approved(seq: u64) -> String {
    format!(
        "It has no effect until another officer approves it: vernet-issuer review {seq}, then approve {seq}"
    )
}

/// Whom a proposal is about, in words, so that a decision about the wrong person is noticed.
pub(super) fn whom(state: &State, proposal: &Proposal, known_at: NumericDate) -> Vec<String> {
    Subject::of(state, proposal, known_at).iter().map(subject_in_words).collect()
}

fn subject_in_words(subject: &Subject<'_>) -> String {
    match subject {
        Subject::Person { given_name, family_name, birthdate, hpr_number } => {
            person(given_name, family_name, *birthdate, *hpr_number)
        }
        Subject::Table(rows) => format!("{rows} people in a table"),
        Subject::CertificatesOf(key) => format!("everybody whose certificate key {key} signed"),
        Subject::Officer(name, kid) => format!("{}, key {kid}", name.as_str()),
        Subject::Title(title) => format!("the title `{title}`"),
        Subject::Roots(roots) => roots_in_words(roots),
    }
}

/// Root keys, in one line.
fn roots_in_words(roots: &Roots) -> String {
    let kids: Vec<_> = roots.keys.iter().map(|root| root.kid().to_string()).collect();
    format!("{} of the root keys {}", roots.threshold, kids.join(", "))
}

/// Whom a statement is about that is no proposal: people with the numbers of their certificates, or
/// officers.
pub(super) fn concerned(state: &State, statement: &Statement) -> Vec<String> {
    let officer = |one: &Enrolment| format!("{}, key {}", one.name.as_str(), one.key.kid());
    match &statement.event {
        Event::Founded(founded) => founded.officers.iter().map(officer).collect(),
        Event::OfficerEnrolled(enrolment) => vec![officer(enrolment)],
        Event::OfficerEnded { kid } => {
            let known = state.officers().key(*kid).map(|key| key.name().as_str());
            vec![format!("{}, key {kid}", known.unwrap_or("nobody"))]
        }
        Event::Appointed(appointed) => {
            let claims = appointed.claims();
            claims.map_or(Vec::new(), |claims| claims.officers.iter().map(officer).collect())
        }
        Event::RootsPinned { roots } => vec![roots_in_words(roots)],
        Event::Refused(refused) => vec![applicant(&refused.application)],
        event => {
            let issued = event.issued().map(|(claims, _)| claims.certificate_number);
            let numbers = match issued {
                Some(number) => vec![number],
                None => Subject::certificates(state, event, statement.recorded_at),
            };
            let one = |number: &CertificateNumber| {
                let known = state.certificate(*number).ok()?;
                Some(format!("{number}, {}", in_words(known.claims)))
            };
            numbers.iter().filter_map(one).collect()
        }
    }
}

fn applicant(application: &Application) -> String {
    let Application { given_name, family_name, birthdate, hpr_number, .. } = application;
    person(given_name, family_name, *birthdate, *hpr_number)
}

/// What a proposal about many would do.
pub(super) fn many(office: &Office, proposal: &Proposal, known_at: NumericDate) -> Option<String> {
    use vernet_register::Act;
    let register = office.register();
    Some(match &proposal.act {
        Act::Import { rows, each: true, .. } => {
            format!(
                "certificates: none -> up to {rows}, for each person in the table whom the rules allow it"
            )
        }
        Act::Import { rows, each: false, .. } => {
            format!("certificates: none -> {rows}, for all people in the table or nobody")
        }
        Act::ReissueAll { of_key, reason } => {
            let count = register.certificates_of_key(*of_key, *reason, known_at).count();
            format!("certificates: {count} of key {of_key} -> as many of another key")
        }
        _ => return None,
    })
}

/// Their newest certificates, which have the newest names.
fn people(state: &State, about: Vec<CertificateNumber>) -> Vec<&CertificateClaims> {
    about
        .into_iter()
        .filter_map(|number| state.current_certificate(number).ok())
        .map(|one| one.claims)
        .collect()
}

/// Whom it is about, so that a decision about the wrong person is noticed.
fn holder(claims: &CertificateClaims) -> Value {
    json!({
        "given_name": claims.given_name,
        "family_name": claims.family_name,
        "birthdate": claims.birthdate,
        "hpr_number": claims.hpr_number,
    })
}

fn done(seq: u64) -> String {
    format!("the decision IS recorded, as statement {seq}")
}
