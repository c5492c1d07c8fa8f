//! The lists that the server runs on, as files: phones fetch them from here, so that the office does not even learn how many there are.

use anyhow::Result;
use sha2::{Digest, Sha256};
use vernet_common::{Bundle, StatusListClaims};

/// The signed files of a publication. Its unsigned ones, type and issuer metadata, are the office's own business.
#[derive(PartialEq, Eq)]
pub(crate) struct Publication {
    files: Vec<File>,
}

/// One file, ready to be sent.
#[derive(PartialEq, Eq)]
pub(crate) struct File {
    /// Its path in the publication.
    path: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: axum::body::Bytes,
    /// A strong entity tag (RFC 9110 section 8.8.3), its quotation marks included.
    pub(crate) etag: String,
}

impl Publication {
    pub(crate) fn new(bundle: &Bundle) -> Result<Self> {
        let mut files = vec![File::new("bundle.json".into(), "application/json", bundle.to_json()?)];
        if let Some(trust_list) = bundle.trust_lists.last() {
            let json = vernet_common::to_canonical_json("the trust list", trust_list)?;
            files.push(File::new("trust-list.json".into(), "application/json", json));
        }
        for list in &bundle.status_lists {
            // It was verified together with the others before the bundle came here.
            let claims: StatusListClaims = serde_json::from_slice(list.unverified_payload())?;
            let number = claims.sub.number();
            let bytes = list.as_str().as_bytes().to_vec();
            files.push(File::new(format!("status/{number}"), "application/statuslist+jwt", bytes));
        }
        Ok(Self { files })
    }

    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl File {
    pub(crate) fn new(path: String, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let etag = etag(&bytes);
        Self { path, media_type, bytes: bytes.into(), etag }
    }
}

/// The same bytes have the same tag on every server.
pub(crate) fn etag(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}
