//! How the server is configured: by flags, by environment, and by one TOML file, in this order of
//! precedence.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use vernet_host::files::read_capped;
use vernet_verifier::receipt::VerifierName;

use super::roster::settings::{RosterConfig, RosterSettings};
use crate::publication_source::Source;

/// The settings, each of which may be given as a flag, in the environment, or in the file under the
/// same name with underscores.
#[derive(Args, Clone, Default, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// Where to listen [default: 127.0.0.1:8470]; `[::]:8470` for every network
    #[arg(long, value_name = "ADDRESS", env = "VERNET_VERIFIER_LISTEN")]
    listen: Option<SocketAddr>,
    /// The publication of the office whose page and lists are served, a URL or a folder; else where
    /// `sync` found it last
    // The value of the environment may hold a password, which `--help` is not to print.
    #[arg(
        long,
        value_name = "URL|DIR",
        env = "VERNET_VERIFIER_PUBLICATION",
        hide_env_values = true
    )]
    publication: Option<Source>,
    /// The root keys, `roots.json`, of the only office whose certificates are verified; else all
    /// that are pinned with `trust add`
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_ROOTS")]
    roots: Option<PathBuf>,
    /// Ask for newer lists every so many seconds; else when the lists say so
    #[arg(long, value_name = "SECONDS", env = "VERNET_VERIFIER_REFRESH")]
    refresh: Option<NonZeroU32>,
    /// The age of a status list from which it does not count any more [default: 24]
    #[arg(long, value_name = "HOURS", env = "VERNET_VERIFIER_MAX_STATUS_AGE", value_parser = clap::value_parser!(u16).range(1..=720))]
    max_status_age: Option<u16>,
    /// Certificate chain for TLS, PEM
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_TLS_CERTIFICATE")]
    tls_certificate: Option<PathBuf>,
    /// Private key for TLS, PEM
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Let only those use the API who send one of these bearer tokens, one to a line
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_TOKENS")]
    tokens: Option<PathBuf>,
    /// The key that signs receipts, made with `keys new --use receipt`; without it there are none
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_RECEIPT_KEY")]
    receipt_key: Option<PathBuf>,
    /// What you call yourself in receipts, as in `Ullevål sykehus`
    #[arg(long, value_name = "NAME", env = "VERNET_VERIFIER_RECEIPT_NAME")]
    receipt_name: Option<VerifierName>,
    /// A file whose first line is the passphrase of that key; else $VERNET_PASSPHRASE
    #[arg(long, value_name = "FILE", env = "VERNET_VERIFIER_RECEIPT_PASSPHRASE_FILE")]
    receipt_passphrase_file: Option<PathBuf>,
    /// Keep all lists that are used in this folder too: what receipts need to be verified years
    /// later
    #[arg(long, value_name = "DIR", env = "VERNET_VERIFIER_ARCHIVE")]
    archive: Option<PathBuf>,
    /// A proxy stands before the server: clients cannot be told apart here, so the proxy must
    /// limit their rate
    #[arg(long, env = "VERNET_VERIFIER_BEHIND_PROXY", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    behind_proxy: Option<bool>,
    /// Requests per second from one client, 0 for any number [default: 50, behind a proxy 0]
    #[arg(long, value_name = "NUMBER", env = "VERNET_VERIFIER_RATE_LIMIT")]
    rate_limit: Option<u32>,
    /// Requests at a time [default: 512]
    #[arg(long, value_name = "NUMBER", env = "VERNET_VERIFIER_MAX_REQUESTS")]
    max_requests: Option<NonZeroU32>,
    /// Connections at a time [default: 2048]
    #[arg(long, value_name = "NUMBER", env = "VERNET_VERIFIER_MAX_CONNECTIONS")]
    max_connections: Option<NonZeroU32>,
    #[command(flatten)]
    roster: RosterSettings,
    /// How much to log [default: info]
    #[arg(long, value_name = "LEVEL", env = "VERNET_VERIFIER_LOG")]
    log: Option<LogLevel>,
}

/// How much is logged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// Only what somebody has to look at.
    Error,
    /// Also refreshes that failed.
    Warn,
    /// Also every request and every refresh.
    Info,
}

/// The settings with every default filled in.
#[derive(Debug, Serialize)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    pub(crate) publication: Option<Source>,
    pub(crate) roots: Option<PathBuf>,
    pub(crate) refresh: Option<NonZeroU32>,
    pub(crate) max_status_age: u16,
    pub(crate) tls: Option<Tls>,
    pub(crate) tokens: Option<PathBuf>,
    pub(crate) receipts: Option<Receipts>,
    pub(crate) archive: Option<PathBuf>,
    pub(crate) behind_proxy: bool,
    pub(crate) rate_limit: u32,
    pub(crate) max_requests: NonZeroU32,
    pub(crate) max_connections: NonZeroU32,
    pub(crate) log: LogLevel,
    pub(crate) roster: Option<RosterConfig>,
}

/// The files for TLS.
#[derive(Debug, Serialize)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Who signs receipts, and with what.
#[derive(Debug, Serialize)]
pub(crate) struct Receipts {
    pub(crate) key: PathBuf,
    pub(crate) name: VerifierName,
    pub(crate) passphrase_file: Option<PathBuf>,
}

impl Config {
    /// Warnings about settings that are allowed, but weaken the server more than the operator may
    /// have intended.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let key = self.tls.as_ref().map(|tls| tls.key.as_path());
        let receipts = self.receipts.as_ref();
        let secrets = [
            ("tokens", self.tokens.as_deref()),
            ("tls_key", key),
            ("receipt_key", receipts.map(|receipts| receipts.key.as_path())),
            (
                "receipt_passphrase_file",
                receipts.and_then(|receipts| receipts.passphrase_file.as_deref()),
            ),
        ];
        let of_roster = self.roster.iter().flat_map(RosterConfig::secrets);
        let read = secrets
            .into_iter()
            .chain(of_roster.map(|(name, file)| (name, Some(file))))
            .filter(|(_, file)| file.is_some_and(|file| others_may(0o004, file)));
        let read = read.map(|(name, _)| {
            format!("the file of `{name}` can be read by every user of this machine")
        });
        let written = self.roots.as_deref().is_some_and(|file| others_may(0o002, file)).then(|| {
            "the file of `roots` can be changed by every user of this machine, and whoever changes it is the office"
                .to_owned()
        });
        let open = !self.listen.ip().is_loopback() && self.tls.is_none() && !self.behind_proxy;
        let open = open.then(|| {
            "clients come over the network without TLS: certificates and tokens can be read, and the page be changed, on the way".to_owned()
        });
        let hidden = self.roster.as_ref().filter(|roster| roster.tokens.is_none());
        let hidden = hidden.filter(|_| self.tokens.is_none()).map(|_| {
            "the roster is watched, but its page is shown to nobody: there are no `tokens`"
                .to_owned()
        });
        read.chain(written).chain(open).chain(hidden).collect()
    }
}

/// Whether every user of the machine has these permissions on a file.
#[cfg(unix)]
fn others_may(what: u32, file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|about| about.permissions().mode() & what != 0)
}

/// Other systems do not have these permission bits.
#[cfg(not(unix))]
fn others_may(_: u32, _: &Path) -> bool {
    false
}

/// The library's full report takes several lines, and its message alone does not name the setting;
/// this is one line that does.
fn in_one_line(error: &toml::de::Error, text: &str) -> anyhow::Error {
    let message = error.message().trim_end();
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return anyhow::anyhow!("{message}");
    };
    let line = before.matches('\n').count();
    let setting = text
        .split('\n')
        .nth(line)
        .and_then(|line| line.split('=').next())
        .unwrap_or_default()
        .trim();
    anyhow::anyhow!("line {}, `{setting}`: {message}", line + 1)
}

impl Settings {
    /// Reads the file, if there is one, for settings that neither flags nor environment give, and
    /// fills in the defaults.
    pub(crate) fn with_file(self, file: Option<&Path>) -> Result<Config> {
        let Some(path) = file else { return self.resolve() };
        let read = || {
            let text = String::from_utf8(read_capped(path, 1 << 20)?).context("it is not UTF-8")?;
            let mut settings: Self =
                toml::from_str(&text).map_err(|error| in_one_line(&error, &text))?;
            // Paths in the file are relative to it.
            let folder = path.parent().unwrap_or(Path::new("."));
            for file in [
                &mut settings.roots,
                &mut settings.tls_certificate,
                &mut settings.tls_key,
                &mut settings.tokens,
                &mut settings.receipt_key,
                &mut settings.receipt_passphrase_file,
                &mut settings.archive,
            ] {
                *file = file.take().map(|file| folder.join(file));
            }
            settings.roster.seen_from(folder);
            if let Some(source) = settings.publication.as_mut().filter(|source| !source.is_url()) {
                let path = folder.join(source.place());
                *source = path.to_str().context("a path in it is not UTF-8")?.into();
            }
            Ok::<_, anyhow::Error>(settings)
        };
        let from_file =
            read().with_context(|| format!("reading the configuration `{}`", path.display()))?;
        self.or(from_file).resolve()
    }

    fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            publication: self.publication.or(other.publication),
            roots: self.roots.or(other.roots),
            refresh: self.refresh.or(other.refresh),
            max_status_age: self.max_status_age.or(other.max_status_age),
            tls_certificate: self.tls_certificate.or(other.tls_certificate),
            tls_key: self.tls_key.or(other.tls_key),
            tokens: self.tokens.or(other.tokens),
            receipt_key: self.receipt_key.or(other.receipt_key),
            receipt_name: self.receipt_name.or(other.receipt_name),
            receipt_passphrase_file: self.receipt_passphrase_file.or(other.receipt_passphrase_file),
            archive: self.archive.or(other.archive),
            behind_proxy: self.behind_proxy.or(other.behind_proxy),
            rate_limit: self.rate_limit.or(other.rate_limit),
            max_requests: self.max_requests.or(other.max_requests),
            max_connections: self.max_connections.or(other.max_connections),
            roster: self.roster.or(other.roster),
            log: self.log.or(other.log),
        }
    }

    fn resolve(self) -> Result<Config> {
        let number = |number| NonZeroU32::new(number).expect("the defaults are not 0");
        let tls = match (self.tls_certificate, self.tls_key) {
            (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
            (None, None) => None,
            (Some(_), None) => bail!("there is a `tls_certificate` without its `tls_key`"),
            (None, Some(_)) => bail!("there is a `tls_key` without its `tls_certificate`"),
        };
        let receipts = match (self.receipt_key, self.receipt_name) {
            (Some(key), Some(name)) => {
                Some(Receipts { key, name, passphrase_file: self.receipt_passphrase_file })
            }
            (None, _) => None,
            (Some(_), None) => {
                bail!(
                    "there is a `receipt_key` without a `receipt_name`, which says in receipts who you are"
                )
            }
        };
        let behind_proxy = self.behind_proxy.unwrap_or(false);
        let max_status_age = self.max_status_age.unwrap_or(24);
        if !(1..=720).contains(&max_status_age) {
            bail!("`max_status_age` is {max_status_age}, expected 1 to 720 hours");
        }
        Ok(Config {
            listen: self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, 8470).into()),
            publication: self.publication,
            roots: self.roots,
            refresh: self.refresh,
            max_status_age,
            tls,
            tokens: self.tokens,
            receipts,
            archive: self.archive,
            behind_proxy,
            rate_limit: self.rate_limit.unwrap_or(if behind_proxy { 0 } else { 50 }),
            max_requests: self.max_requests.unwrap_or_else(|| number(512)),
            max_connections: self.max_connections.unwrap_or_else(|| number(2048)),
            log: self.log.unwrap_or(LogLevel::Info),
            roster: self.roster.resolve()?,
        })
    }
}
