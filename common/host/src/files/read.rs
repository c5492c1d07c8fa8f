//! Reads files, up to a limit.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use zeroize::Zeroizing;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
///
/// The system's error if the file cannot be read; [`io::ErrorKind::FileTooLarge`] if it is larger
/// than `limit`.
pub fn read_capped(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(too_large(limit as u64));
    }
    Ok(bytes)
}

/// Reads a text of at most `limit` bytes, which is wiped when it is dropped.
///
/// # Errors
///
/// Those of [`read_capped`]; [`io::ErrorKind::InvalidData`] if it is not UTF-8.
pub fn read_secret_text(path: &Path, limit: u64) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(limit + 1).read_to_string(&mut text)?;
    if text.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(text)
}

fn too_large(limit: u64) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it has more than {limit} bytes"))
}

/// Whether the permissions of a file let anybody but its owner read it. If it holds a secret, that
/// is a reason to warn but not to refuse: in a container all files may belong to one group. Always
/// `false` where the system has no such permissions.
///
/// # Errors
///
/// If the file's metadata cannot be read.
pub fn is_readable_by_others(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(metadata.permissions().mode() & 0o044 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(false)
    }
}
