//! What the letter about a decision rests on: who decided, who hears an appeal, from which day one may
//! apply again.

use serde_json::json;

use super::*;
use crate::{state::told::Told, statements::event::Refused};

fn told(o: &Office, seq: u64) -> Told<'_> {
    o.register.state().told(seq).expect("a statement").expect("a decision about a person")
}

const SUPERVISORY: &str = "Statens helsetilsyn";
const APPEALS: Option<&str> = Some("Statens helsepersonellnemnd");

#[test]
fn the_body_that_decided_is_named_and_the_one_that_hears_an_appeal() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let grant = o.register.state().certificate(certificate).expect("granted").statement.seq;
    let told_of = told(o, grant);
    assert_eq!((told_of.authority, told_of.appeal_body), ("Helsedirektoratet", None));
    assert_eq!(told_of.given_name.as_str(), "Åse");
    assert_eq!(told_of.officers, ["Kari Nordmann", "Ola Nordmann"]);

    let suspension = o.did(suspended(certificate, "2026-07-15"));
    assert_eq!(
        (told(o, suspension).authority, told(o, suspension).appeal_body),
        (SUPERVISORY, APPEALS)
    );
    let end = o.did(lifted(certificate));
    assert_eq!((told(o, end).authority, told(o, end).appeal_body), (SUPERVISORY, None));
    let instruction = o.did(instructed(certificate, None));
    assert_eq!(
        (told(o, instruction).authority, told(o, instruction).appeal_body),
        (SUPERVISORY, APPEALS)
    );
    // Nobody grants and annuls on behalf of the supervisory authority.
    let annulment = o.did(annulled(certificate));
    assert_eq!(
        (told(o, annulment).authority, told(o, annulment).appeal_body),
        ("Helsedirektoratet", APPEALS)
    );
}

#[test]
fn less_than_was_asked_for_can_be_appealed_against() {
    let o = &mut Office::new();
    let licence = o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"})).expect("a licence");
    assert_eq!(told(o, licence.seq).appeal_body, APPEALS);
}

#[test]
fn a_new_authorisation_and_its_refusal_are_the_supervisory_authoritys() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let revocation = o.did(revoked(certificate));
    assert_eq!(told(o, revocation).may_apply_from, Some(day("2028-01-15")));
    let again = json!({
        "basis": "new_authorisation", "exam": null, "previous_certificate": certificate.to_string(),
        "applied": "2028-01-15", "decided": "2028-02-01", "granted": "2028-02-01",
    });
    o.on("2028-02-01");
    let refused = Refused { application: application(again.clone()), reason: "2028/7".into() };
    let refusal = o.did(Event::Refused(Box::new(refused)));
    assert_eq!((told(o, refusal).authority, told(o, refusal).appeal_body), (SUPERVISORY, APPEALS));
    let first = Refused {
        application: application(json!({"hpr_number": "1001"})),
        reason: "2028/8".into(),
    };
    let refusal = o.did(Event::Refused(Box::new(first)));
    assert_eq!(
        (told(o, refusal).authority, told(o, refusal).appeal_body),
        ("Helsedirektoratet", APPEALS)
    );
    let grant = o.grant(again).expect("the quarantine is over").seq;
    assert_eq!(told(o, grant).authority, SUPERVISORY);
}

#[test]
fn the_gravest_cases_wait_ten_years_and_earlier_ones_are_not_told_what_is_not_settled() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let gravest = o.did(Event::Revoked { certificate, gravest: true });
    assert_eq!(told(o, gravest).may_apply_from, Some(day("2036-01-15")));
    let o = &mut Office::new();
    let certificate = o.granted();
    let before = o.dated(revoked(certificate), "2024-12-31", "2024-12-31").expect("revoked").seq;
    assert_eq!(told(o, before).may_apply_from, None);
}

#[test]
fn a_proposal_stands_for_its_decision_and_what_others_decide_is_told_by_them() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let revocation = o.did(revoked(certificate));
    let proposal = o.register.state().statement(revocation).expect("it").approves.expect("two").seq;
    assert_eq!(told(o, proposal).statement.seq, revocation);
    let reversal = o.did(reversed(certificate, revocation));
    let state = o.register.state();
    assert!(state.told(reversal).expect("a statement").is_none());
    assert!(state.told(1).expect("a statement").is_none(), "the founding");
    let error = state.told(1000).expect_err("no such statement");
    assert_eq!(error.code(), "statement_not_found");
    let open =
        o.propose(Proposal::of(suspended(certificate, "2026-07-15")), &kari()).expect("open");
    assert!(o.register.state().told(open.seq).expect("a statement").is_none(), "not decided yet");
    let o = &mut Office::new();
    let certificate = o.granted();
    let waiver = o.did(waived(certificate));
    assert!(o.register.state().told(waiver).expect("a statement").is_none(), "the holder's own");
}

#[test]
fn an_emergency_ends_by_itself_until_another_officer_confirms_it() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let event = Event::Suspended {
        certificate,
        until: Some(day("2026-04-15")),
        ground: SuspensionGround::Revocation,
        limits: None,
        unapproved_until: Some(day("2026-01-20")),
    };
    let alone = o.did(event);
    assert_eq!(told(o, alone).unconfirmed_until, Some(day("2026-01-20")));
    assert_eq!(told(o, alone).officers, ["Kari Nordmann"]);
    o.approve(alone, &ola()).expect("confirmed");
    assert_eq!(told(o, alone).unconfirmed_until, None);
}
