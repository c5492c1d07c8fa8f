//! The vectors: an input, a time, a bundle, and the verdict that every verifier must reach.

mod newer;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use vernet_common::{
    Algorithm, Bundle, BundledLog, CertificateClaims, CertificateHash, CertificateNumber,
    EncodedStatusList, LogHash, LogTree, QrPayload, Roots, SecretKey, Signed, SignedCheckpoint,
    SignedTrustList, Signer, StatusList, StatusListClaims, TrustList, TrustedLog, Witness,
    WitnessName,
};

use super::{
    board::Board,
    example::{Example, PUBLISHED, at},
};

/// An hour after the publication.
const NOW: &str = "2026-11-22T10:00:00Z";

pub(crate) fn make(
    example: &Example,
    board: &Board,
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<()> {
    Vectors { example, files, count: 0, roots: "roots.json" }.all(board)
}

struct Vectors<'a> {
    example: &'a Example,
    files: &'a mut BTreeMap<String, Vec<u8>>,
    count: usize,
    /// What the verifier pinned.
    roots: &'static str,
}

impl Vectors<'_> {
    fn all(&mut self, board: &Board) -> Result<()> {
        self.people()?;
        self.forms()?;
        self.times()?;
        self.forgeries()?;
        self.bundles()?;
        self.logs()?;
        self.malformed();
        self.newer()?;
        self.board(board)?;
        self.names()
    }

    /// Names that earlier verifiers did not read. Nobody has them, so the log has not either.
    fn names(&mut self) -> Result<()> {
        self.roots = "roots.json";
        let genuine = self.claims(0)?;
        for (name, given_name, family_name) in [
            ("name-single", "", "Suharto"),
            ("name-of-other-latin-letters", "ƐFUA Ɔsɛi", "Ɗɔɓɛ-Kꞌahin Se\u{331}"),
        ] {
            let claims = CertificateClaims {
                given_name: given_name.parse()?,
                family_name: family_name.parse()?,
                ..genuine.clone()
            };
            let link = self.link(&claims)?;
            self.add(name, NOW, "not_issued", &link);
            let signed = Signed::sign(&claims, Algorithm::EdDsa, &*self.example.certificate_key)?;
            self.add(
                &format!("{name}-as-text"),
                NOW,
                "not_issued",
                &format!("{}~", signed.as_str()),
            );
        }
        Ok(())
    }

    /// Each certificate is judged by its own issuer's lists; another issuer's know nothing of it.
    fn board(&mut self, board: &Board) -> Result<()> {
        let (bundle, state) = ("board/publication/bundle.json", self.text(0)?);
        self.add(
            "certificate-of-a-board-among-the-states",
            NOW,
            "untrusted_issuer",
            &board.renewed,
        );
        self.roots = "board/roots.json";
        self.add_with("board-renewed", NOW, "authorised", &board.renewed, bundle);
        self.add_with("board-replaced-by-the-renewal", NOW, "revoked", &board.replaced, bundle);
        self.add_with("board-not-renewed", NOW, "expired", &board.lapsed, bundle);
        self.add_with(
            "certificate-of-the-state-among-the-boards",
            NOW,
            "untrusted_issuer",
            &state,
            bundle,
        );
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
        self.add(
            "form-digits-with-spaces",
            NOW,
            "authorised",
            &format!("  {} {}  ", &digits[..60], &digits[60..]),
        );
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
        let early = forged(
            &CertificateClaims { iat: at("2026-11-19T08:59:59Z"), ..genuine.clone() },
            certificate_key,
        )?;
        let late = forged(
            &CertificateClaims { iat: at("2026-11-22T10:05:01Z"), ..genuine.clone() },
            certificate_key,
        )?;
        let ahead = forged(
            &CertificateClaims { iat: at("2026-11-22T10:05:00Z"), ..genuine.clone() },
            certificate_key,
        )?;
        let future = CertificateClaims {
            authorisation: vernet_common::Authorisation {
                granted: "2026-11-23".parse()?,
                ..genuine.authorisation
            },
            ..genuine.clone()
        };
        let future = forged(&future, certificate_key)?;
        let mut dentist = self.claims(0)?;
        dentist.title = "dentist".parse()?;
        let for_another_title = forged(&dentist, certificate_key)?;
        let rfc_9864 =
            format!("{}~", Signed::sign(&genuine, Algorithm::Ed25519, certificate_key)?.as_str());
        self.add("forged-by-a-stranger", NOW, "untrusted_issuer", &by_stranger);
        self.add("forged-with-the-status-key", NOW, "untrusted_issuer", &by_status_key);
        self.add("forged-with-a-root-key", NOW, "untrusted_issuer", &by_root);
        self.add("signed-for-another-title", NOW, "untrusted_title", &for_another_title);
        self.add("forged-signature-of-another-certificate", NOW, "bad_signature", &spliced);
        self.add("forged-digit", NOW, "bad_signature", &change_digit(&ase));
        self.add("signed-before-the-key-was-listed", NOW, "key_not_valid", &early);
        // Signed with the stolen certificate key itself: no signature reveals these, but the log
        // does.
        self.add(
            "forged-with-the-certificate-key",
            NOW,
            "not_issued",
            &forged(&other_name, certificate_key)?,
        );
        self.add(
            "forged-with-the-certificate-key-in-a-qr-code",
            NOW,
            "not_issued",
            &self.link(&other_name)?,
        );
        let expired = CertificateClaims { exp: at("2026-11-22T09:00:00Z"), ..genuine.clone() };
        self.add("forged-and-expired", NOW, "not_issued", &forged(&expired, certificate_key)?);
        let new = CertificateClaims { iat: at("2026-11-22T09:00:01Z"), ..genuine.clone() };
        self.add("newer-than-the-lists", NOW, "log_behind", &forged(&new, certificate_key)?);
        let at_that_time = CertificateClaims { iat: at("2026-11-22T09:00:00Z"), ..genuine.clone() };
        self.add(
            "as-old-as-the-lists",
            NOW,
            "not_issued",
            &forged(&at_that_time, certificate_key)?,
        );
        self.add(
            "newer-than-stale-lists",
            "2026-11-24T10:00:00Z",
            "log_behind",
            &forged(&new, certificate_key)?,
        );

        // The same office, if it had issued these too.
        let more =
            [&late, &ahead, &future, &rfc_9864].map(|text| text.trim_end_matches('~').to_owned());
        let more = self.log_with(&more)?;
        let more = self.bundle_of("more-certificates", more)?;
        self.add_with("signed-in-the-future", NOW, "not_yet_valid", &late, &more);
        self.add_with("signed-in-the-future-within-tolerance", NOW, "authorised", &ahead, &more);
        self.add_with("granted-tomorrow", NOW, "not_yet_valid", &future, &more);
        self.add_with("algorithm-name-of-rfc-9864", NOW, "authorised", &rfc_9864, &more);
        Ok(())
    }

    fn bundles(&mut self) -> Result<()> {
        let [ase, _, stanislawa, ..] = self.links::<8>()?;
        let good = Bundle::from_json(&self.example.bundle)?;
        let next = |change: &dyn Fn(&mut TrustList)| {
            let mut list = TrustList {
                seq: 2,
                iat: at("2026-11-22T09:30:00Z"),
                ..self.example.trust_list.clone()
            };
            change(&mut list);
            list
        };

        // Stolen after the office had issued four certificates.
        let stolen = next(&|list| {
            list.log = TrustedLog::new(good.log.as_ref().expect("a log").checkpoint.head());
            list.keys[0].compromised_at = Some(at("2026-11-22T03:00:00Z"));
            list.keys[0].log_size = Some(4);
        });
        let stolen = self.bundle(
            "certificate-key-compromised",
            vec![self.sign(&stolen, &[0, 1])?],
            good.status_lists.clone(),
        )?;
        let forged = CertificateClaims { given_name: "Ada".parse()?, ..self.claims(0)? };
        let forged = self.link(&forged)?;
        let [.., sigridur, _, _] = self.links::<8>()?;
        let status_stolen =
            next(&|list| list.keys[1].compromised_at = Some(at("2026-11-22T03:00:00Z")));
        let status_stolen = self.bundle(
            "status-key-compromised",
            vec![self.sign(&status_stolen, &[0, 2])?],
            good.status_lists.clone(),
        )?;
        let long = next(&|list| list.exp = at("2027-12-01T00:00:00Z"));
        let long = self.bundle(
            "trust-list-for-a-year",
            vec![self.sign(&long, &[1, 2])?],
            good.status_lists.clone(),
        )?;
        let nothing = self.bundle("no-status-list", good.trust_lists.clone(), Vec::new())?;

        let new_roots = [0x71, 0x72, 0x73].map(|seed| SecretKey::from_seed(&[seed; 32]));
        let public =
            Roots { keys: new_roots.iter().map(Signer::public_key).collect(), threshold: 2 };
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
        let wrong_sub = status(&|claims| {
            claims.sub = "https://other.example.no/status/1".parse().expect("a URI")
        })?;
        let one_bit = status(&|claims| claims.status_list.bits = 1)?;
        let short = status(&|claims| {
            claims.status_list = EncodedStatusList { bits: 2, lst: "eNo76fITAAPfAgc".into() }
        })?;
        let newer = status(&|claims| claims.trust_list_seq = 2)?;
        let ended = status(&|claims| claims.exp = at(NOW))?;
        let empty = EncodedStatusList::from(&StatusList::new());
        let of_certificate_key =
            good.status_lists[0].verify(&self.example.status_key.public_key())?.into_claims();
        let of_certificate_key = StatusListClaims { status_list: empty, ..of_certificate_key };
        let of_certificate_key =
            Signed::sign(&of_certificate_key, Algorithm::EdDsa, &*self.example.certificate_key)?;
        let lists = good.trust_lists.clone();
        let wrong_sub =
            self.bundle("status-list-of-another-issuer", lists.clone(), vec![wrong_sub])?;
        let one_bit = self.bundle("status-list-of-one-bit", lists.clone(), vec![one_bit])?;
        let short = self.bundle("status-list-cut-short", lists.clone(), vec![short])?;
        let newer = self.bundle("status-list-of-a-newer-trust-list", lists.clone(), vec![newer])?;
        let ended = self.bundle("status-list-ended", lists.clone(), vec![ended])?;
        let of_certificate_key =
            self.bundle("status-list-by-the-certificate-key", lists, vec![of_certificate_key])?;

        for (name, time, expect, input, bundle) in [
            ("key-compromised-later", NOW, "authorised", &ase, &stolen),
            ("key-compromised-before", NOW, "key_compromised", &sigridur, &stolen),
            ("key-compromised-and-forged", NOW, "key_compromised", &forged, &stolen),
            (
                "status-key-compromised",
                NOW,
                "status_unusable key_compromised",
                &ase,
                &status_stolen,
            ),
            ("trust-list-a-hundred-days-old", "2027-03-02T09:30:00Z", "status_stale", &ase, &long),
            ("trust-list-stale", "2027-03-02T09:30:01Z", "trust_list_stale", &ase, &long),
            ("status-missing", NOW, "status_missing", &ase, &nothing),
            ("new-roots-are-followed", NOW, "authorised", &ase, &chain),
            ("new-roots-suspended", NOW, "suspended", &stanislawa, &chain),
            (
                "status-list-of-another-issuer",
                NOW,
                "status_unusable status_list_subject",
                &ase,
                &wrong_sub,
            ),
            ("status-list-of-one-bit", NOW, "status_unusable status_list_bits", &ase, &one_bit),
            ("status-list-cut-short", NOW, "status_unusable status_list_size", &ase, &short),
            ("trust-list-held-back", NOW, "status_unusable trust_list_outdated", &ase, &newer),
            ("status-list-at-its-end", NOW, "status_stale", &ase, &ended),
            ("status-list-before-its-end", "2026-11-22T09:59:59Z", "authorised", &ase, &ended),
            (
                "status-list-by-the-certificate-key",
                NOW,
                "status_unusable key_use",
                &ase,
                &of_certificate_key,
            ),
        ] {
            self.add_with(name, time, expect, input, bundle);
        }
        Ok(())
    }

    /// The leaves of the office's log.
    fn leaves(&self) -> Result<Vec<LogHash>> {
        let bundle = Bundle::from_json(&self.example.bundle)?;
        bundle.log.and_then(|log| log.leaves).context("the log of the example is small")
    }

    /// The publication, if its log had these leaves and it were made at `iat`.
    fn with_log(&self, leaves: &[LogHash], iat: &str) -> Result<Bundle> {
        let mut bundle = Bundle::from_json(&self.example.bundle)?;
        let head = leaves.iter().copied().collect::<LogTree>().head();
        let mut claims =
            bundle.status_lists[0].verify(&self.example.status_key.public_key())?.into_claims();
        (claims.log, claims.iat) = (head, at(iat));
        bundle.status_lists =
            vec![Signed::sign(&claims, Algorithm::EdDsa, &*self.example.status_key)?];
        let checkpoint =
            SignedCheckpoint::sign(&self.example.trust_list.iss, head, &*self.example.log_key)?;
        bundle.log = Some(BundledLog { checkpoint, leaves: Some(leaves.to_vec()) });
        Ok(bundle)
    }

    /// The publication, if the office had issued these certificates as well.
    fn log_with(&self, more: &[String]) -> Result<Bundle> {
        let mut leaves = self.leaves()?;
        leaves.extend(more.iter().map(|jws| CertificateHash::of_jws(jws).leaf()));
        self.with_log(&leaves, PUBLISHED)
    }

    fn logs(&mut self) -> Result<()> {
        let [ase, ..] = self.links::<8>()?;
        let good = Bundle::from_json(&self.example.bundle)?;
        let leaves = self.leaves()?;
        let iss = &self.example.trust_list.iss;
        let log = good.log.clone().context("a log")?;
        let head = log.checkpoint.head();
        let with = |checkpoint: SignedCheckpoint| Bundle {
            log: Some(BundledLog { checkpoint, leaves: log.leaves.clone() }),
            ..good.clone()
        };

        // Each of these lacks one of the signatures that make a log.
        let by_certificate_key =
            with(SignedCheckpoint::sign(iss, head, &*self.example.certificate_key)?);
        let elsewhere = with(SignedCheckpoint::sign(
            &"https://other.example.no".parse()?,
            head,
            &*self.example.log_key,
        )?);
        let text = log.checkpoint.to_text();
        let (start, signature) = text.trim_end().rsplit_once(' ').context("a signature")?;
        let swapped: String =
            [&signature[..20], &signature[24..28], &signature[20..24], &signature[28..]].concat();
        let bent = with(SignedCheckpoint::parse(&format!("{start} {swapped}\n"))?);
        let mut longer = leaves.clone();
        longer.push(
            CertificateHash::of_jws("a certificate that the status key does not know").leaf(),
        );
        let longer_log = self.with_log(&longer, PUBLISHED)?.log;
        let mismatch = Bundle { log: longer_log, ..good.clone() };
        let mut other = leaves.clone();
        other[0] = CertificateHash::of_jws("another certificate").leaf();
        let other_leaves = Bundle {
            log: Some(BundledLog {
                checkpoint: log.checkpoint.clone(),
                leaves: Some(other.clone()),
            }),
            ..good.clone()
        };
        let many: Vec<_> = leaves
            .iter()
            .copied()
            .chain((0..1025 - leaves.len()).map(|n| LogHash::of_leaf(&n.to_be_bytes())))
            .collect();
        let many = self.with_log(&many, PUBLISHED)?;

        let witnesses: [SecretKey; 2] = [0x81, 0x82].map(|seed| SecretKey::from_seed(&[seed; 32]));
        let names = ["witness.example.no/1", "witness.example.no/2"]
            .map(|name| name.parse::<WitnessName>());
        let [first, second] = names;
        let names = [first?, second?];
        let watched = TrustedLog {
            threshold: 1,
            witnesses: witnesses
                .iter()
                .zip(&names)
                .map(|(key, name)| Witness { key: key.public_key(), name: name.clone() })
                .collect(),
            ..TrustedLog::new(head)
        };
        let trust_lists = |log: TrustedLog, seq| -> Result<Vec<SignedTrustList>> {
            let list = TrustList {
                seq,
                iat: at("2026-11-22T09:30:00Z"),
                log,
                ..self.example.trust_list.clone()
            };
            Ok(vec![self.sign(&list, &[0, 1])?])
        };
        let unwatched = Bundle { trust_lists: trust_lists(watched.clone(), 2)?, ..good.clone() };
        let mut checkpoint = log.checkpoint.clone();
        checkpoint.cosign(&names[1], &witnesses[1], at("2026-11-22T09:10:00Z"))?;
        let seen = Bundle { trust_lists: unwatched.trust_lists.clone(), ..with(checkpoint) };
        let pinned_ahead = longer.iter().copied().collect::<LogTree>().head();
        let held_back =
            Bundle { trust_lists: trust_lists(TrustedLog::new(pinned_ahead), 2)?, ..good.clone() };
        // Under the trust list that vouches for more, which is in force when the lists are signed.
        let shrunk_below_pin = Bundle {
            trust_lists: trust_lists(TrustedLog::new(pinned_ahead), self.example.trust_list.seq)?,
            ..good.clone()
        };
        let forked_from_pin = Bundle {
            trust_lists: trust_lists(
                TrustedLog::new(other[..4].iter().copied().collect::<LogTree>().head()),
                2,
            )?,
            ..good.clone()
        };

        for (name, expect, bundle) in [
            ("log-signed-by-another-key", "log_unusable checkpoint_unsigned", by_certificate_key),
            ("log-of-another-office", "log_unusable checkpoint_origin", elsewhere),
            ("log-signature-bent", "log_unusable signature_invalid", bent),
            ("log-that-no-status-list-names", "log_unusable log_mismatch", mismatch),
            ("log-with-another-leaf", "log_unusable log_root", other_leaves),
            ("log-too-large-for-the-bundle", "log_missing log_leaves_missing", many),
            ("log-that-no-witness-saw", "log_unusable witnesses_missing", unwatched),
            ("log-that-a-witness-saw", "authorised", seen),
            ("log-older-than-the-trust-list", "log_unusable log_outdated", held_back),
            (
                "log-shorter-than-the-trust-list-vouches-for",
                "bundle_refused log_shrunk",
                shrunk_below_pin,
            ),
            (
                "log-forked-from-what-the-trust-list-vouches-for",
                "bundle_refused log_forked",
                forked_from_pin,
            ),
        ] {
            let bundle = self.bundle_of(name, bundle)?;
            self.add_with(name, NOW, expect, &ase, &bundle);
        }

        // With all three keys, a thief shows another log to somebody who has seen the office's.
        let (later, earlier) = ("2026-11-22T09:40:00Z", "2026-11-22T08:00:00Z");
        let other_continued: Vec<_> = other.iter().copied().chain([longer[leaves.len()]]).collect();
        for (name, expect, leaves, iat) in [
            ("log-seen-before-and-longer", "authorised", &longer[..], later),
            ("log-seen-before-and-the-same", "authorised", &leaves[..], later),
            (
                "log-seen-before-and-forked",
                "bundle_refused log_forked",
                &other_continued[..],
                later,
            ),
            (
                "log-seen-before-and-forked-at-one-size",
                "bundle_refused log_forked",
                &other[..],
                later,
            ),
            ("log-seen-before-and-shrunk", "bundle_refused log_shrunk", &leaves[..4], later),
            (
                "log-seen-before-and-merely-older",
                "status_unusable status_list_rolled_back",
                &leaves[..4],
                earlier,
            ),
        ] {
            let bundle = self.with_log(leaves, iat)?;
            let bundle = self.bundle_of(name, bundle)?;
            self.add_after(name, NOW, expect, (&ase, &bundle), Some("publication/bundle.json"));
        }
        Ok(())
    }

    fn malformed(&mut self) {
        for (name, expect, input) in [
            ("malformed-other-text", "malformed input_unrecognised", "hello"),
            (
                "malformed-other-link",
                "malformed link_without_digits",
                "https://verify.example.no/v",
            ),
            ("malformed-leading-zero", "malformed qr_payload", "https://verify.example.no/v#0123"),
            ("malformed-format", "malformed qr_format", "99"),
            ("malformed-cut", "malformed qr_payload", "16777216"),
            (
                "malformed-alg-none",
                "malformed algorithm_unsupported",
                &format!(
                    "eyJhbGciOiJub25lIiwia2lkIjoiYWFhYWFhYWEiLCJ0eXAiOiJkYytzZC1qd3QifQ.e30.{}",
                    "A".repeat(86)
                ),
            ),
            ("malformed-two-parts", "malformed jws_parts", "eyJhbGciOiJFZERTQSJ9.e30"),
            (
                "malformed-disclosure",
                "malformed disclosures",
                "eyJhbGciOiJFZERTQSJ9.e30.AA~WyJhIl0~",
            ),
        ] {
            self.add(name, NOW, expect, input);
        }
    }

    fn add(&mut self, name: &str, time: &str, expect: &str, input: &str) {
        self.add_with(name, time, expect, input, "publication/bundle.json");
    }

    fn add_with(&mut self, name: &str, time: &str, expect: &str, input: &str, bundle: &str) {
        self.add_after(name, time, expect, (input, bundle), None);
    }

    /// The verdict at the same time of a verifier that has learnt another bundle before.
    fn add_after(
        &mut self,
        name: &str,
        time: &str,
        expect: &str,
        (input, bundle): (&str, &str),
        before: Option<&str>,
    ) {
        self.count += 1;
        let roots = self.roots;
        let (code, cause) =
            expect.split_once(' ').map_or((expect, None), |(code, cause)| (code, Some(cause)));
        let cause = cause.map_or_else(String::new, |cause| format!("cause: {cause}\n"));
        let before = before.map_or_else(String::new, |before| format!("before: {before}\n"));
        let text = format!(
            "expect: {code}\n{cause}at: {time}\nroots: {roots}\n{before}bundle: {bundle}\ninput: {input}\n"
        );
        self.files.insert(format!("vectors/{:02}-{name}.txt", self.count), text.into_bytes());
    }

    fn bundle(
        &mut self,
        name: &str,
        trust_lists: Vec<SignedTrustList>,
        status_lists: Vec<Signed<StatusListClaims>>,
    ) -> Result<String> {
        let name = format!("vectors/bundles/{name}.json");
        let log = Bundle::from_json(&self.example.bundle)?.log;
        self.files.insert(name.clone(), Bundle { trust_lists, status_lists, log }.to_json()?);
        Ok(name)
    }

    fn bundle_of(&mut self, name: &str, bundle: Bundle) -> Result<String> {
        let name = format!("vectors/bundles/{name}.json");
        self.files.insert(name.clone(), bundle.to_json()?);
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

    /// The link of a certificate with these claims, under the office's key.
    fn link(&self, claims: &CertificateClaims) -> Result<String> {
        let key = &*self.example.certificate_key;
        let signed = Signed::sign(claims, Algorithm::EdDsa, key)?;
        let verified = signed.verify(&key.public_key())?;
        let payload = QrPayload::encode(&signed, &verified, &self.example.trust_list)?;
        Ok(payload.to_link(&"https://verify.example.no/v".parse()?))
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

/// The payload of one certificate under the signature of another.
fn splice(payload: &str, signature: &str) -> String {
    let payload = payload.rsplit_once('.').map_or("", |(payload, _)| payload);
    let signature = signature.rsplit_once('.').map_or("", |(_, signature)| signature);
    format!("{payload}.{signature}")
}

/// Changes a digit in the middle of the signature, which the last digits of the number encode.
fn change_digit(link: &str) -> String {
    let mut bytes = link.as_bytes().to_vec();
    let place = bytes.len() - 20;
    bytes[place] = if bytes[place] == b'9' { b'8' } else { bytes[place] + 1 };
    bytes.into_iter().map(char::from).collect()
}
