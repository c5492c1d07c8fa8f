use alloc::{string::String, sync::Arc};

/// What can be wrong with bytes that somebody hands to us.
///
/// One enum for the crate: the variants carry data, [`Error::code`] is the stable name that
/// programs may match on, and the `Display` text says what was found and what was expected. What to
/// do about it is the caller's business, because only the caller knows where the bytes came from.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A single value does not have the form of its type.
    #[error("`{field}` is `{found}`, expected {expected}")]
    FieldInvalid {
        /// The field's name, as it stands in the JSON.
        field: &'static str,
        /// What was found, shortened to 80 characters.
        found: String,
        /// The form that is expected.
        expected: &'static str,
    },
    /// Two values contradict each other.
    #[error("{what}")]
    Inconsistent {
        /// The contradiction, in words.
        what: &'static str,
    },
    /// The input is larger than its kind may be. Checked before any work is done on it.
    #[error("{what} has {found} bytes, at most {limit} are allowed")]
    TooLarge {
        /// The kind of input.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The largest size allowed.
        limit: usize,
    },
    /// The bytes are not JSON of the expected shape.
    #[error("{what} is not the expected JSON: {source}")]
    Json {
        /// The kind of document.
        what: &'static str,
        /// Where and why the parser stopped.
        source: Arc<serde_json::Error>,
    },
    /// The JSON is not in the canonical form of RFC 8785, or has members that do not belong there.
    #[error(
        "{what} is not in canonical form (RFC 8785), or has members or values of another form than expected"
    )]
    NotCanonical {
        /// The kind of document.
        what: &'static str,
    },
    /// The text is not unpadded base64url (RFC 7515 section 2) in its only canonical spelling.
    #[error("{what} is not canonical unpadded base64url")]
    NotBase64url {
        /// The part that failed.
        what: &'static str,
    },
    /// A compact JWS has three parts (RFC 7515 section 3.1).
    #[error("a compact JWS has 3 parts separated by `.`, found {found}")]
    JwsParts {
        /// The number of parts found.
        found: usize,
    },
    /// The header names another algorithm.
    #[error("header `alg` is `{found}`, expected `EdDSA` or `Ed25519`")]
    AlgorithmUnsupported {
        /// The algorithm named.
        found: String,
    },
    /// The header names another type of token, for instance a status list where a certificate is
    /// expected.
    #[error("header `typ` is `{found}`, expected `{expected}`")]
    WrongType {
        /// The type named.
        found: String,
        /// The type expected.
        expected: &'static str,
    },
    /// The public key is not a point of the curve, or one of small order.
    #[error("the public key is not an acceptable Ed25519 key: {reason}")]
    KeyInvalid {
        /// Why.
        reason: &'static str,
    },
    /// No key with that id is known.
    #[error("no key `{kid}` in the trust list")]
    KeyUnknown {
        /// The key id, or the start of it.
        kid: String,
    },
    /// The key is known, but not for this use.
    #[error("key `{kid}` is for `{found}`, not for `{expected}`")]
    KeyUse {
        /// The key id.
        kid: String,
        /// What it is for.
        found: &'static str,
        /// What it was used for.
        expected: &'static str,
    },
    /// The key signed at a time for which the trust list does not list it.
    #[error("key `{kid}` was not valid at {at}")]
    KeyNotValidAt {
        /// The key id.
        kid: String,
        /// The time of signing.
        at: crate::NumericDate,
    },
    /// The key was stolen, or may have been.
    #[error("key `{kid}` is compromised since {since}")]
    KeyCompromised {
        /// The key id.
        kid: String,
        /// Since when.
        since: crate::NumericDate,
    },
    /// The signature does not hold (RFC 8032, strict).
    #[error("the signature does not hold under key `{kid}`")]
    SignatureInvalid {
        /// The key id.
        kid: String,
    },
    /// There is no signature: what holds the key did not sign. The code is that of its own error.
    #[error(transparent)]
    Signer(#[from] crate::SignerError),
    /// Fewer root keys than the threshold signed the trust list.
    #[error("{found} of the pinned root keys signed the trust list, {threshold} are needed")]
    ThresholdNotReached {
        /// Number of distinct root keys whose signature holds.
        found: usize,
        /// Number needed.
        threshold: u8,
    },
    /// The trust list is another issuer's than the one whose roots were pinned.
    #[error("the trust list is of `{found}`, expected `{expected}`")]
    TrustListIssuer {
        /// Whose it is.
        found: String,
        /// Whose roots were pinned.
        expected: String,
    },
    /// The trust list is older than one that was seen before.
    #[error("the trust list has `seq` {found}, expected at least {known}, which is known already")]
    TrustListRolledBack {
        /// The number found.
        found: u64,
        /// The number remembered, or pinned with the roots.
        known: u64,
    },
    /// A status list or a history was signed under a newer trust list than the one at hand:
    /// somebody held the newer one back.
    #[error("the signed list goes with trust list {expected}, but the newest at hand is {found}")]
    TrustListOutdated {
        /// The number at hand.
        found: u64,
        /// The number that it names.
        expected: u64,
    },
    /// Two different trust lists bear the same number: somebody with root keys shows different
    /// lists to different readers.
    #[error("two different trust lists with `seq` {seq} exist")]
    TrustListForked {
        /// The number.
        seq: u64,
    },
    /// A QR profile changed its meaning. Profiles are immutable: printed codes depend on them.
    #[error("QR profile {id} differs from the one known before")]
    ProfileChanged {
        /// The profile's number.
        id: u8,
    },
    /// The status list is older than one that was seen before.
    #[error("the status list `{uri}` is of {found}, a newer one of {known} was seen before")]
    StatusListRolledBack {
        /// The list.
        uri: String,
        /// The `iat` found.
        found: crate::NumericDate,
        /// The `iat` remembered.
        known: crate::NumericDate,
    },
    /// The status list is another one than asked for: `sub` must equal the URI (Token Status List
    /// section 8.3).
    #[error("the status list is for `{found}`, expected `{expected}`")]
    StatusListSubject {
        /// Its `sub`.
        found: String,
        /// The URI asked for.
        expected: String,
    },
    /// The number of bits per status is not one that the list may have.
    #[error("the status list has {found} bits per status, expected {expected}")]
    StatusListBits {
        /// Bits found.
        found: u8,
        /// Bits allowed.
        expected: &'static str,
    },
    /// The compressed list is not exactly one zlib stream.
    #[error("the status list is not exactly one zlib stream")]
    StatusListCompression,
    /// The list inflates to more than the cap.
    #[error("the status list inflates to more than {limit} bytes")]
    StatusListInflates {
        /// The cap.
        limit: usize,
    },
    /// The list has another number of slots than agreed: a list cut short would hide revocations.
    #[error("the status list inflates to {found} bytes, expected {expected}")]
    StatusListSize {
        /// Bytes found.
        found: usize,
        /// Bytes expected.
        expected: usize,
    },
    /// The index lies outside the list (Token Status List section 8.3).
    #[error("status index {index} is outside the list of {size} slots")]
    StatusIndexOutOfRange {
        /// The index asked for.
        index: u32,
        /// The number of slots.
        size: u32,
    },
    /// The lines of a history are not those that were signed.
    #[error(
        "the lines of the history are not those that were signed: it is damaged, cut short or changed"
    )]
    HistoryContent,
    /// The history is another issuer's than the trust list.
    #[error("the history is of `{found}`, expected `{expected}`")]
    HistoryIssuer {
        /// Whose it is.
        found: String,
        /// Whose trust list it is judged by.
        expected: String,
    },
    /// The checkpoint of the issued log is not a signed note of the agreed form.
    #[error("the checkpoint is not of the expected form: {reason}")]
    CheckpointInvalid {
        /// Why.
        reason: &'static str,
    },
    /// The checkpoint is another log's.
    #[error("the checkpoint is of the log `{found}`, expected `{expected}`")]
    CheckpointOrigin {
        /// Whose it is.
        found: String,
        /// The log of the issuer.
        expected: String,
    },
    /// No key of the log that counts signed the checkpoint.
    #[error("no `log` key that counts signed the checkpoint")]
    CheckpointUnsigned,
    /// The log is not the one that the status list names: the two are of different publications, or
    /// one of them is somebody else's.
    #[error(
        "the status list names a log of {expected} certificates with another root or size than the log at hand, of {found}"
    )]
    LogMismatch {
        /// The size of the log.
        found: u64,
        /// The size that the status list names.
        expected: u64,
    },
    /// No status list that can be used names the log, so nobody knows of when it is.
    #[error("no status list that can be used names this log of {size} certificates")]
    LogUnnamed {
        /// The size of the log.
        size: u64,
    },
    /// The leaves of the log are not at hand. A bundle does not hold those of a large log.
    #[error("the leaves of the log are not at hand, expected {size} of them")]
    LogLeavesMissing {
        /// How many there are.
        size: u64,
    },
    /// The leaves do not give the root that was signed.
    #[error("the leaves of the log do not give the root that was signed")]
    LogRoot,
    /// The log ends before the point up to which the root keys have vouched for it, or which was
    /// seen before.
    #[error(
        "the log holds {found} certificates, and {expected} are vouched for by the trust list or were seen before: these lists are old"
    )]
    LogOutdated {
        /// The size of the log.
        found: u64,
        /// The size in the trust list, or of the log that was seen.
        expected: u64,
    },
    /// The office signed two logs that contradict each other: somebody who holds its keys shows
    /// different logs to different readers.
    #[error(
        "the log of {found} certificates does not continue the one of {known} that was seen before or is vouched for: two logs exist"
    )]
    LogForked {
        /// The size of the log that was offered.
        found: u64,
        /// The size of the log that it contradicts.
        known: u64,
    },
    /// The office signed a log that lacks certificates which an earlier one had.
    #[error(
        "the log has {found} certificates, but had {known} before: somebody took certificates out of it"
    )]
    LogShrunk {
        /// The size of the log under the later list.
        found: u64,
        /// The size of the log under the earlier list.
        known: u64,
    },
    /// What a witness was asked has another form than C2SP tlog-witness gives it.
    #[error("the request to a witness is malformed: {reason}")]
    AddCheckpointInvalid {
        /// What is wrong.
        reason: &'static str,
    },
    /// Fewer witnesses than the trust list demands cosigned the checkpoint.
    #[error("{found} of the witnesses cosigned the checkpoint, {threshold} are needed")]
    WitnessesMissing {
        /// Those whose cosignature holds.
        found: usize,
        /// Those needed.
        threshold: u8,
    },
    /// A proof about the log does not hold.
    #[error("the proof does not show {what}")]
    LogProof {
        /// What it was to show.
        what: &'static str,
    },
    /// The file of a tile has another size than the tile.
    #[error("the tile `{path}` has {found} bytes, expected {expected}")]
    LogTile {
        /// Its path below the log's URL.
        path: String,
        /// Its size.
        found: usize,
        /// The size expected.
        expected: usize,
    },
    /// The text after `#` is not a QR payload.
    #[error("the QR payload is not valid: {reason}")]
    QrPayload {
        /// Why.
        reason: &'static str,
    },
    /// The payload has a format that this version does not know.
    #[error("QR payload format {found} is unknown, expected 1 or 2")]
    QrFormat {
        /// The format byte.
        found: u8,
    },
    /// The payload refers to a profile that the trust list does not hold.
    #[error("QR profile {found} is not in the trust list")]
    QrProfileUnknown {
        /// The profile's number.
        found: u8,
    },
    /// The claims cannot be written with the template, so format 2 must be used.
    #[error("`{field}` does not fit the QR template")]
    TemplateMisfit {
        /// The field.
        field: &'static str,
    },
}

impl Error {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldInvalid { .. } => "field_invalid",
            Self::Inconsistent { .. } => "inconsistent",
            Self::TooLarge { .. } => "too_large",
            Self::Json { .. } => "not_json",
            Self::NotCanonical { .. } => "not_canonical",
            Self::NotBase64url { .. } => "not_base64url",
            Self::JwsParts { .. } => "jws_parts",
            Self::AlgorithmUnsupported { .. } => "algorithm_unsupported",
            Self::WrongType { .. } => "wrong_type",
            Self::KeyInvalid { .. } => "key_invalid",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::KeyUse { .. } => "key_use",
            Self::KeyNotValidAt { .. } => "key_not_valid_at",
            Self::KeyCompromised { .. } => "key_compromised",
            Self::SignatureInvalid { .. } => "signature_invalid",
            Self::Signer(error) => error.code(),
            Self::ThresholdNotReached { .. } => "threshold_not_reached",
            Self::TrustListIssuer { .. } => "trust_list_issuer",
            Self::TrustListRolledBack { .. } => "trust_list_rolled_back",
            Self::TrustListOutdated { .. } => "trust_list_outdated",
            Self::TrustListForked { .. } => "trust_list_forked",
            Self::ProfileChanged { .. } => "profile_changed",
            Self::StatusListRolledBack { .. } => "status_list_rolled_back",
            Self::StatusListSubject { .. } => "status_list_subject",
            Self::StatusListBits { .. } => "status_list_bits",
            Self::StatusListCompression => "status_list_compression",
            Self::StatusListInflates { .. } => "status_list_inflates",
            Self::StatusListSize { .. } => "status_list_size",
            Self::StatusIndexOutOfRange { .. } => "status_index_out_of_range",
            Self::HistoryIssuer { .. } => "history_issuer",
            Self::HistoryContent => "history_content",
            Self::CheckpointInvalid { .. } => "checkpoint_invalid",
            Self::CheckpointOrigin { .. } => "checkpoint_origin",
            Self::CheckpointUnsigned => "checkpoint_unsigned",
            Self::LogMismatch { .. } => "log_mismatch",
            Self::LogUnnamed { .. } => "log_unnamed",
            Self::LogLeavesMissing { .. } => "log_leaves_missing",
            Self::LogRoot => "log_root",
            Self::LogOutdated { .. } => "log_outdated",
            Self::LogForked { .. } => "log_forked",
            Self::LogShrunk { .. } => "log_shrunk",
            Self::AddCheckpointInvalid { .. } => "add_checkpoint_invalid",
            Self::WitnessesMissing { .. } => "witnesses_missing",
            Self::LogProof { .. } => "log_proof",
            Self::LogTile { .. } => "log_tile",
            Self::QrPayload { .. } => "qr_payload",
            Self::QrFormat { .. } => "qr_format",
            Self::QrProfileUnknown { .. } => "qr_profile_unknown",
            Self::TemplateMisfit { .. } => "template_misfit",
        }
    }

    /// A [`Error::FieldInvalid`] that quotes at most 80 characters of what was found.
    pub(crate) fn field(field: &'static str, found: &str, expected: &'static str) -> Self {
        let mut quoted: String = found.chars().take(80).flat_map(char::escape_debug).collect();
        if found.chars().nth(80).is_some() {
            quoted.push('…');
        }
        Self::FieldInvalid { field, found: quoted, expected }
    }
}

/// Refuses an input that is larger than its kind may be, before any work is done on it.
pub(crate) fn check_size(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found > limit {
        return Err(Error::TooLarge { what, found, limit });
    }
    Ok(())
}
