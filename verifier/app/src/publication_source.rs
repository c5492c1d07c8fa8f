//! Where an office's publication is: a folder, or a URL. The URL may carry a password, which is for
//! the server there and for nobody else.

use std::{convert::Infallible, fmt, path::Path, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A folder or a URL. It is shown, logged and stored without the user's name and password.
#[derive(Clone)]
pub(crate) struct Source {
    place: String,
    /// The header `Authorization` (RFC 7617).
    authorization: Option<String>,
}

impl Source {
    /// The folder or the URL, without a password.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    pub(crate) fn is_url(&self) -> bool {
        self.place.contains("://")
    }

    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// The source in a form that works from any working folder: an absolute path, or the URL.
    pub(crate) fn lasting(self) -> Self {
        let folder = (!self.is_url()).then(|| std::path::absolute(&self.place).ok()).flatten();
        match folder.as_deref().and_then(Path::to_str) {
            Some(folder) => Self { place: folder.to_owned(), authorization: None },
            None => self,
        }
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        let open = |place: &str| Self { place: place.to_owned(), authorization: None };
        let Some((scheme, rest)) = text.split_once("://") else { return open(text) };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (secret, host) = match authority.rsplit_once('@') {
            Some((secret, host)) => (Some(secret), host),
            None => (None, authority),
        };
        // A password with a `/` in it, which should have been written `%2F`: where it ends is
        // anybody's guess.
        if path.contains('@') && (secret.is_some() || !has_port(host)) {
            return open(&format!("{scheme}://(a password that is not percent-encoded)"));
        }
        let authorization = secret.map(|secret| {
            let secret =
                if secret.contains(':') { secret.to_owned() } else { format!("{secret}:") };
            format!("Basic {}", BASE64_STANDARD.encode(decoded(&secret)))
        });
        Self { place: format!("{scheme}://{host}{path}"), authorization }
    }
}

/// Whether what follows the host, if anything does, is a port.
fn has_port(host: &str) -> bool {
    match host.rsplit_once(':') {
        Some((_, port)) if !host.ends_with(']') => {
            !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
        }
        _ => true,
    }
}

/// Without percent-encoding (RFC 3986 section 2.1).
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let encoded = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        let byte = encoded.and_then(|(digits, after)| {
            let digits = str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, after))
        });
        let (byte, after) = byte.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    bytes
}

impl FromStr for Source {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.place, f)
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.place)
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_sent_and_never_shown() {
        for (text, place, sent) in [
            ("https://u:secret@h.example/p", "https://h.example/p", Some("u:secret")),
            ("https://u:s%2Fecret%40@h.example:8443", "https://h.example:8443", Some("u:s/ecret@")),
            ("https://secret@h.example/p", "https://h.example/p", Some("secret:")),
            ("https://u:sec@ret@h.example/p", "https://h.example/p", Some("u:sec@ret")),
            ("https://u:100%secret@h.example", "https://h.example", Some("u:100%secret")),
            ("https://h.example/@office/p", "https://h.example/@office/p", None),
            ("https://h.example:8443/@office", "https://h.example:8443/@office", None),
            ("folder/a@b", "folder/a@b", None),
        ] {
            let source = Source::from(text);
            assert_eq!(source.place(), place, "{text}");
            let sent = sent.map(|sent| format!("Basic {}", BASE64_STANDARD.encode(sent)));
            assert_eq!(source.authorization(), sent.as_deref(), "{text}");
            let json = serde_json::to_string(&source).expect("a text");
            for shown in [source.to_string(), format!("{source:?}"), json] {
                assert!(sent.is_none() || !shown.contains("secret"), "{shown}");
            }
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_is_not_shown_either() {
        for text in [
            "https://u:sec/secret@h.example/p",
            "https://u:#secret@h.example/p",
            "https://u@x:sec/secret@h.example",
        ] {
            let source = Source::from(text);
            assert_eq!(source.authorization(), None, "{text}");
            assert!(!source.place().contains("sec"), "{}", source.place());
        }
    }
}
