use std::{io, path::PathBuf};

use vernet_common::{KeyId, SignerError};
use vernet_host::SecretError;

vernet_common::error_enum! {
    /// Why a key in a token cannot be named, made, opened or used.
    #[derive(Debug, thiserror::Error)]
    pub enum TokenError {
        /// The text is not a PKCS #11 URI that this program understands.
        #[error("the PKCS #11 URI is not valid: {reason}")]
        UriInvalid: "token_uri_invalid" {
            /// What is wrong. It does not repeat a PIN.
            reason: String,
        },
        /// The file does not say which key it stands for.
        #[error("`{path}` does not name a key in a token: {reason}", path = path.display())]
        ReferenceInvalid: "token_reference_invalid" {
            /// The file.
            path: PathBuf,
            /// What is wrong.
            reason: String,
        },
        /// The file cannot be read.
        #[error("cannot read `{path}`, which names a key in a token: {source}", path = path.display())]
        ReferenceUnreadable: "token_reference_unreadable" {
            /// The file.
            path: PathBuf,
            /// The system's answer.
            source: io::Error,
        },
        /// The program was built without support for tokens.
        #[error("this program was built without support for tokens: it needs the feature `pkcs11`")]
        NotSupported: "token_not_supported",
        /// The path of the token's library is not given.
        #[error("nothing says which library drives the token: the URI has no `module-path`")]
        ModuleMissing: "token_module_missing",
        /// The library does not exist, or is not a PKCS #11 library.
        #[error("the token's library `{path}` cannot be used: {reason}", path = path.display())]
        ModuleUnusable: "token_module_unusable" {
            /// The library.
            path: PathBuf,
            /// Why.
            reason: String,
        },
        /// No connected token matches.
        #[error("no token fits `{uri}`, found {}", listed(found))]
        NotFound: "token_not_found" {
            /// The URI given.
            uri: String,
            /// The labels of the connected tokens.
            found: Vec<String>,
        },
        /// More than one token matches. Signing with whichever comes first would be arbitrary.
        #[error("several tokens fit `{uri}`: {}", listed(found))]
        Ambiguous: "token_ambiguous" {
            /// The URI given.
            uri: String,
            /// The labels and serial numbers of those that match.
            found: Vec<String>,
        },
        /// The token has no PIN yet.
        #[error("the token `{token}` has no user PIN yet")]
        PinNotSet: "token_pin_not_set" {
            /// The token.
            token: String,
        },
        /// There is no PIN, or it cannot be read from the given place.
        #[error(transparent)]
        Pin: _ (#[from] SecretError),
        /// The PIN is wrong. It was tried only once, because a token locks itself after a few wrong
        /// PINs.
        #[error("the PIN of the token `{token}` is wrong{}", if *last_try { ", and one try is left before it locks itself" } else { "" })]
        PinWrong: "token_pin_wrong" {
            /// The token.
            token: String,
            /// Whether the token says that it locks itself with the next wrong PIN.
            last_try: bool,
        },
        /// One more wrong PIN would lock the token, and this one was not typed by a person, so it
        /// was not tried.
        #[error("one wrong PIN more locks the token `{token}`, so a stored PIN is not tried")]
        PinLastTry: "token_pin_last_try" {
            /// The token.
            token: String,
        },
        /// The token locked itself after too many wrong PINs.
        #[error("the token `{token}` is locked after too many wrong PINs")]
        PinLocked: "token_pin_locked" {
            /// The token.
            token: String,
        },
        /// The token requires a new PIN first.
        #[error("the PIN of the token `{token}` must be changed first")]
        PinExpired: "token_pin_expired" {
            /// The token.
            token: String,
        },
        /// No such key is in the token.
        #[error("no private key in the token fits `{uri}`")]
        KeyNotFound: "token_key_not_found" {
            /// The URI given.
            uri: String,
        },
        /// More than one key matches.
        #[error("{found} private keys in the token fit `{uri}`, expected one")]
        KeyAmbiguous: "token_key_ambiguous" {
            /// The URI given.
            uri: String,
            /// How many match.
            found: usize,
        },
        /// There is a key with that name already. Keys are never overwritten, and two with one name
        /// could be mistaken for each other.
        #[error("the token holds a key that fits `{uri}` already")]
        KeyExists: "token_key_exists" {
            /// The name.
            uri: String,
        },
        /// The key is for another algorithm.
        #[error("the key is {found}, expected an Ed25519 key")]
        NotEd25519: "token_key_not_ed25519" {
            /// The algorithm that the token reports.
            found: String,
        },
        /// The token cannot generate or use Ed25519 keys.
        #[error("the token `{token}` does not support Ed25519 (it has no `{mechanism}`)")]
        NoEd25519: "token_no_ed25519" {
            /// The token.
            token: String,
            /// The mechanism that it lacks.
            mechanism: &'static str,
        },
        /// The private key can leave the token, which is what a token is meant to prevent.
        #[error(
            "the private key can leave the token: it is {found}, expected sensitive and not extractable"
        )]
        Extractable: "token_key_extractable" {
            /// The attribute that allows it.
            found: &'static str,
        },
        /// The key cannot be used for signing documents.
        #[error("the key in the token cannot be used: {reason}")]
        KeyUnfit: "token_key_unfit" {
            /// Why.
            reason: &'static str,
        },
        /// The token does not give the public key.
        #[error(
            "the token has no public key that fits `{uri}`: the private key alone does not tell it"
        )]
        NoPublicKey: "token_no_public_key" {
            /// The key.
            uri: String,
        },
        /// The token holds another key under that name than the one that the office knows.
        #[error("the token holds key `{found}` as `{uri}`, expected `{expected}`")]
        AnotherKey: "token_another_key" {
            /// The name.
            uri: String,
            /// The key that is there.
            found: KeyId,
            /// The key that should be.
            expected: KeyId,
        },
        /// What the token returned is not a signature under the key: a fault, an attack, or a
        /// public key that belongs to another private key. It was discarded.
        #[error("what the token signed does not hold under its key `{kid}`, and was thrown away")]
        SignatureWrong: "token_signature_wrong" {
            /// The key.
            kid: KeyId,
        },
        /// The document is longer than this token can sign: an Ed25519 token takes the whole of it,
        /// not a hash.
        #[error("the token cannot sign as much as {bytes} bytes at once")]
        MessageTooLong: "token_message_too_long" {
            /// What was to be signed.
            bytes: usize,
        },
        /// The token, or the key in it, is no longer present.
        #[error(
            "the token or its key went away while it was in use: it answered `{answer}` to `{function}`"
        )]
        Removed: "token_removed" {
            /// The function that was called.
            function: String,
            /// Its return value.
            answer: String,
        },
        /// The token or its library returned another error.
        #[error("the token answered `{answer}` to `{function}`")]
        Refused: "token_refused" {
            /// The function that was called.
            function: String,
            /// Its return value.
            answer: String,
        },
    }
}

impl From<TokenError> for SignerError {
    fn from(error: TokenError) -> Self {
        Self::new(error.code(), error)
    }
}

fn listed(found: &[String]) -> String {
    match found {
        [] => "no token at all".into(),
        found => found.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}
