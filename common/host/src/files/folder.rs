//! Folders that are replaced as a whole.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

#[cfg(unix)]
use super::place::permissions;
use super::{
    access::{publish, share_with_group},
    place::{folder_of, hidden_name, sync_folder},
};
use crate::file_error::FileError;

const STAGING: &str = "staging-";

/// A folder in preparation, next to the published one that it will replace.
///
/// Fill [`StagedDirectory::path`], then call [`StagedDirectory::switch`]. If it is dropped before,
/// it is removed and nothing has changed. While it exists, no other process can prepare the same
/// target.
#[derive(Debug)]
pub struct StagedDirectory {
    folder: tempfile::TempDir,
    target: PathBuf,
    /// Released when dropped, and by a crash.
    _lock: File,
}

impl StagedDirectory {
    /// Prepares to replace `target`, which need not exist. First it cleans up after a run that
    /// crashed: see [`switch_directory`]; leftover folders `.NAME.staging-*` are removed, which is
    /// safe because the lock shows that nobody is filling them.
    ///
    /// `marker` is the name of a file that every folder written by this program has. A folder that
    /// is not empty and lacks this file is not ours, perhaps because of a mistake on the command
    /// line, and is left alone. Files that others put *into* a published folder are lost at the
    /// next switch.
    ///
    /// # Errors
    ///
    /// [`FileError::Busy`] if another process is preparing the target, [`FileError::NotOurs`] if
    /// the folder is not ours, [`FileError::Io`] if the operating system refuses.
    pub fn new(target: &Path, marker: &'static str) -> Result<Self, FileError> {
        // A link is followed, so that the folder behind it is replaced and not the link.
        let target = match fs::canonicalize(target) {
            Ok(resolved) => resolved,
            Err(e) if e.kind() == io::ErrorKind::NotFound => target.to_owned(),
            Err(e) => return Err(FileError::io("resolve", target)(e)),
        };
        // Before the lock, so that not even a lock file is left beside a folder that is not ours.
        if is_present(&target)? && !target.join(marker).exists() {
            let mut entries = fs::read_dir(&target).map_err(FileError::io("list", &target))?;
            if entries.next().is_some() {
                return Err(FileError::NotOurs { path: target, marker });
            }
        }
        let parent = folder_of(&target);
        fs::create_dir_all(parent).map_err(FileError::io("create", parent))?;
        let lock = lock(&target)?;
        recover(&target)?;
        remove_leftovers(&target)?;
        let prefix = hidden_name(&target, STAGING)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix);
        // Until it is switched; then its permissions are those of a published folder.
        #[cfg(unix)]
        builder.permissions(permissions(0o777));
        let folder =
            builder.tempdir_in(parent).map_err(FileError::io("create a folder in", parent))?;
        Ok(Self { folder, target, _lock: lock })
    }

    /// The folder to fill.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces the target by the folder, as [`switch_directory`] does.
    ///
    /// # Errors
    ///
    /// [`FileError::Io`] if the operating system refuses; the target is then unchanged.
    pub fn switch(self) -> Result<(), FileError> {
        publish(self.folder.path(), &self.target)
            .map_err(FileError::io("set the permissions of", &self.target))?;
        // `TempDir` still removes its path when dropped, and what is there now is the old folder or
        // nothing.
        switch_directory(self.folder.path(), &self.target)
    }
}

/// Replaces a published folder by a complete one in a single step. Both must be on the same file
/// system, preferably in the same folder, and only one process may do it at a time
/// ([`StagedDirectory`] ensures all of that).
///
/// All files are flushed first. Linux and macOS then exchange the two names atomically; a program
/// that opens a file by its path gets the old or the new one, never none. The old folder is removed
/// after the exchange is on disk; a crash before that leaves it as `.NAME.staging-*`.
///
/// Some file systems (NFS, some FUSE and SMB mounts) and Windows cannot exchange. There the target
/// is renamed to `.NAME.old` and the new folder to the target: for an instant there is none. After
/// a crash in that instant the next call finds no target but `.NAME.old`, and puts it back.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses; the target is then unchanged. A target that
/// is the root of a mounted file system cannot be replaced: publish into a folder inside it.
pub fn switch_directory(staged: &Path, target: &Path) -> Result<(), FileError> {
    switch_with(staged, target, exchange)
}

/// `exchange` returns `false` if the file system does not support it; tests pass one that never
/// does.
pub(super) fn switch_with(
    staged: &Path,
    target: &Path,
    exchange: impl FnOnce(&Path, &Path) -> io::Result<bool>,
) -> Result<(), FileError> {
    recover(target)?;
    sync_tree(staged)?;
    let parent = folder_of(target);
    let old = if !is_present(target)? {
        fs::rename(staged, target).map_err(FileError::io("rename a folder to", target))?;
        None
    } else if exchange(staged, target).map_err(FileError::io("replace", target))? {
        Some(staged.to_owned())
    } else {
        let old = old_of(target)?;
        fs::rename(target, &old).map_err(FileError::io("rename", target))?;
        if let Err(e) = fs::rename(staged, target) {
            // If this fails too, the next call repairs it.
            let _ = fs::rename(&old, target);
            return Err(FileError::io("rename a folder to", target)(e));
        }
        Some(old)
    };
    sync_folder(parent)?;
    if folder_of(staged) != parent {
        sync_folder(folder_of(staged))?;
    }
    if let Some(old) = old {
        // A reader that had just looked up the old folder had the time of the flush to open its
        // file there. The new folder is in place, so it is not an error if the old one cannot be
        // removed; the next run tries again.
        let _ = fs::remove_dir_all(old);
    }
    Ok(())
}

/// Undoes or completes two renames that a crash interrupted.
fn recover(target: &Path) -> Result<(), FileError> {
    let old = old_of(target)?;
    if !is_present(&old)? {
        return Ok(());
    }
    if is_present(target)? {
        return fs::remove_dir_all(&old).map_err(FileError::io("remove", &old));
    }
    fs::rename(&old, target).map_err(FileError::io("restore", target))?;
    sync_folder(folder_of(target))
}

fn remove_leftovers(target: &Path) -> Result<(), FileError> {
    let prefix = hidden_name(target, STAGING)?;
    let parent = folder_of(target);
    let listing = FileError::io("list", parent);
    let entries: Vec<_> = match fs::read_dir(parent).and_then(Iterator::collect) {
        Ok(entries) => entries,
        Err(e) => return Err(listing(e)),
    };
    for entry in entries {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix));
        // A link of that name is not ours: we only create folders.
        if ours && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::remove_dir_all(entry.path()).map_err(FileError::io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// Keeps other processes from preparing `target`, until the file is dropped. [`StagedDirectory`]
/// does this itself.
///
/// # Errors
///
/// [`FileError::Busy`] if another process holds it, [`FileError::Io`] if the operating system
/// refuses.
// The lock is a file that stays: removing it would let two processes hold locks on two files of the
// same name.
pub fn lock(target: &Path) -> Result<File, FileError> {
    let path = folder_of(target).join(hidden_name(target, "lock")?);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(FileError::io("open", &path))?;
    share_with_group(&path);
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FileError::Busy { path: target.to_owned() }),
        Err(TryLockError::Error(e)) => Err(FileError::io("lock", &path)(e)),
    }
}

/// Whether a folder exists. Anything else under that name is an error: neither files nor links are
/// replaced.
fn is_present(folder: &Path) -> Result<bool, FileError> {
    match fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_dir() => Ok(true),
        Ok(_) => Err(FileError::io("use as a folder", folder)(io::ErrorKind::NotADirectory.into())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(FileError::io("look at", folder)(e)),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(staged: &Path, target: &Path) -> io::Result<bool> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    match renameat_with(CWD, staged, CWD, target, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // Several codes mean "not supported on this file system". If EINVAL means something else,
        // the plain renames fail too.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
        Err(e) => Err(e.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_staged: &Path, _target: &Path) -> io::Result<bool> {
    Ok(false)
}

fn old_of(target: &Path) -> Result<PathBuf, FileError> {
    Ok(folder_of(target).join(hidden_name(target, "old")?))
}

/// Flushes the files first, then their folder.
fn sync_tree(folder: &Path) -> Result<(), FileError> {
    for entry in fs::read_dir(folder).map_err(FileError::io("list", folder))? {
        let entry = entry.map_err(FileError::io("list", folder))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(FileError::io("look at", &path))?;
        if kind.is_dir() {
            sync_tree(&path)?;
        } else if kind.is_file() {
            // Windows flushes only what was opened for writing.
            let file = OpenOptions::new().read(true).write(cfg!(windows)).open(&path);
            file.and_then(|file| file.sync_all()).map_err(FileError::io("flush", &path))?;
        } else {
            return Err(FileError::io("publish", &path)(io::ErrorKind::InvalidInput.into()));
        }
    }
    sync_folder(folder)
}
