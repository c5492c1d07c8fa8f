//! Publication into an object store, where only one object can be replaced at a time.
//!
//! | step | object | how it is written |
//! |---|---|---|
//! | 1 | `log/tile/…` | only if there is none of that name; never changed afterwards |
//! | 2 | `archive/<iat>/bundle.json` | the same |
//! | 3 | `trust-list.json`, type and issuer metadata | if it is still what was looked at |
//! | 4 | `status/<n>` | the same |
//! | 5 | `log/checkpoint` | the same |
//! | 6 | `bundle.json` | the same |
//!
//! `bundle.json` holds everything that offline verification needs, or names tiles that never
//! change, so its readers see one consistent publication. Before each attempt the objects are read
//! in reverse order: if one of them is from another publisher, those read after it are at least as
//! new. All of that is checked under the office's own roots, and if it is newer than what is to be
//! published, nothing is written. So the published lists never get older, whichever of two
//! publishers is slower. An interrupted publisher has replaced some of the smaller objects, each
//! completely and with a newer one; the next publication replaces the rest.
//!
//! A lost response to a write looks like another publisher's write. The objects are then read
//! again, and those that are as intended are left.

mod connect;
mod error;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fs, sync::Arc};

pub use connect::ObjectStorage;
use object_store::{
    Attribute, Attributes, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload,
    UpdateVersion, local::LocalFileSystem, path::Path,
};
use tokio::runtime::{Builder, Runtime};
use vernet_common::{Bundle, NumericDate, StatusListNumber};
use vernet_host::files::lock;

use self::{connect::Backend, error::Reason};
use super::{
    content::{BUNDLE, Content, File, LOG, STATUS, TRUST_LIST, status_name},
    error::DestinationError,
    previous::Previous,
};
use crate::{Error, FileError};

/// For objects that change: caches revalidate them each time, usually with the answer "not
/// modified".
const NO_CACHE: &str = "no-cache";

/// For objects that never change: caches never revalidate them.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// How often a publication is tried if others publish at the same time. An attempt fails only
/// because another publisher made progress.
const ATTEMPTS: u32 = 8;

/// A store that is being written to. Do not use it within an asynchronous task, because each step
/// blocks on the store.
pub(super) struct OpenStorage<'a> {
    storage: &'a ObjectStorage,
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    runtime: Runtime,
    /// The lock of a folder, which supports neither conditions nor media types: nobody else writes
    /// to it meanwhile.
    lock: Option<fs::File>,
}

/// An object that exists.
struct Found {
    version: UpdateVersion,
    bytes: Vec<u8>,
}

/// The outcome of a write.
#[derive(PartialEq, Eq)]
enum Put {
    Done,
    /// The object has changed since it was read.
    Conflict,
}

impl ObjectStorage {
    pub(super) fn open(&self) -> Result<OpenStorage<'_>, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|source| FileError::Io {
            action: "start a client for",
            path: (&self.url).into(),
            source,
        })?;
        let (store, prefix, lock) = match &self.backend {
            Backend::Store { store, prefix } => (Arc::clone(store), prefix.clone(), None),
            Backend::Folder(folder) => {
                let io = |source| FileError::Io { action: "create", path: folder.clone(), source };
                fs::create_dir_all(folder).map_err(io)?;
                let lock = lock(folder)?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| {
                    Reason::of(&error, &[]).while_doing("open", self.url.clone())
                })?;
                (Arc::new(store.with_fsync(true)) as Arc<dyn ObjectStore>, Path::ROOT, Some(lock))
            }
        };
        Ok(OpenStorage { storage: self, store, prefix, runtime, lock })
    }
}

impl OpenStorage<'_> {
    /// The current publication, read in the reverse order of writing.
    pub(super) fn previous(
        &self,
        lists: &[StatusListNumber],
    ) -> Result<Previous, DestinationError> {
        let bytes = |name: &str| Ok(self.get(name)?.map(|found| found.bytes));
        let bundle = bytes(BUNDLE)?;
        let lists = lists.iter().rev().map(|list| bytes(&status_name(*list)));
        let status_lists = lists.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        Ok(Previous { bundle, status_lists, trust_list: bytes(TRUST_LIST)? })
    }

    /// Replaces the current publication unless `check` forbids it, and returns where the bundle can
    /// be found later.
    pub(super) fn replace(
        &self,
        content: &Content,
        iat: NumericDate,
        check: &mut dyn FnMut(&Previous) -> Result<(), Error>,
    ) -> Result<String, Error> {
        let archive = archive_name(iat);
        for _ in 0..ATTEMPTS {
            let previous = self.look(content)?;
            check(&as_previous(&previous))?;
            self.put_tiles(content.tiles())?;
            if let Some((bundle, _)) = previous.last() {
                self.archive(&archive, bundle)?;
            }
            if self.put_all(&previous)? == Put::Done {
                return Ok(archive);
            }
        }
        Err(DestinationError::Contended { name: self.named(BUNDLE), attempts: ATTEMPTS }.into())
    }

    /// Each file to be written, and the object in its place. They are read in the reverse order of
    /// writing.
    fn look<'c>(
        &self,
        content: &'c Content,
    ) -> Result<Vec<(&'c File, Option<Found>)>, DestinationError> {
        let read = content.files().iter().rev().map(|file| Ok((file, self.get(&file.name)?)));
        let mut previous = read.collect::<Result<Vec<_>, _>>()?;
        previous.reverse();
        Ok(previous)
    }

    fn put_all(&self, previous: &[(&File, Option<Found>)]) -> Result<Put, DestinationError> {
        for (file, found) in previous {
            let mode = match found {
                Some(found) if found.bytes == file.bytes => continue,
                Some(_) if self.lock.is_some() => PutMode::Overwrite,
                Some(found) => PutMode::Update(found.version.clone()),
                None => PutMode::Create,
            };
            if self.put(&file.name, file, mode, NO_CACHE)? == Put::Conflict {
                return Ok(Put::Conflict);
            }
        }
        Ok(Put::Done)
    }

    /// Writes the tiles that do not exist yet. A large log has thousands, so the existing full
    /// tiles are listed once.
    fn put_tiles(&self, tiles: &[File]) -> Result<(), DestinationError> {
        let there = self.full_tiles()?;
        for tile in
            tiles.iter().filter(|tile| there.get(&tile.name) != Some(&(tile.bytes.len() as u64)))
        {
            self.put_once(&tile.name, tile)?;
        }
        Ok(())
    }

    /// The existing full tiles, with their sizes. Partial ones are skipped: they accumulate, and
    /// one publication has only a few.
    fn full_tiles(&self) -> Result<BTreeMap<String, u64>, DestinationError> {
        let mut found = BTreeMap::new();
        let top = format!("{LOG}/tile");
        let listing = async {
            let mut folders = vec![self.path(&top)?];
            while let Some(folder) = folders.pop() {
                let listed = self.store.list_with_delimiter(Some(&folder)).await?;
                folders.extend(
                    listed
                        .common_prefixes
                        .into_iter()
                        .filter(|folder| !folder.as_ref().ends_with(".p")),
                );
                for object in listed.objects {
                    let name = object
                        .location
                        .as_ref()
                        .strip_prefix(self.prefix.as_ref())
                        .unwrap_or_default();
                    found.insert(name.trim_start_matches('/').to_owned(), object.size);
                }
            }
            Ok(())
        };
        self.runtime.block_on(listing).map_err(|error| self.failed(&error, "list", &top))?;
        Ok(found)
    }

    /// No two publications of one register have the same `iat`, so an existing name is either ours,
    /// or comes from an old copy of the register.
    fn archive(&self, name: &str, bundle: &File) -> Result<(), DestinationError> {
        self.put_once(name, bundle)
    }

    /// Writes an object that never changes, unless it exists.
    fn put_once(&self, name: &str, file: &File) -> Result<(), DestinationError> {
        if self.put(name, file, PutMode::Create, FOR_EVER)? == Put::Done {
            return Ok(());
        }
        match self.get(name)? {
            Some(found) if found.bytes == file.bytes => Ok(()),
            _ => Err(DestinationError::ArchiveDiffers { name: self.named(name) }),
        }
    }

    fn get(&self, name: &str) -> Result<Option<Found>, DestinationError> {
        let reading = async {
            let result = match self.store.get(&self.path(name)?).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                result => result?,
            };
            let version = UpdateVersion {
                e_tag: result.meta.e_tag.clone(),
                version: result.meta.version.clone(),
            };
            // None of our objects is that large, so it is not read.
            let too_large = result.meta.size > Bundle::MAX_BYTES as u64;
            let bytes = if too_large { Vec::new() } else { result.bytes().await?.to_vec() };
            Ok(Some(Found { version, bytes }))
        };
        self.runtime.block_on(reading).map_err(|error| self.failed(&error, "read", name))
    }

    fn put(
        &self,
        name: &str,
        file: &File,
        mode: PutMode,
        cache: &'static str,
    ) -> Result<Put, DestinationError> {
        let mut attributes = Attributes::new();
        if self.lock.is_none() {
            attributes.insert(Attribute::ContentType, file.media_type.into());
            attributes.insert(Attribute::CacheControl, cache.into());
        }
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let payload = PutPayload::from(file.bytes.clone());
        let writing = async { self.store.put_opts(&self.path(name)?, payload, options).await };
        match self.runtime.block_on(writing) {
            Ok(_) => Ok(Put::Done),
            Err(
                object_store::Error::AlreadyExists { .. }
                | object_store::Error::Precondition { .. },
            ) => Ok(Put::Conflict),
            Err(error) => Err(self.failed(&error, "write", name)),
        }
    }

    fn path(&self, name: &str) -> Result<Path, object_store::Error> {
        let separator = if self.prefix.as_ref().is_empty() { "" } else { "/" };
        Ok(Path::parse(format!("{}{separator}{name}", self.prefix))?)
    }

    fn failed(
        &self,
        error: &object_store::Error,
        action: &'static str,
        name: &str,
    ) -> DestinationError {
        Reason::of(error, &self.storage.secrets).while_doing(action, self.named(name))
    }

    /// The name of an object as shown.
    fn named(&self, name: &str) -> String {
        format!("{}/{name}", self.storage.url)
    }
}

/// Sorted by time, and free of what URLs and file names cannot hold:
/// `archive/20261124T100000Z/bundle.json`.
fn archive_name(iat: NumericDate) -> String {
    let compact: String = iat.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("archive/{compact}/{BUNDLE}")
}

/// The objects that may forbid their replacement: all except those that equal what is to be
/// written, which exist if the response to a write was lost.
fn as_previous(found: &[(&File, Option<Found>)]) -> Previous {
    let mut previous = Previous::default();
    for (file, found) in found {
        let Some(bytes) =
            found.as_ref().map(|found| found.bytes.clone()).filter(|bytes| *bytes != file.bytes)
        else {
            continue;
        };
        match file.name.as_str() {
            BUNDLE => previous.bundle = Some(bytes),
            TRUST_LIST => previous.trust_list = Some(bytes),
            name if name.starts_with(STATUS) => previous.status_lists.push(bytes),
            _ => {}
        }
    }
    previous
}
