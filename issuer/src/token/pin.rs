//! What opens a token.

use std::{env::VarError, fmt, io, path::Path};

use vernet_host::read_secret_text;
use zeroize::Zeroizing;

use super::TokenError;

/// The largest PIN file of which the first line is read.
const MAX_PIN_FILE: u64 = 4 << 10;

/// The PIN of a token: wiped when dropped, never shown, never empty.
#[derive(Clone)]
pub struct Pin {
    #[cfg_attr(not(any(test, feature = "pkcs11")), expect(dead_code))]
    pin: Zeroizing<String>,
    typed: bool,
}

impl Pin {
    /// The PIN that somebody typed at a prompt, without the line's end.
    ///
    /// # Errors
    ///
    /// [`TokenError::PinMissing`] if it is empty.
    pub fn from_prompt(typed: impl Into<Zeroizing<String>>) -> Result<Self, TokenError> {
        Self::not_empty(typed.into(), true, || "the answer".to_owned())
    }

    /// The first line of a file, without the line's end. **Also check**
    /// [`is_readable_by_others`](crate::is_readable_by_others), and warn.
    ///
    /// # Errors
    ///
    /// [`TokenError::PinUnreadable`], [`TokenError::PinMissing`] if the line is empty.
    pub fn from_file(path: &Path) -> Result<Self, TokenError> {
        let origin = || format!("the file `{}`", path.display());
        let text = read_secret_text(path, MAX_PIN_FILE)
            .map_err(|source| TokenError::PinUnreadable { origin: origin(), source })?;
        Self::not_empty(
            Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()),
            false,
            origin,
        )
    }

    /// The value of an environment variable. Other processes of the same user can read it.
    ///
    /// # Errors
    ///
    /// [`TokenError::PinMissing`], [`TokenError::PinUnreadable`] if it is not UTF-8.
    pub fn from_env(variable: &str) -> Result<Self, TokenError> {
        let origin = || format!("the environment variable `{variable}`");
        match std::env::var(variable) {
            Ok(value) => Self::not_empty(Zeroizing::new(value), false, origin),
            Err(VarError::NotPresent) => Err(TokenError::PinMissing { origin: origin() }),
            Err(VarError::NotUnicode(_)) => Err(TokenError::PinUnreadable {
                origin: origin(),
                source: io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"),
            }),
        }
    }

    /// Whether a person typed it just now, and so knows which one it is.
    pub fn is_typed(&self) -> bool {
        self.typed
    }

    /// The PIN, for the token and for nothing else.
    #[cfg(any(test, feature = "pkcs11"))]
    pub(super) fn as_str(&self) -> &str {
        &self.pin
    }

    fn not_empty(
        pin: Zeroizing<String>,
        typed: bool,
        origin: impl FnOnce() -> String,
    ) -> Result<Self, TokenError> {
        if pin.is_empty() {
            return Err(TokenError::PinMissing { origin: origin() });
        }
        Ok(Self { pin, typed })
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_the_first_line_and_is_never_shown() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pin");
        std::fs::write(&file, "90125\r\nsecond line\n").expect("written");
        let pin = Pin::from_file(&file).expect("a PIN");
        assert_eq!((pin.as_str(), format!("{pin:?}").as_str()), ("90125", "Pin(…)"));

        std::fs::write(&file, "\n").expect("written");
        assert_eq!(Pin::from_file(&file).expect_err("empty").code(), "token_pin_missing");
        assert_eq!(
            Pin::from_file(folder.path()).expect_err("a folder").code(),
            "token_pin_unreadable"
        );
        assert_eq!(Pin::from_prompt(String::new()).expect_err("empty").code(), "token_pin_missing");
    }
}
