//! Writes files completely or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use super::{
    access::Access,
    place::{folder_of, hidden_name, sync_folder},
};
use crate::file_error::FileError;

/// Writes a file, replacing an existing one. Readers see the old content or the new one.
///
/// A file that is replaced keeps its permissions; a new one gets the usual ones of the process. In
/// a folder that is shared with a group, the group may read and write it.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, |file| file.write_all(bytes), Access::Usual)
}

/// As [`write_atomic`], for content that everybody may read, whatever the process's umask says, and
/// whatever the permissions of the file were that it replaces.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses.
pub fn write_atomic_public(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, |file| file.write_all(bytes), Access::Public)
}

/// As [`write_atomic`], for content that others need not read and must not write, whatever the
/// process's umask says: only the owner can access the file, even if it replaces one that others
/// could read.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses.
pub fn write_atomic_private(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    replace(path, |file| file.write_all(bytes), Access::Private)
}

/// As [`write_atomic_private`], for content that is not held in memory: `write` is given the file.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses, or with the error that `write` returns.
pub fn write_atomic_private_by(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    let buffered = |file: &mut dyn Write| {
        let mut file = io::BufWriter::new(file);
        write(&mut file)?;
        file.flush()
    };
    replace(path, buffered, Access::Private)
}

/// As [`write_atomic_private`], but `check` is given the path of the new file before it replaces the
/// old one: if it returns an error, the old file stays.
///
/// # Errors
///
/// [`FileError::Io`] if the operating system refuses, or the error that `check` returns.
pub fn replace_secret<E: From<FileError>>(
    path: &Path,
    bytes: &[u8],
    check: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let mut temporary = temporary_for(path, Access::Private)?;
    Access::Private
        .apply(temporary.as_file(), folder_of(path), None)
        .map_err(FileError::io("set the permissions of", path))?;
    temporary.write_all(bytes).map_err(FileError::io("write", path))?;
    temporary.as_file().sync_all().map_err(FileError::io("flush", path))?;
    check(temporary.path())?;
    temporary.persist(path).map_err(|e| FileError::io("rename a file to", path)(e.error))?;
    Ok(sync_folder(folder_of(path))?)
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    access: Access,
) -> Result<(), FileError> {
    let folder = folder_of(path);
    let mut temporary = temporary_for(path, access)?;
    let existing = fs::metadata(path).ok().filter(|_| access == Access::Usual);
    access
        .apply(temporary.as_file(), folder, existing)
        .map_err(FileError::io("set the permissions of", path))?;
    write(temporary.as_file_mut()).map_err(FileError::io("write", path))?;
    temporary.as_file().sync_all().map_err(FileError::io("flush", path))?;
    temporary.persist(path).map_err(|e| FileError::io("rename a file to", path)(e.error))?;
    sync_folder(folder)
}

/// Writes a new file that only its owner may read. A file that exists is never touched, whatever it
/// holds.
///
/// The name appears together with the whole content, so that a crash does not leave half a key that
/// then blocks its own name.
///
/// # Errors
///
/// [`FileError::Exists`] if the file exists, [`FileError::Io`] if the operating system refuses.
pub fn write_new_secret(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_new(path, bytes, Access::Private)
}

/// As [`write_new_secret`], for what a group works with together: in a folder that is shared with
/// it, the group may read and write the file too. Never for keys.
///
/// # Errors
///
/// As [`write_new_secret`].
pub fn write_new_in_group(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_new(path, bytes, Access::Group)
}

/// Writes a new file with the usual permissions. A file that exists is never touched.
///
/// # Errors
///
/// [`FileError::Exists`] if the file exists, [`FileError::Io`] if the operating system refuses.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    create_new(path, bytes, Access::Usual)
}

/// Creates a new file that only its owner may read, for a writer that needs a path: `make` is given
/// the path of an empty file in a temporary folder beside it. A file that exists is never touched.
///
/// # Errors
///
/// [`FileError::Exists`] if the file exists, [`FileError::Io`] if the operating system refuses, or
/// the error that `make` returns. Nothing is left behind then.
pub fn new_file_from<T, E: From<FileError>>(
    path: &Path,
    make: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, E> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(FileError::Exists { path: path.to_owned() }.into());
    }
    let folder = folder_of(path);
    // A folder, because `make` may put other files beside it.
    let prefix = hidden_name(path, "tmp-")?;
    let staged = tempfile::Builder::new().prefix(&prefix).tempdir_in(folder);
    let staged = staged.map_err(FileError::io("create a folder in", folder))?;
    let file = staged.path().join("new");
    write_new_secret(&file, b"")?;
    let made = make(&file)?;
    File::open(&file).and_then(|file| file.sync_all()).map_err(FileError::io("flush", path))?;
    let file = tempfile::TempPath::try_from_path(file).map_err(FileError::io("use", path))?;
    file.persist_noclobber(path).map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::io("rename a file to", path)(e.error),
    })?;
    sync_folder(folder)?;
    Ok(made)
}

/// A hidden file beside `path`, which is to become it.
fn temporary_for(path: &Path, access: Access) -> Result<tempfile::NamedTempFile, FileError> {
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    let prefix = hidden_name(path, "tmp-")?;
    builder.prefix(&prefix);
    access.begin(&mut builder);
    builder.tempfile_in(folder).map_err(FileError::io("create a file in", folder))
}

fn create_new(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    let folder = folder_of(path);
    let mut temporary = temporary_for(path, access)?;
    access
        .apply(temporary.as_file(), folder, None)
        .map_err(FileError::io("set the permissions of", path))?;
    temporary.write_all(bytes).map_err(FileError::io("write", path))?;
    temporary.as_file().sync_all().map_err(FileError::io("flush", path))?;
    temporary.persist_noclobber(path).map_err(|e| match e.error.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => FileError::io("rename a file to", path)(e.error),
    })?;
    sync_folder(folder)
}
