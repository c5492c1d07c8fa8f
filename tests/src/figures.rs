//! The sizes of certificates, codes and bundles.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;
use vernet_common::{
    Algorithm, Authorisation, CertificateClaims, CertificateNumber, HttpsUrl, Kind, NumericDate,
    Profile, QrPayload, Roots, SecretKey, Signed, Signer, StatusClaim, StatusIndex,
    StatusListNumber, StatusListUri, StatusReference, TrustList, TrustedKey,
};
use vernet_issuer::{QrCode, Release};
use vernet_register::{Application, Event, Proposal};

use crate::{
    founded::{FoundedOffice, Founding, ISS, PAGE},
    office::title,
};

/// A row of `tests/names/people.csv`.
pub struct Person {
    pub given_name: String,
    pub family_name: String,
    pub birthdate: String,
    pub hpr_number: String,
    pub kind: String,
    pub basis: String,
    pub granted: String,
}

pub fn people() -> Result<Vec<Person>> {
    let csv =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("names/people.csv"))?;
    let row = |line: &str| -> Result<Person> {
        // No name contains a comma or a quotation mark.
        let fields: Vec<String> = line.split(',').map(ToOwned::to_owned).collect();
        let [given_name, family_name, birthdate, hpr_number, kind, basis, granted] =
            fields.try_into().ok().context("seven columns")?;
        Ok(Person { given_name, family_name, birthdate, hpr_number, kind, basis, granted })
    };
    csv.lines().skip(1).map(row).collect()
}

/// How many QR codes have which version, and the least, the median and the most bytes of their
/// payloads.
pub struct QrSizes {
    pub versions: BTreeMap<u8, usize>,
    pub bytes: (usize, usize, usize),
}

pub fn qr_sizes(people: &[Person]) -> Result<QrSizes> {
    let key = SecretKey::from_seed(&[1; 32]);
    let trust_list = trust_list(&key)?;
    let page: HttpsUrl = PAGE.parse()?;
    let mut versions = BTreeMap::new();
    let mut bytes = Vec::new();
    for (place, person) in (0..).zip(people) {
        let signed = Signed::sign(&claims(place, person)?, Algorithm::EdDsa, &key)?;
        let payload = QrPayload::encode(&signed, &signed.verify(&key.public_key())?, &trust_list)?;
        let link = payload.to_link(&page);
        // Read as a hospital does: from the digits, with the trust list.
        let digits = link.split_once('#').context("a link has digits")?.1;
        anyhow::ensure!(
            QrPayload::from_digits(digits)?.decode(&trust_list)?.as_str() == signed.as_str()
        );
        bytes.push(payload.as_bytes().len());
        *versions.entry(QrCode::new(&link)?.version()).or_insert(0) += 1;
    }
    bytes.sort_unstable();
    let (least, most) = bytes.first().zip(bytes.last()).context("there are people")?;
    Ok(QrSizes { versions, bytes: (*least, bytes[bytes.len() / 2], *most) })
}

/// A certificate as the office would sign it, with slots and numbers spread as in use.
fn claims(place: u32, person: &Person) -> Result<CertificateClaims> {
    let iss: HttpsUrl = ISS.parse()?;
    let birthdate: vernet_common::CivilDate = person.birthdate.parse()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.word() == person.kind).context("a kind")?;
    Ok(CertificateClaims {
        vct: title(&iss).vct,
        iat: NumericDate::from_seconds(1_795_341_600 + i64::from(place) * 977)?,
        exp: birthdate.plus_years(80).start(),
        certificate_number: CertificateNumber::new(
            title(&iss).certificate_number_prefix,
            2026,
            place + 1,
        )?,
        given_name: person.given_name.parse()?,
        family_name: person.family_name.parse()?,
        birthdate,
        hpr_number: person.hpr_number.parse()?,
        profession: title(&iss).profession,
        title: title(&iss).title,
        authorisation: Authorisation {
            kind,
            basis: serde_json::from_value(json!(person.basis))?,
            granted: person.granted.parse()?,
        },
        status: StatusClaim {
            status_list: StatusReference {
                idx: StatusIndex::new(place * 7919 % StatusIndex::COUNT)?,
                uri: StatusListUri::new(&iss, StatusListNumber::new(1)?),
            },
        },
        iss,
    })
}

fn trust_list(key: &SecretKey) -> Result<TrustList> {
    let (iss, iat): (HttpsUrl, _) = (ISS.parse()?, NumericDate::from_seconds(1_795_000_000)?);
    let root = SecretKey::from_seed(&[2; 32]).public_key();
    let certificate_key = TrustedKey {
        key: key.public_key(),
        r#use: vernet_common::KeyUse::Certificate,
        not_before: iat,
        not_after: None,
        compromised_at: None,
        log_size: None,
    };
    Ok(TrustList {
        seq: 1,
        iat,
        exp: iat.plus_seconds(90 * 86_400),
        roots: Roots { keys: [root].into(), threshold: 1 },
        keys: [certificate_key].into(),
        log: vernet_common::TrustedLog::new(vernet_common::LogHead::empty()),
        office: None,
        profiles: [Profile::new(1, Algorithm::EdDsa, iss.clone(), &title(&iss))].into(),
        titles: [title(&iss)].into(),
        iss,
    })
}

/// An office with 50 certificates, some of them with later decisions.
pub struct OfficeOf50 {
    /// The size of `bundle.json`.
    pub bundle_bytes: usize,
    /// The certificates that may be printed.
    pub certificates: Vec<Release>,
}

/// An open office, and its folder.
pub struct OpenOffice {
    pub folder: TempDir,
    pub founded: FoundedOffice,
}

pub fn open_office() -> Result<OpenOffice> {
    let folder = tempfile::tempdir()?;
    let founded = Founding::at("2026-11-22T10:00:00Z", 5).found(&folder.path().join("office"))?;
    Ok(OpenOffice { folder, founded })
}

pub fn office_of_50(people: &[Person]) -> Result<OfficeOf50> {
    let OpenOffice { folder, mut founded } = open_office()?;
    for (place, person) in people.iter().take(50).enumerate() {
        let application = json!({
            "given_name": person.given_name,
            "family_name": person.family_name,
            "birthdate": person.birthdate,
            "hpr_number": person.hpr_number,
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": person.granted },
            "decided": person.granted,
            "granted": person.granted,
        });
        let application = Application::from_json(&serde_json::to_vec(&application)?)?;
        let granted = founded.settle(Proposal::to_grant(application))?;
        let certificate = granted.event.issued().context("a certificate")?.0.certificate_number;
        let event = match place {
            0..3 => Event::suspended(certificate, "2027-02-01".parse()?),
            3..5 => Event::Limited { certificate, reference: "2026/1".into(), until: None },
            5..10 => Event::Revoked { certificate, gravest: false },
            _ => continue,
        };
        founded.settle(Proposal::of(event))?;
    }
    let FoundedOffice { mut office, officers: [kari, _], passphrase, now, .. } = founded;
    let out = folder.path().join("publication");
    let published = office.publish(&out, &passphrase, (&kari, now), &mut |_, _| {})?;
    let numbers = office
        .register()
        .state()
        .certificates()
        .map(|certificate| certificate.claims.certificate_number);
    let certificates = numbers.filter_map(|number| office.release(number, now).ok()).collect();
    Ok(OfficeOf50 { bundle_bytes: published.bundle_bytes, certificates })
}
