//! An application as the office sees it, wherever it was opened: on its own machine, or in an
//! officer's browser.

use std::collections::BTreeMap;

use vernet_common::CivilDate;

use crate::{
    answer::{Answer, Step},
    code::ReceiptId,
    error::Error,
    form::ApplicantForm,
    parcel::{Enclosed, Label},
    seal::SealKey,
    submission::Submission,
};

/// All that was sent under a receipt, and all that was answered.
#[derive(Debug)]
pub struct OpenedApplication {
    /// The receipt.
    pub receipt: ReceiptId,
    /// The key to which answers are sealed; none if nothing that was sent opens.
    pub reply_to: Option<SealKey>,
    /// What was sent, in order.
    pub submissions: Vec<Submission>,
    /// What does not open, or contradicts the rest: an inbox that was taken over can write anything.
    pub faults: Vec<(String, Error)>,
    /// What was answered, in order.
    pub answers: Vec<Answer>,
}

impl OpenedApplication {
    /// Nothing was opened yet.
    pub fn new(receipt: ReceiptId) -> Self {
        let (submissions, faults, answers) = (Vec::new(), Vec::new(), Vec::new());
        Self { receipt, reply_to: None, submissions, faults, answers }
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.submissions.is_empty() && self.faults.is_empty()
    }

    /// Adds something that was sent, under the name of its file, if it fits the rest.
    pub fn add(&mut self, name: &str, opened: Result<Submission, Error>) {
        let fault = match opened {
            Ok(submission) => {
                let known = *self.reply_to.get_or_insert(submission.reply_to);
                if known == submission.reply_to {
                    self.submissions.push(submission);
                    self.submissions.sort_by_key(|submission| submission.received);
                    return;
                }
                Error::Malformed { found: "it wants its answers elsewhere" }
            }
            Err(error) => error,
        };
        self.faults.push((name.to_owned(), fault));
    }

    /// The form, as it was sent first.
    pub fn form(&self) -> Option<&ApplicantForm> {
        self.submissions.iter().find_map(|submission| submission.form.as_ref())
    }

    /// The day on which it was sent.
    pub fn applied(&self) -> Option<CivilDate> {
        let first = self.submissions.iter().find(|submission| submission.form.is_some());
        first.map(|submission| submission.received.civil_date())
    }

    /// Where it has come to.
    pub fn step(&self) -> Option<Step> {
        let steps = self.answers.iter().rev().map(|answer| answer.claims.step);
        steps.into_iter().find(|step| *step != Step::Message)
    }

    /// The last day for what was asked last, if nothing has come since.
    pub fn waits_until(&self) -> Option<CivilDate> {
        let asked = self.answers.iter().rev().find(|answer| answer.claims.step != Step::Message)?;
        let answered =
            self.submissions.iter().any(|submission| submission.received > asked.claims.iat);
        asked.claims.by.filter(|_| !answered)
    }

    /// Whether something has come since the office answered last.
    pub fn is_news(&self) -> bool {
        let answered = self.answers.last().map(|answer| answer.claims.iat);
        let sent = self.submissions.last().map(|submission| submission.received);
        sent > answered
    }

    /// Every document, with a name that tells what it is said to be.
    pub fn documents(&self) -> Vec<(String, &Enclosed)> {
        let mut counted = BTreeMap::<Label, u32>::new();
        let all = self.submissions.iter().flat_map(|submission| &submission.documents);
        all.map(|document| {
            let label = document.about().label;
            let number = counted.entry(label).or_default();
            *number += 1;
            let extension = document.about().kind.extension();
            (format!("{}-{number}.{extension}", label.word()), document)
        })
        .collect()
    }
}
