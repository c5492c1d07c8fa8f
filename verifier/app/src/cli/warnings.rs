//! Warnings beside an answer: about conditions that will change answers.

use vernet_common::NumericDate;
use vernet_host::printable;
use vernet_verifier::{Code, Knowledge, Policy};

/// How long before the trust list expires the warnings begin.
const WARN_BEFORE_S: i64 = 14 * 86_400;

pub(super) fn warn_of_what_comes(office: &Knowledge, policy: &Policy, now: NumericDate) {
    let trust_list = office.trust_list();
    let left = trust_list.exp.seconds_since(now);
    if (1..WARN_BEFORE_S).contains(&left) {
        anstream::eprintln!(
            "warning: the trust list of `{}` expires in {} days, at {}: run `vernet-verifier sync`, and ask the office if it stays so",
            trust_list.iss,
            left / 86_400,
            trust_list.exp
        );
    }
    let (good_until, code) = office.good_until(policy);
    if let Some(due) = office.late_since(now).filter(|_| now < good_until) {
        anstream::eprintln!(
            "warning: newer lists of `{}` have been due since {due}; these are good until {good_until}, then everything is *not known* [{code}]: \
             run `vernet-verifier sync`, and if it stays so, the office is late: ask it",
            trust_list.iss
        );
    }
    for defect in office.defects() {
        anstream::eprintln!(
            "warning: a status list of `{}` cannot be used: {} [{}]",
            trust_list.iss,
            printable(&defect.to_string()),
            defect.code()
        );
    }
}

/// If the lists are missing and there is no certificate, the answer is about an office of which
/// nothing is known.
pub(super) fn warn_of_unknown_office(code: Code, has_certificate: bool) {
    if code == Code::StatusMissing && !has_certificate {
        anstream::eprintln!(
            "warning: an office is pinned whose lists were never fetched: run `vernet-verifier sync URL`"
        );
    }
}
