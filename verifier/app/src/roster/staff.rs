//! Who is on the roster: a table, or a folder with a file for each person.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use vernet_verifier::roster::{MAX_ROWS, RosterError, RosterRow, RosterTable};

/// A roster, about to be read.
pub(crate) struct Staff {
    pub(crate) source: String,
    pub(crate) compared: Vec<String>,
    pub(crate) columns: Vec<String>,
    /// The estimated number of rows: for the progress bar, not for the report.
    pub(crate) expected: Option<u64>,
    pub(crate) rows: Box<dyn Iterator<Item = Result<Entry, RosterError>> + Send>,
}

/// One member of the staff.
pub(crate) enum Entry {
    /// A row of a table, with the certificate or the path of its file.
    Row(RosterRow),
    /// A file in a folder, with one certificate or several.
    File { row: RosterRow, path: PathBuf },
}

/// How deep folders are searched, so that cycles end.
const MAX_DEPTH: usize = 16;

impl Staff {
    pub(crate) fn open(roster: &Path) -> Result<Self> {
        if roster.is_dir() {
            return Self::folder(roster);
        }
        let source = match roster.to_str() {
            Some("-") => "standard input".to_owned(),
            _ => roster.file_name().unwrap_or(roster.as_os_str()).to_string_lossy().into_owned(),
        };
        let (table, expected): (Box<dyn Read + Send>, _) = if roster == Path::new("-") {
            (Box::new(std::io::stdin()), None)
        } else {
            let open = || Ok::<_, std::io::Error>((lines(roster)?, File::open(roster)?));
            let (lines, file) =
                open().with_context(|| format!("reading `{}`", roster.display()))?;
            (Box::new(file), Some(lines))
        };
        let table =
            RosterTable::read(table).with_context(|| format!("reading `{}`", roster.display()))?;
        let (compared, columns) = (table.compared(), table.free_columns());
        Ok(Self {
            source,
            compared,
            columns,
            expected,
            rows: Box::new(table.map(|row| row.map(Entry::Row))),
        })
    }

    fn folder(folder: &Path) -> Result<Self> {
        let paths = files_of(folder)?;
        let expected = Some(paths.len() as u64);
        let (source, base) = (folder.display().to_string(), folder.to_owned());
        let rows = paths.into_iter().zip(1..).map(move |(path, line)| {
            let file = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().into_owned();
            Ok(Entry::File { row: RosterRow { line, file, ..RosterRow::default() }, path })
        });
        Ok(Self {
            source,
            compared: Vec::new(),
            columns: Vec::new(),
            expected,
            rows: Box::new(rows),
        })
    }
}

/// The files that tell whether a roster has changed: the table, or all in the folder.
pub(crate) fn files_of(roster: &Path) -> Result<Vec<PathBuf>> {
    if !roster.is_dir() {
        return Ok(vec![roster.to_owned()]);
    }
    let mut paths = Vec::new();
    list(roster, 0, &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// The number of lines after the first, whether they end in LF or, throughout, in CR.
fn lines(file: &Path) -> std::io::Result<u64> {
    let file = File::open(file)?;
    // A pipe cannot be read twice.
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other(
            "it is no file, expected a table, a folder, or `-` for standard input",
        ));
    }
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut lf, mut cr) = (0, 0);
    loop {
        let read = reader.fill_buf()?;
        if read.is_empty() {
            return Ok(if lf > 0 { lf } else { cr });
        }
        lf += read.iter().filter(|byte| **byte == b'\n').count() as u64;
        cr += read.iter().filter(|byte| **byte == b'\r').count() as u64;
        let length = read.len();
        reader.consume(length);
    }
}

/// Every file below a folder except hidden ones, which systems create by themselves.
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
            return Err(RosterError::TooManyRows { limit: MAX_ROWS }.into());
        }
    }
    Ok(())
}
