//! A certificate as people send it: `spellings.txt` has a line for each spelling.

use vernet_tests::office::Office;
use vernet_verifier::{Code, Policy, verify, verify_file};

/// Each spelling of the certificate, and the verdict. `LINK`, `DIGITS`, `JWS` stand for the
/// certificate, `PAGE` for the link without its fragment; `\r`, `\n`, `\u{…}` as in Rust.
fn spellings() -> Vec<(&'static str, String, Code)> {
    include_str!("spellings.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let (Some(code), Some(name), Some(text)) = (parts.next(), parts.next(), parts.next())
            else {
                panic!("expected `code\tname\ttext`, found {line}")
            };
            let code = Code::ALL.iter().find(|known| known.as_str() == code).expect("a code");
            (name, unescaped(text), *code)
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let mut plain = text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
    while let Some(start) = plain.find("\\u{") {
        let end = start + plain[start..].find('}').expect("it is closed");
        let number = u32::from_str_radix(&plain[start + 3..end], 16).expect("hexadecimal");
        let c = char::from_u32(number).expect("a character");
        plain.replace_range(start..=end, &c.to_string());
    }
    plain
}

/// The text in pieces of this many characters, with something between them.
fn broken(text: &str, length: usize, between: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        characters.chunks(length).map(|piece| piece.iter().collect()).collect();
    pieces.join(between)
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace(':', "%3A").replace('/', "%2F").replace('#', "%23")
}

#[test]
fn every_spelling_gets_its_verdict() {
    let office = Office::new();
    let (link, jws) = (office.link(), office.text());
    let (page, digits) = link.split_once('#').expect("a link");
    let mut wrong = Vec::new();
    for (name, spelling, expected) in spellings() {
        let mut text = spelling.clone();
        for (word, value) in [
            ("LINK%%", encoded(&encoded(&link))),
            ("LINK%", encoded(&link)),
            ("LINK-23", encoded(&link).replace('%', "-").replace('.', "_")),
            ("LINK/76", broken(&link, 76, "\r\n")),
            ("LINK/20SHY", broken(&link, 20, "\u{ad}")),
            ("LINK/10ZWSP", broken(&link, 10, "\u{200b}")),
            ("LINK/10ZWNJ", broken(&link, 10, "\u{200c}")),
            ("LINK/10WJ", broken(&link, 10, "\u{2060}")),
            ("LINK/70QP", broken(&link, 70, "=\r\n")),
            ("JWS/72>", format!("> {}", broken(&jws, 72, "\r\n> "))),
            ("JWS/70QP", broken(&jws, 70, "=\r\n")),
            ("JWS/70", broken(&jws, 70, " \r\n")),
            ("JWS/20SHY", broken(&jws, 20, "\u{ad}")),
            ("JWS-NBH", jws.replace('-', "\u{2011}")),
            ("DIGITS/5NBSP", broken(digits, 5, "\u{a0}")),
            ("DIGITS%5", encoded_digits(digits)),
            ("LINK", link.clone()),
            ("DIGITS", digits.to_owned()),
            ("PAGE", page.to_owned()),
            ("JWS", jws.clone()),
        ] {
            text = text.replace(word, &value);
        }
        for (how, verdicts) in [
            ("text", vec![verify(&text, &office.knowledge(), &Policy::default(), office.now)]),
            (
                "file",
                verify_file(text.as_bytes(), &office.knowledge(), &Policy::default(), office.now),
            ),
        ] {
            let found: Vec<_> = verdicts.iter().map(|verdict| verdict.code()).collect();
            if found != [expected] {
                wrong.push(format!("{name} ({how}): {found:?} in place of {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn encoded_digits(digits: &str) -> String {
    let start: String = digits[..5].bytes().map(|byte| format!("%{byte:02X}")).collect();
    start + &digits[5..]
}

#[test]
fn two_certificates_in_a_text_are_two() {
    let office = Office::new();
    let text = format!("First {}.\nThen {} and bye", office.link(), office.signed_by_a_stranger());
    let codes: Vec<_> =
        verify_file(text.as_bytes(), &office.knowledge(), &Policy::default(), office.now)
            .iter()
            .map(|verdict| verdict.code())
            .collect();
    assert_eq!(codes, [Code::Authorised, Code::UntrustedIssuer]);
    let verdict = verify(&text, &office.knowledge(), &Policy::default(), office.now);
    assert_eq!(verdict.code(), Code::Unreadable);
    assert_eq!(verdict.cause().map(|cause| cause.code()), Some("several_certificates"));
    // The same one twice, as a mail program shows a link and its target.
    let text = format!("{0} <{0}>", office.link());
    assert_eq!(
        verify(&text, &office.knowledge(), &Policy::default(), office.now).code(),
        Code::Authorised
    );
}

fn codes(office: &Office, text: &str) -> Vec<Code> {
    verify_file(text.as_bytes(), &office.knowledge(), &Policy::default(), office.now)
        .iter()
        .map(|verdict| verdict.code())
        .collect()
}

#[test]
fn two_certificates_that_are_joined_are_two() {
    let office = Office::new();
    let (good, forged) = (office.text(), office.signed_by_a_stranger());
    let (good, forged) = (good.trim_end_matches('~'), forged.trim_end_matches('~'));
    let two = [Code::UntrustedIssuer, Code::Authorised];
    for text in [
        format!("{forged}~{good}"),
        format!("{forged}~~{good}~"),
        format!("{forged}{good}"),
        format!("{forged}~\n{good}"),
        format!("{forged}~WyJzYWx0Il0~{good}"),
    ] {
        let found = codes(&office, &text);
        let is_disclosed = text.contains("WyJ");
        let expected = if is_disclosed { [Code::Malformed, Code::Authorised] } else { two };
        assert_eq!(found, expected, "{text}");
        let verdict = verify(&text, &office.knowledge(), &Policy::default(), office.now);
        assert_eq!(verdict.cause().map(|cause| cause.code()), Some("several_certificates"));
    }
    // What one of them ends with is no other one, and what is written right beside one is not
    // passed over.
    for (text, cause) in [
        (format!("{good}~WyJzYWx0Il0~"), "disclosures"),
        (format!("{good}eyJ"), "not_base64url"),
        (format!("{good}abc"), "not_base64url"),
        (format!("{good}.abc"), "jws_parts"),
        (format!("{good}.~"), "jws_parts"),
        (format!("e{good}"), "input_unrecognised"),
        (format!("certificate{good}"), "input_unrecognised"),
    ] {
        assert_eq!(codes(&office, &text), [Code::Malformed], "{text}");
        let both = codes(&office, &format!("{text} and {forged}"));
        assert_eq!(both, [Code::Malformed, Code::UntrustedIssuer], "{text}");
        let verdict = verify(&text, &office.knowledge(), &Policy::default(), office.now);
        assert_eq!(verdict.cause().map(|cause| cause.code()), Some(cause), "{text}");
    }
    let list = format!("{0}\n{1}\n", office.link(), forged).repeat(20);
    assert_eq!(codes(&office, &list), [Code::Authorised, Code::UntrustedIssuer]);
}

/// Each of them took hours: the search began again at every letter.
#[test]
fn a_text_that_is_made_to_be_searched_for_long_is_not() {
    const LENGTH: usize = 1 << 20;
    let office = Office::new();
    let digits = office.link().split_once('#').expect("a link").1.to_owned() + "\n";
    for part in [
        "eyJ.",
        "eyJ-",
        "eyJ",
        "eyJ ",
        "eyJ. ",
        "eyJ.eyJ ",
        "e",
        "1 ",
        "1\n",
        "1",
        "1 e",
        "&#",
        "~",
        "<!--",
        "<!",
        "content-type: ",
        "%25",
        &digits,
        &format!("1{}", " ".repeat(10_000)),
        &format!("eyJ{}", " ".repeat(10_000)),
        &format!("{}.{}", "eyJ-".repeat(250), "a".repeat(7000)),
    ] {
        let text = part.repeat(LENGTH / part.len());
        let verdicts =
            verify_file(text.as_bytes(), &office.knowledge(), &Policy::default(), office.now);
        let is_accepted = verdicts.iter().all(|verdict| verdict.code() == Code::Authorised);
        assert_eq!(is_accepted, *part == digits, "{part:.20}");
    }
}

#[test]
fn there_is_an_end_to_how_many_are_judged() {
    let office = Office::new();
    let good = office.text();
    let many: String = (0..2000).map(|n| format!("eyJ{n}.e30.AAAA,")).collect();
    let found = codes(&office, &format!("{good} {many}"));
    assert_eq!((found.len(), found[0], found[1000]), (1001, Code::Authorised, Code::Unreadable));
}
