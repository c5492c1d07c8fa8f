//! A small office for tests of the verifier: every key, list and claim can be altered before it is
//! signed.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
    fs,
    path::Path,
};

use vernet_common::{
    Algorithm, Authorisation, Basis, Bundle, BundledLog, CertificateClaims, CertificateHash,
    EncodedStatusList, Error, HttpsUrl, KeyUse, Kind, LogHead, LogTree, NumericDate, Profile,
    QrPayload, Reaction, ReactionKind, Roots, SecretKey, Signed, SignedCheckpoint, SignedTrustList,
    Signer, StatedStanding, Status, StatusClaim, StatusIndex, StatusList, StatusListClaims,
    StatusListNumber, StatusListUri, StatusReference, StatusStatement, Tile, TrustAnchor,
    TrustList, TrustedKey, TrustedLog, TrustedTitle,
};
use vernet_verifier::{Knowledge, Memory, Policy, Verdict, verify};

pub const HOUR: i64 = 3600;
pub const DAY: i64 = 86_400;

pub fn at(text: &str) -> NumericDate {
    text.parse().expect("an instant")
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub const ROOTS: [u8; 3] = [100, 101, 102];
pub const CERTIFICATE_KEY: u8 = 1;
pub const STATUS_KEY: u8 = 2;
pub const LOG_KEY: u8 = 3;

thread_local! {
    /// The certificates given to [`issue`], in order: every office of this test's thread has them
    /// in its log.
    static ISSUED: RefCell<(Vec<String>, HashSet<String>)> = RefCell::default();
}

/// Enters a certificate, a compact JWS, into the log of every office of this test.
pub fn issue(jws: &str) {
    ISSUED.with_borrow_mut(|(issued, known)| {
        if known.insert(jws.to_owned()) {
            issued.push(jws.to_owned());
        }
    });
}

/// The office at the time [`Office::now`].
pub struct Office {
    pub now: NumericDate,
    pub trust_list: TrustList,
    pub statuses: BTreeMap<u32, Status>,
    pub status_claims: StatusListClaims,
    /// The certificates in the log, as compact JWS, before and after the office's own; `logs_own`
    /// says whether the log holds that one.
    pub before: Vec<String>,
    pub logs_own: bool,
    pub after: Vec<String>,
    pub certificate: CertificateClaims,
    pub policy: Policy,
    pub status_key: u8,
}

/// The title of this office's certificates, for an issuer.
pub fn title(iss: &HttpsUrl) -> TrustedTitle {
    let names = serde_json::json!({
        "nb": "perfusjonist", "nn": "perfusjonist", "en": "perfusionist",
        "sv": "perfusionist", "da": "perfusionist",
    });
    TrustedTitle::new(
        iss,
        "perfusionist",
        "NO-PE-".parse().expect("a prefix"),
        "PE".parse().expect("a code"),
        "perfusionist".parse().expect("a title"),
        serde_json::from_value(names).expect("names"),
    )
    .expect("a short URL")
}

impl Office {
    pub fn new() -> Self {
        Self::as_of(at("2026-11-22T10:00:00Z"))
    }

    pub fn as_of(now: NumericDate) -> Self {
        let iss: vernet_common::HttpsUrl =
            "https://perfusionist.example.no".parse().expect("a URL");
        let trusted = |seed, r#use| TrustedKey {
            key: key(seed).public_key(),
            r#use,
            not_before: now.plus_seconds(-365 * DAY),
            not_after: None,
            compromised_at: None,
            log_size: None,
        };
        let list = StatusListUri::new(&iss, StatusListNumber::new(1).expect("a number"));
        Self {
            now,
            trust_list: TrustList {
                iss: iss.clone(),
                seq: 7,
                iat: now.plus_seconds(-10 * DAY),
                exp: now.plus_seconds(80 * DAY),
                roots: Roots {
                    keys: ROOTS.map(|seed| key(seed).public_key()).into(),
                    threshold: 2,
                },
                keys: [
                    trusted(CERTIFICATE_KEY, KeyUse::Certificate),
                    trusted(STATUS_KEY, KeyUse::Status),
                    trusted(LOG_KEY, KeyUse::Log),
                ]
                .into(),
                log: TrustedLog::new(LogHead::empty()),
                office: None,
                profiles: [Profile::new(1, Algorithm::EdDsa, iss.clone(), &title(&iss))].into(),
                titles: [title(&iss)].into(),
            },
            statuses: BTreeMap::new(),
            status_claims: StatusListClaims {
                iat: now.plus_seconds(-HOUR),
                exp: now.plus_seconds(71 * HOUR),
                // Filled in when the list is signed, as is the list itself.
                log: LogHead::empty(),
                status_list: EncodedStatusList::from(&StatusList::new()),
                sub: list.clone(),
                trust_list_seq: 7,
                ttl: 3600,
            },
            certificate: CertificateClaims {
                vct: title(&iss).vct,
                iat: now.plus_seconds(-DAY),
                exp: "2060-02-29".parse::<vernet_common::CivilDate>().expect("a date").start(),
                certificate_number: "NO-PE-2026-000123".parse().expect("a number"),
                given_name: "Åse".parse().expect("a name"),
                family_name: "Kjærstad Østlyngen-Bråthen".parse().expect("a name"),
                birthdate: "1980-02-29".parse().expect("a date"),
                hpr_number: "9144889".parse().expect("a number"),
                profession: title(&iss).profession,
                title: title(&iss).title,
                authorisation: Authorisation {
                    kind: Kind::Authorisation,
                    basis: Basis::AccreditedSchoolExam,
                    granted: "2010-06-01".parse().expect("a date"),
                },
                status: StatusClaim {
                    status_list: StatusReference {
                        idx: StatusIndex::new(70_000).expect("inside"),
                        uri: list,
                    },
                },
                iss,
            },
            before: vec!["the certificate of somebody else".into()],
            logs_own: true,
            after: Vec::new(),
            policy: Policy::default(),
            status_key: STATUS_KEY,
        }
    }

    pub fn anchor(&self) -> TrustAnchor {
        TrustAnchor {
            iss: self.trust_list.iss.clone(),
            roots: self.trust_list.roots.clone(),
            seq: 1,
        }
    }

    /// From now on a thief has the certificate key, and the log vouches for nothing that it signed.
    pub fn steal_certificate_key(&mut self) {
        (self.trust_list.keys[0].compromised_at, self.trust_list.keys[0].log_size) =
            (Some(self.now), Some(0));
    }

    /// From now on this key signs status lists.
    pub fn use_status_key(&mut self, seed: u8) {
        let new = TrustedKey {
            key: key(seed).public_key(),
            not_after: None,
            ..self.trust_list.keys[1].clone()
        };
        self.trust_list.keys.push(new);
        self.status_key = seed;
    }

    pub fn set_status(&mut self, status: Status) {
        self.statuses.insert(self.certificate.status.status_list.idx.index(), status);
    }

    pub fn signed_trust_list(&self, roots: &[u8]) -> SignedTrustList {
        let mut signed = SignedTrustList::unsigned(&self.trust_list).expect("a sound list");
        for seed in roots {
            signed.add_signature(&key(*seed)).expect("signs");
        }
        signed
    }

    pub fn signed_status_list(&self) -> Signed<StatusListClaims> {
        let mut list = StatusList::new();
        for (index, status) in &self.statuses {
            list.set(StatusIndex::new(*index).expect("inside"), *status);
        }
        let status_list = EncodedStatusList::from(&list);
        self.signed_status_claims(
            &StatusListClaims { status_list, ..self.status_claims.clone() },
            self.status_key,
        )
    }

    /// The issued log.
    pub fn log(&self) -> LogTree {
        let own = self.logs_own.then(|| self.signed_certificate().as_str().to_owned());
        let issued = ISSUED.with_borrow(|(issued, _)| issued.clone());
        let all =
            self.before.iter().cloned().chain(own).chain(self.after.iter().cloned()).chain(issued);
        all.map(|jws| CertificateHash::of_jws(&jws).leaf()).collect()
    }

    pub fn bundled_log(&self) -> BundledLog {
        let log = self.log();
        let checkpoint =
            SignedCheckpoint::sign(&self.trust_list.iss, log.head(), &key(LOG_KEY)).expect("signs");
        BundledLog { checkpoint, leaves: Some(log.leaves().to_vec()) }
    }

    /// Writes the checkpoint and the tiles of the log, as a publication has them. Earlier partial
    /// tiles are removed, as the specification allows.
    pub fn write_log(&self, folder: &Path) {
        let log = self.log();
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).expect("folders can be made");
        fs::write(folder.join("checkpoint"), self.bundled_log().checkpoint.to_text())
            .expect("it can be written");
        for tile in Tile::all(log.size()) {
            let path = folder.join(tile.path());
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
            fs::write(path, tile.content(&log).expect("it is in the log"))
                .expect("files can be written");
        }
    }

    pub fn signed_status_claims(
        &self,
        claims: &StatusListClaims,
        seed: u8,
    ) -> Signed<StatusListClaims> {
        let claims = StatusListClaims { log: self.log().head(), ..claims.clone() };
        Signed::sign(&claims, Algorithm::EdDsa, &key(seed)).expect("signs")
    }

    pub fn bundle(&self) -> Bundle {
        Bundle {
            trust_lists: vec![self.signed_trust_list(&ROOTS)],
            status_lists: vec![self.signed_status_list()],
            log: Some(self.bundled_log()),
        }
    }

    /// The knowledge of a verifier that has seen nothing else before.
    pub fn learn(&self, bundle: &Bundle) -> Result<Knowledge, Error> {
        Knowledge::learn(bundle, &mut Memory::new(&self.anchor()), &self.policy, self.now)
    }

    pub fn knowledge(&self) -> Knowledge {
        self.learn(&self.bundle()).expect("a sound bundle")
    }

    pub fn signed_certificate(&self) -> Signed<CertificateClaims> {
        Signed::sign(&self.certificate, Algorithm::EdDsa, &key(CERTIFICATE_KEY)).expect("signs")
    }

    /// The office's statement about the holder of its certificate.
    pub fn statement(&self) -> StatusStatement {
        let date = |text: &str| text.parse().expect("a date");
        StatusStatement {
            iss: self.trust_list.iss.clone(),
            iat: self.now.plus_seconds(-DAY),
            exp: self.now.plus_seconds(89 * DAY),
            certificate_number: self.certificate.certificate_number,
            certificate_sha256: CertificateHash::of(&self.signed_certificate()),
            hpr_number: self.certificate.hpr_number,
            standing: StatedStanding::Authorised,
            standing_until: None,
            reactions: vec![Reaction {
                kind: ReactionKind::Suspension,
                from: date("2019-01-01"),
                until: Some(date("2019-03-01")),
            }],
        }
    }

    /// The same claims under a key that nobody knows.
    pub fn signed_by_a_stranger(&self) -> String {
        let signed = Signed::sign(&self.certificate, Algorithm::EdDsa, &key(66)).expect("signs");
        format!("{}~", signed.as_str())
    }

    pub fn text(&self) -> String {
        format!("{}~", self.signed_certificate().as_str())
    }

    pub fn link(&self) -> String {
        let signed = self.signed_certificate();
        let verified = signed.verify(&key(CERTIFICATE_KEY).public_key()).expect("holds");
        let page = "https://verify.example.no/v".parse().expect("a URL");
        QrPayload::encode(&signed, &verified, &self.trust_list).expect("encodes").to_link(&page)
    }

    /// The verdict on the office's own certificate, checked in every form; all must agree.
    pub fn verdict(&self) -> Verdict {
        let knowledge = self.knowledge();
        let [text, link] =
            [self.text(), self.link()].map(|input| self.verdict_on(&input, &knowledge));
        assert_eq!(text.code(), link.code(), "text and link must get the same verdict");
        link
    }

    pub fn verdict_on(&self, input: &str, knowledge: &Knowledge) -> Verdict {
        verify(input, knowledge, &self.policy, self.now)
    }
}

pub fn signed_statement(statement: &StatusStatement, seed: u8) -> String {
    Signed::sign(statement, Algorithm::EdDsa, &key(seed))
        .expect("it is consistent")
        .as_str()
        .to_owned()
}

/// Base 10 by repeated division, so that the tests do not depend on the code that they test.
pub fn to_base_10(bytes: &[u8]) -> String {
    let mut number = bytes.to_vec();
    let mut digits = Vec::new();
    while number.iter().any(|byte| *byte != 0) {
        let mut rest = 0u32;
        for byte in &mut number {
            rest = rest << 8 | u32::from(*byte);
            *byte = (rest / 10) as u8;
            rest %= 10;
        }
        digits.push(char::from(b'0' + rest as u8));
    }
    digits.iter().rev().collect()
}
