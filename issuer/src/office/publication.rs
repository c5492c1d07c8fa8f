//! The publication: a folder of static signed files that any web server can serve at the issuer's URL.
//!
//! | file | what |
//! |---|---|
//! | `bundle.json` | all that offline verification needs |
//! | `trust-list.json` | the trust list in force |
//! | `status/<n>` | the status lists |
//! | `types/perfusionist/1` | SD-JWT VC type metadata |
//! | `.well-known/jwt-vc-issuer` | JWT VC issuer metadata |

use std::{fs, io::ErrorKind, path::Path};

use serde_json::json;
use vernet_common::{
    Bundle, CertificateClaims, EncodedStatusList, KeyUse, NumericDate, Signed, Signer, Status, StatusListClaims,
    StatusListUri, TrustList,
};
use vernet_verifier::{Code, Colour, Knowledge, Policy, verify};

use super::Office;
use crate::{Credentials, Digest, Error, FileError, ListToSign, StagedDirectory};

/// What was published.
#[derive(Debug)]
pub struct Published {
    /// The trust list's number.
    pub trust_list_seq: u64,
    /// When the status lists were signed.
    pub iat: NumericDate,
    /// From when on they must not be used.
    pub exp: NumericDate,
    /// How many status lists.
    pub status_lists: usize,
    /// How many certificates were verified against them.
    pub certificates: usize,
    /// The size of the bundle in bytes.
    pub bundle_bytes: usize,
}

/// By how much the time in a status list may run ahead of the clock, so that two publications in one second differ.
const MAX_LEAD_S: i64 = 60;

impl Office {
    /// Signs fresh status lists and replaces the published folder in one step. Every certificate in the register is verified against the
    /// new lists first, with the register's own answer as the expectation; `progress` is called after each.
    ///
    /// # Errors
    ///
    /// [`Error::NoTrustList`], [`Error::TrustListExpired`], [`Error::ClockBehind`] if a later list was published before or a later
    /// decision recorded, [`Error::RegisterBehindPublication`], [`Error::SelfCheck`]; what the files refuse. What was published before is
    /// still there then.
    pub fn publish(
        &mut self,
        out: &Path,
        credentials: &dyn Credentials,
        (officer, now): (&dyn Signer, NumericDate),
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Published, Error> {
        self.register.refresh()?;
        let trust_list = self.trust_list()?.ok_or(Error::NoTrustList)?;
        if trust_list.exp <= now {
            return Err(Error::TrustListExpired { exp: trust_list.exp });
        }
        let key = self.unlock(KeyUse::Status, credentials, now)?;
        check_names(out)?;
        let staged = StagedDirectory::new(out, BUNDLE)?;
        self.check_published(out)?;
        let (iat, status_lists) = self.sign_status_lists(&*key, trust_list.seq, (officer, now))?;
        let bundle = Bundle { trust_lists: self.chain()?, status_lists };
        let knowledge = self.follow(&bundle)?;
        let certificates = self.check_every_certificate(&knowledge, iat, progress)?;

        let bundle_bytes = write_files(staged.path(), &bundle, &trust_list)?;
        staged.switch()?;
        let exp = knowledge.status_lists().map(|list| list.exp).next().unwrap_or(iat);
        let status_lists = bundle.status_lists.len();
        Ok(Published { trust_list_seq: trust_list.seq, iat, exp, status_lists, certificates, bundle_bytes })
    }

    /// An old copy of the register would publish that what was decided since never was. What lies in the folder, if the office's own roots
    /// vouch for it, cannot be newer than the register.
    fn check_published(&self, out: &Path) -> Result<(), Error> {
        let Ok(json) = fs::read(out.join(BUNDLE)) else { return Ok(()) };
        let Ok(bundle) = Bundle::from_json(&json) else { return Ok(()) };
        let Ok(published) = self.follow(&bundle) else { return Ok(()) };
        for published in published.status_lists() {
            let list = published.uri.number();
            if self.register.last_publication(list).is_none_or(|last| last.iat < published.iat) {
                return Err(Error::RegisterBehindPublication { list, published: published.iat });
            }
        }
        Ok(())
    }

    /// Signs every list, as of the same instant, after recording each. The clock was read before the key was derived, and a decision may
    /// have been recorded, even published, since: it is not left out, and the lists are dated accordingly. A clock that was set back is
    /// another thing.
    fn sign_status_lists(
        &mut self,
        key: &dyn Signer,
        trust_list_seq: u64,
        (officer, now): (&dyn Signer, NumericDate),
    ) -> Result<(NumericDate, Vec<Signed<StatusListClaims>>), Error> {
        let (config, mut signed) = (&self.config, Vec::new());
        let mut sign = |to_sign: &ListToSign| {
            let claims = StatusListClaims {
                exp: to_sign.iat.plus_seconds(i64::from(config.status_list_hours) * 3600),
                iat: to_sign.iat,
                status_list: EncodedStatusList::from(&to_sign.statuses),
                sub: StatusListUri::new(&config.iss, to_sign.list),
                trust_list_seq,
                ttl: config.status_list_ttl_s,
            };
            let list = Signed::sign(&claims, config.algorithm, key)?;
            let sha256 = Digest::of(list.unverified_payload());
            signed.push(list);
            Ok(sha256)
        };
        let iat = self.register.publish(trust_list_seq, officer, (now, MAX_LEAD_S), &mut sign)?;
        Ok((iat, signed))
    }

    /// Would a hospital get the answer that the register gives?
    fn check_every_certificate(
        &self,
        knowledge: &Knowledge,
        now: NumericDate,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<usize, Error> {
        let fold = self.register.fold();
        let certificates: Vec<_> = fold.certificates().collect();
        for (done, certificate) in certificates.iter().enumerate() {
            let number = certificate.claims.certificate_number;
            let verdict = verify(certificate.jws, knowledge, &Policy::default(), now);
            let as_expected = match fold.certificate_status(number, now.civil_date(), now)? {
                Status::Invalid => matches!(verdict.code(), Code::Revoked | Code::Expired),
                Status::Suspended => matches!(verdict.code(), Code::Suspended | Code::Expired),
                Status::Conditions => matches!(verdict.code(), Code::AuthorisedWithConditions | Code::Expired),
                Status::Valid => verdict.colour() == Colour::Accepted || verdict.code() == Code::Expired,
            };
            // A compromised key's certificates are refused, whatever their status; that is no reason not to publish.
            if !as_expected && verdict.code() != Code::KeyCompromised {
                return Err(Error::SelfCheck { number, found: verdict.code() });
            }
            progress(done + 1, certificates.len());
        }
        Ok(certificates.len())
    }
}

const BUNDLE: &str = "bundle.json";

/// What lies in a published folder. The folder is replaced as a whole, so anything else in it would be lost.
const NAMES: [&str; 5] = [BUNDLE, "trust-list.json", "status", "types", ".well-known"];

fn check_names(out: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { action: "list", path: out.to_owned(), source };
    let entries = match fs::read_dir(out) {
        // `StagedDirectory` says what is wrong with a file in the place of the folder.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        entries => entries.map_err(io)?,
    };
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        if !NAMES.iter().any(|ours| name == *ours) {
            return Err(FileError::Foreign { path: out.to_owned(), name: name.into() }.into());
        }
    }
    Ok(())
}

fn write_files(folder: &Path, bundle: &Bundle, trust_list: &TrustList) -> Result<usize, Error> {
    let bundle_json = bundle.to_json()?;
    let current = bundle.trust_lists.last().ok_or(Error::NoTrustList)?;
    write(folder, BUNDLE, &bundle_json)?;
    write(folder, "trust-list.json", &vernet_common::to_canonical_json("the trust list", current)?)?;
    for signed in &bundle.status_lists {
        let key = trust_list.key(signed.kid())?;
        let number = signed.verify(&key.key)?.claims().sub.number();
        write(folder, &format!("status/{number}"), signed.as_str().as_bytes())?;
    }
    write(folder, "types/perfusionist/1", &pretty(&type_metadata(trust_list)))?;
    write(folder, ".well-known/jwt-vc-issuer", &pretty(&issuer_metadata(trust_list)))?;
    Ok(bundle_json.len())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)
    };
    write().map_err(|source| Error::Io { action: "write", path: path.clone(), source })
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).expect("a value is JSON");
    json.push(b'\n');
    json
}

/// JWT VC issuer metadata: the certificate keys, for wallets and for libraries that know nothing of trust lists. Whoever relies on
/// it trusts the web server; a hospital relies on the trust list.
fn issuer_metadata(list: &TrustList) -> serde_json::Value {
    let usable = |key: &&vernet_common::TrustedKey| key.r#use == KeyUse::Certificate && key.compromised_at.is_none();
    let keys: Vec<_> = list.keys.iter().filter(usable).map(|key| key.key).collect();
    json!({ "issuer": list.iss, "jwks": { "keys": keys } })
}

/// SD-JWT VC type metadata: what the claims are called, for wallets that show them.
fn type_metadata(list: &TrustList) -> serde_json::Value {
    let claim = |path: &[&str], bokmal: &str, english: &str| {
        json!({
            "path": path,
            "display": [
                { "locale": "nb", "label": bokmal },
                { "locale": "en", "label": english },
            ],
            "sd": "never",
        })
    };
    json!({
        "vct": CertificateClaims::vct_of(&list.iss),
        "name": "Perfusionist certificate",
        "description": "Authorisation or licence as a perfusionist, a protected title (helsepersonelloven § 74). Code systems: profession \
                        2.16.578.1.12.4.1.1.9060, authorisation.kind 2.16.578.1.12.4.1.1.7704, hpr_number 2.16.578.1.12.4.1.4.4.",
        "display": [
            { "locale": "nb", "name": "Perfusjonist", "description": "Autorisasjon eller lisens som perfusjonist" },
            { "locale": "en", "name": "Perfusionist", "description": "Authorisation or licence as a perfusionist" },
        ],
        "claims": [
            claim(&["title"], "Tittel", "Title"),
            claim(&["given_name"], "Fornavn", "Given name"),
            claim(&["family_name"], "Etternavn", "Family name"),
            claim(&["birthdate"], "Fødselsdato", "Date of birth"),
            claim(&["hpr_number"], "HPR-nummer", "Health personnel number"),
            claim(&["profession"], "Helsepersonellkategori", "Profession"),
            claim(&["authorisation", "kind"], "Type", "Kind"),
            claim(&["authorisation", "basis"], "Grunnlag", "Basis"),
            claim(&["authorisation", "granted"], "Gitt", "Granted"),
            claim(&["certificate_number"], "Bevisnummer", "Certificate number"),
        ],
    })
}
