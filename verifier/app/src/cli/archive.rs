//! An archive of old publications: a folder of any layout, for instance the `archive/` of an object
//! store.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use vernet_common::{Bundle, Error, NumericDate};
use vernet_host::{files::read_capped, printable};
use vernet_verifier::{Knowledge, past::OldPublication};

/// The file name of a publication's bundle. A copy may have any name.
const BUNDLE: &str = "bundle.json";

/// One publication every quarter of an hour for 28 years.
const MAX_FILES: usize = 1_000_000;

/// Deeper than any layout by year, month, day and hour.
const MAX_DEPTH: usize = 16;

/// Reads every `.json` file below a folder, and passes on each publication with the position of the
/// office that vouches for it. Unusable files are skipped; a warning says how many and why.
pub(super) fn read(
    folder: &Path,
    offices: &[&Knowledge],
    mut look_at: impl FnMut(usize, &OldPublication),
) -> Result<()> {
    let mut files = Vec::new();
    list(folder, 0, &mut files)?;
    files.sort();
    let (mut used, mut first, mut last) = (0_usize, None::<NumericDate>, None::<NumericDate>);
    let mut others = 0_usize;
    // The number of files for each reason, with one example.
    let mut unusable: BTreeMap<&'static str, (usize, PathBuf)> = BTreeMap::new();
    for file in files {
        let mut refused = None;
        let mut counts = false;
        match open(&file) {
            Ok(bundle) => {
                for (place, office) in offices.iter().enumerate() {
                    let publication = office.read_old_publication(&bundle);
                    refused = refused.or(publication.defects().first().map(Error::code));
                    if let Some(iat) = publication.iat() {
                        look_at(place, &publication);
                        counts = true;
                        (first, last) =
                            (Some(first.map_or(iat, |first| first.min(iat))), last.max(Some(iat)));
                    }
                }
            }
            // For instance a trust list that was copied with its publication.
            Err(_) if file.file_name().is_none_or(|name| name != BUNDLE) => others += 1,
            Err(code) => refused = Some(code),
        }
        used += usize::from(counts);
        // A publication of another office is not a fault.
        if let (false, Some(code)) = (counts && offices.len() > 1, refused) {
            unusable.entry(code).or_insert_with(|| (0, file)).0 += 1;
        }
    }
    for (reason, (count, file)) in unusable {
        let file = printable(&file.display().to_string());
        anstream::eprintln!(
            "warning: {count} files of the archive cannot be used, or not all that is in them [{reason}]: `{file}`"
        );
    }
    let others =
        if others > 0 { format!("; {others} other files were passed over") } else { String::new() };
    match (first, last) {
        (Some(first), Some(last)) => {
            anstream::eprintln!(
                "the archive holds {used} publications, from {first} to {last}{others}"
            );
        }
        _ => anstream::eprintln!("the archive holds no publication that can be used{others}"),
    }
    Ok(())
}

/// The bundle in a file, or the code of what is wrong with it.
fn open(file: &Path) -> Result<Bundle, &'static str> {
    let bytes = read_capped(file, Bundle::MAX_BYTES).map_err(|_| "not_read")?;
    Bundle::from_json(&bytes).map_err(|error| error.code())
}

fn list(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<()> {
    if depth > MAX_DEPTH {
        bail!("`{}` lies more than {MAX_DEPTH} folders deep in the archive", folder.display());
    }
    let entries = fs::read_dir(folder)
        .with_context(|| format!("reading the archive `{}`", folder.display()))?;
    for entry in entries {
        let path =
            entry.with_context(|| format!("reading the archive `{}`", folder.display()))?.path();
        // A link to a folder may lead back to it; a link to a file leads to a file.
        if path.is_dir() && !path.is_symlink() {
            list(&path, depth + 1, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            files.push(path);
        }
        if files.len() > MAX_FILES {
            bail!("the archive has more than {MAX_FILES} files");
        }
    }
    Ok(())
}
