//! The state of one office: a file in the state folder, named after the office's roots.
//!
//! Other programs leave files in that folder too (`._NAME.json`, copies, links that lead nowhere).
//! Only what has a name of ours is read, and what is wrong with one office's file concerns that
//! office alone.

use std::{
    ffi::OsStr,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use vernet_common::{Bundle, NumericDate, TrustAnchor};
use vernet_host::{files::read_capped, hex};
use vernet_verifier::Memory;

use crate::publication_source::Source;

/// The state of one office.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The roots, as a person provided them.
    pub(crate) anchor: TrustAnchor,
    /// Whether they were pinned by `trust add`. Roots given for one run with `--roots` are
    /// remembered for the rollback check only.
    pub(crate) pinned: bool,
    pub(crate) memory: Memory,
    pub(crate) synced: Option<Synced>,
}

/// The newest lists, and where they came from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Synced {
    pub(crate) source: Source,
    pub(crate) at: NumericDate,
    pub(crate) bundle: Bundle,
}

impl Entry {
    pub(crate) fn new(anchor: TrustAnchor) -> Self {
        Self { memory: Memory::new(&anchor), anchor, pinned: false, synced: None }
    }

    /// Where the lists were found last, if they ever were.
    pub(crate) fn source(&self) -> Option<Source> {
        self.synced.as_ref().map(|synced| synced.source.clone())
    }

    pub(crate) fn fingerprint(&self) -> String {
        hex(&self.anchor.fingerprint())
    }

    /// Reads the file of an office.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        /// A bundle, and as much again for the rest.
        const MAX_FILE: usize = 2 * Bundle::MAX_BYTES;
        let read =
            || Ok::<_, anyhow::Error>(serde_json::from_slice(&read_capped(path, MAX_FILE)?)?);
        let entry: Self = read().with_context(|| {
            format!(
                "reading `{}`: if it is damaged, remove it and pin the roots again",
                path.display()
            )
        })?;
        if path.file_stem() != Some(OsStr::new(&short(&entry.anchor))) {
            bail!(
                "`{}` is a copy of the state of `{}`, which has another name: remove it, and if it took the place of another office's, pin the roots of that \
                 office again",
                path.display(),
                entry.anchor.iss
            );
        }
        Ok(entry)
    }
}

/// The base name of the files about these roots.
pub(crate) fn short(anchor: &TrustAnchor) -> String {
    hex(&anchor.fingerprint())[..DIGITS].to_owned()
}

/// The digits of a fingerprint as somebody types it: with the spaces between its groups, or without.
pub(crate) fn digits_of(typed: &str) -> String {
    typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect()
}

/// How many digits of a fingerprint a name has.
const DIGITS: usize = 32;

/// The offices in a state folder.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// Those that can be read, pinned or not.
    pub(crate) whole: Vec<Entry>,
    /// Why others cannot: nobody knows which offices they are.
    damaged: Vec<anyhow::Error>,
    /// Files with the extension of ours and other names.
    pub(crate) strays: Vec<PathBuf>,
}

impl Entries {
    /// Reads every office's file in a folder, which need not be there yet.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let files = match fs::read_dir(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => {
                return Err(error).with_context(|| format!("reading `{}`", folder.display()));
            }
        };
        let mut paths = files.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let mut entries = Self::default();
        for path in paths {
            if !is_ours(&path) {
                entries.strays.push(path);
                continue;
            }
            match Entry::read(&path) {
                Ok(entry) => entries.whole.push(entry),
                Err(error) => entries.damaged.push(error),
            }
        }
        Ok(entries)
    }

    /// The offices whose roots are pinned.
    pub(crate) fn pinned(self) -> Vec<Entry> {
        self.whole.into_iter().filter(|entry| entry.pinned).collect()
    }

    /// The errors of the offices that cannot be read.
    pub(crate) fn take_errors(&mut self) -> Vec<anyhow::Error> {
        std::mem::take(&mut self.damaged)
    }
}

/// Whether a file has the name of an office's.
fn is_ours(path: &Path) -> bool {
    let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    path.file_stem()
        .and_then(OsStr::to_str)
        .is_some_and(|name| name.len() == DIGITS && name.bytes().all(is_digit))
}
