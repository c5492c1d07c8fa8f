//! Where a register is stored: in a file, or in a PostgreSQL database.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where a register is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegisterLocation {
    /// An SQLite file.
    File(PathBuf),
    /// A PostgreSQL database.
    Postgres(PostgresUrl),
}

/// The URL of a PostgreSQL database, as in `postgres://vernet@db.example.no/office`. It may hold a
/// password, so it is shown without one; only serde writes all of it, into the office's settings.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// The whole URL, with any password in it.
    #[cfg_attr(not(feature = "postgres"), expect(dead_code))]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    fn has_scheme(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }
}

impl FromStr for PostgresUrl {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for PostgresUrl {
    type Error = Error;
    fn try_from(text: String) -> Result<Self, Error> {
        if !Self::has_scheme(&text) {
            return Err(Error::RegisterUrl {
                reason: "it does not begin with `postgres://`".into(),
            });
        }
        let url = Self(text);
        #[cfg(feature = "postgres")]
        crate::storage::postgres::check_url(url.expose())?;
        Ok(url)
    }
}

impl From<PostgresUrl> for String {
    fn from(url: PostgresUrl) -> String {
        url.0
    }
}

/// Shows only host and database. Anything before an `@` may be a password, and so may be text that
/// was mistyped elsewhere.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, rest) = self.0.split_once("://").unwrap_or_default();
        let (_, place) = rest.rsplit_once('@').unwrap_or(("", rest));
        let place = place.split(['?', '#']).next().unwrap_or_default();
        let (hosts, data_base) = place.split_once('/').unwrap_or((place, ""));
        let is_port = |port: &str| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
        let host = |host: &str| match host.rsplit_once(':') {
            Some((name, port)) if !is_port(port) => name.to_owned(),
            _ => host.to_owned(),
        };
        let hosts: Vec<_> = hosts.split(',').map(host).collect();
        write!(f, "postgres://{}/{data_base}", hosts.join(","))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Parses a PostgreSQL URL or the path of a file.
impl FromStr for RegisterLocation {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.contains("://") {
            Ok(Self::Postgres(text.parse()?))
        } else {
            Ok(Self::File(text.into()))
        }
    }
}

impl From<&Path> for RegisterLocation {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<PathBuf> for RegisterLocation {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<PostgresUrl> for RegisterLocation {
    fn from(url: PostgresUrl) -> Self {
        Self::Postgres(url)
    }
}

impl fmt::Display for RegisterLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            (
                "postgres://kari:s3cret@db.example.no:5433/office?sslrootcert=ca.pem",
                "postgres://db.example.no:5433/office",
            ),
            (
                "postgresql://kari:s3%40cret@a,b:5432/office?sslmode=disable",
                "postgres://a,b:5432/office",
            ),
            ("postgres:///office?host=/run/postgresql&password=s3cret", "postgres:///office"),
            ("postgres://kari@%2Frun%2Fpostgresql/office", "postgres://%2Frun%2Fpostgresql/office"),
            ("postgres://[::1]:5432/office", "postgres://[::1]:5432/office"),
        ] {
            let url: PostgresUrl = url.parse().expect(url);
            assert_eq!((url.to_string().as_str(), format!("{url:?}").as_str()), (shown, shown));
        }
        // Typing errors: a password where a host, a port or a name belongs.
        for url in [
            "postgres://kari:s3cret",
            "postgres://kari:s3cret/office",
            "postgres://k:p@s3cret@db/office",
        ] {
            let shown = match url.parse::<PostgresUrl>() {
                Ok(url) => url.to_string(),
                Err(error) => error.to_string(),
            };
            assert!(!shown.contains("s3cret"), "{url}: {shown}");
        }
    }

    #[test]
    fn a_location_is_a_url_or_a_path() {
        let parse = |text: &str| text.parse::<RegisterLocation>();
        assert_eq!(
            parse("a/register.sqlite").expect("a path"),
            RegisterLocation::File("a/register.sqlite".into())
        );
        assert!(matches!(parse("postgres://localhost/office"), Ok(RegisterLocation::Postgres(_))));
        assert_eq!(
            parse("mysql://db/office").expect_err("another data base").code(),
            "register_url"
        );
    }
}
