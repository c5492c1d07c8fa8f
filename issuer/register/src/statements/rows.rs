//! The rows of an import as the leaves of a Merkle tree (RFC 9162 section 2.1, SHA-256).
//!
//! The first officer signs the root. Each grant carries its row's index and inclusion proof, so
//! that a reader knows, from the register alone, that two officers signed this very row: the second
//! one can grant nothing that the first one has not signed.

use serde::{Deserialize, Serialize};
use vernet_common::{LogHash, LogHead, LogTree, to_canonical_json};

use crate::{application::Application, error::Error, statements::digest::Digest};

/// The place of a grant in its import.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedRow {
    /// The place among the rows that were signed, from 0.
    pub index: u32,
    /// The inclusion proof: the sibling hashes on the path from the row up to the root.
    pub path: Vec<Digest>,
}

/// The tree over the rows, of the same kind as the issued log's.
#[derive(Debug)]
pub struct RowTree(LogTree);

impl RowTree {
    /// The tree over these leaves.
    pub fn new(leaves: Vec<Digest>) -> Self {
        Self(leaves.into_iter().map(hash).collect())
    }

    /// The leaf of a row: the hash of the canonical JSON of its application.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::Json`], which no application causes.
    pub fn leaf(application: &Application) -> Result<Digest, Error> {
        Ok(digest(LogHash::of_leaf(&to_canonical_json("the application", application)?)))
    }

    /// How many rows there are. A table of at most 32 MiB has fewer rows than a `u32` can count.
    pub fn count(&self) -> u32 {
        u32::try_from(self.0.size()).unwrap_or(u32::MAX)
    }

    /// The root; without leaves, the hash of the empty string.
    pub fn root(&self) -> Digest {
        digest(self.0.head().root)
    }

    /// The index and proof of a row.
    pub fn row(&self, index: u32) -> ImportedRow {
        let path = self.0.inclusion(index.into(), self.0.size()).unwrap_or_default();
        ImportedRow { index, path: path.into_iter().map(digest).collect() }
    }
}

impl ImportedRow {
    /// Whether this proves that the leaf is in the tree with this root and number of rows.
    pub(crate) fn proves(&self, leaf: Digest, rows: u32, root: Digest) -> bool {
        let path: Vec<LogHash> = self.path.iter().copied().map(hash).collect();
        let head = LogHead { root: hash(root), size: rows.into() };
        head.check_inclusion(&hash(leaf), self.index.into(), &path).is_ok()
    }
}

fn hash(digest: Digest) -> LogHash {
    LogHash::from(*digest.as_bytes())
}

fn digest(hash: LogHash) -> Digest {
    Digest::from(*hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(bytes: &[u8]) -> Digest {
        digest(LogHash::of_leaf(bytes))
    }

    /// The leaves and roots of Certificate Transparency's own tests
    /// (google/certificate-transparency, `merkletree`).
    #[test]
    fn roots_are_those_of_certificate_transparency() {
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        for (count, root) in (1..).zip(roots) {
            let leaves: Vec<_> = inputs[..count].iter().map(|input| leaf(input)).collect();
            assert_eq!(RowTree::new(leaves).root().to_string(), root, "{count}");
        }
    }

    #[test]
    fn a_proof_holds_for_its_row_and_no_other() {
        for rows in 1..70_u32 {
            let leaves: Vec<_> = (0..rows).map(|row| leaf(&row.to_be_bytes())).collect();
            let tree = RowTree::new(leaves.clone());
            for index in 0..rows {
                let proof = tree.row(index);
                assert!(
                    proof.proves(leaves[index as usize], rows, tree.root()),
                    "{index} of {rows}"
                );
                assert!(!proof.proves(leaf(b"another"), rows, tree.root()));
                let shifted = ImportedRow { index: (index + 1) % rows, ..proof.clone() };
                assert!(rows == 1 || !shifted.proves(leaves[index as usize], rows, tree.root()));
                let outside = ImportedRow { index: index + rows, ..proof.clone() };
                assert!(!outside.proves(leaves[index as usize], rows, tree.root()));
                let mut longer = proof;
                longer.path.push(tree.root());
                assert!(!longer.proves(leaves[index as usize], rows, tree.root()));
            }
        }
    }
}
