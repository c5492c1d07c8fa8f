//! One certificate for the tests of this crate.

use crate::{
    claims::{Authorisation, CertificateClaims, StatusClaim, StatusListUri, StatusReference},
    code::{Basis, Kind},
    id::StatusIndex,
    jose::Algorithm,
    key::{SecretKey, Signer as _},
    log::{LogHead, TrustedLog},
    time::NumericDate,
    trust_list::{KeyUse, Profile, Roots, TrustList, TrustedKey, TrustedTitle},
};

pub(crate) fn claims() -> CertificateClaims {
    let iss = "https://perfusionist.example.no".parse().expect("a URL");
    CertificateClaims {
        vct: CertificateClaims::vct_of(&iss, "perfusionist").parse().expect("a URL"),
        iat: NumericDate::from_seconds(1_795_000_000).expect("an instant"),
        exp: "2060-02-29".parse::<crate::time::CivilDate>().expect("a date").start(),
        certificate_number: "NO-PE-2026-000123".parse().expect("a number"),
        given_name: "Åse".parse().expect("a name"),
        family_name: "Kjærstad Østlyngen-Bråthen".parse().expect("a name"),
        birthdate: "1980-02-29".parse().expect("a date"),
        hpr_number: "9144889".parse().expect("a number"),
        profession: "PE".parse().expect("a code"),
        title: "perfusionist".parse().expect("a title"),
        authorisation: Authorisation {
            kind: Kind::Authorisation,
            basis: Basis::AccreditedSchoolExam,
            granted: "2010-06-01".parse().expect("a date"),
        },
        status: StatusClaim {
            status_list: StatusReference {
                idx: StatusIndex::new(70_000).expect("an index"),
                uri: StatusListUri::new(
                    &iss,
                    crate::id::StatusListNumber::new(1).expect("a number"),
                ),
            },
        },
        iss,
    }
}

pub(crate) fn title() -> TrustedTitle {
    let names = serde_json::json!({ "nb": "perfusjonist", "en": "perfusionist" });
    TrustedTitle {
        certificate_number_prefix: claims().certificate_number.prefix(),
        names: serde_json::from_value(names).expect("names"),
        profession: claims().profession,
        title: claims().title,
        vct: claims().vct,
    }
}

pub(crate) fn certificate_key() -> SecretKey {
    SecretKey::from_seed(&[1; 32])
}

pub(crate) fn trust_list() -> TrustList {
    let iss = claims().iss;
    let iat = NumericDate::from_seconds(1_790_000_000).expect("an instant");
    let key = |seed: u8, r#use| TrustedKey {
        key: SecretKey::from_seed(&[seed; 32]).public_key(),
        r#use,
        not_before: iat,
        not_after: None,
        compromised_at: None,
        log_size: None,
    };
    TrustList {
        seq: 1,
        iat,
        exp: iat.plus_seconds(90 * 86_400),
        roots: Roots {
            keys: [100, 101, 102].map(|seed| SecretKey::from_seed(&[seed; 32]).public_key()).into(),
            threshold: 2,
        },
        keys: [key(1, KeyUse::Certificate), key(2, KeyUse::Status), key(3, KeyUse::Log)].into(),
        log: TrustedLog::new(LogHead::empty()),
        office: None,
        profiles: [Profile::new(1, Algorithm::EdDsa, iss.clone(), &title())].into(),
        titles: [title()].into(),
        iss,
    }
}
