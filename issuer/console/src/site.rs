//! Folders as static files: for the demonstration, which shows the hospital's page beside the office.
//! A real page is on a web server that the office's machine is not.

use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use tokio::task::spawn_blocking;

/// Folders by the first part of their addresses.
pub struct Site(Vec<(&'static str, PathBuf)>);

impl Site {
    /// A site of these folders. `/` leads to the first.
    pub fn new(folders: Vec<(&'static str, PathBuf)>) -> Self {
        Self(folders)
    }

    /// Its paths.
    pub fn router(self) -> Router {
        Router::new().fallback(file).with_state(Arc::new(self))
    }

    /// The file at an address, if it is within its folder.
    fn path(&self, address: &str) -> Option<PathBuf> {
        let (first, rest) = address.trim_start_matches('/').split_once('/')?;
        let (_, folder) = self.0.iter().find(|(name, _)| *name == first)?;
        let rest = Path::new(if rest.is_empty() { "index.html" } else { rest });
        let is_within = rest.components().all(|part| matches!(part, Component::Normal(_)));
        is_within.then(|| folder.join(rest))
    }
}

impl std::fmt::Debug for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Site").field(&self.0).finish()
    }
}

async fn file(State(site): State<Arc<Site>>, address: Uri) -> Response {
    if address.path() == "/" {
        let first = site.0.first().map_or("", |(name, _)| name);
        return Redirect::temporary(&format!("/{first}/")).into_response();
    }
    let Some(path) = site.path(address.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let media_type = match path.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "webmanifest") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    match spawn_blocking(move || std::fs::read(path)).await {
        Ok(Ok(bytes)) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            ];
            (headers, bytes).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_beside_the_folders_is_served() {
        let site = Site::new(vec![("v", "page".into()), ("publication", "lists".into())]);
        let path = |address| site.path(address).map(|path| path.display().to_string());
        assert_eq!(path("/v/").as_deref(), Some("page/index.html"));
        assert_eq!(path("/publication/status/1").as_deref(), Some("lists/status/1"));
        for other in
            ["/", "/v", "/v/../office/office.json", "/v//etc/passwd", "/office/x", "/v/./x"]
        {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
