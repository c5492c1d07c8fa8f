//! The forms in which people have a certificate: as text, as a link, as digits.

use alloc::{borrow::Cow, string::String, vec::Vec};

use vernet_common::{CertificateClaims, QrPayload, Signed, TrustList, quoted};

use crate::{
    error::InputError,
    found::{Only, found_in, is_invisible, only_one_in},
};

/// A certificate as it was handed to us. Nothing about it has been checked.
#[expect(clippy::large_enum_variant, reason = "one is made for a check, and none is kept")]
#[derive(Debug)]
pub enum Input {
    /// The certificate itself.
    Certificate(Signed<CertificateClaims>),
    /// What a QR code holds; the trust list is needed to turn it into a certificate.
    Qr(QrPayload),
}

impl Input {
    /// The longest input that is read: the largest QR code's digits or a certificate, with some
    /// white space.
    pub const MAX_BYTES: usize = 16 * 1024;

    /// Recognises `jws~`, the JWS alone, a link with digits after `#` (also one that an old scanner
    /// wrote as `%23`), and digits alone; and any of them within other text: a sentence, a quoted
    /// mail, the link of a mail gateway, what a keyboard of another layout made of the link. White
    /// space is removed everywhere: mail programs break lines.
    ///
    /// # Errors
    ///
    /// [`InputError::InputTooLarge`] if the text is longer than [`Input::MAX_BYTES`],
    /// [`InputError::InputEmpty`] if it is only white space, [`InputError::SeveralCertificates`] if
    /// there is more than one in it, [`InputError::LinkWithoutDigits`] if a link has no digits,
    /// [`InputError::Disclosures`] if a certificate has parts after the first
    /// `~`, [`InputError::InputUnrecognised`] if the text has none of these forms, and
    /// [`InputError::Common`] if the digits or the JWS cannot be decoded.
    pub fn parse(text: &str) -> Result<Self, InputError> {
        if text.len() > Self::MAX_BYTES {
            return Err(InputError::InputTooLarge { found: text.len(), limit: Self::MAX_BYTES });
        }
        match only_one_in(text) {
            Some(Only::Digits(digits)) => return Ok(Self::Qr(QrPayload::from_digits(digits)?)),
            Some(Only::Certificate(text)) => {
                let jws = text.strip_suffix('~').unwrap_or(text);
                return Ok(Self::Certificate(Signed::parse(jws)?));
            }
            None => {}
        }
        match &found_in(text)[..] {
            [] => Self::parse_whole(text),
            [one] => Self::parse_whole(one),
            several => Err(InputError::SeveralCertificates { found: several.len() }),
        }
    }

    /// As [`Input::parse`], for a text with nothing around the certificate.
    fn parse_whole(text: &str) -> Result<Self, InputError> {
        let text = without_white_space(text);
        if text.is_empty() {
            return Err(InputError::InputEmpty);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::Qr(QrPayload::from_digits(&text)?));
        }
        if is_link(&text) {
            let digits =
                text.split_once('#').or_else(|| text.split_once("%23")).map(|(_, digits)| digits);
            let digits = digits
                .filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
                .ok_or(InputError::LinkWithoutDigits)?;
            return Ok(Self::Qr(QrPayload::from_digits(digits)?));
        }
        // The base64url of `{"`, with which every JOSE header begins.
        if !text.starts_with("eyJ") {
            return Err(InputError::InputUnrecognised { found: quoted(&text, 20) });
        }
        let (jws, rest) = text.split_once('~').unwrap_or((&text, ""));
        match rest.split('~').filter(|part| !part.is_empty()).count() {
            0 => Ok(Self::Certificate(Signed::parse(jws)?)),
            found => Err(InputError::Disclosures { found }),
        }
    }

    /// The certificate, still unverified.
    ///
    /// # Errors
    ///
    /// As for [`QrPayload::decode`], if the input is what a QR code holds.
    pub fn certificate(
        &self,
        trust_list: &TrustList,
    ) -> Result<Signed<CertificateClaims>, vernet_common::Error> {
        self.read(trust_list).map(Cow::into_owned)
    }

    /// As [`Input::certificate`], without a copy.
    pub(crate) fn read(
        &self,
        trust_list: &TrustList,
    ) -> Result<Cow<'_, Signed<CertificateClaims>>, vernet_common::Error> {
        match self {
            Self::Certificate(signed) => Ok(Cow::Borrowed(signed)),
            Self::Qr(payload) => payload.decode(trust_list).map(Cow::Owned),
        }
    }
}

/// Selects what counts of the texts of the codes in a picture. A poster on the wall may show a QR
/// code too: if there is at least one certificate in the codes, whatever else they say does not
/// count. If there is none, the first code stands for all.
pub fn certificates_among(mut texts: Vec<String>) -> Vec<String> {
    let certificates = certificates_in(&texts);
    if certificates.is_empty() {
        texts.truncate(1);
        return texts;
    }
    certificates
}

/// Every certificate in the texts of some codes, each once. One code may hold several.
pub(crate) fn certificates_in(texts: &[String]) -> Vec<String> {
    let mut certificates = Vec::new();
    for text in texts {
        let found = match Input::parse(text) {
            Ok(_) => [text.clone()].into(),
            Err(_) => found_in(text),
        };
        for text in found {
            if Input::parse(&text).is_ok() && !certificates.contains(&text) {
                certificates.push(text);
            }
        }
    }
    certificates
}

/// The text without white space, which is the form in which it is read.
pub(crate) fn without_white_space(text: &str) -> Cow<'_, str> {
    let is_blank = |c: char| c.is_whitespace() || is_invisible(c);
    match text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.split(is_blank).collect()),
    }
}

/// Schemes and hosts are not case-sensitive, and some cameras write them in capitals.
fn is_link(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWS: &str = "eyJhbGciOiJFZERTQSIsImtpZCI6ImtQcktfcW14IiwidHlwIjoiZGMrc2Qtand0In0.e30.\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn every_form_that_people_have() {
        let broken = alloc::format!(" {}\r\n  {}~\n", &JWS[..50], &JWS[50..]);
        for text in [
            JWS,
            &alloc::format!("{JWS}~"),
            &alloc::format!("{JWS}~~"),
            &broken,
            &alloc::format!("\u{feff}{JWS}"),
        ] {
            assert!(matches!(Input::parse(text), Ok(Input::Certificate(_))), "{text}");
        }
        for text in [
            "https://verify.example.no/v#6579",
            "HTTPS://VERIFY.EXAMPLE.NO/v#6579",
            "https://verify.example.no/v%236579",
            "https://verify.example.no/v#65\n79 ",
            "6579",
            " 65 79\t",
        ] {
            let Ok(Input::Qr(payload)) = Input::parse(text) else { panic!("{text}") };
            assert_eq!(payload.to_digits(), "6579");
        }
    }

    #[test]
    fn what_is_not_a_certificate_is_told_apart() {
        let disclosed = alloc::format!("{JWS}~WyJzYWx0Il0~");
        for (text, code) in [
            ("", "input_empty"),
            (" \n", "input_empty"),
            ("hello", "input_unrecognised"),
            ("{\"input\":1}", "input_unrecognised"),
            ("https://verify.example.no/", "link_without_digits"),
            ("https://verify.example.no/v#", "link_without_digits"),
            ("https://verify.example.no/v#about", "link_without_digits"),
            ("https://verify.example.no/v#12a", "qr_payload"),
            ("0123", "qr_payload"),
            ("eyJ", "jws_parts"),
            (&disclosed, "disclosures"),
            (&"1".repeat(7090), "too_large"),
            (&"1".repeat(20_000), "input_too_large"),
        ] {
            assert_eq!(Input::parse(text).expect_err(text).code(), code, "{text}");
        }
    }
}
