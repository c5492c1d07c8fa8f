//! Tables that officers are about to import, in memory: whoever uploaded one mends it, and nobody else
//! sees it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use vernet_common::{KeyId, NumericDate};
use vernet_issuer::{CheckedRow, Sheet};

use crate::web::token::Token;

/// How many tables one officer may have open. The oldest is forgotten first.
const MAX_OPEN: usize = 3;

/// For how many seconds a table is kept after somebody worked on it: a day at the desk.
const MAX_AGE_S: i64 = 10 * 3600;

/// The tables, by a token in the address of their pages.
#[derive(Default)]
pub(super) struct Imports(Mutex<HashMap<String, Upload>>);

/// A table that was uploaded.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) kid: KeyId,
    /// The name of the file.
    pub(super) name: String,
    pub(super) sheet: Sheet,
    pub(super) checked: Checked,
    pub(super) at: NumericDate,
}

/// What would become of each row, or why the rows cannot be read yet.
pub(super) type Checked = Result<Vec<CheckedRow>, (&'static str, String)>;

impl Imports {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Upload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a table, and returns its token.
    pub(super) fn put(&self, upload: Upload) -> String {
        let (token, mut all) = (Token::new().as_str().to_owned(), self.all());
        all.retain(|_, other| upload.at.seconds_since(other.at) < MAX_AGE_S);
        let mut own: Vec<_> = all
            .iter()
            .filter(|(_, other)| other.kid == upload.kid)
            .map(|(t, o)| (o.at, t.clone()))
            .collect();
        own.sort();
        for (_, oldest) in own.iter().take((own.len() + 1).saturating_sub(MAX_OPEN)) {
            all.remove(oldest);
        }
        all.insert(token.clone(), upload);
        token
    }

    /// The table at this address of this officer; for anybody else there is none.
    pub(super) fn get(&self, token: &str, kid: KeyId) -> Option<Upload> {
        self.all().get(token).filter(|upload| upload.kid == kid).cloned()
    }

    /// Keeps what became of a table, if it is still there.
    pub(super) fn keep(&self, token: &str, upload: Upload) {
        if let Some(kept) = self.all().get_mut(token).filter(|kept| kept.kid == upload.kid) {
            *kept = upload;
        }
    }

    pub(super) fn remove(&self, token: &str, kid: KeyId) {
        self.all().retain(|known, upload| known != token || upload.kid != kid);
    }

    /// Those of an officer, the newest first: token, name, rows and when.
    pub(super) fn of(&self, kid: KeyId) -> Vec<(String, Upload)> {
        let all = self.all();
        let mut own: Vec<_> = all
            .iter()
            .filter(|(_, upload)| upload.kid == kid)
            .map(|(token, upload)| (token.clone(), upload.clone()))
            .collect();
        own.sort_by_key(|(_, upload)| std::cmp::Reverse(upload.at));
        own
    }
}
