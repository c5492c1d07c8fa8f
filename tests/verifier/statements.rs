//! Statements of professional status: which are accepted, and why others are not.

use vernet_common::{KeyUse, StatusStatement};
use vernet_verifier::statement::verify_statement;

use crate::office::{CERTIFICATE_KEY, DAY, LOG_KEY, Office, STATUS_KEY, signed_statement};

/// The code of the answer, or that of its cause.
#[track_caller]
fn answer(office: &Office, text: &str) -> (String, Option<&'static str>) {
    match verify_statement(
        text,
        &office.signed_certificate(),
        &office.knowledge(),
        &office.policy,
        office.now,
    ) {
        Ok(claims) => {
            assert_eq!(claims.certificate_number, office.certificate.certificate_number);
            ("genuine".to_owned(), None)
        }
        Err(refusal) => {
            (refusal.code().to_string(), refusal.cause().map(vernet_common::Error::code))
        }
    }
}

fn of(code: &str, cause: &'static str) -> (String, Option<&'static str>) {
    (code.to_owned(), Some(cause))
}

#[test]
fn a_statement_by_the_status_key_is_believed() {
    let office = Office::new();
    let text = signed_statement(&office.statement(), STATUS_KEY);
    assert_eq!(answer(&office, &text), ("genuine".to_owned(), None));
    assert_eq!(answer(&office, &format!("{text}\n")), ("genuine".to_owned(), None));
}

#[test]
fn no_other_key_can_state_a_status() {
    let office = Office::new();
    for seed in [CERTIFICATE_KEY, LOG_KEY] {
        assert_eq!(
            answer(&office, &signed_statement(&office.statement(), seed)),
            of("untrusted_issuer", "key_use")
        );
    }
    assert_eq!(
        answer(&office, &signed_statement(&office.statement(), 66)),
        of("untrusted_issuer", "key_unknown")
    );
}

#[test]
fn what_is_forged_stolen_or_of_another_time_is_told_apart() {
    let office = Office::new();
    let (good, other) =
        (office.statement(), StatusStatement { reactions: Vec::new(), ..office.statement() });
    let (good_text, other_text) =
        (signed_statement(&good, STATUS_KEY), signed_statement(&other, STATUS_KEY));
    let [header, payload, _] = good_text.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let signature = other_text.rsplit('.').next().expect("three parts");
    assert_eq!(
        answer(&office, &format!("{header}.{payload}.{signature}")),
        of("bad_signature", "signature_invalid")
    );
    assert_eq!(answer(&office, "eyJ"), of("malformed", "jws_parts"));
    assert_eq!(answer(&office, office.text().trim_end_matches('~')), of("malformed", "wrong_type"));

    let mut stolen = Office::new();
    let status_key = stolen
        .trust_list
        .keys
        .iter_mut()
        .find(|key| key.r#use == KeyUse::Status)
        .expect("a status key");
    status_key.compromised_at = Some(office.now);
    assert_eq!(answer(&stolen, &good_text), of("key_compromised", "key_compromised"));

    let early = StatusStatement { iat: office.now.plus_seconds(-400 * DAY), ..good.clone() };
    assert_eq!(
        answer(&office, &signed_statement(&early, STATUS_KEY)),
        of("key_not_valid", "key_not_valid_at")
    );

    let elsewhere =
        StatusStatement { iss: "https://other.example.no".parse().expect("a URL"), ..good.clone() };
    assert_eq!(
        answer(&office, &signed_statement(&elsewhere, STATUS_KEY)),
        ("untrusted_issuer".to_owned(), None)
    );
}

#[test]
fn it_goes_with_one_certificate_only() {
    let office = Office::new();
    let text = signed_statement(&office.statement(), STATUS_KEY);
    let mut other = Office::new();
    other.certificate.given_name = "Ada".parse().expect("a name");
    assert_eq!(answer(&other, &text), of("malformed", "inconsistent"));
}

#[test]
fn it_runs_out_and_what_is_not_known_is_no_answer() {
    let office = Office::new();
    let statement = office.statement();
    let text = signed_statement(&statement, STATUS_KEY);
    let code = |now| {
        verify_statement(
            &text,
            &office.signed_certificate(),
            &office.knowledge(),
            &office.policy,
            now,
        )
        .map_or_else(|refusal| refusal.code().to_string(), |_| "genuine".to_owned())
    };
    // The trust list ends before the statement does.
    assert_eq!(code(office.trust_list.exp.plus_seconds(-1)), "genuine");
    assert_eq!(code(office.trust_list.exp), "trust_list_expired");
    assert_eq!(code(statement.exp), "expired", "however old the lists are");
    assert_eq!(code(office.now.plus_seconds(-2 * DAY)), "clock_behind");
    let ahead = StatusStatement { iat: office.now.plus_seconds(301), ..statement };
    assert_eq!(
        answer(&office, &signed_statement(&ahead, STATUS_KEY)),
        ("not_yet_valid".to_owned(), None)
    );
}
