//! Files in the office's folder.

use std::{fs, path::Path};

use serde::de::DeserializeOwned;
use vernet_common::TrustAnchor;
use vernet_host::files::write_atomic;
use vernet_text::to_utf8;

use crate::error::Error;

pub(super) fn write_anchor(path: &Path, anchor: &TrustAnchor) -> Result<(), Error> {
    let mut json =
        serde_json::to_vec_pretty(anchor).expect("roots of strings and numbers are JSON");
    json.push(b'\n');
    Ok(write_atomic(path, &json)?)
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io { action: "read", path: path.to_owned(), source })
}

pub(super) fn read_json<T: DeserializeOwned>(path: &Path, what: &'static str) -> Result<T, Error> {
    serde_json::from_slice(&to_utf8(&read(path)?))
        .map_err(|source| vernet_common::Error::json(what, source).into())
}
