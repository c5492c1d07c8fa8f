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

/// A folder as a site, with another one in it.
#[derive(Debug)]
pub struct Site {
    root: PathBuf,
    /// What is at this first part of an address, and in no folder of the root.
    within: (&'static str, PathBuf),
    /// Where `/` leads.
    front: &'static str,
}

impl Site {
    /// The page of a hospital as `page export` wrote it, with the publication beside it.
    pub fn of_page(root: PathBuf, publication: PathBuf) -> Self {
        Self { root, within: ("publication", publication), front: "/v/" }
    }

    /// Its paths.
    pub fn router(self) -> Router {
        Router::new().fallback(file).with_state(Arc::new(self))
    }

    /// The file at an address, if it is within its folder.
    fn path(&self, address: &str) -> Option<PathBuf> {
        let address = address.strip_prefix('/')?;
        let (within, folder) = &self.within;
        let below = address.strip_prefix(within).and_then(|rest| rest.strip_prefix('/'));
        let (folder, rest) = below.map_or((&self.root, address), |rest| (folder, rest));
        let is_folder = rest.is_empty() || rest.ends_with('/');
        let rest = Path::new(rest);
        let is_within = rest.components().all(|part| matches!(part, Component::Normal(_)));
        let path = is_within.then(|| folder.join(rest))?;
        Some(if is_folder { path.join("index.html") } else { path })
    }
}

async fn file(State(site): State<Arc<Site>>, address: Uri) -> Response {
    if address.path() == "/" {
        return Redirect::temporary(site.front).into_response();
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
        let site = Site::of_page("page".into(), "lists".into());
        let path = |address| site.path(address).map(|path| path.display().to_string());
        assert_eq!(path("/v/").as_deref(), Some("page/v/index.html"));
        assert_eq!(path("/v-worker.js").as_deref(), Some("page/v-worker.js"));
        assert_eq!(path("/publication/status/1").as_deref(), Some("lists/status/1"));
        for other in
            ["/v/../../office/office.json", "//etc/passwd", "/publication//etc/passwd", "/./x"]
        {
            assert_eq!(path(other), None, "{other}");
        }
    }
}
