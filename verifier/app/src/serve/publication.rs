//! The lists that the server runs on, as files: phones fetch them from here, so that the office
//! does not even learn how many phones there are.

use anyhow::Result;
use vernet_common::{Bundle, BundledLog, LogTree, StatusListClaims, Tile};

use super::file::File;

/// The signed files of a publication. Its unsigned files, type and issuer metadata, are served by
/// the office only.
#[derive(PartialEq, Eq)]
pub(crate) struct Publication {
    files: Vec<File>,
}

impl Publication {
    pub(crate) fn new(bundle: &Bundle) -> Result<Self> {
        let mut files =
            vec![File::new("bundle.json".into(), "application/json", bundle.to_json()?)];
        if let Some(trust_list) = bundle.trust_lists.last() {
            let json = vernet_common::to_canonical_json("the trust list", trust_list)?;
            files.push(File::new("trust-list.json".into(), "application/json", json));
        }
        for list in &bundle.status_lists {
            // It was verified with the rest of the bundle.
            let claims: StatusListClaims = serde_json::from_slice(list.unverified_payload())?;
            let number = claims.sub.number();
            let bytes = list.as_str().as_bytes().to_vec();
            files.push(File::new(format!("status/{number}"), "application/statuslist+jwt", bytes));
        }
        if let Some(log) = &bundle.log {
            files.push(File::new(
                "log/checkpoint".into(),
                "text/plain; charset=utf-8",
                log.checkpoint.to_text().into(),
            ));
            files.extend(tiles(log));
        }
        Ok(Self { files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// The tiles of the log: they give clients the leaves of a log that is too large for the bundle.
/// The entries, from which the leaves are made, are served by the office only.
fn tiles(log: &BundledLog) -> Vec<File> {
    let mut tree = LogTree::new();
    log.leaves.iter().flatten().for_each(|leaf| tree.push(*leaf));
    let file = |tile: Tile| {
        let bytes = tile.content(&tree)?;
        Some(File::new(format!("log/{}", tile.path()), "application/octet-stream", bytes))
    };
    Tile::all(tree.size()).filter_map(file).collect()
}
