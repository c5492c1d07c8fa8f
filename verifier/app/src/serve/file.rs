//! Files that are sent as they are.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::conditional::{etag, not_modified};

/// One file, ready to be sent.
#[derive(PartialEq, Eq)]
pub(crate) struct File {
    /// Its path in the publication.
    pub(super) path: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Bytes,
    /// A strong entity tag (RFC 9110 section 8.8.3), its quotation marks included.
    pub(crate) etag: String,
}

impl File {
    pub(crate) fn new(path: String, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let etag = etag(&bytes);
        Self { path, media_type, bytes: bytes.into(), etag }
    }

    /// The file, or the answer that the client's copy is current. It is public and the same for
    /// everybody, so pages of other servers may fetch it too.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let common = [
            (header::ETAG, self.etag.clone()),
            // Clients that have a copy revalidate it, which takes a few bytes.
            (header::CACHE_CONTROL, "no-cache".to_owned()),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
            (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
        ];
        if not_modified(request, &self.etag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        (common, [(header::CONTENT_TYPE, self.media_type)], self.bytes.clone()).into_response()
    }
}
