//! Mails, taken by a real mail server.

use std::process::Command;

use serde_json::Value;
use vernet_common::Status;

use super::Ward;
use crate::{
    receivers::{Process, python},
    serving::{Serving, until},
};

const TO: &str =
    "from = \"Vernet <vernet@hospital.example.no>\"\nto = [\"hr@hospital.example.no\"]\n";

/// The settings for mails to a server on this machine.
fn settings(server: &Process, more: &str) -> String {
    format!(
        "[[roster.mail]]\nname = \"hr-mail\"\nserver = \"127.0.0.1\"\nport = {}\n{more}",
        server.port
    )
}

/// A certificate and its key for 127.0.0.1, which the server is told to trust.
pub(super) fn certificate(ward: &Ward) -> Option<[String; 2]> {
    let files = ["mail.pem", "mail.key"].map(|name| ward.hospital.path(name));
    let files = files.map(|path| path.to_str().expect("UTF-8").to_owned());
    let mut openssl = Command::new("openssl");
    openssl
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
        .args(["-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args([
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-out",
            &files[0],
            "-keyout",
            &files[1],
        ]);
    match openssl.output() {
        Ok(output) if output.status.success() => Some(files),
        found => {
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "openssl: {found:?}");
            eprintln!("skipped: openssl is missing: {found:?}");
            None
        }
    }
}

pub(super) fn serve_trusting(ward: &Ward, authority: &str) -> Serving {
    let mut command = ward.hospital.command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--rate-limit",
        "0",
        "--config",
        "server.toml",
    ]);
    Serving::of(&ward.hospital, command.env("SSL_CERT_FILE", authority))
}

fn text(mail: &Value) -> &str {
    mail["text"].as_str().expect("a text")
}

#[test]
fn a_mail_says_in_plain_words_what_has_changed_and_names_nobody_in_its_subject() {
    let Some(python) = python() else { return };
    let mut ward = Ward::new();
    let mails = Process::mail(&python, &["none"]);
    ward.configure(&settings(&mails, &format!("tls = \"none\"\n{TO}")));
    let server = ward.serve();
    until("it is watched", || mails.taken().len() == 1);
    let first = mails.taken().remove(0);
    assert_eq!(
        first["headers"]["subject"],
        "Certificates of the staff are watched: nobody needs attention"
    );
    assert!(text(&first).contains("There are 3 rows: 3 valid, 0 not valid now"), "{first}");

    ward.set(0, Status::Suspended);
    until("it is told", || mails.taken().len() == 2);
    let mail = mails.taken().remove(1);
    let headers = &mail["headers"];
    assert_eq!(headers["subject"], "URGENT: Certificates of the staff: 1 suspended");
    assert_eq!(
        (&headers["importance"], &headers["auto-submitted"]),
        (&"high".into(), &"auto-generated".into())
    );
    assert_eq!(
        (&mail["from"], &mail["to"][0]),
        (&"vernet@hospital.example.no".into(), &"hr@hospital.example.no".into())
    );
    let id = headers["message-id"].as_str().expect("an id");
    let id = id
        .strip_prefix('<')
        .and_then(|id| id.strip_suffix("@hospital.example.no>"))
        .expect("an id");
    assert!(text(&mail).contains(&format!("Message {id}.")), "{mail}");
    assert!(
        text(&mail).contains(
            "These people may not work as before, from now on:\n\n- staff id 101 (row 2): suspended (was: authorised). "
        ),
        "{mail}"
    );
    for secret in ["Kari", "Nordmann", "1980-02-29", "9000001", "NO-PE"] {
        assert!(!mail["raw"].as_str().expect("a mail").contains(secret), "{secret} in {mail}");
    }
    until("it is counted", || {
        server.metric("vernet_roster_deliveries_total{receiver=\"hr-mail\",outcome=\"delivered\"}")
            == 2
    });
}

/// An address that has left the hospital does not keep the others from theirs.
#[test]
fn each_address_gets_its_own_mail() {
    let Some(python) = python() else { return };
    let mut ward = Ward::new();
    let mails = Process::mail(&python, &["none"]);
    let to = TO.replace(
        "[\"hr@",
        "[\"nobody@hospital.example.no\", \"Night watch <night@hospital.example.no>\", \"hr@",
    );
    ward.configure(&settings(&mails, &format!("tls = \"none\"\n{to}")));
    let server = ward.serve();
    until("both are told", || mails.taken().len() == 2);
    ward.set(0, Status::Suspended);
    until("both are told", || mails.taken().len() == 4);
    until("the third is refused", || server.log().contains("it answers 550"));
    assert_eq!(server.metric("vernet_roster_pending{receiver=\"hr-mail\"}"), 2);
    assert!(!server.log().contains("nobody@"), "{}", server.log());
}

#[test]
fn mails_are_encrypted_and_the_sender_logs_in() {
    let Some(python) = python() else { return };
    for mode in ["implicit", "starttls"] {
        let ward = Ward::new();
        let Some([certificate, key]) = certificate(&ward) else { return };
        let mails = Process::mail(&python, &[mode, &certificate, &key]);
        ward.hospital.write("password.txt", "wrong\n");
        let login =
            format!("tls = \"{mode}\"\nuser = \"vernet\"\npassword = \"password.txt\"\n{TO}");
        ward.configure(&settings(&mails, &login));
        // The machine does not know who signed the mail server's certificate.
        let server = ward.serve();
        until("nothing is sent", || server.log().contains("the connection cannot be encrypted"));
        server.kill();
        let server = serve_trusting(&ward, &certificate);
        until("the password is wrong", || server.log().contains("it answers 535"));
        assert!(!server.log().contains("wrong\""));
        server.kill();
        assert!(mails.taken().is_empty());
        ward.hospital.write("password.txt", "open sesame\n");
        let _server = serve_trusting(&ward, &certificate);
        until("it is told", || mails.taken().len() == 1);
        let mail = mails.taken().remove(0);
        assert_eq!((&mail["encrypted"], &mail["user"]), (&true.into(), &"vernet".into()), "{mode}");
    }
}

/// The mail server was down while the server was killed.
#[test]
fn a_mail_waits_for_a_dead_mail_server_over_a_restart() {
    let Some(python) = python() else { return };
    let mut ward = Ward::new();
    let mails = Process::mail(&python, &["none"]);
    let to = format!("tls = \"none\"\n{TO}");
    ward.configure(&settings(&mails, &to));
    let server = ward.serve();
    until("it is watched", || mails.taken().len() == 1);
    drop(mails);
    ward.set(2, Status::Invalid);
    until("it cannot be reached", || server.log().contains("cannot be reached"));
    server.kill();
    let mails = Process::mail(&python, &["none"]);
    ward.configure(&settings(&mails, &to));
    let server = ward.serve();
    until("it is told", || mails.taken().len() == 1);
    assert!(text(&mails.taken()[0]).contains("staff id 103 (row 4): withdrawn or replaced"));
    until("nothing waits", || server.metric("vernet_roster_pending{receiver=\"hr-mail\"}") == 0);
}
