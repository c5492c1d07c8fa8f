//! An application as the office sees it, and as it becomes a proposal.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use vernet_applications::{
    Answer, ApplicantForm, Enclosed, FileKind, Label, ReceiptId, SealKey, Step, Submission, Unfit,
};
use vernet_common::CivilDate;
use vernet_host::{FileError, files::write_new_secret};

use crate::error::Error;

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

/// The files of an application, for `propose grant`.
#[derive(Debug)]
pub struct WrittenApplication {
    /// The application, in which officers enter what only they know.
    pub application: PathBuf,
    /// The documents.
    pub documents: Vec<PathBuf>,
    /// The documents that are not what they should be, by their names and why. The inbox looks into
    /// each; one that was taken over does not.
    pub left_out: Vec<(String, Unfit)>,
}

impl OpenedApplication {
    pub(super) fn new(receipt: ReceiptId) -> Self {
        let (submissions, faults, answers) = (Vec::new(), Vec::new(), Vec::new());
        Self { receipt, reply_to: None, submissions, faults, answers }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.submissions.is_empty() && self.faults.is_empty()
    }

    pub(super) fn add(
        &mut self,
        name: &str,
        opened: Result<Submission, vernet_applications::Error>,
    ) {
        let fault = match opened {
            Ok(submission) => {
                let known = *self.reply_to.get_or_insert(submission.reply_to);
                if known == submission.reply_to {
                    self.submissions.push(submission);
                    self.submissions.sort_by_key(|submission| submission.received);
                    return;
                }
                vernet_applications::Error::Malformed { found: "it wants its answers elsewhere" }
            }
            Err(error) => error,
        };
        self.faults.push((name.to_owned(), fault.into()));
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

    /// Writes the application as `propose grant` reads it, and its documents, into a new folder that
    /// only its owner can read. `look` looks into each document once more, in a process of its own.
    ///
    /// # Errors
    ///
    /// [`Error::NoApplication`] if no form was sent; [`FileError::Exists`] if the folder exists;
    /// [`Error::Io`] or [`Error::File`] if something cannot be written.
    pub fn write_into(
        &self,
        folder: &Path,
        (decided, granted): (CivilDate, CivilDate),
        look: &dyn Fn(&[u8]) -> Result<FileKind, Unfit>,
    ) -> Result<WrittenApplication, Error> {
        let (Some(form), Some(applied)) = (self.form(), self.applied()) else {
            return Err(Error::NoApplication);
        };
        if folder.exists() {
            return Err(FileError::Exists { path: folder.to_owned() }.into());
        }
        vernet_host::files::make_private_folder(folder).map_err(|source| Error::Io {
            action: "create",
            path: folder.to_owned(),
            source,
        })?;
        let mut json = serde_json::to_vec_pretty(&form.to_draft(applied, decided, granted))
            .expect("texts are JSON");
        json.push(b'\n');
        let application = folder.join("application.json");
        write_new_secret(&application, &json)?;
        let (mut documents, mut left_out) = (Vec::new(), Vec::new());
        for (name, document) in self.documents() {
            match look(document.bytes()) {
                Ok(kind) if kind == document.about().kind => {
                    let path = folder.join(name);
                    write_new_secret(&path, document.bytes())?;
                    documents.push(path);
                }
                Ok(_) => left_out.push((name, Unfit::Kind)),
                Err(unfit) => left_out.push((name, unfit)),
            }
        }
        Ok(WrittenApplication { application, documents, left_out })
    }
}
