//! What can go wrong in the register.

use std::{fmt, path::PathBuf};

use vernet_common::{
    CertificateNumber, CivilDate, HttpsUrl, KeyId, NumericDate, StatusListNumber, error_enum,
};
#[cfg(feature = "storage")]
use vernet_host::FileError;

use crate::{rule::RuleError, statements::digest::Digest};

error_enum! {
    /// What can go wrong in the register.
    ///
    /// [`Error::code`] is the stable name that programs may match on; the text says what was found
    /// and what was expected. The command line says what to do about it, because it knows what the
    /// officer was doing.
    #[derive(Debug, thiserror::Error)]
    pub enum Error {
        /// A value, a document or a signature is not what both sides agreed on.
        #[error(transparent)]
        Common: _ (#[from] vernet_common::Error),
        /// A file or a folder was not written.
        #[error(transparent)]
        File: _ if "storage" (#[from] FileError),
        /// A row of a table is wrong, in an import that takes all rows or none. Rows granted in
        /// earlier steps stay granted.
        #[error("line {line}: {source}")]
        ImportRow: _ {
            /// The line.
            line: u64,
            /// What is wrong with it.
            source: Box<Error>,
        },
        /// A proposal about many is carried out in steps.
        #[error("proposal {seq} is about many certificates, expected that it is carried out in steps")]
        TakesSteps: "in_steps" {
            /// The proposal.
            seq: u64,
        },
        /// A file with titles cannot be read.
        #[error("the titles cannot be read: {reason}")]
        TitlesUnreadable: "titles_unreadable" {
            /// Where and why.
            reason: String,
        },
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
        /// A rule of the law or of the register forbids it.
        #[error(transparent)]
        Rule: _ (#[from] RuleError),
        /// A statement in the register is invalid, and why.
        #[error("statement {seq}: {source}")]
        Statement: _ {
            /// Its number.
            seq: u64,
            /// What is wrong with it.
            source: Box<Error>,
        },
        /// The register was not founded, or its first statement is not signed by one of its
        /// founders.
        #[error("the register does not begin with its founding, signed by a founder")]
        NotFounded: "not_founded",
        /// No officer has this key.
        #[error("no officer has the key `{kid}`")]
        OfficerUnknown: "officer_unknown" {
            /// The key.
            kid: KeyId,
        },
        /// No officer has this name, and no key has this id.
        #[error("no officer is called `{found}`, and no officer's key either")]
        OfficerUnnamed: "officer_unknown" {
            /// What was asked for.
            found: String,
        },
        /// What an authenticator signed with a passkey does not stand for this statement, or not by
        /// this person.
        #[error("the assertion of the passkey `{kid}` does not count: {reason}")]
        AssertionInvalid: "assertion_invalid" {
            /// The key.
            kid: KeyId,
            /// Why not.
            reason: &'static str,
        },
        /// The officer signs elsewhere: nothing was recorded, and what is to be signed is known.
        #[error("nothing was recorded: the officer is still to sign")]
        SignatureAwaited: "signature_awaited",
        /// What was signed is not what would be recorded now.
        #[error("what was signed is not what statement {seq} would be now: something was recorded since")]
        PreparedOvertaken: "prepared_overtaken" {
            /// The number of the statement.
            seq: u64,
        },
        /// The officer's period is over, or has not begun.
        #[error(
            "`{officer}` may not sign on {on}: {}",
            match ended_at { Some(at) => format!("the key was ended at {at}"), None => format!("in office from {from} and before {until}") }
        )]
        OfficerNotInOffice: "officer_not_in_office" {
            /// The officer.
            officer: String,
            /// The day.
            on: CivilDate,
            /// The first day in office.
            from: CivilDate,
            /// The first day after it.
            until: CivilDate,
            /// When the key was ended before that.
            ended_at: Option<NumericDate>,
        },
        /// The officer is in office, but without a role for this.
        #[error("`{officer}` has the roles `{found}`, expected {needed}")]
        RoleMissing: "role_missing" {
            /// The officer.
            officer: String,
            /// The officer's roles.
            found: String,
            /// One of these is needed.
            needed: String,
        },
        /// The statement names another officer than the one whose key signed it.
        #[error("the officer is `{found}`, expected `{expected}`, whose key signed it")]
        OfficerName: "officer_name" {
            /// The name in the statement.
            found: String,
            /// The name of the officer with the key.
            expected: String,
        },
        /// Nobody may approve their own proposal.
        #[error("statement {seq} was made by `{officer}` too, expected another officer")]
        SameOfficer: "same_officer" {
            /// The officer.
            officer: String,
            /// What was to be approved.
            seq: u64,
        },
        /// The register pins no root keys, so nobody can appoint officers but administrators.
        #[error("the register pins no root keys, expected those that may appoint officers")]
        RootsNotPinned: "roots_not_pinned",
        /// The roots appointed the officers of another issuer.
        #[error("the appointment is for `{found}`, expected `{expected}`")]
        AppointmentOfAnother: "appointment_of_another" {
            /// Whose officers they are.
            found: HttpsUrl,
            /// Whose they should be.
            expected: HttpsUrl,
        },
        /// The appointment names a statement that this register does not have.
        #[error(
            "the appointment was drafted after another statement {seq} than that of this register: it is for another register, or for one that this is an old copy of"
        )]
        AppointmentElsewhere: "appointment_elsewhere" {
            /// The number of the statement that it names.
            seq: u64,
        },
        /// Officers were enrolled or appointed after the appointment was drafted, or a key ended to
        /// which it gives an office. An appointment that was recorded is overtaken by itself.
        #[error(
            "the appointment was overtaken by statement {by}, which changed the officers after it was drafted"
        )]
        AppointmentOvertaken: "appointment_overtaken" {
            /// The number of the statement.
            by: u64,
        },
        /// The appointment was drafted so long ago that the roots may not mean it any more.
        #[error("the appointment was drafted {days} days ago, at most {limit} are allowed")]
        AppointmentTooOld: "appointment_too_old" {
            /// Its age.
            days: i32,
            /// The limit.
            limit: i32,
        },
        /// An appointment is recorded by one of those whom it brings into office that day.
        #[error("the key `{kid}` is of nobody whom the appointment brings into office today")]
        NotAppointed: "not_appointed" {
            /// The key that was to sign.
            kid: KeyId,
        },
        /// The trust list in a statement, which the register follows to new roots, is not the one
        /// that the statement is about.
        #[error("the trust list in the statement about list {seq} is another one: {reason}")]
        TrustListMismatch: "trust_list_mismatch" {
            /// The number in the statement.
            seq: u64,
            /// What does not fit.
            reason: &'static str,
        },
        /// It takes two officers: a proposal, and its approval.
        #[error("`{event}` takes two officers, expected a proposal and its approval")]
        NeedsTwo: "needs_two_officers" {
            /// The name of the event.
            event: &'static str,
        },
        /// The approved statement is not what was proposed.
        #[error("the approval does not belong to statement {seq}: {reason}")]
        ApprovalMismatch: "approval_mismatch" {
            /// What it claims to approve.
            seq: u64,
            /// What does not fit.
            reason: &'static str,
        },
        /// There is no such proposal.
        #[error("statement {seq} is neither a proposal nor a suspension in an emergency")]
        ProposalUnknown: "proposal_unknown" {
            /// The number asked for.
            seq: u64,
        },
        /// A proposal can be decided on only once.
        #[error("proposal {seq} was decided on before, by statement {by}")]
        ProposalDecided: "proposal_decided" {
            /// The proposal.
            seq: u64,
            /// The statement that approved or rejected it.
            by: u64,
        },
        /// The proposal is too old: the officer might not propose the same today.
        #[error("proposal {seq} is {days} days old, at most {limit} are allowed")]
        ProposalTooOld: "proposal_too_old" {
            /// The proposal.
            seq: u64,
            /// Its age.
            days: i32,
            /// The limit in `office.json`.
            limit: u16,
        },
        /// The proposal is to end or to extend a reaction, and another one was decided since: the
        /// first officer did not sign about that.
        #[error(
            "proposal {seq} was overtaken by statement {by}, after which it would be about something else"
        )]
        ProposalOvertaken: "proposal_overtaken" {
            /// The number of the statement with the proposal.
            seq: u64,
            /// The number of the statement that was recorded since.
            by: u64,
        },
        /// A document that the proposal rests on is gone.
        #[error("the document `{name}` is not in the office's folder any more")]
        DocumentMissing: "document_missing" {
            /// Its name.
            name: String,
        },
        /// A document that the proposal rests on is not the one that was signed.
        #[error("the document `{name}` is not the one that the proposal was signed with")]
        DocumentChanged: "document_changed" {
            /// Its name.
            name: String,
        },
        /// A statement has days that the rules do not allow.
        #[error(
            "it was decided on {decided_on} and counts from {effective_on} on, expected {expected}"
        )]
        DatesDiffer: "dates_differ" {
            /// The day of the decision in the statement.
            decided_on: CivilDate,
            /// The first day on which it counts, in the statement.
            effective_on: CivilDate,
            /// What the rules say.
            expected: String,
        },
        /// A certificate is not the one that follows from the register.
        #[error("certificate `{number}` does not follow from the register: {reason}")]
        CertificateDiffers: "certificate_differs" {
            /// The certificate.
            number: CertificateNumber,
            /// What does not fit.
            reason: &'static str,
        },
        /// A published status list does not follow from the register.
        #[error("status list {list} as of {iat} does not follow from the register: {reason}")]
        StatusListDiffers: "status_list_differs" {
            /// The list.
            list: StatusListNumber,
            /// Its `iat`.
            iat: NumericDate,
            /// What does not fit.
            reason: &'static str,
        },
        /// A publication holds nothing that was lost.
        #[error("this register knows all that the publication says: nothing of it is lost")]
        NothingLost: "nothing_lost",
        /// The issued logs of the register and of the publication contradict each other.
        #[error(
            "the issued log of this register, with {found} certificates, and the published one, with {published}, are not the \
             beginning of one another: certificates were issued from the backup that are not in the published log, or it \
             is that of another office"
        )]
        RestoreForked: "restore_forked" {
            /// How many certificates the register has.
            found: u64,
            /// How many the published log has.
            published: u64,
        },
        /// A certificate was not lost.
        #[error("it is none of the certificates that were lost with the register{}",
            known.map_or_else(String::new, |number| format!(": it is `{number}`, which the register has")))]
        CertificateNotLost: "certificate_not_lost" {
            /// Its number, if the register has it.
            known: Option<CertificateNumber>,
        },
        /// A certificate that was lost is invalid already.
        #[error("hospitals are told already that it is invalid")]
        LostRevokedBefore: "lost_revoked_before",
        /// More was lost than one statement holds.
        #[error("{found} {what} were lost, at most {limit} can be taken back")]
        RestoreTooLarge: "restore_too_large" {
            /// Of what.
            what: &'static str,
            /// How many.
            found: usize,
            /// The most.
            limit: usize,
        },
        /// Nothing is issued or published while a restore waits for its second officer: the issued
        /// log would go on without what was lost.
        #[error(
            "proposal {seq} takes back what was lost: nothing is issued or published before it is approved or rejected"
        )]
        RestorePending: "restore_pending" {
            /// The proposal.
            seq: u64,
        },
        /// The table of numbers and slots does not match the statements.
        #[error("the table of certificates does not fit the statements: `{number}` {reason}")]
        CertificateTable: "certificate_table" {
            /// The number in the table or in the statements.
            number: String,
            /// What does not fit.
            reason: &'static str,
        },
        /// The database holds statements outside the chain.
        #[error(
            "the data base holds {found} statements, expected {expected}, which follow on each other"
        )]
        StrayStatements: "statements_beside" {
            /// How many there are.
            found: u64,
            /// How many the chain holds.
            expected: u64,
        },
        /// A statement that was there once is missing, or has been replaced by another one.
        #[error("statement {seq} has the hash {}, expected {expected}", found.map_or("none: it is missing".to_owned(), |hash| hash.to_string()))]
        StatementReplaced: "statement_replaced" {
            /// Its number.
            seq: u64,
            /// The hash of the statement with that number.
            found: Option<Digest>,
            /// The hash that it had.
            expected: Digest,
        },
        /// The database returned an error.
        #[error("the register's data base refused: {0}")]
        Store: "store" (#[source] StoreError),
        /// Another writer held the register's lock for too long.
        #[error("somebody else was writing in the register for too long, and nothing was recorded")]
        RegisterBusy: "register_busy",
        /// The register can only be read: a copy without the right to write, a disk that is mounted
        /// for reading, a standby server.
        #[error("the register can only be read from here, and nothing was recorded")]
        RegisterReadOnly: "register_read_only",
        /// The data base does not let its user do this.
        #[error("the data base does not let this user do that, and nothing was recorded: {source}")]
        RegisterDenied: "register_denied" {
            /// What was refused.
            source: StoreError,
        },
        /// There is no room for a statement.
        #[error("the disk of the register is full, and nothing was recorded")]
        DiskFull: "disk_full",
        /// The server that holds the register did not answer, or refused the connection.
        #[error("the register's data base cannot be reached: {source}")]
        RegisterUnreachable: "register_unreachable" {
            /// Why not.
            source: StoreError,
        },
        /// The connection to the register was cut, and its transaction was rolled back.
        #[error("the connection to the register was cut, and nothing was recorded: {source}")]
        ConnectionLost: "connection_lost" {
            /// How it ended.
            source: StoreError,
        },
        /// The connection to the register was cut while a decision was being committed, and the
        /// register could not be reached since.
        #[error(
            "the connection to the register was cut while statement {seq} was being recorded, and the register could not be \
             asked since: it may be recorded, or not ({source})"
        )]
        CommitUnknown: "commit_unknown" {
            /// The number of the statement.
            seq: u64,
            /// How it ended.
            source: StoreError,
        },
        /// The connection to the database was cut while a register was being created there.
        #[error(
            "the connection was cut while the register was being made: it is there, whole, or not at all ({source})"
        )]
        CreateUnknown: "create_unknown" {
            /// How it ended.
            source: StoreError,
        },
        /// The URL of a register cannot be used. It is not repeated here, because it may hold a
        /// password.
        #[error("the register's URL cannot be used: {reason}")]
        RegisterUrl: "register_url" {
            /// What is wrong with it.
            reason: String,
        },
        /// The password file of PostgreSQL cannot be used.
        #[error("the password file `{path}` cannot be used: {reason}")]
        Passfile: "passfile" {
            /// The file.
            path: PathBuf,
            /// What is wrong with it.
            reason: String,
        },
        /// The register is in PostgreSQL, and this program was built without support for it.
        #[error(
            "the register is in PostgreSQL, and this program was built without it, expected the feature `postgres`"
        )]
        PostgresNotBuilt: "postgres_not_built",
        /// Tables or triggers are missing.
        #[error("the register has no {}: somebody removed it, or a restore did not come to its end", .missing.join(", "))]
        RegisterUnfinished: "register_unfinished" {
            /// Their names.
            missing: Vec<String>,
        },
        /// The register ends before a statement that this machine has seen: it is an old copy.
        #[error(
            "the register ends at statement {found}, and this machine has seen statement {seen}, recorded at {recorded_at}: it \
             is an old copy, and the {} statements since are missing",
            .seen - .found
        )]
        RegisterBehind: "register_behind" {
            /// The last statement in the register.
            found: u64,
            /// The last statement seen.
            seen: u64,
            /// When that one was recorded.
            recorded_at: NumericDate,
        },
        /// The register holds another statement than this machine has seen: it is another register,
        /// or one that was continued from an old copy.
        #[error(
            "statement {seq} of the register is not the one that this machine has seen, recorded at {recorded_at}"
        )]
        RegisterForked: "register_forked" {
            /// The number of the statement.
            seq: u64,
            /// When the one seen was recorded.
            recorded_at: NumericDate,
        },
        /// A copy does not hold what the original holds.
        #[error("the copy of the register does not hold what the original holds: {what} differ")]
        CopyDiffers: "copy_differs" {
            /// What differs.
            what: &'static str,
        },
        /// There is no register, or one of a later version.
        #[error("the register has version {found}, this program knows versions 1 to {known}")]
        RegisterVersion: "register_version" {
            /// The version found; 0 where there is no register.
            found: u32,
            /// The newest version known.
            known: u32,
        },
        /// There is something already where the register would be created.
        #[error(
            "there is something already where the register would be made, expected a new file or an empty data base"
        )]
        RegisterExists: "register_exists",
        /// The hash chain is broken: a statement is not the one that was written.
        #[error("statement {seq} of the register is damaged: {reason}")]
        Chain: "chain" {
            /// The number of the first statement that does not fit.
            seq: u64,
            /// What does not fit.
            reason: &'static str,
        },
        /// The register knew of no such certificate at the time asked about.
        #[error("no certificate `{number}` in the register")]
        NotFound: "not_found" {
            /// The number asked for.
            number: CertificateNumber,
        },
        /// No such statement is in the register.
        #[error("no statement {seq} in the register")]
        StatementNotFound: "statement_not_found" {
            /// The number asked for.
            seq: u64,
        },
        /// No such key is in the register.
        #[error("no key `{kid}` in the register")]
        KeyUnknown: "key_unknown" {
            /// The key asked for.
            kid: KeyId,
        },
        /// The key is in the register already.
        #[error("key `{kid}` is in the register already")]
        KeyKnown: "key_known" {
            /// The key.
            kid: KeyId,
        },
        /// The register itself writes this event, with the decision that needs it.
        #[error(
            "`{event}` is written by the register itself, expected a decision or an event of a key"
        )]
        NotByHand: "not_by_hand" {
            /// The name of the event.
            event: &'static str,
        },
        /// No alert of another state has this reference.
        #[error("no alert `{id}` of another state is kept")]
        IncomingAlertUnknown: "incoming_alert_unknown" {
            /// The reference asked for.
            id: String,
        },
        /// An alert of another state was changed in the database, and can no longer be read.
        #[error("the alert `{id}` of another state cannot be read: {source}")]
        IncomingAlert: _ {
            /// Its reference.
            id: String,
            /// What is wrong with it.
            source: Box<Error>,
        },
        /// The clock shows an earlier time than the newest record: it was set back, or was wrong
        /// when the record was made.
        #[error("the clock says {found}, but {what} is of {known}")]
        ClockBehind: "clock_behind" {
            /// What the clock says.
            found: NumericDate,
            /// The newest record.
            what: &'static str,
            /// Its time.
            known: NumericDate,
        },
        /// A national identity number where none may be. It is not repeated here, because messages
        /// end up in logs.
        #[error(
            "`{field}` holds a number of 11 digits, expected {expected}: a national identity number may never be entered"
        )]
        NationalIdentityNumber: "national_identity_number" {
            /// The field.
            field: &'static str,
            /// What belongs there.
            expected: &'static str,
        },
        /// The font of the letter cannot show a name.
        #[error(
            "`{field}` holds `{missing}` (U+{:04X}), for which the font of the letter has no glyph, expected letters and marks that can be printed",
            u32::from(*missing)
        )]
        NameNotPrintable: "name_not_printable" {
            /// The field.
            field: &'static str,
            /// The first letter or mark without a glyph.
            missing: char,
        },
        /// The signed certificate does not hold the claims that were to be signed.
        #[error(
            "the signed certificate `{number}` does not hold the claims that the register wanted signed"
        )]
        SignedOther: "signed_other" {
            /// The certificate.
            number: CertificateNumber,
        },
        /// The random source gave no free slot. A sound one finds one in two draws on average,
        /// because lists are at most half full.
        #[error("no free slot found in status list {list}: the random source is broken")]
        NoFreeSlot: "no_free_slot" {
            /// The list.
            list: u8,
        },
    }
}

impl Error {
    /// Whether there was no room on a disk.
    #[cfg(feature = "storage")]
    pub(crate) fn is_of_full_disk(&self) -> bool {
        matches!(self, Self::DiskFull | Self::File(FileError::Full { .. }))
    }

    /// The same error, with the number of the statement that it is about.
    pub fn of_statement(self, seq: u64) -> Self {
        match self {
            // These hold the number already.
            named @ (Self::Statement { .. } | Self::Chain { .. }) => named,
            source => Self::Statement { seq, source: Box::new(source) },
        }
    }
}

/// An error of a database.
#[derive(Debug)]
pub struct StoreError(Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    #[cfg(feature = "storage")]
    pub(crate) fn new(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// Shows the error and its causes: PostgreSQL's client gives the reason only in the last of them.
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
