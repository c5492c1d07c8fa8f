//! Files and folders. They are written so that a crash, a full disk or a power cut leaves the old
//! state or the new one, never half of either.
//!
//! Everything is written under another name in the same folder, flushed to the disk, renamed, and
//! then the folder is flushed too: without that last step a power failure may undo a rename
//! although the program has continued.

mod access;
mod folder;
mod network;
mod place;
mod read;
mod write;

pub use self::{
    access::{make_private_folder, share_with_group},
    folder::{StagedDirectory, lock, switch_directory},
    network::network_disk,
    read::{is_readable_by_others, read_capped, read_secret_text},
    write::{
        new_file_from, replace_secret, write_atomic, write_atomic_private, write_atomic_private_by,
        write_atomic_public, write_new, write_new_in_group, write_new_secret,
    },
};

#[cfg(test)]
mod tests;
