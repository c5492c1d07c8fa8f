//! Keys in a token: a real PKCS #11 library, SoftHSM, with separate tokens for each test.

mod office;
mod refusals;

use std::cell::Cell;

use vernet_tests::softhsm;

use crate::place::{Place, Run, today};

/// The PIN of every token here.
pub(crate) const PIN: &str = "90125";

/// A folder with SoftHSM's tokens in it.
pub(crate) struct Tokens {
    pub(crate) place: Place,
    module: &'static str,
    /// How many people were proposed for a grant.
    people: Cell<u32>,
    second_officer: String,
}

impl Tokens {
    /// With one token, `office`; `None` if SoftHSM or OpenSC is not installed here.
    pub(crate) fn new() -> Option<Self> {
        let module = softhsm::library(&["softhsm2-util", "pkcs11-tool"])?;
        let mut place = Place::empty();
        std::fs::create_dir(place.path("tokens")).expect("a new folder can be made");
        place.write(
            "softhsm2.conf",
            format!(
                "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
                place.path("tokens").display()
            ),
        );
        place.set("SOFTHSM2_CONF", &place.path("softhsm2.conf").display().to_string());
        place.set("VERNET_OFFICE", "office");
        place.set("VERNET_PIN", PIN);
        let tokens = Self { place, module, people: Cell::new(0), second_officer: String::new() };
        tokens.plug_in("office");
        Some(tokens)
    }

    /// With an office whose keys, including root keys, are all in tokens, and a trust list in
    /// force. The officers' keys are in files.
    pub(crate) fn with_office() -> Option<Self> {
        let mut tokens = Self::new()?;
        tokens.place.write("officers.txt", "five random words or so\n");
        tokens.place.set("VERNET_OFFICER_PASSPHRASE_FILE", "officers.txt");
        for officer in ["kari", "ola"] {
            let make =
                ["keys", "new", "--use", "officer", "--passphrase-file", "officers.txt", "--out"];
            tokens.place.issuer(&[&make[..], &[&format!("{officer}.pem")]].concat()).done();
        }
        Some(tokens.found("pem"))
    }

    /// The same, with the officers' keys in separate tokens.
    pub(crate) fn with_officers() -> Option<Self> {
        let mut tokens = Self::new()?;
        for officer in ["kari", "ola"] {
            tokens.plug_in(officer);
            let (out, uri) = (
                format!("{officer}.pkcs11"),
                tokens.uri(&format!("token={officer};object=officer")),
            );
            tokens
                .place
                .issuer(&["keys", "new", "--use", "officer", "--out", &out, "--token", &uri])
                .done();
        }
        tokens.place.write("officers.txt", PIN);
        tokens.place.set("VERNET_OFFICER_PIN_FILE", "officers.txt");
        Some(tokens.found("pkcs11"))
    }

    fn found(mut self, extension: &str) -> Self {
        let keys = ["kari", "ola"].map(|officer| format!("{officer}.{extension}"));
        self.place.set("VERNET_OFFICER_KEY", &keys[0]);
        self.second_officer = keys[1].clone();
        self.plug_in("roots");
        for n in [1, 2] {
            let (out, uri) =
                (format!("root-{n}.pkcs11"), self.uri(&format!("token=roots;object=root-{n}")));
            self.place
                .issuer(&["keys", "new", "--use", "root", "--out", &out, "--token", &uri])
                .done();
        }
        let iss = "https://perfusionist.example.no";
        self.place
            .issuer(&[
                "keys",
                "roots",
                "--iss",
                iss,
                "--out",
                "roots.json",
                "root-1.pub",
                "root-2.pub",
            ])
            .done();
        let page = "https://verify.example.no/v";
        let init =
            ["init", "--iss", iss, "--verification-page", page, "--roots", "roots.json", "--token"];
        let founders =
            ["--founder", "Kari Nordmann", "kari.pub", "--founder", "Ola Nordmann", "ola.pub"];
        self.place.issuer(&[&init[..], &[&self.uri("token=office")], &founders].concat()).done();
        self.accept_next_trust_list();
        self
    }

    /// Initialises another token.
    pub(crate) fn plug_in(&self, label: &str) {
        self.tool(
            "softhsm2-util",
            &["--init-token", "--free", "--label", label, "--so-pin", "1234567890", "--pin", PIN],
        );
    }

    /// A URI with SoftHSM as the library.
    pub(crate) fn uri(&self, path: &str) -> String {
        format!("pkcs11:{path}?module-path={}", self.module)
    }

    pub(crate) fn module(&self) -> &'static str {
        self.module
    }

    /// OpenSC's program on the token `office`, logged in.
    pub(crate) fn pkcs11_tool(&self, arguments: &[&str]) -> String {
        let common = ["--module", self.module, "--token-label", "office", "--login", "--pin", PIN];
        self.tool("pkcs11-tool", &[&common[..], arguments].concat())
    }

    pub(crate) fn tool(&self, program: &str, arguments: &[&str]) -> String {
        let output = self
            .place
            .command(program.as_ref())
            .args(arguments)
            .output()
            .expect("it was there a moment ago");
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {text}");
        text
    }

    /// Drafts a trust list, signs it with both root keys, and accepts it.
    pub(crate) fn accept_next_trust_list(&self) {
        let draft = "office/trust-list/draft.json";
        self.place.issuer(&["trust-list", "draft"]).done();
        let roots = ["--key", "root-1.pkcs11", "--key", "root-2.pkcs11"];
        self.place.issuer(&[&["trust-list", "sign", draft][..], &roots].concat()).done();
        self.place.issuer(&["trust-list", "accept"]).done();
    }

    /// Grants an authorisation to somebody new, and writes the certificate to `certificate.jwt`.
    /// Returns the run of the approval.
    pub(crate) fn grant(&self) -> Run {
        let (day, person) = (today(), self.people.get() + 1);
        self.people.set(person);
        self.place.write(
            "application.json",
            format!(
                r#"{{"given_name": "Åse", "family_name": "Østlyngen", "birthdate": "1984-05-17", "hpr_number": "{person}",
                "kind": "authorisation", "basis": "norwegian_exam", "exam": {{"school": "A made-up school", "date": "2010-06-11"}},
                "decided": "{day}", "granted": "{day}"}}"#
            ),
        );
        let seq = self.place.issuer_json(&["propose", "grant", "application.json"])["proposal"]
            .to_string();
        let run = self.place.issuer(&["approve", &seq, "--officer-key", &self.second_officer]);
        if let Some(number) = run.stdout.split_whitespace().nth(1) {
            self.place
                .issuer(&["export", number, "--format", "jwt", "--out", "certificate.jwt"])
                .done();
        }
        run
    }

    pub(crate) fn publish(&self) -> Run {
        self.place.issuer(&["publish", "--out", "publication"])
    }

    /// The code of a hospital's verdict on the certificate.
    pub(crate) fn verdict(&self) -> String {
        let arguments = [
            "check",
            "certificate.jwt",
            "--roots",
            "roots.json",
            "--publication",
            "publication",
            "--json",
        ];
        self.place.verifier(&arguments).json()["code"]
            .as_str()
            .expect("a verdict has a code")
            .to_owned()
    }

    /// The file that refers to the office's key for a use.
    pub(crate) fn reference(&self, r#use: &str) -> String {
        let keys = self.place.issuer_json(&["keys", "list"]);
        let key = keys
            .as_array()
            .expect("a list")
            .iter()
            .find(|key| key["use"] == r#use)
            .expect("there is one");
        format!("office/keys/{}.pkcs11", key["kid"].as_str().expect("an id"))
    }

    /// Changes the file that refers to a key.
    pub(crate) fn edit(&self, reference: &str, from: &str, to: &str) {
        let text = self.place.read(reference);
        assert!(text.contains(from), "`{from}` in {text}");
        self.place.write(reference, text.replace(from, to));
    }
}
