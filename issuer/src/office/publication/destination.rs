//! Where a publication goes: a folder, or an object store by its URL.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use vernet_common::{NumericDate, StatusListNumber};

#[cfg(feature = "object-store")]
use super::object_store::{ObjectStorage, OpenStorage};
use super::{content::Content, folder::Folder};
use crate::Error;

/// Where a publication goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Destination {
    /// A folder, which is replaced as a whole, in one step.
    Folder(PathBuf),
    /// An object store. Each object is replaced by itself, and never by an older one: first a copy
    /// of the bundle under a name of its own that is never written again, last `bundle.json`.
    /// Who reads that, reads one publication.
    #[cfg(feature = "object-store")]
    Objects(ObjectStorage),
}

impl Destination {
    /// The destination that somebody named: a URL such as `s3://bucket/prefix` if it holds `://`,
    /// else the path of a folder.
    ///
    /// `settings` are names and values as of environment variables; a store takes those that begin
    /// as its own do (`AWS_`, `AZURE_`, `GOOGLE_`), the credentials among them. Nothing is
    /// connected to yet.
    ///
    /// # Errors
    ///
    /// [`DestinationError::Invalid`], [`DestinationError::Unsupported`].
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub fn parse(named: &OsStr, settings: &[(String, String)]) -> Result<Self, DestinationError> {
        let Some(url) = named.to_str().filter(|text| text.contains("://")) else {
            return Ok(Self::Folder(named.into()));
        };
        #[cfg(feature = "object-store")]
        return Ok(Self::Objects(ObjectStorage::parse(url, settings)?));
        #[cfg(not(feature = "object-store"))]
        return Err(DestinationError::Unsupported);
    }
}

impl From<&Path> for Destination {
    fn from(folder: &Path) -> Self {
        Self::Folder(folder.to_owned())
    }
}

impl From<&PathBuf> for Destination {
    fn from(folder: &PathBuf) -> Self {
        Self::Folder(folder.clone())
    }
}

impl From<&Self> for Destination {
    fn from(destination: &Self) -> Self {
        destination.clone()
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => storage.fmt(f),
        }
    }
}

/// Why nothing could be published at a destination. Credentials are in none of the texts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestinationError {
    /// It is not the URL of a place that can be published to.
    #[error("the destination is {found}, expected {expected}")]
    Invalid {
        /// What it is. What a URL may carry of credentials is not repeated.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// This program was built without object stores.
    #[error(
        "the destination is a URL, and this program was built without object stores: expected a folder"
    )]
    Unsupported,
    /// The store does not let us.
    #[error("the object store does not let us {action} `{name}`: {reason}")]
    Denied {
        /// What was tried.
        action: &'static str,
        /// The object.
        name: String,
        /// The store's answer.
        reason: String,
    },
    /// The store cannot be reached, or cannot do it.
    #[error("cannot {action} `{name}`: {reason}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// The object.
        name: String,
        /// Why not.
        reason: String,
    },
    /// The store cannot write on a condition, so nothing would keep a slower publisher from
    /// replacing a newer publication.
    #[error(
        "the object store cannot write `{name}` on condition that nobody else does meanwhile: {reason}"
    )]
    Unconditional {
        /// The object.
        name: String,
        /// The store's answer.
        reason: String,
    },
    /// An object whose name is given out once holds something else.
    #[error("`{name}` holds another publication than the one just signed, and is never replaced")]
    ArchiveDiffers {
        /// The object.
        name: String,
    },
    /// Others kept changing what lies there.
    #[error(
        "others kept changing `{name}` while it was to be replaced: gave up after {attempts} attempts"
    )]
    Contended {
        /// The object.
        name: String,
        /// How often it was tried.
        attempts: u32,
    },
}

impl DestinationError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "destination_invalid",
            Self::Unsupported => "destination_unsupported",
            Self::Denied { .. } => "object_store_denied",
            Self::Failed { .. } => "object_store_failed",
            Self::Unconditional { .. } => "object_store_unconditional",
            Self::ArchiveDiffers { .. } => "archive_differs",
            Self::Contended { .. } => "destination_contended",
        }
    }
}

/// What lies at a destination that is about to be replaced. Nothing about it was checked.
#[derive(Debug, Default)]
pub(super) struct Lying {
    pub(super) bundle: Option<Vec<u8>>,
    pub(super) trust_list: Option<Vec<u8>>,
    pub(super) status_lists: Vec<Vec<u8>>,
}

/// A destination that is ready to be written to. Of a folder nobody else can have another one
/// meanwhile.
pub(super) enum Place<'a> {
    Folder(Folder<'a>),
    #[cfg(feature = "object-store")]
    Objects(OpenStorage<'a>),
}

impl<'a> Place<'a> {
    pub(super) fn open(destination: &'a Destination) -> Result<Self, Error> {
        Ok(match destination {
            Destination::Folder(path) => Self::Folder(Folder::open(path)?),
            #[cfg(feature = "object-store")]
            Destination::Objects(storage) => Self::Objects(storage.open()?),
        })
    }

    /// What lies there now. In a folder all of it is as old as the bundle.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(super) fn lying(&self, lists: &[StatusListNumber]) -> Result<Lying, Error> {
        match self {
            Self::Folder(folder) => Ok(Lying { bundle: folder.bundle(), ..Lying::default() }),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => Ok(storage.lying(lists)?),
        }
    }

    /// Replaces what lies there, and answers where the bundle will be found later. Where others may
    /// publish at the same time, `check` is asked again whether what lies there may be
    /// replaced.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(super) fn replace(
        self,
        content: &Content,
        iat: NumericDate,
        check: &mut dyn FnMut(&Lying) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        match self {
            Self::Folder(folder) => folder.replace(content).map(|()| None),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => storage.replace(content, iat, check).map(Some),
        }
    }
}
