//! What a newer office publishes, as an older verifier sees it (`docs/FORMAT.md` section 3.1).

use anyhow::{Context, Result};
use serde_json::{Value, json};
use vernet_common::{Bundle, Signed, SignedTrustList, StatusListClaims, TrustList};

use super::{NOW, Vectors};
use crate::{
    keys_example::example::at,
    newer::{add, critical, signed_by, trust_list_by},
};

type Change = fn(&mut Value);

impl Vectors<'_> {
    pub(super) fn newer(&mut self) -> Result<()> {
        self.newer_lists()?;
        self.newer_certificates()
    }

    fn newer_lists(&mut self) -> Result<()> {
        let [ase, _, _, _, bjorn, ..] = self.links::<8>()?;
        let good = Bundle::from_json(&self.example.bundle)?;
        let with_trust_list = |change: Change| -> Result<Bundle> {
            Ok(Bundle { trust_lists: vec![self.newer_trust_list(change)], ..good.clone() })
        };
        let status_list = |change: Change| -> Result<Bundle> {
            let key = &*self.example.status_key;
            let claims: StatusListClaims =
                good.status_lists[0].verify(&key.public_key())?.into_claims();
            Ok(Bundle { status_lists: vec![signed_by(&claims, key, change)], ..good.clone() })
        };
        let members = Bundle {
            status_lists: status_list(|list| {
                add(list);
                add(&mut list["log"]);
                add(&mut list["status_list"]);
            })?
            .status_lists,
            ..with_trust_list(|list| {
                add(list);
                add(&mut list["keys"][0]);
                add(&mut list["log"]);
                add(&mut list["profiles"][0]);
                add(&mut list["roots"]);
            })?
        };
        let entries = with_trust_list(|list| {
            let keys = list["keys"].as_array_mut().expect("keys");
            let mut later = keys[0].clone();
            later["use"] = json!("wallet");
            later["key"] = json!({ "crv": "P-256", "kid": "AAECAwQF", "kty": "EC", "x": "AA" });
            keys.insert(0, later);
            let profiles = list["profiles"].as_array_mut().expect("profiles");
            let mut later = profiles[0].clone();
            later["id"] = json!(2);
            later["profession"] = json!("SP2");
            profiles.push(later);
        })?;
        let twice = status_list(|list| list["crit"] = json!(["ttl"]))?;
        let reshaped = with_trust_list(|list| {
            list["profiles"] = json!({});
            critical(list);
        })?;

        for (name, bundle, expectations) in [
            ("members", members, vec![("authorised", &ase), ("revoked", &bjorn)]),
            ("entries", entries, vec![("authorised", &ase)]),
            (
                "critical-trust-list",
                with_trust_list(critical)?,
                vec![("verifier_outdated not_understood", &ase), ("revoked", &bjorn)],
            ),
            (
                "critical-status-list",
                status_list(critical)?,
                vec![("verifier_outdated not_understood", &ase), ("revoked", &bjorn)],
            ),
            ("crit-of-a-first-member", twice, vec![("status_unusable inconsistent", &ase)]),
            ("reshaped-trust-list", reshaped, vec![("bundle_refused not_understood", &ase)]),
        ] {
            let bundle = self.bundle_of(&format!("newer-{name}"), bundle)?;
            for (expect, input) in expectations {
                let suffix = if expect == "revoked" { "-revoked" } else { "" };
                self.add_with(&format!("newer-{name}{suffix}"), NOW, expect, input, &bundle);
            }
        }
        Ok(())
    }

    fn newer_certificates(&mut self) -> Result<()> {
        let claims = self.claims(0)?;
        let changes: [(&str, &str, Change); 6] = [
            ("claim", "authorised", add),
            ("critical-claim", "verifier_outdated not_understood", critical),
            ("kind", "verifier_outdated not_understood", |claims| {
                claims["authorisation"]["kind"] = json!("23");
            }),
            ("type-of-certificate", "verifier_outdated not_understood", |claims| {
                claims["vct"] = json!("https://perfusionist.example.no/types/perfusionist/2");
            }),
            ("kind-that-is-no-code", "malformed not_json", |claims| {
                claims["authorisation"]["kind"] = json!("a kind");
            }),
            ("claim-of-null", "malformed not_json", |claims| claims["later"] = Value::Null),
        ];
        let signed: Vec<Signed<_>> = changes
            .iter()
            .map(|(.., change)| signed_by(&claims, &*self.example.certificate_key, change))
            .collect();
        let issued: Vec<String> = signed.iter().map(|signed| signed.as_str().to_owned()).collect();
        let log = self.log_with(&issued)?;
        let log = self.bundle_of("newer-certificates", log)?;
        for ((name, expect, _), jws) in changes.iter().zip(&issued) {
            self.add_with(&format!("newer-{name}"), NOW, expect, &format!("{jws}~"), &log);
        }
        let [ase, ..] = self.links::<8>()?;
        let digits = ase.split_once('#').context("a link has digits")?.1;
        let payload = vernet_common::QrPayload::from_digits(digits)?;
        for (name, expect, place, bytes) in [
            ("format-of-a-code", "verifier_outdated not_understood", 0, &[3, !3][..]),
            ("format-without-its-mark", "malformed qr_format", 0, &[3, 1]),
            ("format-beyond", "malformed qr_format", 0, &[16, !16]),
            ("number-of-a-kind", "malformed qr_payload", 23, &[0x51]),
            ("profile-of-a-code", "verifier_outdated not_understood", 1, &[2]),
        ] {
            let mut changed = payload.as_bytes().to_vec();
            changed[place..place + bytes.len()].copy_from_slice(bytes);
            let digits = crate::office::to_base_10(&changed);
            let bundle = match place {
                1 => "vectors/bundles/newer-entries.json",
                _ => "publication/bundle.json",
            };
            self.add_with(&format!("newer-{name}"), NOW, expect, &digits, bundle);
        }
        Ok(())
    }

    fn newer_trust_list(&self, change: Change) -> SignedTrustList {
        let list = TrustList {
            seq: 2,
            iat: at("2026-11-22T09:30:00Z"),
            ..self.example.trust_list.clone()
        };
        trust_list_by(&list, &[&self.example.roots[0], &self.example.roots[1]], change)
    }
}
