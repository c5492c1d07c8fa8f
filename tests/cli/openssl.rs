//! The office's keys are not tied to this program: openssl reads them.

use std::process::Command;

use crate::place::{Place, files_in};

#[test]
fn openssl_reads_an_office_key() {
    if let Err(reason) = Command::new("openssl").arg("version").output() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "openssl is missing: {reason}"
        );
        eprintln!("skipped: openssl is missing: {reason}");
        return;
    }
    let place = Place::with_demo();
    for key in files_in(&place.path("demo/office/keys")) {
        let run = openssl(
            &place,
            &[
                "pkey",
                "-in",
                &format!("demo/office/keys/{key}"),
                "-passin",
                "file:demo/passphrase.txt",
                "-noout",
                "-text",
            ],
        );
        assert!(run.contains("ED25519 Private-Key"), "{run}");
    }
    place.write("message", "a message");
    let root = "demo/root-keys/root-1.pem";
    openssl(
        &place,
        &[
            "pkey",
            "-in",
            root,
            "-passin",
            "file:demo/passphrase.txt",
            "-pubout",
            "-out",
            "public.pem",
        ],
    );
    openssl(
        &place,
        &[
            "pkeyutl",
            "-sign",
            "-rawin",
            "-in",
            "message",
            "-inkey",
            root,
            "-passin",
            "file:demo/passphrase.txt",
            "-out",
            "signature",
        ],
    );
    let verified = openssl(
        &place,
        &[
            "pkeyutl",
            "-verify",
            "-rawin",
            "-in",
            "message",
            "-pubin",
            "-inkey",
            "public.pem",
            "-sigfile",
            "signature",
        ],
    );
    assert!(verified.contains("Verified Successfully"), "{verified}");
}

fn openssl(place: &Place, arguments: &[&str]) -> String {
    let output = place
        .command("openssl".as_ref())
        .args(arguments)
        .output()
        .expect("openssl was there a moment ago");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}
