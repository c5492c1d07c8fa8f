//! Bearer tokens (RFC 6750): one per line in a file, compared so that the time taken does not
//! reveal how much of one was right.

use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use vernet_host::files::read_capped;

/// The shortest token: at a thousand guesses a second, nobody should find one within a lifetime.
const MIN_LENGTH: usize = 20;

/// The valid tokens. Only their hashes are kept.
pub(super) struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// Reads one token per line. Empty lines and lines that begin with `#` are ignored.
    pub(super) fn read(file: &Path) -> Result<Self> {
        let read = || {
            let text = String::from_utf8(read_capped(file, 1 << 20)?).context("it is not UTF-8")?;
            let mut hashes = Vec::new();
            for (number, line) in (1..).zip(text.lines()) {
                let token = line.trim();
                if token.is_empty() || token.starts_with('#') {
                    continue;
                }
                if token.len() < MIN_LENGTH {
                    bail!(
                        "the token in line {number} has {} characters, expected at least {MIN_LENGTH}",
                        token.len()
                    );
                }
                // RFC 6750 section 2.1.
                if !token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte))
                {
                    bail!(
                        "the token in line {number} has characters other than letters, digits and `-._~+/=`"
                    );
                }
                hashes.push(Sha256::digest(token).into());
            }
            if hashes.is_empty() {
                bail!("there is no token in it, so nobody would be let in");
            }
            Ok(Self(hashes))
        };
        read().with_context(|| format!("reading the tokens `{}`", file.display()))
    }

    /// Whether this is a valid token. Always compares with all of them.
    pub(super) fn know(&self, token: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(token).into();
        self.0.iter().fold(Choice::from(0), |known, one| known | one.ct_eq(&hash)).into()
    }
}
