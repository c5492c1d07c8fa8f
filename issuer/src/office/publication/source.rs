//! Where an earlier publication is read from: a folder, or the URL from which hospitals fetch it.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use ureq::Agent;
use vernet_common::quoted;
use vernet_host::files::read_capped;

use crate::Error;

/// How long one file may take. A publication is as many files as there are 256 certificates.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where an earlier publication is.
#[derive(Clone, Debug)]
pub struct PublicationSource(Place);

#[derive(Clone, Debug)]
enum Place {
    Folder(PathBuf),
    Url(String),
}

impl PublicationSource {
    /// A URL if it holds `://`, otherwise the path of a folder.
    pub fn parse(named: &str) -> Self {
        Self(match named.contains("://") {
            true => Place::Url(named.trim_end_matches('/').to_owned()),
            false => Place::Folder(named.into()),
        })
    }

    /// Opens it to read several files.
    pub(in crate::office) fn open(&self) -> OpenSource<'_> {
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .user_agent(concat!("vernet-issuer/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        OpenSource { place: &self.0, agent }
    }
}

impl From<&Path> for PublicationSource {
    fn from(folder: &Path) -> Self {
        Self(Place::Folder(folder.to_owned()))
    }
}

/// A publication that is being read.
pub(in crate::office) struct OpenSource<'a> {
    place: &'a Place,
    agent: Agent,
}

impl OpenSource<'_> {
    /// A file of the publication, by its name, of at most so many bytes.
    pub(in crate::office) fn get(&self, name: &str, limit: usize) -> Result<Vec<u8>, Error> {
        match self.place {
            Place::Folder(folder) => {
                let path = folder.join(name);
                read_capped(&path, limit).map_err(|source| Error::Io {
                    action: "read",
                    path,
                    source,
                })
            }
            Place::Url(base) => self.fetch(&format!("{base}/{name}"), limit),
        }
    }

    fn fetch(&self, url: &str, limit: usize) -> Result<Vec<u8>, Error> {
        let fetch = || {
            let mut response = self.agent.get(url).call()?;
            response.body_mut().with_config().limit(limit as u64).read_to_vec()
        };
        fetch().map_err(|error: ureq::Error| Error::PublicationUnreachable {
            url: quoted(without_password(url), 300),
            reason: quoted(&error.to_string(), 200),
        })
    }
}

/// A URL as it is shown.
fn without_password(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = authority.find('/').unwrap_or(authority.len());
    authority[..end].rfind('@').map_or(url, |at| &authority[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_not_shown() {
        for (url, shown) in [
            ("https://h.example/p", "https://h.example/p"),
            ("https://u:secret@h.example/p", "h.example/p"),
            ("https://h.example/@p", "https://h.example/@p"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }

    #[test]
    fn what_is_not_there_is_said_with_its_name() {
        let folder = PublicationSource::parse("no-such-folder");
        assert_eq!(folder.open().get("bundle.json", 10).expect_err("not there").code(), "io");
        // Nobody listens on port 9 of this machine.
        let url = PublicationSource::parse("http://127.0.0.1:9/");
        let error = url.open().get("bundle.json", 10).expect_err("not there");
        assert_eq!(error.code(), "publication_unreachable");
        assert!(error.to_string().contains("http://127.0.0.1:9/bundle.json"), "{error}");
    }
}
