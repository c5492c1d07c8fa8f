//! The issued log as static files (c2sp.org/tlog-tiles). The content of each name follows from the
//! log and never changes, so each file is written once.

use std::collections::BTreeSet;

use vernet_common::{CertificateHash, LogHash, Tile};
use vernet_register::IssuedLog;

use super::content::{File, LOG};
use crate::Error;

/// The media type of tiles and of files of entries.
const MEDIA_TYPE: &str = "application/octet-stream";

/// Every file of a log of the first `size` certificates, full ones first, and the partial ones of
/// the log when it had `before` certificates: a reader who has just read that checkpoint may be
/// about to fetch them.
pub(super) fn files(log: &IssuedLog, size: u64, before: u64) -> Vec<File> {
    let tiles: BTreeSet<Tile> =
        Tile::all(size).chain(Tile::all(before.min(size)).filter(|tile| !tile.is_full())).collect();
    let (full, partial): (Vec<_>, Vec<_>) = tiles.into_iter().partition(Tile::is_full);
    full.into_iter().chain(partial).flat_map(|tile| of_tile(log, tile)).collect()
}

/// The most bytes of a file of entries.
pub(in crate::office) const MAX_ENTRIES_BYTES: usize = ENTRY * Tile::WIDTH as usize;

/// The bytes of an entry: its length in two bytes, and a hash.
const ENTRY: usize = 34;

/// The entries of a published log from the one at `from` on. `leaves` are all its leaves, which were
/// checked; `get` gives the bytes of a file by its path below `log/`.
pub(in crate::office) fn entries(
    leaves: &[LogHash],
    from: usize,
    get: &mut dyn FnMut(&str) -> Result<Vec<u8>, Error>,
) -> Result<Vec<CertificateHash>, Error> {
    let mut found = leaves.get(..from).map_or(0, <[LogHash]>::len);
    let mut entries = Vec::new();
    for tile in Tile::leaves(from as u64, leaves.len() as u64) {
        let path = tile.entries_path();
        // A partial file may be gone, if the log has grown.
        let bytes = get(&path).or_else(|error| match tile.is_full() {
            true => Err(error),
            false => get(&tile.full().entries_path()).map_err(|_| error),
        })?;
        let damaged = || Error::LogEntries { path: path.clone() };
        let (words, _) = bytes.as_chunks::<ENTRY>();
        let first = usize::try_from(tile.range().start).map_err(|_| damaged())?;
        let wanted = words.iter().take(tile.width().into()).skip(found.saturating_sub(first));
        for word in wanted {
            let (length, hash) = word.split_at(2);
            let entry = <[u8; 32]>::try_from(hash).map(CertificateHash::from);
            match (length, entry) {
                ([0, 32], Ok(entry)) if leaves.get(found) == Some(&entry.leaf()) => {
                    entries.push(entry);
                    found += 1;
                }
                _ => return Err(damaged()),
            }
        }
        if found as u64 != tile.range().end {
            return Err(damaged());
        }
    }
    Ok(entries)
}

fn of_tile(log: &IssuedLog, tile: Tile) -> Vec<File> {
    let file =
        |path: String, bytes| File { name: format!("{LOG}/{path}"), bytes, media_type: MEDIA_TYPE };
    let hashes = tile.content(log.tree()).map(|bytes| file(tile.path(), bytes));
    let range = tile.range();
    let entries = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
    let entries = entries
        .filter(|_| tile.level() == 0)
        .and_then(|(start, end)| log.entries().get(start..end));
    let entries = entries.map(|entries| file(tile.entries_path(), Tile::entries_content(entries)));
    hashes.into_iter().chain(entries).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vernet_common::CertificateHash;

    use super::*;

    fn log(count: u32) -> IssuedLog {
        let mut log = IssuedLog::default();
        for n in 0..count {
            let hash = format!("{n:0>10}{}", "A".repeat(33));
            log.push_entry(CertificateHash::try_from(hash).expect("32 bytes in base64url"));
        }
        log
    }

    fn sizes(count: u32, before: u64) -> BTreeMap<String, usize> {
        files(&log(count + 7), count.into(), before)
            .into_iter()
            .map(|file| (file.name, file.bytes.len()))
            .collect()
    }

    fn expected(files: &[(&str, usize)]) -> BTreeMap<String, usize> {
        files.iter().map(|(name, size)| (format!("log/tile/{name}"), *size)).collect()
    }

    #[test]
    fn names_and_sizes_are_those_of_the_specification() {
        assert_eq!(sizes(0, 0), expected(&[]));
        assert_eq!(sizes(1, 0), expected(&[("entries/000.p/1", 34), ("0/000.p/1", 32)]));
        assert_eq!(
            sizes(256, 0),
            expected(&[("entries/000", 256 * 34), ("0/000", 8192), ("1/000.p/1", 32)])
        );
        // The example of the specification: 70,000 leaves.
        let files = sizes(70_000, 0);
        assert_eq!(files.iter().filter(|(name, _)| name.starts_with("log/tile/0/")).count(), 274);
        assert_eq!((files["log/tile/0/272"], files["log/tile/0/273.p/112"]), (8192, 112 * 32));
        assert_eq!((files["log/tile/1/000"], files["log/tile/1/001.p/17"]), (8192, 17 * 32));
        assert_eq!(
            (files["log/tile/2/000.p/1"], files["log/tile/entries/273.p/112"]),
            (32, 112 * 34)
        );
        assert_eq!(files.len(), 2 * 274 + 2 + 1);
    }

    #[test]
    fn partial_files_of_the_publication_before_stay_for_its_readers() {
        let now = sizes(300, 258);
        let names = [
            "entries/001.p/44",
            "entries/001.p/2",
            "0/001.p/44",
            "0/001.p/2",
            "1/000.p/1",
            "entries/000",
            "0/000",
        ];
        assert!(names.iter().all(|name| now.contains_key(&format!("log/tile/{name}"))), "{now:?}");
        assert_eq!(now.len(), names.len());
        assert!(sizes(300, 200).contains_key("log/tile/0/000.p/200"), "filled up meanwhile");
        assert_eq!(sizes(300, 300), sizes(300, 0));
        assert_eq!(sizes(300, 999), sizes(300, 0), "of a longer log nothing is ours");
    }

    #[test]
    fn entries_are_read_from_the_files_and_belong_to_the_leaves() {
        let log = log(600);
        let published: BTreeMap<String, Vec<u8>> =
            files(&log, 600, 0).into_iter().map(|file| (file.name, file.bytes)).collect();
        let read = |from, change: &dyn Fn(&str, &mut Vec<u8>)| {
            let get = |path: &str| {
                let mut bytes = published.get(&format!("{LOG}/{path}")).cloned();
                bytes.iter_mut().for_each(|bytes| change(path, bytes));
                bytes.ok_or_else(|| Error::LogEntries { path: format!("{path} is not there") })
            };
            entries(log.tree().leaves(), from, &mut { get })
        };
        for from in [0, 1, 255, 256, 511, 513, 599, 600] {
            assert_eq!(read(from, &|_, _| ()).expect("whole"), log.entries()[from..], "{from}");
        }
        let last = "tile/entries/002.p/88";
        for change in [
            (&|bytes: &mut Vec<u8>| bytes[100] ^= 1) as &dyn Fn(&mut Vec<u8>),
            &|bytes| bytes[0] = 1,
            &|bytes| bytes.truncate(88 * 34 - 1),
            &|bytes| bytes.clear(),
        ] {
            let damaged = read(500, &|path, bytes| {
                if path == last {
                    change(bytes)
                }
            });
            let error = damaged.expect_err("damaged");
            assert!(error.code() == "log_entries" && error.to_string().contains(last), "{error}");
        }
    }

    #[test]
    fn what_was_published_once_never_changes() {
        let content = |count: u32, before| -> BTreeMap<String, Vec<u8>> {
            files(&log(count + 7), count.into(), before)
                .into_iter()
                .map(|file| (file.name, file.bytes))
                .collect()
        };
        let (before, now) = (content(520, 0), content(1000, 520));
        assert!(
            before.iter().all(|(name, bytes)| now.get(name) == Some(bytes)),
            "each is still there, as it was"
        );
    }
}
