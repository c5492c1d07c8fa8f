//! Our own verdicts: everything from what somebody shows to the answer.

use std::{
    env::current_exe,
    hint::black_box,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vernet_common::{
    Bundle, CertificateClaims, NumericDate, QrPayload, Signed, Signer, TrustAnchor,
};
use vernet_tests::{
    office::{CERTIFICATE_KEY, Office, key},
    people::person,
};
use vernet_verifier::{
    Chosen, Knowledge, Memory, Office as Trusted, Offices, Policy, Verdict, verify,
};

use crate::slices::{Case, thread_time};

/// How many certificates are checked one after the other: more than fit in the nearest cache.
const MANY: u32 = 1024;

/// How many are judged together.
const TOGETHER: usize = 64;

/// A certificate and the key that signed it.
pub struct Token {
    /// The compact serialisation.
    pub jws: String,
    pub key: [u8; 32],
    /// The key as a JWK.
    pub jwk: Value,
}

impl Token {
    /// The bytes that are signed, and their signature.
    pub fn signed(&self) -> Result<(&str, [u8; 64])> {
        let (signed, _) = self.jws.rsplit_once('.').context("three parts")?;
        Ok((signed, *Signed::<CertificateClaims>::parse(&self.jws)?.signature()))
    }

    /// A bare strict check of the signature: what everything is compared with.
    pub fn bare_check(&self) -> Result<Case<'_>> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.key)?;
        let (signed, signature) = self.signed()?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature);
        Ok(Case::new("ed25519-dalek, bare `verify_strict`", move || {
            Ok(key.verify_strict(black_box(signed.as_bytes()), black_box(&signature))?)
        }))
    }
}

pub struct Ours {
    office: Office,
    knowledge: Knowledge,
    offices: Offices,
    texts: Vec<String>,
    links: Vec<String>,
    token: Token,
}

impl Ours {
    pub fn new() -> Result<Self> {
        // The rivals compare `iat` with the clock.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
        let mut office = Office::as_of(NumericDate::from_seconds(i64::try_from(now)?)?);
        // With these certificates in its log and no others, a bundle holds the whole log.
        (office.before, office.logs_own) = (Vec::new(), false);
        let page = "https://verify.example.no/v".parse()?;
        let public_key = key(CERTIFICATE_KEY).public_key();
        let (mut texts, mut links) = (Vec::new(), Vec::new());
        for number in 1..=MANY {
            let text = person(&office, number, "Åse", "Kjærstad Østlyngen-Bråthen").text();
            let signed = Signed::parse(text.trim_end_matches('~'))?;
            let payload =
                QrPayload::encode(&signed, &signed.verify(&public_key)?, &office.trust_list)?;
            links.push(payload.to_link(&page));
            texts.push(text);
        }
        let mut jwk = serde_json::to_value(public_key)?;
        jwk["alg"] = json!("EdDSA");
        let token = Token {
            jws: texts[0].trim_end_matches('~').to_owned(),
            key: *key(CERTIFICATE_KEY).public_key().as_bytes(),
            jwk,
        };
        let knowledge = office.knowledge();
        let offices = Offices::new(vec![Trusted::new(office.anchor(), Some(office.knowledge()))]);
        Ok(Self { office, knowledge, offices, texts, links, token })
    }

    pub fn token(&self) -> &Token {
        &self.token
    }

    pub fn cases(&self) -> Result<Vec<Case<'_>>> {
        let mut cases = vec![
            self.single("ours, link -> verdict", &self.links),
            self.single("ours, `jws~` -> verdict", &self.texts),
        ];
        cases.push(self.many("ours, 1,024 links together", &self.links));
        cases.push(self.many("ours, 1,024 `jws~` together", &self.texts));
        for checks in [1, 10, 1000] {
            cases.push(self.first(checks)?);
        }
        Ok(cases)
    }

    /// One certificate after the other, each from what was scanned to the verdict.
    fn single<'a>(&'a self, name: &str, inputs: &'a [String]) -> Case<'a> {
        let mut next = inputs.iter().cycle();
        Case::new(name, move || {
            let input = next.next().context("there are certificates")?;
            accepted(&self.verify(black_box(input), &self.knowledge))
        })
    }

    /// All certificates together, as rosters and batches are judged.
    fn many<'a>(&'a self, name: &str, inputs: &'a [String]) -> Case<'a> {
        Case::new(name, move || self.verify_all(inputs)).of_checks(inputs.len())
    }

    fn verify_all(&self, inputs: &[String]) -> Result<()> {
        for part in inputs.chunks(TOGETHER) {
            let part: Vec<&str> = part.iter().map(String::as_str).collect();
            let chosen =
                self.offices.check_each(black_box(&part), &self.office.policy, self.office.now);
            chosen.iter().map(Chosen::verdict).try_for_each(accepted)?;
        }
        Ok(())
    }

    /// Does one thing so many times, for programs that count instructions or sample where time goes.
    pub fn repeat(&self, what: &str, times: usize) -> Result<()> {
        let inputs = match what {
            "link" | "links" => &self.links,
            "text" | "texts" => &self.texts,
            _ => anyhow::bail!("expected `link`, `text`, `links` or `texts`"),
        };
        let parts = inputs.iter().cycle().take(times);
        match what.ends_with('s') {
            false => parts
                .map(|input| self.verify(input, &self.knowledge))
                .try_for_each(|v| accepted(&v)),
            true => self.verify_all(&parts.cloned().collect::<Vec<_>>()),
        }
    }

    /// The first checks of a program, with what it takes to make the table of the key. Each time it is
    /// another process: a table stays for as long as a program runs.
    pub fn first(&self, checks: usize) -> Result<Case<'_>> {
        let (links, program) =
            (self.links[..checks.min(self.links.len())].to_vec(), current_exe()?);
        let shown = serde_json::to_vec(&First {
            now: self.office.now.seconds(),
            anchor: serde_json::to_value(self.office.anchor())?,
            bundle: String::from_utf8(self.office.bundle().to_json()?)?,
            links,
        })?;
        let name = format!("ours, link -> verdict, the first {checks}");
        Ok(Case::timed(&name, checks, move |times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let mut process = Command::new(&program)
                    .arg("--first")
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .spawn()?;
                process.stdin.take().context("it is piped")?.write_all(&shown)?;
                let answer = String::from_utf8(process.wait_with_output()?.stdout)?;
                took += Duration::from_nanos(answer.trim().parse().context("nanoseconds")?);
            }
            Ok(took)
        })
        .once())
    }

    /// What such a process does: it reads the lists, and prints how long the checks took.
    pub fn run_first() -> Result<()> {
        let First { now, anchor, bundle, links } = serde_json::from_reader(std::io::stdin())?;
        let now = NumericDate::from_seconds(now)?;
        let anchor = TrustAnchor::from_json(&serde_json::to_vec(&anchor)?)?;
        let (bundle, policy) = (Bundle::from_json(bundle.as_bytes())?, Policy::default());
        let knowledge = Knowledge::learn(&bundle, &mut Memory::new(&anchor), &policy, now)?;
        let before = thread_time();
        for link in &links {
            accepted(&verify(black_box(link), &knowledge, &policy, now))?;
        }
        println!("{}", (thread_time() - before).as_nanos());
        Ok(())
    }

    fn verify(&self, input: &str, knowledge: &Knowledge) -> Verdict {
        verify(input, knowledge, &self.office.policy, self.office.now)
    }
}

/// What a process is given that measures the first checks.
#[derive(Serialize, Deserialize)]
struct First {
    now: i64,
    anchor: Value,
    bundle: String,
    links: Vec<String>,
}

fn accepted(verdict: &Verdict) -> Result<()> {
    ensure!(verdict.accepted().is_some(), "not accepted: {}", verdict.code());
    Ok(())
}
