//! Secrets that nobody has to type.

use std::path::Path;

use super::{error::SecretError, kind::Opens, value::Secret};
use crate::{
    files::is_readable_by_others,
    terminal::{note, printable},
};

impl<K: Opens> Secret<K> {
    /// The secret in the file, else in the environment variable if it is set. Warns if others can
    /// read the file.
    ///
    /// # Errors
    ///
    /// Those of [`Secret::from_file`] and [`Secret::from_env`], if there is such a file or
    /// variable.
    pub fn stored(
        file: Option<&Path>,
        variable: Option<&str>,
    ) -> Result<Option<Self>, SecretError> {
        if let Some(file) = file {
            warn_if_readable_by_others(file);
            return Self::from_file(file).map(Some);
        }
        let variable = variable.filter(|variable| std::env::var_os(variable).is_some());
        variable.map(Self::from_env).transpose()
    }
}

/// Warns if others can read a file with a secret.
pub fn warn_if_readable_by_others(file: &Path) {
    if is_readable_by_others(file).unwrap_or(false) {
        let file = printable(&file.display().to_string());
        note(format_args!("warning: `{file}` can be read by other users of this machine"));
    }
}
