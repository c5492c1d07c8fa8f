//! Circles of files: files of one crate that import each other, directly or indirectly.
//!
//! A circle hides which file depends on which: none of its files can be understood, moved or tested
//! without all the others.

mod allowed;
pub(crate) mod graph;
mod imports;
#[cfg(test)]
mod tests;
mod tree;

use std::{
    collections::BTreeSet,
    fmt::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Result;

use self::{
    allowed::{ALLOWED, Allowed},
    graph::{Arrows, knots, shortest},
    imports::{Imports, imports},
    tree::Tree,
};
use crate::workspace::{Package, folder};

/// Files that import each other.
struct Knot {
    files: BTreeSet<PathBuf>,
    /// The shortest cycle.
    round: Vec<PathBuf>,
    /// The imports among the files.
    imports: Imports,
    why_allowed: Option<&'static str>,
}

/// The findings in the workspace.
pub(crate) struct Found {
    files: usize,
    knots: Vec<Knot>,
    /// Entries of the allow-list that allow more than exists.
    too_wide: Vec<String>,
    /// Whether every import of a circle is reported, and not only the shortest cycle.
    pub(crate) in_full: bool,
}

impl Found {
    /// Whether there are no violations.
    pub(crate) fn is_sound(&self) -> bool {
        self.too_wide.is_empty() && self.knots.iter().all(|knot| knot.why_allowed.is_some())
    }
}

/// Looks for circles in all packages.
///
/// # Errors
/// If a file of a package is missing or is not valid Rust.
pub(crate) fn find(packages: &[Package]) -> Result<Found> {
    let roots = packages.iter().flat_map(|package| &package.roots);
    find_in(&folder(), roots.map(PathBuf::as_path), ALLOWED)
}

fn find_in<'a>(
    folder: &Path,
    roots: impl IntoIterator<Item = &'a Path>,
    allowed: &'static [Allowed],
) -> Result<Found> {
    let mut found = Found { files: 0, knots: Vec::new(), too_wide: Vec::new(), in_full: false };
    for root in roots {
        let tree = Tree::read(root)?;
        let files: BTreeSet<&Path> =
            tree.modules.iter().map(|module| module.file.as_path()).collect();
        found.files += files.len();
        let short = |file: &Path| file.strip_prefix(folder).unwrap_or(file).to_owned();
        let imports: Imports = imports(&tree)
            .into_iter()
            .map(|((from, to), names)| ((short(&from), short(&to)), names))
            .collect();
        let mut arrows = Arrows::new();
        for (from, to) in imports.keys() {
            arrows.entry(from.clone()).or_insert_with(BTreeSet::new).insert(to.clone());
        }
        for files in knots(&arrows) {
            let why_allowed =
                allowed.iter().find(|entry| entry.allows(&files)).map(|entry| entry.why);
            let inside =
                |(from, to): &(PathBuf, PathBuf)| files.contains(from) && files.contains(to);
            let among = imports.iter().filter(|(arrow, _)| inside(arrow));
            let imports = among.map(|(arrow, names)| (arrow.clone(), names.clone())).collect();
            found.knots.push(Knot {
                round: shortest(&arrows, &files),
                files,
                imports,
                why_allowed,
            });
        }
    }
    for entry in allowed {
        let used: BTreeSet<&Path> = found
            .knots
            .iter()
            .filter(|knot| entry.allows(&knot.files))
            .flat_map(|knot| knot.files.iter().map(PathBuf::as_path))
            .collect();
        let too_many = entry.files.iter().filter(|file| !used.contains(Path::new(file)));
        found.too_wide.extend(too_many.map(|file| (*file).to_owned()));
    }
    Ok(found)
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for knot in &self.knots {
            knot.fmt(f, self.in_full)?;
        }
        for file in &self.too_wide {
            writeln!(
                f,
                "{file} is in no circle of its entry any more: remove it from tests/xtask/src/circles/allowed.rs"
            )?;
        }
        let allowed = self.knots.iter().filter(|knot| knot.why_allowed.is_some()).count();
        let others = self.knots.len() - allowed;
        write!(f, "{} files, {others} circles, and {allowed} that are allowed", self.files)
    }
}

impl Knot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>, in_full: bool) -> fmt::Result {
        match self.why_allowed {
            Some(why) => writeln!(
                f,
                "{} files import each other, which is allowed: {why}",
                self.files.len()
            )?,
            None => writeln!(f, "{} files import each other:", self.files.len())?,
        }
        self.files.iter().try_for_each(|file| writeln!(f, "    {}", file.display()))?;
        if in_full {
            writeln!(f, "  all their imports:")?;
            for ((from, to), names) in &self.imports {
                write_import(f, from, to, names)?;
            }
        } else {
            writeln!(f, "  the shortest way round:")?;
            for (place, from) in self.round.iter().enumerate() {
                let to = &self.round[(place + 1) % self.round.len()];
                write_import(f, from, to, &self.imports[&(from.clone(), to.clone())])?;
            }
        }
        f.write_char('\n')
    }
}

fn write_import(
    f: &mut fmt::Formatter<'_>,
    from: &Path,
    to: &Path,
    names: &BTreeSet<String>,
) -> fmt::Result {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    writeln!(f, "    {} imports {} of {}", from.display(), names.join(", "), to.display())
}
