//! The statement of professional status: what an authority states about one person to the authority
//! of another state, as of one instant.

use alloc::{format, string::String, vec::Vec};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    claims::CertificateClaims,
    digest::hash_newtype,
    document::newer_code,
    error::Error,
    id::{CertificateNumber, HprNumber, HttpsUrl},
    jose::{Payload, Signed},
    log::LogHash,
    time::{CivilDate, NumericDate},
};

/// The claims of a statement of professional status (`typ` `vernet-ccps+jwt`), signed by a `status`
/// key: the status is the supervisory authority's business, and a certificate key must not be able
/// to say anything about it.
///
/// It is about one certificate, which it names by number and hash, and proves nothing without it.
/// It describes the status at `iat`; only the status list says whether the certificate is in force
/// *now*. It never contains reasons.
///
/// A holder of `Verified<StatusStatement>` must **also** check [`StatusStatement::is_about`], the
/// validity period and the key's entry in the trust list; `vernet-verifier` does all of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatusStatement {
    /// The issuer.
    pub iss: HttpsUrl,
    /// The instant of which it is true.
    pub iat: NumericDate,
    /// The first instant at which nobody should rely on it.
    pub exp: NumericDate,
    /// The certificate that it is about.
    pub certificate_number: CertificateNumber,
    /// The SHA-256 of that certificate's JWS, without the `~`, in base64url.
    pub certificate_sha256: CertificateHash,
    /// The holder's health personnel number.
    pub hpr_number: HprNumber,
    /// The state of the authorisation at `iat`.
    pub standing: StatedStanding,
    /// The first day after the suspension or the limitation that `standing` states, if it has an
    /// end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing_until: Option<CivilDate>,
    /// Every reaction in the register that was not set aside on appeal, against any authorisation
    /// that the holder ever had, in the order of their first days.
    pub reactions: Vec<Reaction>,
}

impl StatusStatement {
    /// For how many days it may be relied on: the age that authorities commonly accept.
    pub const VALID_DAYS: i32 = 90;

    /// More reactions than anybody has had. Suspensions alone can follow each other twice a year.
    const MAX_REACTIONS: usize = 100;

    /// Whether it is about this very certificate.
    pub fn is_about(&self, certificate: &Signed<CertificateClaims>) -> bool {
        self.certificate_sha256 == CertificateHash::of(certificate)
    }
}

impl Payload for StatusStatement {
    const TYP: &'static str = "vernet-ccps+jwt";
    const WHAT: &'static str = "the statement of professional status";
    // A hundred reactions of 60 bytes, a URL of 200 and the rest, in base64url, with room to spare.
    const MAX_BYTES: usize = 16 * 1024;

    /// No reaction may be passed over: the authority of another state relies on all of them.
    fn newer(payload: &Value) -> Option<String> {
        let reactions = payload.get("reactions").and_then(Value::as_array).map_or(0, Vec::len);
        newer_code::<StatedStanding>(payload, "/standing").or_else(|| {
            (0..reactions).find_map(|place| {
                newer_code::<ReactionKind>(payload, &format!("/reactions/{place}/kind"))
            })
        })
    }

    fn check(&self) -> Result<(), Error> {
        let inconsistent = |what| Err(Error::Inconsistent { what });
        if self.exp <= self.iat {
            return inconsistent("`exp` is not after `iat`");
        }
        if self.reactions.len() > Self::MAX_REACTIONS {
            return inconsistent("there are more than 100 reactions");
        }
        if !self.reactions.is_sorted_by_key(|reaction| reaction.from) {
            return inconsistent("the reactions are not in the order of their first days");
        }
        if self
            .reactions
            .iter()
            .any(|reaction| reaction.until.is_some_and(|until| until <= reaction.from))
        {
            return inconsistent("a reaction's `until` is not after its `from`");
        }
        Ok(())
    }
}

/// The state of an authorisation, as far as a statement can be made about it: there is no statement
/// about a certificate that is withdrawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatedStanding {
    /// In force.
    Authorised,
    /// In force, under conditions.
    WithConditions,
    /// Suspended.
    Suspended,
}

/// What an authority did about an authorisation, or the holder did voluntarily. Dates only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reaction {
    /// What.
    pub kind: ReactionKind,
    /// The first day on which it applied.
    pub from: CivilDate,
    /// The first day on which it no longer applied; `None` if it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CivilDate>,
}

/// The kinds of [`Reaction`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReactionKind {
    /// Suspended (helsepersonelloven § 58).
    Suspension,
    /// Limited by conditions (§ 59).
    Limitation,
    /// Revoked (§ 57).
    Revocation,
    /// Waived by the holder (§ 61).
    Waiver,
}

hash_newtype! {
    /// The SHA-256 of a certificate's JWS, which is the certificate's entry in the issued log.
    CertificateHash, "the certificate's hash"
}

impl CertificateHash {
    /// The hash of this certificate.
    pub fn of(certificate: &Signed<CertificateClaims>) -> Self {
        Self::of_jws(certificate.as_str())
    }

    /// The hash of the certificate with this compact JWS, without a `~`.
    pub fn of_jws(jws: &str) -> Self {
        Self(Sha256::digest(jws.as_bytes()).into())
    }

    /// The certificate's leaf in the issued log.
    pub fn leaf(&self) -> LogHash {
        LogHash::of_leaf(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jose::Algorithm,
        key::{SecretKey, Signer},
        test_support,
    };

    fn certificate() -> Signed<CertificateClaims> {
        let key = SecretKey::from_seed(&[1; 32]);
        Signed::sign(&test_support::claims(), Algorithm::EdDsa, &key)
            .expect("the claims are consistent")
    }

    fn date(text: &str) -> CivilDate {
        text.parse().expect("a date")
    }

    fn statement() -> StatusStatement {
        let claims = test_support::claims();
        StatusStatement {
            iss: claims.iss,
            iat: claims.iat,
            exp: claims.iat.plus_seconds(90 * 86_400),
            certificate_number: claims.certificate_number,
            certificate_sha256: CertificateHash::of(&certificate()),
            hpr_number: claims.hpr_number,
            standing: StatedStanding::WithConditions,
            standing_until: None,
            reactions: alloc::vec![
                Reaction {
                    kind: ReactionKind::Suspension,
                    from: date("2020-01-01"),
                    until: Some(date("2020-03-01"))
                },
                Reaction { kind: ReactionKind::Limitation, from: date("2020-03-01"), until: None },
            ],
        }
    }

    #[test]
    fn a_statement_comes_back_as_it_was_and_is_about_one_certificate() {
        let key = SecretKey::from_seed(&[3; 32]);
        let signed = Signed::sign(&statement(), Algorithm::EdDsa, &key).expect("it is consistent");
        let read = Signed::<StatusStatement>::parse(signed.as_str()).expect("an envelope");
        let read = read.verify(&key.public_key()).expect("the signature holds").into_claims();
        assert_eq!(read, statement());
        assert!(read.is_about(&certificate()));

        let mut other = test_support::claims();
        other.given_name = "Ada".parse().expect("a name");
        let other = Signed::sign(&other, Algorithm::EdDsa, &SecretKey::from_seed(&[1; 32]))
            .expect("consistent");
        assert!(!read.is_about(&other), "the same number, another certificate");
    }

    #[test]
    fn a_certificate_cannot_be_taken_for_a_statement_nor_the_other_way_round() {
        let key = SecretKey::from_seed(&[3; 32]);
        let signed = Signed::sign(&statement(), Algorithm::EdDsa, &key).expect("it is consistent");
        let error = Signed::<CertificateClaims>::parse(signed.as_str()).expect_err("another type");
        assert_eq!(error.code(), "wrong_type");
        let error =
            Signed::<StatusStatement>::parse(certificate().as_str()).expect_err("another type");
        assert_eq!(error.code(), "wrong_type");
    }

    #[test]
    fn contradictions_are_never_signed() {
        let wrong: [fn(&mut StatusStatement); 4] = [
            |s| s.exp = s.iat,
            |s| s.reactions.reverse(),
            |s| s.reactions[1].until = Some(s.reactions[1].from),
            |s| s.reactions = alloc::vec![s.reactions[0]; 101],
        ];
        for change in wrong {
            let mut statement = statement();
            change(&mut statement);
            let error = Signed::sign(&statement, Algorithm::EdDsa, &SecretKey::from_seed(&[3; 32]));
            assert_eq!(error.expect_err("a contradiction").code(), "inconsistent");
        }
    }
}
