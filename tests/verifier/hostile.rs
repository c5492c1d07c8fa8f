//! Arbitrary input to the verifier: it answers, never panics, and never says "accepted".

use proptest::prelude::*;
use vernet_common::{Bundle, SignedTrustList, TrustAnchor};
use vernet_verifier::{Code, Colour, Knowledge, Memory, Policy, verify};

use crate::office::{Office, to_base_10};

/// A text with a few characters replaced, removed or inserted.
fn bent(text: String) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..3, "[ -~]");
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, kind, c) in changes {
            let (place, c) = (place.index(chars.len()), c.chars().next().unwrap_or('x'));
            match kind {
                0 => chars[place] = c,
                1 => drop(chars.remove(place)),
                _ => chars.insert(place, c),
            }
        }
        chars.into_iter().collect()
    })
}

/// Whether a text carries the very certificate, whatever stands around it.
fn has_the_certificate(text: &str, certificate: &str) -> bool {
    text.replace(' ', "").contains(certificate.trim_end_matches('~'))
}

/// Whether a text carries the very digits of a link. What stands before them is ignored, the `#` too: digits alone are a certificate.
fn has_the_digits(text: &str, link: &str) -> bool {
    let (_, digits) = link.split_once('#').expect("a link");
    let text = text.replace(' ', "");
    text.strip_suffix(digits).is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn digits_after_a_damaged_hash_sign_are_the_certificate() {
    let office = Office::new();
    let link = office.link().replace('#', ":");
    assert!(has_the_digits(&link, &office.link()));
    assert_eq!(office.verdict_on(&link, &office.knowledge()).colour(), Colour::Accepted);
}

#[test]
fn a_letter_in_the_place_of_a_digit_is_refused_wherever_it_stands() {
    let office = Office::new();
    let knowledge = office.knowledge();
    let link = office.link();
    let (page, digits) = link.split_once('#').expect("a link");
    for place in 0..digits.len() {
        let mut bent = digits.to_owned();
        bent.replace_range(place..=place, "a");
        // After the letter there may be what looks like the payload of a newer form.
        for first in ["", "9795305903"] {
            let link = format!("{page}#{first}{bent}");
            let verdict = office.verdict_on(&link, &knowledge);
            let is_only_shifted = place == 0 && first.is_empty();
            assert!(verdict.colour() == Colour::Refused || is_only_shifted, "{place}: {link}");
        }
    }
    let found = "9795305903a88303619200311419247242394490178127826837696620846286646757890131914181880985310223086451690526479962407090564116576580642775278315212159114392132624275472583124660291582141823209396645399466360346237990613941312912344188175941190842184503944702839455521717778868052601867663885";
    assert_eq!(office.verdict_on(&format!("{page}#{found}"), &knowledge).colour(), Colour::Refused);
}

proptest! {
    #[test]
    fn any_text_gets_an_answer_that_is_not_yes(text in "\\PC*") {
        let office = Office::new();
        let verdict = office.verdict_on(&text, &office.knowledge());
        // A text in which nothing can be read may be empty, or a picture in its place.
        let is_read = text.chars().any(char::is_alphanumeric);
        let refused = verdict.colour() == Colour::Refused;
        prop_assert!(refused || !is_read && verdict.colour() == Colour::Undetermined, "{}", verdict.code());
        prop_assert!(!verdict.to_string().is_empty());
    }

    #[test]
    fn any_digits_get_an_answer_that_is_not_yes(first in 1u8..=2, rest: Vec<u8>) {
        let office = Office::new();
        let payload = [&[first], &rest[..]].concat();
        let digits = to_base_10(&payload);
        let verdict = office.verdict_on(&digits, &office.knowledge());
        prop_assert_eq!(verdict.colour(), Colour::Refused);
    }

    #[test]
    fn a_bent_certificate_is_refused(text in bent(Office::new().text())) {
        let office = Office::new();
        let verdict = office.verdict_on(&text, &office.knowledge());
        prop_assert!(verdict.colour() == Colour::Refused || has_the_certificate(&text, &office.text()), "{}", text);
    }

    #[test]
    fn a_bent_link_is_refused(link in bent(Office::new().link())) {
        let office = Office::new();
        let verdict = office.verdict_on(&link, &office.knowledge());
        // What is left before a mark between the digits may look like a code of a newer form.
        let is_refused = verdict.colour() == Colour::Refused || verdict.code() == Code::VerifierOutdated;
        prop_assert!(is_refused || has_the_digits(&link, &office.link()), "{}", link);
    }

    #[test]
    fn a_bent_bundle_is_an_error_or_lets_nobody_in_who_was_not(json in bent(bundle_of_a_suspended_person())) {
        let office = suspended();
        if let Ok(bundle) = Bundle::from_json(json.as_bytes())
            && let Ok(knowledge) = Knowledge::learn(&bundle, &mut Memory::new(&office.anchor()), &Policy::default(), office.now)
        {
            let verdict = verify(&office.link(), &knowledge, &office.policy, office.now);
            prop_assert!(verdict.accepted().is_none(), "{}", verdict.code());
        }
    }

    #[test]
    fn other_documents_are_read_without_panic(bytes: Vec<u8>) {
        let _ = Bundle::from_json(&bytes);
        let _ = SignedTrustList::from_json(&bytes);
        let _ = TrustAnchor::from_json(&bytes);
    }
}

fn suspended() -> Office {
    let mut office = Office::new();
    office.set_status(vernet_common::Status::Suspended);
    office
}

fn bundle_of_a_suspended_person() -> String {
    String::from_utf8(suspended().bundle().to_json().expect("JSON")).expect("UTF-8")
}
