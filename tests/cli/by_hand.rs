//! The transcript is correct: its commands, typed by hand in an empty folder, give its verdicts.

use std::{fs, path::Path};

use vernet_common::{Algorithm, CertificateClaims, KeyUse, SecretKey, Signed};
use vernet_issuer::{Office, Passphrase};

use crate::place::{Place, Run, demo, issuer_program, now, number, verifier_program};

/// The files that the demonstration writes itself and the commands only read.
const GIVEN: [&str; 3] = ["passphrase.txt", "application.json", "diploma.txt"];

#[test]
fn the_printed_commands_give_the_printed_verdicts() {
    let (tour, _) = commands(&demo().run.stdout);
    let mut place = empty_place();
    let mut verdicts = Vec::new();
    for command in &tour {
        if command.contains("forged.jwt") {
            forge(&place);
        }
        if command.contains("stolen-key.jwt") {
            forge_with_the_stolen_key(&place);
        }
        let Some(run) = typed(&mut place, command) else { continue };
        if is_self_approval(command) {
            run.refused("same_officer");
            continue;
        }
        let verdict = codes(&run.stdout);
        assert_eq!(
            run.code,
            Some(i32::from(verdict.iter().any(|code| code != "authorised"))),
            "{command}: {run:?}"
        );
        verdicts.extend(verdict);
    }
    assert_eq!(
        verdicts,
        ["authorised", "suspended", "authorised", "bad_signature", "not_issued", "status_stale"]
    );
    assert_eq!(verdicts, codes(&demo().run.stdout));
}

#[test]
fn the_commands_to_try_next_work() {
    let (tour, next) = commands(&demo().run.stdout);
    let mut place = Place::with_demo();
    typed(&mut place, &tour[0]);
    let mut verdicts = Vec::new();
    for command in &next {
        // Replaces the answer that a person gives after comparing.
        let consent = if command.contains("trust add") {
            format!(" --fingerprint {}", fingerprint())
        } else {
            String::new()
        };
        let run =
            typed(&mut place, &format!("{command}{consent}")).expect("these are commands").done();
        // The drill has its own tests.
        if !command.contains(" drill ") {
            verdicts.extend(codes(&run.stdout));
        }
    }
    assert_eq!(verdicts, ["authorised"]);
    let check = next.iter().find(|command| command.contains(" check ")).expect("there is a check");
    let sync = next.iter().find(|command| command.contains(" sync ")).expect("there is a sync");
    typed(&mut place, sync).expect("a command").done();
    assert_eq!(
        codes(&typed(&mut place, check).expect("a command").stdout),
        ["revoked"],
        "what `revoke` and `publish` did"
    );
}

/// The demonstration's forgery, of the certificate made by hand: another name under the genuine
/// header and signature.
fn forge(place: &Place) {
    let text = place.read(&format!("demo/certificates/{}.jwt", number()));
    let [header, _, signature] = text.trim_end().splitn(3, '.').collect::<Vec<_>>()[..] else {
        panic!("{text}")
    };
    let genuine = Signed::<CertificateClaims>::parse(text.trim_end().trim_end_matches('~'))
        .expect("it was exported");
    let claims = String::from_utf8(genuine.unverified_payload().to_vec()).expect("JSON is UTF-8");
    let claims = serde_json::from_str(&claims.replace("\"Åse\"", "\"Ada\"")).expect("still claims");
    let other = Signed::<CertificateClaims>::sign(
        &claims,
        Algorithm::EdDsa,
        &SecretKey::from_seed(&[0; 32]),
    );
    let payload = other
        .expect("a key can sign")
        .as_str()
        .split('.')
        .nth(1)
        .expect("a JWS has a payload")
        .to_owned();
    place.write("demo/forged.jwt", format!("{header}.{payload}.{signature}\n"));
}

/// The demonstration's other forgery: signed with the certificate key of the office made by hand.
fn forge_with_the_stolen_key(place: &Place) {
    let office = Office::open(&place.path("demo/office")).expect("the office");
    let passphrase =
        Passphrase::from_file(&place.path("demo/passphrase.txt")).expect("the demonstration's");
    let key = office.unlock(KeyUse::Certificate, &passphrase, now()).expect("its certificate key");
    let genuine = office.register().state().certificates().next().expect("it was granted").claims;
    let claims =
        CertificateClaims { given_name: "Ada".parse().expect("a name"), ..genuine.clone() };
    let forged = Signed::sign(&claims, Algorithm::EdDsa, &*key).expect("a key can sign");
    place.write("demo/stolen-key.jwt", forged.as_str());
}

fn empty_place() -> Place {
    let place = Place::empty();
    fs::create_dir_all(place.path("demo")).expect("a new folder can be made");
    for name in GIVEN {
        fs::copy(demo().folder.path().join("demo").join(name), place.path("demo").join(name))
            .expect("it was written");
    }
    for folder in ["root-keys", "officers", "certificates"] {
        fs::create_dir(place.path("demo").join(folder)).expect("a new folder can be made");
    }
    place
}

/// The commands of the numbered steps, and those to try next.
fn commands(transcript: &str) -> (Vec<String>, Vec<String>) {
    let (tour, next) =
        transcript.split_once("Next, for instance:").expect("the transcript ends with what to try");
    let of = |part: &str| {
        part.lines().filter_map(|line| line.strip_prefix("   $ ")).map(ToOwned::to_owned).collect()
    };
    (of(tour), of(next))
}

/// Runs a command line; `None` if it is a setting.
fn typed(place: &mut Place, line: &str) -> Option<Run> {
    let words = words(line);
    let program = match words[0].as_str() {
        "export" => {
            for setting in &words[1..] {
                let (name, value) =
                    setting.split_once('=').expect("a setting has a name and a value");
                place.set(name, value);
            }
            return None;
        }
        "vernet-issuer" => issuer_program(),
        "vernet-verifier" => verifier_program(),
        other => panic!("`{other}` is none of our programs: {line}"),
    };
    let run = Run::of(place.command(Path::new(program)).args(&words[1..]));
    let may_refuse = words[1] == "check" || is_self_approval(line);
    assert!(run.code == Some(0) || may_refuse && run.code == Some(1), "{line}: {run:?}");
    Some(run)
}

/// The one command of the demonstration that is refused: Kari approves what she proposed.
fn is_self_approval(line: &str) -> bool {
    line.contains(" approve ") && !line.contains("--officer-key")
}

/// The words of a command line, split as a shell does, as far as our transcripts need it: spaces
/// and single quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words
}

/// The codes of the verdicts in some output: the text in brackets at the end of each headline.
fn codes(output: &str) -> Vec<String> {
    let headline =
        |line: &&str| ["✔", "✘", "?"].iter().any(|sign| line.trim_start().starts_with(sign));
    let code =
        |line: &str| line.rsplit_once('[').map(|(_, code)| code.trim_end_matches(']').to_owned());
    output.lines().filter(headline).filter_map(code).collect()
}

/// The start of the roots' fingerprint, as the demonstration printed it.
fn fingerprint() -> String {
    let (_, after) =
        demo().run.stdout.split_once("fingerprint ").expect("the demonstration prints it");
    after.chars().take_while(char::is_ascii_hexdigit).collect()
}
