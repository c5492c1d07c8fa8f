//! The files of the page, compressed once at the start.

use std::{collections::BTreeMap, io::Write};

use anyhow::Result;
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use vernet_common::TrustAnchor;

use super::{
    conditional::{etag, not_modified},
    problem::{Code, Problem},
};
use crate::page;

/// Where the page finds the lists: on this server, relative to `/v/`.
const PUBLICATION: &str = "../v1/publication/";

/// The page, as it is sent.
pub(super) struct Assets {
    files: BTreeMap<String, Asset>,
    content_security_policy: HeaderValue,
}

struct Asset {
    media_type: &'static str,
    plain: Bytes,
    gzip: Bytes,
    etag: String,
}

impl Assets {
    /// The page for one office's certificates.
    pub(super) fn new(anchor: &TrustAnchor) -> Result<Self> {
        let mut files = BTreeMap::new();
        for file in page::files(anchor, PUBLICATION)? {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&file.bytes)?;
            let etag = etag(&file.bytes);
            let plain = Bytes::from(file.bytes.into_owned());
            let asset =
                Asset { media_type: file.media_type, plain, gzip: gzip.finish()?.into(), etag };
            files.insert(file.path, asset);
        }
        let content_security_policy =
            HeaderValue::from_str(&page::content_security_policy(PUBLICATION)?)?;
        Ok(Self { files, content_security_policy })
    }

    pub(super) fn response(&self, path: &str, request: &HeaderMap) -> Response {
        let Some(asset) = self.files.get(path) else {
            return Problem::new(Code::NotFound, "the page has no such file").into_response();
        };
        let common = [
            (header::CONTENT_SECURITY_POLICY, self.content_security_policy.clone()),
            (header::VARY, HeaderValue::from_static("Accept-Encoding")),
            // The page keeps its own copy for offline use; a browser that has one revalidates it.
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        ];
        let compressed = accepts_gzip(request);
        // A strong tag identifies the bytes that are sent.
        let etag =
            if compressed { asset.etag.replacen('"', "\"gzip-", 1) } else { asset.etag.clone() };
        if not_modified(request, &etag) {
            return (StatusCode::NOT_MODIFIED, common, [(header::ETAG, etag)]).into_response();
        }
        let about = [(header::ETAG, etag), (header::CONTENT_TYPE, asset.media_type.to_owned())];
        if compressed {
            (common, about, [(header::CONTENT_ENCODING, "gzip")], asset.gzip.clone())
                .into_response()
        } else {
            (common, about, asset.plain.clone()).into_response()
        }
    }
}

fn accepts_gzip(request: &HeaderMap) -> bool {
    let given =
        request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|encoding| {
        let mut parts = encoding.split(';').map(str::trim);
        parts.next() == Some("gzip")
            && !parts.any(|weight| {
                weight.starts_with("q=0") && !weight[3..].contains(|c| ('1'..='9').contains(&c))
            })
    })
}
