//! The state between two runs: one file per office and its roots, replaced in one step. Beside it
//! are the leaves of the office's log if they are many, and evidence against the office.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use vernet_common::{Bundle, BundledLog, LogHash, LogHead, NumericDate, TrustAnchor, TrustList};
use vernet_host::{
    clock,
    files::{read_capped, write_atomic_private},
    hex, printable,
};
use vernet_verifier::{FetchedLists, Knowledge, LogEvidence, Memory, Policy, UpdateError, leaves};

use crate::{
    entry::{Entries, Entry, Synced, short},
    lock::lock_folder,
    publication_source::Source,
    refusal::{Refusal, in_line},
};

/// The extension of the file with the leaves of a log.
pub(crate) const LEAVES: &str = "leaves";

/// The folder with the proof that an office's keys are in the wrong hands.
const EVIDENCE: &str = "evidence";

pub(crate) struct Store {
    folder: PathBuf,
    warn: fn(&str),
    strays_named: AtomicBool,
}

/// Whether the leaves of a large log are there with its lists, or are still to be fetched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    AreThere,
    Follow,
}

impl Store {
    /// The store in a folder, which warns on standard error.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            warn: |text| anstream::eprintln!("warning: {text}"),
            strays_named: AtomicBool::new(false),
        }
    }

    /// The same store, which warns elsewhere.
    pub(crate) fn warning(self, warn: fn(&str)) -> Self {
        Self { warn, ..self }
    }

    /// Where warnings go.
    pub(crate) fn warn(&self) -> fn(&str) {
        self.warn
    }

    /// The state folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The offices in the folder. Files that are not ours are named in a warning, once.
    pub(crate) fn entries(&self) -> Result<Entries> {
        let entries = Entries::read(&self.folder)?;
        if !entries.strays.is_empty() && !self.strays_named.swap(true, Ordering::Relaxed) {
            warn(&in_words(&entries.strays));
        }
        Ok(entries)
    }

    /// The entry for these roots.
    pub(crate) fn entry(&self, anchor: &TrustAnchor) -> Result<Entry> {
        let path = self.path(anchor);
        // A link that leads nowhere is not an office that was never seen.
        if fs::symlink_metadata(&path).is_err() {
            return Ok(Entry::new(anchor.clone()));
        }
        let entry = Entry::read(&path)?;
        if entry.anchor != *anchor {
            bail!("`{}` is about other roots: remove it and pin the roots again", path.display());
        }
        Ok(entry)
    }

    /// Reads, changes and writes an entry under a lock that excludes other processes. If `change`
    /// fails, nothing is written.
    pub(crate) fn update<T>(
        &self,
        anchor: &TrustAnchor,
        change: impl FnOnce(&mut Entry) -> Result<T>,
    ) -> Result<T> {
        let _lock = self.lock()?;
        let mut entry = self.entry(anchor)?;
        let value = change(&mut entry)?;
        // The leaves come first, so that the bundle never has fewer than it needs; more do no harm.
        self.keep_leaves(&entry, BundledLog::MAX_LEAVES + 1)?;
        let path = self.path(anchor);
        let json = serde_json::to_vec(&entry).context("writing the state as JSON")?;
        write_atomic_private(&path, &json)?;
        Ok(value)
    }

    pub(crate) fn remove(&self, entry: &Entry) -> Result<()> {
        let _lock = self.lock()?;
        let path = self.path(&entry.anchor);
        fs::remove_file(&path).with_context(|| format!("removing `{}`", path.display()))?;
        match fs::remove_file(path.with_extension(LEAVES)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).context("removing the leaves of the log")
            }
            _ => Ok(()),
        }
    }

    /// Replaces the stored lists by these, if they are valid and `before_use` succeeds with them.
    pub(crate) fn replace(
        &self,
        anchor: &TrustAnchor,
        lists: &mut FetchedLists,
        source: &Source,
        (policy, now): (&Policy, NumericDate),
        leaves: Leaves,
        before_use: impl FnOnce(&Bundle, &Knowledge) -> Result<()>,
    ) -> Result<Knowledge> {
        self.update(anchor, |entry| {
            let before = entry.memory.clone();
            let learnt = match leaves {
                Leaves::AreThere => lists.update(&mut entry.memory, policy, now),
                Leaves::Follow => lists.update_before_leaves(&mut entry.memory, policy, now),
            };
            let bundle = lists.bundle();
            let knowledge = learnt.map_err(|error| match error {
                UpdateError::Lists(error) => self.refuse(error, anchor, bundle, &before),
                error => Refusal::from(error).into(),
            })?;
            before_use(bundle, &knowledge)?;
            if leaves == Leaves::Follow {
                // Those of the log before, which may have been in the bundle that is replaced.
                self.keep_leaves(entry, 1)?;
            }
            entry.synced = Some(Synced { source: source.clone(), at: now, bundle: bundle.clone() });
            Ok(knowledge)
        })
    }

    /// Why a bundle is refused. If it is because the office signed two logs, the evidence is kept.
    fn refuse(
        &self,
        error: vernet_common::Error,
        anchor: &TrustAnchor,
        bundle: &Bundle,
        memory: &Memory,
    ) -> anyhow::Error {
        let evidence = LogEvidence::of(&error, bundle, memory);
        let refusal = anyhow::Error::new(Refusal::Lists(error));
        match evidence.map(|evidence| self.keep_evidence(anchor, &evidence)) {
            None => refusal,
            Some(Ok(path)) => {
                refusal.context(format!("ALARM: the evidence is in `{}`", path.display()))
            }
            Some(Err(error)) => {
                refusal.context(format!("ALARM: the evidence cannot be kept ({})", in_line(&error)))
            }
        }
    }

    /// Stores evidence under a name derived from its content, so that nothing is overwritten or
    /// stored twice.
    fn keep_evidence(&self, anchor: &TrustAnchor, evidence: &LogEvidence) -> Result<PathBuf> {
        /// More than anybody needs. Without a limit, a holder of the office's keys could fill the
        /// disk.
        const MOST: usize = 100;
        let json = serde_json::to_vec_pretty(evidence).context("writing the evidence as JSON")?;
        let folder = self.folder.join(EVIDENCE);
        let name = format!("{}-{}.json", short(anchor), &hex(&Sha256::digest(&json))[..16]);
        let path = folder.join(name);
        if !path.exists() {
            fs::create_dir_all(&folder)
                .with_context(|| format!("making `{}`", folder.display()))?;
            if self.evidence(anchor).len() >= MOST {
                bail!("`{}` holds {MOST} files already", folder.display());
            }
            write_atomic_private(&path, &json)
                .with_context(|| format!("writing `{}`", path.display()))?;
        }
        Ok(path)
    }

    /// The files that prove that an office signed two contradictory logs. They stay until a person
    /// removes them.
    pub(crate) fn evidence(&self, anchor: &TrustAnchor) -> Vec<PathBuf> {
        let of_office = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(&short(anchor)) && name.ends_with(".json"))
        };
        let files = fs::read_dir(self.folder.join(EVIDENCE))
            .into_iter()
            .flatten()
            .flatten()
            .map(|file| file.path());
        let mut files: Vec<_> = files.filter(of_office).collect();
        files.sort();
        files
    }

    /// The stored leaves of the log, as many as there are: beside the bundle, or in it. They are not
    /// verified.
    pub(crate) fn leaves(&self, anchor: &TrustAnchor) -> Vec<LogHash> {
        let beside = self.leaves_beside(anchor);
        if !beside.is_empty() {
            return beside;
        }
        // A state that cannot be read is reported when it is to be replaced.
        let synced = self.entry(anchor).ok().and_then(|entry| entry.synced);
        synced.and_then(|synced| synced.bundle.log?.leaves).unwrap_or_default()
    }

    fn leaves_beside(&self, anchor: &TrustAnchor) -> Vec<LogHash> {
        // Unreadable leaves are fetched again.
        let bytes =
            read_capped(&self.path(anchor).with_extension(LEAVES), LogHead::MAX_SIZE as usize * 32);
        leaves::from_bytes(&bytes.unwrap_or_default())
    }

    /// Keeps leaves of a log that is not whole yet, so that the next fetch goes on from there.
    pub(crate) fn keep_some_leaves(&self, anchor: &TrustAnchor, leaves: &[LogHash]) -> Result<()> {
        let _lock = self.lock()?;
        self.write_leaves(anchor, leaves)
    }

    /// Keeps the leaves beside the bundle, if there are so many and the bundle has them.
    fn keep_leaves(&self, entry: &Entry, at_least: u64) -> Result<()> {
        let log = entry.synced.as_ref().and_then(|synced| synced.bundle.log.as_ref());
        let many = |leaves: &&Vec<LogHash>| leaves.len() as u64 >= at_least;
        match log.and_then(|log| log.leaves.as_ref()).filter(many) {
            Some(leaves) => self.write_leaves(&entry.anchor, leaves),
            None => Ok(()),
        }
    }

    fn write_leaves(&self, anchor: &TrustAnchor, leaves: &[LogHash]) -> Result<()> {
        if leaves.is_empty() {
            return Ok(());
        }
        let path = self.path(anchor).with_extension(LEAVES);
        if fs::metadata(&path).is_ok_and(|file| file.len() == leaves.len() as u64 * 32)
            && self.leaves_beside(anchor) == leaves
        {
            return Ok(());
        }
        write_atomic_private(&path, &leaves::to_bytes(leaves))
            .with_context(|| format!("writing `{}`", path.display()))
    }

    /// Learns from lists with the memory of this entry, and moves the memory forward.
    ///
    /// If the state is read-only, the verdict is still given, and a warning says what is lost.
    pub(crate) fn learn(&self, entry: &Entry, lists: &mut FetchedLists) -> Result<Knowledge> {
        let anchor = &entry.anchor;
        lists.use_kept_leaves(|| self.leaves_beside(anchor));
        // The real time, whatever time the verdict is for: the memory is permanent.
        let (policy, now) = (Policy::default(), clock()?);
        // Read again: while the lists were read, another process may have seen newer ones.
        let before = self.entry(anchor)?.memory;
        let mut memory = before.clone();
        let learnt = lists.learn(&mut memory, &policy, now);
        let knowledge =
            learnt.map_err(|error| self.refuse(error, anchor, lists.bundle(), &before))?;
        if memory == before {
            return Ok(knowledge);
        }
        let kept = self.update(anchor, |entry| {
            // Under the lock once more, from the entry that is on disk now.
            if entry.memory == before {
                entry.memory = memory;
                return Ok(None);
            }
            let before = entry.memory.clone();
            let learnt = lists.learn(&mut entry.memory, &policy, now);
            learnt.map(Some).map_err(|error| self.refuse(error, anchor, lists.bundle(), &before))
        });
        match kept {
            Ok(learnt) => Ok(learnt.unwrap_or(knowledge)),
            // Older than what was seen meanwhile, or a contradiction to it.
            Err(error) if error.is::<Refusal>() => Err(error),
            Err(error) => {
                (self.warn)(&format!(
                    "cannot remember what was seen, so older lists will not be noticed: {}",
                    in_line(&error)
                ));
                Ok(knowledge)
            }
        }
    }

    /// One file per anchor, that is per issuer and set of roots: an authority may have one set for
    /// several offices.
    fn path(&self, anchor: &TrustAnchor) -> PathBuf {
        self.folder.join(format!("{}.json", short(anchor)))
    }

    fn lock(&self) -> Result<File> {
        lock_folder(&self.folder, self.warn)
    }
}

/// The entry for a bundle's issuer, whose roots were given for this run or pinned before. Roots are
/// never taken from the bundle itself.
pub(crate) fn entry_for(bundle: &Bundle, root: Option<&Path>, store: &Store) -> Result<Entry> {
    let claimed = claimed_list(bundle)?;
    if let Some(file) = root {
        let anchor = read_anchor(file)?;
        if anchor.iss != claimed.iss {
            bail!(
                "`{}` holds the roots of `{}`, but the lists are of `{}`",
                file.display(),
                anchor.iss,
                claimed.iss
            );
        }
        return store.entry(&anchor);
    }
    let mut entries = store.entries()?;
    let damaged = entries.take_errors();
    let pinned = entries.pinned().into_iter().find(|entry| entry.anchor.iss == claimed.iss);
    if pinned.is_none()
        && let Some(error) = damaged.into_iter().next()
    {
        let of = format!("the lists are of `{}`, whose roots may be those in", claimed.iss);
        return Err(error.context(of));
    }
    pinned.with_context(|| {
        format!(
            "the lists are of `{}`, whose root keys are not pinned: get its `roots.json` by a way that you trust, then run \
             `vernet-verifier trust add roots.json`, or give `--roots roots.json`",
            claimed.iss
        )
    })
}

/// The unverified trust list of the bundle, whose claimed issuer is enough to find the anchor,
/// which then decides.
fn claimed_list(bundle: &Bundle) -> Result<TrustList> {
    let last = bundle.trust_lists.last().context("the bundle holds no trust list")?;
    Ok(last.unverified_claims()?)
}

pub(crate) fn read_anchor(file: &Path) -> Result<TrustAnchor> {
    let read = || Ok::<_, anyhow::Error>(TrustAnchor::from_json(&read_capped(file, 64 * 1024)?)?);
    read().with_context(|| format!("reading the roots `{}`", file.display()))
}

/// The warning about files that are not ours.
fn in_words(strays: &[PathBuf]) -> String {
    /// How many are named.
    const MOST: usize = 3;
    let name = |path: &PathBuf| format!("`{}`", printable(&path.display().to_string()));
    let mut named = strays.iter().take(MOST).map(name).collect::<Vec<_>>().join(", ");
    if strays.len() > MOST {
        named += &format!(" and {} more", strays.len() - MOST);
    }
    format!("not a file of this program, and not read: {named}")
}

/// Says something that concerns the whole folder: in the log if there is one.
fn warn(text: &str) {
    #[cfg(feature = "serve")]
    if tracing::dispatcher::has_been_set() {
        tracing::warn!("{text}");
        return;
    }
    anstream::eprintln!("warning: {text}");
}
