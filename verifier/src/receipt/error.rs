//! Why a check could not be made again.

use alloc::{string::String, sync::Arc};

use vernet_common::{Error, KeyId, NumericDate, Sha256Hash};

use super::claims::Hex;
use crate::code::Code;

vernet_common::error_enum! {
    /// Why a check that a receipt is about could not be made again, or came out differently.
    ///
    /// What is missing is named as the receipt names it; there is one fault for each part.
    #[derive(Clone, Debug, thiserror::Error)]
    pub enum ReplayFault {
        /// The `roots.json` is missing.
        #[error("the `roots.json` with the fingerprint {} is missing", Hex(*fingerprint))]
        RootsMissing: "roots_missing" {
            /// Its fingerprint.
            fingerprint: Sha256Hash,
        },
        /// The roots are among the files, but nobody has confirmed that they are the office's.
        #[error("the roots are among the files, and nobody vouches for them: {}", Hex(*fingerprint))]
        RootsNotTrusted: "roots_not_trusted" {
            /// Their fingerprint.
            fingerprint: Sha256Hash,
        },
        /// The trust list is missing.
        #[error("trust list {seq} with the SHA-256 {sha256} is missing")]
        TrustListMissing: "trust_list_missing" {
            /// Its number.
            seq: u64,
            /// Its hash, signatures included.
            sha256: Sha256Hash,
        },
        /// No trust lists lead from the roots to the trust list.
        #[error("a trust list that brought new roots, before number {seq}, is missing: {source}")]
        TrustChainMissing: "trust_chain_missing" {
            /// The number of the trust list that cannot be reached.
            seq: u64,
            /// Why the attempt failed.
            source: Error,
        },
        /// A status list is missing.
        #[error("{what} with the SHA-256 {sha256} is missing")]
        StatusListMissing: "status_list_missing" {
            /// Which.
            what: String,
            /// The hash of its JWS.
            sha256: Sha256Hash,
        },
        /// The log of issued certificates is missing that the status list names.
        #[error(
            "the issued log of {size} certificates that the lists name, or its leaves, are missing"
        )]
        LogMissing: "log_missing" {
            /// How many certificates it holds.
            size: u64,
        },
        /// The verdict followed from a list that was signed later than those that the receipt
        /// names.
        #[error("a list of {newest}, on which the verdict depends, is missing")]
        NewestMissing: "newest_missing" {
            /// When it was signed.
            newest: NumericDate,
        },
        /// The certificate is missing.
        #[error("the certificate with the SHA-256 {sha256} is missing")]
        CertificateMissing: "certificate_missing" {
            /// The hash of its JWS.
            sha256: String,
        },
        /// What was shown is missing.
        #[error("what was shown, with the SHA-256 {sha256}, is missing")]
        InputMissing: "input_missing" {
            /// The hash of its text without white space.
            sha256: Sha256Hash,
        },
        /// The receipt contradicts what a list itself says.
        #[error("the receipt says of {what}: {stated}, and that says: {found}")]
        Contradiction: "receipt_contradicts" {
            /// Of what.
            what: &'static str,
            /// What the receipt says.
            stated: String,
            /// What the list says.
            found: String,
        },
        /// The receipt was not signed by any key of the verifier that it is said to come from.
        #[error("the receipt was signed by the key `{found}`, which is none of those that were given")]
        SignerUnknown: "receipt_key_unknown" {
            /// Its id.
            found: KeyId,
        },
        /// There are more trust lists than any office has.
        #[error("there are more than {limit} different trust lists")]
        TooManyTrustLists: "too_many_trust_lists" {
            /// The most that are looked at.
            limit: usize,
        },
        /// The receipt, or a list that it names, is invalid.
        #[error(transparent)]
        Refused: _ (Arc<Error>),
        /// The same check gives another verdict than the receipt states.
        #[error("the receipt says `{stated}`, the same check gives `{found}`")]
        VerdictDiffers: "verdict_differs" {
            /// What the receipt says.
            stated: String,
            /// What came out.
            found: String,
        },
    }
}

impl ReplayFault {
    pub(super) fn refused(error: Error) -> Self {
        Self::Refused(Arc::new(error))
    }

    /// A verdict in one line: its code, its cause, and of when.
    pub(super) fn line(code: Code, cause: Option<&str>, as_of: NumericDate) -> String {
        match cause {
            Some(cause) => alloc::format!("{code} because of {cause}, as of {as_of}"),
            None => alloc::format!("{code}, as of {as_of}"),
        }
    }
}
