//! TLS, with a key made as an operator would, by the `openssl` command.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    hospital::Hospital,
    http::{Connection, PATIENCE, request},
    serving::{Serving, check_headers, until},
};

const FILES: [&str; 4] = ["--tls-certificate", "server.pem", "--tls-key", "server.key"];

/// A hospital with a P-256 certificate for 127.0.0.1, if openssl is installed. In CI it must be.
fn with_certificate() -> Option<Hospital> {
    if let Err(reason) = Command::new("openssl").arg("version").output() {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "openssl is missing: {reason}"
        );
        eprintln!("skipped: openssl is missing: {reason}");
        return None;
    }
    let hospital = Hospital::with_pinned_office();
    for name in ["server", "other"] {
        let (key, certificate) =
            (hospital.path(&format!("{name}.key")), hospital.path(&format!("{name}.pem")));
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ]);
        openssl.args(["-subj", "/CN=hospital", "-addext", "subjectAltName=IP:127.0.0.1"]);
        openssl
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(key)
            .arg("-out")
            .arg(certificate);
        let output = openssl.output().expect("openssl was there a moment ago");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    Some(hospital)
}

fn connect(hospital: &Hospital, server: &Serving) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificate =
        CertificateDer::from_pem_file(hospital.path("server.pem")).expect("openssl wrote it");
    roots.add(certificate).expect("openssl wrote it");
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions();
    let config =
        config.expect("ring has what it takes").with_root_certificates(roots).with_no_client_auth();
    let client = ClientConnection::new(Arc::new(config), server.address.ip().into())
        .expect("a sound configuration");
    let stream = TcpStream::connect(server.address).expect("the server accepts connections");
    stream.set_read_timeout(Some(PATIENCE)).expect("not 0");
    StreamOwned::new(client, stream)
}

#[test]
fn with_a_certificate_and_its_key_it_speaks_tls() {
    let Some(hospital) = with_certificate() else { return };
    hospital.run(&[&["serve", "--check-config"], &FILES[..]].concat()).done();
    let server = Serving::run(&hospital, &FILES);
    let mut connection = Connection::over(connect(&hospital, &server));
    let body = hospital.office.link();
    connection.send(&request(
        "POST",
        "/v1/verify",
        &[("Content-Type", "text/plain")],
        body.as_bytes(),
    ));
    let answer = connection.answer().expect("an answer");
    assert_eq!(answer.code(), "authorised");
    check_headers(&answer);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    connection.send(&request("GET", "/nothing", &[], b""));
    let answer = connection.answer().expect("an answer");
    answer.problem("not_found");
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
}

/// A hospital with a certificate authority of its own, `ca.pem`, and a certificate that it gave to
/// `localhost`.
fn with_authority() -> Option<Hospital> {
    let hospital = with_certificate()?;
    let openssl = |arguments: &[&str]| {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]);
        openssl.args(["-nodes", "-days", "2"]).args(arguments).current_dir(hospital.path(""));
        let output = openssl.output().expect("openssl was there a moment ago");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    openssl(&["-subj", "/CN=Hospital CA", "-keyout", "ca.key", "-out", "ca.pem"]);
    let of_server = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext"];
    let files = ["basicConstraints=critical,CA:FALSE", "-keyout", "server.key", "-out"];
    openssl(&[&of_server[..], &signed, &files, &["server.pem"]].concat());
    Some(hospital)
}

#[test]
fn lists_are_fetched_over_tls_from_whoever_the_systems_authorities_vouch_for() {
    let Some(hospital) = with_authority() else { return };
    let server = Serving::run(&hospital, &FILES);
    let url = format!("https://localhost:{}/v1/publication", server.address.port());
    let other = Hospital::new();
    other.pin();
    let sync = |variables: &[(&str, PathBuf)]| {
        let mut command = other.command(&["sync", &url]);
        command.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        let variables = variables.iter().map(|(name, value)| (name, value));
        let output = command.envs(variables).output().expect("the program starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, told) = sync(&[]);
    assert!(code == Some(2) && told.contains("UnknownIssuer"), "{told}");
    // Whoever names a file with authorities means no others, and not more of them if it is wrong.
    other.write("empty.pem", "");
    for wrong in ["empty.pem", "missing.pem"] {
        let (code, told) = sync(&[("SSL_CERT_FILE", other.path(wrong))]);
        assert!(code == Some(2) && told.contains("`SSL_CERT_FILE`"), "{told}");
    }
    let (code, told) = sync(&[("SSL_CERT_FILE", hospital.path("ca.pem"))]);
    assert_eq!(code, Some(0), "{told}");

    // In a folder, under the name that `openssl rehash` gives.
    let mut openssl = Command::new("openssl");
    openssl.args(["x509", "-noout", "-hash", "-in"]).arg(hospital.path("ca.pem"));
    let hash = openssl.output().expect("openssl was there a moment ago").stdout;
    let hash = String::from_utf8(hash).expect("digits");
    std::fs::create_dir(other.path("authorities")).expect("a new folder can be made");
    std::fs::copy(hospital.path("ca.pem"), other.path(&format!("authorities/{}.0", hash.trim())))
        .expect("it can be copied");
    let (code, told) = sync(&[("SSL_CERT_DIR", other.path("authorities"))]);
    assert_eq!(code, Some(0), "{told}");

    // A server too.
    for (authorities, outcome) in [("ca.pem", "unchanged"), ("other.pem", "failed")] {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--rate-limit", "0"];
        let mut command = other.command(&[&arguments[..], &["--publication", &url]].concat());
        command.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", hospital.path(authorities));
        let server = Serving::of(&other, &mut command);
        until("the office was asked", || server.refreshes(outcome) > 0);
    }
}

#[test]
fn who_speaks_no_tls_is_hung_up_on() {
    let Some(hospital) = with_certificate() else { return };
    let server = Serving::run(&hospital, &[&FILES[..], &["--max-connections", "20"]].concat());
    // More attempts than there are places for connections.
    for _ in 0..30 {
        let mut plain = TcpStream::connect(server.address).expect("the server accepts connections");
        plain.set_read_timeout(Some(PATIENCE)).expect("not 0");
        plain.write_all(&request("GET", "/v/", &[], b"")).expect("the server reads");
        let mut answer = Vec::new();
        let _ = plain.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    }
    let mut connection = Connection::over(connect(&hospital, &server));
    connection.send(&request("GET", "/healthz", &[], b""));
    assert_eq!(connection.answer().expect("an answer").status, 200);
}

#[test]
fn without_tls_no_browser_is_told_to_insist_on_it() {
    let hospital = Hospital::with_pinned_office();
    assert_eq!(Serving::run(&hospital, &[]).get("/v/").header("strict-transport-security"), None);
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    let Some(hospital) = with_certificate() else { return };
    let with = |certificate: &str, key: &str| {
        let arguments =
            ["serve", "--check-config", "--tls-certificate", certificate, "--tls-key", key];
        hospital.run(&arguments)
    };
    with("server.pem", "other.key")
        .failed("reading the TLS certificate `server.pem` and its key `other.key`");
    with("server.pem", "server.pem")
        .failed("reading the TLS certificate `server.pem` and its key `server.pem`");
    with("roots.json", "server.key")
        .failed("reading the TLS certificate `roots.json` and its key `server.key`");
    with("missing.pem", "server.key").failed("missing.pem");
    hospital
        .run(&["serve", "--check-config", "--tls-key", "server.key"])
        .failed("without its `tls_certificate`");
}
