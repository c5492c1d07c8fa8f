//! Officers and the office's keys.

use askama::Template;
use axum::response::Response;
use vernet_common::{CivilDate, KeyId, NumericDate};
use vernet_register::Role;

use super::guard::{Desk, Who};
use crate::web::page::{Page, show};

#[derive(Template)]
#[template(path = "desk/officers.html")]
struct Officers<'a> {
    page: &'a Page,
    who: &'a Who,
    officers: Vec<OneOfficer>,
    /// The roles in which there are too few people today.
    short: Vec<&'static str>,
    keys: Vec<OneKey>,
    roots: Option<(usize, Vec<KeyId>)>,
}

struct OneOfficer {
    name: String,
    kid: KeyId,
    state: &'static str,
    from: CivilDate,
    until: CivilDate,
    roles: Vec<&'static str>,
}

struct OneKey {
    r#use: &'static str,
    kid: KeyId,
    state: &'static str,
    not_after: NumericDate,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let (state, today) = (office.register().state(), desk.now.civil_date());
        let officers = state.officers();
        let one = |(kid, officer): (KeyId, &vernet_register::OfficerKey)| {
            let enrolment = officer.on(today);
            OneOfficer {
                name: officer.name().as_str().to_owned(),
                kid,
                state: match (officer.ended_at(), officer.in_office(today)) {
                    (Some(_), _) => "ended",
                    (None, true) => "in_office",
                    (None, false) if today < enrolment.from => "not_yet",
                    (None, false) => "over",
                },
                from: enrolment.from,
                until: enrolment.until,
                roles: enrolment.roles.iter().map(|role| role.word()).collect(),
            }
        };
        let short = Role::ALL
            .into_iter()
            .filter(|role| officers.in_role_on(*role, today).count() < role.people_needed());
        let keys = office.keys().into_iter().map(|key| {
            Ok(OneKey {
                r#use: key.r#use.as_str(),
                kid: key.key.kid(),
                state: office.key_state(&key, desk.now)?.word(),
                not_after: key.not_after,
            })
        });
        let mut all: Vec<_> = officers.keys().map(one).collect();
        all.sort_by(|a, b| {
            (a.state != "in_office", &a.name).cmp(&(b.state != "in_office", &b.name))
        });
        Ok(show(&Officers {
            page: &desk.page,
            who: &desk.who,
            officers: all,
            short: short.map(Role::word).collect(),
            keys: keys.collect::<Result<_, vernet_issuer::Error>>()?,
            roots: state.pinned_roots().map(|roots| {
                let kids = roots.keys.iter().map(|key| key.kid()).collect();
                (usize::from(roots.threshold), kids)
            }),
        }))
    })
    .await
}
