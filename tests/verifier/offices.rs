//! Several offices: which office's answer counts.

use std::sync::Arc;

use vernet_common::{Signer, StatusListUri};
use vernet_verifier::{
    Code, Colour, Office as Trusted, Offices, Policy,
    past::{PastCode, Question},
    receipt::VerifierName,
};

use crate::office::{Office, key};

/// Another office: it has its own keys, and entries of the first office in its log do not count.
fn another() -> Office {
    let mut office = Office::new();
    for (seed, trusted) in (10..).zip(office.trust_list.keys.iter_mut()) {
        trusted.key = key(seed).public_key();
    }
    office.trust_list.iss = "https://another.example.no".parse().expect("a URL");
    office.trust_list.profiles.clear();
    office.trust_list.titles.clear();
    office.status_claims.sub =
        StatusListUri::new(&office.trust_list.iss, office.status_claims.sub.number());
    office.status_key = 11;
    office
}

fn without_lists(office: &Office) -> Trusted {
    Trusted::new(office.anchor(), None)
}

fn with_lists(office: &Office) -> Trusted {
    Trusted::new(office.anchor(), Some(office.knowledge()))
}

fn code(offices: &Offices, input: &str, office: &Office) -> Code {
    offices.check(input, &Policy::default(), office.now).into_verdict().code()
}

#[test]
fn the_office_that_signed_answers_and_an_office_without_lists_may_have_signed() {
    let (first, second) = (Office::new(), another());
    let stranger = first.signed_by_a_stranger();
    for order in [[&first, &second], [&second, &first]] {
        let both = Offices::new(order.map(with_lists).into());
        assert_eq!(code(&both, &first.text(), &first), Code::Authorised);
        assert_eq!(code(&both, &first.link(), &first), Code::Authorised);
        assert_eq!(code(&both, "hello", &first), Code::Malformed);
        assert_eq!(code(&both, &stranger, &first), Code::UntrustedIssuer);
    }
    let one = Offices::new(vec![without_lists(&second), with_lists(&first)]);
    assert_eq!(code(&one, &first.text(), &first), Code::Authorised);
    assert_eq!(code(&one, &stranger, &first), Code::StatusMissing);
    assert_eq!(code(&one, "hello", &first), Code::Malformed);
    let none = Offices::new(vec![without_lists(&first), without_lists(&second)]);
    assert_eq!(code(&none, &first.text(), &first), Code::StatusMissing);
    assert_eq!(code(&none, "hello", &first), Code::Malformed);
}

#[test]
fn knowledge_may_be_shared_among_several_choices() {
    fn is_shared_by_threads(_: &(impl Send + Sync + std::fmt::Debug)) {}
    let (first, second) = (Office::new(), another());
    let knowledge = Arc::new(first.knowledge());
    let before = Trusted::sharing(first.anchor(), Some(Arc::clone(&knowledge)));
    let before = Offices::new(vec![before, without_lists(&second)]);
    let after = Trusted::sharing(first.anchor(), Some(knowledge));
    let after = Offices::new(vec![after, with_lists(&second)]);
    let stranger = first.signed_by_a_stranger();
    for (offices, unknown) in [(&before, Code::StatusMissing), (&after, Code::UntrustedIssuer)] {
        is_shared_by_threads(offices);
        assert_eq!(code(offices, &first.text(), &first), Code::Authorised);
        assert_eq!(code(offices, &stranger, &first), unknown);
    }
    let of_first = |offices: &Offices| offices.known().next().map(std::ptr::from_ref);
    assert_eq!(of_first(&before), of_first(&after), "it is the same, and no copy");
}

#[test]
fn a_doubt_of_one_office_outweighs_the_refusal_of_another() {
    let (first, mut second) = (Office::new(), another());
    second.trust_list.exp = second.now;
    let both = Offices::new(vec![with_lists(&second), with_lists(&first)]);
    assert_eq!(code(&both, &first.signed_by_a_stranger(), &first), Code::TrustListExpired);
    assert_eq!(code(&both, &first.text(), &first), Code::Authorised);
}

#[test]
fn a_receipt_names_the_office_that_signed_and_none_that_is_not_known() {
    let (first, second) = (Office::new(), another());
    let offices = Offices::new(vec![with_lists(&first), without_lists(&second)]);
    let (policy, name) = (Policy::default(), "A hospital".parse::<VerifierName>().expect("a name"));
    let text = first.text();
    let chosen = offices.check(&text, &policy, first.now);
    let receipt = chosen.checked().expect("it is known").receipt(&name, first.now);
    assert_eq!(receipt.office.iss, first.trust_list.iss);
    assert_eq!(receipt.code, chosen.verdict().code());
    let stranger = first.signed_by_a_stranger();
    let chosen = offices.check(&stranger, &policy, first.now);
    assert!(chosen.checked().is_none() && chosen.office().is_some());
}

#[test]
fn old_publications_answer_as_lists_of_today_do() {
    let (first, second) = (Office::new(), another());
    let question = Question { on: first.now.civil_date(), known_on: None };
    let ask = |offices: &Offices, text: &str| {
        let mut checks = offices.archive_check(text, question, &Policy::default(), first.now);
        for (place, office) in offices.known().enumerate() {
            checks.look_at(place, &office.read_old_publication(&first.bundle()));
        }
        checks.verdict()
    };
    let stranger = first.signed_by_a_stranger();
    let both = Offices::new(vec![with_lists(&second), with_lists(&first)]);
    assert_eq!(ask(&both, &first.text()).colour(), Colour::Accepted);
    assert_eq!(ask(&both, &stranger).code(), PastCode::Now(Code::UntrustedIssuer));
    let one = Offices::new(vec![without_lists(&second), with_lists(&first)]);
    assert_eq!(ask(&one, &first.text()).colour(), Colour::Accepted);
    assert_eq!(ask(&one, &stranger).code(), PastCode::Now(Code::StatusMissing));
}
