//! What can go wrong in the office.

use std::path::PathBuf;

use vernet_common::{
    CertificateNumber, HttpsUrl, KeyId, NumericDate, StatusListNumber, Title, error_enum,
};
use vernet_host::{FileError, KeyFileError};
use vernet_register::Digest;
use vernet_verifier::{Code, InputError, past::PastCode};

#[cfg(feature = "pdf")]
use crate::letter::LetterError;
use crate::{
    import::ImportError,
    office::{DestinationError, Office, WitnessAnswer},
    qr_code::QrCodeError,
    token::TokenError,
};

error_enum! {
    /// What can go wrong in the office.
    ///
    /// [`Error::code`] is the stable name that programs may match on; the text says what was found
    /// and what was expected. The command line says what to do about it, because it knows what the
    /// officer was doing.
    #[derive(Debug, thiserror::Error)]
    pub enum Error {
        /// An error of the register.
        #[error(transparent)]
        Register: _ (#[from] vernet_register::Error),
        /// A value, a document or a signature is not what both sides agreed on.
        #[error(transparent)]
        Common: _ (#[from] vernet_common::Error),
        /// What was shown is no certificate.
        #[error(transparent)]
        Input: _ (#[from] InputError),
        /// An error with a private key or a passphrase.
        #[error(transparent)]
        KeyFile: _ (#[from] KeyFileError),
        /// An error with a key in a token, or a PIN.
        #[error(transparent)]
        Token: _ (#[from] TokenError),
        /// A file or a folder was not written.
        #[error(transparent)]
        File: _ (#[from] FileError),
        /// Nothing could be published at a destination.
        #[error(transparent)]
        Destination: _ (#[from] DestinationError),
        /// An error in a table of people, or in a row of it.
        #[error(transparent)]
        Import: _ (#[from] ImportError),
        /// A row of a table is wrong that is taken as a whole or not at all.
        #[error("line {line}: {source}")]
        Row: _ {
            /// The line.
            line: u64,
            /// What is wrong with it.
            source: Box<Error>,
        },
        /// The key signs certificates now, so reissuing them with it would change nothing.
        #[error("certificates are signed with key `{kid}` now, expected a key that signs no more")]
        KeyInUse: "key_in_use" {
            /// The key.
            kid: KeyId,
        },
        /// No live certificate must be reissued because of the key: it signed none, or was stolen
        /// after it had signed them all.
        #[error("no live certificate of key `{kid}` has to be signed anew, expected one at least")]
        NothingToReissue: "nothing_to_reissue" {
            /// The key.
            kid: KeyId,
        },
        /// A QR code could not be drawn, or could not be read back.
        #[error(transparent)]
        Qr: _ (#[from] QrCodeError),
        /// The operating system refused.
        #[error("cannot {action} `{path}`: {source}")]
        Io: "io" {
            /// What was tried.
            action: &'static str,
            /// Where.
            path: PathBuf,
            /// Why not.
            source: std::io::Error,
        },
        /// An error with what applicants send, or with what they are answered.
        #[error(transparent)]
        Applications: _ (#[from] vernet_applications::Error),
        /// The settings name no inbox.
        #[error("the settings of this office name no `inbox`")]
        NoInbox: "no_inbox",
        /// Nothing that was sent under the receipt is an application that can be read.
        #[error("nothing that was sent under this receipt is an application that opens with this key")]
        NoApplication: "no_application",
        /// Several receipts begin so.
        #[error("{found} receipts begin with `{digits}`, expected one: give more digits")]
        ReceiptAmbiguous: "receipt_ambiguous" {
            /// What was given.
            digits: String,
            /// How many.
            found: usize,
        },
        /// The file cannot be sent as a letter.
        #[error("`{path}` cannot be sent ({fault}), expected a PDF, a JPEG or a PNG that opens without a password", path = path.display())]
        LetterUnfit: "letter_unfit" {
            /// The file.
            path: PathBuf,
            /// Why.
            fault: &'static str,
        },
        /// The mail server cannot be used as it is configured.
        #[error("the mail server of the `inbox` cannot be used: {reason}")]
        MailSettings: "mail_settings" {
            /// Why.
            reason: String,
        },
        /// The mail server did not take the mail.
        #[error("the mail was not sent: {reason}")]
        MailNotSent: "mail_not_sent" {
            /// Why.
            reason: String,
        },
        /// There is no office in the folder.
        #[error("`{path}` holds no office")]
        NoOffice: "no_office" {
            /// The folder.
            path: PathBuf,
        },
        /// No trust list is in force.
        #[error("no trust list is in force")]
        NoTrustList: "no_trust_list",
        /// The trust list in force has expired.
        #[error("the trust list expired at {exp}")]
        TrustListExpired: "trust_list_expired" {
            /// When.
            exp: NumericDate,
        },
        /// The trust list does not follow the one in force.
        #[error("the trust list has `seq` {found}, expected {expected}")]
        TrustListSequence: "trust_list_sequence" {
            /// Its number.
            found: u64,
            /// The next number.
            expected: u64,
        },
        /// The trust list was drafted before the office's keys changed. If accepted, it would hide
        /// the change.
        #[error(
            "trust list {seq} does not hold the keys as they are in the register now: they changed after it was drafted"
        )]
        TrustListOutdated: "trust_list_outdated" {
            /// Its number.
            seq: u64,
        },
        /// New roots were given for the first trust list, which has the roots that the office was
        /// created with.
        #[error(
            "no trust list is in force, so there are no roots to replace: the first one has the roots given to `init`"
        )]
        RootsBeforeTrustList: "roots_before_trust_list",
        /// The current publication is newer than the register: this is an old copy of the register.
        #[error(
            "status list {list} was published at {published}, later than anything this register knows of: it is an old copy. \
             Restore the newest register, with every decision in it, before publishing"
        )]
        RegisterBehindPublication: "register_behind_publication" {
            /// The status list.
            list: StatusListNumber,
            /// When the published one was signed.
            published: NumericDate,
        },
        /// The current publication names an issued log that is not the beginning of this register's
        /// log: it is longer, or a different one.
        #[error(
            "the published issued log has {published} certificates, and that of this register, which has {found}, does not begin with them: it is an \
             old copy, or went on from one. Restore the newest register, with every certificate in it, before publishing"
        )]
        LogBehindPublication: "register_behind_publication" {
            /// How many certificates the published log has.
            published: u64,
            /// How many the register has.
            found: u64,
        },
        /// A publication cannot be fetched.
        #[error("`{url}` cannot be fetched: {reason}")]
        PublicationUnreachable: "publication_unreachable" {
            /// The URL of the file.
            url: String,
            /// Why not.
            reason: String,
        },
        /// A file of the published log does not hold the certificates whose hashes are in the log.
        #[error(
            "`log/{path}` of the publication is damaged: it does not hold the entries of the issued log"
        )]
        LogEntries: "log_entries" {
            /// The file, below `log/`.
            path: String,
        },
        /// A proposal takes back something else than its publication says.
        #[error(
            "the proposal does not say what its publication says: {what}, expected all that this register lacks and nothing else"
        )]
        RestoreDiffers: "restore_differs" {
            /// What differs.
            what: &'static str,
        },
        /// The trust list vouches for a log other than the register's.
        #[error(
            "trust list {seq} says that the issued log began with {size} certificates which are not those of this register"
        )]
        TrustListLog: "trust_list_log" {
            /// Its number.
            seq: u64,
            /// How many certificates it vouches for.
            size: u64,
        },
        /// While this publication was being made, another publisher published a newer one from the
        /// same register. Nothing was replaced.
        #[error(
            "what somebody else published meanwhile, signed at {published}, is newer than what was signed here, and stays"
        )]
        PublicationOvertaken: "publication_overtaken" {
            /// When the current publication was signed.
            published: NumericDate,
        },
        /// The roots or the list are those of another issuer.
        #[error("these are of `{found}`, expected `{expected}`")]
        RootsOfAnother: "roots_of_another" {
            /// Whose they are.
            found: HttpsUrl,
            /// Whose they should be.
            expected: HttpsUrl,
        },
        /// No key may sign now.
        #[error(
            "no {use} key may sign now: it must be in the trust list in force, within its time, and not compromised"
        )]
        NoKey: "no_key" {
            /// What for.
            r#use: &'static str,
        },
        /// The file holds a different key from the one in the register.
        #[error("`{path}` holds key `{found}`, expected `{expected}`")]
        KeyFileOfAnother: "key_file_of_another" {
            /// The file.
            path: PathBuf,
            /// The key in it.
            found: KeyId,
            /// The key that belongs there.
            expected: KeyId,
        },
        /// The certificate is permanently invalid.
        #[error("certificate `{number}` is no longer valid{}", superseded_by.map(|n| format!(", `{n}` took its place")).unwrap_or_default())]
        Withdrawn: "withdrawn" {
            /// The certificate.
            number: CertificateNumber,
            /// The one that took its place.
            superseded_by: Option<CertificateNumber>,
        },
        /// Fewer witnesses than the trust list requires have cosigned the log, so hospitals would
        /// not accept it. The current publication stays.
        #[error("{found} of the witnesses cosigned the log, {threshold} are needed: {}", in_words(answers))]
        WitnessesMissing: "witnesses_missing" {
            /// How many did.
            found: usize,
            /// How many must.
            threshold: u8,
            /// What each of them answered.
            answers: Vec<WitnessAnswer>,
        },
        /// The verifier gives a certificate a different verdict than expected. Nothing was
        /// released.
        #[error("the verifier says `{found}` of certificate `{number}`, so it is not let out")]
        SelfCheck: "self_check" {
            /// The certificate.
            number: CertificateNumber,
            /// What the verifier says.
            found: Code,
        },
        /// A certificate for a title counts only if the roots have signed that the office certifies
        /// it.
        #[error("the trust list in force does not have the title `{title}`")]
        TitleNotInTrustList: "title_not_in_trust_list" {
            /// The title.
            title: Title,
        },
        /// A statement in the register is invalid, and why.
        #[error("statement {seq}: {source}")]
        Statement: _ {
            /// Its number.
            seq: u64,
            /// What is wrong with it.
            source: Box<Error>,
        },
        /// The founders of the register are not those in the office's settings.
        #[error(
            "the register begins with the statement {found}, but the office was founded with {expected}"
        )]
        FoundersDiffer: "founders_differ" {
            /// The hash of the first statement.
            found: Digest,
            /// The hash in `office.json`.
            expected: Digest,
        },
        /// The office's data, for instance the table of schools, is not what the first officer
        /// signed. An auditor must know which data a decision rests on.
        #[error("the office's data is not what proposal {seq} was signed with")]
        OfficeDataChanged: "office_data_changed" {
            /// The number of the statement with the proposal.
            seq: u64,
        },
        /// What was prepared for an officer's signature was signed too late, or is from a clock that
        /// was ahead.
        #[error("it was prepared {seconds} seconds ago, expected at most {limit}: prepare it anew")]
        PreparedTooOld: "prepared_too_old" {
            /// How long ago; negative, if later than now.
            seconds: i64,
            /// The limit.
            limit: i64,
        },
        /// The key is in a token, which has a PIN and no passphrase.
        #[error("the key `{location}` is in a token, expected one in an encrypted file")]
        KeyInToken: "key_in_token" {
            /// Where.
            location: String,
        },
        /// The approval signs a certificate, which needs the passphrase of the certificate key.
        #[error("this approval signs a certificate, so it needs the passphrase of the certificate key")]
        CredentialsNeeded: "credentials_needed",
        /// A trust list in the office's folder is not the one in the register.
        #[error("trust list {seq} in the office's folder does not fit the register: {reason}")]
        TrustListDiffers: "trust_list_differs" {
            /// Its number.
            seq: u64,
            /// What does not fit.
            reason: &'static str,
        },
        /// A QR code names a certificate key by two bytes, so no two keys may share them. Another
        /// key must be generated.
        #[error(
            "key `{kid}` cannot be told from `{known}` in a QR code: the first two bytes of their thumbprints are the same"
        )]
        KeyHint: "key_hint" {
            /// The key.
            kid: KeyId,
            /// The one that is there.
            known: KeyId,
        },
        /// The clock is so far ahead of the newest record that it is probably wrong. What is
        /// recorded under it cannot be undone.
        #[error(
            "the clock says {found}, but {what} is of {known}, more than {} days before",
            Office::MAX_PAUSE_DAYS
        )]
        ClockAhead: "clock_ahead" {
            /// What the clock says.
            found: NumericDate,
            /// The newest record.
            what: &'static str,
            /// Its time.
            known: NumericDate,
        },
        /// A page could not be written.
        #[error(transparent)]
        Letter: _ if "pdf" (#[from] LetterError),
        /// A statement of professional status is about what a state has given.
        #[error("`{title}` is given by a board, expected a title by law")]
        NoStatusStatement: "no_status_statement" {
            /// The title.
            title: Title,
        },
        /// Nobody is told of this statement by a letter of this office.
        #[error(
            "statement {seq} is `{found}`, expected a decision of this office about a person"
        )]
        NoDecisionLetter: "no_decision_letter" {
            /// The statement.
            seq: u64,
            /// The name of its event.
            found: &'static str,
        },
        /// The program was built without the feature that this needs.
        #[error("this program was built without the feature `{feature}`")]
        FeatureMissing: "feature_missing" {
            /// The cargo feature.
            feature: &'static str,
        },
        /// The verifier refuses a statement of professional status. Nothing was released.
        #[error(
            "the verifier says `{found}` of the statement about certificate `{number}`, so it is not let out"
        )]
        StatementSelfCheck: "self_check" {
            /// The certificate.
            number: CertificateNumber,
            /// What the verifier says.
            found: Code,
        },
        /// The verifier's answer from a history differs from the register's. Nothing was released.
        #[error(
            "the verifier says `{found}` of certificate `{number}` by the history, and the register does not: it is not let out"
        )]
        HistorySelfCheck: "self_check" {
            /// The certificate.
            number: CertificateNumber,
            /// What the verifier says.
            found: PastCode,
        },
        /// A history names more certificates than can be recorded.
        #[error(
            "{found} certificates are named, at most {limit} can be; a history of all needs no names"
        )]
        HistoryOfTooMany: "history_of_too_many" {
            /// How many are named.
            found: usize,
            /// How many can be.
            limit: usize,
        },
        /// A history was to be written into a publication, where everybody could read it.
        #[error("`{path}` lies in a publication, where everybody would have it: a history is for those who are entitled to it", path = path.display())]
        InsidePublication: "inside_publication" {
            /// Where.
            path: PathBuf,
        },
    }
}

impl Error {
    /// The same error, with the number of the statement that it is about.
    pub(crate) fn of_statement(self, seq: u64) -> Self {
        match self {
            Self::Register(error) => Self::Register(error.of_statement(seq)),
            // It holds the number already.
            named @ Self::Statement { .. } => named,
            source => Self::Statement { seq, source: Box::new(source) },
        }
    }
}

/// The answer of each witness, in words.
fn in_words(answers: &[WitnessAnswer]) -> String {
    let one = |WitnessAnswer { name, trouble, .. }: &WitnessAnswer| match trouble {
        Some(trouble) => {
            format!("`{name}`: {}{trouble}", if trouble.is_alarm() { "ALARM: " } else { "" })
        }
        None => format!("`{name}` cosigned"),
    };
    answers.iter().map(one).collect::<Vec<_>>().join("; ")
}
