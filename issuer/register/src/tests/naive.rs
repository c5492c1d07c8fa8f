//! A second implementation of what rights are worth, and of statuses, against which the state is
//! compared on lives made at random.
//!
//! It knows nothing but the statements, looks through all of them for each question, and plays time
//! forward instead of comparing intervals: a certificate is invalid if there ever was a moment at
//! which, by what was then recorded, it had to be.

use std::collections::BTreeMap;

use rand::Rng;
use vernet_common::{CertificateNumber, CivilDate, HprNumber, NumericDate, Status};

use super::{excerpt::a_life_at_random, *};
use crate::{
    State,
    law::EndReason,
    statements::{event::Event, statement::Statement},
};

/// The statements up to one of them: all that is known at a moment.
#[derive(Clone, Copy)]
struct Known<'a>(&'a [&'a Statement]);

impl<'a> Known<'a> {
    /// The statements at and after the grant that are about a right, by the numbers of its
    /// certificates.
    fn numbers(self, right: &Statement) -> Vec<CertificateNumber> {
        let Event::Granted(granted) = &right.event else { panic!("a right begins with a grant") };
        let mut numbers = vec![granted.claims.certificate_number];
        for statement in self.0 {
            if let Event::Reissued(reissued) = &statement.event
                && numbers.contains(&reissued.previous)
            {
                numbers.push(reissued.claims.certificate_number);
            }
        }
        numbers
    }

    /// The grant to which a certificate goes back.
    fn right_of(self, number: CertificateNumber) -> Option<&'a Statement> {
        let grants = self.0.iter().filter(|it| matches!(it.event, Event::Granted(_)));
        grants.copied().find(|grant| self.numbers(grant).contains(&number))
    }

    /// Whether a decision is about the right and applies on a day: it is neither reversed by then,
    /// nor stayed on it.
    fn applies(self, decision: &Statement, on: CivilDate) -> bool {
        let mut stayed = false;
        for later in self.0.iter().filter(|later| later.effective_on <= on) {
            match &later.event {
                Event::Reversed { decision: seq, .. } if *seq == decision.seq => return false,
                Event::Stayed { decision: seq, .. } if *seq == decision.seq => stayed = true,
                Event::StayEnded { decision: seq, .. } if *seq == decision.seq => stayed = false,
                _ => {}
            }
        }
        !stayed
    }

    fn decisions(self, right: &Statement, on: CivilDate) -> Vec<&'a Statement> {
        let numbers = self.numbers(right);
        let about = |it: &&&Statement| it.event.certificate().is_some_and(|n| numbers.contains(&n));
        self.0.iter().filter(about).filter(|it| self.applies(it, on)).copied().collect()
    }

    fn is_retracted(self, seq: u64) -> bool {
        self.0
            .iter()
            .any(|it| matches!(it.event, Event::Retracted { statement } if statement == seq))
    }

    /// The number under which a right is.
    fn hpr(self, right: &Statement) -> HprNumber {
        let Event::Granted(granted) = &right.event else { panic!("a right begins with a grant") };
        let numbers = self.numbers(right);
        let corrected = self.0.iter().filter_map(|it| match &it.event {
            Event::Corrected(c) if numbers.contains(&c.certificate) => c.hpr_number,
            _ => None,
        });
        corrected.fold(granted.claims.hpr_number, |_, corrected| corrected)
    }

    /// Every number of the person, because numbers were merged.
    fn numbers_of_person(self, hpr: HprNumber) -> Vec<HprNumber> {
        let mut all = vec![hpr];
        let mut before = 0;
        while before < all.len() {
            before = all.len();
            for statement in self.0.iter().filter(|it| !self.is_retracted(it.seq)) {
                if let Event::Merged { from, into } = statement.event {
                    match (all.contains(&from), all.contains(&into)) {
                        (true, false) => all.push(into),
                        (false, true) => all.push(from),
                        _ => {}
                    }
                }
            }
        }
        all
    }

    /// The day of death, as it was recorded first and not retracted.
    fn death(self, right: &Statement) -> Option<CivilDate> {
        let numbers = self.numbers_of_person(self.hpr(right));
        let mut deaths = self.0.iter().enumerate().filter(|(place, it)| match it.event {
            Event::Deceased { certificate } => {
                // Of whom, as it was known then.
                let then = Known(&self.0[..*place]);
                let about = then.right_of(certificate).map(|right| then.hpr(right));
                about.is_some_and(|hpr| numbers.contains(&hpr)) && !self.is_retracted(it.seq)
            }
            _ => false,
        });
        deaths.next().map(|(_, it)| it.effective_on)
    }

    /// What a right is worth on a day, by its stable name.
    fn standing(self, right: &Statement, on: CivilDate) -> &'static str {
        if on < right.effective_on {
            return "not_yet";
        }
        if self.death(right).is_some_and(|day| day <= on) {
            return "deceased";
        }
        let decisions = self.decisions(right, on);
        let begun = || decisions.iter().filter(|it| it.effective_on <= on);
        if begun().any(|it| matches!(it.event, Event::Annulled { .. })) {
            return "annulled";
        }
        let mut ends: Vec<_> = begun()
            .filter_map(|it| match it.event {
                Event::Revoked { .. } => Some((it.effective_on, EndReason::Revoked.word())),
                Event::Waived { .. } => Some((it.effective_on, EndReason::Waived.word())),
                _ => None,
            })
            .collect();
        ends.sort_by_key(|(day, _)| *day);
        match () {
            () if !ends.is_empty() => ends[0].1,
            () if self.rests(&decisions, on, true) => "suspended",
            () if self.rests(&decisions, on, false) => "with_conditions",
            () => "authorised",
        }
    }

    /// Whether a suspension, or a limitation, covers a day: it has begun, is not over by itself, and
    /// nothing that lifted it has begun.
    fn rests(self, decisions: &[&Statement], on: CivilDate, suspension: bool) -> bool {
        let mut covered: Vec<(CivilDate, Option<CivilDate>)> = Vec::new();
        for decision in decisions {
            let day = decision.effective_on;
            match &decision.event {
                Event::Suspended { until, .. } if suspension => covered.push((day, *until)),
                Event::Limited { until, .. } if !suspension => covered.push((day, *until)),
                Event::Lifted { .. } if suspension => lift(&mut covered, day),
                Event::LimitationLifted { .. } if !suspension => lift(&mut covered, day),
                _ => {}
            }
        }
        covered.iter().any(|(from, until)| *from <= on && until.is_none_or(|until| on < until))
    }

    /// Whether a certificate has to be invalid at this moment.
    fn must_be_invalid(self, right: &Statement, issued: u64, on: CivilDate) -> bool {
        let numbers = self.numbers(right);
        let replaced = self.0.iter().any(|it| match &it.event {
            Event::Reissued(reissued) => {
                it.seq > issued
                    && it.effective_on <= on
                    && numbers.contains(&reissued.claims.certificate_number)
                    && reissued.previous_until.is_none_or(|until| until <= on)
            }
            _ => false,
        });
        let over = ["deceased", "annulled", EndReason::Revoked.word(), EndReason::Waived.word()];
        replaced || over.contains(&self.standing(right, on))
    }
}

/// The last of them that covers the day ends on it.
fn lift(covered: &mut [(CivilDate, Option<CivilDate>)], day: CivilDate) {
    let covers = |(from, until): &&mut (CivilDate, Option<CivilDate>)| {
        *from <= day && until.is_none_or(|until| day < until)
    };
    if let Some(last) = covered.iter_mut().rev().find(covers) {
        last.1 = Some(day);
    }
}

/// The status of a certificate at an instant: that of a moment at which it had to be invalid, if there
/// ever was one since it was signed.
fn status(all: &[&Statement], number: CertificateNumber, at: NumericDate) -> Option<Status> {
    let known = |at: NumericDate| all.partition_point(|it| it.recorded_at <= at);
    let issued = all.iter().position(|it| {
        it.event.issued().is_some_and(|(claims, _)| claims.certificate_number == number)
    })?;
    let end = known(at);
    if end <= issued {
        return None;
    }
    let right = Known(all).right_of(number)?;
    let signed = all[issued].seq;
    let mut day = all[issued].recorded_at.civil_date();
    // After each statement, and at the beginning of each day.
    for last in issued..end {
        let next = all.get(last + 1).map_or(at, |next| next.recorded_at.min(at));
        day = day.max(all[last].recorded_at.civil_date());
        loop {
            if Known(&all[..=last]).must_be_invalid(right, signed, day) {
                return Some(Status::Invalid);
            }
            match day.plus_days(1) {
                tomorrow if tomorrow.start() <= next && day < next.civil_date() => day = tomorrow,
                _ => break,
            }
        }
    }
    let today = at.civil_date();
    let known = Known(&all[..end]);
    let decisions = known.decisions(right, today);
    Some(match () {
        () if known.rests(&decisions, today, true) => Status::Suspended,
        () if known.rests(&decisions, today, false) => Status::Conditions,
        () => Status::Valid,
    })
}

/// Compares a register with the naive model on days and at instants picked at random. Returns how
/// often each answer was given.
fn compare(state: &State, random: &mut ChaCha20Rng, times: usize) -> BTreeMap<String, usize> {
    let all: Vec<&Statement> = state.statements().iter().collect();
    let granted = all.iter().find(|it| matches!(it.event, Event::Granted(_)));
    let first = granted.expect("a life begins with a grant").recorded_at;
    let length = all[all.len() - 1].recorded_at.seconds_since(first) + 40 * 86_400;
    let mut pick = |of: i64| i64::from(random.next_u32()) % of;
    let numbers: Vec<_> = state.certificates().map(|it| it.claims.certificate_number).collect();
    let mut answers = BTreeMap::new();
    for _ in 0..times {
        let number = numbers[pick(numbers.len() as i64) as usize];
        let at = first.plus_seconds(pick(length));
        let on = first.civil_date().plus_days((pick(length) / 86_400) as i32 - 20);
        let known = Known(&all[..all.partition_point(|it| it.recorded_at <= at)]);
        let right = Known(&all).right_of(number).expect("every certificate has a right");
        let is_known = right.recorded_at <= at;
        let expected = if is_known { known.standing(right, on) } else { "not_yet" };
        let found = state.standing(number, on, at).expect("known").code();
        assert_eq!(found, expected, "{number} on {on}, as known at {at}");
        let found = state.certificate_status(number, at.civil_date(), at).ok();
        let expected_status = status(&all, number, at);
        assert_eq!(found, expected_status, "status of {number} at {at}");
        *answers.entry(expected.to_owned()).or_default() += 1;
        *answers.entry(format!("{expected_status:?}")).or_default() += 1;
    }
    answers
}

#[test]
fn the_state_is_what_a_naive_model_says() {
    let lives = std::env::var("VERNET_LIVES").ok().and_then(|lives| lives.parse().ok());
    let mut answers: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 0..lives.unwrap_or(6) {
        let o = a_life_at_random(seed, true);
        let mut random = ChaCha20Rng::from_seed([seed.wrapping_add(50); 32]);
        for (answer, times) in compare(o.register.state(), &mut random, 300) {
            *answers.entry(answer).or_default() += times;
        }
    }
    eprintln!("{answers:?}");
    for answer in ["authorised", "suspended", "with_conditions", "deceased", "revoked"] {
        assert!(answers.contains_key(answer), "no life was {answer}: {answers:?}");
    }
    let invalid = format!("{:?}", Some(Status::Invalid));
    assert!(answers.contains_key(&invalid), "{answers:?}");
}
