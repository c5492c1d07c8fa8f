//! The made-up board beside the office: it is no authority, and its certificates must be renewed.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use vernet_common::{CertificateNumber, KeyUse, SecretKey};
use vernet_issuer::Passphrase;
use vernet_register::{Application, Count, Proposal, ProtectedTitle};

use super::{
    example::{PUBLISHED, at},
    files::{make_roots, texts, write_anchor, write_certificates, write_statements},
    people::{PEOPLE, application},
};
use crate::founded::{FoundedOffice, Founding};

const ISS: &str = "https://board.example.org";
const TITLES: &str = include_str!("../../../issuer/app/src/cli/demo/board.toml");

/// In the last month in which a certificate of the cycle of 2023 to 2025 is good, and in the last
/// year of the next cycle.
const FOUNDED: &str = "2026-03-02T09:00:00Z";
const RENEWED: &str = "2026-11-20T09:00:00Z";

/// Its certificates as text.
pub(crate) struct Board {
    pub(crate) renewed: String,
    pub(crate) replaced: String,
    pub(crate) lapsed: String,
}

/// Makes it in a folder: a certificate that was renewed, and one that was not.
pub(super) fn make(
    folder: &Path,
    officers: [SecretKey; 2],
    passphrase: Passphrase,
) -> Result<Board> {
    let mut rng = ChaCha20Rng::from_seed(*b"vernet example board: not secret");
    let roots = make_roots(folder, &passphrase, &mut rng)?;
    write_anchor(folder, ISS, &roots)?;
    let founding = Founding {
        iss: ISS,
        titles: ProtectedTitle::from_toml(TITLES)?,
        now: at(FOUNDED),
        officers,
        in_office: ("2026-01-01", "2036-01-01"),
        roots: roots.into(),
        signatures: 2,
        keys: &[KeyUse::Certificate, KeyUse::Status, KeyUse::Log],
        keys_end: at("2029-03-02T09:00:00Z"),
        passphrase,
        rng,
    };
    let mut founded = founding.found(&folder.join("office"))?;
    let renewed_later = grant(&mut founded, 0, "2024-01-01")?;
    let lapsed = grant(&mut founded, 3, "2023-01-01")?;
    founded.now = at(RENEWED);
    founded.renew_trust_list()?;
    let counts = ["clinical", "cpd"].into_iter().flat_map(|category| {
        (2024..2027).map(move |year| Count { category: category.to_owned(), year, count: 40 })
    });
    let renewal = founded.settle(Proposal::to_renew(renewed_later, counts.collect()))?;
    let renewed = renewal.event.issued().context("a certificate")?.0.certificate_number;
    let FoundedOffice { mut office, officers, passphrase, .. } = founded;
    office.publish(
        &folder.join("publication"),
        &passphrase,
        (&officers[0], at(PUBLISHED)),
        &mut |_, _| {},
    )?;
    write_certificates(&office, &folder.join("certificates"))?;
    let all: BTreeMap<CertificateNumber, String> = texts(&office);
    write_statements(&office, &folder.join("office"))?;
    Ok(Board {
        renewed: all[&renewed].clone(),
        replaced: all[&renewed_later].clone(),
        lapsed: all[&lapsed].clone(),
    })
}

/// Certifies one of the people of the office, from a day of the past.
fn grant(founded: &mut FoundedOffice, place: usize, granted: &str) -> Result<CertificateNumber> {
    let Application { given_name, family_name, birthdate, hpr_number, .. } =
        application(place, &PEOPLE[place])?;
    let application = json!({
        "given_name": given_name,
        "family_name": family_name,
        "birthdate": birthdate,
        "hpr_number": hpr_number.to_string(),
        "title": "board certified perfusionist",
        "kind": "board_certificate",
        "basis": "board_examination",
        "decided": granted,
        "granted": granted,
    });
    let application = Application::from_json(&serde_json::to_vec(&application)?)?;
    let granted = founded.settle(Proposal::to_grant(application))?;
    Ok(granted.event.issued().context("a certificate")?.0.certificate_number)
}
