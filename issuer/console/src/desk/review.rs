//! One proposal: everything that an approval will check, in words.

use askama::Template;
use axum::{extract::Path, response::Response};
use vernet_common::{CertificateNumber, CivilDate, NumericDate};
use vernet_issuer::{FoundAlert, FoundNamesake, Office, Review};
use vernet_register::{Act, Digest, Event, Statement, waits_for};

use super::{
    facts::{self, Fact},
    fault::Fault,
    guard::{Desk, PEOPLE, Who},
    papers::{Paper, people},
    problem::Trouble,
    proposals::{about, aim},
    subject::Line,
};
use crate::web::page::{Page, show};

#[derive(Template)]
#[template(path = "desk/review.html")]
struct ReviewPage<'a> {
    page: &'a Page,
    who: &'a Who,
    seq: u64,
    aim: String,
    by: &'a str,
    recorded_at: NumericDate,
    about: Vec<Line>,
    facts: Vec<Fact>,
    differences: Vec<Changes>,
    history: Vec<Before>,
    documents: Vec<Paper>,
    doubts: Vec<(&'static str, String)>,
    alerts: Vec<FoundAlert>,
    namesakes: Vec<FoundNamesake>,
    lapses: Option<CivilDate>,
    /// Why the rules would not allow it: the code, and what the library says.
    refused: Option<Fault>,
    /// Whether this officer is the one who may approve it.
    mine: bool,
    own: bool,
    /// Of a suspension in an emergency, the certificate: its maker takes it back.
    emergency: Option<CertificateNumber>,
    /// Whether it is an import, whose rows are on a page of their own.
    rows: bool,
    sha256: Digest,
    signed_text: String,
}

struct Changes {
    what: String,
    registered: String,
    proposed: String,
}

struct Before {
    on: CivilDate,
    code: &'static str,
    officers: String,
}

pub(super) async fn page(desk: Desk, Path(seq): Path<String>) -> Response {
    desk.screen_alone(move |desk, office| {
        let seq: u64 = seq.parse().map_err(|_| Trouble::NotFound)?;
        let state = office.register().state();
        let statement = state.statement(seq)?;
        let people = people(state, statement, desk);
        if !people.is_empty() && !desk.who.is(&PEOPLE) {
            return Err(Trouble::RoleMissing);
        }
        for hpr in people {
            desk.note("review", Some(hpr), None)?;
        }
        let proposal = match &statement.event {
            Event::Proposed(proposal) => Some(proposal.clone()),
            _ => None,
        };
        let (alerts, namesakes) = match &proposal {
            Some(proposal) => (
                office.alerts_about(proposal, desk.now)?,
                office.namesakes_about(proposal, desk.now),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let review = office.review(seq, desk.now)?;
        Ok(show(&in_words(desk, office, &review, (alerts, namesakes))?))
    })
    .await
}

fn in_words<'a>(
    desk: &'a Desk,
    office: &Office,
    review: &'a Review<'_>,
    (alerts, namesakes): (Vec<FoundAlert>, Vec<FoundNamesake>),
) -> Result<ReviewPage<'a>, Trouble> {
    let (state, page) = (office.register().state(), &desk.page);
    let statement: &Statement = review.statement;
    let words = page.words();
    let facts = match review.proposal {
        Some(proposal) => facts::of_proposal(words, proposal),
        None => facts::of_statement(words, statement),
    };
    let value = |text: &str| {
        let code = words.find(&format!("value.{text}"));
        code.or_else(|| words.find(&format!("standing.{text}")))
            .or_else(|| words.find(&format!("event.{text}")))
            .map_or_else(
                || match text.parse::<CivilDate>() {
                    Ok(day) => words.day(day),
                    Err(_) => text.to_owned(),
                },
                ToOwned::to_owned,
            )
    };
    let differences = review.differences.iter().map(|one| Changes {
        what: page.say_code("member", &one.what),
        registered: value(&one.registered),
        proposed: value(&one.proposed),
    });
    let history = review.history.iter().rev().map(|before| Before {
        on: before.effective_on,
        code: before.event.name(),
        officers: state.officers_of(before).collect::<Vec<_>>().join(", "),
    });
    let documents = review.documents.iter().map(|one| {
        let fault = one.fault.as_ref().map(|error| error.code());
        Paper::checked(statement.seq, one.document, fault)
    });
    let rules = vernet_console_web::Words::of(page.language().code());
    let bytes = statement.to_bytes()?;
    Ok(ReviewPage {
        page,
        who: &desk.who,
        seq: statement.seq,
        aim: aim(words, statement),
        by: statement.officer.as_str(),
        recorded_at: statement.recorded_at,
        about: about(words, state, statement, desk.now),
        facts,
        differences: differences.collect(),
        history: history.collect(),
        documents: documents.collect(),
        doubts: review.doubts.iter().map(|doubt| (doubt.code, rules.doubt(doubt))).collect(),
        alerts,
        namesakes,
        lapses: review.lapses,
        refused: review.refused.as_ref().map(|error| Fault::of_error(page.language(), error)),
        mine: waits_for(state, statement, desk.who.kid, desk.now.civil_date()),
        own: statement.officer == desk.who.enrolment.name,
        emergency: match review.proposal {
            None => statement.event.certificate(),
            Some(_) => None,
        },
        rows: review.proposal.is_some_and(|proposal| matches!(proposal.act, Act::Import { .. })),
        sha256: Digest::of(&bytes),
        signed_text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}
