//! Styles, scripts and pictures: compiled into the program, so that one file is all there is.

use axum::{
    Router,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};

/// A file, as it is served below `/static/`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StaticFile {
    pub(crate) name: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: &'static [u8],
}

/// A text from `static/`.
macro_rules! static_file {
    ($name:literal, $media_type:literal) => {
        $crate::web::static_files::StaticFile {
            name: $name,
            media_type: $media_type,
            bytes: include_bytes!(concat!("../../static/", $name)),
        }
    };
}
pub(crate) use static_file;

/// What all pages use.
pub(crate) const COMMON: [StaticFile; 2] = [
    static_file!("style.css", "text/css; charset=utf-8"),
    static_file!("icon.svg", "image/svg+xml"),
];

/// `/static/…`: these files, and no path of the machine's.
pub(crate) fn routes<S: Clone + Send + Sync + 'static>(files: Vec<StaticFile>) -> Router<S> {
    let tagged: Vec<(StaticFile, String)> =
        files.into_iter().map(|file| (file, etag(file.bytes))).collect();
    let answer = move |Path(name): Path<String>, headers: HeaderMap| {
        let found = tagged.iter().find(|(file, _)| file.name == name);
        let response = found.map_or(StatusCode::NOT_FOUND.into_response(), |(file, etag)| {
            send(file, etag, &headers)
        });
        std::future::ready(response)
    };
    Router::new().route("/static/{name}", get(answer))
}

fn send(file: &StaticFile, etag: &str, request: &HeaderMap) -> Response {
    // A browser asks each time whether its copy is current, so a new program has no old scripts.
    let kept = [
        (header::ETAG, HeaderValue::from_str(etag).expect("a tag is hexadecimal")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let known = request.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == etag);
    if known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    (kept, [(header::CONTENT_TYPE, file.media_type)], file.bytes).into_response()
}

fn etag(bytes: &[u8]) -> String {
    let hash: String =
        Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}
