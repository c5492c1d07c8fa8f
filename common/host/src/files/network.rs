//! Disks that are somewhere else.

use std::path::Path;

/// What a file lies on, if that is a disk of another machine, or may be one: there, locks and memory
/// that several programs share do not work as a data base in a file needs them. None where the
/// system does not tell.
pub fn network_disk(path: &Path) -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    {
        let magic = rustix::fs::statfs(path).ok()?.f_type;
        // The type of the number differs between machines; 32 bits of it are used.
        kind(u32::try_from(i128::from(magic) & 0xffff_ffff).ok()?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

/// By the numbers in `linux/magic.h`, and `statfs(2)`.
#[cfg(any(target_os = "linux", test))]
fn kind(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB (a Windows share)",
        0x6573_5546 => "FUSE (perhaps of another machine)",
        0x0102_1997 => "9p",
        0x00c3_6400 => "Ceph",
        0x0bd0_0bd0 => "Lustre",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x0116_1970 => "GFS2",
        0x7461_636f => "OCFS2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disks_of_other_machines_are_known_by_their_numbers() {
        for (magic, expected) in [
            (0x6969, Some("NFS")),
            (0xff53_4d42, Some("SMB (a Windows share)")),
            (0x6573_5546, Some("FUSE (perhaps of another machine)")),
            // ext4, XFS, btrfs, tmpfs, overlay.
            (0xef53, None),
            (0x5846_5342, None),
            (0x9123_683e, None),
            (0x0102_1994, None),
            (0x794c_7630, None),
        ] {
            assert_eq!(kind(magic), expected, "{magic:x}");
        }
        assert_eq!(network_disk(Path::new("/no/such/file")), None);
        assert_eq!(network_disk(&std::env::temp_dir()), None, "this machine's own");
    }
}
