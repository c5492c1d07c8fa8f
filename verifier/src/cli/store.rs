//! What is remembered between two runs: one file per office and its roots, replaced in one step.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use vernet_common::{Bundle, NumericDate, TrustAnchor};
use vernet_verifier::{Knowledge, Memory, Policy};

use super::clock;

/// Everything that is remembered of one office.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The roots as a person gave them to us.
    pub(super) anchor: TrustAnchor,
    /// Whether they were pinned by `trust add`. Roots given for one run with `--root` are remembered for the rollback check only.
    pub(super) pinned: bool,
    pub(super) memory: Memory,
    pub(super) synced: Option<Synced>,
}

/// The newest lists, and where they came from.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Synced {
    pub(super) source: String,
    pub(super) at: NumericDate,
    pub(super) bundle: Bundle,
}

impl Entry {
    pub(super) fn new(anchor: TrustAnchor) -> Self {
        Self { memory: Memory::new(&anchor), anchor, pinned: false, synced: None }
    }

    pub(super) fn fingerprint(&self) -> String {
        hex(&self.anchor.fingerprint())
    }
}

pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Every entry, pinned or not.
    pub(super) fn entries(&self) -> Result<Vec<Entry>> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("reading `{}`", self.folder.display())),
        };
        let mut paths = files.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| read(path)).collect()
    }

    /// What is remembered of these roots.
    pub(super) fn entry(&self, anchor: &TrustAnchor) -> Result<Entry> {
        let path = self.path(anchor);
        if !path.exists() {
            return Ok(Entry::new(anchor.clone()));
        }
        let entry = read(&path)?;
        if entry.anchor != *anchor {
            bail!("`{}` is about other roots: remove it and pin the roots again", path.display());
        }
        Ok(entry)
    }

    /// Reads, changes and writes an entry while no other process does. If `change` fails, nothing is written.
    pub(super) fn update<T>(&self, anchor: &TrustAnchor, change: impl FnOnce(&mut Entry) -> Result<T>) -> Result<T> {
        let _lock = self.lock()?;
        let mut entry = self.entry(anchor)?;
        let value = change(&mut entry)?;
        let path = self.path(anchor);
        let json = serde_json::to_vec(&entry).context("writing the state as JSON")?;
        write_atomically(&path, &json).with_context(|| format!("writing `{}`", path.display()))?;
        Ok(value)
    }

    pub(super) fn remove(&self, entry: &Entry) -> Result<()> {
        let _lock = self.lock()?;
        let path = self.path(&entry.anchor);
        fs::remove_file(&path).with_context(|| format!("removing `{}`", path.display()))
    }

    /// Learns from a bundle with the memory of these roots, and moves the memory forward.
    ///
    /// Should the state be read-only, the verdict is still given, and a warning says what is lost.
    pub(super) fn learn(&self, anchor: &TrustAnchor, bundle: &Bundle) -> Result<Knowledge> {
        // The real clock, whatever time the verdict is asked for: what is remembered is remembered for good.
        let (policy, now) = (Policy::default(), clock()?);
        let mut memory = self.entry(anchor)?.memory;
        let before = memory.clone();
        let knowledge = Knowledge::learn(bundle, &mut memory, &policy, now).map_err(explain)?;
        if memory != before {
            let kept = self.update(anchor, |entry| {
                // Under the lock, from what is on disk now: another process may have gone further meanwhile.
                Knowledge::learn(bundle, &mut entry.memory, &policy, now).map(drop).map_err(explain)
            });
            if let Err(error) = kept {
                anstream::eprintln!(
                    "warning: cannot remember what was seen, so older lists will not be noticed: {error:#}"
                );
            }
        }
        Ok(knowledge)
    }

    /// One file per anchor, that is per issuer and set of roots: an authority may have one set for several offices.
    fn path(&self, anchor: &TrustAnchor) -> PathBuf {
        self.folder.join(format!("{}.json", &hex(&anchor.fingerprint())[..32]))
    }

    fn lock(&self) -> Result<File> {
        let path = self.folder.join("lock");
        let lock = || {
            fs::create_dir_all(&self.folder)?;
            // Not truncated: whatever this path leads to keeps its content.
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        };
        lock().with_context(|| format!("locking `{}`", path.display()))
    }
}

/// What to do about an error of learning, which only the command line can know.
pub(super) fn explain(error: vernet_common::Error) -> anyhow::Error {
    use vernet_common::Error as E;
    let hint = match &error {
        E::TrustListRolledBack { .. } | E::TrustListForked { .. } => {
            "these lists are older than, or contradict, what was seen before: do not use them, tell the office"
        }
        E::ThresholdNotReached { .. } => {
            "the pinned roots did not sign: another office, a forgery, or new roots that were not announced"
        }
        _ => "the lists are damaged or forged: fetch them again",
    };
    let code = error.code();
    anyhow::Error::new(error).context(format!("{hint} [{code}]"))
}

fn read(path: &Path) -> Result<Entry> {
    let read = || Ok::<_, anyhow::Error>(serde_json::from_slice(&fs::read(path)?)?);
    read().with_context(|| format!("reading `{}`: if it is damaged, remove it and pin the roots again", path.display()))
}

/// A reader sees the old file or the new one, whenever the power fails.
fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
