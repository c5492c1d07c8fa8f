//! A hospital: a folder with what an office published, in which the program runs.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use tempfile::TempDir;
use vernet_common::{
    Algorithm, Bundle, HttpsUrl, NumericDate, Profile, SignedCheckpoint, Signer, StatusListNumber,
    StatusListUri, TrustAnchor,
};

use crate::office::{Office, key, title};

/// The source of trust and lists in most tests: files, so that nothing depends on earlier commands.
pub(crate) const FILES: [&str; 4] = ["--roots", "roots.json", "--publication", "publication"];

/// A hospital and the office whose certificates it checks, as of now.
pub(crate) struct Hospital {
    folder: TempDir,
    pub(crate) office: Office,
}

impl Hospital {
    /// With the office's roots, its publication, and a certificate as text and as a link.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("the target folder can be written");
        let hospital = Self { folder, office: Office::as_of(now()) };
        fs::create_dir(hospital.path("publication")).expect("a new folder can be made");
        hospital.write_roots("roots.json", &hospital.office.anchor());
        hospital.publish();
        hospital.write("certificate.jwt", hospital.office.text() + "\n");
        hospital.write("certificate.url", hospital.office.link() + "\n");
        hospital
    }

    /// With the office's roots pinned and its publication fetched.
    pub(crate) fn with_pinned_office() -> Self {
        let hospital = Self::new();
        hospital.pin();
        hospital.run(&["sync", "publication"]).done();
        hospital
    }

    pub(crate) fn pin(&self) {
        self.run(&["trust", "add", "roots.json", "--fingerprint", &self.fingerprint()]).done();
    }

    pub(crate) fn fingerprint(&self) -> String {
        fingerprint(&self.office.anchor())
    }

    /// Publishes the current state of the office to `publication`.
    pub(crate) fn publish(&self) {
        self.write_bundle("publication/bundle.json", &self.office.bundle());
    }

    /// Publishes the current state of the office to `publication`, with the files of its log.
    pub(crate) fn publish_with_tiles(&self) {
        self.publish();
        self.write_log("publication/log");
    }

    /// Writes the files of the office's log.
    pub(crate) fn write_log(&self, folder: &str) {
        self.office.write_log(&self.path(folder));
    }

    /// The files with evidence against the office.
    pub(crate) fn evidence(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path("state/evidence")).into_iter().flatten();
        files.map(|file| file.expect("the folder can be listed").path()).collect()
    }

    pub(crate) fn write_bundle(&self, name: &str, bundle: &Bundle) {
        self.write(name, bundle.to_json().expect("a bundle is JSON"));
    }

    pub(crate) fn write_roots(&self, name: &str, anchor: &TrustAnchor) {
        self.write(name, serde_json::to_vec(anchor).expect("roots are JSON"));
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the folder can be written");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, b"")
    }

    /// Runs the program with this standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut process =
            self.command(arguments).stdin(Stdio::piped()).spawn().expect("the program starts");
        // The program may end without reading everything.
        let _ = process.stdin.take().expect("it is piped").write_all(input);
        let output = process.wait_with_output().expect("one's own child can be waited for");
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The program, with `--state` in this folder and without access to the home folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vernet-verifier"));
        command
            .arg("--state")
            .arg(self.path("state"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"))
            .env_remove("XDG_STATE_HOME")
            .env_remove("VERNET_VERIFIER_STATE")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The code of the verdict from the files; the exit status must match its colour.
    #[track_caller]
    pub(crate) fn verdict(&self, input: &str) -> String {
        self.verdict_from(input, &FILES)
    }

    #[track_caller]
    pub(crate) fn verdict_from(&self, input: &str, source: &[&str]) -> String {
        let run = self.run(&[&["check", "--json"], source, &["--", input]].concat());
        let object = run.json();
        assert_eq!(run.code, Some(i32::from(object["verdict"] != "accepted")), "{run:?}");
        object["code"].as_str().expect("a verdict has a code").to_owned()
    }

    /// The stored state, byte for byte.
    pub(crate) fn state(&self) -> Vec<(String, Vec<u8>)> {
        let Ok(entries) = fs::read_dir(self.path("state")) else { return Vec::new() };
        let mut files: Vec<_> = entries
            .map(|entry| entry.expect("the folder can be listed"))
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                (
                    entry.file_name().to_string_lossy().into_owned(),
                    fs::read(entry.path()).expect("a file"),
                )
            })
            .collect();
        files.sort();
        files
    }
}

/// The fingerprint in the form that people compare.
pub(crate) fn fingerprint(anchor: &TrustAnchor) -> String {
    anchor.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Another office of the same authority: the same roots, other working keys.
pub(crate) struct AnotherOffice {
    name: &'static str,
    pub(crate) first_key: u8,
    pub(crate) office: Office,
}

impl AnotherOffice {
    pub(crate) fn new() -> Self {
        Self::of("another", 10)
    }

    /// With a name of its own, and keys from this one on: certificates, status lists, log.
    pub(crate) fn of(name: &'static str, first_key: u8) -> Self {
        let mut office = Office::as_of(now());
        let iss: HttpsUrl = format!("https://{name}.example.no").parse().expect("a URL");
        office.trust_list.iss = iss.clone();
        office.trust_list.profiles =
            vec![Profile::new(1, Algorithm::EdDsa, iss.clone(), &title(&iss))].into();
        office.trust_list.titles = vec![title(&iss)].into();
        for (seed, trusted) in (first_key..).zip(office.trust_list.keys.iter_mut()) {
            trusted.key = key(seed).public_key();
        }
        let list = StatusListUri::new(&iss, StatusListNumber::new(1).expect("a number"));
        office.status_claims.sub = list.clone();
        office.status_key = first_key + 1;
        office.certificate.vct = title(&iss).vct;
        office.certificate.status.status_list.uri = list;
        office.certificate.iss = iss;
        Self { name, first_key, office }
    }

    pub(crate) fn anchor(&self) -> TrustAnchor {
        self.office.anchor()
    }

    /// The current state of the office, with a log that it signed.
    pub(crate) fn bundle(&self) -> Bundle {
        let mut bundle = self.office.bundle();
        let log = bundle.log.as_mut().expect("every bundle has a log");
        let log_key = key(self.first_key + 2);
        log.checkpoint =
            SignedCheckpoint::sign(&self.office.trust_list.iss, log.checkpoint.head(), &log_key)
                .expect("signs");
        bundle
    }

    /// Publishes to a folder with its name, and has the hospital pin the roots.
    pub(crate) fn pin_at(&self, hospital: &Hospital) {
        let roots = format!("{}.json", self.name);
        fs::create_dir(hospital.path(self.name)).expect("a new folder can be made");
        hospital.write_bundle(&format!("{}/bundle.json", self.name), &self.bundle());
        hospital.write_roots(&roots, &self.anchor());
        hospital
            .run(&["trust", "add", &roots, "--fingerprint", &fingerprint(&self.anchor())])
            .done();
    }
}

/// The result of the program.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Asserts that the program succeeded.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        self
    }

    /// Asserts that the program could not run and said why.
    #[track_caller]
    pub(crate) fn failed(&self, reason: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:?}");
        assert!(self.stderr.contains(reason), "expected `{reason}` in: {}", self.stderr);
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// The clock that the program reads.
pub(crate) fn now() -> NumericDate {
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is after 1970").as_secs();
    NumericDate::from_seconds(i64::try_from(since).expect("the clock is right"))
        .expect("the clock is before 9999")
}
