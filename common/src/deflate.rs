//! DEFLATE in memory (RFC 1951), with limits that are checked before the work.

use alloc::vec::Vec;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What surrounds the compressed data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A header and a checksum (RFC 1950).
    Zlib,
    /// Nothing.
    Raw,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum InflateError {
    /// The data is damaged, cut short, or followed by other data.
    NotOneStream,
    /// The data is larger than the limit.
    TooLarge,
}

pub(crate) fn compress(format: Format, bytes: &[u8]) -> Vec<u8> {
    let mut state = Compress::new(Compression::best(), format == Format::Zlib);
    // The worst case of DEFLATE is 5 bytes per stored block of at least 4 kB, plus header and
    // checksum.
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 512 + 64);
    let end = state.compress_vec(bytes, &mut out, FlushCompress::Finish);
    assert!(
        matches!(end, Ok(Status::StreamEnd)),
        "in-memory compression into a buffer of the worst case's size ends"
    );
    out
}

/// Inflates exactly one stream of at most `limit` bytes. The buffer never grows past the limit,
/// whatever the stream says.
pub(crate) fn inflate(format: Format, bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    let mut state = Decompress::new(format == Format::Zlib);
    // One byte more than allowed distinguishes "exactly the limit" from "more".
    let mut out = Vec::with_capacity(limit + 1);
    let end = state
        .decompress_vec(bytes, &mut out, FlushDecompress::Finish)
        .map_err(|_| InflateError::NotOneStream)?;
    if out.len() > limit {
        return Err(InflateError::TooLarge);
    }
    if end != Status::StreamEnd || state.total_in() != bytes.len() as u64 {
        return Err(InflateError::NotOneStream);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_stream() {
        for format in [Format::Zlib, Format::Raw] {
            let whole = compress(format, b"perfusionist");
            assert_eq!(inflate(format, &whole, 12).expect("inflates"), b"perfusionist");
            assert_eq!(inflate(format, &whole, 11), Err(InflateError::TooLarge));
            assert_eq!(
                inflate(format, &whole[..whole.len() - 1], 12),
                Err(InflateError::NotOneStream)
            );
            assert_eq!(
                inflate(format, &[&whole[..], b"x"].concat(), 12),
                Err(InflateError::NotOneStream)
            );
            assert_eq!(inflate(format, b"", 12), Err(InflateError::NotOneStream));
        }
    }
}
