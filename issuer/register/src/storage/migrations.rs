//! Migrates a database of an older version.

use crate::error::Error;

/// The migration to each version of a database from the previous one. An entry is never changed;
/// new ones are appended.
pub(crate) struct Migrations(pub(super) &'static [&'static str]);

impl Migrations {
    /// The newest version.
    pub(super) fn newest(&self) -> u32 {
        self.0.len() as u32
    }

    /// Whether a database of this version must be migrated.
    pub(super) fn check(&self, found: u32) -> Result<bool, Error> {
        let known = self.newest();
        if found == 0 || found > known {
            return Err(Error::RegisterVersion { found, known });
        }
        Ok(found < known)
    }

    /// The migrations after a version, each with the version that it results in.
    pub(super) fn after(&self, version: u32) -> impl Iterator<Item = (u32, &'static str)> {
        (1..).zip(self.0.iter().copied()).skip(version as usize)
    }

    /// The tables and triggers that the migrations up to a version create and that are not among
    /// these.
    pub(super) fn missing_from(&self, version: u32, present: &[String]) -> Vec<String> {
        let done = self.0.iter().take(version as usize);
        let made = done.flat_map(|sql| sql.lines()).filter_map(|line| {
            let name = line
                .strip_prefix("CREATE TABLE ")
                .or_else(|| line.strip_prefix("CREATE TRIGGER "))?;
            name.split(' ').next().map(|name| name.trim_start_matches("vernet."))
        });
        made.filter(|name| !present.iter().any(|known| known == name))
            .map(ToOwned::to_owned)
            .collect()
    }
}
