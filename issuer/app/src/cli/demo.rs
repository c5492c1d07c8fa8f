//! `demo`: the newcomer's first minute. It does what the printed commands do, through the same
//! library.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use getrandom::{SysRng, rand_core::UnwrapErr};
use serde_json::json;
use vernet_common::{
    Bundle, CertificateClaims, CertificateNumber, KeyUse, NumericDate, Roots, SecretKey, Signed,
    Signer, TrustAnchor,
};
use vernet_issuer::{
    FileError, KeyFile, KeyLocation, LetOut, Office, OfficeConfig, Passphrase, new_key_pair,
    sign_trust_list, write_atomic, write_new_secret,
};
use vernet_register::{Application, Enrolment, Event, OfficeData, Proposal, Role, Statement};
use vernet_verifier::{Code, Knowledge, Memory, Policy, read_qr, verify};

use super::{
    export::terminal_style,
    keys::{KEY_LIFE_YEARS, end_of_life},
    publish::wait_for_a_later_second,
    session::{clock, random},
    terminal::printable,
};

#[derive(Args)]
pub(super) struct DemoArgs {
    /// The folder to make; nothing that exists is touched
    #[arg(default_value = "demo")]
    folder: PathBuf,
}

const ISS: &str = "https://perfusionist.example.no";
const PAGE: &str = "https://verify.example.no/v";
/// The officers, and the names of their files.
const OFFICERS: [(&str, &str); 2] = [("Kari Nordmann", "kari"), ("Ola Nordmann", "ola")];
/// One of the numbers that the health personnel register keeps for tests.
const TEST_HPR_NUMBER: &str = "9144889";

pub(super) fn run(args: &DemoArgs) -> Result<()> {
    let folder = &args.folder;
    if folder.exists() {
        return Err(vernet_issuer::Error::from(FileError::Exists { path: folder.clone() }).into());
    }
    let mut demo = Demo::begin(folder)?;
    let roots = demo.make_roots()?;
    demo.make_officers()?;
    demo.make_office()?;
    demo.sign_trust_list(&roots)?;
    let seq = demo.propose_grant()?;
    demo.show_self_approval(seq)?;
    let number = demo.approve_grant(seq)?;
    demo.export(number)?;
    demo.publish()?;
    demo.check_picture(number, Code::Authorised)?;
    demo.suspend(number)?;
    demo.check_picture(number, Code::Suspended)?;
    demo.lift(number)?;
    demo.check_picture(number, Code::Authorised)?;
    demo.show_forged(number)?;
    demo.show_stolen_key(number)?;
    demo.show_stale(number)?;
    demo.end(number)
}

struct Demo {
    folder: PathBuf,
    step: u8,
    now: NumericDate,
    /// Kari proposes, Ola approves.
    officers: [SecretKey; 2],
    passphrase: Passphrase,
    rng: UnwrapErr<SysRng>,
    anchor: Option<TrustAnchor>,
    memory: Option<Memory>,
    /// When the newest status list was signed.
    published_at: NumericDate,
}

impl Demo {
    fn begin(folder: &Path) -> Result<Self> {
        let now = clock()?;
        fs::create_dir_all(folder).with_context(|| format!("creating `{}`", folder.display()))?;
        let mut rng = random();
        // A passphrase of this demonstration only; it lies beside the keys so that the commands
        // below can be tried.
        let passphrase: String = new_key_pair(&mut rng)
            .seed()
            .iter()
            .take(12)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        write_new_secret(&folder.join("passphrase.txt"), format!("{passphrase}\n").as_bytes())?;
        let demo = Self {
            folder: folder.to_owned(),
            step: 0,
            now,
            officers: [new_key_pair(&mut rng), new_key_pair(&mut rng)],
            passphrase: Passphrase::from_prompt(passphrase)?,
            rng,
            anchor: None,
            memory: None,
            published_at: now,
        };
        say(&format!(
            "A demonstration in `{}`: made-up people, and keys that are good for nothing else.",
            printable(&folder.display().to_string())
        ));
        say("Each step shows the commands that do it by hand, with these settings:");
        demo.command(&format!(
            "export VERNET_OFFICE={} VERNET_OFFICER_KEY={} VERNET_PASSPHRASE_FILE={}",
            demo.at("office"),
            demo.at("officers/kari.pem"),
            demo.at("passphrase.txt")
        ));
        Ok(demo)
    }

    fn make_roots(&mut self) -> Result<[SecretKey; 3]> {
        self.title(
            "Three root keys, kept offline by three people. Two of them sign whom to trust.",
        );
        let keys = [1, 2, 3].map(|_| new_key_pair(&mut self.rng));
        for n in 1..=3 {
            self.command(&format!(
                "vernet-issuer keys new --use root --out {}/root-{n}.pem",
                self.at("root-keys")
            ));
        }
        self.write_keys(
            "root-keys",
            &[("root-1", &keys[0]), ("root-2", &keys[1]), ("root-3", &keys[2])],
        )?;
        let publics = [1, 2, 3].map(|n| format!("{}/root-{n}.pub", self.at("root-keys"))).join(" ");
        self.command(&format!(
            "vernet-issuer keys roots --iss {ISS} --out {} {publics}",
            self.at("roots.json")
        ));
        let roots = Roots { keys: keys.iter().map(Signer::public_key).collect(), threshold: 2 };
        let anchor = TrustAnchor { iss: ISS.parse()?, roots, seq: 1 };
        let mut json = serde_json::to_vec_pretty(&anchor)?;
        json.push(b'\n');
        write_atomic(&self.folder.join("roots.json"), &json)?;
        let fingerprint: String =
            anchor.fingerprint().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        say(&format!(
            "   fingerprint {fingerprint}…: what a hospital compares when it first trusts this office"
        ));
        self.memory = Some(Memory::new(&anchor));
        self.anchor = Some(anchor);
        Ok(keys)
    }

    fn make_officers(&mut self) -> Result<()> {
        self.title(
            "Two officers, each with a key that nobody else has. It takes both to decide anything.",
        );
        for (_, file) in OFFICERS {
            self.command(&format!(
                "vernet-issuer keys new --use officer --out {}/{file}.pem",
                self.at("officers")
            ));
        }
        let [kari, ola] = &self.officers;
        self.write_keys("officers", &[(OFFICERS[0].1, kari), (OFFICERS[1].1, ola)])
    }

    /// Deriving a key from a passphrase is slow on purpose, and these do not depend on each other.
    fn write_keys(&self, folder: &str, keys: &[(&str, &SecretKey)]) -> Result<()> {
        let folder = self.folder.join(folder);
        fs::create_dir(&folder).with_context(|| format!("creating `{}`", folder.display()))?;
        let write = |name: &str, key: &SecretKey| -> Result<()> {
            let file = folder.join(format!("{name}.pem"));
            KeyFile::write_new(&file, key, &self.passphrase, &mut random())?;
            Ok(write_atomic(&file.with_extension("pub"), &serde_json::to_vec(&key.public_key())?)?)
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                keys.iter().map(|(name, key)| scope.spawn(|| write(name, key))).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a thread failed")))
        })
    }

    fn make_office(&mut self) -> Result<()> {
        self.title(
            "An office, with a key for certificates, one for status lists and one for the log.",
        );
        self.command(&format!(
            "vernet-issuer init --iss {ISS} --verification-page {PAGE} --roots {}{}",
            self.at("roots.json"),
            OFFICERS
                .map(|(name, file)| format!(
                    " --founder '{name}' {}",
                    self.at(&format!("officers/{file}.pub"))
                ))
                .concat()
        ));
        let config = OfficeConfig::new(ISS.parse()?, PAGE.parse()?);
        let anchor = self.anchor.as_ref().context("the roots were made before")?;
        let mut founders = Vec::new();
        for ((name, _), key) in OFFICERS.iter().zip(&self.officers) {
            founders.push(Enrolment {
                name: name.parse()?,
                key: key.public_key(),
                roles: Role::ALL.into(),
                from: self.now.civil_date(),
                until: end_of_life(self.now, KEY_LIFE_YEARS).civil_date(),
            });
        }
        let mut office = Office::create(
            &self.folder.join("office"),
            &config,
            &OfficeData::sample(),
            anchor,
            (founders, &self.officers[0]),
            self.now,
            &mut self.rng,
        )?;
        for r#use in [KeyUse::Certificate, KeyUse::Status, KeyUse::Log] {
            let end = end_of_life(self.now, KEY_LIFE_YEARS);
            office.add_key(
                r#use,
                end,
                &self.passphrase,
                (&self.officers[0], self.now),
                &mut self.rng,
            )?;
        }
        Ok(())
    }

    fn sign_trust_list(&mut self, roots: &[SecretKey; 3]) -> Result<()> {
        self.title("The trust list: two of the three root keys vouch for the office's keys.");
        let (draft, root_keys) = (self.at("office/trust-list/draft.json"), self.at("root-keys"));
        self.command("vernet-issuer trust-list draft");
        for n in [1, 3] {
            self.command(&format!(
                "vernet-issuer trust-list sign {draft} --key {root_keys}/root-{n}.pem"
            ));
        }
        self.command("vernet-issuer trust-list accept");
        let mut office = self.office()?;
        let mut list = office.draft_trust_list(None, self.now)?;
        // One from its file, as on the command line; the other from memory, to save a second of key
        // derivation.
        let root = KeyLocation::File(self.folder.join("root-keys/root-1.pem"));
        sign_trust_list(&mut list, &root, &self.passphrase)?;
        list.add_signature(&roots[2])?;
        let list = office.accept_trust_list(&list, &self.officers[0], self.now)?;
        say(&format!("   trust list {} is in force until {}", list.seq, list.exp.civil_date()));
        Ok(())
    }

    fn propose_grant(&mut self) -> Result<u64> {
        self.title(
            "A grant: one officer proposes it, with the diploma. The rules of the law are checked.",
        );
        let today = self.now.civil_date();
        let application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad Østlyngen-Bråthen",
            "birthdate": "1984-05-17",
            "hpr_number": TEST_HPR_NUMBER,
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2010-06-11" },
            "decided": today,
            "granted": today,
        });
        let json = serde_json::to_vec_pretty(&application)?;
        write_atomic(&self.folder.join("application.json"), &json)?;
        write_atomic(
            &self.folder.join("diploma.txt"),
            b"A made-up diploma of a made-up school.\n",
        )?;
        let (file, diploma) = (self.at("application.json"), self.at("diploma.txt"));
        self.command(&format!("vernet-issuer propose grant {file} --document {diploma}"));
        let proposal = Proposal::to_grant(Application::from_json(&json)?);
        let diploma = [self.folder.join("diploma.txt")];
        let seq = self.office()?.propose(proposal, &diploma, &self.officers[0], self.now)?.seq;
        say(&format!("   proposal {seq}: it has no effect yet"));
        Ok(seq)
    }

    fn show_self_approval(&mut self, seq: u64) -> Result<()> {
        self.title("Nobody approves what they proposed.");
        self.command(&format!("vernet-issuer approve {seq}"));
        let (kari, now) = (&self.officers[0], self.now);
        let refused =
            self.office()?.approve(seq, Some(&self.passphrase), (kari, now), &mut self.rng);
        let Err(error) = refused else { bail!("one officer alone made a certificate") };
        ensure!(
            error.code() == "same_officer",
            "the demonstration expected another refusal than `{}`",
            error.code()
        );
        say(&format!("   refused: {error} [{}]", error.code()));
        Ok(())
    }

    fn approve_grant(&mut self, seq: u64) -> Result<CertificateNumber> {
        self.title("The other officer looks at it and approves. Only now is the certificate signed, and verified.");
        self.command(&format!("vernet-issuer review {seq}"));
        let statement = self.approve(seq)?;
        let (claims, _) = statement.event.issued().context("a grant has a certificate")?;
        say(&format!(
            "   granted {} to {} {}, until the day of turning 80, {}",
            claims.certificate_number,
            claims.given_name,
            claims.family_name,
            claims.exp.civil_date()
        ));
        Ok(claims.certificate_number)
    }

    /// The second officer approves, on the command line too.
    fn approve(&mut self, seq: u64) -> Result<Statement> {
        self.command(&format!(
            "vernet-issuer approve {seq} --officer-key {}",
            self.at("officers/ola.pem")
        ));
        let mut office = self.office()?;
        Ok(office.approve(
            seq,
            Some(&self.passphrase),
            (&self.officers[1], clock()?),
            &mut self.rng,
        )?)
    }

    fn export(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "The certificate on paper: one QR code that any phone opens, with nothing left out.",
        );
        let certificates = self.folder.join("certificates");
        fs::create_dir(&certificates)
            .with_context(|| format!("creating `{}`", certificates.display()))?;
        let let_out: LetOut = self.office()?.let_out(number, clock()?)?;
        let code = let_out.qr_code()?;
        let files = vec![
            ("jwt", "jwt", format!("{}\n", let_out.text()).into_bytes()),
            ("url", "url", format!("{}\n", let_out.link()).into_bytes()),
            ("qr-svg", "svg", code.to_svg()?.into_bytes()),
            ("qr-png", "png", code.to_png()?),
            #[cfg(feature = "pdf")]
            (
                "pdf",
                "pdf",
                vernet_issuer::letter(&let_out, vernet_issuer::Language::default(), self.now)?,
            ),
        ];
        for (format, extension, bytes) in files {
            let name = format!("certificates/{number}.{extension}");
            self.command(&format!(
                "vernet-issuer export {number} --format {format} --out {}",
                self.at(&name)
            ));
            write_atomic(&self.folder.join(name), &bytes)?;
        }
        self.command(&format!("vernet-issuer export {number} --format qr-terminal"));
        say(&format!("\n{}", code.to_terminal(terminal_style(true))?));
        let modules = code.modules().side();
        say(&format!(
            "   version {}, {modules} x {modules} modules, error correction M: the certificate of {} characters in a link of {}",
            code.version(),
            let_out.text().len(),
            let_out.link().len()
        ));
        Ok(())
    }

    fn publish(&mut self) -> Result<()> {
        self.title(
            "The publication: static signed files for any web server; a bundle for offline use.",
        );
        self.publish_again()
    }

    fn publish_again(&mut self) -> Result<()> {
        self.command(&format!("vernet-issuer publish --out {}", self.at("publication")));
        let mut office = self.office()?;
        wait_for_a_later_second(&office)?;
        let published = office.publish(
            &self.folder.join("publication"),
            &self.passphrase,
            (&self.officers[0], clock()?),
            &mut |_, _| {},
        )?;
        self.published_at = published.iat;
        say(&format!(
            "   bundle of {} bytes, good until {}",
            published.bundle_bytes, published.exp
        ));
        Ok(())
    }

    fn suspend(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("A suspension, by two officers again, and the next publication.");
        let until = self.now.civil_date().plus_months(3);
        self.command(&format!("vernet-issuer propose suspend {number} --until {until}"));
        self.decide(Event::Suspended { certificate: number, until, unapproved_until: None })?;
        self.publish_again()
    }

    fn lift(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("The suspension is lifted, and the next publication says so.");
        self.command(&format!("vernet-issuer propose lift {number}"));
        self.decide(Event::Lifted { certificate: number })?;
        self.publish_again()
    }

    fn decide(&mut self, event: Event) -> Result<()> {
        let seq =
            self.office()?.propose(Proposal::of(event), &[], &self.officers[0], clock()?)?.seq;
        self.approve(seq).map(drop)
    }

    /// The hospital: the picture of the code, the published bundle, the pinned roots, and no
    /// network.
    fn check_picture(&mut self, number: CertificateNumber, expected: Code) -> Result<()> {
        self.title("The hospital reads the code from the picture, offline.");
        let picture = format!("certificates/{number}.png");
        self.check_command(&picture, "");
        let texts = read_qr(&fs::read(self.folder.join(&picture))?)?;
        self.check(texts.first().context("the picture holds a code")?, clock()?, expected)
    }

    fn show_forged(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("A forgery: the same certificate with another name in it.");
        let text = fs::read_to_string(self.folder.join(format!("certificates/{number}.jwt")))?;
        let forged = forge(&text)?;
        write_atomic(&self.folder.join("forged.jwt"), forged.as_bytes())?;
        self.check_command("forged.jwt", "");
        self.check(&forged, clock()?, Code::BadSignature)
    }

    /// What no other system refuses: the signature is genuine.
    fn show_stolen_key(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "Another one, signed with the office's own key, as if it were stolen: it is not in the office's log.",
        );
        let office = self.office()?;
        let key = office.unlock(KeyUse::Certificate, &self.passphrase, clock()?)?;
        let genuine = office.register().state().certificate(number)?.claims;
        let claims = CertificateClaims { given_name: "Ada".parse()?, ..genuine.clone() };
        let forged =
            format!("{}~\n", Signed::sign(&claims, office.config().algorithm, &*key)?.as_str());
        write_atomic(&self.folder.join("stolen-key.jwt"), forged.as_bytes())?;
        self.check_command("stolen-key.jwt", "");
        self.check(&forged, clock()?, Code::NotIssued)
    }

    fn show_stale(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "No news from the office for four days: the hospital is told that nobody knows.",
        );
        // From the list's own time, which is ahead of the clock by a second if there were two
        // publications in one.
        let later = self.published_at.plus_seconds(4 * 86_400);
        let name = format!("certificates/{number}.jwt");
        self.check_command(&name, &format!(" --at {later}"));
        let text = fs::read_to_string(self.folder.join(name))?;
        self.check(&text, later, Code::StatusStale)
    }

    fn check_command(&self, file: &str, more: &str) {
        let (root, publication) = (self.at("roots.json"), self.at("publication"));
        self.command(&format!(
            "vernet-verifier check {} --roots {root} --publication {publication}{more}",
            self.at(file)
        ));
    }

    fn check(&mut self, input: &str, now: NumericDate, expected: Code) -> Result<()> {
        let bundle = Bundle::from_json(&fs::read(self.folder.join("publication/bundle.json"))?)?;
        let memory = self.memory.as_mut().context("the roots were pinned before")?;
        let knowledge = Knowledge::learn(&bundle, memory, &Policy::default(), clock()?)?;
        let verdict = verify(input, &knowledge, &Policy::default(), now);
        say(&indent(&verdict.to_string()));
        ensure!(verdict.code() == expected, "the demonstration expected the verdict `{expected}`");
        Ok(())
    }

    fn end(&self, number: CertificateNumber) -> Result<()> {
        let next = self.office()?.register().state().statements().len() + 1;
        say("\nIt is all still there, and the certificate is valid. Next, for instance:");
        self.command(&format!("vernet-verifier trust add {}", self.at("roots.json")));
        self.command(&format!("vernet-verifier sync {}", self.at("publication")));
        self.command(&format!(
            "vernet-verifier check {}",
            self.at(&format!("certificates/{number}.png"))
        ));
        self.command(&format!("vernet-issuer propose revoke {number}"));
        self.command(&format!(
            "vernet-issuer approve {next} --officer-key {}",
            self.at("officers/ola.pem")
        ));
        self.command(&format!("vernet-issuer publish --out {}", self.at("publication")));
        self.command("vernet-issuer due");
        self.command("vernet-issuer drill key-theft");
        say(
            "\nThe page that opens on a phone, and the API for programs, at http://127.0.0.1:8470/v/ until you press Ctrl-C:",
        );
        say(&format!(
            "   vernet-verifier serve --roots {} --publication {}",
            self.at("roots.json"),
            self.at("publication")
        ));
        say(
            "\nIn a clone, write `cargo run --release --bin vernet-verifier --` for `vernet-verifier`, and the same with `vernet-issuer`.",
        );
        Ok(())
    }

    fn office(&self) -> Result<Office> {
        Ok(Office::open(&self.folder.join("office"))?)
    }

    fn at(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn title(&mut self, text: &str) {
        self.step += 1;
        say(&format!("\n{}. {text}", self.step));
    }

    fn command(&self, text: &str) {
        say(&format!("   $ {}", printable(text)));
    }
}

/// The certificate with another given name, under the signature of the genuine one.
fn forge(text: &str) -> Result<String> {
    let parts: Vec<&str> = text.trim().trim_end_matches('~').split('.').collect();
    let [header, payload, signature] = parts[..] else {
        anyhow::bail!("a certificate has three parts")
    };
    let genuine = Signed::<CertificateClaims>::parse(&format!("{header}.{payload}.{signature}"))?;
    let claims =
        String::from_utf8(genuine.unverified_payload().to_vec())?.replace("\"Åse\"", "\"Ada\"");
    let other = SecretKey::from_seed(&[0; 32]);
    let claims: CertificateClaims = serde_json::from_str(&claims)?;
    let signed = Signed::sign(&claims, vernet_common::Algorithm::EdDsa, &other)?;
    let payload = signed.as_str().split('.').nth(1).context("a JWS has a payload")?;
    Ok(format!("{header}.{payload}.{signature}~\n"))
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("   {line}")).collect::<Vec<_>>().join("\n")
}

/// A closed pipe (`demo | head`) ends the output, not the demonstration.
fn say(text: &str) {
    let _ = writeln!(anstream::stdout(), "{text}");
}
