//! The vectors: an input, a time, a bundle, and the verdict that every verifier must reach.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use vernet_common::{
    Algorithm, Bundle, CertificateClaims, CertificateNumber, EncodedStatusList, Roots, SecretKey, Signed,
    SignedTrustList, Signer, StatusList, StatusListClaims, TrustList,
};

use crate::office::{Example, at};

/// An hour after the publication.
const NOW: &str = "2026-11-22T10:00:00Z";

pub(crate) fn make(example: &Example, files: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    Vectors { example, files, count: 0 }.all()
}

struct Vectors<'a> {
    example: &'a Example,
    files: &'a mut BTreeMap<String, Vec<u8>>,
    count: usize,
}

impl Vectors<'_> {
    fn all(&mut self) -> Result<()> {
        self.people()?;
        self.forms()?;
        self.times()?;
        self.forgeries()?;
        self.bundles()?;
        self.malformed();
        Ok(())
    }

    fn people(&mut self) -> Result<()> {
        let [ase, mahtte, stanislawa, ingrid, bjorn, sigridur, olav, marie] = self.links()?;
        self.add("authorised", NOW, "authorised", &ase);
        self.add("authorised-sami-name", NOW, "authorised", &mahtte);
        self.add("suspended-polish-name", NOW, "suspended", &stanislawa);
        self.add("limited-by-decision", NOW, "authorised_with_conditions", &ingrid);
        self.add("revoked", NOW, "revoked", &bjorn);
        self.add("bound-licence-has-conditions", NOW, "authorised_with_conditions", &sigridur);
        self.add("licence-in-qr-format-2", NOW, "authorised", &olav);
        self.add("superseded-by-a-new-name", NOW, "revoked", &marie);
        Ok(())
    }

    fn forms(&mut self) -> Result<()> {
        let [ase, ..] = self.links::<8>()?;
        let digits = ase.split_once('#').context("a link has digits")?.1.to_owned();
        let text = self.text(0)?;
        let jws = text.trim_end_matches('~').to_owned();
        self.add("form-text", NOW, "authorised", &text);
        self.add("form-jws-without-tilde", NOW, "authorised", &jws);
        self.add("form-digits", NOW, "authorised", &digits);
        self.add("form-digits-with-spaces", NOW, "authorised", &format!("  {} {}  ", &digits[..60], &digits[60..]));
        self.add("form-link-with-encoded-hash", NOW, "authorised", &ase.replace('#', "%23"));
        self.add(
            "form-link-in-capitals",
            NOW,
            "authorised",
            &ase.replace("https://verify.example.no", "HTTPS://VERIFY.EXAMPLE.NO"),
        );
        self.add(
            "form-link-of-another-page",
            NOW,
            "authorised",
            &format!("https://mirror.example.org/check/v#{digits}"),
        );
        Ok(())
    }

    fn times(&mut self) -> Result<()> {
        let [ase, .., olav, _] = self.links::<8>()?;
        self.add("status-a-day-old", "2026-11-23T09:00:00Z", "authorised", &ase);
        self.add("status-stale-a-second-later", "2026-11-23T09:00:01Z", "status_stale", &ase);
        self.add("last-second-of-the-licence", "2026-11-30T22:59:59Z", "status_stale", &olav);
        self.add("licence-expired-at-midnight-in-oslo", "2026-11-30T23:00:00Z", "expired", &olav);
        self.add("trust-list-expired", "2027-02-17T09:00:00Z", "trust_list_expired", &ase);
        self.add("trust-list-last-second", "2027-02-17T08:59:59Z", "status_stale", &ase);
        self.add("clock-behind-within-tolerance", "2026-11-22T08:55:00Z", "authorised", &ase);
        self.add("clock-behind", "2026-11-22T08:54:59Z", "clock_behind", &ase);
        let [.., bjorn, _, _, _] = self.links::<8>()?;
        self.add("revoked-even-from-a-stale-list", "2026-12-22T09:00:00Z", "revoked", &bjorn);
        self.add("revoked-even-with-a-clock-behind", "2025-12-22T09:00:00Z", "revoked", &bjorn);
        Ok(())
    }

    fn forgeries(&mut self) -> Result<()> {
        let genuine = self.claims(0)?;
        let [ase, ..] = self.links::<8>()?;
        let other_name = CertificateClaims { given_name: "Ada".parse()?, ..genuine.clone() };
        let stranger = SecretKey::from_seed(&[0x66; 32]);
        let forged = |claims: &CertificateClaims, key: &dyn Signer| -> Result<String> {
            Ok(format!("{}~", Signed::sign(claims, Algorithm::EdDsa, key)?.as_str()))
        };
        let certificate_key = &*self.example.certificate_key;
        let by_stranger = forged(&genuine, &stranger)?;
        let by_status_key = forged(&genuine, &*self.example.status_key)?;
        let by_root = forged(&genuine, &self.example.roots[0])?;
        let other_payload = Signed::sign(&other_name, Algorithm::EdDsa, certificate_key)?;
        let spliced = splice(other_payload.as_str(), &self.text(0)?);
        let early = forged(&CertificateClaims { iat: at("2026-11-19T08:59:59Z"), ..genuine.clone() }, certificate_key)?;
        let late = forged(&CertificateClaims { iat: at("2026-11-22T10:05:01Z"), ..genuine.clone() }, certificate_key)?;
        let ahead = forged(&CertificateClaims { iat: at("2026-11-22T10:05:00Z"), ..genuine.clone() }, certificate_key)?;
        let future = CertificateClaims {
            authorisation: vernet_common::Authorisation { granted: "2026-11-23".parse()?, ..genuine.authorisation },
            ..genuine.clone()
        };
        let future = forged(&future, certificate_key)?;
        let rfc_9864 = format!("{}~", Signed::sign(&genuine, Algorithm::Ed25519, certificate_key)?.as_str());
        self.add("forged-by-a-stranger", NOW, "untrusted_issuer", &by_stranger);
        self.add("forged-with-the-status-key", NOW, "untrusted_issuer", &by_status_key);
        self.add("forged-with-a-root-key", NOW, "untrusted_issuer", &by_root);
        self.add("forged-signature-of-another-certificate", NOW, "bad_signature", &spliced);
        self.add("forged-digit", NOW, "bad_signature", &change_digit(&ase));
        self.add("signed-before-the-key-was-listed", NOW, "key_not_valid", &early);
        self.add("signed-in-the-future", NOW, "not_yet_valid", &late);
        self.add("signed-in-the-future-within-tolerance", NOW, "authorised", &ahead);
        self.add("granted-tomorrow", NOW, "not_yet_valid", &future);
        self.add("algorithm-name-of-rfc-9864", NOW, "authorised", &rfc_9864);
        Ok(())
    }

    fn bundles(&mut self) -> Result<()> {
        let [ase, _, stanislawa, ..] = self.links::<8>()?;
        let good = Bundle::from_json(&self.example.bundle)?;
        let next = |change: &dyn Fn(&mut TrustList)| {
            let mut list = TrustList { seq: 2, iat: at("2026-11-22T09:30:00Z"), ..self.example.trust_list.clone() };
            change(&mut list);
            list
        };

        let stolen = next(&|list| list.keys[0].compromised_at = Some(at("2026-11-22T03:00:00Z")));
        let stolen =
            self.bundle("certificate-key-compromised", vec![self.sign(&stolen, &[0, 1])?], good.status_lists.clone())?;
        let status_stolen = next(&|list| list.keys[1].compromised_at = Some(at("2026-11-22T03:00:00Z")));
        let status_stolen = self.bundle(
            "status-key-compromised",
            vec![self.sign(&status_stolen, &[0, 2])?],
            good.status_lists.clone(),
        )?;
        let long = next(&|list| list.exp = at("2027-12-01T00:00:00Z"));
        let long = self.bundle("trust-list-for-a-year", vec![self.sign(&long, &[1, 2])?], good.status_lists.clone())?;
        let nothing = self.bundle("no-status-list", good.trust_lists.clone(), Vec::new())?;

        let new_roots = [0x71, 0x72, 0x73].map(|seed| SecretKey::from_seed(&[seed; 32]));
        let public = Roots { keys: new_roots.iter().map(Signer::public_key).collect(), threshold: 2 };
        let rotated = next(&|list| list.roots = public.clone());
        let mut bridge = self.sign(&rotated, &[0, 1])?;
        new_roots[..2].iter().try_for_each(|root| bridge.add_signature(root))?;
        let mut current = SignedTrustList::unsigned(&TrustList { seq: 3, ..rotated.clone() })?;
        new_roots[1..].iter().try_for_each(|root| current.add_signature(root))?;
        let chain = self.bundle("new-roots", vec![bridge, current], good.status_lists.clone())?;

        let status = |change: &dyn Fn(&mut StatusListClaims)| -> Result<Signed<StatusListClaims>> {
            let key = self.example.status_key.public_key();
            let mut claims = good.status_lists[0].verify(&key)?.into_claims();
            change(&mut claims);
            Ok(Signed::sign(&claims, Algorithm::EdDsa, &*self.example.status_key)?)
        };
        let wrong_sub = status(&|claims| claims.sub = "https://other.example.no/status/1".parse().expect("a URI"))?;
        let one_bit = status(&|claims| claims.status_list.bits = 1)?;
        let short =
            status(&|claims| claims.status_list = EncodedStatusList { bits: 2, lst: "eNo76fITAAPfAgc".into() })?;
        let newer = status(&|claims| claims.trust_list_seq = 2)?;
        let ended = status(&|claims| claims.exp = at(NOW))?;
        let empty = EncodedStatusList::from(&StatusList::new());
        let of_certificate_key = good.status_lists[0].verify(&self.example.status_key.public_key())?.into_claims();
        let of_certificate_key = StatusListClaims { status_list: empty, ..of_certificate_key };
        let of_certificate_key = Signed::sign(&of_certificate_key, Algorithm::EdDsa, &*self.example.certificate_key)?;
        let lists = good.trust_lists.clone();
        let wrong_sub = self.bundle("status-list-of-another-issuer", lists.clone(), vec![wrong_sub])?;
        let one_bit = self.bundle("status-list-of-one-bit", lists.clone(), vec![one_bit])?;
        let short = self.bundle("status-list-cut-short", lists.clone(), vec![short])?;
        let newer = self.bundle("status-list-of-a-newer-trust-list", lists.clone(), vec![newer])?;
        let ended = self.bundle("status-list-ended", lists.clone(), vec![ended])?;
        let of_certificate_key = self.bundle("status-list-by-the-certificate-key", lists, vec![of_certificate_key])?;

        for (name, time, expect, input, bundle) in [
            ("key-compromised", NOW, "key_compromised", &ase, &stolen),
            ("status-key-compromised", NOW, "status_unusable key_compromised", &ase, &status_stolen),
            ("trust-list-a-hundred-days-old", "2027-03-02T09:30:00Z", "status_stale", &ase, &long),
            ("trust-list-stale", "2027-03-02T09:30:01Z", "trust_list_stale", &ase, &long),
            ("status-missing", NOW, "status_missing", &ase, &nothing),
            ("new-roots-are-followed", NOW, "authorised", &ase, &chain),
            ("new-roots-suspended", NOW, "suspended", &stanislawa, &chain),
            ("status-list-of-another-issuer", NOW, "status_unusable status_list_subject", &ase, &wrong_sub),
            ("status-list-of-one-bit", NOW, "status_unusable status_list_bits", &ase, &one_bit),
            ("status-list-cut-short", NOW, "status_unusable status_list_size", &ase, &short),
            ("trust-list-held-back", NOW, "status_unusable trust_list_outdated", &ase, &newer),
            ("status-list-at-its-end", NOW, "status_stale", &ase, &ended),
            ("status-list-before-its-end", "2026-11-22T09:59:59Z", "authorised", &ase, &ended),
            ("status-list-by-the-certificate-key", NOW, "status_unusable key_use", &ase, &of_certificate_key),
        ] {
            self.add_with(name, time, expect, input, bundle);
        }
        Ok(())
    }

    fn malformed(&mut self) {
        for (name, expect, input) in [
            ("malformed-other-text", "malformed input_unrecognised", "hello"),
            ("malformed-other-link", "malformed link_without_digits", "https://verify.example.no/v"),
            ("malformed-leading-zero", "malformed qr_payload", "https://verify.example.no/v#0123"),
            ("malformed-format", "malformed qr_format", "99"),
            ("malformed-cut", "malformed qr_payload", "16777216"),
            (
                "malformed-alg-none",
                "malformed algorithm_unsupported",
                &format!("eyJhbGciOiJub25lIiwia2lkIjoiYWFhYWFhYWEiLCJ0eXAiOiJkYytzZC1qd3QifQ.e30.{}", "A".repeat(86)),
            ),
            ("malformed-two-parts", "malformed jws_parts", "eyJhbGciOiJFZERTQSJ9.e30"),
            ("malformed-disclosure", "malformed disclosures", "eyJhbGciOiJFZERTQSJ9.e30.AA~WyJhIl0~"),
        ] {
            self.add(name, NOW, expect, input);
        }
    }

    fn add(&mut self, name: &str, time: &str, expect: &str, input: &str) {
        self.add_with(name, time, expect, input, "publication/bundle.json");
    }

    fn add_with(&mut self, name: &str, time: &str, expect: &str, input: &str, bundle: &str) {
        self.count += 1;
        let (code, cause) = expect.split_once(' ').map_or((expect, None), |(code, cause)| (code, Some(cause)));
        let cause = cause.map_or_else(String::new, |cause| format!("cause: {cause}\n"));
        let text = format!("expect: {code}\n{cause}at: {time}\nroots: roots.json\nbundle: {bundle}\ninput: {input}\n");
        self.files.insert(format!("vectors/{:02}-{name}.txt", self.count), text.into_bytes());
    }

    fn bundle(
        &mut self,
        name: &str,
        trust_lists: Vec<SignedTrustList>,
        status_lists: Vec<Signed<StatusListClaims>>,
    ) -> Result<String> {
        let name = format!("vectors/bundles/{name}.json");
        self.files.insert(name.clone(), Bundle { trust_lists, status_lists }.to_json()?);
        Ok(name)
    }

    fn sign(&self, list: &TrustList, roots: &[usize]) -> Result<SignedTrustList> {
        let mut signed = SignedTrustList::unsigned(list)?;
        roots.iter().try_for_each(|root| signed.add_signature(&self.example.roots[*root]))?;
        Ok(signed)
    }

    fn links<const N: usize>(&self) -> Result<[String; N]> {
        let links: Vec<String> = self.example.links.iter().map(|(_, link)| link.clone()).collect();
        links.try_into().ok().context("there are as many links as people")
    }

    fn text(&self, person: usize) -> Result<String> {
        let number: CertificateNumber = self.example.links[person].0;
        self.example.texts.get(&number).cloned().context("every certificate has a text")
    }

    fn claims(&self, person: usize) -> Result<CertificateClaims> {
        let signed = Signed::parse(self.text(person)?.trim_end_matches('~'))?;
        Ok(signed.verify(&self.example.certificate_key.public_key())?.into_claims())
    }
}

/// The payload of one under the signature of the other.
fn splice(payload: &str, signature: &str) -> String {
    let payload = payload.rsplit_once('.').map_or("", |(payload, _)| payload);
    let signature = signature.rsplit_once('.').map_or("", |(_, signature)| signature);
    format!("{payload}.{signature}")
}

/// A digit in the middle of the signature: the last digits of the number are those of its last bytes.
fn change_digit(link: &str) -> String {
    let mut bytes = link.as_bytes().to_vec();
    let place = bytes.len() - 20;
    bytes[place] = if bytes[place] == b'9' { b'8' } else { bytes[place] + 1 };
    bytes.into_iter().map(char::from).collect()
}
