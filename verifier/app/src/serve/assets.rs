//! The files of the page, each compressed once: when a browser first asks for it, so that a server
//! starts at once.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use anyhow::Result;
use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use tokio::{sync::OnceCell, task::spawn_blocking};
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
    gzip: OnceCell<Bytes>,
    etag: String,
}

impl Assets {
    /// The page for one office's certificates.
    pub(super) fn new(anchor: &TrustAnchor) -> Result<Self> {
        let mut files = BTreeMap::new();
        for file in page::files(anchor, PUBLICATION)? {
            let etag = etag(&file.bytes);
            let plain = Bytes::from(file.bytes.into_owned());
            let asset = Asset { media_type: file.media_type, plain, gzip: OnceCell::new(), etag };
            files.insert(file.path, asset);
        }
        let content_security_policy =
            HeaderValue::from_str(&page::content_security_policy(PUBLICATION)?)?;
        Ok(Self { files, content_security_policy })
    }

    pub(super) async fn response(&self, path: &str, request: &HeaderMap) -> Response {
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
        if !compressed {
            return (common, about, asset.plain.clone()).into_response();
        }
        match asset.compressed().await {
            Ok(bytes) => {
                (common, about, [(header::CONTENT_ENCODING, "gzip")], bytes).into_response()
            }
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

impl Asset {
    async fn compressed(&self) -> Result<Bytes> {
        // The reader of documents takes a second, in which other requests go on.
        let compress = async || {
            let plain = self.plain.clone();
            anyhow::Ok(spawn_blocking(move || gzip(&plain)).await??)
        };
        Ok(self.gzip.get_or_try_init(compress).await?.clone())
    }
}

fn gzip(plain: &[u8]) -> io::Result<Bytes> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(plain)?;
    Ok(gzip.finish()?.into())
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
