//! Format 2: any certificate, for what the template cannot render.
//!
//! | bytes | content |
//! |---|---|
//! | 1 | the format, 2 |
//! | 1 | length of the header's JSON |
//! | 64 | signature |
//! | rest | raw DEFLATE (RFC 1951) of the header's JSON followed by the payload's JSON |
//!
//! The JWS is taken apart first, because DEFLATE cannot compress the repetitions that base64url
//! hides.

use alloc::vec::Vec;

use crate::{
    claims::CertificateClaims,
    deflate::{self, Format},
    error::Error,
    jose::{Payload, Signed},
};

pub(super) const FORMAT: u8 = 2;

pub(super) fn encode(certificate: &Signed<CertificateClaims>) -> Result<Vec<u8>, Error> {
    let header = certificate.unverified_header();
    let length = u8::try_from(header.len()).map_err(|_| Error::TooLarge {
        what: "the JOSE header",
        found: header.len(),
        limit: u8::MAX.into(),
    })?;
    let json = [header, certificate.unverified_payload()].concat();
    let compressed = deflate::compress(Format::Raw, &json);
    Ok([&[FORMAT, length], &certificate.signature()[..], &compressed].concat())
}

pub(super) fn decode(body: &[u8]) -> Result<Signed<CertificateClaims>, Error> {
    let too_short = Error::QrPayload { reason: "it is cut short" };
    let Some((&header_length, rest)) = body.split_first() else { return Err(too_short) };
    let Some((signature, compressed)) = rest.split_first_chunk::<64>() else {
        return Err(too_short);
    };
    let json =
        deflate::inflate(Format::Raw, compressed, CertificateClaims::MAX_BYTES).map_err(|_| {
            Error::QrPayload { reason: "it is not one DEFLATE stream of at most 4096 bytes" }
        })?;
    let Some((header, payload)) = json.split_at_checked(header_length.into()) else {
        return Err(too_short);
    };
    Signed::from_parts(header.into(), payload.into(), *signature)
}
