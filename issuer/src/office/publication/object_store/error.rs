//! What a store's error says, in words that may be logged.

use object_store::Error;
use zeroize::Zeroizing;

use super::super::error::DestinationError;

/// The longest text of others that is repeated.
const MAX_CHARS: usize = 200;

/// What is known of a failure.
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
    /// A server's answer may repeat what it was asked, session tokens among it, so its body is left
    /// out but for the name of the error that S3 and Azure put into `<Code>`. Whatever else is
    /// told holds none of `secrets`.
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

/// The text of the last error in the chain, up to where a body in XML or JSON or a query begins.
fn innermost(error: &Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    let text = last.to_string();
    let text = text.split(['<', '{', '?', '\n']).next().unwrap_or_default();
    text.chars().take(MAX_CHARS).collect::<String>().trim_end_matches([' ', ':', '-']).to_owned()
}
