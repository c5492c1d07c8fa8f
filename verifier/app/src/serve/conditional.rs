//! Conditional requests: a client that has a current copy gets a short answer (RFC 9110 section
//! 13).

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

/// The same bytes have the same tag on every server.
pub(crate) fn etag(bytes: &[u8]) -> String {
    let hash: String =
        Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

/// Whether the client has these bytes already (RFC 9110 section 13.1.2).
pub(super) fn not_modified(request: &HeaderMap, etag: &str) -> bool {
    let given =
        request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

/// What a client sends that has a copy already.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct Condition {
    /// The `ETag` of the copy that you have.
    #[param(rename = "If-None-Match", required = false)]
    #[expect(dead_code, reason = "it stands for the header in the description")]
    etag: String,
}

pub(super) const NOT_MODIFIED: &str =
    "You have it already: the `ETag` in `If-None-Match` is that of the newest";
