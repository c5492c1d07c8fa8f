//! How large things are.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use tempfile::TempDir;
use vernet_common::{
    Algorithm, Authorisation, CertificateClaims, CertificateNumber, HttpsUrl, Kind, NumericDate,
    Profession, Profile, QrPayload, Roots, SecretKey, Signed, Signer, StatusClaim, StatusIndex,
    StatusListNumber, StatusListUri, StatusReference, Title, TrustAnchor, TrustList, TrustedKey,
};
use vernet_issuer::{LetOut, Office, OfficeConfig, Passphrase, QrCode, new_key_pair};
use vernet_register::{Application, Enrolment, Event, OfficeData, Proposal, Role};

pub(crate) const PAGE: &str = "https://verify.example.no/v";
const ISS: &str = "https://perfusionist.example.no";

/// A row of `tests/names/people.csv`.
pub(crate) struct Person {
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) birthdate: String,
    pub(crate) hpr_number: String,
    pub(crate) kind: String,
    pub(crate) basis: String,
    pub(crate) granted: String,
}

pub(crate) fn people() -> Result<Vec<Person>> {
    let csv = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/names/people.csv"),
    )?;
    let row = |line: &str| -> Result<Person> {
        // No name has a comma or a quotation mark in it.
        let fields: Vec<String> = line.split(',').map(ToOwned::to_owned).collect();
        let [given_name, family_name, birthdate, hpr_number, kind, basis, granted] =
            fields.try_into().ok().context("seven columns")?;
        Ok(Person { given_name, family_name, birthdate, hpr_number, kind, basis, granted })
    };
    csv.lines().skip(1).map(row).collect()
}

/// How many QR codes have which version, and the least, the median and the most bytes of their
/// payloads.
pub(crate) struct QrSizes {
    pub(crate) versions: BTreeMap<u8, usize>,
    pub(crate) bytes: (usize, usize, usize),
}

pub(crate) fn qr_sizes(people: &[Person]) -> Result<QrSizes> {
    let key = SecretKey::from_seed(&[1; 32]);
    let trust_list = trust_list(&key)?;
    let page: HttpsUrl = PAGE.parse()?;
    let mut versions = BTreeMap::new();
    let mut bytes = Vec::new();
    for (place, person) in (0..).zip(people) {
        let signed = Signed::sign(&claims(place, person)?, Algorithm::EdDsa, &key)?;
        let payload = QrPayload::encode(&signed, &signed.verify(&key.public_key())?, &trust_list)?;
        let link = payload.to_link(&page);
        // As a hospital reads it: from the digits, with the trust list.
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
        vct: CertificateClaims::vct_of(&iss).parse()?,
        iat: NumericDate::from_seconds(1_795_341_600 + i64::from(place) * 977)?,
        exp: birthdate.plus_years(80).start(),
        certificate_number: CertificateNumber::new(2026, place + 1)?,
        given_name: person.given_name.parse()?,
        family_name: person.family_name.parse()?,
        birthdate,
        hpr_number: person.hpr_number.parse()?,
        profession: Profession::Perfusionist,
        title: Title::Perfusionist,
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
        roots: Roots { keys: vec![root], threshold: 1 },
        keys: vec![certificate_key],
        log: vernet_common::TrustedLog::new(vernet_common::LogHead::empty()),
        profiles: vec![Profile::new(1, Algorithm::EdDsa, iss.clone())?],
        iss,
    })
}

/// An office with 50 certificates, some of which something happened to.
pub(crate) struct OfficeOf50 {
    /// The size of `bundle.json`.
    pub(crate) bundle_bytes: usize,
    /// The certificates that may be printed.
    pub(crate) certificates: Vec<LetOut>,
}

/// An office that is open for work, with keys and a trust list.
pub(crate) struct OpenOffice {
    pub(crate) folder: TempDir,
    pub(crate) office: Office,
    pub(crate) officers: [SecretKey; 2],
    pub(crate) passphrase: Passphrase,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) now: NumericDate,
}

pub(crate) fn open_office() -> Result<OpenOffice> {
    let folder = tempfile::tempdir()?;
    let mut rng = ChaCha20Rng::from_seed([5; 32]);
    let passphrase = Passphrase::from_prompt("figures need no secrets".to_owned())?;
    let (officer, second) = (new_key_pair(&mut rng), new_key_pair(&mut rng));
    let now: NumericDate = "2026-11-22T10:00:00Z".parse()?;
    let roots = [1, 2, 3].map(|_| new_key_pair(&mut rng));
    let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
    let anchor = TrustAnchor { iss: ISS.parse()?, roots: public, seq: 1 };
    let config = OfficeConfig::new(ISS.parse()?, PAGE.parse()?);
    let mut office = Office::create(
        &folder.path().join("office"),
        &config,
        &OfficeData::sample(),
        &anchor,
        (founders(&officer, &second)?, &officer),
        now,
        &mut rng,
    )?;
    for r#use in [
        vernet_common::KeyUse::Certificate,
        vernet_common::KeyUse::Status,
        vernet_common::KeyUse::Log,
    ] {
        office.add_key(
            r#use,
            now.plus_seconds(86_400 * 1000),
            &passphrase,
            (&officer, now),
            &mut rng,
        )?;
    }
    let mut list = office.draft_trust_list(None, now)?;
    roots.iter().try_for_each(|root| list.add_signature(root))?;
    office.accept_trust_list(&list, &officer, now)?;
    Ok(OpenOffice { folder, office, officers: [officer, second], passphrase, rng, now })
}

pub(crate) fn office_of_50(people: &[Person]) -> Result<OfficeOf50> {
    let OpenOffice { folder, mut office, officers: [officer, second], passphrase, mut rng, now } =
        open_office()?;
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
        let seq = office.propose(Proposal::to_grant(application), &[], &officer, now)?.seq;
        let granted = office.approve(seq, Some(&passphrase), (&second, now), &mut rng)?;
        let certificate = granted.event.issued().context("a certificate")?.0.certificate_number;
        let event = match place {
            0..3 => Event::Suspended {
                certificate,
                until: "2027-02-01".parse()?,
                unapproved_until: None,
            },
            3..5 => Event::Limited { certificate, reference: "2026/1".into(), until: None },
            5..10 => Event::Revoked { certificate, gravest: false },
            _ => continue,
        };
        let seq = office.propose(Proposal::of(event), &[], &officer, now)?.seq;
        office.approve(seq, None, (&second, now), &mut rng)?;
    }
    let published = office.publish(
        &folder.path().join("publication"),
        &passphrase,
        (&officer, now),
        &mut |_, _| {},
    )?;
    let numbers = office
        .register()
        .state()
        .certificates()
        .map(|certificate| certificate.claims.certificate_number);
    let certificates = numbers.filter_map(|number| office.let_out(number, now).ok()).collect();
    Ok(OfficeOf50 { bundle_bytes: published.bundle_bytes, certificates })
}

/// Two officers who may do everything.
fn founders(kari: &SecretKey, ola: &SecretKey) -> Result<Vec<Enrolment>> {
    let founder = |(name, key): (&str, &SecretKey)| -> Result<Enrolment> {
        let (from, until) = ("2026-01-01".parse()?, "2036-01-01".parse()?);
        Ok(Enrolment {
            name: name.parse()?,
            key: key.public_key(),
            roles: Role::ALL.into(),
            from,
            until,
        })
    };
    [("Kari Nordmann", kari), ("Ola Nordmann", ola)].into_iter().map(founder).collect()
}
