//! Whom something is about, and what a proposal aims at, in the reader's language.

use vernet_common::HprNumber;
use vernet_issuer::Subject;
use vernet_register::{Act, Event, Proposal, ReissueReason};

use crate::web::words::Words;

/// Somebody or something in one line, with the number under which a person's file is found.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) hpr_number: Option<HprNumber>,
}

/// A subject in one line.
pub(super) fn line(words: &Words, subject: &Subject<'_>) -> Line {
    let text = match subject {
        Subject::Person { given_name, family_name, birthdate, hpr_number } => {
            let text = words.fill(
                "subject.person",
                &[
                    ("name", &given_name.with(family_name)),
                    ("birthdate", &words.day(*birthdate)),
                    ("hpr", hpr_number),
                ],
            );
            return Line { text, hpr_number: Some(*hpr_number) };
        }
        Subject::Table(rows) => words.count("subject.table", *rows as usize),
        Subject::CertificatesOf(key) => words.fill("subject.certificates_of", &[("key", key)]),
        Subject::Officer(name, kid) => {
            words.fill("subject.officer", &[("name", &name.as_str()), ("key", kid)])
        }
        Subject::Title(title) => words.fill("subject.title", &[("title", title)]),
        Subject::Roots(roots) => words.count("subject.roots", roots.keys.len()),
    };
    Line { text, hpr_number: None }
}

/// The path of the words for what a proposal aims at.
pub(super) fn aim(proposal: &Proposal) -> String {
    let code = match &proposal.act {
        Act::Reissue { reason: ReissueReason::Renewal, .. } => "renewed",
        Act::Decide { event } => match &**event {
            Event::Suspended { limits: Some(_), .. } => "suspended_within_limits",
            Event::Suspended { until: None, .. } => "suspended_open_ended",
            Event::Reversed { instead: Some(_), .. } => "replaced",
            event => event.name(),
        },
        _ => proposal.effect(),
    };
    format!("aim.{code}")
}
