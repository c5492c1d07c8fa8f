//! The documents that proposals rest on, in the office's folder. Each file is named by its hash.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};
use vernet_host::{
    FileError,
    files::{make_private_folder, write_new_in_group},
};

use crate::{
    error::Error,
    officer::line,
    statements::{digest::Digest, proposal::Document},
};

/// A folder of documents. They hold personal data, so only the office's own user can read them, and
/// the officers' group if the office's folder is shared with it.
#[derive(Clone, Debug)]
pub struct Documents {
    folder: PathBuf,
}

/// A document that was read and is not stored yet. Its bytes are shared and not copied: what is
/// signed elsewhere is made twice.
#[derive(Clone, Debug)]
pub struct NewDocument {
    document: Document,
    bytes: Arc<Vec<u8>>,
}

impl NewDocument {
    /// A document with this name, which must be one line.
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        let document = Document { name: name.to_owned(), sha256: Digest::of(&bytes) };
        Self { document, bytes: bytes.into() }
    }

    /// Its name and hash.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Documents {
    /// The largest document: a scan of a few dozen pages.
    pub const MAX_BYTES: u64 = 32 << 20;

    /// The documents in a folder, which is created with the first one.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Reads a file that a proposal is to rest on. Stores nothing yet.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if the file cannot be read; [`vernet_common::Error::TooLarge`] if it is over
    /// [`Documents::MAX_BYTES`]; [`vernet_common::Error::FieldInvalid`] if it is empty or its name
    /// is not one line; [`Error::NationalIdentityNumber`] if its name holds such a number.
    pub fn read(file: &Path) -> Result<NewDocument, Error> {
        let io = |source| Error::Io { action: "read", path: file.to_owned(), source };
        let name =
            file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = line("document", &name)?;
        let mut bytes = Vec::new();
        File::open(file)
            .and_then(|file| file.take(Self::MAX_BYTES + 1).read_to_end(&mut bytes))
            .map_err(io)?;
        if bytes.len() as u64 > Self::MAX_BYTES {
            let (found, limit) = (bytes.len(), Self::MAX_BYTES as usize);
            return Err(
                vernet_common::Error::TooLarge { what: "the document", found, limit }.into()
            );
        }
        if bytes.is_empty() {
            return Err(
                vernet_common::Error::field("document", &name, "a file that is not empty").into()
            );
        }
        Ok(NewDocument::new(&name, bytes))
    }

    /// Stores a copy. One that is stored already is not written again.
    pub(crate) fn put(&self, new: &NewDocument) -> Result<(), Error> {
        self.make_folder()?;
        match write_new_in_group(&self.path(&new.document), &new.bytes) {
            Err(FileError::Exists { .. }) => self.check_one(&new.document),
            written => Ok(written?),
        }
    }

    /// The path of a stored document.
    pub fn path(&self, document: &Document) -> PathBuf {
        self.folder.join(document.sha256.to_string())
    }

    /// Reads every document again and checks that it is still the one that was signed.
    ///
    /// # Errors
    ///
    /// [`Error::DocumentMissing`] if one is not in the folder; [`Error::DocumentChanged`] if one
    /// has another hash; [`Error::Io`] if one cannot be read.
    pub fn check(&self, documents: &[Document]) -> Result<(), Error> {
        documents.iter().try_for_each(|document| self.check_one(document))
    }

    /// The same for one document.
    ///
    /// # Errors
    ///
    /// As [`Documents::check`].
    pub fn check_one(&self, document: &Document) -> Result<(), Error> {
        let path = self.path(document);
        let io = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => Error::DocumentMissing { name: document.name.clone() },
            _ => Error::Io { action: "read", path: path.clone(), source },
        };
        let mut file = File::open(&path).map_err(io)?;
        let (mut hash, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
        loop {
            match file.read(&mut buffer).map_err(io)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
        if Digest::from(<[u8; 32]>::from(hash.finalize())) != document.sha256 {
            return Err(Error::DocumentChanged { name: document.name.clone() });
        }
        Ok(())
    }

    /// Deletes the file of a document, which need not be there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] if it cannot be deleted.
    pub fn delete(&self, sha256: Digest) -> Result<bool, Error> {
        let path = self.folder.join(sha256.to_string());
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(Error::Io { action: "delete", path, source }),
        }
    }

    fn make_folder(&self) -> Result<(), Error> {
        make_private_folder(&self.folder).map_err(|source| Error::Io {
            action: "create",
            path: self.folder.clone(),
            source,
        })
    }
}
