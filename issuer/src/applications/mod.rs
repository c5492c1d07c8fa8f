//! Applications that came through the inbox: taken, opened, answered.
//!
//! The office has its own copy of what was sent, sealed as it came, in `applications/` of its folder;
//! and of what it answered, sealed to itself. Neither can be read without the inbox key, and neither is
//! a part of the register: a right begins with a proposal that two officers sign.

mod config;
mod mail;
mod open;

use std::{
    fs,
    path::{Path, PathBuf},
};

use rand::CryptoRng;
pub use vernet_applications::OpenedApplication;
use vernet_applications::{
    Answer, AnswerClaims, Arrival, Enclosed, Enclosure, InboxFolder, InboxKey, Label, OpenKey,
    Purpose, ReceiptId, Step, Submission, Text, Unfit, examine,
};
use vernet_common::{CivilDate, NumericDate};
use vernet_host::{
    FileError,
    files::{make_private_folder, read_capped, write_new_in_group},
};

pub use self::{
    config::{InboxConfig, InboxMail, MailEncryption},
    mail::{News, Told},
    open::{WrittenApplication, write_application},
};
use crate::{error::Error, office::OfficeConfig};

/// The applications of an office.
#[derive(Clone, Debug)]
pub struct Applications {
    inbox: InboxFolder,
    own: PathBuf,
    config: InboxConfig,
    /// What the office calls itself in mails.
    sender: String,
}

/// What the office answers.
#[derive(Debug)]
pub struct NewAnswer {
    /// Where the application has come to.
    pub step: Step,
    /// What the office writes.
    pub text: Option<Text>,
    /// The last day for what is asked.
    pub by: Option<CivilDate>,
    /// The documents: a letter.
    pub documents: Vec<Enclosed>,
}

impl Applications {
    /// The folder of the office in which its own copies are.
    const FOLDER: &str = "applications";

    /// The applications that come through the inbox of the office in a folder. They are no part of its
    /// register, which need not be open.
    ///
    /// # Errors
    ///
    /// [`Error::NoInbox`] if the settings name none; [`Error::Applications`] if its folder cannot be
    /// made.
    pub fn of_office(
        office: &Path,
        config: &OfficeConfig,
        now: NumericDate,
    ) -> Result<Self, Error> {
        let inbox = config.inbox.clone().ok_or(Error::NoInbox)?;
        let sender = config.sender(now.civil_date()).map(|sender| sender.name.clone());
        Ok(Self {
            inbox: InboxFolder::open(&office.join(&inbox.folder))?,
            own: office.join(Self::FOLDER),
            config: inbox,
            sender: sender.unwrap_or_else(|| config.iss.authority().to_owned()),
        })
    }

    /// Takes what has come since the last time, and posts again what the inbox lost.
    ///
    /// # Errors
    ///
    /// [`Error::Applications`] if something cannot be read or written. What was not taken still waits.
    pub fn take(&self) -> Result<usize, Error> {
        Ok(self.inbox.take_into(&self.own)?)
    }

    /// The receipts under which the office has something, in order of their names.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read.
    pub fn receipts(&self) -> Result<Vec<ReceiptId>, Error> {
        let mut receipts: Vec<_> =
            self.submissions()?.into_iter().map(|arrival| arrival.receipt).collect();
        receipts.sort();
        receipts.dedup();
        Ok(receipts)
    }

    /// The one receipt that begins with these digits.
    ///
    /// # Errors
    ///
    /// [`vernet_applications::Error::ReceiptUnknown`] if none does; [`Error::ReceiptAmbiguous`] if
    /// several do.
    pub fn find(&self, digits: &str) -> Result<ReceiptId, Error> {
        let mut found: Vec<_> = self
            .receipts()?
            .into_iter()
            .filter(|receipt| !digits.is_empty() && receipt.to_string().starts_with(digits))
            .collect();
        match (found.pop(), found.len()) {
            (Some(receipt), 0) => Ok(receipt),
            (Some(_), more) => {
                Err(Error::ReceiptAmbiguous { digits: digits.to_owned(), found: more + 1 })
            }
            (None, _) => {
                let receipt = vernet_common::shortened(digits, 40);
                Err(vernet_applications::Error::ReceiptUnknown { receipt }.into())
            }
        }
    }

    /// Opens an application: all that was sent under its receipt, and all that was answered.
    ///
    /// # Errors
    ///
    /// [`vernet_applications::Error::ReceiptUnknown`] if nothing was sent under it; [`Error::Io`] if a
    /// file cannot be read. What does not open is among [`OpenedApplication::faults`].
    pub fn open(&self, key: &InboxKey, receipt: &ReceiptId) -> Result<OpenedApplication, Error> {
        let open_key = key.open_key();
        let mut application = OpenedApplication::new(*receipt);
        let sent = self.submissions()?;
        for arrival in sent.iter().filter(|arrival| arrival.receipt == *receipt) {
            let name = arrival.file_name();
            let bytes = read(&self.own.join(&name))?;
            application.add(&name, Submission::open(&open_key, receipt, &bytes));
        }
        if application.is_empty() {
            let receipt = receipt.to_string();
            return Err(vernet_applications::Error::ReceiptUnknown { receipt }.into());
        }
        application.answers = self.own_answers(receipt, &open_key, key)?;
        Ok(application)
    }

    /// Answers an applicant, and adds the answer to the application: first into the office's own files, then into the inbox's folder, sealed to
    /// the applicant's code. An answer that was written and not posted, because the program was ended
    /// in between, is posted first.
    ///
    /// # Errors
    ///
    /// [`Error::NoApplication`] if nothing was sent under the receipt to which one could answer;
    /// [`vernet_common::Error::Inconsistent`] if day or text do not fit the step;
    /// [`Error::Applications`] or [`Error::File`] if it cannot be written.
    pub fn answer<R: CryptoRng>(
        &self,
        key: &InboxKey,
        application: &mut OpenedApplication,
        new: NewAnswer,
        now: NumericDate,
        rng: &mut R,
    ) -> Result<(), Error> {
        let receipt = application.receipt;
        let reply_to = application.reply_to.ok_or(Error::NoApplication)?;
        self.post_again(key, application, rng)?;
        let about: Vec<Enclosure> =
            new.documents.iter().map(|document| document.about().clone()).collect();
        let mut number = application.answers.last().map_or(0, |last| last.claims.number);
        loop {
            number += 1;
            let claims = AnswerClaims {
                receipt,
                number,
                iat: now,
                step: new.step,
                text: new.text.clone(),
                by: new.by,
                documents: about.clone(),
            };
            let answer = Answer { claims, documents: new.documents.clone() };
            let own = answer.seal(key, (Purpose::Copy, &key.public().seal), rng)?;
            let sealed = answer.seal(key, (Purpose::Answer, &reply_to), rng)?;
            match write_new_in_group(&self.own_answer(&receipt, number), &own) {
                // Another console answered meanwhile.
                Err(FileError::Exists { .. }) => continue,
                written => written?,
            }
            self.inbox.post(&receipt, number, &sealed)?;
            application.answers.push(answer);
            return Ok(());
        }
    }

    /// Posts the office's answers that the inbox does not have: it lost them, or the program was ended
    /// before it had posted them. Returns how many.
    ///
    /// # Errors
    ///
    /// [`Error::Applications`] if one cannot be written.
    pub fn post_again<R: CryptoRng>(
        &self,
        key: &InboxKey,
        application: &OpenedApplication,
        rng: &mut R,
    ) -> Result<usize, Error> {
        let receipt = application.receipt;
        let Some(reply_to) = application.reply_to else { return Ok(0) };
        let there = self.inbox.answers(&receipt)?;
        let missing = |answer: &&Answer| !there.contains(&answer.claims.number);
        let mut posted = 0;
        for answer in application.answers.iter().filter(missing) {
            let sealed = answer.seal(key, (Purpose::Answer, &reply_to), rng)?;
            self.inbox.post(&receipt, answer.claims.number, &sealed)?;
            posted += 1;
        }
        Ok(posted)
    }

    /// The names of the files that were sent under a receipt, sealed as they came, for whoever opens
    /// them elsewhere.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the folder cannot be read.
    pub fn sent(&self, receipt: &ReceiptId) -> Result<Vec<String>, Error> {
        let sent = self.submissions()?.into_iter().filter(|one| one.receipt == *receipt);
        Ok(sent.map(|arrival| arrival.file_name()).collect())
    }

    /// One of them, sealed.
    ///
    /// # Errors
    ///
    /// [`vernet_applications::Error::ReceiptUnknown`] if it is none of them; [`Error::Io`] if it cannot
    /// be read.
    pub fn sealed(&self, receipt: &ReceiptId, name: &str) -> Result<Vec<u8>, Error> {
        if !self.sent(receipt)?.iter().any(|sent| sent == name) {
            let receipt = receipt.to_string();
            return Err(vernet_applications::Error::ReceiptUnknown { receipt }.into());
        }
        read(&self.own.join(name))
    }

    /// The numbers of the office's answers, and of those that the inbox has.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Applications`] if a folder cannot be read.
    pub fn answered(&self, receipt: &ReceiptId) -> Result<(Vec<u32>, Vec<u32>), Error> {
        Ok((self.own_numbers(receipt)?, self.inbox.answers(receipt)?))
    }

    /// The office's own copy of an answer, sealed.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be read.
    pub fn sealed_answer(&self, receipt: &ReceiptId, number: u32) -> Result<Vec<u8>, Error> {
        read(&self.own_answer(receipt, number))
    }

    /// Keeps an answer that was signed and sealed elsewhere, and posts it: `own` is the office's copy,
    /// none if it is there already and only the inbox lacks it. Whoever has not the inbox key can make
    /// none that an applicant's code opens.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] if there is an answer of this number; [`Error::Applications`] or
    /// [`Error::File`] if it cannot be written.
    pub fn post(
        &self,
        (receipt, number): (&ReceiptId, u32),
        own: Option<&[u8]>,
        sealed: &[u8],
    ) -> Result<(), Error> {
        if let Some(own) = own {
            write_new_in_group(&self.own_answer(receipt, number), own)?;
        }
        Ok(self.inbox.post(receipt, number, sealed)?)
    }

    /// Deletes an application: at the inbox, where the code opens nothing any more, and here. What a
    /// proposal rests on stays with the office's documents.
    ///
    /// # Errors
    ///
    /// [`Error::Applications`] or [`Error::Io`] if something cannot be removed.
    pub fn delete(&self, receipt: &ReceiptId) -> Result<(), Error> {
        self.inbox.forget(receipt)?;
        for name in self.names()? {
            if name.starts_with(&receipt.to_string()) {
                let path = self.own.join(name);
                fs::remove_file(&path).map_err(|source| io("remove", &path, source))?;
            }
        }
        Ok(())
    }

    fn submissions(&self) -> Result<Vec<Arrival>, Error> {
        Ok(self.names()?.iter().filter_map(|name| Arrival::of_file_name(name)).collect())
    }

    /// The office's own copies of its answers, in order.
    fn own_answers(
        &self,
        receipt: &ReceiptId,
        open_key: &OpenKey,
        key: &InboxKey,
    ) -> Result<Vec<Answer>, Error> {
        let open = |number: u32| {
            let sealed = read(&self.own_answer(receipt, number))?;
            let with = (Purpose::Copy, open_key);
            Ok(Answer::open(&sealed, with, (receipt, number), &key.public())?)
        };
        self.own_numbers(receipt)?.into_iter().map(open).collect()
    }

    fn own_numbers(&self, receipt: &ReceiptId) -> Result<Vec<u32>, Error> {
        let start = format!("{receipt}.");
        let number =
            |name: &String| name.strip_prefix(&start)?.strip_suffix(ANSWER)?.parse::<u32>().ok();
        let mut numbers: Vec<u32> = self.names()?.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn own_answer(&self, receipt: &ReceiptId, number: u32) -> PathBuf {
        self.own.join(format!("{receipt}.{number:04}{ANSWER}"))
    }

    fn names(&self) -> Result<Vec<String>, Error> {
        make_private_folder(&self.own).map_err(|source| io("create", &self.own, source))?;
        let entries =
            fs::read_dir(&self.own).map_err(|source| io("list", &self.own, source))?.flatten();
        Ok(entries.filter_map(|entry| entry.file_name().into_string().ok()).collect())
    }
}

/// A letter that is sent with an answer.
///
/// # Errors
///
/// [`Error::Io`] if the file cannot be read; [`Error::LetterUnfit`] if it is no PDF or picture that can
/// be opened; [`vernet_common::Error::TooLarge`] if it is too large to send.
pub fn letter_from_file(file: &Path) -> Result<Enclosed, Error> {
    let bytes = read(file)?;
    let unfit = |fault: Unfit| Error::LetterUnfit { path: file.to_owned(), fault: fault.code() };
    Ok(Enclosed::new(Label::Letter, examine(&bytes).map_err(unfit)?, bytes)?)
}

/// The end of the name of the office's own copy of an answer.
const ANSWER: &str = ".answer";

/// More than any sealed file, and than any letter.
const MAX_FILE: usize = 32 << 20;

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_capped(path, MAX_FILE).map_err(|source| io("read", path, source))
}

fn io(action: &'static str, path: &Path, source: std::io::Error) -> Error {
    Error::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
