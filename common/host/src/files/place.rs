//! The folder of a file or folder, and hidden names beside it.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use crate::file_error::FileError;

/// `.NAME.SUFFIX` for the file or folder `NAME`.
pub(super) fn hidden_name(path: &Path, suffix: &str) -> Result<String, FileError> {
    match path.file_name().and_then(|name| name.to_str()) {
        Some(name) => Ok(format!(".{name}.{suffix}")),
        None => Err(FileError::io("write", path)(io::ErrorKind::InvalidFilename.into())),
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        // A bare name is in the working directory.
        _ => Path::new("."),
    }
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> Result<(), FileError> {
    File::open(folder).and_then(|file| file.sync_all()).map_err(FileError::io("flush", folder))
}

/// Windows cannot flush a folder and journals renames by itself.
#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> Result<(), FileError> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn permissions(mode: u32) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    fs::Permissions::from_mode(mode)
}
