//! The ceremony: a trust list is drafted here, signed by root keys on machines that no network reaches,
//! and put into force here. The page says what to carry where, and what is done.

use askama::Template;
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use vernet_common::{KeyId, SignedTrustList};
use vernet_issuer::{GoodUntil, Office};
use vernet_register::Role;

use super::{
    deed::Deed,
    fault::Fault,
    filed::Filed,
    guard::{Desk, Who},
    problem::Trouble,
    signing,
};
use crate::web::page::{Page, show, show_as};

/// Who puts a trust list into force.
const ROLES: [Role; 1] = [Role::Administer];

/// The name of the file that is carried.
const FILE: &str = "draft.json";

#[derive(Template)]
#[template(path = "desk/ceremony.html")]
struct CeremonyPage<'a> {
    page: &'a Page,
    who: &'a Who,
    may: bool,
    in_force: Option<InForce>,
    /// Why a new list is needed, as the office's reminders say it.
    reasons: Vec<(&'static str, String)>,
    threshold: u8,
    roots: Vec<Root>,
    /// Whether the register pins other roots than the list has.
    unpinned: bool,
    /// What is wrong with the file that came back.
    fault: Option<Fault>,
    /// The command on each offline machine.
    command: String,
}

struct InForce {
    seq: u64,
    until: GoodUntil,
    ended: bool,
}

/// A root key, and whether it signed the file that came back.
struct Root {
    kid: KeyId,
    signed: bool,
}

pub(super) async fn page(desk: Desk) -> Response {
    desk.screen(|desk, office| Ok(show(&checklist(desk, office, &[], None)?))).await
}

fn checklist<'a>(
    desk: &'a Desk,
    office: &Office,
    signers: &[KeyId],
    fault: Option<Fault>,
) -> Result<CeremonyPage<'a>, Trouble> {
    let list = office.trust_list()?;
    let roots = office.anchor()?.roots;
    let pinned = office.register().state().pinned_roots();
    let reminders = office.outlook(0, desk.now)?.reminders.into_iter();
    let rules = vernet_console_web::Words::of(desk.page.language().code());
    // Those that a new trust list answers.
    let reasons =
        reminders.filter(|one| one.code.starts_with("trust_list") || one.code.starts_with("key"));
    let in_force = list.as_ref().map(|list| {
        let until = office.trust_list_good_until(list);
        InForce { seq: list.seq, until, ended: until.at <= desk.now }
    });
    Ok(CeremonyPage {
        page: &desk.page,
        who: &desk.who,
        may: desk.who.is(&ROLES),
        in_force,
        reasons: reasons.map(|one| (one.code, rules.phrase(&one.subject))).collect(),
        threshold: roots.threshold,
        unpinned: pinned.is_none_or(|pinned| *pinned != roots),
        roots: roots
            .keys
            .iter()
            .map(|key| Root { kid: key.kid(), signed: signers.contains(&key.kid()) })
            .collect(),
        fault,
        command: format!("vernet-issuer trust-list sign {FILE} --key ROOT.pem"),
    })
}

/// The next trust list, unsigned, as a file to be carried.
pub(super) async fn draft(desk: Desk) -> Response {
    desk.screen(|desk, office| {
        let list = office.draft_trust_list(None, desk.now)?;
        let mut json = serde_json::to_vec_pretty(&list).expect("a JWS of strings is JSON");
        json.push(b'\n');
        let headers = [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{FILE}\"")),
        ];
        Ok((headers, json).into_response())
    })
    .await
}

/// Takes the file that came back: shows who signed it, and prepares to put it into force if that
/// suffices.
pub(super) async fn accept(Filed { desk, upload, .. }: Filed) -> Response {
    let desk = match desk.in_role(&ROLES) {
        Ok(desk) => desk,
        Err(refused) => return refused,
    };
    desk.beside(move |desk| {
        let (_, bytes) = upload.unwrap_or_default();
        let list = SignedTrustList::from_json(&bytes);
        let signers: Vec<KeyId> = list.as_ref().map_or(Vec::new(), |list| list.signers().collect());
        let prepared = list.map_err(Trouble::from).and_then(|list| {
            signing::prepare(desk, Deed::AcceptTrustList(Box::new(list)), "/ceremony".to_owned())
        });
        match prepared {
            Ok(token) => Ok(signing::to_page(&token)),
            Err(trouble @ Trouble::Office(_)) => {
                let fault = Some(trouble.fault(desk.page.language()));
                let page = checklist(desk, &desk.console.office(), &signers, fault)?;
                Ok(show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
            }
            Err(other) => Err(other),
        }
    })
    .await
}
