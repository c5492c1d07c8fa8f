//! Applications that are half typed: they survive that the browser is closed, or the machine.
//!
//! They are in a file of its own in the office's folder, beside the register, which holds the same of
//! the same people; whoever reads that folder reads the register. So they are not encrypted: the
//! server would need the key itself. Only this account may read the file, each draft is shown to the
//! officer who typed it and to nobody else, and it is wiped, not only unlinked, once it is proposed or
//! thirty days old. Documents are in no draft.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, params};
use vernet_common::NumericDate;
use vernet_register::{Officer, Typed};

use super::access_log::AccessLogError;
use crate::web::token::Token;

/// For how many days a draft is kept.
pub(super) const DAYS: i64 = 30;

/// How many drafts an officer may have: the oldest gives way.
const MAX_DRAFTS: i64 = 50;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS draft (
    token TEXT PRIMARY KEY,
    officer TEXT NOT NULL,
    saved INTEGER NOT NULL,
    fields TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS draft_of_officer ON draft (officer, saved);
";

/// All drafts.
pub(super) struct Drafts {
    path: String,
    connection: Mutex<Connection>,
}

/// One in a list.
pub(super) struct Draft {
    pub(super) token: String,
    pub(super) saved: NumericDate,
    /// What was typed of the name; empty if nothing was.
    pub(super) name: String,
}

impl Drafts {
    pub(super) fn open(path: &Path) -> Result<Self, AccessLogError> {
        let name = path.display().to_string();
        let open = || {
            only_for_us(path);
            let connection = Connection::open(path)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            // What is deleted is written over, and no copy of it stays in a journal.
            connection.pragma_update(None, "secure_delete", true)?;
            connection.pragma_update(None, "journal_mode", "DELETE")?;
            connection.execute_batch(SCHEMA)?;
            Ok(connection)
        };
        match open() {
            Ok(connection) => Ok(Self { path: name, connection: Mutex::new(connection) }),
            Err(source) => Err(AccessLogError { path: name, source }),
        }
    }

    /// Keeps what was typed, in the place of what this draft was before. Returns its token.
    pub(super) fn keep(
        &self,
        officer: &Officer,
        token: Option<&str>,
        typed: &Typed,
        now: NumericDate,
    ) -> Result<String, AccessLogError> {
        let fields = serde_json::to_string(typed).expect("texts are JSON");
        let (officer, at) = (officer.as_str(), now.seconds());
        self.with(|connection| {
            let known: Option<String> = match token {
                Some(token) => {
                    let own = "SELECT token FROM draft WHERE token = ?1 AND officer = ?2";
                    connection.query_row(own, [token, officer], |row| row.get(0)).optional()?
                }
                None => None,
            };
            let token = known.unwrap_or_else(|| Token::new().as_str().to_owned());
            let keep = "INSERT INTO draft VALUES (?1, ?2, ?3, ?4) ON CONFLICT (token) DO UPDATE
                SET saved = excluded.saved, fields = excluded.fields";
            connection.execute(keep, params![token, officer, at, fields])?;
            connection
                .execute("DELETE FROM draft WHERE saved < ?1", params![at - DAYS * 86_400])?;
            let oldest = "DELETE FROM draft WHERE token IN (SELECT token FROM draft
                WHERE officer = ?1 ORDER BY saved DESC, token LIMIT -1 OFFSET ?2)";
            connection.execute(oldest, params![officer, MAX_DRAFTS])?;
            Ok(token)
        })
    }

    /// The drafts of an officer, newest first.
    pub(super) fn of(
        &self,
        officer: &Officer,
        now: NumericDate,
    ) -> Result<Vec<Draft>, AccessLogError> {
        let since = now.seconds() - DAYS * 86_400;
        self.with(|connection| {
            let select = "SELECT token, saved, fields FROM draft
                WHERE officer = ?1 AND saved >= ?2 ORDER BY saved DESC, token";
            let mut statement = connection.prepare_cached(select)?;
            let read = |row: &rusqlite::Row<'_>| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, String>(2)?))
            };
            let rows = statement.query_map(params![officer.as_str(), since], read)?;
            let rows = rows.collect::<Result<Vec<(String, i64, String)>, _>>()?;
            let draft = |(token, saved, fields): (String, i64, String)| {
                let typed: Typed = serde_json::from_str(&fields).ok()?;
                let part = |name: &str| typed.get(name).map_or("", |text| text.trim());
                let name = format!("{} {}", part("given_name"), part("family_name"));
                let name = name.trim().to_owned();
                Some(Draft { token, saved: NumericDate::from_seconds(saved).ok()?, name })
            };
            Ok(rows.into_iter().filter_map(draft).collect())
        })
    }

    /// What an officer typed; none if there is no such draft of theirs.
    pub(super) fn open_one(
        &self,
        officer: &Officer,
        token: &str,
        now: NumericDate,
    ) -> Result<Option<Typed>, AccessLogError> {
        let since = now.seconds() - DAYS * 86_400;
        let fields: Option<String> = self.with(|connection| {
            let select =
                "SELECT fields FROM draft WHERE token = ?1 AND officer = ?2 AND saved >= ?3";
            let row = params![token, officer.as_str(), since];
            connection.query_row(select, row, |row| row.get(0)).optional()
        })?;
        Ok(fields.and_then(|fields| serde_json::from_str(&fields).ok()))
    }

    /// Wipes a draft of an officer.
    pub(super) fn forget(&self, officer: &Officer, token: &str) -> Result<(), AccessLogError> {
        self.with(|connection| {
            let delete = "DELETE FROM draft WHERE token = ?1 AND officer = ?2";
            connection.execute(delete, [token, officer.as_str()]).map(drop)
        })
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, AccessLogError> {
        let error = |source| AccessLogError { path: self.path.clone(), source };
        act(&self.connection()).map_err(error)
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the file so that nobody else reads it. Whether that was possible is told by opening it.
fn only_for_us(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(name: &str) -> Typed {
        [("family_name".to_owned(), name.to_owned())].into()
    }

    #[test]
    fn a_draft_is_its_officers_alone_and_is_wiped_after_a_month() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("drafts.sqlite");
        let drafts = Drafts::open(&path).expect("drafts");
        let [kari, ola]: [Officer; 2] =
            ["Kari Nordmann", "Ola Nordmann"].map(|name| name.parse().expect("a name"));
        let now: NumericDate = "2026-12-01T12:00:00Z".parse().expect("a time");
        let token = drafts.keep(&kari, None, &typed("Ørstavik"), now).expect("kept");
        let again = drafts.keep(&kari, Some(&token), &typed("Ørstavik-Lie"), now).expect("kept");
        assert_eq!(token, again);
        let shown = drafts.of(&kari, now).expect("drafts");
        assert_eq!(shown.iter().map(|one| &*one.name).collect::<Vec<_>>(), ["Ørstavik-Lie"]);
        // Another officer neither sees nor changes it.
        assert!(drafts.of(&ola, now).expect("drafts").is_empty());
        assert!(drafts.open_one(&ola, &token, now).expect("read").is_none());
        drafts.forget(&ola, &token).expect("nothing is done");
        let other = drafts.keep(&ola, Some(&token), &typed("X"), now).expect("kept");
        assert_ne!(token, other);
        assert!(drafts.open_one(&kari, &token, now).expect("read").is_some());
        // Whoever opens the file again finds it.
        let later = now.plus_seconds(DAYS * 86_400 + 1);
        let drafts = Drafts::open(&path).expect("drafts");
        assert!(drafts.open_one(&kari, &token, later).expect("read").is_none());
        drafts.keep(&ola, None, &typed("Y"), later).expect("kept");
        let bytes = std::fs::read(&path).expect("the file");
        let has = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(has("\"Y\""), "what is kept is there");
        assert!(!has("Ørstavik"), "what was deleted is written over");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("drafts.sqlite");
        let _drafts = Drafts::open(&path).expect("drafts");
        let mode = std::fs::metadata(&path).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
