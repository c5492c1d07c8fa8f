//! An application as files, to become a proposal.

use std::path::{Path, PathBuf};

use vernet_applications::{FileKind, OpenedApplication, Unfit};
use vernet_common::CivilDate;
use vernet_host::{FileError, files::write_new_secret};

use crate::error::Error;

/// The files of an application, for `propose grant`.
#[derive(Debug)]
pub struct WrittenApplication {
    /// The application, in which officers enter what only they know.
    pub application: PathBuf,
    /// The documents.
    pub documents: Vec<PathBuf>,
    /// The documents that are not what they should be, by their names and why. The inbox looks into
    /// each; one that was taken over does not.
    pub left_out: Vec<(String, Unfit)>,
}

/// Writes the application as `propose grant` reads it, and its documents, into a new folder that
/// only its owner can read. `look` looks into each document once more, in a process of its own.
///
/// # Errors
///
/// [`Error::NoApplication`] if no form was sent; [`FileError::Exists`] if the folder exists;
/// [`Error::Io`] or [`Error::File`] if something cannot be written.
pub fn write_application(
    application: &OpenedApplication,
    folder: &Path,
    (decided, granted): (CivilDate, CivilDate),
    look: &dyn Fn(&[u8]) -> Result<FileKind, Unfit>,
) -> Result<WrittenApplication, Error> {
    let (Some(form), Some(applied)) = (application.form(), application.applied()) else {
        return Err(Error::NoApplication);
    };
    if folder.exists() {
        return Err(FileError::Exists { path: folder.to_owned() }.into());
    }
    vernet_host::files::make_private_folder(folder).map_err(|source| Error::Io {
        action: "create",
        path: folder.to_owned(),
        source,
    })?;
    let mut json = serde_json::to_vec_pretty(&form.to_draft(applied, decided, granted))
        .expect("texts are JSON");
    json.push(b'\n');
    let file = folder.join("application.json");
    write_new_secret(&file, &json)?;
    let (mut documents, mut left_out) = (Vec::new(), Vec::new());
    for (name, document) in application.documents() {
        match look(document.bytes()) {
            Ok(kind) if kind == document.about().kind => {
                let path = folder.join(name);
                write_new_secret(&path, document.bytes())?;
                documents.push(path);
            }
            Ok(_) => left_out.push((name, Unfit::Kind)),
            Err(unfit) => left_out.push((name, unfit)),
        }
    }
    Ok(WrittenApplication { application: file, documents, left_out })
}
