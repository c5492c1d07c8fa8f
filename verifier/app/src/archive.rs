//! An archive of the lists that receipts name: it keeps them for as long as somebody may ask for
//! them, and finds them again in folders of any layout.
//!
//! An archive that this program writes holds each publication once, as a bundle named after its
//! time and its hash, and the roots:
//!
//! ```text
//! DIR/roots-0fc1c2bbc464793a.json
//! DIR/2026-11/20261122T090000Z-9f86d081884c7d65.json
//! ```
//!
//! Only damaged files are ever replaced, so two programs can write to one folder. It holds no
//! certificates.
//!
//! If a log is too large for bundles, its leaves are in a file that only grows,
//! `DIR/log-0fc1c2bbc464793a.leaves`: each log begins with the previous one.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use vernet_common::{
    Bundle, LogHash, LogHead, NumericDate, Sha256Hash, SignedCheckpoint, TrustAnchor,
    to_canonical_json,
};
use vernet_host::{
    files::{read_capped, write_atomic},
    hex,
};
use vernet_verifier::{
    Input, Knowledge, Verdict, leaves,
    receipt::{Evidence, Receipt, ReplayFault},
};

use crate::{fetch::Tiles, store::LEAVES};

/// The folder in which publications are kept.
#[derive(Debug)]
pub(crate) struct Archive {
    folder: PathBuf,
}

impl Archive {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Stores the lists from which the knowledge came, and the roots under which they were
    /// verified. The same lists get the same name, whoever stores them.
    pub(crate) fn keep(
        &self,
        anchor: &TrustAnchor,
        bundle: &Bundle,
        knowledge: &Knowledge,
    ) -> Result<()> {
        let newest = knowledge
            .status_lists()
            .map(|list| list.iat)
            .max()
            .unwrap_or(knowledge.trust_list().iat);
        let keep = || {
            let roots = format!("roots-{}.json", &hex(&anchor.fingerprint())[..HASH_DIGITS]);
            self.keep_file(&self.folder.join(roots), &to_canonical_json("the roots", anchor)?)?;
            let leaves = bundle.leaves_outside();
            let (bundle, stamp) = (bundle.to_json()?, stamp(newest));
            let name = format!("{stamp}-{}.json", short_hash(&bundle));
            let month = format!("{}-{}", &stamp[..4], &stamp[4..6]);
            self.keep_leaves(anchor, leaves)?;
            self.keep_file(&self.folder.join(month).join(name), &bundle)
        };
        keep().with_context(|| {
            format!("keeping the lists in the archive `{}`", self.folder.display())
        })
    }

    fn keep_leaves(&self, anchor: &TrustAnchor, leaves: Option<&[LogHash]>) -> Result<()> {
        let Some(leaves) = leaves else { return Ok(()) };
        let bytes = leaves::to_bytes(leaves);
        let path = self
            .folder
            .join(format!("log-{}.{LEAVES}", &hex(&anchor.fingerprint())[..HASH_DIGITS]));
        match read_capped(&path, LogHead::MAX_SIZE as usize * 32) {
            Ok(kept) if kept.starts_with(&bytes) => Ok(()),
            Ok(kept) if !bytes.starts_with(&kept) => {
                // The existing file is damaged, or holds another log; neither is discarded.
                self.keep_file(
                    &path.with_extension(format!("{}.{LEAVES}", short_hash(&bytes))),
                    &bytes,
                )
            }
            _ => self.keep_file(&path, &bytes),
        }
    }

    fn keep_file(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        // A damaged file is written again.
        if read_capped(path, Bundle::MAX_BYTES).is_ok_and(|found| found == bytes) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
        Ok(write_atomic(path, bytes)?)
    }
}

/// How many digits of a hash a name has: enough to avoid accidental collisions. Trust rests on the
/// hashes in the receipt.
const HASH_DIGITS: usize = 16;

fn short_hash(bytes: &[u8]) -> String {
    hex(Sha256Hash::of(bytes).as_bytes())[..HASH_DIGITS].to_owned()
}

/// `20261122T090000Z`
pub(crate) fn stamp(instant: NumericDate) -> String {
    instant.to_string().replace(['-', ':'], "")
}

/// How deep the search descends into folders.
const MAX_DEPTH: usize = 16;

/// The result of searching for what a receipt names.
pub(crate) struct Search<'a> {
    evidence: Evidence,
    receipt: &'a Receipt,
    /// Texts that may be the certificate that was shown.
    pub(crate) shown: Vec<String>,
    /// Files whose content does not match the hash in their name.
    pub(crate) damaged: Vec<PathBuf>,
    /// Files that could not be read.
    pub(crate) unreadable: Vec<PathBuf>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(evidence: Evidence, receipt: &'a Receipt) -> Self {
        Self { evidence, receipt, shown: Vec::new(), damaged: Vec::new(), unreadable: Vec::new() }
    }

    pub(crate) fn evidence(&mut self) -> &mut Evidence {
        &mut self.evidence
    }

    /// Searches these files and folders until the check gives the result that the receipt states,
    /// or nothing is left to search.
    ///
    /// `vouch` is called for any roots found among the files.
    pub(crate) fn replay(
        &mut self,
        places: &[PathBuf],
        vouch: &dyn Fn(&TrustAnchor) -> bool,
    ) -> Result<Result<Verdict, Vec<ReplayFault>>> {
        let mut files = Vec::new();
        for place in places {
            list(place, 0, &mut files)
                .with_context(|| format!("looking into `{}`", place.display()))?;
        }
        files.sort();
        // First the publication of the receipt's own time, if it is where this program would have
        // put it: then years of other publications need not be read.
        let stamps = [self.receipt.as_of, self.receipt.newest].map(stamp);
        let is_near = |file: &PathBuf| {
            let path = file.to_string_lossy();
            path.contains("roots")
                || path.ends_with(LEAVES)
                || stamps.iter().any(|stamp| path.contains(stamp))
        };
        let (near, far): (Vec<_>, Vec<_>) = files.into_iter().partition(is_near);
        for files in [&near, &far] {
            files.iter().for_each(|file| self.offer(file));
            if let Some(roots) = self.evidence.found_roots().filter(|roots| vouch(roots)).cloned() {
                self.evidence.trust(&roots);
            }
            self.shown.iter().for_each(|text| self.evidence.offer_input(text));
            // Nobody can say where the certificate is stored.
            for file in [&near, &far].into_iter().flatten() {
                if !self.evidence.lacks_input() {
                    break;
                }
                self.offer_input(file);
            }
            if let Ok(verdict) = self.evidence.replay() {
                return Ok(Ok(verdict));
            }
        }
        Ok(self.evidence.replay())
    }

    fn offer(&mut self, file: &Path) {
        if file.extension().is_some_and(|extension| extension == LEAVES) {
            match read_capped(file, LogHead::MAX_SIZE as usize * 32) {
                Ok(bytes) => {
                    self.evidence.offer_leaves(leaves::from_bytes(&bytes));
                }
                Err(_) => self.unreadable.push(file.to_owned()),
            }
            return;
        }
        match read_capped(file, Bundle::MAX_BYTES) {
            Ok(bytes) if is_damaged(file, &bytes) => self.damaged.push(file.to_owned()),
            Ok(bytes) => {
                self.evidence.offer(&bytes);
                self.offer_tiles(file, &bytes);
            }
            // An unrelated file: none of ours is that long.
            Err(error) if error.kind() == ErrorKind::FileTooLarge => {}
            Err(_) => self.unreadable.push(file.to_owned()),
        }
    }

    /// The tiles beside a checkpoint, as they are published.
    fn offer_tiles(&mut self, file: &Path, bytes: &[u8]) {
        let folder = file.parent().filter(|folder| folder.join("tile/0").is_dir());
        let checkpoint =
            std::str::from_utf8(bytes).ok().filter(|text| !text.starts_with(['{', 'e']));
        let checkpoint = checkpoint.and_then(|text| SignedCheckpoint::parse(text).ok());
        if let (Some(folder), Some(checkpoint)) = (folder, checkpoint)
            && let Ok(leaves) = Tiles::Folder(folder.to_owned()).leaves(checkpoint.head())
        {
            self.evidence.offer_leaves(leaves);
        }
    }

    fn offer_input(&mut self, file: &Path) {
        // Surrounding white space does not count; one byte too many is malformed input.
        let text = read_capped(file, 2 * Input::MAX_BYTES)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some(text) = text {
            self.evidence.offer_input(&text);
        }
    }
}

/// Whether the content of a file that we named has changed since.
fn is_damaged(file: &Path, bytes: &[u8]) -> bool {
    let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    let is_ours = |name: &&str| {
        name.len() == 16 + 1 + HASH_DIGITS
            && name.as_bytes()[8] == b'T'
            && name.as_bytes()[15] == b'Z'
    };
    let hash =
        Some(name).filter(is_ours).and_then(|name| name.split_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|hash| hash != short_hash(bytes))
}

/// Every file in a folder and its subfolders. Names that begin with a dot are skipped: files that
/// are still being written have such names.
fn list(place: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Links to folders could form cycles.
        if kind.is_dir() && depth < MAX_DEPTH {
            list(&path, depth + 1, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use vernet_common::{Algorithm, SecretKey, Signed, Signer};
    use vernet_verifier::{Memory, Policy, receipt::Check};

    use super::*;

    const CERTIFICATE: &str =
        include_str!("../../../keys-example/certificates/NO-PE-2026-000001.jwt");

    #[test]
    fn one_byte_changed_in_any_file_of_an_archive_and_it_is_refused() {
        let anchor = TrustAnchor::from_json(include_bytes!("../../../keys-example/roots.json"))
            .expect("roots");
        let bundle =
            Bundle::from_json(include_bytes!("../../../keys-example/publication/bundle.json"));
        let (bundle, now) =
            (bundle.expect("a bundle"), "2026-11-22T10:00:00Z".parse().expect("an instant"));
        let (policy, mut memory) = (Policy::default(), Memory::new(&anchor));
        let knowledge = Knowledge::learn(&bundle, &mut memory, &policy, now).expect("sound lists");
        let check = Check {
            input: CERTIFICATE,
            anchor: &anchor,
            knowledge: &knowledge,
            policy: &policy,
            now,
        };
        let (key, name) = (SecretKey::from_seed(&[200; 32]), "A hospital".parse().expect("a name"));
        let jws = Signed::sign(&check.decide().receipt(&name, now), Algorithm::EdDsa, &key)
            .expect("consistent");
        let receipt = Receipt::open(jws.as_str(), &[key.public_key()]).expect("our own");

        let folder = tempfile::tempdir().expect("a folder");
        let archive = Archive::new(folder.path().join("archive"));
        archive.keep(&anchor, &bundle, &knowledge).expect("it can be written");
        let replay = || {
            let mut search = Search::new(Evidence::new(&receipt), receipt.claims());
            search.shown.push(CERTIFICATE.to_owned());
            let replayed = search
                .replay(&[folder.path().to_owned()], &|roots| *roots == anchor)
                .expect("it can be read");
            (replayed.map(|verdict| verdict.code()), search.damaged.len())
        };
        assert_eq!(replay().0.expect("whole"), vernet_verifier::Code::Authorised);
        let mut files = Vec::new();
        list(folder.path(), 0, &mut files).expect("it can be listed");
        assert_eq!(files.len(), 2);
        for file in files {
            let good = fs::read(&file).expect("it can be read");
            for byte in 0..good.len() {
                let mut changed = good.clone();
                changed[byte] ^= 1 << (byte % 8);
                fs::write(&file, &changed).expect("it can be written");
                let (faults, damaged) = replay();
                let faults = faults.expect_err("a byte is changed");
                let codes: Vec<_> = faults.iter().map(ReplayFault::code).collect();
                match damaged {
                    0 => assert_eq!(codes, ["roots_missing"], "byte {byte} of {}", file.display()),
                    _ => assert_eq!(
                        codes,
                        ["trust_list_missing", "status_list_missing"],
                        "byte {byte}"
                    ),
                }
            }
            fs::write(&file, &good).expect("it can be written");
        }
        assert!(replay().0.is_ok());
    }
}
