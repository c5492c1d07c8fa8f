//! Publication into a folder, which is replaced as a whole.

use std::{fs, io::ErrorKind, path::Path};

use super::content::{BUNDLE, Content, NAMES};
use crate::{Error, FileError, StagedDirectory};

/// A folder that is being prepared to take the place of the published one.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    out: &'a Path,
    staged: StagedDirectory,
}

impl<'a> Folder<'a> {
    pub(super) fn open(out: &'a Path) -> Result<Self, Error> {
        check_names(out)?;
        Ok(Self { out, staged: StagedDirectory::new(out, BUNDLE)? })
    }

    /// The current bundle.
    pub(super) fn bundle(&self) -> Option<Vec<u8>> {
        fs::read(self.out.join(BUNDLE)).ok()
    }

    pub(super) fn replace(self, content: &Content) -> Result<(), Error> {
        for tile in content.tiles() {
            if !self.link(&tile.name, &tile.bytes) {
                write(self.staged.path(), &tile.name, &tile.bytes)?;
            }
        }
        for file in content.files() {
            write(self.staged.path(), &file.name, &file.bytes)?;
        }
        Ok(self.staged.switch()?)
    }

    /// Links a file that is the same in the folder to be replaced. Most of a large log was there
    /// before, and a link avoids writing it again and takes no space. Returns `false` if the file
    /// cannot be linked and must be written.
    fn link(&self, name: &str, bytes: &[u8]) -> bool {
        let (old, new) = (self.out.join(name), self.staged.path().join(name));
        let link = || -> std::io::Result<bool> {
            let there = fs::symlink_metadata(&old)?;
            if !there.is_file() || there.len() != bytes.len() as u64 || fs::read(&old)? != bytes {
                return Ok(false);
            }
            if let Some(parent) = new.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::hard_link(&old, &new).map(|()| true)
        };
        link().unwrap_or(false)
    }
}

/// Refuses a folder with other content: it is replaced as a whole, so anything else in it would be
/// lost.
fn check_names(out: &Path) -> Result<(), Error> {
    let io = |source| Error::Io { action: "list", path: out.to_owned(), source };
    let entries = match fs::read_dir(out) {
        // `StagedDirectory` reports a file in the place of the folder.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(());
        }
        entries => entries.map_err(io)?,
    };
    for entry in entries {
        let name = entry.map_err(io)?.file_name();
        if !NAMES.iter().any(|ours| name == *ours) {
            return Err(FileError::Foreign { path: out.to_owned(), name: name.into() }.into());
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(name);
    let write = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&path, bytes)
    };
    write().map_err(|source| FileError::of("write", &path, source).into())
}
