//! The text of a store's error, without anything that may not be logged.

use object_store::Error;
use zeroize::Zeroizing;

use super::super::error::DestinationError;

/// The most characters of an external text that are repeated.
const MAX_CHARS: usize = 200;

/// What is known about a failure.
pub(super) struct Reason {
    pub(super) text: String,
    kind: Kind,
}

enum Kind {
    Denied,
    Unconditional,
    Other,
}

impl Reason {
    /// A server's response may repeat the request, including session tokens, so its body is omitted
    /// except for the name of the error that S3 and Azure put into `<Code>`. The rest of the text
    /// holds none of `secrets`.
    pub(super) fn of(error: &Error, secrets: &[Zeroizing<String>]) -> Self {
        let (kind, what) = match error {
            Error::PermissionDenied { .. } => (Kind::Denied, "permission denied"),
            Error::Unauthenticated { .. } => (Kind::Denied, "the credentials are not accepted"),
            Error::NotImplemented { .. } | Error::NotSupported { .. } => {
                (Kind::Unconditional, "it says it cannot")
            }
            Error::NotFound { .. } => (Kind::Other, "not found"),
            _ => (Kind::Other, ""),
        };
        let whole = error.to_string();
        let code = whole
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once("</Code>"))
            .map(|(code, _)| code);
        let code = code.filter(|code| {
            code.len() <= 60 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let parts = [Some(what.to_owned()), code.map(ToOwned::to_owned), Some(innermost(error))];
        let mut parts: Vec<String> =
            parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.dedup();
        let mut text = parts.join(": ");
        for secret in secrets {
            text = text.replace(secret.as_str(), "…");
        }
        Self { text, kind }
    }

    pub(super) fn while_doing(self, action: &'static str, name: String) -> DestinationError {
        let reason = self.text;
        match self.kind {
            Kind::Denied => DestinationError::Denied { action, name, reason },
            Kind::Unconditional => DestinationError::Unconditional { name, reason },
            Kind::Other => DestinationError::Failed { action, name, reason },
        }
    }
}

/// The text of the last error in the chain, up to the start of an XML or JSON body or of a query.
fn innermost(error: &Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    let text = text.split(['<', '{', '?', '\n']).next().unwrap_or_default();
    text.chars().take(MAX_CHARS).collect::<String>().trim_end_matches([' ', ':', '-']).to_owned()
}
