//! Who may read and write what is made.
//!
//! A folder is *shared with its group* if it has the setgid bit and its group may write: then
//! everything in it belongs to that group, and the people in it work with each other's files. What
//! is made there follows the folder, whatever the umask of the process is: a colleague, or a job
//! that ran at night, must not lock the others out.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

#[cfg(unix)]
use super::place::permissions;

/// Who may read and write a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// Whoever the umask of the process lets, and the group of a folder that is shared with it.
    Usual,
    /// Its owner.
    Private,
    /// Its owner, and the group of a folder that is shared with it.
    Group,
    /// Everybody may read it; its owner may write it, and the group of a folder that is shared with
    /// it.
    Public,
}

impl Access {
    /// For a file that is still empty. What others may do is added at the end of its making.
    pub(super) fn begin(self, builder: &mut tempfile::Builder<'_, '_>) {
        #[cfg(unix)]
        builder.permissions(permissions(match self {
            Self::Usual => 0o666,
            Self::Private | Self::Group | Self::Public => 0o600,
        }));
        #[cfg(not(unix))]
        let _ = builder;
    }

    /// Gives a new file in a folder its permissions; those of the file that it replaces, if there
    /// is one.
    #[cfg(unix)]
    pub(super) fn apply(
        self,
        file: &File,
        folder: &Path,
        existing: Option<fs::Metadata>,
    ) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let now = file.metadata()?.permissions().mode() & 0o777;
        let own = existing.map_or(now, |existing| existing.permissions().mode() & 0o7777);
        let wanted = match self {
            Self::Private => return Ok(()),
            Self::Usual | Self::Group => own | group(folder, 0o060),
            Self::Public => 0o644 | group(folder, 0o020),
        };
        if wanted == now { Ok(()) } else { file.set_permissions(permissions(wanted)) }
    }

    #[cfg(not(unix))]
    pub(super) fn apply(
        self,
        file: &File,
        _folder: &Path,
        existing: Option<fs::Metadata>,
    ) -> io::Result<()> {
        existing.map_or(Ok(()), |existing| file.set_permissions(existing.permissions()))
    }
}

/// These bits, if a folder is shared with its group.
#[cfg(unix)]
fn group(folder: &Path, bits: u32) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    const SHARED: u32 = 0o2020;
    let shared = fs::metadata(folder).is_ok_and(|at| at.permissions().mode() & SHARED == SHARED);
    if shared { bits } else { 0 }
}

/// Lets the group of a shared folder write a file that is made there by other means. Only its owner
/// can change it, so it does nothing to somebody else's.
pub fn share_with_group(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let more = group(super::place::folder_of(file), 0o060);
        if let Ok(at) = fs::metadata(file)
            && at.permissions().mode() & more != more
        {
            // Whoever owns it has shared it, or can.
            let _ = fs::set_permissions(file, permissions(at.permissions().mode() | more));
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Makes a folder that only its owner can enter, and the group of the folder around it if that is
/// shared with it. One that is there stays as it is.
///
/// # Errors
///
/// The system's error if it cannot be made.
pub fn make_private_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    {
        let shared = group(super::place::folder_of(folder), 0o2070);
        if shared != 0 {
            fs::set_permissions(folder, permissions(0o700 | shared))?;
        }
    }
    Ok(())
}

/// Lets everybody read a folder that is about to be published and all that is in it, and enter its
/// folders, whatever the umask of the process was: another user's web server reads it. If it takes
/// the place of a folder that somebody has restricted to a group, it is restricted in the same way.
#[cfg(unix)]
pub(super) fn publish(staged: &Path, target: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let parent = super::place::folder_of(target);
    let before = fs::metadata(target).ok().map(|at| at.permissions().mode() & 0o7777);
    // Nobody restricts what is published to its owner: that was a umask.
    let top = before.filter(|mode| mode & 0o055 != 0).unwrap_or(0o755 | group(parent, 0o2020));
    open(staged, top & 0o2020)?;
    fs::set_permissions(staged, permissions(top))
}

/// Everything below a folder: folders 0755, files 0644, and what the group may do besides.
#[cfg(unix)]
fn open(folder: &Path, group: u32) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            open(&path, group)?;
            fs::set_permissions(&path, permissions(0o755 | group))?;
        } else if kind.is_file() {
            use std::os::unix::fs::PermissionsExt;
            let (now, wanted) = (entry.metadata()?.permissions().mode(), 0o644 | (group & 0o020));
            if now & wanted != wanted && fs::set_permissions(&path, permissions(wanted)).is_err() {
                // It is linked from the folder before, and a colleague's: only a copy is ours.
                let bytes = fs::read(&path)?;
                fs::remove_file(&path)?;
                fs::write(&path, bytes)?;
                fs::set_permissions(&path, permissions(wanted))?;
            }
        }
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn publish(_staged: &Path, _target: &Path) -> io::Result<()> {
    Ok(())
}
