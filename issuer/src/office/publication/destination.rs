//! Where a publication goes: a folder, or an object store by its URL.

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
};

use vernet_common::{NumericDate, StatusListNumber};

#[cfg(feature = "object-store")]
use super::object_store::{ObjectStorage, OpenStorage};
use super::{content::Content, error::DestinationError, folder::Folder, previous::Previous};
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
    pub(super) fn previous(&self, lists: &[StatusListNumber]) -> Result<Previous, Error> {
        match self {
            Self::Folder(folder) => Ok(Previous { bundle: folder.bundle(), ..Previous::default() }),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => Ok(storage.previous(lists)?),
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
        check: &mut dyn FnMut(&Previous) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        match self {
            Self::Folder(folder) => folder.replace(content).map(|()| None),
            #[cfg(feature = "object-store")]
            Self::Objects(storage) => storage.replace(content, iat, check).map(Some),
        }
    }
}
