//! Who is on the roster: a table, or a folder with a file for each.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use vernet_verifier::roster::{MAX_ROWS, RosterError, RosterRow, RosterTable};

use super::coded;

/// A roster, about to be read.
pub(super) struct Staff {
    pub(super) source: String,
    pub(super) compared: Vec<String>,
    pub(super) columns: Vec<String>,
    pub(super) rows: Box<dyn Iterator<Item = Result<Entry, RosterError>> + Send>,
}

/// One of the staff.
pub(super) enum Entry {
    /// A row of a table; the certificate stands in it, or the path of its file.
    Row(RosterRow),
    /// A file in a folder, with one certificate or several.
    File { row: RosterRow, path: PathBuf },
}

/// The deepest folder within a folder, so that a ring of them comes to an end.
const MAX_DEPTH: usize = 16;

impl Staff {
    pub(super) fn open(roster: &Path, progress: &ProgressBar) -> Result<Self> {
        if roster.is_dir() {
            return Self::folder(roster, progress);
        }
        let source = match roster.to_str() {
            Some("-") => "standard input".to_owned(),
            _ => roster.file_name().unwrap_or(roster.as_os_str()).to_string_lossy().into_owned(),
        };
        let table: Box<dyn Read + Send> = if roster == Path::new("-") {
            Box::new(std::io::stdin())
        } else {
            let open = || {
                let file = File::open(roster)?;
                progress.set_length(file.metadata()?.len());
                Ok::<_, std::io::Error>(file)
            };
            Box::new(progress.wrap_read(open().with_context(|| format!("reading `{}`", roster.display()))?))
        };
        let table =
            RosterTable::read(table).map_err(coded).with_context(|| format!("reading `{}`", roster.display()))?;
        let (compared, columns) = (table.compared(), table.free_columns());
        Ok(Self { source, compared, columns, rows: Box::new(table.map(|row| row.map(Entry::Row))) })
    }

    fn folder(folder: &Path, progress: &ProgressBar) -> Result<Self> {
        let mut paths = Vec::new();
        list(folder, 0, &mut paths)?;
        paths.sort();
        progress.set_length(paths.len() as u64);
        let (source, base) = (folder.display().to_string(), folder.to_owned());
        let rows = paths.into_iter().zip(1..).map(move |(path, line)| {
            let file = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
            Ok(Entry::File { row: RosterRow { line, file, ..RosterRow::default() }, path })
        });
        let rows = Box::new(progress.wrap_iter(rows));
        Ok(Self { source, compared: Vec::new(), columns: Vec::new(), rows })
    }
}

/// Every file below a folder but the hidden ones, which systems put there by themselves.
fn list(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<()> {
    let entries = || fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>();
    for entry in entries().with_context(|| format!("reading the folder `{}`", folder.display()))? {
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            paths.push(entry.path());
        } else if depth < MAX_DEPTH {
            list(&entry.path(), depth + 1, paths)?;
        } else {
            bail!("`{}` has folders more than {MAX_DEPTH} deep", folder.display());
        }
        if paths.len() > MAX_ROWS {
            return Err(coded(RosterError::TooManyRows { limit: MAX_ROWS }));
        }
    }
    Ok(())
}
