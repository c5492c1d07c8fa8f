//! The payload: a format byte and the content in that format, written in base 10.

use alloc::{boxed::Box, format, string::String, vec::Vec};

use super::{any, digits, peek::Peek, template};
use crate::{
    claims::CertificateClaims,
    error::Error,
    id::HttpsUrl,
    jose::{Signed, Verified},
    trust_list::TrustList,
};

/// The payload of a QR code: a format byte and the content in that format.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrPayload(Vec<u8>);

impl QrPayload {
    /// The most digits that are read: what the largest QR code holds (version 40, error correction
    /// L).
    pub const MAX_DIGITS: usize = digits::MAX_DIGITS;

    /// The shortest payload for a certificate: the template if it can render the claims with one of
    /// the list's profiles, else the compressed JWS.
    ///
    /// The caller passes the claims as verified, so that nothing forged is ever printed.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`] if decoding does not give back the exact JWS, which is checked for
    /// every code that is made; [`Error::TooLarge`] if the header fits neither format.
    pub fn encode(
        certificate: &Signed<CertificateClaims>,
        claims: &Verified<CertificateClaims>,
        trust_list: &TrustList,
    ) -> Result<Self, Error> {
        let payload = match template::encode(certificate, claims.claims(), trust_list) {
            Ok(bytes) => Self(bytes),
            Err(Error::TemplateMisfit { .. }) => Self(any::encode(certificate)?),
            Err(error) => return Err(error),
        };
        if payload.decode(trust_list)? != *certificate {
            return Err(Error::Inconsistent {
                what: "the QR payload does not decode to the certificate it was made from",
            });
        }
        Ok(payload)
    }

    /// The certificate, unverified. The trust list provides the constants of the profile and the
    /// key id.
    ///
    /// # Errors
    ///
    /// [`Error::QrPayload`] if the payload is cut short or malformed, [`Error::QrFormat`] if its
    /// format is unknown, [`Error::NotUnderstood`] if its format, key or profile is one of a newer
    /// version, [`Error::QrProfileUnknown`] or [`Error::KeyUnknown`] if the trust list
    /// lacks its profile or key, [`Error::FieldInvalid`] if a field has no valid value, or those of
    /// [`Signed::parse`].
    pub fn decode(&self, trust_list: &TrustList) -> Result<Signed<CertificateClaims>, Error> {
        match self.0.split_first() {
            Some((&template::FORMAT, body)) => template::decode(body, trust_list),
            Some((&any::FORMAT, body)) => any::decode(body),
            Some((&found, body)) => Err(unknown_format(found, body)),
            None => Err(Error::QrPayload { reason: "it is empty" }),
        }
    }

    /// What the payload says, without a trust list and unverified: to show it, never to decide.
    ///
    /// # Errors
    ///
    /// As [`QrPayload::decode`].
    pub fn peek(&self) -> Result<Peek, Error> {
        match self.0.split_first() {
            Some((&template::FORMAT, body)) => template::peek(body),
            Some((&any::FORMAT, body)) => {
                any::decode(body).map(|signed| Peek::Any(Box::new(signed)))
            }
            Some((&found, body)) => Err(unknown_format(found, body)),
            None => Err(Error::QrPayload { reason: "it is empty" }),
        }
    }

    /// The payload in base 10.
    pub fn to_digits(&self) -> String {
        digits::encode(&self.0)
    }

    /// Reads base 10.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if there are more than [`QrPayload::MAX_DIGITS`], [`Error::QrPayload`]
    /// if the text is not a number in base 10 without leading zeros.
    pub fn from_digits(text: &str) -> Result<Self, Error> {
        digits::decode(text).map(Self)
    }

    /// The link that goes into the QR code. `page` is the address of the verification page, for
    /// instance `https://verify.example.no/v`.
    pub fn to_link(&self, page: &HttpsUrl) -> String {
        format!("{page}#{}", self.to_digits())
    }

    /// The bytes: format first.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The formats up to this one are kept for later versions.
const LAST_FORMAT: u8 = 15;

fn unknown_format(found: u8, body: &[u8]) -> Error {
    // Later formats repeat their number, inverted, and whatever they are, there is a signature in
    // them. Other numbers, and a certificate with a changed digit, do not look like that.
    if (1..=LAST_FORMAT).contains(&found) && body.first() == Some(&!found) && body.len() > 64 {
        return Error::NotUnderstood { what: "the QR code", found: format!("the format {found}") };
    }
    Error::QrFormat { found }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::{jose::Algorithm, test_support};

    fn round_trip(claims: &CertificateClaims) -> QrPayload {
        let key = test_support::certificate_key();
        let signed = Signed::sign(claims, Algorithm::EdDsa, &key).expect("signs");
        let verified = signed.verify(&crate::key::Signer::public_key(&key)).expect("holds");
        let list = test_support::trust_list();
        let payload = QrPayload::encode(&signed, &verified, &list).expect("encodes");
        let read = QrPayload::from_digits(&payload.to_digits()).expect("digits");
        assert_eq!(read.decode(&list).expect("decodes").as_str(), signed.as_str());
        payload
    }

    #[test]
    fn the_template_is_92_bytes_and_the_names() {
        let claims = test_support::claims();
        let payload = round_trip(&claims);
        assert_eq!(payload.as_bytes()[0], 1);
        assert_eq!(
            payload.as_bytes().len(),
            92 + "Åse".chars().count() + "Kjærstad Østlyngen-Bråthen".chars().count()
        );
    }

    #[test]
    fn names_beyond_the_western_alphabets_take_their_bytes_in_utf_8() {
        for (given_name, family_name) in [
            ("Ánne", "Máhtte Ŋávdi"),
            ("Łukasz", "Żółć"),
            ("Æsa", "Þórdísardóttir"),
            ("Ÿ", "ÿ"),
            ("ƐFUA", "ƆSƐI"),
            ("Ɛfua", "Ɔsɛi-Ɗɔɓɛ"),
            ("Ɐ\u{1df00}", "Oʻktam Se\u{331}"),
            ("", "Suharto"),
            ("", "Żółć"),
            (&"å".repeat(50), &"Ɛ".repeat(50)),
        ] {
            let mut claims = test_support::claims();
            claims.given_name = given_name.parse().expect("a name");
            claims.family_name = family_name.parse().expect("a name");
            let latin = (given_name.to_string() + family_name).chars().all(|c| c <= '\u{ff}');
            let length = if latin {
                given_name.chars().count() + family_name.chars().count()
            } else {
                given_name.len() + family_name.len()
            };
            assert_eq!(round_trip(&claims).as_bytes().len(), 92 + length, "{given_name}");
        }
    }

    #[test]
    fn what_the_template_cannot_render_is_compressed() {
        type Change = fn(&mut CertificateClaims);
        let cases: [(&str, Change); 5] = [
            ("a kind that the profile does not have", |c| {
                c.authorisation.kind = crate::code::Kind::TraineeLicence;
            }),
            ("an end that is not a whole hour", |c| c.exp = c.exp.plus_seconds(1)),
            ("an end after the year 3883", |c| {
                c.exp = crate::time::NumericDate::from_seconds(70_000_000_000).expect("an instant")
            }),
            ("a birth date before 1930", |c| c.birthdate = "1929-12-31".parse().expect("a date")),
            ("another issuer's constants", |c| {
                c.iss = "https://other.example.no".parse().expect("a URL");
                c.vct = CertificateClaims::vct_of(&c.iss, "perfusionist").parse().expect("a URL");
                c.status.status_list.uri =
                    crate::claims::StatusListUri::new(&c.iss, c.status.status_list.uri.number());
            }),
        ];
        for (name, change) in cases {
            let mut claims = test_support::claims();
            change(&mut claims);
            assert_eq!(round_trip(&claims).as_bytes()[0], 2, "{name}");
        }
    }

    #[test]
    fn another_algorithm_name_than_the_profiles_is_compressed() {
        let key = test_support::certificate_key();
        let signed =
            Signed::sign(&test_support::claims(), Algorithm::Ed25519, &key).expect("signs");
        let verified = signed.verify(&crate::key::Signer::public_key(&key)).expect("holds");
        let payload =
            QrPayload::encode(&signed, &verified, &test_support::trust_list()).expect("encodes");
        assert_eq!(payload.as_bytes()[0], 2);
    }

    #[test]
    fn every_cut_and_every_extension_is_an_error() {
        let list = test_support::trust_list();
        let payload = round_trip(&test_support::claims());
        for length in 0..payload.as_bytes().len() {
            let cut = QrPayload(payload.as_bytes()[..length].into());
            // A cut in the family name leaves a well-formed payload, whose signature cannot be
            // valid.
            if let Ok(certificate) = cut.decode(&list) {
                assert_eq!(
                    certificate.verify(&list.keys[0].key).expect_err("cut").code(),
                    "signature_invalid"
                );
            }
        }
        assert_eq!(
            QrPayload([1; 60].into()).decode(&list).expect_err("short").code(),
            "qr_payload"
        );
        assert_eq!(
            QrPayload([99; 160].into()).decode(&list).expect_err("format").code(),
            "qr_format"
        );
        let mut other = payload.as_bytes().to_vec();
        other[1] = 9;
        assert_eq!(
            QrPayload(other.clone()).decode(&list).expect_err("profile").code(),
            "qr_profile_unknown"
        );
        other[1] = 1;
        other[2] ^= 1;
        assert_eq!(QrPayload(other).decode(&list).expect_err("key").code(), "key_unknown");
    }

    #[test]
    fn every_cut_of_a_compressed_payload_is_an_error() {
        let list = test_support::trust_list();
        let mut claims = test_support::claims();
        claims.exp = claims.exp.plus_seconds(1);
        let payload = round_trip(&claims);
        for length in 1..payload.as_bytes().len() {
            assert_eq!(
                QrPayload(payload.as_bytes()[..length].into())
                    .decode(&list)
                    .expect_err("cut")
                    .code(),
                "qr_payload"
            );
        }
        let longer = [payload.as_bytes(), b"x"].concat();
        assert_eq!(QrPayload(longer).decode(&list).expect_err("longer").code(), "qr_payload");
        let bomb = crate::deflate::compress(crate::deflate::Format::Raw, &[b' '; 1 << 20]);
        let bomb = [&[2, 60][..], &[0; 64], &bomb].concat();
        assert_eq!(QrPayload(bomb).decode(&list).expect_err("a bomb").code(), "qr_payload");
    }

    #[test]
    fn a_changed_bit_anywhere_is_noticed() {
        let mut plain = test_support::claims();
        plain.given_name = "Ada".parse().expect("a name");
        plain.family_name = "Hansen".parse().expect("a name");
        for claims in [test_support::claims(), plain] {
            change_every_bit(&claims);
        }
    }

    fn change_every_bit(claims: &CertificateClaims) {
        let list = test_support::trust_list();
        let payload = round_trip(claims);
        for position in 0..payload.as_bytes().len() * 8 {
            let mut bytes = payload.as_bytes().to_vec();
            bytes[position / 8] ^= 1 << (position % 8);
            if let Ok(certificate) = QrPayload(bytes).decode(&list) {
                assert!(certificate.verify(&list.keys[0].key).is_err(), "bit {position}");
            }
        }
    }

    #[test]
    fn the_link_is_the_page_and_the_digits() {
        let payload = round_trip(&test_support::claims());
        let page = "https://verify.example.no/v".parse().expect("a URL");
        let link = payload.to_link(&page);
        assert_eq!(link, "https://verify.example.no/v#".to_string() + &payload.to_digits());
    }
}
