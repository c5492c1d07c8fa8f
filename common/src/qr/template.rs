//! Format 1: the claims that vary, and the signature. The reader adds the constants of the issuer's
//! profile.
//!
//! | offset | bytes | content |
//! |---|---|---|
//! | 0 | 1 | the format, 1 |
//! | 1 | 1 | the number of the profile |
//! | 2 | 2 | the first two bytes of the key's thumbprint |
//! | 4 | 4 | `iat`, seconds |
//! | 8 | 3 | `exp`, whole hours since 1970 (midnight in Oslo is always a whole hour in UTC, so no reader needs a time zone) |
//! | 11 | 1 | year of the certificate number, less 2000 |
//! | 12 | 3 | serial number of the certificate number |
//! | 15 | 4 | health personnel number |
//! | 19 | 2 | `birthdate`, days since 1930-01-01 |
//! | 21 | 2 | `authorisation.granted`, days since 1930-01-01 |
//! | 23 | 1 | kind in the high nibble, basis in the low nibble, each by its place in the table, from 1 |
//! | 24 | 3 | number of the status list in the upper 7 bits, status index in the lower 17 |
//! | 27 | 1 | encoding of the names in the upper bit (0 ISO 8859-1, 1 UTF-8), length of the given name in bytes in the lower 7 |
//! | 28 | … | given name, family name; a given name of 0 bytes is none |
//! | | 64 | signature |
//!
//! Numbers are big-endian. The size is 92 bytes and the names; with most people's names this gives
//! a QR code of version 8. Names are written in ISO 8859-1 if both can be: a byte for each Å, Ø and
//! ð, where UTF-8 takes two. Sámi and Polish names are in UTF-8.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::peek::Peek;
use crate::{
    claims::{Authorisation, CertificateClaims, StatusClaim, StatusListUri, StatusReference},
    code::{Basis, Kind},
    error::Error,
    id::{CertificateNumber, HprNumber, StatusIndex, StatusListNumber},
    jose::{Header, Payload, Signed},
    time::{CivilDate, NumericDate},
    trust_list::{Profile, TrustList},
};

pub(super) const FORMAT: u8 = 1;

/// Two bytes of days reach from here to 2109-06-06.
fn first_day() -> CivilDate {
    CivilDate::new(1930, 1, 1).expect("1930-01-01 exists")
}

pub(super) fn encode(
    certificate: &Signed<CertificateClaims>,
    claims: &CertificateClaims,
    trust_list: &TrustList,
) -> Result<Vec<u8>, Error> {
    let algorithm = certificate.header().algorithm()?;
    // The reader writes header and claims from what it knows, and nothing else.
    let is_known = certificate.unverified_header()
        == Header::new::<CertificateClaims>(algorithm, certificate.kid()).to_json()
        && certificate.unverified_payload() == claims.write()?;
    if !is_known {
        return Err(Error::TemplateMisfit { field: "an unknown member" });
    }
    let profile = trust_list
        .profiles
        .iter()
        .find(|profile| profile.alg == algorithm && profile.is_of(claims))
        .ok_or(Error::TemplateMisfit { field: "a constant of no profile" })?;
    let hint = trust_list.key(certificate.kid())?.key.hint();
    let number = claims.certificate_number;
    let status = &claims.status.status_list;
    let (encoding, [given_name, family_name]) =
        encode_names([claims.given_name.as_str(), claims.family_name.as_str()]);

    let mut out = Vec::with_capacity(160);
    out.extend([FORMAT, profile.id]);
    out.extend(hint);
    out.extend(
        u32::try_from(claims.iat.seconds())
            .map_err(|_| Error::TemplateMisfit { field: "iat" })?
            .to_be_bytes(),
    );
    out.extend(hours(claims.exp)?);
    out.push((number.year() - 2000) as u8);
    out.extend(&number.serial().to_be_bytes()[1..]);
    out.extend(claims.hpr_number.number().to_be_bytes());
    out.extend(days("birthdate", claims.birthdate)?);
    out.extend(days("authorisation.granted", claims.authorisation.granted)?);
    out.push(
        place("authorisation.kind", &KINDS, &claims.authorisation.kind)? << 4
            | place("authorisation.basis", &BASES, &claims.authorisation.basis)?,
    );
    out.extend(
        &(u32::from(status.uri.number().number()) << 17 | status.idx.index()).to_be_bytes()[1..],
    );
    out.push(encoding | given_name.len() as u8);
    out.extend(given_name);
    out.extend(family_name);
    out.extend(certificate.signature());
    Ok(out)
}

pub(super) fn decode(
    body: &[u8],
    trust_list: &TrustList,
) -> Result<Signed<CertificateClaims>, Error> {
    let (body, signature) = body.split_last_chunk::<64>().ok_or(CUT_SHORT)?;
    let mut fields = Fields(body);
    let profile = trust_list.profile(fields.byte()?)?;
    let kid = trust_list.key_by_hint(fields.bytes()?)?.key.kid();
    let claims = fields.claims(profile)?;
    Signed::around(claims, profile.alg, kid, *signature)
}

pub(super) fn peek(body: &[u8]) -> Result<Peek, Error> {
    let (body, _) = body.split_last_chunk::<64>().ok_or(CUT_SHORT)?;
    let mut fields = Fields(body);
    let profile = fields.byte()?;
    let key_hint = fields.bytes()?;
    let nobody = Profile::of_nobody(profile)?;
    Ok(Peek::Template { profile, key_hint, claims: Box::new(fields.claims(&nobody)?) })
}

const CUT_SHORT: Error = Error::QrPayload { reason: "it is cut short" };

/// The fields that have not been read yet.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn claims(&mut self, profile: &Profile) -> Result<CertificateClaims, Error> {
        let iat = NumericDate::from_seconds(u32::from_be_bytes(self.bytes()?).into())?;
        let exp = NumericDate::from_seconds(i64::from(self.u24()?) * 3600)?;
        let certificate_number = {
            let year = 2000 + u16::from(self.byte()?);
            CertificateNumber::new(profile.certificate_number_prefix, year, self.u24()?)?
        };
        let hpr_number = HprNumber::new(u32::from_be_bytes(self.bytes()?))?;
        let birthdate = self.date()?;
        let granted = self.date()?;
        let codes = self.byte()?;
        let kind = at(&KINDS, codes >> 4)?;
        let basis = at(&BASES, codes & 0xf)?;
        let slot = self.u24()?;
        let idx = StatusIndex::new(slot & (StatusIndex::COUNT - 1))?;
        let uri = StatusListUri::new(&profile.iss, StatusListNumber::new((slot >> 17) as u8)?);
        let encoding_and_length = self.byte()?;
        let given_name_length = usize::from(encoding_and_length & !UTF_8);
        let (given_name, family_name) =
            self.0.split_at_checked(given_name_length).ok_or(CUT_SHORT)?;
        let encoding = encoding_and_length & UTF_8;
        let names = [decode_name(encoding, given_name)?, decode_name(encoding, family_name)?];
        // One spelling: only the encoder's choice is accepted.
        if encode_names([&names[0], &names[1]]).0 != encoding {
            return Err(Error::QrPayload {
                reason: "the names are in UTF-8, although ISO 8859-1 has their letters",
            });
        }
        Ok(CertificateClaims {
            iss: profile.iss.clone(),
            vct: profile.vct.clone(),
            iat,
            exp,
            certificate_number,
            // No bytes are no given name.
            given_name: names[0].parse()?,
            family_name: names[1].parse()?,
            birthdate,
            hpr_number,
            profession: profile.profession,
            title: profile.title.clone(),
            authorisation: Authorisation { kind, basis, granted },
            status: StatusClaim { status_list: StatusReference { idx, uri } },
        })
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or(CUT_SHORT)?;
        self.0 = rest;
        Ok(*field)
    }

    fn byte(&mut self) -> Result<u8, Error> {
        Ok(self.bytes::<1>()?[0])
    }

    fn u24(&mut self) -> Result<u32, Error> {
        let [a, b, c] = self.bytes()?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    fn date(&mut self) -> Result<CivilDate, Error> {
        Ok(first_day().plus_days(u16::from_be_bytes(self.bytes()?).into()))
    }
}

/// The bit that marks names in UTF-8 instead of ISO 8859-1.
const UTF_8: u8 = 0x80;

/// Both names in one encoding. ISO 8859-1 is the first 256 characters of Unicode, one byte each.
fn encode_names(names: [&str; 2]) -> (u8, [Vec<u8>; 2]) {
    let latin = |name: &str| {
        name.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>()
    };
    match names.map(latin) {
        [Some(given_name), Some(family_name)] => (0, [given_name, family_name]),
        _ => (UTF_8, names.map(|name| name.as_bytes().into())),
    }
}

fn decode_name(encoding: u8, bytes: &[u8]) -> Result<String, Error> {
    if encoding == UTF_8 {
        return String::from_utf8(bytes.into())
            .map_err(|_| Error::QrPayload { reason: "a name is not UTF-8" });
    }
    Ok(bytes.iter().copied().map(char::from).collect())
}

fn hours(exp: NumericDate) -> Result<[u8; 3], Error> {
    let misfit = Error::TemplateMisfit { field: "exp" };
    if exp.seconds() % 3600 != 0 {
        return Err(misfit);
    }
    match u32::try_from(exp.seconds() / 3600).map(u32::to_be_bytes) {
        Ok([0, a, b, c]) => Ok([a, b, c]),
        _ => Err(misfit),
    }
}

fn days(field: &'static str, date: CivilDate) -> Result<[u8; 2], Error> {
    u16::try_from(date.days_since(first_day()))
        .map(u16::to_be_bytes)
        .map_err(|_| Error::TemplateMisfit { field })
}

/// The kinds of right that the template has, in the order of their numbers. Others are rare, and
/// are written in format 2.
const KINDS: [Kind; 4] =
    [Kind::Authorisation, Kind::LimitedAuthorisation, Kind::Licence, Kind::TemporaryService];

/// The bases that the template has, in the order of their numbers.
const BASES: [Basis; 5] = [
    Basis::NorwegianExam,
    Basis::AccreditedSchoolExam,
    Basis::Transitional,
    Basis::EeaRecognition,
    Basis::EquivalentForeignExam,
];

/// The place of a value in its table, from 1: 0 is left free, so that an empty field is never a
/// valid one.
fn place<T: PartialEq>(field: &'static str, table: &[T], value: &T) -> Result<u8, Error> {
    let index = table.iter().position(|entry| entry == value);
    index.map(|index| 1 + index as u8).ok_or(Error::TemplateMisfit { field })
}

fn at<T: Copy>(table: &[T], place: u8) -> Result<T, Error> {
    let index = usize::from(place).checked_sub(1);
    index
        .and_then(|index| table.get(index))
        .copied()
        .ok_or(Error::QrPayload { reason: "a code is unknown" })
}
