//! The files of a publication: names, bytes and media types.

use serde_json::json;
use vernet_common::{Bundle, KeyUse, StatusListNumber, TrustList, TrustedKey, TrustedTitle};

use crate::{Error, letter::capitalised};

/// The bundle, which alone holds all that a hospital needs.
pub(in crate::office) const BUNDLE: &str = "bundle.json";
pub(super) const TRUST_LIST: &str = "trust-list.json";
/// The folder of the status lists.
pub(super) const STATUS: &str = "status";

/// The folder of the issued log.
pub(in crate::office) const LOG: &str = "log";

/// The names at the top of a published folder.
pub(super) const NAMES: [&str; 6] = [BUNDLE, TRUST_LIST, STATUS, LOG, "types", ".well-known"];

/// One file of a publication.
#[derive(Debug)]
pub(super) struct File {
    /// Its path below the issuer's URL.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    /// As docs/FORMAT.md lists it.
    #[cfg_attr(
        not(feature = "object-store"),
        expect(dead_code, reason = "a folder has no media types")
    )]
    pub(super) media_type: &'static str,
}

/// Every file of a publication, in the order of writing where they cannot be replaced at once. A
/// file comes after those that its readers need (a status list after the trust list with its key),
/// and the bundle comes last.
#[derive(Debug)]
pub(super) struct Content {
    /// The tiles of the log: each is written once and never changes.
    tiles: Vec<File>,
    files: Vec<File>,
}

impl Content {
    pub(super) fn new(
        bundle: &Bundle,
        trust_list: &TrustList,
        tiles: Vec<File>,
    ) -> Result<Self, Error> {
        let current = bundle.trust_lists.last().ok_or(Error::NoTrustList)?;
        let trust_list_json = vernet_common::to_canonical_json("the trust list", current)?;
        let mut files = vec![
            file(TRUST_LIST, trust_list_json, "application/jose+json"),
            file(
                ".well-known/jwt-vc-issuer",
                pretty(&issuer_metadata(trust_list)),
                "application/json",
            ),
        ];
        for title in &trust_list.titles {
            let name = title.vct.as_str().trim_start_matches(trust_list.iss.as_str());
            let metadata = pretty(&type_metadata(title));
            files.push(file(name.trim_start_matches('/'), metadata, "application/json"));
        }
        for signed in &bundle.status_lists {
            let key = trust_list.key(signed.kid())?;
            let number = signed.verify(&key.key)?.claims().sub.number();
            files.push(file(
                &status_name(number),
                signed.as_str().as_bytes().to_vec(),
                "application/statuslist+jwt",
            ));
        }
        if let Some(log) = &bundle.log {
            let checkpoint = log.checkpoint.to_text().into_bytes();
            files.push(file(&format!("{LOG}/checkpoint"), checkpoint, "text/plain; charset=utf-8"));
        }
        files.push(file(BUNDLE, bundle.to_json()?, "application/json"));
        Ok(Self { tiles, files })
    }

    /// The files that never change, which are written first.
    pub(super) fn tiles(&self) -> &[File] {
        &self.tiles
    }

    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// The size of the bundle in bytes.
    pub(super) fn bundle_bytes(&self) -> usize {
        self.files.last().map_or(0, |bundle| bundle.bytes.len())
    }
}

/// The path of a status list.
pub(super) fn status_name(number: StatusListNumber) -> String {
    format!("{STATUS}/{number}")
}

fn file(name: &str, bytes: Vec<u8>, media_type: &'static str) -> File {
    File { name: name.to_owned(), bytes, media_type }
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut json = serde_json::to_vec_pretty(value).expect("a value is JSON");
    json.push(b'\n');
    json
}

/// JWT VC issuer metadata: the certificate keys, for wallets and libraries that do not know trust
/// lists. A reader who relies on it trusts the web server; a hospital relies on the trust list.
fn issuer_metadata(list: &TrustList) -> serde_json::Value {
    let usable =
        |key: &&TrustedKey| key.r#use == KeyUse::Certificate && key.compromised_at.is_none();
    let keys: Vec<_> = list.keys.iter().filter(usable).map(|key| key.key).collect();
    json!({ "issuer": list.iss, "jwks": { "keys": keys } })
}

/// SD-JWT VC type metadata: the display names of the claims, for wallets that show them.
fn type_metadata(title: &TrustedTitle) -> serde_json::Value {
    let display: Vec<_> = title
        .names
        .iter()
        .map(|(locale, name)| json!({ "locale": locale, "name": capitalised(name) }))
        .collect();
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
        "vct": title.vct,
        "name": format!("{} certificate", capitalised(title.title.as_str())),
        "description": format!(
            "The right to use the protected title `{}` (helsepersonelloven § 74). Code systems: profession \
             2.16.578.1.12.4.1.1.9060, authorisation.kind 2.16.578.1.12.4.1.1.7704, hpr_number 2.16.578.1.12.4.1.4.4.",
            title.title
        ),
        "display": display,
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
