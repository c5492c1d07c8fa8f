//! Decisions that are signed elsewhere.

use vernet_common::{SecretKey, Signer};
use vernet_host::Passphrase;
use vernet_register::{NewDocument, OfficerSigner, Proposal, Statement};

use super::{Making, Prepared, Step};
use crate::{
    error::Error,
    office::{
        Office,
        tests::{House, code, graduate, number},
    },
};

const SEED: [u8; 32] = [9; 32];

/// What a browser does: it signs the bytes, and knows nothing else.
fn sign(key: &SecretKey, prepared: &Prepared) -> Vec<vernet_register::OfficerSignature> {
    let one = |bytes: &Vec<u8>| {
        let statement = Statement::from_bytes(bytes).expect("a statement");
        key.sign_statement(&statement).expect("signs").expect("at once")
    };
    prepared.statements().iter().map(one).collect()
}

fn prepare<T: std::fmt::Debug>(
    house: &mut House,
    key: &SecretKey,
    decide: impl FnOnce(&mut Office, Making<'_>) -> Result<T, Error>,
) -> Prepared {
    let at = (house.now, SEED);
    match Prepared::make(&mut house.office, key.public_key().into(), at, decide) {
        Ok(Step::ToSign(prepared)) => *prepared,
        other => panic!("{other:?}"),
    }
}

fn passphrase() -> Passphrase {
    Passphrase::from_prompt("correct horse battery".to_owned()).expect("a passphrase")
}

fn proposed(house: &mut House) -> u64 {
    let proposal = Proposal::to_grant(graduate("norwegian_exam", "A made-up school of perfusion"));
    house.office.propose(proposal, &[], &house.officer, house.now).expect("proposed").seq
}

#[test]
fn an_approval_is_signed_elsewhere_and_is_what_was_shown() {
    let house = &mut House::founded();
    let (seq, second) = (proposed(house), SecretKey::from_seed(&[22; 32]));
    let passphrase = passphrase();
    let approve = |office: &mut Office, making: Making<'_>| {
        office.approve(seq, Some(&passphrase), (making.officer, making.now), making.rng)
    };
    let before = house.office.register().state().statements().len();
    let prepared = prepare(house, &second, approve);
    assert_eq!(house.office.register().state().statements().len(), before);
    let signed = sign(&second, &prepared);
    let later = house.now.plus_seconds(40);
    let granted = prepared.complete(&mut house.office, signed, later, approve).expect("approved");
    let shown = Statement::from_bytes(&prepared.statements()[0]).expect("a statement");
    assert_eq!(granted, shown);
    number(&granted);
    house.publish().expect("published");
}

#[test]
fn what_does_not_fit_is_not_recorded() {
    let house = &mut House::founded();
    let (seq, second) = (proposed(house), SecretKey::from_seed(&[22; 32]));
    let passphrase = passphrase();
    let approve = |office: &mut Office, making: Making<'_>| {
        office.approve(seq, Some(&passphrase), (making.officer, making.now), making.rng)
    };
    let prepared = prepare(house, &second, approve);
    let signed = sign(&second, &prepared);
    let before = house.office.register().state().head();
    let refused = |house: &mut House, signed, seconds| {
        let now = house.now.plus_seconds(seconds);
        code(prepared.complete(&mut house.office, signed, now, approve))
    };
    assert_eq!(refused(house, signed.clone(), 301), "prepared_too_old");
    assert_eq!(refused(house, signed.clone(), -1), "prepared_too_old");
    let thief = sign(&SecretKey::from_seed(&[66; 32]), &prepared);
    assert_eq!(refused(house, thief, 1), "signature_invalid");
    assert_eq!(refused(house, Vec::new(), 1), "prepared_overtaken");
    // Something else than what was prepared.
    let now = house.now;
    let other = prepared.complete(&mut house.office, signed.clone(), now, |office, making| {
        Ok(office.register_mut().reject(seq, "No.", making.officer, making.now)?)
    });
    assert_eq!(code(other), "prepared_overtaken");
    assert_eq!(house.office.register().state().head(), before, "nothing was recorded");
    // Meanwhile somebody else decides something.
    let hpr_number = "9144900".parse().expect("a number");
    let another = vernet_register::Application {
        hpr_number,
        ..graduate("norwegian_exam", "A made-up school of perfusion")
    };
    house
        .office
        .propose(Proposal::to_grant(another), &[], &house.officer, house.now)
        .expect("proposed");
    assert_eq!(refused(house, signed, 1), "prepared_overtaken");
}

/// Another program records something after the look and before the transaction: at a later time, so
/// that the decision alone would only see that its clock is behind.
#[test]
fn what_is_overtaken_at_the_last_moment_says_so() {
    let house = &mut House::founded();
    let (seq, second) = (proposed(house), SecretKey::from_seed(&[22; 32]));
    let passphrase = passphrase();
    let approve = |office: &mut Office, making: Making<'_>| {
        office.approve(seq, Some(&passphrase), (making.officer, making.now), making.rng)
    };
    let prepared = prepare(house, &second, approve);
    let signed = sign(&second, &prepared);
    let (later, first) = (house.now.plus_seconds(20), SecretKey::from_seed(&[21; 32]));
    let completed = prepared.complete(&mut house.office, signed, later, |office, making| {
        let mut other = Office::open(office.folder()).expect("the same office");
        other.register_mut().reject(seq, "No.", &first, later).expect("rejected");
        approve(office, making)
    });
    assert_eq!(code(completed), "prepared_overtaken");
}

#[test]
fn an_import_is_signed_step_by_step() {
    let house = &mut House::founded();
    let mut table =
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n"
            .to_owned();
    for n in 9_100_000..9_100_100 {
        table += &format!(
            "{n},Åse,Østby,1984-05-17,1,norwegian_exam,2026-11-20,A made-up school of perfusion,2010-06-11\n"
        );
    }
    let table = NewDocument::new("people.csv", table.into_bytes());
    let (officer, second) = (SecretKey::from_seed(&[21; 32]), SecretKey::from_seed(&[22; 32]));
    let (proposed, _) =
        house.office.propose_import((&table, false), &[], &officer, house.now).expect("proposed");
    let by = (&second as &dyn OfficerSigner, house.now);
    let mut bulk = house.office.begin_bulk(proposed.seq, &house.passphrase, by).expect("begun");
    let mut steps = Vec::new();
    loop {
        let at = (house.now, SEED);
        let key = second.public_key().into();
        let step = Prepared::make(&mut house.office, key, at, |office, making| {
            office.bulk_step(&mut bulk, (making.officer, making.now), making.rng)
        });
        let Step::ToSign(prepared) = step.expect("prepared") else { panic!("nothing to sign") };
        let signed = sign(&second, &prepared);
        steps.push(signed.len());
        let done = prepared
            .complete(&mut house.office, signed, house.now, |office, making| {
                office.bulk_step(&mut bulk, (making.officer, making.now), making.rng)
            })
            .expect("recorded");
        if let Some(completed) = done {
            assert_eq!(completed.event.name(), "completed");
            break;
        }
    }
    // The rows, and the end.
    assert_eq!(steps.iter().sum::<usize>(), 100 + 1);
    assert_eq!(house.office.register().state().certificates().count(), 100);
}
