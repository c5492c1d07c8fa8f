//! How to connect to a PostgreSQL server: its URL, the password, TLS.
//!
//! The URL is libpq's. It supports what the crate `postgres` reads, and also `passfile`,
//! `sslrootcert` and the value `verify-full` of `sslmode`. A register holds personal data, so a
//! connection that is neither to a Unix socket nor to this machine itself uses TLS, with the
//! server's certificate and name checked against `sslrootcert`, unless the URL explicitly says
//! `sslmode=disable`.

use std::{
    env,
    error::Error as _,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode, TargetSessionAttrs},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;
use vernet_host::files::is_readable_by_others;

use super::passfile::{self, Wanted};
use crate::error::{Error, StoreError};

/// A parsed URL, ready to connect.
#[derive(Clone, Debug)]
pub(super) struct Target {
    config: Config,
    passfile: Option<PathBuf>,
    /// The root certificates for the server's certificate; `None` without TLS.
    roots: Option<PathBuf>,
}

impl Target {
    /// Parses a URL. Accesses no file and no server.
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::RegisterUrl { reason: reason.into() };
        let (plain, options) = split_options(url);
        let (mut passfile, mut sslrootcert, mut sslmode) = (None, None, None);
        let mut rest = Vec::new();
        for option in options {
            match option.split_once('=') {
                Some(("passfile", value)) => passfile = Some(PathBuf::from(decoded(value)?)),
                Some(("sslrootcert", value)) => sslrootcert = Some(PathBuf::from(decoded(value)?)),
                Some(("sslmode", value)) => sslmode = Some(value),
                _ => rest.push(option),
            }
        }
        // The crate's error may quote the URL, so it is not repeated.
        let mut config: Config = format!("{plain}?{}", rest.join("&"))
            .parse()
            .map_err(|_| refuse("expected `postgres://USER@HOST:PORT/DATABASE?OPTION=VALUE`"))?;
        let encrypted = match sslmode {
            None => !is_local(&config),
            Some("disable") => false,
            Some("require" | "verify-full") => true,
            Some(_) => return Err(refuse("`sslmode` is neither `disable` nor `verify-full`")),
        };
        if encrypted && sslrootcert.is_none() {
            return Err(refuse(
                "a server on another machine is reached over TLS: expected `sslrootcert=FILE`, the certificate of who \
                 vouches for it",
            ));
        }
        config.ssl_mode(if encrypted { SslMode::Require } else { SslMode::Disable });
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(Duration::from_secs(30));
        }
        if config.get_application_name().is_none() {
            config.application_name("vernet-issuer");
        }
        Ok(Self { config, passfile, roots: sslrootcert.filter(|_| encrypted) })
    }

    pub(super) fn connect(&self) -> Result<Client, Error> {
        let mut config = self.config.clone();
        if config.get_password().is_none()
            && let Some(password) = self.password(|name| env::var_os(name))?
        {
            config.password(password);
        }
        // A standby accepts no writes, so it cannot record decisions: the primary, wherever it is.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let primary = match self.attempt(&config)? {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        // Where there is none, a standby can be read.
        let refused = primary.source().and_then(|source| source.downcast_ref());
        let is_standby = refused
            .is_some_and(|refused: &io::Error| refused.kind() == io::ErrorKind::PermissionDenied);
        if is_standby || config.get_hosts().len() > 1 {
            config.target_session_attrs(TargetSessionAttrs::Any);
            if let Ok(client) = self.attempt(&config)? {
                return Ok(client);
            }
        }
        Err(Error::RegisterUnreachable { source: StoreError::new(primary) })
    }

    fn attempt(&self, config: &Config) -> Result<Result<Client, postgres::Error>, Error> {
        Ok(match &self.roots {
            None => config.connect(NoTls),
            Some(file) => config.connect(trusting(file)?),
        })
    }

    /// The password as libpq finds it: from the environment, then from the password file. The
    /// environment is an argument for the tests.
    fn password(
        &self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Option<String>, Error> {
        if let Some(password) =
            variable("PGPASSWORD").and_then(|password| password.into_string().ok())
        {
            return Ok(Some(password));
        }
        let named = self.passfile.clone().or_else(|| variable("PGPASSFILE").map(PathBuf::from));
        let path = match (named, variable("HOME")) {
            (Some(path), _) => path,
            (None, Some(home)) if Path::new(&home).join(".pgpass").exists() => {
                Path::new(&home).join(".pgpass")
            }
            (None, _) => return Ok(None),
        };
        let refuse = |reason: String| Error::Passfile { path: path.clone(), reason };
        let text = fs::read_to_string(&path).map_err(|error| refuse(error.to_string()))?;
        if is_readable_by_others(&path).unwrap_or(true) {
            return Err(refuse(
                "other users of this machine can read it: expected the mode 0600".into(),
            ));
        }
        let login = variable("USER").and_then(|user| user.into_string().ok()).unwrap_or_default();
        let user = self.config.get_user().unwrap_or(&login);
        let hosts: Vec<_> = self.config.get_hosts().iter().map(host_name).collect();
        let port = self.config.get_ports().first().copied().unwrap_or(5432).to_string();
        let data_base = self.config.get_dbname().unwrap_or(user);
        let found = hosts.iter().find_map(|host| {
            passfile::password(&text, &Wanted { host, port: &port, data_base, user })
        });
        Ok(found)
    }
}

/// The URL without its options, and the options.
fn split_options(url: &str) -> (&str, Vec<&str>) {
    // A password may contain a question mark.
    let after_password = url.find('@').unwrap_or(0);
    match url[after_password..].find('?') {
        Some(place) => {
            let (plain, options) = url.split_at(after_password + place);
            (plain, options[1..].split('&').filter(|option| !option.is_empty()).collect())
        }
        None => (url, Vec::new()),
    }
}

fn decoded(value: &str) -> Result<String, Error> {
    let text = percent_encoding::percent_decode_str(value).decode_utf8();
    text.map(Into::into).map_err(|_| Error::RegisterUrl { reason: "an option is not UTF-8".into() })
}

/// Whether what is sent to these hosts stays on this machine.
fn is_local(config: &Config) -> bool {
    let local = |host: &Host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
    };
    // An address takes precedence over the name.
    match config.get_hostaddrs() {
        [] => config.get_hosts().iter().all(local),
        addresses => addresses.iter().all(std::net::IpAddr::is_loopback),
    }
}

fn host_name(host: &Host) -> String {
    match host {
        #[cfg(unix)]
        Host::Unix(_) => "localhost".into(),
        Host::Tcp(name) => name.clone(),
    }
}

fn trusting(file: &Path) -> Result<MakeRustlsConnect, Error> {
    let refuse = |reason: String| Error::RegisterUrl {
        reason: format!("`sslrootcert` {}: {reason}", file.display()),
    };
    let mut roots = RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(file).map_err(|error| refuse(error.to_string()))?
    {
        let certificate = certificate.map_err(|error| refuse(error.to_string()))?;
        roots.add(certificate).map_err(|error| refuse(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(refuse("there is no certificate in it".into()));
    }
    let config =
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| refuse(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, Error> {
        Target::parse(url)
    }

    fn encrypted(url: &str) -> bool {
        target(url).expect(url).config.get_ssl_mode() == SslMode::Require
    }

    #[test]
    fn only_this_machine_is_spoken_to_without_tls() {
        for url in [
            "postgres://kari@%2Frun%2Fpostgresql/office",
            "postgres:///office?host=/run/postgresql",
            "postgres://kari@localhost/office",
            "postgres://127.0.0.1:5433/office",
            "postgres://[::1]/office",
            "postgres://db.example.no/office?sslmode=disable",
        ] {
            assert!(!encrypted(url), "{url}");
        }
        for url in [
            "postgres://db.example.no/office?sslrootcert=ca.pem",
            "postgres://localhost,db.example.no/office?sslrootcert=ca.pem",
            "postgres://localhost/office?hostaddr=192.0.2.1&sslrootcert=ca.pem",
            "postgres://localhost/office?sslmode=verify-full&sslrootcert=my%20ca.pem",
        ] {
            assert!(encrypted(url), "{url}");
        }
        for url in [
            "postgres://db.example.no/office",
            "postgres://localhost/office?sslmode=verify-full",
            "postgres://localhost/office?sslmode=prefer",
            "postgres://localhost/office?surprise=1",
            "postgres://localhost:high/office",
        ] {
            assert_eq!(target(url).expect_err(url).code(), "register_url", "{url}");
        }
    }

    #[test]
    fn a_root_certificate_that_is_none_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for content in
            ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            let file = folder.path().join("ca.pem");
            fs::write(&file, content).expect("written");
            let url = format!("postgres://db.example.no/office?sslrootcert={}", file.display());
            assert_eq!(
                target(&url).expect("a URL").connect().err().expect("refused").code(),
                "register_url"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_password_comes_from_the_environment_or_from_a_file_of_ones_own() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pass");
        let mode = |mode| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("one's own file")
        };
        fs::write(&file, "localhost:5432:office:kari:from the file\n").expect("written");
        let ask = |url: &str, variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            };
            target(url).expect("a URL").password(variable)
        };
        let (url, named) = ("postgres://kari@localhost/office", file.display().to_string());
        mode(0o644);
        assert_eq!(
            ask(url, &[("PGPASSFILE", &named)]).expect_err("readable by others").code(),
            "passfile"
        );
        mode(0o600);
        let from_file = Some("from the file".to_owned());
        assert_eq!(ask(url, &[("PGPASSFILE", &named)]).expect("read"), from_file);
        assert_eq!(ask(&format!("{url}?passfile={named}"), &[]).expect("read"), from_file);
        assert_eq!(
            ask(url, &[("PGPASSFILE", &named), ("PGPASSWORD", "this")]).expect("no file"),
            Some("this".into())
        );
        assert_eq!(ask(url, &[("HOME", "/nowhere")]).expect("no file is no error"), None);
        assert_eq!(
            ask(url, &[("PGPASSFILE", "/nowhere")]).expect_err("a named file is there").code(),
            "passfile"
        );
        assert_eq!(
            ask("postgres://ola@localhost/office", &[("PGPASSFILE", &named)]).expect("read"),
            None
        );
        fs::rename(&file, folder.path().join(".pgpass")).expect("renamed");
        let home = folder.path().display().to_string();
        assert_eq!(ask(url, &[("HOME", &home)]).expect("read"), from_file);
    }
}
