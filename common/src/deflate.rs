//! DEFLATE in memory (RFC 1951), with limits that are checked before the work.

use alloc::{vec, vec::Vec};

use miniz_oxide::{
    deflate::{compress_to_vec, compress_to_vec_zlib},
    inflate::{
        TINFLStatus,
        core::{
            DecompressorOxide, decompress,
            inflate_flags::{
                TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
            },
        },
    },
};

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

/// Compresses as well as it can. By this library alone, and not by one that a feature of another
/// crate can exchange: what is signed and printed must have the same bytes in every build.
pub(crate) fn compress(format: Format, bytes: &[u8]) -> Vec<u8> {
    match format {
        Format::Zlib => compress_to_vec_zlib(bytes, BEST),
        Format::Raw => compress_to_vec(bytes, BEST),
    }
}

const BEST: u8 = 9;

/// Inflates exactly one stream of at most `limit` bytes. The buffer never grows past the limit,
/// whatever the stream says.
pub(crate) fn inflate(format: Format, bytes: &[u8], limit: usize) -> Result<Vec<u8>, InflateError> {
    // One byte more than allowed distinguishes "exactly the limit" from "more".
    let mut out = vec![0; limit + 1];
    let header = if format == Format::Zlib { TINFL_FLAG_PARSE_ZLIB_HEADER } else { 0 };
    let flags = header | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, read, length) =
        decompress(&mut DecompressorOxide::new(), bytes, &mut out, 0, flags);
    if status == TINFLStatus::HasMoreOutput || length > limit {
        return Err(InflateError::TooLarge);
    }
    if status != TINFLStatus::Done || read != bytes.len() {
        return Err(InflateError::NotOneStream);
    }
    out.truncate(length);
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
