//! Approving a proposal, and turning it down.

use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use vernet_register::Digest;

use super::{
    carry_out,
    deed::Deed,
    form::Posted,
    problem::{Trouble, answer_trouble},
    signing,
};

#[derive(Deserialize)]
pub(super) struct Approval {
    /// The hash of the statement that was looked at.
    sha256: String,
}

#[derive(Deserialize)]
pub(super) struct Rejection {
    reason: String,
}

/// Approves what was looked at, and nothing else.
pub(super) async fn approve(
    Path(seq): Path<u64>,
    Posted(desk, Approval { sha256 }): Posted<Approval>,
) -> Response {
    let (is_the_same, is_about_many) = {
        let office = desk.console.office();
        let state = office.register().state();
        let hash: Option<Digest> = state.hash(seq);
        let is_the_same = hash.is_some_and(|hash| hash.to_string() == sha256);
        (is_the_same, carry_out::is_about_many(state, seq))
    };
    if !is_the_same {
        let reason = "it is not what was reviewed";
        let mismatch = vernet_register::Error::ApprovalMismatch { seq, reason };
        return answer_trouble(desk.page.language(), &Trouble::from(mismatch));
    }
    if is_about_many {
        return Redirect::to(&carry_out::address(seq)).into_response();
    }
    signing::begin(desk, Deed::Approve { seq }, "/proposals".to_owned()).await
}

/// Turns a proposal down, or takes one's own back.
pub(super) async fn reject(
    Path(seq): Path<u64>,
    Posted(desk, Rejection { reason }): Posted<Rejection>,
) -> Response {
    let reason = reason.trim().to_owned();
    signing::begin(desk, Deed::Reject { seq, reason }, "/proposals".to_owned()).await
}
