//! What officers are told when too few of them are left.

use vernet_common::CivilDate;
use vernet_host::note;
use vernet_register::{Officer, Role, State};

/// Warns if too few officers are left, with what to do next.
pub(super) fn warn_of_what_is_left(state: &State, today: CivilDate) {
    let officers = state.officers();
    let names = |role| {
        let names: Vec<_> = officers.in_role_on(role, today).map(Officer::as_str).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let administrators = officers.in_role_on(Role::Administer, today).count();
    let left = names(Role::Administer);
    match (administrators, state.pinned_roots().is_some()) {
        (0 | 1, true) => note(format_args!(
            "warning: left as administrators: {left}. Nobody can be enrolled any more: have the root keys appoint officers, `vernet-issuer officers appoint draft`"
        )),
        (2, true) => note(format_args!(
            "warning: left as administrators: {left}. Enrol a third one, `vernet-issuer propose enrol`: after the loss of one more key only the root keys can appoint officers"
        )),
        (2, false) => note(format_args!(
            "warning: left as administrators: {left}. No other administrator's key can be ended now: pin the root keys, `vernet-issuer propose roots FILE`, and enrol a third one, `vernet-issuer propose enrol`"
        )),
        _ => {}
    }
    let enrol = match administrators {
        0 | 1 => "have the root keys appoint others",
        _ => "enrol others, `vernet-issuer propose enrol`",
    };
    for role in [Role::Grant, Role::Supervise, Role::Publish] {
        let (found, needed) = (officers.in_role_on(role, today).count(), role.people_needed());
        if officers.has_role(role) && found < needed {
            let (role, left) = (role.word(), names(role));
            note(format_args!(
                "warning: left in the role {role}: {left}, and {needed} are needed: {enrol}"
            ));
        }
    }
}
