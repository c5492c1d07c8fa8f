//! Fetches an office's newest lists. This is the program's only network client, and it fetches
//! files that are the same for everybody: the office does not learn whom a hospital looks up.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use ureq::{
    http::{Uri, header::LOCATION},
    tls::TlsConfig,
};
use vernet_common::{Bundle, LogHash, LogHead, Tile, quoted};
use vernet_host::files::read_capped;
use vernet_verifier::{FetchedLists, leaves::LeavesPlan};

use crate::authorities::authorities;

/// The bundle in a publication, which is a folder or a URL. It is not verified.
pub(crate) fn fetch(source: &str) -> Result<Bundle> {
    if !source.contains("://") {
        return read_bundle(&Path::new(source).join("bundle.json"));
    }
    let url = format!("{}/bundle.json", source.trim_end_matches('/'));
    let bytes = get(&url, Bundle::MAX_BYTES).with_context(|| format!("fetching `{url}`"))?;
    Ok(Bundle::from_json(&bytes)?)
}

pub(crate) fn read_bundle(file: &Path) -> Result<Bundle> {
    let read =
        || Ok::<_, anyhow::Error>(Bundle::from_json(&read_capped(file, Bundle::MAX_BYTES)?)?);
    read().with_context(|| format!("reading `{}`", file.display()))
}

/// The files of an office's log, beside its bundle.
pub(crate) enum Tiles {
    Folder(PathBuf),
    Url(String),
}

impl Tiles {
    /// The log files of a publication, which is a folder or a URL.
    pub(crate) fn of(source: &str) -> Self {
        if source.contains("://") {
            Self::Url(format!("{}/log", source.trim_end_matches('/')))
        } else {
            Self::Folder(Path::new(source).join("log"))
        }
    }

    /// Fetches the leaves of a large log, which are not in the bundle. `kept` are leaves from an
    /// earlier fetch.
    pub(crate) fn complete(
        &self,
        lists: &mut FetchedLists,
        kept: impl FnOnce() -> Vec<LogHash>,
    ) -> Result<()> {
        match lists.bundle().leaves_to_fetch() {
            Some(_) => lists.fetch_leaves(&kept(), |path| self.file(path)),
            None => Ok(()),
        }
    }

    /// The leaves of the log with this head. They are not verified.
    pub(crate) fn leaves(&self, head: LogHead) -> Result<Vec<LogHash>> {
        let mut plan = LeavesPlan::new(head, &[]);
        plan.fetch(|path| self.file(path))?;
        Ok(plan.into_leaves())
    }

    fn file(&self, path: &str) -> Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(path);
                read_capped(&path, Tile::MAX_BYTES)
                    .with_context(|| format!("reading `{}`", path.display()))
            }
            Self::Url(url) => {
                let url = format!("{url}/{path}");
                get(&url, Tile::MAX_BYTES).with_context(|| format!("fetching `{url}`"))
            }
        }
    }

    /// Whether there are no log files at all, because only the bundle was copied.
    pub(crate) fn are_absent(&self) -> bool {
        match self {
            Self::Folder(folder) => {
                std::fs::metadata(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound)
            }
            Self::Url(_) => false,
        }
    }
}

/// The source in a form that works from any working folder: an absolute path, or the URL.
pub(crate) fn lasting(source: &str) -> String {
    let folder = (!source.contains("://")).then(|| std::path::absolute(source).ok()).flatten();
    folder
        .and_then(|folder| folder.to_str().map(ToOwned::to_owned))
        .unwrap_or_else(|| source.to_owned())
}

/// How long one request may take, from the first packet to the last byte.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 3;

/// GET, with redirects within the host only: a publication must not move to another host unnoticed.
fn get(url: &str, limit: usize) -> Result<Vec<u8>> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .timeout_connect(Some(Duration::from_secs(10)))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("vernet-verifier/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut uri: Uri = url.parse().context("it is not a URL")?;
    for _ in 0..=MAX_REDIRECTS {
        let mut request = agent.get(uri.clone());
        if uri.scheme_str() == Some("https") {
            let tls = TlsConfig::builder().root_certs(authorities()?).build();
            request = request.config().tls_config(tls).build();
        }
        let mut response = request.call()?;
        if !response.status().is_redirection() {
            return Ok(response.body_mut().with_config().limit(limit as u64 + 1).read_to_vec()?);
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        uri = redirected(&uri, location.context("the server redirects without saying where")?)?;
    }
    bail!("the server redirects more than {MAX_REDIRECTS} times");
}

fn redirected(from: &Uri, location: &str) -> Result<Uri> {
    let target: Uri =
        location.parse().context("the server redirects to something that is no URL")?;
    let target = match target.authority() {
        Some(_) => target,
        None if location.starts_with('/') && !location.starts_with("//") => {
            let mut parts = target.into_parts();
            (parts.scheme, parts.authority) = (from.scheme().cloned(), from.authority().cloned());
            Uri::from_parts(parts)?
        }
        None => bail!("the server redirects to the relative address `{}`", quoted(location, 200)),
    };
    if target.authority() != from.authority()
        || (from.scheme_str() == Some("https") && target.scheme_str() != Some("https"))
    {
        bail!(
            "the server redirects to `{}`, another host or without encryption, which is not followed",
            quoted(&target.to_string(), 200)
        );
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host_and_encrypted() {
        let from: Uri = "https://office.example.no/publication/bundle.json".parse().expect("a URL");
        let target = |location| redirected(&from, location).map(|uri| uri.to_string()).ok();
        assert_eq!(
            target("/new/bundle.json").as_deref(),
            Some("https://office.example.no/new/bundle.json")
        );
        assert_eq!(
            target("https://office.example.no/x").as_deref(),
            Some("https://office.example.no/x")
        );
        for elsewhere in [
            "https://evil.example/x",
            "http://office.example.no/x",
            "https://office.example.no:444/x",
            "//evil.example/x",
            "x",
        ] {
            assert_eq!(target(elsewhere), None, "{elsewhere}");
        }
    }
}
