//! The example office: its keys, its people, what it published, and certificates in every form.

mod board;
mod example;
mod vectors;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::json;
use vernet_common::{CertificateNumber, KeyUse, Roots, SecretKey, Signer, Status, TrustAnchor};
use vernet_issuer::{KeyFile, Office, Passphrase, new_key_pair};
use vernet_register::{Application, Event, Names, Proposal, ReissueReason};

use self::example::{Example, PUBLISHED, at};
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

/// The people, all invented: given name, family name, birth date, kind, and what the application
/// needs for that kind.
const PEOPLE: [(&str, &str, &str, &str, &str); 8] = [
    ("Åse", "Kjærstad Østlyngen-Bråthen", "1984-05-17", "authorisation", ""),
    ("Máhtte Ánde", "Sárá-Ŋuoŋŋuid", "1990-02-06", "authorisation", ""),
    ("Stanisława", "Żółć-Wójcik", "1979-11-11", "authorisation", ""),
    ("Ingrid", "Dahl", "1988-08-08", "authorisation", ""),
    ("Bjørn", "Aas", "1971-03-30", "authorisation", ""),
    ("Sigríður Þórdís", "Ævarsdóttir", "1995-12-24", "licence", "2027-11-20"),
    ("Olav", "Li", "1929-12-31", "licence", "2026-12-01"),
    ("Marie", "Før", "1992-07-01", "authorisation", ""),
];

pub fn make() -> Result<Made> {
    let temporary = tempfile::tempdir()?;
    let folder = temporary.path();
    let mut rng = ChaCha20Rng::from_seed(*b"vernet example keys: not secret!");
    let passphrase = Passphrase::from_prompt(PASSPHRASE.to_owned())?;

    let roots = [1, 2, 3].map(|_| new_key_pair(&mut rng));
    for (n, root) in (1..).zip(&roots) {
        fs::create_dir_all(folder.join("root-keys"))?;
        KeyFile::write_new(
            &folder.join(format!("root-keys/root-{n}.pem")),
            root,
            &passphrase,
            &mut rng,
        )?;
        fs::write(
            folder.join(format!("root-keys/root-{n}.pub")),
            serde_json::to_vec(&root.public_key())?,
        )?;
    }
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
        |name: &str| name.contains("register.sqlite") || name.ends_with("high-water.json");
    files.retain(|name, _| !of_the_register(name) && !name.ends_with(".lock"));
    vectors::make(&example, &board, &mut files)?;
    Ok(Made { files })
}

/// Writes what a verifier pins.
fn write_anchor(folder: &Path, iss: &str, roots: &[SecretKey; 3]) -> Result<()> {
    let public = Roots { keys: roots.iter().map(Signer::public_key).collect(), threshold: 2 };
    let anchor = TrustAnchor { iss: iss.parse()?, roots: public, seq: 1 };
    let mut json = serde_json::to_vec_pretty(&anchor)?;
    json.push(b'\n');
    Ok(fs::write(folder.join("roots.json"), json)?)
}

/// Writes the register as one statement a line.
fn write_statements(office: &Office, folder: &Path) -> Result<()> {
    let statements = office.register().state().statements();
    let lines: Vec<Vec<u8>> =
        statements.iter().map(|statement| statement.to_bytes()).collect::<Result<_, _>>()?;
    Ok(fs::write(folder.join("register.jsonl"), lines.join(&b"\n"[..]))?)
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

fn application(place: usize, person: &(&str, &str, &str, &str, &str)) -> Result<Application> {
    let (given_name, family_name, birthdate, kind, valid_to) = person;
    let mut application = json!({
        "given_name": given_name,
        "family_name": family_name,
        "birthdate": birthdate,
        "hpr_number": (9_144_889 + 11 * place).to_string(),
        "kind": kind,
        "basis": "norwegian_exam",
        "exam": { "school": "A made-up school of perfusion", "date": "2020-06-11" },
        "decided": "2026-11-20",
        "granted": "2026-11-20",
    });
    if !valid_to.is_empty() {
        application["valid_to"] = json!(valid_to);
    }
    // Her licence is bound to a post.
    if *given_name == "Sigríður Þórdís" {
        application["bound_to_post"] = json!(true);
        application["conditions"] = json!("2026/987-1");
    }
    Ok(Application::from_json(&serde_json::to_vec(&application)?)?)
}

/// Every form of every certificate that may still be exported.
fn write_certificates(office: &Office, folder: &Path) -> Result<()> {
    fs::create_dir(folder)?;
    let state = office.register().state();
    for certificate in state.certificates() {
        let number = certificate.claims.certificate_number;
        let status = state.certificate_status(number, at(PUBLISHED).civil_date(), at(PUBLISHED))?;
        if status == Status::Invalid || certificate.claims.exp <= at(PUBLISHED) {
            continue;
        }
        let release = office.release(number, at(PUBLISHED))?;
        let code = release.qr_code()?;
        fs::write(folder.join(format!("{number}.jwt")), format!("{}\n", release.text()))?;
        fs::write(folder.join(format!("{number}.url")), format!("{}\n", release.link()))?;
        fs::write(folder.join(format!("{number}.svg")), code.to_svg()?)?;
        fs::write(folder.join(format!("{number}.png")), code.to_png()?)?;
    }
    Ok(())
}

fn texts(office: &Office) -> BTreeMap<CertificateNumber, String> {
    let certificates = office.register().state().certificates();
    certificates
        .map(|certificate| (certificate.claims.certificate_number, format!("{}~", certificate.jws)))
        .collect()
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
