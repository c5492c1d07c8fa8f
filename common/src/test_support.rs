//! One certificate for the tests of this crate.

use crate::{
    Authorisation, Basis, CertificateClaims, Kind, NumericDate, Profession, StatusClaim, StatusIndex, StatusListUri,
    StatusReference, Title,
};

pub(crate) fn claims() -> CertificateClaims {
    let iss = "https://perfusionist.example.no".parse().expect("a URL");
    CertificateClaims {
        vct: CertificateClaims::vct_of(&iss).parse().expect("a URL"),
        iat: NumericDate::from_seconds(1_795_000_000).expect("an instant"),
        exp: "2060-02-29".parse::<crate::CivilDate>().expect("a date").start(),
        certificate_number: "NO-PE-2026-000123".parse().expect("a number"),
        given_name: "Åse".parse().expect("a name"),
        family_name: "Kjærstad Østlyngen-Bråthen".parse().expect("a name"),
        birthdate: "1980-02-29".parse().expect("a date"),
        hpr_number: "9144889".parse().expect("a number"),
        profession: Profession::Perfusionist,
        title: Title::Perfusionist,
        authorisation: Authorisation {
            kind: Kind::Authorisation,
            basis: Basis::AccreditedSchoolExam,
            granted: "2010-06-01".parse().expect("a date"),
        },
        status: StatusClaim {
            status_list: StatusReference {
                idx: StatusIndex::new(70_000).expect("an index"),
                uri: StatusListUri::new(&iss, crate::StatusListNumber::new(1).expect("a number")),
            },
        },
        iss,
    }
}
