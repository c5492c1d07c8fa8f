//! What was written wrongly of a person, and what becomes of it: what was known when stays true.

use serde_json::json;
use vernet_common::{HprNumber, PastState};

use super::*;
use crate::{Certificate, DueKind};

/// An office that can be audited.
fn office() -> Office {
    let mut o = super::audit::founded();
    o.on("2026-01-15");
    o
}

/// What is due about papers now.
fn papers(o: &Office) -> Vec<(CertificateNumber, DueKind)> {
    let due = o.register.state().due(o.now.civil_date(), 30, o.now);
    let about = due
        .into_iter()
        .filter(|due| matches!(due.what, DueKind::PaperMissing { .. } | DueKind::PaperWrong));
    about.map(|due| (due.certificate, due.what)).collect()
}

fn hpr(text: &str) -> HprNumber {
    text.parse().expect("a number")
}

fn claims(o: &Office, number: CertificateNumber) -> &CertificateClaims {
    let Certificate { claims, .. } = o.register.state().certificate(number).expect("known");
    claims
}

#[test]
fn a_mistyped_birthdate_is_corrected_and_locks_nobody_out() {
    let o = &mut Office::new();
    let mistyped = o.grant(json!({"birthdate": "1981-02-28"})).expect("granted");
    let number = mistyped.claims.certificate_number;
    o.on("2026-02-01").did(born(number, "1980-02-29"));
    let known = |o: &Office, at: &str| {
        o.register.state().particulars(number, noon(at)).expect("known").birthdate.to_string()
    };
    assert_eq!(known(o, "2026-01-20"), "1981-02-28", "what was known stays");
    assert_eq!(known(o, "2026-02-01"), "1980-02-29");
    // The paper is wrong until there is another one.
    assert_eq!(papers(o), [(number, DueKind::PaperWrong)]);
    assert_eq!(o.status(number), Status::Valid, "it is as good as before");
    let again = o.reissue(number, ReissueReason::Correction, None).expect("another one");
    assert_eq!(claims(o, again).birthdate, day("1980-02-29"));
    assert_eq!((o.status(number), o.status(again)), (Status::Invalid, Status::Valid));
    assert_eq!(papers(o), []);
    // The person can be granted what follows on a loss.
    o.did(revoked(again));
    o.on("2028-02-02");
    let changes = json!({"basis": "new_authorisation", "exam": null,
        "previous_certificate": again.to_string(), "applied": "2028-02-01",
        "decided": "2028-02-02", "granted": "2028-02-02"});
    o.grant(changes).expect("the right date of birth is the known one");
}

#[test]
fn with_another_birthdate_the_right_lapses_on_another_day() {
    let o = &mut Office::new();
    let number = o.grant(json!({"birthdate": "1950-03-01"})).expect("granted");
    let number = number.claims.certificate_number;
    o.on("2026-02-01").did(born(number, "1946-03-01"));
    assert_eq!(o.code(number, "2026-02-28", "2026-02-01"), "authorised");
    assert_eq!(o.code(number, "2026-03-01", "2026-02-01"), "lapsed_by_age");
    assert_eq!(o.code(number, "2026-03-01", "2026-01-20"), "authorised", "as known then");
    let again = o.reissue(number, ReissueReason::Correction, None).expect("for a month");
    assert_eq!(claims(o, again).exp.civil_date(), day("2026-03-01"));
    // The certificate of before ends later: its status says so.
    let o = &mut office();
    let number = o.grant(json!({"birthdate": "1950-03-01"})).expect("granted");
    let number = number.claims.certificate_number;
    o.on("2026-02-01").did(born(number, "1946-03-01"));
    assert_eq!(o.status(number), Status::Valid);
    assert_eq!(o.on("2026-03-01").status(number), Status::Invalid);
    audited(o);
}

#[test]
fn a_mistyped_number_moves_the_right_and_frees_its_true_holder() {
    let o = &mut office();
    let number = o.granted();
    o.on("2026-02-01").did(numbered(number, "1001"));
    let of = |o: &Office, person: &str, at: &str| {
        o.register.state().authorisations_of(hpr(person), noon(at)).len()
    };
    assert_eq!((of(o, "9144889", "2026-01-20"), of(o, "1001", "2026-01-20")), (1, 0));
    assert_eq!((of(o, "9144889", "2026-02-01"), of(o, "1001", "2026-02-01")), (0, 1));
    assert_eq!(papers(o), [(number, DueKind::PaperWrong)]);
    let again = o.reissue(number, ReissueReason::Correction, None).expect("another one");
    assert_eq!(claims(o, again).hpr_number, hpr("1001"));
    // Somebody else has that number, and another date of birth.
    let holder = o.grant(json!({"birthdate": "1975-05-05"})).expect("the true holder");
    assert_eq!(o.status(holder.claims.certificate_number), Status::Valid);
    assert_eq!(o.status(again), Status::Valid);
    // What is decided about one is not about the other.
    o.did(deceased(again));
    assert_eq!(o.status(holder.claims.certificate_number), Status::Valid);
    audited(o);
}

#[test]
fn an_annulled_mistake_binds_nobody_else() {
    let o = &mut Office::new();
    let mistake = o.granted();
    o.did(annulled(mistake));
    o.grant(json!({"birthdate": "1975-05-05"})).expect("the number's true holder");
    // But nobody escapes a loss by an annulment.
    let o = &mut Office::new();
    let lost = o.granted();
    o.did(revoked(lost));
    o.did(annulled(lost));
    let error = o.grant(json!({})).expect_err("lost");
    assert_eq!(error.code(), "revoked_needs_new_authorisation");
}

#[test]
fn names_are_corrected_for_all_rights_of_the_person() {
    let o = &mut Office::new();
    let number = o.granted();
    let names = Names::parse("Åse", "Kjærstad").expect("names");
    o.did(corrected(number, |c| c.names = Some(names)));
    let again = o.reissue(number, ReissueReason::Correction, None).expect("another one");
    assert_eq!(claims(o, again).family_name.as_str(), "Kjærstad");
    let married = Some(("Åse", "Berg"));
    let married = o.reissue(again, ReissueReason::NameChange, married).expect("a new name");
    assert_eq!(papers(o), [], "a later certificate has the later names");
    assert_eq!(claims(o, married).family_name.as_str(), "Berg");
}

#[test]
fn a_death_of_the_wrong_person_never_was() {
    let o = &mut office();
    let number = o.granted();
    let death = o.on("2026-02-01").did(deceased(number));
    assert_eq!(o.on("2026-02-05").status(number), Status::Invalid);
    o.on("2026-02-10").did(retracted(death));
    assert_eq!(o.code(number, "2026-02-05", "2026-02-05"), "deceased", "as known then");
    assert_eq!(o.code(number, "2026-02-05", "2026-02-10"), "authorised");
    // Hospitals were told that it is invalid: that stays so.
    assert_eq!(o.status(number), Status::Invalid);
    let because = ReissueReason::Correction;
    assert_eq!(papers(o), [(number, DueKind::PaperMissing { because })]);
    let again = o.reissue(number, because, None).expect("another one");
    assert_eq!(o.status(again), Status::Valid);
    assert_eq!(papers(o), []);
    // The history tells of both.
    let past = o.register.state().past(again, noon("2026-02-10")).expect("a past");
    let known: Vec<Vec<PastState>> =
        past.iter().map(|record| record.states.iter().map(|state| state.state).collect()).collect();
    let (authorised, not) = (PastState::Authorised, PastState::NotAuthorised);
    assert_eq!(known, [vec![authorised], vec![authorised, not], vec![authorised]]);
    o.did(deceased(again));
    assert_eq!(o.status(again), Status::Invalid, "a death that is true counts");
    audited(o);
}

#[test]
fn a_merge_of_the_wrong_person_never_was() {
    let o = &mut office();
    let first = o.grant(json!({"hpr_number": "1001"})).expect("granted").claims.certificate_number;
    let second = o.grant(json!({"hpr_number": "1002"})).expect("granted").claims.certificate_number;
    o.did(waived(second));
    let merge = o.on("2026-02-01").did(merged("1002", "1001"));
    // Under the number that remains.
    let state = |o: &Office, at: &str| o.register.state().successor(hpr("1002"), noon(at));
    assert_eq!(state(o, "2026-02-01"), hpr("1001"));
    // A death of the one ends the right of the other, who lives.
    let death = o.on("2026-02-02").did(deceased(first));
    o.on("2026-02-10").did(retracted(death));
    o.did(retracted(merge));
    assert_eq!(state(o, "2026-02-02"), hpr("1001"), "as known then");
    assert_eq!(state(o, "2026-02-10"), hpr("1002"));
    assert_eq!(o.status(first), Status::Invalid, "it was");
    assert_eq!(o.code(first, "2026-02-10", "2026-02-10"), "authorised");
    assert_eq!(o.code(second, "2026-02-10", "2026-02-10"), "waived");
    // The number can be merged again, into the right one.
    o.grant(json!({"hpr_number": "1003", "birthdate": "1980-02-29"})).expect("granted");
    o.did(merged("1002", "1003"));
    assert_eq!(state(o, "2026-02-10"), hpr("1003"));
    audited(o);
}

#[test]
fn a_correction_is_in_the_history_of_its_person() {
    let o = &mut Office::new();
    let number = o.granted();
    let correction = o.did(born(number, "1980-02-28"));
    let death = o.did(deceased(number));
    let retraction = o.did(retracted(death));
    let history = o.register.state().history(number).expect("known");
    let seqs: Vec<u64> = history.iter().map(|statement| statement.seq).collect();
    for seq in [correction, death, retraction] {
        assert!(seqs.contains(&seq), "{seq} in {seqs:?}");
    }
}

/// Publishes, and checks the whole register: the lists are as the statements say.
fn audited(o: &mut Office) {
    super::audit::publish(o);
    o.now = o.now.plus_seconds(86_400);
    super::audit::publish(o);
    crate::audit(&o.place.register(), None).expect("no fault");
}

#[test]
fn a_certificate_runs_on_until_the_new_one_has_come_by_post() {
    let o = &mut office();
    let first = o.granted();
    let married = Names::parse("Åse", "Berg").expect("names");
    let reissue = |o: &mut Office, number, days| {
        let reason = ReissueReason::NameChange;
        let proposal = Proposal::to_reissue(number, reason, Some(married.clone()));
        o.both(proposal.running_on(days))
            .map(|statement| Issued::from(statement).claims.certificate_number)
    };
    let second = reissue(o, first, 14).expect("another one");
    assert_eq!((o.status(first), o.status(second)), (Status::Valid, Status::Valid));
    assert_eq!(o.on("2026-01-28").status(first), Status::Valid);
    assert_eq!(o.on("2026-01-29").status(first), Status::Invalid);
    audited(o);
    // What ends at once ends all that runs on: the print was stolen.
    let o = &mut office();
    let first = o.granted();
    let second = reissue(o, first, 14).expect("another one");
    o.did(suspended(second, "2026-02-01"));
    assert_eq!(o.status(first), Status::Suspended, "what is decided is about both");
    o.did(lifted(second));
    let third = o.reissue(second, ReissueReason::LostPrint, None).expect("another one");
    assert_eq!(o.status(first), Status::Invalid);
    assert_eq!((o.status(second), o.status(third)), (Status::Invalid, Status::Valid));
}
