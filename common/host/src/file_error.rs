//! Why files and folders are not written.

use std::{io, path::PathBuf};

vernet_common::error_enum! {
    /// Why a file or folder was not written. What was there before is still there.
    #[derive(Debug, thiserror::Error)]
    pub enum FileError {
        /// The file exists, and this one must never be overwritten.
        #[error("`{path}` exists already and is not overwritten", path = path.display())]
        Exists: "file_exists" {
            /// The file.
            path: PathBuf,
        },
        /// Another process is preparing the same folder.
        #[error("another process is writing `{path}`", path = path.display())]
        Busy: "folder_busy" {
            /// The folder.
            path: PathBuf,
        },
        /// The folder holds something, but not what this program writes, so it is not replaced.
        #[error("`{path}` is not empty and has no `{marker}`, so it is not replaced", path = path.display())]
        NotOurs: "folder_not_ours" {
            /// The folder.
            path: PathBuf,
            /// The file that each folder written by this program has.
            marker: &'static str,
        },
        /// The folder also holds something that this program does not write, which would be lost.
        #[error("`{path}` holds `{name}`, which would be lost, so it is not replaced", path = path.display(), name = name.display())]
        Foreign: "folder_not_ours" {
            /// The folder.
            path: PathBuf,
            /// What does not belong there.
            name: PathBuf,
        },
        /// There is no room on the disk, or no more of it for this user.
        #[error("cannot {action} `{path}`: there is no room on the disk: {source}", path = path.display())]
        Full: "disk_full" {
            /// What was attempted.
            action: &'static str,
            /// The file or folder.
            path: PathBuf,
            /// The system's answer.
            source: io::Error,
        },
        /// The operating system refused.
        #[error("cannot {action} `{path}`: {source}", path = path.display())]
        Io: "file_not_written" {
            /// What was attempted.
            action: &'static str,
            /// The file or folder.
            path: PathBuf,
            /// The system's answer.
            source: io::Error,
        },
    }
}

impl FileError {
    /// What the operating system's refusal to write something means.
    pub fn of(action: &'static str, path: &std::path::Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match Self::is_of_full_disk(&source) {
            true => Self::Full { action, path, source },
            false => Self::Io { action, path, source },
        }
    }

    /// Whether there was no room on the disk, or no more of it for this user.
    pub fn is_of_full_disk(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }
}

#[cfg(feature = "files")]
impl FileError {
    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::of(action, path, source)
    }
}
