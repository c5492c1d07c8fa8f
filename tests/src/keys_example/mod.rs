//! The example office: its keys, its people, what it published, and certificates in every form.

mod board;
mod example;
mod files;
mod people;
mod vectors;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use vernet_common::{CertificateNumber, KeyUse, SecretKey, Signer};
use vernet_issuer::{KeyFile, Passphrase, new_key_pair};
use vernet_register::{Event, Names, Proposal, ReissueReason};

use self::{
    example::{Example, PUBLISHED, at},
    files::{make_roots, texts, write_anchor, write_certificates, write_statements},
    people::{PEOPLE, application},
};
use crate::founded::{FoundedOffice, Founding, ISS};

/// The passphrase of every key here. It protects nothing.
pub(crate) const PASSPHRASE: &str = "example keys protect nothing";

/// The generated files: names below `keys-example/`, and contents.
pub struct Made {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Made {
    pub fn top_level_names(&self) -> BTreeSet<&str> {
        self.files.keys().map(|name| name.split('/').next().expect("names are not empty")).collect()
    }
}

/// When the office was founded, when authorisations were granted, and when decisions were made.
const FOUNDED: &str = "2026-11-19T09:00:00Z";
const GRANTED: &str = "2026-11-20T09:00:00Z";
const DECIDED: &str = "2026-11-21T09:00:00Z";

pub fn make() -> Result<Made> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path();
    let mut rng = ChaCha20Rng::from_seed(*b"vernet example keys: not secret!");
    let passphrase = Passphrase::from_prompt(PASSPHRASE.to_owned())?;

    let roots = make_roots(folder, &passphrase, &mut rng)?;
    // From a separate random source, so that the certificates do not change.
    let officers = make_officers(
        folder,
        &passphrase,
        &mut ChaCha20Rng::from_seed(*b"vernet example officers: public!"),
    )?;
    write_anchor(folder, ISS, &roots)?;
    fs::write(folder.join("passphrase.txt"), format!("{PASSPHRASE}\n"))?;

    let founding = Founding {
        iss: ISS,
        titles: Vec::new(),
        now: at(FOUNDED),
        officers,
        in_office: ("2026-11-19", "2029-11-19"),
        roots: roots.into(),
        signatures: 2,
        keys: &[KeyUse::Certificate, KeyUse::Status, KeyUse::Log],
        keys_end: at("2029-11-19T09:00:00Z"),
        passphrase,
        rng,
    };
    let mut founded = founding.found(&folder.join("office"))?;
    let trust_list = founded.office.trust_list()?.context("it was accepted")?;

    founded.now = at(GRANTED);
    let mut numbers = Vec::new();
    for (place, person) in PEOPLE.iter().enumerate() {
        let granted = founded.settle(Proposal::to_grant(application(place, person)?))?;
        numbers.push(granted.event.issued().context("a certificate")?.0.certificate_number);
    }
    let mut links = Vec::new();
    for number in &numbers {
        links.push((*number, founded.office.release(*number, at(GRANTED))?.link().to_owned()));
    }
    founded.now = at(DECIDED);
    decide(&mut founded, &numbers)?;
    let FoundedOffice { mut office, officers, roots, passphrase, .. } = founded;
    office.publish(
        &folder.join("publication"),
        &passphrase,
        (&officers[0], at(PUBLISHED)),
        &mut |_, _| {},
    )?;
    write_certificates(&office, &folder.join("certificates"))?;

    let example = Example {
        certificate_key: office.unlock(KeyUse::Certificate, &passphrase, at(PUBLISHED))?,
        status_key: office.unlock(KeyUse::Status, &passphrase, at(PUBLISHED))?,
        log_key: office.unlock(KeyUse::Log, &passphrase, at(PUBLISHED))?,
        roots,
        trust_list,
        bundle: fs::read(folder.join("publication/bundle.json"))?,
        links,
        texts: texts(&office),
    };
    write_statements(&office, &folder.join("office"))?;
    drop(office);
    let board = board::make(&folder.join("board"), officers, passphrase)?;

    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files)?;
    // The database file depends on SQLite; its statements are in `register.jsonl`, and the mark
    // depends on the database.
    let of_the_register =
        |name: &str| name.contains("register.sqlite") || name.contains("high-water");
    files.retain(|name, _| !of_the_register(name) && !name.ends_with(".lock"));
    vectors::make(&example, &board, &mut files)?;
    Ok(Made { files })
}

/// Makes the keys of Kari, who proposes, and Ola, who approves.
fn make_officers(
    folder: &Path,
    passphrase: &Passphrase,
    rng: &mut ChaCha20Rng,
) -> Result<[SecretKey; 2]> {
    let officers = [new_key_pair(rng), new_key_pair(rng)];
    fs::create_dir_all(folder.join("officers"))?;
    for (name, key) in ["kari", "ola"].into_iter().zip(&officers) {
        KeyFile::write_new(&folder.join(format!("officers/{name}.pem")), key, passphrase, rng)?;
        fs::write(
            folder.join(format!("officers/{name}.pub")),
            serde_json::to_vec(&key.public_key())?,
        )?;
    }
    Ok(officers)
}

/// The decisions about some of the people.
fn decide(founded: &mut FoundedOffice, numbers: &[CertificateNumber]) -> Result<()> {
    let until = "2027-02-01".parse()?;
    let names = Names::parse("Marie", "Etter")?;
    for proposal in [
        Proposal::of(Event::suspended(numbers[2], until)),
        Proposal::of(Event::Limited {
            certificate: numbers[3],
            reference: "2026/1234-5".into(),
            until: None,
        }),
        Proposal::of(Event::Revoked { certificate: numbers[4], gravest: false }),
        Proposal::to_reissue(numbers[7], ReissueReason::NameChange, Some(names)),
    ] {
        founded.settle(proposal)?;
    }
    Ok(())
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else {
            let parts: Vec<_> =
                path.strip_prefix(root)?.iter().map(|part| part.to_string_lossy()).collect();
            files.insert(
                parts.join("/"),
                fs::read(&path).with_context(|| path.display().to_string())?,
            );
        }
    }
    Ok(())
}
