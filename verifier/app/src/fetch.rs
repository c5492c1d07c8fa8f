//! Fetches an office's newest lists. This is the program's only network client, and it fetches
//! files that are the same for everybody: the office does not learn whom a hospital looks up.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use ureq::{
    http::{
        Uri,
        header::{AUTHORIZATION, LOCATION},
    },
    tls::TlsConfig,
};
use vernet_common::{Bundle, LogHash, LogHead, Tile, quoted};
use vernet_host::files::read_capped;
use vernet_verifier::{FetchedLists, leaves::LeavesPlan};

use crate::{authorities::authorities, publication_source::Source};

/// The bundle in a publication. It is not verified.
pub(crate) fn fetch(source: &Source, deadline: Deadline) -> Result<Bundle> {
    if !source.is_url() {
        return read_bundle(&Path::new(source.place()).join("bundle.json"));
    }
    let bytes = Client::new(source, deadline).get("bundle.json", Bundle::MAX_BYTES)?;
    Ok(Bundle::from_json(&bytes)?)
}

/// Until when everything must be fetched that belongs together. Without it, a server that sends each
/// of a thousand files as slowly as is allowed could keep us on what we knew for hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Long enough for the 16 MB of half a million certificates over a slow line, and shorter than
    /// the time between two publications. What has come by then is kept, and the next fetch goes on
    /// from there.
    const WHOLE: Duration = Duration::from_secs(5 * 60);

    /// The deadline of everything that is fetched at a time, beginning now.
    pub(crate) fn begin() -> Self {
        Self::after(Self::WHOLE)
    }

    fn after(whole: Duration) -> Self {
        Self(Instant::now() + whole)
    }

    /// How long a request may take that begins now.
    fn left(self) -> Result<Duration> {
        let left = self.0.saturating_duration_since(Instant::now());
        if left.is_zero() {
            bail!(
                "fetching takes longer than {} seconds in all: what has come is kept, and the next time goes on from there",
                Self::WHOLE.as_secs()
            );
        }
        Ok(left.min(TIMEOUT))
    }
}

pub(crate) fn read_bundle(file: &Path) -> Result<Bundle> {
    let read =
        || Ok::<_, anyhow::Error>(Bundle::from_json(&read_capped(file, Bundle::MAX_BYTES)?)?);
    read().with_context(|| format!("reading `{}`", file.display()))
}

/// The files of an office's log, beside its bundle.
pub(crate) enum Tiles {
    Folder(PathBuf),
    Url(Client),
}

impl Tiles {
    /// The log files of a publication.
    pub(crate) fn of(source: &Source, deadline: Deadline) -> Self {
        if source.is_url() {
            Self::Url(Client::new(source, deadline))
        } else {
            Self::Folder(Path::new(source.place()).join("log"))
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

    /// A file of the log, by its path below `log/`.
    pub(crate) fn file(&self, path: &str) -> Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(path);
                read_capped(&path, Tile::MAX_BYTES)
                    .with_context(|| format!("reading `{}`", path.display()))
            }
            Self::Url(client) => client.get(&format!("log/{path}"), Tile::MAX_BYTES),
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

/// How long one request may take, from the first packet to the last byte.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 3;

/// Fetches files of one publication, over one connection if the server keeps it open.
pub(crate) struct Client {
    agent: ureq::Agent,
    source: Source,
    deadline: Deadline,
}

impl Client {
    fn new(source: &Source, deadline: Deadline) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(10)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("vernet-verifier/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Self { agent, source: source.clone(), deadline }
    }

    /// GET, with redirects within the host only: a publication must not move to another host
    /// unnoticed. The password, if there is one, stays on the host by the same rule.
    fn get(&self, path: &str, limit: usize) -> Result<Vec<u8>> {
        let url = format!("{}/{path}", self.source.place().trim_end_matches('/'));
        self.follow(&url, limit).with_context(|| format!("fetching `{url}`"))
    }

    fn follow(&self, url: &str, limit: usize) -> Result<Vec<u8>> {
        let mut uri: Uri = url.parse().context("it is not a URL")?;
        for _ in 0..=MAX_REDIRECTS {
            let mut request = self.agent.get(uri.clone());
            if let Some(authorization) = self.source.authorization() {
                request = request.header(AUTHORIZATION, authorization);
            }
            if uri.scheme_str() == Some("https") {
                let tls = TlsConfig::builder().root_certs(authorities()?).build();
                request = request.config().tls_config(tls).build();
            }
            let left = self.deadline.left()?;
            let mut response = request.config().timeout_global(Some(left)).build().call()?;
            if !response.status().is_redirection() {
                return Ok(response
                    .body_mut()
                    .with_config()
                    .limit(limit as u64 + 1)
                    .read_to_vec()?);
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            uri = redirected(&uri, location.context("the server redirects without saying where")?)?;
        }
        bail!("the server redirects more than {MAX_REDIRECTS} times");
    }
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
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// A server that sends the head of an answer, and then nothing for as long as the client stays.
    fn trickling() -> Source {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    // Whatever happens to it: the client is gone.
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8192\r\n\r\n1");
                    let _ = stream.read_to_end(&mut Vec::new());
                });
            }
        });
        Source::from(&*format!("http://{address}"))
    }

    #[test]
    fn the_deadline_is_one_for_everything_that_is_fetched() {
        let source = trickling();
        let deadline = Deadline::after(Duration::from_millis(300));
        assert!(fetch(&source, deadline).is_err(), "it never comes");
        // The time is over: not even asked for.
        let error = Tiles::of(&source, deadline).file("tile/0/000").expect_err("no time is left");
        assert!(format!("{error:#}").contains("300 seconds in all"), "{error:#}");
    }

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
