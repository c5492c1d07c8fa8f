//! The code on an applicant's receipt.
//!
//! It is the only thing that leads back to an application, and the inbox keeps no copy of it. Three
//! things follow from it, none of which gives it back: the name under which files lie, the key that
//! opens what the office answers, and the digest that tells a repeated request from another one.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    error::Error,
    seal::{OpenKey, SealKey},
};

/// 120 random bits, so that neither a guess nor a search through sealed files can succeed.
const BYTES: usize = 15;

/// Crockford's base 32: no letter looks like a digit, and none of the words that people take offence
/// at can be written without a `u`.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 24 for the bits, and one that finds most slips of a pen.
const LENGTH: usize = 25;

/// Characters between hyphens.
const GROUP: usize = 5;

/// A code, as on a receipt: `7K2M9-QD41X-…`. Wiped when dropped, and never shown by `Debug`.
pub struct ReceiptCode(Zeroizing<[u8; BYTES]>);

impl ReceiptCode {
    /// A new one.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; BYTES]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// Reads a code as people type it: in any case, with or without hyphens and spaces, and with `O`
    /// for `0` and `I` or `L` for `1`.
    ///
    /// # Errors
    ///
    /// [`Error::NotACode`] if it cannot be one. The error does not repeat it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut values = Zeroizing::new([0_u8; LENGTH]);
        let mut count = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && !vernet_text::is_dash(*c)) {
            let value = value_of(c).ok_or(Error::NotACode { found: "a character of no code" })?;
            *values.get_mut(count).ok_or(Error::NotACode { found: "too many characters" })? = value;
            count += 1;
        }
        if count < LENGTH {
            return Err(Error::NotACode { found: "too few characters" });
        }
        let mut bytes = Zeroizing::new([0; BYTES]);
        // Eight characters of five bits are five bytes.
        for (five, eight) in bytes.chunks_exact_mut(5).zip(values.chunks_exact(8)) {
            let bits = eight.iter().fold(0_u64, |bits, value| bits << 5 | u64::from(*value));
            five.copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        let code = Self(bytes);
        match code.check() == values[LENGTH - 1] {
            true => Ok(code),
            false => Err(Error::NotACode { found: "a character is not the one on the receipt" }),
        }
    }

    /// The code as it is printed.
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH + LENGTH / GROUP));
        let bits = self.0.chunks_exact(5).flat_map(|five| {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |place| (bits >> (5 * place) & 31) as u8)
        });
        for (place, value) in bits.chain([self.check()]).enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[usize::from(value)]));
        }
        text
    }

    /// The name under which files lie.
    pub fn id(&self) -> ReceiptId {
        let hash = self.derive("the name of a receipt");
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        ReceiptId(id)
    }

    /// What opens the office's answers. Only somebody with the code has it.
    pub fn open_key(&self) -> OpenKey {
        OpenKey::derive(&self.derive("the key of a receipt"))
    }

    /// The key to which the office seals its answers.
    pub fn seal_key(&self) -> SealKey {
        self.open_key().public()
    }

    /// A digest of something that was sent. Without the code it does not tell what it was.
    pub(crate) fn digest(&self, content: &[u8]) -> Delivery {
        let key = self.derive("what was sent under a receipt");
        let mut mac = Hmac::<Sha256>::new_from_slice(&*key).expect("HMAC takes keys of any length");
        mac.update(content);
        let mut digest = [0; 16];
        digest.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        Delivery(digest)
    }

    fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(format!("vernet inbox 1, {purpose}\n"));
        hash.update(self.0.as_slice());
        Zeroizing::new(hash.finalize().into())
    }

    fn check(&self) -> u8 {
        self.derive("the last character")[0] >> 3
    }
}

impl fmt::Debug for ReceiptCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptCode(…)")
    }
}

fn value_of(c: char) -> Option<u8> {
    let c = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    };
    ALPHABET.iter().position(|known| char::from(*known) == c).map(|place| place as u8)
}

/// Defines 16 bytes that are written as 32 hexadecimal digits, in names of files too.
macro_rules! hex_name {
    ($(#[$meta:meta])* $name:ident, $what:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name([u8; 16]);

        impl std::str::FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self, Error> {
                let wrong = || vernet_common::Error::field($what, text, "32 digits 0 to 9 and a to f");
                let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                if text.len() != 32 || !text.bytes().all(is_digit) {
                    return Err(wrong().into());
                }
                let mut bytes = [0; 16];
                for (place, byte) in bytes.iter_mut().enumerate() {
                    *byte = u8::from_str_radix(&text[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
                }
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self, Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

hex_name! {
    /// The name of a receipt: a hash of its code, which does not give the code back.
    ReceiptId, "receipt"
}

hex_name! {
    /// Something that was sent under a receipt: the same if the same was sent again.
    Delivery, "delivery"
}

impl ReceiptId {
    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The first digits, for people who tell one application from another.
    pub fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl Drop for ReceiptCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::*;

    fn code(seed: u64) -> ReceiptCode {
        ReceiptCode::generate(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    #[test]
    fn a_code_comes_back_however_it_is_typed() {
        for seed in 0..200 {
            let code = code(seed);
            let text = code.text();
            assert_eq!(text.len(), 29);
            assert!(text.split('-').all(|group| group.len() == 5), "{}", *text);
            for typed in [
                text.to_lowercase(),
                text.replace('-', ""),
                text.replace('-', " "),
                text.replace('-', "\u{2013}"),
                text.replace('0', "O").replace('1', "l"),
                format!(" {} ", *text),
            ] {
                assert_eq!(*ReceiptCode::parse(&typed).expect("the same").0, *code.0, "{typed}");
            }
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_found_and_no_code_is_repeated() {
        let text = code(1).text().to_string();
        let mut found = 0;
        for place in 0..text.len() {
            for other in ALPHABET {
                let mut typed = text.clone().into_bytes();
                if typed[place] == b'-' || typed[place] == *other {
                    continue;
                }
                typed[place] = *other;
                let typed = String::from_utf8(typed).expect("ASCII");
                match ReceiptCode::parse(&typed) {
                    Ok(other) => assert_ne!(other.id(), code(1).id()),
                    Err(error) => {
                        assert_eq!(error.code(), "receipt_code_malformed");
                        assert!(!error.to_string().contains(&typed[..5]), "{error}");
                        found += 1;
                    }
                }
            }
        }
        assert!(found > 25 * 31 * 9 / 10, "{found} of {}", 25 * 31);
        for wrong in ["", "7", &text[1..], &format!("{text}A"), &text.replace('-', "/"), "æ"] {
            assert_eq!(
                ReceiptCode::parse(wrong).expect_err("no code").code(),
                "receipt_code_malformed"
            );
        }
    }

    #[test]
    fn what_follows_from_a_code_does_not_give_it_away() {
        let (one, other) = (code(1), code(2));
        assert_ne!(one.id(), other.id());
        assert_ne!(one.seal_key(), other.seal_key());
        assert_eq!(one.id(), code(1).id());
        assert_eq!(one.digest(b"a"), code(1).digest(b"a"));
        assert_ne!(one.digest(b"a"), one.digest(b"b"));
        assert_ne!(one.digest(b"a"), other.digest(b"a"));
        assert_eq!(format!("{one:?}"), "ReceiptCode(…)");
        assert_eq!(one.id().to_string().parse::<ReceiptId>().expect("its text"), one.id());
        for wrong in
            ["", "..", "../../../../../../../../../../etc", &"A".repeat(32), &"0".repeat(33)]
        {
            assert_eq!(wrong.parse::<ReceiptId>().expect_err("no name").code(), "field_invalid");
        }
    }
}
