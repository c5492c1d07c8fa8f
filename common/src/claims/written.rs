//! The claims as canonical JSON (RFC 8785), written and read in one pass.
//!
//! Nearly every certificate has exactly the members that this version knows. Here they stand one
//! after the other in their canonical order, so nothing is sorted, and reading checks the form of
//! every byte on the way. No text of a certificate has characters that JSON escapes. What has
//! another form, and be it by one byte, is for the general reader to judge.

use alloc::{string::String, vec::Vec};
use core::{fmt::Write, str::FromStr};

use super::{Authorisation, CertificateClaims, StatusClaim, StatusReference};
use crate::{
    code::{Basis, Kind},
    id::{HprNumber, StatusIndex},
    name::{GivenNames, PersonName},
    time::NumericDate,
};

impl CertificateClaims {
    /// The canonical JSON: the same bytes as of [`to_canonical_json`](crate::to_canonical_json).
    pub(crate) fn to_canonical(&self) -> Vec<u8> {
        // Two names of 100 bytes, and URLs that are shorter than they may be.
        let mut json = String::with_capacity(640);
        self.append_to(&mut json).expect("writing into memory cannot fail");
        json.into_bytes()
    }

    fn append_to(&self, json: &mut String) -> core::fmt::Result {
        let Authorisation { kind, basis, granted } = self.authorisation;
        let StatusReference { idx, uri } = &self.status.status_list;
        let (basis, kind) = (basis.as_str(), kind.code());
        write!(
            json,
            r#"{{"authorisation":{{"basis":"{basis}","granted":"{granted}","kind":"{kind}"}}"#
        )?;
        write!(json, r#","birthdate":"{}""#, self.birthdate)?;
        write!(json, r#","certificate_number":"{}""#, self.certificate_number)?;
        write!(json, r#","exp":{},"family_name":""#, self.exp.seconds())?;
        json.push_str(self.family_name.as_str());
        if !self.given_name.is_none() {
            json.push_str(r#"","given_name":""#);
            json.push_str(self.given_name.as_str());
        }
        write!(
            json,
            r#"","hpr_number":"{}","iat":{},"iss":""#,
            self.hpr_number,
            self.iat.seconds()
        )?;
        json.push_str(self.iss.as_str());
        json.push_str(r#"","profession":""#);
        json.push_str(self.profession.as_str());
        write!(json, r#"","status":{{"status_list":{{"idx":{},"uri":""#, idx.index())?;
        json.push_str(uri.as_str());
        json.push_str(r#""}},"title":""#);
        json.push_str(self.title.as_str());
        json.push_str(r#"","vct":""#);
        json.push_str(self.vct.as_str());
        json.push_str(r#""}"#);
        Ok(())
    }

    /// The claims in exactly this form. `None` says nothing but that the general reader is needed.
    pub(crate) fn from_canonical(json: &[u8]) -> Option<Self> {
        let mut rest = Unread(core::str::from_utf8(json).ok()?);
        let authorisation = Authorisation {
            basis: Basis::of(rest.text(r#"{"authorisation":{"basis":""#)?)?,
            granted: rest.parsed(r#"","granted":""#)?,
            kind: Kind::of(rest.text(r#"","kind":""#)?)?,
        };
        let birthdate = rest.parsed(r#""},"birthdate":""#)?;
        let certificate_number = rest.parsed(r#"","certificate_number":""#)?;
        let exp = rest.instant(r#"","exp":"#)?;
        let family_name = rest.parsed(r#","family_name":""#)?;
        let given_name = match rest.0.starts_with(r#"","given_name""#) {
            true => GivenNames::from(rest.parsed::<PersonName>(r#"","given_name":""#)?),
            false => GivenNames::NONE,
        };
        let hpr_number = rest.text(r#"","hpr_number":""#)?;
        // Leading zeros are noise to this type, and another spelling here.
        let hpr_number: HprNumber =
            Some(hpr_number).filter(|digits| !digits.starts_with('0'))?.parse().ok()?;
        let iat = rest.instant(r#"","iat":"#)?;
        let iss = rest.parsed(r#","iss":""#)?;
        let profession = rest.parsed(r#"","profession":""#)?;
        let idx = rest.number(r#"","status":{"status_list":{"idx":"#)?;
        let status_list = StatusReference {
            idx: StatusIndex::new(u32::try_from(idx).ok()?).ok()?,
            uri: rest.parsed(r#","uri":""#)?,
        };
        let title = rest.parsed(r#""}},"title":""#)?;
        let vct = rest.parsed(r#"","vct":""#)?;
        (rest.0 == r#""}"#).then_some(Self {
            iss,
            vct,
            iat,
            exp,
            certificate_number,
            given_name,
            family_name,
            birthdate,
            hpr_number,
            profession,
            title,
            authorisation,
            status: StatusClaim { status_list },
        })
    }
}

/// What has not been read yet.
struct Unread<'a>(&'a str);

impl<'a> Unread<'a> {
    /// The text that follows what is expected here, up to the next quotation mark. The types of the
    /// claims refuse every character that JSON would escape.
    fn text(&mut self, expected: &str) -> Option<&'a str> {
        let rest = self.0.strip_prefix(expected)?;
        let (text, rest) = rest.split_at_checked(rest.bytes().position(|b| b == b'"')?)?;
        self.0 = rest;
        Some(text)
    }

    fn parsed<T: FromStr>(&mut self, expected: &str) -> Option<T> {
        self.text(expected)?.parse().ok()
    }

    /// The number that follows what is expected here, in its one spelling.
    fn number(&mut self, expected: &str) -> Option<u64> {
        let rest = self.0.strip_prefix(expected)?;
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
        (!has_leading_zero).then(|| digits.parse().ok())?
    }

    fn instant(&mut self, expected: &str) -> Option<NumericDate> {
        NumericDate::from_seconds(i64::try_from(self.number(expected)?).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        canonical::{from_canonical_json, to_canonical_json},
        test_support,
    };

    fn agree(json: &[u8]) {
        let slow = from_canonical_json::<CertificateClaims>("", json).ok();
        assert_eq!(CertificateClaims::from_canonical(json), slow, "{}", json.escape_ascii());
    }

    fn samples() -> Vec<CertificateClaims> {
        let sample = |given: &str, family: &str, kind, basis| CertificateClaims {
            given_name: match given {
                "" => GivenNames::NONE,
                given => given.parse().expect("a name"),
            },
            family_name: family.parse().expect("a name"),
            authorisation: Authorisation { kind, basis, ..test_support::claims().authorisation },
            ..test_support::claims()
        };
        let mut samples = alloc::vec![test_support::claims()];
        for kind in Kind::ALL {
            for basis in Basis::ALL {
                samples.push(sample("Åse", "O'Kjærstad-Ŋávdi", kind, basis));
                samples.push(sample("", "Ɔsɛi Se\u{331}", kind, basis));
            }
        }
        samples
    }

    #[test]
    fn it_is_what_the_general_reader_and_writer_give() {
        for claims in samples() {
            let json = to_canonical_json("", &claims).expect("JSON");
            assert_eq!(claims.to_canonical(), json);
            assert_eq!(CertificateClaims::from_canonical(&json), Some(claims));
        }
    }

    #[test]
    fn every_changed_missing_or_added_byte_gets_the_general_readers_answer() {
        for claims in samples().into_iter().take(3) {
            let json = claims.to_canonical();
            for place in 0..json.len() {
                for byte in (0..=0x7f).chain([0x80, 0xc3, 0xff]) {
                    let mut changed = json.clone();
                    changed[place] = byte;
                    agree(&changed);
                    changed = json.clone();
                    changed.insert(place, byte);
                    agree(&changed);
                }
                let mut cut = json.clone();
                cut.remove(place);
                agree(&cut);
                agree(&json[..place]);
            }
            agree(&[&json[..], b" "].concat());
        }
    }

    proptest! {
        #[test]
        fn any_values_get_the_general_readers_answer(
            name in "\\PC{0,12}", number in "[0-9+-]{0,12}", other in "[0-9]{0,20}", date in "[0-9-]{8,12}",
        ) {
            let json = String::from_utf8(test_support::claims().to_canonical()).expect("UTF-8");
            let value = |before: &str, after: &str, new: &str| {
                let start = json.find(before).expect("a member") + before.len();
                let end = start + json[start..].find(after).expect("its end");
                alloc::format!("{}{new}{}", &json[..start], &json[end..])
            };
            for text in [
                value(r#""family_name":""#, "\"", &name),
                value(r#""title":""#, "\"", &name),
                value(r#""iss":"https://"#, "\"", &name),
                value(r#""hpr_number":""#, "\"", &number),
                value(r#""exp":"#, ",", &other),
                value(r#""iat":"#, ",", &number),
                value(r#""idx":"#, ",", &other),
                value(r#""birthdate":""#, "\"", &date),
            ] {
                agree(text.as_bytes());
            }
        }
    }
}
