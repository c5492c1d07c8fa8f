//! Errors in untrusted bytes, and errors of signers.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    sync::Arc,
};
use core::fmt;

use crate::quote::{quoted, shortened};

error_enum! {
    /// What can be wrong with bytes that somebody hands to us.
    ///
    /// One enum for the crate: the variants carry data, [`Error::code`] is the stable name that
    /// programs may match on, and the `Display` text says what was found and what was expected. The
    /// caller decides what to do about it, because only the caller knows where the bytes came from.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum Error {
        /// A single value does not have the form of its type.
        #[error("`{field}` is `{found}`, expected {expected}")]
        FieldInvalid: "field_invalid" {
            /// The field's name, as in the JSON.
            field: &'static str,
            /// What was found, shortened to 80 characters.
            found: String,
            /// The form that is expected.
            expected: Cow<'static, str>,
        },
        /// Two values contradict each other.
        #[error("{what}")]
        Inconsistent: "inconsistent" {
            /// The contradiction, in words.
            what: &'static str,
        },
        /// The input is larger than its kind may be. Checked before any work is done on it.
        #[error("{what} has {found} bytes, at most {limit} are allowed")]
        TooLarge: "too_large" {
            /// The kind of input.
            what: &'static str,
            /// Its size.
            found: usize,
            /// The largest size allowed.
            limit: usize,
        },
        /// The bytes are not JSON of the expected shape.
        #[error("{what} is not the expected JSON: {source}")]
        Json: "not_json" {
            /// The kind of document.
            what: &'static str,
            /// Where and why the parser stopped.
            source: Arc<serde_json::Error>,
        },
        /// The JSON is not in the canonical form of RFC 8785, or has values of another form than
        /// expected.
        #[error(
            "{what} is not in canonical form (RFC 8785), or has members or values of another form than expected"
        )]
        NotCanonical: "not_canonical" {
            /// The kind of document.
            what: &'static str,
        },
        /// A newer program wrote the document, and it must be understood in a part that this version
        /// does not know (`docs/FORMAT.md` section 3.1).
        #[error("{what} has {found}, which this version does not know and must understand")]
        NotUnderstood: "not_understood" {
            /// The kind of document.
            what: &'static str,
            /// What is not known.
            found: String,
        },
        /// The text is not unpadded base64url (RFC 7515 section 2) in its only canonical spelling.
        #[error("{what} is not canonical unpadded base64url")]
        NotBase64url: "not_base64url" {
            /// The part that failed.
            what: &'static str,
        },
        /// A compact JWS has three parts (RFC 7515 section 3.1).
        #[error("a compact JWS has 3 parts separated by `.`, found {found}")]
        JwsParts: "jws_parts" {
            /// The number of parts found.
            found: usize,
        },
        /// The header names another algorithm.
        #[error("header `alg` is `{found}`, expected `EdDSA` or `Ed25519`")]
        AlgorithmUnsupported: "algorithm_unsupported" {
            /// The algorithm named.
            found: String,
        },
        /// The header names another type of token, for instance a status list where a certificate
        /// is expected.
        #[error("header `typ` is `{found}`, expected `{expected}`")]
        WrongType: "wrong_type" {
            /// The type named.
            found: String,
            /// The type expected.
            expected: &'static str,
        },
        /// The public key is not a point of the curve, or one of small order.
        #[error("the public key is not an acceptable Ed25519 key: {reason}")]
        KeyInvalid: "key_invalid" {
            /// Why.
            reason: &'static str,
        },
        /// No key with that id is known.
        #[error("no key `{kid}` in the trust list")]
        KeyUnknown: "key_unknown" {
            /// The key id, or the start of it.
            kid: String,
        },
        /// The issuer's trust list does not say that it may certify the title.
        #[error("the trust list does not say that this issuer may certify the title `{title}`")]
        TitleUntrusted: "title_untrusted" {
            /// The title.
            title: String,
        },
        /// The key is known, but not for this use.
        #[error("key `{kid}` is for `{found}`, not for `{expected}`")]
        KeyUse: "key_use" {
            /// The key id.
            kid: String,
            /// What it is for.
            found: &'static str,
            /// What it was used for.
            expected: &'static str,
        },
        /// The key signed at a time for which the trust list does not list it.
        #[error("key `{kid}` was not valid at {at}")]
        KeyNotValidAt: "key_not_valid_at" {
            /// The key id.
            kid: String,
            /// The time of signing.
            at: String,
        },
        /// The key was stolen, or may have been.
        #[error("key `{kid}` is compromised since {since}")]
        KeyCompromised: "key_compromised" {
            /// The key id.
            kid: String,
            /// Since when.
            since: String,
        },
        /// The signature is not valid (RFC 8032, strict).
        #[error("the signature does not hold under key `{kid}`")]
        SignatureInvalid: "signature_invalid" {
            /// The key id.
            kid: String,
        },
        /// There is no signature: the signer failed. The code is that of the signer's error.
        #[error(transparent)]
        Signer: _ (#[from] SignerError),
        /// Fewer root keys than the threshold signed the trust list.
        #[error("{found} of the pinned root keys signed the trust list, {threshold} are needed")]
        ThresholdNotReached: "threshold_not_reached" {
            /// Number of distinct root keys whose signature is valid.
            found: usize,
            /// Number needed.
            threshold: u8,
        },
        /// The trust list is another issuer's than the one whose roots were pinned.
        #[error("the trust list is of `{found}`, expected `{expected}`")]
        TrustListIssuer: "trust_list_issuer" {
            /// Whose it is.
            found: String,
            /// Whose roots were pinned.
            expected: String,
        },
        /// The trust list is older than one that was seen before.
        #[error("the trust list has `seq` {found}, expected at least {known}, which is known already")]
        TrustListRolledBack: "trust_list_rolled_back" {
            /// The number found.
            found: u64,
            /// The number remembered, or pinned with the roots.
            known: u64,
        },
        /// A status list or a history was signed under a newer trust list than the one that is
        /// known: the newer one was held back.
        #[error("the signed list goes with trust list {expected}, but the newest at hand is {found}")]
        TrustListOutdated: "trust_list_outdated" {
            /// The number of the one that is known.
            found: u64,
            /// The number that it names.
            expected: u64,
        },
        /// Two different trust lists have the same number: a holder of root keys shows different
        /// lists to different readers.
        #[error("two different trust lists with `seq` {seq} exist")]
        TrustListForked: "trust_list_forked" {
            /// The number.
            seq: u64,
        },
        /// A QR profile changed its meaning. Profiles are immutable: printed codes depend on them.
        #[error("QR profile {id} differs from the one known before")]
        ProfileChanged: "profile_changed" {
            /// The profile's number.
            id: u8,
        },
        /// The status list is older than one that was seen before.
        #[error("the status list `{uri}` is of {found}, a newer one of {known} was seen before")]
        StatusListRolledBack: "status_list_rolled_back" {
            /// The list.
            uri: String,
            /// The `iat` found.
            found: String,
            /// The `iat` remembered.
            known: String,
        },
        /// The status list is another one than asked for: `sub` must equal the URI (Token Status
        /// List section 8.3).
        #[error("the status list is for `{found}`, expected `{expected}`")]
        StatusListSubject: "status_list_subject" {
            /// Its `sub`.
            found: String,
            /// The URI asked for.
            expected: String,
        },
        /// The number of bits per status is not one that the list may have.
        #[error("the status list has {found} bits per status, expected {expected}")]
        StatusListBits: "status_list_bits" {
            /// Bits found.
            found: u8,
            /// Bits allowed.
            expected: &'static str,
        },
        /// The compressed list is not exactly one zlib stream.
        #[error("the status list is not exactly one zlib stream")]
        StatusListCompression: "status_list_compression",
        /// The list inflates to more than the cap.
        #[error("the status list inflates to more than {limit} bytes")]
        StatusListInflates: "status_list_inflates" {
            /// The cap.
            limit: usize,
        },
        /// The list has another number of slots than agreed: a list cut short would hide
        /// revocations.
        #[error("the status list inflates to {found} bytes, expected {expected}")]
        StatusListSize: "status_list_size" {
            /// Bytes found.
            found: usize,
            /// Bytes expected.
            expected: usize,
        },
        /// The index is outside the list (Token Status List section 8.3).
        #[error("status index {index} is outside the list of {size} slots")]
        StatusIndexOutOfRange: "status_index_out_of_range" {
            /// The index asked for.
            index: u32,
            /// The number of slots.
            size: u32,
        },
        /// The lines of a history are not those that were signed.
        #[error(
            "the lines of the history are not those that were signed: it is damaged, cut short or changed"
        )]
        HistoryContent: "history_content",
        /// The history is another issuer's than the trust list.
        #[error("the history is of `{found}`, expected `{expected}`")]
        HistoryIssuer: "history_issuer" {
            /// Whose it is.
            found: String,
            /// Whose trust list it is judged by.
            expected: String,
        },
        /// The checkpoint of the issued log is not a signed note of the agreed form.
        #[error("the checkpoint is not of the expected form: {reason}")]
        CheckpointInvalid: "checkpoint_invalid" {
            /// Why.
            reason: &'static str,
        },
        /// The checkpoint is another log's.
        #[error("the checkpoint is of the log `{found}`, expected `{expected}`")]
        CheckpointOrigin: "checkpoint_origin" {
            /// Whose it is.
            found: String,
            /// The log of the issuer.
            expected: String,
        },
        /// No key of the log that counts signed the checkpoint.
        #[error("no `log` key that counts signed the checkpoint")]
        CheckpointUnsigned: "checkpoint_unsigned",
        /// The log is not the one that the status list names: the two are from different
        /// publications, or one of them is not the office's.
        #[error(
            "the status list names a log of {expected} certificates with another root or size than the log at hand, of {found}"
        )]
        LogMismatch: "log_mismatch" {
            /// The size of the log.
            found: u64,
            /// The size that the status list names.
            expected: u64,
        },
        /// No status list that can be used names the log, so its date is unknown.
        #[error("no status list that can be used names this log of {size} certificates")]
        LogUnnamed: "log_unnamed" {
            /// The size of the log.
            size: u64,
        },
        /// The leaves of the log are missing. A bundle does not contain those of a large log.
        #[error("the leaves of the log are not at hand, expected {size} of them")]
        LogLeavesMissing: "log_leaves_missing" {
            /// How many there are.
            size: u64,
        },
        /// The leaves do not give the root that was signed.
        #[error("the leaves of the log do not give the root that was signed")]
        LogRoot: "log_root",
        /// The log is shorter than what the root keys have vouched for, or than what was seen
        /// before.
        #[error(
            "the log holds {found} certificates, and {expected} are vouched for by the trust list or were seen before: these lists are old"
        )]
        LogOutdated: "log_outdated" {
            /// The size of the log.
            found: u64,
            /// The size in the trust list, or of the log that was seen.
            expected: u64,
        },
        /// The office signed two logs that contradict each other: a holder of its keys shows
        /// different logs to different readers.
        #[error(
            "the log of {found} certificates does not continue the one of {known} that was seen before or is vouched for: two logs exist"
        )]
        LogForked: "log_forked" {
            /// The size of the log that was offered.
            found: u64,
            /// The size of the log that it contradicts.
            known: u64,
        },
        /// The office signed a log that lacks certificates which an earlier one had.
        #[error(
            "the log has {found} certificates, but had {known} before: somebody took certificates out of it"
        )]
        LogShrunk: "log_shrunk" {
            /// The size of the log under the later list.
            found: u64,
            /// The size of the log under the earlier list.
            known: u64,
        },
        /// The request to a witness does not have the form of C2SP tlog-witness.
        #[error("the request to a witness is malformed: {reason}")]
        AddCheckpointInvalid: "add_checkpoint_invalid" {
            /// What is wrong.
            reason: &'static str,
        },
        /// Fewer witnesses than the trust list demands cosigned the checkpoint.
        #[error("{found} of the witnesses cosigned the checkpoint, {threshold} are needed")]
        WitnessesMissing: "witnesses_missing" {
            /// Those whose cosignature is valid.
            found: usize,
            /// Those needed.
            threshold: u8,
        },
        /// A proof about the log is not valid.
        #[error("the proof does not show {what}")]
        LogProof: "log_proof" {
            /// What it was to show.
            what: &'static str,
        },
        /// The file of a tile has another size than the tile.
        #[error("the tile `{path}` has {found} bytes, expected {expected}")]
        LogTile: "log_tile" {
            /// Its path below the log's URL.
            path: String,
            /// Its size.
            found: usize,
            /// The size expected.
            expected: usize,
        },
        /// The text after `#` is not a QR payload.
        #[error("the QR payload is not valid: {reason}")]
        QrPayload: "qr_payload" {
            /// Why.
            reason: &'static str,
        },
        /// The payload has a format that this version does not know.
        #[error("QR payload format {found} is unknown, expected 1 or 2")]
        QrFormat: "qr_format" {
            /// The format byte.
            found: u8,
        },
        /// The payload refers to a profile that is not in the trust list.
        #[error("QR profile {found} is not in the trust list")]
        QrProfileUnknown: "qr_profile_unknown" {
            /// The profile's number.
            found: u8,
        },
        /// The claims cannot be written with the template, so format 2 must be used.
        #[error("`{field}` does not fit the QR template")]
        TemplateMisfit: "template_misfit" {
            /// The field.
            field: &'static str,
        },
    }
}

impl Error {
    /// The error of a value that does not have the form of its type. It quotes at most 80
    /// characters of what was found.
    pub fn field(field: &'static str, found: &str, expected: impl Into<Cow<'static, str>>) -> Self {
        Self::FieldInvalid { field, found: quoted(found, 80), expected: expected.into() }
    }

    /// The error of bytes that are not the expected JSON. The parser's message may quote a name or
    /// a text of any length from those bytes: it is shortened.
    pub fn json(what: &'static str, source: serde_json::Error) -> Self {
        let message = source.to_string();
        let source = match shortened(&message, MAX_JSON_MESSAGE) {
            short if short.len() == message.len() => source,
            // The place at the end of the message is read from it again.
            short => serde::de::Error::custom(short),
        };
        Self::Json { what, source: Arc::new(source) }
    }
}

/// The most characters of a JSON parser's message: more than any that quotes only our own names.
const MAX_JSON_MESSAGE: usize = 400;

/// Why a [`Signer`](crate::key::Signer) did not sign. What can fail depends on the kind of signer:
/// this carries its error and that error's code.
#[derive(Clone)]
pub struct SignerError {
    code: &'static str,
    source: Arc<dyn core::error::Error + Send + Sync>,
}

impl SignerError {
    /// Wraps the error of a signer, with the stable name that [`Error::code`] returns for it.
    pub fn new(
        code: &'static str,
        source: impl core::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self { code, source: Arc::new(source) }
    }

    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

impl fmt::Debug for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerError({}, {:?})", self.code, self.source)
    }
}

impl core::error::Error for SignerError {
    /// Transparent: the message is that of the wrapped error, so the source is that error's source.
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.source.source()
    }
}

/// Refuses an input that is larger than its kind may be, before any work is done on it.
pub(crate) fn check_size(what: &'static str, found: usize, limit: usize) -> Result<(), Error> {
    if found > limit {
        return Err(Error::TooLarge { what, found, limit });
    }
    Ok(())
}
