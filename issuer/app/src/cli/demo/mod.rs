//! `demo`: a demonstration of one minute for newcomers. It runs the commands that it prints.

mod board;

use std::{
    env, fs,
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use vernet_common::{
    Bundle, CertificateClaims, CertificateNumber, KeyUse, NumericDate, SecretKey, Signed,
    TrustAnchor, TrustList,
};
use vernet_host::{clock, hex, parse_time, printable, random};
use vernet_issuer::{
    FileError, Office, Passphrase, QrCode, new_key_pair, write_atomic, write_new_secret,
};
use vernet_verifier::{Code, Knowledge, Memory, Policy, documents::read_qr, verify};

use super::serve;

#[derive(Args)]
pub(super) struct DemoArgs {
    /// The folder to make; nothing that exists is touched
    #[arg(default_value = "demo")]
    folder: PathBuf,
    /// Also a board beside the office: no authority, and its certificates must be renewed
    #[arg(long)]
    board: bool,
    /// At the end, open the office in a browser, at http://localhost:8480/
    #[arg(long)]
    serve: bool,
}

pub(super) const ISS: &str = "https://perfusionist.example.no";
pub(super) const PAGE: &str = "https://verify.example.no/v";
/// The officers, and the names of their files. The story needs two; an office needs a third, so that
/// one can lose the key.
const OFFICERS: [(&str, &str); 3] =
    [("Kari Nordmann", "kari"), ("Ola Nordmann", "ola"), ("Siri Haug", "siri")];
/// One of the numbers that the health personnel register reserves for tests.
const TEST_HPR_NUMBER: &str = "9144889";

pub(super) fn run(args: &DemoArgs) -> Result<()> {
    let folder = &args.folder;
    if folder.exists() {
        return Err(vernet_issuer::Error::from(FileError::Exists { path: folder.clone() }).into());
    }
    let mut demo = Demo::begin(folder)?;
    demo.make_roots()?;
    demo.make_officers()?;
    demo.make_office()?;
    demo.sign_trust_list()?;
    let seq = demo.propose_grant()?;
    demo.show_self_approval(&seq)?;
    let number = demo.approve_grant(&seq)?;
    demo.export(number)?;
    demo.title(
        "The publication: static signed files for any web server; a bundle for offline use.",
    );
    demo.publish()?;
    demo.check_picture(number, Code::Authorised)?;
    demo.suspend(number)?;
    demo.check_picture(number, Code::Suspended)?;
    demo.lift(number)?;
    demo.check_picture(number, Code::Authorised)?;
    demo.show_forged(number)?;
    demo.show_stolen_key(number)?;
    demo.show_stale(number)?;
    if args.board {
        demo.board(number)?;
    }
    demo.end(number)?;
    if args.serve {
        demo.serve()?;
    }
    Ok(())
}

struct Demo {
    folder: PathBuf,
    /// This program, which runs the printed commands.
    program: PathBuf,
    /// The environment variables for it, which are printed first.
    settings: [(&'static str, String); 3],
    step: u8,
    now: NumericDate,
    passphrase: Passphrase,
    memory: Option<Memory>,
    /// When the newest status list was signed.
    published_at: NumericDate,
    iss: &'static str,
    /// The file with the titles, if it is not an office of perfusionists.
    titles: Option<String>,
}

impl Demo {
    fn begin(folder: &Path) -> Result<Self> {
        let now = clock()?;
        fs::create_dir_all(folder).with_context(|| format!("creating `{}`", folder.display()))?;
        // A passphrase for this demonstration only; it is stored beside the keys so that people can
        // try the commands below.
        let passphrase = hex(&new_key_pair(&mut random()).seed()[..12]);
        write_new_secret(&folder.join("passphrase.txt"), format!("{passphrase}\n").as_bytes())?;
        let demo = Self {
            folder: folder.to_owned(),
            program: env::current_exe().context("where this program is")?,
            settings: settings(folder),
            step: 0,
            now,
            passphrase: Passphrase::from_prompt(passphrase)?,
            memory: None,
            published_at: now,
            iss: ISS,
            titles: None,
        };
        say(&format!(
            "A demonstration in `{}`: made-up people, and keys that are good for nothing else.",
            printable(&folder.display().to_string())
        ));
        say("Each step shows the commands that do it by hand, with these settings:");
        demo.say_settings();
        Ok(demo)
    }

    fn say_settings(&self) {
        let settings =
            self.settings.each_ref().map(|(name, value)| format!("{name}={}", quoted(value)));
        print(&format!("export {}", settings.join(" ")));
    }

    fn make_roots(&mut self) -> Result<()> {
        self.title(
            "Three root keys, kept offline by three people. Two of them sign whom to trust.",
        );
        let keys = self.make_folder("root-keys")?;
        self.make_keys("root", &[1, 2, 3].map(|n| format!("{keys}/root-{n}.pem")))?;
        let file = self.at("roots.json");
        let publics = [1, 2, 3].map(|n| format!("{keys}/root-{n}.pub"));
        let mut command = vec!["keys", "roots", "--iss", self.iss, "--out", &file];
        command.extend(publics.iter().map(String::as_str));
        let made = self.issuer(&command)?;
        say(&format!(
            "   fingerprint {}…: what a hospital compares when it first trusts this office",
            text(&made, "/fingerprint")?.get(..16).context("a fingerprint has 64 digits")?
        ));
        self.memory = Some(Memory::new(&TrustAnchor::from_json(&fs::read(file)?)?));
        Ok(())
    }

    fn make_officers(&mut self) -> Result<()> {
        self.title(
            "Three officers, each with a key that nobody else has. It takes two of them to decide anything.",
        );
        let keys = self.make_folder("officers")?;
        self.make_keys("officer", &OFFICERS.map(|(_, file)| format!("{keys}/{file}.pem")))
    }

    /// Makes all keys in parallel: deriving a key from a passphrase is slow on purpose.
    fn make_keys(&self, r#use: &str, files: &[String]) -> Result<()> {
        let commands = files.iter().map(|file| ["keys", "new", "--use", r#use, "--out", file]);
        let started: Vec<Child> =
            commands.map(|command| self.start(&command)).collect::<Result<_>>()?;
        started.into_iter().try_for_each(|child| answer(child.wait_with_output()?).map(drop))
    }

    fn make_office(&mut self) -> Result<()> {
        self.title(
            "An office, with a key for certificates, one for status lists and one for the log.",
        );
        let roots = self.at("roots.json");
        let publics = OFFICERS.map(|(_, file)| self.at(&format!("officers/{file}.pub")));
        let mut command =
            vec!["init", "--iss", self.iss, "--verification-page", PAGE, "--roots", &roots];
        command.extend(self.titles.iter().flat_map(|file| ["--titles", file]));
        for ((name, _), public) in OFFICERS.iter().zip(&publics) {
            command.extend(["--founder", name, public]);
        }
        self.issuer(&command).map(drop)
    }

    fn sign_trust_list(&mut self) -> Result<()> {
        self.title("The trust list: two of the three root keys vouch for the office's keys.");
        let draft = self.at("office/trust-list/draft.json");
        self.issuer(&["trust-list", "draft"])?;
        for n in [1, 3] {
            let root = self.at(&format!("root-keys/root-{n}.pem"));
            self.issuer(&["trust-list", "sign", &draft, "--key", &root])?;
        }
        let accepted = self.issuer(&["trust-list", "accept"])?;
        let list: TrustList = serde_json::from_value(accepted["trust_list"].clone())?;
        say(&format!("   trust list {} is in force until {}", list.seq, list.exp.civil_date()));
        Ok(())
    }

    fn propose_grant(&mut self) -> Result<String> {
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
        let (file, diploma) = (self.at("application.json"), self.at("diploma.txt"));
        write_atomic(file.as_ref(), &serde_json::to_vec_pretty(&application)?)?;
        write_atomic(diploma.as_ref(), b"A made-up diploma of a made-up school.\n")?;
        let seq = self.propose(&["grant", &file, "--document", &diploma])?;
        say(&format!("   proposal {seq}: it has no effect yet"));
        Ok(seq)
    }

    /// The number of the proposal.
    fn propose(&self, what: &[&str]) -> Result<String> {
        let proposed = self.issuer(&[&["propose"], what].concat())?;
        Ok(proposed["proposal"].as_u64().context("a proposal has a number")?.to_string())
    }

    fn show_self_approval(&mut self, seq: &str) -> Result<()> {
        self.title("Nobody approves what they proposed.");
        self.refused(&["approve", seq], "same_officer")
    }

    /// Runs a command that must be refused for this reason.
    fn refused(&self, arguments: &[&str], expected: &str) -> Result<()> {
        let output = self.start(arguments)?.wait_with_output()?;
        ensure!(!output.status.success(), "the demonstration expected the refusal `{expected}`");
        // Warnings may stand before the error.
        let last = output.stderr.trim_ascii().rsplit(|byte| *byte == b'\n').next();
        let refused: Value = serde_json::from_slice(last.unwrap_or_default())?;
        let (message, code) = (text(&refused, "/error/message")?, text(&refused, "/error/code")?);
        ensure!(
            code == expected,
            "the demonstration expected another refusal than `{code}`: {message}"
        );
        say(&format!("   refused: {message} [{code}]"));
        Ok(())
    }

    fn approve_grant(&mut self, seq: &str) -> Result<CertificateNumber> {
        self.title("The other officer looks at it and approves. Only now is the certificate signed, and verified.");
        self.issuer(&["review", seq])?;
        let granted = self.approve(seq)?;
        let number = text(&granted, "/certificate_number")?;
        say(&format!(
            "   granted {number} to {} {}, until the day of turning 80, {}",
            text(&granted, "/holder/given_name")?,
            text(&granted, "/holder/family_name")?,
            parse_time(text(&granted, "/exp")?)?.civil_date()
        ));
        Ok(number.parse()?)
    }

    /// The second officer approves.
    fn approve(&self, seq: &str) -> Result<Value> {
        self.issuer(&["approve", seq, "--officer-key", &self.at("officers/ola.pem")])
    }

    fn export(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "The certificate on paper: one QR code that any phone opens, with nothing left out.",
        );
        let certificates = self.make_folder("certificates")?;
        let number = number.to_string();
        for (format, extension) in [
            ("jwt", "jwt"),
            ("url", "url"),
            ("qr-svg", "svg"),
            ("qr-png", "png"),
            #[cfg(feature = "pdf")]
            ("pdf", "pdf"),
        ] {
            let file = format!("{certificates}/{number}.{extension}");
            self.issuer(&["export", &number, "--format", format, "--out", &file])?;
        }
        self.draw(&["export", &number, "--format", "qr-terminal"])?;
        let written = |extension: &str| {
            fs::read_to_string(format!("{certificates}/{number}.{extension}"))
                .map(|text| text.trim_end().to_owned())
        };
        let (certificate, link) = (written("jwt")?, written("url")?);
        let code = QrCode::new(&link)?;
        let modules = code.modules().side();
        say(&format!(
            "   version {}, {modules} x {modules} modules, error correction M: the certificate of {} characters in a link of {}",
            code.version(),
            certificate.len(),
            link.len()
        ));
        Ok(())
    }

    fn publish(&mut self) -> Result<()> {
        let published = self.issuer(&["publish", "--out", &self.at("publication")])?;
        self.published_at = parse_time(text(&published, "/iat")?)?;
        say(&format!(
            "   bundle of {} bytes, good until {}",
            published["bundle_bytes"],
            text(&published, "/good_until/at")?
        ));
        Ok(())
    }

    fn suspend(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("A suspension, by two officers again, and the next publication.");
        let until = self.now.civil_date().plus_months(3).to_string();
        let seq = self.propose(&["suspend", &number.to_string(), "--until", &until])?;
        self.approve(&seq)?;
        self.publish()
    }

    fn lift(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("The suspension is lifted, and the next publication says so.");
        let seq = self.propose(&["lift", &number.to_string()])?;
        self.approve(&seq)?;
        self.publish()
    }

    /// The hospital: the picture of the code, the published bundle, the pinned roots, and no
    /// network.
    fn check_picture(&mut self, number: CertificateNumber, expected: Code) -> Result<()> {
        self.title("The hospital reads the code from the picture, offline.");
        let picture = format!("certificates/{number}.png");
        self.check_command(&picture, &[]);
        let texts = read_qr(&fs::read(self.folder.join(&picture))?)?;
        self.check(texts.first().context("the picture holds a code")?, clock()?, expected)
    }

    fn show_forged(&mut self, number: CertificateNumber) -> Result<()> {
        self.title("A forgery: the same certificate with another name in it.");
        let text = fs::read_to_string(self.folder.join(format!("certificates/{number}.jwt")))?;
        let forged = forge(&text)?;
        write_atomic(&self.folder.join("forged.jwt"), forged.as_bytes())?;
        self.check_command("forged.jwt", &[]);
        self.check(&forged, clock()?, Code::BadSignature)
    }

    /// A certificate that no other system refuses: its signature is genuine.
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
        self.check_command("stolen-key.jwt", &[]);
        self.check(&forged, clock()?, Code::NotIssued)
    }

    fn show_stale(&mut self, number: CertificateNumber) -> Result<()> {
        self.title(
            "No news from the office for four days: the hospital is told that nobody knows.",
        );
        // From the list's own time, which is a second ahead of the clock if there were two
        // publications in one second.
        let later = self.published_at.plus_seconds(4 * 86_400);
        let name = format!("certificates/{number}.jwt");
        self.check_command(&name, &["--at", &later.to_string()]);
        let text = fs::read_to_string(self.folder.join(name))?;
        self.check(&text, later, Code::StatusStale)
    }

    /// Only prints the command, which is that of the other program. [`Self::check`] does the same
    /// through its library.
    fn check_command(&self, file: &str, more: &[&str]) {
        let (file, root, publication) =
            (self.at(file), self.at("roots.json"), self.at("publication"));
        let command =
            ["vernet-verifier", "check", &file, "--roots", &root, "--publication", &publication];
        print(&in_shell(&[&command, more].concat()));
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
        let picture = self.at(&format!("certificates/{number}.png"));
        let (number, next) = (number.to_string(), next.to_string());
        for command in [
            &["vernet-verifier", "trust", "add", &self.at("roots.json")][..],
            &["vernet-verifier", "sync", &self.at("publication")],
            &["vernet-verifier", "check", &picture],
            &["vernet-issuer", "propose", "revoke", &number],
            &["vernet-issuer", "approve", &next, "--officer-key", &self.at("officers/ola.pem")],
            &["vernet-issuer", "publish", "--out", &self.at("publication")],
            &["vernet-issuer", "due"],
            &["vernet-issuer", "drill", "key-theft"],
        ] {
            print(&in_shell(command));
        }
        say(
            "\nThe page that opens on a phone, and the API for programs, at http://127.0.0.1:8470/v/ until you press Ctrl-C:",
        );
        let (roots, publication) = (self.at("roots.json"), self.at("publication"));
        let serve = ["vernet-verifier", "serve", "--roots", &roots, "--publication", &publication];
        say(&format!("   {}", printable(&in_shell(&serve))));
        say(&format!(
            "\nThe office in a browser, at http://localhost:8480/ until you press Ctrl-C. Sign in with {} or {}, and the passphrase in {}:",
            printable(&self.at("officers/kari.pem")),
            printable(&self.at("officers/ola.pem")),
            printable(&self.at("passphrase.txt"))
        ));
        let office = self.at("office");
        let serve = ["vernet-issuer", "serve", "--office", &office];
        say(&format!("   {}", printable(&in_shell(&serve))));
        say(
            "\nIn a clone, write `cargo run --release --bin vernet-verifier --` for `vernet-verifier`, and the same with `vernet-issuer`.",
        );
        Ok(())
    }

    /// Opens the console on the office, until Ctrl-C.
    fn serve(&self) -> Result<()> {
        let passphrase = fs::read_to_string(self.at("passphrase.txt"))?;
        let keys = Passphrase::from_prompt(passphrase.trim().to_owned())?;
        let (office, publication) = (self.folder.join("office"), self.folder.join("publication"));
        let page = self.export_page();
        serve::open_here((&office, &publication, page.as_deref()), keys, |url, page| {
            let page = match page {
                Some(page) => format!("\nThe page of the hospital is at {page}"),
                None => String::new(),
            };
            format!("\nThe office is open at {url}, passphrase: {}{page}", passphrase.trim())
        })
    }

    /// The hospital's page as static files, by the hospital's program, if that lies beside this one.
    fn export_page(&self) -> Option<PathBuf> {
        let name = format!("vernet-verifier{}", std::env::consts::EXE_SUFFIX);
        let program = std::env::current_exe().ok()?.with_file_name(name);
        let folder = self.folder.join("page");
        let exported = std::process::Command::new(program)
            .args(["page", "export"])
            .arg(&folder)
            .args(["--roots", &self.at("roots.json"), "--publication", "../publication/"])
            .stdout(std::process::Stdio::null())
            .status();
        exported.is_ok_and(|status| status.success()).then_some(folder)
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

    /// Makes a folder and returns its path.
    fn make_folder(&self, name: &str) -> Result<String> {
        let folder = self.at(name);
        fs::create_dir(&folder).with_context(|| format!("creating `{folder}`"))?;
        Ok(folder)
    }

    /// Prints a command, runs it, and returns its answer.
    fn issuer(&self, arguments: &[&str]) -> Result<Value> {
        answer(self.start(arguments)?.wait_with_output()?)
    }

    /// Prints a command and starts it, with output for programs.
    fn start(&self, arguments: &[&str]) -> Result<Child> {
        let mut command = self.command(arguments);
        command.arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().context("starting this program once more")
    }

    /// Prints a command and runs it for the picture that it prints, in colours if the terminal
    /// allows.
    fn draw(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(arguments);
        say("");
        if std::io::stdout().is_terminal() {
            let drawn = command.status().context("starting this program once more")?;
            ensure!(drawn.success(), "nothing was drawn");
            say("");
            return Ok(());
        }
        let output = command.output().context("starting this program once more")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        say(&String::from_utf8(output.stdout)?);
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        print(&in_shell(&[&["vernet-issuer"], arguments].concat()));
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null());
        // The commands get only the settings that are printed.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("VERNET_") {
                command.env_remove(name);
            }
        }
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The settings of the programs for the office in a folder.
fn settings(folder: &Path) -> [(&'static str, String); 3] {
    [
        ("VERNET_OFFICE", "office"),
        ("VERNET_OFFICER_KEY", "officers/kari.pem"),
        ("VERNET_PASSPHRASE_FILE", "passphrase.txt"),
    ]
    .map(|(name, file)| (name, folder.join(file).display().to_string()))
}

/// The answer of a command that must have succeeded.
fn answer(output: Output) -> Result<Value> {
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn text<'a>(answer: &'a Value, pointer: &str) -> Result<&'a str> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .with_context(|| format!("the answer has no `{pointer}`"))
}

/// A command as a person would type it.
fn in_shell(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn print(command: &str) {
    say(&format!("   $ {}", printable(command)));
}

/// The certificate with another given name, under the genuine signature.
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
