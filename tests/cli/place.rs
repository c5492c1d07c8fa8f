//! A separate folder for each test, with a copy of one demonstration office, in which the programs
//! run.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use tempfile::TempDir;
use vernet_common::SecretKey;
use vernet_issuer::{KeyFile, Passphrase};

use crate::quick_keys::quicken;

/// The demonstration's officers.
pub(crate) const KARI: &str = "demo/officers/kari.pem";
pub(crate) const OLA: &str = "demo/officers/ola.pem";

/// The number of the certificate that the demonstration grants. Its year is the year in which the
/// tests run.
pub(crate) fn number() -> &'static str {
    static NUMBER: OnceLock<String> = OnceLock::new();
    NUMBER.get_or_init(|| {
        let certificates = demo().folder.path().join("demo/certificates");
        let names = files_in(&certificates);
        let name = names
            .iter()
            .find(|name| name.ends_with(".jwt"))
            .expect("the demonstration exports a certificate");
        name.trim_end_matches(".jwt").to_owned()
    })
}

/// The demonstration, run once: `vernet-issuer demo` in an empty folder.
pub(crate) struct Demo {
    pub(crate) folder: TempDir,
    /// The copy that tests get: the same office, with keys that open at once.
    quick: TempDir,
    pub(crate) run: Run,
}

pub(crate) fn demo() -> &'static Demo {
    static DEMO: OnceLock<Demo> = OnceLock::new();
    DEMO.get_or_init(|| {
        let place = Place::empty();
        let run = place.issuer(&["demo"]);
        let quick = Place::empty().folder;
        copy_folder(&place.path("demo"), &quick.path().join("demo"));
        quicken(&quick.path().join("demo"));
        Demo { folder: place.folder, quick, run }
    })
}

/// A folder in which programs run, with the settings that the demonstration prints.
pub(crate) struct Place {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Place {
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("the target folder can be written");
        Self { folder, settings: Vec::new() }
    }

    /// With a copy of the demonstration in `demo`.
    pub(crate) fn with_demo() -> Self {
        let mut place = Self::empty();
        copy_folder(&demo().quick.path().join("demo"), &place.path("demo"));
        place.set("VERNET_OFFICE", "demo/office");
        place.set("VERNET_OFFICER_KEY", KARI);
        place.set("VERNET_PASSPHRASE_FILE", "demo/passphrase.txt");
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.settings.push((name.into(), value.into()));
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.settings.retain(|(known, _)| known != name);
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the place can be written");
    }

    pub(crate) fn issuer<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(self.command(issuer_program()).args(arguments))
    }

    pub(crate) fn verifier<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Run {
        Run::of(self.command(verifier_program()).args(arguments))
    }

    /// The same with a clock that is two days behind; there must be a `faketime`.
    pub(crate) fn issuer_behind(&self, arguments: &[&str]) -> Run {
        const TWO_DAYS_AGO: &str = "-2 days";
        let mut command = self.command("faketime".as_ref());
        Run::of(command.arg(TWO_DAYS_AGO).arg(issuer_program()).args(arguments))
    }

    /// Makes a decision that needs two officers, for instance `grant FILE`: Kari proposes it, Ola
    /// approves it. Returns the run of the approval, or of the proposal if that was refused.
    pub(crate) fn both(&self, arguments: &[&str]) -> Run {
        let proposed = self.issuer(&[&["propose"], arguments].concat());
        if proposed.code != Some(0) {
            return proposed;
        }
        let seq = proposed.stdout.strip_prefix("proposal ").and_then(|rest| rest.split(':').next());
        self.approve(seq.expect("a proposal answers with its number"))
    }

    pub(crate) fn approve(&self, seq: &str) -> Run {
        self.issuer(&["approve", seq, "--officer-key", OLA])
    }

    /// The same with `--json`; both must succeed. Returns the answer to the approval.
    pub(crate) fn decide(&self, arguments: &[&str]) -> Value {
        let seq = self.issuer_json(&[&["propose"], arguments].concat())["proposal"].to_string();
        self.issuer_json(&["approve", &seq, "--officer-key", OLA])
    }

    /// The officers' keys, for decisions through the library.
    pub(crate) fn officers(&self) -> [SecretKey; 2] {
        let passphrase =
            Passphrase::from_file(&self.path("demo/passphrase.txt")).expect("the demonstration's");
        [KARI, OLA]
            .map(|file| KeyFile::read(&self.path(file), &passphrase).expect("an officer's key"))
    }

    /// `issuer --json`, which must succeed.
    pub(crate) fn issuer_json(&self, arguments: &[&str]) -> Value {
        self.issuer(&[arguments, &["--json"]].concat()).done().json()
    }

    /// The code of the verdict on an input, from the demonstration's publication and roots.
    pub(crate) fn verdict(&self, input: &str) -> String {
        let source = ["--roots", "demo/roots.json", "--publication", "demo/publication", "--json"];
        let run = self.verifier(&[&["check", input][..], &source].concat());
        let object = run.json();
        let accepted = object["verdict"] == "accepted";
        assert_eq!(run.code, Some(if accepted { 0 } else { 1 }), "{run:?}");
        object["code"].as_str().expect("a verdict has a code").to_owned()
    }

    /// Publishes to the demonstration's folder, which must succeed.
    pub(crate) fn publish(&self) -> Run {
        self.issuer(&["publish", "--out", "demo/publication"]).done()
    }

    /// A program without the user's settings and without access to the home folder.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.to_string_lossy().starts_with("VERNET_")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"))
            .env("VERNET_VERIFIER_STATE", self.path("state"))
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }
}

/// The result of a program.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")).into()
    }

    /// Asserts that the program succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Asserts that the program was refused with this code, and printed nothing on standard output.
    #[track_caller]
    pub(crate) fn refused(&self, code: &str) {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert!(
            self.stderr.contains(&format!("[{code}]")),
            "expected [{code}] in: {}",
            self.stderr
        );
        assert_eq!(self.stdout, "", "a refusal is not a result");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the programs write UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

pub(crate) fn issuer_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_vernet-issuer"))
}

/// The verifier's program beside the issuer's: Cargo builds it with the workspace, but not with the
/// issuer's tests alone.
pub(crate) fn verifier_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let program = issuer_program().with_file_name("vernet-verifier");
        if !program.exists() {
            build_verifier(&program);
        }
        program
    })
}

fn build_verifier(program: &Path) {
    let profile_folder = program.parent().expect("a program lies in a folder");
    let target =
        profile_folder.parent().expect("the folder of a profile lies in the target folder");
    let profile = match profile_folder.file_name().and_then(OsStr::to_str) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "vernet-verifier-app",
            "--bin",
            "vernet-verifier",
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        built.is_ok_and(|status| status.success()),
        "`{}` could not be built",
        program.display()
    );
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a new folder can be made");
    for entry in fs::read_dir(from).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

/// The path of every file in a folder and its subfolders, sorted.
pub(crate) fn files_in(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let entry = entry.expect("the folder can be listed");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, "", &mut found);
    found.sort();
    found
}

/// Whether there is no `faketime`, which is said; in CI it must be there.
pub(crate) fn faketime_is_missing() -> bool {
    let Err(reason) = Command::new("faketime").arg("--version").output() else { return false };
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "faketime is missing: {reason}");
    eprintln!("skipped: faketime is missing: {reason}");
    true
}

/// The day on which the office decides.
pub(crate) fn today() -> vernet_common::CivilDate {
    now().civil_date()
}

/// The clock that the programs read.
pub(crate) fn now() -> vernet_common::NumericDate {
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970").as_secs();
    let seconds = i64::try_from(since).expect("the clock is right");
    vernet_common::NumericDate::from_seconds(seconds).expect("the clock is before 9999")
}
