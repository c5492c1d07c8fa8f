//! Judges one row.

use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
};

use vernet_common::{CertificateClaims, NumericDate};
use vernet_text::{date, serial_date};

use super::{
    code::RosterCode,
    names::names_agree,
    outcome::Outcome,
    report::{Finding, ReportCertificate, ReportRow},
    table::RosterRow,
};
use crate::{colour::Colour, verdict::Verdict};

/// The terms on which every row is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The caller's clock.
    pub now: NumericDate,
    /// How many days ahead an expiring certificate is reported.
    pub expiring_days: u16,
}

/// What a row, or the file that it names, contains.
#[derive(Debug)]
pub enum WhatIsShown {
    /// A certificate, or something else as text.
    Text(String),
    /// A verdict without a text: nothing could be read from a picture or a PDF.
    Verdict(Box<Verdict>),
    /// Nothing.
    Nothing,
    /// A file that is not there.
    FileMissing,
    /// A file elsewhere, which was not opened.
    FileOutside,
    /// A file that cannot be read.
    FileUnreadable {
        /// Why.
        reason: String,
    },
    /// Several certificates in one file.
    Several {
        /// How many.
        found: usize,
    },
}

/// Judges a row. `verify` gives the verdict on a text, at `terms.now`.
///
/// [`RosterReport::new`](super::RosterReport::new) adds what only all rows together show.
pub fn judge_row(
    row: RosterRow,
    shown: WhatIsShown,
    verify: impl FnOnce(&str) -> Verdict,
    terms: &Terms,
) -> ReportRow {
    let problem = |code: RosterCode, message: String| Judged::Problem(Finding::new(code, message));
    let judged = match (row.fault, shown) {
        (Some(fault), _) => {
            let finding = Finding::new(RosterCode::RowUnreadable, fault.to_string());
            Judged::Problem(Finding { cause: Some(fault.code().into()), ..finding })
        }
        (None, WhatIsShown::Text(text)) => Judged::Verdict(Box::new(verify(&text))),
        (None, WhatIsShown::Verdict(verdict)) => Judged::Verdict(verdict),
        (None, WhatIsShown::Nothing) => problem(RosterCode::CertificateMissing, String::new()),
        (None, WhatIsShown::FileMissing) => {
            problem(RosterCode::FileMissing, format!("there is no file `{}`", shorten(&row.file)))
        }
        (None, WhatIsShown::FileOutside) => problem(
            RosterCode::FileOutside,
            format!(
                "the file is `{}`, expected a path below the folder of the table",
                shorten(&row.file)
            ),
        ),
        (None, WhatIsShown::FileUnreadable { reason }) => {
            problem(RosterCode::FileUnreadable, reason)
        }
        (None, WhatIsShown::Several { found }) => problem(
            RosterCode::SeveralCertificates,
            format!("the file holds {found} certificates, expected one for this person"),
        ),
    };
    let mut report = ReportRow::unjudged(row);
    match judged {
        Judged::Problem(finding) => report.add(finding),
        Judged::Verdict(verdict) => report.take_up(&verdict, terms),
    }
    report
}

enum Judged {
    Problem(Finding),
    Verdict(Box<Verdict>),
}

impl ReportRow {
    fn take_up(&mut self, verdict: &Verdict, terms: &Terms) {
        (self.code, self.verdict) = (verdict.code().into(), Some(verdict.code().into()));
        self.as_of = Some(verdict.as_of());
        self.outcome = match verdict.colour() {
            Colour::Accepted => Outcome::Accepted,
            Colour::Refused => Outcome::Refused,
            Colour::Undetermined => Outcome::Undetermined,
        };
        if verdict.colour() != Colour::Accepted {
            self.findings.push(Finding {
                code: verdict.code().into(),
                cause: verdict.cause().map(|cause| cause.code().into()),
                message: verdict.cause().map(ToString::to_string).unwrap_or_default(),
                advice: verdict.code().advice().into(),
            });
        }
        if let Some(claims) = verdict.certificate() {
            let certificate = ReportCertificate::from(claims);
            let days = i32::from(terms.expiring_days);
            let soon = terms.now.civil_date().plus_days(days) >= certificate.expires;
            self.expiring = soon && verdict.colour() == Colour::Accepted;
            self.certificate = Some(certificate);
            self.compare_person(claims);
        }
    }

    /// Is it this person's certificate?
    fn compare_person(&mut self, claims: &CertificateClaims) {
        let (given_name, family_name) = (claims.given_name.as_str(), claims.family_name.as_str());
        if !self.name.is_empty() && !names_agree(&self.name, given_name, family_name) {
            let message = format!(
                "the certificate is of `{}`, the roster has `{}`",
                claims.full_name(),
                shorten(&self.name)
            );
            self.add(Finding::new(RosterCode::NameMismatch, message));
        }
        if self.birthdate.is_empty() {
            return;
        }
        match date(&self.birthdate) {
            Some(date) if date == claims.birthdate => {}
            Some(date) => {
                let message = format!(
                    "the certificate is of somebody born {}, the roster has {date}",
                    claims.birthdate
                );
                self.add(Finding::new(RosterCode::BirthdateMismatch, message));
            }
            None => {
                let counted = serial_date(&self.birthdate).map_or(String::new(), |day| {
                    format!(
                        ": a spreadsheet may show it as {day}, give the column the format of a date and save the table anew"
                    )
                });
                let found = shorten(&self.birthdate);
                let message = format!("the roster has `{found}`, expected a date{counted}");
                self.add(Finding::new(RosterCode::BirthdateUnreadable, message));
            }
        }
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(100).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
