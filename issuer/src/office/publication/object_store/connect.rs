//! Connects to a store by its URL: its kind and its settings.

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use object_store::{
    ObjectStore, ObjectStoreScheme, RetryConfig, aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder, path::Path,
};
use url::Url;
use zeroize::Zeroizing;

use super::{super::error::DestinationError, error::Reason};

/// An object store, or a place in one, by its URL.
#[derive(Clone)]
pub struct ObjectStorage {
    /// The URL as shown, without secrets.
    pub(super) url: String,
    pub(super) backend: Backend,
    /// The values that must not appear in a text.
    pub(super) secrets: Arc<[Zeroizing<String>]>,
}

#[derive(Clone)]
pub(super) enum Backend {
    /// A folder in which each file is an object. It is opened only for use, because that creates
    /// and locks it.
    Folder(PathBuf),
    Store {
        store: Arc<dyn ObjectStore>,
        prefix: Path,
    },
}

/// Settings with one of these in their name are secret.
const SECRET: [&str; 6] = ["KEY", "SECRET", "TOKEN", "PASSWORD", "SAS", "CREDENTIAL"];

/// The shortest value that is removed from texts: a shorter one protects nothing, and occurs in
/// ordinary words.
const MIN_SECRET: usize = 8;

/// For how long a request is retried. There is a publication every hour, so the next one handles a
/// longer outage.
const RETRY: Duration = Duration::from_secs(60);

const EXPECTED: &str = "file:///folder, s3://bucket/prefix, gs://bucket/prefix or az://container/prefix, with settings and credentials in \
                        environment variables";

impl ObjectStorage {
    pub(in super::super) fn parse(
        text: &str,
        settings: &[(String, String)],
    ) -> Result<Self, DestinationError> {
        let invalid =
            |found: &str| DestinationError::Invalid { found: found.to_owned(), expected: EXPECTED };
        let url = Url::parse(text).map_err(|_| invalid("no URL"))?;
        // In the URLs of Azure's data lake, the name of the container is where others have a user.
        let user = !url.username().is_empty() && !matches!(url.scheme(), "abfs" | "abfss");
        if user || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("a URL with a user, a password, a `?` or a `#` in it"));
        }
        let shown = url.as_str().trim_end_matches('/').to_owned();
        let (scheme, prefix) = ObjectStoreScheme::parse(&url)
            .map_err(|_| invalid(&format!("of scheme `{}`", url.scheme())))?;
        let prefix_of = |start: &str| {
            settings
                .iter()
                .filter(move |(name, _)| name.starts_with(start))
                .cloned()
                .collect::<Vec<_>>()
        };
        let settings = match scheme {
            ObjectStoreScheme::AmazonS3 => prefix_of("AWS_"),
            ObjectStoreScheme::GoogleCloudStorage => prefix_of("GOOGLE_"),
            ObjectStoreScheme::MicrosoftAzure => prefix_of("AZURE_"),
            ObjectStoreScheme::Local => {
                let folder = url.to_file_path().map_err(|()| invalid(&format!("`{shown}`")))?;
                return Ok(Self {
                    url: shown,
                    backend: Backend::Folder(folder),
                    secrets: Arc::default(),
                });
            }
            ObjectStoreScheme::Memory => {
                return Err(invalid("the memory of this program, which ends with it"));
            }
            _ => {
                return Err(invalid(&format!(
                    "of scheme `{}`, which is not that of an object store",
                    url.scheme()
                )));
            }
        };
        let secrets = secrets_of(&settings);
        // The client uses the installed TLS library; one that was installed elsewhere is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = connect(&scheme, &url, settings).map_err(|error| {
            let reason = Reason::of(&error, &secrets).text;
            DestinationError::Failed { action: "set up", name: shown.clone(), reason }
        })?;
        Ok(Self { url: shown, backend: Backend::Store { store, prefix }, secrets })
    }
}

/// Ignores settings that the store does not know, like the crate's own `from_env`.
macro_rules! built {
    ($builder:expr, $url:expr, $settings:expr) => {{
        let retry = RetryConfig { retry_timeout: RETRY, ..RetryConfig::default() };
        let builder = $builder.with_url($url.as_str()).with_retry(retry);
        let configured = $settings.into_iter().fold(builder, |builder, (name, value)| {
            match name.to_ascii_lowercase().parse() {
                Ok(name) => builder.with_config(name, value),
                Err(_) => builder,
            }
        });
        Arc::new(configured.build()?)
    }};
}

fn connect(
    scheme: &ObjectStoreScheme,
    url: &Url,
    settings: Vec<(String, String)>,
) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
    Ok(match scheme {
        ObjectStoreScheme::GoogleCloudStorage => {
            built!(GoogleCloudStorageBuilder::new(), url, settings)
        }
        ObjectStoreScheme::MicrosoftAzure => built!(MicrosoftAzureBuilder::new(), url, settings),
        _ => built!(AmazonS3Builder::new(), url, settings),
    })
}

fn secrets_of(settings: &[(String, String)]) -> Arc<[Zeroizing<String>]> {
    let secret = |name: &str| SECRET.iter().any(|part| name.to_ascii_uppercase().contains(part));
    let values = settings.iter().filter(|(name, value)| secret(name) && value.len() >= MIN_SECRET);
    values.map(|(_, value)| Zeroizing::new(value.clone())).collect()
}

impl fmt::Display for ObjectStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for ObjectStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ObjectStorage").field(&self.url).finish()
    }
}
