use std::{fmt, path::PathBuf};

use vernet_common::{CertificateNumber, CivilDate, HttpsUrl, KeyId, NumericDate, StatusListNumber};
use vernet_verifier::{Code, past::PastCode};

use crate::{
    DestinationError, Digest, FileError, ImportError, KeyFileError, Officer, QrCodeError,
    TokenError, WitnessAnswer, rule::RuleError,
};

/// What can go wrong in the office.
///
/// [`Error::code`] is the stable name that programs may match on; the text says what was found and
/// what was expected. What to do about it is said by the command line, which knows what the officer
/// was doing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A value, a document or a signature is not what both sides agreed on.
    #[error(transparent)]
    Common(#[from] vernet_common::Error),
    /// A private key or a passphrase.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A key in a token, or a PIN.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// A file or a folder was not written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Nothing could be published at a destination.
    #[error(transparent)]
    Destination(#[from] DestinationError),
    /// A table of people, or a row of it.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A row of a table, in an import that takes all rows or none. What was granted before it stays
    /// granted.
    #[error("line {line}: {source}")]
    ImportRow {
        /// The line.
        line: u64,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The key signs certificates now: signing them again with it would change nothing.
    #[error("certificates are signed with key `{kid}` now, expected a key that signs no more")]
    KeyInUse {
        /// The key.
        kid: KeyId,
    },
    /// No live certificate has to be signed anew because of the key: it signed none, or was stolen
    /// after it had signed them all.
    #[error("no live certificate of key `{kid}` has to be signed anew, expected one at least")]
    NothingToReissue {
        /// The key.
        kid: KeyId,
    },
    /// A proposal about many is carried out in steps.
    #[error("proposal {seq} is about many certificates, expected that it is carried out in steps")]
    InSteps {
        /// The proposal.
        seq: u64,
    },
    /// A QR code could not be drawn, or not be read back.
    #[error(transparent)]
    Qr(#[from] QrCodeError),
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// There is no office in the folder.
    #[error("`{path}` holds no office")]
    NoOffice {
        /// The folder.
        path: PathBuf,
    },
    /// No trust list is in force.
    #[error("no trust list is in force")]
    NoTrustList,
    /// The trust list in force ran out.
    #[error("the trust list ran out at {exp}")]
    TrustListExpired {
        /// When.
        exp: NumericDate,
    },
    /// The trust list does not follow on the one in force.
    #[error("the trust list has `seq` {found}, expected {expected}")]
    TrustListSequence {
        /// Its number.
        found: u64,
        /// The next number.
        expected: u64,
    },
    /// The trust list was drafted before the office's keys changed. In force it would hide the
    /// change.
    #[error(
        "trust list {seq} does not hold the keys as they are in the register now: they changed after it was drafted"
    )]
    TrustListOutdated {
        /// Its number.
        seq: u64,
    },
    /// The first trust list has the roots that the office was made with.
    #[error(
        "no trust list is in force, so there are no roots to replace: the first one has the roots given to `init`"
    )]
    RootsBeforeTrustList,
    /// What lies in the published folder is newer than the register: this is an old copy of the
    /// register.
    #[error(
        "status list {list} was published at {published}, later than anything this register knows of: it is an old copy. \
         Restore the newest register, with every decision in it, before publishing"
    )]
    RegisterBehindPublication {
        /// The status list.
        list: StatusListNumber,
        /// When the published one was signed.
        published: NumericDate,
    },
    /// What lies in the published place names an issued log that is not how this register's began:
    /// it is longer, or another one.
    #[error(
        "the published issued log has {published} certificates, and that of this register, which has {found}, does not begin with them: it is an \
         old copy, or went on from one. Restore the newest register, with every certificate in it, before publishing"
    )]
    LogBehindPublication {
        /// How many certificates the published log has.
        published: u64,
        /// How many the register has.
        found: u64,
    },
    /// The trust list vouches for another log than the register has.
    #[error(
        "trust list {seq} says that the issued log began with {size} certificates which are not those of this register"
    )]
    TrustListLog {
        /// Its number.
        seq: u64,
        /// How many certificates it vouches for.
        size: u64,
    },
    /// While this publication was being made, somebody else published a newer one from the same
    /// register. Nothing was replaced.
    #[error(
        "what somebody else published meanwhile, signed at {published}, is newer than what was signed here, and stays"
    )]
    PublicationOvertaken {
        /// When what lies there was signed.
        published: NumericDate,
    },
    /// Roots or a list of another issuer.
    #[error("these are of `{found}`, expected `{expected}`")]
    RootsOfAnother {
        /// Whose they are.
        found: HttpsUrl,
        /// Whose they should be.
        expected: HttpsUrl,
    },
    /// No key may sign now.
    #[error(
        "no {use} key may sign now: it must be in the trust list in force, within its time, and not compromised"
    )]
    NoKey {
        /// What for.
        r#use: &'static str,
    },
    /// The file holds another key than the register says.
    #[error("`{path}` holds key `{found}`, expected `{expected}`")]
    KeyFileOfAnother {
        /// The file.
        path: PathBuf,
        /// The key in it.
        found: KeyId,
        /// The key that belongs there.
        expected: KeyId,
    },
    /// The certificate is invalid for good.
    #[error("certificate `{number}` is withdrawn for good{}", superseded_by.map(|n| format!(", `{n}` took its place")).unwrap_or_default())]
    Withdrawn {
        /// The certificate.
        number: CertificateNumber,
        /// The one that took its place.
        superseded_by: Option<CertificateNumber>,
    },
    /// Fewer witnesses than the trust list demands have cosigned the log, so hospitals would not
    /// believe it. What was published stays.
    #[error("{found} of the witnesses cosigned the log, {threshold} are needed: {}", told(answers))]
    WitnessesMissing {
        /// How many did.
        found: usize,
        /// How many must.
        threshold: u8,
        /// What each of them answered.
        answers: Vec<WitnessAnswer>,
    },
    /// The verifier does not say of a certificate what it should. Nothing was let out.
    #[error("the verifier says `{found}` of certificate `{number}`, so it is not let out")]
    SelfCheck {
        /// The certificate.
        number: CertificateNumber,
        /// What the verifier says.
        found: Code,
    },
    /// A rule of the law or of the register forbids it.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A statement that cannot stand in the register, and why.
    #[error("statement {seq}: {source}")]
    Statement {
        /// Its number.
        seq: u64,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The register was not founded, or its first statement is not signed by one of its founders.
    #[error("the register does not begin with its founding, signed by a founder")]
    NotFounded,
    /// The register was founded by others than the office's settings say.
    #[error(
        "the register begins with the statement {found}, but the office was founded with {expected}"
    )]
    FoundersDiffer {
        /// The hash of the first statement.
        found: Digest,
        /// The hash in `office.json`.
        expected: Digest,
    },
    /// No officer has this key.
    #[error("no officer has the key `{kid}`")]
    OfficerUnknown {
        /// The key.
        kid: KeyId,
    },
    /// The officer's period is over, or has not begun.
    #[error(
        "`{}` may not sign on {on}: {}",
        officer.as_str(),
        match ended_at { Some(at) => format!("the key was ended at {at}"), None => format!("in office from {from} and before {until}") }
    )]
    OfficerNotInOffice {
        /// The officer.
        officer: Officer,
        /// The day.
        on: CivilDate,
        /// The first day in office.
        from: CivilDate,
        /// The first day after it.
        until: CivilDate,
        /// When the key was ended before that.
        ended_at: Option<NumericDate>,
    },
    /// The officer is in office, but not for this.
    #[error("`{}` has the roles `{found}`, expected {needed}", officer.as_str())]
    RoleMissing {
        /// The officer.
        officer: Officer,
        /// The officer's roles.
        found: String,
        /// One of these is needed.
        needed: String,
    },
    /// The statement names another officer than the one whose key signed it.
    #[error("the officer is `{}`, expected `{}`, whose key signed it", found.as_str(), expected.as_str())]
    OfficerName {
        /// The name in the statement.
        found: Officer,
        /// The name of the officer with the key.
        expected: Officer,
    },
    /// Nobody approves what they proposed.
    #[error("statement {seq} was made by `{}` too, expected another officer", officer.as_str())]
    SameOfficer {
        /// The officer.
        officer: Officer,
        /// What was to be approved.
        seq: u64,
    },
    /// It takes two officers: a proposal, and its approval.
    #[error("`{event}` takes two officers, expected a proposal and its approval")]
    NeedsTwo {
        /// The name of the event.
        event: &'static str,
    },
    /// What is said to be approved is not what was proposed.
    #[error("the approval does not belong to statement {seq}: {reason}")]
    ApprovalMismatch {
        /// What it claims to approve.
        seq: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// There is no such proposal.
    #[error("statement {seq} is neither a proposal nor a suspension in an emergency")]
    ProposalUnknown {
        /// The number asked for.
        seq: u64,
    },
    /// A proposal is decided on once.
    #[error("proposal {seq} was decided on before, by statement {by}")]
    ProposalDecided {
        /// The proposal.
        seq: u64,
        /// The statement that approved or rejected it.
        by: u64,
    },
    /// What was proposed long ago may not be what one would propose today.
    #[error("proposal {seq} is {days} days old, at most {limit} are allowed")]
    ProposalTooOld {
        /// The proposal.
        seq: u64,
        /// Its age.
        days: i32,
        /// The limit in `office.json`.
        limit: u16,
    },
    /// The proposal is to end or to extend a reaction, and another one was decided since: the first
    /// officer did not sign about that.
    #[error(
        "proposal {seq} was overtaken by statement {by}, after which it would be about something else"
    )]
    ProposalOvertaken {
        /// The number of the statement with the proposal.
        seq: u64,
        /// The number of the statement that was recorded since.
        by: u64,
    },
    /// A document that the proposal rests on is gone.
    #[error("the document `{name}` is not in the office's folder any more")]
    DocumentMissing {
        /// Its name.
        name: String,
    },
    /// A document that the proposal rests on is not the one that was signed.
    #[error("the document `{name}` is not the one that the proposal was signed with")]
    DocumentChanged {
        /// Its name.
        name: String,
    },
    /// The table of schools, say, is another one than the first officer signed: who looks back must
    /// know by which one it was decided.
    #[error("the office's data is not what proposal {seq} was signed with")]
    OfficeDataChanged {
        /// The number of the statement with the proposal.
        seq: u64,
    },
    /// The certificate is signed when the proposal is approved, which takes the passphrase of its
    /// key.
    #[error("this approval signs a certificate, so it needs the passphrase of the certificate key")]
    CredentialsNeeded,
    /// A statement bears other days than it can.
    #[error(
        "it was decided on {decided_on} and counts from {effective_on} on, expected {expected}"
    )]
    DatesDiffer {
        /// The day of the decision in the statement.
        decided_on: CivilDate,
        /// The first day on which it counts, in the statement.
        effective_on: CivilDate,
        /// What the rules say.
        expected: String,
    },
    /// A certificate is not the one that follows from the register.
    #[error("certificate `{number}` does not follow from the register: {reason}")]
    CertificateDiffers {
        /// The certificate.
        number: CertificateNumber,
        /// What does not fit.
        reason: &'static str,
    },
    /// A published status list does not follow from the register.
    #[error("status list {list} as of {iat} does not follow from the register: {reason}")]
    StatusListDiffers {
        /// The list.
        list: StatusListNumber,
        /// Its `iat`.
        iat: NumericDate,
        /// What does not fit.
        reason: &'static str,
    },
    /// The numbers and slots that were given out are not those in the statements.
    #[error("the table of certificates does not fit the statements: `{number}` {reason}")]
    CertificateTable {
        /// The number in the table or in the statements.
        number: String,
        /// What does not fit.
        reason: &'static str,
    },
    /// The data base holds more statements than follow on each other.
    #[error(
        "the data base holds {found} statements, expected {expected}, which follow on each other"
    )]
    StatementsBeside {
        /// How many there are.
        found: u64,
        /// How many follow on each other.
        expected: u64,
    },
    /// A statement that was there once is gone, or another one stands in its place.
    #[error("statement {seq} has the hash {}, expected {expected}", found.map_or("none: it is missing".to_owned(), |hash| hash.to_string()))]
    StatementReplaced {
        /// Its number.
        seq: u64,
        /// The hash of the statement with that number.
        found: Option<Digest>,
        /// The hash that it had.
        expected: Digest,
    },
    /// A trust list in the office's folder is not the one in the register.
    #[error("trust list {seq} in the office's folder does not fit the register: {reason}")]
    TrustListDiffers {
        /// Its number.
        seq: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// The data base refused.
    #[error("the register's data base refused: {0}")]
    Store(#[source] StoreError),
    /// Somebody else wrote in the register the whole time.
    #[error("somebody else was writing in the register for too long, and nothing was recorded")]
    RegisterBusy,
    /// The server that holds the register did not answer, or not to us.
    #[error("the register's data base cannot be reached: {source}")]
    RegisterUnreachable {
        /// Why not.
        source: StoreError,
    },
    /// The connection to the register was cut, and what was begun on it is void.
    #[error("the connection to the register was cut, and nothing was recorded: {source}")]
    ConnectionLost {
        /// How it ended.
        source: StoreError,
    },
    /// The connection to the register was cut while a decision was being committed, and nobody
    /// could be asked since.
    #[error(
        "the connection to the register was cut while statement {seq} was being recorded, and the register could not be \
         asked since: it may be recorded, or not ({source})"
    )]
    CommitUnknown {
        /// The number of the statement.
        seq: u64,
        /// How it ended.
        source: StoreError,
    },
    /// The connection to the data base was cut while a register was being made there.
    #[error(
        "the connection was cut while the register was being made: it is there, whole, or not at all ({source})"
    )]
    CreateUnknown {
        /// How it ended.
        source: StoreError,
    },
    /// The URL of a register cannot be meant. It is not repeated here, because it may hold a
    /// password.
    #[error("the register's URL cannot be used: {reason}")]
    RegisterUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The password file of PostgreSQL cannot be used.
    #[error("the password file `{path}` cannot be used: {reason}")]
    Passfile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The register is in PostgreSQL, and this program cannot speak with it.
    #[error(
        "the register is in PostgreSQL, and this program was built without it, expected the feature `postgres`"
    )]
    PostgresNotBuilt,
    /// Tables or triggers are missing.
    #[error("the register has no {}: somebody removed it, or a restore did not come to its end", .missing.join(", "))]
    RegisterUnfinished {
        /// Their names.
        missing: Vec<String>,
    },
    /// The register ends before a statement that this machine has seen: it is an old copy.
    #[error(
        "the register ends at statement {found}, and this machine has seen statement {seen}, recorded at {recorded_at}: it \
         is an old copy, and the {} statements since are missing",
        .seen - .found
    )]
    RegisterBehind {
        /// The last statement in the register.
        found: u64,
        /// The last statement seen.
        seen: u64,
        /// When that one was recorded.
        recorded_at: NumericDate,
    },
    /// The register has another statement where this machine has seen one: it is another register,
    /// or one that went on from an old copy.
    #[error(
        "statement {seq} of the register is not the one that this machine has seen, recorded at {recorded_at}"
    )]
    RegisterForked {
        /// The number of the statement.
        seq: u64,
        /// When the one seen was recorded.
        recorded_at: NumericDate,
    },
    /// A copy does not say what the original says.
    #[error("the copy of the register does not hold what the original holds: {what} differ")]
    CopyDiffers {
        /// What differs.
        what: &'static str,
    },
    /// There is no register, or one of a later version.
    #[error("the register has version {found}, this program knows versions 1 to {known}")]
    RegisterVersion {
        /// The version found; 0 where there is no register.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// A register is made where there is nothing yet.
    #[error(
        "there is something already where the register would be made, expected a new file or an empty data base"
    )]
    RegisterExists,
    /// A statement is not the one that was written: the hash chain is broken.
    #[error("statement {seq} of the register is damaged: {reason}")]
    Chain {
        /// The number of the first statement that does not fit.
        seq: u64,
        /// What does not fit.
        reason: &'static str,
    },
    /// No such certificate was ever given out, as far as the register knew at the time asked about.
    #[error("no certificate `{number}` in the register")]
    NotFound {
        /// The number asked for.
        number: CertificateNumber,
    },
    /// No such statement is in the register.
    #[error("no statement {seq} in the register")]
    StatementNotFound {
        /// The number asked for.
        seq: u64,
    },
    /// A QR code names a certificate key by two bytes, so no two of them may share those. Another
    /// key must be made.
    #[error(
        "key `{kid}` cannot be told from `{known}` in a QR code: the first two bytes of their thumbprints are the same"
    )]
    KeyHint {
        /// The key.
        kid: KeyId,
        /// The one that is there.
        known: KeyId,
    },
    /// No such key is in the register.
    #[error("no key `{kid}` in the register")]
    KeyUnknown {
        /// The key asked for.
        kid: KeyId,
    },
    /// A key is added once.
    #[error("key `{kid}` is in the register already")]
    KeyKnown {
        /// The key.
        kid: KeyId,
    },
    /// Certificates and status lists come into the register with the decision that needs them.
    #[error(
        "`{event}` is written by the register itself, expected a decision or an event of a key"
    )]
    NotByHand {
        /// The name of the event.
        event: &'static str,
    },
    /// The clock says an earlier time than the newest record: it was set back, or the record was
    /// made under a wrong clock.
    #[error("the clock says {found}, but {what} is of {known}")]
    ClockBehind {
        /// What the clock says.
        found: NumericDate,
        /// The newest record.
        what: &'static str,
        /// Its time.
        known: NumericDate,
    },
    /// The clock is so far after the newest record that it is probably wrong. What is recorded
    /// under it cannot be taken back.
    #[error(
        "the clock says {found}, but {what} is of {known}, more than {} days before",
        crate::Office::MAX_PAUSE_DAYS
    )]
    ClockAhead {
        /// What the clock says.
        found: NumericDate,
        /// The newest record.
        what: &'static str,
        /// Its time.
        known: NumericDate,
    },
    /// A national identity number where none may be. It is not repeated here, because messages end
    /// up in logs.
    #[error(
        "`{field}` holds a number of 11 digits, expected {expected}: a national identity number may never be entered"
    )]
    NationalIdentityNumber {
        /// The field.
        field: &'static str,
        /// What belongs there.
        expected: &'static str,
    },
    /// A name that the letter cannot show.
    #[error(
        "`{field}` holds `{missing}` (U+{:04X}), for which the font of the letter has no glyph, expected letters and marks that can be printed",
        u32::from(*missing)
    )]
    NameNotPrintable {
        /// The field.
        field: &'static str,
        /// The first letter or mark without a glyph.
        missing: char,
    },
    /// A page could not be written.
    #[cfg(feature = "pdf")]
    #[error(transparent)]
    Letter(#[from] crate::LetterError),
    /// The program was built without what this needs.
    #[error("this program was built without the feature `{feature}`")]
    FeatureMissing {
        /// The cargo feature.
        feature: &'static str,
    },
    /// The verifier does not believe a statement of professional status. Nothing was let out.
    #[error(
        "the verifier says `{found}` of the statement about certificate `{number}`, so it is not let out"
    )]
    StatementSelfCheck {
        /// The certificate.
        number: CertificateNumber,
        /// What the verifier says.
        found: Code,
    },
    /// The verifier says something else of a history than the register. Nothing was let out.
    #[error(
        "the verifier says `{found}` of certificate `{number}` by the history, and the register does not: it is not let out"
    )]
    HistorySelfCheck {
        /// The certificate.
        number: CertificateNumber,
        /// What the verifier says.
        found: PastCode,
    },
    /// A history was to name more certificates than can be recorded.
    #[error(
        "{found} certificates are named, at most {limit} can be; a history of all needs no names"
    )]
    HistoryOfTooMany {
        /// How many are named.
        found: usize,
        /// How many can be.
        limit: usize,
    },
    /// A history was to be written where it would be published.
    #[error("`{path}` lies in a publication, where everybody would have it: a history is for those who are entitled to it", path = path.display())]
    InsidePublication {
        /// Where.
        path: PathBuf,
    },
    /// The signed certificate does not hold the claims that were to be signed.
    #[error(
        "the signed certificate `{number}` does not hold the claims that the register wanted signed"
    )]
    SignedOther {
        /// The certificate.
        number: CertificateNumber,
    },
    /// The random source never gave a free slot; a sound one finds one in two draws, because lists
    /// are at most half full.
    #[error("no free slot found in status list {list}: the random source is broken")]
    NoFreeSlot {
        /// The list.
        list: u8,
    },
}

impl Error {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Common(error) => error.code(),
            Self::KeyFile(error) => error.code(),
            Self::Token(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Destination(error) => error.code(),
            Self::Qr(error) => error.code(),
            Self::Io { .. } => "io",
            Self::NoOffice { .. } => "no_office",
            Self::NoTrustList => "no_trust_list",
            Self::TrustListExpired { .. } => "trust_list_expired",
            Self::TrustListSequence { .. } => "trust_list_sequence",
            Self::TrustListOutdated { .. } => "trust_list_outdated",
            Self::TrustListLog { .. } => "trust_list_log",
            Self::RootsBeforeTrustList => "roots_before_trust_list",
            Self::RegisterBehindPublication { .. } | Self::LogBehindPublication { .. } => {
                "register_behind_publication"
            }
            Self::PublicationOvertaken { .. } => "publication_overtaken",
            Self::RootsOfAnother { .. } => "roots_of_another",
            Self::NoKey { .. } => "no_key",
            Self::KeyFileOfAnother { .. } => "key_file_of_another",
            Self::Withdrawn { .. } => "withdrawn",
            Self::WitnessesMissing { .. } => "witnesses_missing",
            Self::SelfCheck { .. } => "self_check",
            Self::Rule(error) => error.code(),
            Self::Statement { source, .. } | Self::ImportRow { source, .. } => source.code(),
            Self::Import(error) => error.code(),
            Self::KeyInUse { .. } => "key_in_use",
            Self::NothingToReissue { .. } => "nothing_to_reissue",
            Self::InSteps { .. } => "in_steps",
            Self::NotFounded => "not_founded",
            Self::FoundersDiffer { .. } => "founders_differ",
            Self::OfficerUnknown { .. } => "officer_unknown",
            Self::OfficerNotInOffice { .. } => "officer_not_in_office",
            Self::RoleMissing { .. } => "role_missing",
            Self::OfficerName { .. } => "officer_name",
            Self::SameOfficer { .. } => "same_officer",
            Self::NeedsTwo { .. } => "needs_two_officers",
            Self::ApprovalMismatch { .. } => "approval_mismatch",
            Self::ProposalUnknown { .. } => "proposal_unknown",
            Self::ProposalDecided { .. } => "proposal_decided",
            Self::ProposalTooOld { .. } => "proposal_too_old",
            Self::ProposalOvertaken { .. } => "proposal_overtaken",
            Self::DocumentMissing { .. } => "document_missing",
            Self::DocumentChanged { .. } => "document_changed",
            Self::OfficeDataChanged { .. } => "office_data_changed",
            Self::CredentialsNeeded => "credentials_needed",
            Self::DatesDiffer { .. } => "dates_differ",
            Self::CertificateDiffers { .. } => "certificate_differs",
            Self::StatusListDiffers { .. } => "status_list_differs",
            Self::CertificateTable { .. } => "certificate_table",
            Self::StatementsBeside { .. } => "statements_beside",
            Self::StatementReplaced { .. } => "statement_replaced",
            Self::TrustListDiffers { .. } => "trust_list_differs",
            Self::Store(_) => "store",
            Self::RegisterBusy => "register_busy",
            Self::RegisterUnreachable { .. } => "register_unreachable",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::CommitUnknown { .. } => "commit_unknown",
            Self::CreateUnknown { .. } => "create_unknown",
            Self::RegisterUrl { .. } => "register_url",
            Self::Passfile { .. } => "passfile",
            Self::PostgresNotBuilt => "postgres_not_built",
            Self::RegisterUnfinished { .. } => "register_unfinished",
            Self::RegisterBehind { .. } => "register_behind",
            Self::RegisterForked { .. } => "register_forked",
            Self::CopyDiffers { .. } => "copy_differs",
            Self::RegisterVersion { .. } => "register_version",
            Self::RegisterExists => "register_exists",
            Self::Chain { .. } => "chain",
            Self::NotFound { .. } => "not_found",
            Self::StatementNotFound { .. } => "statement_not_found",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::KeyHint { .. } => "key_hint",
            Self::KeyKnown { .. } => "key_known",
            Self::NotByHand { .. } => "not_by_hand",
            Self::ClockBehind { .. } => "clock_behind",
            Self::ClockAhead { .. } => "clock_ahead",
            Self::NationalIdentityNumber { .. } => "national_identity_number",
            Self::NameNotPrintable { .. } => "name_not_printable",
            #[cfg(feature = "pdf")]
            Self::Letter(error) => error.code(),
            Self::FeatureMissing { .. } => "feature_missing",
            Self::StatementSelfCheck { .. } | Self::HistorySelfCheck { .. } => "self_check",
            Self::HistoryOfTooMany { .. } => "history_of_too_many",
            Self::InsidePublication { .. } => "inside_publication",
            Self::SignedOther { .. } => "signed_other",
            Self::NoFreeSlot { .. } => "no_free_slot",
        }
    }
}

impl Error {
    /// The same, with the number of the statement that it is about.
    pub(crate) fn of_statement(self, seq: u64) -> Self {
        match self {
            // These say it themselves.
            named @ (Self::Statement { .. } | Self::Chain { .. }) => named,
            source => Self::Statement { seq, source: Box::new(source) },
        }
    }
}

/// What a data base said, in its own words.
#[derive(Debug)]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    pub(crate) fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// The error and its causes: PostgreSQL's client says the reason only in the last of them.
impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut shown = self.0.to_string();
        let causes = std::iter::successors(self.0.source(), |cause| cause.source());
        for cause in causes.map(ToString::to_string) {
            if !shown.contains(&cause) {
                write!(f, ": {cause}")?;
                shown = cause;
            }
        }
        Ok(())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// A field whose content does not have the form of its type, quoted to at most 80 characters.
pub(crate) fn field(field: &'static str, found: &str, expected: &'static str) -> Error {
    let found = found.chars().take(80).flat_map(char::escape_debug).collect();
    Error::Common(vernet_common::Error::FieldInvalid { field, found, expected })
}

/// Who answered what.
fn told(answers: &[WitnessAnswer]) -> String {
    let one = |WitnessAnswer { name, trouble, .. }: &WitnessAnswer| match trouble {
        Some(trouble) => {
            format!("`{name}`: {}{trouble}", if trouble.is_alarm() { "ALARM: " } else { "" })
        }
        None => format!("`{name}` cosigned"),
    };
    answers.iter().map(one).collect::<Vec<_>>().join("; ")
}
