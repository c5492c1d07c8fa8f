//! What is found about a row, beyond what a verdict says about its certificate.

use alloc::borrow::Cow;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{code::Code, colour::Colour};

/// The stable name of what was found: that of a verdict's [`Code`] or of a [`RosterCode`]. It is
/// text, so that reports of other versions can be read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowCode(Cow<'static, str>);

impl RowCode {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The verdict's code of this name, if there is one.
    pub fn verdict(&self) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str() == self.0)
    }

    /// Whether it means that the status of a certificate is unknown because good lists are missing.
    /// This says nothing about the row, and the next update resolves it.
    pub fn is_about_lists(&self) -> bool {
        self.verdict()
            .is_some_and(|code| code.colour() == Colour::Undetermined && code != Code::Unreadable)
    }
}

impl From<Code> for RowCode {
    fn from(code: Code) -> Self {
        Self(Cow::Borrowed(code.as_str()))
    }
}

impl From<RosterCode> for RowCode {
    fn from(code: RosterCode) -> Self {
        Self(Cow::Borrowed(code.as_str()))
    }
}

impl From<&'static str> for RowCode {
    fn from(code: &'static str) -> Self {
        Self(Cow::Borrowed(code))
    }
}

impl PartialEq<Code> for RowCode {
    fn eq(&self, code: &Code) -> bool {
        self.verdict() == Some(*code)
    }
}

impl PartialEq<RosterCode> for RowCode {
    fn eq(&self, code: &RosterCode) -> bool {
        self.0 == code.as_str()
    }
}

impl fmt::Display for RowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be wrong with a row of a roster. Stable API, as the codes of verdicts are. Each needs
/// somebody's attention.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RosterCode {
    /// The row of the table cannot be read.
    RowUnreadable,
    /// There is no certificate in the row.
    CertificateMissing,
    /// The file with the certificate is not there.
    FileMissing,
    /// The file is not below the folder of the table, and so was not opened.
    FileOutside,
    /// The file cannot be opened or read, or is no file.
    FileUnreadable,
    /// The file holds several certificates, and it is unclear which one is meant.
    SeveralCertificates,
    /// The certificate is of somebody with another name.
    NameMismatch,
    /// The certificate is of somebody with another birth date.
    BirthdateMismatch,
    /// What the roster gives as the birth date is no date, so it was not compared.
    BirthdateUnreadable,
    /// An earlier row has the same certificate.
    CertificateRepeated,
    /// Another row has a newer certificate of the same person.
    PersonRepeated,
    /// An earlier row has the same staff id.
    StaffRepeated,
}

impl RosterCode {
    /// Every code.
    pub const ALL: &'static [Self] = &[
        Self::RowUnreadable,
        Self::CertificateMissing,
        Self::FileMissing,
        Self::FileOutside,
        Self::FileUnreadable,
        Self::SeveralCertificates,
        Self::NameMismatch,
        Self::BirthdateMismatch,
        Self::BirthdateUnreadable,
        Self::CertificateRepeated,
        Self::PersonRepeated,
        Self::StaffRepeated,
    ];

    /// The stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RowUnreadable => "row_unreadable",
            Self::CertificateMissing => "certificate_missing",
            Self::FileMissing => "file_missing",
            Self::FileOutside => "file_outside",
            Self::FileUnreadable => "file_unreadable",
            Self::SeveralCertificates => "several_certificates",
            Self::NameMismatch => "name_mismatch",
            Self::BirthdateMismatch => "birthdate_mismatch",
            Self::BirthdateUnreadable => "birthdate_unreadable",
            Self::CertificateRepeated => "certificate_repeated",
            Self::PersonRepeated => "person_repeated",
            Self::StaffRepeated => "staff_repeated",
        }
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::RowUnreadable => "correct this row of the table",
            Self::CertificateMissing => "ask for the certificate: until then nobody knows",
            Self::FileMissing => "put the file there, or correct its name in the table",
            Self::FileOutside => "put the file below the folder of the table",
            Self::FileUnreadable => "see to it that the file can be read",
            Self::SeveralCertificates => "put each certificate into a file of its own",
            Self::NameMismatch | Self::BirthdateMismatch => {
                "this is somebody else's certificate, or the roster is wrong: compare both with a photo ID"
            }
            Self::BirthdateUnreadable => "write the birth date as in `1980-02-29`",
            Self::CertificateRepeated => "a certificate is of one person: find out whose it is",
            Self::PersonRepeated => "keep the newer certificate, remove this one",
            Self::StaffRepeated => "give each person an id of their own",
        }
    }
}

impl fmt::Display for RosterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
