use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a file or folder was not written. What was there before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file exists, and this one must never be overwritten.
    #[error("`{path}` exists already and is not overwritten", path = path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Another process is preparing the same folder.
    #[error("another process is writing `{path}`", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something, but not what this program writes, so it is not replaced.
    #[error("`{path}` is not empty and has no `{marker}`, so it is not replaced", path = path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// The file that each folder written by this program has.
        marker: &'static str,
    },
    /// The folder holds something besides what this program writes, which would be lost.
    #[error("`{path}` holds `{name}`, which would be lost, so it is not replaced", path = path.display(), name = name.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What does not belong there.
        name: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action} `{path}`: {source}", path = path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
}

impl FileError {
    /// The stable name of the error. It is API: programs and tests match on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Exists { .. } => "file_exists",
            Self::Busy { .. } => "folder_busy",
            Self::NotOurs { .. } | Self::Foreign { .. } => "folder_not_ours",
            Self::Io { .. } => "file_not_written",
        }
    }

    pub(crate) fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'a> {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }
}
