//! The destination of a publication: a folder, or an object store by its URL.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use vernet_common::{NumericDate, StatusListNumber};

#[cfg(feature = "object-store")]
use super::object_store::{ObjectStorage, OpenStorage};
use super::{
    content::{BUNDLE, Content},
    error::DestinationError,
    folder::Folder,
    previous::Previous,
};
use crate::Error;

/// The destination of a publication.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Destination {
    /// A folder, which is replaced as a whole, in one step.
    Folder(PathBuf),
    /// An object store. Each object is replaced separately, and never by an older one: first a copy
    /// of the bundle is written under a unique name that is never rewritten, and last
    /// `bundle.json`. A reader of `bundle.json` sees one consistent publication.
    #[cfg(feature = "object-store")]
    Objects(ObjectStorage),
}

impl Destination {
    /// Parses a destination: a URL such as `s3://bucket/prefix` if it holds `://`, otherwise the
    /// path of a folder.
    ///
    /// `settings` are names and values like those of environment variables. A store takes those
    /// with its own prefix (`AWS_`, `AZURE_`, `GOOGLE_`), including the credentials. This does not
    /// connect to anything yet.
    ///
    /// # Errors
    ///
    /// [`DestinationError::Invalid`] if the URL or a setting cannot be used;
    /// [`DestinationError::Unsupported`] if this program was built without object stores.
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

impl Destination {
    /// Whether it is a folder in which nothing is published.
    pub fn is_empty_folder(&self) -> bool {
        match self {
            Self::Folder(path) => !path.join(BUNDLE).exists(),
            #[cfg(feature = "object-store")]
            Self::Objects(_) => false,
        }
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

/// A destination that is ready to be written to. A folder is locked, so that only one exists at a
/// time.
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

    /// The current publication. In a folder, all of it is as old as the bundle.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(super) fn previous(&self, lists: &[StatusListNumber]) -> Result<Previous, Error> {
        match self {
            Self::Folder(folder) => Ok(Previous { bundle: folder.bundle(), ..Previous::default() }),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => Ok(storage.previous(lists)?),
        }
    }

    /// Replaces the current publication, and returns where the bundle can be found later. Where
    /// others may publish at the same time, calls `check` again to decide whether the current
    /// publication may be replaced.
    #[cfg_attr(not(feature = "object-store"), expect(unused_variables))]
    pub(super) fn replace(
        self,
        content: &Content,
        iat: NumericDate,
        check: &mut dyn FnMut(&Previous) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        match self {
            Self::Folder(folder) => folder.replace(content).map(|()| None),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => storage.replace(content, iat, check).map(Some),
        }
    }
}
