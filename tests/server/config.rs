//! Settings: flags before environment before file, and `--check-config` names what is wrong.

use serde_json::Value;

use crate::{
    hospital::{Hospital, Run},
    serving::Serving,
};

fn check(hospital: &Hospital, arguments: &[&str]) -> Run {
    hospital.run(&[&["serve", "--check-config"], arguments].concat())
}

fn settings(hospital: &Hospital, arguments: &[&str], environment: &[(&str, &str)]) -> Value {
    let mut command = hospital.command(&[&["serve", "--check-config"], arguments].concat());
    let output = command.envs(environment.iter().copied()).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the settings are JSON")
}

#[test]
fn without_any_setting_the_defaults_are_shown() {
    let hospital = Hospital::with_pinned_office();
    let found = settings(&hospital, &[], &[]);
    let expected = serde_json::json!({
        "listen": "127.0.0.1:8470", "publication": null, "roots": null, "refresh": null, "max_status_age": 24, "tls": null,
        "tokens": null, "receipts": null, "archive": null, "behind_proxy": false, "rate_limit": 50, "max_requests": 512, "max_connections": 2048, "log": "info", "roster": null,
    });
    assert_eq!(found, expected);
    assert_eq!(
        settings(&hospital, &["--behind-proxy"], &[])["rate_limit"],
        0,
        "all clients look like one"
    );
    assert_eq!(settings(&hospital, &["--behind-proxy", "--rate-limit", "7"], &[])["rate_limit"], 7);
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let hospital = Hospital::with_pinned_office();
    hospital.write(
        "server.toml",
        "listen = \"127.0.0.1:1001\"\nrefresh = 1\nmax_status_age = 1\nrate_limit = 1\nmax_requests = 1\n\
         max_connections = 1\nlog = \"error\"\nbehind_proxy = true\n",
    );
    let file = ["--config", "server.toml"];
    let values = |found: &Value| {
        [
            "listen",
            "refresh",
            "max_status_age",
            "rate_limit",
            "max_requests",
            "max_connections",
            "log",
            "behind_proxy",
        ]
        .map(|name| found[name].to_string().trim_matches('"').to_owned())
    };
    let of_file = ["127.0.0.1:1001", "1", "1", "1", "1", "1", "error", "true"];
    assert_eq!(values(&settings(&hospital, &file, &[])), of_file);
    assert_eq!(
        values(&settings(&hospital, &[], &[("VERNET_VERIFIER_CONFIG", "server.toml")])),
        of_file
    );
    let environment = [
        ("VERNET_VERIFIER_LISTEN", "127.0.0.1:1002"),
        ("VERNET_VERIFIER_REFRESH", "2"),
        ("VERNET_VERIFIER_MAX_STATUS_AGE", "2"),
        ("VERNET_VERIFIER_RATE_LIMIT", "2"),
        ("VERNET_VERIFIER_MAX_REQUESTS", "2"),
        ("VERNET_VERIFIER_MAX_CONNECTIONS", "2"),
        ("VERNET_VERIFIER_LOG", "warn"),
        ("VERNET_VERIFIER_BEHIND_PROXY", "false"),
    ];
    let of_environment = ["127.0.0.1:1002", "2", "2", "2", "2", "2", "warn", "false"];
    assert_eq!(values(&settings(&hospital, &file, &environment)), of_environment);
    let mut flags = vec![
        "--listen",
        "127.0.0.1:1003",
        "--refresh",
        "3",
        "--max-status-age",
        "3",
        "--rate-limit",
        "3",
    ];
    flags.extend([
        "--max-requests",
        "3",
        "--max-connections",
        "3",
        "--log",
        "info",
        "--behind-proxy=true",
    ]);
    flags.extend(file);
    let of_flags = ["127.0.0.1:1003", "3", "3", "3", "3", "3", "info", "true"];
    assert_eq!(values(&settings(&hospital, &flags, &environment)), of_flags);
}

#[test]
fn paths_in_the_file_are_seen_from_the_file() {
    let hospital = Hospital::new();
    std::fs::create_dir(hospital.path("etc")).expect("a new folder can be made");
    for name in ["roots.json", "publication"] {
        std::fs::rename(hospital.path(name), hospital.path("etc").join(name)).expect("it is there");
    }
    hospital.write("etc/tokens", "a-token-of-enough-characters");
    hospital.write(
        "etc/server.toml",
        "roots = \"roots.json\"\npublication = \"publication\"\ntokens = \"tokens\"\n",
    );
    let server = Serving::run(&hospital, &["--config", "etc/server.toml"]);
    crate::serving::until("the lists are there", || server.get("/readyz").status == 200);
    server.post("text/plain", "1").problem("unauthorized");
}

#[test]
fn each_bad_thing_is_named() {
    let hospital = Hospital::with_pinned_office();
    let cases = [
        ("lissten = \"127.0.0.1:1\"", "unknown field `lissten`"),
        ("listen = \"hospital.example.no:80\"", "listen"),
        ("listen = 80", "listen"),
        ("refresh = 0", "refresh"),
        ("refresh = -1", "refresh"),
        ("max_status_age = 0", "`max_status_age` is 0, expected 1 to 720 hours"),
        ("max_status_age = 721", "`max_status_age` is 721, expected 1 to 720 hours"),
        ("max_requests = 0", "max_requests"),
        ("max_connections = 0", "max_connections"),
        ("log = \"loud\"", "unknown variant `loud`"),
        ("tls_certificate = \"server.pem\"", "there is a `tls_certificate` without its `tls_key`"),
        ("tls_key = \"server.key\"", "there is a `tls_key` without its `tls_certificate`"),
        (
            "tls_certificate = \"no.pem\"\ntls_key = \"no.key\"",
            "reading the TLS certificate `no.pem` and its key `no.key`",
        ),
        ("tokens = \"no-tokens\"", "reading the tokens `no-tokens`"),
        ("roots = \"no-roots\"", "reading the roots `no-roots`"),
        ("listen", "server.toml"),
        ("refresh = 1\nrefresh = 1", "duplicate key"),
    ];
    for (content, reason) in cases {
        hospital.write("server.toml", content);
        check(&hospital, &["--config", "server.toml"]).failed(reason);
        // The server does not start with these settings either.
        hospital
            .run(&["serve", "--listen", "127.0.0.1:0", "--config", "server.toml"])
            .failed(reason);
    }
    check(&hospital, &["--config", "missing.toml"])
        .failed("reading the configuration `missing.toml`");
    hospital.write("server.toml", [0xff, 0xfe]);
    check(&hospital, &["--config", "server.toml"]).failed("it is not UTF-8");
    hospital.write("server.toml", " ".repeat((1 << 20) + 1));
    check(&hospital, &["--config", "server.toml"]).failed("it has more than 1048576 bytes");
    check(&hospital, &["--refresh", "0"]).failed("--refresh");
    check(&hospital, &["--max-status-age", "721"]).failed("--max-status-age");
}

#[test]
fn what_weakens_the_server_is_pointed_out() {
    use std::os::unix::fs::PermissionsExt;
    let hospital = Hospital::new();
    hospital.write("tokens", "a-token-of-enough-characters");
    let warnings = |arguments: &[&str], modes: [u32; 2]| {
        for (file, mode) in ["tokens", "roots.json"].into_iter().zip(modes) {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(hospital.path(file), mode).expect("it is our own");
        }
        let settings =
            ["--roots", "roots.json", "--publication", "publication", "--tokens", "tokens"];
        check(&hospital, &[&settings[..], arguments].concat()).done().stderr
    };
    assert_eq!(
        warnings(&[], [0o600, 0o644]),
        "",
        "a good configuration is no reason for a warning"
    );
    assert!(
        warnings(&[], [0o604, 0o644]).contains("the file of `tokens` can be read by every user")
    );
    assert!(
        warnings(&[], [0o600, 0o666]).contains("the file of `roots` can be changed by every user")
    );
    for everywhere in ["0.0.0.0:8470", "[::]:8470", "192.0.2.1:8470"] {
        assert!(
            warnings(&["--listen", everywhere], [0o600, 0o644]).contains("without TLS"),
            "{everywhere}"
        );
    }
    assert_eq!(warnings(&["--listen", "0.0.0.0:8470", "--behind-proxy"], [0o600, 0o644]), "");
    assert_eq!(warnings(&["--listen", "[::1]:8470"], [0o600, 0o644]), "");
}

#[test]
fn checking_listens_on_nothing_and_changes_nothing() {
    let hospital = Hospital::with_pinned_office();
    let server = Serving::run(&hospital, &["--refresh", "3600"]);
    crate::serving::until("it has refreshed", || server.refreshes("unchanged") == 1);
    let state = hospital.state();
    check(&hospital, &["--listen", &server.address.to_string()]).done();
    assert_eq!(hospital.state(), state);
}
