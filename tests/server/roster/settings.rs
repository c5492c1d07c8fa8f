//! Settings of a roster: `--check-config` names what is wrong, and warns of files that others can
//! read.

use std::os::unix::fs::PermissionsExt;

use super::{KEY, Ward};

fn check(ward: &Ward, arguments: &[&str]) -> crate::hospital::Run {
    let all = [&["serve", "--check-config", "--config", "server.toml"], arguments].concat();
    ward.hospital.run(&all)
}

const MAIL: &str = "[[roster.mail]]\nname = \"m\"\nserver = \"mail.example.no\"\nfrom = \"a@b.no\"\nto = [\"c@d.no\"]\n";

#[test]
fn each_bad_thing_is_named() {
    let ward = Ward::new();
    let hook =
        "[[roster.webhook]]\nname = \"h\"\nurl = \"https://hr.example.no/\"\nkey = \"key.txt\"\n";
    for (receivers, reason) in [
        (hook.replace("\"h\"", "\"H R\""), "the name is `H R`, expected 1 to 40 of the characters"),
        (format!("{hook}{hook}"), "two receivers have the name `h`"),
        (
            hook.replace("https", "http"),
            "the receiver `h` has a `url` that cannot be used: it is not `https://…`",
        ),
        (hook.replace("hr.ex", "a:b@hr.ex"), "it has a user name or a password in it"),
        (hook.replace("key.txt", "no-key"), "reading the key `no-key`"),
        (hook.replace("key =", "kay ="), "unknown field `kay`"),
        (format!("{hook}urgency = \"loud\"\n"), "unknown variant `loud`"),
        (MAIL.replace("c@d.no", "nobody"), "`nobody` is no mail address"),
        (MAIL.replace("[\"c@d.no\"]", "[]"), "its `to` names nobody"),
        (format!("{MAIL}tls = \"none\"\n"), "`tls = \"none\"` is for this machine only"),
        (
            format!("{MAIL}user = \"u\"\n"),
            "it has a `user` or a `password`, expected both or neither",
        ),
        (
            format!("{MAIL}user = \"u\"\npassword = \"no-password\"\n"),
            "reading the password `no-password`",
        ),
        ("expiring = 4000\n".into(), "`expiring` is 4000, expected 0 to 3660 days"),
        ("tokens = \"no-tokens\"\n".into(), "reading the tokens `no-tokens`"),
    ] {
        ward.configure(&receivers);
        check(&ward, &[]).failed(reason);
    }
    ward.hospital.write(
        "server.toml",
        format!("roots = \"roots.json\"\npublication = \"publication\"\n{MAIL}"),
    );
    check(&ward, &[]).failed("there are settings for a roster, but no `staff` that says which one");
    check(&ward, &["--roster-staff", "staff.csv"]).done();
    check(&ward, &["--roster-staff", "-"]).failed("`staff` is `-`, expected a table or a folder");
    check(&ward, &["--roster-staff", "no-staff.csv"]).failed("reading `no-staff.csv`");
    ward.hospital.write("key.txt", "not-a-key-that-anybody-may-see");
    ward.configure(hook);
    let run = check(&ward, &[]);
    run.failed("does not begin with `whsec_`");
    assert!(!run.stderr.contains("anybody"), "{run:?}");
}

#[test]
fn a_good_configuration_is_shown_without_its_secrets() {
    let ward = Ward::new();
    ward.hospital.write("password.txt", "open-sesame-open-sesame");
    for file in ["key.txt", "tokens", "staff.csv", "password.txt"] {
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(ward.hospital.path(file), private).expect("it is our own");
    }
    ward.configure(&format!("{}{MAIL}user = \"u\"\npassword = \"password.txt\"\n", ward.webhook()));
    let run = check(&ward, &[]).done();
    assert_eq!(run.stderr, "");
    let shown = run.json();
    let roster = &shown["roster"];
    assert_eq!((&roster["staff"], &roster["expiring"]), (&"staff.csv".into(), &30.into()));
    assert_eq!(
        (&roster["mail"][0]["tls"], &roster["mail"][0]["urgency"]),
        (&"implicit".into(), &"note".into())
    );
    assert!(!run.stdout.contains("sesame") && !run.stdout.contains(KEY));
    for (file, setting) in [
        ("key.txt", "roster.webhook.key"),
        ("password.txt", "roster.mail.password"),
        ("staff.csv", "roster.staff"),
    ] {
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(ward.hospital.path(file), open).expect("it is our own");
        let warned = format!("the file of `{setting}` can be read by every user");
        assert!(check(&ward, &[]).done().stderr.contains(&warned), "{setting}");
    }
}
