//! Text from strangers reaches the terminal as text, never as control sequences. And a read-only
//! disk must not prevent a verdict.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::hospital::{FILES, Hospital, Run};

/// Clears the screen, sets the title, rings the bell; a C1 control character; DEL; and changes the
/// direction of writing.
pub(crate) const NASTY: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\u{202e}";

#[test]
fn names_of_files_and_pasted_text_reach_the_terminal_escaped() {
    let hospital = Hospital::new();
    let name = format!("{NASTY}.txt");
    hospital.write(&name, "hello");
    let huge = format!("{NASTY}.png");
    let file = fs::File::create(hospital.path(&huge)).expect("a new file");
    file.set_len((24 << 20) + 1).expect("a file may have a hole");
    let missing = format!("{NASTY}.missing");
    let pasted = format!("https://x.example/#{NASTY}");
    for arguments in [
        &["check", &name][..],
        &["check", &name, "certificate.jwt"],
        &["check", "--json", &name],
        &["check", &huge],
        &["check", &missing],
        &["check", &pasted],
        &["check", &format!("eyJ{NASTY}#")],
        &["check", "certificate.jwt", "--bundle", &missing],
        &["check", "certificate.jwt", "--roots", &missing],
        &["inspect", &name],
        &["inspect", &huge],
        &["inspect", &missing],
        &["sync", &missing],
        &["sync", &format!("http://127.0.0.1:1/{NASTY}")],
        &["trust", "add", &missing],
        &["trust", "add", "roots.json", "--fingerprint", NASTY],
        &["trust", "remove", &format!("00000000{NASTY}")],
        &["trust", "remove", NASTY],
    ] {
        let more: &[&str] =
            if arguments[0] == "check" && arguments.len() < 4 { &FILES } else { &[] };
        assert_clean(
            &on_a_terminal(&hospital, &[arguments, more].concat(), b""),
            &format!("{arguments:?}"),
        );
    }
    assert_clean(
        &on_a_terminal(&hospital, &[&["check", "-"][..], &FILES].concat(), NASTY.as_bytes()),
        "standard input",
    );
}

#[test]
fn what_an_unverified_certificate_claims_reaches_the_terminal_escaped() {
    let hospital = Hospital::new();
    let part =
        |text: &str, place: usize| text.split('.').nth(place).expect("three parts").to_owned();
    let claims = serde_json::json!({ "family_name": NASTY });
    let text = hospital.office.text();
    let payload = base64url(claims.to_string().as_bytes());
    let header = base64url(
        format!("{{\"alg\":\"EdDSA\",\"kid\":\"{NASTY}\",\"typ\":\"dc+sd-jwt\"}}").as_bytes(),
    );
    for (place, header) in [part(&text, 0), header].into_iter().enumerate() {
        hospital.write("nasty.jwt", [header, payload.clone(), part(&text, 2)].join("."));
        for arguments in [
            &["inspect", "nasty.jwt"][..],
            &["inspect", "nasty.jwt", "--json"],
            &["check", "nasty.jwt"],
        ] {
            let more: &[&str] = if arguments[0] == "check" { &FILES } else { &[] };
            let run = on_a_terminal(&hospital, &[arguments, more].concat(), b"");
            assert_clean(&run, &format!("{arguments:?} {place}"));
        }
    }
}

#[test]
fn a_verdict_is_given_although_nothing_can_be_remembered() {
    let hospital = Hospital::new();
    fs::create_dir(hospital.path("state")).expect("a new folder can be made");
    fs::set_permissions(hospital.path("state"), fs::Permissions::from_mode(0o555))
        .expect("one's own folder");
    let root_may_anything = fs::write(hospital.path("state/probe"), "").is_ok();
    if root_may_anything {
        // Permissions do not stop the superuser; a folder in place of the lock does.
        fs::create_dir(hospital.path("state/lock")).expect("a new folder can be made");
        fs::remove_file(hospital.path("state/probe")).expect("it was just made");
    }
    let run = hospital.run(&[&["check", "certificate.jwt"][..], &FILES].concat()).done();
    assert!(run.stdout.contains("[authorised]"), "{run:?}");
    assert!(run.stderr.contains("warning: cannot remember"), "{run:?}");
    hospital
        .run(&["trust", "add", "roots.json", "--fingerprint", &hospital.fingerprint()])
        .failed("lock");
    fs::set_permissions(hospital.path("state"), fs::Permissions::from_mode(0o755))
        .expect("one's own folder");
}

#[test]
fn damaged_state_is_said_and_not_guessed_around() {
    let hospital = Hospital::with_pinned_office();
    let (name, _) = hospital
        .state()
        .into_iter()
        .find(|(name, _)| name.ends_with(".json"))
        .expect("an office is pinned");
    hospital.write(&format!("state/{name}"), "{");
    hospital.run(&["check", "certificate.jwt"]).failed("pin the roots again");
    hospital.run(&["sync", "publication"]).failed("pin the roots again");
}

/// Runs the program as on a terminal that shows colours: nothing is stripped from its output.
pub(crate) fn on_a_terminal(hospital: &Hospital, arguments: &[&str], input: &[u8]) -> Run {
    use std::{io::Write, process::Stdio};
    let mut command = hospital.command(arguments);
    let mut process = command
        .env("CLICOLOR_FORCE", "1")
        .stdin(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let _ = process.stdin.take().expect("it is piped").write_all(input);
    let output = process.wait_with_output().expect("one's own child can be waited for");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Asserts that the only control sequences in the output are our own colours.
#[track_caller]
pub(crate) fn assert_clean(run: &Run, what: &str) {
    for text in [&run.stdout, &run.stderr] {
        let mut rest = text.as_str();
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            plain.push_str(before);
            let end =
                after.find(|c: char| !(c.is_ascii_digit() || c == ';')).unwrap_or(after.len());
            assert!(after[end..].starts_with('m'), "{what}: {text:?}");
            rest = &after[end + 1..];
        }
        plain.push_str(rest);
        let foreign =
            |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!plain.contains(foreign), "{what}: {text:?}");
    }
    assert_ne!(run.code, Some(0).filter(|_| !what.contains("inspect")), "{what}: {run:?}");
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        let digit = |place: usize| char::from(ALPHABET[(word >> (18 - 6 * place) & 63) as usize]);
        text.extend((0..=chunk.len()).map(digit));
    }
    text
}
