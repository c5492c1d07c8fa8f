//! What the register means: a scripted life, appeals, and statuses that never come back.

use std::collections::BTreeMap;

use rand::Rng;
use serde_json::json;
use vernet_common::{StatusIndex, StatusListNumber};

use super::*;
use crate::{
    law::EndReason,
    state::{decoys::decoys, index::State, standing::Lapse},
};

/// Granted 2020, limited and suspended in 2026, revoked in 2027, back in 2030, lapsed in 2060.
#[test]
fn a_scripted_life() {
    let o = &mut Office::new();
    let number = o.on("2020-01-01").granted();
    o.on("2026-02-01").did(limited(number, None));
    o.on("2026-03-01")
        .dated(suspended(number, "2026-09-10"), "2026-03-01", "2026-03-10")
        .expect("suspended");
    o.on("2026-09-01").did(extended(number, "2027-01-10"));
    o.on("2026-10-01").dated(lifted(number), "2026-10-01", "2026-11-01").expect("lifted");
    o.on("2026-12-01").did(limitation_lifted(number));
    o.on("2027-05-01").dated(revoked(number), "2027-05-01", "2027-06-01").expect("revoked");
    let again = json!({"basis": "new_authorisation", "exam": null, "previous_certificate": number.to_string(),
        "applied": "2029-05-01", "decided": "2030-01-01", "granted": "2030-01-01"});
    let second = o.on("2030-01-01").grant(again).expect("granted again").claims.certificate_number;

    let ever = "2070-01-01";
    for (on, known_at, expected) in [
        // What was so.
        ("2019-12-31", ever, "not_yet"),
        ("2020-01-01", ever, "authorised"),
        ("2026-01-31", ever, "authorised"),
        ("2026-02-01", ever, "with_conditions"),
        ("2026-03-09", ever, "with_conditions"),
        ("2026-03-10", ever, "suspended"),
        ("2026-10-31", ever, "suspended"),
        ("2026-11-01", ever, "with_conditions"),
        ("2026-12-01", ever, "authorised"),
        ("2027-05-31", ever, "authorised"),
        ("2027-06-01", ever, "revoked"),
        ("2065-01-01", ever, "revoked"),
        // What could be known.
        ("2020-01-01", "2019-12-31", "not_yet"),
        ("2026-03-10", "2026-02-28", "with_conditions"),
        ("2026-03-10", "2026-03-01", "suspended"),
        ("2026-09-10", "2026-08-31", "with_conditions"),
        ("2026-09-10", "2026-09-01", "suspended"),
        ("2026-11-01", "2026-09-30", "suspended"),
        ("2027-01-10", "2026-09-30", "with_conditions"),
        ("2027-06-01", "2027-04-30", "authorised"),
        ("2060-02-28", "2027-04-30", "authorised"),
        ("2060-02-29", "2027-04-30", "lapsed_by_age"),
    ] {
        assert_eq!(o.code(number, on, known_at), expected, "on {on} as known at {known_at}");
    }
    for (on, expected) in [
        ("2029-12-31", "not_yet"),
        ("2030-01-01", "authorised"),
        ("2060-02-28", "authorised"),
        ("2060-02-29", "lapsed_by_age"),
    ] {
        assert_eq!(o.code(second, on, ever), expected, "second, on {on}");
    }
    let state = o.register.state();
    let hpr = "9144889".parse().expect("a number");
    assert_eq!(state.authorisations_of(hpr, noon(ever)), [number, second]);
    assert_eq!(state.authorisations_of(hpr, noon("2029-12-31")), [number]);
    let events: Vec<_> =
        state.history(number).expect("a history").iter().map(|s| s.event.name()).collect();
    assert_eq!(
        events,
        [
            "granted",
            "limited",
            "suspended",
            "extended",
            "lifted",
            "limitation_lifted",
            "revoked",
            "granted"
        ]
    );
}

#[test]
fn who_lapsed_by_age_keeps_the_title_and_may_not_practise() {
    let o = &mut Office::new();
    let number = o.granted();
    let before = o.standing(number, "2060-02-28", "2060-01-01");
    assert!(before.may_practise() && before.may_use_title());
    let after = o.standing(number, "2060-02-29", "2060-01-01");
    assert_eq!(after, Standing::Lapsed { by: Lapse::Age, since: day("2060-02-29") });
    assert!(!after.may_practise() && after.may_use_title());
    assert_eq!(after.end_reason().map(EndReason::code), Some(99));
    o.did(revoked(number));
    let revoked = o.standing(number, "2060-02-29", "2060-01-01");
    assert!(!revoked.may_practise() && !revoked.may_use_title());
    assert_eq!(revoked.end_reason().map(EndReason::code), Some(1));
}

#[test]
fn certificates_end_with_the_right_at_midnight_in_oslo() {
    let exp =
        |changes: Value| Office::new().grant(changes).expect("a grant").claims.exp.to_string();
    // Born on 29 February 1980, 80 in a leap year, in winter time.
    assert_eq!(exp(json!({})), "2060-02-28T23:00:00Z");
    // Born the day after.
    assert_eq!(exp(json!({"birthdate": "1980-03-01"})), "2060-02-29T23:00:00Z");
    // In summer time, and on the day on which it begins.
    assert_eq!(exp(json!({"birthdate": "1980-07-01"})), "2060-06-30T22:00:00Z");
    assert_eq!(exp(json!({"kind": "licence", "valid_to": "2026-03-29"})), "2026-03-28T23:00:00Z");
    assert_eq!(exp(json!({"kind": "licence", "valid_to": "2026-03-30"})), "2026-03-29T22:00:00Z");
    // A licence never outlasts the age limit, unless it was given over it.
    let near = json!({"kind": "licence", "birthdate": "1946-06-01", "granted": "2026-01-10", "valid_to": "2026-12-01"});
    assert_eq!(exp(near), "2026-05-31T22:00:00Z");
    let over = json!({"kind": "licence", "birthdate": "1945-06-01", "granted": "2026-01-10", "valid_to": "2026-12-01"});
    assert_eq!(exp(over), "2026-11-30T23:00:00Z");
}

#[test]
fn a_suspension_ends_by_itself_and_lifts_no_revocation() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    assert_eq!(o.status(number), Status::Suspended);
    assert_eq!(o.on("2026-02-28").status(number), Status::Suspended);
    assert_eq!(o.on("2026-03-01").status(number), Status::Valid);

    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    o.on("2026-02-01").did(revoked(number));
    assert_eq!(o.on("2026-03-01").status(number), Status::Invalid);
    assert_eq!(o.code(number, "2026-03-01", "2026-03-01"), "revoked");
}

#[test]
fn a_decision_counts_from_its_effective_date_on() {
    let o = &mut Office::new();
    let number = o.granted();
    o.dated(revoked(number), "2026-01-15", "2026-02-01").expect("revoked");
    assert_eq!(o.on("2026-01-31").status(number), Status::Valid);
    assert_eq!(o.on("2026-02-01").status(number), Status::Invalid);
}

#[test]
fn a_successful_appeal_gives_a_new_certificate_and_the_old_one_stays_invalid() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.on("2026-02-01").did(revoked(number));
    o.on("2026-05-01")
        .dated(reversed(number, decision), "2026-05-01", "2026-05-01")
        .expect("reversed");
    // What was so on a day between depends on when one asks only before the appeal; the appeal acts
    // from May on.
    assert_eq!(o.code(number, "2026-03-01", "2026-04-30"), "revoked");
    assert_eq!(o.code(number, "2026-03-01", "2026-05-01"), "revoked");
    assert_eq!(o.code(number, "2026-05-01", "2026-04-30"), "revoked");
    assert_eq!(o.code(number, "2026-05-01", "2026-05-01"), "authorised");
    assert_eq!(o.status(number), Status::Invalid);

    let new = o.reissue(number, ReissueReason::Appeal, None).expect("a new certificate");
    assert_eq!((o.status(number), o.status(new)), (Status::Invalid, Status::Valid));
    let state = o.register.state();
    let (old, new) =
        (state.certificate(number).expect("old"), state.current_certificate(number).expect("new"));
    assert_eq!(old.claims.authorisation, new.claims.authorisation);
    assert_eq!(old.superseded_by, Some(new.claims.certificate_number));
}

#[test]
fn an_appeal_may_reach_back_to_the_decision() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.on("2026-02-01").did(revoked(number));
    o.on("2026-05-01")
        .dated(reversed(number, decision), "2026-05-01", "2026-02-01")
        .expect("reversed");
    assert_eq!(o.code(number, "2026-03-01", "2026-04-30"), "revoked");
    assert_eq!(o.code(number, "2026-03-01", "2026-05-01"), "authorised");
    assert_eq!(o.status(number), Status::Invalid);
}

#[test]
fn a_decision_that_falls_before_it_counts_touches_no_certificate() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.dated(revoked(number), "2026-01-15", "2026-03-01").expect("revoked").seq;
    o.on("2026-02-01").did(reversed(number, decision));
    assert_eq!(o.on("2026-03-01").status(number), Status::Valid);
    assert_eq!(o.code(number, "2026-03-01", "2026-02-01"), "authorised");
}

#[test]
fn a_pending_revocation_also_hits_the_print_made_meanwhile() {
    let o = &mut Office::new();
    let number = o.granted();
    o.dated(revoked(number), "2026-01-15", "2026-03-01").expect("revoked");
    let new =
        o.on("2026-02-01").reissue(number, ReissueReason::LostPrint, None).expect("a new print");
    assert_eq!((o.status(number), o.status(new)), (Status::Invalid, Status::Valid));
    assert_eq!(o.on("2026-03-01").status(new), Status::Invalid);
}

#[test]
fn an_annulled_grant_never_was_valid_although_it_was_believed() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.on("2026-06-01").did(annulled(number));
    assert_eq!(o.code(number, "2020-01-01", "2026-05-31"), "authorised");
    assert_eq!(o.code(number, "2020-01-01", "2026-06-01"), "annulled");
    assert_eq!(o.status(number), Status::Invalid);
    o.on("2026-09-01").did(reversed(number, decision));
    assert_eq!(o.code(number, "2020-01-01", "2026-08-31"), "annulled");
    assert_eq!(o.code(number, "2020-01-01", "2026-09-01"), "authorised");
    assert_eq!(o.status(number), Status::Invalid);
}

#[test]
fn a_death_ends_everything_under_every_number() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(merged("9144889", "9144900"));
    let new = o.reissue(number, ReissueReason::LostPrint, None).expect("a new print");
    let claims = o.register.state().certificate(new).expect("new").claims.clone();
    assert_eq!(claims.hpr_number.to_string(), "9144900");
    o.on("2026-06-01").dated(deceased(number), "2026-06-01", "2026-05-20").expect("deceased");
    assert_eq!(o.code(new, "2026-05-19", "2026-06-01"), "authorised");
    assert_eq!(o.code(new, "2026-05-20", "2026-06-01"), "deceased");
    assert_eq!(o.code(new, "2026-05-20", "2026-05-31"), "authorised");
    assert_eq!(o.status(new), Status::Invalid);
}

#[test]
fn a_new_name_keeps_the_authorisation_and_its_restrictions() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    o.did(limited(number, None));
    let names = Some(("A\u{30a}se", "Østlyngen"));
    let new = o
        .on("2026-02-01")
        .reissue(number, ReissueReason::NameChange, names)
        .expect("a new certificate");
    assert_eq!((o.status(number), o.status(new)), (Status::Invalid, Status::Suspended));
    assert_eq!(o.on("2026-03-01").status(new), Status::Conditions);
    let state = o.register.state();
    assert_eq!(state.certificate(new).expect("new").claims.given_name.as_str(), "Åse");
    // A decision may name the old paper.
    o.did(revoked(number));
    assert_eq!(o.status(new), Status::Invalid);
}

#[test]
fn conditions_from_the_start_show_in_the_status() {
    let o = &mut Office::new();
    let changes = json!({"kind": "limited_authorisation", "conditions": "2020/1"});
    let number = o.grant(changes).expect("a grant").claims.certificate_number;
    assert_eq!(o.status(number), Status::Conditions);
    assert_eq!(o.code(number, "2026-01-15", "2026-01-15"), "with_conditions");
}

#[test]
fn a_licence_gives_way_to_an_authorisation() {
    let o = &mut Office::new();
    let licence =
        o.grant(json!({"kind": "licence", "valid_to": "2027-01-01"})).expect("a licence").claims;
    let previous = licence.certificate_number;
    let changes = json!({"previous_certificate": previous.to_string(), "granted": "2026-01-15"});
    let number = o.grant(changes).expect("a grant").claims.certificate_number;
    assert_eq!((o.status(previous), o.status(number)), (Status::Invalid, Status::Valid));
    let standing = o.standing(previous, "2026-01-15", "2026-01-15");
    assert_eq!(standing, Standing::Ended { reason: EndReason::Ended, since: day("2026-01-15") });
}

#[test]
fn what_is_not_known_is_not_found() {
    let o = &mut Office::new();
    let number = o.granted();
    let state = o.register.state();
    let unknown = "NO-PE-2026-000009".parse().expect("a number");
    assert_eq!(
        state.standing(unknown, day("2026-01-01"), o.now).expect_err("unknown").code(),
        "not_found"
    );
    let early = state.certificate_status(number, day("2026-01-15"), o.now.plus_seconds(-1));
    assert_eq!(early.expect_err("early").code(), "not_found");
    assert_eq!(state.statement(0).expect_err("none").code(), "statement_not_found");
    assert_eq!(state.statement(99).expect_err("none").code(), "statement_not_found");
}

/// Random lives: whatever happens to a certificate, what was once published as invalid stays so,
/// today and when one looks back.
#[test]
fn invalid_is_final() {
    let mut seen_after_reversal = 0;
    for seed in 0..40 {
        let mut o = Office::new();
        let o = &mut o;
        let mut dice = ChaCha20Rng::from_seed([seed; 32]);
        let mut roll = move |sides: u32| dice.next_u32() % sides;
        let number = o.granted();
        let mut invalid: BTreeMap<CertificateNumber, NumericDate> = BTreeMap::new();
        for step in 0..25 {
            let today = day("2026-01-15").plus_days(step * 9);
            o.now = noon(&today.to_string());
            let decisions = o.register.state().statements().len() as u64;
            let later = today.plus_days(roll(3) as i32 * 10);
            let _ = match roll(14) {
                0 => o.decision(revoked(number), today, Some(later)).map(|_| ()),
                1 => o.decision(waived(number), today, Some(later)).map(|_| ()),
                2 => o.record(annulled(number)).map(|_| ()),
                3 => o
                    .decision(
                        suspended(number, &later.plus_days(20).to_string()),
                        today,
                        Some(later),
                    )
                    .map(|_| ()),
                4 => o.reissue(number, ReissueReason::LostPrint, None).map(|_| ()),
                5 => o.reissue(number, ReissueReason::Appeal, None).map(|_| ()),
                one @ 6..11 => {
                    let decision = 1 + u64::from(roll(decisions as u32));
                    let event = match one {
                        6 | 7 => Event::Stayed { certificate: number, decision },
                        8 | 9 => Event::StayEnded { certificate: number, decision },
                        _ => {
                            let until = today.plus_days(40).to_string();
                            replaced(number, decision, suspended(number, &until))
                        }
                    };
                    o.record(event).map(|_| ())
                }
                _ => {
                    let decision = 1 + u64::from(roll(decisions as u32));
                    o.decision(reversed(number, decision), today, Some(today)).map(|_| ())
                }
            };
            let state = o.register.state();
            let standing = state.standing(number, today, o.now).expect("a certificate");
            for certificate in state.certificates() {
                let number = certificate.claims.certificate_number;
                let status = state.certificate_status(number, today, o.now).expect("a certificate");
                if let Some(since) = invalid.get(&number) {
                    assert_eq!(
                        status,
                        Status::Invalid,
                        "seed {seed}, step {step}: `{number}` came back"
                    );
                    seen_after_reversal += usize::from(standing.may_practise());
                    let then = state.certificate_status(number, since.civil_date(), *since);
                    assert_eq!(
                        then.expect("a certificate"),
                        Status::Invalid,
                        "seed {seed}: history changed"
                    );
                } else if status == Status::Invalid {
                    invalid.insert(number, o.now);
                }
                // Who may not practise shows no valid certificate.
                assert!(
                    standing.may_practise()
                        || !matches!(status, Status::Valid | Status::Conditions)
                );
            }
        }
    }
    assert!(
        seen_after_reversal > 50,
        "only {seen_after_reversal} checks were about an authorisation that came back"
    );
}

#[test]
fn a_status_list_holds_decoys_and_what_is_not_valid() {
    let o = &mut Office::new();
    let number = o.granted();
    let list = StatusListNumber::new(1).expect("a number");
    let content = |o: &Office| -> BTreeMap<StatusIndex, Status> {
        o.register
            .state()
            .status_list_content(list, o.now.civil_date(), o.now)
            .into_iter()
            .collect()
    };
    let seed =
        o.register.state().statements().iter().find_map(|statement| match &statement.event {
            Event::StatusListOpened { seed, .. } => Some(*seed),
            _ => None,
        });
    let decoys = decoys(&seed.expect("a list"));
    let bits: BTreeMap<_, _> = content(o).into_iter().collect();
    assert_eq!(bits, decoys);
    o.on("2026-02-01").did(suspended(number, "2026-03-01"));
    let slot = o
        .register
        .state()
        .certificate(number)
        .expect("a certificate")
        .claims
        .status
        .status_list
        .idx;
    assert!(!decoys.contains_key(&slot));
    assert_eq!(content(o).len(), decoys.len() + 1);
    assert_eq!(content(o)[&slot], Status::Suspended);
    assert!(!content(o.on("2026-03-01")).contains_key(&slot));
    let before =
        o.register.state().status_list_content(list, day("2026-01-01"), noon("2026-01-01"));
    assert!(before.is_empty(), "the list was not open");
}

#[test]
fn the_fold_of_the_same_statements_is_the_same() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(suspended(number, "2026-03-01"));
    let state = State::new(o.register.state().statements().iter().cloned()).expect("a state");
    assert_eq!(
        state.standing(number, day("2026-02-01"), o.now).expect("a certificate"),
        Standing::Suspended { until: Some(day("2026-03-01")) }
    );
    let error =
        State::new(o.register.state().statements().iter().skip(1).cloned()).expect_err("a gap");
    assert_eq!(error.code(), "chain");
}

/// One day after the other, what the register says and what is published.
fn days(o: &mut Office, number: CertificateNumber, expected: &[(&str, &str, Status)]) {
    for (on, code, status) in expected {
        assert_eq!(o.code(number, on, "2070-01-01"), *code, "on {on}");
        let found = o.register.state().certificate_status(number, day(on), noon("2070-01-01"));
        assert_eq!(found.expect("a certificate"), *status, "on {on}");
    }
}

#[test]
fn a_suspension_until_an_examination_ends_by_a_decision_only() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(open_ended(number, SuspensionGround::Examination));
    let open = o.standing(number, "2059-01-01", "2026-02-01");
    assert_eq!(open, Standing::Suspended { until: None });
    o.on("2027-03-01").did(lifted(number));
    days(
        o,
        number,
        &[
            ("2026-01-15", "suspended", Status::Suspended),
            ("2027-02-28", "suspended", Status::Suspended),
            ("2027-03-01", "authorised", Status::Valid),
        ],
    );
}

#[test]
fn who_is_suspended_within_limits_goes_on_working_under_conditions() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(within_limits(number, "2026-03-01"));
    days(
        o,
        number,
        &[
            ("2026-01-15", "with_conditions", Status::Conditions),
            ("2026-02-28", "with_conditions", Status::Conditions),
            ("2026-03-01", "authorised", Status::Valid),
        ],
    );
    assert!(o.standing(number, "2026-02-01", "2026-02-01").may_practise());
}

#[test]
fn an_instruction_leaves_the_right_as_it_is() {
    let o = &mut Office::new();
    let number = o.granted();
    o.did(instructed(number, None));
    days(o, number, &[("2026-01-15", "authorised", Status::Valid)]);
}

#[test]
fn a_licence_can_have_conditions_from_the_start() {
    let o = &mut Office::new();
    let bound = json!({"kind": "licence", "valid_to": "2027-01-01", "bound_to_post": true, "conditions": "2026/49"});
    let claims = o.grant(bound).expect("a licence").claims;
    assert_eq!(claims.authorisation.kind.code(), "4");
    days(o, claims.certificate_number, &[("2026-02-01", "with_conditions", Status::Conditions)]);
}

#[test]
fn a_stayed_revocation_touches_no_certificate_until_the_stay_ends() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let decision = o.dated(revoked(certificate), "2026-01-15", "2026-02-01").expect("revoked").seq;
    // The stay is decided before the revocation counts.
    o.on("2026-01-20")
        .dated(Event::Stayed { certificate, decision }, "2026-01-20", "2026-02-01")
        .expect("stayed");
    assert_eq!(o.on("2026-06-01").status(certificate), Status::Valid);
    o.did(Event::Upheld { certificate, decision });
    o.did(Event::StayEnded { certificate, decision });
    days(
        o,
        certificate,
        &[
            ("2026-01-31", "authorised", Status::Valid),
            ("2026-02-01", "authorised", Status::Valid),
            ("2026-05-31", "authorised", Status::Valid),
            ("2026-06-01", "revoked", Status::Invalid),
        ],
    );
}

#[test]
fn a_certificate_that_was_invalid_before_the_stay_stays_invalid() {
    let o = &mut Office::new();
    let certificate = o.granted();
    let decision = o.did(revoked(certificate));
    o.on("2026-02-01").did(Event::Stayed { certificate, decision });
    days(
        o,
        certificate,
        &[
            ("2026-01-31", "revoked", Status::Invalid),
            ("2026-02-01", "authorised", Status::Invalid),
        ],
    );
    let next = o.reissue(certificate, ReissueReason::Appeal, None).expect("a new certificate");
    assert_eq!(o.status(next), Status::Valid);
    o.on("2026-03-01").did(Event::StayEnded { certificate, decision });
    assert_eq!(o.status(next), Status::Invalid);
}

#[test]
fn an_appeal_half_won_puts_the_milder_decision_in_place_from_the_same_day() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(revoked(number));
    o.on("2026-03-01").did(replaced(number, decision, suspended(number, "2026-06-01")));
    for (on, known_at, expected) in [
        ("2026-01-15", "2026-02-28", "revoked"),
        ("2026-01-15", "2026-03-01", "suspended"),
        ("2026-05-31", "2026-03-01", "suspended"),
        ("2026-06-01", "2026-03-01", "authorised"),
    ] {
        assert_eq!(o.code(number, on, known_at), expected, "on {on} as known at {known_at}");
    }
    // The print was invalid, and hospitals may have told people so.
    assert_eq!(o.status(number), Status::Invalid);
    let next = o.reissue(number, ReissueReason::Appeal, None).expect("a new certificate");
    assert_eq!(o.status(next), Status::Suspended);
    assert_eq!(o.on("2026-06-01").status(next), Status::Valid);
}

#[test]
fn an_appeal_can_replace_a_suspension_by_limits_and_those_by_nothing() {
    let o = &mut Office::new();
    let number = o.granted();
    let decision = o.did(suspended(number, "2026-07-01"));
    let milder =
        o.on("2026-02-01").did(replaced(number, decision, within_limits(number, "2026-07-01")));
    assert_eq!(o.status(number), Status::Conditions);
    // The court lifts what was left.
    o.on("2026-03-01").did(reversed(number, milder));
    days(
        o,
        number,
        &[
            ("2026-02-28", "with_conditions", Status::Conditions),
            ("2026-03-01", "authorised", Status::Valid),
        ],
    );
}

#[test]
fn a_certificate_does_not_tell_of_a_past_loss() {
    let o = &mut Office::new();
    let lost = o.granted();
    o.did(revoked(lost));
    let again = json!({"basis": "new_authorisation", "exam": null, "previous_certificate": lost.to_string(),
        "applied": "2028-01-15", "decided": "2028-02-01", "granted": "2028-02-01"});
    let with_past = o.on("2028-02-01").grant(again).expect("granted").claims;
    let other = json!({"hpr_number": "9144900", "decided": "2028-02-01", "granted": "2028-02-01"});
    let without = o.grant(other).expect("granted").claims;
    // But for the person's number, the certificate's and its slot, they say the same.
    let alike = CertificateClaims {
        certificate_number: without.certificate_number,
        hpr_number: without.hpr_number,
        status: without.status.clone(),
        iat: without.iat,
        ..with_past.clone()
    };
    assert_eq!(alike, without);
    let basis = o.register.state().grant(with_past.certificate_number).expect("a grant");
    assert_eq!(basis.application.basis, Ground::NewAuthorisation, "the register knows");
}

#[test]
fn refusals_are_kept_with_their_reason() {
    let o = &mut Office::new();
    let refused = crate::Refused { application: application(json!({})), reason: "2026/53".into() };
    let seq = o.did(Event::Refused(Box::new(refused)));
    let found: Vec<_> = o.register.state().refusals().collect();
    let [(statement, refused)] = &found[..] else { panic!("{found:?}") };
    assert_eq!((statement.seq, &refused.reason[..]), (seq, "2026/53"));
    // A refusal bars no later grant.
    o.granted();
}
